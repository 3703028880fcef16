"""The entry point of the NumPy backend."""

from __future__ import annotations

import numpy as np

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_numpy.backend import NumpyBackend

    return NumpyBackend(config)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend."""
    return BackendInfo(version=f"numpy {np.__version__}", devices=("CPU:0",))
