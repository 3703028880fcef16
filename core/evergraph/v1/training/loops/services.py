"""What the threads of a `Supervisor` do, over and over."""

from __future__ import annotations

import time
from typing import Any

from evergraph import protos
from evergraph.v1 import tf_logging


class SummaryService:
    """Writes the summaries of a session.

    Args:
      session: the `Session`.
      writer: the `FileWriter`.
      step: the global step, or None.
      summary_op: the tensor of serialized summaries.
    """

    def __init__(self, session: Any, writer: Any, step: Any, summary_op: Any) -> None:
        self._session = session
        self._writer = writer
        self._fetches = {"summary": summary_op} | ({} if step is None else {"step": step})

    def __call__(self) -> None:
        """Write what they are now."""
        values = self._session.run(self._fetches)
        step = values.get("step")
        if step is not None:
            tf_logging.info("Recording summary at step %s.", step)
        self._writer.add_summary(values["summary"], step)


class RateService:
    """Tells how many steps there are in a second.

    Args:
      session: the `Session`.
      writer: the `FileWriter`.
      step: the global step.
    """

    def __init__(self, session: Any, writer: Any, step: Any) -> None:
        self._session = session
        self._writer = writer
        self._step = step
        self._tag = f"{step.op.name}/sec"
        self._last = session.run(step), time.monotonic()

    def __call__(self) -> None:
        """Log, and write down, the rate since the last call."""
        step, now = self._session.run(self._step), time.monotonic()
        then, before = self._last
        self._last = step, now
        rate = float(step - then) / max(now - before, 1e-9)
        tf_logging.info("%s: %g", self._tag, rate)
        value = protos.Summary.Value(tag=self._tag, simple_value=rate)
        self._writer.add_summary(protos.Summary(value=[value]), step)


class CheckpointService:
    """Writes checkpoints.

    Args:
      session: the `Session`.
      writer: the `FileWriter`, or None.
      step: the global step, or None.
      saver: the `Saver`.
      path: the prefix of the checkpoints.
    """

    def __init__(self, session: Any, writer: Any, step: Any, saver: Any, path: str) -> None:
        self._session = session
        self._writer = writer
        self._step = step
        self._saver = saver
        self._path = path

    def __call__(self) -> None:
        """Write one."""
        tf_logging.info("Saving checkpoint to path %s", self._path)
        step = None if self._step is None else self._session.run(self._step)
        self._saver.save(self._session, self._path, global_step=step)
        if self._writer is not None and step is not None:
            log = protos.SessionLog(status=protos.SessionLog.CHECKPOINT, checkpoint_path=self._path)
            self._writer.add_session_log(log, step)
