"""tf.sparse."""

from evergraph.v1.sparse_tensor import SparseTensor as SparseTensor
from evergraph.v1.sparse_tensor import sparse_placeholder as placeholder

__all__ = ["SparseTensor", "placeholder"]
