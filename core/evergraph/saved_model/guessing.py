"""What a graph without signatures is fed and gives, by its shape alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.saved_model.signatures import Signature

_INPUTS: Final = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
#: Nobody wants their results: checks, values as they are, and what makers of variables leave.
_NO_RESULT: Final = (
    "Assert",
    "Const",
    "IsVariableInitialized",
    "NoOp",
    "ReadVariableOp",
    "VarHandleOp",
    "VarIsInitializedOp",
    *_INPUTS,
)
_ENTERING: Final = ("Enter", "RefEnter")
_LEAVING: Final = ("Exit", "RefExit")
_DIVIDING: Final = ("Switch", "RefSwitch", "_SwitchN")
_JOINING: Final = ("Merge", "RefMerge")


def guessed(graph: Graph) -> Signature:
    """Return the placeholders of a graph, and what no other node takes."""
    operations = graph.get_operations()
    inside = _inside(operations)
    results = [op for op in operations if _is_result(op) and op not in inside]
    return Signature(
        "",
        {op.name: op.outputs[0] for op in operations if op.type in _INPUTS},
        {op.name: op.outputs[0] for op in results},
    )


def _is_result(op: Operation) -> bool:
    return (
        op.type not in _NO_RESULT
        and bool(op.outputs)
        and not any(t.consumers() for t in op.outputs)
    )


def targets(graph: Graph) -> list[Operation]:
    """Return the operations that nothing waits for, and that a program runs if anything does."""
    operations = graph.get_operations()
    inside = _inside(operations)
    waited_for = {c for op in operations for c in op.control_inputs}
    return [
        op
        for op in operations
        if op not in waited_for
        and op not in inside
        and (op.type == "NoOp" or op.type not in _NO_RESULT)
        and not any(t.consumers() for t in op.outputs)
    ]


def _inside(operations: Sequence[Operation]) -> set[Operation]:
    """Return what lies in loops and conditionals of version 1, and may have no value."""
    #: How many loops, and branches, an operation is in.
    depths: dict[Operation, tuple[int, int]] = {}
    for op in operations:
        before = [t.op for t in op.inputs] + list(op.control_inputs)
        known = [depths[b] for b in before if b in depths]
        loops = max((d[0] for d in known), default=0)
        branches = max((d[1] for d in known), default=0)
        if op.type in _ENTERING:
            loops += 1
        elif op.type in _LEAVING:
            loops -= 1
        elif op.type in _DIVIDING and not loops:
            branches += 1
        elif op.type in _JOINING and not loops:
            branches -= 1
        depths[op] = max(loops, 0), max(branches, 0)
    return {op for op, depth in depths.items() if any(depth)}
