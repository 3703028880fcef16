"""From a kernel's exception to TensorFlow's error that names the node."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.errors import (
    InternalError,
    InvalidArgumentError,
    OpError,
    ResourceExhaustedError,
)
from evergraph.graph import traceback
from evergraph.graph.inference import run_rule
from evergraph.graph.operation import Operation
from evergraph.op import ShapeError, registry
from evergraph.runtime.interpreter import host_positions
from evergraph.runtime.program import Node, NodeError


def node_failure(op: Operation, failure: NodeError) -> OpError:
    """Return the error that a user sees for a node that failed."""
    error = failure.error
    if not isinstance(error, OpError | ShapeError):
        # A library's own words say little. The shape rule, on the shapes at hand, says it as
        # TensorFlow does, if shapes are what is wrong.
        error = _shape_error(op, failure) or error
    return located(op, _as_op_error(error))


def _shape_error(op: Operation, failure: NodeError) -> Exception | None:
    known = registry().get(op.type)
    inputs = failure.inputs[known.lead :] if known is not None else ()
    if known is None or not all(hasattr(v, "shape") for v in inputs):
        return None
    node = Node(op._signature, op._attributes, (), (), "")
    host = host_positions(node)
    arguments: list[Any] = []
    for i, value in enumerate(inputs):
        if i + known.lead not in host:
            arguments.append(tuple(value.shape))
        elif isinstance(value, np.ndarray | np.generic):
            arguments.append(_host_argument(known, i, value))
        else:
            return None
    attributes = {n: op._attributes[n] for n in known.shape_attributes if n in op._attributes}
    try:
        run_rule(op._signature, known, arguments, attributes, op._attributes, len(op._outputs))
    except (ShapeError, OpError) as error:
        return error
    except Exception:  # the rule is no help; the kernel's own error is shown
        return None
    return None


def _host_argument(known: Any, position: int, value: Any) -> Any:
    if position in known.shape_like and np.ndim(value) == 1:
        return tuple(int(v) for v in value)
    return np.asarray(value)


def _as_op_error(error: BaseException) -> OpError:
    if isinstance(error, OpError):
        return error
    if isinstance(error, ShapeError):
        return (error.error or InvalidArgumentError)(None, None, error.at_run)
    if isinstance(error, MemoryError):
        return ResourceExhaustedError(None, None, f"out of memory: {error}")
    if isinstance(error, ValueError | TypeError | IndexError | ZeroDivisionError | OverflowError):
        return InvalidArgumentError(None, None, str(error))
    return InternalError(None, None, f"{type(error).__name__}: {error}")


def located(op: Operation, error: OpError) -> OpError:
    """Return the error with the node, and where the user's program defines it."""
    message = f"{_before(op)}{error.message}{_after(op)}"
    new = type(error).__new__(type(error))
    vars(new).update(vars(error))
    OpError.__init__(new, None, op, message, error.error_code)
    return new


def bare_message(error: OpError) -> str:
    """Return the message of an error without what `located` has added."""
    if error.op is None:
        return error.message
    return error.message.removeprefix(_before(error.op)).removesuffix(_after(error.op))


def _before(op: Operation) -> str:
    return (
        "Graph execution error:\n\n"
        f"Detected at node '{op.name}' defined at (most recent call last):\n"
        f"{traceback.described(op._frames)}\n"
        f"Node: '{op.name}'\n"
    )


def _after(op: Operation) -> str:
    return f"\n\t [[{{{{node {op.name}}}}}]]"
