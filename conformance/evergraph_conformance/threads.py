"""Threads in cases: one that runs a fetch, and waiting for what another thread does."""

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
