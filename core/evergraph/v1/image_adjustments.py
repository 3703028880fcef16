"""Images with other contrast, hue or saturation, and colours as other numbers."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.v1.arithmetic import divide
from evergraph.v1.contractions import tensordot
from evergraph.v1.flow import with_dependencies
from evergraph.v1.image_colours import convert_image_dtype
from evergraph.v1.image_windows import check, checks_of_image
from evergraph.v1.reductions import reduce_mean, reduce_prod, reduce_std

__all__ = [
    "adjust_contrast",
    "adjust_gamma",
    "adjust_hue",
    "adjust_saturation",
    "per_image_standardization",
    "rgb_to_yiq",
    "rgb_to_yuv",
    "yiq_to_rgb",
    "yuv_to_rgb",
]

#: The numbers of a pixel times one of these are its numbers in the other system.
_RGB_TO_YIQ: Final = [
    [0.299, 0.59590059, 0.2115],
    [0.587, -0.27455667, -0.52273617],
    [0.114, -0.32134392, 0.31119955],
]
_YIQ_TO_RGB: Final = [
    [1, 1, 1],
    [0.95598634, -0.27201283, -1.10674021],
    [0.6208248, -0.64720424, 1.70423049],
]
_RGB_TO_YUV: Final = [
    [0.299, -0.14714119, 0.61497538],
    [0.587, -0.28886916, -0.51496512],
    [0.114, 0.43601035, -0.10001026],
]
_YUV_TO_RGB: Final = [
    [1, 1, 1],
    [0, -0.394642334, 2.03206185],
    [1.13988303, -0.58062185, 0],
]


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Return images whose pixels are so many times as far from the mean of their channel.

    Args:
      images: [..., height, width, channels]; integers are computed with as floats in [0, 1].
      contrast_factor: how many times, a float or a float32 scalar.

    Raises:
      ValueError: the images have fewer than three dimensions.
    """
    with scope(None, "adjust_contrast", [images, contrast_factor]) as name:
        images = convert_to_tensor(images, name="images")
        floats, given = _as_floats(images), images.dtype
        adjusted = node("AdjustContrastv2", name, images=floats, contrast_factor=contrast_factor)
        return convert_image_dtype(adjusted, given, saturate=True)


def _as_floats(images: Any) -> Any:
    if images.dtype in (dtypes.float16, dtypes.float32):
        return images
    return convert_image_dtype(images, dtypes.float32)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Return `gain * image ** gamma`, in the type of the image.

    Args:
      image: an image; integers are computed with as floats in [0, 1].
      gamma: an exponent that is not negative.
      gain: a factor.

    Raises:
      ValueError: `gamma` is negative.
      InvalidArgumentError: the same, found when run.
    """
    with scope(None, "adjust_gamma", [image, gamma, gain]):
        image = convert_to_tensor(image, name="image")
        floats = _as_floats(image)
        checks = check(gamma >= 0, "Gamma should be a non-negative real number.")
        if checks:
            gamma = with_dependencies(checks, gamma)
        return convert_image_dtype(gain * floats**gamma, image.dtype, saturate=True)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """Return images in colours that are turned on along the colour circle.

    Args:
      image: RGB images; integers are computed with as floats in [0, 1].
      delta: by which part of the circle, a float or a float32 scalar.
      name: the name of the nodes' scope.

    Raises:
      ValueError: the images have fewer than three dimensions.
      InvalidArgumentError: when it runs, there are not three channels.
    """
    with scope(name, "adjust_hue", [image]):
        image = convert_to_tensor(image, name="image")
        altered = node("AdjustHue", images=_as_floats(image), delta=delta)
        return convert_image_dtype(altered, image.dtype)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """Return images whose colours are so many times as strong.

    Args:
      image: RGB images; integers are computed with as floats in [0, 1].
      saturation_factor: how many times, a float or a float32 scalar.
      name: the name of the nodes' scope.

    Raises:
      ValueError: the images have fewer than three dimensions.
      InvalidArgumentError: when it runs, there are not three channels.
    """
    with scope(name, "adjust_saturation", [image]):
        image = convert_to_tensor(image, name="image")
        altered = node("AdjustSaturation", images=_as_floats(image), scale=saturation_factor)
        return convert_image_dtype(altered, image.dtype)


def per_image_standardization(image: Any) -> Any:
    """Return images of mean 0 and, unless they are uniform, variance 1: float32.

    Args:
      image: [..., height, width, channels].

    Raises:
      ValueError: the image has fewer than three dimensions, or is empty.
    """
    with scope(None, "per_image_standardization", [image]) as name:
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(checks_of_image(image), image)
        image = cast(image, dtypes.float32)
        count = reduce_prod(shape_of(image)[-3:])
        mean = reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        # A uniform image is divided by something as well.
        least = node("Rsqrt", x=cast(count, dtypes.float32))
        deviation = node("Maximum", x=deviation, y=least)
        return divide(image - mean, deviation, name=name)


def rgb_to_yiq(images: Any) -> Any:
    """Return RGB images, floats, as brightness and the two differences of NTSC's colours."""
    return _converted(images, _RGB_TO_YIQ)


def yiq_to_rgb(images: Any) -> Any:
    """Return what `rgb_to_yiq` makes such images of."""
    return _converted(images, _YIQ_TO_RGB)


def rgb_to_yuv(images: Any) -> Any:
    """Return RGB images, floats, as brightness and the two differences of PAL's colours."""
    return _converted(images, _RGB_TO_YUV)


def yuv_to_rgb(images: Any) -> Any:
    """Return what `rgb_to_yuv` makes such images of."""
    return _converted(images, _YUV_TO_RGB)


def _converted(images: Any, matrix: Any) -> Any:
    images = convert_to_tensor(images, name="images")
    kernel = convert_to_tensor(matrix, images.dtype, name="kernel")
    return tensordot(images, kernel, [[images.ndim - 1], [0]])
