"""Random graphs, built by whatever `tf` is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from random_graphs.data import Constant, Node


@dataclass
class Built:
    """What was built in the default graph.

    Attributes:
      values: the tensors, by the numbers of the values.
      feeds: what is to be fed.
      initializers: what gives the variables their initial values.
    """

    values: list[Any] = field(default_factory=list)
    feeds: dict[Any, Any] = field(default_factory=dict)
    initializers: list[Any] = field(default_factory=list)


def build(tf: Any, nodes: list[Node]) -> Built:
    """Build a graph in the default graph."""
    built, operations = Built(), []
    for node in nodes:
        if node.op == "Placeholder":
            result = tf.placeholder(node.attributes["dtype"], node.attributes["shape"])
            built.feeds[result] = node.given.array()
        else:
            names = _argument_names(tf, node.op)
            inputs = [_tensor(tf, i, built.values) for i in node.inputs]
            arguments = dict(zip(names, inputs, strict=False)) | node.attributes
            with tf.control_dependencies([operations[i] for i in node.control]):
                result = getattr(tf.raw_ops, node.op)(**arguments)
        if node.op in INITIALIZERS:
            initial = tf.constant(node.given.array())
            built.initializers.append(INITIALIZERS[node.op](tf, result, initial))
        outputs = result if isinstance(result, list | tuple) else [result]
        if isinstance(result, tf.Operation):
            outputs = []
        operations.append(outputs[0].op if outputs else result)
        built.values.extend(outputs)
    return built


#: By the op of a variable, what gives it its initial value.
INITIALIZERS = {
    "VarHandleOp": lambda tf, v, x: tf.raw_ops.AssignVariableOp(resource=v, value=x),
    "VariableV2": lambda tf, v, x: tf.raw_ops.Assign(ref=v, value=x).op,
}


def _argument_names(tf: Any, op: str) -> list[str]:
    signature = getattr(getattr(tf.raw_ops, op), "__signature__", None)
    if signature is not None:  # TensorFlow's own functions rename some
        return [name for name in signature.parameters if name != "name"]
    return [a.name for a in tf.get_default_graph().op_def_for_type(op).input_arg]


def _tensor(tf: Any, given: Any, values: list[Any]) -> Any:
    if isinstance(given, list):
        return [_tensor(tf, i, values) for i in given]
    return tf.constant(given.array()) if isinstance(given, Constant) else values[given]
