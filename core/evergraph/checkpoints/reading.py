"""Reading checkpoints. All that is read is checked against its checksum."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from contextlib import suppress
from io import BufferedReader
from typing import Any, Final

import numpy as np

from evergraph import dtypes, protos
from evergraph.checkpoints.commits import data_name, held, index_name
from evergraph.checkpoints.entries import HEADER, dtype_of, entry_of, header_of, shape_of
from evergraph.checkpoints.slices import Bounds, Slice, common, sizes
from evergraph.checkpoints.tables import read_table
from evergraph.checkpoints.values import decoded
from evergraph.dtypes import DType
from evergraph.errors import (
    DataLossError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
    UnimplementedError,
)
from evergraph.files import read_file, system_errors
from evergraph.limits import check_allocation

#: Files that are opened at once; of more than these, the others are when they are needed.
_MOST_OPEN: Final = 64
#: How often it is opened anew if somebody saves at just that time.
_ATTEMPTS: Final = 100
#: Keys of slices begin with it; names do not.
_SLICE: Final = b"\0"


class Checkpoint:
    """A checkpoint of the second version: an index, and files of values.

    It stays what it was when it was opened, whatever is saved to the prefix since then.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._files: dict[int, BufferedReader] = {}
        for _ in range(_ATTEMPTS):
            before = self._state()
            self._open(before[0])
            if self._state() == before:
                return
            # It was saved anew meanwhile: files may be those of one save, the index of another.
            self.close()

    def _state(self) -> tuple[str, Any]:
        """Return what is another one after each save."""
        try:
            index = os.stat(index_name(self._prefix))
        except OSError:
            return held(self._prefix), None
        return held(self._prefix), (index.st_ino, index.st_mtime_ns)

    def _open(self, suffix: str) -> None:
        self._suffix = suffix
        name = index_name(self._prefix)
        try:
            data = read_file(os.fsencode(name + suffix))
        except NotFoundError:
            if not suffix:
                raise
            # It has got its name just now.
            data = read_file(os.fsencode(name))
        self._table = read_table(data, name)
        self._shards = header_of(self._table, name).num_shards
        for shard in range(min(self._shards, _MOST_OPEN)):
            # What is missing is an error for who needs it.
            with suppress(OpError):
                self._file(shard)

    def names(self) -> list[bytes]:
        """Return the names of all tensors, in order."""
        return [k for k in self._table if k != HEADER and not k.startswith(_SLICE)]

    def __contains__(self, name: bytes) -> bool:
        return name in self._table and name != HEADER

    def missing(self, names: Sequence[bytes]) -> str:
        """Return what is said of names that it does not have."""
        first, *others = (os.fsdecode(name) for name in names)
        more = f", nor {', '.join(others)}" if others else ""
        return f"Key {first} not found in checkpoint{more}"

    def dtype(self, name: bytes) -> DType:
        """Return the type of a tensor; NotFoundError if there is none of that name."""
        return dtype_of(self._entry(name), os.fsdecode(name))

    def shape(self, name: bytes) -> tuple[int, ...]:
        """Return the shape of a tensor; NotFoundError if there is none of that name."""
        return shape_of(self._entry(name))

    def read(self, name: bytes, part: Slice | None = None) -> np.ndarray[Any, Any]:
        """Return a tensor, or a part of it, as an array of its own.

        Raises:
          NotFoundError: there is none of that name, or a file is missing.
          InvalidArgumentError: the slices that are there do not have all of the part.
          DataLossError: it is damaged.
        """
        entry = self._entry(name)
        text = os.fsdecode(name)
        shape = shape_of(entry)
        if not entry.slices:
            value = self._value(entry, text)
            if part is None:
                return value
            inside = tuple(slice(b, e) for b, e in part.bounds(shape))
            return value[inside].copy()
        return self._from_slices(entry, name, part or Slice.whole(len(shape)))

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _entry(self, name: bytes) -> protos.BundleEntryProto:
        if name not in self:
            raise NotFoundError(None, None, self.missing([name]))
        return entry_of(self._table[name], os.fsdecode(name))

    def _from_slices(
        self, entry: protos.BundleEntryProto, name: bytes, wanted: Slice
    ) -> np.ndarray[Any, Any]:
        text = os.fsdecode(name)
        shape = shape_of(entry)
        dtype = dtype_of(entry, text)
        result = new_array(sizes(shape, wanted), dtype)
        missing = np.ones(result.shape, bool)
        for proto in entry.slices:
            found = Slice.from_proto(proto)
            try:
                places = overlap(shape, wanted, found)
            except ValueError as error:
                raise DataLossError(None, None, f"tensor {text}: {error}") from error
            if places is None:
                continue
            key = found.key(name)
            value = self._value(self._entry(key), os.fsdecode(key))
            if value.shape != sizes(shape, found) or value.dtype != result.dtype:
                raise DataLossError(None, None, f"slice {found} of tensor {text} is another one")
            to, source = places
            result[to] = value[source]
            missing[to] = False
        check_complete(missing, text, wanted)
        return result

    def _value(self, entry: protos.BundleEntryProto, name: str) -> np.ndarray[Any, Any]:
        dtype = dtype_of(entry, name)
        if not dtype.is_numpy_compatible:
            raise UnimplementedError(
                None, None, f"tensor {name} of type {dtype.name} cannot be restored"
            )
        shape = shape_of(entry)
        count = math.prod(shape)
        # Of strings there are at least the lengths.
        expected = count + 4 if dtype is dtypes.string else count * dtype.numpy.itemsize
        if entry.size < expected or (dtype is not dtypes.string and entry.size != expected):
            raise DataLossError(
                None,
                None,
                f"Invalid size in bundle entry: key {name}; stored size {entry.size}; expected "
                f"size {expected}",
            )
        data = self._bytes(entry, name)
        return decoded(
            data,
            dtype,
            shape,
            entry.crc32c,
            f"TensorBundle at {self._prefix} shard {entry.shard_id} ({entry.size} bytes), tensor "
            f"{name}",
        )

    def _bytes(self, entry: protos.BundleEntryProto, name: str) -> np.ndarray[Any, Any]:
        if entry.shard_id >= self._shards:
            raise DataLossError(
                None,
                None,
                f"tensor {name} is in file {entry.shard_id}, which is none of {self._shards}",
            )
        file = self._file(entry.shard_id)
        with system_errors(self._prefix):
            length = os.fstat(file.fileno()).st_size
            if entry.offset + entry.size > length:
                # TF: an OutOfRangeError, which programs take for the end of their input.
                raise DataLossError(
                    None,
                    None,
                    f"{file.name} is cut off: tensor {name} ends at byte "
                    f"{entry.offset + entry.size} of {length}",
                )
            data = np.empty(entry.size, np.uint8)
            file.seek(entry.offset)
            if file.readinto(data.data) != entry.size:
                raise DataLossError(None, None, f"{file.name} is cut off: tensor {name}")
        return data

    def _file(self, shard: int) -> BufferedReader:
        known = self._files.get(shard)
        if known is None:
            name = data_name(self._prefix, shard, self._shards)
            with system_errors(name):
                known = self._files[shard] = _open(name, self._suffix)
        return known


def _open(name: str, suffix: str) -> BufferedReader:
    if suffix:
        try:
            return open(name + suffix, "rb")
        except FileNotFoundError:
            pass  # it has got its name already
    return open(name, "rb")


# For both versions


def new_array(shape: tuple[int, ...], dtype: DType) -> np.ndarray[Any, Any]:
    """Return an array to be filled.

    Raises:
      ResourceExhaustedError: it is larger than memory allows.
    """
    check_allocation(shape, dtype)
    return np.zeros(shape, dtype.numpy)


def overlap(
    shape: tuple[int, ...], wanted: Slice, found: Slice
) -> tuple[tuple[slice, ...], tuple[slice, ...]] | None:
    """Return what two slices have in common as a part of either; None if that is nothing.

    Raises:
      ValueError: a slice does not lie inside the shape.
    """
    one, other = wanted.bounds(shape), found.bounds(shape)
    both = common(one, other)
    if any(end <= begin for begin, end in both):
        return None
    return _inside(both, one), _inside(both, other)


def _inside(part: Bounds, outer: Bounds) -> tuple[slice, ...]:
    pairs = zip(part, outer, strict=True)
    return tuple(slice(begin - start, end - start) for (begin, end), (start, _) in pairs)


def check_complete(missing: np.ndarray[Any, Any], name: str, wanted: Slice) -> None:
    """Raise InvalidArgumentError if anything is missing."""
    if missing.any():
        raise InvalidArgumentError(
            None,
            None,
            f"Does not have sufficient slices for partitioned tensor {name} to restore in "
            f"slice_spec: {wanted}",
        )
