"""`RunMetadata`: which nodes of a step ran on which device, when and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from evergraph import protos
from evergraph.runtime.step import StepObserver

#: Where host nodes beside a backend ran.
_HOST = "/job:localhost/replica:0/task:0/device:CPU:0"


class StepStats:
    """A step observer that collects what `RunMetadata.step_stats` tells.

    A traced step runs node by node, on a compiling backend as well, so that every node can be
    timed. What was folded before the step ran is not there.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_device: dict[str, list[protos.NodeExecStats]] = {}
        # Wall time at which `perf_counter_ns` was 0.
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()

    def node(self, name: str, type: str, device: str, start_ns: int, end_ns: int) -> None:
        """Note that an operation ran."""
        start, elapsed = self._epoch_ns + start_ns, end_ns - start_ns
        stats = protos.NodeExecStats(
            node_name=name,
            timeline_label=f"{name} = {type}()",
            all_start_micros=start // 1000,
            all_start_nanos=start,
            op_end_rel_micros=elapsed // 1000,
            op_end_rel_nanos=elapsed,
            all_end_rel_micros=elapsed // 1000,
            all_end_rel_nanos=elapsed,
            thread_id=threading.get_ident() & 0xFFFFFFFF,
        )
        with self._lock:
            self._by_device.setdefault(device or _HOST, []).append(stats)

    def fill(self, run_metadata: Any) -> None:
        """Write what was collected into the user's message, ours or TensorFlow's."""
        own = protos.RunMetadata()
        for device, nodes in self._by_device.items():
            own.step_stats.dev_stats.add(device=device, node_stats=nodes)
        run_metadata.ParseFromString(own.SerializeToString())


class Observers:
    """Several step observers as one."""

    def __init__(self, observers: Sequence[StepObserver]) -> None:
        self._observers = observers

    def node(self, name: str, type: str, device: str, start_ns: int, end_ns: int) -> None:
        """Tell all of them that an operation ran."""
        for observer in self._observers:
            observer.node(name, type, device, start_ns, end_ns)


def observed_by(observers: Sequence[StepObserver]) -> StepObserver | None:
    """Return one observer for all of them; None if there is none."""
    if len(observers) > 1:
        return Observers(observers)
    return observers[0] if observers else None
