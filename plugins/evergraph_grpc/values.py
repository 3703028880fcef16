"""Values as bytes, and back; nothing that arrives is ever evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from evergraph.plugin import DType, as_dtype, errors
from evergraph_grpc.protos import Strings

#: Elements of more bytes travel in pieces of this size.
PIECE = 1 << 20

Array = np.ndarray[Any, Any]


def content_of(value: Any) -> tuple[Sequence[int], memoryview]:
    """Return the shape and the elements of a value.

    Raises:
      UnimplementedError: it is no array, but something of this process.
    """
    if isinstance(value, bytes):
        return (), memoryview(Strings(item=[value]).SerializeToString())
    if not isinstance(value, np.ndarray | np.generic):
        raise errors.UnimplementedError(
            None, None, f"a value of type {type(value).__name__} does not leave its process"
        )
    array = np.asarray(value)
    if array.dtype == object:
        return array.shape, memoryview(Strings(item=array.ravel().tolist()).SerializeToString())
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return array.shape, flat.data


def value_of(dims: Sequence[int], content: Any, dtype: DType) -> Any:
    """Return the value of a shape and elements, which it may refer to.

    Raises:
      InvalidArgumentError: the elements do not fill the shape.
    """
    if dtype.name == "string":
        try:
            strings = Strings.FromString(bytes(content)).item
        except DecodeError:
            raise _unfit(dims, "other bytes than strings", dtype) from None
        array = np.empty(len(strings), object)
        array[:] = list(strings)
    else:
        check_size(dims, len(content), dtype)
        array = np.frombuffer(content, dtype.numpy)
    return shaped(array, dims, dtype)


def shaped(array: Array, dims: Sequence[int], dtype: DType) -> Any:
    """Return elements in their shape; of rank 0, the element itself.

    Raises:
      InvalidArgumentError: there are more or less of them.
    """
    if min(dims, default=0) < 0:
        raise _unfit(dims, f"{array.size} elements", dtype)
    try:
        array = array.reshape(tuple(dims))
    except ValueError:
        raise _unfit(dims, f"{array.size} elements", dtype) from None
    return array if array.ndim else array[()]


def empty(dims: Sequence[int], size: int, dtype: DType) -> Array:
    """Return a new array of a shape, which a number of bytes will fill.

    Raises:
      InvalidArgumentError: they would not.
    """
    check_size(dims, size, dtype)
    return np.empty(tuple(dims), dtype.numpy)


def check_size(dims: Sequence[int], size: int, dtype: DType) -> None:
    """Raise InvalidArgumentError unless a number of bytes fills a shape."""
    wanted = dtype.numpy.itemsize
    for dim in dims:
        wanted *= dim
    if wanted != size or min(dims, default=0) < 0:
        raise _unfit(dims, f"{size} bytes", dtype)


def number_of(value: Any) -> int:
    """Return the number of the element type of an array."""
    name = "string" if isinstance(value, bytes) else str(np.asarray(value).dtype)
    return as_dtype("string" if name == "object" else name).as_datatype_enum


def _unfit(dims: Sequence[int], what: str, dtype: DType) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(
        None, None, f"{what} do not fill a {dtype.name} tensor of shape {list(dims)}"
    )
