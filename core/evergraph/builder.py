"""Build a node from an op type and named arguments, by the rules of its OpDef."""

from __future__ import annotations

import inspect
import json
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from importlib import resources
from typing import Any, Final

from evergraph import attributes as attribute_values
from evergraph.dtypes import DType
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.vocabulary import MISSING, Argument, Attribute, Signature, vocabulary

#: Inputs are references only where the op says so.
_KEYWORDS: Final = {"lambda": "lambda_", "from": "from_", "in": "in_", "is": "is_"}


def build(type: str, arguments: Mapping[str, Any], name: str | None = None) -> Any:
    """Build a node.

    Args:
      type: the op type.
      arguments: inputs and attributes by the OpDef's names. Inputs are converted to tensors;
        attributes that follow from them need not be given.
      name: the name; by default the type.

    Returns:
      The output tensor; a list for a list output; a namedtuple for several outputs; the operation
      where there is no output.

    Raises:
      TypeError: an argument is missing, unknown, or of the wrong type.
      ValueError: an attribute has a value that is not allowed, or shapes do not fit.
    """
    op = build_operation(type, arguments, name)
    return results(op)


def build_operation(type: str, arguments: Mapping[str, Any], name: str | None = None) -> Operation:
    """Build a node and return it as an operation; see `build`."""
    graph = _graph_of(arguments)
    signature = graph._signature(type)
    unknown = set(arguments) - {a.name for a in signature.inputs} - set(signature.attributes)
    if unknown:
        raise TypeError(
            f"{type} got an unexpected keyword argument {sorted(unknown)[0]!r}; it takes "
            f"{', '.join([a.name for a in signature.inputs] + list(signature.attributes))}"
        )
    scope = type if name is None else name
    if _all_tensors(signature, arguments):
        inputs, values = _inputs(signature, arguments)
        complete = scope
    else:
        # Constants made for the inputs lie inside the node's own name scope.
        with graph.as_default(), graph.name_scope(scope) as complete:
            inputs, values = _inputs(signature, arguments)
    _explicit_attributes(signature, arguments, values)
    complete_attributes(signature, values, inputs)
    if not signature.takes_references:
        return graph._create(signature, tuple(inputs), values, complete)
    # What changes a variable lies where the variable lies.
    with ExitStack() as stack:
        for reference in _references(signature, inputs, values):
            stack.enter_context(graph.colocate_with(reference))
        return graph._create(signature, tuple(inputs), values, complete)


def _references(
    signature: Signature, inputs: Sequence[Tensor], values: Mapping[str, Any]
) -> list[Tensor]:
    """Return the inputs that the op takes as references."""
    found: list[Tensor] = []
    at = 0
    for a in signature.inputs:
        count = len(a.dtypes(dict(values)))
        found += inputs[at : at + count] if a.is_ref else ()
        at += count
    return found


def _graph_of(arguments: Mapping[str, Any]) -> Graph:
    """Return the graph of the tensors among the arguments, else the default graph."""
    default = get_default_graph()
    if default.building_function:
        return default  # it takes what is outside as well
    found: Tensor | None = None
    for value in arguments.values():
        for item in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(item, Tensor):
                element = getattr(type(item), "_as_graph_element", None)
                if element is not None:  # a variable
                    item = element(item)
            if isinstance(item, Tensor):
                if found is None:
                    found = item
                elif item.graph is not found.graph:
                    raise ValueError(
                        f"{item} must be from the same graph as {found} (graphs are {item.graph} "
                        f"and {found.graph})."
                    )
    return default if found is None else found.graph


def _all_tensors(signature: Signature, arguments: Mapping[str, Any]) -> bool:
    for a in signature.inputs:
        value = arguments.get(a.name)
        if isinstance(value, list | tuple) and a.is_list:
            if not all(isinstance(v, Tensor) for v in value):
                return False
        elif not isinstance(value, Tensor):
            return False
    return True


def _inputs(
    signature: Signature, arguments: Mapping[str, Any]
) -> tuple[list[Tensor], dict[str, Any]]:
    """Convert the inputs, and find the attributes that follow from them."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    flat: list[Tensor] = []
    for a in signature.inputs:
        if a.name not in arguments:
            raise TypeError(f"{signature.name} missing required argument: {a.name!r}")
        value = arguments[a.name]
        # An explicitly given type decides how Python values are converted.
        if a.type_attr and a.type_attr not in values and a.type_attr in arguments:
            given = arguments[a.type_attr]
            if given is not None:
                values[a.type_attr] = attribute_values.convert("type", given)
                sources[a.type_attr] = a.type_attr
        if a.is_list:
            flat += _list_input(signature, a, value, values, sources)
        else:
            flat.append(_single_input(signature, a, value, values, sources))
    return flat, values


def _single_input(
    signature: Signature,
    a: Argument,
    value: Any,
    values: dict[str, Any],
    sources: dict[str, str],
) -> Tensor:
    wanted = a.dtype if a.dtype is not None else values.get(a.type_attr)
    if isinstance(value, Tensor):
        tensor = value
    else:
        try:
            tensor = _converted_input(signature, a, value, wanted)
        except TypeError as error:
            if wanted is None:
                raise
            raise TypeError(
                f"Expected {wanted.name} passed to parameter '{a.name}' of op '{signature.name}', "
                f"got {value!r} of type '{type(value).__name__}' instead. Error: {error}"
            ) from error
        except ValueError as error:
            raise ValueError(
                f"Tried to convert '{a.name}' to a tensor and failed. Error: {error}"
            ) from error
    base = tensor._dtype.base_dtype
    if wanted is not None and base is not wanted.base_dtype:
        if a.dtype is not None:
            raise TypeError(
                f"Input '{a.name}' of '{signature.name}' Op has type {base.name} that does not "
                f"match expected type of {wanted.name}."
            )
        raise TypeError(
            f"Input '{a.name}' of '{signature.name}' Op has type {base.name} that does not match "
            f"type {wanted.base_dtype.name} of argument '{sources.get(a.type_attr, a.type_attr)}'."
        )
    if a.is_ref and not tensor._dtype._is_ref_dtype:
        raise TypeError(
            f"'{signature.name}' Op requires that input '{a.name}' be a mutable tensor "
            "(e.g.: a tf.Variable)"
        )
    if a.type_attr and a.type_attr not in values:
        _check_allowed_type(signature, a, base)
        values[a.type_attr] = base
        sources[a.type_attr] = a.name
    return tensor


def _converted_input(signature: Signature, a: Argument, value: Any, wanted: Any) -> Tensor:
    """Convert a Python value for an input: to the type wanted, or to one that the op takes."""
    attribute = signature.attributes.get(a.type_attr)
    if wanted is not None or attribute is None or attribute.default is MISSING:
        return convert_to_tensor(value, wanted, name=a.name, as_ref=a.is_ref)
    if attribute.allowed is not None:
        try:
            natural = convert_to_tensor(value, name=a.name, as_ref=a.is_ref)
        except TypeError:
            pass
        else:
            if natural._dtype.base_dtype in attribute.allowed:
                return natural
    # TF: the constant of a type that the op does not take stays in the graph.
    return convert_to_tensor(value, name=a.name, preferred_dtype=attribute.default, as_ref=a.is_ref)


def _check_allowed_type(signature: Signature, a: Argument, dtype: DType) -> None:
    allowed = signature.attributes[a.type_attr].allowed
    if allowed is not None and dtype not in allowed:
        names = ", ".join(d.name for d in allowed)
        raise TypeError(
            f"Value passed to parameter '{a.name}' has DataType {dtype.name} not in list of "
            f"allowed values: {names}"
        )


def _list_input(
    signature: Signature,
    a: Argument,
    value: Any,
    values: dict[str, Any],
    sources: dict[str, str],
) -> list[Tensor]:
    if isinstance(value, Tensor) or not isinstance(value, list | tuple):
        raise TypeError(
            f"Expected list for argument '{a.name}' to '{signature.name}' Op, not {value!r}."
        )
    wanted = a.dtype if a.dtype is not None else values.get(a.type_attr)
    if wanted is None and a.type_attr:
        wanted = next((v._dtype.base_dtype for v in value if isinstance(v, Tensor)), None)
    tensors = [
        convert_to_tensor(v, None if isinstance(v, Tensor) else wanted, name=f"{a.name}_{i}")
        for i, v in enumerate(value)
    ]
    types = [t._dtype.base_dtype for t in tensors]
    if a.type_list_attr:
        values[a.type_list_attr] = tuple(types)
        check_attribute(signature, signature.attributes[a.type_list_attr], tuple(types))
        return tensors
    if len(set(types)) > 1 or (types and a.dtype is not None and types[0] is not a.dtype):
        names = ", ".join(t.name for t in types)
        raise TypeError(
            f"Tensors in list passed to '{a.name}' of '{signature.name}' Op have types [{names}] "
            f"that don't all match{'' if a.dtype is None else ' ' + a.dtype.name}."
        )
    minimum = signature.attributes[a.number_attr].minimum or 0
    if len(tensors) < minimum:
        raise ValueError(
            f"List argument '{a.name}' to '{signature.name}' Op with length {len(tensors)} shorter "
            f"than minimum length {minimum}."
        )
    known = values.get(a.number_attr)
    if known is not None and known != len(tensors):
        raise ValueError(
            f"List argument '{a.name}' to '{signature.name}' Op with length {len(tensors)} must "
            f"match length {known} of argument '{sources[a.number_attr]}'."
        )
    values[a.number_attr] = len(tensors)
    sources.setdefault(a.number_attr, a.name)
    if a.type_attr and types:
        if a.type_attr in values and values[a.type_attr] is not types[0]:
            raise TypeError(
                f"Input '{a.name}' of '{signature.name}' Op has type {types[0].name} that does not "
                f"match type {values[a.type_attr].name} of argument '{sources[a.type_attr]}'."
            )
        _check_allowed_type(signature, a, types[0])
        values[a.type_attr] = types[0]
        sources.setdefault(a.type_attr, a.name)
    return tensors


def _explicit_attributes(
    signature: Signature, arguments: Mapping[str, Any], values: dict[str, Any]
) -> None:
    for name, attribute in signature.attributes.items():
        given = arguments.get(name)
        if name in values or name not in arguments:
            continue
        # None stands for the default; in a shape without one, for an unknown rank.
        if given is None and (attribute.kind != "shape" or attribute.default is not MISSING):
            continue
        values[name] = converted(signature, attribute, given)


def converted(signature: Signature, attribute: Attribute, given: Any) -> Any:
    """Return a user's value of an attribute, converted and checked."""
    try:
        value = attribute_values.convert(attribute.kind, given)
    except (TypeError, ValueError) as error:
        what = {"type": "DataType"}.get(attribute.kind, attribute.kind)
        # Of a shape, a negative size is a ValueError, and all else is one of type.
        kind = type(error) if attribute.kind == "shape" else TypeError
        raise kind(
            f"Expected {what} for argument '{attribute.name}' not {given!r}."
            + ("" if attribute.kind == "type" else f" ({signature.name}: {error})")
        ) from error
    check_attribute(signature, attribute, value)
    return value


def check_attribute(signature: Signature, attribute: Attribute, value: Any) -> None:
    """Raise unless the op allows that value of that attribute."""
    where = f"Attr '{attribute.name}' of '{signature.name}' Op passed"
    if attribute.allowed is not None:
        for item in value if isinstance(value, tuple) else (value,):
            if item not in attribute.allowed:
                if isinstance(item, DType):
                    names = ", ".join(d.name for d in attribute.allowed)
                    raise TypeError(
                        f"Value passed to parameter '{attribute.name}' has DataType {item.name} "
                        f"not in list of allowed values: {names}"
                    )
                options = ", ".join(f'"{v}"' for v in attribute.allowed)
                raise ValueError(f"{where} string '{item}' not in: {options}.")
    if attribute.minimum is not None:
        if isinstance(value, tuple):
            if len(value) < attribute.minimum:
                raise ValueError(
                    f"{where} list of length {len(value)} less than minimum {attribute.minimum}."
                )
        elif value < attribute.minimum:
            raise ValueError(f"{where} {value} less than minimum {attribute.minimum}.")


def complete_attributes(
    signature: Signature, values: dict[str, Any], inputs: Sequence[Tensor]
) -> None:
    """Add attributes that follow from the inputs, and defaults.

    Raises:
      TypeError: the inputs are not those of the op, or an attribute is missing.
    """
    at = 0
    for a in signature.inputs:
        if a.number_attr and a.number_attr not in values:
            values[a.number_attr] = len(inputs) - at - (len(signature.inputs) - 1)
        if a.type_list_attr and a.type_list_attr not in values:
            values[a.type_list_attr] = tuple(t._dtype.base_dtype for t in inputs[at:])
        if a.type_attr and a.type_attr not in values:
            if at >= len(inputs):
                raise TypeError(f"{signature.name}: input '{a.name}' is missing")
            values[a.type_attr] = inputs[at]._dtype.base_dtype
        wanted = a.dtypes(values)
        for i, (tensor, dtype) in enumerate(zip(inputs[at:], wanted, strict=False)):
            if tensor._dtype.base_dtype is not dtype.base_dtype:
                raise TypeError(
                    f"Input {at + i} of {signature.name} is {tensor._dtype.name}; '{a.name}' takes "
                    f"{dtype.name}"
                )
        at += len(wanted)
    if at != len(inputs):
        raise TypeError(f"{signature.name} takes {at} inputs, but {len(inputs)} were given")
    for name, attribute in signature.attributes.items():
        if name not in values:
            if attribute.default is MISSING:
                raise TypeError(f"{signature.name} missing required argument: {name!r}")
            values[name] = attribute.default


def results(op: Operation) -> Any:
    """Return what a builder returns for an operation; see `build`."""
    signature = op._signature
    if signature.single_output:
        return op._outputs[0]
    if not signature.outputs:
        return op
    parts: list[Any] = []
    at = 0
    for a in signature.outputs:
        count = len(a.dtypes(op._attributes))
        parts.append(list(op._outputs[at : at + count]) if a.is_list else op._outputs[at])
        at += count
    if len(parts) == 1:
        return parts[0]
    return _result_type(signature.name, tuple(a.name for a in signature.outputs))(*parts)


@cache
def _result_type(type: str, fields: tuple[str, ...]) -> Any:
    return namedtuple(type, [_KEYWORDS.get(f, f) for f in fields])


@cache
def _renames() -> dict[str, dict[str, str]]:
    """Return, by op type, the arguments that `tf.raw_ops` names otherwise than the OpDef."""
    recorded = resources.files("evergraph").joinpath("renames.json").read_text(encoding="utf-8")
    renames: dict[str, dict[str, str]] = json.loads(recorded)
    return renames


@cache
def raw_op(type: str) -> Callable[..., Any]:
    """Return the function of `tf.raw_ops` for an op type: keyword arguments and `name` alone.

    Raises:
      AttributeError: there is no such op type.
    """
    signature = vocabulary().get(type)
    if signature is None or type.startswith("_"):
        raise AttributeError(f"module 'raw_ops' has no attribute {type!r}")
    renamed = _renames().get(type, {})
    public = {old: new for new, old in renamed.items()}
    inputs = [public.get(a.name, a.name) for a in signature.inputs]
    explicit = [public.get(n, n) for n in signature.attributes if n not in signature.inferred]
    real = {v: k for k, v in _KEYWORDS.items()} | renamed

    def function(**arguments: Any) -> Any:
        name = arguments.pop("name", None)
        return build(type, {real.get(k, k): v for k, v in arguments.items()}, name)

    function.__name__ = function.__qualname__ = type
    defaults = {public.get(n, n): a.default for n, a in signature.attributes.items()}
    required = [n for n in explicit if defaults[n] is MISSING]
    optional = {n: defaults[n] for n in explicit if defaults[n] is not MISSING} | {"name": None}
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # for inspect
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in (*inputs, *required)]
        + [
            inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=d)
            for n, d in optional.items()
        ]
    )
    function.__doc__ = (
        f"Build a {type} node.\n\nInputs: {', '.join(inputs) or 'none'}. "
        f"Attributes: {', '.join(explicit) or 'none'}. See `evergraph.builder.build`."
    )
    return function
