"""Tracing: values without elements, and the graph of ONNX nodes that they are computed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, TypeProto, helper, numpy_helper
from onnx.defs import OpSchema, get_schema
from onnx.shape_inference import infer_node_outputs

from evergraph.plugin import check_now, errors

#: Versions of ONNX's operators, and of its files, that ONNX Runtime has had for long.
OPSET: Final = helper.make_opsetid("", 21)
IR_VERSION: Final = 10

Message = str | Callable[..., str]


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """A value of a graph that is traced: all but its elements are known."""

    graph: Graph
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def ndim(self) -> int:
        """The rank."""
        return len(self.shape)


@dataclass(frozen=True)
class Check:
    """What must hold of values, as a kernel states it.

    Attributes:
      node: the index of the program's node.
      error, message: what to raise.
      ok: a boolean value.
      shown: values that the message shows.
    """

    node: int
    error: type[errors.OpError]
    message: Message
    ok: Value
    shown: tuple[Value, ...]


class Graph:
    """The nodes of one model, while they are collected.

    It is an observer of the interpreter that traces a program: so it knows, for each of its own
    nodes and for each check, which node of the program it is there for.
    """

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self._nodes: list[NodeProto] = []
        self._types: dict[str, TypeProto] = {}
        self._constants: dict[str, TensorProto] = {}
        self._inputs: list[str] = []
        self._node = 0

    def node(
        self, program: Any, index: int, start_ns: int, end_ns: int, outputs: Sequence[Any]
    ) -> None:
        """Note that what follows is there for the next node of the program."""
        del program, start_ns, end_ns, outputs
        self._node = index + 1

    def input(self, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Value:
        """Return a value that is given when the model runs."""
        type = helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(dtype), shape)
        self._inputs.append(f"in{len(self._inputs)}")
        self._types[self._inputs[-1]] = type
        return Value(self, self._inputs[-1], dtype, shape)

    def constant(self, value: Any) -> Value:
        """Return a value that is part of the model."""
        array = np.require(value, requirements="C")
        name = f"const{len(self._constants)}"
        self._constants[name] = numpy_helper.from_array(array, name)
        number = self._constants[name].data_type
        self._types[name] = helper.make_tensor_type_proto(number, array.shape)
        return Value(self, name, array.dtype, array.shape)

    def add(
        self, op: str, inputs: Sequence[Any], attributes: dict[str, Any], outputs: int
    ) -> list[Value]:
        """Add a node, and return its outputs; inputs that are no values yet become constants.

        Raises:
          InferenceError: the shapes or types of the inputs do not fit.
        """
        values = [v if isinstance(v, Value) else self.constant(v) for v in inputs]
        names = [f"n{len(self._nodes)}_{i}" for i in range(outputs)]
        node = helper.make_node(
            op,
            [v.name for v in values],
            names,
            name=f"{self._node}/{len(self._nodes)}",
            **attributes,
        )
        found = infer_node_outputs(
            _schema(op),
            node,
            {v.name: self._types[v.name] for v in values},
            {v.name: self._constants[v.name] for v in values if v.name in self._constants},
            opset_imports=[OPSET],
            ir_version=IR_VERSION,
        )
        self._nodes.append(node)
        self._types.update(found)
        return [self._value(name) for name in names]

    def _value(self, name: str) -> Value:
        tensor = self._types[name].tensor_type
        shape = tuple(d.dim_value for d in tensor.shape.dim)
        return Value(self, name, helper.tensor_dtype_to_np_dtype(tensor.elem_type), shape)

    def check(
        self, ok: Value, error: type[errors.OpError], message: Message, *shown: Value
    ) -> None:
        """Have it looked at, when the model has run, whether `ok` holds everywhere."""
        self.checks.append(Check(self._node, error, message, ok, shown))

    def model(self, outputs: Sequence[Value]) -> tuple[ModelProto, list[str], list[str]]:
        """Return the model of these outputs and of the checks, which follow them.

        Also the names of the inputs that it needs, and of its outputs.
        """
        looked_at = [v for check in self.checks for v in (check.ok, *check.shown)]
        # An output is a value of its own: neither an input nor the same as another one.
        names = [self.add("Identity", [v], {}, 1)[0].name for v in (*outputs, *looked_at)]
        used = {name for node in self._nodes for name in node.input}
        inputs = [name for name in self._inputs if name in used]
        graph = GraphProto(name="region")
        graph.node.extend(self._nodes)
        graph.initializer.extend(self._constants.values())
        for field, members in ((graph.input, inputs), (graph.output, names)):
            for name in members:
                field.add(name=name, type=self._types[name])
        model = ModelProto(ir_version=IR_VERSION, opset_import=[OPSET], graph=graph)
        return model, inputs, names


def _schema(op: str) -> OpSchema:
    return get_schema(op, OPSET.version, OPSET.domain)


def emit(op: str, *inputs: Any, **attributes: Any) -> Value:
    """Add a node of one output to the graph of its inputs."""
    return emit_several(op, 1, *inputs, **attributes)[0]


def emit_several(op: str, outputs: int, *inputs: Any, **attributes: Any) -> list[Value]:
    """Add a node of several outputs to the graph of its inputs, of which one at least has one."""
    graph = next(v.graph for v in inputs if isinstance(v, Value))
    return graph.add(op, inputs, attributes, outputs)


def check(ok: Any, error: type[errors.OpError], message: Message, *shown: Any) -> None:
    """State what must hold, as kernels do by `xp.check`."""
    if isinstance(ok, Value):
        ok.graph.check(ok, error, message, *shown)
    else:
        check_now(ok, error, message, *shown)
