"""Planning: from the fetches and feeds of a step to nodes with slots, pruned, placed and folded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from evergraph import dtypes
from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError, OpError
from evergraph.graph.graph import Graph
from evergraph.graph.inference import const_array
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import Op, registry
from evergraph.runtime.failures import located
from evergraph.runtime.fold import fold_node, fold_scaling, foldable, frozen
from evergraph.runtime.guards import Guards
from evergraph.runtime.place import Placer
from evergraph.runtime.program import Node, Slot
from evergraph.runtime.prune import prune
from evergraph.runtime.resources import Variable
from evergraph.runtime.stages import Plan, Stage, Staging
from evergraph.runtime.versions import Versions, created, stream_of
from evergraph.shapes import Dims, bracketed
from evergraph.vocabulary import dtype_text, vocabulary


def plan(
    graph: Graph,
    fetched: Sequence[Tensor],
    targets: Sequence[Operation],
    fed: Sequence[Tensor],
    placer: Placer,
    optimize: bool,
    partial: bool = False,
    done: Collection[Operation] = (),
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

    Raises:
      InvalidArgumentError: a placeholder is needed but not fed, or a device does not exist.
    """
    known_feeds = set(fed)
    wanted = [t._op for t in fetched if t not in known_feeds]
    wanted += targets
    planner = _Planner(fed, placer, optimize, partial)
    result = planner.plan
    result.operations = prune(wanted, known_feeds, graph._unordered, done)
    for op in result.operations:
        planner.add(op)
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


class _Planner:
    """Adds operations to a plan, one after the other, in execution order."""

    def __init__(
        self, fed: Sequence[Tensor], placer: Placer, optimize: bool, partial: bool
    ) -> None:
        self.plan = Plan(feeds=list(range(len(fed))), partial=partial)
        self.plan.types = {i: (t._dtype, t._dims) for i, t in enumerate(fed)}
        self.slots: dict[Tensor, Slot | Variable] = {t: i for i, t in enumerate(fed)}
        self._fed = set(fed)
        self._placer = placer
        self._optimize = optimize
        self._next = len(fed)
        arrivals = {t: 1 << i for i, t in enumerate(fed)} if partial else {}
        self._staging = Staging(self.plan, arrivals)
        self._versions = Versions(self.plan, self._staging, self.new_slot)
        self._guards = Guards(self)

    def new_slot(self, dtype: DType, dims: Dims) -> Slot:
        """Return a slot that nothing uses yet."""
        slot = self._next
        self._next += 1
        self.plan.types[slot] = dtype, dims
        return slot

    def value(self, tensor: Tensor, reader: Operation) -> Slot:
        """Return the slot of a tensor as it is now: of a variable, its current version."""
        slot = self.slots[tensor]
        if isinstance(slot, Variable):
            if not tensor._dtype._is_ref_dtype:
                # The node that turns the reference into a value is the one to be named.
                reader = tensor._op
            return self._versions.current(slot, reader, optional=self._guards.holds(tensor))
        return slot

    def add(self, op: Operation) -> None:
        """Add what an operation does."""
        if op._device:
            # A device that does not exist is an error even where nothing is left to place.
            self._placer.place(op)
        self._staging.begin(op, self._fed)
        special = _SPECIAL.get(op._type)
        if special is None or not special(self, op):
            self._node(op)

    def fetch(self, fetched: Sequence[Tensor], partial: bool) -> None:
        """Add the outputs. A reference is read after all nodes of the step.

        In a partial run it is read when what it needs has arrived.
        """
        staging = self._staging
        if not partial:
            staging.finish()
        for tensor in fetched:
            if partial:
                staging.begin(tensor._op, self._fed)
            self.plan.outputs.append(self.value(tensor, tensor._op))
            self.plan.ready.append(staging.needed_for(tensor) if partial else staging.current.needs)

    # Operations that become no node; each function returns whether it took care of one.

    def _constant(self, op: Operation) -> bool:
        tensor = op._outputs[0]
        if tensor not in self._fed:
            slot = self.slots[tensor] = self.new_slot(tensor._dtype, tensor._dims)
            self.plan.constants[slot] = _constant(op)
        return True

    def _placeholder(self, op: Operation) -> bool:
        if op._outputs[0] not in self._fed:
            _unfed(op)
        return True

    def _alias(self, op: Operation) -> bool:
        for source, output in zip(op._inputs, op._outputs, strict=True):
            self.slots.setdefault(output, self.slots[source])
            self._guards.pass_on(source, output)
        return True

    def _switch(self, op: Operation) -> bool:
        return self._guards.switch(op)

    def _merge(self, op: Operation) -> bool:
        chosen = self._guards.merged(op)
        if chosen is None:
            return False
        inputs = tuple([self.value(t, op) for t in chosen])
        output = op._outputs[0]
        slot = self.new_slot(output._dtype, output._dims)
        self.slots.setdefault(output, slot)
        self._append(op, "Select", {"T": output._dtype.base_dtype}, inputs, (slot,))
        return True

    def _nothing(self, op: Operation) -> bool:
        self._placer.place(op)
        return True

    def _variable(self, op: Operation) -> bool:
        self.slots.setdefault(op._outputs[0], created(op))
        return True

    def _read(self, op: Operation) -> bool:
        """A snapshot: the value when the operation runs."""
        variable = self.slots[op._inputs[0]]
        if not isinstance(variable, Variable):
            raise _not_a_variable(op, op._inputs[0])
        if op._attributes["dtype"] is not variable.dtype:
            raise InvalidArgumentError(
                None,
                op,
                "Trying to read variable with wrong dtype. Expected "
                f"{dtype_text(op._attributes['dtype'])} got {dtype_text(variable.dtype)}",
            )
        optional = self._guards.holds(op._inputs[0])
        self.slots.setdefault(op._outputs[0], self._versions.current(variable, op, optional))
        self._guards.pass_on(op._inputs[0], op._outputs[0])
        return True

    def _is_initialized(self, op: Operation) -> bool:
        variable = self.slots[op._inputs[0]]
        if not isinstance(variable, Variable):
            raise _not_a_variable(op, op._inputs[0])
        self.slots.setdefault(op._outputs[0], self._versions.flag(variable, op._outputs[0]._dtype))
        return True

    # All others

    def _append(
        self,
        op: Operation,
        type: str,
        attributes: dict[str, Any],
        inputs: tuple[Slot, ...],
        outputs: tuple[Slot, ...],
    ) -> None:
        """Add a node of another type than that of the operation that it comes from."""
        signature = vocabulary().get(type)
        assert signature is not None
        self._add(op, Node(signature, attributes, inputs, outputs, self._placer.place(op)))

    def _add(self, op: Operation, node: Node, stage: Stage | None = None) -> None:
        (stage or self._staging.current).nodes.append(node)
        self.plan.origins[id(node)] = op

    def _context(self) -> Slot:
        if self.plan.context is None:
            self.plan.context = self.new_slot(dtypes.resource, ())
        return self.plan.context

    def _node(self, op: Operation) -> None:
        device = self._placer.place(op)
        known = registry().get(op._type)
        if known is not None and (known.writes or known.stream):
            self._stateful_node(op, known, device)
            return
        for tensor in op._inputs:
            if tensor not in self.slots:  # the back edge of a loop
                self.slots[tensor] = self.new_slot(tensor._dtype, tensor._dims)
        inputs = tuple([self.value(t, op) for t in op._inputs])
        outputs = tuple([self.new_slot(t._dtype, t._dims) for t in op._outputs])
        for tensor, slot in zip(op._outputs, outputs, strict=True):
            self.slots.setdefault(tensor, slot)
        self._guards.through(op)
        if known is not None and (known.context or known.open):
            self._hosted(op, known, inputs, outputs, device)
            return
        node = Node(op._signature, op._attributes, inputs, outputs, device)
        constants = self.plan.constants
        if (
            self._optimize
            and outputs
            and all(s in constants for s in inputs)
            and foldable(op._type)
            and fold_node(node, constants)
        ):
            return
        self._add(op, node)

    def _hosted(
        self,
        op: Operation,
        known: Op,
        inputs: tuple[Slot, ...],
        outputs: tuple[Slot, ...],
        device: str,
    ) -> None:
        """Add a node that takes the step's context, or that may wait."""
        attributes: Any = op._attributes
        if known.context:
            inputs = (self._context(), *inputs)
            attributes = attributes | {"_node": op._name, "_device": device}
        node = Node(op._signature, attributes, inputs, outputs, device)
        self._add(op, node, self._staging.open(op) if known.open else None)

    def _stateful_node(self, op: Operation, known: Op, device: str) -> None:
        """Add a node that gives variables new values, or draws from its random stream."""
        attributes: Any = op._attributes
        written: list[Variable] = []
        inputs: list[Slot] = []
        if known.stream:
            stream = stream_of(op)
            inputs.append(self._versions.current(stream, op))
            written.append(stream)
        for i, tensor in enumerate(op._inputs):
            if i not in known.writes:
                inputs.append(self.value(tensor, op))
                continue
            variable = self.slots[tensor]
            if not isinstance(variable, Variable):
                raise _not_a_variable(op, tensor)
            written.append(variable)
            if known.blind:
                attributes = attributes | {"_shape": variable.dims}
            else:
                inputs.append(self._versions.current(variable, op))
        # All are read before any is replaced.
        outputs = [self._versions.replaced(v) for v in written]
        for tensor in op._outputs:
            if tensor._dtype._is_ref_dtype:
                self.slots.setdefault(tensor, written[0])
            else:
                outputs.append(self.new_slot(tensor._dtype, tensor._dims))
                self.slots.setdefault(tensor, outputs[-1])
        node = Node(op._signature, attributes, tuple(inputs), tuple(outputs), device)
        self._add(op, node)


#: Ops that hand on their inputs take no slot of their own: of a reference, they hand on the
#: reference, which is read where its consumer runs.
_SPECIAL: Final[dict[str, Callable[[_Planner, Operation], bool]]] = {
    "Const": _Planner._constant,
    "Placeholder": _Planner._placeholder,
    "PlaceholderV2": _Planner._placeholder,
    "NoOp": _Planner._nothing,
    "Identity": _Planner._alias,
    "IdentityN": _Planner._alias,
    "RefIdentity": _Planner._alias,
    "StopGradient": _Planner._alias,
    "PreventGradient": _Planner._alias,
    "Snapshot": _Planner._alias,
    "PlaceholderWithDefault": _Planner._alias,
    "DisableCopyOnRead": _Planner._nothing,
    "Variable": _Planner._variable,
    "VariableV2": _Planner._variable,
    "VarHandleOp": _Planner._variable,
    "ReadVariableOp": _Planner._read,
    "Switch": _Planner._switch,
    "RefSwitch": _Planner._switch,
    "Merge": _Planner._merge,
    "IsVariableInitialized": _Planner._is_initialized,
    "VarIsInitializedOp": _Planner._is_initialized,
}


def _not_a_variable(op: Operation, tensor: Tensor) -> InvalidArgumentError:
    return InvalidArgumentError(
        None, op, f"input '{tensor.name}' of '{op.name}' is fed, but must be a variable"
    )


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
    for stage in result.stages:
        others = {s for t in result.stages if t is not stage for s in t.used}
        kept = {*result.outputs, *stage.writes.values(), *others}
        stage.nodes = fold_scaling(stage.nodes, result.constants, kept)
        for node in stage.nodes:
            if id(node) not in result.origins:
                # A convolution with a scaled filter stands for itself and the product.
                result.origins[id(node)] = before[node.outputs[0]]
