"""What is known of the elements of a list before anything runs: their type and shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from evergraph.op import ShapeError
from evergraph.ops.rules import merged
from evergraph.shapes import Dims
from evergraph.vocabulary import dtype_text

if TYPE_CHECKING:
    from evergraph.dtypes import DType
    from evergraph.graph.operation import Operation
    from evergraph.graph.tensor import Tensor

#: From an input that is a shape to what is known of it.
AsShape = Callable[["Tensor"], Dims]

#: How far back the origin of a list is looked for.
_DEPTH: Final = 200
#: Ops that make lists, with the position of the input that is the shape of the elements.
_MAKE: Final = {
    "EmptyTensorList": 0,
    "TensorListReserve": 0,
    "TensorListFromTensor": 1,
    "TensorListScatter": 2,
    "TensorListScatterV2": 2,
    "TensorListSplit": 1,
}
#: Ops whose list has elements as their first input has.
_PASS: Final = {
    "TensorListPushBack",
    "TensorListPopBack",
    "TensorListSetItem",
    "TensorListResize",
    "TensorListConcatLists",
    "TensorListScatterIntoExistingList",
    "TensorListPushBackBatch",
    "AddN",
    "ZerosLike",
    "Identity",
    "IdentityN",
    "Enter",
    "Exit",
    "Switch",
    "Merge",
    "NextIteration",
    "StopGradient",
    "PreventGradient",
}
#: Ops that read lists, with what TensorFlow says of another type.
_READ: Final = {
    "TensorListPopBack": "Trying to read from list with wrong element dtype. List has type {0} but "
    "trying to push element with type {1}",
    "TensorListGetItem": "Expected list with element dtype {1} but got list with element dtype {0}",
    "TensorListStack": "Trying to read from list with wrong element dtype. List has type {0} but "
    "expected type {1}",
    "TensorListGather": "Trying to read from list with wrong element dtype. List has type {0} but "
    "expected type {1}",
    "TensorListConcat": "Trying to read from list with wrong element dtype. List has type {0} but "
    "expected type {1}",
    "TensorListConcatV2": "Trying to read from list with wrong element dtype. List has type {0} "
    "but expected type {1}",
    "TensorListPushBack": "Trying to push to list with wrong element dtype. List has type {0} but "
    "trying to push element with type {1}",
}


def list_data(handle: Tensor, as_shape: AsShape) -> tuple[DType | None, Dims]:
    """Return what is known of the type and the shape of the elements of a list."""
    for _ in range(_DEPTH):
        op = handle._op
        if op._type in _MAKE:
            dtype: DType = op._attributes["element_dtype"]
            return dtype, shape_input(op._inputs[_MAKE[op._type]], as_shape)
        popped = op._type == "TensorListPopBack" and handle._value_index
        if op._type not in _PASS or popped or not op._inputs:
            break
        handle = op._inputs[handle._value_index if op._type == "IdentityN" else 0]
    return None, None


def shape_input(tensor: Tensor, as_shape: AsShape) -> Dims:
    """Return what is known of a shape where -1 stands for an unknown dimension, or rank."""
    if tensor._dims is None or len(tensor._dims) != 1:
        return None
    found = as_shape(tensor)
    return None if found is None else tuple([None if d == -1 else d for d in found])


def refine(op: Operation, as_shape: AsShape) -> Sequence[Dims]:
    """Return the shapes of what an op takes from a list.

    Raises:
      ShapeError: the list has elements of another type or shape.
    """
    dtype, dims = list_data(op._inputs[0], as_shape)
    wanted = op._attributes.get("element_dtype")
    if dtype is not None and wanted is not None and dtype != wanted and op._type in _READ:
        raise ShapeError(_READ[op._type].format(dtype_text(dtype), dtype_text(wanted)))
    given, shapes = _SHAPES[op._type]
    # TF: of a pop, what the list knows counts alone.
    if given is not None and (dims is None or op._type != "TensorListPopBack"):
        dims = merged(dims, shape_input(op._inputs[given], as_shape))
    return shapes(op, dims)


def _pushed(op: Operation, dims: Dims) -> Sequence[Dims]:
    if op._type == "TensorListSetItem":
        merged(op._inputs[2]._dims, dims)
    return ((),)


def _stacked(op: Operation, dims: Dims) -> Sequence[Dims]:
    count = op._attributes["num_elements"]
    return (None if dims is None else (None if count < 0 else count, *dims),)


def _gathered(op: Operation, dims: Dims) -> Sequence[Dims]:
    places = op._inputs[1]._dims
    return (None if dims is None or places is None else (*places, *dims),)


def _joined(op: Operation, dims: Dims) -> Sequence[Dims]:
    if op._type == "TensorListConcat":
        dims = merged(dims, op._attributes["element_shape"]._dims)
    return (None if not dims else (None, *dims[1:])), (None,)


#: For every op that takes a list: the position of the input that is the shape of the elements, if
#: it has one, and the shapes of its outputs.
_SHAPES: Final[dict[str, tuple[int | None, Callable[[Operation, Dims], Sequence[Dims]]]]] = {
    "TensorListPushBack": (None, _pushed),
    "TensorListSetItem": (None, _pushed),
    "TensorListPopBack": (1, lambda _, dims: ((), dims)),
    "TensorListGetItem": (2, lambda _, dims: (dims,)),
    "TensorListStack": (1, _stacked),
    "TensorListGather": (2, _gathered),
    "TensorListConcat": (None, _joined),
    "TensorListConcatV2": (1, _joined),
    "TensorListElementShape": (None, lambda _, dims: (None if dims is None else (len(dims),),)),
}
#: Op types that `refine` is for.
REFINED: Final = tuple(_SHAPES)
