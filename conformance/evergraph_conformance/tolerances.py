"""How close a value must be to TensorFlow's, by element type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

#: (rtol, atol_rel, atol): |got - want| <= atol + atol_rel * max|want| + rtol * |want|.
Tolerance = tuple[float, float, float]

TOLERANCES: Final[dict[str, Tolerance]] = {
    "float64": (1e-8, 1e-9, 1e-11),
    "complex128": (1e-8, 1e-9, 1e-11),
    "float32": (1e-4, 2e-5, 1e-6),
    "complex64": (1e-4, 2e-5, 1e-6),
    "float16": (4e-3, 2e-3, 1e-4),
    "bfloat16": (2e-2, 1.6e-2, 1e-3),
    "float8_e4m3fn": (0.125, 0.0, 2**-9),
    "float8_e5m2": (0.25, 0.0, 2**-16),
}


def mismatch(
    got: Any,
    want: Any,
    tolerance: Tolerance | None = None,
    table: Mapping[str, Tolerance] = TOLERANCES,
) -> str:
    """Return what is wrong with `got`, or "" if it matches.

    A value matches when its shape and dtype are those wanted, NaN and infinities sit in the same
    places, integers, booleans and strings are equal, and floating-point numbers are within the
    tolerance of their type.
    """
    got, want = (np.asarray(v, object if isinstance(v, bytes) else None) for v in (got, want))
    if got.dtype != want.dtype:
        return f"dtype {got.dtype}, wanted {want.dtype}"
    if got.shape != want.shape:
        return f"shape {got.shape}, wanted {want.shape}"
    if want.size == 0:
        return ""
    name = want.dtype.name
    if tolerance is None and name not in table:
        equal = got == want
        return "" if np.all(equal) else _difference(got, want, ~np.asarray(equal))
    rtol, atol_rel, atol = tolerance or table[name]
    wide: Any = np.complex128 if want.dtype.kind == "c" else np.float64
    g, w = got.astype(wide), want.astype(wide)
    finite = np.isfinite(w)
    same_special = np.where(finite, np.isfinite(g), (g == w) | (np.isnan(g) & np.isnan(w)))
    if want.dtype.kind == "c":
        same_special = np.where(finite, np.isfinite(g), np.isnan(g) == np.isnan(w))
    scale = float(np.max(np.abs(np.where(finite, w, 0)))) if finite.any() else 0.0
    with np.errstate(all="ignore"):
        close = np.abs(g - w) <= atol + atol_rel * scale + rtol * np.abs(w)
    good = np.where(finite, close & same_special, same_special)
    return "" if good.all() else _difference(got, want, ~good)


def _difference(got: Any, want: Any, wrong: Any) -> str:
    at = tuple(int(i) for i in np.argwhere(np.atleast_1d(wrong))[0])
    index = at if got.ndim else ()
    count = int(np.count_nonzero(wrong))
    return f"{count} of {want.size} differ; at {list(index)} got {got[index]!r}, wanted {want[index]!r}"  # noqa: E501
