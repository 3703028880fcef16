"""Scripts for TensorFlow 1 tell what they tell on TensorFlow, and compile no step twice."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

FOLDER = Path(__file__).parent
# The recorder imports them as a script does.
sys.path.append(str(FOLDER))
scripts = import_module("scripts")

RUNS = [
    pytest.param(
        name,
        kind,
        backend,
        id=f"{name}-{kind}-{backend}",
        # XLA takes seconds for each.
        marks=[pytest.mark.rotating(0.2)] if backend == "jax" else [],
    )
    for name in scripts.SCRIPTS
    for kind, backend in (("ref", "numpy"), ("resource", "numpy"), ("ref", "jax"))
    if kind in scripts.KINDS[name]
]
#: By how many units in the last place the first weights may differ.
ULPS = {"numpy": 0, "jax": 2}
#: Scripts whose first weights come from a decomposition, which every library rounds in its way.
DECOMPOSED = {"hand_made_cell"}
#: Scripts in which the shape of something depends on values: pieces are compiled for each shape.
SHAPED = {
    "graph_convolution": "which features are dropped",
    "generative_transformer": "what has been written",
    "k_means": "the points of a mean",
}


class Counted(tf.Session):
    """A session that knows how many shapes of feeds each of its steps has met."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.met = {}

    def run(self, fetches, feed_dict=None, *args, **kwargs):
        result = super().run(fetches, feed_dict, *args, **kwargs)
        fed = feed_dict or {}
        step = (tuple(map(str, tf.nest.flatten(fetches))), tuple(map(str, fed)))
        shapes = str([[np.shape(part) for part in tf.nest.flatten(v)] for v in fed.values()])
        self.met.setdefault(step, (fetches, list(fed), set()))[2].add(shapes)
        return result

    def close(self):
        met, self.met = self.met, {}
        # Steps that are alike share what is compiled.
        alike, counts = {}, []
        for fetches, fed, shapes in met.values():
            explained = self.explain(fetches, tf.nest.flatten(fed, expand_composites=True))
            types = tuple(node.type for node in explained.nodes)
            alike.setdefault(types, set()).update(shapes)
            counts.append((max(explained.compilations, default=0), types, fetches))
        for compiled, types, fetches in counts:
            assert compiled <= len(alike[types]), fetches
        super().close()


@pytest.fixture(scope="module")
def recorded():
    """What `tests/oracle/record_scripts.py` recorded, by script, kind and key."""
    with np.load(FOLDER / "scripts.npz") as file:
        return {tuple(k.split("/", 2)): file[k] for k in file.files}


@pytest.mark.parametrize(("name", "kind", "backend"), RUNS)
def test_a_script_tells_what_it_tells_on_tensorflow(monkeypatch, recorded, name, kind, backend):
    monkeypatch.setenv("EVERGRAPH_BACKEND", backend)
    if name not in SHAPED:
        monkeypatch.setattr(tf, "Session", Counted)
    got = scripts.told(tf, name, kind == "resource")
    weights = {k: got.pop(k) for k in list(got) if k.startswith("weights/")}
    assert weights.keys() == {k for n, _, k in recorded if n == name and k.startswith("weights/")}
    for key, value in weights.items():
        want = recorded[name, "ref", key]
        if want.dtype != np.float32:
            np.testing.assert_array_equal(value, want)
        elif name in DECOMPOSED:
            np.testing.assert_allclose(value, want, rtol=1e-4, atol=1e-6)
        else:
            np.testing.assert_array_max_ulp(value, want, ULPS[backend])
    assert {(name, kind, k) for k in got} <= recorded.keys()
    for key, value in got.items():
        want = recorded[name, kind, key]
        if want.dtype.kind != "f":
            np.testing.assert_array_equal(value, want)
            continue
        np.testing.assert_allclose(value, want, rtol=1e-3, atol=1e-5)
        if want.ndim:
            np.testing.assert_allclose(value[0], want[0], rtol=1e-5, atol=1e-6)


def test_every_script_is_recorded(recorded):
    assert {name for name, _, _ in recorded} == set(scripts.SCRIPTS)


@pytest.mark.parametrize(
    ("name", "key", "backend"),
    [("penn_treebank", "valid", "numpy"), ("variational_autoencoder", "cost", "jax")],
)
def test_a_script_that_imports_tensorflow_runs_by_itself(recorded, name, key, backend):
    command = ["-m", "evergraph", "run", "--backend", backend, "scripts.py", name]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=FOLDER,
        env=os.environ | {"EVERGRAPH_BACKEND": "none"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    (last,) = (line[-1] for line in lines if line[:2] == [name, key])
    np.testing.assert_allclose(float(last.strip("[]")), recorded[name, "ref", key][-1], rtol=1e-3)
