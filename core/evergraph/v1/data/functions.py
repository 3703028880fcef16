"""Python functions of elements, traced as functions of the graph."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from evergraph import protos
from evergraph.builder import build
from evergraph.graph.function_graph import FunctionGraph
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.data import structure as structures


class Traced:
    """A function of elements.

    Args:
      func: takes an element: the parts of a tuple as separate arguments.
      inputs: the structure of what it takes.
      what: the method that is given the function, for errors and names.

    Attributes:
      function: what nodes call it by.
      captured: the tensors outside that it uses, which nodes hand over.
      structure: of what it returns.

    Raises:
      ValueError: `func` cannot be called, or makes a variable.
      TypeError: it returns what cannot be a tensor.
    """

    def __init__(self, func: Callable[..., Any], inputs: Any, what: str) -> None:
        if not callable(func):
            raise ValueError(
                f"Argument `func` must be a callable. Received func={func} (of type {type(func)})"
            )
        graph = FunctionGraph(get_default_graph())
        with graph.as_default():
            given = [
                graph.argument(f"args_{i}", dtype, shape._dims)
                for i, (dtype, shape) in enumerate(leaf.flat for leaf in structures.leaves(inputs))
            ]
            element = structures.decoded(inputs, given)
            # A tuple with names is one argument.
            result = func(*element) if type(element) is tuple else func(element)
            self.structure, results = _results(result, what)
        label = re.sub(r"\W+", "_", f"{what}_{getattr(func, '__name__', 'function')}").strip("_")
        self.function: protos.NameAttrList = graph.define(label, results)
        self.captured: list[Tensor] = list(graph.captures)


def _results(result: Any, what: str) -> tuple[Any, list[Tensor]]:
    if result is None:
        raise ValueError(
            f"The function passed to {what}() returns None: it must return a tensor, or a "
            "structure of tensors."
        )
    if isinstance(result, Operation):
        raise TypeError(f"Unsupported return value from function passed to {what}(): {result}.")
    try:
        structure, values = structures.normalized(result)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Unsupported return value from function passed to {what}(): {result}."
        ) from error
    tensors = [
        leaf.encoded(value)
        for leaf, value in zip(structures.leaves(structure), values, strict=True)
    ]
    return structure, [build("Identity", {"input": t}) for t in tensors]
