"""Callables that a `CallableOptions` message describes: names in, arrays out, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from evergraph import dtypes, protos
from evergraph.errors import (
    CancelledError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
    UnimplementedError,
)
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.session.partial import check_setup
from evergraph.vocabulary import dtype_text

if TYPE_CHECKING:
    from evergraph.session.base import BaseSession


def callable_from_options(session: BaseSession, options: Any) -> Callable[..., list[Any]]:
    """Return a function of one array per `feed`, which returns a list of an array per `fetch`.

    Unlike in `run`, an array is not cast: it must be of the tensor's type. The devices that the
    options name for feeds and fetches are not needed, since all values come and go as arrays.

    Args:
      session: runs the function.
      options: a `CallableOptions`.

    Raises:
      TypeError: it is no such message.
      CancelledError: the session is closed.
      InvalidArgumentError, NotFoundError, OutOfRangeError: a name is not one of the graph; nothing
        is to run; or a tensor is fed twice, or fetched as well.
      UnimplementedError: the options connect tensors.
    """
    try:
        own = protos.adopt(options, protos.CallableOptions)
    except TypeError:
        raise TypeError(
            "Argument `callable_options` must be a tf.CallableOptions, but got "
            f"{type(options).__name__}"
        ) from None
    _check_open(session)
    if own.tensor_connection:
        raise UnimplementedError(None, None, "tensor_connection is not supported; feed the tensor")
    graph = session.graph
    fed = [_tensor(graph, name) for name in own.feed]
    fetched = [_tensor(graph, name) for name in own.fetch]
    targets = [_target(graph, name) for name in own.target]
    check_setup(fed, fetched, targets)
    run_options = own.run_options if own.HasField("run_options") else None

    def run(*values: Any, run_metadata: Any = None) -> list[Any]:
        _check_open(session)
        if len(values) != len(fed):
            raise InvalidArgumentError(
                None, None, f"Expected {len(fed)} feed tensors, but got {len(values)}"
            )
        feed_dict = {t: _checked(t, v) for t, v in zip(fed, values, strict=True)}
        results = session.run((fetched, targets), feed_dict, run_options, run_metadata)
        arrays: list[Any] = results[0]
        return arrays

    return run


def _check_open(session: BaseSession) -> None:
    if session._closed:
        raise CancelledError(None, None, "Session has been closed.")


def _split(name: str) -> tuple[str, int]:
    op, _, index = name.partition(":")
    return op, int(index) if index.isdecimal() else 0


def _tensor(graph: Graph, name: str) -> Tensor:
    op_name, index = _split(name)
    op = _operation(graph, op_name)
    if op is None:
        raise InvalidArgumentError(
            None,
            None,
            f"Tensor {name}, specified in either feed_devices or fetch_devices was not found in "
            "the Graph",
        )
    if index >= len(op.outputs):
        raise OutOfRangeError(
            None,
            None,
            f"Node '{op_name}' (type: '{op.type}', num of outputs: {len(op.outputs)}) does not "
            f"have output {index}",
        )
    return op.outputs[index]


def _target(graph: Graph, name: str) -> Operation:
    op = _operation(graph, _split(name)[0])
    if op is None:
        raise NotFoundError(None, None, f"PruneForTargets: Some target nodes not found: {name} ")
    return op


def _operation(graph: Graph, name: str) -> Operation | None:
    try:
        return graph.get_operation_by_name(name)
    except (KeyError, ValueError):
        return None


def _checked(tensor: Tensor, value: Any) -> Any:
    wanted = tensor.dtype.base_dtype
    array = np.asarray(value)
    strings = array.dtype.kind in "SUO"
    given = dtypes.string if strings else dtypes.as_dtype(array.dtype)
    if given is not wanted:
        raise InvalidArgumentError(
            None,
            tensor.op,
            f"Type mismatch: actual {dtype_text(given)} vs. expect {dtype_text(wanted)}\n"
            f"\t [[{{{{node {tensor.op.name}}}}}]]",
        )
    return value
