"""The NumPy backend: the core's kernels on NumPy, its executor, and a few faster primitives."""

from __future__ import annotations

from functools import cache
from importlib import import_module, util
from typing import Any

import numpy as np

from evergraph.plugin import Backend, KernelTable, Namespace, SessionConfig, bind
from evergraph_numpy.kernels import EXT, OVERRIDES


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


class NumpyBackend(Backend):
    """Runs programs on NumPy arrays, on the CPU."""

    name = "numpy"
    host_arrays = True
    features = frozenset({"strings", "value_dependent_shapes"})

    def __init__(self, config: SessionConfig) -> None:
        super().__init__(config)
        self.table = kernels()
        limit_threads(config.proto.intra_op_parallelism_threads)

    def to_host(self, value: Any) -> Any:
        """Return the value itself; a scalar for rank 0."""
        return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
