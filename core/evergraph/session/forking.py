"""What happens to sessions when the process forks.

Locks are taken before and released after, so that no child inherits one that nobody will release.
A backend whose threads do not live on in a child (`Backend.survives_fork`) is of no use there: its
sessions say so, instead of waiting for ever.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Protocol

from evergraph.errors import FailedPreconditionError
from evergraph.runtime.backend import Backend


class Forked(Protocol):
    """What takes part in a fork."""

    def locks(self) -> list[Any]:
        """Return the locks that must be free in the child, in the order in which they nest."""
        ...

    def after_fork(self) -> None:
        """Go on in the child."""


_members: Final[weakref.WeakSet[Any]] = weakref.WeakSet()
#: Names of backends that were started here, or in the process that this one was forked from.
_started: Final[set[str]] = set()
_lost: Final[set[str]] = set()
_held = ExitStack()


def take_part(member: Forked) -> None:
    """Let an object take part in all forks to come, as long as it lives."""
    _members.add(member)


def check_started(backend: Backend) -> None:
    """Note that a backend has been started.

    Raises:
      FailedPreconditionError: the process was forked after the backend was started, which the
        backend does not survive.
    """
    if backend.survives_fork:
        return
    check_alive(backend)
    _started.add(backend.name)


def check_alive(backend: Backend) -> None:
    """Raise FailedPreconditionError if a fork has left the backend without its threads."""
    if backend.name in _lost:
        raise FailedPreconditionError(
            None,
            None,
            f"The process was forked after backend '{backend.name}' was started, and the "
            "backend's threads do not exist in the child. Start processes by "
            "multiprocessing.get_context('spawn'), or fork before the first session.",
        )


def _before() -> None:
    global _held
    _held = ExitStack()
    for member in list(_members):
        for lock in member.locks():
            _held.enter_context(lock)


def _after() -> None:
    _held.close()


def _after_in_child() -> None:
    _after()
    _lost.update(_started)
    for member in list(_members):
        member.after_fork()


_register: Callable[..., None] | None = getattr(os, "register_at_fork", None)
if _register is not None:
    _register(before=_before, after_in_parent=_after, after_in_child=_after_in_child)
