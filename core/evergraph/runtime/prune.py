"""Pruning: the operations that a step needs, in the order in which they run."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable

from evergraph.errors import InvalidArgumentError
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor


def prune(
    targets: Iterable[Operation],
    fed: Collection[Tensor],
    unordered: bool,
    done: Collection[Operation] = (),
) -> list[Operation]:
    """Return the operations needed for `targets`, in execution order.

    The walk stops at a fed tensor, so what lies only behind it does not run, and nothing waits for
    operations that are `done`. The order is topological, ties by creation: the order of creation
    itself, unless `unordered`.

    Raises:
      InvalidArgumentError: the operations depend on each other in a cycle.
    """
    needed: set[Operation] = set()
    stack = list(targets)
    while stack:
        op = stack.pop()
        if op in needed:
            continue
        needed.add(op)
        if fed:
            stack += [t._op for t in op._inputs if t._op not in needed and t not in fed]
        else:
            stack += [t._op for t in op._inputs if t._op not in needed]
        # TF: an operation that is waited for runs although its output is fed.
        stack += [c for c in op._control_inputs if c not in done] if done else op._control_inputs
    ordered = sorted(needed, key=_creation)
    return _topological(ordered, fed) if unordered else ordered


def _creation(op: Operation) -> int:
    return op._id


_BACK_EDGES = ("NextIteration", "RefNextIteration")


def _topological(ops: list[Operation], fed: Collection[Tensor]) -> list[Operation]:
    waiting: dict[Operation, int] = {}
    consumers: dict[Operation, list[Operation]] = {}
    inside = set(ops)
    for op in ops:
        sources = {t._op for t in op._inputs if t not in fed and t._op._type not in _BACK_EDGES}
        sources |= set(op._control_inputs)
        sources &= inside
        waiting[op] = len(sources)
        for source in sources:
            consumers.setdefault(source, []).append(op)
    ready = [(op._id, op) for op in ops if not waiting[op]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, op = heapq.heappop(ready)
        order.append(op)
        for consumer in consumers.get(op, ()):
            waiting[consumer] -= 1
            if not waiting[consumer]:
                heapq.heappush(ready, (consumer._id, consumer))
    if len(order) < len(ops):
        stuck = [op for op in ops if waiting[op]]
        names = ", ".join(f"'{op.name}'" for op in stuck[:5])
        raise InvalidArgumentError(
            None, stuck[0], f"{len(stuck)} operations depend on each other in a cycle: {names}"
        )
    return order
