"""`MonitoredSession`: a session that hooks take part in, and that is made anew when it is lost."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn, Self

from evergraph.errors import OutOfRangeError
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import tf_logging
from evergraph.v1.training.loops.hooked_session import LOST, HookedSession
from evergraph.v1.training.loops.hooks import SessionRunHook
from evergraph.v1.training.loops.scaffold import Scaffold
from evergraph.v1.training.loops.session_creators import ChiefSessionCreator, SessionCreator

#: With these a program leaves its loop as it should: there is no more input.
_ENDS: Final = (OutOfRangeError, StopIteration)

#: The arguments of a function for `run_step_fn`.
_STEP_ARGUMENTS: Final = (["step_context"], ["self", "step_context"])

#: Why a session is lost.
_LOSS: Final = "This may be due to a preemption {} a connected worker or parameter server."


class StepContext:
    """What a function for `run_step_fn` gets.

    Args:
      session: the `Session`.
      run_with_hooks_fn: runs a step with hooks, as `MonitoredSession.run` does.
    """

    def __init__(self, session: Any, run_with_hooks_fn: Callable[..., Any]) -> None:
        self._session = session
        self._run_with_hooks_fn = run_with_hooks_fn

    @property
    def session(self) -> Any:
        """The `Session`; what is run there directly runs without hooks."""
        return self._session

    def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        """Run a step with hooks; the arguments are those of `Session.run`."""
        return self._run_with_hooks_fn(*args, **kwargs)

    def request_stop(self) -> NoReturn:
        """Leave the loop: raise StopIteration, with which the session ends as it should."""
        raise StopIteration("step_fn has requested the iterations to stop.")


class _Monitored:
    """A session with hooks: what both kinds have in common.

    Args:
      creator: makes its sessions.
      hooks: take part in the runs.
      replaces: whether a session that is lost is made anew.
      stop_grace_period_secs: how long threads may take to end.
    """

    StepContext = StepContext

    def __init__(
        self,
        creator: SessionCreator,
        hooks: Iterable[SessionRunHook] | None,
        replaces: bool,
        stop_grace_period_secs: float,
    ) -> None:
        self._hooks = list(hooks or ())
        self._creator = creator
        self._lost = LOST if replaces else ()
        self._stop_grace_period_secs = stop_grace_period_secs
        self._graph = get_default_graph()
        self._finalized_before = self._graph.finalized
        for hook in self._hooks:
            hook.begin()
        self._sess: HookedSession | None = None
        self._sess = self._made()

    @property
    def graph(self) -> Any:
        """The graph of the session; None once it is closed."""
        return None if self._sess is None else self._sess.session.graph

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Run a step with the hooks; the arguments are those of `Session.run`.

        Raises:
          RuntimeError: a hook has requested a stop, or wants to feed what is fed.
          AttributeError: the session is closed.
        """
        return self._carried_out(
            "run", lambda current: current.run(fetches, feed_dict, options, run_metadata)
        )

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """Call a function that may run several things in a step, with hooks and without.

        Args:
          step_fn: a function, or a method, whose argument `step_context` is a `StepContext`. If
            the session is lost meanwhile, it is called again.

        Returns:
          What the function returns.

        Raises:
          ValueError: the function has other arguments.
          AttributeError: the session is closed.
        """
        names = list(inspect.signature(step_fn).parameters)
        if names not in _STEP_ARGUMENTS:
            raise ValueError(
                "`step_fn` may either have one `step_context` argument, or `self` and "
                "`step_context` arguments if it's an instance method. Got "
                f"{tuple(names)} instead."
            )
        # TF: called again, it gets the session that was lost.
        return self._carried_out(
            "run_step_fn", lambda current: step_fn(StepContext(current.session, current.run))
        )

    def should_stop(self) -> bool:
        """Return whether the loop is to be left: a hook wants it, or the session is closed."""
        if self._sess is None:
            return True
        try:
            return self._sess.should_stop()
        except self._lost as error:
            self._replace("while considering whether the session is complete", error)
            return False

    def close(self) -> None:
        """Tell the hooks that this is the end, and close the session.

        Raises:
          RuntimeError: it is closed already.
          Exception: that with which a hook, or a thread, has ended.
        """
        self._close(ended=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: Any, trace: Any) -> bool:
        ended = kind is None or issubclass(kind, _ENDS)
        self._close(ended)
        return ended

    def _is_closed(self) -> bool:
        return self._sess is None

    def _tf_sess(self) -> Any:
        return None if self._sess is None else self._sess.session

    def _close(self, ended: bool) -> None:
        current = self._sess
        if current is None:
            raise RuntimeError("Session is already closed.")
        try:
            if ended:
                current.end()
        finally:
            self._sess = None
            try:
                self._left(current)
            finally:
                if not self._finalized_before:
                    self._graph._unsafe_unfinalize()

    def _carried_out(self, name: str, step: Callable[[HookedSession], Any]) -> Any:
        """Do something in the session; again in another one, if it is lost."""
        while True:
            current = self._sess
            if current is None:
                raise AttributeError(
                    f"'NoneType' object has no attribute '{name}': the session is closed"
                )
            try:
                with current.watched():
                    return step(current)
            except self._lost as error:
                self._replace("", error)

    def _made(self) -> HookedSession:
        """Return a new session; one that is lost while it is made is made again."""
        while True:
            try:
                with self._graph.as_default():
                    return HookedSession(self._creator, self._hooks, self._stop_grace_period_secs)
            except self._lost as error:
                tf_logging.info(
                    "An error was raised while a session was being created. %s A new session will "
                    "be created. Error: %s",
                    _LOSS.format("of"),
                    error,
                )

    def _replace(self, when: str, error: BaseException) -> None:
        """Close a session that is lost, and make another one."""
        tf_logging.info(
            "An error was raised%s. %s The current session will be closed and a new session will "
            "be created. Error: %s",
            f" {when}" if when else "",
            _LOSS.format("in"),
            error,
        )
        current, self._sess = self._sess, None
        if current is not None:
            self._left(current)
        self._sess = self._made()

    def _left(self, current: HookedSession) -> None:
        """Close a session, which may be lost."""
        try:
            current.close()
        except self._lost as error:
            tf_logging.error(
                "An error occurred when attempting to close the session. %s Error: %s",
                _LOSS.format("in"),
                error,
            )


class MonitoredSession(_Monitored):
    """A session in whose runs hooks take part; a context manager.

    A session that is lost (AbortedError, UnavailableError) is closed and made anew, from the last
    checkpoint if there is one, and what was running is run again. OutOfRangeError and
    StopIteration, with which input ends, end the `with` block as it should; other errors go
    through it, and the hooks' `end` is not called. What threads of the session's coordinator end
    with is raised when the session is closed.

    The graph cannot grow until the session is closed.

    Args:
      session_creator: makes the sessions; by default a `ChiefSessionCreator`.
      hooks: `SessionRunHook`s.
      stop_grace_period_secs: how long threads may take to end.
    """

    def __init__(
        self,
        session_creator: SessionCreator | None = None,
        hooks: Iterable[SessionRunHook] | None = None,
        stop_grace_period_secs: float = 120,
    ) -> None:
        creator = ChiefSessionCreator() if session_creator is None else session_creator
        super().__init__(creator, hooks, True, stop_grace_period_secs)


class SingularMonitoredSession(_Monitored):
    """A session in whose runs hooks take part; one that is lost is not made anew.

    Args:
      hooks: `SessionRunHook`s.
      scaffold: the `Scaffold`; by default a new one.
      master: the target of the session.
      config: a `ConfigProto`.
      checkpoint_dir: the folder of the checkpoint, of which the latest is restored.
      stop_grace_period_secs: how long threads may take to end.
      checkpoint_filename_with_path: the prefix of the checkpoint, instead of its folder.
    """

    def __init__(
        self,
        hooks: Iterable[SessionRunHook] | None = None,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: Any = None,
        stop_grace_period_secs: float = 120,
        checkpoint_filename_with_path: Any = None,
    ) -> None:
        creator = ChiefSessionCreator(
            scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path
        )
        super().__init__(creator, hooks, False, stop_grace_period_secs)

    def raw_session(self) -> Any:
        """Return the `Session`; None once it is closed."""
        return self._tf_sess()
