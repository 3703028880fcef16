"""What evergraph exports loads in TensorFlow, and gives the same values there."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow.compat.v1 as tensorflow

import evergraph.v1 as tf

tensorflow.disable_v2_behavior()

PROGRAMS = Path(__file__).parents[1] / "programs"
sys.path.append(str(PROGRAMS))
exports, programs = import_module("exports"), import_module("programs")

MODELS = Path(__file__).parents[2] / "conformance/evergraph_conformance/models"
NAMES = sorted(p.name for p in MODELS.iterdir() if (p / "graph.pb").exists())


def exported(graph: Any) -> Any:
    """Return a graph of evergraph's as TensorFlow's message, through its bytes."""
    return tensorflow.GraphDef.FromString(graph.as_graph_def().SerializeToString())


def outputs(graph_def: Any, folder: Path) -> list[Any]:
    """Run a model's program on TensorFlow."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    inputs = dict(np.load(folder / "inputs.npz"))
    found: list[Any] = []
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        tensorflow.import_graph_def(graph_def, name="")
        for step in meta["program"]:
            feeds = {tensor: inputs[key] for tensor, key in step["feeds"].items()}
            targets = [session.graph.get_operation_by_name(t) for t in step["targets"]]
            found += session.run([list(step["fetches"]), targets], feeds)[0]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_models_graph_gives_in_tensorflow_what_it_gave_before(name):
    content = (MODELS / name / "graph.pb").read_bytes()
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(tf.GraphDef.FromString(content), name="")
    got = outputs(exported(graph), MODELS / name)
    want = outputs(tensorflow.GraphDef.FromString(content), MODELS / name)
    for value, wanted in zip(got, want, strict=True):
        np.testing.assert_array_equal(value, wanted)


def program() -> Any:
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    weights = tf.constant(np.arange(12, dtype=np.float32).reshape(4, 3) / 7, name="weights")
    with tf.name_scope("layer"), tf.device("/cpu:0"):
        hidden = tf.nn.softmax(tf.nn.bias_add(tf.matmul(x, weights), [0.5, 0.0, -0.5]))
    with tf.control_dependencies([tf.debugging.assert_rank(x, 2)]):
        return tf.reduce_sum(hidden[:, ::-1], 0, name="y")


def test_a_graph_that_was_built_here_runs_in_tensorflow():
    with tf.Graph().as_default() as graph:
        program()
    fed = {"x:0": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)}
    with graph.as_default(), tf.Session() as session:
        want = session.run("y:0", fed)
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        tensorflow.import_graph_def(exported(graph), name="")
        got = session.run("y:0", fed)
    np.testing.assert_allclose(got, want, rtol=1e-6)


@pytest.mark.parametrize("kind", ["ref", "resource"])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_a_program_that_trains_does_so_in_tensorflow(name, kind):
    export = exports.exported(tf, name, kind == "resource")
    got = exports.replayed(tensorflow, export)
    want = exports.replayed(tf, export, tf.ConfigProto(backend="numpy"))
    assert got.weights.keys() == want.weights.keys()
    for key, value in got.weights.items():
        np.testing.assert_array_equal(value, want.weights[key], strict=True)
    recorded = json.loads((PROGRAMS / "exports.json").read_text(encoding="utf-8"))[name][kind]
    for losses in (want.losses, recorded):
        np.testing.assert_allclose(got.losses[0], losses[0], rtol=1e-5)
        np.testing.assert_allclose(got.losses, losses, rtol=1e-3)
