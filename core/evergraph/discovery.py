"""Finding backends and plugins: entry points by name, loaded only when they are asked for."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from typing import Any, Final

import pluggy

from evergraph import hooks, protos
from evergraph.errors import BackendNotFoundError, FailedPreconditionError, OpError
from evergraph.hooks import BackendInfo, SessionTarget
from evergraph.op import registry
from evergraph.runtime.backend import API_VERSION, Backend, SessionConfig, faults_of

BACKENDS: Final = "evergraph.backends"
PLUGINS: Final = "evergraph.plugins"


@dataclass(frozen=True)
class Found:
    """An entry point: its name, and the distribution that offers it."""

    name: str
    distribution: str
    entry_point: metadata.EntryPoint


@cache
def _entry_points(group: str) -> dict[str, list[Found]]:
    found: dict[str, list[Found]] = {}
    for entry in metadata.entry_points(group=group):
        dist = entry.dist
        name = f"{dist.name} {dist.version}" if dist is not None else "an unknown distribution"
        offers = found.setdefault(entry.name, [])
        # A distribution may be seen twice (an editable install and its folder on the path).
        if all(f.distribution != name for f in offers):
            offers.append(Found(entry.name, name, entry))
    return found


def forget() -> None:
    """Forget what was found, so that newly installed distributions are seen."""
    _entry_points.cache_clear()
    _hooks_of.cache_clear()
    _plugins.cache_clear()


def _allowed(name: str) -> bool:
    """Whether EVERGRAPH_PLUGINS (names separated by commas; empty for none) lets a plugin load."""
    limit = os.environ.get("EVERGRAPH_PLUGINS")
    return limit is None or name in {part.strip() for part in limit.split(",")}


def backend_names() -> list[str]:
    """Return the names of all installed backends, sorted."""
    return sorted(_entry_points(BACKENDS))


def _find(name: str) -> Found:
    offers = _entry_points(BACKENDS).get(name)
    if not offers:
        known = backend_names()
        close = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise BackendNotFoundError(
            None, None, f"no backend {name!r}; installed: {', '.join(known) or 'none'}.{hint}"
        )
    if len(offers) > 1:
        names = " and ".join(f.distribution for f in offers)
        raise FailedPreconditionError(
            None,
            None,
            f"backend {name!r} is offered by {names}: uninstall all but one of them (pip uninstall)",  # noqa: E501
        )
    if name != "numpy" and not _allowed(name):
        raise FailedPreconditionError(
            None,
            None,
            f"backend {name!r} ({offers[0].distribution}) may not load: EVERGRAPH_PLUGINS="
            f"{os.environ.get('EVERGRAPH_PLUGINS')!r} does not name it",
        )
    return offers[0]


@cache
def _hooks_of(found: Found) -> Any:
    """Import a backend's plugin module and return its hooks."""
    manager = _manager()
    _register(manager, found)
    return manager.hook


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager("evergraph")
    manager.add_hookspecs(hooks)
    return manager


def _register(manager: pluggy.PluginManager, found: Found) -> None:
    try:
        module = found.entry_point.load()
        written_for = getattr(module, "evergraph_api_version", API_VERSION)
        manager.register(module, name=found.name)
        manager.check_pending()
    except Exception as error:
        raise FailedPreconditionError(
            None,
            None,
            f"plugin {found.name!r} of {found.distribution} ({found.entry_point.value}) does not "
            f"load: {type(error).__name__}: {error}. Reinstall or uninstall that distribution, or "
            "leave it out with EVERGRAPH_PLUGINS.",
        ) from error
    _check_version("plugin", written_for, found)


def create_backend(name: str, config: SessionConfig) -> Backend:
    """Create a backend for a session.

    Raises:
      BackendNotFoundError: no installed distribution offers it.
      FailedPreconditionError: it cannot start, is offered twice, does not fit the contract, or was
        written for another version of it.
    """
    found = _find(name)
    hook = _hooks_of(found)
    try:
        backend = hook.evergraph_backend(config=config)
    except OpError:
        raise
    except Exception as error:
        info = _info(found)
        mend = f" To mend it: {info.remedy}" if info.remedy else ""
        raise FailedPreconditionError(
            None,
            None,
            f"backend {name!r} of {found.distribution} cannot start: "
            f"{type(error).__name__}: {error}.{mend}",
        ) from error
    if not isinstance(backend, Backend):
        raise FailedPreconditionError(
            None,
            None,
            f"backend {name!r} of {found.distribution}: its hook evergraph_backend gave "
            f"{type(backend).__name__}, not an evergraph.plugin.Backend",
        )
    faults = faults_of(backend)
    if faults:
        raise FailedPreconditionError(
            None,
            None,
            f"backend {name!r} of {found.distribution} does not fit the contract: "
            f"{'; '.join(faults)}",
        )
    _check_version("backend", backend.api_version, found)
    return backend


def _check_version(what: str, written_for: tuple[int, int], found: Found) -> None:
    major, minor = written_for
    if major != API_VERSION[0] or minor > API_VERSION[1]:
        ours = ".".join(map(str, API_VERSION))
        newer = (major, minor) > API_VERSION
        package = "evergraph" if newer else found.distribution.split()[0]
        raise FailedPreconditionError(
            None,
            None,
            f"{what} {found.name!r} of {found.distribution} was written for version "
            f"{major}.{minor} of the {what} contract, and this evergraph has {ours}: "
            f"pip install --upgrade {package}",
        )


def _info(found: Found) -> BackendInfo:
    """Return what a backend says of itself; whatever goes wrong makes it unavailable."""
    try:
        info = _hooks_of(found).evergraph_backend_info()
    except Exception as error:  # a listing must not fail for one bad plugin
        return BackendInfo(available=False, reason=str(error))
    return BackendInfo() if info is None else info


@dataclass(frozen=True)
class Listing:
    """An installed backend, for a person.

    Attributes:
      name: for `ConfigProto(backend=…)`.
      distribution: what offers it.
      info: what it says of itself.
    """

    name: str
    distribution: str
    info: BackendInfo


def backends() -> list[Listing]:
    """List the installed backends, without starting any."""
    listed = []
    for name in backend_names():
        try:
            found = _find(name)
        except OpError as error:
            reason = BackendInfo(available=False, reason=error.message)
            offers = _entry_points(BACKENDS)[name]
            listed.append(Listing(name, ", ".join(f.distribution for f in offers), reason))
            continue
        listed.append(Listing(name, found.distribution, _info(found)))
    return listed


def started(listing: Listing) -> Listing:
    """Start a backend to learn its devices; one that cannot start becomes unavailable."""
    if not listing.info.available:
        return listing
    try:
        backend = create_backend(listing.name, SessionConfig())
        devices = [f"{d.type}:{d.index} {d.description}".strip() for d in backend.devices()]
    except Exception as error:  # shown to the user as the reason
        return replace(listing, info=replace(listing.info, available=False, reason=str(error)))
    return replace(listing, info=replace(listing.info, devices=devices))


@cache
def _plugins() -> pluggy.PluginManager:
    manager = _manager()
    for name, offers in sorted(_entry_points(PLUGINS).items()):
        if _allowed(name):
            for found in offers:
                _register(manager, found)
    return manager


def register_ops() -> None:
    """Let every plugin define its ops, once."""
    _plugins().hook.evergraph_register_ops(registry=registry())


def session_target(target: str) -> SessionTarget | None:
    """Return what a plugin runs the sessions of a target `PREFIX://…` with, or None."""
    prefix, mark, _ = target.partition("://")
    if not mark:
        return None
    found: SessionTarget | None = _plugins().hook.evergraph_session_target(prefix=prefix)
    return found


def server_factory(protocol: str) -> Callable[[protos.ServerDef], Any] | None:
    """Return what a plugin makes the servers of a protocol with, or None."""
    found: Callable[..., Any] | None = _plugins().hook.evergraph_server(protocol=protocol)
    return found


def server_factories() -> list[str]:
    """Return the names of the plugins that offer servers."""
    return _implementing("evergraph_server")


def _implementing(hook: str) -> list[str]:
    caller = getattr(_plugins().hook, hook)
    return sorted(implementation.plugin_name for implementation in caller.get_hookimpls())


def add_commands(commands: Any) -> None:
    """Let every plugin, and every backend that loads, add its commands to `python -m evergraph`."""
    _plugins().hook.evergraph_commands(commands=commands)
    for name in backend_names():
        try:
            hook = _hooks_of(_find(name))
        except OpError:
            # `python -m evergraph backends` says why.
            continue
        hook.evergraph_commands(commands=commands)


def target_plugins() -> list[str]:
    """Return the names of the plugins that offer targets, sorted."""
    return _implementing("evergraph_session_target")


def step_observers() -> Sequence[Any]:
    """Return the observers that plugins offer now."""
    return [o for o in _plugins().hook.evergraph_step_observer() if o is not None]
