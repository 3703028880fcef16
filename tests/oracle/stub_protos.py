"""Write the type stubs of `evergraph.protos` from its `descriptors.binpb`.

Needs ruff; run it after `compile_protos.py`.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from google.protobuf import descriptor_pb2

PROTOS = Path(__file__).parents[2] / "core" / "evergraph" / "protos"

HEADER = '''\
"""Types of TensorFlow's messages, written by tests/oracle/stub_protos.py: not to be edited."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeVar, overload

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal import well_known_types
from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

_M = TypeVar("_M", bound=Message)

POOL: Final[DescriptorPool]

@overload
def adopt(message: object, kind: None = None) -> Message: ...
@overload
def adopt(message: object, kind: type[_M]) -> _M: ...

'''

# protobuf gives this one methods.
BASES = {"google.protobuf.Any": "Message, well_known_types.Any"}

Field = descriptor_pb2.FieldDescriptorProto
# All others are integers.
PYTHON_TYPES = {
    Field.TYPE_BOOL: "bool",
    Field.TYPE_BYTES: "bytes",
    Field.TYPE_DOUBLE: "float",
    Field.TYPE_FLOAT: "float",
    Field.TYPE_STRING: "str",
}


def stub() -> str:
    """Return the text of `__init__.pyi`, not yet formatted."""
    data = (PROTOS / "descriptors.binpb").read_bytes()
    lines: list[str] = []
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        for enum in file.enum_type:
            lines += enum_stub(enum, loose=file.package == "tensorflow")
        for message in file.message_type:
            lines += message_stub(message, file.package)
    return HEADER + "\n".join(lines) + "\n"


def enum_stub(enum: descriptor_pb2.EnumDescriptorProto, *, loose: bool) -> Iterator[str]:
    """Describe an enum; a loose one has its values beside it, too."""
    values = [f"{value.name}: Final = {value.number}" for value in enum.value]
    yield f"class _{enum.name}(EnumTypeWrapper):"
    yield from indented(values)
    yield f"{enum.name}: Final[_{enum.name}]"
    if loose:
        yield from values


def message_stub(message: descriptor_pb2.DescriptorProto, scope: str) -> Iterator[str]:
    full_name = f"{scope}.{message.name}"
    entries = {
        f".{full_name}.{nested.name}": nested
        for nested in message.nested_type
        if nested.options.map_entry
    }
    body: list[str] = []
    for enum in message.enum_type:
        body += enum_stub(enum, loose=True)
    for nested in message.nested_type:
        if not nested.options.map_entry:
            body += message_stub(nested, full_name)
    parameters = ["self"]
    for field in message.field:
        held, accepted = field_types(field, entries)
        if field.type == Field.TYPE_MESSAGE or field.label == Field.LABEL_REPEATED:
            body += ["@property", f"def {field.name}(self) -> {held}: ..."]
        else:
            body.append(f"{field.name}: {held}")
        if len(parameters) == 1:
            parameters.append("*")
        parameters.append(f"{field.name}: {accepted} | None = ...")
    body.append(f"def __init__({', '.join(parameters)}) -> None: ...")
    body += which_oneof_stub(message)
    yield f"class {message.name}({BASES.get(full_name, 'Message')}):"
    yield from indented(body)


def field_types(
    field: descriptor_pb2.FieldDescriptorProto, entries: dict[str, descriptor_pb2.DescriptorProto]
) -> tuple[str, str]:
    """Return the type that a message holds, and what its constructor accepts."""
    if field.type_name in entries:
        key, value = (field_types(part, {})[0] for part in entries[field.type_name].field)
        of_messages = entries[field.type_name].field[1].type == Field.TYPE_MESSAGE
        container = "MessageMap" if of_messages else "ScalarMap"
        return f"{container}[{key}, {value}]", f"Mapping[{key}, {value}]"
    if field.type == Field.TYPE_MESSAGE:
        held = python_name(field.type_name)
        accepted = f"{held} | Mapping[str, object]"
        container = "RepeatedCompositeFieldContainer"
    else:
        held = PYTHON_TYPES.get(field.type, "int")
        accepted = "int | str" if field.type == Field.TYPE_ENUM else held
        container = "RepeatedScalarFieldContainer"
    if field.label == Field.LABEL_REPEATED:
        return f"{container}[{held}]", f"Iterable[{accepted}]"
    return held, accepted


def python_name(type_name: str) -> str:
    """Return the name under `evergraph.protos` of a message called `type_name` in descriptors."""
    for package in (".tensorflow.", ".google.protobuf.", ".evergraph.remote."):
        if type_name.startswith(package):
            return type_name.removeprefix(package)
    raise AssertionError(type_name)


def which_oneof_stub(message: descriptor_pb2.DescriptorProto) -> Iterator[str]:
    for index, oneof in enumerate(message.oneof_decl):
        members = ", ".join(
            f'"{field.name}"'
            for field in message.field
            if field.HasField("oneof_index") and field.oneof_index == index
        )
        if len(message.oneof_decl) > 1:
            yield "@overload"
        group = f'Literal["{oneof.name}"]'
        yield f"def WhichOneof(self, oneof_group: {group}) -> Literal[{members}] | None: ..."


def indented(lines: Iterable[str]) -> Iterator[str]:
    return ("    " + line for line in lines)


def main() -> None:
    path = PROTOS / "__init__.pyi"
    path.write_text(stub())
    subprocess.run([sys.executable, "-m", "ruff", "format", "--line-length=100", path], check=True)


if __name__ == "__main__":
    main()
