"""Checkpoints: TensorFlow's files of named tensors, read and written."""
