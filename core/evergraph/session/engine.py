"""`Engine`: what runs the steps of a session: backend, devices, resources, and planned steps."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

from evergraph import discovery, protos
from evergraph.errors import OpError
from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.assembly import build_step, shared_lock
from evergraph.runtime.backend import SessionConfig
from evergraph.runtime.context import Cancellation, Watch
from evergraph.runtime.failures import located
from evergraph.runtime.functions import Functions, Session
from evergraph.runtime.place import Placer
from evergraph.runtime.plan import plan
from evergraph.runtime.resources import Resources
from evergraph.runtime.step import Step
from evergraph.session.arguments import backend_name, check_device_count
from evergraph.session.devices import (
    LOCAL_TASK,
    DeviceAttributes,
    attributes_of,
    device_mapping,
    full_name,
)
from evergraph.session.explain import Explanation, explain
from evergraph.session.forking import check_alive, check_started
from evergraph.session.handles import HANDLE_OPS, OwnValues, handle_releaser
from evergraph.session.metadata import partition_graphs
from evergraph.session.partial import PartialRun
from evergraph.session.results import Release, releaser

#: Planned steps that a session keeps.
MAX_STEPS: Final = 512


class Engine:
    """Plans steps of a graph for a backend, and keeps them.

    Args:
      graph: the graph.
      config: of the session; it names the backend.
      resources: where variables and queues are; by default the engine's own.
      task: whose devices its devices are.
      any_task: whether operations of other tasks run here, since somebody else divides steps.

    Attributes:
      backend: what runs the steps.
      resources: where variables and queues are.
      cancellation: of the session.

    Raises:
      NotFoundError: no distribution offers the backend, or there is to be no CPU.
      FailedPreconditionError: the backend cannot start, or has not survived a fork.
    """

    def __init__(
        self,
        graph: Graph,
        config: protos.ConfigProto,
        resources: Resources | None = None,
        task: str = LOCAL_TASK,
        any_task: bool = False,
    ) -> None:
        check_device_count(config)
        self._graph = graph
        self._config = SessionConfig(config, dict(config.backend_options))
        self.backend = discovery.create_backend(backend_name(config), self._config)
        check_started(self.backend)
        self._host = (
            self.backend
            if self.backend.host_arrays
            else discovery.create_backend("numpy", self._config)
        )
        self._task = task
        names = [full_name(d, task) for d in self.backend.devices()]
        default = names[self.backend.default_device()]
        ordered = [default, *(d for d in names if d != default)]
        self._placer = Placer(ordered, config.allow_soft_placement, any_task)
        self._optimize = config.graph_options.optimizer_options.opt_level >= 0
        self._logged: set[Operation] | None = None
        if config.log_device_placement:
            self._logged = set()
            print(device_mapping(self.devices()), file=sys.stderr)
        self._steps: dict[Any, Step] = {}
        self._lock = threading.RLock()
        self.resources = Resources() if resources is None else resources
        self.cancellation = Cancellation()
        self._functions = Functions(
            Session(
                graph,
                self._placer,
                self._optimize,
                self.backend,
                self._host,
                self.resources,
                self.cancellation,
            )
        )

    def step(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        partial: bool = False,
        done: Sequence[Operation] = (),
    ) -> Step:
        """Return the step for these tensors and operations, planned if need be.

        Args:
          wanted, operations: what is fetched, and what runs.
          fed: what is fed.
          partial: whether feeds arrive one after the other, and fetches leave so.
          done: operations that have run elsewhere, so that none of them runs.

        Raises:
          OpError: it cannot be planned, or ops have no kernel.
        """
        mutations = self._graph._mutations
        key = (tuple(wanted), tuple(operations), tuple(fed), mutations, partial, tuple(done))
        with self._lock:
            step = self._steps.pop(key, None)
            if step is None:
                step = self._planned(wanted, operations, fed, partial, done)
            # Kept in order of use: the first is the one that was not needed for longest.
            self._steps[key] = step
            if len(self._steps) > MAX_STEPS:
                del self._steps[next(iter(self._steps))]
        return step

    def partial_run(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        watch: Watch | None = None,
    ) -> PartialRun:
        """Return a partial run of these tensors and operations, begun.

        What is wrong is told when it goes on.
        """

        def planned() -> Step:
            return self.step(wanted, operations, fed, partial=True)

        return PartialRun(planned, fed, wanted, watch)

    def explain(self, step: Step | None) -> Explanation:
        """Say which node of a step runs where, and why."""
        return explain(step, self.backend)

    def _planned(
        self,
        wanted: list[Tensor],
        operations: list[Operation],
        fed: Sequence[Tensor],
        partial: bool = False,
        done: Sequence[Operation] = (),
    ) -> Step:
        with self._graph._lock:
            try:
                planned = plan(
                    self._graph,
                    wanted,
                    operations,
                    fed,
                    self._placer,
                    self._optimize,
                    partial,
                    set(done),
                )
                any_host = self._config.options.get("host") == "any"
                if self._logged is not None:
                    self._log_placement(self._graph.get_operations())
                return build_step(
                    planned,
                    self.backend,
                    self._host,
                    any_host,
                    self.resources,
                    self.cancellation,
                    self._functions,
                )
            except OpError as error:
                if error.op is None:
                    raise
                raise located(error.op, error) from None

    def releaser(self, tensor: Tensor) -> Release:
        """Return what makes a fetched value the caller's own."""
        if tensor._op._type in HANDLE_OPS:
            return handle_releaser(tensor, OwnValues(self.backend, self.resources))
        to_host = None if self.backend.host_arrays else self.backend.to_host
        return releaser(tensor._dtype.base_dtype, to_host)

    def partition_graphs(self, step: Step) -> list[protos.GraphDef]:
        """Return what a step runs as graphs, one for each device."""
        return partition_graphs(step.plan.operations, self._placer.place)

    def _log_placement(self, operations: Sequence[Operation]) -> None:
        """Write where each operation is placed to the standard error, once for each."""
        logged = self._logged
        assert logged is not None
        new = [op for op in operations if op not in logged]
        logged.update(new)
        # In one piece, so that the lines of two threads do not mix. What cannot be placed is an
        # error only where it runs.
        placed = [(op, self._placer.find(op)) for op in new]
        lines = [f"{op.name}: ({op.type}): {name}\n" for op, name in placed if name is not None]
        sys.stderr.write("".join(lines))

    def locks(self) -> list[Any]:
        """Return its locks, in the order in which they nest."""
        return [self._lock, self._graph._lock, self.resources.lock, shared_lock]

    def check_alive(self) -> None:
        """Raise FailedPreconditionError if a fork has left the backend without its threads."""
        check_alive(self.backend)

    def devices(self) -> list[DeviceAttributes]:
        """Return the devices."""
        return [attributes_of(d, self._task) for d in self.backend.devices()]

    def close(self) -> None:
        """Stop what runs, and release everything."""
        self.cancellation.request()
        self.backend.cancel()
        self._host.cancel()
        self._steps.clear()
        self.resources.close()
        self.backend.close()
