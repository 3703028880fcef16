"""Fetches: from any nesting of tensors, operations and names to unique leaves, and the way back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.graph.composite import CompositeTensor
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

#: Builds a user's result from the values of the unique leaves.
Rebuild = Callable[[list[Any]], Any]

#: What a fetched handle of a resource is: bytes that mean nothing outside of the session.
_HANDLE: Final = np.dtype([("resource", "u1", (1,))])

# Types with their own fetching: (type, fetch function, feed function, feed function for setups).
_REGISTERED: Final[list[tuple[type, Any, Any, Any]]] = [
    (
        CompositeTensor,
        lambda fetch: (fetch._components(), fetch._fetched),
        lambda key, value: feed_composite(key, value),
        lambda key: key._components(),
    )
]


def feed_composite(key: CompositeTensor, value: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of tensor and value that feeding a composite tensor comes to.

    Raises:
      TypeError: the value has no parts.
      ValueError: its parts are not those of the tensor.
    """
    try:
        values = key._fed(value)
    except TypeError as error:
        raise TypeError(f"Cannot feed {value!r} for {key}: {error}") from None
    # TF: what is too much is ignored; what is missing is a placeholder that is not fed.
    return list(zip(key._components(), values, strict=False))


def register_session_run_conversion_functions(
    tensor_type: type,
    fetch_function: Any,
    feed_function: Any = None,
    feed_function_for_partial_run: Any = None,
) -> None:
    """Let `Session.run` fetch and feed objects of a type.

    Args:
      tensor_type: the type.
      fetch_function: from an object to (tensors to fetch, function from their values to the
        result).
      feed_function: from (object, value) to pairs of tensor and value.
      feed_function_for_partial_run: from an object to the tensors to feed.

    Raises:
      ValueError: the type, or one that is derived from it, is registered already.
    """
    taken = [known for known, *_ in _REGISTERED] + CompositeTensor.__subclasses__()
    if any(issubclass(known, tensor_type) for known in taken):
        raise ValueError(f"{tensor_type} has already been registered so ignore it.")
    _REGISTERED.insert(
        0, (tensor_type, fetch_function, feed_function, feed_function_for_partial_run)
    )


def registered(value: Any) -> tuple[Any, Any, Any] | None:
    """Return the functions registered for a value's type, or None."""
    for known, *functions in _REGISTERED:
        if isinstance(value, known):
            return functions[0], functions[1], functions[2]
    return None


class Fetches:
    """The unique leaves of a fetch structure.

    Attributes:
      tensors: the tensors, in order.
      operations: the operations that are only to run.
      rebuild: from one value per tensor to the user's structure.
    """

    def __init__(self, graph: Graph, fetches: Any) -> None:
        self._graph = graph
        self._positions: dict[Tensor, int] = {}
        self._operations: dict[Operation, None] = {}
        self.rebuild: Rebuild = self._mapper(fetches)
        self.tensors = list(self._positions)
        self.operations = list(self._operations)

    def _mapper(self, fetch: Any) -> Rebuild:
        if type(fetch) is Tensor or type(fetch) is Operation:
            return self._leaf(fetch)
        if fetch is None:
            raise TypeError('Argument `fetch` = None has invalid type "NoneType". Cannot be None')
        if isinstance(fetch, list | tuple):
            return self._sequence(fetch)
        if isinstance(fetch, Mapping):
            return self._mapping(fetch)
        if getattr(type(fetch), "__attrs_attrs__", None) is not None:
            kind = type(fetch)
            names = [a.name for a in kind.__attrs_attrs__]
            mappers = [self._mapper(getattr(fetch, n)) for n in names]
            return lambda values: kind(*[m(values) for m in mappers])
        functions = registered(fetch)
        if functions is not None:
            return self._composite(fetch, functions[0])
        return self._leaf(fetch)

    def _composite(self, fetch: Any, function: Any) -> Rebuild:
        # The function may build what it fetches.
        with self._graph.as_default():
            parts, contract = function(fetch)
        leaves = [self._leaf(p) for p in parts]
        if not leaves:
            return lambda values: None
        return lambda values: contract([leaf(values) for leaf in leaves])

    def _sequence(self, fetch: Any) -> Rebuild:
        mappers = [self._mapper(item) for item in fetch]
        # A proxy of `wrapt` says that it is a list; what it wraps is what comes back.
        kind = type(getattr(fetch, "__wrapped__", fetch))
        if issubclass(kind, list):
            return lambda values: [m(values) for m in mappers]
        if kind is tuple:
            return lambda values: tuple([m(values) for m in mappers])
        return lambda values: kind(*[m(values) for m in mappers])

    def _mapping(self, fetch: Mapping[Any, Any]) -> Rebuild:
        mappers = [(key, self._mapper(value)) for key, value in fetch.items()]
        kind: Any = type(getattr(fetch, "__wrapped__", fetch))
        if isinstance(fetch, defaultdict):
            kind = partial(defaultdict, fetch.default_factory)
        return lambda values: kind({key: mapper(values) for key, mapper in mappers})

    def _leaf(self, fetch: Any) -> Rebuild:
        graph = self._graph
        try:
            element = graph.as_graph_element(fetch, allow_tensor=True, allow_operation=True)
        except TypeError as error:
            raise TypeError(
                f'Argument `fetch` = {fetch} has invalid type "{type(fetch).__name__}" must be a '
                f"string or Tensor. ({error})"
            ) from None
        except (ValueError, KeyError) as error:
            shown = fetch.decode("utf-8", "replace") if isinstance(fetch, bytes) else fetch
            raise ValueError(
                f"Argument `fetch` = {shown} cannot be interpreted as a Tensor. ({error})"
            ) from None
        graph._check_fetchable(element)
        if isinstance(element, Operation):
            self._operations.setdefault(element)
            return lambda values: None
        if element._dtype.base_dtype is dtypes.resource:
            self._operations.setdefault(element._op)
            name = np.frombuffer(element.name.encode(), np.uint8)
            return lambda values: name.copy().view(_HANDLE)
        position = self._positions.setdefault(element, len(self._positions))
        return lambda values: values[position]
