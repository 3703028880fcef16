"""Slots: variables that belong to another one, such as its momentum, and are named after it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.filling import zeros
from evergraph.v1.init_ops import Zeros
from evergraph.v1.ref_variable import RefVariable
from evergraph.v1.resource_variable import ResourceVariable
from evergraph.v1.saved_slices import SaveSliceInfo
from evergraph.v1.variable_scopes import get_variable, get_variable_scope, variable_scope
from evergraph.v1.variables import Variable


def create_slot(primary: Any, value: Any, name: str, colocate: bool = True) -> Any:
    """Return a new slot of a variable or tensor, with an initial value.

    Args:
      primary: what it belongs to: it is called PRIMARY/NAME.
      value: a tensor.
      name: what is added to the name of `primary`.
      colocate: whether the slot is placed beside `primary`.
    """
    return _created(primary, value, name, value.shape, None, None, colocate)


def create_slot_with_initializer(
    primary: Any, initializer: Any, shape: Any, dtype: Any, name: str, colocate: bool = True
) -> Any:
    """Return a new slot of a variable or tensor, of a shape and type; see `create_slot`."""
    return _created(primary, initializer, name, shape, shape, dtype, colocate)


def create_zeros_slot(primary: Any, name: str, dtype: Any = None, colocate: bool = True) -> Any:
    """Return a new slot of zeros in the shape of a variable or tensor; see `create_slot`."""
    dtype = (dtype or primary.dtype).base_dtype
    if primary.shape.is_fully_defined():
        return create_slot_with_initializer(primary, Zeros(), primary.shape, dtype, name, colocate)
    known = primary.initialized_value() if isinstance(primary, Variable) else primary
    return create_slot(primary, zeros(shape_of(known), dtype), name, colocate)


def _created(
    primary: Any,
    value: Any,
    name: str,
    known: Any,
    shape: Any,
    dtype: Any,
    colocate: bool,
) -> Any:
    prefix = primary._shared_name if isinstance(primary, Variable) else primary.op.name
    with variable_scope(None, f"{prefix}/{name}"), ExitStack() as stack:
        if colocate:
            stack.enter_context(get_default_graph().colocate_with(primary))
        inner = get_variable_scope()
        partitioner = inner.partitioner
        # A part of a variable has a whole slot.
        inner.set_partitioner(None)
        slot = get_variable(
            "",
            initializer=value,
            trainable=False,
            use_resource=_kind(primary),
            shape=shape if callable(value) else None,
            dtype=dtype,
            validate_shape=known.is_fully_defined(),
        )
        inner.set_partitioner(partitioner)
    if isinstance(primary, Variable) and primary._get_save_slice_info():
        _save_beside(primary, slot)
    return slot


def _kind(primary: Any) -> bool | None:
    """Return whether a slot is a resource variable; None if the scope decides."""
    if isinstance(primary, ResourceVariable):
        return True
    return False if isinstance(primary, RefVariable) else None


def _save_beside(primary: Any, slot: Any) -> None:
    """Have the slot saved as a part of a whole, as its variable is."""
    info, rank = primary._get_save_slice_info(), slot.shape.rank
    if rank == 0:
        return
    name = slot.op.name.removeprefix(f"{primary.op.name}/")
    parts = (s[:rank] for s in (info.full_shape, info.var_offset, info.var_shape))
    slot._set_save_slice_info(SaveSliceInfo(f"{info.full_name}/{name}", *parts))
