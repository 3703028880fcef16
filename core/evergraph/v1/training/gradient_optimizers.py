"""Optimizers whose rate is the same for all elements, and Adam."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.builder import build_operation
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.slices import IndexedSlices
from evergraph.v1 import flow, state
from evergraph.v1.training.op_optimizer import OpOptimizer, penalties


class GradientDescentOptimizer(OpOptimizer):
    """Subtracts the gradient, times a rate.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      use_locking, name: see `Optimizer`.
    """

    _op, _slot_inputs, _whole = "GradientDescent", (), "delta"

    def __init__(
        self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {"alpha": cast(self._learning_rate_tensor, dtype)}

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        rows = grad.values * cast(self._learning_rate_tensor, var.dtype.base_dtype)
        change = IndexedSlices(rows, grad.indices, grad.dense_shape)
        return var.scatter_sub(change, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(
        self, grad: Tensor, handle: Any, indices: Tensor
    ) -> Any:
        rows = -grad * cast(self._learning_rate_tensor, grad.dtype.base_dtype)
        arguments = {"resource": handle.handle, "indices": indices, "updates": rows}
        return build_operation("ResourceScatterAdd", arguments)


class MomentumOptimizer(OpOptimizer):
    """Subtracts a running sum of gradients, which decays, times a rate.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      momentum: how much of the sum is kept in each step; as `learning_rate`.
      use_locking, name: see `Optimizer`.
      use_nesterov: take the gradient after the next step of the sum.
    """

    _op, _slot_inputs = "Momentum", (("accum", "momentum"),)

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._attributes = {"use_nesterov": use_nesterov}

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "lr": cast(self._learning_rate_tensor, dtype),
            "momentum": cast(self._momentum_tensor, dtype),
        }


class AdamOptimizer(OpOptimizer):
    """Adam: steps by the running mean of gradients, over the root of that of their squares.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      beta1, beta2: how much of the two means is kept in each step; as `learning_rate`.
      epsilon: is added to the root; as `learning_rate`.
      use_locking, name, use_own_namescope_for_non_slot_vars: see `Optimizer`.
    """

    _op, _slot_inputs = "Adam", (("m", "m"), ("v", "v"))

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-08,
        use_locking: bool = False,
        name: str = "Adam",
        use_own_namescope_for_non_slot_vars: bool = False,
    ) -> None:
        super().__init__(use_locking, name, use_own_namescope_for_non_slot_vars)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        graph = get_default_graph()
        return (
            self._get_non_slot_variable("beta1_power", graph),
            self._get_non_slot_variable("beta2_power", graph),
        )

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        # The same one in every process of a cluster.
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._beta1, "beta1_power", first)
        self._create_non_slot_variable(self._beta2, "beta2_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        self._lr_t = self._tensor(self._lr, "learning_rate")
        self._beta1_t = self._tensor(self._beta1, "beta1")
        self._beta2_t = self._tensor(self._beta2, "beta2")
        self._epsilon_t = self._tensor(self._epsilon, "epsilon")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        beta1_power, beta2_power = self._get_beta_accumulators()
        return {
            "beta1_power": cast(beta1_power, dtype),
            "beta2_power": cast(beta2_power, dtype),
            "lr": cast(self._lr_t, dtype),
            "beta1": cast(self._beta1_t, dtype),
            "beta2": cast(self._beta2_t, dtype),
            "epsilon": cast(self._epsilon_t, dtype),
        }

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        def add(slot: Any, indices: Any, rows: Any) -> Any:
            return state.scatter_add(slot, indices, rows, use_locking=self._use_locking)

        return self._apply_sparse_shared(grad.values, var, grad.indices, add)

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        def add(slot: Any, indices: Any, rows: Any) -> Any:
            arguments = {"resource": slot.handle, "indices": indices, "updates": rows}
            after = [build_operation("ResourceScatterAdd", arguments)]
            with get_default_graph().control_dependencies(after):
                return slot.value()

        return self._apply_sparse_shared(grad, handle, indices, add)

    def _apply_sparse_shared(self, grad: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        """Update the whole of the slots and the variable: the means decay in every row."""
        given = self._inputs(var.dtype.base_dtype)
        power1, power2 = given["beta1_power"], given["beta2_power"]
        lr = given["lr"] * node("Sqrt", x=1 - power2) / (1 - power1)

        def updated(slot: Any, kept: Any, rows: Any) -> Any:
            decayed = state.assign(slot, slot * kept, use_locking=self._use_locking)
            with get_default_graph().control_dependencies([decayed]):
                return scatter_add(slot, indices, rows)

        beta1, beta2 = given["beta1"], given["beta2"]
        rows = grad * (1 - beta1)
        m = updated(self.get_slot(var, "m"), beta1, rows)
        rows = grad * grad * (1 - beta2)
        v = updated(self.get_slot(var, "v"), beta2, rows)
        root = node("Sqrt", x=v)
        step = lr * m / (root + given["epsilon"])
        update = state.assign_sub(var, step, use_locking=self._use_locking)
        return flow.group(update, m, v)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        graph = get_default_graph()
        with graph.control_dependencies(update_ops):
            power1, power2 = self._get_beta_accumulators()
            with graph.colocate_with(power1):
                locking = self._use_locking
                update1 = power1.assign(power1 * self._beta1_t, use_locking=locking)
                update2 = power2.assign(power2 * self._beta2_t, use_locking=locking)
        return flow.group(*update_ops, update1, update2, name=name_scope)


class ProximalGradientDescentOptimizer(OpOptimizer):
    """Gradient descent, each step followed by one towards what the penalties ask for.

    Args:
      learning_rate: the rate: a number or a tensor.
      l1_regularization_strength, l2_regularization_strength: at least 0.
      use_locking, name: see `Optimizer`.
    """

    _op, _slot_inputs, _whole = "ProximalGradientDescent", (), "delta"

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1_tensor, self._l2_tensor = penalties(
            self._l1_regularization_strength, self._l2_regularization_strength
        )

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "alpha": cast(self._learning_rate_tensor, dtype),
            "l1": cast(self._l1_tensor, dtype),
            "l2": cast(self._l2_tensor, dtype),
        }
