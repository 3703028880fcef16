"""Boxes in images: what they hold, the best of many, drawn ones, and one at random."""

from __future__ import annotations

from typing import Any

from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import scope
from evergraph.v1._arguments import renamed

__all__ = [
    "crop_and_resize",
    "draw_bounding_boxes",
    "extract_image_patches",
    "extract_patches",
    "non_max_suppression",
    "non_max_suppression_overlaps",
    "non_max_suppression_padded",
    "non_max_suppression_with_scores",
    "sample_distorted_bounding_box",
]


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_ind: Any = None,
    crop_size: Any = None,
    method: str = "bilinear",
    extrapolation_value: float = 0,
    name: str | None = None,
    box_indices: Any = None,
) -> Any:
    """Return parts of images, each resized: float32 [boxes, *crop_size, channels].

    Args:
      image: a batch of images.
      boxes: [boxes, 4]: first row, first column, last row, last column, where 0 and 1 are the
        first and the last of the image. A box upside down turns the image over.
      box_ind: which image each box is in, int32.
      crop_size: two integers.
      method: "bilinear" or "nearest".
      extrapolation_value: what is outside of the image.
      name: the name of the node.
      box_indices: another name of `box_ind`.

    Raises:
      ValueError: shapes do not fit, or there is no such method.
      OutOfRangeError: when it runs, there is no such image.
    """
    arguments = {
        "image": image,
        "boxes": boxes,
        "box_ind": renamed("box_indices", box_indices, "box_ind", box_ind),
        "crop_size": crop_size,
        "method": method,
        "extrapolation_value": extrapolation_value,
    }
    return build("CropAndResize", arguments, name)


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Any:
    """Return which boxes are the best, without those that overlap much with better ones: int32.

    Args:
      boxes: [boxes, 4]: two opposite corners each, in any coordinates.
      scores: of each box.
      max_output_size: how many are selected at most, an int32 scalar.
      iou_threshold: a box is left out if it shares a greater part of the union of both.
      score_threshold: what is not better is left out as well.
      name: the name of the nodes' scope.

    Raises:
      ValueError: shapes do not fit.
      InvalidArgumentError: when it runs, a threshold is not in [0, 1], or shapes do not fit.
    """
    with scope(name, "non_max_suppression"):
        arguments = _suppression(boxes, scores, max_output_size, iou_threshold, score_threshold)
        return build("NonMaxSuppressionV3", arguments, None)


def _suppression(boxes: Any, scores: Any, size: Any, overlap: Any, least: Any) -> dict[str, Any]:
    overlap = convert_to_tensor(overlap, name="iou_threshold")
    least = convert_to_tensor(least, name="score_threshold")
    given = {"boxes": boxes, "scores": scores, "max_output_size": size}
    return {**given, "iou_threshold": overlap, "score_threshold": least}


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> Any:
    """Return which boxes are the best, and their scores; see `non_max_suppression`.

    Args:
      boxes, scores, max_output_size, iou_threshold, score_threshold: see `non_max_suppression`.
      soft_nms_sigma: if it is above 0, a box that overlaps with a better one gets a worse score
        and stays in the race; the lower, the worse.
      name: the name of the nodes' scope.

    Raises:
      ValueError: shapes do not fit.
      InvalidArgumentError: when it runs, a threshold is out of range, or shapes do not fit.
    """
    with scope(name, "non_max_suppression_with_scores"):
        arguments = _suppression(boxes, scores, max_output_size, iou_threshold, score_threshold)
        arguments["soft_nms_sigma"] = convert_to_tensor(soft_nms_sigma, name="soft_nms_sigma")
        indices, found, _ = build(
            "NonMaxSuppressionV5", {**arguments, "pad_to_max_output_size": False}, None
        )
        return indices, found


def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: int = 512,
) -> Any:
    """Return which boxes are the best, and how many: int32; see `non_max_suppression`.

    Args:
      boxes, scores, max_output_size, iou_threshold, score_threshold: see `non_max_suppression`.
      pad_to_max_output_size: whether zeros follow, up to `max_output_size`.
      name: the name of the nodes' scope.
      sorted_input, canonicalized_coordinates, tile_size: they hasten TensorFlow's method for
        batches of boxes, which is not here; the defaults only.

    Raises:
      ValueError: shapes do not fit.
      NotImplementedError: another value of the last three arguments.
      InvalidArgumentError: when it runs, a threshold is out of range, or shapes do not fit.
    """
    if sorted_input or canonicalized_coordinates or tile_size != 512:
        raise NotImplementedError(
            "tf.image.non_max_suppression_padded takes the boxes of one image only: leave out "
            "sorted_input, canonicalized_coordinates and tile_size"
        )
    with scope(name, "non_max_suppression_padded"):
        arguments = _suppression(boxes, scores, max_output_size, iou_threshold, score_threshold)
        arguments["pad_to_max_output_size"] = pad_to_max_output_size
        return build("NonMaxSuppressionV4", arguments, None)


def non_max_suppression_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Any:
    """Return which boxes are the best, given how much each two overlap: int32.

    Args:
      overlaps: [boxes, boxes].
      scores, max_output_size, score_threshold: see `non_max_suppression`.
      overlap_threshold: a box that overlaps more with a better one is left out.
      name: the name of the nodes' scope.

    Raises:
      ValueError: shapes do not fit.
      InvalidArgumentError: the same, found when run.
    """
    with scope(name, "non_max_suppression_overlaps"):
        threshold = convert_to_tensor(overlap_threshold, name="overlap_threshold")
        arguments = {"overlaps": overlaps, "scores": scores, "max_output_size": max_output_size}
        arguments |= {"overlap_threshold": threshold, "score_threshold": score_threshold}
        return build("NonMaxSuppressionWithOverlaps", arguments, None)


def draw_bounding_boxes(
    images: Any, boxes: Any, name: str | None = None, colors: Any = None
) -> Any:
    """Return images with the outlines of boxes.

    Args:
      images: a batch of images of 1, 3 or 4 channels, floats.
      boxes: [batch, boxes, 4]: first row, first column, last row, last column, in [0, 1].
      name: the name of the node.
      colors: [colours, channels]: of one box after another; ten bright ones by default.

    Raises:
      ValueError: shapes do not fit.
      InvalidArgumentError: the same, found when run.
    """
    arguments = {"images": images, "boxes": boxes}
    if colors is None:
        return build("DrawBoundingBoxes", arguments, name)
    return build("DrawBoundingBoxesV2", {**arguments, "colors": colors}, name)


def sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: int | None = None,
    seed2: int | None = None,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> Any:
    """Return a part of an image at random that shows one of some boxes in part.

    Args:
      image_size: height, width and channels, integers.
      bounding_boxes: [batch, boxes, 4]: top, left, bottom, right, in [0, 1].
      seed, seed2: of the random numbers.
      min_object_covered: which part of one of the boxes is in the result at least.
      aspect_ratio_range: least and greatest ratio of width and height; [0.75, 1.33] by default.
      area_range: least and greatest part of the image; [0.05, 1] by default.
      max_attempts: how often it is tried before the whole image is returned; 100 by default.
      use_image_if_no_bounding_boxes: whether the whole image is the box where there is none.
      name: the name of the nodes' scope, and of the node.

    Returns:
      Where the part begins and its size, both as `tf.slice` takes them, and the part as a box.

    Raises:
      ValueError: shapes do not fit.
      InvalidArgumentError: when it runs, a range or a box is not in [0, 1], or there is no box.
    """
    with scope(name, "sample_distorted_bounding_box"):
        arguments = {
            "image_size": image_size,
            "bounding_boxes": bounding_boxes,
            "min_object_covered": min_object_covered,
            "seed": seed,
            "seed2": seed2,
            "aspect_ratio_range": aspect_ratio_range,
            "area_range": area_range,
            "max_attempts": max_attempts,
            "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
        }
        given = {k: v for k, v in arguments.items() if v is not None}
        return build("SampleDistortedBoundingBoxV2", given, name)


def extract_image_patches(
    images: Any,
    ksizes: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = None,
    name: str | None = None,
    sizes: Any = None,
) -> Any:
    """Return windows of a batch of images, each as one pixel of many channels.

    Args:
      images: a batch of images.
      ksizes: the size of a window, [1, rows, columns, 1].
      strides: how far windows are apart, [1, rows, columns, 1].
      rates: how far the pixels of a window are apart, [1, rows, columns, 1].
      padding: "VALID", or "SAME" for zeros around the images.
      name: the name of the node.
      sizes: another name of `ksizes`.

    Raises:
      ValueError: the images have another rank, or an attribute is none of those.
    """
    arguments = {
        "images": images,
        "ksizes": renamed("sizes", sizes, "ksizes", ksizes),
        "strides": strides,
        "rates": rates,
        "padding": padding,
    }
    return build("ExtractImagePatches", arguments, name)


def extract_patches(
    images: Any, sizes: Any, strides: Any, rates: Any, padding: Any, name: str | None = None
) -> Any:
    """Return windows of a batch of images; see `extract_image_patches`."""
    return extract_image_patches(images, sizes, strides, rates, padding, name)
