"""Optimizers that give every element a rate of its own, by the gradients that it has had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import flow
from evergraph.v1.filling import fill, ones_like
from evergraph.v1.init_ops import Constant, Ones
from evergraph.v1.training.op_optimizer import OpOptimizer, check_positive, penalties


class AdagradOptimizer(OpOptimizer):
    """Divides the gradient by the root of the sum of its squares so far.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      initial_accumulator_value: the first value of the sums.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the first value is not positive.
    """

    _op, _slot_inputs = "Adagrad", (("accum", "accumulator"),)

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        check_positive("initial_accumulator_value", initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        value = self._initial_accumulator_value
        for v in var_list:
            dtype = v.dtype.base_dtype

            def of_same_shape(v: Any = v, dtype: Any = dtype) -> Any:
                return cast(fill(shape_of(v), value), dtype)

            known = v.shape.is_fully_defined()
            initializer: Any = Constant(value, dtype) if known else of_same_shape
            self._get_or_make_slot_with_initializer(
                v, initializer, v.shape, dtype, "accumulator", self._name
            )

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {"lr": cast(self._learning_rate_tensor, dtype)}


class AdagradDAOptimizer(OpOptimizer):
    """Adagrad by dual averaging: rows that are rarely used are regularised as all others are.

    Args:
      learning_rate: the rate: a number or a tensor.
      global_step: the number of the step: an int64 tensor or variable.
      initial_gradient_squared_accumulator_value: the first value of the sums of squares.
      l1_regularization_strength, l2_regularization_strength: at least 0.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the first value is not positive.
    """

    _op = "AdagradDA"
    _slot_inputs = (
        ("gradient_accumulator", "gradient_accumulator"),
        ("gradient_squared_accumulator", "gradient_squared_accumulator"),
    )

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        first = initial_gradient_squared_accumulator_value
        check_positive("initial_gradient_squared_accumulator_value", first)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_gradient_squared_accumulator_value = first
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._global_step = global_step

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype, squares = v.dtype.base_dtype, self._initial_gradient_squared_accumulator_value
            with get_default_graph().colocate_with(v):
                zeros = constant(0.0, dtype, v.shape)
                first = constant(squares, dtype, v.shape)
            self._get_or_make_slot(v, zeros, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, first, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        with get_default_graph().colocate_with(self._learning_rate_tensor):
            self._global_step_on_worker = flow.identity(self._global_step) + 1

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "lr": cast(self._learning_rate_tensor, dtype),
            "l1": cast(self._l1_regularization_strength, dtype),
            "l2": cast(self._l2_regularization_strength, dtype),
        }

    def _applied(self, kind: str, var: Any, dtype: Any, gradient: dict[str, Any]) -> Any:
        with get_default_graph().device(var.device):
            step = flow.identity(self._global_step_on_worker)
        return super()._applied(kind, var, dtype, {**gradient, "global_step": step})


class ProximalAdagradOptimizer(OpOptimizer):
    """Adagrad, each step followed by one towards what the penalties ask for.

    Args:
      learning_rate: the rate: a number or a tensor.
      initial_accumulator_value: the first value of the sums of squares.
      l1_regularization_strength, l2_regularization_strength: at least 0.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the first value is not positive.
    """

    _op, _slot_inputs = "ProximalAdagrad", (("accum", "accumulator"),)

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: Any = 0.0,
        l2_regularization_strength: Any = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        check_positive("initial_accumulator_value", initial_accumulator_value)
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with get_default_graph().colocate_with(v):
                first = constant(self._initial_accumulator_value, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, first, "accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._learning_rate, name="learning_rate")
        self._l1_tensor, self._l2_tensor = penalties(
            self._l1_regularization_strength, self._l2_regularization_strength
        )

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "lr": cast(self._learning_rate_tensor, dtype),
            "l1": cast(self._l1_tensor, dtype),
            "l2": cast(self._l2_tensor, dtype),
        }


class AdadeltaOptimizer(OpOptimizer):
    """Steps as large as the root of the mean of those before, over that of the gradients.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      rho: how much of the means of squares is kept in each step; as `learning_rate`.
      epsilon: is added to them; as `learning_rate`.
      use_locking, name: see `Optimizer`.
    """

    _op = "Adadelta"
    _slot_inputs = ("accum", "accum"), ("accum_update", "accum_update")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-08,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self) -> None:
        self._lr_t = self._tensor(self._lr, "lr")
        self._rho_t = self._tensor(self._rho, "rho")
        self._epsilon_t = self._tensor(self._epsilon, "epsilon")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "lr": cast(self._lr_t, dtype),
            "rho": cast(self._rho_t, dtype),
            "epsilon": cast(self._epsilon_t, dtype),
        }


class RMSPropOptimizer(OpOptimizer):
    """Divides the gradient by the root of the running mean of its squares.

    Args:
      learning_rate: the rate: a number, a tensor, or a function that returns one.
      decay: how much of the mean is kept in each step; as `learning_rate`.
      momentum: how much of the last step is kept; as `learning_rate`.
      epsilon: is added to the mean; as `learning_rate`.
      use_locking, name: see `Optimizer`.
      centered: take the variance in place of the mean of squares.
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered
        self._op = "CenteredRMSProp" if centered else "RMSProp"
        self._slot_inputs = ("ms", "rms"), ("mom", "momentum")
        if centered:
            self._slot_inputs += (("mg", "mg"),)

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            first: Any = Ones(dtype) if v.shape.is_fully_defined() else ones_like(v)
            self._get_or_make_slot_with_initializer(v, first, v.shape, dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._tensor(self._learning_rate, "learning_rate")
        self._decay_tensor = self._tensor(self._decay, "decay")
        self._momentum_tensor = self._tensor(self._momentum, "momentum")
        self._epsilon_tensor = self._tensor(self._epsilon, "epsilon")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        return {
            "lr": cast(self._learning_rate_tensor, dtype),
            "rho": cast(self._decay_tensor, dtype),
            "momentum": cast(self._momentum_tensor, dtype),
            "epsilon": cast(self._epsilon_tensor, dtype),
        }
