"""Reductions over axes, and over segments."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.v1._arguments import is_tensor, renamed
from evergraph.v1.arithmetic import add
from evergraph.v1.filling import rank, zeros
from evergraph.v1.sequences import range

# The builders of TensorFlow 1 take `axis` and `keepdims` under two names each, and give them in
# this order.


def reduce_sum(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the sum over some axes.

    Args:
      input_tensor: the tensor.
      axis: an axis, or a list of axes; all by default.
      keepdims: whether the axes are kept, with size 1.
      name: the name of the node.
      reduction_indices: the old name of `axis`.
      keep_dims: the old name of `keepdims`.
    """
    return _reduce("Sum", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_mean(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the mean over some axes; the arguments are those of `reduce_sum`."""
    return _reduce("Mean", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_prod(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the product over some axes; the arguments are those of `reduce_sum`."""
    return _reduce("Prod", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_max(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the maximum over some axes; the arguments are those of `reduce_sum`."""
    return _reduce("Max", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_min(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return the minimum over some axes; the arguments are those of `reduce_sum`."""
    return _reduce("Min", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_all(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return whether all elements are true; the arguments are those of `reduce_sum`."""
    return _reduce("All", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_any(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return whether some element is true; the arguments are those of `reduce_sum`."""
    return _reduce("Any", input_tensor, axis, keepdims, name, reduction_indices, keep_dims)


def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the square root of the sum of squares over some axes."""
    return _reduce("EuclideanNorm", input_tensor, axis, keepdims, name, None, None)


def _reduce(
    type: str, x: Any, axis: Any, keepdims: Any, name: Any, old_axis: Any, old_keepdims: Any
) -> Any:
    axis = renamed("axis", axis, "reduction_indices", old_axis)
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", old_keepdims))
    axes = _all_axes(x) if axis is None else axis
    result = node(type, name, input=x, reduction_indices=axes, keep_dims=keepdims)
    return _scalar_if_complete(result, axis, keepdims)


def _all_axes(x: Any) -> Any:
    """Return all axes of a tensor: a constant if its rank is known."""
    known = getattr(getattr(x, "shape", None), "rank", None)
    if known:
        return constant(np.arange(known, dtype=np.int32))
    return range(0, rank(x))


def _scalar_if_complete(result: Any, axis: Any, keepdims: bool) -> Any:
    if axis is None and not keepdims and not result.shape.is_fully_defined():
        result.set_shape(())
    return result


def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Any:
    """Return log(sum(exp(x))) over some axes, without overflow; as `reduce_sum`."""
    axis = renamed("axis", axis, "reduction_indices", reduction_indices)
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    with scope(name, "ReduceLogSumExp", (input_tensor,)) as name:
        greatest = reduce_max(input_tensor, axis, keepdims=True)
        finite = node("SelectV2", condition=node("IsFinite", x=greatest), t=greatest, e=0)
        offset = node("StopGradient", input=finite)
        shifted = node("Exp", x=node("Sub", x=input_tensor, y=offset))
        result = node("Log", x=reduce_sum(shifted, axis, keepdims=keepdims))
        if not keepdims:
            offset = node("Reshape", tensor=offset, shape=node("Shape", input=result))
        return _scalar_if_complete(add(result, offset, name), axis, keepdims)


def reduce_variance(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the mean squared distance from the mean; TypeError for integers."""
    with scope(name or "reduce_variance"):
        x = convert_to_tensor(input_tensor)
        means = reduce_mean(x, axis, keepdims=True)
        if means.dtype.is_integer:
            raise TypeError(
                f"Input must be either real or complex. Received integer type {means.dtype}."
            )
        distance = x - means
        if distance.dtype.is_complex:
            product = node("Mul", x=node("Conj", input=distance), y=distance)
            squares = node("Real", input=product, Tout=product.dtype.real_dtype)
        else:
            squares = node("Square", x=distance)
        return reduce_mean(squares, axis, keepdims=keepdims)


def reduce_std(
    input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None
) -> Any:
    """Return the square root of `reduce_variance`."""
    with scope(name or "reduce_std"):
        x = convert_to_tensor(input_tensor)
        return node("Sqrt", x=reduce_variance(x, axis, keepdims))


def count_nonzero(
    input_tensor: Any = None,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
    input: Any = None,
) -> Any:
    """Return the number of elements that are not zero (false, empty) over some axes.

    Args:
      input_tensor: the tensor.
      axis, keepdims, name, reduction_indices, keep_dims: see `reduce_sum`.
      dtype: the type of the result.
      input: another name of `input_tensor`.
    """
    keepdims = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    x = renamed("input", input, "input_tensor", input_tensor)
    axis = renamed("axis", axis, "reduction_indices", reduction_indices)
    with scope(name, "count_nonzero", (x,)):
        x = convert_to_tensor(x, name="input")
        if x.dtype.base_dtype is not dtypes.bool:
            x = node("NotEqual", x=x, y=zeros([], x.dtype))
        return cast(reduce_sum(cast(x, dtypes.int64), axis, keepdims=keepdims), dtype)


# The greatest and the least


def argmax(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = dtypes.int64,
) -> Any:
    """Return the index of the greatest element along an axis, the first of several.

    Args:
      input: the tensor.
      axis: the axis; 0 by default.
      name: the name of the node.
      dimension: the old name of `axis`.
      output_type: int64 or int32.

    Raises:
      TypeError: the axis is not an integer.
    """
    axis = renamed("axis", axis, "dimension", dimension)
    axis = 0 if axis is None else axis
    if hasattr(axis, "dtype"):
        if not (axis.dtype.is_integer if is_tensor(axis) else axis.dtype.kind in "iu"):
            raise TypeError(f"axis tensor dtypes {axis.dtype} is not supported")
        if as_dtype(axis.dtype).size < 4:
            axis = cast(axis, dtypes.int32)
    elif not isinstance(axis, int):
        raise TypeError("axis must be int or Tensor with integer datatype")
    return node("ArgMax", name, input=input, dimension=axis, output_type=output_type)


def argmin(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = dtypes.int64,
) -> Any:
    """Return the index of the least element along an axis; the arguments are those of `argmax`."""
    axis = renamed("axis", axis, "dimension", dimension)
    axis = 0 if axis is None else axis
    return node("ArgMin", name, input=input, dimension=axis, output_type=output_type)
