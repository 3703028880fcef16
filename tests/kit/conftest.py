"""What the tests of the conformance kit share: runs of it, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent

Kit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kit() -> Kit:
    """Run the kit with these arguments and environment variables."""

    def kit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "evergraph_conformance", *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return kit
