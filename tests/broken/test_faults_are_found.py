"""The kit finds faults: each that is planted breaks a case of the suite that it belongs to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

HERE = Path(__file__).parent
IS_LONG = os.environ.get("EVERGRAPH_TESTS") == "long"
#: How many faults a push tries.
SAMPLE = 15
#: A fault that breaks fewer cases than this is one that is not found by chance.
FEW = 0.05

Counts = dict[str, dict[str, int]]

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="every fault is planted in a fork of one process"
)


def environment() -> dict[str, str]:
    """Return where Python finds the faults, the backend that compiles, and what is installed."""
    path = [str(HERE), str(HERE.parent / "kit"), *sys.path]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}


@pytest.fixture
def counted(tmp_path: Path) -> Callable[..., Counts]:
    """Plant faults; return how many cases each of them broke, of how many."""

    def counted(*arguments: str) -> Counts:
        output = tmp_path / "faults.json"
        done = subprocess.run(
            [sys.executable, "-m", "evergraph_broken", "--output", str(output), *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        found: Counts = json.loads(output.read_text(encoding="utf-8"))
        return found

    return counted


@pytest.fixture
def faults() -> list[str]:
    """The names of all faults."""
    program = "from evergraph_broken.faults import FAULTS; print(*FAULTS, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_there_are_faults_of_all_kinds(faults):
    assert len(faults) == len(set(faults)) >= 60


@pytest.mark.skipif(IS_LONG, reason="all faults are tried")
def test_a_sample_of_faults_is_found(counted, faults):
    seed = os.environ.get("EVERGRAPH_SEED") or str(datetime.now(UTC).date().toordinal())
    found = counted(*Random(seed).sample(faults, SAMPLE))
    missed = [name for name, counts in found.items() if not counts["broken"]]
    assert not missed, f"again with EVERGRAPH_SEED={seed}: no case breaks"


@pytest.mark.skipif(not IS_LONG, reason="a push tries a sample")
@pytest.mark.timeout(7200)
def test_all_faults_are_found_and_most_by_few_cases(counted, record_property):
    found = counted("--whole")
    shares = {name: c["broken"] / c["cases"] for name, c in found.items()}
    record_property("shares", json.dumps(shares))
    missed = [name for name, share in shares.items() if not share]
    assert not missed, "no case breaks"
    assert sum(share < FEW for share in shares.values()) >= 40


@pytest.mark.timeout(180)
def test_every_fault_can_be_planted():
    done = subprocess.run(
        [sys.executable, "-m", "evergraph_broken.plantable"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fault_whose_place_is_gone_is_told(tmp_path):
    program = (
        "from evergraph_broken.planting import edit\n"
        "edit('evergraph.runtime.prune:prune', 'no such text', '')()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ValueError: evergraph.runtime.prune:prune has no 'no such text'" in done.stderr
