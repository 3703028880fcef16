"""What is known of places when a step is planned: the rest need not be known to compile it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evergraph.graph.inference import partial_value
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import Op
from evergraph.runtime.kernels import Kernel
from evergraph.runtime.program import Node
from evergraph.runtime.stages import Plan


def with_places(op: Operation, known: Op) -> Any:
    """Return the attributes of a node, with what is known of its places if not all need be."""
    assert known.placed is not None
    exact = [p for p in known.host if p not in known.shape_like]
    parts = {p: _partly_known(op._inputs[p]) for p in exact}
    places = [parts[p] for p in known.places]
    if None in parts.values() or not any(None in place for place in places if place):
        return op._attributes
    if len({len(part) for part in parts.values() if part is not None}) > 1:
        return op._attributes
    if not known.placed(list(parts.values()), op._attributes):
        return op._attributes
    return {**op._attributes, "_known": tuple(places)}


def _partly_known(tensor: Tensor) -> tuple[int | None, ...] | None:
    """Return the elements of a vector, None for those that are not known; None for no vector."""
    dims = tensor._dims
    if dims is None or len(dims) != 1 or dims[0] is None:
        return None
    found = partial_value(tensor)
    if found is None:
        return (None,) * dims[0]
    return tuple(int(v) if k else None for v, k in zip(*found, strict=True))


def keep_exact(plan: Plan, table: Mapping[str, Kernel]) -> None:
    """Let places be known where they must be: for kernels that do not take what is known of them.

    Args:
      plan: whose nodes are changed.
      table: the kernels of the backend.
    """
    for stage in plan.stages:
        stage.nodes = [_exact(node, plan, table) for node in stage.nodes]


def _exact(node: Node, plan: Plan, table: Mapping[str, Kernel]) -> Node:
    attributes, blocks = node.attributes, node.blocks
    kernel = table.get(node.type)
    if "_known" in attributes and kernel is not None and "_known" not in kernel.attributes:
        attributes = {name: value for name, value in attributes.items() if name != "_known"}
    if blocks:
        inner = [tuple(_exact(n, plan, table) for n in b.nodes) for b in blocks]
        if any(
            n is not m
            for new, b in zip(inner, blocks, strict=True)
            for n, m in zip(new, b.nodes, strict=True)
        ):
            blocks = tuple(replace(b, nodes=new) for b, new in zip(blocks, inner, strict=True))
    if attributes is node.attributes and blocks is node.blocks:
        return node
    exact = replace(node, attributes=attributes, blocks=blocks)
    plan.origins[id(exact)] = plan.origin(node)
    return exact
