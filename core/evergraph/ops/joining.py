"""Joining and splitting: Pack, Unpack, ConcatV2, Split, SplitV."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.op import ShapeError, define
from evergraph.ops.rules import axis_in_range, merged
from evergraph.shapes import bracketed


def pack(xp, values, *, axis=0):
    return xp.stack(values, axis=_pack_axis(axis, np.ndim(values[0])))


def _pack_axis(axis, rank):
    if not -rank - 1 <= axis <= rank:
        raise ShapeError(
            f"Invalid axis {axis} for input rank {rank}; must be in [{-rank - 1}, {rank}]",
            f"axis = {axis} not in [{-rank - 1}, {rank + 1})",
        )
    return axis + rank + 1 if axis < 0 else axis


def packed_shape(values, *, axis=0):
    shape = None
    for value in values:
        try:
            shape = merged(shape, value)
        except ShapeError as error:
            raise ShapeError(
                f"{error}",
                f"Shapes of all inputs must match: values[0].shape = {bracketed(values[0])} != "
                f"values[{values.index(value)}].shape = {bracketed(value)}",
            ) from None
    if shape is None:
        return None
    at = _pack_axis(axis, len(shape))
    return (*shape[:at], len(values), *shape[at:])


def parallel_concat(xp, values, *, shape):
    wanted = tuple(shape)
    for i, value in enumerate(values):
        if value.shape[:1] != (1,):
            raise ShapeError(f"values[{i}] must have a first dimension of 1")
    found = xp.concat(values, axis=0)
    if found.shape != wanted:
        raise ShapeError(
            f"the values have the shape {bracketed(found.shape)}, not {bracketed(wanted)}"
        )
    return found


def parallel_concat_shape(values, *, shape):
    wanted = tuple(shape)
    if None in wanted:
        raise ShapeError("shape attr must be fully defined.")
    one = (1, *wanted[1:])
    for value in values:
        if value is None or None in value:
            raise ShapeError("All input shapes must be fully defined.")
        if tuple(value) != one:
            raise ShapeError(
                f"Size of first dimension must be 1, and the others as those of the output: "
                f"{bracketed(value)} vs. {bracketed(one)}"
            )
    return wanted


def unpack(xp, value, *, num, axis=0):
    at = axis_in_range(axis, value.ndim)
    if value.shape[at] != num:
        raise ShapeError(
            f"Dimension must be {num} but is {value.shape[at]}",
            f"Input shape axis {at} must equal {num}, got shape {bracketed(value.shape)}",
        )
    before, after = (slice(None),) * at, (slice(None),) * (value.ndim - at - 1)
    return [value[(*before, i, *after)] for i in range(num)]


def unpacked_shape(value, *, num, axis=0):
    at = axis_in_range(axis, len(value))
    if value[at] not in (None, num):
        raise ShapeError(f"Dimension must be {num} but is {value[at]}")
    return [value[:at] + value[at + 1 :]] * num


def concat(xp, values, axis):
    at = axis_in_range(axis, values[0].ndim)
    return xp.concat(values, axis=at)


def concat_v1(xp, axis, values):
    return concat(xp, values, axis)


def concatenated_shape(values, axis):
    known = [v for v in values if v is not None]
    if not known:
        return None
    rank = len(known[0])
    if any(len(v) != rank for v in known):
        other = next(v for v in known if len(v) != rank)
        raise ShapeError(
            f"Shapes must be equal rank, but are {rank} and {len(other)}",
            f"ConcatOp : Ranks of all input tensors should match: shape[0] = {bracketed(known[0])} "
            f"vs. shape[{values.index(other)}] = {bracketed(other)}",
        )
    if rank == 0:
        raise ShapeError(
            "Can't concatenate scalars (use tf.stack instead)",
            "ConcatOp : Can't concatenate scalars (use tf.stack instead)",
        )
    if axis is None:
        return (None,) * rank
    if not -rank <= int(axis) < rank:
        raise ShapeError(
            f"Shape must be at least rank {int(axis) + 1} but is rank {rank}",
            f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), "
            f"but got {int(axis)}",
        )
    at = int(axis) % rank
    result = list(known[0])
    for i, v in enumerate(values):
        if v is None:
            result[at] = None
            continue
        for j in range(rank):
            if j == at:
                continue
            if None not in (result[j], v[j]) and result[j] != v[j]:
                raise ShapeError(
                    f"Dimension {j} in both shapes must be equal, but are {result[j]} and {v[j]}. "
                    f"Shapes are {bracketed(known[0])} and {bracketed(v)}.",
                    f"ConcatOp : Dimension {j} in both shapes must be equal: shape[0] = "
                    f"{bracketed(known[0])} vs. shape[{i}] = {bracketed(v)}",
                )
            result[j] = v[j] if result[j] is None else result[j]
    sizes: list[Any] = [None if v is None else v[at] for v in values]
    result[at] = None if None in sizes else sum(sizes)
    return tuple(result)


def split(xp, axis, value, *, num_split):
    split_shape(axis, tuple(value.shape), num_split=num_split)
    at = axis_in_range(axis, value.ndim)
    size = value.shape[at] // num_split
    return _cut(value, at, [size] * num_split)


def _cut(value, at, sizes):
    before, after = (slice(None),) * at, (slice(None),) * (value.ndim - at - 1)
    parts, start = [], 0
    for size in sizes:
        parts.append(value[(*before, slice(start, start + size), *after)])
        start += size
    return parts


def split_shape(axis, value, *, num_split):
    if value is None:
        return [None] * num_split
    if axis is None:
        return [(None,) * len(value)] * num_split
    at = axis_in_range(axis, len(value))
    size = value[at]
    if size is not None:
        if size % num_split:
            raise ShapeError(
                f"Dimension size must be evenly divisible by {num_split} but is {size}",
                f"Number of ways to split should evenly divide the split dimension, but got "
                f"split_dim {at} (size = {size}) and num_split {num_split}",
            )
        size //= num_split
    return [(*value[:at], size, *value[at + 1 :])] * num_split


def split_v(xp, value, size_splits, axis, *, num_split):
    at = axis_in_range(axis, value.ndim)
    return _cut(value, at, _sizes(value.shape[at], size_splits))


def _sizes(total, size_splits):
    sizes = [int(s) for s in np.asarray(size_splits).reshape(-1)]
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = total - (sum(sizes) + 1)
    if total is not None and (sum(sizes) != total or min(sizes) < 0):
        raise ShapeError(
            f"Determined shape must either match input shape along split_dim exactly if fully "
            f"specified, or be less than the size of the input along split_dim if not fully "
            f"specified.  Got: {sum(sizes)}"
        )
    return sizes


def split_v_shape(value, size_splits, axis, *, num_split):
    if axis is None:
        return [(None,) * len(value)] * num_split
    at = axis_in_range(axis, len(value))
    if size_splits is None or value[at] is None:
        sizes: list[int | None] = [None] * num_split
        if size_splits is not None:
            sizes = [None if s == -1 else int(s) for s in size_splits.reshape(-1)]
    else:
        sizes = _sizes(value[at], size_splits)
    return [(*value[:at], s, *value[at + 1 :]) for s in sizes]


# Gradients


def pack_gradient(tf, op, dy):
    return tf.Unpack(dy, num=op.get_attr("N"), axis=op.get_attr("axis"))


def unpack_gradient(tf, op, *dys):
    return tf.Pack(list(dys), axis=op.get_attr("axis"))


def concat_gradient(tf, op, dy):
    return [*_parts(tf, dy, op.inputs[:-1], op.inputs[-1]), None]


def concat_v1_gradient(tf, op, dy):
    return [None, *_parts(tf, dy, op.inputs[1:], op.inputs[0])]


def _parts(tf, dy, values, axis):
    """Return the parts of a gradient that belong to values joined along an axis."""
    at = tf.constant_value(axis)
    shapes = [v.shape for v in values]
    if at is not None and all(s.rank is not None for s in shapes):
        sizes = [s.as_list()[int(at)] for s in shapes]
        if None not in sizes:
            axis = tf.Cast(axis, DstT="int32")
            return tf.SplitV(dy, sizes, axis, num_split=len(values))
    axis = tf.FloorMod(tf.Cast(axis, DstT="int32"), tf.Rank(values[0]))
    shapes = [tf.shape(v) for v in values]
    offsets = tf.ConcatOffset(axis, shapes)
    return [tf.Slice(dy, begin, size) for begin, size in zip(offsets, shapes, strict=True)]


def split_gradient(tf, op, *dys):
    return None, _joined(tf, dys, op.inputs[0])


def split_v_gradient(tf, op, *dys):
    return _joined(tf, dys, op.inputs[2]), None, None


def _joined(tf, dys, axis):
    return dys[0] if len(dys) == 1 else tf.ConcatV2(list(dys), axis)


define("Pack", pack, shape=packed_shape, unknown_rank=True, gradient=pack_gradient)
define("Unpack", unpack, shape=unpacked_shape, gradient=unpack_gradient)
define(
    "ConcatV2",
    concat,
    shape=concatenated_shape,
    host="axis",
    unknown_rank=True,
    gradient=concat_gradient,
)
define(
    "Concat",
    concat_v1,
    shape=lambda axis, values: concatenated_shape(values, axis),
    host="axis",
    unknown_rank=True,
    gradient=concat_v1_gradient,
)
define("Split", split, shape=split_shape, host="axis", unknown_rank=True, gradient=split_gradient)
define("SplitV", split_v, shape=split_v_shape, host="size_splits axis", gradient=split_v_gradient)
define("ParallelConcat", parallel_concat, shape=parallel_concat_shape, unknown_rank=True)
