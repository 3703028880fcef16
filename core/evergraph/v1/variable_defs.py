"""Variables from their `VariableDef`s, for graphs that were imported."""

from __future__ import annotations

from typing import Any

from evergraph import protos
from evergraph.dtypes import as_dtype
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import TensorShape
from evergraph.v1.ref_variable import RefVariable
from evergraph.v1.resource_variable import ResourceVariable
from evergraph.v1.saved_slices import SaveSliceInfo, prepended
from evergraph.v1.variable_modes import checked_modes
from evergraph.v1.variables import Variable


def from_proto(variable_def: Any, import_scope: str | None = None) -> Variable:
    """Return the variable that a `VariableDef` describes, a reference or a resource variable."""
    kind = ResourceVariable if variable_def.is_resource else RefVariable
    return kind(variable_def=variable_def, import_scope=import_scope)


def restore_ref_variable(
    variable: RefVariable, variable_def: Any, import_scope: str | None
) -> None:
    """Fill in a reference variable from its `VariableDef`."""
    variable_def = protos.adopt(variable_def, protos.VariableDef)
    element = _finder(import_scope)
    variable._variable = element(variable_def.variable_name)
    variable._snapshot = element(variable_def.snapshot_name)
    variable._name = variable._variable.name
    _restore(variable, variable_def, import_scope)


def restore_resource_variable(
    variable: ResourceVariable, variable_def: Any, import_scope: str | None
) -> None:
    """Fill in a resource variable from its `VariableDef`.

    Raises:
      ValueError: it describes a reference variable.
    """
    variable_def = protos.adopt(variable_def, protos.VariableDef)
    if not variable_def.is_resource:
        raise ValueError(
            "The `variable_def` you passed to `tf.Variable` is Trying to restore a TF 1.x "
            "Reference Variable as a TF 2.x ResourceVariable. This is unsupported. Got "
            f"variable_def={variable_def}"
        )
    element = _finder(import_scope)
    handle = variable._handle = element(variable_def.variable_name)
    variable._name = handle.name
    variable._shape = TensorShape(handle.op.get_attr("shape"))
    variable._dtype = as_dtype(handle.op.get_attr("dtype"))
    if variable_def.snapshot_name:
        snapshot = element(variable_def.snapshot_name)
        if snapshot.op.type != "ReadVariableOp":
            variable._cached_value = snapshot
        while snapshot.op.type != "ReadVariableOp":
            snapshot = snapshot.op.inputs[0]
        variable._graph_element = snapshot
    else:
        name = f"{handle.op.name}/Read/ReadVariableOp:0"
        variable._graph_element = get_default_graph().get_tensor_by_name(name)
    _restore(variable, variable_def, import_scope)


def _finder(import_scope: str | None) -> Any:
    graph = get_default_graph()
    return lambda name: graph.as_graph_element(prepended(name, import_scope))


def _restore(variable: Variable, variable_def: protos.VariableDef, import_scope: Any) -> None:
    element = _finder(import_scope)
    variable._initializer_op = element(variable_def.initializer_name)
    name = variable_def.initial_value_name
    variable._initial_value = element(name) if name else None
    variable._synchronization, variable._aggregation, variable._trainable = checked_modes(
        variable_def.synchronization,
        variable_def.aggregation,
        variable_def.trainable,
        variable_def.variable_name,
    )
    if variable_def.HasField("save_slice_info_def"):
        info = variable_def.save_slice_info_def
        variable._save_slice_info = SaveSliceInfo(
            save_slice_info_def=info, import_scope=import_scope
        )
