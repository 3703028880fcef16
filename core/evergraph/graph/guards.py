"""What must be true for a tensor to be there: the predicates of the Switch operations before it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from evergraph.graph.contexts import SWITCHES, source_of
from evergraph.graph.loop_context import LoopContext, loop_of
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor

#: The predicates, outermost first, that must be false (0) or true (1) for something to run.
Guard: TypeAlias = tuple[tuple[Tensor, int], ...]

MERGES: Final = {"Merge", "RefMerge"}


def joined(guards: Iterable[Guard]) -> Guard:
    """Return all conditions of several guards; those of the longest keep their order."""
    found = [g for g in guards if g]
    if len(found) < 2:
        return found[0] if found else ()
    longest = max(found, key=len)
    return tuple(dict.fromkeys([*longest, *(c for g in found for c in g)]))


def told_apart(guards: list[Guard]) -> tuple[Tensor, tuple[int, int]] | None:
    """Return the one predicate that tells two guards apart, and where each branch is among them.

    None if there is no such predicate, or more than one.
    """
    if len(guards) != 2:
        return None
    first, other = guards
    shared = [(p, branch) for p, branch in first if (p, 1 - branch) in other]
    if len(shared) != 1:
        return None
    predicate, branch = shared[0]
    return predicate, ((1, 0) if branch else (0, 1))


def without(guards: Iterable[Guard], predicate: Tensor) -> Guard:
    """Return what guards what joins both branches of a condition."""
    return tuple(c for c in joined(guards) if c[0] is not predicate)


class Guards:
    """The guards of the tensors of a loop, or outside of all, found as they are asked for.

    Args:
      loop: the loop; None for outside.
    """

    def __init__(self, loop: LoopContext | None) -> None:
        self._loop = loop
        self._known: dict[Operation, Guard] = {}

    def of(self, tensor: Tensor) -> Guard:
        """Return the guard of a tensor."""
        self._find(tensor._op)
        return self._tensor(tensor)

    def of_loop(self, inner: LoopContext) -> Guard:
        """Return the guard of a loop inside."""
        guards = []
        for entered in inner.enters:
            for source in self._sources(entered._op):
                self._find(source)
            guards += [self._tensor(t) for t in entered._op._inputs]
            guards += [self._known.get(c, ()) for c in entered._op._control_inputs]
        return joined(guards)

    def _find(self, op: Operation) -> None:
        stack = [(op, False)]
        entered: set[Operation] = set()
        while stack:
            current, done = stack.pop()
            if current in self._known:
                continue
            if done:
                self._known[current] = self._guard(current)
            elif current not in entered:
                entered.add(current)
                stack.append((current, True))
                stack += [(s, False) for s in self._sources(current) if s not in entered]

    def _sources(self, op: Operation) -> list[Operation]:
        """Return the operations in the loop that decide about one; none for what is its border."""
        if op._type in ("Exit", "RefExit"):
            inner = op._control_flow_context
            enters = inner.enters if isinstance(inner, LoopContext) else []
            return [t._op for e in enters for t in e._op._inputs]
        if loop_of(op) is not self._loop or self._is_border(op):
            return []
        return [t._op for t in op._inputs] + list(op._control_inputs)

    def _is_border(self, op: Operation) -> bool:
        loop = self._loop
        if loop is None:
            return False
        if op._type in ("Enter", "RefEnter"):
            return True
        if op._type in SWITCHES:
            return op._inputs[1] is loop.test
        return op._type in MERGES and op._inputs[0]._op._type in ("Enter", "RefEnter")

    def _guard(self, op: Operation) -> Guard:
        if op._type in ("Exit", "RefExit"):
            inner = op._control_flow_context
            enters = inner.enters if isinstance(inner, LoopContext) else []
            return joined(self._tensor(t) for e in enters for t in e._op._inputs)
        if op._type == "ControlTrigger" or not self._sources(op):
            return ()
        guards = [self._tensor(t) for t in op._inputs]
        if op._type in MERGES:
            apart = told_apart(guards)
            return joined(guards) if apart is None else without(guards, apart[0])
        return joined([*guards, *(self._known.get(c, ()) for c in op._control_inputs)])

    def _tensor(self, tensor: Tensor) -> Guard:
        op = tensor._op
        guard = self._known.get(op, ())
        if op._type in SWITCHES and not self._is_border(op) and loop_of(op) is self._loop:
            return joined([guard, ((source_of(op._inputs[1]), tensor._value_index),)])
        return guard
