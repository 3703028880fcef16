"""evergraph: TensorFlow-1 graph programs on any array backend.

The native face: `Graph`, `Session`, `ConfigProto`, `backends()` and `load()`. `evergraph.v1` is
the namespace that TensorFlow-1 programs import as `tf`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evergraph import errors as errors
    from evergraph.discovery import backends as backends
    from evergraph.graph.graph import Graph as Graph
    from evergraph.model import Model as Model
    from evergraph.model import load as load
    from evergraph.protos import ConfigProto as ConfigProto
    from evergraph.pure import pure_program as pure_program
    from evergraph.session.losses import EvergraphFeedWarning as EvergraphFeedWarning
    from evergraph.session.session import Session as Session

__version__ = "0.1.0"

# Public names, and where they are; nothing is imported before it is asked for.
_PUBLIC = {
    "ConfigProto": "evergraph.protos",
    "EvergraphFeedWarning": "evergraph.session.losses",
    "Graph": "evergraph.graph.graph",
    "Model": "evergraph.model",
    "Session": "evergraph.session.session",
    "backends": "evergraph.discovery",
    "load": "evergraph.model",
    "pure_program": "evergraph.pure",
}

__all__ = [
    "ConfigProto",
    "EvergraphFeedWarning",
    "Graph",
    "Model",
    "Session",
    "backends",
    "errors",
    "load",
    "pure_program",
]


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("evergraph.errors")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'evergraph' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*_PUBLIC, "errors", "__version__"])
