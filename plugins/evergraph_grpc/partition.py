"""`PartitionedEngine`: runs the steps of a session on several tasks of a cluster."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evergraph import protos
from evergraph.plugin import Backend, errors
from evergraph.targets import (
    Cancellation,
    DeviceAttributes,
    Engine,
    Explanation,
    Graph,
    Operation,
    Release,
    SessionPartialRun,
    SessionStep,
    Tensor,
    Watch,
    converter,
    prune,
)
from evergraph_grpc.cluster import Cluster
from evergraph_grpc.division import Portion, divided
from evergraph_grpc.engine import RemoteEngine


class PartitionedEngine:
    """Runs what belongs to its own task, and lets other tasks run the rest.

    Args:
      graph: of the session.
      config: of the session.
      own: the engine of this task.
      cluster: the other tasks.
    """

    def __init__(
        self, graph: Graph, config: protos.ConfigProto, own: Engine, cluster: Cluster
    ) -> None:
        self.backend: Backend = own.backend
        self._graph = graph
        self._config = config
        self._own = own
        self._cluster = cluster
        self._lock = threading.RLock()
        self._others: dict[str, RemoteEngine] = {}

    def _engine(self, task: str) -> Any:
        """Return the engine of a task, connected if need be."""
        if task == self._cluster.task:
            return self._own
        with self._lock:
            found = self._others.get(task)
            if found is None:
                found = self._cluster.engine(task, self._graph, self._config)
                self._others[task] = found
            return found

    def _divided(
        self, wanted: Sequence[Tensor], operations: Sequence[Operation], fed: Sequence[Tensor]
    ) -> list[Portion]:
        targets = [*(t.op for t in wanted), *operations]
        needed = prune(targets, set(fed), self._graph._unordered)
        return divided(needed, wanted, fed, self._cluster.task_of, self._cluster.task)

    def step(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        *,
        done: Sequence[Operation] = (),
    ) -> SessionStep:
        """Return the step for these; see `HostedEngine.step`."""
        assert not done  # what runs parts of steps is not divided again
        portions = self._divided(wanted, operations, fed)
        if len(portions) == 1:
            step: SessionStep = self._engine(portions[0].task).step(wanted, operations, fed)
            return step
        pieces = [self._piece(p) for p in portions if p.wanted or p.targets]
        return PartitionedStep(pieces, tuple(wanted), tuple(fed))

    def _piece(self, portion: Portion) -> Piece:
        engine = self._engine(portion.task)
        step = engine.step(portion.wanted, portion.targets, portion.fed, done=portion.done)
        return Piece(
            portion,
            engine,
            step,
            [converter(t) for t in portion.fed],
            [engine.releaser(t) for t in portion.wanted],
        )

    def partial_run(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        watch: Watch | None = None,
    ) -> SessionPartialRun:
        """Begin a partial run, all of it on one task.

        Raises:
          UnimplementedError: it takes several.
        """
        tasks = {p.task for p in self._divided(wanted, operations, fed)}
        if len(tasks) > 1:
            raise errors.UnimplementedError(
                None,
                None,
                f"a partial run on several tasks ({', '.join(sorted(tasks))}) is not supported: "
                "place its operations on one, or use run",
            )
        task = next(iter(tasks), self._cluster.task)
        run: SessionPartialRun = self._engine(task).partial_run(wanted, operations, fed, watch)
        return run

    def releaser(self, tensor: Tensor) -> Release:
        """Return what makes a value of NumPy's, and the caller's own, of a fetched one."""
        return self._own.releaser(tensor)

    def explain(self, step: Any) -> Explanation:
        """Say which node of a step runs where, and why."""
        if not isinstance(step, PartitionedStep):
            return self._own.explain(step)
        whole = Explanation(self.backend.name)
        for piece in step.pieces:
            part = piece.engine.explain(piece.step)
            whole.nodes.extend(part.nodes)
            whole.compilations.extend(part.compilations)
        return whole

    def partition_graphs(self, step: Any) -> list[protos.GraphDef]:
        """Return what a step runs as graphs, one for each device."""
        if not isinstance(step, PartitionedStep):
            return self._own.partition_graphs(step)
        return [g for piece in step.pieces for g in piece.engine.partition_graphs(piece.step)]

    def devices(self) -> list[DeviceAttributes]:
        """Return the devices of all tasks.

        Raises:
          UnavailableError: a task cannot be reached.
        """
        found = list(self._own.devices())
        for task in self._cluster.others:
            known = {d.name for d in found}
            found += [d for d in self._engine(task).devices() if d.name not in known]
        return found

    def check_alive(self) -> None:
        """Raise FailedPreconditionError if the engine cannot go on in a child of its process."""
        self._own.check_alive()

    def locks(self) -> list[Any]:
        """Return its locks."""
        return [self._lock, *self._own.locks()]

    def disconnect(self) -> None:
        """Stop what runs elsewhere, and end the sessions there."""
        with self._lock:
            others = list(self._others.values())
            self._others.clear()
        for other in others:
            other.close()

    def close(self) -> None:
        """Stop what runs, here and elsewhere, and release everything."""
        self.disconnect()
        self._own.close()


@dataclass(frozen=True)
class Piece:
    """A portion of a step, ready to run.

    Attributes:
      portion: what runs.
      engine, step: of its task.
      convert: for each fed tensor, what makes a value one of its type.
      release: for each wanted tensor, what makes a value of NumPy's.
    """

    portion: Portion
    engine: Any
    step: SessionStep
    convert: Sequence[Callable[[Any], Any]]
    release: Sequence[Release]


class PartitionedContext:
    """Belongs to one run.

    Args:
      watch: what is watched; time counts from now.
    """

    def __init__(self, watch: Watch | None) -> None:
        self.cancellation = Cancellation()
        self._observer = None if watch is None else watch.observer
        timeout = None if watch is None else watch.timeout
        self._end = None if timeout is None else time.monotonic() + timeout

    def of(self, step: SessionStep) -> Any:
        """Return the context of a piece that begins now."""
        left = None if self._end is None else max(self._end - time.monotonic(), 1e-3)
        context = step.context(Watch(self._observer, left))
        context.cancellation = self.cancellation
        return context


class PartitionedStep:
    """A step of several pieces; a piece begins when those before it have ended.

    Args:
      pieces: in order.
      wanted, fed: the tensors that the step fetches and feeds.
    """

    def __init__(
        self, pieces: Sequence[Piece], wanted: tuple[Tensor, ...], fed: tuple[Tensor, ...]
    ) -> None:
        self.pieces = pieces
        self._wanted = wanted
        self._fed = fed

    def context(self, watch: Watch | None = None) -> PartitionedContext:
        """Return the context of one run."""
        return PartitionedContext(watch)

    def __call__(
        self, values: Sequence[Any], context: PartitionedContext | None = None
    ) -> list[Any]:
        """Run the step; see `SessionStep`."""
        context = context or self.context()
        known = dict(zip(self._fed, values, strict=True))
        for piece in self.pieces:
            portion = piece.portion
            given = [c(known[t]) for c, t in zip(piece.convert, portion.fed, strict=True)]
            outputs = piece.step(given, context.of(piece.step))
            released = [r(v, given) for r, v in zip(piece.release, outputs, strict=True)]
            known.update(zip(portion.wanted, released, strict=True))
        return [known[t] for t in self._wanted]
