"""Planning an operation, a conditional or a loop: as nodes with slots, placed and folded."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from evergraph import dtypes
from evergraph.dtypes import DType
from evergraph.errors import InvalidArgumentError, OpError
from evergraph.graph.bodies import Body
from evergraph.graph.inference import const_array
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import Op, registry
from evergraph.runtime import nesting
from evergraph.runtime.arrays import Array, add_array, is_array
from evergraph.runtime.calls import add_call, bodies, is_call
from evergraph.runtime.failures import located
from evergraph.runtime.fold import fold_node, foldable, frozen
from evergraph.runtime.lowering import Composite, Conditional, Item, Loop, alone, is_open, lower
from evergraph.runtime.place import Placer
from evergraph.runtime.places import with_places
from evergraph.runtime.program import Node, Program, Slot
from evergraph.runtime.prune import prune
from evergraph.runtime.resources import Variable
from evergraph.runtime.stages import Plan, Stage, Staging
from evergraph.runtime.versions import (
    BlockVersions,
    Versions,
    created,
    stream_of,
    uninitialized,
)
from evergraph.shapes import Dims, bracketed
from evergraph.vocabulary import dtype_text, vocabulary


class Planner:
    """Adds operations to a plan, one after the other, in execution order."""

    def __init__(
        self,
        fed: Sequence[Tensor],
        fetched: Sequence[Tensor],
        placer: Placer,
        optimize: bool,
        partial: bool,
        known: Mapping[Tensor, Variable],
    ) -> None:
        self.plan = Plan(feeds=list(range(len(fed))), partial=partial)
        self.plan.types = {i: (t._dtype, t._dims) for i, t in enumerate(fed)}
        self.slots: MutableMapping[Tensor, Slot | Variable] = {t: i for i, t in enumerate(fed)}
        self.slots.update(known)
        self.fetched = frozenset(fetched)
        #: The operations of the step that take a tensor.
        self.needed: dict[Tensor, list[Operation]] = {}
        #: Of fetched tensors in branches: the slots of whether they have a value.
        self.flags: MutableMapping[Tensor, Slot] = {}
        self._fed = {*fed, *known}
        #: Whether numbers are fed in the place of others, from which something would follow.
        self._feeds_numbers = any(
            t._dtype.is_integer and not t._op._type.startswith("Placeholder") for t in fed
        )
        self._placer = placer
        self._optimize = optimize
        self._next = len(fed)
        #: The TensorArrays and stacks of the step.
        self.arrays: dict[Variable, Array] = {}
        self._bodies: dict[int, list[Item]] = {}
        arrivals = {t: 1 << i for i, t in enumerate(fed)} if partial else {}
        self._staging = Staging(self.plan, arrivals)
        self.versions: Versions | BlockVersions = Versions(
            self.plan, self._staging, self.new_slot, self._checked
        )
        #: Where nodes go; None for the current stage.
        self._nodes: list[Node] | None = None

    def note_users(self, items: Sequence[Item]) -> None:
        """Fill `needed`."""
        self._note_users(self.plan.operations, items)

    def _note_users(self, ops: Sequence[Operation], items: Sequence[Item]) -> None:
        for op in ops:
            for tensor in op._inputs:
                self.needed.setdefault(tensor, []).append(op)
        self._note_predicates(items)

    def _note_predicates(self, items: Sequence[Item]) -> None:
        """Count conditionals as users of their predicates."""
        for item in items:
            if isinstance(item, Conditional):
                if item.predicate is not None:
                    self.needed.setdefault(item.predicate, []).append(item.first)
                for branch in item.branches:
                    self._note_predicates(branch)
            elif isinstance(item, Loop):
                self._note_predicates([*item.condition, *item.body])

    def new_slot(self, dtype: DType, dims: Dims) -> Slot:
        """Return a slot that nothing uses yet."""
        slot = self._next
        self._next += 1
        self.plan.types[slot] = dtype, dims
        return slot

    def value(self, tensor: Tensor, reader: Operation) -> Slot:
        """Return the slot of a tensor as it is now: of a variable, its current version."""
        slot = self.slots.get(tensor)
        if slot is None:
            raise InvalidArgumentError(
                None,
                tensor._op,
                f"'{reader.name}' takes '{tensor.name}', which is inside a loop: its value leaves "
                "the loop by an Exit alone",
            )
        if isinstance(slot, Variable):
            if not tensor._dtype._is_ref_dtype:
                # The node that turns the reference into a value is the one to be named.
                reader = tensor._op
            return self.versions.current(slot, reader)
        return slot

    def add(self, item: Item) -> None:
        """Add what an operation, a conditional or a loop does."""
        if self._nodes is None:
            self._staging.begin(item, self._fed)
        if isinstance(item, Operation):
            if is_call(item):
                self._call(item)
                return
            if is_array(item):
                add_array(self, item)
                return
            if item._device:
                # A device that does not exist is an error even where nothing is left to place.
                self._placer.place(item)
            special = _SPECIAL.get(item._type)
            if special is None or not special(self, item):
                self._node(item)
            return
        if self._nodes is None:
            self.plan.inside |= item.members
        if isinstance(item, Loop) and self._nodes is None and is_open(item.members):
            # Its condition waits as well.
            item = alone(item, self._fed)
        if isinstance(item, Conditional):
            nesting.add_conditional(self, item)
        elif isinstance(item, Loop):
            nesting.add_loop(self, item)

    def opened(self, item: Composite) -> Stage | None:
        """Return the stage for the node of what may wait; None if it need not be alone."""
        if self._nodes is not None or not is_open(item.members):
            return None
        stage = self._staging.open(item)
        self._staging.after(item)
        return stage

    @contextmanager
    def block(self, versions: BlockVersions) -> Iterator[list[Node]]:
        """Let what is added go to a list of its own, with tensors and versions of its own."""
        before = self.versions, self._nodes
        self.versions, self._nodes = versions, versions.nodes
        try:
            with self.scope():
                yield self._nodes
        finally:
            self.versions, self._nodes = before

    @contextmanager
    def where(self, variable: Variable) -> Iterator[None]:
        """Let what is added go to where a local variable was made."""
        before = self.versions, self._nodes
        while isinstance(self.versions, BlockVersions) and self.versions.outer.has(variable):
            self.versions = self.versions.outer
        self._nodes = self.versions.nodes
        try:
            yield
        finally:
            self.versions, self._nodes = before

    def _call(self, op: Operation) -> None:
        """Add what the functions do that an operation calls."""
        if self._nodes is None and any(is_open(b.graph._operations) for b in bodies(op)):
            # It is alone then, and looks like what may or may not run.
            nesting.add_conditional(self, alone(op, self._fed))
            return
        add_call(self, op)

    def items_of(self, op: Operation, body: Body) -> list[Item]:
        """Return what a function does, as structure, and let the plan know of it.

        Args:
          op: the operation that calls the function.
          body: of the function.
        """
        found = self._bodies.get(id(body))
        if found is None:
            fed = set(body.arguments)
            wanted = [t._op for t in body.results if t not in fed]
            ops = prune([*wanted, *body.targets], fed, body.graph._unordered)
            found = self._bodies[id(body)] = list(lower(ops, fed))
            self.plan.inside.update(ops)
            self.plan.calls[body.graph] = op
            self._note_users(ops, found)
            for tensor in body.results:
                self.needed.setdefault(tensor, []).append(op)
        return found

    @contextmanager
    def inline(self) -> Iterator[None]:
        """Let what is added go to the current stage, whatever it needs itself."""
        before = self._nodes
        if before is None:
            self._nodes = self._staging.current.nodes
        try:
            yield
        finally:
            self._nodes = before

    @contextmanager
    def scope(self) -> Iterator[MutableMapping[Tensor, Slot | Variable]]:
        """Let what is added define tensors that are forgotten afterwards; yield them."""
        before = self.slots, self.flags
        own: dict[Tensor, Slot | Variable] = {}
        self.slots, self.flags = ChainMap(own, self.slots), ChainMap({}, self.flags)
        try:
            yield own
        finally:
            self.slots, self.flags = before

    def fetch(self, fetched: Sequence[Tensor], partial: bool) -> None:
        """Add the outputs. A reference is read after all nodes of the step.

        In a partial run it is read when what it needs has arrived.
        """
        staging = self._staging
        if not partial:
            staging.finish()
        for i, tensor in enumerate(fetched):
            if partial:
                staging.begin(tensor._op, self._fed)
            slot = self.value(tensor, tensor._op)
            if tensor in self.flags:
                error = InvalidArgumentError(None, tensor._op, f"Retval[{i}] does not have value")
                slot = self._given(slot, self.flags[tensor], tensor._op, error)
            self.plan.outputs.append(slot)
            self.plan.ready.append(staging.needed_for(tensor) if partial else staging.current.needs)

    def _checked(self, variable: Variable, slot: Slot, flag: Slot, reader: Operation) -> Slot:
        return self._given(slot, flag, reader, uninitialized(variable, reader))

    def _given(self, slot: Slot, flag: Slot, op: Operation, error: OpError) -> Slot:
        """Return the slot of a value that is there, or else the step fails."""
        dtype, dims = self.plan.types[slot]
        result = self.new_slot(dtype, dims)
        attributes = {"T": dtype, "message": error.message, "code": error.error_code}
        self.append(op, "_Given", attributes, (slot, flag), (result,))
        return result

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
            if source in self.flags:
                self.flags[output] = self.flags[source]
            self.slots.setdefault(output, self.known(source, op))
        return True

    def _switch(self, op: Operation) -> bool:
        """Hand on the data: what takes an output lies in a branch, and runs with it."""
        source = self.known(op._inputs[0], op)
        for output in op._outputs:
            self.slots.setdefault(output, source)
        if not self.fetched.isdisjoint(op._outputs):
            yes = self.value(op._inputs[1], op)
            no = self.new_slot(dtypes.bool, ())
            self.append(op, "LogicalNot", {}, (yes,), (no,))
            self.flags.update(zip(op._outputs, (no, yes), strict=True))
        return True

    def known(self, tensor: Tensor, reader: Operation) -> Slot | Variable:
        """Return the slot of a tensor, or the variable that it refers to."""
        slot = self.slots.get(tensor)
        return self.value(tensor, reader) if slot is None else slot

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
        self.slots.setdefault(op._outputs[0], self.versions.current(variable, op))
        return True

    def _is_initialized(self, op: Operation) -> bool:
        variable = self.slots[op._inputs[0]]
        if not isinstance(variable, Variable):
            raise _not_a_variable(op, op._inputs[0])
        self.slots.setdefault(op._outputs[0], self.versions.flag(variable))
        return True

    # All others

    def append(
        self,
        op: Operation,
        type: str,
        attributes: dict[str, Any],
        inputs: tuple[Slot, ...],
        outputs: tuple[Slot, ...],
        blocks: tuple[Program, ...] = (),
        stage: Stage | None = None,
    ) -> None:
        """Add a node of another type than that of the operation that it comes from."""
        registry()  # our own types are in the vocabulary then
        signature = vocabulary().get(type)
        assert signature is not None
        device = self._placer.place(op)
        self._add(op, Node(signature, attributes, inputs, outputs, device, blocks), stage)

    def _add(self, op: Operation, node: Node, stage: Stage | None = None) -> None:
        nodes = self._nodes if stage is None else stage.nodes
        (self._staging.current.nodes if nodes is None else nodes).append(node)
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
        inputs = tuple([self._input(t, op) for t in op._inputs])
        outputs = tuple([self.new_slot(t._dtype, t._dims) for t in op._outputs])
        for tensor, slot in zip(op._outputs, outputs, strict=True):
            self.slots.setdefault(tensor, slot)
        if known is not None and (known.context or known.open):
            self._hosted(op, known, inputs, outputs, device)
            return
        attributes: Any = op._attributes
        if known is not None and known.placed is not None and not self._feeds_numbers:
            attributes = with_places(op, known)
        node = Node(op._signature, attributes, inputs, outputs, device)
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

    def _input(self, tensor: Tensor, op: Operation) -> Slot:
        """Return the slot of an input; of a handle among values of any type, one of the handle."""
        known = self.slots.get(tensor)
        if not (
            isinstance(known, Variable)
            and tensor._dtype is dtypes.resource
            and any(a.type_list_attr for a in op._signature.inputs)
        ):
            return self.value(tensor, op)
        slot = self.new_slot(dtypes.resource, ())
        self.plan.constants[slot] = known
        return slot

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
        alone = known.open and self._nodes is None
        self._add(op, node, self._staging.open(op) if alone else None)

    def _stateful_node(self, op: Operation, known: Op, device: str) -> None:
        """Add a node that gives variables new values, or draws from its random stream."""
        attributes: Any = op._attributes
        written: list[Variable] = []
        inputs: list[Slot] = []
        if known.stream:
            stream = stream_of(op)
            inputs.append(self.versions.current(stream, op))
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
                inputs.append(self.versions.current(variable, op))
        # All are read before any is replaced.
        outputs = [self.versions.replaced(v) for v in written]
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
_SPECIAL: Final[dict[str, Callable[[Planner, Operation], bool]]] = {
    "Const": Planner._constant,
    "Placeholder": Planner._placeholder,
    "PlaceholderV2": Planner._placeholder,
    "NoOp": Planner._nothing,
    "Identity": Planner._alias,
    "IdentityN": Planner._alias,
    "RefIdentity": Planner._alias,
    "StopGradient": Planner._alias,
    "PreventGradient": Planner._alias,
    "Snapshot": Planner._alias,
    "PlaceholderWithDefault": Planner._alias,
    "DisableCopyOnRead": Planner._nothing,
    "Variable": Planner._variable,
    "VariableV2": Planner._variable,
    "VarHandleOp": Planner._variable,
    "ReadVariableOp": Planner._read,
    "Switch": Planner._switch,
    "RefSwitch": Planner._switch,
    "ControlTrigger": Planner._nothing,
    "IsVariableInitialized": Planner._is_initialized,
    "VarIsInitializedOp": Planner._is_initialized,
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
