"""Control flow of version 1 as structure: Switch, Merge, Enter … become conditionals and loops.

What is left is a list of operations, conditionals and loops in execution order; a conditional has
such a list for each branch, a loop one for its condition and one for its body. Nothing else in a
plan knows of dead tensors and frames.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import registry

SWITCHES: Final = {"Switch", "RefSwitch"}
MERGES: Final = {"Merge", "RefMerge"}
ENTERS: Final = {"Enter", "RefEnter"}
EXITS: Final = {"Exit", "RefExit"}
NEXTS: Final = {"NextIteration", "RefNextIteration"}
_STRUCTURE: Final = SWITCHES | MERGES | ENTERS | EXITS | NEXTS | {"LoopCond", "ControlTrigger"}


@dataclass(eq=False)
class Composite:
    """A conditional or a loop.

    Attributes:
      members: every operation inside.
      inputs: the tensors that it takes from outside.
      controls: the operations outside that it waits for.
      first: the member that was made first: it stands for the whole.
    """

    members: frozenset[Operation] = frozenset()
    inputs: tuple[Tensor, ...] = ()
    controls: tuple[Operation, ...] = ()
    first: Operation = field(init=False)

    def enclose(self, members: Iterable[Operation], fed: Collection[Tensor]) -> None:
        """Set what is inside, and with it what comes from outside."""
        inside = self.members = frozenset(members)
        self.first = min(inside, key=lambda op: op._id)
        inputs: dict[Tensor, None] = {}
        controls: dict[Operation, None] = {}
        for op in sorted(inside, key=lambda op: op._id):
            inputs.update((t, None) for t in op._inputs if t in fed or t._op not in inside)
            controls.update((c, None) for c in op._control_inputs if c not in inside)
        self.inputs, self.controls = tuple(inputs), tuple(controls)


@dataclass(eq=False)
class Conditional(Composite):
    """What runs if a predicate has one value or the other.

    Attributes:
      predicate: a scalar bool; None for one that is true.
      branches: what runs if it is false, and if it is true.
      merges: Merge operations, which hand on a value from the branch that ran, with the positions
        of the inputs from either branch.
    """

    predicate: Tensor | None = field(kw_only=True)
    branches: tuple[list[Item], list[Item]] = field(default_factory=lambda: ([], []))
    merges: dict[Operation, tuple[int, int]] = field(default_factory=dict)


@dataclass(eq=False)
class LoopVariable:
    """A value that a loop hands on from one iteration to the next.

    Attributes:
      initial: the value before the first.
      merge: the operation that stands for the value at the start of an iteration.
      switches: operations that stand for it in the body, and (output 0) after the loop.
      next: the value at the end of an iteration.
    """

    initial: Tensor
    merge: Operation
    switches: list[Operation]
    next: Tensor


@dataclass(eq=False)
class Loop(Composite):
    """What runs as long as a condition holds.

    Attributes:
      name: of the frame.
      variables: what it hands on.
      invariants: Enter operations whose values stay the same.
      exits: operations that hand on final values.
      test: the LoopCond operation.
      condition: what gives the input of `test`.
      body: what gives the next values.
    """

    name: str = field(kw_only=True)
    variables: list[LoopVariable] = field(kw_only=True)
    invariants: list[Operation] = field(kw_only=True)
    exits: list[Operation] = field(kw_only=True)
    test: Operation = field(kw_only=True)
    condition: list[Item] = field(kw_only=True)
    body: list[Item] = field(kw_only=True)


Item: TypeAlias = Operation | Composite


def lower(ops: Sequence[Operation], fed: Collection[Tensor], apart: bool = False) -> Sequence[Item]:
    """Return operations with their control flow as structure.

    Args:
      ops: what a step needs, in execution order.
      fed: tensors whose values are given.
      apart: whether those come one after the other, so that what needs others stays apart.

    Raises:
      InvalidArgumentError: it is not control flow that TensorFlow's functions build.
    """
    if not any(op._type in _STRUCTURE for op in ops):
        return ops
    from evergraph.runtime.conditions import with_conditionals
    from evergraph.runtime.frames import with_loops

    items: Sequence[Item] = ops
    if any(op._type in ENTERS or op._type in EXITS for op in ops):
        items = with_loops(ops, fed)
    return with_conditionals(items, fed, apart)


def is_open(ops: Iterable[Operation]) -> bool:
    """Whether one of some operations may wait for other steps, or calls Python."""
    from evergraph.runtime.calls import bodies, is_call

    known = registry().get
    return any(
        any(is_open(b.graph._operations) for b in bodies(op))
        if is_call(op)
        else (found := known(op._type)) is not None and found.open
        for op in ops
    )


def alone(item: Item, fed: Collection[Tensor]) -> Conditional:
    """Return an item as what always runs."""
    whole = Conditional(predicate=None, branches=([], [item]))
    whole.enclose(members(item), fed)
    return whole


def members(item: Item) -> Iterable[Operation]:
    """Return the operations of an item."""
    return (item,) if isinstance(item, Operation) else item.members


def inputs_of(item: Item) -> Sequence[Tensor]:
    """Return the tensors that an item takes."""
    return item._inputs if isinstance(item, Operation) else item.inputs


def order_of(item: Item) -> int:
    """Return what decides between items that may run in any order: creation."""
    return item._id if isinstance(item, Operation) else item.first._id


def sources(item: Item, fed: Collection[Tensor]) -> Iterator[Operation]:
    """Return the operations that an item takes tensors of, or waits for."""
    if isinstance(item, Operation):
        yield from (t._op for t in item._inputs if t not in fed)
        yield from item._control_inputs
    else:
        yield from (t._op for t in item.inputs if t not in fed)
        yield from item.controls


def owners(items: Iterable[Item]) -> dict[Operation, Item]:
    """Return the item that each operation is, or lies in."""
    return {op: item for item in items for op in members(item)}


def ordered(items: Iterable[Item], fed: Collection[Tensor]) -> list[Item]:
    """Return items in execution order: topological, ties by creation."""
    items = list(items)
    owner = owners(items)
    waiting: dict[Item, int] = {}
    consumers: dict[Item, list[Item]] = {}
    for item in items:
        before = {owner[op] for op in sources(item, fed) if op in owner} - {item}
        waiting[item] = len(before)
        for other in before:
            consumers.setdefault(other, []).append(item)
    ready = [(order_of(item), n, item) for n, item in enumerate(items) if not waiting[item]]
    heapq.heapify(ready)
    result: list[Item] = []
    count = len(items)
    while ready:
        _, _, item = heapq.heappop(ready)
        result.append(item)
        for consumer in consumers.get(item, ()):
            waiting[consumer] -= 1
            if not waiting[consumer]:
                count += 1
                heapq.heappush(ready, (order_of(consumer), count, consumer))
    assert len(result) == len(items), "structure made a cycle"
    return result
