"""Switch and Merge as conditionals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias

from evergraph.errors import InvalidArgumentError
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.lowering import (
    MERGES,
    SWITCHES,
    Conditional,
    Item,
    members,
    ordered,
    owners,
    sources,
)

#: The predicates, outermost first, that must be false (0) or true (1) for something to run.
Guard: TypeAlias = tuple[tuple[Tensor, int], ...]
#: Those of a conditional: what it is inside of, and its predicate.
_Key: TypeAlias = tuple[Guard, Tensor]


def with_conditionals(items: Sequence[Item], fed: Collection[Tensor]) -> list[Item]:
    """Return items with what Switch operations guard gathered into conditionals.

    Raises:
      InvalidArgumentError: a Merge joins what no single predicate tells apart.
    """
    guards = _Guards(fed)
    for item in items:
        guards.add(item)
    result = list(items)
    for depth in range(guards.deepest, 0, -1):
        result = _gathered(result, depth, guards, fed)
    return result


class _Guards:
    """The guards of tensors and items."""

    def __init__(self, fed: Collection[Tensor]) -> None:
        self._fed: Final = fed
        self._of_tensor: dict[Tensor, Guard] = {}
        self._of_item: dict[Item, Guard] = {}
        #: By Merge: the conditional that it ends.
        self.ended: dict[Item, _Key] = {}
        #: By Merge: the positions of its inputs from the branches, if false and if true.
        self.order: dict[Operation, tuple[int, int]] = {}
        self.deepest = 0
        self._last: dict[Operation, Guard] = {}

    def of(self, item: Item) -> Guard:
        """Return the guard of an item."""
        return self._of_item[item]

    def add(self, item: Item) -> None:
        """Find the guards of an item and its outputs; the items before it are known."""
        if isinstance(item, Operation) and item._type in MERGES:
            self._set(item, self._merged(item))
            return
        guard: Guard = ()
        if not (isinstance(item, Operation) and item._type == "ControlTrigger"):
            inputs = item._inputs if isinstance(item, Operation) else item.inputs
            controls = item._control_inputs if isinstance(item, Operation) else item.controls
            guard = _joined([self._tensor(t) for t in inputs])
            guard = _joined([guard, *(self._last.get(c, ()) for c in controls)])
        self._set(item, guard)
        if isinstance(item, Operation) and item._type in SWITCHES:
            predicate = source_of(item._inputs[1])
            for branch, output in enumerate(item._outputs):
                self._of_tensor[output] = _joined([guard, ((predicate, branch),)])
                self.deepest = max(self.deepest, len(self._of_tensor[output]))

    def place(self, item: Conditional, guard: Guard) -> None:
        """Note the guard of a conditional."""
        self._of_item[item] = guard

    def _tensor(self, tensor: Tensor) -> Guard:
        if tensor in self._fed:
            return ()
        found = self._of_tensor.get(tensor)
        return self._last.get(tensor._op, ()) if found is None else found

    def _set(self, item: Item, guard: Guard) -> None:
        self._of_item[item] = guard
        if guard:
            self._last.update(dict.fromkeys(members(item), guard))
            self.deepest = max(self.deepest, len(guard))

    def _merged(self, op: Operation) -> Guard:
        """Return the guard of a Merge: that of its inputs, without the predicate that it ends."""
        first, *others = [self._tensor(t) for t in op._inputs]
        shared = [p for p, branch in first if all((p, 1 - branch) in o for o in others)]
        if len(op._inputs) != 2 or len(shared) != 1:
            raise InvalidArgumentError(
                None,
                op,
                f"'{op.name}' does not join the two branches of one condition: its inputs "
                f"depend on {_listed(first)} and {' and '.join(_listed(o) for o in others)}",
            )
        predicate = shared[0]
        outer = tuple(c for c in _joined([first, *others]) if c[0] is not predicate)
        self.ended[op] = outer, predicate
        self.order[op] = (0, 1) if (predicate, 0) in first else (1, 0)
        self.deepest = max(self.deepest, len(outer) + 1)
        return outer


def _listed(guard: Guard) -> str:
    return ", ".join(f"'{p.name}'" for p, _ in guard) or "no predicate"


def source_of(predicate: Tensor) -> Tensor:
    """Return the tensor that a predicate is, perhaps handed on by Identity."""
    while predicate._op._type == "Identity":
        predicate = predicate._op._inputs[0]
    return predicate


def _joined(guards: Iterable[Guard]) -> Guard:
    """Return all conditions of several guards; those of the longest keep their order."""
    found = [g for g in guards if g]
    if len(found) < 2:
        return found[0] if found else ()
    longest = max(found, key=len)
    return tuple(dict.fromkeys([*longest, *(c for g in found for c in g)]))


def _gathered(
    items: list[Item], depth: int, guards: _Guards, fed: Collection[Tensor]
) -> list[Item]:
    """Gather the items at one depth of conditions.

    What is taken out of a conditional and comes back comes into another one: conditionals of one
    predicate have levels, that rise along each way out.
    """
    owner = owners(items)
    keys: dict[Item, _Key] = {}
    levels: dict[Item, int] = {}
    clusters: dict[tuple[_Key, int], Conditional] = {}
    rest: list[Item] = []
    for item in items:
        guard = guards.of(item)
        key = guards.ended.get(item)
        if key is not None and len(key[0]) != depth - 1:
            key = None
        if key is None and len(guard) == depth:
            key = guard[:-1], guard[-1][0]
        level = 0
        for source in {owner[op] for op in sources(item, fed) if op in owner}:
            out = source in keys and (keys[source] != key or source in guards.ended)
            level = max(level, levels.get(source, 0) + out)
        levels[item] = level
        if key is None:
            rest.append(item)
            continue
        keys[item] = key
        cluster = clusters.get((key, level))
        if cluster is None:
            cluster = clusters[key, level] = Conditional(predicate=key[1])
        if len(guard) == depth:
            cluster.branches[guard[-1][1]].append(item)
        else:
            assert isinstance(item, Operation)
            cluster.merges[item] = guards.order[item]
    for (key, _), cluster in clusters.items():
        inside = [op for branch in cluster.branches for i in branch for op in members(i)]
        cluster.enclose([*inside, *cluster.merges], fed)
        cluster.inputs = tuple(dict.fromkeys([key[1], *cluster.inputs]))
        guards.place(cluster, key[0])
    return ordered([*rest, *clusters.values()], fed)
