"""tf.graph_util.convert_variables_to_constants: a graph with its variables' values inside."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any, Final

import numpy as np

from evergraph.tensor_proto import make_tensor_proto
from evergraph.v1.freezing_functions import Functions, Scope
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
    resource variable becomes Identity, GatherV2 or GatherNd, also in functions; a GatherV2 gets its
    axis from a new node `NAME/axis`. A resource variable's value is that of its node
    `NAME/Read/ReadVariableOp`, which `tf.Variable` and `tf.get_variable` make.

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
      NotFoundError: a variable is handed to a function that the graph does not have.
      UnimplementedError: a function does more with a variable than to read it.
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
        scope = Scope(graph.node)
        for variable in variables:
            dtype = variable.attr["dtype"].type
            _become_constant(variable, dtype, values[variable.name])
            for node in list(scope.readers(variable.name, dtype)):
                _converted(scope, node)
        functions = Functions(graph, _converted)
        functions.convert_calls(scope)
        functions.drop_unused(graph)
    return graph


def _converted(scope: Scope, node: Any) -> bool:
    """Let what reads a variable read a value; return whether that is possible."""
    if node.op not in _READING:
        return False
    _READING[node.op](scope, node)
    return True


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


def _read(scope: Scope, node: Any) -> None:
    del scope
    _become(node, "Identity", node.input[:1], {"T": node.attr["dtype"].type})


def _gather(scope: Scope, node: Any) -> None:
    batch_dims = node.attr["batch_dims"].i
    if batch_dims != 0:
        raise ValueError(
            f"batch_dims must be 0 for freeze_graph, but got node({node.name})"
            f".attr('batch_dims') = {batch_dims}."
        )
    axis = next((n for n in scope.node if n.name == f"{node.name}/axis"), None)
    if axis is None:
        axis = scope.node.add(name=f"{node.name}/axis")
    indices = node.attr["Tindices"].type
    _become_constant(axis, indices, 0)
    types = {"Tparams": node.attr["dtype"].type, "Tindices": indices, "Taxis": indices}
    _become(node, "GatherV2", [*node.input[:2], scope.output(axis.name)], types)


def _gather_nd(scope: Scope, node: Any) -> None:
    del scope
    types = {"Tparams": node.attr["dtype"].type, "Tindices": node.attr["Tindices"].type}
    _become(node, "GatherNd", node.input[:2], types)


#: What reads a resource variable.
_READING: Final[dict[str, Callable[[Scope, Any], None]]] = {
    "ReadVariableOp": _read,
    "ResourceGather": _gather,
    "ResourceGatherNd": _gather_nd,
}
