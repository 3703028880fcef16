"""A backend on PyTorch: the core's kernels on its tensors, on the CPU."""
