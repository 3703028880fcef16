"""Nodes that call Python functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evergraph.builder import build_operation
from evergraph.dtypes import as_dtype
from evergraph.graph.stacks import get_default_graph
from evergraph.python_functions import python_functions


def py_func(
    func: Callable[..., Any],
    inp: Sequence[Any],
    Tout: Any,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function on NumPy values when the node runs.

    Args:
      func: takes one value per input: an array, a NumPy scalar for rank 0, or bytes. It returns
        values of the types `Tout`, one of them bare, or None if there are none. While it runs the
        session is free: it may call `run` itself. It may change its arguments.
      inp: the inputs.
      Tout: the type of the result, or a list of types.
      stateful: whether calls must not be merged or left out.
      name: of the node.

    Returns:
      A tensor of unknown shape; a list of them for a list of types; the operation if that is empty.

    Raises:
      ValueError: `func` cannot be called.

    When the node runs, what the function raises becomes an error of the node: ValueError and
    TypeError an InvalidArgumentError, StopIteration an OutOfRangeError, MemoryError a
    ResourceExhaustedError, NotImplementedError an UnimplementedError, all else an UnknownError. It
    has the function's traceback in its message. A result of another type, or a wrong number of
    results, is an InvalidArgumentError.
    """
    if not callable(func):
        raise ValueError(
            f"Expected func to be callable. Received func={func} of type {type(func)}."
        )
    several = isinstance(Tout, list | tuple)
    types = [as_dtype(t) for t in (Tout if several else [Tout])]
    graph = get_default_graph()
    token, holder = python_functions.add(func)
    graph._kept_alive.append(holder)
    op = build_operation(
        "PyFunc" if stateful else "PyFuncStateless",
        {"input": list(inp), "token": token, "Tout": types},
        name,
    )
    if not several:
        return op.outputs[0]
    return list(op.outputs) if types else op


def numpy_function(
    func: Callable[..., Any],
    inp: Sequence[Any],
    Tout: Any,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Call a Python function on NumPy values when the node runs; see `py_func`."""
    return py_func(func, inp, Tout, stateful=stateful, name=name)
