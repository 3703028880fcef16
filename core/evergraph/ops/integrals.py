"""Functions that are integrals: Dawsn, Expint, FresnelCos, FresnelSin, Spence."""

from __future__ import annotations

import math
from typing import Final

from evergraph.op import define
from evergraph.ops.bessel import of_bessel
from evergraph.ops.rules import same_shape


def _polynomial(x, coefficients):
    """Return the polynomial of coefficients, the lowest power first."""
    total = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def dawsn(xp, x):
    """Rybicki's sum of bells; powers close to 0, inverse powers far away."""
    size = xp.abs(x)
    small = xp.minimum(size, 0.3)
    near = small * _polynomial(small * small, _DAWSON_NEAR)
    middle = xp.clip(size, 0.3, 10.0)
    center = 2.0 * xp.round(middle / (2 * _DAWSON_STEP))
    offset = middle - center * _DAWSON_STEP

    def add(i, totals):
        k = 2.0 * xp.astype(xp.asarray(i), xp.float64) - 31.0
        return (totals[0] + xp.exp(-((offset - k * _DAWSON_STEP) ** 2)) / (center + k),)

    (total,) = xp.ext.loop(xp.asarray(32), add, (xp.zeros_like(x),))
    total = total / math.sqrt(math.pi)
    z = 1.0 / xp.maximum(size, 10.0)
    far = z / 2 * _polynomial(z * z / 2, _DAWSON_FAR)
    found = xp.where(size < 0.3, near, xp.where(size < 10.0, total, far))
    return xp.where(xp.isnan(x), x, xp.where(x < 0, -found, found))


_DAWSON_STEP: Final = 0.2
_DAWSON_NEAR: Final = [
    (-2.0) ** k / math.prod(range(1, 2 * k + 2, 2), start=1.0) for k in range(14)
]
_DAWSON_FAR: Final = [math.prod(range(1, 2 * k, 2), start=1.0) for k in range(14)]


def expint(xp, x):
    """Return Ei: powers up to 40, inverse powers above; there is none below 0."""
    small = xp.clip(x, 0.0, 40.0)
    near = _EULER + xp.log(small) + small * _polynomial(small, _EXPINT_NEAR)
    large = xp.maximum(x, 40.0)
    far = xp.exp(large) / large * _polynomial(1.0 / large, _EXPINT_FAR)
    found = xp.where(x < 40.0, near, xp.where(x == math.inf, math.nan, far))
    return xp.where(x >= 0.0, found, math.nan)


_EULER: Final = 0.57721566490153286
_EXPINT_NEAR: Final = [1 / (k * math.factorial(k)) for k in range(1, 140)]
_EXPINT_FAR: Final = [float(math.factorial(k)) for k in range(36)]


def _fresnel(xp, x):
    """Return C and S of x >= 0: powers below 1.8, an integral of a bell above."""
    near = xp.minimum(x, _FRESNEL_NEAR)
    square = (math.pi / 2 * near * near) ** 2
    cosine = near * _polynomial(square, _FRESNEL_COS)
    sine = near**3 * _polynomial(square, _FRESNEL_SIN)
    # 1 - erfc, whose argument lies on the diagonal of the complex plane.
    far = xp.clip(x, _FRESNEL_NEAR, 1e8)
    w = math.pi / 2 * far * far

    def add(k, totals):
        t = (xp.astype(xp.asarray(k), xp.float64) * _FRESNEL_STEP) ** 2
        weight = _FRESNEL_STEP * xp.exp(-t) * (2.0 - xp.astype(t == 0.0, t.dtype))
        size = weight / (t * t + w * w)
        return totals[0] + size * t, totals[1] + size * w

    zero = xp.zeros_like(x)
    real, imaginary = xp.ext.loop(xp.asarray(32), add, (zero, zero))
    factor = far / math.pi * math.sqrt(math.pi) / 2
    # (1 + i) / 2 times (1 - i) is 1.
    c, s = xp.cos(w), xp.sin(w)
    far_cosine = 0.5 - factor * (c * real - s * imaginary)
    far_sine = 0.5 - factor * (c * imaginary + s * real)
    return (
        xp.where(x < _FRESNEL_NEAR, cosine, far_cosine),
        xp.where(x < _FRESNEL_NEAR, sine, far_sine),
    )


_FRESNEL_NEAR: Final = 1.8
_FRESNEL_STEP: Final = 0.2
_FRESNEL_COS: Final = [(-1) ** k / (math.factorial(2 * k) * (4 * k + 1)) for k in range(16)]
_FRESNEL_SIN: Final = [
    (-1) ** k * (math.pi / 2) / (math.factorial(2 * k + 1) * (4 * k + 3)) for k in range(16)
]


def fresnel(which):
    def function(xp, x):
        found = _fresnel(xp, xp.abs(x))[which]
        return xp.where(xp.isnan(x), x, xp.where(x < 0, -found, found))

    return function


def spence(xp, x):
    """Return the dilogarithm of 1 - x: in powers of log(x), between 1/2 and 2."""
    inverted = x > 2.0
    y = xp.where(inverted, 1.0 / x, x)
    mirrored = y < 0.5
    z = xp.where(mirrored, 1.0 - y, y)
    u = -xp.log(z)
    found = u - u * u / 4 + u**3 * _polynomial(u * u, _DEBYE)
    logs = xp.where(y == 0.0, 0.0, xp.log(y) * xp.log1p(-y))
    found = xp.where(mirrored, math.pi**2 / 6 - logs - found, found)
    found = xp.where(inverted, -0.5 * xp.log(x) ** 2 - found, found)
    return xp.where((x < 0.0) | (x == math.inf), math.nan, found)


#: B(2k) / (2k + 1)! from k = 1.
_DEBYE: Final = [
    1 / 36,
    -1 / 3600,
    1 / 211680,
    -1 / 10886400,
    1 / 526901760,
    -691 / 16999766784000,
    1 / 1120863744000,
]


# Gradients


def _of(function):
    def gradient(tf, op, dy):
        (x,), (y,) = op.inputs, op.outputs
        return tf.Mul(dy, function(tf, x, y))

    return gradient


def _dawsn_slope(tf, x, y):
    one, two = (tf.constant(v, x.dtype.base_dtype) for v in (1, 2))
    return tf.Sub(one, tf.Mul(two, tf.Mul(x, y)))


def _fresnel_slope(type):
    def slope(tf, x, y):
        angle = tf.Mul(tf.constant(math.pi / 2, x.dtype.base_dtype), tf.Square(x))
        return getattr(tf, type)(angle)

    return slope


def _spence_slope(tf, x, y):
    one = tf.constant(1, x.dtype.base_dtype)
    slope = tf.RealDiv(tf.Log(x), tf.Sub(one, x))
    return tf.SelectV2(tf.Equal(x, one), tf.Neg(tf.OnesLike(x)), slope)


_FUNCTIONS = {
    "Dawsn": (dawsn, _dawsn_slope),
    "Expint": (expint, lambda tf, x, y: tf.RealDiv(tf.Exp(x), x)),
    "FresnelCos": (fresnel(0), _fresnel_slope("Cos")),
    "FresnelSin": (fresnel(1), _fresnel_slope("Sin")),
    "Spence": (spence, _spence_slope),
}
for _type, (_function, _slope) in _FUNCTIONS.items():
    define(_type, of_bessel(_function), shape=same_shape, gradient=_of(_slope))
