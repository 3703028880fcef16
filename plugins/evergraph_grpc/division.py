"""Dividing a step among the tasks of a cluster: which operations run where, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from evergraph.plugin import errors
from evergraph.targets import Operation, Tensor


@dataclass
class Portion:
    """Operations that run on one task, when those of lower levels have run.

    Attributes:
      level: how often a value has gone from task to task before.
      task: where they run.
      operations: in execution order.
      wanted: tensors of theirs that other portions, or the caller, need.
      fed: tensors of others, or of the caller, that they need.
      done: operations of others that they wait for.
    """

    level: int
    task: str
    operations: list[Operation] = field(default_factory=list)
    wanted: list[Tensor] = field(default_factory=list)
    fed: list[Tensor] = field(default_factory=list)
    done: list[Operation] = field(default_factory=list)

    @property
    def targets(self) -> list[Operation]:
        """The operations that must run, and that no other one of the portion needs."""
        running = [op for op in self.operations if op.type != "NoOp"]
        needed = {t.op for op in running for t in op.inputs}
        needed.update(c for op in running for c in op.control_inputs)
        return [op for op in running if op not in needed]


def task_of(
    op: Operation,
    placed: dict[Operation, str],
    assigned: Callable[[Operation], str],
    own: str,
) -> str:
    """Return the task of an operation.

    What takes a variable, queue or other resource is where that is; otherwise the device counts,
    then what the operation is colocated with.

    Args:
      op: the operation.
      placed: the tasks of those before it.
      assigned: from an operation that has a device to its task.
      own: the task of operations that say nothing.
    """
    takes_ref = any(a.is_ref for a in op.op_def.input_arg)
    for tensor in op.inputs:
        if tensor.dtype.base_dtype.name == "resource" or (takes_ref and tensor.dtype._is_ref_dtype):
            return placed.get(tensor.op, own)
    if op.device:
        return assigned(op)
    for group in op.colocation_groups():
        name = group.decode().removeprefix("loc:@")
        if name != op.name:
            other = op.graph._by_name.get(name)
            if other is not None:
                return placed.get(other) or task_of(other, placed, assigned, own)
    return own


def divided(
    operations: Sequence[Operation],
    wanted: Collection[Tensor],
    fed: Collection[Tensor],
    assigned: Callable[[Operation], str],
    own: str,
) -> list[Portion]:
    """Divide the operations of a step.

    Args:
      operations: all that the step needs, in execution order.
      wanted, fed: the tensors that it fetches and feeds.
      assigned: from an operation that has a device to its task.
      own: the task of operations that say nothing.

    Returns:
      Portions, in an order in which they may run; none of them waits for a later one.
    """
    division = _Division(set(fed), assigned, own)
    for op in operations:
        division.add(op)
    division.connect()
    division.fetch(wanted)
    return division.ordered


class _Division:
    """Portions by level and task, while operations are added in execution order.

    An operation that only names a variable or queue is part of every portion that needs it.
    """

    def __init__(self, given: set[Tensor], assigned: Callable[[Operation], str], own: str) -> None:
        self._given = given
        self._assigned = assigned
        self._own = own
        self._placed: dict[Operation, str] = {}
        self._levels: dict[Operation, int] = {}
        self._portions: dict[tuple[int, str], Portion] = {}

    @property
    def ordered(self) -> list[Portion]:
        """The portions, in an order in which they may run."""
        return [self._portions[key] for key in sorted(self._portions)]

    def add(self, op: Operation) -> None:
        """Add an operation to the first portion in which it can run."""
        task = self._placed[op] = task_of(op, self._placed, self._assigned, self._own)
        if _is_name(op):
            self._levels[op] = 0
            return
        before = [t.op for t in op.inputs if t not in self._given] + op.control_inputs
        level = max(
            (self._levels[b] + (self._placed[b] != task) for b in before if b in self._levels),
            default=0,
        )
        self._levels[op] = level
        self._portion(level, task).operations.append(op)

    def _portion(self, level: int, task: str) -> Portion:
        return self._portions.setdefault((level, task), Portion(level, task))

    def connect(self) -> None:
        """Note what goes from portion to portion."""
        for portion in self.ordered:
            inside = set(portion.operations)
            for op in portion.operations:
                for tensor in op.inputs:
                    if tensor.op not in inside and tensor not in portion.fed:
                        self._bring(tensor, op, portion)
                for other in op.control_inputs:
                    if other not in inside and other not in portion.done and not _is_name(other):
                        portion.done.append(other)

    def _bring(self, tensor: Tensor, op: Operation, portion: Portion) -> None:
        """Let a portion have a tensor of another one, or of the caller, for an operation."""
        if tensor in self._given:
            portion.fed.append(tensor)
            return
        task = self._placed[tensor.op]
        if _is_name(tensor.op) and task == portion.task:
            return
        if tensor.dtype._is_ref_dtype and any(a.is_ref for a in op.op_def.input_arg):
            raise errors.UnimplementedError(
                None,
                op,
                f"'{op.name}' changes the variable that '{tensor.op.name}' has changed before, and "
                "a value of another task lies between them: let it take the variable itself",
            )
        portion.fed.append(tensor)
        source = self._portion(self._levels[tensor.op], task)
        if tensor not in source.wanted:
            source.wanted.append(tensor)

    def fetch(self, wanted: Collection[Tensor]) -> None:
        """Note what the caller fetches; of variables, the value when all else has run."""
        for tensor in wanted:
            level, task = self._levels[tensor.op], self._placed[tensor.op]
            if _is_name(tensor.op):
                level = max((n for n, t in self._portions if t == task), default=0)
            portion = self._portion(level, task)
            if tensor not in portion.wanted:
                portion.wanted.append(tensor)


def _is_name(op: Operation) -> bool:
    """Whether an operation only names a variable, a queue or another resource."""
    if op.inputs or op.control_inputs or not op.outputs:
        return False
    dtype = op.outputs[0].dtype
    return dtype._is_ref_dtype or dtype.name == "resource"
