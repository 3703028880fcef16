"""Sixteen-bit floating point: what is summed or transcendental is computed in float32."""

from __future__ import annotations

from functools import wraps
from typing import Any

# NumPy's bfloat16 is no "real floating" type to `isdtype`, and a dictionary is the fastest answer.
# Libraries' dtypes may not be compared with each other, hence the class in the key.
_IS_HALF: dict[Any, bool] = {}


def is_half(dtype):
    """Whether a library's dtype is float16 or bfloat16."""
    key = dtype.__class__, dtype
    found = _IS_HALF.get(key)
    if found is None:
        found = _IS_HALF[key] = str(dtype).endswith("float16")
    return found


def widened(xp, x):
    """Return the array in float32, if it has half that width."""
    return xp.astype(x, xp.float32) if is_half(x.dtype) else x


def largest(xp, dtype):
    """Return the largest finite number of a floating dtype, as a float."""
    # NumPy's finfo does not know bfloat16.
    return _BFLOAT16_MAX if str(dtype).endswith("bfloat16") else float(xp.finfo(dtype).max)


_BFLOAT16_MAX = 2.0**128 - 2.0**120


def in_float32(kernel):
    """Return a kernel that computes sixteen-bit floats in float32, and rounds its result once.

    The first input's dtype is the output's.
    """

    @wraps(kernel)
    def wide(xp, x, *others, **attributes):
        if not is_half(x.dtype):
            return kernel(xp, x, *others, **attributes)
        wider = [widened(xp, y) for y in others]
        return xp.astype(kernel(xp, xp.astype(x, xp.float32), *wider, **attributes), x.dtype)

    return wide
