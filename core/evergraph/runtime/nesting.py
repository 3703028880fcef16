"""Conditionals and loops in a plan: nodes whose blocks are programs.

A block takes what it needs from outside as inputs: values, the current versions of variables, the
states of random streams. What it gives to variables are outputs of the node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from evergraph.shapes import Dims

if TYPE_CHECKING:
    from evergraph.runtime.planner import Planner
    from evergraph.runtime.stages import Stage

#: Constants with more elements are not copied into blocks.
_LITERAL_ELEMENTS: Final = 256


def add_conditional(planner: Planner, item: Conditional) -> None:
    """Add a conditional to a plan."""
    op = next(iter(item.merges), item.first)
    if item.predicate is None:
        predicate = constant(planner, dtypes.bool, True)
    else:
        predicate = planner.value(item.predicate, op)
    branches = _lowered_branch(planner, item, 0), _lowered_branch(planner, item, 1)
    stage = planner.opened(item)
    for branch in branches:
        for tensor, known in branch.aliases.items():
            planner.slots.setdefault(tensor, known)
    joint = _Joint(planner, op, branches)
    for number, (merge, order) in enumerate(item.merges.items()):
        merged = joint.join([b.results[number] for b in branches])
        planner.slots.setdefault(merge._outputs[0], merged)
        index = merge._outputs[1]
        if index in planner.needed or index in planner.fetched:
            indices = [constant(planner, dtypes.int32, order[b]) for b in (0, 1)]
            planner.slots.setdefault(index, joint.join(indices))
    for b, branch in enumerate(branches):
        for tensor, slot in branch.leaving.items():
            left = joint.join([slot if i == b else None for i in (0, 1)])
            planner.slots.setdefault(tensor, left)
        for tensor, slot in branch.flags.items():
            other = constant(planner, dtypes.bool, False)
            planner.flags[tensor] = joint.join([slot if i == b else other for i in (0, 1)])
    joint.append(predicate, stage)


def add_choice(
    planner: Planner,
    op: Operation,
    predicate: Slot,
    no: Callable[[], Sequence[Slot]],
    yes: Callable[[], Sequence[Slot]],
) -> list[Slot]:
    """Add a choice between two things to a plan.

    Args:
      planner: adds what they do.
      op: the operation that chooses.
      predicate: the slot of a scalar bool.
      no, yes: each adds what is done, and returns the slots of its results: as many as the other.

    Returns:
      The slots of the results of what was chosen.
    """
    branches = _called_branch(planner, no), _called_branch(planner, yes)
    joint = _Joint(planner, op, branches)
    results = [joint.join(pair) for pair in zip(*(b.results for b in branches), strict=True)]
    joint.append(predicate, None)
    return results


@dataclass
class _Branch:
    """A branch of a conditional, planned.

    Attributes:
      nodes: what it does.
      versions: of variables in it.
      results: the slots of what it hands on: as many as those of the other branch.
      leaving: the slots of other tensors that are used outside.
      aliases: such tensors that are computed outside.
      flags: of fetched tensors, the slots of whether they have a value.
    """

    nodes: list[Node]
    versions: BlockVersions
    results: list[Slot] = field(default_factory=list)
    leaving: dict[Tensor, Slot] = field(default_factory=dict)
    aliases: dict[Tensor, Slot | Variable] = field(default_factory=dict)
    flags: dict[Tensor, Slot] = field(default_factory=dict)


def _lowered_branch(planner: Planner, item: Conditional, number: int) -> _Branch:
    versions = BlockVersions(planner.versions, loop=False)
    with planner.block(versions) as nodes:
        branch = _Branch(nodes, versions)
        for inner in item.branches[number]:
            planner.add(inner)
        for merge, order in item.merges.items():
            branch.results.append(planner.value(merge._inputs[order[number]], merge))
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


def _called_branch(planner: Planner, run: Callable[[], Sequence[Slot]]) -> _Branch:
    versions = BlockVersions(planner.versions, loop=False)
    with planner.block(versions) as nodes:
        return _Branch(nodes, versions, list(run()))


def _leaving(planner: Planner, inside: Iterable[Operation], item: Conditional) -> Iterator[Tensor]:
    """Return the tensors of a branch that are used outside of its conditional."""
    for op in sorted(inside, key=lambda op: op._id):
        for tensor in op._outputs:
            users = planner.needed.get(tensor, ())
            if tensor in planner.fetched or not item.members.issuperset(users):
                yield tensor


class _Joint:
    """Where two branches come together: the outputs of their node.

    What they give to variables is joined to begin with.
    """

    def __init__(self, planner: Planner, op: Operation, branches: tuple[_Branch, _Branch]) -> None:
        self._planner = planner
        self._op = op
        self._branches = branches
        self._outputs: list[Slot] = []
        self._given: tuple[list[Slot], list[Slot]] = ([], [])
        self._places: tuple[list[int], list[int]] = ([], [])
        for variable in dict.fromkeys(v for b in branches for v in b.versions.written):
            values = [b.versions.current(variable, op, optional=True) for b in branches]
            flag = None
            if not all(b.versions.settled(variable) for b in branches):
                flag = self.join([b.versions.flag(variable) for b in branches])
            self._add(values, planner.versions.replaced(variable, flag))

    def join(self, sources: Sequence[Slot | None]) -> Slot:
        """Return the slot of what either branch gives."""
        known = [s for s in sources if s is not None]
        if sources[0] == sources[1]:
            return known[0]
        slot = self._planner.new_slot(*_common(self._planner, known))
        self._add(sources, slot)
        return slot

    def _add(self, sources: Sequence[Slot | None], output: Slot) -> None:
        for b, source in enumerate(sources):
            if source is not None:
                self._given[b].append(source)
                self._places[b].append(len(self._outputs))
        self._outputs.append(output)

    def append(self, predicate: Slot, stage: Stage | None) -> None:
        """Add the node to the plan, unless it does nothing."""
        planner, given = self._planner, self._given
        blocks = [b.nodes for b in self._branches]
        if not (self._outputs or any(blocks)):
            return
        captured = _captured(planner, list(zip(blocks, given, strict=True)), ())
        programs = [_program(planner, n, captured, g) for n, g in zip(blocks, given, strict=True)]
        planner.append(
            self._op,
            "_Conditional",
            {"given": tuple(map(tuple, self._places)), "count": len(self._outputs)},
            (predicate, *captured),
            tuple(self._outputs),
            tuple(programs),
            stage,
        )


def add_loop(planner: Planner, item: Loop) -> None:
    """Add a loop to a plan."""
    variables = item.variables
    initial = [planner.value(v.initial, v.merge) for v in variables]
    for enter in item.invariants:
        planner.slots.setdefault(enter._outputs[0], planner.known(enter._inputs[0], enter))

    def condition(values: Sequence[Slot]) -> Slot:
        for variable, slot in zip(variables, values, strict=True):
            planner.slots[variable.merge._outputs[0]] = slot
        for inner in item.condition:
            planner.add(inner)
        return planner.value(item.test._inputs[0], item.test)

    def body(values: Sequence[Slot]) -> list[Slot]:
        for variable, slot in zip(variables, values, strict=True):
            planner.slots[variable.merge._outputs[0]] = slot
            for switch in variable.switches:
                planner.slots[switch._outputs[1]] = slot
        planner.slots[item.test._outputs[0]] = constant(planner, dtypes.bool, True)
        for inner in item.body:
            planner.add(inner)
        return [planner.value(v.next, v.merge) for v in variables]

    heads = [v.merge._outputs[0] for v in variables]
    types = [(t._dtype, t._dims) for t in heads]
    finals = add_repeated(planner, item.test, initial, types, condition, body)
    by_switch = {s: f for v, f in zip(variables, finals, strict=True) for s in v.switches}
    for leave in item.exits:
        source = leave._inputs[0]
        if source._op not in by_switch or source._value_index:
            raise InvalidArgumentError(
                None, leave, f"'{leave.name}' leaves a loop with '{source.name}', no loop variable"
            )
        planner.slots.setdefault(leave._outputs[0], by_switch[source._op])


def add_repeated(
    planner: Planner,
    op: Operation,
    initial: Sequence[Slot],
    types: Sequence[tuple[dtypes.DType, Dims]],
    condition: Callable[[Sequence[Slot]], Slot],
    body: Callable[[Sequence[Slot]], Sequence[Slot]],
) -> list[Slot]:
    """Add something that is done as long as a condition holds.

    The condition is computed once before the loop, and then at the end of every iteration.

    Args:
      planner: adds what it does.
      op: the operation that repeats it.
      initial: the slots of the values that are handed on, before the first iteration.
      types: of these values, in every iteration.
      condition: adds what is needed for the condition, and returns the slot of a scalar bool.
      body: adds an iteration, and returns the slots of the next values.

    Returns:
      The slots of the last values.
    """
    with planner.scope():
        first = condition(initial)
    outer = planner.versions
    versions = BlockVersions(outer, loop=True)
    with planner.block(versions) as nodes:
        starts = [planner.new_slot(*each) for each in types]
        ends = list(body(starts))
        with planner.scope():
            again = condition(ends)
        # What an iteration leaves in variables.
        carried = list(versions.written)
        unsettled = [v for v in carried if not outer.settled(v)]
        starts += [versions.start(v) for v in carried]
        starts += [versions.flag_start(v) for v in unsettled]
        ends += [versions.current(v, op, optional=True) for v in carried]
        ends += [versions.flag(v) for v in unsettled]
    before = [*initial, *(outer.current(v, op, optional=True) for v in carried)]
    before += [outer.flag(v) for v in unsettled]
    # What it only reads is the same in every iteration.
    fixed = {s: outer.current(v, op, True) for v, s in versions.starts.items() if s not in starts}
    fixed |= {s: outer.flag(v) for v, s in versions.flag_starts.items() if s not in starts}
    captured = _captured(planner, [(nodes, [again, *ends])], (*starts, *fixed))
    finals = [planner.new_slot(*each) for each in types]
    flags = {v: planner.new_slot(dtypes.bool, ()) for v in unsettled}
    written = [outer.replaced(v, flags.get(v)) for v in carried]
    inputs = (*starts, *fixed, *captured)
    planner.append(
        op,
        "_Loop",
        {"carried": len(starts)},
        (first, *before, *fixed.values(), *captured),
        (*finals, *written, *flags.values()),
        (_program(planner, nodes, inputs, [again, *ends]),),
    )
    return finals


def constant(planner: Planner, dtype: dtypes.DType, value: object) -> Slot:
    """Return the slot of a scalar that is known beforehand."""
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
