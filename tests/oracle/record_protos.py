"""Write the `.proto` files of `evergraph.protos` from the descriptors of an installed TensorFlow.

Only facts of the format are taken: names, numbers, types, labels, defaults, oneofs, reservations.
Run `compile_protos.py` afterwards, in an environment with grpcio-tools.
"""

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message

PROTOS = Path(__file__).parents[2] / "core" / "evergraph" / "protos"

# The files that these import are recorded too.
MODULES = (
    "tensorflow.core.example.example_pb2",
    "tensorflow.core.framework.graph_debug_info_pb2",
    "tensorflow.core.framework.graph_pb2",
    "tensorflow.core.framework.kernel_def_pb2",
    "tensorflow.core.framework.reader_base_pb2",
    "tensorflow.core.framework.resource_handle_pb2",
    "tensorflow.core.framework.summary_pb2",
    "tensorflow.core.framework.variable_pb2",
    "tensorflow.core.protobuf.config_pb2",
    "tensorflow.core.protobuf.control_flow_pb2",
    "tensorflow.core.protobuf.device_filters_pb2",
    "tensorflow.core.protobuf.error_codes_pb2",
    "tensorflow.core.protobuf.fingerprint_pb2",
    "tensorflow.core.protobuf.named_tensor_pb2",
    "tensorflow.core.protobuf.queue_runner_pb2",
    "tensorflow.core.protobuf.saved_model_pb2",
    "tensorflow.core.protobuf.tensor_bundle_pb2",
    "tensorflow.core.protobuf.tensorflow_server_pb2",
    "tensorflow.core.framework.device_attributes_pb2",
    "tensorflow.core.util.event_pb2",
    "tensorflow.core.util.saved_tensor_slice_pb2",
    "tensorflow.python.training.checkpoint_state_pb2",
)

# TensorFlow keeps these as unknown fields, so a ConfigProto passes through it unharmed.
OUR_FIELDS = {
    "tensorflow.ConfigProto": (
        "string backend = 10001;",
        "map<string, string> backend_options = 10002;",
    ),
}

HEADER = "// TensorFlow's format, written by tests/oracle/record_protos.py: not to be edited."

SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP")
}

LABELS = {
    FieldDescriptorProto.LABEL_OPTIONAL: "optional ",
    FieldDescriptorProto.LABEL_REPEATED: "repeated ",
    FieldDescriptorProto.LABEL_REQUIRED: "required ",
}


def record() -> dict[str, str]:
    """Return the text of each `.proto` file by file name."""
    files = closure(importlib.import_module(name).DESCRIPTOR for name in MODULES)
    # Google's own files come with every protocol-buffer compiler; files that declare nothing
    # only forward to others.
    kept = {
        name: file
        for name, file in files.items()
        if not name.startswith("google/") and (file.message_type or file.enum_type)
    }
    writer = Writer(files.values())
    flat = {flattened(name): writer.file(file) for name, file in kept.items()}
    assert len(flat) == len(kept), "two files have the same last name"
    return flat


def closure(descriptors: Iterable[FileDescriptor]) -> dict[str, FileDescriptorProto]:
    found: dict[str, FileDescriptorProto] = {}
    waiting = list(descriptors)
    while waiting:
        descriptor = waiting.pop()
        if descriptor.name not in found:
            found[descriptor.name] = FileDescriptorProto()
            descriptor.CopyToProto(found[descriptor.name])
            waiting += descriptor.dependencies
    return found


def flattened(name: str) -> str:
    return name if name.startswith("google/") else PurePosixPath(name).name


class Writer:
    """Writes descriptors as text, knowing where every type lives."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self.home: dict[str, str] = {}
        self.packages: set[str] = set()
        for file in files:
            parts = file.package.split(".")
            self.packages |= {".".join(parts[: n + 1]) for n in range(len(parts))}
            for full_name in declared(file, file.package):
                self.home[full_name] = flattened(file.name)

    def file(self, file: FileDescriptorProto) -> str:
        imports = {self.home[name] for name in types_used(file.message_type)}
        lines = [HEADER, f'syntax = "{file.syntax or "proto2"}";', "", f"package {file.package};"]
        if others := sorted(imports - {flattened(file.name)}):
            lines += ["", *(f'import "{name}";' for name in others)]
        for enum in file.enum_type:
            lines += ["", *self.enum(enum)]
        for message in file.message_type:
            lines += ["", *self.message(message, file)]
        return "\n".join(lines) + "\n"

    def message(
        self, message: DescriptorProto, file: FileDescriptorProto, scope: str = ""
    ) -> Iterator[str]:
        full_name = f"{scope or file.package}.{message.name}"
        entries = {
            f".{full_name}.{nested.name}": nested
            for nested in message.nested_type
            if nested.options.map_entry
        }
        yield f"message {message.name} {{"
        yield from indented(option_lines(message.options))
        for enum in message.enum_type:
            yield from indented(self.enum(enum))
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from indented(self.message(nested, file, full_name))
        yield from indented(reservations(message))
        open_oneof = None
        for field in by_number(message):
            oneof = field.oneof_index if in_oneof(field) else None
            assert not field.proto3_optional, "an optional field of proto3: not written"
            if oneof != open_oneof:
                if open_oneof is not None:
                    yield "  }"
                if oneof is not None:
                    yield f"  oneof {message.oneof_decl[oneof].name} {{"
                open_oneof = oneof
            text = self.field(field, full_name, entries, file.syntax)
            yield text if oneof is None else "  " + text
        if open_oneof is not None:
            yield "  }"
        yield from indented(OUR_FIELDS.get(full_name, ()))
        yield "}"

    def field(
        self,
        field: FieldDescriptorProto,
        scope: str,
        entries: dict[str, DescriptorProto],
        syntax: str,
    ) -> str:
        label = ""
        if field.type_name in entries:
            key, value = entries[field.type_name].field
            type_name = f"map<{self.type(key, scope)}, {self.type(value, scope)}>"
        else:
            type_name = self.type(field, scope)
            # proto3 has no word for a field that is not repeated, nor has a oneof.
            if LABELS[field.label] == "repeated " or not (syntax == "proto3" or in_oneof(field)):
                label = LABELS[field.label]
        assert not field.default_value, "a default: not written"
        options = ", ".join(f"{name} = {value}" for name, value in option_values(field.options))
        options = f" [{options}]" if options else ""
        return f"  {label}{type_name} {field.name} = {field.number}{options};"

    def type(self, field: FieldDescriptorProto, scope: str) -> str:
        return SCALARS.get(field.type) or self.reference(field.type_name.lstrip("."), scope)

    def reference(self, full_name: str, scope: str) -> str:
        """Return the shortest name that means `full_name` inside `scope`."""
        parts = full_name.split(".")
        for start in reversed(range(len(parts))):
            short = ".".join(parts[start:])
            if self.resolve(short, scope) == full_name:
                return short
        return "." + full_name

    def resolve(self, name: str, scope: str) -> str | None:
        # A compiler looks for the first part only, from the innermost scope outwards.
        first = name.split(".")[0]
        while True:
            candidate = f"{scope}.{first}".lstrip(".")
            if candidate in self.home or candidate in self.packages:
                return f"{scope}.{name}".lstrip(".")
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def enum(self, enum: EnumDescriptorProto) -> Iterator[str]:
        yield f"enum {enum.name} {{"
        yield from indented(option_lines(enum.options))
        yield from indented(reservations(enum))
        for value in enum.value:
            yield f"  {value.name} = {value.number};"
        yield "}"


def by_number(message: DescriptorProto) -> list[FieldDescriptorProto]:
    """Return the fields in the order of their numbers, those of a oneof together.

    Messages are then written as text in the same order by every version of protobuf.
    """
    first: dict[int, int] = {}
    for field in message.field:
        if in_oneof(field):
            number = first.get(field.oneof_index, field.number)
            first[field.oneof_index] = min(number, field.number)

    def place(field: FieldDescriptorProto) -> tuple[int, int]:
        return first[field.oneof_index] if in_oneof(field) else field.number, field.number

    return sorted(message.field, key=place)


def in_oneof(field: FieldDescriptorProto) -> bool:
    return field.HasField("oneof_index")


def declared(owner: FileDescriptorProto | DescriptorProto, scope: str) -> Iterator[str]:
    """Return the full names of the types declared in a file or a message."""
    messages = owner.nested_type if isinstance(owner, DescriptorProto) else owner.message_type
    for enum in owner.enum_type:
        yield f"{scope}.{enum.name}"
    for message in messages:
        yield f"{scope}.{message.name}"
        yield from declared(message, f"{scope}.{message.name}")


def types_used(messages: Iterable[DescriptorProto]) -> Iterator[str]:
    for message in messages:
        yield from (field.type_name.lstrip(".") for field in message.field if field.type_name)
        yield from types_used(message.nested_type)


def reservations(owner: DescriptorProto | EnumDescriptorProto) -> Iterator[str]:
    # A range of numbers of fields excludes its end, one of values of an enum includes it.
    excess = 1 if isinstance(owner, DescriptorProto) else 0
    for reserved in owner.reserved_range:
        first, last = reserved.start, reserved.end - excess
        yield f"reserved {first};" if first == last else f"reserved {first} to {last};"
    for name in owner.reserved_name:
        yield f'reserved "{name}";'


def option_lines(options: Message) -> list[str]:
    return [f"option {name} = {value};" for name, value in option_values(options)]


def option_values(options: Message) -> Iterator[tuple[str, str]]:
    for descriptor, value in options.ListFields():
        if descriptor.enum_type is not None:
            yield descriptor.name, descriptor.enum_type.values_by_number[value].name
        else:
            yield descriptor.name, str(value).lower()


def indented(lines: Iterable[str]) -> Iterator[str]:
    return ("  " + line for line in lines)


def main() -> None:
    for old in PROTOS.glob("*.proto"):
        old.unlink()
    for name, text in record().items():
        (PROTOS / name).write_text(text)


if __name__ == "__main__":
    main()
