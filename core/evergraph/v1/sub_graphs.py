"""The part of a GraphDef that some nodes need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def extract_sub_graph(graph_def: Any, dest_nodes: Iterable[str]) -> Any:
    """Return the part of a GraphDef that some nodes need.

    Args:
      graph_def: the graph.
      dest_nodes: the names of the nodes.

    Raises:
      TypeError: an argument is not of that kind.
      AssertionError: there is no node of that name.
    """
    if not hasattr(graph_def, "node"):
        raise TypeError(
            f"graph_def must be a graph_pb2.GraphDef proto, but got type {type(graph_def)}."
        )
    if isinstance(dest_nodes, str):
        raise TypeError(
            f"dest_nodes must be an iterable of strings, but got type {type(dest_nodes)}."
        )
    nodes = {node.name: node for node in graph_def.node}
    waiting = list(dest_nodes)
    for name in waiting:
        if name not in nodes:
            raise AssertionError(f"{name} is not in graph")
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            waiting += _needed(nodes[name])
    result = type(graph_def)()
    result.node.extend(node for node in graph_def.node if node.name in kept)
    result.library.CopyFrom(graph_def.library)
    result.versions.CopyFrom(graph_def.versions)
    return result


def _needed(node: Any) -> list[str]:
    """Return the names of the nodes that a node takes inputs from, or lies beside."""
    inputs = [_node_name(i) for i in node.input]
    return inputs + colocated(node)


def _node_name(input: str) -> str:
    return input[1:] if input.startswith("^") else input.split(":")[0]


def colocated(node: Any) -> list[str]:
    """Return the names of the nodes that a NodeDef lies beside."""
    if "_class" not in node.attr:
        return []
    groups = [group.decode() for group in node.attr["_class"].list.s]
    return [group.removeprefix("loc:@") for group in groups]
