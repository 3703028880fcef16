"""The entry point of the backend."""

from __future__ import annotations

from evergraph.plugin import Backend, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_shuffle.backend import ShuffleBackend

    return ShuffleBackend(config)
