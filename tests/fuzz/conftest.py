"""What the fuzz tests share: what a try may take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from evergraph import limits

#: Bytes that one try may take, whatever it asks for.
MEMORY = 1 << 30
#: Bytes that one tensor may take: what is refused, rather than tried, is refused above this.
TENSOR = 64 << 20
#: Seconds that one try may take. Nearly all take milliseconds.
SECONDS = 10.0


Guard = Callable[[str], Any]


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    """`with guard(label):` fails if what is inside takes too much memory or too long.

    More memory than allowed is not there: without a check, an allocation fails, and the error's
    text tells.
    """
    monkeypatch.setenv("EVERGRAPH_MEMORY_LIMIT", str(TENSOR))
    limits.memory_limit.cache_clear()
    try:
        with _fence(2 * MEMORY):
            yield _guarded
    finally:
        limits.memory_limit.cache_clear()


@contextmanager
def _guarded(label: str) -> Iterator[None]:
    before, start = _peak(), time.monotonic()
    try:
        yield
    except BaseException as error:  # a time-out of pytest's among them
        error.add_note(label)
        raise
    seconds, grown = time.monotonic() - start, _peak() - before
    assert seconds < SECONDS, f"{label}: took {seconds:.1f} s"
    assert grown < MEMORY, f"{label}: took {grown >> 20} MiB"


@contextmanager
def _fence(size: int) -> Iterator[None]:
    """Leave the process `size` more bytes of address space, where the system can do that."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _peak() -> int:
    """Return the most memory that the process has held, in bytes; 0 where that is unknown."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
