"""`Coordinator`: threads that stop together, and the exception that made them stop."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from evergraph.errors import OutOfRangeError
from evergraph.v1 import tf_logging

#: How long `join` waits for a thread before it looks whether a stop was requested.
_POLL_SECONDS: Final = 0.05


class Coordinator:
    """Coordinates threads: any of them asks all to stop, and `join` raises what went wrong.

    A thread looks at `should_stop` from time to time, and ends when it is true.

    Args:
      clean_stop_exception_types: exceptions with which a thread ends as it should; by default
        `OutOfRangeError`, the end of what queues have.
    """

    def __init__(self, clean_stop_exception_types: Any = None) -> None:
        if clean_stop_exception_types is None:
            clean_stop_exception_types = (OutOfRangeError,)
        self._clean_stop_exception_types = tuple(clean_stop_exception_types)
        self._lock = threading.Lock()
        self._stop_event = threading.Event()
        self._to_raise: BaseException | None = None
        self._joined = False
        # In the order in which they came.
        self._registered_threads: dict[threading.Thread, None] = {}

    def request_stop(self, ex: Any = None) -> None:
        """Ask all threads to stop.

        Args:
          ex: the exception that is the reason, or what `sys.exc_info()` returns. The first one is
            raised by `join`; after `join`, by this call.
        """
        with self._lock:
            error = None if ex is None else _exception(ex)
            if isinstance(error, self._clean_stop_exception_types):
                error = None
            if self._joined and error is not None:
                raise error
            if not self._stop_event.is_set():
                if self._to_raise is None and error is not None:
                    self._to_raise = error
                    tf_logging.info("Error reported to Coordinator: %s, %s", type(error), error)
                self._stop_event.set()

    def clear_stop(self) -> None:
        """Forget that a stop was requested, and why."""
        with self._lock:
            self._joined = False
            self._to_raise = None
            self._stop_event.clear()

    def should_stop(self) -> bool:
        """Return whether a stop was requested."""
        return self._stop_event.is_set()

    @contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """Request a stop if what runs inside raises; the exception goes no further."""
        try:
            yield
        except BaseException as error:  # whatever ends a thread is for the others to know
            self.request_stop(error)

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Wait until a stop is requested.

        Args:
          timeout: how many seconds at most; None for ever.

        Returns:
          Whether a stop was requested.
        """
        return self._stop_event.wait(timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """Let `join` wait for a thread."""
        with self._lock:
            self._registered_threads[thread] = None

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Wait until all threads have ended.

        Args:
          threads: threads beside the registered ones.
          stop_grace_period_secs: how long they may take once a stop is requested.
          ignore_live_threads: whether one that takes longer is left alone.

        Raises:
          RuntimeError: a thread took longer.
          Exception: the reason for which a stop was requested.
        """
        with self._lock:
            awaited = list(self._registered_threads | dict.fromkeys(threads or ()))
        for thread in awaited:
            while thread.is_alive() and not self.should_stop():
                thread.join(_POLL_SECONDS)
        end = time.monotonic() + stop_grace_period_secs
        for thread in awaited:
            if thread.is_alive():
                thread.join(max(end - time.monotonic(), 0.001))
        late = [t.name for t in awaited if t.is_alive()]
        with self._lock:
            self._joined = True
            self._registered_threads = {}
            if self._to_raise is not None:
                raise self._to_raise
            if late:
                message = f"Coordinator stopped with threads still running: {' '.join(late)}"
                if not ignore_live_threads:
                    raise RuntimeError(message)
                tf_logging.info(message)

    @property
    def joined(self) -> bool:
        """Whether `join` has been called since the last `clear_stop`."""
        return self._joined

    def raise_requested_exception(self) -> None:
        """Raise the reason for which a stop was requested, if there is one."""
        with self._lock:
            if self._to_raise is not None:
                raise self._to_raise


def _exception(ex: Any) -> BaseException:
    """Return the exception that `request_stop` was told."""
    found = ex
    if isinstance(ex, tuple):
        found = ex[1] if len(ex) == 3 and ex[0] else None
    elif not isinstance(ex, BaseException):
        found = sys.exc_info()[1]
    if isinstance(found, BaseException):
        return found
    # TF: so for every exception that is not being handled, and with an error in formatting it.
    return ValueError(
        f"ex must be a tuple or sys.exc_info must return the current exception: {ex!r}"
    )


class LooperThread(threading.Thread):
    """A thread that runs something over and over, until its coordinator is asked to stop.

    What is run is `target`, or the method `run_loop` of a subclass. If it raises, the coordinator
    is told.

    Args:
      coord: the coordinator; the thread is registered there.
      timer_interval_secs: the time from one call to the next; None for no pause.
      target: a function.
      args, kwargs: its arguments.

    Raises:
      ValueError: `coord` is no coordinator, or there are arguments but no function.
    """

    def __init__(
        self,
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any] | None = None,
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        if target is None and (args or kwargs):
            raise ValueError("'args' and 'kwargs' argument require that you also pass 'target'")
        super().__init__(daemon=True)
        self._coord = coord
        self._timer_interval_secs = timer_interval_secs
        self._call = (target, tuple(args or ()), dict(kwargs or {}))
        coord.register_thread(self)

    @staticmethod
    def loop(
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any],
        args: Iterable[Any] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> LooperThread:
        """Return such a thread, started; the arguments are those of the class."""
        looper = LooperThread(coord, timer_interval_secs, target, args, kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        """Run the loop; called by `start`."""
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._timer_interval_secs is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                at = time.monotonic()
                while not self._coord.wait_for_stop(at - time.monotonic()):
                    at += self._timer_interval_secs
                    self.run_loop()
            self.stop_loop()

    def start_loop(self) -> None:
        """Called once, when the thread starts."""

    def stop_loop(self) -> None:
        """Called once, when the thread ends because it was asked to."""

    def run_loop(self) -> None:
        """Called over and over."""
        target, args, kwargs = self._call
        if target is not None:
            target(*args, **kwargs)
