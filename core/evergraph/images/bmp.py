"""Images that are read from files of the format BMP."""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

from evergraph.errors import InvalidArgumentError

#: For a number of channels in the file: which of them come first.
_ORDERS: Final = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}


def decode_bmp(data: bytes, channels: int) -> np.ndarray[Any, Any]:
    """Return an image, uint8 of shape [height, width, channels].

    Args:
      data: the file.
      channels: 3 or 4; 0 for those of the file.

    Raises:
      InvalidArgumentError: the file is damaged.
    """
    if len(data) < 32:
        raise _failure(
            f"Incomplete bmp content, requires at least 32 bytes to find the header size, width, "
            f"height, and bpp, got {len(data)} bytes"
        )
    (start,) = struct.unpack_from("<i", data, 10)
    width, height = struct.unpack_from("<ii", data, 18)
    (bits,) = struct.unpack_from("<H", data, 28)
    found = bits // 8
    if bits not in (8, 24, 32):
        raise _failure(f"Number of channels inherent in the image must be 1, 3 or 4, was {found}")
    if start < 0 or width <= 0 or height == 0:
        raise _failure("Width and height must be positive")
    rows = abs(height)
    # Lines end at multiples of four bytes.
    size = (found * width + 3) // 4 * 4
    if len(data) - start < size * (rows - 1) + found * width:
        raise _failure(
            "Input size should match (header_size + row_size * abs_height) but they differ by "
            f"{len(data) - start - size * rows}"
        )
    body = data[start : start + size * rows].ljust(size * rows, b"\0")
    lines = np.frombuffer(body, np.uint8).reshape(rows, size)
    image = lines[:, : found * width].reshape(rows, width, found)
    if height > 0:
        image = image[::-1]
    image = image[..., _ORDERS[found]]
    if channels >= 3 and found == 1:
        image = np.repeat(image, 3, 2)
    if channels == 4 and image.shape[2] == 3:
        image = np.concatenate([image, np.full((rows, width, 1), 255, np.uint8)], 2)
    return image[..., : channels or found].copy()


def _failure(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
