"""Conditionals and loops in a plan: nodes whose blocks are programs.

A block takes what it needs from outside as inputs: values, the current versions of variables, the
states of random streams. What it gives to variables are outputs of the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from evergraph import dtypes
from evergraph.errors import InvalidArgumentError
from evergraph.graph.inference import common_dims
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.lowering import Conditional, Loop, members
from evergraph.runtime.program import Node, Program, Slot
from evergraph.runtime.resources import Variable
from evergraph.runtime.versions import BlockVersions, constant_flag

if TYPE_CHECKING:
    from evergraph.runtime.planner import Planner

#: Constants with more elements are not copied into blocks.
_LITERAL_ELEMENTS: Final = 256


def add_conditional(planner: Planner, item: Conditional) -> None:
    """Add a conditional to a plan."""
    op = next(iter(item.merges), item.first)
    if item.predicate is None:
        predicate = _constant(planner, dtypes.bool, True)
    else:
        predicate = planner.value(item.predicate, op)
    no, yes = branches = [_branch(planner, item, number) for number in (0, 1)]
    stage = planner.opened(item)
    for branch in branches:
        for tensor, known in branch.aliases.items():
            planner.slots.setdefault(tensor, known)
    outputs: list[Slot] = []
    given: tuple[list[Slot], list[Slot]] = ([], [])
    places: tuple[list[int], list[int]] = ([], [])

    def join(sources: Sequence[Slot | None]) -> Slot:
        """Return the slot of what either branch gives."""
        known = next(s for s in sources if s is not None)
        if sources[0] == sources[1]:
            return known
        slot = planner.new_slot(*_common(planner, [s for s in sources if s is not None]))
        for b, source in enumerate(sources):
            if source is not None:
                given[b].append(source)
                places[b].append(len(outputs))
        outputs.append(slot)
        return slot

    for variable in dict.fromkeys([*no.versions.written, *yes.versions.written]):
        values = [b.versions.current(variable, op, optional=True) for b in branches]
        flag = None
        if not all(b.versions.settled(variable) for b in branches):
            flag = join([b.versions.flag(variable) for b in branches])
        new = planner.versions.replaced(variable, flag)
        for b, value in enumerate(values):
            given[b].append(value)
            places[b].append(len(outputs))
        outputs.append(new)
    for merge, order in item.merges.items():
        planner.slots.setdefault(merge._outputs[0], join([b.merged[merge] for b in branches]))
        index = merge._outputs[1]
        if index in planner.needed or index in planner.fetched:
            indices = [_constant(planner, dtypes.int32, order[b]) for b in (0, 1)]
            planner.slots.setdefault(index, join(indices))
    for b, branch in enumerate(branches):
        for tensor, slot in branch.leaving.items():
            planner.slots.setdefault(tensor, join([slot if i == b else None for i in (0, 1)]))
        for tensor, slot in branch.flags.items():
            other = _constant(planner, dtypes.bool, False)
            planner.flags[tensor] = join([slot if i == b else other for i in (0, 1)])
    if not (outputs or no.nodes or yes.nodes):
        return
    captured = _captured(planner, [(b.nodes, given[i]) for i, b in enumerate(branches)], ())
    planner.append(
        op,
        "_Conditional",
        {"given": (tuple(places[0]), tuple(places[1])), "count": len(outputs)},
        (predicate, *captured),
        tuple(outputs),
        tuple(_program(planner, b.nodes, captured, given[i]) for i, b in enumerate(branches)),
        stage,
    )


@dataclass
class _Branch:
    """A branch of a conditional, planned.

    Attributes:
      nodes: what it does.
      versions: of variables in it.
      merged: the slots that Merge operations hand on.
      leaving: the slots of other tensors that are used outside.
      aliases: such tensors that are computed outside.
      flags: of fetched tensors, the slots of whether they have a value.
    """

    nodes: list[Node]
    versions: BlockVersions
    merged: dict[Operation, Slot] = field(default_factory=dict)
    leaving: dict[Tensor, Slot] = field(default_factory=dict)
    aliases: dict[Tensor, Slot | Variable] = field(default_factory=dict)
    flags: dict[Tensor, Slot] = field(default_factory=dict)


def _branch(planner: Planner, item: Conditional, number: int) -> _Branch:
    versions = BlockVersions(planner.versions, loop=False)
    with planner.block(versions) as nodes:
        branch = _Branch(nodes, versions)
        for inner in item.branches[number]:
            planner.add(inner)
        for merge, order in item.merges.items():
            branch.merged[merge] = planner.value(merge._inputs[order[number]], merge)
        made = {s for n in nodes for s in n.outputs}
        inside = [op for inner in item.branches[number] for op in members(inner)]
        for tensor in _leaving(planner, inside, item):
            slot = planner.slots.get(tensor)
            if slot is None:
                continue  # it stays in a loop
            if slot in made and not isinstance(slot, Variable):
                branch.leaving[tensor] = slot
            else:
                branch.aliases[tensor] = slot
            if tensor in planner.fetched:
                known = planner.flags.get(tensor)
                branch.flags[tensor] = constant_flag(versions, True) if known is None else known
    return branch


def _leaving(planner: Planner, inside: Iterable[Operation], item: Conditional) -> Iterator[Tensor]:
    """Return the tensors of a branch that are used outside of its conditional."""
    for op in sorted(inside, key=lambda op: op._id):
        for tensor in op._outputs:
            users = planner.needed.get(tensor, ())
            if tensor in planner.fetched or not item.members.issuperset(users):
                yield tensor


def add_loop(planner: Planner, item: Loop) -> None:
    """Add a loop to a plan.

    The condition is computed once before the loop, and then at the end of every iteration.
    """
    op = item.test
    variables = item.variables
    initial = [planner.value(v.initial, v.merge) for v in variables]
    for enter in item.invariants:
        planner.slots.setdefault(enter._outputs[0], planner.known(enter._inputs[0], enter))
    with planner.scope():
        first = _condition(planner, item, initial)
    outer = planner.versions
    versions = BlockVersions(outer, loop=True)
    with planner.block(versions) as nodes:
        starts = [
            planner.new_slot(v.merge._outputs[0]._dtype, v.merge._outputs[0]._dims)
            for v in variables
        ]
        for variable, slot in zip(variables, starts, strict=True):
            planner.slots[variable.merge._outputs[0]] = slot
            for switch in variable.switches:
                planner.slots[switch._outputs[1]] = slot
        planner.slots[item.test._outputs[0]] = _constant(planner, dtypes.bool, True)
        for inner in item.body:
            planner.add(inner)
        ends = [planner.value(v.next, v.merge) for v in variables]
        with planner.scope():
            again = _condition(planner, item, ends)
        # What an iteration leaves in variables.
        carried = list(versions.written)
        unsettled = [v for v in carried if not outer.settled(v)]
        starts += [versions.start(v) for v in carried]
        starts += [versions.flag_start(v) for v in unsettled]
        ends += [versions.current(v, op, optional=True) for v in carried]
        ends += [versions.flag(v) for v in unsettled]
    initial += [outer.current(v, op, optional=True) for v in carried]
    initial += [outer.flag(v) for v in unsettled]
    # What it only reads is the same in every iteration.
    fixed = {s: outer.current(v, op, True) for v, s in versions.starts.items() if s not in starts}
    fixed |= {s: outer.flag(v) for v, s in versions.flag_starts.items() if s not in starts}
    captured = _captured(planner, [(nodes, [again, *ends])], (*starts, *fixed))
    finals = [
        planner.new_slot(v.merge._outputs[0]._dtype, v.merge._outputs[0]._dims) for v in variables
    ]
    flags = {v: planner.new_slot(dtypes.bool, ()) for v in unsettled}
    written = [outer.replaced(v, flags.get(v)) for v in carried]
    inputs = (*starts, *fixed, *captured)
    planner.append(
        op,
        "_Loop",
        {"carried": len(starts)},
        (first, *initial, *fixed.values(), *captured),
        (*finals, *written, *flags.values()),
        (_program(planner, nodes, inputs, [again, *ends]),),
    )
    by_switch = {s: f for v, f in zip(variables, finals, strict=False) for s in v.switches}
    for leave in item.exits:
        source = leave._inputs[0]
        if source._op not in by_switch or source._value_index:
            raise InvalidArgumentError(
                None, leave, f"'{leave.name}' leaves a loop with '{source.name}', no loop variable"
            )
        planner.slots.setdefault(leave._outputs[0], by_switch[source._op])


def _condition(planner: Planner, item: Loop, values: Sequence[Slot]) -> Slot:
    """Plan the condition of a loop for these values of its variables."""
    for variable, slot in zip(item.variables, values, strict=True):
        planner.slots[variable.merge._outputs[0]] = slot
    for inner in item.condition:
        planner.add(inner)
    return planner.value(item.test._inputs[0], item.test)


def _constant(planner: Planner, dtype: dtypes.DType, value: object) -> Slot:
    slot = planner.new_slot(dtype, ())
    planner.plan.constants[slot] = dtype.numpy.type(value)
    return slot


def _common(
    planner: Planner, slots: Sequence[Slot]
) -> tuple[dtypes.DType, tuple[int | None, ...] | None]:
    """Return the dtype of slots, and what is the same in their static shapes."""
    types = [planner.plan.types[s] for s in slots]
    return types[0][0], common_dims([dims for _, dims in types])


def _captured(
    planner: Planner,
    blocks: Sequence[tuple[Sequence[Node], Sequence[Slot]]],
    own: Sequence[Slot],
) -> tuple[Slot, ...]:
    """Return the slots that blocks (nodes and outputs) take from outside, but those in `own`."""
    found: dict[Slot, None] = {}
    for nodes, outputs in blocks:
        made = {*own, *_literals(planner)}
        made.update(s for n in nodes for s in n.outputs)
        read = [*(s for n in nodes for s in n.inputs), *outputs]
        found.update((s, None) for s in read if s not in made)
    return tuple(found)


def _program(
    planner: Planner, nodes: Sequence[Node], inputs: Sequence[Slot], outputs: Sequence[Slot]
) -> Program:
    plan = planner.plan
    used = {s for n in nodes for s in n.inputs} | set(outputs)
    literals = _literals(planner)
    return Program(
        tuple(nodes),
        tuple(inputs),
        tuple(plan.types[s][0].base_dtype for s in inputs),
        tuple(outputs),
        {s: literals[s] for s in sorted(used & literals.keys())},
    )


def _literals(planner: Planner) -> dict[Slot, object]:
    """Return the constants that blocks have copies of: the others come from outside."""
    constants = planner.plan.constants
    return {s: v for s, v in constants.items() if np.size(v) <= _LITERAL_ELEMENTS}
