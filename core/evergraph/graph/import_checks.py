"""What a NodeDef must be: its attributes, inputs and recorded shapes, decoded and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from google.protobuf.message import DecodeError, EncodeError, Message

from evergraph import attributes as attribute_values
from evergraph import dtypes, protos
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, bracketed, check_size, compatible
from evergraph.vocabulary import Attribute, Signature, dtype_text, value_text

_FIELD_OF_KIND: Final = {
    "string": "s",
    "int": "i",
    "float": "f",
    "bool": "b",
    "type": "type",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}
_KIND_OF_FIELD: Final = {field: kind for kind, field in _FIELD_OF_KIND.items()}
_Message = TypeVar("_Message", bound=Message)


def decoded(
    name: str, signature: Signature, attribute: Attribute, proto: protos.AttrValue, field: Any
) -> Any:
    """Return the Python value of an attribute; ValueError if it is of another kind."""
    kind = attribute.kind
    if kind.startswith("list("):
        # An AttrValue with nothing set is an empty list.
        expected = "list" if field is not None else None
    else:
        expected = _FIELD_OF_KIND[kind]
    if field == "placeholder":
        text = "AttrValue had value with unexpected type 'placeholder'"
        raise attribute_error(name, signature, text, attribute.name)
    if field != expected:
        got = "list" if field == "list" else _KIND_OF_FIELD.get(field or "", "unset")
        raise attribute_error(
            name,
            signature,
            f"AttrValue had value with type '{got}' when '{kind}' expected",
            attribute.name,
        )
    if field is None:
        return ()
    try:
        if field == "list":
            return _decoded_list(kind[5:-1], proto.list)
        if field in ("tensor", "func"):
            return copied(getattr(proto, field))
        value = attribute_values.from_proto(proto)
        if field == "shape":
            check_size(value._dims)
        return value
    except (TypeError, ValueError) as error:
        raise attribute_error(name, signature, str(error), attribute.name) from None


def _decoded_list(kind: str, items: Any) -> tuple[Any, ...]:
    field = _FIELD_OF_KIND[kind]
    if field in ("tensor", "func"):
        return tuple([copied(item) for item in getattr(items, field)])
    one = attribute_values._FROM_FIELD[field]
    values = tuple([one(item) for item in getattr(items, field)])
    if field == "type" and any(v._is_ref_dtype for v in values):
        bad = next(v for v in values if v._is_ref_dtype)
        raise ValueError(type_problem(bad.as_datatype_enum))
    if field == "shape":
        for value in values:
            check_size(value._dims)
    return values


def copied(message: _Message) -> _Message:
    """Return a copy of a message: it belongs to the caller, who may change it.

    Raises:
      ValueError: functions in it are nested more deeply than a message can be written.
    """
    kind = type(message)
    if isinstance(message, protos.TensorProto):  # the only one that can be large; nests nothing
        copy = kind()
        copy.MergeFrom(message)
        return copy
    try:
        return kind.FromString(message.SerializeToString())
    except (DecodeError, EncodeError) as error:
        raise ValueError(f"Invalid GraphDef: {error}") from error


def type_problem(enum: int) -> str:
    """Return what is wrong with a number that is no type of an attribute."""
    if not enum:
        return "AttrValue has invalid DataType"
    dtype = dtypes._BY_ENUM.get(enum)
    if dtype is None:
        return f"AttrValue has invalid DataType enum: {enum}"
    return f"AttrValue must not have reference type value of {dtype_text(dtype)}"


def undeclared(proto: protos.AttrValue) -> Any:
    """Return the value of an attribute that the op does not declare.

    It is the message itself where no Python value would be written as the same message again.
    """
    value = copied(proto)
    field = value.WhichOneof("value")
    if field in (None, "placeholder") or (field == "list" and len(value.list.ListFields()) > 1):
        return value
    try:
        return attribute_values.from_proto(value)
    except (TypeError, ValueError):
        return value


def function_signature(node: protos.NodeDef, function: protos.FunctionDef) -> Signature:
    """Return the signature of a function that a node calls.

    Raises:
      ValueError: it is not consistent; TensorFlow's own signatures are, a file's may not be.
    """
    try:
        signature = Signature(function.signature)
        _check_signature(signature)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Node '{node.name}': function '{node.op}': {error}") from None
    return signature


def _check_signature(signature: Signature) -> None:
    for attr in signature.op_def.attr:
        kind, is_list = attr.type.removeprefix("list(").removesuffix(")"), "(" in attr.type
        if kind not in _FIELD_OF_KIND or attr.type != (f"list({kind})" if is_list else kind):
            raise ValueError(f"attr '{attr.name}' has an unknown type '{attr.type}'")
        field = attr.default_value.WhichOneof("value")
        if attr.HasField("default_value") and field != (
            "list" if is_list else _FIELD_OF_KIND[kind]
        ):
            raise ValueError(f"the default of attr '{attr.name}' is no {attr.type}")
        if attr.has_minimum and not is_list and kind != "int":
            raise ValueError(f"attr '{attr.name}' has a minimum, but is neither an int nor a list")
    for a in (*signature.inputs, *signature.outputs):
        named = ((a.type_attr, "type"), (a.number_attr, "int"), (a.type_list_attr, "list(type)"))
        if a.dtype is None and not a.type_attr and not a.type_list_attr:
            raise ValueError(f"No type fields in '{a.name}'")
        for name, kind in named:
            declared = signature.attributes.get(name)
            if name and (declared is None or declared.kind != kind):
                raise ValueError(f"'{a.name}' needs an attr '{name}' of type {kind}")


def attribute_error(name: str, signature: Signature, text: str, attribute: str) -> ValueError:
    """Return the error of a NodeDef's attribute, as TensorFlow words it."""
    return ValueError(
        f"{text}\n\t for attr '{attribute}'\n\t; NodeDef: {{{{node {name}}}}}; {signature.text}"
    )


def check_value(name: str, signature: Signature, attribute: Attribute, value: Any) -> None:
    """Raise ValueError unless the op allows that value."""
    items = value if isinstance(value, tuple) else (value,)
    allowed = attribute.allowed
    if allowed is not None:
        for item in items:
            if item in allowed:
                continue
            if isinstance(item, dtypes.DType):
                what, names = dtype_text(item), ", ".join(dtype_text(d) for d in allowed)
            else:
                what, names = value_text(item), ", ".join(value_text(v) for v in allowed)
            raise ValueError(
                f"Value for attr '{attribute.name}' of {what} is not in the list of allowed "
                f"values: {names}\n\t; NodeDef: {{{{node {name}}}}}; {signature.text}"
            )
    if attribute.minimum is not None:
        size = len(value) if isinstance(value, tuple) else value
        if size < attribute.minimum:
            length = "Length" if isinstance(value, tuple) else "Value"
            raise ValueError(
                f"{length} for attr '{attribute.name}' of {size} must be at least minimum "
                f"{attribute.minimum}\n\t; NodeDef: {{{{node {name}}}}}; {signature.text}"
            )


def check_inputs(
    signature: Signature,
    values: dict[str, Any],
    inputs: Sequence[Tensor | None],
    name: str,
) -> None:
    """Raise ValueError unless the inputs have the number and the types of the signature."""
    wanted: list[Any] = []
    for a in signature.inputs:
        if a.is_list or a.is_ref:
            wanted += a.dtypes(values)
        else:
            wanted.append(values[a.type_attr] if a.dtype is None else a.dtype)
    if len(wanted) != len(inputs):
        types = ", ".join(dtype_text(d) for d in wanted)
        raise ValueError(
            f"NodeDef expected inputs '{types}' do not match {len(inputs)} inputs specified; "
            f"{signature.text}; NodeDef: {{{{node {name}}}}}"
        )
    for i, (tensor, dtype) in enumerate(zip(inputs, wanted, strict=True)):
        if tensor is None or tensor._dtype is dtype:
            continue
        if tensor._dtype.base_dtype is dtype.base_dtype and not dtype._is_ref_dtype:
            continue
        raise ValueError(
            f"Input {i} of node {name} was passed {dtype_text(tensor._dtype)} from {tensor.name} "
            f"incompatible with expected {dtype_text(dtype)}."
        )


def apply_output_shapes(op: Operation, shapes: Any) -> None:
    """Check, and take over, the shapes that the graph's writer inferred."""
    if len(shapes) != len(op._outputs):
        raise ValueError(
            f"Node '{op._name}' has {len(op._outputs)} outputs but the _output_shapes attribute "
            f"specifies shapes for {len(shapes)} outputs"
        )
    for i, (tensor, proto) in enumerate(zip(op._outputs, shapes, strict=True)):
        try:
            given = TensorShape(proto)
        except ValueError as error:
            raise ValueError(
                f"Node '{op._name}' has an invalid _output_shapes attribute (shape #{i} "
                f"error:'{error}')"
            ) from None
        if not compatible(tensor._dims, given._dims):
            raise ValueError(
                f"Node '{op._name}' has an _output_shapes attribute inconsistent with the GraphDef "
                f"for output #{i}: {_difference(tensor._dims, given._dims)}"
            )
        tensor._dims = TensorShape._of(tensor._dims).merge_with(given)._dims


def _difference(a: Any, b: Any) -> str:
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    at = next(i for i, (x, y) in enumerate(zip(a, b, strict=True)) if None not in (x, y) and x != y)
    return (
        f"Dimension {at} in both shapes must be equal, but are {a[at]} and {b[at]}. Shapes are "
        f"{bracketed(a)} and {bracketed(b)}."
    )
