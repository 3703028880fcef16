"""evergraph: TensorFlow-1 graph programs on any array backend."""
