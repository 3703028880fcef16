"""Special functions: what the array API standard lacks of `erf` and its kin."""
# ruff: noqa: D103

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final


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


def _polynomial(x, coefficients):
    """Horner's rule; the highest power first."""
    total = coefficients[0]
    for c in coefficients[1:]:
        total = total * x + c
    return total


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {}
