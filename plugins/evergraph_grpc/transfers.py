"""Values of a session that are on their way, in pieces or, inside a process, by reference."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np

from evergraph.plugin import errors


class Transfers:
    """What was uploaded and not used yet, or is to be downloaded.

    Args:
      limit: of all bytes together.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._bytes = 0
        self._count = itertools.count(1)

    def reserve(self, size: int) -> None:
        """Let so many bytes be on their way.

        Raises:
          ResourceExhaustedError: they are too many.
        """
        with self._lock:
            if not 0 <= size <= self._limit - self._bytes:
                raise errors.ResourceExhaustedError(
                    None,
                    None,
                    f"{size} bytes are too much: {self._bytes} are on their way already, and a "
                    f"session may have {self._limit}",
                )
            self._bytes += size

    def put(self, value: Any, reserved: bool = False) -> str:
        """Keep a value until it is taken; return its name."""
        if not reserved:
            self.reserve(_size(value))
        name = str(next(self._count))
        with self._lock:
            self._values[name] = value
        return name

    def take(self, name: str) -> Any:
        """Return a value, and forget it.

        Raises:
          InvalidArgumentError: there is none of that name.
        """
        with self._lock:
            if name not in self._values:
                raise errors.InvalidArgumentError(None, None, f"there is no transfer {name!r}")
            value = self._values.pop(name)
            self._bytes -= _size(value)
        return value

    def release(self, size: int) -> None:
        """Give back what was reserved for a value that has not arrived."""
        with self._lock:
            self._bytes -= size


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray | np.generic | memoryview):
        return value.nbytes
    return len(value) if isinstance(value, bytes) else 0
