"""From a plan to a step: cut into pieces, each compiled by what runs it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from evergraph.dtypes import from_numpy
from evergraph.graph.operation import Operation
from evergraph.op import registry
from evergraph.ops.row_sums import DEDUPLICATED
from evergraph.runtime.backend import Backend, Executable
from evergraph.runtime.claims import drive, host_reasons
from evergraph.runtime.context import Cancellation
from evergraph.runtime.driven import Driven
from evergraph.runtime.places import keep_exact
from evergraph.runtime.preceding import preceding
from evergraph.runtime.program import Node, Program, Slot
from evergraph.runtime.regions import Division, Piece, divide
from evergraph.runtime.resources import Resources
from evergraph.runtime.rows import sum_rows
from evergraph.runtime.stages import Plan, Stage
from evergraph.runtime.step import Step
from evergraph.runtime.transaction import OpenNode, Part, Transaction
from evergraph.runtime.unused import drop_unused
from evergraph.shapes import TensorShape

if TYPE_CHECKING:
    from evergraph.runtime.functions import Functions


def build_step(
    plan: Plan,
    backend: Backend,
    host: Backend,
    any_host: bool,
    resources: Resources,
    cancellation: Cancellation,
    functions: Functions | None = None,
) -> Step:
    """Compile a plan.

    Args:
      plan: the step's nodes.
      backend: what runs them.
      host: what runs host nodes: the `numpy` backend.
      any_host: whether any op without a kernel of the backend may run on the host.
      resources: where the values of variables are.
      cancellation: of the session.
      functions: runs the functions that nodes call on their own.

    Raises:
      MissingKernelError: ops have no kernel; all of them are named.
    """
    drop_unused(plan)
    keep_exact(plan, backend.table)
    if not backend.host_arrays and DEDUPLICATED in backend.table:
        sum_rows(plan)
    assembler = _Assembler(plan, backend, host, any_host, resources, cancellation)
    stages = [assembler.compiled(stage) for stage in plan.stages]
    return Step(plan, stages, resources, cancellation, functions)


class _Assembler:
    """Compiles the stages of a plan, in order."""

    def __init__(
        self,
        plan: Plan,
        backend: Backend,
        host: Backend,
        any_host: bool,
        resources: Resources,
        cancellation: Cancellation,
    ) -> None:
        self._plan = plan
        self._cancellation = cancellation
        self._backend = backend
        self._host = host
        self._resources = resources
        dtypes = {s: from_numpy(np.asarray(v).dtype) for s, v in plan.constants.items()}
        dtypes |= {s: dtype.base_dtype for s, (dtype, _) in plan.types.items()}
        self._dtypes = dtypes
        self._sizes = {s: TensorShape._of(d).num_elements() for s, (_, d) in plan.types.items()}
        self._reasons = host_reasons(plan, backend, dtypes, any_host)
        #: Slots of earlier stages, by whether their values are the backend's arrays.
        self._at_host: set[Slot] = set(plan.feeds)
        if plan.context is not None:
            self._at_host.add(plan.context)
        self._at_device: set[Slot] = set()

    def compiled(self, stage: Stage) -> Transaction | OpenNode:
        """Return a stage, compiled."""
        if stage.event:
            return self._open(stage)
        return self._transaction(stage, self._leaving(stage))

    def _transaction(self, stage: Stage, leaving: frozenset[Slot]) -> Transaction:
        division = self._divided(stage)
        whole = len(self._plan.stages) == 1 and not stage.needs and not self._plan.partial
        parts = self._parts(stage, division, leaving, self._plan.constants, whole)
        for piece in division.pieces:
            made = {s for n in piece.nodes for s in n.outputs}
            (self._at_device if self._gives_arrays(piece) else self._at_host).update(made)
        self._at_host.update(stage.flags)
        (self._at_host if self._backend.host_arrays else self._at_device).update(stage.reads)
        return Transaction(
            self._plan,
            stage,
            self._backend,
            division,
            parts,
            leaving,
            self._resources,
            self._redivided,
            lambda op: self._preceding(stage, op),
            self._cancellation.check,
        )

    def _preceding(self, stage: Stage, failing: Operation) -> Transaction | None:
        """Return what an operation that fails leaves done, compiled; None if that is nothing."""
        before = preceding(self._plan, stage, failing)
        return None if before is None else self._transaction(before, frozenset())

    def _gives_arrays(self, piece: Piece) -> bool:
        """Whether the values that a piece gives may be arrays of a library's."""
        # What the host drives hands on what the blocks gave, on whichever side they ran.
        return (piece.driven or not piece.host) and not self._backend.host_arrays

    def _leaving(self, stage: Stage) -> frozenset[Slot]:
        """Return the slots of a stage that others use."""
        made = {s for n in stage.nodes for s in n.outputs} | {*stage.reads, *stage.flags}
        used = set(self._plan.outputs)
        for other in self._plan.stages:
            if other is not stage:
                used |= other.used
        return frozenset(made & used)

    def _open(self, stage: Stage) -> OpenNode:
        node = stage.nodes[0]
        if node.blocks:
            return self._open_blocks(stage, node)
        call = self._host.table.call(node.signature, node.attributes)
        known = registry().get(node.type)
        resident = known is not None and known.resident
        to_host = tuple(i for i, s in enumerate(node.inputs) if s in self._at_device)
        for slot in node.outputs:
            stays = resident and self._dtypes[slot].name != "string"
            (self._at_device if stays else self._at_host).add(slot)
        if resident:
            to_host = ()
        return OpenNode(self._plan, stage, self._plan.origin(node), call, to_host, self._backend)

    def _open_blocks(self, stage: Stage, node: Node) -> OpenNode:
        """Return a conditional or a loop in which something may wait."""
        constants = self._plan.constants
        used = {s: constants[s] for s in node.inputs if s in constants}
        given = tuple(s for s in dict.fromkeys(node.inputs) if s not in used)
        dtypes = tuple(self._dtypes[s] for s in given)
        program = Program((node,), given, dtypes, node.outputs, used)
        executable: Executable
        if self._backend.host_arrays:
            executable = self._backend.compile(program)
        else:
            executable = self._driven(node, program)
        self._at_device.update(node.outputs)

        def call(*inputs: Any) -> Any:
            values = dict(zip(node.inputs, inputs, strict=True))
            return executable([values[s] for s in given])

        return OpenNode(self._plan, stage, self._plan.origin(node), call, (), self._backend)

    def _divided(self, stage: Stage) -> Division:
        if self._backend.host_arrays:
            return Division([Piece(True, "", list(stage.nodes))] if stage.nodes else [], {})
        return divide(
            stage.nodes,
            self._at_host | set(stage.flags),
            self._at_device | set(stage.reads),
            self._plan.constants,
            self._dtypes,
            self._sizes,
            self._reasons,
        )

    def _parts(
        self,
        stage: Stage,
        division: Division,
        leaving: frozenset[Slot],
        constants: Mapping[Slot, Any],
        whole: bool = False,
    ) -> list[Part]:
        """Compile pieces.

        Args:
          stage: they are of.
          division: into the pieces.
          leaving: slots whose values others use.
          constants: slots known beforehand.
          whole: whether they are all that the step does.
        """
        pieces = division.pieces
        producer = {s: i for i, p in enumerate(pieces) for n in p.nodes for s in n.outputs}
        readers: dict[Slot, set[int]] = {}
        for i, piece in enumerate(pieces):
            for slot in (*piece.static, *(s for n in piece.nodes for s in n.inputs)):
                readers.setdefault(slot, set()).add(i)
        whole = whole and len(pieces) == 1
        parts = []
        for i, piece in enumerate(pieces):
            inputs, outputs = self._ends(stage, piece, leaving, readers, constants, whole)
            program = Program(
                tuple(piece.nodes),
                tuple(inputs),
                tuple(self._dtypes[s] for s in inputs),
                tuple(outputs),
                {s: constants[s] for n in piece.nodes for s in n.inputs if s in constants},
                frozenset(k for k, s in enumerate(inputs) if s in piece.static),
                piece.device,
                # What may still fail after this part must find the old values.
                _donated(stage, piece, inputs, outputs, leaving) if i == len(pieces) - 1 else (),
            )
            host = piece.host and not self._backend.host_arrays
            runner = self._host if host else self._backend
            to_host = (
                ()
                if self._backend.host_arrays
                else tuple(
                    k
                    for k, s in enumerate(inputs)
                    if (piece.host or s in piece.static)
                    and self._on_device(s, stage, division, producer)
                )
            )
            if piece.driven:
                parts.append(Part(piece, program, self._driven(piece.nodes[0], program), ()))
            else:
                parts.append(Part(piece, program, compiled(runner, program), to_host))
        return parts

    def _driven(self, node: Node, program: Program) -> Driven:
        """Return what runs a conditional or a loop from the host, block by block."""
        blocks = [self._block(block) for block in node.blocks]
        return Driven(node, program, self._host.table, blocks, self._backend, self._redivided)

    def _redivided(self, part: Part, nodes: Sequence[Node]) -> list[Part]:
        """Cut a part anew: the host is to drive these of its nodes, one inside the other."""
        for node in nodes:
            drive(node, self._reasons, self._dtypes)
        given = set(part.program.inputs)
        constants = part.program.constants
        division = divide(
            list(part.piece.nodes),
            given & self._at_host,
            given - self._at_host,
            constants,
            self._dtypes,
            self._sizes,
            self._reasons,
        )
        leaving = frozenset(part.program.outputs)
        return self._parts(Stage(0), division, leaving, constants)

    def _block(self, block: Program) -> list[Part]:
        """Return the nodes of a block, compiled in pieces."""
        at_host = {s for s in block.inputs if s in self._at_host}
        at_device = set(block.inputs) - at_host
        division = divide(
            list(block.nodes),
            at_host,
            at_device,
            block.constants,
            self._dtypes,
            self._sizes,
            self._reasons,
        )
        before = self._at_host, self._at_device
        self._at_host, self._at_device = at_host, at_device
        try:
            return self._parts(Stage(0), division, frozenset(block.outputs), block.constants)
        finally:
            self._at_host, self._at_device = before

    def _ends(
        self,
        stage: Stage,
        piece: Piece,
        leaving: frozenset[Slot],
        readers: Mapping[Slot, set[int]],
        constants: Mapping[Slot, Any],
        whole: bool,
    ) -> tuple[list[Slot], list[Slot]]:
        """Return the inputs and the outputs of a piece, which may be the whole step.

        They are in the order of the step then, so that nothing is shuffled when it runs.
        """
        plan = self._plan
        written = [s for n in piece.nodes for s in n.outputs]
        own = {*written, *constants}
        read = dict.fromkeys(s for n in piece.nodes for s in n.inputs)
        read.update(dict.fromkeys(piece.static))
        inputs = [s for s in read if s not in own]
        if whole and set(inputs) <= {*plan.feeds, *stage.reads}:
            inputs = [*plan.feeds, *stage.reads]
        if whole and not stage.writes and set(plan.outputs).issubset(written):
            return inputs, list(plan.outputs)
        wanted = {*leaving, *stage.writes.values(), *stage.given.values()}
        inside = {s for n in piece.nodes for s in n.inputs}
        elsewhere = {s for s in written if len(readers.get(s, ())) > (s in inside)}
        return inputs, [s for s in written if s in wanted or s in elsewhere]

    def _on_device(
        self, slot: Slot, stage: Stage, division: Division, producer: Mapping[Slot, int]
    ) -> bool:
        """Whether the value of a slot may be an array of the backend's."""
        if slot in producer:
            return self._gives_arrays(division.pieces[producer[slot]])
        return slot in stage.reads or slot in self._at_device


def _donated(
    stage: Stage,
    piece: Piece,
    inputs: list[Slot],
    outputs: list[Slot],
    leaving: frozenset[Slot],
) -> tuple[tuple[int, int], ...]:
    """Return the positions of variables' values that the last part reads, and of those that follow.

    A value that is fetched as well, or held by another version, is not given away.
    """
    if piece.host:
        return ()
    kept = {*leaving, *stage.writes.values()}
    found = []
    for k, slot in enumerate(inputs):
        read = stage.reads.get(slot)
        after = stage.writes.get(read.variable) if read is not None else None
        if after is not None and slot not in kept and slot not in piece.static and after in outputs:
            found.append((k, outputs.index(after)))
    return tuple(found)


_SHARED: Final[OrderedDict[Any, Executable]] = OrderedDict()
_SHARED_LIMIT: Final = 256
#: Guards what sessions share.
shared_lock = threading.RLock()


def compiled(backend: Backend, program: Program) -> Executable:
    """Return the program's executable; equal programs of equal backends share one."""
    if backend.cache_key is None:
        return backend.compile(program)
    key = (backend.cache_key, program.hash)
    with shared_lock:
        found = _SHARED.get(key)
        if found is not None:
            _SHARED.move_to_end(key)
            return found
    made = backend.compile(program)
    with shared_lock:
        made = _SHARED.setdefault(key, made)
        while len(_SHARED) > _SHARED_LIMIT:
            _SHARED.popitem(last=False)
    return made
