"""What only has to have run, and computes nothing that anybody uses, need not run."""

from __future__ import annotations

from evergraph.graph.operation import Operation
from evergraph.op import registry
from evergraph.runtime.stages import Plan

#: Waiting for them is what they are for.
_CHECKS = ("Assert", "CheckNumerics")


def drop_unused(plan: Plan) -> None:
    """Take the nodes out of a plan that others wait for, but whose values nobody uses.

    TF: its optimizer does so too, errors of such nodes included. A training step waits for the
    gradients of all inputs of an operation, and uses those of variables.
    """
    waited_for = {source for op in plan.operations for source in op._control_inputs}
    if not waited_for:
        return
    users: dict[Operation, list[Operation]] = {}
    for op in plan.operations:
        for tensor in op._inputs:
            users.setdefault(tensor._op, []).append(op)
    wanted = _wanted(plan)
    unused: set[Operation] = set()
    for op in reversed(plan.operations):
        # What nobody takes or waits for is what the caller asks for.
        takers = users.get(op, ())
        asked_for = op in wanted or not (takers or op in waited_for)
        if not asked_for and _is_pure(op._type) and unused.issuperset(takers):
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


def _is_pure(type: str) -> bool:
    op = registry().get(type)
    return op is not None and op.pure and type not in _CHECKS
