"""`replica_device_setter`: variables on parameter servers, everything else on workers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection
from typing import Any, Final

from evergraph.graph.device import DeviceSpec
from evergraph.v1.training.server_lib import ClusterSpec

#: Op types that hold what is trained.
STANDARD_PS_OPS: Final = (
    "Variable",
    "VariableV2",
    "AutoReloadVariable",
    "MutableHashTable",
    "MutableHashTableV2",
    "MutableHashTableOfTensors",
    "MutableHashTableOfTensorsV2",
    "MutableDenseHashTable",
    "MutableDenseHashTableV2",
    "VarHandleOp",
    "BoostedTreesEnsembleResourceHandleOp",
    "BoostedTreesQuantileStreamResourceHandleOp",
    "ResourceConditionalAccumulator",
    "DecisionTreeResource",
)


def replica_device_setter(
    ps_tasks: int = 0,
    ps_device: str = "/job:ps",
    worker_device: str = "/job:worker",
    merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Collection[str] | None = None,
    ps_strategy: Callable[[Any], int] | None = None,
) -> Callable[[Any], str] | None:
    """Return a function for `tf.device` that places operations on the tasks of a cluster.

    Args:
      ps_tasks: how many parameter servers there are; with a `cluster` it is counted.
      ps_device: the job of the parameter servers, as a device.
      worker_device: the device of everything else.
      merge_devices: whether devices that operations have are kept, as far as they say something;
        otherwise an operation that has one is left alone.
      cluster: a `ClusterSpec`, or what makes one.
      ps_ops: the op types that go to parameter servers; by default those that hold variables.
      ps_strategy: from an operation to the number of its parameter server; by default one after
        the other.

    Returns:
      The function, or None if there is no parameter server.

    Raises:
      TypeError: `cluster` is no cluster, or `ps_strategy` no function.
    """
    if cluster is not None:
        tasks = ClusterSpec(cluster).as_dict()
        ps_tasks = len(tasks.get(DeviceSpec.from_string(ps_device).job or "", ()))
    if ps_tasks == 0:
        return None
    if ps_strategy is not None and not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    strategy = ps_strategy or _RoundRobin(ps_tasks)
    placed = STANDARD_PS_OPS if ps_ops is None else ps_ops

    def device_of(op: Any) -> str:
        if op.device and not merge_devices:
            asked: str = op.device
            return asked
        current = DeviceSpec.from_string(op.device or "")
        if not ps_device or op.type not in placed:
            return DeviceSpec.from_string(worker_device or "").make_merged_spec(current).to_string()
        server = DeviceSpec.from_string(ps_device)
        if server.job and current.job in (None, server.job):
            server = server.replace(task=strategy(op))
        return server.make_merged_spec(current).to_string()

    return device_of


class _RoundRobin:
    """One parameter server after the other."""

    def __init__(self, tasks: int) -> None:
        self._numbers = itertools.cycle(range(tasks))

    def __call__(self, op: Any) -> int:
        del op
        return next(self._numbers)
