"""Variables in a plan: each read takes a version and each write makes the next one.

So the values that a step reads and writes are slots like all others, and a program is pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import DType
from evergraph.errors import FailedPreconditionError, NotFoundError, OpError
from evergraph.graph.operation import Operation
from evergraph.runtime.failures import located
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.resources import Variable
from evergraph.shapes import Dims

if TYPE_CHECKING:
    from evergraph.runtime.stages import Plan, Staging

#: See `Versions`.
Checked: TypeAlias = Callable[[Variable, Slot, Slot, Operation], Slot]

#: Where random streams are kept; no user's container has such a name.
STREAMS: Final = "\0streams"
#: TensorFlow's name for a handle that shares nothing.
_ANONYMOUS: Final = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"


@dataclass
class Read:
    """The first use of the value that a variable has when a step begins.

    Attributes:
      variable: what is read.
      op: the operation that reads it: the node of the error if there is no value.
      needed: whether it must have a value, though the program does not use it.
      optional: whether all that reads it chooses another value if there is none.
    """

    variable: Variable
    op: Operation
    needed: bool = False
    optional: bool = False


class Versions:
    """The current version of every variable, along the order of a step.

    A version ends with its stage: the next one reads the variable anew, since other steps may have
    changed it meanwhile.

    Args:
      plan: takes constants.
      staging: knows the stage of the operation that is being planned; what is read and written is
        noted there.
      new_slot: makes a slot.
      checked: adds a node that checks whether a variable has a value, and returns the slot of what
        is a value then; its arguments are the variable, the slots of its value and of whether it
        is one, and who reads it.
    """

    def __init__(
        self,
        plan: Plan,
        staging: Staging,
        new_slot: Callable[[DType, Dims], Slot],
        checked: Checked,
    ) -> None:
        self.plan = plan
        self._staging = staging
        self.new_slot = new_slot
        self.checked = checked
        self._current: dict[tuple[int, Variable], Slot] = {}
        self._flags: dict[tuple[int, Variable], Slot] = {}

    def current(self, variable: Variable, reader: Operation, optional: bool = False) -> Slot:
        """Return the slot of the value now.

        Args:
          variable: the variable.
          reader: the operation that reads it, to be named if there is no value.
          optional: whether something else is done if there is none.
        """
        if variable.local:
            return self._current[0, variable]
        stage = self._staging.current
        key = stage.needs, variable
        slot = self._current.get(key)
        if slot is None:
            # A shape may change where it is not validated, so it is not relied on.
            slot = self._current[key] = self.new_slot(variable.dtype, variable.dims)
            stage.reads[slot] = Read(variable, reader, optional=optional)
        elif not optional:
            read = stage.reads.get(slot)
            if read is not None and read.optional:
                read.op, read.optional = reader, False
            flag = stage.given.pop(variable, None)
            if flag is not None:
                slot = self._current[key] = self.checked(variable, slot, flag, reader)
        return slot

    def replaced(self, variable: Variable, flag: Slot | None = None) -> Slot:
        """Return the slot of a new value; `flag` is that of whether it is one."""
        stage = self._staging.current
        slot = self.new_slot(variable.dtype, variable.dims)
        if variable.local:
            self._current[0, variable] = slot
            return slot
        self._current[stage.needs, variable] = stage.writes[variable] = slot
        stage.versions[slot] = variable
        stage.given.pop(variable, None)
        if flag is not None:
            stage.given[variable] = flag
        return slot

    def handed(self, variable: Variable, slot: Slot) -> None:
        """Let the value in a slot be that of a local variable."""
        self._current[0, variable] = slot

    def has(self, variable: Variable) -> bool:
        """Whether a local variable has a value."""
        return (0, variable) in self._current

    @property
    def nodes(self) -> list[Node]:
        """Where nodes go."""
        return self._staging.current.nodes

    def flag(self, variable: Variable) -> Slot:
        """Return the slot of whether the variable has a value now."""
        stage = self._staging.current
        if variable in stage.given:
            return stage.given[variable]
        if variable in stage.writes:
            return constant_flag(self, True)
        key = stage.needs, variable
        slot = self._flags.get(key)
        if slot is None:
            slot = self._flags[key] = self.new_slot(dtypes.bool, ())
            stage.flags[slot] = variable
        return slot

    def settled(self, variable: Variable) -> bool:
        """Whether the variable has a value now, or the step has failed."""
        if variable.seeds is not None or variable.local:
            return True
        stage = self._staging.current
        if variable in stage.writes:
            return variable not in stage.given
        read = stage.reads.get(self._current.get((stage.needs, variable), -1))
        return read is not None and not read.optional


class BlockVersions:
    """The current versions inside a branch of a conditional, or inside a loop.

    Args:
      outer: those around it.
      loop: whether it is a loop: what a variable has at the start of an iteration is a slot of its
        own there.

    Attributes:
      outer: as given.
      nodes: where nodes go.
      starts: in a loop, the slots of what variables have at the start of an iteration.
      flag_starts: the same of whether they have a value.
      written: the variables that get new values.
    """

    def __init__(self, outer: Versions | BlockVersions, loop: bool) -> None:
        self.outer = outer
        self.nodes: list[Node] = []
        self.plan: Plan = outer.plan
        self.new_slot: Callable[[DType, Dims], Slot] = outer.new_slot
        self.checked: Checked = outer.checked
        self.starts: dict[Variable, Slot] = {}
        self.flag_starts: dict[Variable, Slot] = {}
        self.written: dict[Variable, None] = {}
        self._loop = loop
        self._current: dict[Variable, Slot] = {}
        self._flags: dict[Variable, Slot] = {}
        self._settled: set[Variable] = set()

    def current(self, variable: Variable, reader: Operation, optional: bool = False) -> Slot:
        """Return the slot of the value now; see `Versions.current`."""
        slot = self._current.get(variable)
        if slot is None:
            if self._loop:
                slot = self.start(variable)
            else:
                slot = self.outer.current(variable, reader, optional=True)
            self._current[variable] = slot
        if not (optional or self.settled(variable)):
            flag = self.flag(variable)
            slot = self._current[variable] = self.checked(variable, slot, flag, reader)
            self._settled.add(variable)
        return slot

    def replaced(self, variable: Variable, flag: Slot | None = None) -> Slot:
        """Return the slot of a new value; `flag` is that of whether it is one."""
        slot = self._current[variable] = self.new_slot(variable.dtype, variable.dims)
        self.written[variable] = None
        if flag is None:
            self._settled.add(variable)
        else:
            self._settled.discard(variable)
            self._flags[variable] = flag
        return slot

    def handed(self, variable: Variable, slot: Slot) -> None:
        """Let the value in a slot be that of a local variable."""
        self._current[variable] = slot
        if self.outer.has(variable):
            self.written[variable] = None

    def has(self, variable: Variable) -> bool:
        """Whether a local variable has a value."""
        return variable in self._current or self.outer.has(variable)

    def flag(self, variable: Variable) -> Slot:
        """Return the slot of whether the variable has a value now."""
        if self.settled(variable):
            return constant_flag(self, True)
        slot = self._flags.get(variable)
        if slot is None:
            slot = self.flag_start(variable) if self._loop else self.outer.flag(variable)
            self._flags[variable] = slot
        return slot

    def start(self, variable: Variable) -> Slot:
        """Return the slot of what a variable has at the start of an iteration."""
        slot = self.starts.get(variable)
        if slot is None:
            slot = self.starts[variable] = self.new_slot(variable.dtype, variable.dims)
        return slot

    def flag_start(self, variable: Variable) -> Slot:
        """Return the slot of whether a variable has a value at the start of an iteration."""
        slot = self.flag_starts.get(variable)
        if slot is None:
            slot = self.flag_starts[variable] = self.new_slot(dtypes.bool, ())
        return slot

    def settled(self, variable: Variable) -> bool:
        """Whether the variable has a value now, or the step has failed."""
        return (
            variable.local
            or variable in self._settled
            or (variable not in self.written and self.outer.settled(variable))
        )


def constant_flag(versions: Versions | BlockVersions, value: bool) -> Slot:
    """Return a slot that holds a bool."""
    slot = versions.new_slot(dtypes.bool, ())
    versions.plan.constants[slot] = np.bool_(value)
    return slot


def created(op: Operation) -> Variable:
    """Return the variable that an operation (VariableV2, VarHandleOp) stands for."""
    attributes = op._attributes
    name = attributes["shared_name"]
    if not name or name == _ANONYMOUS:
        name = op._name
    return Variable(
        attributes["container"] or "localhost",
        name,
        attributes["dtype"],
        attributes["shape"]._dims,
        op._type != "VarHandleOp",
    )


def stream_of(op: Operation) -> Variable:
    """Return the random stream of an operation."""
    seeds = op._attributes.get("seed", 0), op._attributes.get("seed2", 0)
    return Variable(STREAMS, op._name, dtypes.uint32, (6,), seeds=seeds)


def stand_in(read: Read) -> Any:
    """Return a value in place of one that a variable does not have.

    Raises:
      OpError: the value is used, whatever it is.
    """
    variable = read.variable
    if not read.optional:
        reader = _first_identity(read.op)
        raise located(reader, uninitialized(variable, reader))
    sizes = tuple(d or 0 for d in variable.dims or ())
    if variable.dtype is dtypes.string:
        return np.full(sizes, b"", object)[()]
    return np.zeros(sizes, variable.dtype.numpy)[()]


def _first_identity(op: Operation) -> Operation:
    """Return the first of a row of Identity operations: the one at which TensorFlow fails."""
    while op._type == "Identity" and op._inputs[0]._op._type == "Identity":
        op = op._inputs[0]._op
    return op


def uninitialized(variable: Variable, reader: Operation) -> OpError:
    """Return the error of an operation that reads a variable without a value."""
    if variable.is_ref:
        text = f"Attempting to use uninitialized value {variable.name}"
        return FailedPreconditionError(None, reader, text)
    missing = (
        f"Container {variable.container} does not exist. "
        f"(Could not find resource: {variable.container}/{variable.name})"
    )
    if reader.type in _LOOKING_UP:
        return NotFoundError(None, reader, missing)
    return FailedPreconditionError(
        None,
        reader,
        f"Could not find variable {variable.name}. This could mean that the variable has been "
        "deleted. In TF1, it can also mean the variable is uninitialized. Debug info: container="
        f"{variable.container}, status error message={missing}",
    )


#: Ops that say in TensorFlow what they look for, not why it may be missing.
_LOOKING_UP: Final = {"AssignAddVariableOp", "AssignSubVariableOp"}
