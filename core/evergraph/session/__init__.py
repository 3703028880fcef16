"""Sessions: from what a user fetches and feeds to a step, and back."""
