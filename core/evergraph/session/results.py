"""Results: from a step's values to arrays that belong to the caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evergraph.dtypes import DType, variant
from evergraph.errors import InternalError
from evergraph.graph.tensor import Tensor

#: From a step's value, and the values fed, to the caller's own.
Release = Callable[[Any, Sequence[Any]], Any]


def release(value: Any, fed: Sequence[Any]) -> Any:
    """Return a NumPy value as the caller's own: writable, and sharing memory with nothing.

    Rank 0 gives a NumPy scalar. An array is copied if it is a view, a constant, or was fed.
    """
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return value[()]
        if value.base is not None or not value.flags.writeable or any(value is f for f in fed):
            return np.array(value, order="C")
    return value


def releaser(dtype: DType, to_host: Callable[[Any], Any] | None) -> Release:
    """Return the function that releases values of a type.

    Args:
      dtype: the type of the fetched tensor.
      to_host: from the backend's array to NumPy's, which may share memory; None if there is none.
    """
    if dtype.is_quantized:
        named = dtype.as_numpy_dtype
        host = to_host or (lambda value: value)
        return lambda value, fed: np.array(host(value)).view(named)[()]
    if to_host is None:
        return release

    def fetch(value: Any, fed: Sequence[Any]) -> Any:
        if isinstance(value, np.generic | bytes):
            return value
        if not isinstance(value, np.ndarray):
            value = to_host(value)
        return release(value, fed)

    return fetch


def check_convertible(tensor: Tensor) -> None:
    """Raise InternalError for a tensor whose value is nothing that NumPy has."""
    if tensor._dtype.base_dtype is variant:
        raise InternalError(None, tensor._op, "Tensorflow type 21 not convertible to numpy dtype.")


def unshared(values: list[Any]) -> list[Any]:
    """Return values of which no two are the same array."""
    seen: set[int] = set()
    for i, value in enumerate(values):
        if isinstance(value, np.ndarray):
            if id(value) in seen:
                values[i] = value.copy()
            seen.add(id(value))
    return values
