"""Pieces of values on the wire: `Chunk` messages that carry bytes, written and read without copies.

A chunk that has nothing but `data` is a tag, a length and the bytes. The elements of a large array
would be copied three times more at each end by way of a message.
"""

from __future__ import annotations

from typing import Final

from evergraph_grpc.protos import Chunk

#: The tag of the field `data`, which is of type bytes.
_TAG: Final = Chunk.DESCRIPTOR.fields_by_name["data"].number << 3 | 2


def written(piece: Chunk | memoryview) -> bytes:
    """Return a chunk, or one with this data, as bytes."""
    if isinstance(piece, Chunk):
        return piece.SerializeToString()
    head = bytearray([_TAG])
    size = len(piece)
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return b"".join((head, piece))


def read(data: bytes) -> Chunk | memoryview:
    """Return a chunk, or only its data if it has nothing else.

    Raises:
      DecodeError: it is no chunk.
    """
    if data[:1] == bytes([_TAG]):
        size, at = 0, 1
        for at in range(1, min(len(data), 6)):
            size |= (data[at] & 0x7F) << 7 * (at - 1)
            if data[at] < 0x80:
                break
        if size == len(data) - at - 1:
            return memoryview(data)[at + 1 :]
    return Chunk.FromString(data)
