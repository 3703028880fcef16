"""The entry point of the backend, which is whole until a fault is planted."""

from __future__ import annotations

from evergraph.plugin import Backend, SessionConfig, hookimpl


@hookimpl
def evergraph_backend(config: SessionConfig) -> Backend:
    """Create the backend."""
    from evergraph_broken.planting import BrokenBackend

    return BrokenBackend(config)
