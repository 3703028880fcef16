"""Reductions: Sum, Mean, Prod, Max, Min, All, Any, ArgMax, ArgMin, Cumsum, L2Loss …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.ext_linear import extreme
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.precision import widened
from evergraph.ops.rules import axis_in_range, conjugated, scalar, scalar_value


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


def euclidean_norm(xp, x, axis, *, keep_dims=False):
    y = widened(xp, x)
    size = xp.abs(y) if xp.isdtype(x.dtype, "complex floating") else y
    total = xp.sum(size * size, axis=axes(axis, x.ndim), keepdims=keep_dims, dtype=size.dtype)
    return xp.astype(xp.sqrt(total), x.dtype)


# Gradients


def static_axes(tf, op):
    """Return the axes that a reduction reduces, as positions; None if they are not known."""
    x, axis = op.inputs
    value, rank = tf.constant_value(axis), x.shape.rank
    return None if value is None or rank is None else axes(value, rank)


def kept_shape(tf, op):
    """Return the shape of a reduction's result with the reduced axes kept, as size 1."""
    x, axis = op.inputs
    gone, shape = static_axes(tf, op), tf.shape(x)
    if gone is not None:
        dims = [1 if i in gone else d for i, d in enumerate(x.shape.as_list())]
        if None not in dims:
            return tf.constant(dims, "int32")
        ones = tf.constant([int(i in gone) for i in range(len(dims))], "int32")
        return tf.Maximum(tf.Mul(shape, tf.Sub(1, ones)), ones)
    rank = tf.Rank(x)
    every = tf.Range(tf.constant(0), rank, tf.constant(1))
    reduced = _positions(tf, axis, rank)
    return tf.DynamicStitch([every, reduced], [shape, tf.OnesLike(reduced)])


def _positions(tf, axis, rank):
    """Return axes, of which some may be negative, as a vector of positions."""
    axis = tf.Reshape(tf.Cast(axis, DstT="int32"), [-1])
    return tf.FloorMod(tf.AddV2(axis, rank), rank)


def expanded(tf, op, y):
    """Return a tensor of the shape of a reduction's result with the reduced axes kept."""
    return y if op.get_attr("keep_dims") else tf.Reshape(y, kept_shape(tf, op))


def sum_gradient(tf, op, dy):
    return tf.BroadcastTo(expanded(tf, op, dy), tf.shape(op.inputs[0])), None


def mean_gradient(tf, op, dy):
    x, gone = op.inputs[0], static_axes(tf, op)
    sizes = None if gone is None else [x.shape.as_list()[i] for i in gone]
    if sizes is not None and None not in sizes:
        count = tf.constant(math.prod(sizes), dy.dtype)
    elif gone is not None and len(gone) == x.shape.rank:
        count = tf.Cast(tf.Size(x), DstT=dy.dtype)
    else:
        shape = tf.Shape(x)
        reduced = _positions(tf, op.inputs[1], tf.Size(shape)) if gone is None else list(gone)
        count = tf.Cast(tf.Prod(tf.GatherV2(shape, reduced, 0), 0), DstT=dy.dtype)
    # Divided before it is made as large as `x`.
    return sum_gradient(tf, op, tf.RealDiv(dy, count))


def extreme_gradient(tf, op, dy):
    # TF: equal ones share it.
    x, axis = op.inputs
    y, dy = (expanded(tf, op, t) for t in (op.outputs[0], dy))
    chosen = tf.Cast(tf.Equal(y, x), DstT=dy.dtype)
    count = tf.Sum(chosen, axis, keep_dims=True)
    # TF: divides first. XLA takes the product with a converted bool for a choice, even of NaN.
    return tf.RealDiv(tf.Mul(chosen, dy), count), None


def prod_gradient(tf, op, dy):
    # The product of all others, also where one of them is 0: what is reduced is made one axis, and
    # multiplied up from both sides.
    x, axis = op.inputs
    shape = tf.shape(x)
    dy = tf.BroadcastTo(expanded(tf, op, dy), shape)
    gone = static_axes(tf, op)
    if gone is None:
        rank = tf.Rank(x)
        reduced = _positions(tf, axis, rank)
        kept, _ = tf.ListDiff(tf.Range(tf.constant(0), rank, tf.constant(1)), reduced)
    else:
        others = [i for i in range(x.shape.rank) if i not in gone]
        reduced, kept = (tf.constant(list(part), "int32") for part in (gone, others))
    order = tf.ConcatV2([reduced, kept], 0)
    sizes = [tf.Prod(tf.GatherV2(shape, part, 0), 0) for part in (reduced, kept)]
    moved = tf.Transpose(x, order)
    flat = conjugated(tf, tf.Reshape(moved, tf.Pack(sizes)))
    before = tf.Cumprod(flat, 0, exclusive=True)
    after = tf.Cumprod(flat, 0, exclusive=True, reverse=True)
    others = tf.Reshape(tf.Mul(before, after), tf.GatherV2(shape, order, 0))
    return tf.Mul(dy, tf.Transpose(others, tf.InvertPermutation(order))), None


def cumsum_gradient(tf, op, dy):
    return tf.Cumsum(dy, op.inputs[1], **_backwards(op)), None


def cumprod_gradient(tf, op, dy):
    (x, axis), (y,) = op.inputs, op.outputs
    return tf.DivNoNan(tf.Cumsum(tf.Mul(y, dy), axis, **_backwards(op)), x), None


def _backwards(op):
    return {"exclusive": op.get_attr("exclusive"), "reverse": not op.get_attr("reverse")}


def l2_loss_gradient(tf, op, dy):
    return tf.Mul(op.inputs[0], dy)


def euclidean_norm_gradient(tf, op, dy):
    y, dy = (expanded(tf, op, t) for t in (op.outputs[0], dy))
    return tf.RealDiv(op.inputs[0], tf.RealDiv(y, dy)), None


def _define(type, kernel, gradient):
    define(type, kernel, shape=reduced_shape, host="axis", gradient=gradient)


_define("Sum", reduce_sum, sum_gradient)
_define("Prod", reduce_prod, prod_gradient)
_define("Mean", reduce_mean, mean_gradient)
_define("Max", reduce_max, extreme_gradient)
_define("Min", reduce_min, extreme_gradient)
_define("EuclideanNorm", euclidean_norm, euclidean_norm_gradient)
_define("All", reduce_all, None)
_define("Any", reduce_any, None)
define("ArgMax", arg_max, shape=arg_shape, host="axis", gradient=no_gradient)
define("ArgMin", arg_min, shape=arg_shape, host="axis", gradient=no_gradient)
for _type, _kernel, _gradient in (
    ("Cumsum", cumsum, cumsum_gradient),
    ("Cumprod", cumprod, cumprod_gradient),
):
    define(
        _type,
        _kernel,
        shape=cumulative_shape,
        host="axis",
        unknown_rank=True,
        gradient=_gradient,
    )
define("L2Loss", l2_loss, shape=scalar, unknown_rank=True, gradient=l2_loss_gradient)
