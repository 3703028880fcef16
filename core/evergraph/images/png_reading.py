"""Images that are read from files of the format PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from evergraph.dtypes import int64
from evergraph.images.formats import DamagedImageError
from evergraph.limits import check_allocation

Pixels = np.ndarray[Any, Any]

#: For a kind of colours: the number of channels in the file.
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE: Final = 3
#: The first column and row, and the distances, of the seven images of an interlaced one.
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
# What libpng makes of the shares 0.299 and 0.587.
_GRAY: Final = np.array([9797, 19234, 3737], np.int64)


@dataclass
class _File:
    width: int
    height: int
    depth: int
    kind: int
    interlaced: bool
    palette: Pixels | None = None
    transparent: bytes | None = None
    packed: bytes = b""


def decode_png(data: bytes, channels: int, bits: int) -> Pixels:
    """Return an image, of shape [height, width, channels].

    Args:
      data: the file.
      channels: 1 to 4: grey, grey and alpha, RGB, RGBA; 0 for those of the file.
      bits: 8 for uint8, 16 for uint16.

    Raises:
      DamagedImageError: the file is damaged.
    """
    file = _read(data)
    samples = _samples(file)
    pixels, alpha = _colours(file, samples)
    if channels == 0:
        with_alpha = alpha is not None if file.kind == _PALETTE else file.kind in (4, 6)
        channels = pixels.shape[2] + with_alpha
    pixels = _as_many(pixels, 1 if channels < 3 else 3, file.depth == 16)
    if channels % 2 == 0:
        if alpha is None:
            # TF: of fewer than eight bits, the greatest number of so many.
            opaque = 2**file.depth - 1
            alpha = np.full(pixels.shape[:2], opaque, pixels.dtype)
        pixels = np.concatenate([pixels, alpha[..., None].astype(pixels.dtype)], 2)
    if bits == 16:
        return pixels.astype(np.uint16) * np.uint16(1 if file.depth == 16 else 257)
    return (pixels >> 8 if file.depth == 16 else pixels).astype(np.uint8)


def _read(data: bytes) -> _File:
    file = None
    parts = []
    for kind, body in _chunks(data):
        if kind == b"IHDR":
            file = _header(body)
        elif file is None:
            raise DamagedImageError("the header is missing")
        elif kind == b"PLTE":
            file.palette = np.frombuffer(body[: len(body) // 3 * 3], np.uint8).reshape(-1, 3)
        elif kind == b"tRNS":
            file.transparent = body
        elif kind == b"IDAT":
            parts.append(body)
    if file is None or not parts:
        raise DamagedImageError("there is no image")
    file.packed = b"".join(parts)
    if file.kind == _PALETTE and file.palette is None:
        raise DamagedImageError("there is no palette")
    return file


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 8
    while True:
        head = data[position : position + 8]
        if len(head) < 8:
            raise DamagedImageError("the file ends early")
        size, kind = struct.unpack(">I4s", head)
        body = data[position + 8 : position + 8 + size]
        check = data[position + 8 + size : position + 12 + size]
        if len(check) < 4 or struct.unpack(">I", check)[0] != zlib.crc32(kind + body):
            raise DamagedImageError(f"chunk {kind!r} is damaged")
        yield kind, body
        if kind == b"IEND":
            return
        position += 12 + size


def _header(body: bytes) -> _File:
    if len(body) != 13:
        raise DamagedImageError("the header is damaged")
    width, height, depth, kind, packing, filtering, interlaced = struct.unpack(">IIBBBBB", body)
    known = packing == 0 and filtering == 0 and interlaced in (0, 1)
    if not known or depth not in _DEPTHS.get(kind, ()) or not width or not height:
        raise DamagedImageError("the header is damaged")
    check_allocation((height, width, _CHANNELS[kind]), int64)
    return _File(width, height, depth, kind, bool(interlaced))


def _samples(file: _File) -> Pixels:
    """Return what is in the file, of shape [height, width, channels of the file]."""
    channels = _CHANNELS[file.kind]
    passes = _PASSES if file.interlaced else ((0, 0, 1, 1),)
    wanted = sum(
        h * (1 + (w * channels * file.depth + 7) // 8)
        for w, h in (_size(file, one) for one in passes)
        if w and h
    )
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(file.packed, wanted)
    except zlib.error as error:
        raise DamagedImageError(str(error)) from error
    if len(raw) < wanted:
        raise DamagedImageError("the data end early")
    image = np.zeros((file.height, file.width, channels), np.uint16)
    position = 0
    for one in passes:
        width, height = _size(file, one)
        if not width or not height:
            continue
        line = (width * channels * file.depth + 7) // 8
        lines = np.frombuffer(raw, np.uint8, height * (line + 1), position)
        position += lines.size
        lines = lines.reshape(height, line + 1)
        step = max(1, channels * file.depth // 8)
        plain = _unfiltered(lines[:, 0], lines[:, 1:], step)
        x, y, dx, dy = one
        image[y::dy, x::dx] = _numbers(plain, width, channels, file.depth)
    return image


def _size(file: _File, one: tuple[int, int, int, int]) -> tuple[int, int]:
    x, y, dx, dy = one
    return (file.width - x + dx - 1) // dx, (file.height - y + dy - 1) // dy


def _unfiltered(filters: Pixels, lines: Pixels, step: int) -> Pixels:
    """Return lines of bytes as they were before each was filtered.

    A byte needs those at its left and above, so that all on a diagonal are computed at once.
    """
    if filters.max(initial=0) > 4:
        raise DamagedImageError("there is no such filter")
    if not filters.any():
        return lines
    height, size = lines.shape
    columns = -(-size // step)
    padded = np.zeros((height, columns * step), np.int64)
    padded[:, :size] = lines
    given = padded.reshape(height, columns, step)
    done = np.zeros((height + 1, columns + 1, step), np.int64)
    for diagonal in range(height + columns - 1):
        y = np.arange(max(0, diagonal - columns + 1), min(height, diagonal + 1))
        x = diagonal - y
        left, up, corner = done[y + 1, x], done[y, x + 1], done[y, x]
        guesses = np.stack([left * 0, left, up, (left + up) // 2, _paeth(left, up, corner)])
        done[y + 1, x + 1] = (given[y, x] + guesses[filters[y], np.arange(y.size)]) & 255
    return done[1:, 1:].reshape(height, -1)[:, :size].astype(np.uint8)


def _paeth(left: Pixels, up: Pixels, corner: Pixels) -> Pixels:
    guess = left + up - corner
    a, b, c = np.abs(guess - left), np.abs(guess - up), np.abs(guess - corner)
    return np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))


def _numbers(lines: Pixels, width: int, channels: int, depth: int) -> Pixels:
    height = lines.shape[0]
    if depth == 16:
        return np.ascontiguousarray(lines).view(">u2").reshape(height, width, channels)
    if depth < 8:
        bits = np.unpackbits(lines, axis=1)
        digits = bits[:, : width * channels * depth].reshape(height, -1, depth)
        lines = digits @ (1 << np.arange(depth)[::-1])
    return lines.reshape(height, width, channels)


def _colours(file: _File, samples: Pixels) -> tuple[Pixels, Pixels | None]:
    """Return the colours, and the alpha if there is any."""
    top = 65535 if file.depth == 16 else 255
    if file.kind == _PALETTE:
        palette = file.palette
        index = samples[..., 0]
        if palette is None or index.max(initial=0) >= len(palette):
            raise DamagedImageError("a colour is not in the palette")
        if file.transparent is None:
            return palette[index], None
        opacity = np.full(256, 255, np.uint8)
        known = np.frombuffer(file.transparent[:256], np.uint8)
        opacity[: known.size] = known
        return palette[index], opacity[index]
    if file.kind in (4, 6):
        return samples[..., :-1], samples[..., -1]
    alpha = None
    if file.transparent is not None:
        key = np.frombuffer(file.transparent[: 2 * samples.shape[2]], ">u2")
        alpha = np.where((samples == key).all(-1), 0, top)
    if file.depth < 8:
        samples = samples * (255 // (2**file.depth - 1))
    return samples, alpha


def _as_many(pixels: Pixels, wanted: int, is_wide: bool) -> Pixels:
    if pixels.shape[2] == wanted:
        return pixels
    if wanted == 3:
        return np.repeat(pixels, 3, 2)
    gray = (pixels @ _GRAY + (16384 if is_wide else 0)) >> 15
    same = (pixels == pixels[..., :1]).all(-1)
    return np.where(same, pixels[..., 0], gray)[..., None]
