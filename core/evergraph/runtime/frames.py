"""Enter, NextIteration, Exit … as loops."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from evergraph.errors import InvalidArgumentError
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.conditions import with_conditionals
from evergraph.runtime.lowering import (
    ENTERS,
    EXITS,
    MERGES,
    NEXTS,
    SWITCHES,
    Item,
    Loop,
    LoopVariable,
    ordered,
    owners,
    sources,
)


@dataclass(eq=False)
class _Frame:
    """The operations of one loop, those of loops inside apart."""

    name: str
    parent: _Frame | None
    depth: int
    items: list[Item] = field(default_factory=list)


def with_loops(ops: Sequence[Operation], fed: Collection[Tensor]) -> list[Item]:
    """Return operations with those of every frame gathered into a loop.

    Raises:
      InvalidArgumentError: a frame is not a loop that TensorFlow's functions build.
    """
    top: list[Item] = []
    frames: dict[tuple[_Frame | None, str], _Frame] = {}
    #: The frame of the outputs of an operation.
    after: dict[Operation, _Frame | None] = {}
    for op in ops:
        frame: _Frame | None = None
        for source in sources(op, fed):
            if source._type not in NEXTS:
                frame = _deeper(frame, after.get(source))
        if op._type in ENTERS:
            key = frame, op._attributes["frame_name"]
            frame = frames.get(key)
            if frame is None:
                parent = key[0]
                depth = 1 if parent is None else parent.depth + 1
                frame = frames[key] = _Frame(key[1], parent, depth)
        after[op] = frame
        if op._type in EXITS:
            if frame is None:
                raise InvalidArgumentError(None, op, f"'{op.name}' leaves no loop")
            after[op] = frame.parent
        (top if frame is None else frame.items).append(op)
    for frame in sorted(frames.values(), key=lambda f: -f.depth):
        loop = _Builder(frame, fed).loop()
        (top if frame.parent is None else frame.parent.items).append(loop)
    return ordered(top, fed)


def _deeper(one: _Frame | None, other: _Frame | None) -> _Frame | None:
    if one is None or other is None:
        return one or other
    return one if one.depth >= other.depth else other


class _Builder:
    """Makes a loop of a frame."""

    def __init__(self, frame: _Frame, fed: Collection[Tensor]) -> None:
        self._frame = frame
        self._fed = fed
        self._owner = owners(frame.items)
        ops = [i for i in frame.items if isinstance(i, Operation)]
        self._tests = [op for op in ops if op._type == "LoopCond"]
        self._enters = [op for op in ops if op._type in ENTERS]
        self._exits = [op for op in ops if op._type in EXITS]
        self._merges = [op for op in ops if self._is_head(op)]
        tests = set(self._tests)
        self._switches = [op for op in ops if op._type in SWITCHES and op._inputs[1]._op in tests]
        nexts = [op for op in ops if op._type in NEXTS]
        self._border: set[Item] = {
            *self._tests,
            *self._enters,
            *self._exits,
            *self._merges,
            *self._switches,
            *nexts,
        }

    def loop(self) -> Loop:
        """Return the loop."""
        if len(self._tests) != 1:
            first = self._enters[0]
            raise InvalidArgumentError(
                None,
                first,
                f"the loop '{self._frame.name}' of '{first.name}' has {len(self._tests)} "
                "conditions, but must have one",
            )
        (test,) = self._tests
        variables = [self._variable(m) for m in self._merges]
        starts = {v.merge._inputs[i]._op for v in variables for i in (0, 1)}
        condition = self._behind([test])
        body = self._behind([t._op for v in variables for t in (v.merge._inputs)])
        loop = Loop(
            name=self._frame.name,
            variables=variables,
            invariants=[e for e in self._enters if e not in starts],
            exits=self._exits,
            test=test,
            condition=with_conditionals(condition, self._fed),
            body=with_conditionals(body, self._fed),
        )
        loop.enclose(self._owner, self._fed)
        return loop

    def _is_head(self, op: Operation) -> bool:
        return op._type in MERGES and any(t._op._type in NEXTS for t in op._inputs)

    def _variable(self, merge: Operation) -> LoopVariable:
        enters = [t._op for t in merge._inputs if t._op._type in ENTERS]
        nexts = [t._op for t in merge._inputs if t._op._type in NEXTS]
        if len(merge._inputs) != 2 or len(enters) != 1 or len(nexts) != 1:
            names = ", ".join(t.name for t in merge._inputs)
            raise InvalidArgumentError(
                None, merge, f"'{merge.name}' begins a loop, but joins {names}"
            )
        switches = [s for s in self._switches if s._inputs[0]._op is merge]
        return LoopVariable(enters[0]._inputs[0], merge, switches, nexts[0]._inputs[0])

    def _behind(self, ends: Iterable[Operation]) -> list[Item]:
        """Return what the border of the loop needs, in execution order."""
        stack = list(ends)
        found: set[Item] = set()
        seen: set[Item] = set()
        first = set(stack)
        while stack:
            item = self._owner.get(stack.pop())
            if item is None or item in seen:
                continue
            seen.add(item)
            if item not in self._border:
                found.add(item)
            elif item not in first:
                continue
            if not (isinstance(item, Operation) and item._type in ENTERS):
                stack.extend(sources(item, self._fed))
        return ordered(found, self._fed)
