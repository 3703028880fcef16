"""From a graph to a `GraphDef`."""

from __future__ import annotations

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
