"""Whether values go to the library of a backend, and come back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from evergraph.plugin import Backend, as_dtype


def conversion_faults(backend: Backend) -> list[str]:
    """Return what is wrong with `from_host` and `to_host`: the first fault of each element type."""
    found = []
    for name in sorted(backend.dtypes):
        dtype = as_dtype(name)
        # Strings and handles stay on the host.
        if dtype.is_numpy_compatible and dtype.numpy.kind != "O":
            faults = (_fault(backend, value) for value in _values(dtype.numpy))
            found += [f"{name}: {fault}" for fault in faults if fault][:1]
    return found


def _values(dtype: np.dtype[Any]) -> Iterator[Any]:
    table = np.arange(6).reshape(2, 3).astype(dtype)
    yield from (table[1, 2], table, table.T, table[:0])


def _fault(backend: Backend, value: Any) -> str:
    what = f"an array of shape {value.shape}" if value.shape else "a scalar"
    try:
        got = backend.to_host(backend.from_host(value))
    except Exception as error:  # the library's own, which may be anything
        return f"{what} does not come back: {type(error).__name__}: {error}"
    kind = np.ndarray if value.shape else np.generic
    if not isinstance(got, kind):
        return f"{what} comes back as {type(got).__name__}, not as np.{kind.__name__}"
    if (got.dtype, got.shape) != (value.dtype, value.shape):
        return f"{what} comes back as {got.dtype} of shape {got.shape}"
    return "" if np.array_equal(got, value) else f"{what} comes back with other values"
