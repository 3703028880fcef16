"""The entry point: targets, servers, and the command `python -m evergraph serve`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from evergraph import protos
from evergraph.plugin import errors, hookimpl
from evergraph_grpc.addresses import PREFIXES


@hookimpl
def evergraph_session_target(prefix: str) -> Any:
    """Return what runs the sessions of our targets."""
    if prefix not in PREFIXES:
        return None
    from evergraph.targets import SessionTarget

    return SessionTarget(_connect, _reset)


@hookimpl
def evergraph_server(protocol: str) -> Callable[[protos.ServerDef], Any] | None:
    """Return what makes servers of the protocol `grpc`."""
    return _serve if protocol == "grpc" else None


@hookimpl
def evergraph_commands(commands: Any) -> None:
    """Add the command `serve`."""
    from evergraph_grpc.serve import add_command

    add_command(commands)


def _connect(target: str, graph: Any, config: protos.ConfigProto) -> Any:
    _check_installed()
    from evergraph_grpc.engine import RemoteEngine

    return RemoteEngine(target, graph, config)


def _reset(target: str, containers: Sequence[str], config: protos.ConfigProto) -> None:
    _check_installed()
    from evergraph_grpc.engine import reset

    reset(target, containers, config)


def _serve(server_def: protos.ServerDef) -> Any:
    _check_installed()
    from evergraph_grpc.task import TaskServer

    return TaskServer(server_def)


def _check_installed() -> None:
    if find_spec("grpc") is None:
        raise errors.FailedPreconditionError(
            None,
            None,
            "Targets `grpc://…` need grpcio, which is not installed: pip install evergraph[grpc]",
        )
