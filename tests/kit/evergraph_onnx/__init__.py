"""A backend for tests that compiles by regions: each becomes a model of ONNX Runtime's.

JAX traces a region through the core's kernels. This one has kernels of its own, for a few dozen op
types only, so that the kit meets a compiler that lacks ops and element types, and the planner one
that takes its promises literally.
"""
