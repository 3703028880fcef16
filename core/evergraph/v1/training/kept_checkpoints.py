"""Which checkpoints a `Saver` has written, and which of them are kept."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from evergraph.errors import NotFoundError, OpError
from evergraph.v1.training.checkpoint_state import (
    get_checkpoint_mtimes,
    remove_checkpoint,
    write_state,
)

_LOG = logging.getLogger("evergraph")
_HOUR: Final = 3600


class KeptCheckpoints:
    """The part of `Saver` that knows its checkpoints.

    Args:
      save_relative_paths: whether the state file has paths relative to its folder.
    """

    #: A `SaverDef`; it says how many are kept.
    saver_def: Any

    def __init__(self, save_relative_paths: bool) -> None:
        self._save_relative_paths = save_relative_paths
        #: Prefixes, and when they were written.
        self._last_checkpoints: list[tuple[str, float]] = []
        self._next_checkpoint_time = 0.0

    def _start_counting(self) -> None:
        """Begin with the hours of which one checkpoint is kept for good."""
        hours = self.saver_def.keep_checkpoint_every_n_hours
        self._next_checkpoint_time = time.time() + hours * _HOUR

    @property
    def last_checkpoints(self) -> list[str]:
        """The prefixes of the checkpoints that are kept, from the oldest to the latest."""
        return [prefix for prefix, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints: list[str]) -> None:
        """Set the prefixes of the checkpoints that there are; they are not removed later.

        Raises:
          AssertionError: it is no list.
        """
        _check_list(last_checkpoints, "last_checkpoints")
        self._last_checkpoints = [(prefix, float("inf")) for prefix in last_checkpoints]

    def set_last_checkpoints_with_time(
        self, last_checkpoints_with_time: list[tuple[str, float]]
    ) -> None:
        """Set the prefixes of the checkpoints that there are, and when they were written.

        Raises:
          AssertionError: it is no list.
        """
        _check_list(last_checkpoints_with_time, "last_checkpoints_with_time")
        self._last_checkpoints = last_checkpoints_with_time

    def recover_last_checkpoints(self, checkpoint_paths: Any) -> None:
        """Set the prefixes of the checkpoints that there are to those of these that do exist."""
        found = []
        for prefix in checkpoint_paths:
            try:
                times = get_checkpoint_mtimes([prefix])
            except NotFoundError:
                continue  # somebody removes it at this moment
            found += [(prefix, written) for written in times]
        self.set_last_checkpoints_with_time(found)

    def _record(self, prefix: str, folder: str, latest_filename: str) -> None:
        if self.saver_def.max_to_keep:
            kept = [item for item in self._last_checkpoints if item[0] != prefix]
            self._last_checkpoints = [*kept, (prefix, time.time())]
        removed = self._surplus()
        write_state(
            folder,
            prefix,
            [p for p in self.last_checkpoints if p not in removed],
            latest_filename,
            self._save_relative_paths,
        )

    def _surplus(self) -> list[str]:
        """Return the oldest checkpoint, if there is one too many."""
        most = self.saver_def.max_to_keep
        return self.last_checkpoints[:1] if most and len(self._last_checkpoints) > most else []

    def _remove_old(self, meta_graph_suffix: str) -> None:
        """Remove the oldest checkpoint if there is one too many, and it is not kept for good."""
        if not self._surplus():
            return
        prefix, written = self._last_checkpoints.pop(0)
        if written > self._next_checkpoint_time:
            self._next_checkpoint_time += self.saver_def.keep_checkpoint_every_n_hours * _HOUR
            return
        try:
            remove_checkpoint(prefix, self.saver_def.version, meta_graph_suffix)
        except OpError as error:
            _LOG.warning("Ignoring: %s", error)


def _check_list(value: Any, what: str) -> None:
    if not isinstance(value, list):
        raise AssertionError(f"{what} must be a list, not {type(value).__name__}")
