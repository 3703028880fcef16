"""Order: sorting, top-k and searching in what is sorted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import axis_value, shape
from evergraph.v1.filling import inner_shape, rank
from evergraph.v1.indexing import tensor_scatter_nd_update
from evergraph.v1.sequences import range
from evergraph.v1.shaping import transpose


def top_k(
    input: Any,
    k: Any = 1,
    sorted: bool = True,
    index_type: Any = dtypes.int32,
    name: str | None = None,
) -> Any:
    """Return the `k` greatest elements of the last dimension, and their indices.

    Args:
      input: the tensor.
      k: how many.
      sorted: whether they are in descending order.
      index_type: the type of the indices.
      name: the name of the node.
    """
    return node("TopKV2", name, input=input, k=k, sorted=sorted, index_type=index_type)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Any:
    """Return whether the prediction for each target is among the `k` greatest of its row."""
    with scope(name, "in_top_k"):
        return node("InTopKV2", name, predictions=predictions, targets=targets, k=k)


def searchsorted(
    sorted_sequence: Any,
    values: Any,
    side: str = "left",
    out_type: Any = dtypes.int32,
    name: str | None = None,
) -> Any:
    """Return where values would have to be inserted to keep sorted sequences sorted.

    Args:
      sorted_sequence: the sequences, in the last dimension.
      values: the values; leading dimensions as those of the sequences.
      side: before ("left") or after ("right") equal elements.
      out_type: the type of the result.
      name: the name of the node.

    Raises:
      ValueError: there is no such side.
    """
    searches = {"left": "LowerBound", "right": "UpperBound"}
    sequence = convert_to_tensor(sorted_sequence)
    values = convert_to_tensor(values)
    length, count = inner_shape(sequence)[-1], inner_shape(values)[-1]
    rows = node("Reshape", tensor=sequence, shape=[-1, length])
    wanted = node("Reshape", tensor=values, shape=[-1, count])
    if side not in searches:
        raise ValueError(
            f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'."
        )
    found = node(
        searches[side], name, sorted_inputs=rows, values=wanted, out_type=as_dtype(out_type)
    )
    return node("Reshape", tensor=found, shape=inner_shape(values))


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """Sort along an axis.

    Args:
      values: the tensor.
      axis: the axis; a constant.
      direction: "ASCENDING" or "DESCENDING".
      name: a name scope.

    Raises:
      ValueError: there is no such direction, or the axis is no constant.
    """
    with scope(name, "sort"):
        return _ordered(values, axis, direction, indices=False)


def argsort(
    values: Any,
    axis: Any = -1,
    direction: str = "ASCENDING",
    stable: bool = False,
    name: str | None = None,
) -> Any:
    """Return the indices that sort along an axis; equal elements stay in order; as `sort`."""
    del stable
    with scope(name, "argsort"):
        return _ordered(values, axis, direction, indices=True)


def _ordered(values: Any, axis: Any, direction: str, indices: bool) -> Any:
    directions = ("ASCENDING", "DESCENDING")
    if direction not in directions:
        raise ValueError(
            f"Argument `direction` should be one of {', '.join(directions)}. Received: "
            f"direction={direction}"
        )
    axis = convert_to_tensor(axis, name="axis")
    known = axis_value(axis)
    if axis.ndim not in (None, 0) or known is None:
        raise ValueError(f"Argument `axis` must be a constant scalar. Received: axis={axis}.")
    values = convert_to_tensor(values, name="values")
    if direction == "DESCENDING":
        return _descending(values, known, indices)
    mirror = _MIRRORS["u" if values.dtype.is_unsigned else "i" if values.dtype.is_integer else "f"]
    result = _descending(mirror(values), known, indices)
    return result if indices else mirror(result)


# Order-reversing functions that are their own inverse. Negation alone overflows for integers.
_MIRRORS: Final[dict[str, Callable[[Any], Any]]] = {
    "u": lambda x: x.dtype.max - x,
    "i": lambda x: -x - 1,
    "f": lambda x: -x,
}


def _descending(values: Any, axis: int, indices: bool) -> Any:
    k = shape(values)[axis]
    count = rank(values)
    known = values.ndim
    if axis == -1 or (known is not None and axis + 1 == known):
        top = top_k(values, k)
        return top.indices if indices else top.values
    # Top-k works on the last dimension, which the axis is exchanged with.
    where: Any = axis
    if axis < 0:
        where = axis + (known or count)
    if known is None:
        every = range(count)
        exchanged = [[where], [count - 1]], [count - 1, where]
        perm = tensor_scatter_nd_update(every, *exchanged)
    else:
        order = np.arange(known)
        order[[where, known - 1]] = order[[known - 1, where]]
        perm = constant(order, name="transposition")
    top = top_k(transpose(values, perm), k)
    return transpose(top.indices if indices else top.values, perm)
