"""Summaries of images and sounds: ImageSummary, AudioSummaryV2."""

from __future__ import annotations

import struct

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.images.png_writing import encode_png
from evergraph.op import define, no_gradient
from evergraph.protos import Summary
from evergraph.shapes import bracketed


def image_summary(xp, tag, tensor, *, max_images=3, bad_color=None):
    if np.ndim(tag):
        raise _invalid("Tags must be a scalar")
    images = np.asarray(tensor)
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4):
        raise _invalid(
            f"Tensor must be 4-D with last dim 1, 3, or 4, not {bracketed(images.shape)}"
        )
    count, height, width, channels = images.shape
    if 0 in (height, width):
        raise _invalid(f"input tensor must have non-zero dims. Found: {list(images.shape)}.")
    colour = _BAD_COLOR if bad_color is None else np.asarray(bad_color)
    shown = list(images[:max_images])
    if images.dtype != np.uint8:
        if channels > colour.size:
            raise _invalid(
                f"expected depth <= bad_color.size, got depth = {channels}, bad_color.size = "
                f"{colour.size}"
            )
        shown = [_as_pixels(image, colour[:channels]) for image in shown]
    made = Summary()
    for name, image in zip(_names(tag, "image", max_images, count), shown, strict=False):
        found = made.value.add(tag=name).image
        found.height, found.width, found.colorspace = height, width, channels
        found.encoded_image_string = encode_png(image)
    return made.SerializeToString()


#: For pixels that are infinite or NaN: red.
_BAD_COLOR = np.array([255, 0, 0, 255], np.uint8)
#: Images with no larger values are black.
_BLACK = 1e-6


def _as_pixels(image, bad_color):
    """Return an image of floats as uint8.

    Its largest value becomes 255; if there are negative ones, zero becomes 128.
    """
    finite = np.isfinite(image)
    values = np.where(finite, image, np.zeros((), image.dtype))
    room, offset = (127, 128) if (values < 0).any() else (255, 0)
    largest = np.float32(np.abs(values).max())
    scale = 0 if largest < _BLACK else np.float32(room) / largest
    kind = image.dtype.type
    pixels = (values * kind(scale) + kind(offset)).astype(np.uint8)
    pixels[~finite.all(-1)] = bad_color
    return pixels


def audio_summary(xp, tag, tensor, sample_rate, *, max_outputs=3):
    if np.ndim(tag):
        raise _invalid("Tag must be a scalar")
    sounds = np.asarray(tensor)
    if sounds.ndim not in (2, 3):
        raise _invalid(f"Tensor must be 3-D or 2-D, got: {bracketed(sounds.shape)}")
    rate = float(np.asarray(sample_rate).item())
    if not rate > 0:
        raise _invalid("sample_rate must be > 0")
    if sounds.ndim == 2:
        sounds = sounds[..., None]
    count, frames, channels = sounds.shape
    if channels == 0:
        raise _invalid("audio is null")
    made = Summary()
    for name, sound in zip(_names(tag, "audio", max_outputs, count), sounds, strict=False):
        found = made.value.add(tag=name).audio
        found.sample_rate, found.num_channels, found.length_frames = rate, channels, frames
        found.encoded_audio_string = _wave(sound, round(rate))
        found.content_type = "audio/wav"
    return made.SerializeToString()


def _wave(sound, rate):
    """Return a sound as a WAV file of 16 bits."""
    channels = sound.shape[1]
    scaled = np.where(np.isnan(sound), 0, sound).astype(np.float64) * 32768
    # Halves go away from zero.
    rounded = np.trunc(scaled + np.copysign(0.5, scaled))
    data = np.clip(rounded, -32768, 32767).astype("<i2").tobytes()
    width = 2 * channels
    described = struct.pack("<HHIIHH", 1, channels, rate, rate * width, width, 16)
    return b"".join(
        (
            b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE",
            b"fmt " + struct.pack("<I", len(described)) + described,
            b"data" + struct.pack("<I", len(data)) + data,
        )
    )


def _names(tag, what, limit, count):
    """Return the tags of the elements of a batch; a number is left out if there can be one only."""
    base = f"{np.asarray(tag, object).item().decode('utf-8', 'replace')}/{what}"
    return [base] if limit == 1 else [f"{base}/{i}" for i in range(min(limit, count))]


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def image_shape(tag, tensor, *, max_images=3, bad_color=None):
    return ()


def audio_shape(tag, tensor, sample_rate, *, max_outputs=3):
    return ()


define("ImageSummary", image_summary, shape=image_shape, unknown_rank=True, gradient=no_gradient)
define("AudioSummaryV2", audio_summary, shape=audio_shape, unknown_rank=True, gradient=no_gradient)
