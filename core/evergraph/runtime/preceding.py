"""What a step that fails has done by then: what the failing operation waits for.

Those are updates of variables, and assertions: a backend that compiles finds out about an operation
before the assertions that guard it have been looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evergraph.graph.operation import Operation
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.resources import Variable
from evergraph.runtime.stages import Plan, Stage


def preceding(plan: Plan, stage: Stage, failing: Operation) -> Stage | None:
    """Return the part of a stage that is done when an operation fails.

    TF: an update that the operation waits for has happened, one that waits for it never does. The
    others may have happened or not; here they have not. An assertion that it waits for has held.

    Returns:
      A stage without the failing operation; None if there are neither updates nor assertions.
    """
    waited_for = _waited_for(plan, failing)
    last: dict[Variable, Slot] = {}
    producers: dict[Slot, Node] = {}
    assertions: list[Node] = []
    for node in stage.nodes:
        producers.update(dict.fromkeys(node.outputs, node))
        if plan.origin(node) in waited_for:
            last.update({stage.versions[s]: s for s in node.outputs if s in stage.versions})
            assertions += [node] if _asserts(node) else []
    if not last and not assertions:
        return None
    flags = [s for v, s in stage.given.items() if v in last]
    taken = [s for n in assertions for s in n.inputs]
    used = _used(producers, [*last.values(), *flags, *taken])
    return Stage(
        stage.needs,
        nodes=[n for n in stage.nodes if n in assertions or not used.isdisjoint(n.outputs)],
        reads={s: r for s, r in stage.reads.items() if s in used},
        flags={s: v for s, v in stage.flags.items() if s in used},
        writes=last,
        given={v: s for v, s in stage.given.items() if v in last},
    )


def _asserts(node: Node) -> bool:
    """Whether a node is an assertion, or has one inside."""
    inside = (n for block in node.blocks for n in block.nodes)
    return node.type == "Assert" or any(_asserts(n) for n in inside)


def _waited_for(plan: Plan, op: Operation) -> set[Operation]:
    inside, found = plan.inside.union(plan.operations), set[Operation]()
    stack = [op]
    while stack:
        current = stack.pop()
        sources = [*(t._op for t in current._inputs), *current._control_inputs]
        if current._graph in plan.calls:
            # What a function does waits for all that its call waits for.
            call = plan.calls[current._graph]
            sources += [*(t._op for t in call._inputs), *call._control_inputs]
        for source in sources:
            if source in inside and source not in found:
                found.add(source)
                stack.append(source)
    return found - {op}


def _used(producers: Mapping[Slot, Node], wanted: Iterable[Slot]) -> set[Slot]:
    used: set[Slot] = set()
    stack = list(wanted)
    while stack:
        slot = stack.pop()
        if slot not in used:
            used.add(slot)
            if slot in producers:
                stack.extend(producers[slot].inputs)
    return used
