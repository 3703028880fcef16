"""`Operation`: a node of a graph."""

from __future__ import annotations

import traceback as python_traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from evergraph import attributes as attribute_values
from evergraph import protos
from evergraph.errors import InvalidArgumentError, OutOfRangeError
from evergraph.graph import traceback
from evergraph.graph.device import device_string
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape, bracketed
from evergraph.vocabulary import Signature

if TYPE_CHECKING:
    from evergraph.graph.graph import Graph


class Operation:
    """A node of a graph: an op type with attributes, inputs and outputs.

    Operations are made by `Graph.create_op` and the builders, never directly.
    """

    __slots__ = (
        "__weakref__",
        "_attributes",
        "_control_flow_context",
        "_control_inputs",
        "_device",
        "_frames",
        "_graph",
        "_id",
        "_inputs",
        "_name",
        "_original_op",
        "_outputs",
        "_signature",
        "_type",
    )

    def __init__(
        self,
        graph: Graph,
        id: int,
        name: str,
        signature: Signature,
        attributes: dict[str, Any],
        inputs: tuple[Tensor, ...],
        control_inputs: tuple[Operation, ...],
        device: str,
        frames: traceback.Frames,
    ) -> None:
        self._graph = graph
        self._id = id
        self._name = name
        self._type = signature.name
        self._signature = signature
        self._attributes = attributes
        self._inputs = inputs
        self._control_inputs = control_inputs
        self._device = device
        self._frames = frames
        self._control_flow_context: Any = None
        self._original_op: Operation | None = None
        self._outputs = tuple(
            [Tensor(self, i, d) for i, d in enumerate(signature.output_dtypes(attributes))]
        )

    @property
    def name(self) -> str:
        """The full name."""
        return self._name

    @property
    def type(self) -> str:
        """The op type."""
        return self._type

    @property
    def graph(self) -> Graph:
        """The graph that contains this operation."""
        return self._graph

    @property
    def device(self) -> str:
        """The device string asked for, or ""."""
        return self._device

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The data inputs."""
        return self._inputs

    @property
    def control_inputs(self) -> list[Operation]:
        """The operations that must run before this one."""
        return list(self._control_inputs)

    @property
    def outputs(self) -> list[Tensor]:
        """The outputs."""
        return list(self._outputs)

    def values(self) -> tuple[Tensor, ...]:
        """Return the outputs."""
        return self._outputs

    @property
    def op_def(self) -> protos.OpDef:
        """The `OpDef` of the type."""
        return self._signature.op_def

    @property
    def node_def(self) -> protos.NodeDef:
        """A `NodeDef` of this operation."""
        return self._write(protos.NodeDef())

    def _write(self, node: protos.NodeDef) -> protos.NodeDef:
        node.name = self._name
        node.op = self._type
        if self._device:
            node.device = self._device
        if self._inputs:
            node.input.extend([t._as_node_def_input() for t in self._inputs])
        if self._control_inputs:
            node.input.extend(sorted(f"^{op._name}" for op in self._control_inputs))
        declared = self._signature.attributes
        for name, value in self._attributes.items():
            known = declared.get(name)
            kind = attribute_values.kind_of(value) if known is None else known.kind
            attribute_values.write(node.attr[name], kind, value)
        return node

    @property
    def traceback(self) -> python_traceback.StackSummary:
        """The call stack that made the operation, outermost first."""
        return traceback.summary(self._frames)

    @property
    def _site(self) -> str:
        return traceback.site(self._frames)

    def get_attr(self, name: str) -> Any:
        """Return the value of an attribute.

        Strings come as bytes, types as `DType`, shapes, tensors and functions as their messages,
        lists as lists.

        Raises:
          ValueError: there is no such attribute.
        """
        try:
            value = self._attributes[name]
        except KeyError:
            raise ValueError(f"Operation '{self._name}' has no attr named '{name}'.") from None
        if isinstance(value, protos.AttrValue):
            value = attribute_values.from_proto(value)
        if isinstance(value, tuple):
            return [_public(v) for v in value]
        return _public(value)

    def _set_attr(self, name: str, value: protos.AttrValue) -> None:
        """Set an attribute from an `AttrValue`; steps planned before are planned anew."""
        self._graph._check_not_finalized()
        self._attributes[name] = attribute_values.from_proto(protos.adopt(value, protos.AttrValue))
        self._graph._mutated()

    def _clear_attr(self, name: str) -> None:
        self._attributes.pop(name, None)
        self._graph._mutated()

    def _connect(self, index: int, tensor: Tensor) -> None:
        """Replace an input while the operation is being made."""
        old = self._inputs[index]
        self._inputs = (*self._inputs[:index], tensor, *self._inputs[index + 1 :])
        if old._consumers is not None and old not in self._inputs:
            old._consumers = [c for c in old._consumers if c is not self]
        tensor._consumers = [*(tensor._consumers or ()), self]
        self._graph._note_order(tensor._op, self)

    def _close_loop(self, following: Tensor) -> None:
        """Let the second input of a Merge, which begins a loop, be the value of an iteration."""
        self._connect(1, following)

    def _wait_for(self, ops: Sequence[Operation]) -> None:
        """Add control inputs while the operation is being made."""
        new = [op for op in dict.fromkeys(ops) if op not in self._control_inputs]
        self._control_inputs = (*self._control_inputs, *new)
        for op in new:
            self._graph._note_order(op, self)

    def _update_input(self, index: int, tensor: Tensor) -> None:
        """Replace an input; steps planned before are planned anew.

        Raises:
          TypeError: the new input is not a tensor of that type.
          ValueError: it is from another graph.
          OutOfRangeError: there is no such input.
          InvalidArgumentError: the new input has a shape that the old one cannot have.
        """
        self._graph._check_not_finalized()
        if not isinstance(tensor, Tensor):
            raise TypeError(f"tensor must be a Tensor: {tensor}")
        self._graph._check_contains(tensor)
        if not 0 <= index < len(self._inputs):
            raise OutOfRangeError(
                None,
                self,
                f"Cannot update edge. Input index [{index}] is greater than the number of total "
                f"inputs [{len(self._inputs)}].",
            )
        old = self._inputs[index]
        if not tensor.shape.is_compatible_with(old.shape):
            new_shape, old_shape = (bracketed(t._dims) for t in (tensor, old))
            raise InvalidArgumentError(
                None, self, f"Cannot update edge, incompatible shapes: {new_shape} and {old_shape}."
            )
        if old.dtype.base_dtype is not tensor.dtype.base_dtype:
            raise TypeError(
                f"Input {index} of {self._name} is {old.dtype.name}, not {tensor.dtype.name}"
            )
        inputs = list(self._inputs)
        inputs[index] = tensor
        self._inputs = tuple(inputs)
        if old._consumers and self in old._consumers:
            old._consumers = list(old._consumers)
            old._consumers.remove(self)
        tensor._consumers = [*(tensor._consumers or ()), self]
        self._graph._mutated(unordered=tensor.op._id > self._id)

    def _add_control_input(self, op: Operation) -> None:
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops: Sequence[Operation]) -> None:
        self._graph._check_not_finalized()
        new = [op for op in dict.fromkeys(ops) if op not in self._control_inputs]
        self._control_inputs = (*self._control_inputs, *new)
        self._graph._mutated(unordered=any(op._id > self._id for op in new))

    def _remove_all_control_inputs(self) -> None:
        self._control_inputs = ()
        self._graph._mutated()

    def _set_device(self, device: Any) -> None:
        self._device = device_string(device)
        self._graph._mutated()

    def colocation_groups(self) -> list[bytes]:
        """Return the colocation groups: `loc:@NAME` for the operation itself if it has none."""
        groups = self._attributes.get("_class", ())
        found = [attribute_values.data(g) for g in groups if g.startswith("loc:@")]
        return found or [f"loc:@{self._name}".encode()]

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run the operation: `session.run(self, feed_dict)`.

        Raises:
          ValueError: there is no default session, or it runs another graph.
        """
        self._graph._session_for("run", session).run(self, feed_dict)

    def __str__(self) -> str:
        return str(self.node_def)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self._name}' type={self._type}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("cannot pickle 'Operation' object")

    def __copy__(self) -> Operation:
        return self


def _public(value: Any) -> Any:
    if isinstance(value, str):
        return attribute_values.data(value)
    if isinstance(value, TensorShape):
        return value.as_proto()
    return value
