"""The methods of the service by name, with the messages that they take and give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from evergraph import protos
from evergraph.plugin import errors
from evergraph_grpc.protos import SERVICE, Status


@dataclass(frozen=True)
class Method:
    """One method.

    Attributes:
      path: as gRPC has it.
      request, response: the messages.
    """

    path: str
    request: type[Message]
    response: type[Message]


#: All methods. Two of them are streams: `Upload` in one direction, `Download` in the other.
METHODS: Final = {
    method.name: Method(
        f"/{SERVICE}/{method.name}",
        GetMessageClass(method.input_type),
        GetMessageClass(method.output_type),
    )
    for method in protos.POOL.FindServiceByName(SERVICE).methods
}
UPLOAD: Final = "Upload"
DOWNLOAD: Final = "Download"


def fill_status(status: Status, error: errors.OpError, text: str) -> None:
    """Write an error, with this text, into a response."""
    status.code = error.error_code
    # Names of files may hold what is no text.
    status.message = text.encode("utf-8", "backslashreplace").decode()
    if error.op is not None:
        status.node = error.op.name


def error_of(code: int, message: str) -> errors.OpError:
    """Return an error of a code; one of no known kind if there is no such code."""
    try:
        kind: Any = errors.exception_type_from_error_code(code)
    except KeyError:
        kind = errors.UnknownError
    error: errors.OpError = kind(None, None, message)
    return error
