"""The hooks that plugins implement, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pluggy

from evergraph import protos
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


@dataclass(frozen=True)
class SessionTarget:
    """What runs the sessions of targets of one prefix.

    Attributes:
      connect: makes the engine of a session from the target, the graph and the `ConfigProto`; it
        has the methods of `evergraph.targets.SessionEngine`.
      reset: empties containers of a target, given by name (all, if none is), and ends its
        sessions; called with the target, the names and a `ConfigProto`. None where nothing
        outlives the sessions of this process.
    """

    connect: Callable[[str, Any, protos.ConfigProto], Any]
    reset: Callable[[str, Sequence[str], protos.ConfigProto], None] | None = None


@hookspec(firstresult=True)
def evergraph_session_target(prefix: str) -> SessionTarget | None:
    """Return what runs the sessions of targets `PREFIX://…`, or None."""


@hookspec(firstresult=True)
def evergraph_server(protocol: str) -> Callable[[protos.ServerDef], Any] | None:
    """Return what makes the servers of a protocol (`grpc`), or None.

    It is called with a `ServerDef`, whose job and task the cluster has, and returns an object with
    `target`, `start()` and `join()`, as `tf.train.Server` has them.
    """


@hookspec
def evergraph_commands(commands: Any) -> None:
    """Add commands to `python -m evergraph`.

    Args:
      commands: what `ArgumentParser.add_subparsers` gives. A command sets the default `run`: a
        function of the parsed options that returns the exit status.
    """


@hookspec
def evergraph_step_observer() -> StepObserver | None:
    """Return an observer that is told about every node of every step, or None."""
