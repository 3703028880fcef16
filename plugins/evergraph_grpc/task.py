"""`TaskServer`: the server of one task of a cluster, behind `tf.train.Server`."""

from __future__ import annotations

import os
from typing import Final

from evergraph import protos
from evergraph.plugin import errors
from evergraph.targets import backend_name
from evergraph_grpc.addresses import split
from evergraph_grpc.cluster import Cluster
from evergraph_grpc.listener import Listener
from evergraph_grpc.master import Master
from evergraph_grpc.settings import Limits, credentials

#: As in TensorFlow, a server runs as long as its process, even if nothing else refers to it.
_running: Final[list[TaskServer]] = []


class TaskServer:
    """Listens for one task.

    Args:
      server_def: the task, and its cluster.

    Raises:
      InternalError: the cluster has no such task.
      InvalidArgumentError: the address of the task is none.
      FailedPreconditionError: others than this machine could connect, and nothing protects it.
      UnavailableError: the address is in use, or not one of this machine.
    """

    def __init__(self, server_def: protos.ServerDef) -> None:
        address = _address(server_def)
        config = server_def.default_session_config
        name = f"/job:{server_def.job_name}/replica:0/task:{server_def.task_index}"
        shown = credentials()
        self._master = Master(
            name, backend_name(config), config, Limits(), Cluster(server_def.cluster, name)
        )
        insecure = os.environ.get("EVERGRAPH_GRPC_INSECURE") == "1"
        self._listener = Listener(self._master, address, shown, insecure)
        self._started = False
        _running.append(self)

    @property
    def target(self) -> str:
        """The target of sessions."""
        return self._listener.address.target

    def start(self) -> None:
        """Answer calls from now on; starting again does nothing."""
        if not self._started:
            self._started = True
            self._listener.start()

    def join(self) -> None:
        """Return when the server has stopped."""
        self._listener.wait()


def _address(server_def: protos.ServerDef) -> str:
    """Return the address of the task."""
    jobs = {job.name: job.tasks for job in server_def.cluster.job}
    if server_def.job_name not in jobs:
        raise errors.InternalError(
            None, None, f'Job "{server_def.job_name}" was not defined in cluster'
        )
    tasks = jobs[server_def.job_name]
    if server_def.task_index not in tasks:
        raise errors.InternalError(
            None,
            None,
            f'Task {server_def.task_index} was not defined in job "{server_def.job_name}"',
        )
    address = tasks[server_def.task_index]
    if address.startswith("unix:"):
        return address
    try:
        host, port = split(address)
    except errors.InvalidArgumentError:
        raise errors.InvalidArgumentError(
            None, None, f'Could not parse port for local server from "{address}".'
        ) from None
    return f"{host}:{server_def.port or port}"
