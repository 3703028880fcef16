"""`tf.graph_util`: work on GraphDefs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph import protos


def extract_sub_graph(graph_def: Any, dest_nodes: Sequence[str]) -> protos.GraphDef:
    """Return the nodes of a GraphDef that `dest_nodes` need, in its order.

    Raises:
      TypeError: `dest_nodes` is a string, or `graph_def` no GraphDef.
      AssertionError: a node does not exist (as in TensorFlow).
    """
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be an iterable of strings.")
    graph = protos.adopt(graph_def, protos.GraphDef)
    nodes = {node.name: node for node in graph.node}
    for name in dest_nodes:
        if name not in nodes:
            raise AssertionError(f"{name} is not in graph")
    needed: set[str] = set()
    stack = list(dest_nodes)
    while stack:
        name = stack.pop()
        if name not in needed:
            needed.add(name)
            stack += [node_name(text) for text in nodes[name].input if node_name(text) in nodes]
    result = protos.GraphDef(versions=graph.versions, library=graph.library)
    result.node.extend(node for node in graph.node if node.name in needed)
    return result


def node_name(text: str) -> str:
    """Return the node's name in a NodeDef's input: without `^` and `:INDEX`."""
    return text.removeprefix("^").split(":")[0]


def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> Any:
    """Return the static shape of the tensor of that name."""
    name = input_name if ":" in input_name else f"{input_name}:0"
    return graph.get_tensor_by_name(name).get_shape()
