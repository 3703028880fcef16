"""The per-thread stack of default sessions."""

from __future__ import annotations

from typing import Any

from evergraph.graph.stacks import DefaultStack

sessions: DefaultStack[Any] = DefaultStack()


def get_default_session() -> Any:
    """Return the default session of the calling thread, or None."""
    return sessions.get()
