"""Connections of clients: over gRPC, or straight to a server of the same process."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any, Final, Protocol

import grpc
import numpy as np
from google.protobuf.message import Message

from evergraph.plugin import DType, errors
from evergraph_grpc import local, pieces
from evergraph_grpc.addresses import Address, parsed
from evergraph_grpc.heart import Heart
from evergraph_grpc.methods import DOWNLOAD, METHODS, UPLOAD, error_of
from evergraph_grpc.protos import Chunk, DownloadRequest, Value
from evergraph_grpc.settings import Credentials, credentials
from evergraph_grpc.values import PIECE, content_of, empty, value_of

#: A server that is silent for so long, while a call is under way, has vanished.
SILENCE_MS: Final = 500
PING_MS: Final = 1000
OPTIONS: Final = (
    ("grpc.max_receive_message_length", 256 << 20),
    ("grpc.max_send_message_length", 256 << 20),
    # A call is made once: what it does may not be done twice.
    ("grpc.enable_retries", 0),
    ("grpc.keepalive_time_ms", SILENCE_MS),
    ("grpc.keepalive_timeout_ms", PING_MS),
    ("grpc.http2.ping_timeout_ms", PING_MS),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    # Two processes of one machine say things to each other that are not for a proxy.
    ("grpc.enable_http_proxy", 0),
)


class Connection(Protocol):
    """Calls methods of a server."""

    heart: Heart

    def call(
        self, method: str, request: Message, timeout: float | None = None, wait: bool = False
    ) -> Any:
        """Call a method, and return its response.

        Args:
          method: its name.
          request: its message.
          timeout: seconds that it may take.
          wait: whether the server may come up in that time.

        Raises:
          UnavailableError: there is no server, or it has vanished.
          DeadlineExceededError: the time is up.
          OpError: the call failed otherwise. What failed in a step is in the response.
        """
        ...

    def upload(self, session: str, content: Any) -> str:
        """Upload bytes; return the name of the upload."""
        ...

    def encode(self, session: str, value: Any, room: int) -> Value:
        """Return the message of a value; one of more bytes than there is room for is uploaded."""
        ...

    def decode(self, session: str, message: Value, dtype: DType) -> Any:
        """Return the value of a message, as the caller's own."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class GrpcConnection:
    """A connection over gRPC.

    Args:
      address: of the server.
      shown: credentials.
    """

    def __init__(self, address: Address, shown: Credentials) -> None:
        self._target = address.target
        self._channel = _channel(address, shown)
        self._metadata = (("authorization", f"Bearer {shown.token}"),) if shown.token else None
        self._stubs = {name: self._stub(name) for name in METHODS}
        self.heart = Heart(self)

    def _stub(self, name: str) -> Any:
        method = METHODS[name]
        if name == UPLOAD:
            return self._channel.stream_unary(
                method.path, pieces.written, method.response.FromString
            )
        if name == DOWNLOAD:
            return self._channel.unary_stream(
                method.path, method.request.SerializeToString, pieces.read
            )
        return self._channel.unary_unary(
            method.path, method.request.SerializeToString, method.response.FromString
        )

    def call(
        self, method: str, request: Message, timeout: float | None = None, wait: bool = False
    ) -> Any:
        """Call a method; see `Connection`."""
        try:
            return self._stubs[method](
                request,
                timeout=timeout,
                metadata=self._metadata,
                wait_for_ready=wait and timeout is not None,
            )
        except grpc.RpcError as error:
            raise self._as_op_error(error) from None
        except ValueError as error:
            if "closed channel" not in str(error):
                raise
            raise errors.CancelledError(None, None, "Session has been closed.") from None

    def upload(self, session: str, content: Any) -> str:
        """Upload in pieces; see `Connection`."""
        response = self.call(UPLOAD, _chunks(session, memoryview(content)))  # type: ignore[arg-type]  # a stream
        if response.status.code:
            raise error_of(response.status.code, response.status.message)
        name: str = response.transfer
        return name

    def encode(self, session: str, value: Any, room: int) -> Value:
        """Return the message of a value; see `Connection`."""
        dims, content = content_of(value)
        if len(content) > room:
            return Value(dims=dims, transfer=self.upload(session, content))
        return Value(dims=dims, content=content.tobytes())

    def decode(self, session: str, message: Value, dtype: DType) -> Any:
        """Return the value of a message; see `Connection`."""
        if message.transfer:
            return self._download(session, message, dtype)
        value = value_of(message.dims, message.content, dtype)
        # What refers to the message is not the caller's own.
        return value.copy() if isinstance(value, np.ndarray) else value

    def _download(self, session: str, message: Value, dtype: DType) -> Any:
        request = DownloadRequest(session=session, transfer=message.transfer)
        target: Any = None
        array: Any = None
        filled = 0
        try:
            for chunk in self.call(DOWNLOAD, request):
                if isinstance(chunk, Chunk):
                    if chunk.status.code:
                        raise error_of(chunk.status.code, chunk.status.message)
                    if dtype.name == "string":
                        target = memoryview(bytearray(chunk.total_bytes))
                    else:
                        array = empty(message.dims, chunk.total_bytes, dtype)
                        target = content_of(array)[1]
                    continue
                end = filled + len(chunk)
                target[filled:end] = chunk
                filled = end
        except grpc.RpcError as error:
            raise self._as_op_error(error) from None
        if target is None or filled != len(target):
            raise errors.DataLossError(None, None, "a value has arrived in part")
        return value_of(message.dims, target, dtype) if array is None else array

    def _as_op_error(self, error: Any) -> errors.OpError:
        code = error.code()
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return errors.DeadlineExceededError(None, None, "Deadline Exceeded")
        return error_of(code.value[0], f"{self._target}: {error.details() or code.name}")

    def close(self) -> None:
        """Close the channel."""
        self.heart.stop()
        self._channel.close()


def _channel(address: Address, shown: Credentials) -> Any:
    if not address.tls:
        return grpc.insecure_channel(address.name, OPTIONS)
    if not shown.has_tls:
        raise errors.FailedPreconditionError(
            None,
            None,
            f"{address.target} needs certificates: set EVERGRAPH_GRPC_CA, EVERGRAPH_GRPC_CERT and "
            "EVERGRAPH_GRPC_KEY to files in PEM",
        )
    secure = grpc.ssl_channel_credentials(shown.ca, shown.key, shown.certificate)
    return grpc.secure_channel(address.name, secure, OPTIONS)


def _chunks(session: str, content: memoryview) -> Iterator[Chunk | memoryview]:
    yield Chunk(session=session, total_bytes=len(content))
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


class DirectConnection:
    """A connection to a server of this process: calls are function calls, arrays stay arrays.

    Args:
      master: the server's.
    """

    def __init__(self, master: Any) -> None:
        self._master = master
        self.heart = Heart(self)

    def call(
        self, method: str, request: Message, timeout: float | None = None, wait: bool = False
    ) -> Any:
        """Call a method; see `Connection`."""
        del timeout, wait
        if self._master.stopped:
            raise errors.UnavailableError(None, None, "the server has stopped")
        return self._master.answer(method, request, None)

    def upload(self, session: str, content: Any) -> str:
        """Hand bytes over; see `Connection`."""
        name: str = self._master.session(session).transfers.put(memoryview(content))
        return name

    def encode(self, session: str, value: Any, room: int) -> Value:
        """Hand a value over; see `Connection`."""
        del room
        return Value(transfer=self._master.session(session).transfers.put(value))

    def decode(self, session: str, message: Value, dtype: DType) -> Any:
        """Take a value over; see `Connection`."""
        del dtype
        return self._master.session(session).transfers.take(message.transfer)

    def close(self) -> None:
        """Close the connection."""
        self.heart.stop()


class _Shared:
    """The connections of this process; sessions of one target share one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users: dict[Any, tuple[Connection, int]] = {}


_shared = _Shared()


def _after_fork() -> None:
    # What gRPC had is of no use in a child; what it has is not to be closed there.
    global _shared
    _shared = _Shared()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def connect(target: str) -> tuple[Any, Connection]:
    """Return a connection to a target, and its key for `disconnect`.

    Raises:
      InvalidArgumentError: it is no address.
      FailedPreconditionError: certificates are missing.
    """
    address, shown = parsed(target), credentials()
    master = local.find(address)
    key = (address, shown, master)
    with _shared.lock:
        connection, users = _shared.users.get(key, (None, 0))
        if connection is None:
            connection = (
                GrpcConnection(address, shown) if master is None else DirectConnection(master)
            )
        _shared.users[key] = connection, users + 1
    return key, connection


def disconnect(key: Any) -> None:
    """Give a connection back; the last one closes it."""
    with _shared.lock:
        if key not in _shared.users:
            return  # in a child of the process that had it
        connection, users = _shared.users[key]
        if users > 1:
            _shared.users[key] = connection, users - 1
            return
        del _shared.users[key]
    connection.close()
