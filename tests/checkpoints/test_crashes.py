"""Processes that are killed while they save: what is there holds, and is that of one save."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import evergraph.v1 as tf

HERE = Path(__file__).parent
KINDS = ["same", "steps", "sharded", "sharded steps"]
PUSH, LONG = 20, 200


class Saving:
    """Processes that save; see `saving_child.py`."""

    def __init__(self) -> None:
        environment = os.environ | {"EVERGRAPH_BACKEND": "numpy"}
        self._program = subprocess.Popen(
            [sys.executable, str(HERE / "saving_child.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def start(self, **command: Any) -> int:
        """Start one, and return its number."""
        self._program.stdin.write(json.dumps(command) + "\n")
        self._program.stdin.flush()
        return int(self._program.stdout.readline())

    def ended(self) -> int:
        """Return how the last one ended, when it has."""
        return int(self._program.stdout.readline())

    def close(self) -> None:
        """End the program."""
        self._program.stdin.close()
        self._program.wait()
        self._program.stdout.close()


@pytest.fixture(scope="module")
def saving() -> Iterator[Saving]:
    program = Saving()
    yield program
    program.close()


def done(folder: Path) -> int:
    """Return the number of the last save that is known to be complete; 0 if there is none."""
    file = folder / "done"
    return int(file.read_text().split()[-1]) if file.exists() and file.stat().st_size else 0


def held(folder: Path) -> int:
    """Return the number that the latest checkpoint has in all of its variables."""
    latest = tf.train.latest_checkpoint(str(folder))
    assert latest is not None
    reader = tf.train.NewCheckpointReader(latest)
    found = {int(v) for name in ("a", "b", "c") for v in reader.get_tensor(name)}
    assert len(found) == 1, f"numbers of several saves: {found}"
    return found.pop()


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_process_leaves_a_checkpoint_of_one_save(kind, saving, sample, tmp_path):
    for attempt in range(sample.count(PUSH, LONG) // len(KINDS)):
        before = done(tmp_path)
        process = saving.start(folder=str(tmp_path), kind=kind, first=before + 1)
        limit = time.monotonic() + 60
        while done(tmp_path) == before and time.monotonic() < limit:
            time.sleep(0.001)
        time.sleep(sample.random(kind, attempt).uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        assert saving.ended() == -signal.SIGKILL
        complete = done(tmp_path)
        # The one that was under way may hold already.
        assert held(tmp_path) in (complete, complete + 1), sample


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("kind", ["same", "sharded"])
def test_a_save_may_end_anywhere(kind, clean, saving, tmp_path):
    """Before each of the calls that change files; and so may the next, which cleans up."""
    last = 0

    def save(exit_at: int) -> int:
        command = {"folder": str(tmp_path), "kind": kind, "first": last + 1, "exit_at": exit_at}
        saving.start(**command, once=True)
        return saving.ended()

    for call in range(200):
        if clean or not call:
            assert save(10**9) == 0
            last += 1
            assert held(tmp_path) == last
            assert list(tmp_path.glob("m.*.tempstate*")) == []
        status = save(call)
        assert held(tmp_path) in (last, last + 1)
        last = held(tmp_path)
        if status == 0:
            break
        assert status == 7
    assert call > 10
