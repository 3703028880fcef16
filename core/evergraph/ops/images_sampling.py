"""A part of an image at random: SampleDistortedBoundingBox(V2)."""
# Host ops: how often a box is drawn depends on what is drawn.

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.candidates import Words
from evergraph.ops.rules import with_rank
from evergraph.shapes import bracketed


def _failure(message):
    return InvalidArgumentError(None, None, message)


def distorted_box(
    xp,
    state,
    image_size,
    bounding_boxes,
    *,
    min_object_covered=0.1,
    aspect_ratio_range=(0.75, 1.33),
    area_range=(0.05, 1.0),
    max_attempts=100,
    use_image_if_no_bounding_boxes=False,
):
    return distorted_box_v2(
        xp,
        state,
        image_size,
        bounding_boxes,
        min_object_covered,
        aspect_ratio_range=aspect_ratio_range,
        area_range=area_range,
        max_attempts=max_attempts,
        use_image_if_no_bounding_boxes=use_image_if_no_bounding_boxes,
    )


def distorted_box_v2(
    xp,
    state,
    image_size,
    bounding_boxes,
    min_object_covered,
    *,
    aspect_ratio_range=(0.75, 1.33),
    area_range=(0.05, 1.0),
    max_attempts=100,
    use_image_if_no_bounding_boxes=False,
):
    least = min_object_covered
    size, boxes = np.asarray(image_size), np.asarray(bounding_boxes)
    if size.ndim != 1:
        raise _failure(f"image_size must be 1-dimensional{bracketed(size.shape)}")
    if size.shape[0] != 3:
        raise _failure(f"image_size must contain 3 elements{bracketed(size.shape)}")
    if boxes.ndim != 3:
        raise _failure(
            f"input boxes must be 3-dimensional [batch, num_boxes, coords]: {bracketed(boxes.shape)}"
        )
    if boxes.shape[2] != 4:
        raise _failure(
            f"bounding boxes must have shape [4] or [*, 4], got {bracketed(boxes.shape)}"
        )
    if np.ndim(least):
        raise _failure(f"min_object_covered must be 0-D, got shape {bracketed(np.shape(least))}")
    if least < 0:
        raise _failure(f"Min object covered must be non-negative: {least:g}")
    _check_ranges(aspect_ratio_range, area_range, max_attempts)
    height, width = int(size[0]), int(size[1])
    objects = _objects(boxes.reshape(-1, 4), height, width)
    if not objects:
        if not use_image_if_no_bounding_boxes:
            raise _failure(
                "No bounding boxes provided as input. One must enable "
                "use_image_if_no_bounding_boxes if you wish to not provide any bounding boxes."
            )
        objects = [(0, 0, height, width)]
    words = Words(xp, state)
    low, high = (np.float32(r) for r in aspect_ratio_range)
    crop = None
    for _ in range(max_attempts):
        ratio = np.float32(words.single()) * (high - low) + low
        crop = _crop(height, width, area_range, ratio, words)
        if crop is not None and _covers(crop, objects, least):
            break
        crop = None
    top, left, bottom, right = crop or (0, 0, height, width)
    dtype = size.dtype
    ends = (top / height, left / width, bottom / height, right / width)
    return (
        _moved(state, max_attempts),
        np.array([top, left, 0]).astype(dtype),
        np.array([bottom - top, right - left, -1]).astype(dtype),
        np.array(ends, np.float32).reshape(1, 1, 4),
    )


def _moved(state, count):
    moved = np.array(state)
    offset = int(moved[2]) + (int(moved[3]) << 32) + count
    moved[2], moved[3] = offset & 0xFFFFFFFF, (offset >> 32) & 0xFFFFFFFF
    return moved


def _check_ranges(ratios, areas, attempts):
    if len(ratios) != 2:
        raise _failure("Aspect ratio range must be a vector of two numbers")
    if ratios[0] <= 0 or ratios[1] <= 0:
        raise _failure(f"Aspect ratio range must be non-negative: [{ratios[0]:g}, {ratios[1]:g}]")
    if len(areas) != 2:
        raise _failure("Area range must be a vector of two numbers")
    if areas[0] <= 0 or areas[1] <= 0:
        raise _failure(f"Area range must be non-negative: [{areas[0]:g}, {areas[1]:g}]")
    if attempts <= 0:
        raise _failure(f"Max attempts must be non-negative: {attempts}")


def _objects(boxes, height, width):
    """Return the boxes in pixels: top, left, bottom, right."""
    wrong = boxes[(boxes < 0) | (boxes > 1)]
    if wrong.size:
        raise _failure(f"All bounding box coordinates must be in [0.0, 1.0]: {wrong[0]:g}")
    sizes = np.array([height, width, height, width], np.float32)
    return [tuple(box) for box in (boxes * sizes).astype(np.int32).tolist()]


def _rounded(x):
    return int(np.rint(np.float32(x)))


def _crop(height, width, area_range, ratio, words):
    """Return a box of an aspect ratio at random, or None if none of the areas wanted fits."""
    smallest, largest = (np.float32(a) * width * height for a in map(np.float32, area_range))
    rows = _rounded(np.sqrt(np.float32(smallest) / ratio))
    most = _rounded(np.sqrt(np.float32(largest) / ratio))
    if _rounded(most * ratio) > width:
        most = int((width + 0.5 - float(np.float32(1e-7))) / float(ratio))
        if _rounded(most * ratio) > width:
            most -= 1
    most = min(most, height)
    rows = min(rows, most)
    if rows < most:
        rows += words.below(most - rows + 1)
    columns = _rounded(rows * ratio)
    if columns * rows < smallest:
        rows += 1
        columns = _rounded(rows * ratio)
    if columns * rows > largest:
        rows -= 1
        columns = _rounded(rows * ratio)
    area = columns * rows
    if not (smallest <= area <= largest and 0 < columns <= width and 0 < rows <= height):
        return None
    top = words.below(height - rows) if rows < height else 0
    left = words.below(width - columns) if columns < width else 0
    return top, left, top + rows, left + columns


def _covers(crop, objects, least):
    """Whether a box covers enough of one of the objects."""
    for other in objects:
        area = _area(*other)
        if area < 1:
            continue
        shared = (
            max(crop[0], other[0]),
            max(crop[1], other[1]),
            min(crop[2], other[2]),
            min(crop[3], other[3]),
        )
        sides = shared[2] - shared[0], shared[3] - shared[1]
        covered = sides[0] * sides[1] if min(sides) > 0 else 0
        if np.float32(covered) / np.float32(area) >= np.float32(least):
            return True
    return False


def _area(top, left, bottom, right):
    return (bottom - top) * (right - left)


def distorted_shape(image_size, bounding_boxes):
    return distorted_v2_shape(image_size, bounding_boxes, None)


def distorted_v2_shape(image_size, bounding_boxes, min_object_covered):
    with_rank(image_size, 1)
    with_rank(bounding_boxes, 3)
    with_rank(min_object_covered, 0)
    if image_size is not None and image_size[0] not in (3, None):
        raise ShapeError(f"Dimension must be 3 but is {image_size[0]}")
    if bounding_boxes is not None and bounding_boxes[2] not in (4, None):
        raise ShapeError(f"Dimension must be 4 but is {bounding_boxes[2]}")
    return [(3,), (3,), (1, 1, 4)]


define(
    "SampleDistortedBoundingBox",
    distorted_box,
    shape=distorted_shape,
    stream=True,
    effects="random",
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "SampleDistortedBoundingBoxV2",
    distorted_box_v2,
    shape=distorted_v2_shape,
    stream=True,
    effects="random",
    unknown_rank=True,
    gradient=no_gradient,
)
