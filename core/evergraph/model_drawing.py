"""A graph, with the functions that it calls, in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from evergraph import protos


def drawn(graph_def: protos.GraphDef) -> Iterator[str]:
    """Yield the lines of a graph in DOT; what a node only waits for is dashed."""
    yield "digraph {"
    yield '  node [shape=box, fontname="sans-serif", fontsize=10]'
    yield from _nodes(graph_def.node, "")
    for i, function in enumerate(graph_def.library.function):
        name = function.signature.name
        yield f"  subgraph cluster_{i} {{"
        yield f"  label={_quoted(name)}"
        for argument in function.signature.input_arg:
            yield f"  {_quoted(f'{name}/{argument.name}')} [label={_quoted(argument.name)}]"
        yield from _nodes(function.node_def, f"{name}/")
        yield "  }"
    yield "}"


def _nodes(nodes: Iterable[Any], prefix: str) -> Iterator[str]:
    for node in nodes:
        name = _quoted(prefix + node.name)
        label = f"{node.name}\n{node.op}"
        yield f"  {name} [label={_quoted(label)}]"
        for input in node.input:
            source = _quoted(prefix + input.removeprefix("^").partition(":")[0])
            yield f"  {source} -> {name}{' [style=dashed]' if input.startswith('^') else ''}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
