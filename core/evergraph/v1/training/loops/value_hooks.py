"""Hooks that feed values, look at them, or run something at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evergraph.errors import OutOfRangeError
from evergraph.graph.stacks import get_default_graph
from evergraph.v1 import tf_logging
from evergraph.v1.training.loops.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from evergraph.v1.training.loops.timers import SecondOrStepTimer


class LoggingTensorHook(SessionRunHook):
    """Logs the values of tensors, in some runs, or at the end.

    Args:
      tensors: tensors or their names: a dictionary by what they are called in the log, or a list.
      every_n_iter: after how many runs; the first one counts.
      every_n_secs: after how many seconds.
      at_end: whether they are logged at the end as well.
      formatter: a function from a dictionary of values to the text; its keys are those of
        `tensors`, or its items if it is a list.

    Raises:
      ValueError: both of `every_n_iter` and `every_n_secs` are given, or none though it is not
        `at_end`; or `every_n_iter` is not positive.
    """

    def __init__(
        self,
        tensors: Any,
        every_n_iter: int | None = None,
        every_n_secs: float | None = None,
        at_end: bool = False,
        formatter: Callable[[dict[Any, Any]], Any] | None = None,
    ) -> None:
        given = [n for n in (every_n_iter, every_n_secs) if n is not None]
        if len(given) > 1 or not (given or at_end):
            raise ValueError(
                "either at_end and/or exactly one of every_n_iter and every_n_secs must be "
                "provided."
            )
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        if isinstance(tensors, Mapping):
            self._tensors = {tag: tensors[tag] for tag in sorted(tensors)}
        else:
            self._tensors = {item: item for item in tensors}
        self._timer = SecondOrStepTimer(every_n_secs, every_n_iter) if given else None
        self._at_end = at_end
        self._formatter = formatter or self._listed

    def begin(self) -> None:
        """Find the tensors in the default graph; KeyError if a name is not there."""
        if self._timer is not None:
            self._timer.reset()
        self._runs = 0
        self._asked = False
        self._fetches = {tag: _tensor(item) for tag, item in self._tensors.items()}

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Ask for the tensors if it is time."""
        self._asked = self._timer is not None and self._timer.should_trigger_for_step(self._runs)
        return SessionRunArgs(self._fetches) if self._asked else None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Log what was asked for."""
        if self._asked:
            self._log(run_values.results)
        self._runs += 1

    def end(self, session: Any) -> None:
        """Log the last values, if so wanted."""
        if self._at_end:
            self._log(session.run(self._fetches))

    def _log(self, values: dict[Any, Any]) -> None:
        self._seconds: float | None = None
        if self._timer is not None:
            self._seconds, _ = self._timer.update_last_triggered_step(self._runs)
        with np.printoptions(suppress=True):
            text = self._formatter(values)
        tf_logging.info("%s", text)

    def _listed(self, values: dict[Any, Any]) -> str:
        text = ", ".join(f"{tag!s} = {values[tag]!s}" for tag in self._tensors)
        return text if self._seconds is None else f"{text} ({self._seconds:.3f} sec)"


def _tensor(item: Any) -> Any:
    if not isinstance(item, str):
        return item
    return get_default_graph().get_tensor_by_name(item if ":" in item else f"{item}:0")


class NanLossDuringTrainingError(RuntimeError):
    """The loss of a training is not a number."""

    def __str__(self) -> str:
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """Stops when a loss is not a number.

    Args:
      loss_tensor: the loss.
      fail_on_nan_loss: whether that is an error, `NanLossDuringTrainingError`.
    """

    def __init__(self, loss_tensor: Any, fail_on_nan_loss: bool = True) -> None:
        self._loss_tensor = loss_tensor
        self._fail_on_nan_loss = fail_on_nan_loss

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the loss."""
        return SessionRunArgs(self._loss_tensor)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Look at the loss.

        Raises:
          NanLossDuringTrainingError: it is not a number.
        """
        # TF: a loss that is no scalar is a ValueError.
        if not np.any(np.isnan(run_values.results)):
            return
        message = "Model diverged with loss = NaN."
        if self._fail_on_nan_loss:
            tf_logging.error(message)
            raise NanLossDuringTrainingError
        tf_logging.warning(message)
        run_context.request_stop()


class FeedFnHook(SessionRunHook):
    """Feeds every run what a function returns.

    Args:
      feed_fn: a function without arguments that returns values by tensor.
    """

    def __init__(self, feed_fn: Callable[[], Any]) -> None:
        self.feed_fn = feed_fn

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Feed what the function returns."""
        return SessionRunArgs(None, self.feed_fn())


class FinalOpsHook(SessionRunHook):
    """Runs something at the end of a session, and keeps the values.

    Args:
      final_ops: what is run, in any structure; None for nothing.
      final_ops_feed_dict: what is fed to it.
    """

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None) -> None:
        self._final_ops = final_ops
        self._final_ops_feed_dict = final_ops_feed_dict
        self._final_ops_values: Any = None

    @property
    def final_ops_values(self) -> Any:
        """The values, in the structure of `final_ops`; None before the end."""
        return self._final_ops_values

    def end(self, session: Any) -> None:
        """Run it.

        Raises:
          OutOfRangeError: it would read from an input that has ended.
        """
        if self._final_ops is None:
            return
        try:
            self._final_ops_values = session.run(self._final_ops, self._final_ops_feed_dict)
        except (OutOfRangeError, StopIteration):
            tf_logging.warning(
                "What FinalOpsHook runs at the end of a session reads from an input, and the input "
                "has ended. It should depend on variables alone: fetch the value of a metric here, "
                "and run its update_op in the loop."
            )
            raise
