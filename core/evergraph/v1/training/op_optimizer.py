"""What optimizers have in common that apply gradients by an op of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.v1.training.optimizer import Optimizer


class OpOptimizer(Optimizer):
    """An optimizer with an op for each kind of variable and gradient.

    `_op` is what follows `Apply` in its name. `_slot_inputs` are the op's variables beside `var`,
    each with the name of the slot; `_inputs` returns its scalars.
    """

    _op: str
    _slot_inputs: tuple[tuple[str, str], ...]
    #: The attributes of the op.
    _attributes: Mapping[str, Any] = MappingProxyType({})
    #: The gradient's name among the inputs of the op on the whole variable.
    _whole = "grad"

    def _tensor(self, parameter: Any, name: str) -> Any:
        """Return a parameter, or what it returns if it is a function, as a tensor."""
        return convert_to_tensor(self._call_if_callable(parameter), name=name)

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        """Return the scalars of an update in that type, by the name of the input."""
        raise NotImplementedError

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return self._applied("Apply", var, var.dtype.base_dtype, {self._whole: grad}).op

    def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
        dtype = grad.dtype.base_dtype
        return self._applied("ResourceApply", handle, dtype, {self._whole: grad})

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        rows = {"grad": grad.values, "indices": grad.indices}
        return self._applied("SparseApply", var, var.dtype.base_dtype, rows).op

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        rows = {"grad": grad, "indices": indices}
        return self._applied("ResourceSparseApply", handle, grad.dtype.base_dtype, rows)

    def _applied(self, kind: str, var: Any, dtype: Any, gradient: dict[str, Any]) -> Any:
        """Return what the op gives: `kind` is what precedes its name."""
        variables = {"var": var}
        variables |= {i: self.get_slot(var, slot) for i, slot in self._slot_inputs}
        if kind.startswith("Resource"):
            variables = {name: v.handle for name, v in variables.items()}
        more = {"use_locking": self._use_locking, **self._attributes}
        return build(f"{kind}{self._op}", {**variables, **self._inputs(dtype), **gradient, **more})


def check_positive(name: str, value: float) -> None:
    """Raise ValueError unless the first value of a slot is positive."""
    if value <= 0.0:
        raise ValueError(f"{name} must be positive: {value}")


def penalties(l1: Any, l2: Any) -> tuple[Any, Any]:
    """Return the strengths of two penalties as tensors."""
    return (
        convert_to_tensor(l1, name="l1_regularization_strength"),
        convert_to_tensor(l2, name="l2_regularization_strength"),
    )
