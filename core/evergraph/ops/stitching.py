"""Pieces put together by indices, and taken apart: DynamicStitch, DynamicPartition, ConcatOffset."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.array import allocate
from evergraph.ops.rules import merged
from evergraph.shapes import bracketed


def dynamic_stitch(xp, indices, data):
    indices = [np.asarray(i) for i in indices]
    inner = data[0].shape[indices[0].ndim :]
    for n, (i, d) in enumerate(zip(indices, data, strict=True)):
        if d.shape[: i.ndim] != i.shape:
            raise ShapeError(
                f"data[{n}].shape = {bracketed(d.shape)} does not start with indices[{n}].shape = "
                f"{bracketed(i.shape)}"
            )
        if d.shape[i.ndim :] != inner:
            raise ShapeError(
                f"Need data[0].shape[{indices[0].ndim}:] = data[{n}].shape[{i.ndim}:], got "
                f"data[0].shape = {bracketed(data[0].shape)}, data[{n}].shape = "
                f"{bracketed(d.shape)}, indices[0].shape = {bracketed(indices[0].shape)}, "
                f"indices[{n}].shape = {bracketed(i.shape)}"
            )
    places = np.concatenate([i.reshape(-1) for i in indices])
    if (places < 0).any():
        text = f"indices[{int(np.argmax(places < 0))}] is out of range"
        raise InvalidArgumentError(None, None, text)
    # The last one of equal places wins. Where nobody puts anything, the result is not defined.
    count = _count(places)
    allocate(xp, (count, *inner), data[0].dtype)
    allocate(xp, (count,), np.int64)
    source = np.zeros(count, np.int64)
    source[places] = np.arange(places.size)
    flat = [xp.reshape(d, (i.size, *inner)) for i, d in zip(indices, data, strict=True)]
    return xp.take(xp.concat(flat, axis=0), xp.asarray(source), axis=0)


def _count(places):
    return int(places.max()) + 1 if places.size else 0


def stitched_shape(indices, data):
    # TF: how many rows there are is known only if all indices are.
    known = all(i is not None for i in indices)
    count = _count(np.concatenate([i.reshape(-1) for i in indices])) if known else None
    inner = None
    for i, d in zip(indices, data, strict=True):
        if i is None or d is None:
            continue
        merged(tuple(d[: i.ndim]), i.shape)
        inner = merged(inner, tuple(d[i.ndim :]))
    return None if inner is None else (count, *inner)


def dynamic_partition(xp, data, partitions, *, num_partitions):
    if data.shape[: partitions.ndim] != partitions.shape:
        raise ShapeError(
            "Dimension 0 in both shapes must be equal",
            "data.shape must start with partitions.shape, got data.shape = "
            f"{bracketed(data.shape)}, partitions.shape = {bracketed(partitions.shape)}",
        )

    def message(at, value):
        where = f"[{','.join(map(str, at))}]" if at else ""
        return f"partitions{where} = {int(value)} is not in [0, {num_partitions})"

    ok = (partitions >= 0) & (partitions < num_partitions)
    xp.check(ok, InvalidArgumentError, message, partitions)
    flat = xp.reshape(partitions, (-1,))
    rows = xp.reshape(data, (flat.shape[0], *data.shape[partitions.ndim :]))
    return [xp.take(rows, xp.nonzero(flat == i)[0], axis=0) for i in range(num_partitions)]


def partitioned_shape(data, partitions, *, num_partitions):
    if data is None or partitions is None:
        return [None] * num_partitions
    merged(data[: len(partitions)], partitions)
    return [(None, *data[len(partitions) :])] * num_partitions


def concat_offset(xp, concat_dim, shape):
    sizes = np.stack([np.asarray(s) for s in shape])
    rank = sizes.shape[1]
    at = int(np.asarray(concat_dim))
    if not -rank <= at < rank:
        raise ShapeError(
            f"Concat dim is out of range: {at} vs. {rank}",
        )
    at %= rank
    for i, one in enumerate(sizes):
        for j in range(rank):
            if j != at and one[j] != sizes[0][j]:
                raise ShapeError(
                    f"All dimensions except {at} must match. Input {i} has shape "
                    f"{bracketed(one)} and doesn't match input 0 with shape {bracketed(sizes[0])}."
                )
    offsets = np.zeros_like(sizes)
    offsets[1:, at] = np.cumsum(sizes[:-1, at])
    return list(offsets)


def offset_shapes(concat_dim, shape):
    return [(None,) if s is None else (len(s),) for s in shape]


# Gradients


def stitch_gradient(tf, op, dy):
    count = len(op.inputs) // 2
    indices = op.inputs[:count]
    return [None] * count + [tf.GatherV2(dy, i, 0) for i in indices]


def partition_gradient(tf, op, *dys):
    data, partitions = op.inputs
    shape = tf.shape(partitions)
    zero, one = tf.constant(0), tf.constant(1)
    numbers = tf.Reshape(tf.Range(zero, tf.Prod(shape, 0), one), shape)
    count = op.get_attr("num_partitions")
    places = tf.DynamicPartition(numbers, partitions, num_partitions=count)
    whole = tf.ParallelDynamicStitch(list(places), list(dys))
    return tf.Reshape(whole, tf.shape(data)), None


for _type in ("DynamicStitch", "ParallelDynamicStitch"):
    define(
        _type,
        dynamic_stitch,
        shape=stitched_shape,
        host="indices",
        unknown_rank=True,
        gradient=stitch_gradient,
    )
define(
    "DynamicPartition",
    dynamic_partition,
    shape=partitioned_shape,
    unknown_rank=True,
    gradient=partition_gradient,
)
define(
    "ConcatOffset",
    concat_offset,
    shape=offset_shapes,
    host="concat_dim",
    shape_like="shape",
    unknown_rank=True,
    gradient=no_gradient,
)
