"""The entry point of the JAX backend. JAX itself is imported when a session asks for it."""

from __future__ import annotations

import os
import sys
from importlib import metadata, util

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl

_REMEDY = 'pip install "evergraph[jax]"'


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    _apply(config)
    from evergraph_jax.backend import JaxBackend

    return JaxBackend(config)


def _apply(config: SessionConfig) -> None:
    """Set what JAX reads when it starts; later it is too late."""
    if "jax" in sys.modules:
        return
    options = config.proto.gpu_options
    if options.allow_growth:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if options.per_process_gpu_memory_fraction:
        fraction = str(options.per_process_gpu_memory_fraction)
        os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", fraction)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend, without importing JAX."""
    if util.find_spec("jax") is None:
        return BackendInfo(available=False, reason="jax is not installed", remedy=_REMEDY)
    return BackendInfo(version=f"jax {metadata.version('jax')}", remedy=_REMEDY)
