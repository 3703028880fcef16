"""tf.saved_model.utils: tensors as messages, and back."""

from __future__ import annotations

from typing import Any

from evergraph import protos
from evergraph.dtypes import as_dtype
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.graph import Graph
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.saved_slices import prepended
from evergraph.v1.sparse_tensor import SparseTensor


def build_tensor_info(tensor: Any) -> protos.TensorInfo:
    """Return a message that says which tensor of the graph one is, its type and its shape.

    Args:
      tensor: a tensor, a variable, or a `SparseTensor`, of which there are the names of all three.

    Raises:
      TypeError: it is no tensor, or another value that is made of tensors.
    """
    sparse = isinstance(tensor, SparseTensor)
    if not hasattr(tensor, "get_shape") or (isinstance(tensor, CompositeTensor) and not sparse):
        raise TypeError(f"a signature takes tensors and SparseTensors, not {tensor}")
    return _info(tensor, sparse)


def _info(tensor: Any, sparse: bool) -> protos.TensorInfo:
    info = protos.TensorInfo(
        dtype=as_dtype(tensor.dtype).as_datatype_enum, tensor_shape=tensor.get_shape().as_proto()
    )
    if sparse:
        info.coo_sparse.values_tensor_name = tensor.values.name
        info.coo_sparse.indices_tensor_name = tensor.indices.name
        info.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
    else:
        info.name = tensor.name
    return info


def get_tensor_from_tensor_info(
    tensor_info: Any, graph: Graph | None = None, import_scope: str | None = None
) -> Any:
    """Return the tensor, or the `SparseTensor`, that a message means.

    Args:
      tensor_info: a `TensorInfo`.
      graph: the graph that has it, by default the default graph.
      import_scope: a scope that the names in the message are in.

    Raises:
      KeyError: the graph has no such tensor.
      ValueError: the message names none, or another value that is made of tensors.
    """
    graph = get_default_graph() if graph is None else graph

    def named(name: str) -> Any:
        return graph.get_tensor_by_name(prepended(name, import_scope))

    kind = tensor_info.WhichOneof("encoding")
    if kind == "name":
        return named(tensor_info.name)
    if kind == "coo_sparse":
        parts = tensor_info.coo_sparse
        return SparseTensor(
            named(parts.indices_tensor_name),
            named(parts.values_tensor_name),
            named(parts.dense_shape_tensor_name),
        )
    raise ValueError(
        f"Invalid TensorInfo.encoding: {kind}. Expected `coo_sparse`, or `name` for a dense tensor."
    )
