"""Feeds: from what a user gives to checked values of a tensor's type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.graph import Graph
from evergraph.graph.tensor import Tensor
from evergraph.session.fetches import registered
from evergraph.session.handles import TensorHandle
from evergraph.session.losses import loss, report
from evergraph.shapes import compatible, dims_text
from evergraph.tensor_proto import _as_bytes

#: From a user's value to a checked one; raises TypeError or ValueError.
Convert = Callable[[Any], Any]


def expand(feed_dict: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of a feed dict, with nested tuples of keys taken apart.

    Raises:
      TypeError: it is not a mapping.
      ValueError: a tuple of keys and its value differ in structure, or a key is given twice.
    """
    if not isinstance(feed_dict, Mapping):
        raise TypeError(
            "FlattenDictItems: 'dict' must be a dictionary or collection.Mapping type object, "
            f"instead of '{type(feed_dict).__name__}'. feed_dict is a dict from tensors to values."
        )
    pairs: list[tuple[Any, Any]] = []
    for key, value in feed_dict.items():
        if isinstance(key, tuple | list):
            pairs.extend(_flat_pairs(key, value))
        else:
            pairs.append((key, value))
    seen: set[int] = set()
    for key, _ in pairs:
        if id(key) in seen and isinstance(key, Tensor):
            raise ValueError(f"Cannot flatten dict because this key is not unique: {key}")
        seen.add(id(key))
    expanded: list[tuple[Any, Any]] = []
    for key, value in pairs:
        functions = registered(key)
        if functions is not None and functions[1] is not None:
            expanded.extend(functions[1](key, value))
        else:
            expanded.append((key, value))
    return expanded


def _flat_pairs(key: Any, value: Any) -> list[tuple[Any, Any]]:
    keys = _flatten(key)
    # TF: flattens the value of a sparse tensor, too, so that none fits in a tuple.
    whole = any(registered(k) is not None for k in keys)
    values = _flatten_like(key, value) if whole else _flatten(value)
    if len(keys) != len(values):
        raise ValueError(
            f"Could not flatten dictionary. Key had {len(keys)} elements, but value had "
            f"{len(values)} elements. Key: {keys}, value: {values}."
        )
    return list(zip(keys, values, strict=True))


def _flatten_like(key: Any, value: Any) -> list[Any]:
    """Flatten a value as far as its key is nested, and as far as it is nested as well."""
    nested = isinstance(key, tuple | list) and isinstance(value, tuple | list)
    if not nested or len(key) != len(value):
        return [value]
    return [leaf for k, v in zip(key, value, strict=True) for leaf in _flatten_like(k, v)]


def _flatten(structure: Any) -> list[Any]:
    if isinstance(structure, tuple | list):
        return [leaf for part in structure for leaf in _flatten(part)]
    return [structure]


def feed_tensor(graph: Graph, key: Any) -> Tensor:
    """Return the tensor that a feed key is or names.

    Raises:
      TypeError: it is or names none.
    """
    refusal = getattr(type(key), "_feed_refusal", None)
    if refusal is not None:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {refusal} ({key})")
    try:
        return graph.as_graph_element(key, allow_tensor=True, allow_operation=False)
    except KeyError as error:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error.args[0]}") from None
    except (TypeError, ValueError) as error:
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {error}") from None


def check_feedable(graph: Graph, tensor: Tensor) -> None:
    """Raise ValueError unless the tensor may be fed."""
    if not graph.is_feedable(tensor):
        raise ValueError(f"Tensor {tensor.name} may not be fed.")


def converter(tensor: Tensor, strict: bool = False) -> Convert:
    """Return the function that converts and checks values for a tensor.

    It is made once per step and feed. What fits as it is passes without a copy. What loses
    something in the cast is warned of or, if `strict`, refused.
    """
    dtype = tensor._dtype.base_dtype
    dims = tensor._dims
    if dtype._kind == "handle":
        return lambda value: value
    storage = dtype.numpy
    scalar = storage.type
    takes_scalar = dims is None or dims == ()
    fast = float if dtype.is_floating and dtype.numpy.kind == "f" else None
    known_rank = None if dims is None else len(dims)
    open_dims = dims is None or all(d is None for d in dims)
    array = np.ndarray

    def convert(value: Any) -> Any:
        kind = type(value)
        if kind is array:
            if value.dtype is storage and value.ndim:
                if open_dims:
                    if known_rank is None or value.ndim == known_rank:
                        return value
                elif value.shape == dims:
                    return value
        elif (kind is fast or kind is scalar) and takes_scalar:
            return scalar(value)
        return _converted(tensor, dtype, value, strict)

    if dtype is dtypes.string:
        return lambda value: _converted(tensor, dtype, value, strict)
    return convert


def _converted(tensor: Tensor, dtype: dtypes.DType, value: Any, strict: bool) -> Any:
    if isinstance(value, TensorHandle):
        value = value._fed(tensor)
        if dtype is not dtypes.string:
            return value
    if isinstance(value, Tensor):
        raise TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include "
            "Python scalars, strings, lists, numpy ndarrays, or TensorHandles. For reference, the "
            f"tensor object was {value} which was passed to the argument `feed_dict` with key "
            f"{tensor}."
        )
    storage = dtype.numpy
    lost = ""
    if isinstance(value, int):
        _check_int(value, dtype)
    if dtype is dtypes.string:
        array = _string_array(value)
    elif dtype.is_quantized:
        array = np.asarray(value, dtype.as_numpy_dtype)
        array = array.view(storage).reshape(array.shape)
    else:
        array = as_storage(value, storage)
        lost = loss(value, array, dtype)
    if not compatible(tensor._dims, array.shape):
        raise ValueError(
            f"Cannot feed value of shape {array.shape} for Tensor {tensor.name}, which has shape "
            f"{dims_text(tensor._dims)}"
        )
    if lost:
        report(tensor, lost, strict)
    return array[()] if array.ndim == 0 else array


def as_storage(value: Any, storage: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Return a value as an array, cast as TensorFlow casts what is fed."""
    try:
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "c" != storage.kind:
            value = value.real
        with np.errstate(invalid="ignore"):
            return np.asarray(value, storage)
    except (OverflowError, TypeError) as error:
        array = np.asarray(value)
        if array.dtype.kind not in "iufcb":
            raise
        # TF: what does not fit wraps around, and a complex number loses its imaginary part.
        if array.dtype.kind == "c" and storage.kind != "c":
            array = np.real(array)
        elif isinstance(error, TypeError):
            raise
        return array.astype(storage)


def _check_int(value: int, dtype: dtypes.DType) -> None:
    """Raise TypeError for a Python int that the type cannot hold exactly, as TensorFlow does."""
    if dtype is dtypes.string:
        same = False
    elif dtype.is_bool:
        same = value in (0, 1)
    elif dtype.is_integer:
        same = dtype.min <= value <= dtype.max
    else:
        same = True
    if not same:
        shown = {"string": object, "bool": np.bool_}.get(dtype.name, dtype.as_numpy_dtype)
        raise TypeError(
            f"Type of feed value {value} with type {type(value)} is not compatible with Tensor "
            f"type {shown}. Try explicitly setting the type of the feed tensor to a larger type "
            "(e.g. int64)."
        )


def _string_array(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, np.ndarray) and value.dtype == object:
        array = value
    elif isinstance(value, str | bytes):
        array = np.empty((), object)
        array[()] = value
    else:
        array = np.asarray(value)
        if array.dtype.kind == "S":
            array = array.astype(object)
        elif array.dtype.kind == "U" or array.dtype == object:
            array = np.array(value, dtype=object)
        else:
            raise TypeError(f"Expected strings, but got {value!r}")
    result = np.empty(array.shape, object)
    for index, item in np.ndenumerate(array):
        result[index] = _as_bytes(item)
    return result
