"""A backend on array_api_strict: the array API standard, and nothing beyond it."""
