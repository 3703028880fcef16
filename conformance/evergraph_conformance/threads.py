"""Threads in cases: one beside, several at once, and waiting for what another thread does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
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


def until(condition: Callable[[], Any]) -> None:
    """Return when a condition holds.

    Raises:
      TimeoutError: it never does.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("what another thread was to do has not happened")


def in_threads(work: Callable[[int], Any], count: int = 8, limit: float = PATIENCE) -> list[Any]:
    """Return what `work(i)` returns in as many threads, all of which begin at once.

    Raises:
      AssertionError: not all have ended in time.
      BaseException: what the first thread that failed raised.
    """
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count
    errors: list[BaseException] = []

    def begin(i: int) -> None:
        try:
            barrier.wait(limit)
            results[i] = work(i)
        except BaseException as error:
            errors.append(error)

    # A thread that hangs must not keep the process from ending.
    threads = [threading.Thread(target=begin, args=(i,), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(limit)
    hanging = sum(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]
    assert not hanging, f"{hanging} of {count} threads still run after {limit:.0f} s"
    return results
