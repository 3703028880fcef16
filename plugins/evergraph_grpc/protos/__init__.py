"""The messages of the service, in evergraph's own descriptor pool; see `service.proto`."""

from pathlib import Path

from google.protobuf.message_factory import GetMessageClass

from evergraph.protos import POOL

#: The full name of the service.
SERVICE = "evergraph.remote.Master"

POOL.AddSerializedFile(Path(__file__).with_name("service.binpb").read_bytes())
# The names are those of `service.proto`; `__init__.pyi` lists them.
globals().update(
    (name, GetMessageClass(descriptor))
    for name, descriptor in POOL.FindFileByName("service.proto").message_types_by_name.items()
)
#: The version of the schema, which both ends must have.
CURRENT = POOL.FindEnumTypeByName("evergraph.remote.Version").values_by_name["CURRENT"].number
