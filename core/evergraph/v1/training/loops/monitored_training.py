"""`MonitoredTrainingSession`: a session that saves, writes summaries, and tells its speed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from evergraph.v1.training.loops.checkpoint_hooks import CheckpointSaverHook
from evergraph.v1.training.loops.hooks import SessionRunHook
from evergraph.v1.training.loops.monitored_session import MonitoredSession
from evergraph.v1.training.loops.scaffold import Scaffold
from evergraph.v1.training.loops.session_creators import (
    ChiefSessionCreator,
    SessionCreator,
    WorkerSessionCreator,
)
from evergraph.v1.training.loops.step_hooks import StepCounterHook
from evergraph.v1.training.loops.summary_hooks import SummarySaverHook

#: Stands for an argument that is not given; None means never.
_NOT_GIVEN: Final = object()


def MonitoredTrainingSession(
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: Any = None,
    scaffold: Scaffold | None = None,
    hooks: Iterable[SessionRunHook] | None = None,
    chief_only_hooks: Iterable[SessionRunHook] | None = None,
    save_checkpoint_secs: Any = _NOT_GIVEN,
    save_summaries_steps: Any = _NOT_GIVEN,
    save_summaries_secs: Any = _NOT_GIVEN,
    config: Any = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: int | None = 100,
    max_wait_secs: float = 7200,
    save_checkpoint_steps: Any = _NOT_GIVEN,
    summary_dir: Any = None,
    save_graph_def: bool = True,
) -> MonitoredSession:
    """Return a `MonitoredSession` for training.

    The chief initializes the model or restores the latest checkpoint, writes checkpoints and
    summaries, and logs how many steps there are in a second. Other processes wait for the chief.

    Args:
      master: the target of the sessions.
      is_chief: whether this process is the chief.
      checkpoint_dir: the folder of the checkpoints; None for none.
      scaffold: the `Scaffold`; by default a new one.
      hooks: `SessionRunHook`s.
      chief_only_hooks: more of them, for the chief alone; they come first.
      save_checkpoint_secs: the time from one checkpoint to the next, 600 by default. None or 0 for
        none, as for the following three.
      save_summaries_steps: the steps from one summary to the next, 100 by default.
      save_summaries_secs: the time from one summary to the next, instead.
      config: a `ConfigProto`.
      stop_grace_period_secs: how long threads may take to end.
      log_step_count_steps: the steps from one line of the log to the next.
      max_wait_secs: how long to wait for the chief.
      save_checkpoint_steps: the steps from one checkpoint to the next, instead of seconds.
      summary_dir: the folder of the summaries, by default `checkpoint_dir`.
      save_graph_def: whether the graph is written as well.

    Raises:
      ValueError: both steps and seconds are given.
      RuntimeError: there is no global step to save or to count by.
    """
    scaffold = scaffold or Scaffold()
    if is_chief:
        creator: SessionCreator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
        own: list[SessionRunHook] = []
        folder = summary_dir or checkpoint_dir
        if folder and log_step_count_steps:
            own.append(StepCounterHook(log_step_count_steps, output_dir=folder))
        steps, secs = _chosen(save_summaries_steps, save_summaries_secs, 100)
        if folder and (steps or secs):
            own.append(SummarySaverHook(steps, secs, folder, scaffold=scaffold))
        secs, steps = _chosen(save_checkpoint_secs, save_checkpoint_steps, 600)
        if checkpoint_dir and (steps or secs):
            saver = CheckpointSaverHook(
                checkpoint_dir, secs, steps, scaffold=scaffold, save_graph_def=save_graph_def
            )
            own.append(saver)
        every = [*(chief_only_hooks or ()), *own, *(hooks or ())]
    else:
        creator = WorkerSessionCreator(scaffold, master, config, max_wait_secs)
        every = [*(hooks or ())]
    return MonitoredSession(creator, every, stop_grace_period_secs)


def _chosen(given: Any, other: Any, default: int) -> tuple[Any, Any]:
    """Return two intervals of which one is used: `default` for the first if none is given."""
    if given is _NOT_GIVEN and other is _NOT_GIVEN:
        return default, None
    return (None if given is _NOT_GIVEN else given), (None if other is _NOT_GIVEN else other)
