"""Builders about sparse tensors."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from evergraph.builder import build
from evergraph.dtypes import int64
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, scope
from evergraph.graph.slicing import concat
from evergraph.graph.tensor import Tensor
from evergraph.v1.filling import zeros
from evergraph.v1.flow import identity
from evergraph.v1.indexing import gather, where
from evergraph.v1.shaping import expand_dims, reshape
from evergraph.v1.sparse_tensor import SparseTensor, SparseTensorValue

__all__ = [
    "sparse_merge",
    "sparse_reorder",
    "sparse_retain",
    "sparse_tensor_dense_matmul",
    "sparse_tensor_to_dense",
    "sparse_to_dense",
]


def _sparse(value: Any) -> SparseTensor:
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


def sparse_tensor_dense_matmul(
    sp_a: Any,
    b: Any,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Any:
    """Return the product of a sparse matrix and a dense one.

    Args:
      sp_a: a `SparseTensor` [n, m].
      b: [m, k], of the same type.
      adjoint_a: whether `sp_a` is transposed, and conjugated.
      adjoint_b: whether `b` is.
      name: the name of the node.

    Raises:
      TypeError: `sp_a` is not sparse.
      InvalidArgumentError: when it runs, an index is out of range, or the sizes do not fit.
    """
    sp_a = _sparse(sp_a)
    with scope(name, "SparseTensorDenseMatMul", (sp_a.indices, sp_a.values, b)):
        arguments = {
            "a_indices": sp_a.indices,
            "a_values": sp_a.values,
            "a_shape": sp_a.dense_shape,
            "b": convert_to_tensor(b, name="b"),
            "adjoint_a": adjoint_a,
            "adjoint_b": adjoint_b,
        }
        return build("SparseTensorDenseMatMul", arguments, None)


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Any:
    """Return a tensor with values at some places, and another value elsewhere.

    Args:
      sparse_indices: the places: a matrix [n, rank], a vector of n, or a scalar.
      output_shape: the shape, of the type of the places.
      sparse_values: one for each place, or one for all.
      default_value: the value elsewhere.
      validate_indices: whether places must be in order, and not repeated.
      name: the name of the node.

    Raises:
      InvalidArgumentError: when it runs, a place is out of range, repeated or out of order.
    """
    arguments = {
        "sparse_indices": sparse_indices,
        "output_shape": output_shape,
        "sparse_values": sparse_values,
        "default_value": default_value,
        "validate_indices": validate_indices,
    }
    return build("SparseToDense", arguments, name)


def sparse_tensor_to_dense(
    sp_input: Any,
    default_value: Any = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Any:
    """Return a sparse tensor as a dense one; see `sparse_to_dense`.

    Raises:
      TypeError: `sp_input` is not sparse.
    """
    sp_input = _sparse(sp_input)
    if default_value is None:
        default_value = zeros([], sp_input.dtype)
    return sparse_to_dense(
        sp_input.indices,
        sp_input.dense_shape,
        sp_input.values,
        default_value,
        validate_indices,
        name,
    )


def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """Return a sparse tensor with some of the elements of another one.

    Args:
      sp_input: the sparse tensor, of n elements.
      to_retain: a bool vector of n.

    Raises:
      TypeError: `sp_input` is not sparse.
      ValueError: `to_retain` is not a vector of that length.
      InvalidArgumentError: when it runs, `to_retain` is longer.
    """
    sp_input = _sparse(sp_input)
    to_retain = convert_to_tensor(to_retain)
    (kept,) = to_retain.shape.with_rank(1)
    (count,) = sp_input.values.shape.with_rank(1)
    count.assert_is_compatible_with(kept)
    where_true = reshape(where(to_retain), [-1])
    indices, values = gather(sp_input.indices, where_true), gather(sp_input.values, where_true)
    return SparseTensor(indices, values, identity(sp_input.dense_shape))


def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Return a sparse tensor with its elements in row-major order.

    Raises:
      TypeError: `sp_input` is not sparse.
    """
    sp_input = _sparse(sp_input)
    arguments = {
        "input_indices": sp_input.indices,
        "input_values": sp_input.values,
        "input_shape": sp_input.dense_shape,
    }
    indices, values = build("SparseReorder", arguments, name)
    if sp_input.shape.is_fully_defined():
        return SparseTensor(indices, values, sp_input.shape.as_list())
    return SparseTensor(indices, values, identity(sp_input.dense_shape))


def sparse_merge(
    sp_ids: Any,
    sp_values: Any,
    vocab_size: Any,
    name: str | None = None,
    already_sorted: bool = False,
) -> SparseTensor:
    """Return the values of one sparse tensor at the indices that others hold.

    Args:
      sp_ids: a `SparseTensor` of integers, the indices of the last dimension; or a list of them.
      sp_values: a `SparseTensor` with the same indices: the values.
      vocab_size: the size of the last dimension; or a list of sizes.
      name: the name of the nodes' scope.
      already_sorted: whether the elements are in order already.

    Raises:
      TypeError: an argument is of another type.
      ValueError: the lists have different lengths.
    """
    ids, sizes = _lists(sp_ids, vocab_size)
    with scope(name, "SparseMerge", [sp_ids, sp_values]):
        ids = [_sparse(one) for one in ids]
        values = _sparse(sp_values).values
        columns = [
            expand_dims(cast(one.values, int64) if one.dtype != int64 else one.values, 1)
            for one in ids
        ]
        sizes = [cast(size, int64) for size in sizes]
        indices = concat([ids[0].indices[:, :-1], *columns], 1)
        shape = concat([ids[0].dense_shape[:-1], sizes], 0)
        merged = SparseTensor(indices, values, shape)
        if already_sorted:
            return merged
        in_order = sparse_reorder(merged)
        return SparseTensor(in_order.indices, in_order.values, shape)


def _lists(sp_ids: Any, vocab_size: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(sp_ids, SparseTensor | SparseTensorValue):
        if not isinstance(vocab_size, Tensor | Integral):
            raise TypeError(
                f"vocab_size has to be a Tensor or Python int. Found {type(vocab_size)}"
            )
        return [sp_ids], [vocab_size]
    if not isinstance(sp_ids, Iterable):
        raise TypeError(f"sp_ids has to be a SparseTensor or list thereof. Found {type(sp_ids)}")
    ids = list(sp_ids)
    many = isinstance(vocab_size, Iterable) and not isinstance(vocab_size, Tensor)
    sizes = list(vocab_size) if many else []
    wrong = [s for s in sizes if not isinstance(s, Tensor | Integral)]
    for found in wrong if many else [vocab_size]:
        raise TypeError(
            f"vocab_size has to be a list of Tensors or Python ints. Found {type(found)}"
        )
    if len(ids) != len(sizes):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    return ids, sizes
