"""The message classes, built from `descriptors.binpb` in a descriptor pool of their own."""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

# The default pool is TensorFlow's, if the program imports it: it holds the same names.
POOL = DescriptorPool()

# What `evergraph.protos` offers: classes, enum wrappers and the values of enums.
NAMES: dict[str, Any] = {}

# By full name, nested ones too.
_CLASSES: dict[str, type[Message]] = {}


def adopt(message: object, kind: type[Message] | None = None) -> Message:
    """Return a message of ours equal to `message`, which may be real TensorFlow's.

    A message of ours is returned as it is; of any other with the same full name as one of ours, a
    copy. Fields unknown to it come along, so `backend` survives in a ConfigProto of TensorFlow's.

    Args:
      message: a message of `evergraph.protos`, or one with the same full name.
      kind: the class of ours that it must have.

    Raises:
      TypeError: `message` is no such message.
    """
    if isinstance(message, Message):
        ours = _CLASSES.get(message.DESCRIPTOR.full_name)
        if ours is not None and kind in (None, ours):
            if isinstance(message, ours):
                return message
            return ours.FromString(message.SerializePartialToString())
    expected = "a message of TensorFlow's" if kind is None else f"a message {kind.__qualname__}"
    raise TypeError(f"expected {expected}, got {type(message).__qualname__}: {message!r:.200}")


def _load() -> None:
    data = Path(__file__).with_name("descriptors.binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        POOL.AddSerializedFile(file.SerializeToString())
        descriptor = POOL.FindFileByName(file.name)
        for message in descriptor.message_types_by_name.values():
            NAMES[message.name] = _message_class(message)
        for enum in descriptor.enum_types_by_name.values():
            NAMES[enum.name] = EnumTypeWrapper(enum)
            # Error codes stay in their enum: `OK` is also a value of WorkerHealth.
            if file.package == "tensorflow":
                NAMES.update((value.name, value.number) for value in enum.values)


def _message_class(descriptor: Descriptor, outer: str = "") -> type[Message]:
    cls = GetMessageClass(descriptor)
    # Classes are pickled by reference, under this name.
    cls.__module__ = "evergraph.protos"
    cls.__qualname__ = outer + descriptor.name
    # protobuf's own would look nested classes up in the default pool.
    cls.__reduce__ = _reduce  # type: ignore[method-assign, assignment]  # see above
    _CLASSES[descriptor.full_name] = cls
    for nested in descriptor.nested_types:
        setattr(cls, nested.name, _message_class(nested, f"{cls.__qualname__}."))
    return cls


def _reduce(message: Message) -> tuple[Any, ...]:
    return type(message), (), message.__getstate__()


_load()
