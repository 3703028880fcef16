"""The distributions of this folder: how one is installed for a test, if it is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

HERE = Path(__file__).parent

Offer = Callable[[str], Path]
Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def offer(install, monkeypatch) -> Offer:
    """Make sure that a distribution of this folder is found; return its folder."""

    def offer(name: str) -> Path:
        folder = HERE / name
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        try:
            metadata.distribution(project["name"])
        except metadata.PackageNotFoundError:
            lines = []
            for group, entries in project["entry-points"].items():
                lines += [f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())]
            monkeypatch.syspath_prepend(folder)
            install(project["name"], "\n".join([*lines, ""]))
        return folder

    return offer


@pytest.fixture
def call(tmp_path) -> Call:
    """Run Python in a process of its own, far from the checkout."""

    def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return call
