"""Graphs as MetaGraphDefs: written, and built again with their collections."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, typed
from evergraph_conformance.variables import BOTH, OPS

pytestmark = pytest.mark.uses(*OPS, "SaveV2", "RestoreV2", "MatMul", "Placeholder")

X = np.array([[1.0, 2.0]], np.float32)
W = np.arange(6, dtype=np.float32).reshape(2, 3)


def network(tf, resource=False):
    """Make a small model that trains, with what programs keep in collections."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("net", use_resource=resource):
        w = tf.get_variable("w", initializer=W)
        step = tf.train.get_or_create_global_step()
        tf.get_variable("own", initializer=1.0, trainable=False)
    y = tf.matmul(x, w, name="y")
    tf.add_to_collection("outputs", y)
    tf.add_to_collection("size", 3)
    loss = tf.reduce_sum(tf.square(y), name="loss")
    # That adds the operation to the collection TRAIN_OP.
    tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss, global_step=step)


@pytest.fixture
def prefix(tmp_path):
    return str(tmp_path / "m")


def trained(tf, session, steps):
    """Train, and return the loss of each step."""
    (train,) = tf.get_collection(tf.GraphKeys.TRAIN_OP)
    losses = []
    for _ in range(steps):
        losses.append(float(session.run("loss:0", {"x:0": X})))
        session.run(train, {"x:0": X})
    return losses


@BOTH
def test_a_training_goes_on_without_the_program_that_made_it(tf, session, prefix, resource):
    network(tf, resource)
    session.run(tf.global_variables_initializer())
    trained(tf, session, 2)
    path = tf.train.Saver().save(session, prefix, global_step=2)
    wanted = trained(tf, session, 3)
    with tf.Graph().as_default(), tf.Session() as other:
        saver = tf.train.import_meta_graph(f"{path}.meta")
        saver.restore(other, path)
        assert trained(tf, other, 3) == pytest.approx(wanted, rel=1e-5)
        assert other.run(tf.train.get_global_step()) == 5
        assert tf.get_collection("outputs") == [tf.get_default_graph().get_tensor_by_name("y:0")]
        assert tf.get_collection("size") == [3]
        assert [v.name for v in tf.trainable_variables()] == ["net/w:0"]
        assert tf.global_variables()[0] is tf.trainable_variables()[0]
        # It can be saved and imported once more.
        again = saver.save(other, f"{prefix}2")
    with tf.Graph().as_default(), tf.Session() as third:
        tf.train.import_meta_graph(f"{again}.meta").restore(third, again)
        assert third.run(tf.train.get_global_step()) == 5


@BOTH
def test_variables_are_what_they_were(tf, session, resource):
    network(tf, resource)
    before = {v.name: (type(v), v.trainable, v.shape.as_list()) for v in tf.global_variables()}
    message = tf.train.export_meta_graph()
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(message)
        after = {v.name: (type(v), v.trainable, v.shape.as_list()) for v in tf.global_variables()}
        assert after == before
        other.run(tf.global_variables_initializer())
        (w,) = tf.trainable_variables()
        other.run(w.assign_add(W))
        assert other.run(w).tolist() == (2 * W).tolist()


def test_a_graph_may_be_imported_into_a_scope(tf, session, prefix):
    network(tf)
    session.run(tf.global_variables_initializer())
    path = tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        for scope in ("a", "b"):
            saver = tf.train.import_meta_graph(f"{path}.meta", import_scope=scope)
            saver.restore(other, path)
        (first, second) = tf.trainable_variables()
        assert (first.name, second.name) == ("a/net/w:0", "b/net/w:0")
        assert other.run("b/y:0", {"b/x:0": X}).tolist() == (X @ W).tolist()


def test_partitioned_variables_are_saved_after_an_import(tf, session, prefix):
    tf.get_variable(
        "p", [4, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2)
    )
    session.run(tf.global_variables_initializer())
    path = tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(f"{path}.meta").restore(other, path)
        again = tf.train.Saver().save(other, f"{prefix}2")
        assert tf.train.load_variable(again, "p").tolist() == np.ones((4, 2)).tolist()


def test_queue_runners_come_along(tf, session):
    queue = tf.FIFOQueue(3, tf.float32, shapes=[()], name="q")
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(2.0)]))
    queue.dequeue(name="out")
    message = tf.train.export_meta_graph()
    with tf.Graph().as_default(), tf.Session() as other:
        assert tf.train.import_meta_graph(message) is None
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(other, coord)
        assert other.run("out:0") == 2.0
        coord.request_stop()
        coord.join(threads)


def test_a_part_of_a_graph_takes_other_inputs(tf, session):
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.name_scope("part"):
        tf.add(x, 1.0, name="y")
    message = tf.train.export_meta_graph(export_scope="part")
    assert [n.name for n in message.graph_def.node] == ["y/y", "y"]
    with tf.Graph().as_default(), tf.Session() as other:
        text = (
            "Graph contains unbound inputs: $unbound_inputs_x. Must provide these inputs through "
            "input_map."
        )
        with raises(exact("ValueError", text)):
            tf.train.import_meta_graph(message)
        given = tf.constant([1.0, 2.0])
        tf.train.import_meta_graph(
            message, import_scope="new", input_map={"$unbound_inputs_x": given}
        )
        assert other.run("new/y:0").tolist() == [2.0, 3.0]


@pytest.mark.parametrize("as_text", [True, False])
def test_graphs_are_written_as_text_or_not(tf, session, tmp_path, as_text):
    network(tf)
    name = str(tmp_path / "new" / "g.meta")
    message = tf.train.export_meta_graph(name, as_text=as_text)
    with tf.Graph().as_default():
        tf.train.import_meta_graph(name)
        again = tf.get_default_graph().as_graph_def()
    names = [n.name for n in message.graph_def.node]
    # Behind them are the nodes of a saver.
    assert [n.name for n in again.node][: len(names)] == names
    folder = str(tmp_path / "more" / "folders")
    path = tf.train.write_graph(tf.get_default_graph(), folder, "g", as_text=as_text)
    assert path == str(tmp_path / "more" / "folders" / "g")
    text = (tmp_path / "more" / "folders" / "g").read_bytes()
    assert text.startswith(b"node {") is as_text
    if not as_text:
        read = tf.GraphDef.FromString(text)
        assert [n.name for n in read.node] == names


def test_collections_that_no_message_can_hold_are_left_out(tf, session):
    network(tf)
    tf.add_to_collection("objects", object())
    tf.add_to_collection(("not", "text"), 3)
    message = tf.train.export_meta_graph()
    assert "objects" not in message.collection_def
    assert list(message.collection_def["size"].int64_list.value) == [3]
    named = tf.train.export_meta_graph(collection_list=["size"])
    assert list(named.collection_def) == ["size"]


def test_devices_may_be_cleared(tf, session):
    with tf.device("/job:far/gpu:3"):
        tf.add(tf.constant(1.0), 2.0, name="sum")
    message = tf.train.export_meta_graph()
    assert message.graph_def.node[0].device == "/job:far/device:GPU:3"
    assert {n.device for n in tf.train.export_meta_graph(clear_devices=True).graph_def.node} == {""}
    with tf.Graph().as_default(), tf.Session() as other:
        tf.train.import_meta_graph(message, clear_devices=True)
        assert other.run("sum:0") == 3.0


def test_what_is_no_meta_graph_is_an_error(tf, session, tmp_path):
    missing = str(tmp_path / "none")
    with raises(exact("OSError", f"File does not exist. Received: {missing}.")):
        tf.train.import_meta_graph(missing)
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"neither binary nor text")
    with raises(core("OSError", f"Cannot parse file {wrong}: ")):
        tf.train.import_meta_graph(str(wrong))
    with raises(typed("TypeError")):
        tf.train.export_meta_graph(saver_def="x")
    assert tf.get_default_graph().get_operations() == []


def test_a_frozen_graph_gives_what_the_variables_gave(tf, session, prefix):
    """From a checkpoint and its graph alone."""
    network(tf)
    session.run(tf.global_variables_initializer())
    path = tf.train.Saver().save(session, prefix)
    with tf.Graph().as_default() as graph, tf.Session() as other:
        tf.train.import_meta_graph(f"{path}.meta", clear_devices=True).restore(other, path)
        frozen = tf.graph_util.convert_variables_to_constants(other, graph.as_graph_def(), ["y"])
    with tf.Graph().as_default(), tf.Session() as third:
        tf.import_graph_def(frozen, name="")
        assert third.run("y:0", {"x:0": X}).tolist() == (X @ W).tolist()
