"""Hooks that follow the global step: to stop, to wait, to tell how fast it is."""

from __future__ import annotations

import time
from typing import Any, Final

from evergraph import protos
from evergraph.v1 import tf_logging
from evergraph.v1.file_writer import FileWriterCache
from evergraph.v1.training.loops.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from evergraph.v1.training.loops.step_watch import StepWatch
from evergraph.v1.training.loops.timers import SecondOrStepTimer

#: How often a waiting hook looks at the step.
_POLL_SECONDS: Final = 0.5


class StopAtStepHook(SessionRunHook):
    """Stops at a step.

    Args:
      num_steps: how many steps after the one at which the session begins.
      last_step: the step itself.

    Raises:
      ValueError: none or both are given.
    """

    def __init__(self, num_steps: int | None = None, last_step: int | None = None) -> None:
        if num_steps is None and last_step is None:
            raise ValueError("One of num_steps or last_step must be specified.")
        if num_steps is not None and last_step is not None:
            raise ValueError("Only one of num_steps or last_step can be specified.")
        self._num_steps = num_steps
        self._last_step = last_step

    def begin(self) -> None:
        """Find the global step; RuntimeError if there is none."""
        self._steps = StepWatch("StopAtStepHook")

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Decide on the last step; a session that replaces another does not change it."""
        if self._last_step is None:
            self._last_step = self._steps.now(session) + self._num_steps

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the step."""
        return SessionRunArgs(self._steps.tensor)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Stop if it is the last step."""
        last = self._last_step
        if last is None or run_values.results + 1 < last:
            return
        if self._steps.now(run_context.session) >= last:
            run_context.request_stop()


class GlobalStepWaiterHook(SessionRunHook):
    """Waits before the first run until others have brought the global step so far.

    So workers can begin one after the other.

    Args:
      wait_until_step: the step.
    """

    def __init__(self, wait_until_step: int) -> None:
        self._wait_until_step = wait_until_step

    def begin(self) -> None:
        """Find the global step; RuntimeError if there is none."""
        self._reached = self._wait_until_step <= 0
        self._steps = StepWatch("_GlobalStepWaiterHook")

    def before_run(self, run_context: SessionRunContext) -> None:
        """Wait, unless the step has been reached before."""
        wanted, session = self._wait_until_step, run_context.session
        if self._reached:
            return
        if self._steps.now(session) < wanted:
            tf_logging.info("Waiting for global step %d before starting training.", wanted)
            while self._steps.now(session) < wanted:
                time.sleep(_POLL_SECONDS)
        self._reached = True


class StepCounterHook(SessionRunHook):
    """Logs, and writes down as a summary, how many steps there are in a second.

    Args:
      every_n_steps: after how many steps.
      every_n_secs: after how many seconds, instead.
      output_dir: the folder of the event file; None for the log alone.
      summary_writer: a `FileWriter` in place of `output_dir`.

    Raises:
      ValueError: none or both of the first two are given.
    """

    def __init__(
        self,
        every_n_steps: int | None = 100,
        every_n_secs: float | None = None,
        output_dir: Any = None,
        summary_writer: Any = None,
    ) -> None:
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._output_dir = output_dir
        self._writer = summary_writer

    def begin(self) -> None:
        """Find the global step; RuntimeError if there is none."""
        if self._writer is None and self._output_dir:
            self._writer = FileWriterCache.get(self._output_dir)
        self._steps = StepWatch("StepCounterHook")
        self._tag = f"{self._steps.variable.op.name}/sec"

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Forget the step that the session before had seen."""
        self._seen: Any = None

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the step."""
        return SessionRunArgs(self._steps.tensor)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Tell the rate if it is time; warn of a step that stands still."""
        seen = run_values.results
        step = self._steps.due(self._timer, seen, run_context.session)
        if step is not None:
            seconds, steps = self._timer.update_last_triggered_step(step)
            if seconds and steps is not None:
                self._tell(steps / seconds, step)
        if self._seen is not None and seen == self._seen:
            tf_logging.log_first_n(
                tf_logging.WARN,
                "It seems that global step (tf.train.get_global_step) has not been increased. "
                "Current value (could be stable): %s vs previous value: %s. You could increase "
                "the global step by passing tf.train.get_global_step() to "
                "Optimizer.apply_gradients or Optimizer.minimize.",
                5,
                seen,
                self._seen,
            )
        self._seen = seen

    def _tell(self, rate: float, step: Any) -> None:
        tf_logging.info("%s: %g", self._tag, rate)
        if self._writer is not None:
            value = protos.Summary.Value(tag=self._tag, simple_value=rate)
            self._writer.add_summary(protos.Summary(value=[value]), step)
