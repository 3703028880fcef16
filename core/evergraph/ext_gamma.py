"""The gamma function's logarithm and its derivative, of float64 arrays."""

from __future__ import annotations

import math
from typing import Final

#: Above this, Stirling's series has float64's precision.
_LARGE: Final = 10.0
#: B(2k) / (2k (2k - 1)), the highest power first.
_STIRLING: Final = (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
#: B(2k) / 2k.
_SLOPE: Final = (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12)


def lgamma(xp, x):
    """Return the logarithm of the absolute value of the gamma function."""
    mirrored = x < 0.5
    found = _lgamma_right(xp, xp.where(mirrored, 1.0 - x, x))
    sine = xp.abs(xp.sin(math.pi * (x - xp.round(x))))
    found = xp.where(mirrored, math.log(math.pi) - xp.log(sine) - found, found)
    return xp.where(xp.isinf(x), xp.abs(x), found)


def _lgamma_right(xp, x):
    small = xp.minimum(x, _LARGE)
    product = small
    for i in range(1, int(_LARGE)):
        product = product * (small + float(i))
    near = x < _LARGE
    y = xp.where(near, x + _LARGE, x)
    z = 1.0 / y
    rest = z * _series(z * z, _STIRLING)
    found = (y - 0.5) * (xp.log(y) - 1.0) - 0.5 + 0.5 * math.log(2 * math.pi) + rest
    return found - xp.where(near, xp.log(product), 0.0)


def digamma(xp, x):
    """Return the derivative of the logarithm of the gamma function; NaN at its poles."""
    mirrored = x < 0.5
    found = _digamma_right(xp, xp.where(mirrored, 1.0 - x, x))
    angle = math.pi * (x - xp.round(x))
    found = xp.where(mirrored, found - math.pi / xp.tan(angle), found)
    pole = (x <= 0.0) & (x == xp.floor(x))
    return xp.where(pole, math.nan, xp.where(x == math.inf, x, found))


def _digamma_right(xp, x):
    small = xp.minimum(x, _LARGE)
    below = 1.0 / small
    for i in range(1, int(_LARGE)):
        below = below + 1.0 / (small + float(i))
    near = x < _LARGE
    y = xp.where(near, x + _LARGE, x)
    z = 1.0 / y
    found = xp.log(y) - 0.5 * z - z * z * _series(z * z, _SLOPE)
    return found - xp.where(near, below, 0.0)


def _series(x, coefficients):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total
