"""The gradients of operations: those of the families, of control flow, and of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.contexts import ConditionContext, merged, switched
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operation import Operation
from evergraph.graph.tensor import Tensor
from evergraph.op import no_gradient, registry
from evergraph.slices import IndexedSlices
from evergraph.vocabulary import vocabulary

#: From an operation and the gradients of its outputs to the gradients of its inputs.
Gradient = Callable[..., Any]


class Builders:
    """The namespace that gradients are written in: a function for every op type.

    `tf.MatMul(x, y, transpose_a=True)`: inputs in the order of the OpDef, attributes by name.
    """

    def __getattr__(self, type: str) -> Callable[..., Any]:
        signature = vocabulary().get(type)
        if signature is None:
            raise AttributeError(f"there is no op {type!r}")
        names = [a.name for a in signature.inputs]

        def function(*inputs: Any, name: str | None = None, **attributes: Any) -> Any:
            return build(type, {**dict(zip(names, inputs, strict=True)), **attributes}, name)

        function.__name__ = type
        setattr(self, type, function)
        return function

    def constant(self, value: Any, dtype: Any = None) -> Tensor:
        """Return a constant."""
        return convert_to_tensor(value, dtype)

    def constant_value(self, x: Tensor) -> Any:
        """Return the value of a tensor as a NumPy array where it is known, else None."""
        return constant_value(x)

    def shape(self, x: Tensor, out_type: Any = "int32", name: str | None = None) -> Tensor:
        """Return the shape of a tensor: a constant where it is known."""
        dims = x._dims
        if dims is None or None in dims:
            shape: Tensor = self.Shape(x, out_type=out_type, name=name)
            return shape
        return convert_to_tensor(list(dims), out_type, name=name)

    def slices(self, values: Tensor, indices: Tensor, dense_shape: Tensor) -> IndexedSlices:
        """Return the gradient of gathered rows."""
        return IndexedSlices(values, indices, dense_shape)


BUILDERS: Final = Builders()


def zeros_for(t: Tensor) -> Tensor:
    """Return the gradient of an output that nobody differentiates, where another one has one.

    Where a branch is not taken, what it takes from outside has a gradient of zeros.
    """
    op = t._op
    context = op._control_flow_context
    if op._type not in ("Switch", "RefSwitch") or not isinstance(context, ConditionContext):
        return zeros_like(t)
    other = switched(op._inputs[0], context.predicate)[1 - context.branch]
    return zeros_like(other, t)


def _of_switch(op: Operation, no: Any, yes: Any) -> list[Any]:
    """Return the gradient of whichever branch has run."""
    if isinstance(op._control_flow_context, ConditionContext):
        pair = [convert_to_tensor(no), convert_to_tensor(yes)]
    else:
        pair = [switched(convert_to_tensor(g), op._inputs[1])[i] for i, g in enumerate((no, yes))]
    return [merged(pair, "cond_grad"), None]


def _of_merge(op: Operation, dy: Any, _: Any) -> Sequence[Any]:
    """Return the gradient for the branch that has run."""
    context = op._inputs[0]._op._control_flow_context
    dy = convert_to_tensor(dy)
    if isinstance(context, ConditionContext):
        return switched(dy, context.predicate, "cond_grad")
    index = op._outputs[1]
    return [
        switched(dy, BUILDERS.Equal(index, convert_to_tensor(i)))[1] for i in range(len(op._inputs))
    ]


def _of_reading(op: Operation, dy: Any) -> Any:
    del op
    return dy


#: Gradients of op types that planning takes care of, so that no family defines them.
_PLANNED: Final[dict[str, Gradient]] = {
    "Merge": _of_merge,
    "ReadVariableOp": _of_reading,
    "RefMerge": _of_merge,
    "RefSwitch": _of_switch,
    "Switch": _of_switch,
    # Those of a loop around the walk, which lets gradients pass.
    "Enter": _of_reading,
    "RefEnter": _of_reading,
}

#: Gradients that users registered, by name: an op type, or a name of `gradient_override_map`.
_registered: dict[str, Gradient | None] = {}


def register(name: str, function: Gradient | None) -> None:
    """Register a gradient under a name; None says that there is none.

    Raises:
      KeyError: the name has a gradient.
    """
    known = registry().get(name)
    if name in _registered or (known is not None and known.gradient is not None):
        raise KeyError(f"Registering two gradient with name '{name}'!")
    _registered[name] = function


def gradient_of(op: Operation) -> Gradient | None:
    """Return the gradient of an operation; None if it has none by definition.

    Raises:
      LookupError: no gradient is known.
    """
    name = op._attributes.get("_gradient_op_type", op._type)
    if isinstance(name, bytes):
        name = name.decode()
    if name in _registered:
        return _registered[name]
    known = registry().get(name)
    found = None if known is None else known.gradient
    if found is not None:
        return None if found is no_gradient else partial(found, BUILDERS)
    if name in _PLANNED:
        return _PLANNED[name]
    if not op._inputs:
        return None
    raise LookupError(f"gradient registry has no entry for: {name}")


def zeros_like(x: Tensor, handle: Tensor | None = None) -> Tensor:
    """Return zeros like a tensor, or like the variable of a handle."""
    if x.dtype is not dtypes.resource:
        zeros: Tensor = BUILDERS.ZerosLike(x)
        return zeros
    source = x if handle is None else handle
    while source._op._type != "VarHandleOp":
        source = source._op._inputs[0]
    dtype = source._op._attributes["dtype"]
    of_variable: Tensor = BUILDERS.Fill(BUILDERS.VariableShape(x), convert_to_tensor(0, dtype))
    return of_variable
