"""Values by their order: NthElement, LowerBound, UpperBound, Bucketize, HistogramFixedWidth …"""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate
from evergraph.ops.precision import widened
from evergraph.ops.rules import (
    merged_dim,
    same_shape,
    scalar_value,
    with_rank,
    with_rank_at_least,
)
from evergraph.ops.segment import reduced
from evergraph.shapes import bracketed


def _fail(text):
    raise InvalidArgumentError(None, None, text)


def nth_element(xp, input, n, *, reverse=False):
    nth = scalar_value(n, "N must be scalar but has shape {}")
    if nth < 0:
        _fail(f"n must be non-negative but is {nth}")
    if not input.ndim:
        _fail("Input must be at least rank 1 but is rank 0")
    size = input.shape[-1]
    if size <= nth:
        _fail(f"Input must have last dimension > n = {nth}")
    ordered = xp.sort(input, axis=-1)
    return ordered[..., size - 1 - nth if reverse else nth]


def nth_shape(input, n, *, reverse=False):
    with_rank_at_least(input, 1)
    if n is not None:
        if n < 0:
            raise ShapeError(f"Dimension {n} must be >= 0")
        if input[-1] is not None and input[-1] <= n:
            raise ShapeError(f"Input must have last dimension > n = {n} but is {input[-1]}")
    return input[:-1]


def nth_gradient(tf, op, dy):
    x, y = op.inputs[0], op.outputs[0]
    chosen = tf.Cast(tf.Equal(tf.ExpandDims(y, -1), x), DstT=dy.dtype)
    count = tf.Sum(chosen, -1, keep_dims=True)
    return tf.Mul(tf.RealDiv(chosen, count), tf.ExpandDims(dy, -1)), None


def bound(side):
    def kernel(xp, sorted_inputs, values, *, out_type):
        if sorted_inputs.ndim != 2 or values.ndim != 2:
            _fail("sorted input argument must be a matrix, and values as well")
        if sorted_inputs.shape[0] != values.shape[0]:
            _fail(
                f"Leading dim_size of both tensors must match: {sorted_inputs.shape[0]} and "
                f"{values.shape[0]}"
            )
        found = [
            xp.searchsorted(sorted_inputs[i, :], values[i, :], side=side)
            for i in range(values.shape[0])
        ]
        if not found:
            return xp.zeros(values.shape, dtype=out_type)
        return xp.astype(xp.stack(found), out_type)

    return kernel


def bound_shape(sorted_inputs, values):
    for shape in (sorted_inputs, values):
        if shape is not None:
            with_rank(shape, 2)
    return values


def bucketize(xp, input, *, boundaries):
    edges = np.array(boundaries, np.float32)
    if (edges[1:] < edges[:-1]).any():
        _fail("Expected sorted boundaries")
    flat = xp.astype(xp.reshape(input, (-1,)), xp.float64)
    found = xp.searchsorted(xp.asarray(edges.astype(np.float64)), flat, side="right")
    return xp.reshape(xp.astype(found, xp.int32), input.shape)


def histogram(xp, values, value_range, nbins, *, dtype=None):
    if value_range.shape != (2,):
        _fail(f"value_range should be a vector of 2 elements: {bracketed(value_range.shape)}")
    count = scalar_value(nbins, "nbins should be a scalar: {}")
    if count <= 0:
        _fail(f"nbins should be a positive number, but got '{count}'")
    allocate(xp, (count,), np.int64)
    low, high = value_range[0:1], value_range[1:2]
    xp.check(low < high, InvalidArgumentError, "value_range should satisfy range[0] < range[1]")
    wide = xp.float64
    flat = xp.astype(xp.reshape(values, (-1,)), wide)
    low, high = xp.astype(low, wide), xp.astype(high, wide)
    place = (xp.maximum(flat, low) - low) / ((high - low) / count)
    place = xp.astype(xp.minimum(place, xp.asarray(count - 1.0, dtype=wide)), xp.int32)
    dtype = xp.int32 if dtype is None else dtype
    return reduced(xp, xp.ones(flat.shape, dtype=dtype), place, count, "Sum")


def histogram_shape(values, value_range, nbins):
    if value_range is not None:
        with_rank(value_range, 1)
        merged_dim(value_range[0], 2)
    if nbins is not None and nbins <= 0:
        raise ShapeError(f"Requires nbins > 0: {nbins}")
    return (None if nbins is None else int(nbins),)


def dense_bincount(xp, input, size, weights, *, binary_output=False):
    if input.ndim > 2:
        _fail("Shape must be at most rank 2 but is rank " + str(input.ndim))
    count = scalar_value(size, "Shape must be rank 0 but is rank 1: {}")
    if count < 0:
        _fail(f"size ({count}) must be non-negative")
    if 0 not in weights.shape and weights.shape != input.shape:
        _fail(
            "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it "
            "acts as all weights equal to 1. Received "
            f"{bracketed(weights.shape)} instead of {bracketed(input.shape)}"
        )
    rows = input.shape[0] if input.ndim == 2 else 1
    allocate(xp, (rows, count + 1), np.int64)
    xp.check(input >= 0, InvalidArgumentError, "Input arr must be non-negative!")
    values = xp.reshape(input, (-1,))
    weighted = 0 not in weights.shape and not binary_output
    each = xp.reshape(weights, (-1,)) if weighted else xp.ones(values.shape, dtype=weights.dtype)
    # What is too large is left out; every row has its own part of one long vector.
    inside = values < count
    per_row = input.shape[-1] if input.ndim == 2 else values.shape[0]
    row = xp.repeat(xp.arange(rows, dtype=xp.int64), per_row)
    places = xp.where(inside, row * count + xp.astype(values, xp.int64), -1)
    found = reduced(xp, each, places, rows * count, "Max" if binary_output else "Sum")
    if binary_output:
        found = xp.maximum(found, xp.zeros_like(found))
    return xp.reshape(found, (rows, count) if input.ndim == 2 else (count,))


def dense_bincount_shape(input, size, weights, *, binary_output=False):
    if len(input) > 2:
        raise ShapeError(f"Shape must be at most rank 2 but is rank {len(input)}")
    if size is not None and size < 0:
        raise ShapeError(f"size ({size}) must be non-negative")
    count = None if size is None else int(size)
    return (input[0], count) if len(input) == 2 else (count,)


# Running sums of exponents


def cumulative_log_sum_exp(xp, x, axis, *, exclusive=False, reverse=False):
    at = scalar_value(axis, "ScanOp: axis must be a scalar, not {}")
    if not -x.ndim <= at < x.ndim:
        _fail(f"ScanOp: Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {at}")
    at %= x.ndim
    size = x.shape[at]
    if 0 in x.shape:
        return x
    wide = xp.moveaxis(widened(xp, x), at, 0)
    wide = xp.flip(wide, axis=0) if reverse else wide

    def add(k, state):
        total, result = state
        k = xp.reshape(xp.asarray(k), (1,))
        one = xp.reshape(xp.ext.gather(wide, k, axis=0), wide.shape[1:])
        larger = xp.maximum(total, one)
        both = xp.logaddexp(total, one)
        # Of two infinities alike, the sum is the same one.
        both = xp.where(xp.isinf(larger), larger, both)
        value = xp.expand_dims(total if exclusive else both, axis=0)
        return both, xp.ext.scatter(result, xp.reshape(k, (1, 1)), value, how="set")

    start = xp.full(wide.shape[1:], -float("inf"), dtype=wide.dtype)
    _, result = xp.ext.loop(xp.asarray(size), add, (start, xp.zeros_like(wide)))
    result = xp.flip(result, axis=0) if reverse else result
    return xp.astype(xp.moveaxis(result, 0, at), x.dtype)


def cumulative_gradient(tf, op, dy):
    x, axis = op.inputs
    (y,) = op.outputs
    zero = tf.constant(0, dy.dtype)
    lowest = tf.constant(dy.dtype.min, dy.dtype)

    def part(sign):
        given = dy if sign > 0 else tf.Neg(dy)
        log = tf.SelectV2(tf.Greater(given, zero), tf.Log(given), lowest)
        total = tf.CumulativeLogsumexp(
            tf.Sub(log, y),
            axis,
            exclusive=op.get_attr("exclusive"),
            reverse=not op.get_attr("reverse"),
        )
        return tf.Exp(tf.AddV2(total, x))

    return tf.Sub(part(1), part(-1)), None


define("NthElement", nth_element, shape=nth_shape, host="n:0", gradient=nth_gradient)
define("LowerBound", bound("left"), shape=bound_shape, unknown_rank=True)
define("UpperBound", bound("right"), shape=bound_shape, unknown_rank=True)
define("Bucketize", bucketize, shape=same_shape)
define("HistogramFixedWidth", histogram, shape=histogram_shape, host="nbins:0", unknown_rank=True)
define("DenseBincount", dense_bincount, shape=dense_bincount_shape, host="size:0")
define(
    "CumulativeLogsumexp",
    cumulative_log_sum_exp,
    shape=lambda x, axis: x,
    host="axis",
    unknown_rank=True,
    gradient=cumulative_gradient,
)
