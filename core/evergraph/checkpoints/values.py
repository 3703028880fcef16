"""Tensors as bytes of a checkpoint, with their checksums."""

from __future__ import annotations

import math
import struct
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.checkpoints.numbers import Reader, varint
from evergraph.dtypes import DType
from evergraph.errors import DataLossError, UnimplementedError
from evergraph.readers.checksums import crc32c, masked

_SHORT: Final = 0xFFFFFFFF


def encoded(value: Any, dtype: DType) -> tuple[list[Any], int]:
    """Return the pieces that the bytes of a tensor are, and its checksum.

    Raises:
      UnimplementedError: the type is one of handles.
    """
    if dtype is dtypes.string:
        return _encoded_strings(np.asarray(value, object).reshape(-1).tolist())
    if not dtype.is_numpy_compatible:
        raise UnimplementedError(None, None, f"tensors of type {dtype.name} cannot be saved")
    array = np.ascontiguousarray(value, dtype.numpy)
    data = array.reshape(-1).view(np.uint8)
    return [data], masked(crc32c(data))


def _encoded_strings(strings: list[bytes]) -> tuple[list[Any], int]:
    """Return lengths, their checksum, and the text of all."""
    crc = crc32c(b"".join(_fixed(len(s)) for s in strings))
    check = struct.pack("<I", masked(crc))
    text = b"".join(strings)
    crc = crc32c(text, crc32c(check, crc))
    return [b"".join(varint(len(s)) for s in strings), check, text], masked(crc)


def _fixed(length: int) -> bytes:
    return struct.pack("<I" if length <= _SHORT else "<Q", length)


def decoded(
    data: np.ndarray[Any, Any], dtype: DType, shape: tuple[int, ...], stored: int, where: str
) -> np.ndarray[Any, Any]:
    """Return the tensor that bytes are.

    Args:
      data: the bytes; the array is kept.
      dtype: the type of the tensor.
      shape: its shape.
      stored: its checksum.
      where: what errors call it.

    Raises:
      DataLossError: they are not what was written.
    """
    if dtype is dtypes.string:
        return _decoded_strings(data.tobytes(), shape, stored, where)
    found = masked(crc32c(data))
    if found != stored:
        raise _checksum_error(stored, found, where)
    if dtype.is_bool:
        # Whatever is not zero is true; NumPy takes no other byte than 1 for that.
        data = data != 0
    return data.view(dtype.numpy).reshape(shape)


def _decoded_strings(
    data: bytes, shape: tuple[int, ...], stored: int, where: str
) -> np.ndarray[Any, Any]:
    reader = Reader(data)
    try:
        lengths = [reader.varint() for _ in range(math.prod(shape))]
        check = reader.take(4)
        text = reader.rest()
    except ValueError as error:
        raise DataLossError(None, None, f"{where}: {error}") from error
    crc = crc32c(b"".join(_fixed(length) for length in lengths))
    (expected,) = struct.unpack("<I", check)
    if masked(crc) != expected:
        raise DataLossError(
            None,
            None,
            f"{where}: The length checksum does not match: expected {expected} but actual is "
            f"{masked(crc)}",
        )
    found = masked(crc32c(text, crc32c(check, crc)))
    if found != stored or sum(lengths) != len(text):
        raise _checksum_error(stored, found, where)
    strings = np.empty(len(lengths), object)
    at = 0
    for i, length in enumerate(lengths):
        strings[i] = text[at : at + length]
        at += length
    return strings.reshape(shape)


def _checksum_error(stored: int, found: int, where: str) -> DataLossError:
    return DataLossError(
        None,
        None,
        f"{where}: Checksum does not match: stored {stored} vs. calculated on the restored bytes "
        f"{found}",
    )
