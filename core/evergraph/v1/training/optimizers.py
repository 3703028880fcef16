"""Optimizers whose step is one op of TensorFlow for each variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast
from evergraph.slices import IndexedSlices
from evergraph.v1.init_ops import constant_initializer, ones_initializer
from evergraph.v1.training.optimizer import Optimizer, colocated, scatter_added


class TableOptimizer(Optimizer):
    """An optimizer that gives all updates of a variable the same arguments.

    A subclass says which parameters become tensors, and what `Apply…` op takes them.
    """

    #: Argument of the op, name of its tensor, and attribute with its value.
    _parameters: tuple[tuple[str, str, str], ...] = ()
    _kind = ""

    def _prepare(self) -> None:
        self._tensors = {
            argument: convert_to_tensor(self._call_if_callable(getattr(self, attribute)), name=name)
            for argument, name, attribute in self._parameters
        }

    def _arguments(self, var: Any) -> dict[str, Any]:
        """Return the arguments of the op for a variable, but for it and its gradient."""
        del var
        return dict(self._tensors)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return self._apply(self._kind, var, grad, **self._arguments(var))

    def _resource_apply_dense(self, grad: Any, handle: Any) -> Any:
        return self._apply_dense(grad, handle)

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        return self._apply_dense(grad, var)

    def _resource_apply_sparse(self, grad: Any, handle: Any, indices: Any) -> Any:
        return self._apply_dense(IndexedSlices(grad, indices), handle)


class GradientDescentOptimizer(TableOptimizer):
    """var -= learning_rate * gradient.

    Args:
      learning_rate: a number, a tensor, or a function that returns either.
      use_locking: see `Optimizer`.
      name: see `Optimizer`.
    """

    _parameters = (("alpha", "learning_rate", "_learning_rate"),)
    _kind = "GradientDescent"

    def __init__(
        self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        rate = cast(self._tensors["alpha"], var.dtype.base_dtype)
        delta = IndexedSlices(grad.values * rate, grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad: Any, handle: Any, indices: Any) -> Any:
        rate = cast(self._tensors["alpha"], grad.dtype.base_dtype)
        return scatter_added(handle, indices, -grad * rate).op


class MomentumOptimizer(TableOptimizer):
    """accumulation = momentum * accumulation + gradient; var -= learning_rate * accumulation.

    Args:
      learning_rate, momentum: numbers, tensors, or functions that return either.
      use_locking, name: see `Optimizer`.
      use_nesterov: step from where the momentum leads (Sutskever et al., 2013).
    """

    _parameters = (
        ("lr", "learning_rate", "_learning_rate"),
        ("momentum", "momentum", "_momentum"),
    )
    _kind = "Momentum"

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
        self._use_nesterov = use_nesterov

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _arguments(self, var: Any) -> dict[str, Any]:
        slot = self.get_slot(var, "momentum")
        return {"accum": slot, "use_nesterov": self._use_nesterov, **self._tensors}


class AdagradOptimizer(TableOptimizer):
    """Adagrad (Duchi et al., 2011): steps divided by the root of all squared gradients so far.

    Args:
      learning_rate: a number, a tensor, or a function that returns either.
      initial_accumulator_value: what the sum of squares starts with; positive.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the initial value is not positive.
    """

    _parameters = (("lr", "learning_rate", "_learning_rate"),)
    _kind = "Adagrad"

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        _check_positive(initial_accumulator_value, "initial_accumulator_value")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            start = constant_initializer(self._initial_accumulator_value, dtype=dtype)
            self._get_or_make_slot_with_initializer(
                v, start, v.shape, dtype, "accumulator", self._name
            )

    def _arguments(self, var: Any) -> dict[str, Any]:
        return {"accum": self.get_slot(var, "accumulator"), **self._tensors}


class AdagradDAOptimizer(TableOptimizer):
    """Adagrad with dual averaging, for sparse linear models (Duchi et al., 2011).

    Args:
      learning_rate: a number or a tensor.
      global_step: a variable that counts steps.
      initial_gradient_squared_accumulator_value: what the sum of squares starts with; positive.
      l1_regularization_strength, l2_regularization_strength: not negative.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the initial value is not positive.
    """

    _parameters = (("lr", "learning_rate", "_learning_rate"),)
    _kind = "AdagradDA"

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        value = initial_gradient_squared_accumulator_value
        _check_positive(value, "initial_gradient_squared_accumulator_value")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._global_step = global_step
        self._initial_value = value
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with colocated(v):
                dtype = v.dtype.base_dtype
                zeros = constant(0, dtype, v.shape)
                squares = constant(self._initial_value, dtype, v.shape)
            self._get_or_make_slot(v, zeros, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, squares, "gradient_squared_accumulator", self._name)

    def _arguments(self, var: Any) -> dict[str, Any]:
        dtype = var.dtype.base_dtype
        with colocated(var):
            step = cast(self._global_step, dtypes.int64)
        return {
            "gradient_accumulator": self.get_slot(var, "gradient_accumulator"),
            "gradient_squared_accumulator": self.get_slot(var, "gradient_squared_accumulator"),
            "l1": constant(self._l1, dtype),
            "l2": constant(self._l2, dtype),
            "global_step": step,
            **self._tensors,
        }


class AdadeltaOptimizer(TableOptimizer):
    """Adadelta (Zeiler, 2012): steps in proportion to the steps so far.

    Args:
      learning_rate, rho, epsilon: numbers, tensors, or functions that return either.
      use_locking, name: see `Optimizer`.
    """

    _parameters = (
        ("lr", "lr", "_lr"),
        ("rho", "rho", "_rho"),
        ("epsilon", "epsilon", "_epsilon"),
    )
    _kind = "Adadelta"

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
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

    def _arguments(self, var: Any) -> dict[str, Any]:
        kept = {n: self.get_slot(var, n) for n in ("accum", "accum_update")}
        return {**kept, **self._tensors}


class RMSPropOptimizer(TableOptimizer):
    """RMSProp (Tieleman and Hinton, 2012): steps divided by a running root mean square.

    Args:
      learning_rate, decay, momentum, epsilon: numbers, tensors, or functions that return either.
      use_locking: see `Optimizer`.
      centered: divide by the standard deviation instead.
      name: see `Optimizer`.
    """

    _parameters = (
        ("lr", "learning_rate", "_learning_rate"),
        ("rho", "decay", "_decay"),
        ("momentum", "momentum", "_momentum"),
        ("epsilon", "epsilon", "_epsilon"),
    )

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
        self._kind = "CenteredRMSProp" if centered else "RMSProp"

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            start = ones_initializer(dtype=dtype)
            self._get_or_make_slot_with_initializer(v, start, v.shape, dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _arguments(self, var: Any) -> dict[str, Any]:
        kept = {"ms": self.get_slot(var, "rms"), "mom": self.get_slot(var, "momentum")}
        if self._centered:
            kept["mg"] = self.get_slot(var, "mg")
        return {**kept, **self._tensors}


class FtrlOptimizer(TableOptimizer):
    """FTRL-Proximal (McMahan et al., 2013), with shrinkage if asked for.

    Args:
      learning_rate: a number, a tensor, or a function that returns either.
      learning_rate_power: at most 0; the rate falls with the sum of squares to this power.
      initial_accumulator_value: what the sum of squares starts with; not negative.
      l1_regularization_strength, l2_regularization_strength: not negative.
      use_locking, name: see `Optimizer`.
      accum_name, linear_name: names of the slots.
      l2_shrinkage_regularization_strength: a penalty on the weights, not a stabilisation.
      beta: added to the root of the sum of squares.

    Raises:
      ValueError: a number is out of its range.
    """

    _parameters = (
        ("lr", "learning_rate", "_learning_rate"),
        ("l1", "l1_regularization_strength", "_l1"),
        ("l2", "l2_regularization_strength", "_l2"),
        ("lr_power", "learning_rate_power", "_learning_rate_power"),
    )

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float | None = None,
    ) -> None:
        super().__init__(use_locking, name)
        for what, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                needs = "to be positive or zero" if "initial" in what else "to be >= 0"
                raise ValueError(f"{what} {value} needs {needs}")
        if learning_rate_power > 0.0:
            raise ValueError(
                f"learning_rate_power {learning_rate_power} needs to be negative or zero"
            )
        self._learning_rate = learning_rate
        self._learning_rate_power = learning_rate_power
        self._initial_value = initial_accumulator_value
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength
        self._shrinkage = l2_shrinkage_regularization_strength
        self._beta = beta or 0.0
        self._accum_name = accum_name
        self._linear_name = linear_name
        self._kind = "FtrlV2" if self._shrinkage > 0 else "Ftrl"

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with colocated(v):
                start = constant(self._initial_value, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, start, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        super()._prepare()
        if self._beta:
            # In the formula of the rate, beta acts as further L2 regularisation.
            self._tensors["l2"] += self._beta / (2.0 * self._tensors["lr"])
        if self._shrinkage > 0:
            name = "l2_shrinkage_regularization_strength"
            self._tensors["l2_shrinkage"] = convert_to_tensor(self._shrinkage, name=name)

    def _arguments(self, var: Any) -> dict[str, Any]:
        kept = {n: self.get_slot(var, n) for n in ("accum", "linear")}
        return {**kept, **self._tensors}


class ProximalGradientDescentOptimizer(TableOptimizer):
    """Gradient descent with L1 and L2 regularisation by proximal steps (Duchi et al., 2009).

    Args:
      learning_rate: a number or a tensor.
      l1_regularization_strength, l2_regularization_strength: not negative.
      use_locking, name: see `Optimizer`.
    """

    _parameters = (
        ("alpha", "learning_rate", "_learning_rate"),
        ("l1", "l1_regularization_strength", "_l1"),
        ("l2", "l2_regularization_strength", "_l2"),
    )
    _kind = "ProximalGradientDescent"

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength


class ProximalAdagradOptimizer(TableOptimizer):
    """Adagrad with L1 and L2 regularisation by proximal steps (Duchi et al., 2009).

    Args:
      learning_rate: a number or a tensor.
      initial_accumulator_value: what the sum of squares starts with; positive.
      l1_regularization_strength, l2_regularization_strength: not negative.
      use_locking, name: see `Optimizer`.

    Raises:
      ValueError: the initial value is not positive.
    """

    _parameters = (
        ("lr", "learning_rate", "_learning_rate"),
        ("l1", "l1_regularization_strength", "_l1"),
        ("l2", "l2_regularization_strength", "_l2"),
    )
    _kind = "ProximalAdagrad"

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        _check_positive(initial_accumulator_value, "initial_accumulator_value")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_value = initial_accumulator_value
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with colocated(v):
                start = constant(self._initial_value, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, start, "accumulator", self._name)

    def _arguments(self, var: Any) -> dict[str, Any]:
        return {"accum": self.get_slot(var, "accumulator"), **self._tensors}


def _check_positive(value: float, name: str) -> None:
    if value <= 0.0:
        raise ValueError(f"{name} must be positive: {value}")
