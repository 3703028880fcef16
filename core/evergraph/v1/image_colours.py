"""Colours and types of images, and images turned over."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, floordiv, node, scope
from evergraph.graph.slicing import concat
from evergraph.graph.slicing import shape as shape_of
from evergraph.v1.arithmetic import add
from evergraph.v1.asserts import assert_equal, assert_greater_equal
from evergraph.v1.conditions import cond
from evergraph.v1.contractions import tensordot
from evergraph.v1.conversion import saturate_cast
from evergraph.v1.filling import ones, rank
from evergraph.v1.flow import identity, with_dependencies
from evergraph.v1.image_windows import checks_of_image
from evergraph.v1.shaping import expand_dims


def convert_image_dtype(
    image: Any, dtype: Any, saturate: bool = False, name: str | None = None
) -> Any:
    """Return an image in another type: floats are in [0, 1), integers up to their greatest.

    Args:
      image: the image, or a batch of images.
      dtype: the type.
      saturate: whether what is out of range becomes the nearest value within.
      name: the name of the node.

    Raises:
      AttributeError: a type holds no numbers.
    """
    image = convert_to_tensor(image, name="image")
    dtype = as_dtype(dtype)
    for kind, of in ((dtype, ""), (image.dtype, "image ")):
        if not kind.is_floating and not kind.is_integer:
            raise AttributeError(f"{of}dtype must be either floating point or integer")
    if dtype == image.dtype:
        return identity(image, name=name)
    convert = saturate_cast if saturate else cast
    with scope(name, "convert_image", [image]) as name:
        if image.dtype.is_floating:
            if dtype.is_floating:
                return cast(image, dtype, name)
            # Every integer stands for as large a part of [0, 1).
            return convert(node("Mul", x=image, y=dtype.max + 0.5), dtype, name=name)
        if dtype.is_floating:
            return node("Mul", name, x=cast(image, dtype), y=1.0 / image.dtype.max)
        own, wanted = image.dtype.max + 1, dtype.max + 1
        if own > wanted:
            return convert(floordiv(image, own // wanted), dtype, name=name)
        return node("Mul", name, x=convert(image, dtype), y=wanted // own)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """Return the brightness of images, in their type, with a last dimension of 1."""
    with scope(name, "rgb_to_grayscale", [images]) as name:
        images = convert_to_tensor(images, name="images")
        floats = convert_image_dtype(images, dtypes.float32)
        gray = tensordot(floats, [0.2989, 0.587, 0.114], [-1, -1])
        return convert_image_dtype(expand_dims(gray, -1), images.dtype, name=name)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Return images with their one channel three times.

    Raises:
      ValueError: the last dimension is not 1.
      InvalidArgumentError: the same, found when run.
    """
    with scope(name, "grayscale_to_rgb", [images]) as name:
        images = convert_to_tensor(images, name="images")
        images = with_dependencies(_checks_of_gray(images), images)
        ahead = expand_dims(rank(images) - 1, 0)
        multiples = concat([ones(ahead, dtypes.int32), expand_dims(3, 0)], 0)
        rgb = node("Tile", name, input=images, multiples=multiples)
        rgb.set_shape(images.shape[:-1].concatenate([3]))
        return rgb


def _checks_of_gray(image: Any) -> list[Any]:
    try:
        if image.ndim is None:
            shape = image.shape.with_rank(2)
        else:
            shape = image.shape.with_rank_at_least(2)
    except ValueError:
        raise ValueError(
            f"A grayscale image (shape {image.shape}) must be at least two-dimensional."
        ) from None
    one = "Last dimension of a grayscale image should be size 1."
    if shape.is_fully_defined():
        if shape.as_list()[-1] != 1:
            raise ValueError(one)
        return []
    many = "A grayscale image must be at least two-dimensional."
    return [
        assert_equal(shape_of(image)[-1], 1, message=one),
        assert_greater_equal(rank(image), 3, message=many),
    ]


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Return images made brighter by a part of the range of their type, in that type."""
    with scope(None, "adjust_brightness", [image, delta]) as name:
        image = convert_to_tensor(image, name="image")
        dtype = image.dtype
        if dtype not in (dtypes.float16, dtypes.float32):
            image = convert_image_dtype(image, dtypes.float32)
        adjusted = add(image, cast(delta, image.dtype), name=name)
        return convert_image_dtype(adjusted, dtype, saturate=True)


def flip_left_right(image: Any) -> Any:
    """Return an image, or each image of a batch, with left and right exchanged.

    Raises:
      ValueError: the image has neither three nor four dimensions.
    """
    return _flipped(image, 1, "flip_left_right")


def flip_up_down(image: Any) -> Any:
    """Return an image, or each image of a batch, upside down.

    Raises:
      ValueError: the image has neither three nor four dimensions.
    """
    return _flipped(image, 0, "flip_up_down")


def _flipped(image: Any, axis: int, scope_name: str) -> Any:
    with scope(None, scope_name, [image]):
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(checks_of_image(image), image)
        if image.ndim is None:

            def single() -> Any:
                result = _reversed(image, axis)
                result.set_shape([None, None, None])
                return result

            is_single = node("Equal", x=rank(image), y=3)
            return cond(is_single, single, lambda: _reversed(image, axis + 1))
        if image.ndim not in (3, 4):
            raise ValueError(f"'image' (shape {image.shape})must have either 3 or 4 dimensions.")
        return _reversed(image, axis + image.ndim - 3)


def _reversed(image: Any, axis: int) -> Any:
    return node("ReverseV2", tensor=image, axis=[axis])
