"""`basic_train_loop`: a loop under a `Supervisor`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from evergraph.errors import AbortedError
from evergraph.v1.training.loops.supervisor import Supervisor


def basic_train_loop(
    supervisor: Supervisor,
    train_step_fn: Callable[..., Any],
    args: Iterable[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    master: str = "",
) -> None:
    """Call a function over and over, until the supervisor is asked to stop.

    After an AbortedError it goes on in a new session.

    Args:
      supervisor: makes the sessions.
      train_step_fn: the function; its first argument is the session.
      args, kwargs: its further arguments.
      master: the target of the sessions.

    Raises:
      Exception: what the function raises.
    """
    more, named = tuple(args or ()), dict(kwargs or {})
    while True:
        try:
            with supervisor.managed_session(master) as session:
                while not supervisor.should_stop():
                    train_step_fn(session, *more, **named)
            return
        except AbortedError:
            continue
