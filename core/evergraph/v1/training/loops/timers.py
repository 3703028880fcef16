"""When something is due that happens every so many steps or seconds."""

from __future__ import annotations

import time


class SecondOrStepTimer:
    """Says when something is due again; for the first time it is due at once.

    Args:
      every_secs: the time from one time to the next.
      every_steps: the number of steps from one time to the next.

    Raises:
      ValueError: none or both are given.
    """

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None) -> None:
        if every_secs is None and every_steps is None:
            raise ValueError("Either every_secs or every_steps should be provided.")
        if every_secs is not None and every_steps is not None:
            raise ValueError("Can not provide both every_secs and every_steps.")
        self._every_secs = every_secs
        self._every_steps = every_steps
        self.reset()

    def reset(self) -> None:
        """Forget when it was last; it is due at once."""
        self._last_step: int | None = None
        self._last_time = 0.0

    def should_trigger_for_step(self, step: int) -> bool:
        """Return whether it is due at a step; it is not due twice at the same one."""
        if self._last_step is None:
            return True
        if step == self._last_step:
            return False
        if self._every_steps is not None:
            return step >= self._last_step + self._every_steps
        return self._every_secs is not None and time.time() >= self._last_time + self._every_secs

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Take down that it happened at a step, now.

        Returns:
          The seconds, and the steps, since it happened before; (None, None) for the first time.
        """
        now = time.time()
        elapsed: tuple[float | None, int | None] = (None, None)
        if self._last_step is not None:
            elapsed = (now - self._last_time, step - self._last_step)
        self._last_step, self._last_time = step, now
        return elapsed

    def last_triggered_step(self) -> int | None:
        """Return the step at which it happened last, or None."""
        return self._last_step
