"""`Session` and `InteractiveSession`: how a session becomes the default one, and ends."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from evergraph import protos
from evergraph.graph import stacks
from evergraph.graph.graph import Graph
from evergraph.session.arguments import (
    check_containers,
    checked_config,
    checked_target,
    found_target,
)
from evergraph.session.base import BaseSession, open_sessions
from evergraph.session.defaults import sessions


class Session(BaseSession):
    """A session for a `with` block, which makes it and its graph the default, and closes it.

    Args:
      target, graph, config: as for `BaseSession`.
    """

    _contexts: ExitStack | None = None

    @staticmethod
    def reset(target: str, containers: Any = None, config: Any = None) -> None:
        """Close the open sessions of a target, and forget what they have left there.

        What a session of this process runs next is a CancelledError, what one of another target
        does, is the error of that target: an AbortedError.

        Args:
          target: the engine; empty for this process.
          containers: names of the containers of a server that are emptied; by default all. TF: in
            this process the sessions are closed whatever is named, and what they hold ends with
            them.
          config: a `ConfigProto`.

        Raises:
          TypeError: an argument is not of its type.
          NotFoundError: no plugin offers the target.
        """
        wanted = checked_target(target)
        check_containers(containers)
        checked = checked_config(config)
        found = found_target(wanted, checked) if wanted else None
        if found is not None and found.reset is not None:
            names = () if containers is None else containers
            found.reset(
                wanted, [n if isinstance(n, str) else bytes(n).decode() for n in names], checked
            )
            return
        for session in [s for s in open_sessions if s._target == wanted]:
            # An interactive session stays the default where it is; it runs nothing any more.
            BaseSession.close(session)
            session._reset = True

    def __enter__(self) -> Self:
        if self._contexts is not None:
            raise RuntimeError(
                "Session context managers are not re-entrant. Use `Session.as_default()` if you "
                "want to enter a session multiple times."
            )
        contexts = ExitStack()
        contexts.enter_context(self._graph.as_default())
        contexts.enter_context(self.as_default())
        self._contexts = contexts
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        contexts, self._contexts = self._contexts, None
        try:
            if contexts is not None:
                contexts.__exit__(kind, error, trace)
        finally:
            self.close()


class InteractiveSession(BaseSession):
    """A session that installs itself as the default when it is created.

    Args:
      target, graph, config: as for `Session`.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if config is None:
            config = protos.ConfigProto()
            config.gpu_options.allow_growth = True
        super().__init__(target, graph, config)
        self._installed = ExitStack()
        if graph is not None:
            self._installed.enter_context(
                stacks.graphs.controlled(self._graph, enforce_nesting=False)
            )
        self._installed.enter_context(sessions.controlled(self, enforce_nesting=False))

    def close(self) -> None:
        """Close the session, and take it from the stack of default sessions."""
        super().close()
        self._installed.close()
