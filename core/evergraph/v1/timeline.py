"""`Timeline`: the step stats of a run as a Chrome trace, which Perfetto opens.

The format is described in "Trace Event Format" (Chromium project). In TensorFlow this module is
`tensorflow.python.client.timeline`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

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


class AllocationMaximum(NamedTuple):
    """The most memory of an allocator that was taken at once.

    Attributes:
      timestamp: microseconds, when it was.
      num_bytes: how much.
      tensors: names of the nodes whose outputs were alive.
    """

    timestamp: int
    num_bytes: int
    tensors: set[str]


class StepStatsAnalysis(NamedTuple):
    """What `Timeline.analyze_step_stats` finds.

    Attributes:
      chrome_trace: has a method `format_to_string(pretty=False)`, which gives the trace as JSON.
      allocator_maximums: by name of the allocator.
    """

    chrome_trace: ChromeTrace
    allocator_maximums: dict[str, AllocationMaximum]


@dataclass(frozen=True)
class ChromeTrace:
    """The events of a trace."""

    events: list[dict[str, Any]]

    def format_to_string(self, pretty: bool = False) -> str:
        """Return the trace as JSON, on one line or indented."""
        layout: dict[str, Any] = {"indent": 4} if pretty else {"separators": (",", ":")}
        return json.dumps({"traceEvents": self.events}, **layout)


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
        analysis = self.analyze_step_stats(show_dataflow, show_memory, op_time)
        return analysis.chrome_trace.format_to_string(pretty=True)

    def analyze_step_stats(
        self, show_dataflow: bool = True, show_memory: bool = True, op_time: str = "schedule"
    ) -> StepStatsAnalysis:
        """Return the trace, and the most memory that was taken.

        Args:
          show_dataflow, show_memory, op_time: as for `generate_chrome_trace_format`.

        Raises:
          ValueError: `op_time` is none of those.
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
        return StepStatsAnalysis(ChromeTrace(events), _maximums(nodes))

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


def _changes(nodes: Iterable[_Node]) -> list[tuple[int, int, str]]:
    """Return when how much memory is taken or given back, and by which node.

    The outputs of a node are alive from its end to that of its last use.
    """
    nodes = list(nodes)
    last = {}
    for node in nodes:
        last[node.name] = node.start + node.duration
        for name in node.inputs:
            source = name.split(":")[0]
            if source in last:
                last[source] = max(last[source], node.start + node.duration)
    changes: list[tuple[int, int, str]] = []
    for node in nodes:
        size = sum(
            int(o.tensor_description.allocation_description.requested_bytes)
            for o in node.stats.output
        )
        if size:
            changes.append((node.start + node.duration, size, node.name))
            changes.append((last[node.name] + 1, -size, node.name))
    return sorted(changes)


def _memory(nodes: Iterable[_Node], pid: int) -> Iterator[dict[str, Any]]:
    """Yield the bytes of outputs that are alive."""
    alive = 0
    for at, size, _ in _changes(nodes):
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


def _maximums(nodes: Iterable[_Node]) -> dict[str, AllocationMaximum]:
    """Return the most memory that was taken, by allocator."""
    by_allocator: dict[str, list[_Node]] = {}
    for node in nodes:
        for memory in node.stats.memory:
            by_allocator.setdefault(memory.allocator_name, []).append(node)
    return {name: _maximum(of_it) for name, of_it in by_allocator.items()}


def _maximum(nodes: Iterable[_Node]) -> AllocationMaximum:
    changes = _changes(nodes)
    totals = list(accumulate(size for _, size, _ in changes))
    most = max(totals, default=0)
    if not most:
        return AllocationMaximum(0, 0, set())
    until = totals.index(most) + 1
    alive: Counter[str] = Counter()
    for _, size, name in changes[:until]:
        alive[name] += size
    return AllocationMaximum(changes[until - 1][0], most, set(+alive))
