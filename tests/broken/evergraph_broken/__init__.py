"""A backend for tests: NumPy's, with one fault planted in it, in the planner or in the session."""
