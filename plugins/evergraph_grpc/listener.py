"""`Listener`: gRPC's server in front of a `Master`; who may connect, and how much may come in."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import grpc

from evergraph.plugin import errors
from evergraph_grpc import local, pieces
from evergraph_grpc.addresses import Address, is_local, split
from evergraph_grpc.master import Master
from evergraph_grpc.methods import DOWNLOAD, METHODS, UPLOAD
from evergraph_grpc.settings import Credentials
from evergraph_grpc.threads import CallThreads

#: How long calls that are under way may take to end when the server stops.
_STOPPING_SECONDS: Final = 1.0


class Listener:
    """Listens at an address.

    Args:
      master: answers.
      address: `HOST:PORT`, where 0 is any free port, or `unix:/PATH`.
      shown: certificates, and the token that clients must have.
      insecure: whether anyone may connect, from anywhere, unencrypted.

    Raises:
      FailedPreconditionError: others than this machine could connect, and nothing protects it.
      UnavailableError: the address is in use, or not one of this machine.
    """

    def __init__(
        self, master: Master, address: str, shown: Credentials, insecure: bool = False
    ) -> None:
        check_protected(address, shown, insecure)
        self._master = master
        calls = master.limits.calls
        self._server = grpc.server(
            CallThreads(),  # type: ignore[arg-type, unused-ignore]  # any executor will do
            handlers=[_Handlers(master)],
            interceptors=[_TokenCheck(shown.token)] if shown.token else [],
            options=_options(master),
            maximum_concurrent_rpcs=calls,
        )
        self.address: Final = self._bound(address, shown)
        local.add(self.address, master)

    def _bound(self, address: str, shown: Credentials) -> Address:
        tls = shown.has_tls and not address.startswith("unix:")
        try:
            with _private_sockets():
                if tls:
                    secure = grpc.ssl_server_credentials(
                        [(shown.key, shown.certificate)], shown.ca, require_client_auth=True
                    )
                    port = self._server.add_secure_port(address, secure)
                else:
                    port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise errors.UnavailableError(
                None, None, f"cannot listen at {address}: {error}"
            ) from None
        if address.startswith("unix:"):
            return Address(address)
        return Address(f"{address.rpartition(':')[0]}:{port}", tls)

    def start(self) -> None:
        """Answer calls from now on."""
        self._server.start()
        self._master.start()

    def stop(self) -> None:
        """Answer no more; sessions end."""
        local.remove(self.address)
        self._master.stop()
        self._server.stop(_STOPPING_SECONDS).wait()

    def wait(self) -> None:
        """Return when the server has stopped."""
        self._server.wait_for_termination()


def check_protected(address: str, shown: Credentials, insecure: bool) -> None:
    """Raise FailedPreconditionError if anyone could connect from elsewhere, and it is not meant."""
    if address.startswith("unix:") or insecure or shown.has_tls or shown.token:
        return
    host, _ = split(address)
    if is_local(host):
        return
    raise errors.FailedPreconditionError(
        None,
        None,
        f"{address} can be reached from other machines, and whoever connects runs programs here. "
        "Give certificates (--tls-ca, --tls-cert, --tls-key; EVERGRAPH_GRPC_CA, …), or a token "
        "(EVERGRAPH_GRPC_TOKEN) on a network where nobody listens; or allow everyone by --insecure "
        "(EVERGRAPH_GRPC_INSECURE=1).",
    )


@contextmanager
def _private_sockets() -> Iterator[None]:
    """Let only this user connect to sockets that are made."""
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


def _options(master: Master) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", master.limits.message_bytes),
        ("grpc.max_send_message_length", -1),
        # Two servers at one port would share its clients.
        ("grpc.so_reuseport", 0),
        ("grpc.max_concurrent_streams", 256),
        ("grpc.server_handshake_timeout_ms", 10_000),
        # Clients ask whether the server is there.
        ("grpc.http2.min_ping_interval_without_data_ms", 300),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 300),
        ("grpc.keepalive_permit_without_calls", 1),
        # A client that has vanished without a word.
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 10_000),
    ]


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Finds what answers a call."""

    def __init__(self, master: Master) -> None:
        self._handlers = {method.path: _handler(master, name) for name, method in METHODS.items()}

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of a method; None if there is none."""
        return self._handlers.get(handler_call_details.method)


def _handler(master: Master, name: str) -> Any:
    method = METHODS[name]
    codecs = [method.request.FromString, method.response.SerializeToString]
    if name == UPLOAD:

        def upload(chunks: Any, call: Any) -> Any:
            del call
            response = method.response()
            master.upload(chunks, response)
            return response

        return grpc.stream_unary_rpc_method_handler(upload, pieces.read, codecs[1])
    if name == DOWNLOAD:

        def download(request: Any, call: Any) -> Any:
            del call
            return master.download(request)

        return grpc.unary_stream_rpc_method_handler(download, codecs[0], pieces.written)
    return grpc.unary_unary_rpc_method_handler(
        lambda request, call: master.answer(name, request, call), *codecs
    )


class _TokenCheck(grpc.ServerInterceptor):  # type: ignore[misc]  # as above
    """Refuses calls without the token."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

        def refuse(request: Any, call: Any) -> None:
            del request
            call.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing, or a wrong one")

        self._refusal = grpc.unary_unary_rpc_method_handler(refuse)

    def intercept_service(
        self, continuation: Callable[[Any], Any], handler_call_details: Any
    ) -> Any:
        """Return the handler of a call."""
        given = dict(handler_call_details.invocation_metadata).get("authorization", "")
        data = given if isinstance(given, bytes) else given.encode()
        if hmac.compare_digest(data, self._wanted):
            return continuation(handler_call_details)
        return self._refusal
