"""Colours of images: RGBToHSV, HSVToRGB, AdjustHue, AdjustSaturation, AdjustContrastv2."""

from __future__ import annotations

from evergraph.errors import FailedPreconditionError, InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import with_rank, with_rank_at_least
from evergraph.shapes import bracketed


def rgb_to_hsv(xp, images):
    _check_channels(images)
    hue, saturation, value = _hsv(xp, images)
    return xp.stack([hue, saturation, value], axis=-1)


def _hsv(xp, rgb):
    red, green, blue = _channels(rgb)
    value = xp.max(rgb, axis=-1)
    distance = value - xp.min(rgb, axis=-1)
    saturation = xp.where(value > 0, _over(xp, distance, value), 0 * value)
    sixth = _number(xp, 1 / 6, rgb)
    norm = _over(xp, sixth, distance)
    hue = xp.where(
        red == value,
        norm * (green - blue),
        xp.where(
            green == value,
            norm * (blue - red) + _number(xp, 2 / 6, rgb),
            norm * (red - green) + _number(xp, 4 / 6, rgb),
        ),
    )
    hue = xp.where(distance > 0, hue, 0 * value)
    return xp.where(hue < 0, hue + 1, hue), saturation, value


def _over(xp, x, y):
    """Return x / y; what it is where y is zero does not matter."""
    return x / xp.where(y == 0, xp.ones_like(y), y)


def hsv_to_rgb(xp, images):
    _check_channels(images)
    return _rgb(xp, *_channels(images))


def _rgb(xp, hue, saturation, value):
    six = hue * 6
    parts = (xp.abs(six - 3) - 1, 2 - xp.abs(six - 2), 2 - xp.abs(six - 4))
    rest = 1 - saturation
    zero, one = _number(xp, 0, hue), _number(xp, 1, hue)
    within = (xp.minimum(xp.maximum(part, zero), one) for part in parts)
    return xp.stack([(rest + saturation * part) * value for part in within], axis=-1)


def _channels(images):
    return images[..., 0], images[..., 1], images[..., 2]


def _number(xp, value, like):
    return xp.asarray(value, dtype=like.dtype)


def _check_channels(images):
    if not images.ndim:
        raise _failure("input must be at least 1D")
    if images.shape[-1] != 3:
        raise FailedPreconditionError(
            None,
            None,
            f"input must have 3 channels but input only has {images.shape[-1]} channels.",
        )


def _failure(message):
    return InvalidArgumentError(None, None, message)


def colours_shape(images):
    with_rank_at_least(images, 1)
    if images[-1] not in (3, None):
        raise ShapeError(f"Dimension must be 3 but is {images[-1]}")
    return (*images[:-1], 3)


#: How each sixth of the colour circle orders least, middle and greatest channel.
_ORDERS = ((2, 1, 0), (1, 2, 0), (0, 2, 1), (0, 1, 2), (1, 0, 2), (2, 0, 1))


def adjust_hue(xp, images, delta):
    _check_adjusted(images, delta, "delta")
    x = xp.astype(images, xp.float32)
    red, green, blue = _channels(x)
    greatest, least = xp.max(x, axis=-1), xp.min(x, axis=-1)
    middle = xp.maximum(
        xp.minimum(red, green), xp.minimum(xp.maximum(red, green), blue)
    )  # the median
    zero = xp.zeros_like(red, dtype=xp.int32)
    sixth = xp.where(
        red < green,
        xp.where(blue < red, 1, xp.where(blue > green, 3, zero + 2)),
        xp.where(blue < green, 0, xp.where(blue > red, 4, zero + 5)),
    )
    ratio = _over(xp, middle - least, greatest - least)
    within = xp.where(sixth % 2 == 0, ratio, 1 - ratio)
    hue = xp.astype(sixth, x.dtype) + within
    hue = xp.where(greatest == least, 0 * hue, hue) + delta * 6
    hue = hue - 6 * xp.floor(hue / 6)
    # What is rounded up to the end of the circle begins it.
    hue = xp.where(hue >= 6, hue - 6, hue)
    sixth = xp.floor(hue)
    ratio = hue - sixth
    ratio = xp.where(xp.astype(sixth, xp.int32) % 2 == 0, ratio, 1 - ratio)
    levels = (least, least + ratio * (greatest - least), greatest)
    made = []
    for channel in range(3):
        value = levels[_ORDERS[5][channel]]
        for i, order in enumerate(_ORDERS[:5]):
            value = xp.where(sixth == i, levels[order[channel]], value)
        made.append(value)
    return xp.astype(xp.stack(made, axis=-1), images.dtype)


def adjust_saturation(xp, images, scale):
    _check_adjusted(images, scale, "scale")
    x = xp.astype(images, xp.float32)
    hue, saturation, value = _hsv(xp, x)
    saturation = xp.minimum(xp.maximum(saturation * scale, _number(xp, 0, x)), _number(xp, 1, x))
    return xp.astype(_rgb(xp, hue, saturation, value), images.dtype)


def _check_adjusted(images, number, name):
    if images.ndim < 3:
        raise _failure(f"input must be at least 3-D, got shape{bracketed(images.shape)}")
    if number.ndim:
        raise _failure(f"{name} must be scalar: {bracketed(number.shape)}")
    if images.shape[-1] != 3:
        raise _failure(f"input must have 3 channels but instead has {images.shape[-1]} channels.")


def adjust_contrast(xp, images, contrast_factor):
    if images.ndim < 3:
        raise _failure(f"input must be at least 3-D, got shape{bracketed(images.shape)}")
    if contrast_factor.ndim:
        raise _failure(f"contrast_factor must be scalar: {bracketed(contrast_factor.shape)}")
    if 0 in images.shape:
        return images
    x = xp.astype(images, xp.float32)
    mean = xp.mean(x, axis=(-3, -2), keepdims=True)
    return xp.astype((x - mean) * contrast_factor + mean, images.dtype)


def adjusted_shape(images, number):
    return with_rank_at_least(images, 3)


def contrast_shape(images, contrast_factor):
    with_rank(contrast_factor, 0)
    return with_rank_at_least(images, 3)


def rgb_to_hsv_gradient(tf, op, dy):
    """Where two channels are equal, TensorFlow takes the first one for the greater."""
    x = op.inputs[0]
    channels = [x[..., i] for i in range(3)]
    red, green, blue = channels
    saturation, value = (op.outputs[0][..., i] for i in (1, 2))
    both, mask = tf.LogicalAnd, lambda condition: tf.Cast(condition, DstT=x.dtype)
    greatest = [
        mask(both(red >= blue, red >= green)),
        mask(both(green > red, green >= blue)),
        mask(both(blue > red, blue > green)),
    ]
    least = [
        mask(both(red < blue, red < green)),
        mask(both(green <= red, green < blue)),
        mask(both(blue <= red, blue <= green)),
    ]
    one = tf.Cast(tf.constant(1.0, "float32"), DstT=x.dtype)

    def inverse(of):
        return tf.DivNoNan(one, of)

    square_range = inverse(tf.Square(saturation)) * inverse(tf.Square(value))
    slopes = []
    for i in range(3):
        # Next and previous on the colour circle.
        j, k = (i + 1) % 3, (i + 2) % 3
        a, b, c = channels[i], channels[j], channels[k]
        others = ((j, b), (k, c))
        lowest = least[j] * b + least[k] * c
        highest = greatest[j] * b + greatest[k] * c
        positive = mask(a > 0)
        of_saturation = positive * (
            greatest[i] * lowest * inverse(tf.Square(a)) - least[i] * inverse(highest)
        )
        of_hue = positive * greatest[i] * (c - b) * square_range
        for (at, other), (rest, _) in (others, others[::-1]):
            sign = 1 if at == k else -1
            of_hue += (
                mask(other > 0)
                * greatest[at]
                * (
                    least[i] * (c - b) * inverse(tf.Square(other - a))
                    + least[rest] * inverse((c - b) * sign) * sign
                )
            )
        slopes.append(
            dy[..., 2] * greatest[i] + dy[..., 1] * of_saturation + dy[..., 0] * of_hue / 6
        )
    return tf.Pack(slopes, axis=-1)


define("RGBToHSV", rgb_to_hsv, shape=colours_shape, gradient=rgb_to_hsv_gradient)
define("HSVToRGB", hsv_to_rgb, shape=colours_shape, gradient=no_gradient)
define("AdjustHue", adjust_hue, shape=adjusted_shape)
define("AdjustSaturation", adjust_saturation, shape=adjusted_shape)
define("AdjustContrastv2", adjust_contrast, shape=contrast_shape)
