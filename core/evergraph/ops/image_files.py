"""Images in the formats of files: DecodeJpeg, DecodePng, DecodeImage, EncodePng …"""

from __future__ import annotations

from functools import partial

import numpy as np

from evergraph import attributes
from evergraph.errors import InternalError, InvalidArgumentError
from evergraph.images import bmp, gif, jpeg, png_reading
from evergraph.images.formats import DamagedImageError, format_of
from evergraph.images.png_writing import encode_png as written_png
from evergraph.op import ShapeError, define
from evergraph.ops.rules import with_rank, with_rank_at_least
from evergraph.shapes import bracketed

#: For what ratio, dct_method … are given: files of JPEG.
_PLAIN = {"ratio": 1, "fancy_upscaling": True, "recover": False, "accurate": False}


def _failure(message):
    return InvalidArgumentError(None, None, message)


def _contents(op, contents):
    if np.ndim(contents):
        raise _failure(f"`contents` must be scalar but got shape{bracketed(np.shape(contents))}")
    data = np.asarray(contents, object).item()
    if not data:
        raise _failure("Input is empty.")
    found = format_of(data)
    if found is None:
        raise _failure(
            "Unknown image file format. One of JPEG, JPEG XL, PNG, GIF, BMP, WebP required."
        )
    if op == "DecodeBmp" and found != "BMP":
        name = found.lower()
        raise _failure(
            f"Trying to decode {found} format using DecodeBmp op. Use `decode_{name}` or "
            "`decode_image` instead."
        )
    if op == "DecodeAndCropJpeg" and found != "JPEG":
        raise _failure(f"DecodeAndCropJpeg operation can run on JPEG only, but detected {found}.")
    if op != "DecodeBmp" and op != "DecodeImage" and found == "BMP":
        raise _failure(
            f"Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` "
            f"instead. Op used: {op}"
        )
    return data, found


def _decoded(op, contents, channels=0, dtype=np.uint8, expand_animations=True, **options):
    """Return the image, or images, of a file.

    Args:
      op: the type of the op.
      contents: the file, a scalar.
      channels: 0 for those of the file.
      dtype: uint8, uint16 or float32.
      expand_animations: whether a file of GIF is all of its images.
      **options: what `jpeg.decode_jpeg` takes.
    """
    if channels not in (0, 1, 3, 4):
        raise _failure(f"`channels` must be 0, 1, 3 or 4 but got {channels}")
    if op == "DecodeBmp" and channels == 1:
        raise _failure("`channels` must be 0, 3 or 4 for BMP, but got 1")
    data, found = _contents(op, contents)
    dtype = np.dtype(dtype)
    made = _READERS[found](op, data, channels, dtype, expand_animations, {**_PLAIN, **options})
    image = _converted(made, dtype)
    return image[None] if op == "DecodeGif" and image.ndim == 3 else image


def _of_jpeg(op, data, channels, dtype, expand_animations, options):
    if channels == 4:
        raise _failure("JPEG does not support 4 channels")
    try:
        return jpeg.decode_jpeg(data, channels, **options)
    except DamagedImageError as error:
        raise _failure("jpeg::Uncompress failed. Invalid JPEG data or crop window.") from error


def _of_png(op, data, channels, dtype, expand_animations, options):
    try:
        return png_reading.decode_png(data, channels, 8 if dtype == np.uint8 else 16)
    except DamagedImageError as error:
        raise _failure(f"Invalid PNG data, size {len(data)}") from error


def _of_gif(op, data, channels, dtype, expand_animations, options):
    if channels not in (0, 3):
        raise _failure("channels must be 0 or 3 for GIF")
    one = op in ("DecodeJpeg", "DecodePng") or not expand_animations
    try:
        images = gif.decode_gif(data, first_only=not expand_animations)
    except DamagedImageError as error:
        raise _failure(f"Invalid GIF data (size {len(data)}), {error}") from error
    if op in ("DecodeJpeg", "DecodePng") and len(images) > 1:
        raise _failure(
            f"Got {len(images)} frames, but animated gifs can only be decoded by tf.io.decode_gif "
            "or tf.io.decode_image"
        )
    return images[0] if one else images


def _of_bmp(op, data, channels, dtype, expand_animations, options):
    return bmp.decode_bmp(data, channels)


_READERS = {"JPEG": _of_jpeg, "PNG": _of_png, "GIF": _of_gif, "BMP": _of_bmp}


def _converted(image, dtype):
    if image.dtype == dtype:
        return image
    if dtype == np.float32:
        return image.astype(np.float32) * np.float32(1 / np.iinfo(image.dtype).max)
    # TF: of 8 bits, the upper ones of 16.
    return image.astype(dtype) * dtype.type(256)


def _jpeg_options(ratio, fancy_upscaling, try_recover_truncated, dct_method):
    method = attributes.data(dct_method).decode()
    if ratio not in (1, 2, 4, 8):
        raise _failure(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    if method not in ("", "INTEGER_FAST", "INTEGER_ACCURATE"):
        raise _failure("dct_method must be one of {'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}")
    return {
        "ratio": ratio,
        "fancy_upscaling": fancy_upscaling,
        "recover": try_recover_truncated,
        "accurate": method == "INTEGER_ACCURATE",
    }


def decode_jpeg(
    xp,
    contents,
    *,
    channels=0,
    ratio=1,
    fancy_upscaling=True,
    try_recover_truncated=False,
    dct_method="",
):
    options = _jpeg_options(ratio, fancy_upscaling, try_recover_truncated, dct_method)
    return _decoded("DecodeJpeg", contents, channels, **options)


def decode_and_crop_jpeg(
    xp,
    contents,
    crop_window,
    *,
    channels=0,
    ratio=1,
    fancy_upscaling=True,
    try_recover_truncated=False,
    dct_method="",
):
    options = _jpeg_options(ratio, fancy_upscaling, try_recover_truncated, dct_method)
    window = np.asarray(crop_window)
    if window.shape != (4,):
        raise _failure(f"crop_size must have four elements {bracketed(window.shape)}")
    image = _decoded("DecodeAndCropJpeg", contents, channels, **options)
    y, x, height, width = window.tolist()
    inside = y >= 0 and x >= 0 and y + height <= image.shape[0] and x + width <= image.shape[1]
    if not inside or height <= 0 or width <= 0:
        raise _failure("jpeg::Uncompress failed. Invalid JPEG data or crop window.")
    return image[y : y + height, x : x + width]


def decode_png(xp, contents, *, channels=0, dtype=None):
    return _decoded("DecodePng", contents, channels, dtype or np.uint8)


def decode_image(xp, contents, *, channels=0, dtype=None, expand_animations=True):
    return _decoded("DecodeImage", contents, channels, dtype or np.uint8, expand_animations)


def decode_gif(xp, contents):
    return _decoded("DecodeGif", contents)


def decode_bmp(xp, contents, *, channels=0):
    return _decoded("DecodeBmp", contents, channels)


def extract_jpeg_shape(xp, contents, *, output_type=None):
    if np.ndim(contents):
        raise _failure(f"contents must be scalar, got shape {bracketed(np.shape(contents))}")
    data = np.asarray(contents, object).item()
    try:
        shape = jpeg.shape_of_jpeg(data)
    except DamagedImageError as error:
        raise _failure(f"Invalid JPEG data, size {len(data)}") from error
    return np.array(shape, output_type or np.int32)


def encode_png(xp, image, *, compression=-1):
    image = np.asarray(image)
    if image.ndim < 3:
        raise _failure(f"images must be at least rank 3{bracketed(image.shape)}")
    if not -1 <= compression <= 9:
        raise _failure(f"compression should be in [-1,9], got {compression}")
    *batch, height, width, channels = image.shape
    if channels not in (1, 2, 3, 4):
        raise _failure(f"image must have 1, 2, 3, or 4 channels, got {channels}")
    if not height or not width:
        # TF: ends the process.
        raise _failure(f"image must not be empty, got {bracketed(image.shape)}")
    files = np.empty(int(np.prod(batch, dtype=np.int64)), object)
    for i, one in enumerate(image.reshape(-1, height, width, channels)):
        files[i] = written_png(one, compression)
    return files.reshape(batch)


_FORMATS = {b"": 0, b"grayscale": 1, b"rgb": 3}


def encode_jpeg(
    xp,
    image,
    *,
    format="",
    quality=95,
    chroma_downsampling=True,
    density_unit="in",
    x_density=300,
    y_density=300,
    xmp_metadata="",
):
    channels = _FORMATS[attributes.data(format)]
    if not 0 <= quality <= 100:
        raise _failure(f"quality must be in [0,100], got {quality}")
    image = np.asarray(image)
    if image.ndim != 3:
        raise _failure(f"image must be 3-dimensional{bracketed(image.shape)}")
    if channels and channels != image.shape[2]:
        name = attributes.data(format).decode()
        raise _failure(f"format {name} expects {channels} channels, got {bracketed(image.shape)}")
    unit = 1 if attributes.data(density_unit) == b"in" else 2
    density = unit, x_density, y_density
    if not all(0 <= d <= 65535 for d in density[1:]):
        raise _failure(f"densities must be in [0,65535], got {x_density} and {y_density}")
    return _written_jpeg(
        image, quality, chroma_downsampling, density, attributes.data(xmp_metadata)
    )


def encode_jpeg_variable_quality(xp, images, quality):
    if np.ndim(quality):
        raise _failure(f"quality must be scalar: {bracketed(np.shape(quality))}")
    if not 0 <= int(quality) <= 100:
        raise _failure(f"quality must be in [0,100], got {int(quality)}")
    image = np.asarray(images)
    if image.ndim != 3:
        raise _failure(f"image must be 3-dimensional{bracketed(image.shape)}")
    return _written_jpeg(image, int(quality))


def _written_jpeg(image, *options):
    if image.shape[2] not in (1, 3):
        raise _failure(f"image must have 1 or 3 channels, got {bracketed(image.shape)}")
    if not image.size:
        raise InternalError(None, None, "JPEG encoding failed")
    return jpeg.encode_jpeg(image, *options)


# Shapes.


def image_shape(contents, *, channels=0):
    with_rank(contents, 0)
    return (None, None, _known(channels))


def _known(channels):
    if channels < 0:
        raise ShapeError(f"channels must be non-negative, got {channels}")
    return channels or None


def cropped_shape(contents, crop_window, *, channels=0):
    with_rank(contents, 0)
    if crop_window is None:
        return (None, None, _known(channels))
    if len(crop_window) != 4:
        raise ShapeError(f"Dimension must be 4 but is {len(crop_window)}")
    height, width = (d if d is not None and d >= 0 else None for d in crop_window[2:])
    return (height, width, _known(channels))


def any_image_shape(contents, *, channels=0, expand_animations=True):
    with_rank(contents, 0)
    return None if expand_animations else (None, None, _known(channels))


def images_shape(contents):
    with_rank(contents, 0)
    return (None, None, None, 3)


def three(contents):
    with_rank(contents, 0)
    return (3,)


def file_of_image(image, quality=None):
    del quality  # TF: is checked when it runs
    with_rank(image, 3)
    return ()


def files_of_images(image):
    return None if image is None else with_rank_at_least(image, 3)[:-3]


_define = partial(define, unknown_rank=True)
_define("DecodeJpeg", decode_jpeg, shape=image_shape)
_define("DecodePng", decode_png, shape=image_shape)
_define("DecodeBmp", decode_bmp, shape=image_shape)
_define("DecodeGif", decode_gif, shape=images_shape)
_define("DecodeImage", decode_image, shape=any_image_shape)
_define(
    "DecodeAndCropJpeg",
    decode_and_crop_jpeg,
    shape=cropped_shape,
    host="crop_window:1",
    shape_like="crop_window",
)
_define("ExtractJpegShape", extract_jpeg_shape, shape=three)
_define("EncodePng", encode_png, shape=files_of_images)
_define("EncodeJpeg", encode_jpeg, shape=file_of_image)
_define("EncodeJpegVariableQuality", encode_jpeg_variable_quality, shape=file_of_image)
