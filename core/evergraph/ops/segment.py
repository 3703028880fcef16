"""Reductions over segments: SegmentSum …, UnsortedSegmentSum …, Bincount."""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.ext_linear import extreme
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate
from evergraph.ops.precision import largest, widened
from evergraph.ops.rules import merged, scalar_value, with_rank, with_rank_at_least
from evergraph.shapes import bracketed

#: How each reduction combines elements.
_HOW = {"Sum": "add", "Prod": "multiply", "Max": "maximum", "Min": "minimum"}


def reduced(xp, data, ids, count, kind):
    """Return the reduction of each of `count` segments; elements of negative ids are left out."""
    rank = ids.ndim
    start = {"Sum": 0, "Prod": 1}.get(kind)
    if start is None:
        start = _last(xp, data.dtype, lowest=kind == "Max")
    x = widened(xp, data)
    # Who does not count goes to a row of its own behind the others.
    places = xp.where(ids < 0, xp.asarray(count, dtype=ids.dtype), ids)
    allocate(xp, (count + 1, *data.shape[rank:]), x.dtype)
    total = xp.full((count + 1, *data.shape[rank:]), start, dtype=x.dtype)
    total = xp.ext.scatter(total, xp.expand_dims(places, axis=-1), x, how=_HOW[kind])
    return xp.astype(total[:count, ...], data.dtype)


def _last(xp, dtype, *, lowest):
    # TF: the maximum of no elements is the lowest finite number.
    if xp.isdtype(dtype, "integral"):
        return extreme(xp, dtype, lowest=lowest)
    return -largest(xp, dtype) if lowest else largest(xp, dtype)


def unsorted(kind):
    def segments(xp, data, segment_ids, num_segments):
        count = scalar_value(num_segments, "num_segments should be a scalar, not shape {}")
        if count < 0:
            text = f"Input num_segments == {count} must not be negative."
            raise InvalidArgumentError(None, None, text)
        if data.shape[: segment_ids.ndim] != segment_ids.shape:
            raise ShapeError(
                f"data.shape = {bracketed(data.shape)} does not start with segment_ids.shape = "
                f"{bracketed(segment_ids.shape)}"
            )

        def message(at, value):
            where = f"[{','.join(map(str, at))}]" if at else ""
            return f"segment_ids{where} = {int(value)} is out of range [0, {count})"

        xp.check(segment_ids < count, InvalidArgumentError, message, segment_ids)
        return reduced(xp, data, segment_ids, count, kind)

    return segments


def unsorted_shape(data, segment_ids, num_segments):
    if data is None or segment_ids is None:
        return None
    with_rank_at_least(data, len(segment_ids))
    merged(data[: len(segment_ids)], segment_ids)
    size = None if num_segments is None else int(num_segments)
    if size is not None and size < 0:
        raise ShapeError(
            f"Dimension size, given by scalar input 2, must be non-negative but is {size}"
        )
    return (size, *data[len(segment_ids) :])


# Sorted ids decide how many rows there are, so that they must be known.


def checked_ids(segment_ids, rows):
    """Return sorted segment ids and how many segments they make, checked."""
    ids = np.asarray(segment_ids)
    if ids.ndim != 1:
        raise ShapeError("segment_ids should be a vector.")
    if ids.size != rows:
        raise ShapeError(
            f"segment_ids should be the same size as dimension 0 of input, got {ids.size} and {rows}"
        )
    if not ids.size:
        return ids, 0
    if (ids < 0).any():
        raise InvalidArgumentError(None, None, "segment ids must be >= 0")
    if (np.diff(ids) < 0).any():
        raise InvalidArgumentError(None, None, "segment ids are not increasing")
    return ids, int(ids[-1]) + 1


def sorted_segments(kind):
    def segments(xp, data, segment_ids):
        if not data.ndim:
            raise ShapeError("Shape must be at least rank 1 but is rank 0")
        ids, count = checked_ids(segment_ids, data.shape[0])
        if kind == "Mean":
            return scaled_sums(xp, data, xp.asarray(ids), count, kind)
        total = reduced(xp, data, xp.asarray(ids), count, kind)
        if kind in ("Sum", "Prod"):
            return total
        # TF: of no elements it is 0.
        some = np.isin(np.arange(count), ids).reshape(-1, *(1,) * (data.ndim - 1))
        return xp.where(xp.asarray(some), total, xp.zeros_like(total))

    return segments


def scaled_sums(xp, data, ids, count, kind):
    """Return the sum, mean, or sum over the root of its size, of each segment."""
    total = reduced(xp, data, ids, count, "Sum")
    if kind == "Sum":
        return total
    scale = segment_scale(xp, total, ids, count, kind)
    if xp.isdtype(data.dtype, "integral"):
        # TF: towards zero.
        quotient = xp.floor_divide(total, scale)
        return quotient + xp.astype((quotient * scale != total) & (total < 0), data.dtype)
    return total / scale


def segment_scale(xp, total, ids, count, kind):
    """Return what each segment's sum is divided by."""
    sizes = reduced(xp, xp.ones(ids.shape, dtype=total.dtype), ids, count, "Sum")
    sizes = xp.maximum(sizes, xp.ones_like(sizes))
    sizes = sizes if kind == "Mean" else xp.sqrt(sizes)
    return xp.reshape(sizes, (count, *(1,) * (total.ndim - 1)))


def sorted_shape(data, segment_ids):
    # TF: how many segments there are is said when the node runs, as is another length.
    if segment_ids is not None:
        with_rank(segment_ids.shape, 1)
    return None if data is None else (None, *with_rank_at_least(data, 1)[1:])


def bincount(xp, arr, size, weights):
    count = scalar_value(size, "Shape must be rank 0 but is rank 1: {}")
    if count < 0:
        raise InvalidArgumentError(None, None, f"size ({count}) must be non-negative")
    xp.check(arr >= 0, InvalidArgumentError, "Input arr must be non-negative!")
    values = xp.reshape(arr, (-1,))
    if math.prod(weights.shape):
        if weights.shape != arr.shape:
            raise ShapeError(
                "If weights are passed, they must have the same shape ("
                f"{bracketed(weights.shape)}) as arr ({bracketed(arr.shape)})"
            )
        each = xp.reshape(weights, (-1,))
    else:
        each = xp.ones(values.shape, dtype=weights.dtype)
    # What is too large is left out.
    places = xp.where(values < count, values, xp.full_like(values, -1))
    return reduced(xp, each, places, count, "Sum")


def bincount_shape(arr, size, weights):
    if size is not None and size < 0:
        raise ShapeError(f"size ({size}) must be non-negative")
    return (None if size is None else int(size),)


# Gradients


def _kept(tf, values, ids):
    """Return the row of each element's segment, zero for a negative id; and which are not."""
    rows = tf.GatherV2(values, tf.Maximum(ids, tf.ZerosLike(ids)), 0)
    inner = tf.Reshape(tf.Sub(tf.Rank(rows), tf.Rank(ids)), [1])
    shape = tf.ConcatV2([tf.shape(ids), tf.Fill(inner, 1)], 0)
    positive = tf.Reshape(tf.GreaterEqual(ids, tf.ZerosLike(ids)), shape)
    return tf.SelectV2(positive, rows, tf.ZerosLike(rows)), positive


def unsorted_sum_gradient(tf, op, dy):
    return _kept(tf, dy, op.inputs[1])[0], None, None


def unsorted_extreme_gradient(tf, op, dy):
    # TF: equal ones share it.
    data, ids, count = op.inputs
    values, positive = _kept(tf, op.outputs[0], ids)
    chosen = tf.LogicalAnd(tf.Equal(data, values), positive)
    many = tf.UnsortedSegmentSum(tf.Cast(chosen, DstT=dy.dtype), ids, count)
    shares, _ = _kept(tf, tf.RealDiv(dy, many), ids)
    return tf.SelectV2(chosen, shares, tf.ZerosLike(shares)), None, None


def unsorted_prod_gradient(tf, op, dy):
    _, ids, count = op.inputs

    def sums(x):
        return tf.UnsortedSegmentSum(x, ids, count)

    def product(x):
        return tf.UnsortedSegmentProd(x, ids, count)

    def rows(x):
        return tf.GatherV2(x, tf.Maximum(ids, tf.ZerosLike(ids)), 0)

    others, dy = _other_factors(tf, op, dy, sums, product, rows)
    return tf.Mul(_kept(tf, dy, ids)[0], others), None, None


def segment_prod_gradient(tf, op, dy):
    ids = op.inputs[1]
    others, dy = _other_factors(
        tf,
        op,
        dy,
        lambda x: tf.SegmentSum(x, ids),
        lambda x: tf.SegmentProd(x, ids),
        lambda x: tf.GatherV2(x, ids, 0),
    )
    return tf.Mul(tf.GatherV2(dy, ids, 0), others), None


def _other_factors(tf, op, dy, sums, product, rows):
    """Return the product of the other elements of each segment, and the gradient that counts.

    A segment with two zeros has no gradient; with one, only that element has.
    """
    data = op.inputs[0]
    zero = tf.Equal(data, tf.ZerosLike(data))
    zeros = sums(tf.Cast(zero, DstT="int32"))
    dy = tf.SelectV2(tf.Greater(zeros, 1), tf.ZerosLike(dy), dy)
    without = product(tf.SelectV2(zero, tf.OnesLike(data), data))
    divided = tf.RealDiv(rows(op.outputs[0]), data)
    return tf.SelectV2(zero, rows(without), divided), dy


def segment_sum_gradient(tf, op, dy):
    return tf.GatherV2(dy, op.inputs[1], 0), None


def segment_mean_gradient(tf, op, dy):
    data, ids = op.inputs
    inner = tf.Fill(tf.Reshape(tf.Sub(tf.Rank(data), 1), [1]), 1)
    ones = tf.Fill(tf.ConcatV2([tf.shape(ids), inner], 0), tf.constant(1, dy.dtype))
    return tf.GatherV2(tf.RealDiv(dy, tf.SegmentSum(ones, ids)), ids, 0), None


def segment_extreme_gradient(tf, op, dy):
    # TF: equal ones share it.
    (data, ids), (y,) = op.inputs, op.outputs
    chosen = tf.Equal(data, tf.GatherV2(y, ids, 0))
    many = tf.SegmentSum(tf.Cast(chosen, DstT=dy.dtype), ids)
    shares = tf.GatherV2(tf.RealDiv(dy, many), ids, 0)
    return tf.SelectV2(chosen, shares, tf.ZerosLike(data)), None


_UNSORTED = {
    "Sum": unsorted_sum_gradient,
    "Prod": unsorted_prod_gradient,
    "Max": unsorted_extreme_gradient,
    "Min": unsorted_extreme_gradient,
}
_SORTED = {
    "Sum": segment_sum_gradient,
    "Mean": segment_mean_gradient,
    "Prod": segment_prod_gradient,
    "Max": segment_extreme_gradient,
    "Min": segment_extreme_gradient,
}


def _define(type, kernel, shape, host, gradient=None):
    define(type, kernel, shape=shape, host=host, unknown_rank=True, gradient=gradient)


for _kind, _gradient in _UNSORTED.items():
    _define(f"UnsortedSegment{_kind}", unsorted(_kind), unsorted_shape, "num_segments:0", _gradient)
for _kind, _gradient in _SORTED.items():
    _define(f"Segment{_kind}", sorted_segments(_kind), sorted_shape, "segment_ids:1", _gradient)
_define("Bincount", bincount, bincount_shape, "size:0")
