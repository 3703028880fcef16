"""Event files: TFRecord files of `Event`s, as TensorBoard reads them."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.message import DecodeError

from evergraph import protos
from evergraph.errors import DataLossError, FailedPreconditionError
from evergraph.files import path_of, system_errors
from evergraph.v1.tf_record import TFRecordWriter, tf_record_iterator

#: The version of the format, which the first event of a file names.
_VERSION: Final = "brain.Event:2"


class EventFile:
    """An event file that is being written, by any number of threads.

    Args:
      logdir: its folder, which is made if need be.
      max_queue: after how many events they are handed to the system.
      flush_secs: after how many seconds, if there are fewer.
      suffix: the end of its name.

    Raises:
      FailedPreconditionError: `logdir` is a file.
      OpError: the file cannot be written; which type says why.
    """

    def __init__(self, logdir: str, max_queue: int, flush_secs: float, suffix: str) -> None:
        self._max_queue = max_queue
        self._flush_secs = flush_secs
        self._lock = threading.Lock()
        self._waiting = 0
        self._flushed = time.monotonic()
        self._writer = TFRecordWriter(_new_file(logdir, suffix))
        self.add(
            protos.Event(
                wall_time=int(time.time()),
                file_version=_VERSION,
                source_metadata=protos.SourceMetadata(writer="evergraph"),
            )
        )
        self.flush()

    def add(self, event: Any) -> None:
        """Write an event.

        Raises:
          OpError: it cannot be written; which type says why.
        """
        with self._lock:
            self._writer.write(event.SerializeToString())
            self._waiting += 1
            late = time.monotonic() - self._flushed > self._flush_secs
            if self._waiting > self._max_queue or late:
                self._flush()

    def flush(self) -> None:
        """Let others see what has been written."""
        with self._lock:
            self._flush()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._writer.close()

    def _flush(self) -> None:
        self._writer.flush()
        self._waiting = 0
        self._flushed = time.monotonic()


def _new_file(logdir: str, suffix: str) -> str:
    """Make the folder, and an empty file whose name nobody has had, and return its name."""
    folder = path_of(os.fsencode(logdir))
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise FailedPreconditionError(None, None, f"{folder} is not a directory")
    if folder:
        with system_errors(folder):
            os.makedirs(folder, exist_ok=True)
    second = int(time.time())
    while True:
        name = f"events.out.tfevents.{second:010d}.{socket.gethostname()}{suffix}"
        path = os.path.join(folder, name)
        with system_errors(path):
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            except FileExistsError:
                # TF: two writers of the same second overwrite each other's file.
                second += 1
                continue
        return path


def summary_iterator(path: Any) -> Iterator[Any]:
    """Return the events of an event file, one after the other.

    Args:
      path: the name of the file.

    Raises:
      NotFoundError: there is no such file.
      DataLossError: while it iterates, the file is damaged.
    """
    return _events(path)


def _events(path: Any) -> Iterator[Any]:
    for record in tf_record_iterator(path):
        try:
            yield protos.Event.FromString(record)
        except DecodeError as error:
            raise DataLossError(None, None, f"{path} has a record that is no Event") from error
