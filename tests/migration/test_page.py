"""docs/migrating.md is current, and the scripts beside it see what they should."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.append(str(HERE))
import page  # noqa: E402  # the script, as it is run


def python(*arguments, cwd):
    # In a process of its own, where no plugin adds ops, and `tensorflow` is nothing yet.
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"EVERGRAPH_PLUGINS": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_is_what_its_script_writes(tmp_path):
    program = (
        "import runpy\n"
        "from pathlib import Path\n"
        f"runpy.run_path({str(HERE / 'page.py')!r})['main'](Path('page.md'))\n"
    )
    python("-c", program, cwd=tmp_path)
    written = (tmp_path / "page.md").read_text(encoding="utf-8")
    current = page.PAGE.read_text(encoding="utf-8")
    assert written == current, "python tests/migration/page.py writes it again"


@pytest.mark.parametrize(
    ("recorded", "matches"),
    [
        (["x", "y=1.0", "name=None"], True),
        (["x", "y=...", "name=None"], True),
        (["x", "y=2", "name=None"], False),
        (["x", "y", "name=None"], False),
        (["x", "y=1"], False),
        (["x", "z=1", "name=None"], False),
        (["*args", "**kwargs"], True),
        (None, True),
    ],
)
def test_arguments_match_by_name_order_and_default(recorded, matches):
    def function(x, y=1, name=None):
        """Do nothing."""

    assert page.arguments_match(function, recorded) is matches


def test_what_tests_use_is_found():
    assert {"nn.relu", "train.Saver", "placeholder"} <= page.tested_names()
    assert "train.NoSuchThing" not in page.tested_names()


def test_the_shares_of_the_uses_are_printed(tmp_path):
    lines = python(HERE / "usage.py", "3", cwd=tmp_path).splitlines()
    assert [line.partition("uses: ")[2] for line in lines[:3]] == [
        "kept by TensorFlow or tf_keras",
        "contrib",
        "other",
    ]
    assert len(lines) <= 6
