"""Initial values that depend on other variables: they take the initial value of those, if need be.

So one step can initialize all variables, in whatever order.
"""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes, protos
from evergraph.builder import build
from evergraph.graph.collections import GraphKeys
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.v1.conditions import cond
from evergraph.v1.framework import init_scope

#: They read no value of a variable that could be missing, or say themselves when they do.
_SAFE: Final = {"IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp", "If"}
_VARIABLES: Final = {"Variable", "VariableV2", "VarHandleOp"}


def guarded(name: str, initial_value: Tensor) -> Tensor:
    """Return a tensor that has the value of `initial_value` even before variables are initialized.

    Args:
      name: the scope of the variable that it is for.
      initial_value: the tensor; where it depends on variables, what depends on them is copied.

    Raises:
      TypeError: it is not a tensor.
    """
    if not isinstance(initial_value, Tensor):
        raise TypeError(f"initial_value needs to be a Tensor: {initial_value}")
    order = _ancestors(initial_value.op)
    if order is None:
        return initial_value
    copies: dict[Operation, Operation] = {}
    for op in order:
        copies[op] = _copy(name, op, copies)
    return copies[initial_value.op].outputs[initial_value.value_index]


def _ancestors(op: Operation) -> list[Operation] | None:
    """Return the operations that one depends on by data, itself last.

    None if there is a loop among them, or none of them is a variable.
    """
    found: dict[Operation, None] = {}
    entered: set[Operation] = set()
    any_variable = False
    stack = [(op, False)]
    while stack:
        current, done = stack.pop()
        if done:
            found[current] = None
            continue
        if current in found:
            continue
        if current in entered:
            return None
        entered.add(current)
        stack.append((current, True))
        if current.type in _VARIABLES:
            any_variable = True
        elif current.type not in _SAFE:
            stack += [(t.op, False) for t in reversed(current.inputs) if t.op not in found]
    return list(found) if any_variable else None


def _copy(name: str, op: Operation, copies: dict[Operation, Operation]) -> Operation:
    if op.type in _SAFE:
        return op
    if op.type in _VARIABLES:
        value = _initialized_value_of(op)
        return op if value is None else value.op
    inputs = [copies[t.op].outputs[t.value_index] for t in op.inputs]
    if all(new is old for new, old in zip(inputs, op.inputs, strict=True)):
        return op
    type = "Switch" if op.type == "RefSwitch" else op.type
    attributes: dict[str, protos.AttrValue] = dict(op.node_def.attr)
    # The name ends in a slash, as that of the scope does: it is taken as it is.
    new_name = f"{op.name}_{name}".replace(":", "_")
    return op.graph.create_op(type, inputs, name=new_name, attrs=attributes)


def _initialized_value_of(op: Operation) -> Tensor | None:
    names = (op.name, f"{op.name}:0")
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
        for variable in op.graph.get_collection(key):
            if variable.name in names:
                value: Tensor = variable.initialized_value()
                return value
    return None


def initialized_value(variable: Any) -> Tensor:
    """Return the value of a variable, or its initial value as long as it has none."""
    with init_scope():
        reference = variable.op.outputs[0]
        if reference.dtype is dtypes.resource:
            initialized = build("VarIsInitializedOp", {"resource": reference})
        else:
            initialized = build("IsVariableInitialized", {"ref": reference})
        value: Tensor = cond(initialized, variable.read_value, lambda: variable.initial_value)
        return value
