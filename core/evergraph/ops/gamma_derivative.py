"""How a gamma sample moves with its shape parameter: RandomGammaGrad, and gradients by it."""

from __future__ import annotations

import math
from typing import Final

from evergraph.op import define
from evergraph.ops.rules import broadcast
from evergraph.ops.sampling import log_factorial

_EPSILON: Final = 2.0**-52
_TERMS: Final = 2000
#: Numerators and denominators of the continued fraction are scaled down above this.
_LARGE: Final = 2.0**52


def random_gamma_grad(xp, alpha, sample):
    """Return the derivative of samples of a gamma distribution by `alpha`, both broadcast.

    Implicit differentiation (Figurnov et al., 2018): minus the derivative of the distribution
    function, by a power series or a continued fraction, over the density. In float64.
    """
    shape = broadcast(alpha.shape, sample.shape)
    a, x = (
        xp.astype(xp.reshape(xp.broadcast_to(v, shape), (-1,)), xp.float64) for v in (alpha, sample)
    )
    valid = (x >= 0.0) & (a > 0.0)
    # TF: no derivative either where the density is too small for the type.
    inside = valid & (x > 0.0) & xp.isfinite(x) & xp.isfinite(a)
    a, x = xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)
    log_x = xp.log(x)
    log_term = a * log_x - x - log_factorial(xp, a) + xp.log(a)
    inside = inside & (log_term >= -math.log(float(xp.finfo(alpha.dtype).max)))
    by_fraction = (x > 1.0) & (x > a)
    found = xp.where(
        by_fraction,
        _fraction(xp, inside & by_fraction, a, x, log_x),
        _series(xp, inside & ~by_fraction, a, x, log_x),
    )
    result = xp.where(valid, xp.where(inside, found, 0.0), math.nan)
    return xp.reshape(xp.astype(result, alpha.dtype), shape)


def _series(xp, wanted, a, x, log_x):
    """Sum x^n / ((a + 1) … (a + n)) and its derivative by a."""

    def attempt(state, fixed):
        _, n, term, slope, total, total_slope = state
        a, x = fixed
        n = n + 1.0
        factor = x / (a + n)
        slope = factor * slope - factor / (a + n) * term
        term = factor * term
        total, total_slope = total + term, total_slope + slope
        done = (xp.abs(slope) <= _EPSILON * xp.abs(total_slope)) | (n >= _TERMS)
        return done, n, term, slope, total, total_slope

    zero, one = xp.zeros_like(a), xp.ones_like(a)
    state = (~wanted, zero, one, zero, one, zero)
    total, slope = xp.ext.retry(attempt, state, (a, x))[4:]
    return -(slope + total * (log_x - _digamma(xp, a + 1.0))) * x / a


def _fraction(xp, wanted, a, x, log_x):
    """Follow the continued fraction of the upper function, and its derivative by a."""

    def attempt(state, fixed):
        _, n, p1, p2, q1, q2, dp1, dp2, dq1, dq2, _, before = state
        a, x = fixed
        n = n + 1.0
        y = n + 1.0 - a
        z = x + y + n + 1.0
        p = p1 * z - p2 * (y * n)
        q = q1 * z - q2 * (y * n)
        dp = dp1 * z - p1 - dp2 * (y * n) + p2 * n
        dq = dq1 * z - q1 - dq2 * (y * n) + q2 * n
        value = p / q
        slope = (dp - value * dq) / q
        done = (xp.abs(slope - before) <= _EPSILON) | (n >= _TERMS)
        scale = xp.where(xp.abs(p) > _LARGE, 1.0 / _LARGE, xp.ones_like(p))
        scaled = [v * scale for v in (p, p1, q, q1, dp, dp1, dq, dq1)]
        return done, n, *scaled, value, slope

    zero, one = xp.zeros_like(a), xp.ones_like(a)
    q = (x + 2.0 - a) * x
    value = (x + 1.0) / q
    slope = value * x / q
    state = (~wanted, zero, x + 1.0, one, q, x, zero, zero, -x, zero, value, slope)
    value, slope = xp.ext.retry(attempt, state, (a, x))[-2:]
    return (slope + value * (log_x - _digamma(xp, a))) * x


def _digamma(xp, x):
    """Return the derivative of log(gamma) above zero: the asymptotic series at x + 8."""
    below = 1.0 / x
    for i in range(1, 8):
        below = below + 1.0 / (x + float(i))
    y = x + 8.0
    s = 1.0 / (y * y)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132)))))
    return xp.log(y) - 0.5 / y - series - below


def gamma_gradient(tf, op, dy):
    """Return the gradients of a random gamma op: that of `alpha`, its last input."""
    alpha, sample = op.inputs[-1], op.outputs[0]
    # The axes of alpha are the last ones of the samples.
    axes = tf.Range(0, tf.Sub(tf.Rank(sample), tf.Rank(alpha)), 1)
    moved = tf.Mul(dy, tf.RandomGammaGrad(alpha, sample))
    return *[None] * (len(op.inputs) - 1), tf.Sum(moved, axes)


define("RandomGammaGrad", random_gamma_grad, shape=broadcast)
