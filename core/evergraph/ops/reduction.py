"""Reductions: Sum, Mean, Prod, Max, Min, All, Any, ArgMax, ArgMin, Cumsum, Cumprod, L2Loss."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.ext_linear import extreme
from evergraph.op import ShapeError, define
from evergraph.ops.precision import widened
from evergraph.ops.rules import axis_in_range, scalar, scalar_value


def axes(axis, rank):
    """Return the axes to reduce, as positions; each may be given once."""
    found = []
    for a in np.asarray(axis).reshape(-1).tolist():
        if not -rank <= a < rank:
            raise ShapeError(
                f"Invalid reduction dimension {a} for input with {rank} dimensions.",
                f"Invalid reduction arguments: Axes contains index {a}, "
                f"which is out of range for an input with {rank} dimensions",
            )
        position = a % rank
        if position in found:
            raise ShapeError(f"Invalid reduction arguments: Axes contains duplicate dimension: {a}")
        found.append(position)
    return tuple(found)


def reduced_shape(x, axis, *, keep_dims=False):
    if axis is None:
        return (None,) * len(x) if keep_dims else None
    gone = axes(axis, len(x))
    return tuple(1 if i in gone else d for i, d in enumerate(x) if keep_dims or i not in gone)


def reduce_sum(xp, x, axis, *, keep_dims=False):
    # The dtype is passed on: array libraries widen small integers, TensorFlow does not.
    y = widened(xp, x)
    total = xp.sum(y, axis=axes(axis, x.ndim), keepdims=keep_dims, dtype=y.dtype)
    return xp.astype(total, x.dtype) if y is not x else total


def reduce_prod(xp, x, axis, *, keep_dims=False):
    y = widened(xp, x)
    total = xp.prod(y, axis=axes(axis, x.ndim), keepdims=keep_dims, dtype=y.dtype)
    return xp.astype(total, x.dtype) if y is not x else total


def reduce_mean(xp, x, axis, *, keep_dims=False):
    gone = axes(axis, x.ndim)
    count = 1
    for i in gone:
        count *= x.shape[i]
    y = widened(xp, x)
    total = xp.sum(y, axis=gone, keepdims=keep_dims, dtype=y.dtype)
    if xp.isdtype(x.dtype, "integral"):
        # TF: integers are summed, then divided towards zero; of nothing, the mean is 0.
        size = xp.asarray(max(count, 1), dtype=x.dtype)
        quotient = xp.floor_divide(total, size)
        return quotient + xp.astype((quotient * size != total) & (total < 0), x.dtype)
    return xp.astype(total / xp.asarray(count, dtype=y.dtype), x.dtype)


def reduce_max(xp, x, axis, *, keep_dims=False):
    return _extreme(xp, x, axis, keep_dims, xp.max, lowest=True)


def reduce_min(xp, x, axis, *, keep_dims=False):
    return _extreme(xp, x, axis, keep_dims, xp.min, lowest=False)


def _extreme(xp, x, axis, keep_dims, function, *, lowest):
    gone = axes(axis, x.ndim)
    if not gone:
        return x
    if any(x.shape[i] == 0 for i in gone):
        # TF: the maximum of nothing is the lowest value there is.
        shape = tuple(
            1 if i in gone else d for i, d in enumerate(x.shape) if keep_dims or i not in gone
        )
        return xp.full(shape, extreme(xp, x.dtype, lowest=lowest), dtype=x.dtype)
    return function(x, axis=gone, keepdims=keep_dims)


def reduce_all(xp, x, axis, *, keep_dims=False):
    return xp.all(x, axis=axes(axis, x.ndim), keepdims=keep_dims)


def reduce_any(xp, x, axis, *, keep_dims=False):
    return xp.any(x, axis=axes(axis, x.ndim), keepdims=keep_dims)


def arg_max(xp, x, axis, *, output_type=None):
    return _arg(xp, x, axis, output_type, xp.argmax)


def arg_min(xp, x, axis, *, output_type=None):
    return _arg(xp, x, axis, output_type, xp.argmin)


def _arg(xp, x, axis, output_type, function):
    at = axis_in_range(axis, x.ndim)
    if x.shape[at] == 0:
        raise ShapeError(f"Reduction axis {at} is empty in shape [{','.join(map(str, x.shape))}]")
    result = function(x, axis=at)
    return xp.astype(result, xp.int64 if output_type is None else output_type)


def arg_shape(x, axis):
    if axis is None:
        return (None,) * (len(x) - 1) if x else None
    at = axis_in_range(axis, len(x))
    return x[:at] + x[at + 1 :]


def cumsum(xp, x, axis, *, exclusive=False, reverse=False):
    at = _scan_axis(axis, x.ndim)
    return xp.ext.cumulative(x, axis=at, how="sum", exclusive=exclusive, reverse=reverse)


def cumprod(xp, x, axis, *, exclusive=False, reverse=False):
    at = _scan_axis(axis, x.ndim)
    return xp.ext.cumulative(x, axis=at, how="prod", exclusive=exclusive, reverse=reverse)


def _scan_axis(axis, rank):
    at = scalar_value(axis, "ScanOp: axis must be a scalar, not {}")
    if not -rank <= at < rank:
        text = f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {at}"
        raise InvalidArgumentError(None, None, text)
    return at % rank


def cumulative_shape(x, axis):
    return x


def l2_loss(xp, t):
    y = widened(xp, t)
    half = xp.sum(y * y, dtype=y.dtype) / xp.asarray(2, dtype=y.dtype)
    return xp.astype(half, t.dtype)


def sum_gradient(tf, op, dy):
    shape = tf.Shape(op.inputs[0])
    return tf.BroadcastTo(tf.Reshape(dy, kept_shape(tf, op)), shape), None


def kept_shape(tf, op):
    """Return the shape of a reduction's result with the reduced axes kept, as size 1."""
    x, axis = op.inputs
    shape = tf.Shape(x)
    known = x.shape.rank
    rank = tf.Rank(x) if known is None else tf.constant(known, "int32")
    axes = tf.Reshape(tf.Cast(axis, DstT="int32"), tf.constant([-1], "int32"))
    axes = tf.FloorMod(tf.AddV2(axes, rank), rank)
    ones = tf.OnesLike(axes)
    every = tf.Range(tf.constant(0, "int32"), rank, tf.constant(1, "int32"))
    return tf.DynamicStitch([every, axes], [shape, ones])


define("Sum", reduce_sum, shape=reduced_shape, host="axis", gradient=sum_gradient)
define("Prod", reduce_prod, shape=reduced_shape, host="axis")
define("Mean", reduce_mean, shape=reduced_shape, host="axis")
define("Max", reduce_max, shape=reduced_shape, host="axis")
define("Min", reduce_min, shape=reduced_shape, host="axis")
define("All", reduce_all, shape=reduced_shape, host="axis")
define("Any", reduce_any, shape=reduced_shape, host="axis")
define("ArgMax", arg_max, shape=arg_shape, host="axis")
define("ArgMin", arg_min, shape=arg_shape, host="axis")
define("Cumsum", cumsum, shape=cumulative_shape, host="axis", unknown_rank=True)
define("Cumprod", cumprod, shape=cumulative_shape, host="axis", unknown_rank=True)
define("L2Loss", l2_loss, shape=scalar, unknown_rank=True)
