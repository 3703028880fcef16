"""Slots: the variables that an optimizer keeps for each of those that it trains."""

from __future__ import annotations

from typing import Any

from evergraph.dtypes import DType
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import TensorShape
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.resource_variable import ResourceVariable
from evergraph.v1.variable_scopes import get_variable, get_variable_scope, variable_scope
from evergraph.v1.variables import Variable


def is_resource(variable: Any) -> bool:
    """Whether a variable is one behind a handle."""
    return isinstance(variable, ResourceVariable)


def create_slot(primary: Any, value: Any, name: str) -> Any:
    """Create the slot `PRIMARY/NAME` with an initial value, where its variable is.

    Args:
      primary: the variable, or a tensor.
      value: the initial value; the slot has its shape.
      name: what the slot is called; made unique under the variable.
    """
    return _created(primary, convert_to_tensor(value), name, None, None)


def create_slot_with_initializer(
    primary: Any, initializer: Any, shape: Any, dtype: DType, name: str
) -> Any:
    """Create the slot `PRIMARY/NAME` with an initializer; see `create_slot`."""
    return _created(primary, initializer, name, TensorShape(shape), dtype)


def create_zeros_slot(primary: Any, name: str, dtype: DType | None = None) -> Any:
    """Create the slot `PRIMARY/NAME` of zeros in the shape of its variable; see `create_slot`."""
    dtype = primary.dtype.base_dtype if dtype is None else dtype
    shape = primary.shape
    if shape.is_fully_defined():
        return create_slot_with_initializer(primary, zeros_initializer(), shape, dtype, name)
    from evergraph.graph.slicing import shape as shape_of
    from evergraph.v1.filling import zeros

    initial = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(initial), dtype), name)


def _created(primary: Any, value: Any, name: str, shape: Any, dtype: Any) -> Any:
    if isinstance(primary, Variable) and primary._save_slice_info is not None:
        base = primary._save_slice_info.full_name  # a part of a partitioned variable
    else:
        base = primary.op.name
    graph = get_default_graph()
    with variable_scope(None, f"{base}/{name}"), graph.colocate_with(primary.op):
        scope = get_variable_scope()
        partitioner = scope.partitioner
        scope.set_partitioner(None)
        try:
            slot = get_variable(
                "",
                shape=shape,
                dtype=dtype,
                initializer=value,
                trainable=False,
                use_resource=is_resource(primary),
            )
        finally:
            scope.set_partitioner(partitioner)
    if isinstance(primary, Variable) and primary._save_slice_info is not None:
        _share_slice(primary._save_slice_info, slot, name)
    return slot


def _share_slice(info: Any, slot: Any, name: str) -> None:
    """Give the slot of a part the place that its variable has in the whole."""
    size = len(info.full_shape)
    if slot.shape.rank == size:
        slot._set_save_slice_info(
            Variable.SaveSliceInfo(
                f"{info.full_name}/{name}", info.full_shape, info.var_offset, info.var_shape
            )
        )
