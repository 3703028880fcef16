"""SavedModels that evergraph writes load in TensorFlow, and give the same values there."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow.compat.v1 as tensorflow

import evergraph.v1 as tf
from evergraph.commands import main

tensorflow.disable_v2_behavior()

X = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)


def written(folder: str, files: Any, as_text: bool, resource: bool) -> Any:
    """Write a model with all that a model may have, and return what it gives for X."""
    (files / "names.txt").write_text("three words here", encoding="utf-8")
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        with tf.variable_scope(
            "net", partitioner=tf.fixed_size_partitioner(2), use_resource=resource
        ):
            w = tf.get_variable("w", [4, 3], initializer=tf.random_normal_initializer(seed=1))
        y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, y * 1.5), (0, tf.matmul(x, w)))
        path = tf.constant(str(files / "names.txt"))
        words = tf.get_variable(
            "words", initializer="", collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False
        )
        outputs = {"y": tf.identity(y[1]), "words": tf.identity(words)}
        main_op = tf.group(tf.assign(words, tf.read_file(path)))
        session.run(tf.global_variables_initializer())
        builder = tf.saved_model.Builder(folder)
        signature = tf.saved_model.predict_signature_def({"x": x}, outputs)
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {"serving_default": signature},
            assets_collection=[path],
            main_op=main_op,
        )
        builder.save(as_text=as_text)
        session.run(main_op)
        return session.run(outputs, {x: X})


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_model_gives_in_tensorflow_what_it_gave_before(tmp_path, as_text, resource):
    folder = str(tmp_path / "model")
    wanted = written(folder, tmp_path, as_text, resource)
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        meta_graph = tensorflow.saved_model.load(session, ["serve"], folder)
        signature = meta_graph.signature_def["serving_default"]
        names = {key: info.name for key, info in signature.outputs.items()}
        got = session.run(names, {signature.inputs["x"].name: X})
    np.testing.assert_allclose(got["y"], wanted["y"], rtol=1e-6)
    assert got["words"] == wanted["words"] == b"three words here"


MODELS = Path(__file__).parents[2] / "conformance/evergraph_conformance/models/saved"


@pytest.mark.parametrize("name", ["keras2_embedding", "keras3_lstm", "v1_functional_loop"])
def test_a_frozen_model_gives_in_tensorflow_what_it_gave_with_variables(tmp_path, capsys, name):
    with zipfile.ZipFile(MODELS / f"{name}.zip") as archive:
        archive.extractall(tmp_path)
    arrays = dict(np.load(io.BytesIO((tmp_path / "arrays.npz").read_bytes())))
    target = tmp_path / "frozen.pb"
    assert main(["freeze", str(tmp_path / "saved_model"), str(target)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[:-1]]
    names = {(kind, key.rstrip(":")): tensor for kind, key, tensor in lines}
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        tensorflow.import_graph_def(tensorflow.GraphDef.FromString(target.read_bytes()), name="")
        fed = {t: arrays[f"0/inputs/{k}"] for (kind, k), t in names.items() if kind == "input"}
        wanted = {k: t for (kind, k), t in names.items() if kind == "output"}
        for key, value in session.run(wanted, fed).items():
            np.testing.assert_allclose(value, arrays[f"0/outputs/{key}"], rtol=1e-4, atol=1e-6)
