"""Initializers of contrib: random numbers whose variance fits the size of the variable."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf

#: By how much the variance of normal numbers is raised, which are cut off at two deviations.
_OF_TRUNCATED = 1.3


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = tf.float32
) -> Callable[..., Any]:
    """Return an initializer that keeps the scale of gradients the same in all layers.

    Glorot and Bengio (2010).

    Args:
      uniform: whether the numbers are uniform, or normal without those far out.
      seed: the op's seed.
      dtype: a type of floats.
    """
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = tf.float32,
) -> Callable[..., Any]:
    """Return an initializer whose numbers have the variance `factor`, divided by a size.

    Args:
      factor: the factor.
      mode: the size: "FAN_IN", the inputs of a unit; "FAN_OUT", its outputs; "FAN_AVG", the mean.
      uniform: whether the numbers are uniform, or normal without those far out.
      seed: the op's seed.
      dtype: a type of floats.

    Raises:
      TypeError: the type or the mode is another one.
    """
    _check_float(dtype)
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")

    def initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Any:
        del partition_info
        _check_float(dtype)
        sizes = [float(size) for size in shape]
        field = math.prod(sizes[:-2])
        fan_out = field * sizes[-1] if sizes else 1.0
        fan_in = field * sizes[-2] if len(sizes) > 1 else fan_out
        size = {"FAN_IN": fan_in, "FAN_OUT": fan_out}.get(mode, (fan_in + fan_out) / 2.0)
        if uniform:
            limit = math.sqrt(3.0 * factor / size)
            return tf.random_uniform(shape, -limit, limit, dtype, seed=seed)
        deviation = math.sqrt(_OF_TRUNCATED * factor / size)
        return tf.truncated_normal(shape, 0.0, deviation, dtype, seed=seed)

    return initializer


def _check_float(dtype: Any) -> None:
    if not tf.as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
