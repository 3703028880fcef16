"""Learning rates that fall with the global step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evergraph.builder import build
from evergraph.dtypes import DType
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, scope
from evergraph.v1.random_ops import random_normal

# A rate is a tensor, computed from the step when it is used.


def _step_of(global_step: Any, decay: str) -> Any:
    if global_step is None:
        raise ValueError(f"global_step is required for {decay}.")
    return global_step


def _node(type: str, **arguments: Any) -> Any:
    return build(type, arguments)


def _scaled(
    rate: Any, step: Any, name: str | None, default: str, factor: Callable[..., Any]
) -> Any:
    """Return `rate * factor(step, dtype)` under a scope."""
    with scope(name, default, (rate, step)) as name:
        rate = convert_to_tensor(rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        return build("Mul", {"x": rate, "y": factor(cast(step, dtype), dtype)}, name)


def _fraction(step: Any, steps: Any, staircase: bool, dtype: DType) -> Any:
    passed = step / cast(steps, dtype)
    return _node("Floor", x=passed) if staircase else passed


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate * decay_rate ** (global_step / decay_steps).

    Args:
      learning_rate: the rate at step 0.
      global_step: the step.
      decay_steps: after so many steps it is multiplied by `decay_rate`.
      decay_rate: see there.
      staircase: fall in steps, not continuously.
      name: of the tensor.

    Raises:
      ValueError: there is no global step.
    """
    step = _step_of(global_step, "exponential_decay")

    def factor(step: Any, dtype: DType) -> Any:
        passed = _fraction(step, decay_steps, staircase, dtype)
        return _node("Pow", x=cast(decay_rate, dtype), y=passed)

    return _scaled(learning_rate, step, name, "ExponentialDecay", factor)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate * exp(-decay_rate * global_step / decay_steps); see the others."""
    rate = _node("Exp", x=_node("Neg", x=convert_to_tensor(decay_rate)))
    return exponential_decay(learning_rate, global_step, decay_steps, rate, staircase, name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate / (1 + decay_rate * global_step / decay_steps); see the others."""
    step = _step_of(global_step, "inverse_time_decay")
    with scope(name, "InverseTimeDecay", (learning_rate, step)) as name:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        passed = _fraction(cast(step, dtype), decay_steps, staircase, dtype)
        below = constant(1, dtype) + cast(decay_rate, dtype) * passed
        return build("RealDiv", {"x": rate, "y": below}, name)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Any:
    """Return a rate that falls to `end_learning_rate` as a power of the steps that are left.

    Args:
      learning_rate, global_step, name: see `exponential_decay`.
      decay_steps: at this step it has fallen.
      end_learning_rate: where it falls to.
      power: of the remaining steps.
      cycle: whether it then falls again, over a multiple of the steps.

    Raises:
      ValueError: there is no global step.
    """
    step = _step_of(global_step, "polynomial_decay")
    with scope(name, "PolynomialDecay", (learning_rate, step, decay_steps)) as name:
        rate = convert_to_tensor(learning_rate, name="learning_rate")
        dtype = rate.dtype.base_dtype
        end, power = cast(end_learning_rate, dtype), cast(power, dtype)
        step, steps = cast(step, dtype), cast(decay_steps, dtype)
        if cycle:
            # TF: at step 0 the first cycle has begun.
            cycles = _node("Ceil", x=step / steps)
            one, is_start = constant(1.0, dtype), _node("Equal", x=step, y=constant(0, dtype))
            steps = steps * _node("Select", condition=is_start, t=one, e=cycles)
        else:
            step = _node("Minimum", x=step, y=steps)
        left = _node("Pow", x=1 - step / steps, y=power)
        return build("AddV2", {"x": (rate - end) * left, "y": end}, name)


def piecewise_constant(
    x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None
) -> Any:
    """Return a rate that is constant between boundaries of the step.

    Args:
      x: the step.
      boundaries: rising; a step equal to one is still before it.
      values: one more than there are boundaries.
      name: of the scope.

    Raises:
      ValueError: types or lengths do not fit.
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with scope(name, "PiecewiseConstant", [x, *boundaries, *values]) as name:
        x = convert_to_tensor(x)
        bounds = [_boundary(b, x.dtype.base_dtype) for b in boundaries]
        rates = [convert_to_tensor(v) for v in values]
        for v in rates[1:]:
            if v.dtype.base_dtype is not rates[0].dtype.base_dtype:
                raise ValueError(
                    f"`values` must have elements all with the same dtype "
                    f"({rates[0].dtype.base_dtype!r} vs {v.dtype.base_dtype!r})"
                )
        # TF: a `case`; all values are there already, so one is chosen.
        chosen = rates[-1]
        for bound, rate in zip(reversed(bounds), reversed(rates[:-1]), strict=True):
            before = _node("LessEqual", x=x, y=bound)
            chosen = _node("Select", condition=before, t=rate, e=chosen)
        return build("Identity", {"input": chosen}, name)


def _boundary(value: Any, dtype: DType) -> Any:
    bound = convert_to_tensor(value)
    theirs = bound.dtype.base_dtype
    if theirs is dtype:
        return bound
    if theirs.name == "int32" and dtype.name == "int64":
        return cast(bound, dtype)
    raise ValueError(f"Boundaries ({theirs!r}) must have the same dtype as x ({dtype!r}).")


def _cosine(step: Any, steps: Any, dtype: DType) -> Any:
    """Return half a cosine, from 1 at step 0 to 0 at `steps`."""
    done = _node("Minimum", x=step, y=steps) / steps
    return constant(0.5, dtype) * (1.0 + _node("Cos", x=constant(math.pi, dtype) * done))


def cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    alpha: float = 0.0,
    name: str | None = None,
) -> Any:
    """Return a rate that falls as half a cosine (Loshchilov and Hutter, 2016).

    Args:
      learning_rate, global_step, name: see `exponential_decay`.
      decay_steps: at this step it has fallen.
      alpha: to this share of the rate.

    Raises:
      ValueError: there is no global step.
    """
    step = _step_of(global_step, "cosine_decay")

    def factor(step: Any, dtype: DType) -> Any:
        return (1 - alpha) * _cosine(step, cast(decay_steps, dtype), dtype) + alpha

    return _scaled(learning_rate, step, name, "CosineDecay", factor)


def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: float = 2.0,
    m_mul: float = 1.0,
    alpha: float = 0.0,
    name: str | None = None,
) -> Any:
    """Return a rate that falls as half a cosine, again and again (Loshchilov and Hutter, 2016).

    Args:
      learning_rate, global_step, name: see `exponential_decay`.
      first_decay_steps: the length of the first fall.
      t_mul: each fall is so much longer than the one before.
      m_mul: each begins at so much of the rate of the one before.
      alpha: see `cosine_decay`.

    Raises:
      ValueError: there is no global step.
    """
    step = _step_of(global_step, "cosine_decay_restarts")

    def factor(step: Any, dtype: DType) -> Any:
        done = step / cast(first_decay_steps, dtype)
        growth, fall = cast(t_mul, dtype), cast(m_mul, dtype)
        if float(t_mul) == 1.0:
            restart = _node("Floor", x=done)
            done = done - restart
        else:
            inside = _node("Log", x=1.0 - done * (1.0 - growth))
            restart = _node("Floor", x=inside / _node("Log", x=growth))
            before = (1.0 - _node("Pow", x=growth, y=restart)) / (1.0 - growth)
            done = (done - before) / _node("Pow", x=growth, y=restart)
        start = _node("Pow", x=fall, y=restart)
        half = 0.5 * start * (1.0 + _node("Cos", x=constant(math.pi, dtype) * done))
        return (1 - alpha) * half + alpha

    return _scaled(learning_rate, step, name, "SGDRDecay", factor)


def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: float = 0.5,
    alpha: float = 0.0,
    beta: float = 0.001,
    name: str | None = None,
) -> Any:
    """Return a rate that falls linearly, times a cosine (Bello et al., 2017).

    Args:
      learning_rate, global_step, name: see `exponential_decay`.
      decay_steps: at this step it has fallen.
      num_periods: of the cosine.
      alpha, beta: the result is (alpha + linear) * cosine + beta.

    Raises:
      ValueError: there is no global step.
    """
    return _linear_cosine(
        "linear_cosine_decay",
        "LinearCosineDecay",
        learning_rate,
        global_step,
        decay_steps,
        num_periods,
        alpha,
        beta,
        None,
        name,
    )


def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: float = 1.0,
    variance_decay: float = 0.55,
    num_periods: float = 0.5,
    alpha: float = 0.0,
    beta: float = 0.001,
    name: str | None = None,
) -> Any:
    """Return `linear_cosine_decay` with noise on the linear part, whose variance falls.

    Args:
      initial_variance: of the noise.
      variance_decay: the variance is divided by (1 + step) to this power.
      learning_rate, global_step, decay_steps, num_periods, alpha, beta, name: see there.

    Raises:
      ValueError: there is no global step.
    """

    def noise(step: Any, dtype: DType) -> Any:
        spread = cast(initial_variance, dtype) / _node(
            "Pow", x=1.0 + step, y=cast(variance_decay, dtype)
        )
        return random_normal(step.shape, stddev=_node("Sqrt", x=spread))

    return _linear_cosine(
        "noisy_linear_cosine_decay",
        "NoisyLinearCosineDecay",
        learning_rate,
        global_step,
        decay_steps,
        num_periods,
        alpha,
        beta,
        noise,
        name,
    )


def _linear_cosine(
    what: str,
    default: str,
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: float,
    alpha: float,
    beta: float,
    noise: Any,
    name: str | None,
) -> Any:
    step = _step_of(global_step, what)

    def factor(step: Any, dtype: DType) -> Any:
        steps = cast(decay_steps, dtype)
        step = _node("Minimum", x=step, y=steps)
        linear = (steps - step) / steps
        if noise is not None:
            linear = linear + noise(step, dtype)
        angle = np.float64(2.0 * num_periods * math.pi).astype(dtype.numpy)
        wave = 0.5 * (1.0 + _node("Cos", x=constant(angle, dtype) * (step / steps)))
        return (cast(alpha, dtype) + linear) * wave + cast(beta, dtype)

    return _scaled(learning_rate, step, name, default, factor)
