"""A server for the sessions of the kit, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def served(backend: str) -> Iterator[str]:
    """Start `python -m evergraph serve` for a backend, and yield its target.

    Raises:
      RuntimeError: it does not start; the message is what it says.
    """
    command = [sys.executable, "-m", "evergraph", "serve", "--backend", backend]
    path = os.pathsep.join(p for p in sys.path if p)
    process = subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    target = process.stdout.readline().strip()
    if not target:
        raise RuntimeError(f"the server has ended: {process.communicate()[1].strip()}")
    try:
        yield target
    finally:
        process.terminate()
        process.communicate()
