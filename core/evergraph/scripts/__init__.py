"""Running and checking programs written for TensorFlow 1, as they are."""
