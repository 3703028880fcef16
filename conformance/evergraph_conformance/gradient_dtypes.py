"""Gradient cases in every dtype that TensorFlow's CPU kernels take, made of those in float32.

An op's cases are of some kinds: with inputs of one shape, of several (as in broadcasting), and
empty. Where a dtype lacks a kind that float32 has, the first case of that kind is given in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from evergraph_conformance.cases import Case, dtype_of

#: Larger cases are no patterns for others.
_MOST_ELEMENTS: Final = 2000
#: For each dtype, the patterns to take, the first that there are: how their dtypes change.
_CHANGES: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "float16": ({"float32": "float16"},),
    "bfloat16": ({"float32": "bfloat16"},),
    "float64": ({"float32": "float64", "complex64": "complex128"},),
    "complex64": ({"float32": "complex64"},),
    "complex128": (
        {"complex64": "complex128", "float32": "float64"},
        {"float32": "complex128"},
    ),
}


def in_all_dtypes(cases: Sequence[Case], groups: Sequence[dict[str, Any]]) -> list[Case]:
    """Return what the cases of one op lack.

    Args:
      cases: of the op.
      groups: the inputs that share a type, by position, and the floating dtypes that they may have:
        `{"inputs": [0, 1], "dtypes": ["float16", …]}`.
    """
    return [
        case
        for group in groups
        for dtype in group["dtypes"]
        if dtype in _CHANGES
        for case in _lacking(cases, group["inputs"], dtype)
    ]


def _lacking(cases: Sequence[Case], positions: list[int], dtype: str) -> list[Case]:
    have = [c for c in cases if _dtype(c, positions) == dtype]
    kinds = {_kind(c) for c in have}
    shapes = {_shapes(c) for c in have}
    found: list[Case] = []
    for changes in _CHANGES[dtype]:
        source = next(k for k, v in changes.items() if v == dtype)
        patterns = [c for c in cases if _dtype(c, positions) == source and _usable(c)]
        # First what is of a new kind; then, until there are two shapes, what is of a new shape.
        for by_kind in (True, False):
            for pattern in patterns:
                wanted = _kind(pattern) not in kinds if by_kind else len(shapes) < 2
                if wanted and _shapes(pattern) not in shapes:
                    found.append(_changed(pattern, positions, changes, dtype))
                    kinds.add(_kind(pattern))
                    shapes.add(_shapes(pattern))
    return found


def _parts(value: Any) -> list[np.ndarray[Any, Any]]:
    return value if isinstance(value, list) else [value]


def _dtype(case: Case, positions: list[int]) -> str:
    """Return the dtype of the inputs at these positions; "" where there are none."""
    return next((a.dtype.name for i in positions for a in _parts(case.inputs[i])), "")


def _shapes(case: Case) -> tuple[Any, ...]:
    return tuple(tuple(a.shape for a in _parts(i)) for i in case.inputs)


def _floating(case: Case) -> list[np.ndarray[Any, Any]]:
    arrays = (a for i in case.inputs for a in _parts(i))
    return [a for a in arrays if a.dtype.name in (*_CHANGES, "float32")]


def _kind(case: Case) -> str:
    arrays = _floating(case)
    if not all(a.size for a in arrays):
        return "empty"
    return "one shape" if len({a.shape for a in arrays}) == 1 else "several shapes"


def _usable(case: Case) -> bool:
    arrays = _floating(case)
    size = sum(a.size for a in arrays)
    return size <= _MOST_ELEMENTS and all(np.isfinite(a).all() for a in arrays)


def _changed(case: Case, positions: list[int], changes: dict[str, str], dtype: str) -> Case:
    inputs = list(case.inputs)
    for i in positions:
        value = inputs[i]
        changed = [_in_dtype(a, changes) for a in _parts(value)]
        inputs[i] = changed if isinstance(value, list) else changed[0]
    attributes = {
        k: changes.get(v, v) if isinstance(v, str) else v for k, v in case.attributes.items()
    }
    return replace(
        case,
        label=f"{case.label}, {f'input {positions[0]} ' if positions[0] else ''}as {dtype}",
        inputs=tuple(inputs),
        attributes=attributes,
        tolerance=None,
        # What a type changes has nothing to do with what is known of shapes.
        modes=("ranked", "constant"),
    )


def _in_dtype(values: np.ndarray[Any, Any], changes: dict[str, str]) -> np.ndarray[Any, Any]:
    dtype = changes.get(values.dtype.name)
    if dtype is None:
        return values
    if dtype.startswith("complex") and values.dtype.kind != "c":
        turned = np.reshape(values.reshape(-1)[::-1], values.shape)
        return np.asarray((values + 0.5j * turned).astype(dtype))
    return values.astype(dtype_of(dtype))
