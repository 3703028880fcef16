"""The conformance kit: what every backend must do, and TensorFlow's own answers to it."""
