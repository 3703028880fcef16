"""The engine: each step is planned on a graph that was written to bytes and read again."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import evergraph.v1 as tf
from evergraph import protos
from evergraph.errors import OpError
from evergraph.targets import Engine, Graph, Operation, Tensor, prune


class LoopbackEngine(Engine):
    """Runs what arrives as bytes; nothing but names, types and values connects the two graphs.

    Args:
      target: as the session has it.
      graph, config: of the session.
    """

    def __init__(self, target: str, graph: Graph, config: protos.ConfigProto) -> None:
        del target
        super().__init__(graph, config)

    def _planned(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        partial: bool = False,
        done: Sequence[Operation] = (),
    ) -> Any:
        near = self._graph
        targets = [*(t.op for t in (*wanted, *fed)), *operations]
        with near._lock:
            needed = prune(targets, (), near._unordered)
            far = _sent(near, needed)
        engine = copy.copy(self)
        engine._graph = far
        tensors = [[far.get_tensor_by_name(t.name) for t in part] for part in (wanted, fed)]
        ops = [far.get_operation_by_name(op.name) for op in operations]
        try:
            step = Engine._planned(engine, tensors[0], ops, tensors[1], partial, done)
        except OpError as error:
            raise _here(near, error) from None
        return _Step(near, step)


def _sent(graph: Graph, operations: Sequence[Operation]) -> Graph:
    """Return a graph of these operations, by way of bytes."""
    whole = graph.as_graph_def()
    sent = protos.GraphDef(versions=whole.versions, library=whole.library)
    sent.node.extend(op.node_def for op in operations)
    received = protos.GraphDef.FromString(sent.SerializeToString())
    far = Graph()
    with far.as_default():
        tf.import_graph_def(received, name="")
    for op in operations:
        far.get_operation_by_name(op.name)._frames = op._frames
    return far


def _here(graph: Graph, error: OpError) -> OpError:
    """Let an error name the operation of the session's own graph."""
    if error.op is not None:
        error._op = graph.get_operation_by_name(error.op.name)
    return error


class _Step:
    """A step of the other graph."""

    def __init__(self, graph: Graph, step: Any) -> None:
        self._graph = graph
        self._step = step

    def __getattr__(self, name: str) -> Any:
        return getattr(self._step, name)

    def __call__(self, values: Sequence[Any], context: Any = None) -> Sequence[Any]:
        try:
            outputs: Sequence[Any] = self._step(values, context)
        except OpError as error:
            raise _here(self._graph, error) from error.__cause__
        return outputs
