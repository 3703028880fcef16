"""`Master`: the sessions of a server, and the containers that outlive them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.plugin import errors
from evergraph.targets import (
    Containers,
    Engine,
    Graph,
    Resources,
    bare_message,
)
from evergraph_grpc.cluster import Cluster
from evergraph_grpc.events import Collector
from evergraph_grpc.hosted import HostedEngine, HostedSession
from evergraph_grpc.methods import METHODS, fill_status
from evergraph_grpc.partition import PartitionedEngine
from evergraph_grpc.protos import CURRENT, Chunk, KeptValueRequest, Signature
from evergraph_grpc.settings import Limits
from evergraph_grpc.values import PIECE

#: Logical devices of a session, by `device_count`.
_MAX_DEVICES: Final = 1024


class Master:
    """Answers the calls of clients.

    Args:
      task: that the server is: `/job:NAME/replica:0/task:NUMBER`.
      backend: the name of the backend of all sessions, which share what is in containers.
      defaults: what sessions have that do not say otherwise.
      limits: of what clients may use.
      cluster: the other tasks, if there are any.
    """

    def __init__(
        self,
        task: str,
        backend: str,
        defaults: protos.ConfigProto,
        limits: Limits,
        cluster: Cluster | None = None,
    ) -> None:
        self.task: Final = task
        self.backend: Final = backend
        self.limits: Final = limits
        self.stopped = False
        self.containers = Containers()
        self._defaults = defaults
        self._cluster = cluster if cluster is not None and cluster.others else None
        self._lock = threading.Lock()
        self._sessions: dict[str, HostedSession] = {}
        self._ended = threading.Event()
        self._methods: dict[str, Callable[[Any, Any, Any], None]] = {
            "CreateSession": self._create_session,
            "ExtendSession": self._extend_session,
            "RunStep": self._run_step,
            "PartialRunSetup": self._partial_run_setup,
            "MakeCallable": self._make_callable,
            "RunCallable": self._run_callable,
            "ReleaseCallable": self._release_callable,
            "DescribeStep": self._describe_step,
            "KeptValue": self._kept_value,
            "Cancel": self._cancel,
            "CloseSession": self._close_session,
            "ListDevices": self._list_devices,
            "Reset": self._reset,
            "Health": self._health,
        }

    def answer(self, method: str, request: Any, call: Any) -> Any:
        """Answer a call.

        Args:
          method: its name.
          request: the message.
          call: of gRPC, which tells when the client has gone; None for a client of this process.

        Returns:
          The response, which also tells what failed.
        """
        response: Any = METHODS[method].response()
        try:
            self._methods[method](request, response, call)
        except errors.OpError as error:
            fill_status(response.status, error, self._told(error))
        except (TypeError, ValueError, OverflowError) as error:
            # What a client of ours would not have sent.
            response.status.code = errors.INVALID_ARGUMENT
            response.status.message = f"{type(error).__name__}: {error}"
        return response

    def _told(self, error: errors.OpError) -> str:
        text = bare_message(error)
        # What another task has said, is from there.
        if error.op is None or text.startswith("From /job:"):
            return text
        return f"From {self.task}:\n{text}"

    def session(self, name: str) -> HostedSession:
        """Return a session, whose lease begins anew.

        Raises:
          AbortedError: there is none, or no longer.
        """
        found = self._sessions.get(name)
        if found is None:
            raise errors.AbortedError(None, None, f"Session {name} is not found.")
        found.heard = time.monotonic()
        return found

    # Sessions

    def _create_session(self, request: Any, response: Any, call: Any) -> None:
        if request.version != CURRENT:
            raise errors.FailedPreconditionError(
                None,
                None,
                f"the client speaks version {request.version} of the protocol, and the server "
                f"version {CURRENT}: install the same evergraph at both ends",
            )
        config = protos.ConfigProto()
        config.CopyFrom(self._defaults)
        config.MergeFrom(request.config)
        if config.backend not in ("", self.backend):
            raise errors.FailedPreconditionError(
                None,
                None,
                f"the server runs backend {self.backend!r}, and the session asks for "
                f"{config.backend!r}",
            )
        config.backend = self.backend
        if sum(config.device_count.values()) > _MAX_DEVICES:
            raise errors.ResourceExhaustedError(
                None, None, f"a session may have {_MAX_DEVICES} devices"
            )
        resources = Resources(None if config.isolate_session_state else self.containers)

        def engine(graph: Graph, resources: Resources) -> HostedEngine:
            own = Engine(graph, config, resources, self.task, self._cluster is not None)
            if self._cluster is None or request.only_here:
                return own
            return PartitionedEngine(graph, config, own, self._cluster)

        session = HostedSession(
            secrets.token_hex(8), engine, resources, self.limits, is_local=call is None
        )
        with self._lock:
            full = len(self._sessions) >= self.limits.sessions
            if not full and not self.stopped:
                self._sessions[session.name] = session
        if full or self.stopped:
            session.close()
            raise errors.ResourceExhaustedError(
                None, None, f"the server has {self.limits.sessions} sessions, and takes no more"
            )
        response.session, response.task = session.name, self.task
        response.backend, response.lease_seconds = self.backend, self.limits.lease_seconds

    def _extend_session(self, request: Any, response: Any, call: Any) -> None:
        del response, call
        session = self.session(request.session)
        graph_def = request.graph
        if request.transfer:
            try:
                content = bytes(session.transfers.take(request.transfer))
                graph_def = protos.GraphDef.FromString(content)
            except DecodeError as error:
                raise errors.InvalidArgumentError(None, None, f"no GraphDef: {error}") from None
        session.extend(graph_def, request.replaces)

    def _close_session(self, request: Any, response: Any, call: Any) -> None:
        del response, call
        with self._lock:
            session = self._sessions.pop(request.session, None)
        if session is None:
            raise errors.AbortedError(
                None,
                None,
                f"Session {request.session} is not found. Possibly, this master has restarted.",
            )
        session.close()

    def _reset(self, request: Any, response: Any, call: Any) -> None:
        del response, call
        self._end_sessions(self._sessions)
        self.containers.clear(set(request.container))
        if self._cluster is not None and not request.only_here:
            self._cluster.reset(request.container)

    def _health(self, request: Any, response: Any, call: Any) -> None:
        del call
        for name in request.session:
            try:
                self.session(name)
            except errors.AbortedError:
                response.lost.append(name)
        response.version, response.sessions = CURRENT, len(self._sessions)

    # Steps

    def _run_step(self, request: Any, response: Any, call: Any) -> None:
        session = self.session(request.session)
        if request.partial_run:
            feeds = [(named.name, named.value) for named in request.feed]
            response.value.extend(session.go_on(request.partial_run, feeds, request.fetch))
            return
        signature = Signature(
            feed=[named.name for named in request.feed],
            fetch=request.fetch,
            target=request.target,
            done=request.done,
        )
        prepared = session.prepare(signature)
        self._run(session, prepared, [n.value for n in request.feed], request, response, call)

    def _run_callable(self, request: Any, response: Any, call: Any) -> None:
        session = self.session(request.session)
        prepared = session.callable(request.callable)
        if len(request.feed) != len(prepared.fed):
            raise errors.InvalidArgumentError(
                None,
                None,
                f"Expected {len(prepared.fed)} feed tensors, but got {len(request.feed)}",
            )
        self._run(session, prepared, request.feed, request, response, call)

    def _run(
        self,
        session: HostedSession,
        prepared: Any,
        feeds: Any,
        request: Any,
        response: Any,
        call: Any,
    ) -> None:
        collector = Collector(f"{self.task}/device:CPU:0")
        on_end = None if call is None else call.add_callback
        try:
            values = session.run(prepared, feeds, request.step, request.options, collector, on_end)
            response.value.extend(values)
        finally:
            response.event.extend(collector.events)

    def _partial_run_setup(self, request: Any, response: Any, call: Any) -> None:
        del call
        session = self.session(request.session)
        response.partial_run = session.begin(request.signature, request.options)

    def _make_callable(self, request: Any, response: Any, call: Any) -> None:
        del call
        session = self.session(request.session)
        response.callable = session.add_callable(request.signature)

    def _release_callable(self, request: Any, response: Any, call: Any) -> None:
        del response, call
        self.session(request.session).release_callables(request.callable)

    def _cancel(self, request: Any, response: Any, call: Any) -> None:
        del response, call
        self.session(request.session).cancel(request.step)

    def _describe_step(self, request: Any, response: Any, call: Any) -> None:
        del call
        session = self.session(request.session)
        step = None
        if request.HasField("signature"):
            step = session.prepare(request.signature).step
            response.partition.extend(session.engine.partition_graphs(step))
        explained = session.engine.explain(step)
        response.backend = explained.backend
        for node in explained.nodes:
            response.node.add(
                name=node.name,
                type=node.type,
                where=node.where,
                device=node.device,
                region=node.region,
                reason=node.reason,
            )
        response.compilations.extend(explained.compilations)

    def _kept_value(self, request: Any, response: Any, call: Any) -> None:
        del call
        session = self.session(request.session)
        response.exists = request.name in session.resources.kept
        if request.action == KeptValueRequest.FETCH:
            response.dtype, value = session.kept_message(request.name)
            response.value.CopyFrom(value)
        elif request.action == KeptValueRequest.FORGET:
            session.resources.kept.pop(request.name, None)

    def _list_devices(self, request: Any, response: Any, call: Any) -> None:
        del call
        for device in self.session(request.session).engine.devices():
            response.device.add(
                name=device.name,
                type=device.device_type,
                memory_limit=device.memory_limit_bytes,
                incarnation=device.incarnation,
            )

    # Streams

    def upload(self, chunks: Iterator[Chunk | memoryview], response: Any) -> None:
        """Take the pieces of a value; the first one says how large it is."""
        try:
            first = next(chunks, None)
            if not isinstance(first, Chunk):
                raise errors.InvalidArgumentError(None, None, "an upload begins with its size")
            transfers = self.session(first.session).transfers
            transfers.reserve(first.total_bytes)
            received = False
            try:
                content = _joined(first.total_bytes, chunks)
                received = True
            finally:
                if not received:
                    transfers.release(first.total_bytes)
            response.transfer = transfers.put(content, reserved=True)
        except errors.OpError as error:
            fill_status(response.status, error, error.message)

    def download(self, request: Any) -> Iterator[Chunk | memoryview]:
        """Give the pieces of a value."""
        try:
            content = self.session(request.session).transfers.take(request.transfer)
        except errors.OpError as error:
            chunk = Chunk()
            fill_status(chunk.status, error, error.message)
            yield chunk
            return
        yield Chunk(total_bytes=len(content))
        for start in range(0, len(content), PIECE):
            yield content[start : start + PIECE]

    # Life

    def start(self) -> None:
        """End sessions that are not heard of, from now on."""
        threading.Thread(target=self._reap, name="evergraph-leases", daemon=True).start()

    def _reap(self) -> None:
        lease = self.limits.lease_seconds
        while not self._ended.wait(min(lease / 4, 15.0)):
            limit = time.monotonic() - lease
            self._end_sessions([n for n, s in list(self._sessions.items()) if s.heard < limit])

    def _end_sessions(self, names: Iterable[str]) -> None:
        for name in list(names):
            with self._lock:
                session = self._sessions.pop(name, None)
            if session is not None:
                session.close()

    def stop(self) -> None:
        """End all sessions, and forget everything.."""
        self.stopped = True
        self._ended.set()
        self._end_sessions(self._sessions)
        self.containers.clear()


def _joined(size: int, pieces: Iterable[Chunk | memoryview]) -> memoryview:
    """Return pieces as one.

    Raises:
      DataLossError: they are not of that size.
    """
    # Not cleared: all of it is written, or it is given up.
    content, filled = np.empty(size, np.uint8).data, 0
    for piece in pieces:
        end = filled + len(piece) if isinstance(piece, memoryview) else size + 1
        if end > size:
            break
        content[filled:end] = piece  # type: ignore[assignment]  # checked above
        filled = end
    else:
        if filled == size:
            return content
    raise errors.DataLossError(None, None, "an upload has another size than it says")
