"""Images that are changed at random."""

from __future__ import annotations

from typing import Any

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.v1.arithmetic import round as round_of
from evergraph.v1.conditions import cond
from evergraph.v1.filling import rank
from evergraph.v1.flow import with_dependencies
from evergraph.v1.image_colours import adjust_brightness
from evergraph.v1.image_windows import checks_of_image
from evergraph.v1.random_ops import random_uniform
from evergraph.v1.shaping import reshape

__all__ = ["random_brightness", "random_flip_left_right", "random_flip_up_down"]


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
