"""The NumPy backend: the core's kernels on NumPy, its executor, and a few faster primitives."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module, util
from typing import Any, Final

import numpy as np

from evergraph.plugin import (
    Backend,
    KernelTable,
    Namespace,
    SessionConfig,
    affinity,
    bind,
    usable_cpus,
)
from evergraph_numpy.kernels import EXT, OVERRIDES

#: What tells the libraries how many threads to start.
_SAID: Final = {
    "BLIS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
}


@cache
def kernels() -> KernelTable:
    """Return the kernel table, bound once."""
    return bind(Namespace(np, ext=EXT)) | OVERRIDES


def limit_threads(count: int) -> None:
    """Let BLAS use this many threads, in the whole process; 0 leaves it as it is.

    That needs threadpoolctl; without it nothing changes.
    """
    if count > 0 and util.find_spec("threadpoolctl") is not None:
        import_module("threadpoolctl").threadpool_limits(limits=count)


@cache
def respect_quota() -> None:
    """Let BLAS use no more threads than the quota of the process has processors.

    It starts one for each processor that it sees, and under a quota they wait for each other. What
    the environment says counts.
    """
    usable = usable_cpus()
    if usable < affinity() and _SAID.isdisjoint(os.environ):
        limit_threads(usable)


class NumpyBackend(Backend):
    """Runs programs on NumPy arrays, on the CPU."""

    name = "numpy"
    host_arrays = True
    features = frozenset({"strings", "value_dependent_shapes"})

    def __init__(self, config: SessionConfig) -> None:
        super().__init__(config)
        self.table = kernels()
        respect_quota()
        limit_threads(config.proto.intra_op_parallelism_threads)

    def to_host(self, value: Any) -> Any:
        """Return the value itself; a scalar for rank 0."""
        return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
