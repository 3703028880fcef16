"""Snappy, in which old checkpoints may be compressed: reading only."""

from __future__ import annotations

from evergraph.checkpoints.numbers import Reader


def uncompressed(data: bytes) -> bytes:
    """Return what snappy compressed.

    Raises:
      ValueError: that is not so.
    """
    reader = Reader(data)
    size = reader.varint()
    made = bytearray()
    while not reader.done:
        tag = reader.take(1)[0]
        if tag & 3 == 0:
            length = (tag >> 2) + 1
            if length > 60:
                length = int.from_bytes(reader.take(length - 60), "little") + 1
            made += reader.take(length)
        elif tag & 3 == 1:
            _copy(made, (tag >> 2 & 7) + 4, (tag >> 5) << 8 | reader.take(1)[0])
        else:
            offset = int.from_bytes(reader.take(2 if tag & 3 == 2 else 4), "little")
            _copy(made, (tag >> 2) + 1, offset)
        if len(made) > size:
            break
    if len(made) != size:
        raise ValueError("corrupted compressed block contents")
    return bytes(made)


def _copy(made: bytearray, length: int, offset: int) -> None:
    """Append what came an offset ago; it may reach into what is appended."""
    start = len(made) - offset
    if offset == 0 or start < 0:
        raise ValueError("corrupted compressed block contents")
    piece = made[start : start + length]
    made += (piece * (length // len(piece) + 1))[:length]
