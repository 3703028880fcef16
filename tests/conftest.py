"""What pytest collects here, how much of it runs, and distributions installed for one test.

A push runs a sample that changes every day. `EVERGRAPH_SEED` repeats one, `EVERGRAPH_TESTS=long`
runs the full counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import pytest

from evergraph import discovery

# The oracle's tests compare with real TensorFlow and run where it is installed: `tox -e oracle`.
collect_ignore = [] if find_spec("tensorflow") else ["oracle"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave what is in a distribution of its own to the kit, which runs where that is installed."""
    own = collection_path.parent.parent.name == "distributions"
    by_kit = config.inipath is not None and config.inipath.name == "kit.ini"
    return True if own and not by_kit else None


class Sample:
    """How much to run, and random choices that a failure can be repeated with."""

    def __init__(self) -> None:
        self.long = os.environ.get("EVERGRAPH_TESTS") == "long"
        given = os.environ.get("EVERGRAPH_SEED")
        self.seed = int(given) if given else datetime.now(UTC).date().toordinal()

    def count(self, push: int, long: int) -> int:
        """Return how many tries to make."""
        return long if self.long else push

    def random(self, *place: Any) -> Random:
        """Return the random choices of one try, the same whatever was tried before."""
        return Random(f"{self.seed} {place}")

    def __str__(self) -> str:
        return f"again with EVERGRAPH_SEED={self.seed}"


def pytest_configure(config: pytest.Config) -> None:
    """Say what the mark of this folder means."""
    config.addinivalue_line("markers", "rotating(share): a push runs that share, others every day")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is the turn of another day."""
    sample = Sample()
    left_out = [
        item
        for item in items
        for mark in item.iter_markers("rotating")
        if not sample.long and sample.random(item.name).random() >= mark.args[0]
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """The sample of this run."""
    return Sample()


Install = Callable[..., None]


def write_metadata(folder: Path, name: str, entry_points: str) -> None:
    """Write the metadata that `importlib.metadata` reads of an installed distribution."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8"
    )
    info.joinpath("entry_points.txt").write_text(entry_points, encoding="utf-8")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution: its name, its entry points, and perhaps a module of its code."""
    monkeypatch.syspath_prepend(tmp_path)
    modules: list[str] = []

    def install(name: str, entry_points: str, code: str | None = None) -> None:
        write_metadata(tmp_path, name, entry_points)
        if code is not None:
            modules.append(name.replace("-", "_"))
            tmp_path.joinpath(f"{modules[-1]}.py").write_text(code, encoding="utf-8")
        discovery.forget()

    yield install
    for module in modules:
        sys.modules.pop(module, None)
    monkeypatch.undo()
    discovery.forget()
