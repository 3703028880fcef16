"""Attribute values: from and to `AttrValue`.

Inside evergraph an attribute is a plain Python value:

    type in the OpDef   Python value
    string              str (bytes that are not UTF-8 survive as surrogates)
    int, float, bool    int, float (rounded to float32, as the message stores it), bool
    type                DType
    shape               TensorShape
    tensor              TensorProto (decoded where it is used)
    func                NameAttrList
    list(…)             a tuple of those
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from evergraph import protos
from evergraph.dtypes import DType, as_dtype
from evergraph.shapes import TensorShape, as_shape


def text(value: bytes | str) -> str:
    """Return the bytes of a string attribute as a str; `data` is the way back."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def data(value: bytes | str) -> bytes:
    """Return a string attribute as bytes."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def _type(value: Any) -> DType:
    return as_dtype(value)


def _integer(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise TypeError(f"expected an int, got {value!r}")
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool | np.bool_) or value in (0, 1):
        return bool(value)
    raise TypeError(f"expected a bool, got {value!r}")


def _float(value: Any) -> float:
    return float(np.float32(value))


def _string(value: Any) -> str:
    if isinstance(value, str | bytes):
        return text(value)
    raise TypeError(f"expected a string, got {value!r}")


def _function(value: Any) -> Any:
    if isinstance(value, str):
        return protos.NameAttrList(name=value)
    if isinstance(value, protos.NameAttrList):
        return value
    if hasattr(value, "add_to_graph"):
        return protos.NameAttrList(name=value.name)
    raise TypeError(f"expected a function's name, got {value!r}")


# Per base type: from a user's value; from the message's field; to the message's field.
_FROM_USER: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _string,
    "int": _integer,
    "float": _float,
    "bool": _boolean,
    "type": _type,
    "shape": as_shape,
    "tensor": lambda value: value,
    "func": _function,
}
_FIELD: Final = {
    "string": "s",
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}
_FROM_FIELD: Final[dict[str, Callable[[Any], Any]]] = {
    "s": text,
    "i": int,
    "f": float,
    "b": bool,
    "type": as_dtype,
    "shape": TensorShape,
    "tensor": lambda value: value,
    "func": lambda value: value,
}
_TO_FIELD: Final[dict[str, Callable[[Any], Any]]] = {
    "s": data,
    "type": lambda value: value.as_datatype_enum,
    "shape": lambda value: value.as_proto(),
}


def convert(kind: str, value: Any) -> Any:
    """Return a user's value for an attribute of the OpDef type `kind`.

    Raises:
      TypeError: the value is not of that type.
      ValueError: the value is not valid (a negative dimension, say).
    """
    if kind.startswith("list("):
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
            raise TypeError(f"expected a list, got {value!r}")
        one = _FROM_USER[kind[5:-1]]
        return tuple(one(v) for v in value)
    return _FROM_USER[kind](value)


def from_proto(value: protos.AttrValue) -> Any:
    """Return the Python value of an `AttrValue`; None if nothing is set.

    Raises:
      TypeError: it names a type that does not exist.
    """
    field = value.WhichOneof("value")
    if field is None:
        return None
    if field == "list":
        for name, one in _FROM_FIELD.items():
            items = getattr(value.list, name)
            if items:
                return tuple(one(item) for item in items)
        return ()
    if field == "placeholder":
        return value
    return _FROM_FIELD[field](getattr(value, field))


def to_proto(kind: str, value: Any) -> protos.AttrValue:
    """Return the Python value of an attribute of the OpDef type `kind` as an `AttrValue`."""
    proto = protos.AttrValue()
    write(proto, kind, value)
    return proto


def write(proto: protos.AttrValue, kind: str, value: Any) -> None:
    """Write the Python value of an attribute of the OpDef type `kind` into `proto`."""
    if isinstance(value, protos.AttrValue):
        proto.CopyFrom(value)
        return
    if kind.startswith("list("):
        field = _FIELD[kind[5:-1]]
        encode = _TO_FIELD.get(field)
        items = value if encode is None else [encode(item) for item in value]
        proto.list.SetInParent()
        getattr(proto.list, field).extend(items)
        return
    field = _FIELD[kind]
    encode = _TO_FIELD.get(field)
    value = value if encode is None else encode(value)
    if field in ("shape", "tensor", "func"):
        getattr(proto, field).CopyFrom(value)
    else:
        setattr(proto, field, value)


def kind_of(value: Any) -> str:
    """Return the OpDef type of a Python value, for attributes that no OpDef declares."""
    if isinstance(value, tuple | list):
        return f"list({kind_of(value[0])})" if value else "list(int)"
    for types, kind in _KINDS:
        if isinstance(value, types):
            return kind
    raise TypeError(f"no attribute can hold {value!r}")


_KINDS: Final[list[tuple[Any, str]]] = [
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str | bytes, "string"),
    (DType, "type"),
    (TensorShape, "shape"),
    (protos.TensorProto, "tensor"),
    (protos.NameAttrList, "func"),
    # As it came, because it is no plain value; it is written as it is, too.
    (protos.AttrValue, "message"),
]
