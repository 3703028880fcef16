"""The engine of a session whose steps run on a server."""

from __future__ import annotations

import itertools
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from evergraph import protos
from evergraph.plugin import errors
from evergraph.targets import (
    HANDLE_OPS,
    Cancellation,
    Changes,
    DeviceAttributes,
    Explanation,
    Graph,
    NodePlacement,
    Operation,
    Release,
    Tensor,
    Watch,
    check_device_count,
    handle_releaser,
    located,
    releaser,
    seconds,
)
from evergraph_grpc import events
from evergraph_grpc.connection import connect, disconnect
from evergraph_grpc.kept import Kept, RemoteValues
from evergraph_grpc.methods import error_of
from evergraph_grpc.protos import (
    CURRENT,
    CancelRequest,
    CloseSessionRequest,
    CreateSessionRequest,
    DescribeStepRequest,
    DescribeStepResponse,
    ExtendSessionRequest,
    ListDevicesRequest,
    MakeCallableRequest,
    NamedValue,
    Options,
    PartialRunSetupRequest,
    ReleaseCallableRequest,
    ResetRequest,
    RunCallableRequest,
    RunStepRequest,
    RunStepResponse,
    Signature,
    Status,
    Value,
)
from evergraph_grpc.values import PIECE

#: Steps whose names are not sent again.
MAX_STEPS: Final = 512
#: How long a task of a cluster waits for another one to come up.
_PATIENCE_SECONDS: Final = 30.0
#: How long a server may take to end a session.
_CLOSING_SECONDS: Final = 2.0
#: What is granted to a server beyond the time limit of a step, to tell that it is up.
_GRACE_SECONDS: Final = 1.0


class RemoteEngine:
    """Runs the steps of a graph on a server, where a copy of the graph is.

    The session there begins with the first step, so that a server may start after its clients.

    Args:
      target: of the server.
      graph, config: of the session.
      is_part: whether it runs a part of the steps of another task, which waits for the server to
        come up.

    Raises:
      InvalidArgumentError: the target is no address.
      FailedPreconditionError: certificates are missing.
      NotFoundError: the configuration has no CPU.
    """

    def __init__(
        self,
        target: str,
        graph: Graph,
        config: protos.ConfigProto,
        is_part: bool = False,
    ) -> None:
        check_device_count(config)
        self._key, self.connection = connect(target)
        self._graph = graph
        self._config = config
        self._is_part = is_part
        self._changes = Changes(graph)
        self._lock = threading.RLock()
        self._session = ""
        self._process = os.getpid()
        self._steps: dict[Any, RemoteStep] = {}
        self._numbers = itertools.count(1)
        self._life = threading.Lock()
        self._closed = False
        self._users = 0
        #: Names of kept values that nobody has a handle of any more.
        self.dropped: deque[str] = deque()

    # The session on the server

    @property
    def session(self) -> str:
        """The name of the session on the server, begun if need be."""
        if not self._session:
            with self._lock:
                if not self._session:
                    self._session = self._create()
        return self._session

    def _create(self) -> str:
        request = CreateSessionRequest(
            version=CURRENT, config=self._config, only_here=self._is_part
        )
        patience = seconds(self._config.operation_timeout_in_ms)
        if self._is_part and patience is None:
            patience = _PATIENCE_SECONDS
        response = self.connection.call("CreateSession", request, patience, wait=True)
        self.check(response.status)
        name: str = response.session
        self.connection.heart.add(name, self, response.lease_seconds)
        return name

    def extended(self) -> str:
        """Let the server have the graph as it is now; return the name of the session."""
        session = self.session
        while self.dropped:
            values = RemoteValues(self)
            values.forget(self.dropped.popleft())
        if self._changes.pending() is not None:
            with self._lock:
                change = self._changes.pending()
                if change is not None:
                    self._extend(session, change.graph_def, change.whole)
                    self._changes.accept(change)
        return session

    def _extend(self, session: str, graph_def: protos.GraphDef, whole: bool) -> None:
        request = ExtendSessionRequest(session=session, replaces=whole)
        if graph_def.ByteSize() > PIECE:
            content = graph_def.SerializeToString()
            request.transfer = self.connection.upload(session, content)
        else:
            request.graph.CopyFrom(graph_def)
        self.check(self.connection.call("ExtendSession", request).status)

    def check(self, status: Status) -> None:
        """Raise the error of a response, if it has one, at the operation of this graph."""
        if not status.code:
            return
        error = error_of(status.code, status.message)
        if status.node:
            try:
                raise located(self._graph.get_operation_by_name(status.node), error)
            except KeyError:
                pass  # a node of the server's own
        raise error

    @contextmanager
    def used(self) -> Iterator[None]:
        """Let the connection last until the block ends, even if the session is closed meanwhile.

        Raises:
          CancelledError: the session is closed already.
        """
        with self._life:
            if self._closed:
                raise errors.CancelledError(None, None, "Session has been closed.")
            self._users += 1
        try:
            yield
        finally:
            with self._life:
                self._users -= 1
                was_last = self._closed and not self._users
            if was_last:
                disconnect(self._key)

    def call_step(self, method: str, request: Any, context: RemoteContext) -> RunStepResponse:
        """Run a step there, and tell an observer about its nodes.

        Raises:
          OpError: it failed.
        """
        session, step = request.session, next(self._numbers)
        request.step = step
        watch, timeout = context.watch, None
        if watch is not None:
            request.options.CopyFrom(options_of(watch))
            timeout = None if watch.timeout is None else watch.timeout + _GRACE_SECONDS
        if context.cancellation is not None:
            context.cancellation.future.add_done_callback(lambda _: self._cancel(session, step))
        response: RunStepResponse
        try:
            response = self.connection.call(method, request, timeout)
        except (KeyboardInterrupt, errors.DeadlineExceededError):
            self._cancel(session, step)
            raise
        if watch is not None and watch.observer is not None:
            events.tell(response.event, watch.observer)
        if self._closed and response.status.code == errors.ABORTED:
            # The session was closed here between two calls.
            raise errors.CancelledError(None, None, "Run call was cancelled")
        self.check(response.status)
        return response

    def _cancel(self, session: str, step: int) -> None:
        request = CancelRequest(session=session, step=step)
        try:
            self.connection.call("Cancel", request, _CLOSING_SECONDS)
        except errors.OpError:
            return  # it ends with its call

    def encode(self, session: str, values: Sequence[Any]) -> list[Value]:
        """Return the messages of values; what is too much for one message is uploaded."""
        room, messages = PIECE, []
        for value in values:
            if isinstance(value, Kept):
                messages.append(Value(kept=value.name))
                continue
            message = self.connection.encode(session, value, room)
            room -= len(message.content)
            messages.append(message)
        return messages

    def decode(
        self, session: str, messages: Sequence[Value], tensors: Sequence[Tensor]
    ) -> list[Any]:
        """Return the values of fetched tensors."""
        values = []
        for message, tensor in zip(messages, tensors, strict=True):
            if message.kept:
                values.append(Kept(message.kept))
            else:
                values.append(self.connection.decode(session, message, tensor.dtype.base_dtype))
        return values

    # What a session asks for

    def step(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        done: Sequence[Operation] = (),
    ) -> RemoteStep:
        """Return the step for these; see `SessionEngine.step`.

        Nothing waits for operations that are `done`, and none of them runs.
        """
        key = (tuple(wanted), tuple(operations), tuple(fed), self._graph._mutations, tuple(done))
        dropped = None
        with self._lock:
            step = self._steps.pop(key, None) or RemoteStep(self, wanted, operations, fed, done)
            self._steps[key] = step
            if len(self._steps) > MAX_STEPS:
                dropped = self._steps.pop(next(iter(self._steps)))
        if dropped is not None:
            dropped.release()
        return step

    def partial_run(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        watch: Watch | None = None,
    ) -> RemotePartialRun:
        """Begin a partial run; see `SessionEngine.partial_run`."""
        return RemotePartialRun(self, wanted, operations, fed, watch)

    def releaser(self, tensor: Tensor) -> Release:
        """Return what makes a fetched value the caller's own."""
        if tensor.op.type in HANDLE_OPS:
            return handle_releaser(tensor, RemoteValues(self))
        return releaser(tensor.dtype.base_dtype, None)

    def explain(self, step: RemoteStep | None) -> Explanation:
        """Say which node of a step runs where, and why."""
        response = self._described(step)
        nodes = [
            NodePlacement(n.name, n.type, n.where, n.device, n.region, n.reason)
            for n in response.node
        ]
        return Explanation(response.backend, nodes, list(response.compilations))

    def partition_graphs(self, step: RemoteStep) -> list[protos.GraphDef]:
        """Return what a step runs as graphs, one for each device."""
        return list(self._described(step).partition)

    def _described(self, step: RemoteStep | None) -> DescribeStepResponse:
        request = DescribeStepRequest(session=self.extended())
        if step is not None:
            request.signature.CopyFrom(step.signature)
        response: DescribeStepResponse = self.connection.call("DescribeStep", request)
        self.check(response.status)
        return response

    def devices(self) -> list[DeviceAttributes]:
        """Return the devices of the server, and of the others of its cluster."""
        response = self.connection.call("ListDevices", ListDevicesRequest(session=self.session))
        self.check(response.status)
        return [
            DeviceAttributes(d.name, d.type, d.memory_limit, d.incarnation) for d in response.device
        ]

    def check_alive(self) -> None:
        """Raise FailedPreconditionError in a child of the process that made the session."""
        if os.getpid() != self._process:
            raise errors.FailedPreconditionError(
                None,
                None,
                "The process was forked after a session of another process was made, and its "
                "connection does not exist in the child. Start processes by "
                "multiprocessing.get_context('spawn'), or make the session in the child.",
            )

    def locks(self) -> list[Any]:
        """Return its locks."""
        return [self._lock]

    def close(self) -> None:
        """End the session there.

        TF: raises if the server has vanished, or has ended the session. Here nothing is left to be
        done then.
        """
        with self._life:
            if self._closed:
                return
            self._closed = True
            self._users += 1
        if os.getpid() != self._process:
            return
        session = self._session
        if session:
            self.connection.heart.remove(session)
            request = CloseSessionRequest(session=session)
            with suppress(errors.OpError):
                self.connection.call("CloseSession", request, _CLOSING_SECONDS)
        self._steps.clear()
        with self._life:
            self._users -= 1
            was_last = not self._users
        if was_last:
            disconnect(self._key)


def signature_of(
    wanted: Sequence[Tensor],
    operations: Sequence[Operation],
    fed: Sequence[Tensor],
    done: Sequence[Operation] = (),
) -> Signature:
    """Return the names of what a step fetches, runs and feeds."""
    return Signature(
        feed=[t.name for t in fed],
        fetch=[t.name for t in wanted],
        target=[op.name for op in operations],
        done=[op.name for op in done],
    )


def options_of(watch: Watch) -> Options:
    """Return what is watched in a run."""
    return Options(timeout_seconds=watch.timeout or 0.0, trace=watch.observer is not None)


class RemoteContext:
    """Belongs to one run.

    Args:
      watch: what is watched.

    Attributes:
      cancellation: lets the run stop, if somebody may ask for that.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        self.watch = watch or None
        self.cancellation: Cancellation | None = None


class RemoteStep:
    """A step that runs on a server. When it runs again, its names are known there.

    Args:
      engine: of the session.
      wanted, operations, fed: what it fetches, runs and feeds.
      done: operations that have run elsewhere.
    """

    def __init__(
        self,
        engine: RemoteEngine,
        wanted: Sequence[Tensor],
        operations: Sequence[Operation],
        fed: Sequence[Tensor],
        done: Sequence[Operation] = (),
    ) -> None:
        self.signature = signature_of(wanted, operations, fed, done)
        self._engine = engine
        self._wanted = tuple(wanted)
        self._ran = False
        self._callable = 0

    def context(self, watch: Watch | None = None) -> RemoteContext:
        """Return the context of one run."""
        return RemoteContext(watch)

    def __call__(
        self, values: Sequence[Any], context: RemoteContext | None = None
    ) -> Sequence[Any]:
        """Run the step; see `SessionStep`."""
        with self._engine.used():
            return self._run(values, context or RemoteContext())

    def _run(self, values: Sequence[Any], context: RemoteContext) -> Sequence[Any]:
        engine = self._engine
        session = engine.extended()
        feeds = engine.encode(session, values)
        if self._ran:
            number = self._callable or self._make_callable(session)
            again = RunCallableRequest(session=session, callable=number, feed=feeds)
            response = engine.call_step("RunCallable", again, context)
        else:
            signature = self.signature
            request = RunStepRequest(
                session=session,
                feed=[
                    NamedValue(name=n, value=v) for n, v in zip(signature.feed, feeds, strict=True)
                ],
                fetch=signature.fetch,
                target=signature.target,
                done=signature.done,
            )
            response = engine.call_step("RunStep", request, context)
            self._ran = True
        return engine.decode(session, response.value, self._wanted)

    def _make_callable(self, session: str) -> int:
        request = MakeCallableRequest(session=session, signature=self.signature)
        response = self._engine.connection.call("MakeCallable", request)
        self._engine.check(response.status)
        self._callable = response.callable
        return self._callable

    def release(self) -> None:
        """Let the server forget the names."""
        if self._callable:
            request = ReleaseCallableRequest(
                session=self._engine.session, callable=[self._callable]
            )
            self._callable, self._ran = 0, False
            self._engine.check(self._engine.connection.call("ReleaseCallable", request).status)


class RemotePartialRun:
    """A partial run on a server; see `SessionPartialRun`.

    Args:
      engine: of the session.
      wanted, operations, fed: what it will fetch, run and feed.
      watch: what the session watches in every run.
    """

    def __init__(
        self,
        engine: RemoteEngine,
        wanted: Sequence[Tensor],
        operations: Sequence[Operation],
        fed: Sequence[Tensor],
        watch: Watch | None,
    ) -> None:
        self._engine = engine
        self._watch = watch
        self._left = {t.name for t in (*wanted, *fed)}
        self._failed = False
        session = engine.extended()
        request = PartialRunSetupRequest(
            session=session, signature=signature_of(wanted, operations, fed)
        )
        if watch is not None:
            request.options.CopyFrom(options_of(watch))
        response = engine.connection.call("PartialRunSetup", request)
        engine.check(response.status)
        self._handle: str = response.partial_run

    @property
    def finished(self) -> bool:
        """Whether everything has been fed and fetched."""
        return not self._left

    @property
    def failed(self) -> bool:
        """Whether a node has failed."""
        return self._failed

    def run(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> list[Any]:
        """Go on with the run."""
        with self._engine.used():
            return self._run(values, wanted)

    def _run(self, values: Mapping[Tensor, Any], wanted: Sequence[Tensor]) -> list[Any]:
        engine = self._engine
        session = engine.extended()
        feeds = engine.encode(session, list(values.values()))
        request = RunStepRequest(
            session=session,
            feed=[NamedValue(name=t.name, value=v) for t, v in zip(values, feeds, strict=True)],
            fetch=[t.name for t in wanted],
            partial_run=self._handle,
        )
        try:
            response = engine.call_step("RunStep", request, RemoteContext(self._watch))
        except errors.OpError as error:
            self._failed = error.op is not None
            raise
        self._left -= {t.name for t in (*values, *wanted)}
        return engine.decode(session, response.value, wanted)


def reset(target: str, containers: Sequence[str], config: protos.ConfigProto) -> None:
    """Empty containers of a server (all, if none is named), and end its sessions.

    Raises:
      OpError: there is no such server.
    """
    key, connection = connect(target)
    try:
        request = ResetRequest(container=containers)
        timeout = seconds(config.operation_timeout_in_ms)
        status = connection.call("Reset", request, timeout, wait=True).status
    finally:
        disconnect(key)
    if status.code:
        raise error_of(status.code, status.message)
