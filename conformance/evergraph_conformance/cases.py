"""Golden op cases: one op, its inputs and attributes; TensorFlow's answer is recorded beside them.

This module imports nothing but NumPy and ml_dtypes, so that the recorder can use it where
TensorFlow is installed and evergraph is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import ml_dtypes
import numpy as np

#: The families of cases: a module of `evergraph_conformance.ops` each, with a list `CASES`.
FAMILIES = (
    "arithmetic",
    "comparison",
    "math",
    "reduction",
    "array",
    "indexing",
    "joining",
    "shaping",
    "linear",
    "convolution",
    "pooling",
    "activation",
    "normalization",
    "resize",
    "flow",
)

#: How the inputs of a case are given: through placeholders of unknown shape, through placeholders
#: (the first of known rank, the others of known shape), or as constants.
MODES = ("fed", "ranked", "constant")
#: For cases where TensorFlow's static shape is wrong, or where it refuses, when the graph is built,
#: the length of a value that it does not know yet; evergraph refuses that when the node runs.
UNRANKED = ("fed", "constant")


@dataclass(frozen=True)
class Case:
    """One op on given inputs.

    Attributes:
      op: the op type.
      label: what the case is about; unique among the op's cases.
      inputs: an array per input of the op, or a list of arrays for a list input.
      attributes: attributes of the op that do not follow from the inputs; types by name.
      tolerance: (rtol, atol_rel, atol) instead of the default of the output's dtype.
      modes: how the inputs are given; see `MODES`.
    """

    op: str
    label: str
    inputs: tuple[Any, ...]
    attributes: dict[str, Any]
    tolerance: tuple[float, float, float] | None = None
    modes: tuple[str, ...] = MODES

    @property
    def id(self) -> str:
        """The name of the case, by which its golden values are found."""
        return f"{self.op}: {self.label}"


def case(
    op: str,
    label: str,
    *inputs: Any,
    tolerance: tuple[float, float, float] | None = None,
    modes: tuple[str, ...] = MODES,
    **attributes: Any,
) -> Case:
    """Return a case; inputs that are not arrays become int32, float32, bool or string arrays."""
    return Case(op, label, tuple(_as_input(i) for i in inputs), attributes, tolerance, modes)


def _as_input(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], np.ndarray):
        return value
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    array = np.asarray(value)
    if array.dtype.kind in "SU":
        return np.array(value, dtype=object)
    narrow = {"int64": np.int32, "float64": np.float32}.get(array.dtype.name)
    return array if narrow is None else array.astype(narrow)


def placeholder_shape(value: np.ndarray[Any, Any], mode: str, first: bool) -> Any:
    """Return the static shape of the placeholder that a value is fed through in that mode."""
    if mode == "fed":
        return None
    return [None] * value.ndim if first else value.shape


def dtype_of(name: str) -> np.dtype[Any]:
    """Return the NumPy dtype of a name, ml_dtypes' included."""
    return np.dtype(getattr(ml_dtypes, name, None) or name)


def array(values: Any, dtype: str = "float32") -> np.ndarray[Any, Any]:
    """Return an array of the named dtype."""
    return np.asarray(values).astype(dtype_of(dtype))


def ramp(shape: tuple[int, ...], dtype: str = "float32", start: int = 0) -> np.ndarray[Any, Any]:
    """Return start, start + 1, … in that shape."""
    count = int(np.prod(shape, dtype=np.int64))
    return np.arange(start, start + count).reshape(shape).astype(dtype_of(dtype))


def spread(
    shape: tuple[int, ...],
    dtype: str = "float32",
    low: float = -2.0,
    high: float = 2.0,
    seed: int = 0,
) -> np.ndarray[Any, Any]:
    """Return well-spread values in [low, high), the same on every machine and NumPy."""
    count = int(np.prod(shape, dtype=np.int64))
    bits = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(7919 * seed)) * np.uint64(
        2654435761
    )
    bits = (bits ^ (bits >> np.uint64(15))) * np.uint64(2246822519)
    unit = ((bits >> np.uint64(13)) & np.uint64(0xFFFFFF)).astype(np.float64) / float(1 << 24)
    values = low + (high - low) * unit
    if dtype_of(dtype).kind in "iu":
        values = np.floor(values)
    return values.reshape(shape).astype(dtype_of(dtype))


def family_cases(family: str) -> list[Case]:
    """Return the cases of a family.

    Raises:
      ValueError: two of them have the same name.
    """
    cases: list[Case] = import_module(f"evergraph_conformance.ops.{family}").CASES
    seen: set[str] = set()
    for one in cases:
        if one.id in seen:
            raise ValueError(f"two cases are named {one.id!r}")
        seen.add(one.id)
    return cases
