"""Images that are read from, and written as, files of the format JPEG.

The pixels are those of libjpeg-turbo, which the package simplejpeg brings along.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

from evergraph.errors import UnimplementedError
from evergraph.images.formats import DamagedImageError

Pixels = np.ndarray[Any, Any]

#: Markers of the segments that begin an image: all those of their row but three.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TRUNCATED: Final = "Premature end"


def library() -> Any:
    """Return the module `simplejpeg`.

    Raises:
      UnimplementedError: it is not installed.
    """
    try:
        import simplejpeg
    except ImportError as error:
        raise UnimplementedError(
            None,
            None,
            "Files of the format JPEG need the package simplejpeg: pip install 'evergraph[image]'",
        ) from error
    return simplejpeg


def shape_of_jpeg(data: bytes) -> tuple[int, int, int]:
    """Return height, width and the number of channels that a file says.

    Raises:
      DamagedImageError: the file is none, or ends before it says so.
    """
    if data[:2] != b"\xff\xd8":
        raise DamagedImageError("it is no JPEG file")
    position = 2
    found: list[int] = []
    try:
        while True:
            while data[position] != 0xFF:
                position += 1
            while data[position] == 0xFF:
                position += 1
            marker = data[position]
            position += 1
            if marker in _FRAMES:
                _, _, *found = struct.unpack_from(">HBHHB", data, position)
            elif marker in (0xD9, 0xDA):
                break
            if not (marker == 0x01 or 0xD0 <= marker <= 0xD8):
                position += struct.unpack_from(">H", data, position)[0]
    except (IndexError, struct.error) as error:
        raise DamagedImageError("the file ends early") from error
    if not found:
        raise DamagedImageError("there is no image")
    height, width, channels = found
    return height, width, channels


def decode_jpeg(
    data: bytes,
    channels: int,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    recover: bool = False,
    accurate: bool = False,
) -> Pixels:
    """Return an image, uint8 of shape [height, width, channels].

    Args:
      data: the file.
      channels: 1 or 3; 0 for those of the file.
      ratio: 1, 2, 4 or 8: by how much it is made smaller.
      fancy_upscaling: whether colours that are stored more coarsely are interpolated.
      recover: whether a file that ends early has gray where it ended, and is no error.
      accurate: whether the inverse transform is the slower, accurate one.

    Raises:
      DamagedImageError: the file is damaged.
      UnimplementedError: the package simplejpeg is not installed.
    """
    simplejpeg = library()
    height, width, found = shape_of_jpeg(data)
    channels = channels or (1 if found == 1 else 3)
    if found == 4 and channels == 1:
        raise DamagedImageError("inks cannot become gray")
    colours = "GRAY" if channels == 1 else "CMYK" if found == 4 else "RGB"
    options: dict[str, Any] = {
        "colorspace": colours,
        "fastdct": not accurate,
        "fastupsample": not fancy_upscaling,
        "min_height": -(-height // ratio),
        "min_width": -(-width // ratio),
    }
    try:
        image = simplejpeg.decode_jpeg(data, strict=True, **options)
    except ValueError as error:
        if _TRUNCATED in str(error) and not recover:
            raise DamagedImageError(str(error)) from error
        try:
            image = simplejpeg.decode_jpeg(data, strict=False, **options)
        except ValueError as reason:
            raise DamagedImageError(str(reason)) from reason
    return _of_inks(image, data) if colours == "CMYK" else image


def _of_inks(image: Pixels, data: bytes) -> Pixels:
    """Return the colours of cyan, magenta, yellow and black."""
    inks = image.astype(np.int32)
    # Adobe's programs write them inverted, and say so.
    if b"Adobe" not in data[: data.find(b"\xff\xda")]:
        inks = 255 - inks
    return (inks[..., :3] * inks[..., 3:] // 255).astype(np.uint8)


def encode_jpeg(
    image: Pixels,
    quality: int = 95,
    chroma_downsampling: bool = True,
    density: tuple[int, int, int] = (1, 300, 300),
    xmp_metadata: bytes = b"",
) -> bytes:
    """Return an image as a JPEG file.

    Args:
      image: uint8, of shape [height, width, 1 or 3].
      quality: 0 to 100.
      chroma_downsampling: whether colours are stored more coarsely than brightness.
      density: the unit (1: inches, 2: centimetres), and how many pixels it has in x and y.
      xmp_metadata: what is added as metadata.

    Raises:
      UnimplementedError: the package simplejpeg is not installed.
    """
    gray = image.shape[2] == 1
    written: bytes = library().encode_jpeg(
        np.ascontiguousarray(image),
        # libjpeg takes 0 for 1, and simplejpeg refuses it.
        quality=max(quality, 1),
        colorspace="GRAY" if gray else "RGB",
        colorsubsampling="Gray" if gray else "420" if chroma_downsampling else "444",
        fastdct=True,
    )
    # The first segment is that of JFIF, 18 bytes after the marker of the beginning.
    head, rest = written[:20], written[20:]
    head = head[:13] + struct.pack(">BHH", *density) + head[18:]
    if xmp_metadata:
        body = b"http://ns.adobe.com/xap/1.0/\0" + xmp_metadata
        head += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return head + rest
