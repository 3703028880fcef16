"""Images that are changed at random."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.v1.arithmetic import round as round_of
from evergraph.v1.conditions import cond
from evergraph.v1.filling import rank
from evergraph.v1.flow import with_dependencies
from evergraph.v1.image_adjustments import adjust_contrast, adjust_hue, adjust_saturation
from evergraph.v1.image_colours import adjust_brightness
from evergraph.v1.image_files import adjust_jpeg_quality
from evergraph.v1.image_windows import checks_of_image
from evergraph.v1.random_ops import random_uniform
from evergraph.v1.shaping import reshape

__all__ = [
    "random_brightness",
    "random_contrast",
    "random_flip_left_right",
    "random_flip_up_down",
    "random_hue",
    "random_jpeg_quality",
    "random_saturation",
]


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Return an image, or each image of a batch, with left and right exchanged or not.

    Args:
      image: three or four dimensions, the first of four for the batch.
      seed: of the random numbers.

    Raises:
      ValueError: the image has neither three nor four dimensions.
    """
    return _flipped(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Return an image, or each image of a batch, upside down or not.

    Args:
      image: three or four dimensions, the first of four for the batch.
      seed: of the random numbers.

    Raises:
      ValueError: the image has neither three nor four dimensions.
    """
    return _flipped(image, 0, seed, "random_flip_up_down")


def random_brightness(image: Any, max_delta: Any, seed: Any = None) -> Any:
    """Return images made brighter or darker by at most a part of the range of their type.

    Args:
      image: images.
      max_delta: the largest part.
      seed: of the random numbers.

    Raises:
      ValueError: `max_delta` is negative.
    """
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_contrast(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """Return images in another contrast; see `adjust_contrast`.

    Args:
      image: [..., height, width, channels].
      lower, upper: the least and the greatest factor.
      seed: of the random numbers.

    Raises:
      ValueError: `lower` is negative, or not less than `upper`.
    """
    _check_bounds(lower, upper)
    return adjust_contrast(image, random_uniform([], lower, upper, seed=seed))


def random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    """Return RGB images in stronger or weaker colours; see `adjust_saturation`.

    Args:
      image: RGB images.
      lower, upper: the least and the greatest factor.
      seed: of the random numbers.

    Raises:
      ValueError: `lower` is negative, or not less than `upper`.
    """
    _check_bounds(lower, upper)
    return adjust_saturation(image, random_uniform([], lower, upper, seed=seed))


def _check_bounds(lower: Any, upper: Any) -> None:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")


def random_hue(image: Any, max_delta: Any, seed: Any = None) -> Any:
    """Return RGB images in other colours; see `adjust_hue`.

    Args:
      image: RGB images.
      max_delta: the largest part of the colour circle, in [0, 0.5].
      seed: of the random numbers.

    Raises:
      ValueError: `max_delta` is another one.
    """
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_jpeg_quality(
    image: Any, min_jpeg_quality: Any, max_jpeg_quality: Any, seed: Any = None
) -> Any:
    """Return an image as it is once it has been a JPEG file of some quality.

    Args:
      image: [height, width, 1 or 3].
      min_jpeg_quality, max_jpeg_quality: the least quality, and the one that is too high.
      seed: of the random numbers.

    Raises:
      ValueError: they are not in [0, 100], or not in this order.
    """
    if min(min_jpeg_quality, max_jpeg_quality) < 0 or max(min_jpeg_quality, max_jpeg_quality) > 100:
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if min_jpeg_quality >= max_jpeg_quality:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")
    quality = random_uniform([], min_jpeg_quality, max_jpeg_quality, dtypes.int32, seed)
    return adjust_jpeg_quality(image, quality)


def _flipped(image: Any, axis: int, seed: Any, scope_name: str) -> Any:
    with scope(None, scope_name, [image]) as name:
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(checks_of_image(image), image)

        def one() -> Any:
            chance = random_uniform([], 0, 1.0, seed=seed)
            is_flipped = node("Less", x=chance, y=0.5)
            result = cond(is_flipped, lambda: _reversed(image, axis), lambda: image, name=name)
            known = image.shape.ndims is not None
            result.set_shape(image.shape if known else [None, None, None])
            return result

        def every() -> Any:
            count = shape_of(image)[0]
            chance = random_uniform([count], 0, 1.0, seed=seed)
            flips = cast(round_of(reshape(chance, [count, 1, 1, 1])), image.dtype)
            return flips * _reversed(image, axis + 1) + (1 - flips) * image

        if image.shape.ndims is None:
            return cond(node("Equal", x=rank(image), y=3), one, every)
        if image.shape.ndims not in (3, 4):
            raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
        return one() if image.shape.ndims == 3 else every()


def _reversed(image: Any, axis: int) -> Any:
    return node("ReverseV2", tensor=image, axis=[axis])
