"""Elements by their indices: Gather, GatherV2, GatherNd, ScatterNd."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, dimensions
from evergraph.ops.rules import axis_in_range


def _in_range(xp, indices, size, name="indices"):
    def message(at, value):
        where = f"[{','.join(map(str, at))}]" if at else ""
        return f"{name}{where} = {int(value)} is not in [0, {size})"

    xp.check((indices >= 0) & (indices < size), InvalidArgumentError, message, indices)


def gather_v2(xp, params, indices, axis, *, batch_dims=0):
    at = axis_in_range(np.asarray(axis).reshape(()), params.ndim)
    batch = _batch_dims(batch_dims, indices.ndim)
    if batch > at:
        text = f"batch_dims ({batch}) must be less than or equal to axis ({at})."
        raise InvalidArgumentError(None, None, text)
    _in_range(xp, indices, params.shape[at])
    return xp.ext.gather(params, indices, axis=at, batch_dims=batch)


def _batch_dims(batch_dims, rank):
    """Return how many axes the parameters and the indices share, checked."""
    if not -rank <= batch_dims <= rank:
        need = batch_dims if batch_dims >= 0 else -batch_dims
        raise ShapeError(
            f"Shape must be at least rank {need} but is rank {rank}",
            f"Expected batch_dims in the range [{-rank}, {rank}], but got {batch_dims}",
        )
    return batch_dims + rank if batch_dims < 0 else batch_dims


def gather_shape(params, indices, axis, *, batch_dims=0):
    if params is None or indices is None:
        return None
    if axis is None:
        batch = batch_dims + len(indices) if batch_dims < 0 else batch_dims
        return (None,) * (len(params) + len(indices) - 1 - batch)
    if not -len(params) <= int(axis) < len(params):
        need = int(axis) + 1 if int(axis) >= 0 else -int(axis)
        raise ShapeError(f"Shape must be at least rank {need} but is rank {len(params)}")
    at = int(axis) % len(params)
    batch = _batch_dims(batch_dims, len(indices))
    return (*params[:at], *indices[batch:], *params[at + 1 :])


def gather(xp, params, indices, *, validate_indices=True):
    del validate_indices
    return gather_v2(xp, params, indices, 0)


def gather_v1_shape(params, indices, *, validate_indices=True):
    del validate_indices
    return gather_shape(params, indices, np.int32(0))


def gather_nd(xp, params, indices):
    depth = indices.shape[-1]
    if depth > params.ndim:
        raise ShapeError(
            f"indices.shape[-1] must be <= params.rank, but saw {depth} and {params.ndim}"
        )
    flat = xp.zeros(indices.shape[:-1], dtype=indices.dtype)
    ok = xp.ones(indices.shape[:-1], dtype=xp.bool)
    size = 1
    for i in range(depth):
        one = indices[..., i]
        ok = ok & (one >= 0) & (one < params.shape[i])
        flat = flat * xp.asarray(params.shape[i], dtype=indices.dtype) + one
        size *= params.shape[i]
    shape = list(params.shape)
    vectors = [indices[..., i] for i in range(depth)]

    def message(at, *values):
        where = "".join(f"{i}," for i in at)
        found = ", ".join(str(int(v)) for v in values)
        return f"indices[{where.rstrip(',')}] = [{found}] does not index into param shape {shape}".replace(
            ", ", ","
        )

    xp.check(ok, InvalidArgumentError, message, *vectors)
    rows = xp.reshape(params, (size, *params.shape[depth:]))
    return xp.ext.gather(rows, flat, axis=0)


def gather_nd_shape(params, indices):
    if indices is None or params is None or not indices or indices[-1] is None:
        return None
    if indices[-1] > len(params):
        raise ShapeError(
            f"indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] = {indices[-1]} "
            f"and params.rank = {len(params)}"
        )
    return (*indices[:-1], *params[indices[-1] :])


def scatter_nd(xp, indices, updates, shape):
    dims = dimensions(shape, "Shape must be a vector, but got shape {}")
    allocate(xp, dims, updates.dtype)
    check_vectors(xp, indices, dims)
    return xp.ext.scatter(xp.zeros(dims, dtype=updates.dtype), indices, updates, how="add")


def check_vectors(xp, indices, dims):
    """Check that index vectors lie within a shape."""
    ok = xp.ones(indices.shape[:-1], dtype=xp.bool)
    vectors = [indices[..., i] for i in range(indices.shape[-1])]
    for one, d in zip(vectors, dims, strict=False):
        ok = ok & (one >= 0) & (one < d)

    def message(at, *values):
        where = ",".join(map(str, at))
        found = ", ".join(str(int(v)) for v in values)
        return (
            f"indices[{where}] = [{found}] does not index into shape [{','.join(map(str, dims))}]"
        )

    xp.check(ok, InvalidArgumentError, message, *vectors)


def scattered_shape(indices, updates, shape):
    del indices, updates
    return shape


# Gradients


def sliced_rows(tf, dy, indices, shape):
    """Return the gradient of rows that were gathered from a tensor of that shape."""
    size = tf.Reshape(tf.shape(indices, out_type=shape.dtype), [-1])
    size = tf.Prod(size, 0, keep_dims=True)
    inner = tf.StridedSlice(shape, [1], [0], [1], end_mask=1)
    values = tf.Reshape(dy, tf.ConcatV2([size, inner], 0))
    return tf.slices(values, tf.Reshape(indices, [-1]), shape)


def gather_gradient(tf, op, dy):
    params, indices = op.inputs
    return sliced_rows(tf, dy, indices, tf.shape(params)), None


def gather_v2_gradient(tf, op, dy):
    params, indices, axis = op.inputs
    shape = tf.shape(params)
    at = tf.constant_value(axis)
    if at is not None and at == 0:
        return sliced_rows(tf, dy, indices, shape), None, None
    batch = _batch_of(op, indices)
    return gathered_gradient(tf, dy, indices, shape, tf.Cast(axis, DstT="int32"), batch), None, None


def _batch_of(op, indices):
    batch = op.get_attr("batch_dims")
    if batch >= 0:
        return batch
    if indices.shape.rank is None:
        raise ValueError(
            "Currently, it is unsupported to take the gradient of tf.gather when batch_dims < 0 "
            "and the rank of the indices is unknown. Please pass a positive batch_dims or use "
            "tf.ensure_shape to update the shape of indices when calling tf.gather. Got "
            f"batch_dims={batch} and indices={indices}"
        )
    return batch + indices.shape.rank


def gathered_gradient(tf, dy, indices, shape, axis, batch):
    """Return the gradient of what was gathered along any axis: sums of segments.

    The gathered axis is moved to the front, behind the batches; a segment is one of its indices in
    one of the batches.
    """
    zero, one = tf.constant(0), tf.constant(1)
    rank = tf.Size(shape)
    axis = tf.Reshape(tf.FloorMod(axis, rank), [])
    of_indices = tf.shape(indices)
    outer = tf.Slice(shape, [0], [batch])
    size = tf.GatherV2(shape, axis, 0)
    chosen = tf.Slice(of_indices, [batch], [-1])
    # The indices as one axis.
    flat = tf.ConcatV2([outer, tf.Prod(chosen, 0, keep_dims=True)], 0)
    before = tf.Slice(shape, [batch], tf.ExpandDims(tf.Sub(axis, batch), 0))
    after = tf.Slice(shape, tf.ExpandDims(tf.AddV2(axis, one), 0), [-1])
    many = tf.Slice(flat, [batch], [1])
    dy = tf.Reshape(dy, tf.ConcatV2([outer, before, many, after], 0))
    order = [
        tf.Range(zero, batch, one),
        tf.ExpandDims(axis, 0),
        tf.Range(tf.constant(batch), axis, one),
        tf.Range(tf.AddV2(axis, one), rank, one),
    ]
    order = tf.ConcatV2(order, 0)
    dy = tf.Transpose(dy, order)
    ids = tf.Reshape(indices, flat)
    batches = tf.Prod(outer, 0)
    if batch:
        starts = tf.Mul(tf.Range(zero, batches, one), size)
        starts = tf.Reshape(starts, tf.ConcatV2([outer, [1]], 0))
        ids = tf.AddV2(ids, tf.Cast(starts, DstT=ids.dtype))
    sums = tf.UnsortedSegmentSum(dy, ids, tf.Mul(batches, size))
    sums = tf.Reshape(sums, tf.GatherV2(shape, order, 0))
    return tf.Transpose(sums, tf.InvertPermutation(order))


def gather_nd_gradient(tf, op, dy):
    params, indices = op.inputs
    return nd_gradient(tf, dy, indices, tf.shape(params, out_type=indices.dtype)), None


def nd_gradient(tf, dy, indices, shape):
    """Return the gradient of what was gathered by index vectors from a tensor of that shape."""
    if indices.shape.rank == 2 and indices.shape.as_list()[1] == 1:
        return tf.slices(dy, tf.Squeeze(indices, squeeze_dims=[-1]), shape)
    return tf.ScatterNd(indices, dy, shape)


def scatter_nd_gradient(tf, op, dy):
    return None, tf.GatherNd(dy, op.inputs[0]), None


define(
    "GatherV2",
    gather_v2,
    shape=gather_shape,
    host="axis",
    unknown_rank=True,
    gradient=gather_v2_gradient,
)
define("Gather", gather, shape=gather_v1_shape, unknown_rank=True, gradient=gather_gradient)
define("GatherNd", gather_nd, shape=gather_nd_shape, unknown_rank=True, gradient=gather_nd_gradient)
define(
    "ScatterNd",
    scatter_nd,
    shape=scattered_shape,
    shape_like="shape",
    unknown_rank=True,
    gradient=scatter_nd_gradient,
)
