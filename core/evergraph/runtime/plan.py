"""Planning: from the fetches and feeds of a step to nodes with slots, pruned, placed and folded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from evergraph.graph.graph import Graph
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.calls import is_call
from evergraph.runtime.fold import fold_scaling
from evergraph.runtime.lowering import lower
from evergraph.runtime.place import Placer
from evergraph.runtime.planner import Planner
from evergraph.runtime.prune import prune
from evergraph.runtime.resources import Variable
from evergraph.runtime.stages import Plan


def plan(
    graph: Graph,
    fetched: Sequence[Tensor],
    targets: Sequence[Operation],
    fed: Sequence[Tensor],
    placer: Placer,
    optimize: bool,
    partial: bool = False,
    done: Collection[Operation] = (),
    known: Mapping[Tensor, Variable] | None = None,
) -> Plan:
    """Plan a step.

    Args:
      graph: the graph.
      fetched: tensors whose values are wanted.
      targets: operations that are to run.
      fed: tensors whose values are given.
      placer: finds the device of every node.
      optimize: whether constants are folded.
      partial: whether feeds arrive one after the other, and fetches leave so.
      done: operations that have run elsewhere, so that none of them runs.
      known: tensors that are given as well: handles, with what they stand for.

    Raises:
      InvalidArgumentError: a placeholder is needed but not fed, or a device does not exist.
    """
    known_feeds = {*fed, *(known or ())}
    wanted = [t._op for t in fetched if t not in known_feeds]
    wanted += targets
    planner = Planner(fed, fetched, placer, optimize, partial, known or {})
    result = planner.plan
    result.operations = prune(wanted, known_feeds, graph._unordered, done)
    items = lower(result.operations, known_feeds, partial)
    if items is not result.operations or any(is_call(op) for op in result.operations):
        planner.note_users(items)
    for item in items:
        planner.add(item)
    planner.fetch(fetched, partial)
    # What needs more events may use values of what needs fewer, though it was begun before.
    result.stages.sort(key=lambda stage: stage.needs.bit_count())
    if optimize:
        _fold_scaling(result)
    _drop_unused(result)
    return result


def _drop_unused(result: Plan) -> None:
    used = {s for stage in result.stages for s in stage.used}
    used.update(result.outputs)
    result.constants = {s: v for s, v in result.constants.items() if s in used}
    for stage in result.stages:
        stage.flags = {s: v for s, v in stage.flags.items() if s in used}
        stage.reads = {s: r for s, r in stage.reads.items() if s in used or r.needed}
    result.stages = [t for t in result.stages if t.nodes or t.reads or t.flags or t.writes]


def _fold_scaling(result: Plan) -> None:
    if not any(n.type in ("Conv2D", "DepthwiseConv2dNative") for n in result.nodes):
        return
    before = {slot: result.origins[id(n)] for n in result.nodes for slot in n.outputs}
    for stage in result.stages:
        others = {s for t in result.stages if t is not stage for s in t.used}
        kept = {*result.outputs, *stage.writes.values(), *others}
        stage.nodes = fold_scaling(stage.nodes, result.constants, kept)
        for node in stage.nodes:
            if id(node) not in result.origins:
                # A convolution with a scaled filter stands for itself and the product.
                result.origins[id(node)] = before[node.outputs[0]]
