"""The stages of a step, compiled: transactions, and nodes that may wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any, Final

import numpy as np

from evergraph.errors import CancelledError, OpError
from evergraph.graph.operation import Operation
from evergraph.op import Pending, registry
from evergraph.runtime.backend import Backend, Executable, on_host
from evergraph.runtime.context import StepContext
from evergraph.runtime.driven import Divided, PartError, run_parts
from evergraph.runtime.failures import located, node_failure
from evergraph.runtime.kernels import Call, outputs_of
from evergraph.runtime.monitor import Monitor, StepObserver, event_of
from evergraph.runtime.program import Node, NodeError, Program, Slot
from evergraph.runtime.regions import Division, Piece
from evergraph.runtime.resources import Cell, Resources, own, put
from evergraph.runtime.stages import Plan, Stage
from evergraph.runtime.versions import Read, stand_in


class Part:
    """A piece of a stage, compiled.

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


class _Naming:
    """Tells a step observer the names that an executable does not know."""

    def __init__(
        self, observer: StepObserver, plan: Plan, nodes: Sequence[Node], device: str | None
    ) -> None:
        self._observer = observer
        self._plan = plan
        self._nodes = nodes
        self._device = device

    def node(
        self, program: Program, index: int, start_ns: int, end_ns: int, outputs: Sequence[Any]
    ) -> None:
        del program
        node = self._nodes[index]
        op = self._plan.origin(node)
        device = node.device if self._device is None else self._device
        self._observer.node(event_of(op, node.type, device, start_ns, end_ns, outputs))

    def inside(self, index: int, block: int) -> _Naming:
        """Return what is told about the nodes of a block of node `index`."""
        return self.of(self._nodes[index].blocks[block].nodes)

    def of(self, nodes: Sequence[Node]) -> _Naming:
        """Return what is told about these nodes by their number among them."""
        return _Naming(self._observer, self._plan, nodes, self._device)


class Transaction:
    """A stage that runs as a whole: from reading variables to writing them, nobody else does.

    Args:
      plan: of the step.
      stage: of the plan.
      backend: what runs it.
      division: how its nodes are cut into pieces.
      parts: the pieces, compiled.
      leaving: slots whose values later stages, or the caller, will use.
      resources: where the values of variables are.
      divided: see `run_parts`.
      preceding: returns what is done although an operation fails; None if that is nothing.
      check: raises if the session is being closed.
    """

    def __init__(
        self,
        plan: Plan,
        stage: Stage,
        backend: Backend,
        division: Division,
        parts: list[Part],
        leaving: frozenset[Slot],
        resources: Resources,
        divided: Divided,
        preceding: Callable[[Operation], Transaction | None],
        check: Callable[[], None],
    ) -> None:
        self.needs: Final = stage.needs
        self.division = division
        self.parts = parts
        self._plan = plan
        self._backend = backend
        self._resources = resources
        self._preceding = preceding
        self._divided = divided
        self._done_before: dict[Operation, Transaction | None] = {}
        self._reads = [(s, resources.cell(r.variable), r) for s, r in stage.reads.items()]
        self._flags = [(s, resources.cell(v)) for s, v in stage.flags.items()]
        self._writes = [(s, resources.cell(v)) for v, s in stage.writes.items()]
        self._written = tuple([cell for _, cell in self._writes])
        #: Of variables that may be left without a value: whether there is one.
        self._given = {id(resources.cell(v)): s for v, s in stage.given.items()}
        self.check: Final = check
        #: Of a run that nobody watches; NumPy programs know on their own when to stop.
        self.monitor = None if backend.host_arrays else Monitor(check, watched=False)
        self._stateful = bool(self._reads or self._flags or self._writes)
        #: What may be the memory of a variable, which another step may give away.
        self._leaving = sorted(leaving) if self._stateful and not backend.host_arrays else []
        self._lock: AbstractContextManager[Any] = (
            resources.lock if self._stateful else nullcontext()
        )

    def run(self, store: dict[Slot, Any], context: StepContext | None) -> None:
        """Take values from the store, and put values there.

        Raises:
          CancelledError: the session was closed.
          OpError: a node failed; the error names it. No variable has changed then, but by updates
            that the node waited for.
        """
        with self._lock:
            if self._stateful:
                self._resources.check_open()
            for slot, cell, read in self._reads:
                store[slot] = self.absent(read, store) if cell.value is None else cell.value
            for slot, cell in self._flags:
                store[slot] = np.bool_(cell.value is not None)
            monitors: list[Monitor] = []
            done = False
            try:
                self._run_parts(store, context, monitors)
                self._write(store)
                done = True
            finally:
                if not done:
                    self.keep(monitors)
            self._copy_leaving(store)

    def _run_parts(
        self, store: dict[Slot, Any], context: StepContext | None, monitors: list[Monitor]
    ) -> None:
        def run(part: Part, inputs: list[Any]) -> Sequence[Any]:
            if context is not None and context.watched:
                observer, piece = context.observer, part.piece
                naming = None
                if observer is not None:
                    # Where there is no host beside the backend, one piece has all logical devices.
                    device = None if self._backend.host_arrays else piece.device
                    naming = _Naming(observer, self._plan, piece.nodes, device)
                monitors.append(Monitor(context.check, naming))
            else:
                self.check()
                monitors.append(Monitor(self.check, watched=False))
            return part.executable(inputs, monitors[-1])

        try:
            self.parts = run_parts(self.parts, store, self._backend, run, self._divided)
        except PartError as failed:
            raise self.failure(failed.part, failed.error, store, monitors) from failed.error.error

    def keep(self, monitors: list[Monitor]) -> None:
        """Store the values of variables whose old ones are gone: it is the last part that may."""
        if monitors:
            outputs = self.parts[-1].program.outputs
            kept = {outputs[i]: v for i, v in monitors.pop().kept().items()}
            put(self._written, [kept.get(slot, cell.value) for slot, cell in self._writes])

    def _write(self, store: dict[Slot, Any]) -> None:
        if self._writes:
            constants = self._plan.constants
            fed = [store[s] for s in self._plan.feeds if s in store]
            writes = self._writes
            if self._given:
                writes = [(s, cell) for s, cell in writes if self._is_given(cell, store)]
            put(
                tuple([cell for _, cell in writes]) if self._given else self._written,
                [own(store[s] if s in store else constants[s], fed) for s, _ in writes],
            )

    def _is_given(self, cell: Cell, store: dict[Slot, Any]) -> bool:
        flag = self._given.get(id(cell))
        return flag is None or bool(self._backend.to_host(store[flag]))

    def _copy_leaving(self, store: dict[Slot, Any]) -> None:
        """Copy what holds a variable's memory before another step may give it away."""
        if not self._leaving:
            return
        held = self._held()
        for slot in self._leaving:
            value = store.get(slot)
            if id(value) in held:
                store[slot] = _copied(self._backend, value)

    def _held(self) -> set[int]:
        held = {id(cell.value) for _, cell, _ in self._reads}
        return held | {id(cell.value) for _, cell in self._writes}

    def failure(
        self, part: Part, error: NodeError, store: dict[Slot, Any], monitors: list[Monitor]
    ) -> OpError:
        """Return the error that a user sees for a node of a part that failed.

        What the node waited for is done.
        """
        self.keep(monitors)
        node = part.piece.nodes[error.index]
        self._run_preceding(self._plan.origin(node), store)
        return failure_of(self._plan, node, error)

    def absent(self, read: Read, store: dict[Slot, Any]) -> Any:
        """Return what stands in for the value of a variable that has none.

        Raises:
          OpError: the value is used. What the operation that reads it waited for is done.
        """
        try:
            return stand_in(read)
        except OpError:
            self._run_preceding(read.op, store)
            raise

    def _run_preceding(self, failing: Operation, store: dict[Slot, Any]) -> None:
        # Where nodes run in order, assertions have been looked at.
        if not self._writes and self._backend.host_arrays:
            return
        if failing not in self._done_before:
            self._done_before[failing] = self._preceding(failing)
        before = self._done_before[failing]
        if before is not None:
            before.run(store, None)

    # Faster ways for a step that is this transaction alone

    @property
    def _may_divide(self) -> bool:
        """Whether it may turn out, when a part is compiled, that it must be several."""
        compiled = not self._backend.host_arrays
        return compiled and any(n.blocks for part in self.parts for n in part.piece.nodes)

    def direct(self, feeds: list[Slot], outputs: list[Slot]) -> Executable | None:
        """Return what turns feeds into outputs, if one executable does all."""
        if self._stateful or len(self.parts) != 1 or self.parts[0].to_host or self._may_divide:
            return None
        program = self.parts[0].program
        exact = list(program.inputs) == feeds and list(program.outputs) == outputs
        return self.parts[0].executable if exact else None

    def short(self, feeds: list[Slot], outputs: list[Slot]) -> ShortWay | None:
        """Return the way of a stateful step of at most one part, without a store, if it has one."""
        if not self._stateful or self._flags or self._given or len(self.parts) > 1:
            return None
        if self._may_divide:
            return None
        cells = {s: (c, r) for s, c, r in self._reads}
        given, made = [*feeds, *cells], list[Slot]()
        executable: Executable = _nothing
        if self.parts:
            program = self.parts[0].program
            given, made = list(program.inputs), list(program.outputs)
            executable = self.parts[0].executable
            if self.parts[0].to_host or given[: len(feeds)] != feeds:
                return None
        after = given[len(feeds) :]
        values = [*given, *made]
        if set(after) != set(cells) or not set(outputs) <= set(values):
            return None
        if not {s for s, _ in self._writes} <= set(made):
            return None
        return ShortWay(
            self,
            self._resources.lock,
            self._backend,
            feeds,
            executable,
            [cells[s] for s in after],
            [made.index(s) for s, _ in self._writes],
            self._written,
            [values.index(s) for s in outputs],
            bool(self.parts and self.parts[0].program.donated),
        )


def _nothing(inputs: Sequence[Any], monitor: Monitor | None = None) -> Sequence[Any]:
    """Run no node."""
    del inputs, monitor
    return ()


@dataclass(frozen=True, slots=True)
class ShortWay:
    """A step of one part or none: its inputs are the feeds, then the values of variables.

    Attributes:
      transaction: what it is.
      lock: held while it runs.
      backend: as there.
      feeds: their slots.
      executable: the part.
      cells: of the variables that it reads, in the order of its inputs.
      writes: positions of outputs that variables take.
      written: the cells of those variables.
      fetches: positions, among inputs and then outputs, of what is fetched.
      donates: whether the executable is given the memory of variables.
    """

    transaction: Transaction
    lock: AbstractContextManager[Any]
    backend: Backend
    feeds: list[Slot]
    executable: Executable
    cells: list[tuple[Cell, Read]]
    writes: list[int]
    written: tuple[Cell, ...]
    fetches: list[int]
    donates: bool

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """Run the step with one value per feed; see `Transaction.run`."""
        with self.lock:
            self.transaction._resources.check_open()
            inputs = list(values)
            for cell, read in self.cells:
                value = cell.value
                inputs.append(self._absent(read, values) if value is None else value)
            if self.donates:
                outputs = self._donated(inputs, values)
            else:
                try:
                    outputs = self.executable(inputs, self.transaction.monitor)
                except NodeError as error:
                    raise self._failure(values, error, []) from error.error
                if self.writes:
                    self._write(outputs, values)
            if not self.fetches:
                return ()
            every = [*inputs, *outputs]
            fetched = [every[k] for k in self.fetches]
            if self.backend.host_arrays:
                return fetched
            held = self.transaction._held()
            return [_copied(self.backend, v) if id(v) in held else v for v in fetched]

    def _donated(self, inputs: Sequence[Any], values: Sequence[Any]) -> Sequence[Any]:
        """Run and write; whatever happens, no variable is left without a value."""
        monitors = [Monitor(self.transaction.check, watched=False)]
        done = False
        try:
            outputs = self.executable(inputs, monitors[0])
            self._write(outputs, values)
            done = True
        except NodeError as error:
            raise self._failure(values, error, monitors) from error.error
        finally:
            if not done:
                self.transaction.keep(monitors)
        return outputs

    def _write(self, outputs: Sequence[Any], values: Sequence[Any]) -> None:
        if len(self.writes) == 1:
            # 0.4 us less than for several, and no interrupt can come in between.
            self.written[0].value = own(outputs[self.writes[0]], values)
        else:
            put(self.written, [own(outputs[k], values) for k in self.writes])

    def _failure(self, values: Sequence[Any], error: NodeError, monitors: list[Monitor]) -> OpError:
        part = self.transaction.parts[0]
        return self.transaction.failure(part, error, self._store(values), monitors)

    def _absent(self, read: Read, values: Sequence[Any]) -> Any:
        return self.transaction.absent(read, self._store(values))

    def _store(self, values: Sequence[Any]) -> dict[Slot, Any]:
        return dict(zip(self.feeds, values, strict=True))


def _copied(backend: Backend, value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value
    copy = np.array(backend.to_host(value))
    # Indexing with () gives a view, which is not the caller's own: it would be copied again.
    return copy if copy.ndim else copy[()]


def failure_of(plan: Plan, node: Node, error: NodeError) -> OpError:
    """Return the error that a user sees for a node that failed, or one inside of it."""
    while isinstance(error.error, NodeError):
        error = error.error
        node = node.blocks[error.block].nodes[error.index]
    return node_failure(plan.origin(node), error)


class OpenNode:
    """A node that may wait, or calls Python: it runs alone, and under no lock.

    Args:
      plan: of the step.
      stage: it is the only node of.
      op: where it comes from.
      call: its kernel.
      to_host: positions of inputs that must be brought to the host first.
      backend: whose arrays they are.
    """

    def __init__(
        self,
        plan: Plan,
        stage: Stage,
        op: Operation,
        call: Call,
        to_host: tuple[int, ...],
        backend: Backend,
    ) -> None:
        self.needs: Final = stage.needs
        self.event: Final = stage.event
        self.node: Final[Node] = stage.nodes[0]
        self.op = op
        self._plan = plan
        self._call = call
        self._to_host = to_host
        self._backend = backend
        known = registry().get(op.type)
        # Of a conditional or a loop it is not known; one more check does no harm.
        self._calls_python = known is None or known.effects == "python"

    def start(self, store: dict[Slot, Any], context: StepContext) -> Pending | None:
        """Run the node; return what it waits for, or None if its outputs are in the store.

        Raises:
          OpError: it failed.
        """
        context.check()
        inputs = [store[s] for s in self.node.inputs]
        for i in self._to_host:
            inputs[i] = on_host(self._backend, inputs[i])
        start = perf_counter_ns()
        try:
            with np.errstate(all="ignore"):
                result = self._call(*inputs)
        except NodeError as error:
            raise self._inner_failure(error) from error.error
        except Exception as error:
            raise node_failure(self.op, NodeError(0, error, inputs)) from error
        if isinstance(result, Pending):
            return result
        self._put(store, result)
        self._tell(store, context, start)
        if self._calls_python:
            # Nobody could stop the function.
            context.check()
        return None

    def finish(self, store: dict[Slot, Any], pending: Pending, context: StepContext) -> None:
        """Put the outputs that were waited for into the store.

        Raises:
          OpError: it failed.
        """
        try:
            result = pending.result()
        except OpError as error:
            raise located(self.op, error) from error
        self._put(store, result)
        self._tell(store, context, pending.start_ns)

    def _inner_failure(self, error: NodeError) -> OpError:
        return failure_of(self._plan, self.node, error)

    def cancelled(self, pending: Pending) -> OpError:
        """Return the error of a node that will wait no longer."""
        return located(self.op, CancelledError(None, None, pending.cancelled_text))

    def _tell(self, store: dict[Slot, Any], context: StepContext, start_ns: int) -> None:
        if context.observer is not None:
            outputs = [store[s] for s in self.node.outputs]
            end = perf_counter_ns()
            context.observer.node(event_of(self.op, self.op.type, "", start_ns, end, outputs))

    def _put(self, store: dict[Slot, Any], result: Any) -> None:
        outputs = outputs_of(self.node.single, result)
        store.update(zip(self.node.outputs, outputs, strict=True))
