"""Servers and clusters: `tf.train.Server` and `tf.train.ClusterSpec`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergraph import discovery, protos
from evergraph.errors import NotFoundError


class Server:
    """A server: one task of a cluster. Sessions of other processes run their steps on it.

    It listens at the address that the cluster has for its task.

    Args:
      server_or_cluster_def: a `ServerDef`, a `ClusterDef`, a `ClusterSpec`, or what makes one.
      job_name: the name of the job that the task is of; it may be left out if there is one job.
      task_index: the number of the task; it may be left out if the job has one task.
      protocol: of the connections: `grpc`.
      config: a `ConfigProto` with what sessions have that do not say otherwise.
      start: whether to start at once.

    Raises:
      TypeError: an argument is not of its type.
      ValueError: the job or task has to be named.
      InternalError: the cluster has no such task.
      NotFoundError: no plugin offers the protocol.
      FailedPreconditionError: others than this machine could connect, and nothing protects it.
    """

    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: Any = None,
        start: bool = True,
    ) -> None:
        self._server_def = _server_def(
            server_or_cluster_def, job_name, task_index, protocol, config
        )
        factory = discovery.server_factory(self._server_def.protocol)
        if factory is None:
            names = [f"{name.upper()}_SERVER" for name in discovery.server_factories()]
            raise NotFoundError(
                None,
                None,
                "No server factory registered for the given ServerDef: "
                f"{self._server_def}\nThe available server factories are: [ {', '.join(names)} ]",
            )
        self._server = factory(self._server_def)
        if start:
            self.start()

    def start(self) -> None:
        """Start; starting again does nothing."""
        self._server.start()

    def join(self) -> None:
        """Return when the server has stopped, which it does with its process."""
        self._server.join()

    @property
    def server_def(self) -> protos.ServerDef:
        """The `ServerDef` of this server."""
        return self._server_def

    @property
    def target(self) -> str:
        """The target of sessions that this server is to run."""
        target: str = self._server.target
        return target

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        """Return a server of a cluster of its own, which only this machine can reach.

        Args:
          config, start: as for `Server`.
        """
        return Server({"localhost": ["localhost:0"]}, protocol="grpc", config=config, start=start)


def _server_def(
    given: Any, job_name: str | None, task_index: int | None, protocol: str | None, config: Any
) -> protos.ServerDef:
    server_def = protos.ServerDef()
    if _is(given, protos.ServerDef):
        server_def.CopyFrom(protos.adopt(given, protos.ServerDef))
    else:
        try:
            cluster = ClusterSpec(given)
        except TypeError:
            raise TypeError(
                "Could not convert `server_or_cluster_def` to a `tf.train.ServerDef` or "
                "`tf.train.ClusterSpec`."
            ) from None
        server_def.cluster.CopyFrom(cluster.as_cluster_def())
        if job_name is None:
            if len(cluster.jobs) != 1:
                raise ValueError("Must specify an explicit `job_name`.")
            job_name = cluster.jobs[0]
        if task_index is None:
            # A job that there is not is the server's to refuse.
            indices = cluster.task_indices(job_name)
            if len(indices) != 1:
                raise ValueError("Must specify an explicit `task_index`.")
            task_index = indices[0]
        protocol = protocol or "grpc"
    if job_name is not None:
        server_def.job_name = job_name
    if task_index is not None:
        server_def.task_index = task_index
    if protocol is not None:
        server_def.protocol = protocol
    if config is not None:
        server_def.default_session_config.MergeFrom(protos.adopt(config, protos.ConfigProto))
    return server_def


class ClusterSpec:
    """The tasks of a cluster: for every job, the network address of every task.

    Args:
      cluster: a dictionary from names of jobs to lists of addresses, or to dictionaries from
        numbers of tasks to addresses; a `ClusterDef`; or a `ClusterSpec`.

    Raises:
      TypeError: it is none of those, or an address is no string.
    """

    def __init__(self, cluster: Any) -> None:
        if isinstance(cluster, ClusterSpec):
            cluster = cluster.as_cluster_def()
        if isinstance(cluster, Mapping):
            self._tasks = {job: _tasks(job, tasks) for job, tasks in cluster.items()}
        elif _is(cluster, protos.ClusterDef):
            adopted = protos.adopt(cluster, protos.ClusterDef)
            self._tasks = {job.name: dict(job.tasks) for job in adopted.job}
        else:
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network "
                "addresses, or a `ClusterDef` protocol buffer"
            )
        for address in (a for tasks in self._tasks.values() for a in tasks.values()):
            if not isinstance(address, str | bytes):
                raise TypeError(f"Task address {address} must be bytes or unicode")

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._tasks == other._tasks

    __hash__ = None  # type: ignore[assignment]  # as in TensorFlow: it is equal by its tasks

    def __repr__(self) -> str:
        jobs = self.as_dict()
        return f"ClusterSpec({{{', '.join(f'{job!r}: {jobs[job]!r}' for job in sorted(jobs))}}})"

    def as_dict(self) -> dict[str, Any]:
        """Return the cluster as a dictionary; jobs with tasks from 0 on, without gaps, as lists."""
        return {
            job: self.job_tasks(job) if tasks and max(tasks) + 1 == len(tasks) else tasks
            for job, tasks in self._tasks.items()
        }

    def as_cluster_def(self) -> protos.ClusterDef:
        """Return the cluster as a `ClusterDef`."""
        cluster = protos.ClusterDef()
        for name in sorted(self._tasks):
            job = cluster.job.add(name=name)
            for index, address in self._tasks[name].items():
                job.tasks[index] = address.decode() if isinstance(address, bytes) else address
        return cluster

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._tasks)

    def num_tasks(self, job_name: str) -> int:
        """Return how many tasks a job has.

        Raises:
          ValueError: there is no such job.
        """
        return len(self._job(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """Return the numbers of the tasks of a job.

        Raises:
          ValueError: there is no such job.
        """
        return sorted(self._job(job_name))

    def task_address(self, job_name: str, task_index: int) -> Any:
        """Return the address of a task.

        Raises:
          ValueError: there is no such job, or no such task.
        """
        try:
            return self._job(job_name)[task_index]
        except KeyError:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}") from None

    def job_tasks(self, job_name: str) -> list[Any]:
        """Return the addresses of a job's tasks by number; None for numbers that there are not.

        Raises:
          ValueError: there is no such job.
        """
        tasks = self._job(job_name)
        return [tasks.get(index) for index in range(max(tasks, default=-1) + 1)]

    def _job(self, job_name: str) -> dict[int, Any]:
        try:
            return self._tasks[job_name]
        except KeyError:
            raise ValueError(f"No such job in cluster: {job_name!r}") from None


def _tasks(job: str, tasks: Any) -> dict[int, Any]:
    if isinstance(tasks, list | tuple):
        return dict(enumerate(tasks))
    if isinstance(tasks, Mapping):
        return {int(index): address for index, address in tasks.items()}
    raise TypeError(
        f"The tasks for job {job!r} must be a list or a dictionary from integers to strings."
    )


def _is(message: Any, kind: Any) -> bool:
    try:
        protos.adopt(message, kind)
    except TypeError:
        return False
    return True
