"""How a loop inside XLA ends when its run is to stop: every now and then it asks the host."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import io_callback

#: A question costs some 150 us: iterations until the first one, at least and at most, and between
#: those so many that this many elements have gone by.
_LEAST: Final = 16
_MOST: Final = 4096
_ELEMENTS: Final = 1 << 22
#: Between two questions at most.
_LONGEST: Final = (1 << 31) - 1
#: Seconds that should pass between two questions.
_OFTEN: Final = 0.02

_numbers = itertools.count(1)
_runs: dict[int, Run] = {}


class Run:
    """A run of a region that has loops.

    Args:
      check: raises if the run is to stop.

    Attributes:
      number: tells the loops which run they are in.
      error: why it is to stop, once a loop has asked.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self.number = next(_numbers)
        self.error: BaseException | None = None
        self._check = check
        self._asked = perf_counter()

    def asked(self, step: int) -> tuple[bool, int]:
        """Return whether to stop, and after how many iterations to ask again.

        Args:
          step: after how many it asked now.
        """
        now = perf_counter()
        elapsed, self._asked = now - self._asked, now
        try:
            self._check()
        except BaseException as error:  # it is raised where the run was begun
            self.error = error
            return True, step
        if elapsed < _OFTEN / 2:
            return False, 4 * step
        return False, max(step // 2, 1) if elapsed > 2 * _OFTEN else step


@contextmanager
def running(check: Callable[[], None]) -> Iterator[Run]:
    """Let loops ask `check` while a region runs."""
    run = Run(check)
    _runs[run.number] = run
    try:
        yield run
    finally:
        del _runs[run.number]


def first(elements: int) -> Any:
    """Return what a loop carries to know when to ask: iterations left, and between questions.

    Args:
      elements: how many an iteration takes.
    """
    count = min(max(_ELEMENTS // max(elements, 1), _LEAST), _MOST)
    return jnp.int64(count), jnp.int64(count)


def counted(state: Any, number: Any) -> tuple[Any, Any]:
    """Count an iteration.

    Args:
      state: as of `first`.
      number: of the run, traced.

    Returns:
      The next state, and whether to stop.
    """
    left, step = state
    stop, step = lax.cond(left <= 1, lambda: _question(number, step), lambda: (False, step))
    return (jnp.where(left <= 1, step, left - 1), step), stop


def _question(number: Any, step: Any) -> Any:
    answer = jax.eval_shape(lambda: (jnp.bool_(False), jnp.int32(0)))
    stop, step = io_callback(_answered, answer, number, step)
    return stop, jnp.astype(step, jnp.int64)


def _answered(number: Any, step: Any) -> Any:
    run = _runs.get(int(number))
    stop, step = (True, step) if run is None else run.asked(int(step))
    # XLA's threads may be the ones that call, and there JAX narrows what has 64 bits.
    return np.bool_(stop), np.int32(min(step, _LONGEST))
