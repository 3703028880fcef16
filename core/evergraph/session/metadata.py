"""`RunMetadata`: which nodes of a step ran where, when, for how long, and what they gave."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from evergraph import protos
from evergraph.dtypes import as_dtype
from evergraph.graph.operation import Operation
from evergraph.runtime.monitor import NodeEvent, StepObserver

#: Where host nodes beside a backend ran.
_HOST: Final = "/job:localhost/replica:0/task:0/device:CPU:0"
#: Nodes that cost nothing here: their values stand in the program, or in the session.
_FREE: Final = frozenset({"Const", "Variable", "VariableV2", "VarHandleOp"})


class StepStats:
    """A step observer that collects what `RunMetadata` tells.

    A traced step runs node by node, on a compiling backend as well, so that every node can be
    timed. Constants, variables and reads of references cost nothing, and are there all the same.
    What else was folded before the step ran is not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_device: dict[str, list[protos.NodeExecStats]] = {}
        self._costs: list[tuple[NodeEvent, list[protos.TensorDescription]]] = []
        self._free: set[str] = set()
        # Wall time at which `perf_counter_ns` was 0.
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()
        self._began_ns = time.perf_counter_ns()

    def node(self, event: NodeEvent) -> None:
        """Note that an operation ran."""
        outputs = [described(value) for value in event.outputs]
        stats = self._stats(event, outputs)
        with self._lock:
            self._by_device.setdefault(event.device or _HOST, []).append(stats)
            self._costs.append((event, outputs))

    def complete(self, partitions: Iterable[protos.GraphDef]) -> None:
        """Note the nodes of a step that ran and that nobody tells about: those that cost nothing.

        Args:
          partitions: the graphs that ran, one for each device.
        """
        told = {event.name for event, _ in self._costs}
        for node in (n for graph in partitions for n in graph.node):
            inputs = tuple(node.input)
            # What has a control input may be in a branch that was not taken.
            free = node.op in _FREE and not inputs
            free |= node.op == "Identity" and inputs[0] in self._free
            if free and node.name not in told:
                self._free.add(node.name)
                at = self._began_ns
                self.node(NodeEvent(node.name, node.op, inputs, node.device, at, at, ()))

    def _stats(
        self, event: NodeEvent, outputs: Sequence[protos.TensorDescription]
    ) -> protos.NodeExecStats:
        start, elapsed = self._epoch_ns + event.start_ns, event.end_ns - event.start_ns
        stats = protos.NodeExecStats(
            node_name=event.name,
            timeline_label=f"{event.name} = {event.type}({', '.join(event.inputs)})",
            scheduled_micros=start // 1000,
            scheduled_nanos=start,
            all_start_micros=start // 1000,
            all_start_nanos=start,
            op_end_rel_micros=elapsed // 1000,
            op_end_rel_nanos=elapsed,
            all_end_rel_micros=elapsed // 1000,
            all_end_rel_nanos=elapsed,
            thread_id=threading.get_ident() & 0xFFFFFFFF,
        )
        total = 0
        for slot, description in enumerate(outputs):
            stats.output.add(slot=slot, tensor_description=description)
            total += description.allocation_description.requested_bytes
        if total:
            stats.memory.add(
                allocator_name=_allocator(event.device),
                total_bytes=total,
                peak_bytes=total,
                live_bytes=total,
            )
        stats.memory_stats.SetInParent()
        return stats

    def fill(
        self, run_metadata: Any, partitions: Iterable[protos.GraphDef] = (), costs: bool = False
    ) -> None:
        """Write what was collected into the user's message, ours or TensorFlow's.

        Args:
          run_metadata: the message; what it held is replaced.
          partitions: the graphs that ran, one for each device.
          costs: whether the cost graph is wanted.
        """
        own = protos.RunMetadata()
        for device, nodes in self._by_device.items():
            own.step_stats.dev_stats.add(device=device, node_stats=nodes)
        own.partition_graphs.extend(partitions)
        if costs:
            self._fill_costs(own.cost_graph)
        run_metadata.ParseFromString(own.SerializeToString())

    def _fill_costs(self, graph: protos.CostGraphDef) -> None:
        ids: dict[str, int] = {}
        for event, _ in self._costs:
            ids.setdefault(event.name, len(ids))
        for event, outputs in self._costs:
            node = graph.node.add(
                name=event.name,
                id=ids[event.name],
                device=event.device or _HOST,
                compute_cost=(event.end_ns - event.start_ns) // 1000,
            )
            for source in event.inputs:
                name, _, port = source.partition(":")
                if name in ids:
                    node.input_info.add(preceding_node=ids[name], preceding_port=int(port or 0))
            for description in outputs:
                node.output_info.add(
                    size=description.allocation_description.requested_bytes,
                    shape=description.shape,
                    dtype=description.dtype,
                )


def described(value: Any) -> protos.TensorDescription:
    """Return type, shape and size of a node's output; nothing of what is no tensor."""
    if isinstance(value, bytes):
        value = np.array(value, object)
    description = protos.TensorDescription()
    if not hasattr(value, "shape") or not hasattr(value, "dtype"):
        return description
    # Of NumPy, or of a library whose types end in the same names: `torch.float32`.
    name = str(value.dtype).rpartition(".")[2]
    dtype = as_dtype("string" if name == "object" else name)
    description.dtype = dtype.as_datatype_enum
    for size in value.shape:
        description.shape.dim.add(size=size)
    count = int(np.prod(value.shape, dtype=np.int64))
    allocation = description.allocation_description
    allocation.requested_bytes = allocation.allocated_bytes = count * dtype.size
    allocation.allocator_name = "cpu"
    return description


def _allocator(device: str) -> str:
    return "cpu" if not device or "CPU" in device else "device"


def partition_graphs(operations: Iterable[Operation], device_of: Any) -> list[protos.GraphDef]:
    """Return the operations of a step as graphs, one for each device.

    Args:
      operations: of the step.
      device_of: from an operation to the full name of its device.
    """
    graphs: dict[str, protos.GraphDef] = {}
    for op in operations:
        device = device_of(op)
        graph = graphs.setdefault(device, protos.GraphDef())
        node = graph.node.add()
        node.CopyFrom(op.node_def)
        node.device = device
    return [graphs[d] for d in sorted(graphs)]


class Observers:
    """Several step observers as one."""

    def __init__(self, observers: Sequence[StepObserver]) -> None:
        self._observers = observers

    def node(self, event: NodeEvent) -> None:
        """Tell all of them that an operation ran."""
        for observer in self._observers:
            observer.node(event)


def observed_by(observers: Sequence[StepObserver]) -> StepObserver | None:
    """Return one observer for all of them; None if there is none."""
    if len(observers) > 1:
        return Observers(observers)
    return observers[0] if observers else None
