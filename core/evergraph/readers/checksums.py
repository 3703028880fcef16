"""CRC-32C, the checksum of TensorFlow's record files and checkpoints."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

#: What has bytes.
Buffer = bytes | bytearray | memoryview | np.ndarray[Any, Any]

#: The polynomial of Castagnoli, its bits in reverse.
_POLYNOMIAL: Final = np.uint32(0x82F63B78)
_ALL: Final = 0xFFFFFFFF
#: x^5685 + x^1362 + x^426 + 1 is a multiple of the polynomial, and so it is with all exponents
#: times a power of two. That moves bytes at the front of data behind them by exclusive or alone:
#: 100 MB take 0.03 s, for which a table takes 9 s, and one that goes through many rows at once 1 s.
_DEGREE: Final = 5685
_TERMS: Final = (1362, 426, 0)
#: Bytes that are folded at once; they should fit into a cache.
_PIECE: Final = 1 << 22


def crc32c(data: Buffer, crc: int = 0) -> int:
    """Return the CRC-32C of bytes.

    Args:
      data: the bytes.
      crc: the CRC-32C of what comes before them.
    """
    state = crc ^ _ALL
    view = np.frombuffer(data, np.uint8)
    for start in range(0, len(view), _PIECE):
        piece = view[start : start + _PIECE]
        if len(piece) > 2 * _DEGREE:
            piece, state = _folded(piece, state), 0
        state = _of_bytes(piece.tobytes(), state)
    return state ^ _ALL


def masked(crc: int) -> int:
    """Return a CRC-32C as files hold it."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & _ALL


def masked_crc32c(data: Buffer) -> int:
    """Return the CRC-32C of bytes as files hold it."""
    return masked(crc32c(data))


def _folded(data: np.ndarray[Any, Any], state: int) -> np.ndarray[Any, Any]:
    """Return fewer bytes, which lead from 0 to the state that data leads to from another one."""
    work = data.copy()
    work[:4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
    at, unit = 0, 1
    while 2 * unit * _DEGREE < len(work):
        unit *= 2
    while unit:
        while (left := len(work) - at - unit * _DEGREE) > 0:
            size = min(left, unit * (_DEGREE - _TERMS[0]))
            front = work[at : at + size]
            for term in _TERMS:
                behind = at + unit * (_DEGREE - term)
                part = work[behind : behind + size]
                np.bitwise_xor(part, front, out=part)
            at += size
        unit //= 2
    return work[at:]


def _of_bytes(data: bytes, state: int) -> int:
    table = _table()
    for byte in data:
        state = table[(state ^ byte) & 255] ^ (state >> 8)
    return state


@cache
def _table() -> list[int]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ _POLYNOMIAL, table >> 1)
    return table.tolist()
