"""Bicubic resizing, and the gradients of all resizing: each axis is a sum of a few elements."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from evergraph.dtypes import float32
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.precision import widened
from evergraph.ops.resize import (
    ATTRIBUTES,
    between,
    checked_size,
    fail,
    nearest,
    positions,
    resized_shape,
)
from evergraph.ops.rules import attributes_of
from evergraph.shapes import bracketed

# A table says, for every result along an axis, which elements it is a sum of (padded by elements
# of weight zero), and by what they are multiplied. The gradient has a table as well: turned round.


def summed(xp, x, axis, indices, weights):
    """Return the sums along an axis that a table says."""
    count, most = indices.shape
    if most > 8:
        matrix = np.zeros((count, x.shape[axis]), weights.dtype)
        np.add.at(matrix, (np.arange(count)[:, None], indices), weights)
        moved = xp.matmul(xp.asarray(matrix), xp.moveaxis(x, axis, -2))
        return xp.moveaxis(moved, -2, axis)
    shape = tuple(count if i == axis else 1 for i in range(x.ndim))
    total = None
    for k in range(most):
        part = xp.take(x, xp.asarray(indices[:, k]), axis=axis)
        term = part * xp.reshape(xp.asarray(weights[:, k]), shape)
        total = term if total is None else total + term
    return total


def turned(indices, weights, size):
    """Return the table of the gradient, whose results are the `size` elements."""
    pairs: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for result, row in enumerate(indices):
        for k, element in enumerate(row):
            if weights[result, k]:
                pairs[element].append((result, weights[result, k]))
    most = max(1, *(len(p) for p in pairs))
    table = np.zeros((size, most), np.int64), np.zeros((size, most), weights.dtype)
    for element, found in enumerate(pairs):
        for k, (result, weight) in enumerate(found):
            table[0][element, k], table[1][element, k] = result, weight
    return table


def resize_bicubic(xp, images, size, *, align_corners=False, half_pixel_centers=False):
    rows, columns = checked_size(images, size, align_corners, half_pixel_centers)
    if not images.shape[0]:
        return xp.zeros((0, rows, columns, images.shape[3]), dtype=xp.float32)
    x = xp.astype(images, xp.float32)
    for axis, count in ((1, rows), (2, columns)):
        table = _cubic(images.shape[axis], count, align_corners, half_pixel_centers)
        x = summed(xp, x, axis, *table)
    return x


_STEPS = 1024


@lru_cache(maxsize=2)
def _coefficients(a):
    """Return Keys' cubic at 0 … 1 and at 1 … 2, in steps; float32, as TensorFlow's table."""
    x = np.arange(_STEPS + 1, dtype=np.float64) / _STEPS
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return near.astype(np.float32), far.astype(np.float32)


@lru_cache(maxsize=256)
def _cubic(size, count, align_corners, half_pixel_centers):
    at = positions(size, count, align_corners, half_pixel_centers)
    if half_pixel_centers:
        at = at - np.float32(0.5)
    floor = np.floor(at)
    step = np.rint((at - floor) * np.float32(_STEPS)).astype(np.int64)
    near, far = _coefficients(-0.5 if half_pixel_centers else -0.75)
    weights = np.stack([far[step], near[step], near[_STEPS - step], far[_STEPS - step]], axis=1)
    wanted = floor.astype(np.int64)[:, None] + np.arange(-1, 3)
    indices = np.clip(wanted, 0, size - 1)
    if half_pixel_centers:
        # TF: beyond the border there is nothing; the older forms repeat the border.
        weights = np.where(indices == wanted, weights, np.float32(0))
        total = weights.sum(axis=1, keepdims=True)
        small = np.abs(total) < 1000 * np.finfo(np.float32).tiny
        weights = np.where(small, weights, weights / np.where(small, np.float32(1), total))
    return indices, weights


def resize_bicubic_gradient(tf, op, dy):
    x = op.inputs[0]
    if x.dtype.base_dtype.name not in ("float32", "float64"):
        return None, None
    return tf.ResizeBicubicGrad(dy, x, **attributes_of(op, ATTRIBUTES)), None


define(
    "ResizeBicubic",
    resize_bicubic,
    shape=resized_shape,
    host="size:1",
    unknown_rank=True,
    gradient=resize_bicubic_gradient,
)


def resize_bicubic_grad(
    xp, grads, original_image, *, align_corners=False, half_pixel_centers=False
):
    return _to_image(xp, _cubic, grads, original_image, align_corners, half_pixel_centers)


def _to_image(xp, table, grads, image, align_corners, half_pixel_centers):
    _check_grads(grads, image.shape, align_corners, half_pixel_centers)
    if 0 in grads.shape or 0 in image.shape:
        return xp.zeros(image.shape, dtype=image.dtype)
    wide = xp.float64 if image.dtype == xp.float64 else xp.float32
    x = xp.astype(grads, wide)
    for axis in (1, 2):
        size, count = image.shape[axis], grads.shape[axis]
        sums = table(size, count, align_corners, half_pixel_centers)
        indices, weights = turned(sums[0], sums[1], size)
        x = summed(xp, x, axis, indices, weights.astype(_name(x)))
    return xp.astype(x, image.dtype)


def _check_grads(grads, image, align_corners, half_pixel_centers):
    if align_corners and half_pixel_centers:
        fail("If half_pixel_centers is True, align_corners must be False.")
    for name, shape in (("input_grad", grads.shape), ("original_image", image)):
        if len(shape) != 4:
            fail(f"{name} must be 4-dimensional{bracketed(shape)}")
    if grads.shape[0] != image[0] or grads.shape[3] != image[3]:
        fail(
            "batch and channels must be the same in original_image and grads: "
            f"{bracketed(image)} vs. {bracketed(grads.shape)}"
        )


def image_shape(grads, original_image):
    return original_image


define(
    "ResizeBicubicGrad",
    resize_bicubic_grad,
    shape=image_shape,
    unknown_rank=True,
)


def resize_bilinear_grad(
    xp, grads, original_image, *, align_corners=False, half_pixel_centers=False
):
    return _to_image(xp, _linear, grads, original_image, align_corners, half_pixel_centers)


@lru_cache(maxsize=256)
def _linear(size, count, align_corners, half_pixel_centers):
    lower, upper, near = between(size, count, align_corners, half_pixel_centers)
    return np.stack([lower, upper], axis=1), np.stack([np.float32(1) - near, near], axis=1)


define(
    "ResizeBilinearGrad",
    resize_bilinear_grad,
    shape=image_shape,
    unknown_rank=True,
    gradient=no_gradient,
)


def resize_nearest_neighbor_grad(xp, grads, size, *, align_corners=False, half_pixel_centers=False):
    shape = sized_shape(grads.shape, size)
    if 0 in grads.shape or 0 in shape:
        return xp.zeros(shape, dtype=grads.dtype)
    widest = max(shape[2], grads.shape[2])
    check_allocation((shape[0], shape[1], widest, shape[3]), float32)
    x = grads
    for axis in (1, 2):
        table = _taken(shape[axis], grads.shape[axis], align_corners, half_pixel_centers)
        x = _gathered(xp, x, axis, *table)
    return xp.astype(x, grads.dtype)


@lru_cache(maxsize=256)
def _taken(size, count, align_corners, half_pixel_centers):
    indices = nearest(size, count, align_corners, half_pixel_centers)[:, None]
    return turned(indices, np.ones(indices.shape, np.float32), size)


def _gathered(xp, x, axis, indices, weights):
    x = widened(xp, x)
    return summed(xp, x, axis, indices, weights.astype(_name(x)))


def _name(x):
    """Return the name of an array's dtype, whatever the library."""
    return str(x.dtype).split(".")[-1]


def sized_shape(grads, size):
    if grads is not None and len(grads) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(grads)}",
            f"input must be 4-dimensional{bracketed(grads)}",
        )
    return resized_shape(grads, size)


define(
    "ResizeNearestNeighborGrad",
    resize_nearest_neighbor_grad,
    shape=sized_shape,
    host="size:1",
    unknown_rank=True,
)
