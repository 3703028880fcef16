"""Chrome's trace event format: a JSON array of complete events, one per node.

The format is described in "Trace Event Format" (Chromium project). A reader accepts an array
without its closing bracket, so that the file is whole after every event.
"""

from __future__ import annotations

import json
import os
import threading
from functools import cache
from typing import IO, Any

from evergraph.plugin import NodeEvent


class ChromeTraceWriter:
    """Appends an event for every node that runs.

    Args:
      path: the file; it is replaced.

    Raises:
      OSError: the file cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._file: IO[str] = open(path, "w", encoding="utf-8")  # noqa: SIM115  # for the process
        self._file.write("[")
        self._separator = "\n"
        self._devices: dict[str, int] = {}

    def node(self, event: NodeEvent) -> None:
        """Write the event of one node: its op type, name, device and duration."""
        with self._lock:
            number = self._devices.get(event.device)
            if number is None:
                number = self._devices[event.device] = len(self._devices)
                self._write(
                    {
                        "ph": "M",
                        "name": "process_name",
                        "pid": number,
                        "args": {"name": event.device or "host"},
                    }
                )
            self._write(
                {
                    "ph": "X",
                    "cat": "Op",
                    "name": event.type,
                    "pid": number,
                    "tid": threading.get_ident(),
                    "ts": event.start_ns / 1000,
                    "dur": (event.end_ns - event.start_ns) / 1000,
                    "args": {"op": event.type, "name": event.name},
                }
            )
            self._file.flush()

    def _write(self, event: dict[str, Any]) -> None:
        self._file.write(self._separator + json.dumps(event))
        self._separator = ",\n"

    def close(self) -> None:
        """Close the array and the file."""
        with self._lock:
            if not self._file.closed:
                self._file.write("\n]\n")
                self._file.close()


@cache
def writer_for(path: str) -> ChromeTraceWriter:
    """Return the writer of a file; sessions of one process share it."""
    import atexit

    writer = ChromeTraceWriter(os.path.abspath(path))
    atexit.register(writer.close)
    return writer
