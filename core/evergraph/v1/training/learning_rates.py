"""Learning rates that fall with the global step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.arithmetic import divide
from evergraph.v1.conditions import case, cond
from evergraph.v1.indexing import where_v2
from evergraph.v1.random_ops import random_normal


@contextmanager
def _scheduled(
    name: str | None, default: str, learning_rate: Any
) -> Iterator[tuple[str, Tensor, Any]]:
    """Enter a scope; yield its name, the rate as a tensor, and what casts to its type."""
    with get_default_graph().name_scope(name or default) as entered:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        yield entered, rate, lambda value: cast(value, rate.dtype)


def _done(step: Any, decay_steps: Any, staircase: bool) -> Any:
    """Return how much of the steps is done."""
    done = step / decay_steps
    return node("Floor", x=done) if staircase else done


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate * decay_rate ^ (global_step / decay_steps).

    Args:
      learning_rate: the first rate.
      global_step: the number of the step.
      decay_steps, decay_rate: in so many steps the rate is multiplied by as much.
      staircase: whether the exponent is rounded down.
      name: a name scope.
    """
    with _scheduled(name, "ExponentialDecay", learning_rate) as (name, rate, of_type):
        steps, by = of_type(decay_steps), of_type(decay_rate)
        done = _done(of_type(global_step), steps, staircase)
        return node("Mul", name, x=rate, y=node("Pow", x=by, y=done))


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate * exp(-decay_rate * global_step / decay_steps).

    The arguments are those of `exponential_decay`.
    """
    by = node("Exp", x=node("Neg", x=decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, by, staircase, name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """Return learning_rate / (1 + decay_rate * global_step / decay_steps).

    The arguments are those of `exponential_decay`.
    """
    with _scheduled(name, "InverseTimeDecay", learning_rate) as (name, rate, of_type):
        steps, by = of_type(decay_steps), of_type(decay_rate)
        done = _done(of_type(global_step), steps, staircase)
        one = of_type(constant(1))
        divisor = node("AddV2", "Add", x=one, y=node("Mul", x=by, y=done))
        return divide(rate, divisor, name)


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Any:
    """Return a rate that falls to `end_learning_rate` in so many steps.

    Args:
      learning_rate: the first rate.
      global_step: the number of the step.
      decay_steps: the number of steps.
      end_learning_rate: the last rate.
      power: of the polynomial; 1 is a straight line.
      cycle: begin again, with twice and three times as many steps, rather than end.
      name: a name scope.
    """
    with _scheduled(name, "PolynomialDecay", learning_rate) as (name, rate, of_type):
        end, power = of_type(end_learning_rate), of_type(power)
        step, steps = of_type(global_step), of_type(decay_steps)
        if cycle:
            first = node("Equal", x=step, y=0)
            times = where_v2(first, 1.0, node("Ceil", x=step / decay_steps))
            steps = node("Mul", x=steps, y=times)
        else:
            step = node("Minimum", x=step, y=steps)
        done = divide(step, steps)
        rest = node("Mul", x=rate - end, y=node("Pow", x=1 - done, y=power))
        return node("AddV2", name, x=rest, y=end)


def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Any:
    """Return `values[0]` up to `boundaries[0]`, `values[1]` up to `boundaries[1]`, and so on.

    Args:
      x: the number of the step.
      boundaries: a list of numbers that rise, of the type of `x`.
      values: one more, of one type.
      name: a name scope.

    Raises:
      ValueError: the types, or the numbers of values and boundaries, do not fit.
    """
    limits = [convert_to_tensor(b) for b in boundaries]
    results = [convert_to_tensor(v) for v in values]
    step = convert_to_tensor(x)
    dtype = step.dtype.base_dtype
    for i, limit in enumerate(limits):
        if limit.dtype.base_dtype is dtype:
            continue
        if (limit.dtype.base_dtype, dtype) != (dtypes.int32, dtypes.int64):
            raise ValueError(
                f"Boundaries ({limit.dtype.base_dtype}) must have the same dtype as x ({dtype})."
            )
        limits[i] = cast(limit, dtype)
    for value in results[1:]:
        if value.dtype.base_dtype is not results[0].dtype.base_dtype:
            raise ValueError(
                "Values must have elements all with the same dtype "
                f"({results[0].dtype.base_dtype} vs {value.dtype.base_dtype})."
            )
    if len(limits) != len(results) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with get_default_graph().name_scope(name or "PiecewiseConstant"):
        pairs = [(step <= limits[0], lambda: results[0]), (step > limits[-1], lambda: results[-1])]
        for low, high, value in zip(limits[:-1], limits[1:], results[1:-1], strict=True):
            pairs.append(((step > low) & (step <= high), partial(_itself, value)))
        return case(pairs, lambda: results[0], exclusive=True)


def _itself(value: Any) -> Any:
    return value


def _cosine(fraction: Any) -> Any:
    """Return (1 + cos(pi * fraction)) / 2."""
    return 0.5 * (1.0 + node("Cos", x=constant(math.pi) * fraction))


def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, alpha: float = 0.0, name: Any = None
) -> Any:
    """Return a rate that falls along half a wave of the cosine.

    Args:
      learning_rate: the first rate.
      global_step: the number of the step.
      decay_steps: the number of steps in which it falls.
      alpha: the least, as a fraction of the first.
      name: a name scope.
    """
    with _scheduled(name, "CosineDecay", learning_rate) as (_, rate, of_type):
        steps = of_type(decay_steps)
        step = node("Minimum", x=of_type(global_step), y=steps)
        decayed = (1 - alpha) * _cosine(step / steps) + alpha
        return node("Mul", x=rate, y=decayed)


def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Any:
    """Return a rate that falls along half a wave of the cosine, again and again.

    Args:
      learning_rate: the first rate.
      global_step: the number of the step.
      first_decay_steps: the number of steps in which it falls first.
      t_mul: how many times as long each fall takes as the one before.
      m_mul: how many times as high each fall begins.
      alpha: the least, as a fraction of the first.
      name: a name scope.
    """
    with _scheduled(name, "SGDRDecay", learning_rate) as (name, rate, of_type):
        first = of_type(first_decay_steps)
        alpha, longer, higher = of_type(alpha), of_type(t_mul), of_type(m_mul)
        done = of_type(global_step) / first

        def fallen(geometric: bool) -> Any:
            """Return the part of a fall that is done, and the number of falls before it."""
            if not geometric:
                count = node("Floor", x=done)
                return count, done - count
            so_far = node("Log", x=1.0 - done * (1.0 - longer)) / node("Log", x=longer)
            before = node("Floor", x=so_far)
            passed = (1.0 - longer**before) / (1.0 - longer)
            return before, (done - passed) / longer**before

        even = node("Equal", x=longer, y=1.0)
        count, fraction = cond(even, lambda: fallen(False), lambda: fallen(True))
        height = higher**count
        cosine = 0.5 * height * (1.0 + node("Cos", x=constant(math.pi) * fraction))
        decayed = (1 - alpha) * cosine + alpha
        return node("Mul", name, x=rate, y=decayed)


def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Any:
    """Return a rate that falls along a line, times a wave of the cosine.

    Args:
      learning_rate: the first rate.
      global_step: the number of the step.
      decay_steps: the number of steps in which it falls.
      num_periods: the number of waves.
      alpha: is added to the line.
      beta: is added to the product.
      name: a name scope.
    """
    with _scheduled(name, "LinearCosineDecay", learning_rate) as (name, rate, of_type):
        steps, periods = of_type(decay_steps), of_type(num_periods)
        alpha, beta = of_type(alpha), of_type(beta)
        step = node("Minimum", x=of_type(global_step), y=steps)
        line, done = (steps - step) / steps, step / steps
        wave = _cosine(2.0 * periods * done)
        return node("Mul", name, x=rate, y=(alpha + line) * wave + beta)


def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Any:
    """Return what `linear_cosine_decay` does, with noise added to the line.

    The variance of the noise is initial_variance / (1 + global_step) ^ variance_decay.
    """
    with _scheduled(name, "NoisyLinearCosineDecay", learning_rate) as (name, rate, of_type):
        steps, variance = of_type(decay_steps), of_type(initial_variance)
        decay, periods = of_type(variance_decay), of_type(num_periods)
        alpha, beta = of_type(alpha), of_type(beta)
        step = node("Minimum", x=of_type(global_step), y=steps)
        line = (steps - step) / steps
        deviation = node("Sqrt", x=variance / node("Pow", x=1.0 + step, y=decay))
        line = line + random_normal(line.shape, stddev=deviation)
        done = step / steps
        wave = _cosine(2.0 * periods * done)
        return node("Mul", name, x=rate, y=(alpha + line) * wave + beta)
