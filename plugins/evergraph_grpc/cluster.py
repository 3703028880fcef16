"""The tasks of a cluster, as one of them sees the others."""

from __future__ import annotations

from collections.abc import Collection

from evergraph import protos
from evergraph.plugin import errors
from evergraph.targets import DeviceSpec, Graph, Operation, unplaced
from evergraph_grpc.connection import connect, disconnect
from evergraph_grpc.engine import RemoteEngine
from evergraph_grpc.methods import error_of
from evergraph_grpc.protos import ResetRequest
from evergraph_grpc.settings import credentials


class Cluster:
    """The tasks by their device names, `/job:NAME/replica:0/task:NUMBER`.

    Args:
      cluster: the tasks' addresses.
      task: which of them this is.
    """

    def __init__(self, cluster: protos.ClusterDef, task: str) -> None:
        self.task = task
        self._addresses = {
            f"/job:{job.name}/replica:0/task:{index}": address
            for job in cluster.job
            for index, address in job.tasks.items()
        }
        self._specs = {name: DeviceSpec.from_string(name) for name in self._addresses}
        # What leaves a part open means this task, if it can.
        self._order = sorted(self._specs, key=lambda name: name != task)

    @property
    def others(self) -> list[str]:
        """The other tasks."""
        return [name for name in self._addresses if name != self.task]

    def task_of(self, op: Operation) -> str:
        """Return the task of the device that an operation is assigned to.

        Raises:
          InvalidArgumentError: there is no such task.
        """
        asked = DeviceSpec.from_string(op.device)
        wanted = DeviceSpec(asked.job, asked.replica, asked.task)
        found = next((t for t in self._order if wanted.matches(self._specs[t])), None)
        if found is None:
            raise unplaced(op, ", ".join(self._order))
        return found

    def engine(self, task: str, graph: Graph, config: protos.ConfigProto) -> RemoteEngine:
        """Return an engine that runs steps of a graph on another task."""
        own = protos.ConfigProto()
        own.CopyFrom(config)
        # Every task has its own backend.
        own.ClearField("backend")
        return RemoteEngine(self._target(task), graph, own, is_part=True)

    def reset(self, containers: Collection[str]) -> None:
        """Empty containers of the other tasks, and end their sessions.

        Raises:
          UnavailableError: a task cannot be reached; the others are done.
        """
        failed: errors.OpError | None = None
        for task in self.others:
            key, connection = connect(self._target(task))
            try:
                request = ResetRequest(container=containers, only_here=True)
                status = connection.call("Reset", request).status
                if status.code:
                    failed = error_of(status.code, f"From {task}:\n{status.message}")
            except errors.UnavailableError:
                continue  # nothing is there that could be kept
            finally:
                disconnect(key)
        if failed is not None:
            raise failed

    def _target(self, task: str) -> str:
        address = self._addresses[task]
        if address.startswith("unix:"):
            return f"unix://{address.removeprefix('unix:')}"
        return f"{'grpc+tls' if credentials().has_tls else 'grpc'}://{address}"
