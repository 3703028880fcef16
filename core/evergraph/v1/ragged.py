"""tf.ragged: ragged constants and placeholders."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from evergraph.dtypes import as_dtype, int32, int64
from evergraph.graph.convert import constant as dense_constant
from evergraph.shapes import TensorShape
from evergraph.v1.framework import name_scope
from evergraph.v1.framework import placeholder as dense_placeholder
from evergraph.v1.ragged_tensor import RaggedTensor as _RaggedTensor
from evergraph.v1.ragged_tensor import RaggedTensorValue as RaggedTensorValue

__all__ = ["RaggedTensorValue", "constant", "constant_value", "placeholder"]

#: From the inner values, their shape (None if it follows from them) and a name to an array.
Inner = Callable[[Any, tuple[int, ...] | None, str | None], Any]


def constant(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    name: str | None = None,
    row_splits_dtype: Any = int64,
) -> Any:
    """Return nested lists as a `RaggedTensor`; as a tensor where no dimension is ragged.

    Args:
      pylist: lists of lists; all scalars lie equally deep.
      dtype: the type of the elements.
      ragged_rank: how many dimensions are ragged; by default all but the first.
      inner_shape: the shape of the elements that are not scalars.
      name: of the scope of the nodes.
      row_splits_dtype: int32 or int64.

    Raises:
      TypeError: an element is not of the type.
      ValueError: the lists do not fit one another, `ragged_rank` or `inner_shape`.
    """
    splits_dtype = as_dtype(row_splits_dtype)
    if splits_dtype not in (int32, int64):
        raise ValueError("row_splits must have dtype int32 or int64")
    with name_scope(name, "RaggedConstant"):
        return _build(
            pylist,
            ragged_rank,
            inner_shape,
            lambda values, shape, name: _dense(values, dtype, shape, name or "Const"),
            lambda values, splits: _RaggedTensor(
                values, dense_constant(splits, splits_dtype), internal=True
            ),
        )


def constant_value(
    pylist: Any,
    dtype: Any = None,
    ragged_rank: int | None = None,
    inner_shape: Sequence[int] | None = None,
    row_splits_dtype: Any = "int64",
) -> Any:
    """Return nested lists as a `RaggedTensorValue`; as an array where no dimension is ragged.

    Args:
      pylist, ragged_rank, inner_shape: as for `constant`.
      dtype: the NumPy type of the elements.
      row_splits_dtype: int32 or int64.

    Raises:
      ValueError: the lists do not fit one another, `ragged_rank` or `inner_shape`.
    """
    splits_dtype = as_dtype(row_splits_dtype).as_numpy_dtype
    if isinstance(dtype, str) or hasattr(dtype, "as_numpy_dtype"):
        dtype = as_dtype(dtype).as_numpy_dtype
    return _build(
        pylist,
        ragged_rank,
        inner_shape,
        lambda values, shape, _: np.reshape(
            np.array(values, dtype), np.shape(values) if shape is None else shape
        ),
        lambda values, splits: RaggedTensorValue(values, np.array(splits, splits_dtype)),
    )


def placeholder(
    dtype: Any, ragged_rank: int, value_shape: Any = None, name: str | None = None
) -> Any:
    """Return a `RaggedTensor` whose value is always fed, by a `RaggedTensorValue`.

    Args:
      dtype: the type of the elements.
      ragged_rank: how many dimensions are ragged; with 0 it is a plain placeholder.
      value_shape: the shape of one of the flat values, as far as it is known.
      name: of the scope of the nodes.

    Raises:
      TypeError: `ragged_rank` is no integer.
    """
    if ragged_rank == 0:
        return dense_placeholder(dtype, value_shape, name)
    with name_scope(name, "RaggedPlaceholder", []):
        shape = TensorShape([None]).concatenate(value_shape)
        result = dense_placeholder(dtype, shape, "flat_values")
        for i in reversed(range(ragged_rank)):
            splits = dense_placeholder(int64, [None], f"row_splits_{i}")
            result = _RaggedTensor(result, splits, internal=True)
        return result


def _dense(values: Any, dtype: Any, shape: tuple[int, ...] | None, name: str) -> Any:
    # A dense constant is filled up with its last value; here only one value may be repeated.
    fits = shape is None or np.size(values) in (1, math.prod(shape))
    return dense_constant(values, dtype, shape, name, verify_shape=not fits)


def _build(
    pylist: Any,
    ragged_rank: int | None,
    inner_shape: Sequence[int] | None,
    inner: Inner,
    ragged: Callable[[Any, list[int]], Any],
) -> Any:
    """Return nested lists as values and splits, put together by two functions."""
    shape = None if inner_shape is None else tuple(inner_shape)
    if ragged_rank is not None and ragged_rank < 0:
        raise ValueError(f"Invalid ragged_rank={ragged_rank}: must be nonnegative")
    scalars = {depth for depth, is_scalar in _depths(pylist) if is_scalar}
    if len(scalars) > 1:
        raise ValueError("all scalar values must have the same nesting depth")
    deepest = max(depth for depth, _ in _depths(pylist))
    if scalars and deepest > min(scalars):
        raise ValueError(
            f"Invalid pylist={pylist!r}: empty list nesting is greater than scalar value nesting"
        )
    _check_rank(pylist, ragged_rank, shape, bool(scalars), deepest)
    dense = deepest - len(shape or ()) < 2 if ragged_rank is None else ragged_rank == 0
    if dense:
        return inner(pylist, shape, None)
    rank = ragged_rank or max(1, deepest - 1 - len(shape or ()))
    values, nested = pylist, []
    for _ in range(rank):
        ends = [0]
        for row in values:
            ends.append(ends[-1] + len(row))
        nested.append(ends)
        values = [item for row in values for item in row]
    if shape is None:
        shape = () if ragged_rank is None else _common_shape(values)
    result = inner(values, (len(values), *shape), "values")
    for ends in reversed(nested):
        result = ragged(result, ends)
    return result


def _check_rank(
    pylist: Any, rank: int | None, shape: tuple[int, ...] | None, has_scalars: bool, deepest: int
) -> None:
    """Raise ValueError unless the lists are deep enough for the ranks asked for."""
    if deepest == 0 and (rank or shape):
        what = f"ragged_rank={rank}" if rank else f"dim(inner_shape)={len(shape or ())}"
        raise ValueError(f"Invalid pylist={pylist!r}: incompatible with {what}")
    if rank is None or deepest == 0:
        return
    if has_scalars and deepest < rank:
        raise ValueError(f"Invalid pylist={pylist}, max depth smaller than ragged_rank={rank}")
    if shape is None:
        if has_scalars and rank and deepest <= rank:
            raise ValueError(
                f"pylist has scalar values depth {deepest}, but ragged_rank={rank} requires scalar "
                f"value depth greater than {rank}"
            )
    elif (rank + len(shape) + 1 != deepest) if has_scalars else rank + len(shape) + 1 < deepest:
        raise ValueError(
            f"Invalid pylist={pylist!r}: incompatible with ragged_rank={rank} and "
            f"dim(inner_shape)={len(shape)}"
        )


def _is_nested(item: Any) -> bool:
    return isinstance(item, list | tuple) or np.ndim(item) != 0


def _depths(item: Any, depth: int = 0) -> Iterator[tuple[int, bool]]:
    """Yield how deep scalars and lists lie: lists count one more than what is around them."""
    if not _is_nested(item):
        yield depth, True
        return
    yield depth + 1, False
    for child in item:
        yield from _depths(child, depth + 1)


def _common_shape(values: Sequence[Any]) -> tuple[int, ...]:
    """Return the shape that all values have; ValueError if there are several."""
    shapes = {_shape(v) for v in values}
    if len(shapes) > 1:
        raise ValueError("inner values have inconsistent shape")
    return shapes.pop() if shapes else ()


def _shape(item: Any) -> tuple[int, ...]:
    if not _is_nested(item):
        return ()
    return (len(item), *(_common_shape(item)))
