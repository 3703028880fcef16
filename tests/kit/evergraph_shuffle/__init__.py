"""A backend for tests: NumPy's kernels, in a random order that is as legal as any other."""
