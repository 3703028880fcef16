"""The entry point of the plugin: the target `loopback://`."""

from __future__ import annotations

from evergraph.plugin import hookimpl
from evergraph.targets import SessionTarget


@hookimpl
def evergraph_session_target(prefix: str) -> SessionTarget | None:
    """Return what runs sessions, for our own prefix."""
    if prefix != "loopback":
        return None
    from evergraph_loopback.engine import LoopbackEngine

    return SessionTarget(LoopbackEngine)
