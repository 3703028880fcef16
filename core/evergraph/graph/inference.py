"""Static shapes and values: what is known about a node before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evergraph import dtypes, protos
from evergraph.dtypes import as_dtype
from evergraph.errors import InvalidArgumentError, OpError
from evergraph.graph import lists
from evergraph.op import Op, ShapeError, registry
from evergraph.ops.rules import merged, with_rank
from evergraph.runtime.kernels import evaluate, grouped
from evergraph.runtime.statics import OF_SHAPE
from evergraph.shapes import Dims, TensorShape, bracketed
from evergraph.tensor_proto import make_ndarray
from evergraph.vocabulary import dtype_text, value_text

if TYPE_CHECKING:
    from evergraph.graph.operation import Operation
    from evergraph.graph.tensor import Tensor

#: A larger value is never computed for the sake of a shape.
_MAX_STATIC_ELEMENTS: Final = 4096

# Shapes by (op type, attributes, input shapes), for rules that look at nothing else.
_MEMO: dict[Any, Any] = {}
_MEMO_LIMIT: Final = 4096


def infer(op: Operation) -> None:
    """Set the static shapes of an operation's outputs.

    Raises:
      ValueError: the input shapes or values do not fit the op; the message names the node.
    """
    special = _SPECIAL.get(op._type)
    if special is not None:
        try:
            special(op)
        except ShapeError as error:
            raise ValueError(_explained(op, None, error)) from None
        return
    known = registry().get(op._type)
    if known is None:
        return
    try:
        shapes = _shapes(op, known)
        if op._type in _REFINED:
            shapes = _REFINED[op._type](op, shapes)
    except (ShapeError, OpError) as error:
        raise ValueError(_explained(op, known, error)) from None
    for tensor, dims in zip(op._outputs, shapes, strict=True):
        tensor._dims = dims


def _shapes(op: Operation, known: Op) -> Sequence[Dims]:
    of_values = op._type in _OF_VALUES
    dims = tuple([t._dims if of_values else known_dims(t) for t in op._inputs])
    values = op._attributes
    attributes = {n: values[n] for n in known.shape_attributes if n in values}
    if known.host:
        return _apply_rule(op, known, dims, attributes)
    key = (op._type, dims, tuple(attributes.values()), len(op._outputs))
    try:
        found = _MEMO.get(key)
    except TypeError:  # an attribute that cannot be hashed: a tensor
        return _apply_rule(op, known, dims, attributes)
    if found is None:
        found = _apply_rule(op, known, dims, attributes)
        if len(_MEMO) >= _MEMO_LIMIT:
            _MEMO.clear()
        _MEMO[key] = found
    return found


def _apply_rule(
    op: Operation, known: Op, dims: Sequence[Dims], attributes: dict[str, Any]
) -> Sequence[Dims]:
    positions = _input_positions(op)
    for position, rank in known.ranks:
        # Only ops without list inputs before their host inputs name ranks.
        with_rank(op._inputs[positions.index(position)]._dims, rank)
    arguments: list[Any] = []
    for index, (position, dim) in enumerate(zip(positions, dims, strict=True)):
        if position in known.shape_like:
            arguments.append(constant_value_as_shape(op._inputs[index]))
        elif position in known.host:
            arguments.append(constant_value(op._inputs[index]))
        elif dim is None and not known.unknown_rank:
            return (None,) * len(op._outputs)
        else:
            arguments.append(dim)
    shapes = run_rule(op._signature, known, arguments, attributes, op._attributes, len(op._outputs))
    for shape in shapes:
        if shape is not None and any(d is not None and d >= 2**63 for d in shape):
            raise ShapeError(f"Shape {bracketed(shape)} is too large (more than 2**63 - 1 entries)")
    return shapes


def run_rule(
    signature: Any,
    known: Op,
    arguments: list[Any],
    attributes: dict[str, Any],
    all_attributes: dict[str, Any],
    outputs: int,
) -> Sequence[Dims]:
    """Apply an op's shape rule to flat arguments and return the shape of every output."""
    decoded = {n: _plain(v) for n, v in attributes.items()}
    if any(a.is_list for a in signature.inputs):
        groups = [len(a.dtypes(all_attributes)) if a.is_list else -1 for a in signature.inputs]
        arguments = grouped(arguments, groups)
    result = known.shape(*arguments, **decoded)
    if signature.single_output:
        return (result,)
    return (None,) * outputs if result is None else result


def _plain(value: Any) -> Any:
    if isinstance(value, TensorShape):
        return value._dims
    if isinstance(value, protos.TensorProto):
        return make_ndarray(value)
    if isinstance(value, tuple):
        return tuple(_plain(v) for v in value)
    return value


def _input_positions(op: Operation) -> list[int]:
    """For every flat input, the position of the OpDef input that it belongs to."""
    signature = op._signature
    if not any(a.is_list for a in signature.inputs):
        return list(range(len(op._inputs)))
    positions = []
    for position, a in enumerate(signature.inputs):
        positions += [position] * len(a.dtypes(op._attributes))
    return positions


def _explained(op: Operation, known: Op | None, error: Exception) -> str:
    """Return the message of a shape error as TensorFlow words it when a graph is built."""
    attributes = ", ".join(
        f"{n}={value_text(v)}" for n, v in sorted(op._attributes.items()) if not n.startswith("_")
    )
    inputs = ", ".join(t._as_node_def_input() for t in op._inputs)
    where = f"'{{{{node {op._name}}}}} = {op._type}[{attributes}]({inputs})'"
    shapes = ", ".join(bracketed(t._dims) for t in op._inputs)
    text = f"{getattr(error, 'message', error)} for {where} with input shapes: {shapes}"
    given = [
        (i, _value_if_known(t))
        for i, (t, p) in enumerate(zip(op._inputs, _input_positions(op), strict=True))
        if known is not None and p in known.host
    ]
    values = ", ".join(
        f"input[{i}] = {_value_text(v)}" for i, v in given if v is not None and v.size <= 16
    )
    return f"{text} and with computed input tensors: {values}." if values else f"{text}."


def _value_if_known(tensor: Tensor) -> np.ndarray[Any, Any] | None:
    try:
        return constant_value(tensor)
    except OpError:  # perhaps the very error that is to be explained
        return None


def _value_text(value: np.ndarray[Any, Any]) -> str:
    items = " ".join(str(v) for v in value.reshape(-1).tolist())
    return f"<{items}>"


# Nodes whose shape is in their attributes.


def _infer_const(op: Operation) -> None:
    value = op._attributes["value"]
    shape = value.tensor_shape
    op._outputs[0]._dims = tuple([d.size for d in shape.dim]) if not shape.unknown_rank else None


def _infer_placeholder(op: Operation) -> None:
    op._outputs[0]._dims = op._attributes["shape"]._dims


def _infer_handle(op: Operation) -> None:
    op._outputs[0]._dims = ()


def _infer_read(op: Operation) -> None:
    op._outputs[0]._dims = variable_dims(op._inputs[0])


def _infer_switch(op: Operation) -> None:
    with_rank(op._inputs[1]._dims, 0)
    for output in op._outputs:
        output._dims = op._inputs[0]._dims


def _infer_enter(op: Operation) -> None:
    # TF: what is known of a variable of a loop is set once it is made.
    if op._attributes["is_constant"]:
        op._outputs[0]._dims = op._inputs[0]._dims


def _infer_test(op: Operation) -> None:
    with_rank(op._inputs[0]._dims, 0)
    op._outputs[0]._dims = ()


def _infer_reference(op: Operation) -> None:
    op._outputs[0]._dims = op._inputs[0]._dims


def _infer_merge(op: Operation) -> None:
    # A loop's back edge comes later; what it brings is not known yet.
    known = [t._dims for t in op._inputs] if len(op._inputs) > 1 else [None]
    op._outputs[0]._dims = common_dims(known)
    op._outputs[1]._dims = ()


def common_dims(shapes: Sequence[Dims]) -> Dims:
    """Return what is the same in all shapes."""
    first, *others = shapes
    if first is None or any(o is None or len(o) != len(first) for o in others):
        return None
    return tuple(d if all(o and o[i] == d for o in others) else None for i, d in enumerate(first))


def known_dims(tensor: Tensor) -> Dims:
    """Return the static shape of a tensor, or of the variable that it is a handle of."""
    return tensor._dims if tensor._dtype is not _HANDLE else variable_dims(tensor)


def variable_dims(handle: Tensor) -> Dims:
    """Return the static shape of the variable that a handle stands for, where it is known."""
    op = handle._op
    while op._type in _HANDED_ON and op._inputs:
        op = op._inputs[handle._value_index if op._type == "IdentityN" else 0]._op
    if op._type == "Placeholder":
        outside = op._graph._source_of(op._outputs[0])
        return None if outside is None else variable_dims(outside)
    if op._type != "VarHandleOp":
        return None
    dims: Dims = op._attributes["shape"]._dims
    return dims


def _refine_stitch(op: Operation, shapes: Sequence[Dims]) -> Sequence[Dims]:
    """Indices whose values are not known still tell which axes of the data they stand for."""
    half = len(op._inputs) // 2
    (found,) = shapes
    count, inner = (None, None) if found is None else (found[0], found[1:])
    for indices, data in zip(op._inputs[:half], op._inputs[half:], strict=True):
        if indices._dims is not None and data._dims is not None:
            inner = merged(inner, data._dims[len(indices._dims) :])
    return (None if inner is None else (count, *inner),)


def _refine_list(op: Operation, shapes: Sequence[Dims]) -> Sequence[Dims]:
    del shapes
    return lists.refine(op, constant_value_as_shape)


#: What more is known of outputs than a rule says, to which a value is known or nothing of it.
_REFINED: Final[dict[str, Callable[[Operation, Sequence[Dims]], Sequence[Dims]]]] = {
    "DynamicStitch": _refine_stitch,
    "ParallelDynamicStitch": _refine_stitch,
    **dict.fromkeys(lists.REFINED, _refine_list),
}
_HANDLE: Final = dtypes.resource
#: What takes handles as values, not as the variables that they stand for.
_OF_VALUES: Final = {"Pack", "Gather", "GatherV2"}
_HANDED_ON: Final = {"Identity", "IdentityN", "Enter", "Switch"}

_SPECIAL: Final[dict[str, Callable[[Operation], None]]] = {
    "VarHandleOp": _infer_handle,
    "VarIsInitializedOp": _infer_handle,
    "IsVariableInitialized": _infer_handle,
    "ReadVariableOp": _infer_read,
    "Switch": _infer_switch,
    "RefIdentity": _infer_reference,
    "RefSwitch": _infer_switch,
    "Enter": _infer_enter,
    "RefEnter": _infer_enter,
    "Exit": _infer_reference,
    "RefExit": _infer_reference,
    "NextIteration": _infer_reference,
    "RefNextIteration": _infer_reference,
    "LoopCond": _infer_test,
    "Merge": _infer_merge,
    "RefMerge": _infer_merge,
    "Const": _infer_const,
    "Placeholder": _infer_placeholder,
    "PlaceholderV2": _infer_placeholder,
    "VariableV2": _infer_placeholder,
    "Variable": _infer_placeholder,
}


# Static values


def constant_value(tensor: Tensor, partial: bool = False) -> np.ndarray[Any, Any] | None:
    """Return the value of a tensor if it follows from constants and static shapes, else None.

    Large values are not computed. The array must not be changed.
    """
    del partial
    return _static(tensor, {})


def _static(tensor: Tensor, seen: dict[Operation, Any]) -> np.ndarray[Any, Any] | None:
    op = tensor._op
    if op not in seen:
        seen[op] = None  # a cycle is not static
        seen[op] = _static_outputs(op, seen)
    outputs = seen[op]
    return None if outputs is None else outputs[tensor._value_index]


def _static_outputs(op: Operation, seen: dict[Operation, Any]) -> Sequence[Any] | None:
    if op._type == "Const":
        return (const_array(op),)
    if op._type in OF_SHAPE:
        # Any: Rank alone takes dimensions that are unknown.
        dims: list[Any] = [known_dims(t) for t in op._inputs]
        if any(d is None or (None in d and op._type != "Rank") for d in dims):
            return None
        outputs = OF_SHAPE[op._type](dims, op._attributes.get("out_type"))
        return [np.asarray(o) for o in outputs]
    known = registry().get(op._type)
    if known is None or not known.pure or op._type in _NEVER_STATIC or not op._inputs:
        return None
    if any(t._dtype is dtypes.variant for t in (*op._inputs, *op._outputs)):
        return None
    # Of what is divided, no part is larger than the whole.
    for t in op._inputs if op._type in _DIVIDING else op._outputs:
        count = TensorShape._of(t._dims).num_elements()
        if count is None or count > _MAX_STATIC_ELEMENTS:
            return None
    inputs = []
    for t in op._inputs:
        value = _static(t, seen)
        if value is None:
            return None
        inputs.append(value)
    try:
        with np.errstate(all="ignore"):
            outputs = evaluate(op._type, inputs, op._attributes)
    except Exception:  # whatever is wrong will be said when the node runs
        return None
    return [np.asarray(o) for o in outputs]


_NEVER_STATIC: Final = {"Assert", "CheckNumerics", "PlaceholderWithDefault"}
_DIVIDING: Final = {"DynamicPartition"}


def const_array(op: Operation) -> np.ndarray[Any, Any]:
    """Return the value of a Const node: an array that must not be changed, made once.

    Raises:
      InvalidArgumentError: the node's message is no tensor of the node's type.
      ResourceExhaustedError: it is larger than memory allows.
    """
    value = op._attributes["value"]
    cached = op._graph._constants.get(op)
    if cached is None:
        try:
            cached = make_ndarray(value)
        except (ValueError, TypeError) as error:
            raise InvalidArgumentError(
                None, None, f"Cannot parse tensor from proto of node '{op._name}': {error}"
            ) from error
        dtype = op._attributes["dtype"]
        if value.dtype != dtype.as_datatype_enum:
            raise InvalidArgumentError(
                None,
                None,
                f"Type mismatch between value ({dtype_text(as_dtype(value.dtype))}) and dtype "
                f"({dtype_text(dtype)}) of node '{op._name}'",
            )
        cached.flags.writeable = False
        op._graph._constants[op] = cached
    return cached


def constant_value_as_shape(tensor: Tensor) -> Dims:
    """Return what is known of an integer vector that stands for a shape.

    Returns:
      A tuple with None for unknown entries (and for -1); None if its length is unknown.
    """
    value = partial_value(tensor)
    if value is None:
        dims = tensor._dims
        if dims is None or len(dims) != 1 or dims[0] is None:
            return None
        return (None,) * dims[0]
    values, known = value
    if values.ndim != 1:
        return None
    return tuple(
        int(v) if k and v != -1 else (-1 if k else None)
        for v, k in zip(values.tolist(), known.tolist(), strict=True)
    )


Partial = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def partial_value(tensor: Tensor, depth: int = 0) -> Partial | None:
    """Return a small integer tensor of which some elements are known.

    Returns:
      The values, and a boolean array of which are known; None if nothing is.
    """
    op = tensor._op
    if op._type in ("Shape", "VariableShape") and known_dims(op._inputs[0]) is not None:
        dims = known_dims(op._inputs[0]) or ()
        return (
            np.array([0 if d is None else d for d in dims], np.int64),
            np.array([d is not None for d in dims], np.bool_),
        )
    exact = constant_value(tensor)
    if exact is not None:
        if exact.dtype.kind not in "iu":
            return None
        return exact.astype(np.int64), np.ones(exact.shape, np.bool_)
    if depth > 50 or op._type not in _MOVES or not tensor.dtype.is_integer:
        return None
    return _moved(tensor, depth)


def _moved(tensor: Tensor, depth: int) -> Partial | None:
    """Run an op that only moves elements on the values, and on which of them are known."""
    op = tensor._op
    moved = _MOVES[op._type]
    values, masks = [], []
    for i, t in enumerate(op._inputs):
        if i in moved or (moved == (-1,) and i < len(op._inputs) - 1) or moved == ():
            part = partial_value(t, depth + 1)
            if part is None:
                if t._dims is None or None in t._dims:
                    return None
                shape: Any = t._dims  # all are known
                part = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
            values.append(part[0])
            masks.append(part[1].astype(np.int64))
        else:
            exact = constant_value(t)
            if exact is None:
                return None
            values.append(exact)
            masks.append(exact)
    attributes = {k: v for k, v in op._attributes.items() if k not in ("DstT", "T", "SrcT")}
    if op._type == "Cast":
        return values[0], masks[0].astype(np.bool_)
    try:
        index = tensor._value_index
        got = np.asarray(evaluate(op._type, values, {**op._attributes, **attributes})[index])
        mask = np.asarray(evaluate(op._type, masks, {**op._attributes, **attributes})[index])
    except Exception:  # nothing is known, then; the node says why when it runs
        return None
    return got.astype(np.int64), mask.astype(np.bool_)


# Ops that only move elements: positions of the inputs that they move; () for all of them,
# (-1,) for all but the last.
_MOVES: Final[dict[str, tuple[int, ...]]] = {
    "Identity": (0,),
    "Cast": (0,),
    "Pack": (),
    "ConcatV2": (-1,),
    "StridedSlice": (0,),
    "Slice": (0,),
    "GatherV2": (0,),
    "Gather": (0,),
    "ExpandDims": (0,),
    "Squeeze": (0,),
    "Reshape": (0,),
    "Unpack": (0,),
    "Split": (1,),
}
