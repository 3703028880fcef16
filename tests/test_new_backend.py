"""`new-backend` writes a distribution that works, and says why it writes none."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import resources

import pytest

from evergraph.commands import main
from evergraph.new_backend import FILES


@pytest.fixture
def toy(tmp_path, install, monkeypatch):
    """The folder of a new backend `toy`, installed."""
    assert main(["new-backend", "toy", "--path", str(tmp_path / "work")]) == 0
    folder = tmp_path / "work" / "evergraph-toy"
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    entries = project["entry-points"]["evergraph.backends"]
    lines = [f"{name} = {module}" for name, module in entries.items()]
    monkeypatch.syspath_prepend(folder)
    install(project["name"], "\n".join(["[evergraph.backends]", *lines, ""]))
    return folder


def called(folder, *arguments):
    """Run a Python module in a folder, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_own_tests_pass(toy):
    done = called(toy, "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_it_passes_what_it_claims_and_is_told_what_comes_next(toy):
    suites = "callable composites feed fetch graph models page_run partial_run queues run_errors"
    selected = [f"--suite={suite}" for suite in suites.split()]
    done = called(toy, "evergraph_conformance", "toy", *selected)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "| what to claim next | unlocks | needed with others by |" in done.stdout


def test_what_it_claims_of_single_ops_passes(toy):
    ops = "Abs AddV2 Exp Identity Log MatMul Mul Neg RealDiv Relu Reshape Sqrt Square Sub Tanh"
    names = " or ".join(ops.split())
    done = called(toy, "evergraph_conformance", "toy", "--suite=ops", "-k", names)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_kernel_that_is_wrong_is_found(toy):
    kernels = toy / "evergraph_toy" / "kernels.py"
    text = kernels.read_text(encoding="utf-8")
    kernels.write_text(text.replace("xp.asarray(0, ", "xp.asarray(1, "), encoding="utf-8")
    done = called(toy, "evergraph_conformance", "toy", "--suite=ops", "-k", "Relu and float32")
    assert done.returncode == 1, done.stdout


def test_every_template_is_used():
    folder = resources.files("evergraph") / "templates" / "backend"
    assert {path.name.removesuffix(".template") for path in folder.iterdir()} == set(FILES)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Toy Lib", r"cannot name a backend: lowercase letters, .* Perhaps 'toy_lib'\?"),
        ("9lives", r"Perhaps 'lives'\?"),
        ("", "cannot name a backend"),
        ("../up", r"Perhaps 'up'\?"),
        ("numpy", "a backend 'numpy' is installed already"),
        ("conformance", "a package evergraph_conformance is installed already"),
        ("tensorflow", "'tensorflow' is reserved"),
    ],
)
def test_a_name_that_will_not_do_is_refused(tmp_path, capsys, name, why):
    assert main(["new-backend", name, "--path", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("ValueError: ")
    assert re.search(why, error)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_is_left_alone(tmp_path, capsys):
    folder = tmp_path / "evergraph-my-toy"
    folder.mkdir()
    assert main(["new-backend", "my_toy", "--path", str(tmp_path)]) == 1
    assert f"FileExistsError: {folder} exists already" in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_a_path_that_is_no_folder_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["new-backend", "toy", "--path", str(tmp_path / "file")]) == 1
    assert "NotADirectoryError" in capsys.readouterr().err
