"""The NumPy backend: the reference, and the default."""
