"""Variables in a plan: each read takes a version and each write makes the next one.

So the values that a step reads and writes are slots like all others, and a program is pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import DType
from evergraph.errors import FailedPreconditionError, NotFoundError, OpError
from evergraph.graph.operation import Operation
from evergraph.runtime.failures import located
from evergraph.runtime.program import Slot
from evergraph.runtime.resources import Variable
from evergraph.shapes import Dims

if TYPE_CHECKING:
    from evergraph.runtime.stages import Plan, Staging

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
    """

    def __init__(
        self, plan: Plan, staging: Staging, new_slot: Callable[[DType, Dims], Slot]
    ) -> None:
        self._plan = plan
        self._staging = staging
        self._new_slot = new_slot
        self._current: dict[tuple[int, Variable], Slot] = {}
        self._flags: dict[tuple[int, Variable], Slot] = {}

    def current(self, variable: Variable, reader: Operation, optional: bool = False) -> Slot:
        """Return the slot of the value now; `optional` as in `Read`."""
        stage = self._staging.current
        key = stage.needs, variable
        slot = self._current.get(key)
        if slot is None:
            # A shape may change where it is not validated, so it is not relied on.
            slot = self._current[key] = self._new_slot(variable.dtype, variable.dims)
            stage.reads[slot] = Read(variable, reader, optional=optional)
        elif not optional:
            read = stage.reads.get(slot)
            if read is not None and read.optional:
                read.op, read.optional = reader, False
        return slot

    def replaced(self, variable: Variable) -> Slot:
        """Return the slot of a new value."""
        stage = self._staging.current
        slot = self._new_slot(variable.dtype, variable.dims)
        self._current[stage.needs, variable] = stage.writes[variable] = slot
        stage.versions[slot] = variable
        return slot

    def flag(self, variable: Variable, dtype: DType) -> Slot:
        """Return the slot of whether the variable has a value now."""
        stage = self._staging.current
        if variable in stage.writes:
            slot = self._new_slot(dtype, ())
            self._plan.constants[slot] = np.True_
            return slot
        key = stage.needs, variable
        slot_or_none = self._flags.get(key)
        if slot_or_none is None:
            slot_or_none = self._flags[key] = self._new_slot(dtype, ())
            stage.flags[slot_or_none] = variable
        return slot_or_none


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
    dims = variable.dims
    if not read.optional or dims is None or None in dims:
        raise located(read.op, uninitialized(read))
    sizes = tuple(d or 0 for d in dims)
    if variable.dtype is dtypes.string:
        return np.full(sizes, b"", object)[()]
    return np.zeros(sizes, variable.dtype.numpy)[()]


def uninitialized(read: Read) -> OpError:
    """Return the error of a step that reads a variable without a value."""
    variable = read.variable
    if variable.is_ref:
        text = f"Attempting to use uninitialized value {variable.name}"
        return FailedPreconditionError(None, read.op, text)
    missing = (
        f"Container {variable.container} does not exist. "
        f"(Could not find resource: {variable.container}/{variable.name})"
    )
    if read.op.type in _LOOKING_UP:
        return NotFoundError(None, read.op, missing)
    return FailedPreconditionError(
        None,
        read.op,
        f"Could not find variable {variable.name}. This could mean that the variable has been "
        "deleted. In TF1, it can also mean the variable is uninitialized. Debug info: container="
        f"{variable.container}, status error message={missing}",
    )


#: Ops that say in TensorFlow what they look for, not why it may be missing.
_LOOKING_UP: Final = {"AssignAddVariableOp", "AssignSubVariableOp"}
