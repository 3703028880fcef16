"""Adam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.flow import group
from evergraph.v1.training.optimizer import Optimizer, colocated, scatter_added


class AdamOptimizer(Optimizer):
    """Adam (Kingma and Ba, 2014): steps by estimates of the gradient's two first moments.

    Args:
      learning_rate, beta1, beta2, epsilon: numbers, tensors, or functions that return either.
      use_locking, name: see `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        graph = get_default_graph()
        return (
            self._get_non_slot_variable("beta1_power", graph=graph),
            self._get_non_slot_variable("beta2_power", graph=graph),
        )

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        # The powers stand beside the first variable by name, so that they always do.
        first = min(var_list, key=lambda v: str(v.name))
        self._create_non_slot_variable(self._beta1, "beta1_power", first)
        self._create_non_slot_variable(self._beta2, "beta2_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        self._lr_t = convert_to_tensor(self._call_if_callable(self._lr), name="learning_rate")
        self._beta1_t = convert_to_tensor(self._call_if_callable(self._beta1), name="beta1")
        self._beta2_t = convert_to_tensor(self._call_if_callable(self._beta2), name="beta2")
        epsilon = self._call_if_callable(self._epsilon)
        self._epsilon_t = convert_to_tensor(epsilon, name="epsilon")

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        beta1_power, beta2_power = self._get_beta_accumulators()
        return self._apply(
            "Adam",
            var,
            grad,
            m=self.get_slot(var, "m"),
            v=self.get_slot(var, "v"),
            beta1_power=beta1_power,
            beta2_power=beta2_power,
            lr=self._lr_t,
            beta1=self._beta1_t,
            beta2=self._beta2_t,
            epsilon=self._epsilon_t,
        )

    def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
        return self._apply_dense(grad, handle)

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        return self._apply_rows(grad.values, var, grad.indices)

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        return self._apply_rows(grad, handle, indices)

    def _apply_rows(self, rows: Any, var: Any, indices: Any) -> Any:
        """The moments of all rows decay; those of the given ones grow as well."""
        dtype = var.dtype.base_dtype
        beta1_power, beta2_power = (cast(p, dtype) for p in self._get_beta_accumulators())
        lr, beta1, beta2, epsilon = (
            cast(t, dtype) for t in (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        )
        rate = lr * build("Sqrt", {"x": 1 - beta2_power}) / (1 - beta1_power)
        m = self._moment(var, "m", beta1, rows * (1 - beta1), indices)
        v = self._moment(var, "v", beta2, rows * rows * (1 - beta2), indices)
        root = build("Sqrt", {"x": v})
        update = var.assign_sub(rate * m / (root + epsilon), use_locking=self._use_locking)
        return group(update, m, v)

    def _moment(self, var: Any, name: str, decay: Any, rows: Any, indices: Any) -> Any:
        slot = self.get_slot(var, name)
        decayed = slot.assign(slot * decay, use_locking=self._use_locking)
        with get_default_graph().control_dependencies([decayed]):
            return scatter_added(slot, indices, rows)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        graph = get_default_graph()
        with graph.control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with colocated(beta1_power):
                locking = self._use_locking
                one = beta1_power.assign(beta1_power * self._beta1_t, use_locking=locking)
                two = beta2_power.assign(beta2_power * self._beta2_t, use_locking=locking)
        return group(*update_ops, one, two, name=name_scope)
