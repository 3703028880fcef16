"""Images cut and padded, all of a batch alike."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.slicing import stack
from evergraph.v1._arguments import is_tensor
from evergraph.v1.asserts import assert_greater_equal, assert_positive
from evergraph.v1.filling import rank
from evergraph.v1.flow import Assert, with_dependencies
from evergraph.v1.shaping import expand_dims, pad, reshape, slice, squeeze, unstack


def dimensions(images: Any) -> list[Any]:
    """Return the four sizes of a batch of images: numbers where known, else scalar tensors."""
    if images.shape.is_fully_defined():
        sizes: list[Any] = images.shape.as_list()
        return sizes
    static = images.shape.with_rank(4).as_list()
    found = unstack(shape_of(images), 4)
    return [d if s is None else s for s, d in zip(static, found, strict=True)]


def checks_of_image(image: Any) -> list[Any]:
    """Return the checks at run time that an image has three dimensions or more, none of them empty.

    Raises:
      ValueError: its static shape says that it has not.
    """
    try:
        if image.ndim is None:
            shape = image.shape.with_rank(3)
        else:
            shape = image.shape.with_rank_at_least(3)
    except ValueError:
        raise ValueError(
            f"'image' (shape {image.shape}) must be at least three-dimensional."
        ) from None
    inner = shape[-3:]
    if 0 in inner.as_list():
        raise ValueError(f"inner 3 dims of 'image.shape' must be > 0: {shape}")
    if inner.is_fully_defined():
        return []
    return [
        assert_positive(shape_of(image)[-3:], ["inner 3 dims of 'image.shape' must be > 0."]),
        assert_greater_equal(rank(image), 3, message="'image' must be at least three-dimensional."),
    ]


def check(condition: Any, message: str) -> list[Any]:
    """Return the check at run time of a condition that is a tensor.

    Raises:
      ValueError: the condition is known, and false.
    """
    if is_tensor(condition):
        return [Assert(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def as_batch(image: Any) -> tuple[Any, bool]:
    """Return a batch of images, and whether it was one already."""
    if image.ndim == 4:
        return image, True
    if image.ndim not in (3, None):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
    unknown = image.ndim is None
    image = expand_dims(image, 0)
    if unknown:
        image.set_shape([None] * 4)
    return image, False


def _known(sizes: list[Any]) -> list[Any]:
    return [None if is_tensor(s) else s for s in sizes]


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """Return a rectangle out of an image, or out of each image of a batch.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      offset_height, offset_width: how far down and right of the corner the rectangle begins.
      target_height, target_width: its size.

    Raises:
      ValueError: the rectangle is empty or reaches beyond the image, or the image has another rank.
      InvalidArgumentError: the same, found when run.
    """
    with scope(None, "crop_to_bounding_box", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = checks_of_image(image)
        batch, height, width, depth = dimensions(image)
        checks += check(offset_width >= 0, "offset_width must be >= 0.")
        checks += check(offset_height >= 0, "offset_height must be >= 0.")
        checks += check(target_width > 0, "target_width must be > 0.")
        checks += check(target_height > 0, "target_height must be > 0.")
        checks += check(width >= target_width + offset_width, "width must be >= target + offset.")
        checks += check(
            height >= target_height + offset_height, "height must be >= target + offset."
        )
        image = with_dependencies(checks, image)
        begin = stack([0, offset_height, offset_width, 0])
        size = stack([shape_of(image)[0], target_height, target_width, shape_of(image)[3]])
        cropped = slice(image, begin, size)
        cropped.set_shape(_known([batch, target_height, target_width, depth]))
        return cropped if is_batch else squeeze(cropped, axis=[0])


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """Return an image, or a batch of images, with zeros around it.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      offset_height, offset_width: how many rows of zeros are above, and columns on the left.
      target_height, target_width: the size of the result.

    Raises:
      ValueError: the result has no room for the image, or the image has another rank.
      InvalidArgumentError: the same, found when run.
    """
    with scope(None, "pad_to_bounding_box", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        batch, height, width, depth = dimensions(image)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        checks = checks_of_image(image)
        checks += check(offset_height >= 0, "offset_height must be >= 0")
        checks += check(offset_width >= 0, "offset_width must be >= 0")
        checks += check(right >= 0, "width must be <= target - offset")
        checks += check(below >= 0, "height must be <= target - offset")
        image = with_dependencies(checks, image)
        sizes = [0, 0, offset_height, below, offset_width, right, 0, 0]
        padded = pad(image, reshape(stack(sizes), [4, 2]))
        padded.set_shape(_known([batch, target_height, target_width, depth]))
        return padded if is_batch else squeeze(padded, axis=[0])


def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """Return the middle of an image, or the image in the middle of zeros.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      target_height, target_width: the size of the result.

    Raises:
      ValueError: the size is not positive, or the image has another rank.
      InvalidArgumentError: the same, found when run.
    """
    with scope(None, "resize_image_with_crop_or_pad", [image]):
        image, is_batch = as_batch(convert_to_tensor(image, name="image"))
        checks = checks_of_image(image)
        checks += check(target_width > 0, "target_width must be > 0.")
        checks += check(target_height > 0, "target_height must be > 0.")
        image = with_dependencies(checks, image)
        if is_tensor(target_height):
            target_height = with_dependencies(checks, target_height)
        if is_tensor(target_width):
            target_width = with_dependencies(checks, target_width)
        _, height, width, _ = dimensions(image)
        beyond = target_width - width
        cut_left, pad_left = greater(-beyond // 2, 0), greater(beyond // 2, 0)
        beyond = target_height - height
        cut_above, pad_above = greater(-beyond // 2, 0), greater(beyond // 2, 0)
        rows, columns = _lesser(target_height, height), _lesser(target_width, width)
        cropped = crop_to_bounding_box(image, cut_above, cut_left, rows, columns)
        resized = pad_to_bounding_box(cropped, pad_above, pad_left, target_height, target_width)
        _, height, width, _ = dimensions(resized)
        checks = check(_equal(height, target_height), "resized height is not correct.")
        checks += check(_equal(width, target_width), "resized width is not correct.")
        resized = with_dependencies(checks, resized)
        return resized if is_batch else squeeze(resized, axis=[0])


def greater(x: Any, y: Any) -> Any:
    return node("Maximum", x=x, y=y) if is_tensor(x) or is_tensor(y) else max(x, y)


def _lesser(x: Any, y: Any) -> Any:
    return node("Minimum", x=x, y=y) if is_tensor(x) or is_tensor(y) else min(x, y)


def _equal(x: Any, y: Any) -> Any:
    return node("Equal", x=x, y=y) if is_tensor(x) or is_tensor(y) else x == y


def central_crop(image: Any, central_fraction: Any) -> Any:
    """Return the middle of an image, or of each image of a batch.

    Args:
      image: [height, width, channels], or [batch, height, width, channels].
      central_fraction: which fraction of the height and of the width remains, in (0, 1].

    Raises:
      ValueError: the fraction is another one, or the image has another rank.
      InvalidArgumentError: the fraction is another one, found when run.
    """
    with scope(None, "central_crop", [image]):
        image = convert_to_tensor(image, name="image")
        if is_tensor(central_fraction):
            fraction = constant_value(convert_to_tensor(central_fraction))
        else:
            fraction = central_fraction
        if fraction is None:
            within = node("LogicalOr", x=central_fraction > 0.0, y=central_fraction <= 1.0)
            checks = check(within, "central_fraction must be within (0, 1]")
            image = with_dependencies(checks, image)
        elif not 0.0 < fraction <= 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        elif fraction == 1.0:
            return image
        with_dependencies(checks_of_image(image), image)
        if image.ndim not in (3, 4):
            raise ValueError(
                "`image` should either be a Tensor with rank = 3 or rank = 4. "
                f"Had rank = {image.ndim}."
            )
        first = image.ndim - 3
        sizes = [_length(image, axis) for axis in (first, first + 1)]
        top, left = (_start(size, central_fraction, fraction) for size in sizes)
        rows, columns = sizes[0] - top * 2, sizes[1] - left * 2
        batch: list[Any] = image.shape.as_list()[:first]
        cropped = slice(
            image,
            stack([0] * first + [top, left, 0]),
            stack([-1] * first + [rows, columns, -1]),
        )
        cropped.set_shape([*batch, *_known([rows, columns]), image.shape.as_list()[-1]])
        return cropped


def _length(image: Any, axis: int) -> Any:
    size = image.shape.as_list()[axis]
    return shape_of(image)[axis] if size is None else size


def _start(size: Any, fraction: Any, known: Any) -> Any:
    """Return where the middle of an axis begins."""
    if known is not None and not is_tensor(size):
        return int((float(size) - float(size) * known) / 2)
    double = cast(size, dtypes.float64)
    middle = double * cast(fraction, dtypes.float64)
    return cast((double - middle) / 2, dtypes.int32)
