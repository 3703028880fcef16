"""Threads in cases: one or several that work, and waiting for what another thread does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

#: Far more than anything here takes; a case that waits so long has failed.
PATIENCE: Final = 60.0


def beside(work: Callable[[], Any]) -> Future[Any]:
    """Call a function in a thread of its own; return the future of what it returns."""
    future: Future[Any] = Future()

    def call() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    return future


def in_threads(work: Callable[[int], Any], count: int = 8) -> list[Any]:
    """Return what `work(i)` returns in as many threads, all of which begin at once.

    Raises:
      TimeoutError: a thread does not end.
      BaseException: what the first of them that failed raised.
    """
    barrier = threading.Barrier(count)

    def begin(i: int) -> Any:
        barrier.wait(PATIENCE)
        return work(i)

    futures = [beside(partial(begin, i)) for i in range(count)]
    return [future.result(PATIENCE) for future in futures]


def until(condition: Callable[[], Any]) -> None:
    """Return when a condition holds.

    Raises:
      TimeoutError: it never does.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("what another thread was to do has not happened")
