"""TensorArrays and stacks of version 1, as planned: variables of one step, which hold lists.

An operation that writes through a handle gives the variable a new list, as an assignment does.
Nothing is left of flows: the order of a step has them followed already.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError
from evergraph.graph.operation import Operation
from evergraph.runtime.program import Slot
from evergraph.runtime.resources import Variable
from evergraph.shapes import Dims
from evergraph.vocabulary import vocabulary

if TYPE_CHECKING:
    from evergraph.runtime.planner import Planner

#: Where such variables are kept; no user's container has such a name.
ARRAYS: Final = "\0arrays"


@dataclass(frozen=True)
class Array:
    """A TensorArray or a stack.

    Attributes:
      dtype: of the elements.
      dims: what is known of their shape.
      grows: whether what is written behind the last element makes it longer.
      sums: whether elements that are written again are added: a gradient's are.
    """

    dtype: DType
    dims: Dims = None
    grows: bool = False
    sums: bool = False


class _Lists:
    """Adds the nodes of one operation to a plan."""

    def __init__(self, planner: Planner, op: Operation) -> None:
        self.planner = planner
        self.op = op

    def made(self, name: str, array: Array, first: Slot) -> Variable:
        """Return the variable of a new array, whose list is in a slot."""
        variable = Variable(ARRAYS, name, dtypes.variant, (), local=True)
        self.planner.arrays[variable] = array
        self.write(variable, first)
        return variable

    def handle(self) -> tuple[Variable, Array]:
        """Return what the first input stands for."""
        tensor = self.op._inputs[0]
        variable = self.planner.slots.get(tensor)
        array = self.planner.arrays.get(variable) if isinstance(variable, Variable) else None
        if array is None:
            raise InvalidArgumentError(
                None,
                self.op,
                f"'{self.op.name}' needs an array that this step has made, not '{tensor.name}'",
            )
        assert isinstance(variable, Variable)
        return variable, array

    def current(self, variable: Variable) -> Slot:
        """Return the slot of the list now."""
        return self.planner.versions.current(variable, self.op)

    def write(self, variable: Variable, new: Slot) -> None:
        """Let another list be the array's."""
        self.planner.versions.handed(variable, new)

    def input(self, index: int) -> Slot:
        """Return the slot of an input."""
        return self.planner.value(self.op._inputs[index], self.op)

    def give(self, index: int, slot: Slot) -> None:
        """Let an output be in a slot."""
        self.planner.slots.setdefault(self.op._outputs[index], slot)

    def constant(self, value: Any) -> Slot:
        """Return the slot of an int32 that is known beforehand."""
        array = np.asarray(value, np.int32)
        slot = self.planner.new_slot(dtypes.int32, array.shape)
        self.planner.plan.constants[slot] = array[()]
        return slot

    def shape(self, dims: Dims) -> Slot:
        """Return the slot of a shape, as ops of lists take it."""
        return self.constant(-1 if dims is None else [-1 if d is None else d for d in dims])

    def node(self, type: str, *inputs: Slot, **attributes: Any) -> Slot:
        """Add a node; return the slot of its first output."""
        return self.nodes(type, *inputs, **attributes)[0]

    def nodes(self, type: str, *inputs: Slot, **attributes: Any) -> list[Slot]:
        """Add a node; return the slots of its outputs."""
        signature = vocabulary().get(type)
        assert signature is not None
        shapes = {n: dtypes.int32 for n in ("shape_type", "Tshape") if n in signature.attributes}
        given = shapes | attributes
        outputs = [self.planner.new_slot(d, None) for d in signature.output_dtypes(given)]
        self.planner.append(self.op, type, given, inputs, tuple(outputs))
        return outputs


def add_array(planner: Planner, op: Operation) -> None:
    """Add an operation on a TensorArray or a stack to a plan.

    Raises:
      InvalidArgumentError: its handle is not of this step.
    """
    known = ARRAY_OPS[op._type]
    lists = _Lists(planner, op)
    known(lists)
    flow = _FLOW_OUTPUTS.get(op._type)
    if flow is not None:
        zero = planner.new_slot(dtypes.float32, ())
        planner.plan.constants[zero] = np.float32(0)
        lists.give(flow, zero)


def is_array(op: Operation) -> bool:
    """Whether an operation is one on a TensorArray or a stack."""
    return op._type in ARRAY_OPS


def _create(lists: _Lists) -> None:
    values = lists.op._attributes
    shape = values.get("element_shape")
    array = Array(values["dtype"], None if shape is None else shape._dims, values["dynamic_size"])
    first = lists.node(
        "TensorListReserve",
        lists.shape(array.dims),
        lists.input(0),
        element_dtype=array.dtype,
    )
    lists.planner.slots.setdefault(lists.op._outputs[0], lists.made(lists.op._name, array, first))


def _create_gradient(lists: _Lists) -> None:
    """Make the array of the gradients of an array's elements, once for each source."""
    variable, array = lists.handle()
    name = f"{variable.name}@{lists.op._attributes['source']}"
    gradient = Variable(ARRAYS, name, dtypes.variant, (), local=True)
    if gradient not in lists.planner.arrays:
        # Where a loop makes it, every iteration and what follows have the same one.
        with lists.planner.where(variable):
            given = lists.current(variable)
            first = lists.node(
                "TensorListReserve",
                lists.node("TensorListElementShape", given),
                lists.node("TensorListLength", given),
                element_dtype=array.dtype,
            )
            lists.made(name, Array(array.dtype, array.dims, array.grows, True), first)
    lists.planner.slots.setdefault(lists.op._outputs[0], gradient)


def _write(lists: _Lists) -> None:
    variable, array = lists.handle()
    given, index, value = lists.current(variable), lists.input(1), lists.input(2)
    if array.sums:
        shape = lists.node("Shape", value, T=array.dtype, out_type=dtypes.int32)
        before = lists.node("TensorListGetItem", given, index, shape, element_dtype=array.dtype)
        total = lists.planner.new_slot(array.dtype, None)
        lists.planner.append(lists.op, "AddV2", {"T": array.dtype}, (before, value), (total,))
        value = total
    new = lists.node(
        "TensorListSetItem",
        given,
        index,
        value,
        element_dtype=array.dtype,
        resize_if_index_out_of_bounds=array.grows,
    )
    lists.write(variable, new)


def _read(lists: _Lists) -> None:
    variable, array = lists.handle()
    lists.give(
        0,
        lists.node(
            "TensorListGetItem",
            lists.current(variable),
            lists.input(1),
            lists.shape(array.dims),
            element_dtype=array.dtype,
        ),
    )


def _gather(lists: _Lists) -> None:
    variable, array = lists.handle()
    if _is_every(lists, variable):
        _pack(lists)
        return
    given, indices, shape = lists.current(variable), lists.input(1), _element_shape(lists, array)
    lists.give(0, lists.node("TensorListGather", given, indices, shape, element_dtype=array.dtype))


def _pack(lists: _Lists) -> None:
    variable, array = lists.handle()
    given, shape = lists.current(variable), _element_shape(lists, array)
    values = {"element_dtype": array.dtype, "num_elements": -1}
    lists.give(0, lists.node("TensorListStack", given, shape, **values))


def _element_shape(lists: _Lists, array: Array) -> Slot:
    dims = lists.op._attributes["element_shape"]._dims
    return lists.shape(array.dims if dims is None else dims)


def _unpack(lists: _Lists) -> None:
    variable, array = lists.handle()
    new = lists.node(
        "TensorListFromTensor",
        lists.input(1),
        lists.shape(array.dims),
        element_dtype=array.dtype,
    )
    _replace(lists, variable, array, new)


def _replace(lists: _Lists, variable: Variable, array: Array, new: Slot) -> None:
    """Let another list be an array's, or be added to a gradient's."""
    if array.sums:
        new = lists.node("AddN", lists.current(variable), new, N=2, T=dtypes.variant)
    lists.write(variable, new)


def _is_every(lists: _Lists, variable: Variable) -> bool:
    """Whether the indices of an operation are those of all elements: their structure says so."""
    op = lists.op._inputs[1]._op
    if op._type != "Range":
        return False
    start, limit, delta = (t._op for t in op._inputs)
    known = lists.planner.plan.constants
    slots = [lists.planner.slots.get(s._outputs[0]) for s in (start, delta)]
    if any(s is None or isinstance(s, Variable) or s not in known for s in slots):
        return False
    sized = limit._type in ("TensorArraySize", "TensorArraySizeV2", "TensorArraySizeV3")
    return (
        sized
        and lists.planner.slots.get(limit._inputs[0]) == variable
        and [int(known[s]) for s in slots if isinstance(s, int)] == [0, 1]
    )


def _scatter(lists: _Lists) -> None:
    variable, array = lists.handle()
    given, indices, value = lists.current(variable), lists.input(1), lists.input(2)
    if array.sums:
        more = lists.node(
            "TensorListScatterV2",
            value,
            indices,
            lists.node("TensorListElementShape", given),
            lists.node("TensorListLength", given),
            element_dtype=array.dtype,
            _sums=True,
        )
        _replace(lists, variable, array, more)
        return
    new = lists.node(
        "TensorListScatterIntoExistingList", given, value, indices, element_dtype=array.dtype
    )
    lists.write(variable, new)


def _concat(lists: _Lists) -> None:
    variable, array = lists.handle()
    rest = lists.op._attributes["element_shape_except0"]._dims
    dims = None if rest is None else (None, *rest)
    lengths = lists.planner.new_slot(dtypes.int64, (0,))
    lists.planner.plan.constants[lengths] = np.zeros(0, np.int64)
    value, sizes = lists.nodes(
        "TensorListConcatV2",
        lists.current(variable),
        lists.shape(dims),
        lengths,
        element_dtype=array.dtype,
    )
    lists.give(0, value)
    lists.give(1, sizes)


def _split(lists: _Lists) -> None:
    variable, array = lists.handle()
    new = lists.node(
        "TensorListSplit",
        lists.input(1),
        lists.shape(array.dims),
        lists.input(2),
        element_dtype=array.dtype,
    )
    _replace(lists, variable, array, new)


def _size(lists: _Lists) -> None:
    variable, _ = lists.handle()
    lists.give(0, lists.node("TensorListLength", lists.current(variable)))


def _close(lists: _Lists) -> None:
    lists.handle()


def _create_stack(lists: _Lists) -> None:
    array = Array(lists.op._attributes["elem_type"])
    first = lists.node(
        "EmptyTensorList",
        lists.shape(None),
        lists.constant(-1),
        element_dtype=array.dtype,
    )
    lists.planner.slots.setdefault(lists.op._outputs[0], lists.made(lists.op._name, array, first))


def _push(lists: _Lists) -> None:
    variable, array = lists.handle()
    given, value = lists.current(variable), lists.input(1)
    new = lists.node("TensorListPushBack", given, value, element_dtype=array.dtype)
    lists.write(variable, new)
    lists.give(0, value)


def _pop(lists: _Lists) -> None:
    variable, array = lists.handle()
    new, value = lists.nodes(
        "TensorListPopBack", lists.current(variable), lists.shape(None), element_dtype=array.dtype
    )
    lists.write(variable, new)
    lists.give(0, value)


#: By what follows "TensorArray" and "Stack" in the names of op types.
_ARRAYS: Final[dict[str, Callable[[_Lists], None]]] = {
    "": _create,
    "Grad": _create_gradient,
    "Write": _write,
    "Read": _read,
    "Gather": _gather,
    "Scatter": _scatter,
    "Pack": _pack,
    "Unpack": _unpack,
    "Concat": _concat,
    "Split": _split,
    "Size": _size,
    "Close": _close,
}
_STACKS: Final[dict[str, Callable[[_Lists], None]]] = {
    "": _create_stack,
    "Push": _push,
    "Pop": _pop,
    "Close": _close,
}
#: Versions 1 and 2 of arrays have the same inputs as version 3, and other types of handles.
ARRAY_OPS: Final[dict[str, Callable[[_Lists], None]]] = {
    **{f"TensorArray{n}{v}": f for n, f in _ARRAYS.items() for v in ("", "V2", "V3")},
    **{f"Stack{n}{v}": f for n, f in _STACKS.items() for v in ("", "V2")},
}
#: The position of the flow among the outputs.
_FLOW_OUTPUTS: Final = {
    "TensorArrayV3": 1,
    "TensorArrayGradV3": 1,
    **{
        f"TensorArray{n}{v}": 0
        for n in ("Write", "Scatter", "Split", "Unpack")
        for v in ("", "V2", "V3")
    },
}
