"""A hook that writes checkpoints, and those who are told of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from evergraph import protos
from evergraph.v1 import tf_logging
from evergraph.v1.file_writer import FileWriterCache
from evergraph.v1.graph_files import write_graph
from evergraph.v1.training.loops.hooks import (
    SessionRunArgs,
    SessionRunContext,
    SessionRunHook,
    SessionRunValues,
)
from evergraph.v1.training.loops.scaffold import only_saver
from evergraph.v1.training.loops.step_watch import StepWatch
from evergraph.v1.training.loops.timers import SecondOrStepTimer
from evergraph.v1.training.meta_graphs import export_meta_graph


class CheckpointSaverListener:
    """Is told by a `CheckpointSaverHook` of its checkpoints; a subclass says what it does."""

    def begin(self) -> None:
        """Called first, while the graph may still grow."""

    def before_save(self, session: Any, global_step_value: Any) -> None:
        """Called before a checkpoint is written.

        Args:
          session: the `Session`.
          global_step_value: the step.
        """

    def after_save(self, session: Any, global_step_value: Any) -> Any:
        """Called when a checkpoint has been written.

        Args:
          session: the `Session`.
          global_step_value: the step.

        Returns:
          Whether the training is to stop.
        """

    def end(self, session: Any, global_step_value: Any) -> None:
        """Called last, after the last checkpoint.

        Args:
          session: the `Session`.
          global_step_value: the step.
        """


class CheckpointSaverHook(SessionRunHook):
    """Writes a checkpoint at the beginning, every so often, and at the end.

    Args:
      checkpoint_dir: the folder.
      save_secs: after how many seconds.
      save_steps: after how many steps, instead.
      saver: the `Saver`.
      checkpoint_basename: the prefix of the names of files.
      scaffold: the `Scaffold` that has the saver, instead; without either it is that of the
        collection SAVERS.
      listeners: `CheckpointSaverListener`s.
      save_graph_def: whether the graph is written as well, into `graph.pbtxt` and beside every
        checkpoint.

    Raises:
      ValueError: none or both of `save_secs` and `save_steps` are given, or both of `saver` and
        `scaffold`.
    """

    def __init__(
        self,
        checkpoint_dir: Any,
        save_secs: float | None = None,
        save_steps: int | None = None,
        saver: Any = None,
        checkpoint_basename: str = "model.ckpt",
        scaffold: Any = None,
        listeners: Iterable[CheckpointSaverListener] | None = None,
        save_graph_def: bool = True,
    ) -> None:
        tf_logging.info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver = saver
        self._scaffold = scaffold
        self._checkpoint_dir = checkpoint_dir
        self._save_path: str = os.path.join(checkpoint_dir, checkpoint_basename)
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._listeners = tuple(listeners or ())
        self._save_graph_def = save_graph_def

    def begin(self) -> None:
        """Open the event file, and find the global step; RuntimeError if there is none."""
        self._writer = FileWriterCache.get(self._checkpoint_dir)
        self._steps = StepWatch("CheckpointSaverHook")
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Write down the graph, and the first checkpoint.

        Raises:
          RuntimeError: there is no saver, or more than one.
        """
        graph = self._steps.tensor.graph
        graph_def = graph.as_graph_def(add_shapes=True)
        if self._save_graph_def:
            write_graph(graph_def, self._checkpoint_dir, "graph.pbtxt")
        saver_def = self._found_saver().as_saver_def()
        self._writer.add_graph(graph)
        with graph.as_default():
            self._writer.add_meta_graph(export_meta_graph(graph_def=graph_def, saver_def=saver_def))
        step = self._steps.now(session)
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        """Ask for the step."""
        return SessionRunArgs(self._steps.tensor)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Write a checkpoint if it is time."""
        step = self._steps.due(self._timer, run_values.results, run_context.session)
        if step is None:
            return
        self._timer.update_last_triggered_step(step)
        if self._save(run_context.session, step):
            run_context.request_stop()

    def end(self, session: Any) -> None:
        """Write the last checkpoint, unless it has been written."""
        step = self._steps.now(session)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)
        self._writer.flush()

    def _save(self, session: Any, step: Any) -> bool:
        """Write a checkpoint, and return whether a listener wants the training to stop."""
        tf_logging.info("Calling checkpoint listeners before saving checkpoint %d...", step)
        for listener in self._listeners:
            listener.before_save(session, step)
        tf_logging.info("Saving checkpoints for %d into %s.", step, self._save_path)
        self._found_saver().save(
            session,
            self._save_path,
            global_step=step,
            write_meta_graph=self._save_graph_def,
        )
        log = protos.SessionLog(
            status=protos.SessionLog.CHECKPOINT, checkpoint_path=self._save_path
        )
        self._writer.add_session_log(log, step)
        tf_logging.info("Calling checkpoint listeners after saving checkpoint %d...", step)
        stop = False
        for listener in self._listeners:
            if listener.after_save(session, step):
                tf_logging.info(
                    "A CheckpointSaverListener requested that training be stopped. listener: %s",
                    listener,
                )
                stop = True
        return stop

    def _found_saver(self) -> Any:
        if self._saver is None and self._scaffold is not None:
            return self._scaffold.saver
        if self._saver is None:
            self._saver = only_saver(self._steps.tensor.graph)
            if self._saver is None:
                raise RuntimeError(
                    "No items in collection savers. Please add a saver to the collection or "
                    "provide a saver or scaffold."
                )
        return self._saver
