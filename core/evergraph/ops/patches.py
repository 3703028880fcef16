"""Patches of images and volumes as rows: ExtractImagePatches, ExtractVolumePatches."""

from __future__ import annotations

from evergraph.dtypes import float64
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.rules import attributes_of
from evergraph.shapes import bracketed


def _windows(x, ksizes, strides, rates, padding):
    """Return, for each axis in space, the size, stride and rate, how many, and the padding."""
    rank = len(x)
    if rank != len(ksizes) or len(strides) != rank or len(rates) != rank:
        raise ShapeError(
            f"Shape must be rank {len(ksizes)} but is rank {rank}",
            f"input must be {len(ksizes)}-dimensional{bracketed(x)}",
        )
    for name, values in (("ksizes", ksizes), ("strides", strides), ("rates", rates)):
        if values[0] != 1 or values[-1] != 1:
            raise ShapeError(f"{name} of the batch and of the depth must be 1")
        if min(values) < 1:
            raise ShapeError(f"{name} must be positive: {list(values)}")
    found = []
    for size, k, stride, rate in zip(
        x[1:-1], ksizes[1:-1], strides[1:-1], rates[1:-1], strict=True
    ):
        reach = (k - 1) * rate + 1
        if size is None:
            found.append((k, stride, rate, None, 0, 0))
            continue
        if padding == "SAME":
            count = -(-size // stride)
            total = max((count - 1) * stride + reach - size, 0)
            found.append((k, stride, rate, count, total // 2, total - total // 2))
        else:
            count = (size - reach) // stride + 1
            if count < 0:
                raise ShapeError(
                    f"Negative dimension size caused by subtracting {reach} from {size}",
                    "Computed output size would be negative",
                )
            found.append((k, stride, rate, count, 0, 0))
    return found


def _extracted(xp, x, windows):
    depth = x.shape[-1]
    shape = [x.shape[0], *(w[3] for w in windows), depth]
    for w in windows:
        shape[-1] *= w[0]
    check_allocation(shape, float64)
    if 0 in shape:
        return xp.zeros(tuple(shape), dtype=x.dtype)
    sides = [(0, 0), *((w[4], w[5]) for w in windows), (0, 0)]
    # A last window may end behind what a stride leaves.
    x = xp.ext.pad(x, sides, xp.zeros((), dtype=x.dtype))
    places: list[tuple[slice, ...]] = [()]
    for k, stride, rate, count, _, _ in windows:
        places = [
            (*p, slice(i * rate, i * rate + (count - 1) * stride + 1, stride))
            for p in places
            for i in range(k)
        ]
    return xp.concat([x[(slice(None), *p, slice(None))] for p in places], axis=-1)


def _patches_shape(x, ksizes, strides, rates, padding):
    if x is None:
        x = (None,) * len(ksizes)
    windows = _windows(x, ksizes, strides, rates, padding)
    depth = x[-1]
    for w in windows:
        depth = None if depth is None else depth * w[0]
    return (x[0], *(w[3] for w in windows), depth)


def image_patches(xp, images, *, ksizes, strides, rates, padding):
    return _extracted(xp, images, _windows(images.shape, ksizes, strides, rates, padding))


def image_patches_shape(images, *, ksizes, strides, rates, padding):
    return _patches_shape(images, ksizes, strides, rates, padding)


def volume_patches(xp, input, *, ksizes, strides, padding):
    return _extracted(xp, input, _windows(input.shape, ksizes, strides, [1] * 5, padding))


def volume_patches_shape(input, *, ksizes, strides, padding):
    return _patches_shape(input, ksizes, strides, [1] * 5, padding)


def patches_gradient(names):
    def gradient(tf, op, dy):
        (x,) = op.inputs
        sizes = tf.Shape(x)
        rank = len(op.get_attr("ksizes"))
        space = tf.StridedSlice(sizes, [1], [rank - 1], [1])
        batch = tf.StridedSlice(sizes, [0], [1], [1])
        depth = tf.StridedSlice(sizes, [rank - 1], [rank], [1])
        total = tf.Prod(space, 0)
        # Patches of the numbers of the places; zero stands for the padding.
        numbers = tf.Range(tf.constant(1), tf.AddV2(total, 1), tf.constant(1))
        picture = tf.Reshape(numbers, tf.ConcatV2([[1], space, [1]], 0))
        attributes = attributes_of(op, names)
        attributes["padding"] = attributes["padding"].decode()
        places = getattr(tf, op.type)(picture, **attributes)
        ids = tf.Sub(tf.Reshape(places, [-1]), 1)
        rows = tf.Reshape(dy, tf.ConcatV2([batch, tf.Reshape(tf.Size(ids), [1]), depth], 0))
        summed = tf.UnsortedSegmentSum(tf.Transpose(rows, [1, 0, 2]), ids, total)
        return tf.Reshape(tf.Transpose(summed, [1, 0, 2]), sizes)

    return gradient


define(
    "ExtractImagePatches",
    image_patches,
    shape=image_patches_shape,
    unknown_rank=True,
    gradient=patches_gradient(("ksizes", "strides", "rates", "padding")),
)
define(
    "ExtractVolumePatches",
    volume_patches,
    shape=volume_patches_shape,
    unknown_rank=True,
    gradient=patches_gradient(("ksizes", "strides", "padding")),
)
