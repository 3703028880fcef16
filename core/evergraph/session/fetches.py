"""Fetches: from any nesting of tensors, operations and names to unique leaves, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

#: Builds a user's result from the values of the unique leaves.
Rebuild = Callable[[list[Any]], Any]

# Types with their own fetching: (type, fetch function, feed function, feed function for setups).
_REGISTERED: Final[list[tuple[type, Any, Any, Any]]] = []


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
      ValueError: the type is registered already.
    """
    for known, *_ in _REGISTERED:
        if issubclass(tensor_type, known):
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
        functions = registered(fetch)
        if functions is not None:
            return self._composite(fetch, functions[0])
        if isinstance(fetch, list):
            return self._sequence(fetch, list)
        if isinstance(fetch, tuple):
            make = getattr(type(fetch), "_make", None)
            return self._sequence(fetch, make or tuple)
        if isinstance(fetch, Mapping):
            return self._mapping(fetch)
        if hasattr(type(fetch), "__attrs_attrs__"):
            names = [a.name for a in type(fetch).__attrs_attrs__]
            build = type(fetch)
            return self._sequence([getattr(fetch, n) for n in names], lambda v: build(*v))
        wrapped = getattr(fetch, "__wrapped__", None)
        if isinstance(wrapped, list):
            build = type(fetch)
            return self._sequence(wrapped, lambda v: build(list(v)))
        return self._leaf(fetch)

    def _composite(self, fetch: Any, function: Any) -> Rebuild:
        parts, contract = function(fetch)
        mappers = [self._mapper(p) for p in parts]
        return lambda values: contract([m(values) for m in mappers])

    def _sequence(self, items: Any, build: Callable[[Any], Any]) -> Rebuild:
        mappers = [self._mapper(item) for item in items]
        if build is list:
            return lambda values: [m(values) for m in mappers]
        return lambda values: build([m(values) for m in mappers])

    def _mapping(self, fetch: Mapping[Any, Any]) -> Rebuild:
        kind: Any = type(fetch)
        mappers = [(key, self._mapper(value)) for key, value in fetch.items()]
        factory = getattr(fetch, "default_factory", None)

        def rebuild(values: list[Any]) -> Any:
            result: Any = kind(factory) if factory is not None else kind()
            for key, mapper in mappers:
                result[key] = mapper(values)
            return result

        return rebuild

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
        position = self._positions.setdefault(element, len(self._positions))
        return lambda values: values[position]
