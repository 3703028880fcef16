"""Sessions, as `tensorflow.python.client` has them."""
