"""Threads for calls, which the end of a process does not wait for: a call may wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, Final

#: How long a thread without work waits for some.
_IDLE_SECONDS: Final = 30.0

_Work = tuple[Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class CallThreads(Executor):
    """Runs every call at once, in a thread that is idle or a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: SimpleQueue[_Work] = SimpleQueue()
        #: Threads that wait, less the work that waits for them.
        self._idle = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function, and return the future of its result."""
        future: Future[Any] = Future()
        work = (future, fn, args, kwargs)
        with self._lock:
            has_thread = self._idle > 0
            self._idle -= has_thread
        if has_thread:
            self._work.put(work)
        else:
            threading.Thread(
                target=self._run, args=(work,), name="evergraph-call", daemon=True
            ).start()
        return future

    def _run(self, work: _Work) -> None:
        while True:
            _do(work)
            del work
            with self._lock:
                self._idle += 1
            try:
                work = self._work.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if self._idle:
                        self._idle -= 1
                        return
                # Work is on its way to the last thread that waits.
                work = self._work.get()


def _do(work: _Work) -> None:
    future, function, arguments, options = work
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function(*arguments, **options)
    except BaseException as error:  # whoever waits for the result has it
        future.set_exception(error)
    else:
        future.set_result(result)
