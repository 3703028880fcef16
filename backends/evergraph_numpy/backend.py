"""The NumPy backend: the core's kernels on NumPy, its executor, and a few faster primitives."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from evergraph.plugin import Backend, Device, KernelTable, Namespace, SessionConfig, bind
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
        self.table = kernels()
        self._count = config.device_count("CPU", 1)

    def devices(self) -> Sequence[Device]:
        """Return the logical CPUs: one, or as many as `device_count` asks for."""
        memory = _memory()
        return [Device("CPU", i, memory, "NumPy") for i in range(max(self._count, 1))]

    def to_host(self, value: Any) -> Any:
        """Return the value itself; a scalar for rank 0."""
        return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
