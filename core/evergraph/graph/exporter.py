"""From a graph to a `GraphDef`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evergraph import protos
from evergraph.shapes import TensorShape

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph


def export(graph: Graph, from_version: int | None, add_shapes: bool) -> protos.GraphDef:
    """Return the graph as a `GraphDef`; see `Graph.as_graph_def`."""
    graph_def = protos.GraphDef()
    with graph._lock:
        graph_def.versions.CopyFrom(graph._versions)
        for op in graph._operations:
            if from_version is not None and op._id < from_version:
                continue
            node = op._write(graph_def.node.add())
            if add_shapes and op._outputs:
                shapes = [TensorShape._of(t._dims).as_proto() for t in op._outputs]
                node.attr["_output_shapes"].list.shape.extend(shapes)
        for function in graph._functions.values():
            graph_def.library.function.append(function)
        for name, gradient in graph._gradient_functions.items():
            graph_def.library.gradient.add(function_name=name, gradient_func=gradient)
    return graph_def


@dataclass(frozen=True)
class Change:
    """What is new in a graph.

    Attributes:
      graph_def: the new nodes, and all functions.
      whole: whether it is the whole graph anew, since nodes that the copy has were changed.
      state: of the graph.
    """

    graph_def: protos.GraphDef
    whole: bool
    state: tuple[int, int, int]


class Changes:
    """What has been added to a graph, for a copy of it elsewhere.

    Args:
      graph: the graph.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._seen = (0, 0, graph._mutations)

    def pending(self) -> Change | None:
        """Return what the copy lacks; None for nothing."""
        graph, (version, _, mutations) = self._graph, self._seen
        # Looked at without the lock, since this is asked before every step.
        if self._seen == (graph._next_id, len(graph._functions), graph._mutations):
            return None
        with graph._lock:
            state = graph._next_id, len(graph._functions), graph._mutations
            whole = graph._mutations != mutations and version > 0
            graph_def = export(graph, None if whole else version, add_shapes=False)
        return Change(graph_def, whole, state)

    def accept(self, change: Change) -> None:
        """Note that the copy has it."""
        self._seen = change.state
