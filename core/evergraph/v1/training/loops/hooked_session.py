"""`HookedSession`: one session with its coordinator, in which hooks take part."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any, Final

from evergraph import protos
from evergraph.errors import AbortedError, UnavailableError
from evergraph.graph.collections import GraphKeys
from evergraph.v1.training.coordinator import Coordinator
from evergraph.v1.training.loops.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from evergraph.v1.training.loops.session_creators import SessionCreator
from evergraph.v1.training.queue_runners import start_queue_runners

#: What a session ends with that another one can replace: the server is lost, or was restarted.
LOST: Final = (AbortedError, UnavailableError)

#: How what two hooks ask for becomes the option of the run.
_JOINED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "trace_level": max,
    "timeout_in_ms": max,
    "inter_op_thread_pool": max,
    "output_partition_graphs": operator.or_,
    "report_tensor_allocations_upon_oom": operator.or_,
}


class HookedSession:
    """One session of a `MonitoredSession`, from its making to its end.

    Args:
      creator: makes the session.
      hooks: take part in its runs.
      stop_grace_period_secs: how long threads may take to end.

    Raises:
      Exception: what `creator` or a hook raises.
    """

    def __init__(
        self,
        creator: SessionCreator,
        hooks: Sequence[SessionRunHook],
        stop_grace_period_secs: float,
    ) -> None:
        self._hooks = hooks
        self._stop_grace_period_secs = stop_grace_period_secs
        self._stopped = False
        self._sess: Any = creator.create_session()
        # Nothing is a clean stop: whatever a thread ends with is the program's to know.
        self._coord = Coordinator(clean_stop_exception_types=())
        with ExitStack() as on_error:
            on_error.callback(self._sess.close)
            on_error.callback(self._coord.request_stop)
            if self._sess.graph.get_collection(GraphKeys.QUEUE_RUNNERS):
                with self._sess.graph.as_default():
                    start_queue_runners(self._sess, self._coord)
            for hook in hooks:
                hook.after_create_session(self._sess, self._coord)
            on_error.pop_all()

    @property
    def session(self) -> Any:
        """The `Session`."""
        return self._sess

    def should_stop(self) -> bool:
        """Return whether a hook, or a thread, wants the session to end.

        Raises:
          AbortedError, UnavailableError: a thread has found it lost.
        """
        if self._stopped:
            self._coord.request_stop()
        if not self._coord.should_stop():
            return False
        self._raise_loss()
        return True

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let what runs inside fail with the loss of the session, if a thread has noticed that."""
        try:
            yield
        except LOST:
            raise
        except Exception:  # it goes on, unless it follows from the loss
            self._raise_loss()
            raise

    def _raise_loss(self) -> None:
        """Raise what a thread has ended with if the session is lost; `close` raises the rest."""
        error = self._coord._to_raise
        if isinstance(error, LOST):
            raise error

    def run(
        self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None
    ) -> Any:
        """Run a step with the hooks; the arguments are those of `Session.run`.

        Raises:
          RuntimeError: a hook has requested a stop; or two want to feed the same tensor.
        """
        if self._stopped:
            raise RuntimeError("Run called even after should_stop requested.")
        # TF: hooks are not told the options.
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._sess)
        asked = [_answer(hook, context) for hook in self._hooks]
        feeds = _joined_feeds(feed_dict, [a.feed_dict for a in asked])
        options = _joined_options(options, [a.options for a in asked if a.options is not None])
        if run_metadata is None:
            run_metadata = protos.RunMetadata()
            # A run with metadata is slower.
            filled = run_metadata if options.ByteSize() else None
        else:
            filled = run_metadata
        structures = [fetches, *(a.fetches for a in asked if a.fetches is not None)]
        wanted = [item for structure in structures for item in _items(structure)]
        values = iter(self._sess.run(wanted, feeds, options, filled))
        value = _filled(fetches, values)
        for hook, args in zip(self._hooks, asked, strict=True):
            result = None if args.fetches is None else _filled(args.fetches, values)
            hook.after_run(context, SessionRunValues(result, options, run_metadata))
        self._stopped = self._stopped or context.stop_requested
        return value

    def end(self) -> None:
        """Tell the hooks that this is the end."""
        for hook in self._hooks:
            hook.end(self._sess)

    def close(self) -> None:
        """Wait for the threads, and close the session.

        Raises:
          Exception: that with which a thread has ended.
        """
        self._coord.request_stop()
        try:
            self._coord.join(
                stop_grace_period_secs=self._stop_grace_period_secs, ignore_live_threads=True
            )
        finally:
            self._sess.close()


# A session finds what it has prepared for a flat list of fetches sooner than for a nested one: that
# is a third of a small step.
_FLAT: Final = (list, tuple)


def _items(structure: Any) -> Any:
    return structure if type(structure) in _FLAT else (structure,)


def _filled(structure: Any, values: Iterator[Any]) -> Any:
    """Return a structure with the next values in place of its items."""
    kind = type(structure)
    return kind(islice(values, len(structure))) if kind in _FLAT else next(values)


def _answer(hook: SessionRunHook, context: SessionRunContext) -> SessionRunArgs:
    """Return what a hook asks for.

    Raises:
      AttributeError: it returns anything else.
    """
    answer = hook.before_run(context)
    if answer is None:
        return SessionRunArgs(None)
    if not hasattr(answer, "fetches"):
        raise AttributeError(
            f"'{type(answer).__name__}' object has no attribute 'fetches': before_run of {hook} "
            "must return a SessionRunArgs or None"
        )
    return answer


def _joined_feeds(given: Any, others: Sequence[Any]) -> Any:
    """Return what the program and the hooks feed, together.

    Raises:
      RuntimeError: two feed the same tensor.
    """
    others = [feeds for feeds in others if feeds]
    # What is no dictionary is the session's to refuse.
    if not others or not isinstance(given, Mapping | None):
        return given
    joined: dict[Any, Any] = {}
    for feeds in others:
        _check_apart(joined, feeds, "two hooks")
        joined.update(feeds)
    if given:
        _check_apart(joined, given, "a SessionRunHook and user")
        joined.update(given)
    return joined


def _check_apart(feeds: Any, others: Any, who: str) -> None:
    twice = [key for key in others if key in feeds]
    if twice:
        raise RuntimeError(f"Same tensor is fed by {who}. Conflict(s): {twice}")


def _joined_options(given: Any, others: Sequence[Any]) -> Any:
    """Return the `RunOptions` in which all of these are."""
    joined = protos.RunOptions()
    if given is not None:
        joined.CopyFrom(protos.adopt(given, protos.RunOptions))
    for options in others:
        other = protos.adopt(options, protos.RunOptions)
        for name, join in _JOINED.items():
            setattr(joined, name, join(getattr(joined, name), getattr(other, name)))
        watched = other.debug_options.debug_tensor_watch_opts
        joined.debug_options.debug_tensor_watch_opts.extend(watched)
    return joined
