"""Compile `service.proto` of `evergraph_grpc` to `service.binpb`, and write its type stubs.

Needs grpcio-tools and ruff.
"""

import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

sys.path.insert(0, str(Path(__file__).parent))

from compile_protos import PROTOS, clear_json_names
from stub_protos import enum_stub, message_stub

FOLDER = Path(__file__).parents[2] / "plugins" / "evergraph_grpc" / "protos"

HEADER = '''\
"""Types of the service's messages, written by tests/oracle/compile_service.py: not to be edited."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from google.protobuf.internal.containers import (
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
)
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message

from evergraph.protos import ConfigProto, GraphDef, TensorDescription

SERVICE: Final[str]

'''


def compile_service() -> descriptor_pb2.FileDescriptorProto:
    """Return the descriptor of the file, without those that it imports."""
    google = files("grpc_tools") / "_proto"
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "service.binpb")
        options = [f"-I{FOLDER}", f"-I{PROTOS}", f"-I{google}"]
        if protoc.main(["protoc", *options, f"--descriptor_set_out={output}", "service.proto"]):
            raise SystemExit("protoc failed")
        file = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes()).file[0]
    for message in file.message_type:
        clear_json_names(message)
    return file


def stub() -> str:
    """Return the text of `__init__.pyi`, not yet formatted."""
    file = descriptor_pb2.FileDescriptorProto.FromString((FOLDER / "service.binpb").read_bytes())
    lines: list[str] = []
    for enum in file.enum_type:
        lines += enum_stub(enum, loose=True)
    for message in file.message_type:
        lines += message_stub(message, file.package)
    return HEADER + "\n".join(lines) + "\n"


def main() -> None:
    (FOLDER / "service.binpb").write_bytes(compile_service().SerializeToString())
    path = FOLDER / "__init__.pyi"
    path.write_text(stub())
    subprocess.run([sys.executable, "-m", "ruff", "format", "--line-length=100", path], check=True)


if __name__ == "__main__":
    main()
