"""Sorted tables of keys and values, LevelDB's format, in which checkpoints have their index.

A table is blocks, one behind the other: data, an empty one, an index of the data blocks; and then a
footer of 48 bytes, which says where the last two are. A block is entries, whose keys leave out
what they share with the key before; the positions of those that share nothing; and a checksum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import Final

from evergraph.checkpoints.numbers import Reader, varint
from evergraph.checkpoints.snappy import uncompressed
from evergraph.errors import DataLossError
from evergraph.readers.checksums import masked_crc32c

_MAGIC: Final = struct.pack("<Q", 0xDB4775248B80FB57)
_FOOTER: Final = 48
#: A block's compression and checksum, behind it.
_TRAILER: Final = 5
_PLAIN, _SNAPPY = 0, 1
#: Bytes after which a block ends, and entries from one whole key to the next, as in TensorFlow.
_BLOCK: Final = 262144
_INTERVAL: Final = 16


def write_table(items: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a table; the keys must come in order."""
    table = bytearray()
    index = _Block(1)
    block = _Block(_INTERVAL)
    handle = b""
    last = b""
    for key, value in items:
        if handle:
            index.add(_between(last, key), handle)
            handle = b""
        block.add(key, value)
        last = key
        if block.size >= _BLOCK:
            handle = _append(table, block)
            block = _Block(_INTERVAL)
    if block.count:
        handle = _append(table, block)
    nothing = _append(table, _Block(_INTERVAL))
    if handle:
        index.add(_after(last), handle)
    footer = nothing + _append(table, index)
    return bytes(table) + footer.ljust(_FOOTER - len(_MAGIC), b"\0") + _MAGIC


class _Block:
    """Entries of a table in the making."""

    def __init__(self, interval: int) -> None:
        self.data = bytearray()
        self.count = 0
        self._interval = interval
        self._whole = [0]
        self._last = b""

    @property
    def size(self) -> int:
        return len(self.data) + 4 * len(self._whole) + 4

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self.count and self.count % self._interval == 0:
            self._whole.append(len(self.data))
        elif self.count:
            shared = _shared(self._last, key)
        self.data += varint(shared) + varint(len(key) - shared) + varint(len(value))
        self.data += key[shared:] + value
        self._last = key
        self.count += 1

    def finished(self) -> bytes:
        whole = struct.pack(f"<{len(self._whole)}I", *self._whole)
        return bytes(self.data) + whole + struct.pack("<I", len(self._whole))


def _append(table: bytearray, block: _Block) -> bytes:
    """Append a block, and return where it is as the index says it."""
    data = block.finished()
    start = len(table)
    kind = bytes([_PLAIN])
    table += data + kind + struct.pack("<I", masked_crc32c(data + kind))
    return varint(start) + varint(len(data))


def _shared(one: bytes, other: bytes) -> int:
    """Return how many bytes two keys begin with alike."""
    most = min(len(one), len(other))
    return next((i for i in range(most) if one[i] != other[i]), most)


def _between(low: bytes, high: bytes) -> bytes:
    """Return a short key that is not before one, and before another."""
    at = _shared(low, high)
    if at < min(len(low), len(high)) and low[at] < 255 and low[at] + 1 < high[at]:
        return low[:at] + bytes([low[at] + 1])
    return low


def _after(key: bytes) -> bytes:
    """Return a short key that is not before another."""
    for at, byte in enumerate(key):
        if byte < 255:
            return key[:at] + bytes([byte + 1])
    return key


def read_table(data: bytes, name: str) -> dict[bytes, bytes]:
    """Return what a table has, in order. Every byte of it is checked.

    Args:
      data: the table.
      name: what errors call it.

    Raises:
      DataLossError: it is damaged, or no table.
    """
    try:
        return dict(_items(data))
    except (ValueError, struct.error) as error:
        text = f"Unable to read file ({name}). Perhaps the file is corrupt: {error}"
        raise DataLossError(None, None, text) from error


def _items(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(data) < _FOOTER:
        raise ValueError("file is too short to be an sstable")
    body, footer = data[:-_FOOTER], data[-_FOOTER:]
    if not footer.endswith(_MAGIC):
        raise ValueError("not an sstable (bad magic number)")
    reader = Reader(footer[: -len(_MAGIC)])
    nothing = reader.varint(), reader.varint()
    index = reader.varint(), reader.varint()
    if any(reader.rest()):
        raise ValueError("the footer is damaged")
    handles = [_handle(value) for _, value in _entries(_block(body, *index))]
    _check_no_gap([*handles, nothing, index], len(body))
    if list(_entries(_block(body, *nothing))):
        raise ValueError("the block of properties is not empty")
    before: bytes | None = None
    for handle in handles:
        for key, value in _entries(_block(body, *handle)):
            if before is not None and key <= before:
                raise ValueError("keys are out of order")
            before = key
            yield key, value


def _handle(value: bytes) -> tuple[int, int]:
    reader = Reader(value)
    return reader.varint(), reader.varint()


def _check_no_gap(handles: list[tuple[int, int]], length: int) -> None:
    """Raise ValueError unless blocks lie one behind the other; so no byte goes unchecked."""
    end = 0
    for start, size in handles:
        if start != end:
            raise ValueError(f"a block begins at {start}, not at {end}")
        end = start + size + _TRAILER
    if end != length:
        raise ValueError(f"the last block ends at {end}, not at {length}")


def _block(body: bytes, start: int, size: int) -> bytes:
    end = start + size
    if end + _TRAILER > len(body):
        raise ValueError("truncated block read")
    data, kind = body[start:end], body[end]
    (stored,) = struct.unpack_from("<I", body, end + 1)
    if masked_crc32c(body[start : end + 1]) != stored:
        raise ValueError("block checksum mismatch")
    if kind == _SNAPPY:
        return uncompressed(data)
    if kind != _PLAIN:
        raise ValueError(f"unknown compression {kind}")
    return data


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    (count,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 - 4 * count
    if end < 0:
        raise ValueError("bad block contents")
    reader = Reader(block[:end])
    key = b""
    while not reader.done:
        shared, own, size = reader.varint(), reader.varint(), reader.varint()
        if shared > len(key):
            raise ValueError("bad entry in block")
        key = key[:shared] + reader.take(own)
        yield key, reader.take(size)
