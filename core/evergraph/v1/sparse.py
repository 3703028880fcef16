"""tf.sparse: tensors of which few elements are not zero."""

from evergraph.v1.sparse_ops import sparse_merge as merge
from evergraph.v1.sparse_ops import sparse_reorder as reorder
from evergraph.v1.sparse_ops import sparse_retain as retain
from evergraph.v1.sparse_ops import sparse_tensor_dense_matmul as matmul
from evergraph.v1.sparse_ops import sparse_tensor_to_dense as to_dense
from evergraph.v1.sparse_tensor import SparseTensor as SparseTensor
from evergraph.v1.sparse_tensor import sparse_placeholder as placeholder

__all__ = [
    "SparseTensor",
    "matmul",
    "merge",
    "placeholder",
    "reorder",
    "retain",
    "sparse_dense_matmul",
    "to_dense",
]

sparse_dense_matmul = matmul
