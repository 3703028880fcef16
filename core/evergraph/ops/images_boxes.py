"""Boxes in images: NonMaxSuppression … V5, NonMaxSuppressionWithOverlaps, DrawBoundingBoxes."""

from __future__ import annotations

import heapq
import math
from typing import Final

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import merged_dim, with_rank, with_rank_at_least
from evergraph.shapes import bracketed


def _failure(message):
    return InvalidArgumentError(None, None, message)


# Selecting boxes


def _selected(scores, size, least, overlap, limit, sigma=0.0):
    """Return the places of the selected boxes, best first, and their scores.

    Args:
      scores: a list of numbers.
      size: how many boxes are selected at most.
      least: only better scores count.
      overlap: from the places of two boxes to how much they overlap.
      limit: a box that overlaps more with a better one is not selected.
      sigma: if it is not 0, such a box gets a worse score instead, the worse the less sigma is.
    """
    queue = [(-score, i, 0) for i, score in enumerate(scores) if score > least]
    heapq.heapify(queue)
    found: list[int] = []
    kept: list[float] = []
    scale = -0.5 / sigma if sigma > 0 else 0.0
    while queue and len(found) < size:
        score, place, begin = heapq.heappop(queue)
        score = first = -score
        suppressed = False
        for other in reversed(found[begin:]):
            shared = overlap(place, other)
            if sigma <= 0 and shared > limit:
                suppressed = True
                break
            score *= math.exp(scale * shared * shared) if shared <= limit else 0.0
            if score <= least:
                break
        if suppressed:
            continue
        if score == first:
            found.append(place)
            kept.append(score)
        elif score > least:
            heapq.heappush(queue, (-score, place, len(found)))
    return found, kept


def _overlap_of(boxes):
    """Return the function from two places to the part of their union that two boxes share."""
    corners = np.asarray(boxes, np.float32)
    low = np.minimum(corners[:, :2], corners[:, 2:])
    high = np.maximum(corners[:, :2], corners[:, 2:])
    areas = (high[:, 0] - low[:, 0]) * (high[:, 1] - low[:, 1])

    def overlap(i, j):
        if areas[i] <= 0 or areas[j] <= 0:
            return np.float32(0)
        sides = np.maximum(np.minimum(high[i], high[j]) - np.maximum(low[i], low[j]), 0)
        shared = sides[0] * sides[1]
        return shared / (areas[i] + areas[j] - shared)

    return overlap


def _checked(boxes, scores, max_output_size, iou_threshold, score_threshold=None, sigma=None):
    """Return the arrays of the inputs, once they fit."""
    if np.ndim(max_output_size):
        raise _failure(
            f"max_output_size must be 0-D, got shape {bracketed(np.shape(max_output_size))}"
        )
    if max_output_size < 0:
        raise _failure("output size must be non-negative")
    for name, value in (
        ("iou_threshold", iou_threshold),
        ("score_threshold", score_threshold),
        ("soft_nms_sigma", sigma),
    ):
        if value is not None and np.ndim(value):
            raise _failure(f"{name} must be 0-D, got shape {bracketed(np.shape(value))}")
    if not 0 <= iou_threshold <= 1:
        raise _failure("iou_threshold must be in [0, 1]")
    if sigma is not None and sigma < 0:
        raise _failure("soft_nms_sigma_val must be >= 0")
    boxes, scores = np.asarray(boxes), np.asarray(scores)
    if boxes.ndim != 2:
        raise _failure(f"boxes must be 2-D{bracketed(boxes.shape)}")
    if boxes.shape[1] != 4:
        raise _failure("boxes must have 4 columns")
    if scores.ndim != 1:
        raise _failure(f"scores must be 1-D{bracketed(scores.shape)}")
    if scores.shape[0] != boxes.shape[0]:
        raise _failure("scores has incompatible shape")
    return boxes, scores


def _suppressed(boxes, scores, max_output_size, limit, score_threshold=None):
    boxes, scores = _checked(boxes, scores, max_output_size, limit, score_threshold)
    least = -math.inf if score_threshold is None else float(score_threshold)
    found, _ = _selected(
        scores.tolist(), int(max_output_size), least, _overlap_of(boxes), float(limit)
    )
    return np.array(found, np.int32)


def suppressed_v1(xp, boxes, scores, max_output_size, *, iou_threshold=0.5):
    return _suppressed(boxes, scores, max_output_size, np.float32(iou_threshold))


def suppressed_v2(xp, boxes, scores, max_output_size, iou_threshold):
    return _suppressed(boxes, scores, max_output_size, iou_threshold)


def suppressed_v3(xp, boxes, scores, max_output_size, iou_threshold, score_threshold):
    return _suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold)


def suppressed_v4(
    xp,
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    *,
    pad_to_max_output_size=False,
):
    found = _suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold)
    count = np.int32(len(found))
    return _filled(found, max_output_size, pad_to_max_output_size), np.asarray(count)


def _filled(found, size, wanted):
    return np.pad(found, (0, int(size) - len(found))) if wanted else found


def suppressed_v5(
    xp,
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    soft_nms_sigma,
    *,
    pad_to_max_output_size=False,
):
    boxes, scores = _checked(
        boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma
    )
    found, kept = _selected(
        scores.tolist(),
        int(max_output_size),
        float(score_threshold),
        _overlap_of(boxes),
        float(iou_threshold),
        float(soft_nms_sigma),
    )
    made = np.array(found, np.int32), np.array(kept, scores.dtype)
    filled = [_filled(part, max_output_size, pad_to_max_output_size) for part in made]
    return *filled, np.asarray(np.int32(len(found)))


def suppressed_by_overlaps(
    xp, overlaps, scores, max_output_size, overlap_threshold, score_threshold
):
    overlaps, scores = np.asarray(overlaps), np.asarray(scores)
    if np.ndim(max_output_size):
        raise _failure(
            f"max_output_size must be 0-D, got shape {bracketed(np.shape(max_output_size))}"
        )
    if overlaps.ndim != 2:
        raise _failure(f"overlaps must be 2-D{bracketed(overlaps.shape)}")
    if overlaps.shape[0] != overlaps.shape[1]:
        raise _failure("overlaps must be square")
    if scores.ndim != 1:
        raise _failure(f"scores must be 1-D{bracketed(scores.shape)}")
    if len(scores) != len(overlaps):
        raise _failure("scores has incompatible shape")
    found, _ = _selected(
        scores.tolist(),
        int(max_output_size),
        float(score_threshold),
        lambda i, j: overlaps[i, j],
        float(overlap_threshold),
    )
    return np.array(found, np.int32)


def _inputs_fit(boxes, scores, *scalars):
    with_rank(boxes, 2)
    with_rank(scores, 1)
    for scalar in scalars:
        with_rank(scalar, 0)
    if boxes is not None and scores is not None:
        merged_dim(boxes[0], scores[0])
    if boxes is not None and boxes[1] not in (4, None):
        raise ShapeError(f"Dimension must be 4 but is {boxes[1]}")


def suppressed_v1_shape(boxes, scores, max_output_size):
    _inputs_fit(boxes, scores, max_output_size)
    return (None,)


def suppressed_v2_shape(boxes, scores, max_output_size, iou_threshold):
    _inputs_fit(boxes, scores, max_output_size, iou_threshold)
    return (None,)


def suppressed_v3_shape(boxes, scores, max_output_size, iou_threshold, score_threshold):
    _inputs_fit(boxes, scores, max_output_size, iou_threshold, score_threshold)
    return (None,)


def suppressed_v4_shape(
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    *,
    pad_to_max_output_size=False,
):
    scalars = (iou_threshold, score_threshold)
    return [_padded_count(boxes, scores, max_output_size, scalars, pad_to_max_output_size), ()]


def suppressed_v5_shape(
    boxes,
    scores,
    max_output_size,
    iou_threshold,
    score_threshold,
    soft_nms_sigma,
    *,
    pad_to_max_output_size=False,
):
    scalars = (iou_threshold, score_threshold, soft_nms_sigma)
    count = _padded_count(boxes, scores, max_output_size, scalars, pad_to_max_output_size)
    return [count, count, ()]


def _padded_count(boxes, scores, size, thresholds, is_padded):
    size_shape = None if size is None else size.shape
    _inputs_fit(boxes, scores, size_shape, *thresholds)
    if not is_padded or size is None:
        return (None,)
    if size < 0:
        raise ShapeError(f"Dimension size, given by scalar input {int(size)} must be >= 0")
    return (int(size),)


def by_overlaps_shape(overlaps, scores, max_output_size, overlap_threshold, score_threshold):
    with_rank(overlaps, 2)
    with_rank(scores, 1)
    for scalar in (max_output_size, overlap_threshold, score_threshold):
        with_rank(scalar, 0)
    if overlaps is not None and scores is not None:
        merged_dim(overlaps[0], scores[0])
        merged_dim(overlaps[0], overlaps[1])
    return (None,)


define(
    "NonMaxSuppression",
    suppressed_v1,
    shape=suppressed_v1_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "NonMaxSuppressionV2",
    suppressed_v2,
    shape=suppressed_v2_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "NonMaxSuppressionV3",
    suppressed_v3,
    shape=suppressed_v3_shape,
    unknown_rank=True,
)
define(
    "NonMaxSuppressionV4",
    suppressed_v4,
    shape=suppressed_v4_shape,
    host="max_output_size",
    unknown_rank=True,
)
define(
    "NonMaxSuppressionV5",
    suppressed_v5,
    shape=suppressed_v5_shape,
    host="max_output_size",
    unknown_rank=True,
)
define(
    "NonMaxSuppressionWithOverlaps",
    suppressed_by_overlaps,
    shape=by_overlaps_shape,
    unknown_rank=True,
    gradient=no_gradient,
)

# Drawing boxes

_DEPTH: Final = "Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)"
#: The colours of boxes, one after another.
_COLOURS: Final = np.array(
    [
        *([1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1]),
        *([0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]),
    ],
    np.float32,
)


def draw_boxes(xp, images, boxes):
    return draw_boxes_v2(xp, images, boxes, xp.asarray(_COLOURS[:0]))


def draw_boxes_v2(xp, images, boxes, colors):
    if images.ndim != 4:
        raise _failure("The rank of the images should be 4")
    if boxes.ndim != 3:
        raise _failure("The rank of the boxes tensor should be 3")
    if images.shape[0] != boxes.shape[0]:
        raise _failure("The batch sizes should be the same")
    height, width, depth = images.shape[1:]
    if depth not in (1, 3, 4):
        raise _failure(_DEPTH)
    table = colors if colors.size else xp.asarray(_COLOURS)
    if colors.size and (colors.ndim != 2 or colors.shape[1] < depth):
        raise _failure(f"colors must have at least {depth} columns{bracketed(colors.shape)}")
    table = xp.astype(table, images.dtype)[:, :depth]
    if depth == 1 and not colors.size:
        table = xp.ones_like(table)
    rows = xp.arange(height, dtype=xp.float32)[None, :, None]
    columns = xp.arange(width, dtype=xp.float32)[None, None, :]
    made = images
    for i in range(boxes.shape[1]):
        box = xp.astype(boxes[:, i, :], xp.float32)
        ends = [
            xp.trunc(box[:, k] * (size - 1))[:, None, None]
            for k, size in enumerate((height, width, height, width))
        ]
        top, left, bottom, right = ends
        down = (rows >= top) & (rows <= bottom)
        across = (columns >= left) & (columns <= right)
        edge = (rows == top) | (rows == bottom) | (columns == left) | (columns == right)
        colour = table[i % table.shape[0], :]
        made = xp.where((down & across & edge)[..., None], colour, made)
    return made


def drawn_shape(images, boxes):
    with_rank(images, 4)
    with_rank(boxes, 3)
    if images is not None and images[3] not in (1, 3, 4, None):
        raise ShapeError(_DEPTH)
    if boxes is not None and boxes[2] not in (4, None):
        raise ShapeError(f"Dimension must be 4 but is {boxes[2]}")
    return images


def drawn_v2_shape(images, boxes, colors):
    return with_rank_at_least(images, 3)


define("DrawBoundingBoxes", draw_boxes, shape=drawn_shape, unknown_rank=True, gradient=no_gradient)
define("DrawBoundingBoxesV2", draw_boxes_v2, shape=drawn_v2_shape)
