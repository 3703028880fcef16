"""Windows of images: CropAndResize and its gradients."""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import float32
from evergraph.errors import InvalidArgumentError, OutOfRangeError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.rules import attributes_of, merged_dim, with_rank
from evergraph.shapes import bracketed


def _failure(message):
    return InvalidArgumentError(None, None, message)


def crop_and_resize(
    xp, image, boxes, box_ind, crop_size, *, method="bilinear", extrapolation_value=0.0
):
    _check_image(image, "image")
    _check_boxes(boxes, box_ind)
    rows, columns = _crop_size(crop_size)
    count, depth = boxes.shape[0], image.shape[3]
    check_allocation((count, rows, columns, depth), float32)
    if not count:
        return xp.zeros((0, rows, columns, depth), dtype=xp.float32)
    _check_index(xp, box_ind, image.shape[0])
    y, x = _positions(xp, boxes, rows, columns, image.shape)
    x_float = xp.astype(image, xp.float32)
    if method == "nearest":
        found = _pixels(xp, x_float, box_ind, _nearest(xp, y), _nearest(xp, x))
    else:
        (top, bottom, down), (left, right, across) = _between(xp, y), _between(xp, x)
        down, across = down[:, :, None, None], across[:, None, :, None]
        upper, lower = (
            (lambda a, b: a + (b - a) * across)(
                _pixels(xp, x_float, box_ind, at, left), _pixels(xp, x_float, box_ind, at, right)
            )
            for at in (top, bottom)
        )
        found = upper + (lower - upper) * down
    inside = _inside(y, x, image.shape)
    outside = xp.asarray(extrapolation_value, dtype=xp.float32)
    return xp.where(inside[..., None], found, outside)


def _check_image(image, name):
    if image.ndim != 4:
        raise _failure(f"{name} image must be 4-D{bracketed(image.shape)}")
    if min(image.shape[1:3]) <= 0:
        raise _failure(f"{name} dimensions must be positive")


def _check_boxes(boxes, box_ind):
    if not boxes.size and not box_ind.size:
        return
    if boxes.ndim != 2:
        raise _failure(f"boxes must be 2-D{bracketed(boxes.shape)}")
    if boxes.shape[1] != 4:
        raise _failure("boxes must have 4 columns")
    if box_ind.ndim != 1:
        raise _failure(f"box_index must be 1-D{bracketed(box_ind.shape)}")
    if box_ind.shape[0] != boxes.shape[0]:
        raise _failure("box_index has incompatible shape")


def _crop_size(crop_size):
    if crop_size.ndim != 1:
        raise _failure(f"crop_size must be 1-D{bracketed(crop_size.shape)}")
    if crop_size.shape[0] != 2:
        raise _failure(f"crop_size must have two elements{bracketed(crop_size.shape)}")
    rows, columns = (int(n) for n in crop_size)
    if rows <= 0 or columns <= 0:
        raise _failure("crop dimensions must be positive")
    return rows, columns


def _check_index(xp, box_ind, batch):
    within = (box_ind >= 0) & (box_ind < batch)
    xp.check(within, OutOfRangeError, "box_index has values outside [0, batch_size)")


def _positions(xp, boxes, rows, columns, shape):
    """Return, for each box, where its rows and its columns lie in the image: [boxes, count]."""
    return (
        _along(xp, boxes[:, 0], boxes[:, 2], rows, shape[1]),
        _along(xp, boxes[:, 1], boxes[:, 3], columns, shape[2]),
    )


def _along(xp, first, last, count, size):
    if count == 1:
        return (0.5 * (first + last) * (size - 1))[:, None]
    scale = (last - first) * (size - 1) / (count - 1)
    return (first * (size - 1))[:, None] + xp.arange(count, dtype=xp.float32) * scale[:, None]


def _inside(y, x, shape):
    rows = (y >= 0) & (y <= shape[1] - 1)
    columns = (x >= 0) & (x <= shape[2] - 1)
    return rows[:, :, None] & columns[:, None, :]


def _between(xp, at):
    """Return the pixels before and behind positions, and how near the second one is."""
    before = xp.floor(at)
    return before, xp.ceil(at), at - before


def _nearest(xp, at):
    # Halves are rounded away from zero; what is negative lies outside.
    whole = xp.floor(at)
    return xp.where(at - whole >= 0.5, whole + 1, whole)


def _places(xp, box_ind, y, x, shape):
    """Return where pixels lie in the batch as a vector of pixels: [boxes, rows, columns]."""
    rows, columns = (
        xp.astype(xp.where((at >= 0) & (at <= size - 1), at, xp.zeros_like(at)), xp.int32)
        for at, size in ((y, shape[1]), (x, shape[2]))
    )
    batch = xp.where((box_ind >= 0) & (box_ind < shape[0]), box_ind, xp.zeros_like(box_ind))
    return (batch[:, None, None] * shape[1] + rows[:, :, None]) * shape[2] + columns[:, None, :]


def _pixels(xp, image, box_ind, y, x):
    flat = xp.reshape(image, (-1, image.shape[3]))
    places = _places(xp, box_ind, y, x, image.shape)
    return xp.reshape(
        xp.take(flat, xp.reshape(places, (-1,)), axis=0), (*places.shape, image.shape[3])
    )


def crop_and_resize_shape(image, boxes, box_ind, crop_size):
    with_rank(image, 4)
    with_rank(boxes, 2)
    with_rank(box_ind, 1)
    count = merged_dim(None if boxes is None else boxes[0], None if box_ind is None else box_ind[0])
    if boxes is not None and boxes[1] not in (4, None):
        raise ShapeError(f"Dimension must be 4 but is {boxes[1]}")
    rows = columns = None
    if crop_size is not None:
        if crop_size.ndim != 1:
            raise ShapeError(f"Shape must be rank 1 but is rank {crop_size.ndim}")
        if crop_size.shape[0] != 2:
            raise ShapeError(f"Dimension must be 2 but is {crop_size.shape[0]}")
        rows, columns = (int(n) for n in crop_size)
    return (count, rows, columns, None if image is None else image[3])


def crop_and_resize_gradient(tf, op, dy):
    image, boxes, box_ind, _ = op.inputs
    of_image = None
    if image.dtype.is_floating:
        attributes = {"T": op.get_attr("T"), **attributes_of(op, ("method",))}
        of_image = tf.CropAndResizeGradImage(dy, boxes, box_ind, tf.shape(image), **attributes)
    return of_image, tf.CropAndResizeGradBoxes(dy, image, boxes, box_ind), None, None


def crop_gradient_image(xp, grads, boxes, box_ind, image_size, *, T, method="bilinear"):
    if grads.ndim != 4:
        raise _failure(f"grads image must be 4-D{bracketed(grads.shape)}")
    if min(grads.shape[1:3]) <= 0:
        raise _failure("grads dimensions must be positive")
    _check_boxes(boxes, box_ind)
    if image_size.ndim != 1:
        raise _failure(f"image_size must be 1-D{bracketed(image_size.shape)}")
    if image_size.shape[0] != 4:
        raise _failure(f"image_size must have 4 elements{bracketed(image_size.shape)}")
    shape = tuple(int(n) for n in image_size)
    if min(shape[1:3]) <= 0:
        raise _failure("image dimensions must be positive")
    if grads.shape[3] != shape[3]:
        raise _failure("image_size and grads are incompatible")
    check_allocation(shape, float32)
    depth = shape[3]
    # The weights are of float32, the sums of the type of the image.
    flat = xp.zeros((shape[0] * shape[1] * shape[2], depth), dtype=T)
    if grads.shape[0] and flat.shape[0]:
        _check_index(xp, box_ind, shape[0])
        y, x = _positions(xp, boxes, grads.shape[1], grads.shape[2], shape)
        inside = xp.astype(_inside(y, x, shape), xp.float32)[..., None]
        for rows, columns, weight in _weights(xp, y, x, method):
            places = xp.reshape(_places(xp, box_ind, rows, columns, shape), (-1, 1))
            updates = xp.astype(xp.reshape(grads * inside * weight, (-1, depth)), T)
            flat = xp.ext.scatter(flat, places, updates, how="add")
    return xp.reshape(flat, shape)


def _weights(xp, y, x, method):
    """Return the pixels that each pixel of a crop comes from, and with which weight."""
    if method == "nearest":
        return [(_nearest(xp, y), _nearest(xp, x), 1)]
    (top, bottom, down), (left, right, across) = _between(xp, y), _between(xp, x)
    down, across = down[:, :, None, None], across[:, None, :, None]
    return [
        (top, left, (1 - across) * (1 - down)),
        (top, right, across * (1 - down)),
        (bottom, left, (1 - across) * down),
        (bottom, right, across * down),
    ]


def crop_gradient_image_shape(grads, boxes, box_ind, image_size):
    return (None,) * 4 if image_size is None else with_rank(image_size, 4)


def crop_gradient_boxes(xp, grads, image, boxes, box_ind):
    if grads.ndim != 4:
        raise _failure(f"grads image must be 4-D{bracketed(grads.shape)}")
    if min(grads.shape[1:3]) <= 0:
        raise _failure("grads dimensions must be positive")
    _check_image(image, "image")
    if image.shape[3] != grads.shape[3]:
        raise _failure("image, grads depth differ")
    _check_boxes(boxes, box_ind)
    count = boxes.shape[0]
    if not count:
        return xp.zeros((0, 4), dtype=xp.float32)
    _check_index(xp, box_ind, image.shape[0])
    rows, columns = grads.shape[1:3]
    y, x = _positions(xp, boxes, rows, columns, image.shape)
    (top, bottom, down), (left, right, across) = _between(xp, y), _between(xp, x)
    down, across = down[:, :, None, None], across[:, None, :, None]
    wide = xp.astype(image, xp.float32)
    corners = [
        [_pixels(xp, wide, box_ind, at, side) for side in (left, right)] for at in (top, bottom)
    ]
    (top_left, top_right), (bottom_left, bottom_right) = corners
    slope_y = (1 - across) * (bottom_left - top_left) + across * (bottom_right - top_right)
    slope_x = (1 - down) * (top_right - top_left) + down * (bottom_right - bottom_left)
    inside = _inside(y, x, image.shape)[..., None]
    nothing = xp.asarray(0, dtype=xp.float32)
    slope_y, slope_x = (xp.where(inside, grads * s, nothing) for s in (slope_y, slope_x))
    along_y, along_x = xp.sum(slope_y, axis=(2, 3)), xp.sum(slope_x, axis=(1, 3))
    (y1, y2), (x1, x2) = (
        _ends(xp, along, size)
        for along, size in ((along_y, image.shape[1]), (along_x, image.shape[2]))
    )
    return xp.stack([y1, x1, y2, x2], axis=1)


def _ends(xp, slopes, size):
    """Return the slopes at both ends of boxes, from those at each position, [boxes, count]."""
    count = slopes.shape[1]
    if count == 1:
        half = slopes[:, 0] * (0.5 * (size - 1))
        return half, half
    share = np.arange(count, dtype=np.float32) * np.float32((size - 1) / (count - 1))
    last = xp.asarray(share)
    return xp.sum(slopes * (size - 1 - last), axis=1), xp.sum(slopes * last, axis=1)


def crop_gradient_boxes_shape(grads, image, boxes, box_ind):
    return boxes


define(
    "CropAndResize",
    crop_and_resize,
    shape=crop_and_resize_shape,
    host="crop_size",
    unknown_rank=True,
    gradient=crop_and_resize_gradient,
)
define(
    "CropAndResizeGradImage",
    crop_gradient_image,
    shape=crop_gradient_image_shape,
    shape_like="image_size",
    unknown_rank=True,
)
define(
    "CropAndResizeGradBoxes",
    crop_gradient_boxes,
    shape=crop_gradient_boxes_shape,
    unknown_rank=True,
)
