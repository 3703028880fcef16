"""Ranges, evenly spaced numbers and running sums."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import concat, shape
from evergraph.graph.tensor import Tensor
from evergraph.v1.filling import zeros_like

#: The types of a range; of several types among its bounds, the last one here is taken.
_RANGE_TYPES: Final = (
    dtypes.int32,
    dtypes.int64,
    dtypes.float16,
    dtypes.bfloat16,
    dtypes.float32,
    dtypes.float64,
)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range"
) -> Any:
    """Return the numbers from `start` up to, but not including, `limit`.

    Args:
      start: the first number; if `limit` is not given, the limit, and the first number is 0.
      limit: where to stop.
      delta: the distance between two numbers.
      dtype: the type; by default the widest of the others'.
      name: the name of the node.
    """
    if limit is None:
        start, limit = 0, start
    with scope(name, "Range", (start, limit, delta)) as name:
        bounds = [
            value if isinstance(value, Tensor) else convert_to_tensor(value, dtype, label)
            for label, value in (("start", start), ("limit", limit), ("delta", delta))
        ]
        types = [b.dtype.base_dtype for b in bounds]
        if not set(types) <= set(_RANGE_TYPES):
            raise TypeError(f"tf.range takes real numbers, but got {[t.name for t in types]}")
        if dtype is None:
            dtype = max(types, key=_RANGE_TYPES.index)
        first, last, step = (cast(b, dtype) for b in bounds)
        return node("Range", name, start=first, limit=last, delta=step)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: Any = 0) -> Any:
    """Return evenly spaced numbers, both ends included.

    Args:
      start, stop: the ends; tensors of numbers that broadcast against each other.
      num: how many numbers.
      name: a name scope.
      axis: where the new dimension goes.
    """
    with scope(name, "linspace", (start, stop)):
        start = convert_to_tensor(start, name="start")
        stop = convert_to_tensor(stop, start.dtype, "stop")
        count = int_tensor(num, "num")
        cast(count, start.dtype)  # TF: makes this node, and does not use it
        dims = node("BroadcastArgs", s0=shape(start), s1=shape(stop))
        ends = [node("BroadcastTo", input=end, shape=dims) for end in (start, stop)]
        first, last = (node("ExpandDims", input=end, dim=axis) for end in ends)
        dims = shape(first)
        rank = shape(dims)[0]
        axis = _choice(axis >= 0, axis, rank + axis)
        inner = node("Maximum", x=count - 2, y=0)
        steps = node("Maximum", x=count - 1, y=1)
        delta = (last - first) / cast(steps, last.dtype)
        first, last = cast(first, delta.dtype), cast(last, delta.dtype)
        end = _choice(count >= 0, steps, -1)
        numbers = cast(range(1, end, dtype=dtypes.int64), delta.dtype)
        along = node("Equal", x=axis, y=range(rank))
        numbers = node("Reshape", tensor=numbers, shape=_choice(along, inner, 1))
        joined = concat((first, first + delta * numbers, last), axis)
        # The ends are there twice if fewer than two numbers are wanted.
        begin = zeros_like(dims)
        before = dims[0:axis]
        one = node("Reshape", tensor=count, shape=[1])
        size = concat((before, one, dims[axis + 1 :]), 0)
        return node("Slice", input=joined, begin=begin, size=size)


def _choice(condition: Any, x: Any, y: Any) -> Any:
    return node("SelectV2", condition=condition, t=x, e=y)


def int_tensor(value: Any, name: str) -> Any:
    """Return a count as an int32 tensor; TypeError if it is not an integer."""
    tensor = convert_to_tensor(value, name=name, preferred_dtype=dtypes.int32)
    if not tensor.dtype.is_integer:
        raise TypeError(
            f"Argument `tensor` (name: {name}) must be of type integer. Received `tensor` = "
            f"{tensor} of dtype: {tensor.dtype}"
        )
    return node("Cast", x=tensor, DstT=dtypes.int32)


# Running sums


def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running sums along an axis.

    Args:
      x: the tensor.
      axis: the axis.
      exclusive: whether an element's own value is left out of its sum.
      reverse: whether the sums run from the end.
      name: the name of the node.
    """
    return _cumulative("Cumsum", x, axis, exclusive, reverse, name)


def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running products along an axis; the arguments are those of `cumsum`."""
    return _cumulative("Cumprod", x, axis, exclusive, reverse, name)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running log(sum(exp(x))) along an axis; the arguments are those of `cumsum`."""
    return _cumulative("CumulativeLogsumexp", x, axis, exclusive, reverse, name)


def _cumulative(type: str, x: Any, axis: Any, exclusive: bool, reverse: bool, name: Any) -> Any:
    with scope(name, type, (x,)) as name:
        x = convert_to_tensor(x, name="x")
        return node(type, name, x=x, axis=axis, exclusive=exclusive, reverse=reverse)
