"""Bessel functions: BesselI0 … BesselK1e."""

from __future__ import annotations

import math

from evergraph.op import define
from evergraph.ops.math import special
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import same_shape

# Below 2 the series of powers; above, the trapezoidal rule, whose error falls exponentially, for
# Hankel's integral: that of exp(-u^2) u^(2 order) (1 + i u^2 / 2x)^(order - 1/2).

_NEAR = 2.0
_TERMS = 16
_STEP = 0.2
_NODES = 32


def of_bessel(function):
    """Return the kernel of a function of float64 arrays."""

    @in_float32
    def kernel(xp, x):
        return xp.astype(function(xp, xp.astype(x, xp.float64)), x.dtype)

    return kernel


def _harmonic(k):
    return sum(1 / i for i in range(1, k + 1))


def _powers(order, sign, weight=None):
    """Return the coefficients of the powers of x^2 / 4, the highest first."""
    return [
        (weight(k) if weight else 1.0) * sign**k / math.factorial(k) / math.factorial(k + order)
        for k in range(_TERMS, -1, -1)
    ]


def _polynomial(x, coefficients):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


def _first_kind(x, order, sign):
    """Return J (sign -1) or I (1) of a small x."""
    found = _polynomial(x * x / 4, _powers(order, sign))
    return found * x / 2 if order else found


def _digammas(k):
    """Return the sum of the digamma function at k + 1 and k + 2."""
    return _harmonic(k) + _harmonic(k + 1) - 2 * _EULER


_EULER = 0.57721566490153286


def _second_kind(xp, x, order, sign):
    """Return pi/2 Y (sign -1) or, but for its sign, K (1) of a small x."""
    log = xp.log(x / 2)
    if order == 0:
        rest = _polynomial(x * x / 4, _powers(0, sign, _harmonic))
        return (log + _EULER) * _first_kind(x, 0, sign) - rest
    rest = _polynomial(x * x / 4, _powers(1, sign, _digammas)) * x / 4
    return log * _first_kind(x, 1, sign) - rest + sign / x


def _integral(xp, x, order, part):
    """Sum `part(square of u / 2x)`, arrays, over the nodes."""

    def add(k, totals):
        u = xp.astype(xp.asarray(k), xp.float64) * _STEP
        weight = (1.0 - 0.5 * xp.astype(u == 0.0, u.dtype)) * _STEP * xp.exp(-u * u)
        weight = weight * u * u if order else weight
        return tuple(t + weight * v for t, v in zip(totals, part(u * u / (2 * x)), strict=True))

    zeros = tuple(xp.zeros_like(x) for _ in part(x))
    factor = (4 if order else 2) / math.sqrt(math.pi)
    return [t * factor for t in xp.ext.loop(xp.asarray(_NODES), add, zeros)]


def _hankel(xp, x, order):
    """Return the real and the imaginary part of the integral."""

    def part(s):
        size = xp.sqrt(1.0 + s * s)
        real = xp.sqrt((size + 1.0) / 2)
        imaginary = s / (2 * real)
        return (real, imaginary) if order else (real / size, -imaginary / size)

    return _integral(xp, x, order, part)


def _oscillating(order, second):
    """Return J, or of the second kind Y, for x above 2."""

    def far(xp, x):
        p, q = _hankel(xp, x, order)
        angle = x - (0.75 if order else 0.25) * math.pi
        cosine, sine = xp.cos(angle), xp.sin(angle)
        found = p * sine + q * cosine if second else p * cosine - q * sine
        return found * xp.sqrt(2 / (math.pi * x))

    return far


def _by_size(xp, x, near, far):
    small = xp.where(x < _NEAR, x, 1.0)
    large = xp.where(x < _NEAR, _NEAR, x)
    return xp.where(x < _NEAR, near(small), far(large))


def bessel_j(order):
    def function(xp, x):
        found = _by_size(
            xp,
            xp.abs(x),
            lambda y: _first_kind(y, order, -1),
            lambda y: _oscillating(order, False)(xp, y),
        )
        return xp.where(x < 0, -found, found) if order else found

    return function


def bessel_y(order):
    def function(xp, x):
        found = _by_size(
            xp,
            x,
            lambda y: _second_kind(xp, y, order, -1) * (2 / math.pi),
            lambda y: _oscillating(order, True)(xp, y),
        )
        return xp.where(x <= 0, -math.inf, found)

    return function


def bessel_k(order, scaled):
    def near(xp, x):
        found = _second_kind(xp, x, order, 1)
        found = found if order else -found
        return found * xp.exp(x) if scaled else found

    def far(xp, x):
        (found,) = _integral(
            xp, x, order, lambda s: [xp.sqrt(1.0 + s) if order else 1.0 / xp.sqrt(1.0 + s)]
        )
        found = found * xp.sqrt(math.pi / (2 * x))
        return found if scaled else found * xp.exp(-x)

    def function(xp, x):
        found = _by_size(xp, x, lambda y: near(xp, y), lambda y: far(xp, y))
        return xp.where(x <= 0, math.inf, found)

    return function


def bessel_i(order):
    def function(xp, x):
        return xp.ext.special(f"i{order}e", x) * xp.exp(xp.abs(x))

    return function


# Gradients: each names the derivative at `x`, where the value is `y`.


def _of(function):
    def gradient(tf, op, dy):
        (x,), (y,) = op.inputs, op.outputs
        return tf.Mul(dy, function(tf, x, y))

    return gradient


def _at_zero(function, value):
    """Return the derivative that has another value at 0, and is not looked at there."""

    def derivative(tf, x, y):
        zero = tf.Equal(x, tf.ZerosLike(x))
        safe = tf.SelectV2(zero, tf.OnesLike(x), x)
        return tf.SelectV2(zero, tf.constant(value, x.dtype.base_dtype), function(tf, safe, y))

    return derivative


def _i1e_slope(tf, x, y):
    return tf.Sub(tf.BesselI0e(x), tf.Mul(y, tf.AddV2(tf.Sign(x), tf.Reciprocal(x))))


def _k1e_slope(tf, x, y):
    one = tf.constant(1, x.dtype.base_dtype)
    return tf.Sub(tf.Mul(y, tf.Sub(one, tf.Reciprocal(x))), tf.BesselK0e(x))


_FUNCTIONS = {
    "BesselI0": (bessel_i(0), lambda tf, x, y: tf.BesselI1(x)),
    "BesselI1": (
        bessel_i(1),
        _at_zero(lambda tf, x, y: tf.Sub(tf.BesselI0(x), tf.RealDiv(y, x)), 1),
    ),
    "BesselJ0": (bessel_j(0), lambda tf, x, y: tf.Neg(tf.BesselJ1(x))),
    "BesselJ1": (
        bessel_j(1),
        _at_zero(lambda tf, x, y: tf.Sub(tf.BesselJ0(x), tf.RealDiv(y, x)), 0.5),
    ),
    "BesselY0": (bessel_y(0), lambda tf, x, y: tf.Neg(tf.BesselY1(x))),
    "BesselY1": (bessel_y(1), lambda tf, x, y: tf.Sub(tf.BesselY0(x), tf.RealDiv(y, x))),
    "BesselK0": (bessel_k(0, False), lambda tf, x, y: tf.Neg(tf.BesselK1(x))),
    "BesselK0e": (bessel_k(0, True), lambda tf, x, y: tf.Sub(y, tf.BesselK1e(x))),
    "BesselK1": (
        bessel_k(1, False),
        lambda tf, x, y: tf.Sub(tf.Neg(tf.BesselK0(x)), tf.RealDiv(y, x)),
    ),
    "BesselK1e": (bessel_k(1, True), _k1e_slope),
}
for _type, (_function, _slope) in _FUNCTIONS.items():
    define(_type, of_bessel(_function), shape=same_shape, gradient=_of(_slope))
define(
    "BesselI0e",
    special("i0e"),
    shape=same_shape,
    gradient=_of(lambda tf, x, y: tf.Sub(tf.BesselI1e(x), tf.Mul(tf.Sign(x), y))),
)
define("BesselI1e", special("i1e"), shape=same_shape, gradient=_of(_at_zero(_i1e_slope, 0.5)))
