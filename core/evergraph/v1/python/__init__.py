"""Paths inside TensorFlow that programs import from, below `evergraph.v1` instead."""
