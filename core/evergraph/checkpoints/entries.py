"""The entries of a checkpoint's index: what there is of each tensor, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evergraph import protos
from evergraph.checkpoints.tables import write_table
from evergraph.dtypes import DType, as_dtype
from evergraph.errors import DataLossError

#: The key of the header.
HEADER: Final = b""
_VERSION: Final = 1


def index_of(entries: Mapping[bytes, protos.BundleEntryProto], shards: int) -> bytes:
    """Return the index of a checkpoint of so many files of values."""
    header = protos.BundleHeaderProto(num_shards=shards)
    header.version.producer = _VERSION
    items = {HEADER: header.SerializeToString()}
    items |= {key: entry.SerializeToString() for key, entry in entries.items()}
    return write_table(sorted(items.items()))


def header_of(table: Mapping[bytes, bytes], name: str) -> protos.BundleHeaderProto:
    """Return the header of an index.

    Raises:
      DataLossError: there is none, or none that can be understood.
    """
    header = protos.BundleHeaderProto()
    if HEADER not in table or not _parsed(header, table[HEADER]):
        raise DataLossError(None, None, f"{name} has no header of a checkpoint")
    if header.endianness != protos.BundleHeaderProto.LITTLE:
        raise DataLossError(None, None, f"{name} has the byte order of another kind of machine")
    if header.version.min_consumer > _VERSION or header.num_shards < 1:
        raise DataLossError(None, None, f"{name} is of a version that is not known: {header}")
    return header


def entry_of(data: bytes, name: str) -> protos.BundleEntryProto:
    """Return the entry that bytes are.

    Raises:
      DataLossError: they are none.
    """
    entry = protos.BundleEntryProto()
    if (
        not _parsed(entry, data)
        or min(entry.offset, entry.size, entry.shard_id) < 0
        or any(d.size < 0 for d in entry.shape.dim)
    ):
        raise DataLossError(None, None, f"the entry of tensor {name} is damaged")
    dtype_of(entry, name)
    return entry


def _parsed(message: protos.BundleHeaderProto | protos.BundleEntryProto, data: bytes) -> bool:
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(data)
    except DecodeError:
        return False
    return True


def dtype_of(entry: protos.BundleEntryProto, name: str) -> DType:
    """Return the type of an entry's tensor; DataLossError if it has none."""
    try:
        dtype = as_dtype(entry.dtype)
        if dtype.base_dtype is not dtype:
            raise TypeError(f"{dtype!r} is a reference")
        return dtype
    except TypeError as error:
        raise DataLossError(None, None, f"tensor {name} is of no known type: {error}") from error


def shape_of(entry: protos.BundleEntryProto) -> tuple[int, ...]:
    """Return the shape of an entry's tensor."""
    return tuple(d.size for d in entry.shape.dim)
