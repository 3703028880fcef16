"""The scopes of a graph: names, devices, colocation, control dependencies, attributes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evergraph import protos
from evergraph.graph.device import as_device, device_string, merged
from evergraph.graph.names import check_scope

if TYPE_CHECKING:
    from evergraph.graph.contexts import ControlFlowContext
    from evergraph.graph.operation import Operation


class _State:
    """The scopes in force; one per graph, or per thread once `switch_to_thread_local` is called."""

    def __init__(self) -> None:
        self.name_prefix = ""
        self.devices: list[str | Callable[[Any], Any] | None] = []
        self.colocation: list[Operation] = []
        self.controllers: list[_Controller] = []
        self.creators: list[Callable[..., Any]] = []
        self.context: ControlFlowContext | None = None
        # The usual case, in which making an operation has nothing to do here.
        self.plain = True

    def copy(self) -> _State:
        new = _State()
        new.name_prefix = self.name_prefix
        new.devices = list(self.devices)
        new.colocation = list(self.colocation)
        new.controllers = list(self.controllers)
        new.creators = list(self.creators)
        new.context = self.context
        new.plain = self.plain
        return new


class _Controller:
    """One `control_dependencies` block: its inputs, and the operations made inside."""

    def __init__(self, inputs: list[Operation] | None) -> None:
        self.inputs = inputs or []
        self.clears = inputs is None
        self.made: set[Operation] = set()


class Scopes:
    """The part of `Graph` that keeps scopes and applies them to new operations."""

    if TYPE_CHECKING:

        def unique_name(self, name: str, mark_as_used: bool = True) -> str: ...

        def as_graph_element(self, obj: Any) -> Any: ...

    def __init__(self) -> None:
        self._shared = _State()
        self._local: threading.local | None = None
        self._container = ""
        self._attribute_scopes: dict[str, Any] = {}
        self._gradient_overrides: dict[str, str] = {}

    @property
    def _scopes(self) -> _State:
        if self._local is None:
            return self._shared
        state = getattr(self._local, "state", None)
        if state is None:
            state = self._local.state = self._shared.copy()
        return state

    def switch_to_thread_local(self) -> None:
        """Let every thread have scopes of its own from now on."""
        if self._local is None:
            self._local = threading.local()

    @property
    def _name_prefix(self) -> str:
        return self._scopes.name_prefix

    @property
    def _name_stack(self) -> str:
        return self._scopes.name_prefix

    # Names

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Prefix the names of operations made inside; yield the prefix with its slash.

        Args:
          name: the scope, inside the current one and made unique; with a trailing slash the exact
            scope, entered anew; empty or None, the root.

        Raises:
          ValueError: it is not a valid scope name.
        """
        scopes = self._scopes
        old = scopes.name_prefix
        if name:
            if isinstance(name, bytes):
                name = name.decode()
            check_scope(name, root=not old)
            new = name[:-1] if name[-1] == "/" else self.unique_name(name)
        else:
            new = ""
        scopes.name_prefix = new
        try:
            yield f"{new}/" if new else ""
        finally:
            scopes.name_prefix = old

    def get_name_scope(self) -> str:
        """Return the current name scope, without a trailing slash."""
        return self._scopes.name_prefix

    # Devices and colocation

    @contextmanager
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Set the device of operations made inside.

        Args:
          device_name_or_function: a device string (parts left open come from outer scopes), a
            function from an `Operation` to one, or None to ignore the outer scopes.

        Raises:
          ValueError: it is not a device string.
          RuntimeError: scopes are left in another order than they were entered.
        """
        devices = self._scopes.devices
        entry = as_device(device_name_or_function)
        devices.append(entry)
        depth = len(devices)
        self._scopes.plain = False
        try:
            yield
        finally:
            if len(devices) != depth or devices[-1] is not entry:
                raise RuntimeError("Exiting device scope without proper scope nesting.")
            devices.pop()
            self._settle()

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Place operations made inside beside `op`.

        Args:
          op: an operation or tensor; None to ignore the outer scopes.
          ignore_existing: whether the outer colocation and device scopes are ignored.

        Raises:
          ValueError: `op` is None and `ignore_existing` is not given.
        """
        if op is None and not ignore_existing:
            raise ValueError(
                "Trying to reset colocation (op is None) but ignore_existing is not True"
            )
        scopes = self._scopes
        target = self._place(op) if op is not None else None
        old_devices = list(scopes.devices)
        old_colocation = scopes.colocation
        scopes.devices.clear()
        scopes.colocation = [] if ignore_existing or target is None else [*old_colocation]
        if target is not None:
            scopes.colocation.append(target)
        scopes.plain = False
        try:
            yield
        finally:
            scopes.devices[:] = old_devices
            scopes.colocation = old_colocation
            self._settle()

    def _settle(self) -> None:
        s = self._scopes
        s.plain = not (s.devices or s.colocation or s.controllers)

    def _operation(self, element: Any) -> Operation:
        from evergraph.graph.tensor import Tensor

        element = self.as_graph_element(element)
        return element.op if isinstance(element, Tensor) else element

    def _awaited(self, element: Any) -> Operation:
        """Return what is waited for: of a resource variable what made or changed it, not a read."""
        known = hasattr(element, "_handle") or hasattr(element, "dense_shape")
        return self._operation(element.op if known else element)

    def _place(self, element: Any) -> Operation:
        """Return what to colocate with: of a resource variable the handle."""
        handle = getattr(element, "_handle", None)
        return self._operation(element if handle is None else handle)

    # Control dependencies

    @contextmanager
    def control_dependencies(self, control_inputs: Iterable[Any] | None) -> Iterator[None]:
        """Make operations created inside run after `control_inputs`.

        Args:
          control_inputs: operations and tensors; None to ignore the outer dependencies.

        Raises:
          TypeError: one of them is neither.
          ValueError: one is of another graph.
        """
        if control_inputs is None:
            controller = _Controller(None)
        else:
            ops = [self._awaited(c) for c in control_inputs if c is not None]
            controller = _Controller(list(dict.fromkeys(ops)))
        scopes = self._scopes
        old = scopes.controllers
        old_prefix = scopes.name_prefix
        scopes.controllers = [controller] if controller.clears else [*old, controller]
        scopes.plain = False
        context = scopes.context
        if controller.clears:
            scopes.context = None
        try:
            yield
        finally:
            scopes.context = context
            scopes.controllers = old
            scopes.name_prefix = old_prefix
            self._settle()

    # Control flow

    @property
    def _control_flow_context(self) -> ControlFlowContext | None:
        return self._scopes.context

    @contextmanager
    def _in_context(self, context: ControlFlowContext | None) -> Iterator[None]:
        """Make operations inside of a conditional or a loop."""
        scopes = self._scopes
        old = scopes.context
        scopes.context = context
        try:
            yield
        finally:
            scopes.context = old

    # Attributes

    @contextmanager
    def container(self, container_name: str) -> Iterator[str]:
        """Give stateful operations made inside that resource container."""
        old = self._container
        self._container = container_name
        try:
            yield container_name
        finally:
            self._container = old

    @contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """Use other registered gradients for operations made inside.

        Args:
          op_type_map: from op type to the name of a gradient (`tf.RegisterGradient`).

        Raises:
          TypeError: it is not a dict from str to str.
        """
        if not isinstance(op_type_map, dict):
            raise TypeError(
                f"`op_type_map` must be a dictionary mapping strings to strings, got {op_type_map}"
            )
        for key, value in op_type_map.items():
            if not (isinstance(key, str) and isinstance(value, str)):
                raise TypeError(f"op_type_map must map strings to strings, got {op_type_map}")
        old = self._gradient_overrides
        self._gradient_overrides = {**old, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = old

    @contextmanager
    def _attr_scope(self, attr_map: dict[str, Any]) -> Iterator[None]:
        """Give operations made inside these attributes (AttrValue; None takes one away)."""
        old = self._attribute_scopes
        self._attribute_scopes = {**old, **attr_map}
        try:
            yield
        finally:
            self._attribute_scopes = old

    # Variables

    @contextmanager
    def _variable_creator_scope(self, creator: Callable[..., Any]) -> Iterator[None]:
        """Make `creator` what makes the variables of `tf.Variable` inside, in place of the rest."""
        scopes = self._scopes
        old = scopes.creators
        scopes.creators = [*old, creator]
        try:
            yield
        finally:
            if scopes.creators[:-1] != old or scopes.creators[-1] is not creator:
                raise RuntimeError("Exiting variable_creator_scope without proper nesting.")
            scopes.creators = old

    @property
    def _variable_creators(self) -> list[Callable[..., Any]]:
        return self._scopes.creators

    # Applying the scopes to a new operation

    def _apply_scopes(self, op: Operation, compute_device: bool) -> None:
        if self._container and op._signature.is_stateful and "container" in op._attributes:
            op._attributes["container"] = op._attributes["container"] or self._container
        if self._attribute_scopes:
            self._apply_attributes(op)
        override = self._gradient_overrides.get(op._type)
        if override is not None:
            op._attributes["_gradient_op_type"] = override
        scopes = self._scopes
        if scopes.plain:
            return
        if scopes.controllers:
            self._apply_controllers(op, scopes.controllers)
        if compute_device:
            _apply_devices(op, scopes.devices)
            if scopes.colocation:
                self._apply_colocation(op, scopes.colocation)

    def _apply_attributes(self, op: Operation) -> None:
        from evergraph import attributes

        for name, value in self._attribute_scopes.items():
            if callable(value) and not isinstance(value, protos.AttrValue):
                value = value(op.node_def)
            if value is not None and name not in op._attributes:
                op._attributes[name] = attributes.from_proto(protos.adopt(value, protos.AttrValue))

    def _apply_controllers(self, op: Operation, controllers: list[_Controller]) -> None:
        input_ops = {t._op for t in op._inputs}
        found = dict.fromkeys([*op._control_inputs, *_awaited_in(controllers, input_ops)])
        for controller in controllers:
            controller.made.add(op)
        op._control_inputs = tuple(found)

    def _awaited_for(self, op: Operation) -> list[Operation]:
        """Return what the scopes in force make an operation wait for; it counts as made in them."""
        controllers = self._scopes.controllers
        found = _awaited_in(controllers, {t._op for t in op._inputs})
        for controller in controllers:
            controller.made.add(op)
        return found

    def _apply_colocation(self, op: Operation, targets: list[Operation]) -> None:
        # TF: what the node had is not kept.
        groups: dict[str, None] = {}
        for target in targets:
            groups.update((g.decode(), None) for g in target.colocation_groups())
            if target.device:
                op._device = target.device
        op._attributes["_class"] = tuple(sorted(groups))


def _awaited_in(controllers: list[_Controller], input_ops: set[Operation]) -> list[Operation]:
    found: dict[Operation, None] = {}
    for controller in controllers:
        # An input made inside the block waits for the block's inputs already.
        if not input_ops & controller.made:
            found.update((c, None) for c in controller.inputs if c not in input_ops)
    return list(found)


def _apply_devices(op: Operation, devices: list[Any]) -> None:
    """Apply device scopes from the innermost outwards; what is set already stays."""
    for device in reversed(devices):
        if device is None:
            return
        if callable(device):
            # TF: a function decides the whole device, given the one so far as `op.device`; its
            # words are kept.
            chosen = device(op)
            checked = device_string(chosen)
            op._device = chosen if isinstance(chosen, str) else checked
        else:
            op._device = merged(device, op._device)
