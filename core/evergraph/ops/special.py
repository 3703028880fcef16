"""The gamma function and its kin: Lgamma, Digamma, Zeta, Igamma, Betainc, Erfinv, Ndtri …"""

from __future__ import annotations

import math
from typing import Final

from evergraph.ext_special import upper_quantile
from evergraph.op import define
from evergraph.ops.gamma_derivative import random_gamma_grad
from evergraph.ops.math import derivative, special
from evergraph.ops.rules import broadcast, reduced_to, same_shape, unbroadcast

_EPSILON: Final = 2.0**-53
#: How many terms of a series are summed at most.
_TERMS: Final = 10000


def in_float64(function):
    """Return a kernel from `function(xp, *flat)` of float64 vectors, its inputs broadcast."""

    def kernel(xp, *inputs):
        shape = ()
        for x in inputs:
            shape = broadcast(shape, x.shape)
        flat = [xp.astype(xp.reshape(xp.broadcast_to(x, shape), (-1,)), xp.float64) for x in inputs]
        return xp.reshape(xp.astype(function(xp, *flat), inputs[0].dtype), shape)

    return kernel


def binary(function):
    """Return the kernel of a function of two arguments; a test compares their names."""
    kernel = in_float64(function)

    def of_two(xp, a, x):
        return kernel(xp, a, x)

    return of_two


def ndtri(xp, x):
    upper = xp.abs(x - 0.5)
    found = upper_quantile(xp, xp.minimum(x, 1.0 - x), upper)
    found = xp.where((x == 0.0) | (x == 1.0), math.inf, found)
    return xp.where((x < 0.0) | (x > 1.0), math.nan, xp.where(x < 0.5, -found, found))


def ndtri_kernel(xp, x):
    return in_float64(ndtri)(xp, x)


# The distribution functions of the gamma and beta distributions


def _lgamma(xp, x):
    return xp.ext.special("lgamma", x)


def _gamma_tails(xp, inside, a, x):
    """Return what of a gamma distribution lies below x, and above; where `inside` holds."""
    a, x = xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)
    by_series = x < a + 1.0
    density = xp.exp(a * xp.log(x) - x - _lgamma(xp, a))

    def add(state, fixed):
        _, n, term, total = state
        a, x = fixed
        term = term * x / (a + n)
        total = total + term
        return (term <= _EPSILON * total) | (n >= _TERMS), n + 1.0, term, total

    one = xp.ones_like(a)
    series = xp.ext.retry(add, (~(inside & by_series), one, one, one), (a, x))[3]
    below = density * series / a

    def refine(state, fixed):
        _, n, c, d, total = state
        a, x = fixed
        factor = n * (a - n)
        middle = x + 2.0 * n + 1.0 - a
        d = 1.0 / _nonzero(xp, middle + factor * d)
        c = _nonzero(xp, middle + factor / c)
        total = total * (c * d)
        return (xp.abs(c * d - 1.0) <= _EPSILON * 4) | (n >= _TERMS), n + 1.0, c, d, total

    start = 1.0 / _nonzero(xp, x + 1.0 - a)
    state = ~(inside & ~by_series), one, one / _TINY, start, start
    above = density * xp.ext.retry(refine, state, (a, x))[4]
    return xp.where(by_series, below, 1.0 - above), xp.where(by_series, 1.0 - below, above)


_TINY: Final = 1e-290


def _nonzero(xp, x):
    return xp.where(xp.abs(x) < _TINY, _TINY, x)


def _inside(xp, a, x):
    return (a > 0.0) & (x > 0.0) & xp.isfinite(a) & xp.isfinite(x)


def igamma(xp, a, x):
    inside = _inside(xp, a, x)
    below, _ = _gamma_tails(xp, inside, a, x)
    known = xp.where((a > 0.0) & (x > 0.0), 1.0 - xp.astype(xp.isinf(a), a.dtype), math.nan)
    return xp.where(x == 0.0, 0.0, xp.where(inside, below, known))


def igammac(xp, a, x):
    inside = _inside(xp, a, x)
    _, above = _gamma_tails(xp, inside, a, x)
    known = xp.where((a > 0.0) & (x >= 0.0), 1.0 - xp.astype(xp.isinf(x), x.dtype), math.nan)
    return xp.where(inside, above, known)


def igamma_grad_a(xp, a, x):
    inside = _inside(xp, a, x)
    shape, at = xp.where(inside, a, 1.0), xp.where(inside, x, 1.0)
    density = xp.exp((shape - 1.0) * xp.log(at) - at - _lgamma(xp, shape))
    found = -random_gamma_grad(xp, shape, at) * density
    known = xp.where((a > 0.0) & (x > 0.0), xp.zeros_like(shape), math.nan)
    return xp.where(x == 0.0, 0.0, xp.where(inside, found, known))


def betainc(xp, a, b, x):
    in_domain = (a > 0.0) & (b > 0.0) & (x >= 0.0) & (x <= 1.0)
    inside = in_domain & (x > 0.0) & (x < 1.0) & xp.isfinite(a) & xp.isfinite(b)
    p, q, at = xp.where(inside, a, 1.0), xp.where(inside, b, 1.0), xp.where(inside, x, 0.5)
    mirrored = at > (p + 1.0) / (p + q + 2.0)
    p, q, at = (
        xp.where(mirrored, q, p),
        xp.where(mirrored, p, q),
        xp.where(mirrored, 1.0 - at, at),
    )
    factor = p * xp.log(at) + q * xp.log1p(-at)
    factor = factor + _lgamma(xp, p + q) - _lgamma(xp, p) - _lgamma(xp, q)

    def refine(state, fixed):
        _, m, c, d, total = state
        p, q, at = fixed
        for part in (
            m * (q - m) * at / ((p + 2.0 * m - 1.0) * (p + 2.0 * m)),
            -(p + m) * (p + q + m) * at / ((p + 2.0 * m) * (p + 2.0 * m + 1.0)),
        ):
            d = 1.0 / _nonzero(xp, 1.0 + part * d)
            c = _nonzero(xp, 1.0 + part / c)
            total = total * (c * d)
        return (xp.abs(c * d - 1.0) <= _EPSILON * 4) | (m >= _TERMS), m + 1.0, c, d, total

    one = xp.ones_like(p)
    start = 1.0 / _nonzero(xp, 1.0 - (p + q) * at / (p + 1.0))
    total = xp.ext.retry(refine, (~inside, one, one, start, start), (p, q, at))[4]
    found = xp.exp(factor) * total / p
    found = xp.where(mirrored, 1.0 - found, found)
    known = xp.where((x == 0.0) | (x == 1.0), x, math.nan)
    return xp.where(inside, found, xp.where(in_domain, known, math.nan))


def betainc_kernel(xp, a, b, x):
    return in_float64(betainc)(xp, a, b, x)


def betainc_shape(a, b, x):
    return broadcast(broadcast(a, b), x)


# Zeta and polygamma

#: B(2k) / (2k)!
_BERNOULLI: Final = (
    1 / 12,
    -1 / 720,
    1 / 30240,
    -1 / 1209600,
    1 / 47900160,
    -691 / 1307674368000,
    1 / 74724249600,
    -3617 / 10670622842880000,
    43867 / 5109094217170944000,
)


def zeta(xp, x, q):
    whole = q == xp.floor(q)
    power_whole = x == xp.floor(x)
    even = x == 2.0 * xp.floor(x / 2.0)
    inside = (x > 1.0) & ~((q <= 0.0) & (whole | ~power_whole)) & ~xp.isnan(q) & (q > -_TERMS)
    s, start = xp.where(inside, x, 2.0), xp.where(inside, q, 1.0)

    def add(state, fixed):
        _, n, at, total, settled = state
        (s,) = fixed
        term = xp.pow(at, -s)
        total = total + term
        settled = xp.abs(term) <= _EPSILON * xp.abs(total)
        return settled | ((n >= 12.0) & (at > 9.0)), n + 1.0, at + 1.0, total, settled

    zero = xp.zeros_like(s)
    done = ~inside
    _, _, at, total, settled = xp.ext.retry(add, (done, zero, start, zero, done), (s,))
    last = xp.pow(at, -s)
    tail = last * at / (s - 1.0) + last / 2
    factor, part = s, last / at
    for k, c in enumerate(_BERNOULLI):
        tail = tail + c * factor * part
        factor = factor * (s + 2.0 * k + 1.0) * (s + 2.0 * k + 2.0)
        part = part / (at * at)
    found = total + xp.where(settled | xp.isinf(s), 0.0, tail)
    pole = (x == 1.0) | ((x > 1.0) & (q <= 0.0) & whole & even)
    return xp.where(pole, math.inf, xp.where(inside, found, math.nan))


def zeta_kernel(xp, x, q):
    return in_float64(zeta)(xp, x, q)


def polygamma(xp, a, x):
    factorial = xp.exp(_lgamma(xp, a + 1.0))
    size = factorial * zeta(xp, a + 1.0, x)
    # Infinity is not even.
    even = a - 2.0 * xp.floor(a / 2.0) == 0.0
    found = xp.where(a == 0.0, xp.ext.special("digamma", x), xp.where(even, -size, size))
    return xp.where((a < 0.0) | (a != xp.floor(a)), math.nan, found)


# Gradients


def _constant(tf, value, like):
    return tf.constant(value, like.dtype.base_dtype)


def zeta_gradient(tf, op, dy):
    x, q = op.inputs
    by_q = tf.Mul(tf.Neg(x), tf.Zeta(tf.AddV2(x, _constant(tf, 1, x)), q))
    return None, reduced_to(tf, q, x, tf.Mul(by_q, dy))


def polygamma_gradient(tf, op, dy):
    n, x = op.inputs
    by_x = tf.Polygamma(tf.AddV2(n, _constant(tf, 1, n)), x)
    return None, reduced_to(tf, x, n, tf.Mul(by_x, dy))


def _density(tf, a, x):
    power = tf.Mul(tf.Sub(a, _constant(tf, 1, a)), tf.Log(x))
    return tf.Exp(tf.Sub(tf.AddV2(tf.Neg(x), power), tf.Lgamma(a)))


def igamma_gradient(tf, op, dy):
    a, x = op.inputs
    by_a = tf.Mul(tf.IgammaGradA(a, x), dy)
    return unbroadcast(tf, op, by_a, tf.Mul(_density(tf, a, x), dy))


def igammac_gradient(tf, op, dy):
    return igamma_gradient(tf, op, tf.Neg(dy))


def betainc_gradient(tf, op, dy):
    a, b, x = op.inputs
    one = _constant(tf, 1, x)
    log = tf.AddV2(
        tf.Xlog1py(tf.Sub(b, one), tf.Neg(x)),
        tf.Xlogy(tf.Sub(a, one), x),
    )
    beta = tf.Sub(tf.AddV2(tf.Lgamma(a), tf.Lgamma(b)), tf.Lgamma(tf.AddV2(a, b)))
    by_x = tf.Mul(tf.Exp(tf.Sub(log, beta)), dy)
    return None, None, reduced_to(tf, x, op.outputs[0], by_x)


def bell_inverse_gradient(factor, power):
    def gradient(tf, op, dy):
        (y,) = op.outputs
        exponent = tf.Mul(tf.Square(y), _constant(tf, power, y))
        return tf.Mul(dy, tf.Mul(tf.Exp(exponent), _constant(tf, factor, y)))

    return gradient


define(
    "Lgamma",
    special("lgamma"),
    shape=same_shape,
    gradient=derivative(lambda tf, x: tf.Digamma(x)),
)
define(
    "Digamma",
    special("digamma"),
    shape=same_shape,
    gradient=derivative(lambda tf, x: tf.Polygamma(tf.constant(1, x.dtype.base_dtype), x)),
)
define(
    "Erfinv",
    special("erfinv"),
    shape=same_shape,
    gradient=bell_inverse_gradient(math.sqrt(math.pi) / 2, 1),
)
define(
    "Ndtri",
    ndtri_kernel,
    shape=same_shape,
    gradient=bell_inverse_gradient(math.sqrt(2 * math.pi), 0.5),
)
define("Igamma", binary(igamma), shape=broadcast, gradient=igamma_gradient)
define("Igammac", binary(igammac), shape=broadcast, gradient=igammac_gradient)
define("IgammaGradA", binary(igamma_grad_a), shape=broadcast)
define("Polygamma", binary(polygamma), shape=broadcast, gradient=polygamma_gradient)
define("Zeta", zeta_kernel, shape=broadcast, gradient=zeta_gradient)
define("Betainc", betainc_kernel, shape=betainc_shape, gradient=betainc_gradient)
