"""`Step`: a planned and compiled `run`, from feed values to fetched values."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np

from evergraph.dtypes import DType, from_numpy
from evergraph.errors import UnimplementedError
from evergraph.graph.operation import Operation
from evergraph.runtime.backend import Backend, Executable
from evergraph.runtime.executor import Observer
from evergraph.runtime.failures import located, node_failure
from evergraph.runtime.kernels import numpy_table
from evergraph.runtime.plan import Plan
from evergraph.runtime.program import Node, NodeError, Program, Slot
from evergraph.runtime.regions import Division, Piece, divide, host_reason
from evergraph.runtime.resources import Resources, own
from evergraph.runtime.versions import uninitialized
from evergraph.shapes import TensorShape


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

    def _read(self, store: dict[Slot, Any]) -> None:
        for slot, cell, read in self._reads:
            if cell.value is None:
                error = uninitialized(read)
                raise located(read.op, error)
            store[slot] = cell.value
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
            # What holds a variable's memory is copied before another step may give it away.
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


def build_step(
    plan: Plan, backend: Backend, host: Backend, any_host: bool, resources: Resources
) -> Step:
    """Compile a plan.

    Args:
      plan: the step's nodes.
      backend: what runs them.
      host: what runs host nodes: the `numpy` backend.
      any_host: whether any op without a kernel of the backend may run on the host.
      resources: where the values of variables are.

    Raises:
      UnimplementedError: ops have no kernel; all of them are named.
    """
    dtypes = {s: from_numpy(np.asarray(v).dtype) for s, v in plan.constants.items()}
    dtypes |= {s: dtype.base_dtype for s, (dtype, _) in plan.types.items()}
    if backend.host_arrays:
        _check_kernels(plan, backend, [n for n in plan.nodes if n.type not in backend.table])
        pieces = [Piece(True, "", list(plan.nodes))] if plan.nodes else []
        division = Division(pieces, {})
    else:
        division = _divided(plan, backend, dtypes, any_host)
    parts = _parts(plan, division, backend, host, dtypes)
    return Step(plan, backend, division, parts, resources)


def _divided(plan: Plan, backend: Backend, dtypes: dict[Slot, DType], any_host: bool) -> Division:
    reasons: dict[int, str] = {}
    missing: list[Node] = []
    for node in plan.nodes:
        reason = host_reason(node, backend.table, dtypes, any_host)
        if reason is None or (reason and node.type not in numpy_table()):
            missing.append(node)
        elif reason:
            reasons[id(node)] = reason
    _check_kernels(plan, backend, missing)
    sizes = {s: TensorShape._of(dims).num_elements() for s, (_, dims) in plan.types.items()}
    given = [*plan.feeds, *plan.flags]
    return divide(plan.nodes, given, plan.reads, plan.constants, dtypes, sizes, reasons)


def _check_kernels(plan: Plan, backend: Backend, missing: list[Node]) -> None:
    if not missing:
        return
    by_type: dict[str, list[Operation]] = {}
    for node in missing:
        by_type.setdefault(node.type, []).append(plan.origin(node))
    described = []
    for type, ops in sorted(by_type.items()):
        first = ops[0]
        if len(ops) == 1:
            place = f", {first._site}" if first._site else ""
            described.append(f"{type} (node '{first.name}'{place})")
        else:
            described.append(f"{type} ({len(ops)} nodes, the first is '{first.name}')")
    have = [t for t in by_type if t in numpy_table()]
    hint = ""
    if have and not backend.host_arrays:
        hint = (
            f" The numpy backend has {', '.join(sorted(have))}: backend_options['host'] = 'any' "
            "lets such nodes run there."
        )
    raise UnimplementedError(
        None,
        next(iter(by_type.values()))[0],
        f"backend '{backend.name}' has no kernel for {' and '.join(described)}.{hint}",
    )


def _parts(
    plan: Plan, division: Division, backend: Backend, host: Backend, dtypes: dict[Slot, DType]
) -> list[Part]:
    producer = {s: i for i, p in enumerate(division.pieces) for n in p.nodes for s in n.outputs}
    readers: dict[Slot, set[int]] = {}
    for i, piece in enumerate(division.pieces):
        for node in piece.nodes:
            for slot in node.inputs:
                readers.setdefault(slot, set()).add(i)
        for slot in piece.static:
            readers.setdefault(slot, set()).add(i)
    parts = []
    fetched = {*plan.outputs, *plan.writes.values()}
    whole = len(division.pieces) == 1
    for i, piece in enumerate(division.pieces):
        read = dict.fromkeys(s for n in piece.nodes for s in n.inputs)
        read.update(dict.fromkeys(piece.static))
        inputs = [s for s in read if producer.get(s) != i and s not in plan.constants]
        written = [s for n in piece.nodes for s in n.outputs]
        outputs = [s for s in written if s in fetched or readers.get(s, {i}) != {i}]
        # In the order of the step where one piece is the whole step: nothing is shuffled then.
        if whole and set(inputs) <= set(plan.feeds):
            inputs = list(plan.feeds)
        if whole and not plan.writes and fetched.issubset(written):
            outputs = list(plan.outputs)
        program = Program(
            tuple(piece.nodes),
            tuple(inputs),
            tuple(dtypes[s] for s in inputs),
            tuple(outputs),
            {s: plan.constants[s] for s in read if s in plan.constants},
            frozenset(k for k, s in enumerate(inputs) if s in piece.static),
            piece.device,
            # What may still fail after this part must find the old values.
            _donated(plan, piece, inputs, outputs) if i == len(division.pieces) - 1 else (),
        )
        runner = host if piece.host and not backend.host_arrays else backend
        to_host = tuple(
            k
            for k, s in enumerate(inputs)
            if (s in plan.reads or (s in producer and not division.pieces[producer[s]].host))
            and (piece.host or s in piece.static)
            and not backend.host_arrays
        )
        parts.append(Part(piece, program, compiled(runner, program), to_host))
    return parts


def _donated(
    plan: Plan, piece: Piece, inputs: list[Slot], outputs: list[Slot]
) -> tuple[tuple[int, int], ...]:
    """Return the positions of variables' values that the last part reads, and of those that follow.

    A value that is fetched as well, or held by another version, is not given away.
    """
    if piece.host:
        return ()
    kept = {*plan.outputs, *plan.writes.values()}
    found = []
    for k, slot in enumerate(inputs):
        read = plan.reads.get(slot)
        after = plan.writes.get(read.variable) if read is not None else None
        if after is not None and slot not in kept and slot not in piece.static and after in outputs:
            found.append((k, outputs.index(after)))
    return tuple(found)


_SHARED: Final[OrderedDict[Any, Executable]] = OrderedDict()
_SHARED_LIMIT: Final = 256
_lock = threading.Lock()


def compiled(backend: Backend, program: Program) -> Executable:
    """Return the program's executable; equal programs of equal backends share one."""
    if backend.cache_key is None:
        return backend.compile(program)
    key = (backend.cache_key, program.hash)
    with _lock:
        found = _SHARED.get(key)
        if found is not None:
            _SHARED.move_to_end(key)
            return found
    made = backend.compile(program)
    with _lock:
        made = _SHARED.setdefault(key, made)
        while len(_SHARED) > _SHARED_LIMIT:
            _SHARED.popitem(last=False)
    return made
