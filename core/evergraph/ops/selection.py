"""Which elements: Where, Unique, ListDiff, TopKV2, InTopKV2, InvertPermutation."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.array import size_from
from evergraph.ops.rules import merged, scalar_value, with_rank


def invert_permutation(xp, x):
    order = xp.argsort(x)
    size = x.shape[0]
    found = xp.take(x, order, axis=0)

    def message(at, value):
        if 0 <= value < size:
            return f"{int(value)} is duplicated in the input."
        return f"{int(value)} is not between 0 and {size}"

    good = found == xp.arange(size, dtype=x.dtype)
    xp.check(good, InvalidArgumentError, message, found)
    return xp.astype(order, x.dtype)


def inverted_shape(x):
    return with_rank(x, 1)


def where(xp, condition):
    return xp.astype(xp.stack(xp.nonzero(condition), axis=1), xp.int64)


def where_shape(condition):
    return (None, None) if condition is None else (None, len(condition))


def unique(xp, x, *, out_idx=None):
    values, index, _ = unique_with_counts(xp, x, out_idx=out_idx)
    return values, index


def unique_with_counts(xp, x, *, out_idx=None):
    if x.ndim != 1:
        raise ShapeError("unique expects a 1D vector.")
    dtype = xp.int32 if out_idx is None else out_idx
    values, first, inverse, counts = xp.unique_all(x)
    # In the order of appearance: `order[new] = old`, and its inverse.
    order = xp.argsort(first)
    place = xp.argsort(order)
    index = xp.take(place, xp.reshape(inverse, (-1,)), axis=0)
    counts = xp.astype(xp.take(counts, order, axis=0), dtype)
    return xp.take(values, order, axis=0), xp.astype(index, dtype), counts


def unique_shape(x, *, out_idx=None):
    return [(None,), with_rank(x, 1)]


def unique_counts_shape(x, *, out_idx=None):
    # TF: a matrix is refused when run.
    return [(None,), x, (None,)]


def in_top_k(xp, predictions, targets, k):
    if predictions.ndim != 2:
        raise ShapeError("predictions must be 2-dimensional")
    if targets.ndim != 1:
        raise ShapeError("targets must be 1-dimensional")
    if predictions.shape[0] != targets.shape[0]:
        raise ShapeError(
            f"First dimension of predictions {predictions.shape[0]} must match length of targets "
            f"{targets.shape[0]}"
        )
    classes = predictions.shape[1]
    if not classes:
        return xp.zeros(targets.shape, dtype=xp.bool)
    within = (targets >= 0) & (targets < classes)
    place = xp.expand_dims(xp.where(within, targets, xp.zeros_like(targets)), axis=1)
    target = xp.take_along_axis(predictions, xp.astype(place, xp.int64), axis=1)
    above = xp.sum(xp.astype(predictions > target, k.dtype), axis=1, dtype=k.dtype)
    return within & xp.all(xp.isfinite(predictions), axis=1) & (above < k)


def in_top_k_v1(xp, predictions, targets, *, k):
    return in_top_k(xp, predictions, targets, xp.asarray(k, dtype=xp.int64))


def in_top_k_v1_shape(predictions, targets, *, k):
    return in_top_k_shape(predictions, targets, ())


def in_top_k_shape(predictions, targets, k):
    with_rank(k, 0)
    rows, _ = with_rank(predictions, 2)
    return merged((rows,), with_rank(targets, 1))


def top_k(xp, x, k, *, sorted=True, index_type=None):
    del sorted
    count = scalar_value(k, "k must be scalar, got shape {}")
    if count < 0:
        raise InvalidArgumentError(None, None, f"Need k >= 0, got {count}")
    top_k_shape(x.shape, np.int64(count))
    values, indices = xp.ext.top_k(x, count)
    return values, indices if index_type is None else xp.astype(indices, index_type)


def top_k_shape(x, k):
    if not x:
        raise ShapeError(
            "Shape must be at least rank 1 but is rank 0", "input must be >= 1-D, got shape []"
        )
    count = size_from(k)
    if count is not None and count < 0:
        raise ShapeError(
            f"Dimension size, given by scalar input 1, must be non-negative but is {count}"
        )
    if count is not None and x[-1] is not None and x[-1] < count:
        raise ShapeError(
            f"input must have last dimension >= k = {count} but is {x[-1]}",
            f"input must have at least k columns. Had {x[-1]}, needed {count}",
        )
    return [(*x[:-1], count)] * 2


def list_diff(xp, x, y, *, out_idx=None):
    for name, value in (("x", x), ("y", y)):
        if value.ndim != 1:
            raise ShapeError(f"{name} should be a 1D vector.")
    kept = np.nonzero(~np.isin(np.asarray(x), np.asarray(y)))[0]
    positions = xp.asarray(kept.astype(np.int32 if out_idx is None else out_idx))
    return xp.take(x, positions, axis=0), positions


def list_diff_shape(x, y, *, out_idx=None):
    with_rank(x, 1)
    with_rank(y, 1)
    return [(None,), (None,)]


def top_k_gradient(tf, op, dy, _):
    x, indices = op.inputs[0], op.outputs[1]
    shape = tf.shape(x)
    outer = tf.StridedSlice(shape, [0], [-1], [1], begin_mask=1)
    size = tf.StridedSlice(shape, [-1], [0], [1], end_mask=1, shrink_axis_mask=1)
    # Where each row begins in the flat array.
    rows = tf.Range(tf.constant(0), tf.Prod(outer, 0), tf.constant(1))
    starts = tf.Reshape(tf.Mul(rows, size), tf.ConcatV2([outer, [1]], 0))
    places = tf.Reshape(tf.AddV2(tf.Cast(indices, DstT="int32"), starts), [-1, 1])
    total = tf.Prod(shape, 0, keep_dims=True)
    flat = tf.ScatterNd(places, tf.Reshape(dy, [-1]), total)
    return tf.Reshape(flat, shape), None


define("InvertPermutation", invert_permutation, shape=inverted_shape, gradient=no_gradient)
define("Where", where, shape=where_shape, unknown_rank=True)
define("Unique", unique, shape=unique_shape)
define("UniqueWithCounts", unique_with_counts, shape=unique_counts_shape)
define("InTopK", in_top_k_v1, shape=in_top_k_v1_shape)
define("InTopKV2", in_top_k, shape=in_top_k_shape)
define("ListDiff", list_diff, shape=list_diff_shape)
define("TopKV2", top_k, shape=top_k_shape, host="k", gradient=top_k_gradient)
