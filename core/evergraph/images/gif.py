"""Images that are read from files of the format GIF."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from evergraph.images.formats import DamagedImageError

Pixels = np.ndarray[Any, Any]


@dataclass
class _Frame:
    left: int
    top: int
    indices: Pixels
    colours: Pixels
    transparent: int | None


def decode_gif(data: bytes, first_only: bool = False) -> Pixels:
    """Return the images of a file, uint8 of shape [count, height, width, 3].

    Args:
      data: the file.
      first_only: whether only the first one is wanted.

    Raises:
      DamagedImageError: the file is damaged.
    """
    try:
        width, height, frames = _frames(data)
    except (IndexError, struct.error) as error:
        raise DamagedImageError("the file ends early") from error
    if not frames:
        raise DamagedImageError("there is no image")
    images = np.zeros((len(frames[:1] if first_only else frames), height, width, 3), np.uint8)
    for i, image in enumerate(images):
        if i:
            image[:] = images[i - 1]
        _draw(image, frames[i])
    return images


def _draw(image: Pixels, frame: _Frame) -> None:
    rows, columns = frame.indices.shape
    area = image[frame.top : frame.top + rows, frame.left : frame.left + columns]
    indices = frame.indices[: area.shape[0], : area.shape[1]]
    shown = np.ones(indices.shape, bool)
    if frame.transparent is not None:
        shown = indices != frame.transparent
    if indices[shown].max(initial=0) >= len(frame.colours):
        raise DamagedImageError("a colour is not in the palette")
    area[shown] = frame.colours[indices[shown]]


def _frames(data: bytes) -> tuple[int, int, list[_Frame]]:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = 13
    shared, position = _colours(data, position, flags)
    frames: list[_Frame] = []
    transparent = None
    while True:
        kind = data[position]
        position += 1
        if kind == 0x3B:
            return width, height, frames
        if kind == 0x21:
            label = data[position]
            block, position = _blocks(data, position + 1)
            if label == 0xF9 and len(block) >= 4:
                transparent = block[3] if block[0] & 1 else None
        elif kind == 0x2C:
            left, top, columns, rows, flags = struct.unpack_from("<HHHHB", data, position)
            own, position = _colours(data, position + 9, flags)
            least = data[position]
            packed, position = _blocks(data, position + 1)
            indices = _unpacked(packed, least, columns * rows).reshape(rows, columns)
            if flags & 0x40:
                indices = _in_order(indices)
            colours = own if own is not None else shared
            if colours is None:
                raise DamagedImageError("there is no palette")
            frames.append(_Frame(left, top, indices, colours, transparent))
            transparent = None
        else:
            raise DamagedImageError("there is no such block")


def _colours(data: bytes, position: int, flags: int) -> tuple[Pixels | None, int]:
    if not flags & 0x80:
        return None, position
    count = 2 << (flags & 7)
    colours = np.frombuffer(data[position : position + 3 * count], np.uint8).reshape(-1, 3)
    return colours, position + 3 * count


def _blocks(data: bytes, position: int) -> tuple[bytes, int]:
    """Return what a chain of blocks holds, and where it ends."""
    parts = []
    while data[position]:
        size = data[position]
        parts.append(data[position + 1 : position + 1 + size])
        position += 1 + size
    return b"".join(parts), position + 1


def _unpacked(packed: bytes, least: int, wanted: int) -> Pixels:
    """Return the numbers that codes stand for, each of them for a sequence seen before."""
    clear, end = 1 << least, (1 << least) + 1
    fresh = [bytes([i]) for i in range(clear)] + [b"", b""]
    known, before, made = list(fresh), b"", bytearray()
    width, held, count = least + 1, 0, 0
    for byte in packed:
        held |= byte << count
        count += 8
        while count >= width:
            code = held & ((1 << width) - 1)
            held >>= width
            count -= width
            if code == clear:
                known, before, width = list(fresh), b"", least + 1
                continue
            if code == end or len(made) >= wanted:
                count = 0
                break
            if code > len(known) or (code == len(known) and not before):
                raise DamagedImageError("there is no such code")
            entry = known[code] if code < len(known) else before + before[:1]
            made += entry
            if before and len(known) < 4096:
                known.append(before + entry[:1])
                if len(known) == 1 << width and width < 12:
                    width += 1
            before = entry
    if len(made) < wanted:
        raise DamagedImageError("the data end early")
    return np.frombuffer(bytes(made[:wanted]), np.uint8)


def _in_order(indices: Pixels) -> Pixels:
    """Return the lines of an interlaced image in their order."""
    count = len(indices)
    order = [
        y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, count, step)
    ]
    made = np.empty_like(indices)
    made[order] = indices
    return made
