"""Compile the `.proto` files of `evergraph.protos` to `descriptors.binpb`.

Needs grpcio-tools; run it after `record_protos.py` and before `stub_protos.py`.
"""

import tempfile
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc

PROTOS = Path(__file__).parents[2] / "core" / "evergraph" / "protos"


def compile_protos() -> descriptor_pb2.FileDescriptorSet:
    """Return the descriptors of all files, with those of Google's that they import."""
    names = sorted(path.name for path in PROTOS.glob("*.proto"))
    google = files("grpc_tools") / "_proto"
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "descriptors.binpb")
        options = [f"-I{PROTOS}", f"-I{google}", "--include_imports"]
        if protoc.main(["protoc", *options, f"--descriptor_set_out={output}", *names]):
            raise SystemExit("protoc failed")
        result = descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes())
    for file in result.file:
        # Options of files are for other languages.
        file.ClearField("options")
        for message in file.message_type:
            clear_json_names(message)
    return result


def clear_json_names(message: descriptor_pb2.DescriptorProto) -> None:
    # protobuf derives the same names again.
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        clear_json_names(nested)


if __name__ == "__main__":
    (PROTOS / "descriptors.binpb").write_bytes(compile_protos().SerializeToString())
