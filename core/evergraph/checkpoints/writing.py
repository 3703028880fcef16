"""Writing checkpoints, and making one of several."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from evergraph import protos
from evergraph.checkpoints.commits import Commit, committing, data_name, index_name
from evergraph.checkpoints.entries import HEADER, entry_of, header_of, index_of, shape_of
from evergraph.checkpoints.slices import is_whole, parsed, sizes
from evergraph.checkpoints.tables import read_table
from evergraph.checkpoints.values import encoded
from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.files import read_file, system_errors
from evergraph.shapes import bracketed


@dataclass(frozen=True)
class Item:
    """A tensor to be saved: all of one, or the part that `spec` says (b"": all)."""

    name: bytes
    value: Any
    dtype: DType
    spec: bytes = b""


def write_checkpoint(prefix: str, items: Iterable[Item]) -> None:
    """Write a checkpoint; what was there holds until all is written.

    Raises:
      InvalidArgumentError: two items have the same name, or a part is not of the shape it says.
      AbortedError: somebody else saves there.
      OpError: it cannot be written; which type says why.
    """
    with committing(prefix) as commit:
        entries: dict[bytes, protos.BundleEntryProto] = {}
        path = commit.data(0, 1)
        with system_errors(path), open(path, "wb") as file:
            for item in items:
                _add(entries, item, file)
            file.flush()
            os.fsync(file.fileno())
        commit.finish(index_of(entries, 1))


def _add(entries: dict[bytes, protos.BundleEntryProto], item: Item, file: IO[bytes]) -> None:
    key = item.name
    if item.spec:
        shape, part = parsed(item.spec)
        if sizes(shape, part) != item.value.shape:
            raise InvalidArgumentError(
                None,
                None,
                "Slice in shape_and_slice specification does not match the shape of the tensor to  "
                f"save: {os.fsdecode(item.spec)}, tensor: {bracketed(item.value.shape)}: tensor "
                f"{os.fsdecode(item.name)}",
            )
        if not is_whole(shape, part):
            whole = entries.setdefault(key, _entry(item.dtype, shape))
            if whole.size or shape_of(whole) != shape or whole.dtype != _enum(item.dtype):
                raise _duplicate(item.name)
            whole.slices.append(part.to_proto())
            key = part.key(item.name)
    if key in entries:
        raise _duplicate(item.name)
    entry = entries[key] = _entry(item.dtype, item.value.shape)
    pieces, entry.crc32c = encoded(item.value, item.dtype)
    entry.offset = file.tell()
    entry.size = sum(len(p) for p in pieces)
    for piece in pieces:
        file.write(piece)


def _entry(dtype: DType, shape: Sequence[int]) -> protos.BundleEntryProto:
    entry = protos.BundleEntryProto(dtype=_enum(dtype))
    entry.shape.SetInParent()
    for size in shape:
        entry.shape.dim.add().size = size
    return entry


def _enum(dtype: DType) -> int:
    return dtype.as_datatype_enum


def _duplicate(name: bytes) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, f"Adding duplicate key: {os.fsdecode(name)}")


# Merging


def merge_checkpoints(
    prefixes: Sequence[str], destination: str, delete_old: bool, allow_missing: bool
) -> None:
    """Make one checkpoint of several; their files of values become its own.

    Args:
      prefixes: the checkpoints.
      destination: the prefix of the one.
      delete_old: whether the folders of the several are removed, if they are empty then.
      allow_missing: whether some of them may not be there.

    Raises:
      InvalidArgumentError: two of them have the same tensor, or one is not there.
      DataLossError: one is damaged.
      AbortedError: somebody else saves there.
    """
    tables = {}
    for prefix in prefixes:
        try:
            tables[prefix] = read_table(read_file(os.fsencode(index_name(prefix))), prefix)
        except NotFoundError as error:
            if not allow_missing:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"allow_missing_files was set to false and {prefix} did not exist.",
                ) from error
    if not tables:
        raise InvalidArgumentError(
            None, None, "At least one prefix checkpoint file must exist, but none existed."
        )
    headers = {p: header_of(table, index_name(p)) for p, table in tables.items()}
    shards = sum(h.num_shards for h in headers.values())
    with committing(destination) as commit:
        entries: dict[bytes, protos.BundleEntryProto] = {}
        first = 0
        for prefix, table in tables.items():
            _merge(entries, table, first, prefix)
            _move(commit, prefix, headers[prefix].num_shards, first, shards)
            first += headers[prefix].num_shards
        commit.finish(index_of(entries, shards))
    for prefix in tables:
        with contextlib.suppress(OSError):
            os.unlink(index_name(prefix))
    if delete_old:
        for folder in {os.path.dirname(p) for p in prefixes} - {os.path.dirname(destination)}:
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def _merge(
    entries: dict[bytes, protos.BundleEntryProto],
    table: dict[bytes, bytes],
    first: int,
    prefix: str,
) -> None:
    for key, data in table.items():
        if key == HEADER:
            continue
        entry = entry_of(data, os.fsdecode(key))
        known = entries.get(key)
        if known is None:
            entries[key] = entry
            if not entry.slices:
                entry.shard_id += first
        elif not known.slices or not entry.slices:
            raise InvalidArgumentError(
                None,
                None,
                f"Duplicate tensor keyed by {os.fsdecode(key)} encountered, when merging prefix: "
                f"{prefix}",
            )
        elif known.dtype != entry.dtype or known.shape != entry.shape:
            raise InvalidArgumentError(
                None, None, f"slices of tensor {os.fsdecode(key)} are of different wholes"
            )
        else:
            known.slices.extend(entry.slices)


def _move(commit: Commit, prefix: str, count: int, first: int, shards: int) -> None:
    for shard in range(count):
        name = data_name(prefix, shard, count)
        with system_errors(name):
            os.replace(name, commit.data(first + shard, shards))
