"""Switch and Merge as conditionals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeAlias

from evergraph.errors import InvalidArgumentError
from evergraph.graph.contexts import source_of
from evergraph.graph.guards import Guard, joined, told_apart, without
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.lowering import (
    MERGES,
    SWITCHES,
    Conditional,
    Item,
    inputs_of,
    members,
    ordered,
    owners,
    sources,
)

#: Those of a conditional: what it is inside of, and its predicate.
_Key: TypeAlias = tuple[Guard, Tensor]
#: Fed tensors.
_Needs: TypeAlias = frozenset[Tensor]


def with_conditionals(
    items: Sequence[Item], fed: Collection[Tensor], apart: bool = False
) -> list[Item]:
    """Return items with what Switch operations guard gathered into conditionals.

    Args:
      items: in execution order.
      fed: tensors whose values are given.
      apart: whether those come one after the other, so that what needs others stays apart.

    Raises:
      InvalidArgumentError: a Merge joins what no single predicate tells apart.
    """
    guards = _Guards(fed)
    for item in items:
        guards.add(item)
    result = list(items)
    for depth in range(guards.deepest, 0, -1):
        needs = _needs(result, fed) if apart else {}
        result = _gathered(result, depth, guards, fed, needs)
    return result


def _needs(items: Sequence[Item], fed: Collection[Tensor]) -> dict[Item, _Needs]:
    """Return the fed tensors that each item needs."""
    owner = owners(items)
    needs: dict[Item, _Needs] = {}
    for item in items:
        found = [t for t in inputs_of(item) if t in fed]
        before = {owner[op] for op in sources(item, fed) if op in owner} - {item}
        needs[item] = frozenset(found).union(*(needs.get(b, frozenset()) for b in before))
    return needs


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
            inputs = inputs_of(item)
            controls = item._control_inputs if isinstance(item, Operation) else item.controls
            guard = joined([self._tensor(t) for t in inputs])
            guard = joined([guard, *(self._last.get(c, ()) for c in controls)])
        self._set(item, guard)
        if isinstance(item, Operation) and item._type in SWITCHES:
            predicate = source_of(item._inputs[1])
            for branch, output in enumerate(item._outputs):
                self._of_tensor[output] = joined([guard, ((predicate, branch),)])
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
        guards = self._completed([self._tensor(t) for t in op._inputs])
        apart = told_apart(guards)
        if apart is None:
            raise InvalidArgumentError(
                None,
                op,
                f"'{op.name}' does not join the two branches of one condition: its inputs "
                f"depend on {' and '.join(_listed(g) for g in guards)}",
            )
        predicate, self.order[op] = apart
        outer = without(guards, predicate)
        self.ended[op] = outer, predicate
        self.deepest = max(self.deepest, len(outer) + 1)
        return outer

    def _completed(self, guards: list[Guard]) -> list[Guard]:
        """Return the guards of a Merge's inputs, of which one may be there in any case.

        TF: if the other one is there as well, either may be handed on; here it is the other one.
        """
        if len(guards) == 2:
            short, long = sorted(guards, key=len)
            if long and long[:-1] == short:
                predicate, branch = long[-1]
                guards[guards.index(short)] = (*short, (predicate, 1 - branch))
        return guards


def _listed(guard: Guard) -> str:
    return ", ".join(f"'{p.name}'" for p, _ in guard) or "no predicate"


def _gathered(
    items: list[Item],
    depth: int,
    guards: _Guards,
    fed: Collection[Tensor],
    needs: Mapping[Item, _Needs],
) -> list[Item]:
    """Gather the items at one depth of conditions that have the same needs, if any are given.

    What is taken out of a conditional and comes back comes into another one: conditionals of one
    predicate have levels, that rise along each way out.
    """
    owner = owners(items)
    keys: dict[Item, _Key] = {}
    levels: dict[Item, int] = {}
    clusters: dict[tuple[_Key, _Needs | None, int], Conditional] = {}
    rest: list[Item] = []
    for item in items:
        guard = guards.of(item)
        key = guards.ended.get(item)
        if key is not None and len(key[0]) != depth - 1:
            key = None
        if key is None and len(guard) == depth:
            key = guard[:-1], guard[-1][0]
        level, own = 0, needs.get(item)
        for source in {owner[op] for op in sources(item, fed) if op in owner}:
            out = source in keys and (
                keys[source] != key or needs.get(source) != own or source in guards.ended
            )
            level = max(level, levels.get(source, 0) + out)
        levels[item] = level
        if key is None:
            rest.append(item)
            continue
        keys[item] = key
        cluster = clusters.get((key, own, level))
        if cluster is None:
            cluster = clusters[key, own, level] = Conditional(predicate=key[1])
        if len(guard) == depth:
            cluster.branches[guard[-1][1]].append(item)
        else:
            assert isinstance(item, Operation)
            cluster.merges[item] = guards.order[item]
    for (key, _, _), cluster in clusters.items():
        inside = [op for branch in cluster.branches for i in branch for op in members(i)]
        cluster.enclose([*inside, *cluster.merges], fed)
        cluster.inputs = tuple(dict.fromkeys([key[1], *cluster.inputs]))
        guards.place(cluster, key[0])
    return ordered([*rest, *clusters.values()], fed)
