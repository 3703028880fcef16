"""Cases that run in a fork of a process which has collected them, where something is planted."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence

import pytest


def forked(run: Callable[[], str], limit: float) -> str:
    """Return what a function returns in a fork.

    Args:
      run: the function; what it raises is returned as text, which is never a number.
      limit: seconds after which the fork is ended.

    Returns:
      "" if the fork took too long, or died.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        os.close(read)
        try:
            answer = run()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(write, answer.encode()[:4000])
        os._exit(0)
    os.close(write)
    end = time.monotonic() + limit
    while not os.waitpid(child, os.WNOHANG)[0]:
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.01)
    answer = os.read(read, 4096).decode()
    os.close(read)
    return answer


def run_cases(session: pytest.Session, items: Sequence[pytest.Item], whole: bool) -> list[str]:
    """Run cases, all or until one fails; return the names of those that failed."""
    failed: list[str] = []
    for item, following in zip(items, [*items[1:], None], strict=True):
        before = session.testsfailed
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed > before:
            failed.append(item.nodeid)
            if not whole:
                break
    return failed
