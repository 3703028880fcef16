"""The backend: a kernel table, the types it computes with, and two conversions."""

from typing import Any

import array_api_strict as xp
import numpy as np

from evergraph.plugin import HOST_ONLY, Backend, DType, Namespace, bind

NAMES = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
NAMES |= {"float32", "float64", "complex64", "complex128"}


def _dtype(dtype: DType) -> Any:
    return getattr(xp, dtype.name)


def _bitcast(_: Namespace, x: Any, dtype: Any) -> Any:
    """The one primitive that the standard alone cannot do: the bits, by way of NumPy."""
    return xp.asarray(np.asarray(x).view(dtype._np_dtype))


class StrictBackend(Backend):
    """Runs every kernel of the core, as it is, on array_api_strict."""

    name = "strict"
    api_version = (1, 0)
    dtypes = frozenset(NAMES)
    table = bind(Namespace(xp, ext={"bitcast": _bitcast}, dtype=_dtype)).without(*HOST_ONLY)

    def to_host(self, value: Any) -> Any:
        """Return an array as NumPy's."""
        return np.asarray(value)[()]

    def from_host(self, value: Any) -> Any:
        """Return a NumPy value as an array of the library."""
        return xp.asarray(value)
