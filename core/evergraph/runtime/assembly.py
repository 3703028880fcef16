"""From a plan to a step: cut into pieces, each compiled by what runs it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Final

import numpy as np

from evergraph.dtypes import DType, from_numpy
from evergraph.errors import UnimplementedError
from evergraph.graph.operation import Operation
from evergraph.runtime.backend import Backend, Executable
from evergraph.runtime.kernels import numpy_table
from evergraph.runtime.plan import Plan
from evergraph.runtime.program import Node, Program, Slot
from evergraph.runtime.regions import Division, Piece, divide, host_reason
from evergraph.runtime.resources import Resources
from evergraph.runtime.step import Part, Step
from evergraph.shapes import TensorShape


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
        if whole and set(inputs) <= {*plan.feeds, *plan.reads}:
            inputs = [*plan.feeds, *(s for s in plan.reads if s in read)]
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
