"""The part of a GraphDef that a name scope is, and the nodes of savers."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any, Final

from evergraph import protos
from evergraph.v1.saved_slices import stripped

#: What the names of inputs from outside of an exported scope begin with.
UNBOUND: Final = "$unbound_inputs_"

_SAVING: Final = frozenset(
    f"{legacy}{op}{slices}"
    for legacy in ("", "Legacy")
    for op in ("Save", "Restore")
    for slices in ("", "Slice")
) | {"SaveV2", "RestoreV2"}


def part_of_graph(
    graph_def: Any,
    export_scope: str | None,
    excluded: Container[str],
    clear_devices: bool,
    unbound: list[str],
) -> Any:
    """Return the nodes of a GraphDef that lie in a scope, with names relative to it.

    Args:
      graph_def: the GraphDef.
      export_scope: the scope; None for all.
      excluded: the names of nodes that are left out.
      clear_devices: whether nodes lose their devices.
      unbound: the names that inputs from outside get are added to it.
    """
    result = protos.GraphDef()
    result.versions.CopyFrom(graph_def.versions)
    result.library.CopyFrom(graph_def.library)
    for node in graph_def.node:
        if included(node.name, export_scope, excluded):
            copy = result.node.add()
            copy.CopyFrom(node)
            _strip_scope(copy, export_scope, unbound)
            if clear_devices:
                copy.device = ""
    return result


def _strip_scope(node: Any, scope: str | None, unbound: list[str]) -> None:
    if not scope:
        return
    node.name = stripped(node.name, scope)
    for i, text in enumerate(node.input):
        control, name = ("^", text[1:]) if text.startswith("^") else ("", text)
        if name.startswith(scope):
            node.input[i] = f"{control}{stripped(name, scope)}"
        else:
            node.input[i] = f"{control}{UNBOUND}{name}"
            unbound.append(node.input[i])
    if "_class" in node.attr:
        groups = [s.decode() for s in node.attr["_class"].list.s]
        inside = [g for g in groups if g.partition("@")[2].startswith(scope)]
        node.attr["_class"].list.s[:] = [
            re.sub(f"(^loc:@){re.escape(scope.rstrip('/'))}/", r"\1", g).encode() for g in inside
        ]
    if node.op in ("Enter", "RefEnter"):
        frame = node.attr["frame_name"].s.decode()
        node.attr["frame_name"].s = stripped(frame, scope).encode()


def included(item: Any, export_scope: str | None, excluded: Container[str]) -> bool:
    """Whether a node, or an item of a collection, by its name if it has one, is exported."""
    name = item if isinstance(item, str) else getattr(item, "name", None)
    if not isinstance(name, str):
        return True
    if name in excluded:
        return False
    return name.startswith(UNBOUND) or not export_scope or name.startswith(export_scope)


def nodes_of_other_savers(graph_def: Any, saver_def: Any) -> set[str]:
    """Return the names of the nodes in the scopes of savers, other than that of a `SaverDef`."""
    scopes = {_scope(n.name) for n in graph_def.node if n.op in _SAVING}
    if saver_def is not None:
        own = (saver_def.save_tensor_name, saver_def.restore_op_name)
        scopes -= {_scope(name.partition(":")[0]) for name in own}
    return {n.name for n in graph_def.node if any(n.name.startswith(f"{s}/") for s in scopes)}


def _scope(name: str) -> str:
    return name.rpartition("/")[0]
