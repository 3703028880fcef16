"""What a hook of a monitored session is: what it is told, and what it may answer."""

from __future__ import annotations

from typing import Any, NamedTuple

from evergraph.v1.training.coordinator import Coordinator


class SessionRunArgs(NamedTuple):
    """What a run is asked for, by the program or by a hook.

    Attributes:
      fetches: what is fetched, in any structure; a hook may ask for None.
      feed_dict: values by tensor, or None.
      options: a `RunOptions`, or None.
    """

    fetches: Any
    feed_dict: Any = None
    options: Any = None


class SessionRunValues(NamedTuple):
    """What a hook gets from a run.

    Attributes:
      results: the values of its own fetches, in their structure; None if it had none.
      options: the `RunOptions` of the run.
      run_metadata: the `RunMetadata` of the run.
    """

    results: Any
    options: Any
    run_metadata: Any


class SessionRunContext:
    """One run, as hooks see it.

    Args:
      original_args: the `SessionRunArgs` with what the program asked for.
      session: the `Session` in which it runs.
    """

    def __init__(self, original_args: SessionRunArgs, session: Any) -> None:
        self._original_args = original_args
        self._session = session
        self._stop_requested = False

    @property
    def original_args(self) -> SessionRunArgs:
        """What the program asked for."""
        return self._original_args

    @property
    def session(self) -> Any:
        """The `Session`; what is run there directly runs without hooks."""
        return self._session

    @property
    def stop_requested(self) -> bool:
        """Whether this run is to be the last one."""
        return self._stop_requested

    def request_stop(self) -> None:
        """Let this run be the last one: `should_stop` is true from then on."""
        self._stop_requested = True


class SessionRunHook:
    """Takes part in a monitored session; a subclass defines the methods that it needs.

    They are called in this order: `begin` once; `after_create_session` for every session that is
    made, the first and those that replace a lost one; `before_run` and `after_run` around every
    run; `end`.
    """

    def begin(self) -> None:
        """Called first, with the graph as default graph, which may still grow."""

    def after_create_session(self, session: Any, coord: Coordinator) -> None:
        """Called when a session has been made and initialized.

        Args:
          session: the `Session`.
          coord: the coordinator of the threads that belong to it.
        """

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Called before a run.

        Args:
          run_context: the run.

        Returns:
          What to fetch and feed as well, or None.
        """

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called after a run, unless it failed.

        Args:
          run_context: the run.
          run_values: what `before_run` asked for.
        """

    def end(self, session: Any) -> None:
        """Called last, unless the program ends by an error; the session is still open.

        Args:
          session: the `Session`.
        """
