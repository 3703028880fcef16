"""The entry point of the JAX backend. JAX itself is imported when a session asks for it."""

from __future__ import annotations

from importlib import metadata, util

from evergraph.plugin import Backend, BackendInfo, SessionConfig, hookimpl

_REMEDY = 'pip install "evergraph[jax]"'


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_jax.backend import JaxBackend

    return JaxBackend(config)


@hookimpl
def evergraph_backend_info() -> BackendInfo:
    """Describe the backend, without importing JAX."""
    if util.find_spec("jax") is None:
        return BackendInfo(available=False, reason="jax is not installed", remedy=_REMEDY)
    return BackendInfo(version=f"jax {metadata.version('jax')}", remedy=_REMEDY)
