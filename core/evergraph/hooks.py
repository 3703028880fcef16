"""The hooks that plugins implement, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from evergraph.op import Registry
from evergraph.runtime.backend import Backend, SessionConfig
from evergraph.runtime.monitor import StepObserver

hookspec = pluggy.HookspecMarker("evergraph")


@dataclass(frozen=True)
class BackendInfo:
    """What can be said about a backend without starting it.

    Attributes:
      version: of the library that computes.
      available: whether it can start here.
      reason: why it cannot.
      remedy: the command that mends it.
      devices: what is known of its devices without starting it.
    """

    version: str = ""
    available: bool = True
    reason: str = ""
    remedy: str = ""
    devices: Sequence[str] = ()


@hookspec(firstresult=True)
def evergraph_backend(config: SessionConfig) -> Backend:  # type: ignore[empty-body]  # a declaration
    """Return the backend for a session. Heavy libraries are imported here, not before.

    Raises:
      Any exception: the backend cannot start; the user sees it as a FailedPreconditionError.
    """


@hookspec(firstresult=True)
def evergraph_backend_info() -> BackendInfo:  # type: ignore[empty-body]  # a declaration
    """Say what is known of the backend, without importing its library."""


@hookspec
def evergraph_register_ops(registry: Registry) -> None:
    """Define ops of the plugin's own: `registry.define(...)`."""


@hookspec(firstresult=True)
def evergraph_session_target(prefix: str) -> Callable[..., Any] | None:
    """Return what makes the engines of sessions of targets `PREFIX://…`, or None.

    It is called with the target, the graph and the session's `ConfigProto`, and returns an object
    with the methods and attributes of `evergraph.session.engine.Engine`.
    """


@hookspec
def evergraph_step_observer() -> StepObserver | None:
    """Return an observer that is told about every node of every step, or None."""
