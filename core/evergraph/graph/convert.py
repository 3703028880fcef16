"""From Python values to tensors: `convert_to_tensor`, its registry, and `constant`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from evergraph.dtypes import DType, as_dtype
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.shapes import Dimension, TensorShape
from evergraph.tensor_proto import array_to_proto, as_array, make_tensor_proto
from evergraph.vocabulary import vocabulary

Conversion = Callable[..., Any]

# (types, function, priority); looked through in order of priority, then of registration.
_REGISTERED: Final[list[tuple[Any, Conversion, int]]] = []


def register_tensor_conversion_function(
    base_type: Any, conversion_func: Conversion, priority: int = 100
) -> None:
    """Let `convert_to_tensor` convert objects of `base_type`.

    Args:
      base_type: a type, or a tuple of types.
      conversion_func: `f(value, dtype=None, name=None, as_ref=False)` that returns a Tensor, or
        NotImplemented to leave the value to others.
      priority: functions with a lower one are asked first.

    Raises:
      TypeError: an argument is not of that kind.
    """
    types = base_type if isinstance(base_type, tuple) else (base_type,)
    if not all(isinstance(t, type) for t in types):
        raise TypeError("Argument `base_type` must be a type or a tuple of types.")
    if not callable(conversion_func):
        raise TypeError(f"Argument `conversion_func` must be callable. Received {conversion_func}.")
    at = next((i for i, r in enumerate(_REGISTERED) if r[2] > priority), len(_REGISTERED))
    _REGISTERED.insert(at, (types, conversion_func, priority))


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
    as_ref: bool = False,
) -> Tensor:
    """Return `value` as a tensor of the default graph.

    Args:
      value: a tensor, an array, a scalar or nested list (tensors inside are packed), or an object
        of a type with a registered conversion.
      dtype: the type wanted.
      name: the name of the node, if one is made.
      preferred_dtype, dtype_hint: a type to try first.
      as_ref: whether a reference is wanted, where there is one.

    Raises:
      TypeError: the value cannot be of that type, or cannot be a tensor.
      ValueError: it is None, a ragged list, or a tensor of another type than `dtype`.
    """
    if isinstance(value, Tensor):
        if dtype is not None and not as_dtype(dtype).is_compatible_with(value._dtype):
            where = "" if name is None else f"{name}: "
            raise ValueError(
                f"{where}Tensor conversion requested dtype {as_dtype(dtype).name} for Tensor with "
                f"dtype {value._dtype.name}: {value!r}"
            )
        return value
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    hint = preferred_dtype if dtype_hint is None else dtype_hint
    if wanted is None and hint is not None:
        try:
            return convert_to_tensor(value, hint, name, as_ref=as_ref)
        except (TypeError, ValueError):
            pass
    for types, function, _ in _REGISTERED:
        if isinstance(value, types):
            result = function(value, dtype=wanted, name=name, as_ref=as_ref)
            if result is NotImplemented:
                continue
            return _checked(result, wanted, function)
    dense = getattr(value, "_dense_var_to_tensor", None)
    if dense is not None:
        return _checked(dense(dtype=wanted, name=name, as_ref=as_ref), wanted, dense)
    element = getattr(value, "_as_graph_element", None)
    if element is not None:
        return convert_to_tensor(element(), wanted, name)
    return _constant(value, wanted, name)


def _checked(result: Any, wanted: DType | None, function: Conversion) -> Tensor:
    if not isinstance(result, Tensor):
        raise RuntimeError(f"conversion function {function} returned {result!r}, not a Tensor")
    if wanted is not None and not wanted.is_compatible_with(result.dtype):
        raise RuntimeError(
            f"conversion function {function} returned {result.dtype.name}, not {wanted.name}"
        )
    return result


def _constant(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    if isinstance(value, TensorShape | Dimension):
        return _shape_constant(value, dtype, name)
    if _holds_tensor(value):
        return _packed(value, dtype, name)
    return _constant_node(as_array(_as_numpy(value), dtype), dtype, name)


def _as_numpy(value: Any) -> Any:
    """Objects that offer themselves as arrays are taken as such."""
    if hasattr(value, "__array__") and not isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    return value


def _constant_node(array: np.ndarray[Any, Any], dtype: DType | None, name: str | None) -> Tensor:
    kind = as_dtype(array.dtype) if dtype is None else dtype
    proto = array_to_proto(array, kind, array.shape)
    signature = vocabulary().get("Const")
    assert signature is not None
    op = get_default_graph()._create(
        signature, (), {"value": proto, "dtype": kind}, "Const" if name is None else name
    )
    return op._outputs[0]


def _shape_constant(value: Any, dtype: DType | None, name: str | None) -> Tensor:
    if isinstance(value, Dimension):
        if value.value is None:
            raise ValueError("Cannot convert unknown Dimension to a Tensor: ?")
        size: Any = value.value
    else:
        if not value.is_fully_defined():
            raise ValueError(f"Cannot convert a partially known TensorShape {value} to a Tensor.")
        size = value.as_list()
    wide = np.any(np.asarray(size, np.int64) >= 2**31)
    kind = dtype or as_dtype("int64" if wide else "int32")
    if not kind.is_integer:
        raise TypeError(f"Cannot convert a TensorShape to dtype: {kind.name}.")
    return _constant_node(np.asarray(size, kind.numpy), kind, name or "shape_as_tensor")


def _holds_tensor(value: Any) -> bool:
    if not isinstance(value, list | tuple):
        return False
    return any(
        isinstance(v, Tensor) or hasattr(v, "_as_graph_element") or _holds_tensor(v) for v in value
    )


def _packed(value: Sequence[Any], dtype: DType | None, name: str | None) -> Tensor:
    """Pack a list in which there are tensors."""
    from evergraph.builder import build

    kind = dtype or _first_dtype(value)
    graph = get_default_graph()
    with graph.name_scope(name or "packed") as scope:
        items: list[Any] = []
        for i, v in enumerate(value):
            if _holds_tensor(v):
                items.append(_packed(v, kind, str(i)))
            else:
                if isinstance(v, list | tuple):
                    # TF: enters a scope for the list, which takes the name.
                    graph.unique_name(str(i))
                items.append(v)
        items = [
            # Variables are read where they are packed.
            v
            if isinstance(v, Tensor) or hasattr(v, "_as_graph_element")
            else convert_to_tensor(v, kind, name=str(i))
            for i, v in enumerate(items)
        ]
        packed: Tensor = build("Pack", {"values": items}, name=scope)
        return packed


def _first_dtype(value: Any) -> DType | None:
    for v in value:
        if isinstance(v, Tensor):
            return v.dtype.base_dtype
        if isinstance(v, list | tuple):
            found = _first_dtype(v)
            if found is not None:
                return found
        elif hasattr(v, "_as_graph_element"):
            element: Tensor = v._as_graph_element()
            return element.dtype.base_dtype
    return None


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str = "Const",
    verify_shape: bool = False,
) -> Tensor:
    """Return a constant tensor.

    Args:
      value: a scalar, a (nested) list, or an array.
      dtype: the type; by default int32 for ints, float32 for floats, else the array's.
      shape: the shape; one element fills it, and a shorter list is filled up with its last value.
      name: the name of the node.
      verify_shape: whether `value` must have exactly that shape.

    Raises:
      TypeError: the value cannot be of that type, or does not have that shape.
      ValueError: the value is None, ragged, or has too many elements.
    """
    if isinstance(value, Tensor):
        raise TypeError(f"a constant cannot be made from the tensor {value!r}")
    proto = make_tensor_proto(
        _as_numpy(value), dtype, shape, verify_shape, allow_broadcast=not verify_shape
    )
    signature = vocabulary().get("Const")
    assert signature is not None
    values = {"value": proto, "dtype": as_dtype(proto.dtype)}
    return get_default_graph()._create(signature, (), values, name)._outputs[0]


def convert_n_to_tensor(
    values: Sequence[Any], dtype: Any = None, name: str | None = None, preferred_dtype: Any = None
) -> list[Tensor]:
    """Convert each value; a name gets `_0`, `_1`, … appended. Errors as `convert_to_tensor`."""
    return [
        convert_to_tensor(v, dtype, None if name is None else f"{name}_{i}", preferred_dtype)
        for i, v in enumerate(values)
    ]
