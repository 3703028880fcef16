"""`Step`: a planned and compiled `run`, from feed values to fetched values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from evergraph.runtime.backend import Backend, Executable
from evergraph.runtime.executor import Observer
from evergraph.runtime.failures import node_failure
from evergraph.runtime.plan import Plan
from evergraph.runtime.program import NodeError, Program, Slot
from evergraph.runtime.regions import Division, Piece
from evergraph.runtime.resources import Cell, Resources, own
from evergraph.runtime.versions import Read, stand_in


class Part:
    """A piece of a step, compiled.

    Attributes:
      piece: its nodes.
      program: what was compiled.
      to_host: positions of inputs that must be brought to the host first.
    """

    def __init__(
        self, piece: Piece, program: Program, executable: Executable, to_host: tuple[int, ...]
    ) -> None:
        self.piece = piece
        self.program = program
        self.executable = executable
        self.to_host = to_host


class StepObserver(Protocol):
    """Is told about every node of every step; plugins offer them."""

    def node(self, name: str, type: str, device: str, start_ns: int, end_ns: int) -> None:
        """Note that an operation ran.

        Args:
          name, type: of the operation.
          device: the full name of its device; "" for the host beside a backend.
          start_ns, end_ns: `time.perf_counter_ns`.
        """


class _Naming:
    """Tells a step observer the names that an executable does not know."""

    def __init__(self, observer: StepObserver, plan: Plan, part: Part) -> None:
        self._observer = observer
        self._plan = plan
        self._part = part

    def node(self, program: Program, index: int, start_ns: int, end_ns: int) -> None:
        del program
        node = self._part.piece.nodes[index]
        name = self._plan.origin(node).name
        self._observer.node(name, node.type, self._part.piece.device, start_ns, end_ns)


class Step:
    """A compiled step. Called with feed values in order, it returns fetched values in order.

    Args:
      plan: the step's nodes.
      backend: what runs them.
      division: how they are cut into pieces.
      parts: the pieces, compiled.
      resources: where the values of variables are.
    """

    def __init__(
        self,
        plan: Plan,
        backend: Backend,
        division: Division,
        parts: list[Part],
        resources: Resources,
    ) -> None:
        self.plan = plan
        self.division = division
        self.parts = parts
        self._backend = backend
        self._constants = {s: plan.constants[s] for s in plan.outputs if s in plan.constants}
        self._outputs = plan.outputs
        self._resources = resources
        self._reads = [(s, resources.cell(r.variable), r) for s, r in plan.reads.items()]
        self._flags = [(s, resources.cell(v)) for s, v in plan.flags.items()]
        self._writes = [(s, resources.cell(v)) for v, s in plan.writes.items()]
        self._stateful = bool(self._reads or self._flags or self._writes)
        self._direct: Executable | None = None
        self._short: _Short | None = None
        if len(parts) == 1 and self._stateful:
            self._short = _short(plan, parts[0], self._reads, self._writes)
        if len(parts) == 1 and not self._stateful:
            program = parts[0].program
            exact = list(program.inputs) == plan.feeds and list(program.outputs) == plan.outputs
            if exact and not parts[0].to_host:
                self._direct = parts[0].executable

    def __call__(
        self, values: Sequence[Any], observer: StepObserver | None = None
    ) -> Sequence[Any]:
        """Run the step.

        Raises:
          OpError: a node failed; the error names it. No variable has changed then.
        """
        if self._direct is not None:
            try:
                return self._direct(values, self._naming(observer, self.parts[0]))
            except NodeError as error:
                raise self._failure(self.parts[0], error) from error.error
        if self._short is not None and observer is None:
            with self._resources.lock:
                return self._in_short(self._short, values)
        store: dict[Slot, Any] = dict(zip(self.plan.feeds, values, strict=True))
        if self._stateful:
            # From reading variables to writing them, nobody else does; also, nobody else gives the
            # memory of a variable away before what was read has been copied.
            with self._resources.lock:
                self._read(store)
                self._run(store, observer)
                self._write(store, values)
                return self._fetched(store)
        self._run(store, observer)
        return self._fetched(store)

    def _in_short(self, short: _Short, values: Sequence[Any]) -> Sequence[Any]:
        """A transaction of one part, without a store for its slots."""
        inputs = list(values)
        for cell in short.cells:
            value = cell.value
            if value is None:
                value = stand_in(next(r for _, c, r in self._reads if c is cell))
            inputs.append(value)
        try:
            outputs = short.executable(inputs)
        except NodeError as error:
            for k, cell in short.writes:
                cell.value = error.kept.get(k, cell.value)
            raise self._failure(self.parts[0], error) from error.error
        for k, cell in short.writes:
            cell.value = own(outputs[k], values)
        fetched = [outputs[k] for k in short.fetches]
        return fetched if self._backend.host_arrays or not fetched else self._copied(fetched)

    def _read(self, store: dict[Slot, Any]) -> None:
        for slot, cell, read in self._reads:
            store[slot] = stand_in(read) if cell.value is None else cell.value
        for slot, cell in self._flags:
            store[slot] = np.bool_(cell.value is not None)

    def _run(self, store: dict[Slot, Any], observer: StepObserver | None) -> None:
        to_host = self._backend.to_host
        for part in self.parts:
            inputs = [store[s] for s in part.program.inputs]
            for i in part.to_host:
                inputs[i] = to_host(inputs[i])
            try:
                outputs = part.executable(inputs, self._naming(observer, part))
            except NodeError as error:
                if error.kept:
                    kept = {part.program.outputs[i]: v for i, v in error.kept.items()}
                    for slot, cell in self._writes:
                        cell.value = kept.get(slot, cell.value)
                raise self._failure(part, error) from error.error
            store.update(zip(part.program.outputs, outputs, strict=True))

    def _write(self, store: dict[Slot, Any], fed: Sequence[Any]) -> None:
        constants = self.plan.constants
        for slot, cell in self._writes:
            cell.value = own(store[slot] if slot in store else constants[slot], fed)

    def _fetched(self, store: dict[Slot, Any]) -> Sequence[Any]:
        store.update(self._constants)
        outputs = [store[s] for s in self._outputs]
        if self._stateful and not self._backend.host_arrays:
            return self._copied(outputs)
        return outputs

    def _copied(self, outputs: list[Any]) -> list[Any]:
        """Copy what holds a variable's memory before another step may give it away."""
        held = {id(cell.value) for _, cell, _ in self._reads}
        held |= {id(cell.value) for _, cell in self._writes}
        to_host = self._backend.to_host
        for i, value in enumerate(outputs):
            if id(value) in held and not isinstance(value, np.ndarray | np.generic):
                outputs[i] = np.array(to_host(value))[()]
        return outputs

    def _naming(self, observer: StepObserver | None, part: Part) -> Observer | None:
        return None if observer is None else _Naming(observer, self.plan, part)

    def _failure(self, part: Part, error: NodeError) -> BaseException:
        op = self.plan.origin(part.piece.nodes[error.index])
        return node_failure(op, error)


@dataclass(frozen=True)
class _Short:
    """How a step of one part runs: its inputs are the feeds, then the values of these cells.

    Attributes:
      executable: the part.
      cells: of the variables that it reads, in the order of its inputs.
      writes: positions of outputs, and the cells that take them.
      fetches: positions of outputs that are fetched.
    """

    executable: Executable
    cells: list[Cell]
    writes: list[tuple[int, Cell]]
    fetches: list[int]


def _short(
    plan: Plan,
    part: Part,
    reads: list[tuple[Slot, Cell, Read]],
    writes: list[tuple[Slot, Cell]],
) -> _Short | None:
    """Return the short way of a step, if it has one."""
    inputs, outputs = list(part.program.inputs), list(part.program.outputs)
    cells = {s: c for s, c, _ in reads}
    after = inputs[len(plan.feeds) :]
    wanted = {*plan.outputs, *(s for s, _ in writes)}
    if (
        part.to_host
        or inputs[: len(plan.feeds)] != plan.feeds
        or set(after) != set(cells)
        or not wanted <= set(outputs)
    ):
        return None
    return _Short(
        part.executable,
        [cells[s] for s in after],
        [(outputs.index(s), c) for s, c in writes],
        [outputs.index(s) for s in plan.outputs],
    )
