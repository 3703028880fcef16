"""The entry point of the plugin: the target `loopback://`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph.plugin import hookimpl


@hookimpl
def evergraph_session_target(prefix: str) -> Callable[..., Any] | None:
    """Return what makes the engines, for our own prefix."""
    if prefix != "loopback":
        return None
    from evergraph_loopback.engine import LoopbackEngine

    return LoopbackEngine
