"""Images as files of the format PNG."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

import numpy as np

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: The kind of colours for a number of channels.
_KINDS: Final = {1: 0, 2: 4, 3: 2, 4: 6}


def encode_png(image: np.ndarray[Any, Any], level: int = -1) -> bytes:
    """Return an image as a PNG file.

    Args:
      image: uint8 or uint16, of shape [height, width, channels]; with 1 to 4 channels: grey, grey
        and alpha, RGB, RGBA.
      level: how hard zlib tries.
    """
    height, width, channels = image.shape
    depth = image.dtype.itemsize * 8
    header = struct.pack(">IIBBBBB", width, height, depth, _KINDS[channels], 0, 0, 0)
    big_endian = image.astype(image.dtype.newbyteorder(">")).tobytes()
    rows = np.frombuffer(big_endian, np.uint8).reshape(height, -1)
    # Each row begins with the number of its filter: none.
    filtered = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered, level)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
