"""CRC-32C, the checksum of TensorFlow's record files."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

#: The polynomial of Castagnoli, its bits in reverse.
_POLYNOMIAL: Final = np.uint32(0x82F63B78)
#: Bytes of a row; rows are taken side by side, which pays for data of some length.
_ROW: Final = 256
_ONE_BY_ONE: Final = 8 * _ROW
_ALL: Final = 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of bytes."""
    state, done = _ALL, 0
    if len(data) >= _ONE_BY_ONE:
        done = len(data) // _ROW * _ROW
        state = _of_rows(np.frombuffer(data, np.uint8, done).reshape(-1, _ROW), state)
    table = _table().tolist()
    for byte in data[done:]:
        state = table[(state ^ byte) & 255] ^ (state >> 8)
    return state ^ _ALL


def masked_crc32c(data: bytes) -> int:
    """Return the CRC-32C of bytes as record files hold it."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & _ALL


def _of_rows(rows: np.ndarray[Any, Any], state: int) -> int:
    table = _table()
    states = np.zeros(len(rows), np.uint32)
    for column in np.ascontiguousarray(rows.T):
        states = table[(states ^ column) & 255] ^ (states >> 8)
    # The checksum is linear: a row adds its own to that of what came before, moved past the row.
    first, second, third, fourth = _past_a_row()
    for own in states.tolist():
        state = (
            first[state & 255]
            ^ second[(state >> 8) & 255]
            ^ third[(state >> 16) & 255]
            ^ fourth[state >> 24]
            ^ own
        )
    return state


@cache
def _table() -> np.ndarray[Any, Any]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ _POLYNOMIAL, table >> 1)
    return table


@cache
def _past_a_row() -> list[list[int]]:
    """Return what becomes of each of a state's four bytes, by its value, in a row of zeros."""
    bytes_ = np.arange(256, dtype=np.uint32)
    states = np.stack([bytes_ << shift for shift in (0, 8, 16, 24)])
    for _ in range(_ROW):
        states = _table()[states & 255] ^ (states >> 8)
    return [row.tolist() for row in states]
