"""The trace observer writes one Chrome trace event per node that runs."""

import json

import pytest

import evergraph.v1 as tf


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_every_node_of_a_step_is_one_event(backend, tmp_path, monkeypatch):
    path = tmp_path / "trace.json"
    monkeypatch.setenv("EVERGRAPH_TRACE", str(path))
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2], name="x")
        y = tf.exp(tf.add(x, 1.0, name="sum"), name="result")
        with tf.Session(config=tf.ConfigProto(backend=backend)) as session:
            session.run(y, {x: [0.0, 1.0]})
            session.run(y, {x: [0.0, 1.0]})
    events = [e for e in json.loads(path.read_text() + "]") if e["ph"] == "X"]
    assert [e["args"]["name"] for e in events] == ["sum", "result"] * 2
    assert [e["name"] for e in events] == ["AddV2", "Exp"] * 2
    assert all(e["dur"] >= 0 for e in events)
