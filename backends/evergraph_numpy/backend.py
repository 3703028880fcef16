"""The NumPy backend: the core's kernels on NumPy, its executor, and a few faster primitives."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from evergraph.plugin import Backend, KernelTable, Namespace, SessionConfig, bind
from evergraph_numpy.kernels import EXT, OVERRIDES


@cache
def kernels() -> KernelTable:
    """Return the kernel table, bound once."""
    return bind(Namespace(np, ext=EXT)) | OVERRIDES


class NumpyBackend(Backend):
    """Runs programs on NumPy arrays, on the CPU."""

    name = "numpy"
    host_arrays = True
    features = frozenset({"strings", "value_dependent_shapes"})

    def __init__(self, config: SessionConfig) -> None:
        super().__init__(config)
        self.table = kernels()

    def to_host(self, value: Any) -> Any:
        """Return the value itself; a scalar for rank 0."""
        return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
