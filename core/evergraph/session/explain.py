"""`Session.explain`: which node of a step runs where, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.runtime.backend import Backend
from evergraph.runtime.driven import Driven
from evergraph.runtime.hosting import DRIVEN, HOST_ONLY
from evergraph.runtime.program import Node
from evergraph.runtime.stages import Plan
from evergraph.runtime.step import Step
from evergraph.runtime.transaction import OpenNode, Part


@dataclass(frozen=True)
class NodePlacement:
    """Where one operation of a step runs.

    Attributes:
      name, type: of the operation.
      where: `folded` (computed when the step was planned), `host`, or the backend's name.
      device: the full name of the device, or "".
      region: the number of the piece of the step that it is part of; -1 if of none.
      reason: why it runs on the host; "" otherwise.
    """

    name: str
    type: str
    where: str
    device: str = ""
    region: int = -1
    reason: str = ""


@dataclass(frozen=True)
class Explanation:
    """A step, node by node. Printed, it is a table.

    Attributes:
      nodes: one entry per operation that the step needs, in execution order.
      backend: the backend's name.
      compilations: for each region, how often it has been compiled so far.
    """

    backend: str
    nodes: list[NodePlacement] = field(default_factory=list)
    compilations: list[int] = field(default_factory=list)

    @property
    def host_nodes(self) -> list[NodePlacement]:
        """The nodes that run on the host beside the backend."""
        return [n for n in self.nodes if n.where == "host"]

    @property
    def share_inside(self) -> float:
        """The share of operations that are not host nodes; folded ones count as inside."""
        return 1.0 - len(self.host_nodes) / len(self.nodes) if self.nodes else 1.0

    def __str__(self) -> str:
        regions = len({n.region for n in self.nodes if n.where == self.backend})
        counts = {w: sum(n.where == w for n in self.nodes) for w in ("folded", "host")}
        head = (
            f"{len(self.nodes)} operations: {len(self.nodes) - sum(counts.values())} on "
            f"{self.backend} in {regions} region(s), {counts['folded']} folded, "
            f"{counts['host']} on the host"
        )
        width = max([len(n.name) for n in self.nodes], default=4)
        rows = [
            f"{n.name:{width}}  {n.type:24}  {n.where:8}  "
            f"{n.region if n.region >= 0 else '':>3}  {n.reason or n.device}".rstrip()
            for n in self.nodes
        ]
        return "\n".join([head, *rows])


def explain(step: Step | None, backend: Backend) -> Explanation:
    """Return where every operation of a step runs; see `Session.explain`."""
    if step is None:
        return Explanation(backend.name)
    found = _Placed(step, backend)
    for stage in step.stages:
        if isinstance(stage, OpenNode):
            found.add_open(stage)
        else:
            found.add_parts(stage.parts, stage.division.reasons)
    nodes = [
        found.placed.get(op.name, NodePlacement(op.name, op.type, "folded"))
        for op in _with_inner(step.plan, step.plan.operations, found.placed)
    ]
    return Explanation(backend.name, nodes, found.compilations)


def _with_inner(
    plan: Plan, operations: Iterable[Operation], placed: Mapping[str, NodePlacement]
) -> Iterator[Operation]:
    """Return operations; in place of one that calls functions come those of the functions."""
    graphs: dict[Operation, list[Graph]] = {}
    for graph, caller in plan.calls.items():
        graphs.setdefault(caller, []).append(graph)
    for op in operations:
        if op not in graphs or op.name in placed:
            yield op
        for graph in graphs.get(op, ()):
            inner = [o for o in graph.get_operations() if o in plan.inside]
            yield from _with_inner(plan, inner, placed)


class _Placed:
    """Collects where the nodes of a step run."""

    def __init__(self, step: Step, backend: Backend) -> None:
        self.placed: dict[str, NodePlacement] = {}
        self.compilations: list[int] = []
        self._plan = step.plan
        self._backend = backend

    def add_open(self, stage: OpenNode) -> None:
        """Add a node that may wait, or calls Python."""
        beside = not self._backend.host_arrays
        reason = HOST_ONLY.get(stage.op.type, DRIVEN if stage.node.blocks else "")
        self._add(stage.node, beside, reason)
        self.compilations.append(0)

    def add_parts(self, parts: Sequence[Part], reasons: Mapping[int, str]) -> None:
        """Add the pieces of a stage, or of a block that the host drives."""
        for part in parts:
            on_host = part.piece.host and not self._backend.host_arrays
            for node in part.piece.nodes:
                self._add(node, on_host, reasons.get(id(node), ""))
            self.compilations.append(getattr(part.executable, "compilations", 0))
            if isinstance(part.executable, Driven):
                for block in part.executable.blocks:
                    self.add_parts(block, reasons)

    def _add(self, node: Node, on_host: bool, reason: str) -> None:
        op = self._plan.origin(node)
        self.placed[op.name] = NodePlacement(
            op.name,
            op.type,
            "host" if on_host else self._backend.name,
            node.device,
            len(self.compilations),
            reason if on_host else "",
        )
        for block in node.blocks:
            for inner in block.nodes:
                self._add(inner, on_host, reason)
