"""`Timeline`: the step stats of a run as a Chrome trace, which Perfetto opens.

The format is described in "Trace Event Format" (Chromium project). In TensorFlow this module is
`tensorflow.python.client.timeline`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_LABEL: Final = re.compile(r"(?:\[.*\] )?(?P<name>.*?) = (?P<op>\S*?)\((?P<inputs>.*)\)\Z", re.S)


@dataclass(frozen=True)
class _Node:
    """One node of one device: its stats, and where its event stands."""

    stats: Any
    name: str
    op: str
    inputs: list[str]
    pid: int
    tid: int
    start: int
    duration: int


class Timeline:
    """Draws the step stats of a run.

    Args:
      step_stats: a `StepStats`, of a run with `trace_level=FULL_TRACE`.
      graph: accepted for compatibility.
    """

    def __init__(self, step_stats: Any, graph: Any = None) -> None:
        del graph
        self._step_stats = step_stats

    def generate_chrome_trace_format(
        self, show_dataflow: bool = True, show_memory: bool = False, op_time: str = "schedule"
    ) -> str:
        """Return the trace as JSON: a row for each device, an event for each node.

        Args:
          show_dataflow: whether arrows go from each node to those that use its outputs.
          show_memory: whether the memory of all outputs that are alive is a counter.
          op_time: what an event spans: `schedule` (with what the runtime adds), `gpu`, or `all`.

        Raises:
          ValueError: `op_time` is none of them.
        """
        if op_time not in ("schedule", "gpu", "all"):
            raise ValueError(f"op_time must be 'schedule', 'gpu' or 'all'; got {op_time!r}")
        devices = [d.device for d in self._step_stats.dev_stats]
        events = [_process(pid, f"{name} Compute") for pid, name in enumerate(devices)]
        nodes = list(self._nodes(op_time == "schedule"))
        events += [_executed(node) for node in nodes]
        if show_dataflow:
            events += _arrows(nodes)
        if show_memory:
            events.append(_process(len(devices), "Memory"))
            events += _memory(nodes, len(devices))
        return json.dumps({"traceEvents": events}, indent=4)

    def _nodes(self, whole: bool) -> Iterator[_Node]:
        for pid, device in enumerate(self._step_stats.dev_stats):
            free: list[int] = []
            for stats in sorted(device.node_stats, key=lambda s: s.all_start_micros):
                start = stats.all_start_micros
                span = stats.all_end_rel_micros if whole else stats.op_end_rel_micros
                duration = max(int(span), 1)
                # Nodes that overlap stand in different lanes.
                lane = next((i for i, end in enumerate(free) if end <= start), len(free))
                free[lane : lane + 1] = [start + duration]
                name, op, inputs = _labelled(stats)
                yield _Node(stats, name, op, inputs, pid, lane, start, duration)


def _labelled(stats: Any) -> tuple[str, str, list[str]]:
    """Return name, op type and inputs of a node."""
    found = _LABEL.match(stats.timeline_label)
    if found is None:
        return stats.node_name, stats.timeline_label or stats.node_name, []
    inputs = found["inputs"].split(", ") if found["inputs"] else []
    return stats.node_name or found["name"], found["op"], inputs


def _process(pid: int, name: str) -> dict[str, Any]:
    return {"name": "process_name", "ph": "M", "pid": pid, "args": {"name": name}}


def _executed(node: _Node) -> dict[str, Any]:
    inputs = {f"input{i}": name for i, name in enumerate(node.inputs)}
    return {
        "ph": "X",
        "cat": "Op",
        "name": node.op,
        "pid": node.pid,
        "tid": node.tid,
        "ts": node.start,
        "dur": node.duration,
        "args": {"name": node.name, "op": node.op, **inputs},
    }


def _arrows(nodes: Iterable[_Node]) -> Iterator[dict[str, Any]]:
    """Yield, for every input that is an output of a node, the start and the end of an arrow."""
    by_name: dict[str, _Node] = {}
    number = 0
    for node in nodes:
        for name in node.inputs:
            source = by_name.get(name.lstrip("^").split(":")[0])
            if source is None:
                continue
            ends = (("s", source, source.start + source.duration), ("t", node, node.start))
            for phase, end, at in ends:
                yield {
                    "ph": phase,
                    "cat": "DataFlow",
                    "name": name,
                    "pid": end.pid,
                    "tid": end.tid,
                    "ts": at,
                    "id": number,
                }
            number += 1
        by_name[node.name] = node


def _memory(nodes: list[_Node], pid: int) -> Iterator[dict[str, Any]]:
    """Yield the bytes of outputs that are alive: from the end of a node to that of its last use."""
    last = {}
    for node in nodes:
        last[node.name] = node.start + node.duration
        for name in node.inputs:
            source = name.split(":")[0]
            if source in last:
                last[source] = max(last[source], node.start + node.duration)
    changes: list[tuple[int, int]] = []
    for node in nodes:
        size = sum(
            int(o.tensor_description.allocation_description.requested_bytes)
            for o in node.stats.output
        )
        if size:
            changes += [(node.start + node.duration, size), (last[node.name] + 1, -size)]
    alive = 0
    for at, size in sorted(changes):
        alive += size
        yield {
            "ph": "C",
            "cat": "Memory",
            "name": "outputs",
            "pid": pid,
            "tid": 0,
            "ts": at,
            "args": {"bytes": alive},
        }
