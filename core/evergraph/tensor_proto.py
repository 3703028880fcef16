"""`TensorProto` from and to NumPy: `make_tensor_proto` and `make_ndarray`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evergraph import dtypes, protos
from evergraph.dtypes import DType, as_dtype
from evergraph.limits import check_allocation
from evergraph.shapes import TensorShape, as_shape, bracketed

# The repeated field of each type, and how its items become elements: `plain` as they are, `bits`
# by reinterpreting integers, `pairs` two floats to a complex number.
_FIELDS: Final[dict[str, tuple[str, str]]] = {
    "float32": ("float_val", "plain"),
    "float64": ("double_val", "plain"),
    "int64": ("int64_val", "plain"),
    "uint32": ("uint32_val", "plain"),
    "uint64": ("uint64_val", "plain"),
    "bool": ("bool_val", "plain"),
    "string": ("string_val", "plain"),
    "complex64": ("scomplex_val", "pairs"),
    "complex128": ("dcomplex_val", "pairs"),
    "float16": ("half_val", "bits"),
    "bfloat16": ("half_val", "bits"),
    "float8_e5m2": ("float8_val", "bytes"),
    "float8_e4m3fn": ("float8_val", "bytes"),
    "float8_e4m3fnuz": ("float8_val", "bytes"),
    "float8_e4m3b11fnuz": ("float8_val", "bytes"),
    "float8_e5m2fnuz": ("float8_val", "bytes"),
    "float4_e2m1fn": ("float8_val", "bytes"),
}
_DEFAULT_FIELD: Final = ("int_val", "plain")

# Types of which TensorFlow writes several elements one by one, rather than as their bytes.
_NEVER_CONTENT: Final = ("bool", "complex64", "complex128", "int4", "uint4", "int2", "uint2")


def make_ndarray(tensor: protos.TensorProto) -> np.ndarray[Any, Any]:
    """Return the value of a `TensorProto`: a new array (`object` dtype of bytes for strings).

    Raises:
      TypeError: the type has no NumPy equivalent.
      ValueError: the content does not fill the declared shape, or the shape is not valid.
      ResourceExhaustedError: the declared shape is larger than memory allows.
    """
    dtype = as_dtype(tensor.dtype)
    if not dtype.is_numpy_compatible:
        raise TypeError(f"Unsupported tensor type: {dtype.name}")
    shape = TensorShape(tensor.tensor_shape)
    if not shape.is_fully_defined():
        raise ValueError(f"the shape of a tensor value must be fully defined, not {shape}")
    dims: tuple[int, ...] = tuple(d or 0 for d in shape.as_list())
    count = shape.num_elements() or 0
    storage = dtype.numpy
    if tensor.tensor_content:
        return _from_content(tensor.tensor_content, dtype, dims, count)
    items = _items(tensor, dtype)
    if len(items) > count:
        raise ValueError(f"{len(items)} values do not fit a tensor of shape {bracketed(dims)}")
    check_allocation(dims, dtype)
    # TensorFlow leaves off repetitions of the last value.
    fill: Any = items[-1] if len(items) else (b"" if dtype is dtypes.string else storage.type(0))
    if len(items) == count:
        return np.asarray(items, storage).reshape(dims)
    result = np.full(count, fill, storage)
    result[: len(items)] = items
    return result.reshape(dims)


def _from_content(
    content: bytes, dtype: DType, dims: tuple[int, ...], count: int
) -> np.ndarray[Any, Any]:
    if dtype is dtypes.string:
        raise ValueError("a string tensor cannot be given by tensor_content")
    if len(content) != count * dtype.numpy.itemsize:
        raise ValueError(
            f"tensor_content has {len(content)} bytes, but a {dtype.name} tensor of shape "
            f"{bracketed(dims)} takes {count * dtype.numpy.itemsize}"
        )
    return np.frombuffer(content, dtype.numpy).copy().reshape(dims)


def _items(tensor: protos.TensorProto, dtype: DType) -> Any:
    field, form = _FIELDS.get(dtype.name, _DEFAULT_FIELD)
    values = getattr(tensor, field)
    if not len(values):
        return values
    if dtype is dtypes.string:
        items = np.empty(len(values), object)
        items[:] = list(values)
        return items
    if form == "pairs":
        parts = np.asarray(values, dtype.real_dtype.numpy)
        return parts.view(dtype.numpy)
    if form == "bits":
        return np.asarray(values, np.int64).astype(np.uint16).view(dtype.numpy)
    if form == "bytes":
        return np.frombuffer(values, dtype.numpy)
    return np.asarray(values, np.int64 if field == "int_val" else None).astype(dtype.numpy)


def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> protos.TensorProto:
    """Return `values` as a `TensorProto`.

    Args:
      values: a Python scalar, a (nested) list, an ndarray, or a `TensorProto`.
      dtype: the type; by default int32 for ints, float32 for floats, else NumPy's.
      shape: the shape; by default that of `values`.
      verify_shape: whether `values` must have exactly that shape.
      allow_broadcast: whether a scalar, or a list of length 1, may fill that shape; a shorter
        list is filled up with its last value (as TensorFlow does).

    Raises:
      TypeError: `values` cannot be of that type.
      ValueError: `values` do not fill that shape, or are None.
    """
    if isinstance(values, protos.TensorProto):
        return values
    array = as_array(values, None if dtype is None else as_dtype(dtype))
    return array_to_proto(array, *_target(array, dtype, shape, verify_shape, allow_broadcast))


def _target(
    array: np.ndarray[Any, Any], dtype: Any, shape: Any, verify_shape: bool, allow_broadcast: bool
) -> tuple[DType, tuple[int, ...]]:
    wanted = dtypes.from_numpy(array.dtype) if dtype is None else as_dtype(dtype).base_dtype
    if shape is None:
        return wanted, array.shape
    sizes: list[Any] = as_shape(shape).as_list()
    dims = tuple(int(d) for d in sizes)  # TypeError for None
    count = 1
    for d in dims:
        count *= d
    if verify_shape and dims != array.shape:
        raise TypeError(f"Expected Tensor's shape: {dims}, but got {array.shape}.")
    if allow_broadcast:
        if array.size > count:
            raise ValueError(
                f"Too many elements provided. Takes at most {count:d}, but got {array.size:d}"
            )
    elif array.size != count and array.size != 1:
        raise TypeError(f"Expected Tensor's shape: {dims}, but got shape: {array.shape}.")
    return wanted, dims


def array_to_proto(
    array: np.ndarray[Any, Any], dtype: DType, dims: tuple[int, ...], as_content: bool = True
) -> protos.TensorProto:
    """Return an array as a `TensorProto` of this type and shape; one element fills the shape.

    Args:
      array: the array.
      dtype: the type.
      dims: the shape.
      as_content: whether several elements may be written as their bytes, rather than one by one.
    """
    proto = protos.TensorProto(dtype=dtype.as_datatype_enum)
    for d in dims:
        proto.tensor_shape.dim.add().size = d
    proto.tensor_shape.SetInParent()
    if dtype is dtypes.string:
        proto.string_val.extend(_as_bytes(v) for v in array.reshape(-1))
        return proto
    if array.dtype.names is not None:
        array = array.view(dtype.numpy)
    count = int(np.prod(dims, dtype=np.int64))
    several = array.size == count and array.size > 1
    if as_content and several and dtype.name not in _NEVER_CONTENT:
        proto.tensor_content = np.ascontiguousarray(array).tobytes()
        return proto
    field, form = _FIELDS.get(dtype.name, _DEFAULT_FIELD)
    flat = array.reshape(-1)
    if form == "pairs":
        getattr(proto, field).extend(flat.view(dtype.real_dtype.numpy).tolist())
    elif form == "bits":
        getattr(proto, field).extend(flat.view(np.uint16).tolist())
    elif form == "bytes":
        proto.float8_val = flat.tobytes()
    else:
        getattr(proto, field).extend(flat.tolist())
    return proto


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise TypeError(f"Expected a string or bytes, but got {value!r} of type {type(value).__name__}")


def as_array(values: Any, dtype: DType | None) -> np.ndarray[Any, Any]:
    """Return a user's value as an array of that type, by TensorFlow's rules.

    Python ints become int32 (int64 or uint64 if they need it), floats float32; an ndarray keeps its
    type when none is given. A float is not accepted for an integer type, nor a string for a number;
    a bool is a number. A Python int that is out of the bounds of the type wraps.

    Raises:
      TypeError: a value is not of that type, or the list is ragged.
      OverflowError: a Python int has more than 64 bits.
      ValueError: the value is None, or contains one.
    """
    if values is None:
        raise ValueError("None values not supported.")
    if dtype is not None:
        dtype = dtype.base_dtype
    if isinstance(values, np.ndarray | np.generic):
        return _array_as(np.asarray(values), dtype)
    if type(values) in (int, float, bool):
        return _scalar_as(values, dtype)
    return _sequence_as(values, dtype)


def _array_as(array: np.ndarray[Any, Any], dtype: DType | None) -> np.ndarray[Any, Any]:
    if array.dtype.kind in "SU" or array.dtype == object:
        if dtype not in (None, dtypes.string):
            return _object_array_as(array, dtype)
        return strings(array)
    if dtype is None:
        found = dtypes.from_numpy(array.dtype)
        return array if array.dtype.isnative else array.astype(found.numpy)
    if dtype is dtypes.string:
        raise TypeError(f"Expected string, but got {array.dtype} array.")
    return array.astype(dtype.numpy) if array.dtype != dtype.numpy else array


def _object_array_as(array: np.ndarray[Any, Any], dtype: DType | None) -> np.ndarray[Any, Any]:
    return as_array(array.tolist(), dtype)


def strings(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array of str or bytes as an object array of bytes.

    Raises:
      TypeError: an element is neither.
    """
    result = np.empty(array.shape, object)
    flat = result.reshape(-1)
    for i, value in enumerate(array.reshape(-1).tolist() if array.size else []):
        flat[i] = _as_bytes(value)
    return result


_SCALARS: Final[dict[type, DType]] = {int: dtypes.int32, float: dtypes.float32, bool: dtypes.bool}


def _scalar_as(value: Any, dtype: DType | None) -> np.ndarray[Any, Any]:
    kind = type(value)
    if dtype is None:
        if kind is int:
            return _integers(np.asarray(value, object), _type_of([value]))
        dtype = _SCALARS[kind]
    _check_kind(value, dtype)
    if kind is int and dtype.is_integer:
        return _integers(np.asarray(value, object), dtype)
    return np.asarray(value, dtype.numpy)


#: By the kind of a type.
_SCALAR_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "int": int,
    "uint": int,
    "quantized": int,
    "float": (int, float),
    "complex": (int, float, complex),
    "bool": bool,
    "string": (str, bytes),
    "handle": (),
}


def _check_kind(value: Any, dtype: DType) -> None:
    """Raise TypeError unless a Python scalar may stand for an element of that type."""
    ok = _SCALAR_TYPES[dtype._kind]
    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, ok):
        raise TypeError(
            f"Expected {dtype.name}, but got {value!r} of type '{type(value).__name__}'."
        )


def _type_of(values: list[int]) -> DType:
    """Return the first of the types that Python ints become that holds them all."""
    for dtype in (dtypes.int32, dtypes.int64, dtypes.uint64):
        if all(dtype.min <= v <= dtype.max for v in values):
            return dtype
    raise TypeError(
        f"Failed to convert elements of {values} to Tensor (int): they need over 64 bits."
    )


def _integers(array: np.ndarray[Any, Any], dtype: DType) -> np.ndarray[Any, Any]:
    values = array.reshape(-1).tolist()
    if all(dtype.min <= v <= dtype.max for v in values):
        return array.astype(dtype.numpy)
    if not all(-(2**63) <= v < 2**64 for v in values):
        raise OverflowError(f"Python int too large to convert to {dtype.name}: {array.tolist()}")
    # What is out of bounds wraps, as it does in C.
    wrapped = np.array([v % 2**64 for v in values], np.uint64).reshape(array.shape)
    return wrapped.astype(dtype.numpy)


def _sequence_as(values: Any, dtype: DType | None) -> np.ndarray[Any, Any]:
    """Convert a (nested) list, or anything else that NumPy understands."""
    leaves: list[Any] = []
    _collect(values, leaves)
    if any(leaf is None for leaf in leaves):
        raise ValueError("None values not supported.")
    try:
        array = np.array(values)
    except ValueError as error:
        raise ValueError(
            f"Can't convert non-rectangular Python sequence to Tensor: {values!r}"
        ) from error
    if array.dtype == object and not all(isinstance(leaf, str | bytes | int) for leaf in leaves):
        found = ", ".join(sorted({type(leaf).__name__ for leaf in leaves}))
        raise TypeError(f"Failed to convert elements of {values!r} to Tensor ({found}).")
    if array.dtype.kind in "SU" or any(isinstance(leaf, str | bytes) for leaf in leaves):
        if dtype not in (None, dtypes.string) or not all(
            isinstance(leaf, str | bytes) for leaf in leaves
        ):
            raise TypeError(f"Expected {(dtype or dtypes.string).name}, but got {values!r}.")
        # NumPy's own string types drop trailing NULs.
        return strings(_objects(leaves, array.shape))
    if dtype is not None:
        for leaf in leaves:
            if not isinstance(leaf, np.ndarray | np.generic):
                _check_kind(leaf, dtype)
        if dtype.is_integer and leaves:
            return _integers(array.astype(object), dtype)
        return array.astype(dtype.numpy)
    if not leaves:
        return array.astype(np.float32)
    # A list of NumPy's numbers is like one of Python's: it is narrowed where it can be.
    if array.dtype == np.int64 or array.dtype == object:
        return _integers(array.astype(object), _type_of([int(leaf) for leaf in leaves]))
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _collect(values: Any, leaves: list[Any]) -> None:
    if isinstance(values, list | tuple):
        for v in values:
            _collect(v, leaves)
    elif isinstance(values, np.ndarray):
        leaves.extend(list(values.reshape(-1)))
    else:
        leaves.append(values)


def _objects(leaves: list[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    array = np.empty(len(leaves), object)
    array[:] = leaves
    return array.reshape(shape)
