"""Numbers and text as checkpoints have them: of varying length, and such that bytes keep order."""

from __future__ import annotations

import re


def varint(value: int) -> bytes:
    """Return a number that is not negative, seven bits a byte, the lowest first."""
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


class Reader:
    """Reads bytes from the first to the last.

    Its methods raise ValueError where the bytes end too soon, or are not what is read.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._data)

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._at

    def varint(self) -> int:
        """Return what `varint` wrote, of at most 64 bits."""
        value = 0
        for shift in range(0, 64, 7):
            if self.done:
                raise ValueError("a number is cut off")
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                if shift and not byte:
                    # A byte less would do: it is not what anybody writes, but damage.
                    raise ValueError("a number has a byte too many")
                return value
        raise ValueError("a number is too long")

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        end = self._at + size
        if end > len(self._data):
            raise ValueError("the data are cut off")
        found = self._data[self._at : end]
        self._at = end
        return found

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(len(self._data) - self._at)


# What keeps order


def ordered(value: int) -> bytes:
    """Return a number that is not negative: its length, and its bytes, the highest first."""
    size = (value.bit_length() + 7) // 8
    return bytes([size]) + value.to_bytes(size, "big")


def ordered_text(text: bytes) -> bytes:
    """Return bytes such that another text may follow."""
    return re.sub(b"[\0\xff]", lambda m: m[0] + bytes([255 - m[0][0]]), text) + b"\0\1"


def ordered_signed(value: int) -> bytes:
    """Return a number, which may be negative; its length is in its first bits."""
    bits = (~value if value < 0 else value).bit_length()
    size = bits // 7 + 1
    number = value % (1 << (8 * size))
    # As many ones as there are bytes, and a zero; turned over by the sign.
    header = ((1 << size) - 1) << (7 * size)
    return (number ^ header).to_bytes(size, "big")
