"""`HostedSession`: the session of a client on a server."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from evergraph import protos
from evergraph.plugin import Backend, errors
from evergraph.targets import (
    HANDLE_OPS,
    Cancellation,
    Graph,
    Operation,
    Release,
    Resources,
    SessionEngine,
    SessionPartialRun,
    SessionStep,
    Tensor,
    Watch,
    check_feedable,
    converter,
    extend_graph,
    registry,
)
from evergraph_grpc.events import Collector
from evergraph_grpc.partition import PartitionedEngine
from evergraph_grpc.protos import Options, Signature, Value
from evergraph_grpc.settings import Limits
from evergraph_grpc.transfers import Transfers
from evergraph_grpc.values import PIECE, content_of, number_of, value_of


class HostedEngine(SessionEngine, Protocol):
    """An engine that keeps values as arrays of a backend's, and may run a part of a step."""

    backend: Backend

    def step(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        *,
        done: Sequence[Operation] = (),
    ) -> SessionStep:
        """Return a step; nothing waits for operations that are `done`, and none of them runs."""
        ...


@dataclass(frozen=True)
class Prepared:
    """A step, with what turns messages into values and back.

    Attributes:
      step: what runs.
      fed: the fed tensors.
      convert: for each of them, what checks a value.
      release: for each fetched tensor, what makes a value of NumPy's.
    """

    step: SessionStep
    fed: list[Tensor]
    convert: list[Any]
    release: list[Release]


class HostedSession:
    """A copy of a client's graph, and the engine that runs it.

    Args:
      name: of the session.
      make_engine: from a graph and resources to an engine.
      resources: of the session.
      limits: of the server.
      is_local: whether the client is this process, so that its Python functions are here.
    """

    def __init__(
        self,
        name: str,
        make_engine: Any,
        resources: Resources,
        limits: Limits,
        is_local: bool,
    ) -> None:
        self.name: Final = name
        self.resources = resources
        self.transfers = Transfers(limits.session_bytes)
        self.heard = time.monotonic()
        self._limits = limits
        self._is_local = is_local
        self._make_engine = make_engine
        self._lock = threading.RLock()
        self._graph = Graph()
        self.engine: HostedEngine = make_engine(self._graph, resources)
        self._prepared: dict[Any, Prepared] = {}
        self._callables: dict[int, Prepared] = {}
        self._partial_runs: dict[str, tuple[SessionPartialRun, dict[str, Tensor]]] = {}
        self._running: dict[int, Cancellation] = {}
        self._count = 0
        self._closed = False

    # The graph

    def extend(self, graph_def: protos.GraphDef, replaces: bool) -> None:
        """Add nodes to the graph, or replace it.

        Raises:
          InvalidArgumentError: the nodes are not valid.
          ResourceExhaustedError: they are too many.
        """
        with self._lock:
            graph = Graph() if replaces else self._graph
            if graph.version + len(graph_def.node) > self._limits.nodes:
                raise errors.ResourceExhaustedError(
                    None, None, f"a graph may have {self._limits.nodes} nodes here"
                )
            try:
                extend_graph(graph, graph_def)
            except (TypeError, ValueError) as error:
                raise errors.InvalidArgumentError(None, None, str(error)) from error
            if replaces:
                if isinstance(self.engine, PartitionedEngine):
                    self.engine.disconnect()
                self._graph = graph
                self.engine = self._make_engine(graph, self.resources)
                self._prepared.clear()

    def _tensors(self, names: Sequence[str]) -> list[Tensor]:
        return [self._element(self._graph.get_tensor_by_name, name) for name in names]

    def _operations(self, names: Sequence[str]) -> list[Operation]:
        return [self._element(self._graph.get_operation_by_name, name) for name in names]

    def _element(self, find: Any, name: str) -> Any:
        try:
            return find(name)
        except (KeyError, ValueError, TypeError) as error:
            raise errors.NotFoundError(None, None, f"{name}: {error.args[0]}") from None

    # Steps

    def prepare(self, signature: Signature) -> Prepared:
        """Return the step of a signature, planned if need be.

        Raises:
          OpError: a name is not one of the graph, or the step cannot be planned.
        """
        key = tuple(map(tuple, (signature.feed, signature.fetch, signature.target, signature.done)))
        found = self._prepared.get(key)
        if found is not None:
            return found
        with self._lock:
            fed = self._tensors(signature.feed)
            wanted = self._tensors(signature.fetch)
            operations = self._operations(signature.target)
            self._check_fed(fed)
            self._check_travels(wanted, operations, fed)
            done = self._operations(signature.done)
            prepared = Prepared(
                self.engine.step(wanted, operations, fed, done=done),
                fed,
                [converter(t) for t in fed],
                [self._releaser(t) for t in wanted],
            )
            if len(self._prepared) >= 512:
                self._prepared.clear()
            self._prepared[key] = prepared
        return prepared

    def _check_fed(self, fed: Sequence[Tensor]) -> None:
        try:
            for tensor in fed:
                check_feedable(self._graph, tensor)
        except ValueError as error:
            raise errors.InvalidArgumentError(None, None, str(error)) from None

    def _check_travels(
        self, wanted: Sequence[Tensor], operations: Sequence[Operation], fed: Sequence[Tensor]
    ) -> None:
        """Refuse nodes that call Python functions, which are in the client's process."""
        if self._is_local:
            return
        stack, seen, given = [*(t.op for t in wanted), *operations], set[Operation](), set(fed)
        while stack:
            op = stack.pop()
            if op in seen:
                continue
            seen.add(op)
            known = registry().get(op.type)
            if known is not None and known.effects == "python":
                raise errors.UnimplementedError(
                    None,
                    op,
                    f"'{op.name}' ({op.type}) calls a Python function, and those do not travel to "
                    "another process: compute the value in the client and feed it",
                )
            stack.extend(t.op for t in op.inputs if t not in given)
            stack.extend(op.control_inputs)

    def _releaser(self, tensor: Tensor) -> Release:
        if tensor.op.type in HANDLE_OPS:
            return _name_of
        return self.engine.releaser(tensor)

    def add_callable(self, signature: Signature) -> int:
        """Prepare a step that will run more than once; return its number."""
        prepared = self.prepare(signature)
        with self._lock:
            self._count += 1
            self._callables[self._count] = prepared
            return self._count

    def callable(self, number: int) -> Prepared:
        """Return the step of a number.

        Raises:
          InvalidArgumentError: there is none.
        """
        found = self._callables.get(number)
        if found is None:
            raise errors.InvalidArgumentError(
                None, None, f"Attempted to run callable after handle was released: {number}"
            )
        return found

    def release_callables(self, numbers: Sequence[int]) -> None:
        """Forget steps."""
        for number in numbers:
            self._callables.pop(number, None)

    def run(
        self,
        prepared: Prepared,
        feeds: Sequence[Value],
        step: int,
        options: Options,
        collector: Collector,
        on_end: Any,
    ) -> list[Value]:
        """Run a step.

        Args:
          prepared: what runs.
          feeds: a value for each fed tensor.
          step: the number by which it may be cancelled.
          options: of the client.
          collector: takes what is traced.
          on_end: takes a function to be called when the client has gone; None for nobody.

        Raises:
          OpError: it failed.
        """
        values = [
            self._fed(tensor, value, convert)
            for tensor, value, convert in zip(prepared.fed, feeds, prepared.convert, strict=True)
        ]
        context = prepared.step.context(_watch(options, collector))
        cancellation = Cancellation()
        context.cancellation = cancellation
        self._running[step] = cancellation
        try:
            if self._closed:
                cancellation.request()
            if on_end is not None:
                on_end(cancellation.request)
            outputs = prepared.step(values, context)
        finally:
            self._running.pop(step, None)
        released = [r(v, values) for r, v in zip(prepared.release, outputs, strict=True)]
        return self._messages(released)

    def cancel(self, step: int) -> None:
        """Let a step end, if it still runs."""
        cancellation = self._running.get(step)
        if cancellation is not None:
            cancellation.request()

    def _fed(self, tensor: Tensor, message: Value, convert: Any) -> Any:
        """Return a value that is fed, checked."""
        if message.kept:
            return self.kept(message.kept)
        value: Any = memoryview(message.content)
        if message.transfer:
            value = self.transfers.take(message.transfer)
        # A value of this process comes as it is.
        if isinstance(value, memoryview):
            value = value_of(message.dims, value, tensor.dtype.base_dtype)
        try:
            return convert(value)
        except (TypeError, ValueError) as error:
            raise errors.InvalidArgumentError(None, None, str(error)) from None

    def _messages(self, values: Sequence[Any]) -> list[Value]:
        room, messages = PIECE, []
        for value in values:
            messages.append(self._message(value, room))
            room -= len(messages[-1].content)
        return messages

    def _message(self, value: Any, room: int) -> Value:
        if self._is_local:
            return Value(transfer=self.transfers.put(value))
        dims, content = content_of(value)
        if len(content) > room:
            return Value(dims=dims, transfer=self.transfers.put(content))
        return Value(dims=dims, content=content.tobytes())

    # Partial runs

    def begin(self, signature: Signature, options: Options) -> str:
        """Begin a partial run; return its handle."""
        with self._lock:
            fed = self._tensors(signature.feed)
            wanted = self._tensors(signature.fetch)
            operations = self._operations(signature.target)
            self._check_fed(fed)
            self._check_travels(wanted, operations, fed)
            watch = _watch(options, None)
            run = self.engine.partial_run(wanted, operations, fed, watch or None)
            self._count += 1
            handle = str(self._count)
            self._partial_runs[handle] = run, {t.name: t for t in (*fed, *wanted)}
        return handle

    def go_on(
        self, handle: str, feeds: Sequence[tuple[str, Value]], fetches: Sequence[str]
    ) -> list[Value]:
        """Go on with a partial run.

        Raises:
          InvalidArgumentError: there is none of that handle, or it cannot go on like this.
          OpError: a node failed.
        """
        found = self._partial_runs.get(handle)
        if found is None:
            raise errors.InvalidArgumentError(
                None, None, "Must run 'setup' before performing partial runs!"
            )
        run, _ = found
        fed = self._tensors([name for name, _ in feeds])
        wanted = self._tensors(fetches)
        values = {
            tensor: self._fed(tensor, value, converter(tensor))
            for tensor, (_, value) in zip(fed, feeds, strict=True)
        }
        try:
            outputs = run.run(values, wanted)
        finally:
            if run.finished or run.failed:
                self._partial_runs.pop(handle, None)
        given = list(values.values())
        released = [self._releaser(t)(v, given) for t, v in zip(wanted, outputs, strict=True)]
        return self._messages(released)

    # Kept values

    def kept(self, name: str) -> Any:
        """Return a kept value, as the engine has it.

        Raises:
          InvalidArgumentError: there is none of that name.
        """
        try:
            return self.resources.kept[name].value
        except KeyError:
            raise errors.InvalidArgumentError(
                None, None, f"The tensor with handle '{name}' is not in the session store."
            ) from None

    def kept_message(self, name: str) -> tuple[int, Value]:
        """Return the number of the type, and the message, of a kept value."""
        value = self.kept(name)
        # A copy: a client of this process would have the value itself.
        host = np.array(self.engine.backend.to_host(value))[()]
        return number_of(host), self._message(host, PIECE)

    # Life

    def close(self) -> None:
        """Stop what runs, and forget everything."""
        self._closed = True
        for cancellation in list(self._running.values()):
            cancellation.request()
        self._partial_runs.clear()
        self._callables.clear()
        self._prepared.clear()
        self.engine.close()
        self.resources.close()


def _name_of(value: Any, fed: Sequence[Any]) -> Any:
    """Return the name of a kept value, of which the client makes the handle."""
    del fed
    return value if isinstance(value, bytes) else value[()]


def _watch(options: Options, collector: Collector | None) -> Watch:
    observer = collector if options.trace else None
    return Watch(observer, options.timeout_seconds or None)
