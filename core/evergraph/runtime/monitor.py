"""`Monitor`: what may watch a program while it runs, and stop it; observers of nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from evergraph.errors import CancelledError
from evergraph.graph.operation import Operation
from evergraph.runtime.program import Node, Program


class Observer(Protocol):
    """Is told by an executable about every node that it runs."""

    def node(
        self, program: Program, index: int, start_ns: int, end_ns: int, outputs: Sequence[Any]
    ) -> None:
        """Note that node `index` of `program` ran.

        Args:
          program, index: which node.
          start_ns, end_ns: `time.perf_counter_ns`.
          outputs: what it gave.
        """

    def inside(self, index: int, block: int) -> Observer:
        """Return what is told about the nodes of a block of node `index`."""
        ...

    def of(self, nodes: Sequence[Node]) -> Observer:
        """Return what is told about these nodes of the program by their number among them."""
        ...


@dataclass(frozen=True)
class NodeEvent:
    """An operation ran.

    Attributes:
      name, type: of the operation.
      inputs: names of the operations that its inputs come from; `:1` … for further outputs.
      device: the full name of its device; "" for the host beside a backend.
      start_ns, end_ns: `time.perf_counter_ns`.
      outputs: arrays of NumPy's or the backend's; not to be kept.
    """

    name: str
    type: str
    inputs: tuple[str, ...]
    device: str
    start_ns: int
    end_ns: int
    outputs: Sequence[Any]


class StepObserver(Protocol):
    """Is told about every node of every step; plugins offer them."""

    def node(self, event: NodeEvent) -> None:
        """Note that an operation ran."""


def event_of(
    op: Operation, type: str, device: str, start_ns: int, end_ns: int, outputs: Sequence[Any]
) -> NodeEvent:
    """Return the event of an operation, which ran as a node of this type."""
    inputs = tuple(t.name.removesuffix(":0") for t in op._inputs)
    return NodeEvent(op.name, type, inputs, device, start_ns, end_ns, outputs)


@dataclass(slots=True)
class Monitor:
    """Watches one run of a program.

    Attributes:
      check: raises if the run is to stop; called between nodes, or while a compiled program runs.
      observer: is told about every node, which then runs on its own; None for nobody.
      watched: whether there is an observer, or a time limit. If not, `check` does no more than
        tell that the session is being closed, and may be called less often.
      kept: returns, by position of the output, values of variables that must be kept although
        the run was stopped or failed, because the memory of the old ones is gone. The executable
        sets it before it gives memory away: an interrupt may come right after.
    """

    check: Callable[[], None]
    observer: Observer | None = None
    watched: bool = True
    kept: Callable[[], Mapping[int, Any]] = dict

    def of(self, block: int, nodes: Sequence[Node]) -> Monitor:
        """Return what watches some nodes of a block of the only node."""
        observer = self.observer
        if observer is not None:
            observer = observer.inside(0, block).of(nodes)
        return Monitor(self.check, observer, self.watched)

    def inside(self, index: int, block: int) -> Monitor:
        """Return what watches a block of node `index`."""
        observer = self.observer
        inner = None if observer is None else observer.inside(index, block)
        return Monitor(self.check, inner, self.watched)


def run_cancelled() -> CancelledError:
    """Return TensorFlow's error for a run whose session is being closed."""
    return CancelledError(None, None, "Run call was cancelled")
