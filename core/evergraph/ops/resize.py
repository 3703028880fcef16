"""Resizing images: ResizeBilinear, ResizeNearestNeighbor."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from evergraph.dtypes import float32
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.rules import attributes_of, slice_of
from evergraph.shapes import bracketed


def resize_bilinear(xp, images, size, *, align_corners=False, half_pixel_centers=False):
    rows, columns = checked_size(images, size, align_corners, half_pixel_centers)
    if not images.shape[0]:
        return xp.zeros((0, rows, columns, images.shape[3]), dtype=xp.float32)
    x = xp.astype(images, xp.float32)
    for axis, count in ((1, rows), (2, columns)):
        if count != images.shape[axis]:
            at = between(images.shape[axis], count, align_corners, half_pixel_centers)
            x = _interpolated(xp, x, axis, *at)
    return x


def _interpolated(xp, x, axis, lower, upper, weight):
    shape = [1] * x.ndim
    shape[axis] = weight.shape[0]
    weight = xp.reshape(xp.asarray(weight), tuple(shape))
    before = xp.take(x, xp.asarray(lower), axis=axis)
    after = xp.take(x, xp.asarray(upper), axis=axis)
    return before + (after - before) * weight


def resize_nearest_neighbor(xp, images, size, *, align_corners=False, half_pixel_centers=False):
    rows, columns = checked_size(images, size, align_corners, half_pixel_centers)
    if not images.shape[0]:
        return xp.zeros((0, rows, columns, images.shape[3]), dtype=images.dtype)
    x = images
    for axis, count in ((1, rows), (2, columns)):
        if count != images.shape[axis]:
            at = nearest(images.shape[axis], count, align_corners, half_pixel_centers)
            x = xp.take(x, xp.asarray(at), axis=axis)
    return x


def checked_size(images, size, align_corners, half_pixel_centers):
    """Return the rows and columns asked for."""
    if align_corners and half_pixel_centers:
        fail("If half_pixel_centers is True, align_corners must be False.")
    resized_shape(images.shape, size)
    rows, columns = (int(n) for n in size)
    if rows <= 0 or columns <= 0:
        fail("output dimensions must be positive")
    if 0 in images.shape[1:3]:
        fail("input image must be of non-zero size")
    if images.shape[3] == 0:
        fail("image must have at least one channel")
    # Rows come first, and are as wide as the image then.
    widest = max(columns, images.shape[2])
    check_allocation((images.shape[0], rows, widest, images.shape[3]), float32)
    return rows, columns


def fail(text):
    raise InvalidArgumentError(None, None, text)


# Positions are computed in float32, as TensorFlow does: a rounded one may be another pixel.


@lru_cache(maxsize=256)
def between(size, count, align_corners, half_pixel_centers):
    """Return, for every output, the two inputs it lies between, and how near the second it is."""
    at = positions(size, count, align_corners, half_pixel_centers)
    if half_pixel_centers:
        at = at - np.float32(0.5)
    floor = np.floor(at)
    lower = np.maximum(floor, 0).astype(np.int64)
    upper = np.minimum(np.ceil(at), size - 1).astype(np.int64)
    return lower, upper, at - floor


@lru_cache(maxsize=256)
def nearest(size, count, align_corners, half_pixel_centers):
    """Return the input that every output takes."""
    at = positions(size, count, align_corners, half_pixel_centers)
    at = np.floor(at + np.float32(0.5)) if align_corners else np.floor(at)
    return np.clip(at, 0, size - 1).astype(np.int64)


def positions(size, count, align_corners, half_pixel_centers):
    if align_corners and count > 1:
        scale = np.float32(size - 1) / np.float32(count - 1)
    else:
        scale = np.float32(size) / np.float32(count)
    at = np.arange(count, dtype=np.float32)
    return (at + np.float32(0.5)) * scale if half_pixel_centers else at * scale


def resized_shape(images, size):
    if images is None:
        images = (None,) * 4
    if len(images) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(images)}",
            f"input must be 4-dimensional{bracketed(images)}",
        )
    if size is None:
        return (images[0], None, None, images[3])
    if size.ndim != 1:
        raise ShapeError(
            f"Shape must be rank 1 but is rank {size.ndim}",
            f"shape_t must be 1-dimensional{bracketed(size.shape)}",
        )
    if size.shape != (2,):
        raise ShapeError(
            f"Dimension must be 2 but is {size.shape[0]}",
            f"shape_t must have two elements{bracketed(size.shape)}",
        )
    for n in size:
        if n < 0:
            raise ShapeError(f"Dimension {n} must be >= 0", "output dimensions must be positive")
    return (images[0], int(size[0]), int(size[1]), images[3])


ATTRIBUTES = ("align_corners", "half_pixel_centers")


def resize_bilinear_gradient(tf, op, dy):
    return tf.ResizeBilinearGrad(dy, op.inputs[0], **attributes_of(op, ATTRIBUTES)), None


def resize_nearest_neighbor_gradient(tf, op, dy):
    x = op.inputs[0]
    known = x.shape[1:3]
    size = known.as_list() if known.is_fully_defined() else slice_of(tf, tf.Shape(x), 1, 3)
    return tf.ResizeNearestNeighborGrad(dy, size, **attributes_of(op, ATTRIBUTES)), None


define(
    "ResizeBilinear",
    resize_bilinear,
    shape=resized_shape,
    host="size:1",
    unknown_rank=True,
    gradient=resize_bilinear_gradient,
)
define(
    "ResizeNearestNeighbor",
    resize_nearest_neighbor,
    shape=resized_shape,
    host="size:1",
    unknown_rank=True,
    gradient=resize_nearest_neighbor_gradient,
)
