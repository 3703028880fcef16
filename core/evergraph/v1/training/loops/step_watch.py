"""The global step, as hooks follow it."""

from __future__ import annotations

from typing import Any

from evergraph.v1.training.loops.timers import SecondOrStepTimer
from evergraph.v1.training.steps import get_global_step, global_step_read


class StepWatch:
    """Knows the global step of a graph, and reads it.

    Every run fetches `tensor`. Whether its value has what this run adds is not defined; so it says
    whether something can be due, and only then the step is read once more.

    Args:
      owner: the hook that needs it, for the error.

    Raises:
      RuntimeError: the default graph has no global step.
    """

    def __init__(self, owner: str) -> None:
        self.variable = get_global_step()
        if self.variable is None:
            raise RuntimeError(f"Global step should be created to use {owner}.")
        self.tensor = global_step_read()

    def now(self, session: Any) -> Any:
        """Return the step, as it is between runs."""
        return session.run(self.variable)

    def due(self, timer: SecondOrStepTimer, seen: Any, session: Any) -> Any:
        """Return the step after a run if something is due there, otherwise None.

        Args:
          timer: says what is due.
          seen: the value of `tensor` in this run.
          session: the session.
        """
        if not timer.should_trigger_for_step(seen + 1):
            return None
        now = self.now(session)
        return now if timer.should_trigger_for_step(now) else None

    def due_next(self, timer: SecondOrStepTimer, seen: Any, session: Any) -> bool:
        """Return whether something is due at the step that the next run makes.

        Args:
          timer, seen, session: as for `due`.
        """
        if not timer.should_trigger_for_step(seen + 2):
            return False
        return timer.should_trigger_for_step(self.now(session) + 1)
