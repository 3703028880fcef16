"""Hooks that write summaries and timelines of runs."""

from __future__ import annotations

import os
from typing import Any

from evergraph import protos
from evergraph.files import system_errors
from evergraph.v1 import tf_logging
from evergraph.v1.file_writer import FileWriterCache
from evergraph.v1.timeline import Timeline
from evergraph.v1.training.loops.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from evergraph.v1.training.loops.step_watch import StepWatch
from evergraph.v1.training.loops.timers import SecondOrStepTimer


class SummarySaverHook(SessionRunHook):
    """Writes summaries into an event file, of the first run and of others every so often.

    Args:
      save_steps: after how many steps.
      save_secs: after how many seconds, instead.
      output_dir: the folder of the event file.
      summary_writer: a `FileWriter` in place of `output_dir`.
      scaffold: the `Scaffold` that has the summaries.
      summary_op: the tensor of serialized summaries, or a list of such, instead.

    Raises:
      ValueError: none or both of `scaffold` and `summary_op`, or of `save_steps` and `save_secs`,
        are given.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: Any = None,
        summary_writer: Any = None,
        scaffold: Any = None,
        summary_op: Any = None,
    ) -> None:
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._output_dir = output_dir
        self._writer = summary_writer
        self._scaffold = scaffold
        self._summary_op = summary_op

    def begin(self) -> None:
        """Open the event file, and find the global step; RuntimeError if there is none."""
        if self._writer is None and self._output_dir:
            self._writer = FileWriterCache.get(self._output_dir)
        self._started = False
        self._due = True
        self._steps = StepWatch("SummarySaverHook")

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the step, and for the summaries if it is time."""
        summaries = self._summaries() if self._due else []
        return SessionRunArgs([self._steps.tensor, *summaries])

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Write down what was asked for."""
        seen, *summaries = run_values.results
        session = run_context.session
        if self._due:
            step = self._steps.now(session)
            self._timer.update_last_triggered_step(step)
            self._write(summaries, step)
        self._due = self._steps.due_next(self._timer, seen, session)

    def end(self, session: Any = None) -> None:
        """Let others see what has been written."""
        if self._writer is not None:
            self._writer.flush()

    def _summaries(self) -> list[Any]:
        found = self._summary_op if self._scaffold is None else self._scaffold.summary_op
        if found is None:
            return []
        return list(found) if isinstance(found, list | tuple) else [found]

    def _write(self, summaries: list[Any], step: Any) -> None:
        if self._writer is None:
            return
        if not self._started:
            self._started = True
            self._writer.add_session_log(protos.SessionLog(status=protos.SessionLog.START), step)
        for summary in summaries:
            self._writer.add_summary(summary, step)


class ProfilerHook(SessionRunHook):
    """Traces a run every so often, and writes its timeline, `timeline-STEP.json`.

    Chrome and Perfetto show it. The first run is not traced.

    Args:
      save_steps: after how many steps.
      save_secs: after how many seconds, instead.
      output_dir: the folder.
      show_dataflow: whether arrows go from each node to those that use its outputs.
      show_memory: whether memory is shown.

    Raises:
      ValueError: none or both of `save_steps` and `save_secs` are given.
    """

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: Any = "",
        show_dataflow: bool = True,
        show_memory: bool = False,
    ) -> None:
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._output_dir = os.fspath(output_dir)
        self._show = show_dataflow, show_memory

    def begin(self) -> None:
        """Open the event file, and find the global step; RuntimeError if there is none."""
        self._due = False
        self._steps = StepWatch("ProfilerHook")
        self._writer = FileWriterCache.get(self._output_dir)

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Begin to count."""
        self._timer.update_last_triggered_step(self._steps.now(session))

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the step, and for a trace if it is time."""
        level = protos.RunOptions.FULL_TRACE if self._due else protos.RunOptions.NO_TRACE
        options = protos.RunOptions(trace_level=level)
        return SessionRunArgs(self._steps.tensor, options=options)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Write the timeline, if the run was traced."""
        session = run_context.session
        if self._due:
            step = self._steps.now(session)
            self._timer.update_last_triggered_step(step)
            self._write(int(step), run_values.run_metadata)
        self._due = self._steps.due_next(self._timer, run_values.results, session)

    def end(self, session: Any) -> None:
        """Let others see what has been written."""
        self._writer.flush()

    def _write(self, step: int, run_metadata: Any) -> None:
        path = os.path.join(self._output_dir, f"timeline-{step}.json")
        tf_logging.info("Saving timeline for %d into '%s'.", step, path)
        drawn = Timeline(run_metadata.step_stats).generate_chrome_trace_format(*self._show)
        with system_errors(path), open(path, "w", encoding="utf-8") as file:
            file.write(drawn)
        self._writer.add_run_metadata(run_metadata, f"step_{step}")
