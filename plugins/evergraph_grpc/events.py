"""What a server tells about the nodes of a step, and an observer here is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evergraph.plugin import NodeEvent, StepObserver, as_dtype
from evergraph.targets import described
from evergraph_grpc import protos


class Collector:
    """A step observer that writes messages.

    Args:
      device: where nodes run that are beside the backend.
    """

    def __init__(self, device: str) -> None:
        self.events: list[protos.NodeEvent] = []
        self._device = device
        self._lock = threading.Lock()
        self._epoch_ns = _epoch_ns()

    def node(self, event: NodeEvent) -> None:
        """Note that an operation ran."""
        message = protos.NodeEvent(
            name=event.name,
            type=event.type,
            input=event.inputs,
            device=event.device or self._device,
            start_ns=self._epoch_ns + event.start_ns,
            end_ns=self._epoch_ns + event.end_ns,
            output=[described(value) for value in event.outputs],
        )
        with self._lock:
            self.events.append(message)


@dataclass(frozen=True)
class _Output:
    """What is known of an array that is elsewhere."""

    shape: tuple[int, ...]
    dtype: Any


def tell(events: Iterable[protos.NodeEvent], observer: StepObserver) -> None:
    """Tell an observer what happened elsewhere, in terms of this process's clock."""
    epoch_ns = _epoch_ns()
    for event in events:
        outputs = [
            _Output(tuple(d.size for d in o.shape.dim), as_dtype(o.dtype).numpy)
            if o.dtype
            else None
            for o in event.output
        ]
        observer.node(
            NodeEvent(
                event.name,
                event.type,
                tuple(event.input),
                event.device,
                event.start_ns - epoch_ns,
                event.end_ns - epoch_ns,
                outputs,
            )
        )


def _epoch_ns() -> int:
    """Return the wall time at which `perf_counter_ns` was 0."""
    return time.time_ns() - time.perf_counter_ns()
