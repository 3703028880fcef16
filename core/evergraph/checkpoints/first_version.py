"""Checkpoints of the first version: tables whose values are messages, each file with its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.checkpoints.commits import exclusive, write_atomically
from evergraph.checkpoints.reading import check_complete, new_array, overlap
from evergraph.checkpoints.slices import Slice, parsed, sizes
from evergraph.checkpoints.tables import read_table, write_table
from evergraph.checkpoints.writing import Item
from evergraph.dtypes import DType, all_dtypes, as_dtype
from evergraph.errors import DataLossError, InvalidArgumentError, NotFoundError, UnimplementedError
from evergraph.files import matching_files, read_file
from evergraph.tensor_proto import array_to_proto, make_ndarray

#: The key of what says which tensors there are.
_META: Final = b""
#: Types that came after this version.
_LATER: Final = frozenset(
    d.name for d in all_dtypes() if d.name.startswith(("bfloat", "float8", "float4"))
) | {"uint32", "uint64", "int4", "uint4", "int2", "uint2"}
_SHARDED: Final = re.compile(r"-(\?{5}|\d{5})-of-\d{5}$")


def matching(pattern: str) -> list[str]:
    """Return the files that a pattern stands for, or that is one."""
    if os.path.isfile(pattern):
        return [pattern]
    if not _SHARDED.search(pattern):
        return []
    return sorted(os.fsdecode(f) for f in matching_files(os.fsencode(pattern)))


class FirstVersion:
    """The tensors of such files.

    Raises:
      DataLossError: a file is damaged, or is none of these.
    """

    def __init__(self, pattern: str, files: Sequence[str]) -> None:
        self._pattern = pattern
        #: By name the type, the shape, and by slice the message with the values.
        self._tensors: dict[bytes, tuple[DType, tuple[int, ...], dict[Slice, bytes]]] = {}
        for file in files:
            self._add(file)

    def _add(self, file: str) -> None:
        table = read_table(read_file(os.fsencode(file)), file)
        for tensor in _message(table.get(_META, b""), file).meta.tensor:
            name = tensor.name.encode()
            shape = tuple(d.size for d in tensor.shape.dim)
            try:
                dtype = as_dtype(tensor.type)
            except TypeError as error:
                raise DataLossError(None, None, f"{file}: tensor {tensor.name}: {error}") from error
            known = self._tensors.setdefault(name, (dtype, shape, {}))
            if known[:2] != (dtype, shape) or any(d < 0 for d in shape):
                raise DataLossError(None, None, f"{file}: tensor {tensor.name} is another one")
            for proto in tensor.slice:
                part = Slice.from_proto(proto)
                data = table.get(part.key(name))
                if data is None:
                    raise DataLossError(None, None, f"{file} lacks a slice of {tensor.name}")
                known[2][part] = data

    def names(self) -> list[bytes]:
        """Return the names of all tensors, in order."""
        return sorted(self._tensors)

    def __contains__(self, name: bytes) -> bool:
        return name in self._tensors

    def missing(self, names: Sequence[bytes]) -> str:
        """Return what is said of names that it does not have."""
        text = '", "'.join(os.fsdecode(n) for n in names)
        return f'Tensor name "{text}" not found in checkpoint files {self._pattern}'

    def dtype(self, name: bytes) -> DType:
        """Return the type of a tensor; NotFoundError if there is none of that name."""
        return self._found(name)[0]

    def shape(self, name: bytes) -> tuple[int, ...]:
        """Return the shape of a tensor; NotFoundError if there is none of that name."""
        return self._found(name)[1]

    def _found(self, name: bytes) -> tuple[DType, tuple[int, ...], dict[Slice, bytes]]:
        if name not in self:
            raise NotFoundError(None, None, self.missing([name]))
        return self._tensors[name]

    def read(self, name: bytes, part: Slice | None = None) -> np.ndarray[Any, Any]:
        """Return a tensor, or a part of it, as an array of its own.

        Raises:
          NotFoundError: there is none of that name.
          InvalidArgumentError: the slices that are there do not have all of the part.
          DataLossError: it is damaged.
        """
        dtype, shape, slices = self._found(name)
        text = os.fsdecode(name)
        wanted = part or Slice.whole(len(shape))
        result = new_array(sizes(shape, wanted), dtype)
        missing = np.ones(result.shape, bool)
        for found, data in slices.items():
            try:
                places = overlap(shape, wanted, found)
                if places is None:
                    continue
                tensor = _message(data, text).data.data
                # The message has neither type nor shape: those of all tensors are in one place.
                tensor.dtype = dtype.as_datatype_enum
                del tensor.tensor_shape.dim[:]
                for size in sizes(shape, found):
                    tensor.tensor_shape.dim.add().size = size
                value = make_ndarray(tensor)
            except ValueError as error:
                raise DataLossError(None, None, f"tensor {text}: {error}") from error
            to, source = places
            result[to] = value[source]
            missing[to] = False
        check_complete(missing, text, wanted)
        return result

    def close(self) -> None:
        """Do nothing: the files are read as a whole."""


def _message(data: bytes, name: str) -> protos.SavedTensorSlices:
    message = protos.SavedTensorSlices()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise DataLossError(None, None, f"{name} is damaged: {error}") from error
    return message


def write_first_version(path: str, items: Iterable[Item]) -> None:
    """Write a checkpoint of the first version.

    Raises:
      InvalidArgumentError: a part is not of the shape it says, or two are the same.
      UnimplementedError: the format has no such type.
      AbortedError: somebody else writes it.
      OpError: it cannot be written; which type says why.
    """
    meta = protos.SavedTensorSlices()
    meta.meta.versions.producer = 1
    tensors: dict[bytes, protos.SavedSliceMeta] = {}
    table: dict[bytes, bytes] = {}
    for item in items:
        if item.dtype.name in _LATER or not item.dtype.is_numpy_compatible:
            raise UnimplementedError(
                None, None, f"Saving data type {item.dtype.name} not yet supported"
            )
        shape, part = item.value.shape, Slice.whole(item.value.ndim)
        if item.spec:
            shape, part = parsed(item.spec)
        text = os.fsdecode(item.name)
        if item.name not in tensors:
            tensor = meta.meta.tensor.add(name=text, type=item.dtype.as_datatype_enum)
            tensor.shape.SetInParent()
            for size in shape:
                tensor.shape.dim.add().size = size
            tensors[item.name] = tensor
        key = part.key(item.name)
        if key in table or sizes(shape, part) != item.value.shape:
            raise InvalidArgumentError(None, None, f"tensor {text}: its slices do not fit")
        tensors[item.name].slice.append(part.to_proto())
        data = protos.SavedTensorSlices()
        data.data.name = text
        data.data.slice.CopyFrom(part.to_proto())
        value = array_to_proto(np.asarray(item.value), item.dtype, item.value.shape, False)
        # The type and the shape are said in the other place alone.
        value.ClearField("dtype")
        value.ClearField("tensor_shape")
        data.data.data.CopyFrom(value)
        table[key] = data.SerializeToString()
    table[_META] = meta.SerializeToString()
    with exclusive(path):
        write_atomically(path, write_table(sorted(table.items())))
