"""tf.contrib.layers.utils: outputs by name, static choices, sizes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from evergraph import v1 as tf
from evergraph.graph.operation import Operation
from evergraph.v1.layers.choices import choose, known

__all__ = [
    "append_tensor_alias",
    "channel_dimension",
    "collect_named_outputs",
    "constant_value",
    "convert_collection_to_dict",
    "gather_tensors_aliases",
    "get_tensor_aliases",
    "get_variable_collections",
    "last_dimension",
    "n_positive_integers",
    "smart_cond",
    "static_cond",
    "two_element_tuple",
]

#: The names under which outputs of an operation were collected, by the number of the output.
_ALIASES: WeakKeyDictionary[Operation, dict[int, list[str]]] = WeakKeyDictionary()


def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """Add outputs to collections under a name, if there are any, and return them."""
    if collections:
        append_tensor_alias(outputs, alias)
        tf.add_to_collections(collections, outputs)
    return outputs


def append_tensor_alias(tensor: Any, alias: str) -> Any:
    """Give a tensor a name, in addition to others, and return it."""
    by_output = _ALIASES.setdefault(tensor.op, {})
    by_output.setdefault(tensor.value_index, []).append(alias.removesuffix("/"))
    return tensor


def get_tensor_aliases(tensor: Any) -> list[str]:
    """Return the names that a tensor was given, or its own."""
    given = _ALIASES.get(tensor.op, {}).get(getattr(tensor, "value_index", 0))
    return list(given) if given else [tensor.name.removesuffix(":0")]


def gather_tensors_aliases(tensors: Any) -> list[str]:
    """Return the names of tensors; see `get_tensor_aliases`."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


def convert_collection_to_dict(collection: str, clear_collection: bool = False) -> Any:
    """Return the tensors of a collection by their names."""
    tensors = tf.get_collection(collection)
    found = OrderedDict((alias, t) for t in tensors for alias in get_tensor_aliases(t))
    if clear_collection:
        tf.get_default_graph().clear_collection(collection)
    return found


def constant_value(value_or_tensor_or_var: Any, dtype: Any = None) -> Any:
    """Return the value of a tensor if it is known, else None; what is no tensor, as it is.

    Raises:
      ValueError: it is None, or has another type.
    """
    value = value_or_tensor_or_var
    if value is None:
        raise ValueError("value_or_tensor_or_var cannot be None")
    if isinstance(value, tf.Variable):
        return None
    if isinstance(value, tf.Tensor):
        if dtype is not None and value.dtype != dtype:
            raise ValueError(f"It has the wrong type {value.dtype} instead of {dtype}")
        return tf.get_static_value(value)
    return value


def static_cond(pred: Any, fn1: Callable[[], Any], fn2: Callable[[], Any]) -> Any:
    """Return what one of two functions returns, by a predicate that is known."""
    return fn1() if pred else fn2()


def smart_cond(
    pred: Any, fn1: Callable[[], Any], fn2: Callable[[], Any], name: str | None = None
) -> Any:
    """Return what one of two functions returns: of a `tf.cond`, if it depends on a run which."""
    if known(pred) is None:
        return tf.cond(pred, fn1, fn2, name=name)
    return choose(pred, fn1, fn2)


def get_variable_collections(variables_collections: Any, name: str) -> Any:
    """Return the collections of a part of a layer: of a dictionary, the entry."""
    if isinstance(variables_collections, dict):
        return variables_collections.get(name)
    return variables_collections


def channel_dimension(shape: Any, data_format: str, min_rank: int = 1) -> int:
    """Return the number of channels.

    Raises:
      ValueError: it is not known, or there are too few dimensions.
    """
    return _known_size(shape, 1 if data_format == "channels_first" else -1, min_rank)


def last_dimension(shape: Any, min_rank: int = 1) -> int:
    """Return the last size of a shape; see `channel_dimension`."""
    return _known_size(shape, -1, min_rank)


def _known_size(shape: Any, axis: int, min_rank: int) -> int:
    shape = tf.TensorShape(shape)
    if shape.rank is None:
        raise ValueError("dims of shape must be known but is None")
    if shape.rank < min_rank:
        raise ValueError(f"rank of shape must be at least {min_rank} not: {shape.rank}")
    size = shape.as_list()[axis]
    if size is None:
        raise ValueError(f"dimension {axis} of shape must be known but is None: {shape}")
    return int(size)


def two_element_tuple(int_or_tuple: Any) -> tuple[int, int]:
    """Return two sizes, from one or two.

    Raises:
      ValueError: there are more, or they are no numbers.
    """
    first, second = n_positive_integers(2, int_or_tuple)
    return first, second


def n_positive_integers(n: int, value: Any) -> tuple[int, ...]:
    """Return so many sizes, from one or as many; a `TensorShape` counts as a list.

    Raises:
      ValueError: there are more or fewer, or one is no positive number.
    """
    given = [value] * n if isinstance(value, int) else list(tf.TensorShape(value).as_list())
    if len(given) != n or any(size is None or size < 1 for size in given):
        raise ValueError(f"Must be {n} positive integers or one. Received: {value}")
    return tuple(int(size) for size in given)
