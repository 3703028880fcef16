"""tf.graph_util.convert_variables_to_constants: a graph with its variables' values inside."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any, Final

import numpy as np

from evergraph.errors import UnimplementedError
from evergraph.tensor_proto import make_tensor_proto
from evergraph.v1.sub_graphs import extract_sub_graph

#: What follows a variable's name in that of the tensor with its value.
_VALUES: Final = {"Variable": ":0", "VariableV2": ":0", "VarHandleOp": "/Read/ReadVariableOp:0"}


def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Iterable[str],
    variable_names_whitelist: Container[str] | None = None,
    variable_names_blacklist: Container[str] | None = None,
) -> Any:
    """Return the part of a GraphDef that some nodes need, with variables as constants.

    Reference variables and resource variables become Const nodes of the same names. What reads a
    resource variable becomes Identity, GatherV2 or GatherNd; a GatherV2 gets its axis from a new
    node `NAME/axis`. A resource variable's value is that of its node `NAME/Read/ReadVariableOp`,
    which `tf.Variable` and `tf.get_variable` make.

    Args:
      sess: a session on the graph, in which the variables have values.
      input_graph_def: the graph.
      output_node_names: the names of the nodes.
      variable_names_whitelist: the names of the variables to convert; by default all.
      variable_names_blacklist: the names of variables that stay.

    Raises:
      TypeError: the graph is no GraphDef, or the names are one string.
      AssertionError: there is no node of that name.
      ValueError: the session's graph does not have the variable's value, or a ResourceGather of
        the variable has batch dimensions.
      FailedPreconditionError: a variable has no value.
      UnimplementedError: a resource variable is the argument of a function.
      RuntimeError: the session is closed.
    """
    graph = extract_sub_graph(input_graph_def, output_node_names)
    variables = [
        node
        for node in graph.node
        if node.op in _VALUES
        and (variable_names_whitelist is None or node.name in variable_names_whitelist)
        and (variable_names_blacklist is None or node.name not in variable_names_blacklist)
    ]
    if variables:
        names = {v.name: v.name + _VALUES[v.op] for v in variables}
        values = sess.run(names)
        readers = _readers(graph)
        for variable in variables:
            _become_constant(variable, variable.attr["dtype"].type, values[variable.name])
            _convert_readers(graph, variable, readers)
    return graph


def _readers(graph: Any) -> dict[str, list[Any]]:
    """Return the nodes that take a value from a node, by the latter's name."""
    found: dict[str, list[Any]] = {}
    for node in graph.node:
        for input in node.input:
            if not input.startswith("^"):
                found.setdefault(input.partition(":")[0], []).append(node)
    return found


def _convert_readers(graph: Any, variable: Any, readers: dict[str, list[Any]]) -> None:
    dtype = variable.attr["dtype"].type
    seen: set[str] = set()
    waiting = list(readers.get(variable.name, ()))
    while waiting:
        node = waiting.pop()
        if node.name in seen:
            continue
        seen.add(node.name)
        if node.op in _PASSING:
            node.attr["T"].type = dtype
            node.attr.pop("_output_shapes", None)
            waiting += readers.get(node.name, ())
        elif node.op in _CALLING:
            raise UnimplementedError(
                None,
                None,
                f"{node.op} node '{node.name}' hands variable '{variable.name}' to a function, "
                "whose body cannot be converted. Put the variable in variable_names_blacklist.",
            )
        elif node.op in _READING:
            _READING[node.op](graph, node)


def _become_constant(node: Any, dtype: int, value: Any) -> None:
    """Turn a node into a Const."""
    name, array = node.name, np.asarray(value)
    node.Clear()
    node.name = name
    node.op = "Const"
    node.attr["dtype"].type = dtype
    tensor = make_tensor_proto(array, dtype, array.shape)
    node.attr["value"].tensor.ParseFromString(tensor.SerializeToString())


def _become(node: Any, op: str, inputs: list[str], types: dict[str, int]) -> None:
    """Turn a node into another op; of its attributes it keeps what it is colocated with."""
    before = type(node)()
    before.CopyFrom(node)
    node.Clear()
    node.name = before.name
    node.op = op
    node.input.extend(inputs)
    for attribute, dtype in types.items():
        node.attr[attribute].type = dtype
    if "_class" in before.attr:
        node.attr["_class"].CopyFrom(before.attr["_class"])


def _read(graph: Any, node: Any) -> None:
    del graph
    _become(node, "Identity", node.input[:1], {"T": node.attr["dtype"].type})


def _gather(graph: Any, node: Any) -> None:
    batch_dims = node.attr["batch_dims"].i
    if batch_dims != 0:
        raise ValueError(
            f"batch_dims must be 0 for freeze_graph, but got node({node.name})"
            f".attr('batch_dims') = {batch_dims}."
        )
    axis = next((n for n in graph.node if n.name == f"{node.name}/axis"), None)
    if axis is None:
        axis = graph.node.add(name=f"{node.name}/axis")
    indices = node.attr["Tindices"].type
    _become_constant(axis, indices, 0)
    types = {"Tparams": node.attr["dtype"].type, "Tindices": indices, "Taxis": indices}
    _become(node, "GatherV2", [*node.input[:2], axis.name], types)


def _gather_nd(graph: Any, node: Any) -> None:
    del graph
    types = {"Tparams": node.attr["dtype"].type, "Tindices": node.attr["Tindices"].type}
    _become(node, "GatherNd", node.input[:2], types)


#: What hands a variable on.
_PASSING: Final = frozenset(
    ["Enter", "Exit", "Identity", "Merge", "NextIteration", "Switch", "_SwitchN"]
)
#: What hands a variable to a function.
_CALLING: Final = frozenset(
    [
        "Case",
        "If",
        "PartitionedCall",
        "StatefulPartitionedCall",
        "StatelessIf",
        "StatelessWhile",
        "While",
    ]
)
#: What reads a resource variable.
_READING: Final[dict[str, Callable[[Any, Any], None]]] = {
    "ReadVariableOp": _read,
    "ResourceGather": _gather,
    "ResourceGatherNd": _gather_nd,
}
