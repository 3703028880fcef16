"""Reductions over segments of rows that are gathered first: SparseSegmentSum, …Mean, …SqrtN."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import merged, merged_dim, scalar_value, with_rank, with_rank_at_least
from evergraph.ops.segment import checked_ids, reduced, scaled_sums, segment_scale


def _gathered(xp, data, indices):
    size = data.shape[0]

    def message(at, value):
        return f"Index {int(value)} out of range [0, {size})"

    xp.check((indices >= 0) & (indices < size), InvalidArgumentError, message, indices)
    return xp.ext.gather(data, indices, axis=0)


def sparse(kind):
    def segments(xp, data, indices, segment_ids, *, sparse_gradient=False):
        ids, count = checked_ids(segment_ids, indices.shape[0])
        return scaled_sums(xp, _gathered(xp, data, indices), xp.asarray(ids), count, kind)

    return segments


def sparse_with_number(kind):
    def segments(xp, data, indices, segment_ids, num_segments, *, sparse_gradient=False):
        count = scalar_value(num_segments, "num_segments should be a scalar, not shape {}")
        if count < 0:
            raise ShapeError("segment ids must be >= 0")
        if segment_ids.shape != indices.shape:
            raise ShapeError("segment_ids and indices should have same size.")
        ok = (segment_ids >= 0) & (segment_ids < count)
        xp.check(ok, InvalidArgumentError, f"segment ids must be in [0, {count})")
        size = segment_ids.shape[0]
        rising = segment_ids[min(size, 1) :] >= segment_ids[: max(size - 1, 0)]
        xp.check(rising, InvalidArgumentError, "segment ids are not increasing")
        return scaled_sums(xp, _gathered(xp, data, indices), segment_ids, count, kind)

    return segments


def sparse_shape(data, indices, segment_ids, *, sparse_gradient=False):
    with_rank(indices, 1)
    if segment_ids is not None:
        with_rank(segment_ids.shape, 1)
        if indices is not None:
            merged_dim(indices[0], segment_ids.size)
    return None if data is None else (None, *with_rank_at_least(data, 1)[1:])


def sparse_with_number_shape(data, indices, segment_ids, num_segments, *, sparse_gradient=False):
    if data is None:
        return None
    with_rank_at_least(data, 1)
    merged(with_rank(indices, 1), with_rank(segment_ids, 1))
    return (None if num_segments is None else int(num_segments), *data[1:])


def sparse_grad(kind):
    def gradient(xp, grad, indices, segment_ids, output_dim0):
        count = scalar_value(output_dim0, "output_dim0 should be a scalar, not shape {}")
        rows = _backwards(xp, grad, indices, segment_ids, kind)

        def message(at, value):
            return f"Index {int(value)} out of range [0, {count})."

        xp.check((indices >= 0) & (indices < count), InvalidArgumentError, message, indices)
        return reduced(xp, rows, indices, count, "Sum")

    return gradient


def _backwards(xp, grad, indices, segment_ids, kind):
    """Return the gradient of each gathered row."""
    count = grad.shape[0]

    def message(at, value):
        return f"Segment id {int(value)} out of range [0, {count})."

    ok = (segment_ids >= 0) & (segment_ids < count)
    xp.check(ok, InvalidArgumentError, message, segment_ids)
    if kind != "Sum":
        grad = grad / segment_scale(xp, grad, segment_ids, count, kind)
    return xp.ext.gather(grad, segment_ids, axis=0)


def sparse_grad_shape(grad, indices, segment_ids, output_dim0):
    if grad is None:
        return None
    merged(with_rank(indices, 1), with_rank(segment_ids, 1))
    return (None if output_dim0 is None else int(output_dim0), *grad[1:])


def sparse_grad_rows(kind):
    def gradient(xp, grad, indices, segment_ids, dense_output_dim0):
        unique, inverse = np.unique(np.asarray(indices), return_inverse=True)
        rows = _backwards(xp, grad, indices, segment_ids, kind)
        places = xp.asarray(inverse.reshape(-1))
        return reduced(xp, rows, places, unique.size, "Sum"), xp.asarray(unique)

    return gradient


def sparse_grad_rows_shape(grad, indices, segment_ids, dense_output_dim0):
    count = None if indices is None else np.unique(indices).size
    return [None if grad is None else (count, *grad[1:]), (count,)]


# Gradients


def sparse_gradient(kind):
    def gradient(tf, op, dy):
        data, indices, ids, *number = op.inputs
        shape = tf.shape(data)
        rows = tf.StridedSlice(shape, [0], [1], [1], shrink_axis_mask=1)
        rest = [None] * (2 + len(number))
        if op.get_attr("sparse_gradient"):
            grad = getattr(tf, f"SparseSegment{kind}GradV2")
            values, places = grad(dy, indices, ids, rows)
            return [tf.slices(values, places, shape), *rest]
        grad = getattr(tf, f"SparseSegment{kind}Grad")
        return [grad(dy, indices, ids, rows), *rest]

    return gradient


def _define(type, kernel, shape, host, gradient=None):
    define(type, kernel, shape=shape, host=host, unknown_rank=True, gradient=gradient)


for _kind in ("Sum", "Mean", "SqrtN"):
    _type, _gradient = f"SparseSegment{_kind}", sparse_gradient(_kind)
    _define(_type, sparse(_kind), sparse_shape, "segment_ids:1", _gradient)
    _define(
        f"{_type}WithNumSegments",
        sparse_with_number(_kind),
        sparse_with_number_shape,
        "num_segments:0",
        _gradient,
    )
    _define(f"{_type}Grad", sparse_grad(_kind), sparse_grad_shape, "output_dim0:0")
    _define(
        f"{_type}GradV2",
        sparse_grad_rows(_kind),
        sparse_grad_rows_shape,
        "indices:1 dense_output_dim0:0",
    )
