"""`Monitor`: what may watch a program while it runs, and stop it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from evergraph.runtime.program import Program


class Observer(Protocol):
    """Is told by an executable about every node that it runs."""

    def node(self, program: Program, index: int, start_ns: int, end_ns: int) -> None:
        """Note that node `index` of `program` ran between these times (perf_counter_ns)."""


@dataclass
class Monitor:
    """Watches one run of a program. A run that nobody watches has none, and pays nothing.

    Attributes:
      check: raises if the run is to stop; called between nodes, or while a compiled program runs.
      observer: is told about every node, which then runs on its own; None for nobody.
      kept: by position of the output: values of variables that must be kept although the run is
        stopped, because the memory of the old ones was given away.
    """

    check: Callable[[], None]
    observer: Observer | None = None
    kept: dict[int, Any] = field(default_factory=dict)
