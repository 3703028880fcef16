"""TensorFlow's op signatures: all OpDefs of 2.21, decoded when they are first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module, resources
from typing import Any, Final

from evergraph import attributes, limits, protos
from evergraph.dtypes import DType, as_dtype

#: The version of graphs that evergraph writes, and the newest that it reads: TensorFlow 2.21's.
GRAPH_DEF_VERSION: Final = 2474
GRAPH_DEF_VERSION_MIN_CONSUMER: Final = 0
GRAPH_DEF_VERSION_MIN_PRODUCER: Final = 0
TENSORFLOW_VERSION: Final = "2.21.0"

MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Argument:
    """An input or output of an op.

    Attributes:
      dtype: the type, if it is fixed.
      type_attr: the attribute that holds the type, or "".
      number_attr: the attribute that holds the number of tensors, or "".
      type_list_attr: the attribute that holds a list of types, or "".
      is_ref: whether it is a reference.
    """

    name: str
    dtype: DType | None
    type_attr: str
    number_attr: str
    type_list_attr: str
    is_ref: bool

    @property
    def is_list(self) -> bool:
        """Whether it stands for any number of tensors."""
        return bool(self.number_attr or self.type_list_attr)

    def dtypes(self, values: Mapping[str, Any]) -> list[DType]:
        """Return the types of the tensors it stands for, given the op's attributes.

        Raises:
          ValueError: they are more than a node may have.
        """
        if self.type_list_attr:
            types = list(values[self.type_list_attr])
        else:
            one = self.dtype if self.dtype is not None else values[self.type_attr]
            count = values[self.number_attr] if self.number_attr else 1
            if count > limits.MAX_TENSORS:
                raise ValueError(
                    f"{self.number_attr}={count}: '{self.name}' may stand for at most "
                    f"{limits.MAX_TENSORS} tensors"
                )
            types = [one] * count
        return [t._as_ref for t in types] if self.is_ref else types


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an op.

    Attributes:
      kind: the OpDef type: "int", "list(type)" …
      default: the Python value (see `evergraph.attributes`), or `MISSING`.
      allowed: the values allowed (types or strings), or None.
      minimum: the least int, or the least length of a list; None if there is none.
    """

    name: str
    kind: str
    default: Any
    allowed: tuple[Any, ...] | None
    minimum: int | None


class Signature:
    """The decoded OpDef of one op type."""

    def __init__(self, op_def: protos.OpDef) -> None:
        self.op_def = op_def
        self.name: str = op_def.name
        self.inputs = tuple(_argument(a) for a in op_def.input_arg)
        self.outputs = tuple(_argument(a) for a in op_def.output_arg)
        self.attributes: dict[str, Attribute] = {a.name: _attribute(a) for a in op_def.attr}
        self.is_stateful: bool = op_def.is_stateful
        self.allows_uninitialized_input: bool = op_def.allows_uninitialized_input

    @cached_property
    def inferred(self) -> frozenset[str]:
        """The attributes that follow from the inputs."""
        found = set()
        for a in self.inputs:
            found |= {a.type_attr, a.number_attr, a.type_list_attr}
        return frozenset(found - {""})

    @cached_property
    def takes_references(self) -> bool:
        """Whether some input is a reference to a variable."""
        return any(a.is_ref for a in self.inputs)

    @cached_property
    def has_list_output(self) -> bool:
        """Whether some output stands for any number of tensors."""
        return any(a.is_list for a in self.outputs)

    @cached_property
    def single_output(self) -> bool:
        """Whether there is exactly one output tensor, always."""
        return len(self.outputs) == 1 and not self.has_list_output

    def output_dtypes(self, values: dict[str, Any]) -> list[DType]:
        """Return the types of all outputs, given the attributes.

        Raises:
          KeyError: an attribute that decides a type is missing.
        """
        return [t for a in self.outputs for t in a.dtypes(values)]

    @cached_property
    def text(self) -> str:
        """The signature as TensorFlow writes it in errors: `Op<name=…; signature=…; attr=…>`."""
        inputs = ", ".join(f"{a.name}:{_argument_text(a)}" for a in self.inputs)
        outputs = ", ".join(f"{a.name}:{_argument_text(a)}" for a in self.outputs)
        parts = [f"name={self.name}", f"signature={inputs} -> {outputs}"]
        parts += [f"attr={_attribute_text(a)}" for a in self.op_def.attr]
        if self.is_stateful:
            parts.append("is_stateful=true")
        return f"Op<{'; '.join(parts)}>"


def _argument(arg: Any) -> Argument:
    dtype = as_dtype(arg.type) if arg.type else None
    return Argument(arg.name, dtype, arg.type_attr, arg.number_attr, arg.type_list_attr, arg.is_ref)


def _attribute(attr: Any) -> Attribute:
    has_default, has_allowed = attr.HasField("default_value"), attr.HasField("allowed_values")
    return Attribute(
        attr.name,
        attr.type,
        attributes.from_proto(attr.default_value) if has_default else MISSING,
        attributes.from_proto(attr.allowed_values) if has_allowed else None,
        attr.minimum if attr.has_minimum else None,
    )


_TEXT_NAMES: Final = {
    "float32": "float",
    "float64": "double",
    "float16": "half",
}


def dtype_text(dtype: DType) -> str:
    """Return a type as TensorFlow's runtime prints it: `float`, `double`, `half`, `int32` …"""
    base = dtype.base_dtype.name
    return _TEXT_NAMES.get(base, base) + ("_ref" if dtype._is_ref_dtype else "")


def dtype_enum_text(dtype: DType) -> str:
    """Return the name of a type in the `DataType` enum: `DT_FLOAT`."""
    return str(protos.DataType.Name(dtype.as_datatype_enum))


def _argument_text(a: Argument) -> str:
    kind = a.type_attr or a.type_list_attr
    if a.dtype is not None:
        kind = dtype_text(a.dtype)
    kind = f"{a.number_attr}*{kind}" if a.number_attr else kind
    return f"Ref({kind})" if a.is_ref else kind


def _attribute_text(attr: Any) -> str:
    out = f"{attr.name}:{attr.type}"
    if attr.HasField("default_value"):
        out += f",default={value_text(attributes.from_proto(attr.default_value))}"
    if attr.has_minimum:
        out += f",min={attr.minimum}"
    if attr.HasField("allowed_values"):
        allowed = attributes.from_proto(attr.allowed_values)
        out += f",allowed=[{', '.join(value_text(v) for v in allowed)}]"
    return out


def value_text(value: Any) -> str:
    """Return an attribute value as TensorFlow prints it in `{{node …}} = Op[attr=value]`."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(value_text(v) for v in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, DType):
        return dtype_enum_text(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, float):
        return f"{value:g}"
    if hasattr(value, "_dims"):
        dims = value._dims
        return (
            "<unknown>"
            if dims is None
            else "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"
        )
    if isinstance(value, protos.TensorProto):
        return f"<Tensor of type {dtype_text(as_dtype(value.dtype))}>"
    return str(getattr(value, "name", value))


class Vocabulary:
    """Signatures by op type: TensorFlow's, and those that plugins add."""

    def __init__(self, op_defs: dict[str, protos.OpDef]) -> None:
        self._op_defs = op_defs
        self._signatures: dict[str, Signature] = {}
        self._asked_plugins = False

    def get(self, type: str) -> Signature | None:
        """Return the signature of an op type, or None if there is none."""
        found = self._signatures.get(type)
        if found is None:
            if type not in self._op_defs:
                self.ask_plugins()
            if type in self._op_defs:
                found = self._signatures[type] = Signature(self._op_defs[type])
        return found

    def ask_plugins(self) -> None:
        """Let plugins add their op types, once: when kernels are bound, or a type is not known."""
        if self._asked_plugins:
            return
        self._asked_plugins = True  # plugins may ask back
        try:
            import_module("evergraph.discovery").register_ops()
        except BaseException:
            self._asked_plugins = False
            raise

    def names(self) -> list[str]:
        """Return the names of all op types, sorted."""
        return sorted(self._op_defs)

    def add(self, op_def: protos.OpDef) -> None:
        """Add an op type.

        Raises:
          ValueError: it exists already.
        """
        if op_def.name in self._op_defs:
            raise ValueError(f"op type {op_def.name} exists already")
        self._op_defs[op_def.name] = op_def


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, reading the recorded OpDefs on first use."""
    recorded = resources.files("evergraph").joinpath("vocabulary.binpb").read_bytes()
    return Vocabulary({op.name: op for op in protos.OpList.FromString(recorded).op})
