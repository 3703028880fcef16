"""`FtrlOptimizer`: follow the regularised leader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.v1.filling import ones
from evergraph.v1.training.op_optimizer import OpOptimizer


class FtrlOptimizer(OpOptimizer):
    """Follows the regularised leader: what is best for the sum of all gradients so far.

    Args:
      learning_rate: the rate: a number or a tensor.
      learning_rate_power: how fast the rate falls; at most 0.
      initial_accumulator_value: the first value of the sums of squares.
      l1_regularization_strength, l2_regularization_strength: at least 0.
      use_locking, name: see `Optimizer`.
      accum_name, linear_name: the names of the slots, by default that of the optimizer.
      l2_shrinkage_regularization_strength: shrinks by size alone, whatever the gradients; >= 0.
      beta: is added to the denominator of the rate.

    Raises:
      ValueError: a number is out of its bounds.
    """

    _slot_inputs = ("accum", "accum"), ("linear", "linear")

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
        _check_sign("initial_accumulator_value", initial_accumulator_value)
        _check_sign("learning_rate_power", learning_rate_power, "negative")
        _check_sign("l1_regularization_strength", l1_regularization_strength)
        _check_sign("l2_regularization_strength", l2_regularization_strength)
        shrinkage = l2_shrinkage_regularization_strength
        _check_sign("l2_shrinkage_regularization_strength", shrinkage)
        self._learning_rate = learning_rate
        self._learning_rate_power = learning_rate_power
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._beta = 0.0 if beta is None else beta
        self._l2_shrinkage_regularization_strength = shrinkage
        self._accum_name = accum_name
        self._linear_name = linear_name
        self._op = "FtrlV2" if shrinkage > 0 else "Ftrl"

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        def first(shape: Any, dtype: Any = dtypes.float32, partition_info: Any = None) -> Any:
            del partition_info
            return ones(shape, dtype) * self._initial_accumulator_value

        for v in var_list:
            name = self._accum_name or self._name
            dtype = v.dtype.base_dtype
            self._get_or_make_slot_with_initializer(v, first, v.shape, dtype, "accum", name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        rate, shrinkage = self._learning_rate, self._l2_shrinkage_regularization_strength
        self._learning_rate_tensor = convert_to_tensor(rate, name="learning_rate")
        l1 = self._l1_regularization_strength
        self._l1_tensor = convert_to_tensor(l1, name="l1_regularization_strength")
        l2 = self._l2_regularization_strength
        l2 = l2 + self._beta / (2.0 * node("Maximum", x=rate, y=1e-36))
        self._l2_tensor = convert_to_tensor(l2, name="adjusted_l2_regularization_strength")
        convert_to_tensor(self._beta, name="beta")
        name = "l2_shrinkage_regularization_strength"
        self._l2_shrinkage_tensor = convert_to_tensor(shrinkage, name=name)
        power = self._learning_rate_power
        self._power_tensor = convert_to_tensor(power, name="learning_rate_power")

    def _inputs(self, dtype: Any) -> dict[str, Any]:
        found = {
            "lr": cast(self._learning_rate_tensor, dtype),
            "l1": cast(self._l1_tensor, dtype),
            "l2": cast(self._l2_tensor, dtype),
        }
        if self._op == "FtrlV2":
            found["l2_shrinkage"] = cast(self._l2_shrinkage_tensor, dtype)
        return found | {"lr_power": cast(self._power_tensor, dtype)}


def _check_sign(name: str, value: float, sign: str = "positive") -> None:
    if value < 0 if sign == "positive" else value > 0:
        raise ValueError(f"{name} {value:f} needs to be {sign} or zero")
