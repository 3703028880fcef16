"""The JAX backend: regions of a step compiled by XLA, for CPU, GPU and TPU."""
