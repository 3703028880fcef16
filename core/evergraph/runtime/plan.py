"""Planning: from the fetches and feeds of a step to nodes with slots, pruned, placed and folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from evergraph.errors import InvalidArgumentError, OpError
from evergraph.graph.graph import Graph
from evergraph.graph.inference import const_array
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.runtime.failures import located
from evergraph.runtime.fold import fold_node, fold_scaling, foldable, frozen
from evergraph.runtime.place import Placer
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.prune import prune
from evergraph.shapes import bracketed
from evergraph.vocabulary import dtype_text

#: Ops that hand on their inputs: they take no slot of their own.
_ALIASES: Final = {
    "Identity",
    "IdentityN",
    "StopGradient",
    "PreventGradient",
    "Snapshot",
    "PlaceholderWithDefault",
    "DisableCopyOnRead",
}
_PLACEHOLDERS: Final = {"Placeholder", "PlaceholderV2"}


@dataclass
class Plan:
    """A step as nodes.

    Attributes:
      nodes: in execution order.
      origins: for every node, the operation that it comes from.
      feeds: a slot per fed tensor, in order.
      outputs: a slot per fetched tensor, in order.
      constants: slots known beforehand.
      operations: all that the step needs, folded ones and aliases included.
      tensors: the tensor that each slot holds.
    """

    nodes: list[Node] = field(default_factory=list)
    origins: dict[int, Operation] = field(default_factory=dict)
    feeds: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)
    constants: dict[Slot, Any] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    tensors: dict[Slot, Tensor] = field(default_factory=dict)

    def origin(self, node: Node) -> Operation:
        """Return the operation that a node comes from."""
        return self.origins[id(node)]


def plan(
    graph: Graph,
    fetched: Sequence[Tensor],
    targets: Sequence[Operation],
    fed: Sequence[Tensor],
    placer: Placer,
    optimize: bool,
) -> Plan:
    """Plan a step.

    Args:
      graph: the graph.
      fetched: tensors whose values are wanted.
      targets: operations that are to run.
      fed: tensors whose values are given.
      placer: finds the device of every node.
      optimize: whether constants are folded.

    Raises:
      InvalidArgumentError: a placeholder is needed but not fed, or a device does not exist.
    """
    known_feeds = set(fed)
    wanted = [t._op for t in fetched if t not in known_feeds]
    wanted += targets
    result = Plan()
    result.operations = prune(wanted, known_feeds, graph._unordered)
    slots: dict[Tensor, Slot] = {t: i for i, t in enumerate(fed)}
    result.feeds = list(range(len(fed)))
    result.tensors = dict(enumerate(fed))
    _add_nodes(result, slots, known_feeds, placer, optimize)
    result.outputs = [slots[t] for t in fetched]
    if optimize:
        _fold_scaling(result)
    used = {s for n in result.nodes for s in n.inputs} | set(result.outputs)
    result.constants = {s: v for s, v in result.constants.items() if s in used}
    return result


def _add_nodes(
    result: Plan,
    slots: dict[Tensor, Slot],
    fed: set[Tensor],
    placer: Placer,
    optimize: bool,
) -> None:
    next_slot = len(slots)
    constants, nodes, origins = result.constants, result.nodes, result.origins
    tensors = result.tensors
    for op in result.operations:
        kind = op._type
        if op._device:
            # A device that does not exist is an error even where nothing is left to place.
            placer.place(op)
        if kind == "Const":
            tensor = op._outputs[0]
            if tensor not in fed:
                slots[tensor] = next_slot
                constants[next_slot] = _constant(op)
                tensors[next_slot] = tensor
                next_slot += 1
            continue
        if kind in _ALIASES and not any(t._dtype._is_ref_dtype for t in op._outputs):
            for source, output in zip(op._inputs, op._outputs, strict=True):
                slots.setdefault(output, slots[source])
            continue
        if kind in _PLACEHOLDERS:
            if op._outputs[0] in fed:
                continue
            _unfed(op)
        device = placer.place(op)
        if kind == "NoOp":
            continue
        for tensor in op._inputs:
            if tensor not in slots:  # the back edge of a loop
                slots[tensor] = next_slot
                tensors[next_slot] = tensor
                next_slot += 1
        inputs = tuple([slots[t] for t in op._inputs])
        outputs = tuple(range(next_slot, next_slot + len(op._outputs)))
        next_slot += len(outputs)
        for tensor, slot in zip(op._outputs, outputs, strict=True):
            slots.setdefault(tensor, slot)
            tensors[slot] = tensor
        node = Node(op._signature, op._attributes, inputs, outputs, device)
        if (
            optimize
            and outputs
            and all(s in constants for s in inputs)
            and foldable(kind)
            and fold_node(node, constants)
        ):
            continue
        nodes.append(node)
        origins[id(node)] = op


def _constant(op: Operation) -> Any:
    try:
        return frozen(const_array(op))
    except OpError as error:
        raise located(op, error) from error


def _unfed(op: Operation) -> None:
    tensor = op._outputs[0]
    shape = f" and shape {bracketed(tensor._dims)}" if tensor._dims else ""
    raise InvalidArgumentError(
        None,
        op,
        f"You must feed a value for placeholder tensor '{op.name}' with dtype "
        f"{dtype_text(tensor.dtype)}{shape}",
    )


def _fold_scaling(result: Plan) -> None:
    if not any(n.type in ("Conv2D", "DepthwiseConv2dNative") for n in result.nodes):
        return
    before = {slot: result.origins[id(n)] for n in result.nodes for slot in n.outputs}
    result.nodes = fold_scaling(result.nodes, result.constants, set(result.outputs))
    for node in result.nodes:
        if id(node) not in result.origins:
            # A convolution with a scaled filter stands for itself and the product.
            result.origins[id(node)] = before[node.outputs[0]]
