"""What a backend must run of a plan, and what it can: why nodes run on the host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from evergraph.dtypes import DType
from evergraph.errors import MissingKernelError
from evergraph.graph.operation import Operation
from evergraph.runtime.backend import Backend
from evergraph.runtime.hosting import DRIVEN
from evergraph.runtime.interpreter import needs_of
from evergraph.runtime.kernels import numpy_table
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.regions import element_types, host_reason
from evergraph.runtime.stages import Plan


def host_reasons(
    plan: Plan, backend: Backend, dtypes: Mapping[Slot, DType], any_host: bool
) -> dict[int, str]:
    """Return why nodes run on the host, by `id` of the node.

    Raises:
      MissingKernelError: nodes have no kernel.
    """
    if backend.host_arrays:
        missing = [n for n in _with_inner(plan.nodes) if n.type not in backend.table]
        _check_kernels(plan, backend, missing, dtypes)
        return {}
    reasons: dict[int, str] = {}
    missing = []
    for node in _with_inner(plan.nodes):
        if node.blocks:
            # What lies inside comes first.
            inside = (n for block in node.blocks for n in block.nodes)
            if (
                node.type not in backend.table
                or any(id(n) in reasons for n in inside)
                or needs_of(node)[1]
            ):
                reasons[id(node)] = DRIVEN
            continue
        reason = host_reason(node, backend, dtypes, any_host)
        if reason is None or (reason and node.type not in numpy_table()):
            missing.append(node)
        elif reason:
            reasons[id(node)] = reason
    _check_kernels(plan, backend, missing, dtypes)
    return reasons


def _with_inner(nodes: Iterable[Node]) -> Iterator[Node]:
    """Return nodes, each after those inside of it."""
    for node in nodes:
        for block in node.blocks:
            yield from _with_inner(block.nodes)
        yield node


def _check_kernels(
    plan: Plan, backend: Backend, missing: list[Node], dtypes: Mapping[Slot, DType]
) -> None:
    if not missing:
        return
    by_kernel: dict[str, list[Operation]] = {}
    unclaimed: set[str] = set()
    for node in missing:
        kernel = node.type
        if node.type in backend.table:
            of = sorted(element_types(node, dtypes) - backend.dtypes)
            kernel = f"{node.type} of {', '.join(of)}"
            unclaimed.update(of)
        by_kernel.setdefault(kernel, []).append(plan.origin(node))
    described = []
    for kernel, ops in sorted(by_kernel.items()):
        first = ops[0]
        if len(ops) == 1:
            place = f", {first._site}" if first._site else ""
            described.append(f"{kernel} (node '{first.name}'{place})")
        else:
            described.append(f"{kernel} ({len(ops)} nodes, the first is '{first.name}')")
    types = {n.type for n in missing}
    have = types & numpy_table().keys()
    hint = ""
    if have and not backend.host_arrays:
        hint = (
            f" The numpy backend has {', '.join(sorted(have))}: backend_options['host'] = 'any' "
            "lets such nodes run there."
        )
    error = MissingKernelError(
        None,
        plan.origin(missing[0]),
        f"backend '{backend.name}' has no kernel for {' and '.join(described)}.{hint}",
    )
    error.ops = frozenset(types - backend.table.keys())
    error.dtypes = frozenset(unclaimed)
    raise error
