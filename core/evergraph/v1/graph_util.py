"""tf.graph_util: parts of a GraphDef."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.importer import import_graph_def
from evergraph.graph.operation import Operation
from evergraph.shapes import TensorShape
from evergraph.v1.freezing import convert_variables_to_constants
from evergraph.v1.sub_graphs import colocated, extract_sub_graph

__all__ = [
    "convert_variables_to_constants",
    "extract_sub_graph",
    "import_graph_def",
    "must_run_on_cpu",
    "remove_training_nodes",
    "tensor_shape_from_node_def_name",
]


def remove_training_nodes(input_graph: Any, protected_nodes: Iterable[str] | None = None) -> Any:
    """Return a GraphDef without the nodes that inference does not need.

    CheckNumerics nodes go, and Identity and StopGradient nodes are replaced by their inputs, except
    where a control dependency or a colocation holds on to them.

    Args:
      input_graph: the graph.
      protected_nodes: the names of nodes that stay.
    """
    protected = set(protected_nodes or ())
    checks = {
        n.name for n in input_graph.node if n.op == "CheckNumerics" and n.name not in protected
    }
    nodes = []
    for node in input_graph.node:
        if node.name not in checks:
            copy = type(node)()
            copy.CopyFrom(node)
            copy.ClearField("input")
            copy.input.extend(i for i in node.input if i.removeprefix("^") not in checks)
            nodes.append(copy)
    controls = {i.replace("^", "") for n in nodes for i in n.input if "^" in i}
    controlled = {n.name for n in nodes for i in n.input if "^" in i}
    held = protected | controls | controlled | {c for n in nodes for c in colocated(n)}
    replaced = {
        n.name: n.input[0]
        for n in nodes
        if n.op in ("Identity", "StopGradient") and n.name not in held
    }
    result = type(input_graph)()
    for node in nodes:
        if node.name in replaced:
            continue
        inputs = list(node.input)
        node.ClearField("input")
        node.input.extend(_followed(i, replaced) for i in inputs)
        result.node.append(node)
    return result


def _followed(input: str, replaced: dict[str, str]) -> str:
    while input.removeprefix("^") in replaced:
        input = replaced[input.removeprefix("^")]
    return input


_VARIABLES: Final = frozenset(
    [
        "Assign",
        "AssignAdd",
        "AssignSub",
        "Queue",
        "ScatterAdd",
        "ScatterSub",
        "ScatterUpdate",
        "TruncatedNormal",
        "Variable",
        "VariableV2",
    ]
)


def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Return whether TensorFlow would keep a node on the CPU.

    Args:
      node: an Operation, or a NodeDef.
      pin_variables_on_cpu: whether variables are kept there as well.
    """
    node_def: Any = node.node_def if isinstance(node, Operation) else node
    integers = dtypes.int32.as_datatype_enum
    attr = node_def.attr
    if pin_variables_on_cpu and node_def.op in _VARIABLES:
        return True
    if node_def.op == "Const":
        return attr["dtype"].type in (dtypes.string.as_datatype_enum, integers)
    if node_def.op in ("DynamicStitch", "ParallelDynamicStitch"):
        return bool(attr["T"].type == integers)
    return bool(node_def.op == "Cast" and attr["SrcT"].type == integers)


def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> TensorShape:
    """Return the static shape of the tensor that a NodeDef's input names."""
    name = input_name if ":" in input_name else f"{input_name}:0"
    shape: TensorShape = graph.get_tensor_by_name(name).shape
    return shape
