"""Blocks of space moved to the batch or the channels: SpaceToBatchND, DepthToSpace …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, zero
from evergraph.ops.rules import vector, with_rank, with_rank_at_least
from evergraph.shapes import bracketed


def space_to_batch_nd(xp, x, block_shape, paddings):
    block, sides = _blocks(x.ndim, block_shape, paddings, "paddings")
    count = len(block)
    rest = x.ndim - 1 - count
    padded = [d + a + b for d, (a, b) in zip(x.shape[1:], sides, strict=False)]
    allocate(xp, (x.shape[0], *padded, *x.shape[1 + count :]), x.dtype)
    x = xp.ext.pad(x, [(0, 0), *sides, *[(0, 0)] * rest], zero(xp, x.dtype))
    spatial = x.shape[1 : 1 + count]
    shape = [x.shape[0]]
    for i, (d, b) in enumerate(zip(spatial, block, strict=True)):
        shape += [_padded_blocks(i, d, b), b]
    y = xp.reshape(x, (*shape, *x.shape[1 + count :]))
    inner = [2 + 2 * i for i in range(count)]
    outer = [1 + 2 * i for i in range(count)]
    y = xp.permute_dims(y, (*inner, 0, *outer, *range(1 + 2 * count, y.ndim)))
    sizes = [d // b for d, b in zip(spatial, block, strict=True)]
    return xp.reshape(y, (x.shape[0] * math.prod(block), *sizes, *x.shape[1 + count :]))


def batch_to_space_nd(xp, x, block_shape, crops):
    block, sides = _blocks(x.ndim, block_shape, crops, "crops")
    count = len(block)
    batch = _image_count(x.shape[0], math.prod(block))
    y = xp.reshape(x, (*block, batch, *x.shape[1:]))
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    y = xp.permute_dims(y, (*order, *range(2 * count + 1, y.ndim)))
    spatial = [d * b for d, b in zip(x.shape[1 : 1 + count], block, strict=True)]
    y = xp.reshape(y, (batch, *spatial, *x.shape[1 + count :]))
    key = [slice(None)]
    for d, (a, b) in zip(spatial, sides, strict=True):
        _cropped(d, a, b)
        key.append(slice(a, d - b))
    return y[tuple(key) + (slice(None),) * (y.ndim - 1 - count)]


def _blocks(rank, block_shape, sides, name):
    """Return the block sizes, and the padding or cropping of each blocked axis, checked."""
    block = vector(block_shape, "block_shape should be a vector, but got shape {}")
    if rank < 1 + len(block):
        raise ShapeError(
            f"Shape must be at least rank {1 + len(block)} but is rank {rank}",
            f"input rank should be >= {1 + len(block)} instead of {rank}",
        )
    sides = np.asarray(sides)
    if sides.shape != (len(block), 2):
        shape = bracketed(sides.shape)
        raise ShapeError(f"{name} should have shape [{len(block)}, 2] instead of {shape}")
    if any(b < 1 for b in block):
        raise ShapeError(
            f"block_shape must be positive, got {block}",
            f"All values in block_shape must be positive, got value, {min(block)} at index "
            f"{block.index(min(block))}.",
        )
    if (sides < 0).any():
        raise ShapeError(f"{name} cannot be negative")
    return block, [(int(a), int(b)) for a, b in sides]


def _padded_blocks(axis, size, block):
    if size % block:
        raise ShapeError(
            f"Dimension size must be evenly divisible by {block} but is {size}",
            f"padded_shape[{axis}]={size} is not divisible by block_shape[{axis}]={block}",
        )
    return size // block


def _image_count(batch, area):
    if batch % area:
        raise ShapeError(
            f"Dimension size must be evenly divisible by {area} but is {batch}",
            f"Input batch dimension ({batch}) is not divisible by product of block sizes ({area})",
        )
    return batch // area


def _cropped(size, before, after):
    if before + after > size:
        raise ShapeError(
            f"Negative dimension size caused by subtracting {after} from {size - before}",
            f"cropped_shape must be non-negative, but is {size - before - after}",
        )
    return size - before - after


def to_batch_shape(x, block_shape, paddings):
    if block_shape is None:
        return (None,) * len(x)
    area, count = math.prod(block_shape.tolist()), block_shape.size
    with_rank_at_least(x, 1 + count)
    batch = None if x[0] is None else x[0] * area
    if paddings is None:
        return (batch, *(None,) * count, *x[1 + count :])
    block, sides = _blocks(len(x), block_shape, paddings, "paddings")
    spatial = [
        None if d is None else _padded_blocks(i, d + a + b, k)
        for i, (d, (a, b), k) in enumerate(zip(x[1:], sides, block, strict=False))
    ]
    return (batch, *spatial, *x[1 + count :])


def to_space_shape(x, block_shape, crops):
    if block_shape is None:
        return (None,) * len(x)
    area, count = math.prod(block_shape.tolist()), block_shape.size
    with_rank_at_least(x, 1 + count)
    batch = None if x[0] is None or area < 1 else _image_count(x[0], area)
    if crops is None:
        return (batch, *(None,) * count, *x[1 + count :])
    block, sides = _blocks(len(x), block_shape, crops, "crops")
    spatial = [
        None if d is None else _cropped(d * k, a, b)
        for d, (a, b), k in zip(x[1:], sides, block, strict=False)
    ]
    return (batch, *spatial, *x[1 + count :])


def space_to_batch(xp, x, paddings, *, block_size):
    return space_to_batch_nd(xp, x, (block_size, block_size), paddings)


def space_to_batch_shape(x, paddings, *, block_size):
    return to_batch_shape(with_rank(x, 4), np.array([block_size, block_size]), paddings)


def batch_to_space(xp, x, crops, *, block_size):
    return batch_to_space_nd(xp, x, (block_size, block_size), crops)


def batch_to_space_shape(x, crops, *, block_size):
    return to_space_shape(with_rank(x, 4), np.array([block_size, block_size]), crops)


# Depth. An image is NHWC, NCHW or NCHW_VECT_C; the latter has no kernel on a CPU in TensorFlow.


def space_to_depth(xp, x, *, block_size, data_format="NHWC"):
    n, h, w, c = _image(x, data_format)
    if h % block_size or w % block_size:
        raise ShapeError(
            f"Image width {w} and height {h} should be divisible by block_size: {block_size}"
        )
    rows, columns = h // block_size, w // block_size
    if data_format == "NHWC":
        y = xp.reshape(x, (n, rows, block_size, columns, block_size, c))
        y = xp.permute_dims(y, (0, 1, 3, 2, 4, 5))
        return xp.reshape(y, (n, rows, columns, block_size * block_size * c))
    y = xp.reshape(x, (n, c, rows, block_size, columns, block_size))
    y = xp.permute_dims(y, (0, 3, 5, 1, 2, 4))
    return xp.reshape(y, (n, block_size * block_size * c, rows, columns))


def depth_to_space(xp, x, *, block_size, data_format="NHWC"):
    n, h, w, c = _image(x, data_format)
    area = block_size * block_size
    if c % area:
        raise ShapeError(f"Input depth dimension {c} should be divisible by: {area}")
    depth = c // area
    if data_format == "NHWC":
        y = xp.reshape(x, (n, h, w, block_size, block_size, depth))
        y = xp.permute_dims(y, (0, 1, 3, 2, 4, 5))
        return xp.reshape(y, (n, h * block_size, w * block_size, depth))
    y = xp.reshape(x, (n, block_size, block_size, depth, h, w))
    y = xp.permute_dims(y, (0, 3, 4, 1, 5, 2))
    return xp.reshape(y, (n, depth, h * block_size, w * block_size))


def _image(x, data_format):
    """Return batch, height, width and depth."""
    if x.ndim != 4:
        raise ShapeError(f"Input rank should be 4 instead of {x.ndim}")
    order = {"NHWC": (0, 1, 2, 3), "NCHW": (0, 2, 3, 1)}[data_format]
    return tuple(x.shape[i] for i in order)


def to_depth_shape(x, *, block_size, data_format="NHWC"):
    with_rank(x, 4)
    across, times = _divided_by(block_size), _multiplied_by(block_size * block_size)
    return _by_axis(x, data_format, across, times)


def to_depthless_shape(x, *, block_size, data_format="NHWC"):
    with_rank(x, 4)
    across, times = _multiplied_by(block_size), _divided_by(block_size * block_size)
    return _by_axis(x, data_format, across, times)


def _by_axis(x, data_format, space, depth):
    changes = {"N": lambda d: d, "H": space, "W": space, "C": depth}
    return tuple(changes[letter](d) for letter, d in zip(data_format, x, strict=True))


def _divided_by(factor):
    def divided(size):
        if size is not None and size % factor:
            raise ShapeError(f"Dimension size must be evenly divisible by {factor} but is {size}")
        return None if size is None else size // factor

    return divided


def _multiplied_by(factor):
    return lambda size: None if size is None else size * factor


# Each is undone by its opposite.


def undone_nd(type):
    def gradient(tf, op, dy):
        return getattr(tf, type)(dy, *op.inputs[1:]), None, None

    return gradient


def undone_batch(type):
    def gradient(tf, op, dy):
        size = op.get_attr("block_size")
        return getattr(tf, type)(dy, op.inputs[1], block_size=size), None

    return gradient


def undone_depth(type):
    def gradient(tf, op, dy):
        attributes = {name: op.get_attr(name) for name in ("block_size", "data_format")}
        return getattr(tf, type)(dy, **attributes)

    return gradient


define(
    "SpaceToBatchND",
    space_to_batch_nd,
    shape=to_batch_shape,
    host="block_shape:1 paddings:2",
    gradient=undone_nd("BatchToSpaceND"),
)
define(
    "BatchToSpaceND",
    batch_to_space_nd,
    shape=to_space_shape,
    host="block_shape:1 crops:2",
    gradient=undone_nd("SpaceToBatchND"),
)
define(
    "SpaceToBatch",
    space_to_batch,
    shape=space_to_batch_shape,
    host="paddings:2",
    gradient=undone_batch("BatchToSpace"),
)
define(
    "BatchToSpace",
    batch_to_space,
    shape=batch_to_space_shape,
    host="crops:2",
    gradient=undone_batch("SpaceToBatch"),
)
define("SpaceToDepth", space_to_depth, shape=to_depth_shape, gradient=undone_depth("DepthToSpace"))
define(
    "DepthToSpace", depth_to_space, shape=to_depthless_shape, gradient=undone_depth("SpaceToDepth")
)
