"""The backend: nothing but the slots of a program, and the events of its stages, is an order.

`EVERGRAPH_SHUFFLE_SEED` decides the orders. What comes out differently than on NumPy relies on an
order that nothing asks for: a case of the kit, or an edge that the planner has lost.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter_ns
from typing import Any

import numpy as np

from evergraph.op import registry
from evergraph.plugin import Executable, Monitor, Node, NodeError, Program
from evergraph.runtime.executor import called
from evergraph.runtime.kernels import outputs_of
from evergraph.runtime.monitor import run_cancelled
from evergraph.runtime.progress import Progress
from evergraph.runtime.transaction import Transaction
from evergraph_numpy.backend import NumpyBackend

#: Effects that no slot stands for.
_SEEN = ("fs_read", "fs_write", "net", "process", "python")
_random = random.Random(os.environ.get("EVERGRAPH_SHUFFLE_SEED", "0"))


class ShuffleBackend(NumpyBackend):
    """Runs the nodes of a program, and the stages of a step, in another order every time."""

    name = "shuffle"

    def compile(self, program: Program) -> Executable:
        """Return what runs a program in a random order."""
        return _Shuffled(program, self.table, self._going)


class _Shuffled:
    """A program; of the nodes that fail, the first one counts, as in a compiled region."""

    def __init__(self, program: Program, table: Any, go: dict[str, Any]) -> None:
        self._go = go
        self._program = program
        self._table = table
        self._blocks = [[_Shuffled(b, table, go) for b in node.blocks] for node in program.nodes]
        self._calls = [None if node.blocks else called(node, table) for node in program.nodes]
        maker = {slot: i for i, node in enumerate(program.nodes) for slot in node.outputs}
        self._before = [{maker[s] for s in n.inputs if s in maker} for n in program.nodes]
        # What is seen outside of the program happens in its order.
        seen = [i for i, node in enumerate(program.nodes) if _is_seen(node)]
        for earlier, later in pairwise(seen):
            self._before[later].add(earlier)

    def __call__(self, inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
        program = self._program
        values: dict[int, Any] = dict(program.constants)
        values.update(zip(program.inputs, inputs, strict=True))
        failed: dict[int, NodeError] = {}
        for index in random_order(self._before):
            if monitor is not None:
                monitor.check()
            if not self._go:
                raise run_cancelled()
            node = program.nodes[index]
            if any(slot not in values for slot in node.inputs) or index > min(
                failed, default=index
            ):
                continue
            arguments = [values[slot] for slot in node.inputs]
            start = perf_counter_ns()
            try:
                call = self._calls[index] or self._control(index, monitor)
                with np.errstate(all="ignore"):
                    outputs = outputs_of(node.single, call(*arguments))
            except Exception as error:  # whatever a kernel raises
                failed[index] = NodeError(index, error, arguments)
                failed[index].__cause__ = error
                continue
            if monitor is not None and monitor.observer is not None:
                monitor.observer.node(program, index, start, perf_counter_ns(), outputs)
            values.update(zip(node.outputs, outputs, strict=True))
        if failed:
            raise failed[min(failed)]
        return [values[slot] for slot in program.outputs]

    def _control(self, index: int, monitor: Monitor | None) -> Any:
        """Return the call of a node with blocks."""

        def block(number: int) -> Any:
            inner = None if monitor is None else monitor.inside(index, number)

            def run(inputs: Sequence[Any]) -> Sequence[Any]:
                try:
                    return self._blocks[index][number](inputs, inner)
                except NodeError as error:
                    error.block = number
                    raise

            return run

        blocks = [block(i) for i in range(len(self._blocks[index]))]
        return self._table.control(self._program.nodes[index], blocks)


def _is_seen(node: Node) -> bool:
    if any(_is_seen(inner) for block in node.blocks for inner in block.nodes):
        return True
    op = registry().get(node.type)
    return op is not None and (op.context or op.effects in _SEEN)


def random_order(before: Sequence[set[int]]) -> list[int]:
    """Return the positions in a random order in which each comes after those before it."""
    waiting = [len(b) for b in before]
    after: list[list[int]] = [[] for _ in before]
    for index, sources in enumerate(before):
        for source in sources:
            after[source].append(index)
    ready = [i for i, count in enumerate(waiting) if not count]
    order = []
    while ready:
        index = ready.pop(_random.randrange(len(ready)))
        order.append(index)
        for later in after[index]:
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    return order


def _shuffle_stages(begin: Any) -> Any:
    """Return `Progress.__init__` with the stages in an order that their events allow."""

    def __init__(self: Progress, step: Any, context: Any) -> None:
        begin(self, step, context)
        stages = self._left
        before = [{j for j, t in enumerate(stages) if _precedes(t, s)} for s in stages]
        self._left = [stages[i] for i in random_order(before)]

    return __init__


def _precedes(one: Any, other: Any) -> bool:
    if one.needs == other.needs:
        # What an open node needs may come from the transaction of the same events.
        return isinstance(one, Transaction) and not isinstance(other, Transaction)
    return bool(one.needs & ~other.needs == 0)


# The executor has no switch for what only a test wants.
Progress.__init__ = _shuffle_stages(Progress.__init__)  # type: ignore[method-assign]
