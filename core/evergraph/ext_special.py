"""Special functions: what the array API standard lacks of `erf` and its kin."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from evergraph.ext_gamma import digamma, lgamma


def special(xp, name, *arguments):
    """Return the special function `name` of `arguments`, element by element.

    Args:
      name: one of `FUNCTIONS`.
      *arguments: arrays of one floating dtype, of the same shape.

    Computed in float64 and rounded once.
    """
    x = arguments[0]
    wide = [xp.astype(a, xp.float64) for a in arguments]
    return xp.astype(FUNCTIONS[name](xp, *wide), x.dtype)


def erf(xp, x):
    """Return the error function: W. J. Cody's rational approximations (1969), in float64."""
    small = xp.clip(x, -0.5, 0.5)
    near = small * _ratio(small * small, _ERF_P, _ERF_Q)
    tail = 1.0 - erfc_positive(xp, xp.abs(x))
    far = xp.where(x < 0, -tail, tail)
    return xp.where(xp.isnan(x), x, xp.where(xp.abs(x) <= 0.5, near, far))


def erfc(xp, x):
    """Return 1 - erf(x), without cancellation."""
    small = xp.clip(x, -0.5, 0.5)
    near = 1.0 - small * _ratio(small * small, _ERF_P, _ERF_Q)
    tail = erfc_positive(xp, xp.abs(x))
    far = xp.where(x < 0, 2.0 - tail, tail)
    return xp.where(xp.isnan(x), x, xp.where(xp.abs(x) <= 0.5, near, far))


def erfc_positive(xp, x):
    """Return erfc(x) for x above 0.46875, by Cody's second and third approximations."""
    middle = xp.clip(x, 0.46875, 4.0)
    first = xp.exp(-middle * middle) * _ratio(middle, _ERFC_P, _ERFC_Q)
    large = xp.clip(x, 4.0, 30.0)
    z = 1.0 / (large * large)
    rest = z * _ratio(z, _TAIL_P, _TAIL_Q)
    second = xp.exp(-large * large) * (0.5641895835477562869 - rest) / large
    return xp.where(x <= 4.0, first, second)


def erfinv(xp, x):
    """Return the inverse of the error function."""
    size = xp.abs(x)
    found = upper_quantile(xp, (1.0 - size) / 2, size / 2) / math.sqrt(2)
    found = xp.where(size == 1.0, math.inf, found)
    return xp.where(size > 1.0, math.nan, xp.where(x < 0, -found, found))


def upper_quantile(xp, tail, rest):
    """Return the z >= 0 above which the standard normal distribution has `tail` (0 … 1/2).

    Args:
      rest: 1/2 - tail, which may be known better than that.

    P. J. Acklam's rational approximations, and one step of Halley's.
    """
    t = xp.clip(tail, 1e-320, 0.5)
    q = xp.clip(rest, 0.0, 0.5)
    root = xp.sqrt(-2.0 * xp.log(t))
    far = -_ratio(root, _FAR_P, _FAR_Q)
    near = q * _ratio(q * q, _NEAR_P, _NEAR_Q)
    z = xp.where(t < 0.02425, far, near)
    inner = z / math.sqrt(2)
    error = xp.where(q < 0.4, erf(xp, inner) / 2 - q, t - erfc(xp, inner) / 2)
    step = error * math.sqrt(2 * math.pi) * xp.exp(z * z / 2)
    return z - step / (1.0 + z * step / 2) + 0.0 * tail


def i0e(xp, x):
    """Return exp(-|x|) times the modified Bessel function of order 0."""
    x = xp.abs(x)
    near, far = xp.minimum(x, _I_FAR), xp.maximum(x, _I_FAR)
    return xp.where(
        x < _I_FAR,
        xp.exp(-near) * _polynomial(near * near / 4, _i_powers(0)),
        _polynomial(1.0 / far, _i_inverse_powers(0)) / xp.sqrt(2 * math.pi * far),
    ) + 0.0 * xp.where(xp.isnan(x), x, 0.0)


def i1e(xp, x):
    """Return exp(-|x|) times the modified Bessel function of order 1."""
    size = xp.abs(x)
    near, far = xp.minimum(size, _I_FAR), xp.maximum(size, _I_FAR)
    found = xp.where(
        size < _I_FAR,
        xp.exp(-near) * near / 2 * _polynomial(near * near / 4, _i_powers(1)),
        _polynomial(1.0 / far, _i_inverse_powers(1)) / xp.sqrt(2 * math.pi * far),
    )
    return xp.where(x < 0, -found, found) + 0.0 * xp.where(xp.isnan(x), x, 0.0)


#: Below it the series of powers, above it that of inverse ones.
_I_FAR: Final = 20.0


def _i_powers(order):
    return tuple(1 / math.factorial(k) / math.factorial(k + order) for k in range(50, -1, -1))


def _i_inverse_powers(order):
    terms = [1.0]
    for k in range(1, 27):
        terms.append(-terms[-1] * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k))
    return tuple(reversed(terms))


def _ratio(x, numerator, denominator):
    """Return a quotient of polynomials, the highest powers first, by Horner's rule."""
    return _polynomial(x, numerator) / _polynomial(x, denominator)


def _polynomial(x, coefficients):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


_ERF_P: Final = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_ERF_Q: Final = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
_ERFC_P: Final = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_ERFC_Q: Final = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
_TAIL_P: Final = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_TAIL_Q: Final = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)

_FAR_P: Final = (
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e00,
    -2.549732539343734e00,
    4.374664141464968e00,
    2.938163982698783e00,
)
_FAR_Q: Final = (
    7.784695709041462e-03,
    3.224671290700398e-01,
    2.445134137142996e00,
    3.754408661907416e00,
    1.0,
)
_NEAR_P: Final = (
    -3.969683028665376e01,
    2.209460984245205e02,
    -2.759285104469687e02,
    1.383577518672690e02,
    -3.066479806614716e01,
    2.506628277459239e00,
)
_NEAR_Q: Final = (
    -5.447609879822406e01,
    1.615858368580409e02,
    -1.556989798598866e02,
    6.680131188771972e01,
    -1.328068155288572e01,
    1.0,
)

#: By name; each takes the namespace and float64 arrays.
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "erf": erf,
    "erfc": erfc,
    "erfinv": erfinv,
    "lgamma": lgamma,
    "digamma": digamma,
    "i0e": i0e,
    "i1e": i1e,
}
