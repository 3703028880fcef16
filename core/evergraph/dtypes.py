"""TensorFlow's element types: one interned `DType` each, and the way to and from NumPy's."""

from __future__ import annotations

import builtins
from typing import Any, Final

import ml_dtypes
import numpy as np
import numpy.typing as npt


class DType:
    """The type of a tensor's elements.

    There is one object per type, so types may be compared with `is`; `==` also accepts
    whatever `as_dtype` does (`tf.float32 == np.float32`).
    """

    __slots__ = ("_as_numpy", "_enum", "_kind", "_name", "_other", "numpy")

    def __init__(self, enum: int, name: str, as_numpy: Any, kind: str) -> None:
        self._enum = enum
        self._name = name
        self._as_numpy = as_numpy
        self._kind = kind
        #: The NumPy dtype that values have inside evergraph (quantized types: their integers).
        self.numpy: np.dtype[Any] = _storage(as_numpy)
        self._other: DType = self

    @property
    def name(self) -> str:
        """The name, such as `float32` or, for a reference type, `float32_ref`."""
        return self._name

    @property
    def as_datatype_enum(self) -> int:
        """The `DataType` enum value of this type."""
        return self._enum

    @property
    def as_numpy_dtype(self) -> Any:
        """The NumPy type; `object` for strings.

        Raises:
          TypeError: the type (`resource`, `variant`) has no NumPy equivalent.
        """
        if self._kind == "handle":
            raise TypeError(f"{self!r} has no NumPy equivalent")
        return self._as_numpy

    @property
    def is_numpy_compatible(self) -> builtins.bool:
        """Whether values of this type can be NumPy arrays."""
        return self._kind != "handle"

    @property
    def _is_ref_dtype(self) -> builtins.bool:
        return self._enum > 100

    @property
    def _as_ref(self) -> DType:
        return self if self._is_ref_dtype else self._other

    @property
    def base_dtype(self) -> DType:
        """The type without its reference bit."""
        return self._other if self._enum > 100 else self

    @property
    def real_dtype(self) -> DType:
        """The type of the real part."""
        return {"complex64": float32, "complex128": float64}.get(self.base_dtype._name, self)

    @property
    def is_floating(self) -> builtins.bool:
        """Whether this is a (non-quantized, real) floating-point type."""
        return self._kind == "float"

    @property
    def is_integer(self) -> builtins.bool:
        """Whether this is a (non-quantized) integer type."""
        return self._kind in ("int", "uint")

    @property
    def is_unsigned(self) -> builtins.bool:
        """Whether this is an unsigned integer type."""
        return self._kind == "uint"

    @property
    def is_bool(self) -> builtins.bool:
        """Whether this is the boolean type."""
        return self._kind == "bool"

    @property
    def is_complex(self) -> builtins.bool:
        """Whether this is a complex type."""
        return self._kind == "complex"

    @property
    def is_quantized(self) -> builtins.bool:
        """Whether this is a quantized type."""
        return self._kind == "quantized"

    @property
    def is_numeric(self) -> builtins.bool:
        """Whether the elements are numbers."""
        return self._kind in ("float", "int", "uint", "complex", "quantized")

    @property
    def min(self) -> Any:
        """The lowest value.

        Raises:
          TypeError: the type has no order (bool, complex, quantized, string).
        """
        return self._limit("min")

    @property
    def max(self) -> Any:
        """The highest value; errors as for `min`."""
        return self._limit("max")

    def _limit(self, which: str) -> Any:
        if self._kind == "float":
            return getattr(ml_dtypes.finfo(self.numpy), which)
        if self._kind in ("int", "uint"):
            return int(getattr(ml_dtypes.iinfo(self.numpy), which))
        raise TypeError(f"Cannot find {which}imum value of {self}.")

    @property
    def limits(self) -> tuple[Any, Any]:
        """The pair (lowest, highest); for floats (0, 1), as image functions take them."""
        return (0, 1) if self.is_floating else (self.min, self.max)

    @property
    def size(self) -> int:
        """Bytes per element; 0 for strings, 1 for handles."""
        return {"string": 0, "handle": 1}.get(self._kind, self.numpy.itemsize)

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether `other` is this type, or its reference or base type."""
        other = as_dtype(other)
        return self._enum in (other._enum, other.base_dtype._enum)

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        if other is None:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self == other

    def __hash__(self) -> int:
        return self._enum

    def __repr__(self) -> str:
        return f"tf.{self._name}"

    def __str__(self) -> str:
        return f"<dtype: {self._name!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self._name,)


def _storage(as_numpy: Any) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(as_numpy)
    first: np.dtype[Any] = dtype if dtype.names is None else dtype[0]
    return first


def _quantized(name: str, base: Any) -> np.dtype[Any]:
    return np.dtype([(name, base)])


# enum, name, NumPy type, kind
_TABLE: Final = [
    (1, "float32", np.float32, "float"),
    (2, "float64", np.float64, "float"),
    (3, "int32", np.int32, "int"),
    (4, "uint8", np.uint8, "uint"),
    (5, "int16", np.int16, "int"),
    (6, "int8", np.int8, "int"),
    (7, "string", np.object_, "string"),
    (8, "complex64", np.complex64, "complex"),
    (9, "int64", np.int64, "int"),
    (10, "bool", np.bool_, "bool"),
    (11, "qint8", _quantized("qint8", np.int8), "quantized"),
    (12, "quint8", _quantized("quint8", np.uint8), "quantized"),
    (13, "qint32", _quantized("qint32", np.int32), "quantized"),
    (14, "bfloat16", ml_dtypes.bfloat16, "float"),
    (15, "qint16", _quantized("qint16", np.int16), "quantized"),
    (16, "quint16", _quantized("quint16", np.uint16), "quantized"),
    (17, "uint16", np.uint16, "uint"),
    (18, "complex128", np.complex128, "complex"),
    (19, "float16", np.float16, "float"),
    (20, "resource", np.object_, "handle"),
    (21, "variant", np.object_, "handle"),
    (22, "uint32", np.uint32, "uint"),
    (23, "uint64", np.uint64, "uint"),
    (24, "float8_e5m2", ml_dtypes.float8_e5m2, "float"),
    (25, "float8_e4m3fn", ml_dtypes.float8_e4m3fn, "float"),
    (26, "float8_e4m3fnuz", ml_dtypes.float8_e4m3fnuz, "float"),
    (27, "float8_e4m3b11fnuz", ml_dtypes.float8_e4m3b11fnuz, "float"),
    (28, "float8_e5m2fnuz", ml_dtypes.float8_e5m2fnuz, "float"),
    (29, "int4", ml_dtypes.int4, "int"),
    (30, "uint4", ml_dtypes.uint4, "uint"),
    (31, "int2", ml_dtypes.int2, "int"),
    (32, "uint2", ml_dtypes.uint2, "uint"),
    (33, "float4_e2m1fn", ml_dtypes.float4_e2m1fn, "float"),
]

_BY_ENUM: Final[dict[int, DType]] = {}
_BY_NAME: Final[dict[str, DType]] = {}
# By `np.dtype`; `from_numpy` looks up whatever it is given.
_BY_NUMPY: Final[dict[Any, DType]] = {}

for _row in _TABLE:
    _base = DType(*_row)
    _ref = DType(_row[0] + 100, _row[1] + "_ref", *_row[2:])
    _base._other, _ref._other = _ref, _base
    for _dtype in (_base, _ref):
        _BY_ENUM[_dtype._enum] = _dtype
        _BY_NAME[_dtype._name] = _dtype
    if _row[3] != "handle":
        _BY_NUMPY[np.dtype(_row[2])] = _base

float32 = _BY_NAME["float32"]
float64 = _BY_NAME["float64"]
int32 = _BY_NAME["int32"]
uint8 = _BY_NAME["uint8"]
int16 = _BY_NAME["int16"]
int8 = _BY_NAME["int8"]
string = _BY_NAME["string"]
complex64 = _BY_NAME["complex64"]
int64 = _BY_NAME["int64"]
bool = _BY_NAME["bool"]  # TensorFlow's name
qint8 = _BY_NAME["qint8"]
quint8 = _BY_NAME["quint8"]
qint32 = _BY_NAME["qint32"]
bfloat16 = _BY_NAME["bfloat16"]
qint16 = _BY_NAME["qint16"]
quint16 = _BY_NAME["quint16"]
uint16 = _BY_NAME["uint16"]
complex128 = _BY_NAME["complex128"]
float16 = _BY_NAME["float16"]
resource = _BY_NAME["resource"]
variant = _BY_NAME["variant"]
uint32 = _BY_NAME["uint32"]
uint64 = _BY_NAME["uint64"]
half = float16
double = float64

# Names that TensorFlow accepts, and Python's and NumPy's generic types.
_ALIASES: Final[dict[Any, DType]] = {
    "half": float16,
    "float": float32,
    "double": float64,
    "half_ref": float16._as_ref,
    "float_ref": float32._as_ref,
    "double_ref": float64._as_ref,
    float: float32,
    int: int64,
    builtins.bool: bool,
    str: string,
    bytes: string,
    complex: complex128,
    object: string,
}


def as_dtype(value: Any) -> DType:
    """Return the `DType` that `value` stands for.

    Args:
      value: a `DType`, its name, its enum value, or a NumPy or Python type.

    Raises:
      TypeError: `value` stands for no type of TensorFlow's.
    """
    if isinstance(value, DType):
        return value
    found = _listed(value) or _of_numpy(value)
    if found is None:
        raise TypeError(
            f"Cannot convert the argument `type_value`: {value!r} to a TensorFlow DType."
        )
    return found


def _listed(value: Any) -> DType | None:
    try:
        found = _ALIASES.get(value)
        if found is not None:
            return found
        return _BY_ENUM.get(value) if isinstance(value, int) else _BY_NAME.get(value)
    except TypeError:  # unhashable
        return None


def _of_numpy(value: Any) -> DType | None:
    try:
        dtype = np.dtype(value)
    except (TypeError, ValueError):  # a text that is almost a list of types
        return None
    if dtype.kind in "SU":
        return string
    # The byte order is a matter of storage, not of type.
    return _BY_NUMPY.get(dtype.newbyteorder("="))


def from_numpy(dtype: npt.DTypeLike) -> DType:
    """Return the type of a NumPy array's elements; errors as for `as_dtype`."""
    return _BY_NUMPY.get(dtype) or as_dtype(dtype)


def all_dtypes() -> list[DType]:
    """Return every base (non-reference) type."""
    return [d for d in _BY_ENUM.values() if d._enum < 100]
