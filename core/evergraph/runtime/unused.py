"""What only has to have run, and computes nothing that anybody uses, need not run."""

from __future__ import annotations

from typing import Final

from evergraph.graph.operation import Operation
from evergraph.runtime.stages import Plan

#: Arithmetic that fails on no value: leaving it out can only save time.
_HARMLESS: Final = {
    "Add",
    "AddN",
    "AddV2",
    "BatchMatMul",
    "BatchMatMulV2",
    "Cast",
    "ExpandDims",
    "Identity",
    "MatMul",
    "Mul",
    "Neg",
    "RealDiv",
    "Reshape",
    "Select",
    "Squeeze",
    "Sub",
    "Sum",
    "Tile",
    "Transpose",
}
_HARMLESS_ENDINGS: Final = (
    "BackpropFilter",
    "BackpropFilterV2",
    "BackpropInput",
    "BackpropInputV2",
    "Grad",
    "GradV2",
    "GradV3",
)


def drop_unused(plan: Plan) -> None:
    """Take arithmetic out of a plan that others wait for, but whose values nobody uses.

    A training step waits for the gradients of all inputs of an operation, and uses those of
    variables. TF: its optimizer drops all pure nodes so, those as well that would fail.
    """
    waited_for = {source for op in plan.operations for source in op._control_inputs}
    if not waited_for:
        return
    users: dict[Operation, list[Operation]] = {}
    for op in plan.operations:
        for tensor in op._inputs:
            users.setdefault(tensor._op, []).append(op)
    wanted = _wanted(plan) | plan.inside
    unused: set[Operation] = set()
    for op in reversed(plan.operations):
        # What nobody takes or waits for is what the caller asks for.
        takers = users.get(op, ())
        asked_for = op in wanted or not (takers or op in waited_for)
        if not asked_for and _is_harmless(op._type) and unused.issuperset(takers):
            unused.add(op)
    for stage in plan.stages:
        stage.nodes = [n for n in stage.nodes if plan.origin(n) not in unused]
    used = {s for stage in plan.stages for s in stage.used}
    used.update(plan.outputs)
    for stage in plan.stages:
        stage.reads = {s: r for s, r in stage.reads.items() if s in used or r.needed}


def _wanted(plan: Plan) -> set[Operation]:
    """Return the operations whose values are fetched, or kept in variables."""
    slots = {*plan.outputs, *(s for stage in plan.stages for s in stage.writes.values())}
    return {plan.origin(n) for n in plan.nodes if not slots.isdisjoint(n.outputs)}


def _is_harmless(type: str) -> bool:
    return type in _HARMLESS or type.endswith(_HARMLESS_ENDINGS)
