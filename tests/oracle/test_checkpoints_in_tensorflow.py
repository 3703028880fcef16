"""TensorFlow reads the checkpoints that evergraph writes, and evergraph those of TensorFlow."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tensorflow

import evergraph.v1 as tf

tensorflow.disable_v2_behavior()

sys.path.append(str(Path(__file__).parents[1] / "checkpoints"))
fixtures = import_module("checkpoint_fixtures")


def write(api, name, folder):
    with api.Graph().as_default(), api.Session() as session:
        return fixtures.FIXTURES[name](api, session, str(folder / "m"))


def checked(api, name, folder, wanted):
    if name in fixtures.FIRST:
        # TensorFlow's reader takes no slices of the first version.
        with api.Graph().as_default(), api.Session() as session:
            node = api.raw_ops.RestoreV2(
                prefix=str(folder / "m"),
                tensor_names=list(wanted),
                shape_and_slices=[""] * len(wanted),
                dtypes=[api.string if v.dtype == object else v.dtype for v in wanted.values()],
            )
            for found, value in zip(session.run(node), wanted.values(), strict=True):
                assert fixtures.same(found, value)
        return
    reader = api.train.NewCheckpointReader(str(folder / "m"))
    assert reader.get_variable_to_shape_map() == {n: list(np.shape(v)) for n, v in wanted.items()}
    for key, value in wanted.items():
        assert fixtures.same(reader.get_tensor(key), value), key


@pytest.mark.parametrize("name", fixtures.FIXTURES)
def test_tensorflow_reads_what_is_written_here(name, tmp_path):
    checked(tensorflow, name, tmp_path, write(tf, name, tmp_path))


@pytest.mark.parametrize("name", fixtures.FIXTURES)
def test_what_tensorflow_writes_is_read_here(name, tmp_path):
    checked(tf, name, tmp_path, write(tensorflow, name, tmp_path))


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize("sharded", [False, True])
@pytest.mark.parametrize(("writer", "reader"), [(tf, tensorflow), (tensorflow, tf)])
def test_a_training_moves_from_one_to_the_other(writer, reader, sharded, resource, tmp_path):
    """By its graph and its checkpoint alone."""

    def losses(session, graph, steps):
        found = []
        for _ in range(steps):
            found.append(session.run(graph.get_tensor_by_name("loss:0")))
            session.run(graph.get_operation_by_name("train"))
        return found

    with writer.Graph().as_default() as graph, writer.Session() as session:
        with writer.variable_scope("net", use_resource=resource):
            w = writer.get_variable("w", initializer=np.linspace(-1, 1, 6, dtype=np.float32))
            step = writer.get_variable("step", initializer=np.int64(0), trainable=False)
        loss = writer.reduce_sum(writer.square(w), name="loss")
        writer.train.MomentumOptimizer(0.1, 0.9).minimize(loss, global_step=step, name="train")
        session.run(writer.global_variables_initializer())
        losses(session, graph, 2)
        saver = writer.train.Saver(sharded=sharded)
        path = saver.save(session, str(tmp_path / "m"), global_step=step)
        wanted = losses(session, graph, 3)
        kinds = [type(v).__name__ for v in writer.global_variables()]
    assert reader.train.latest_checkpoint(str(tmp_path)) == path
    with reader.Graph().as_default() as graph, reader.Session() as session:
        saver = reader.train.import_meta_graph(f"{path}.meta")
        saver.restore(session, path)
        np.testing.assert_allclose(losses(session, graph, 3), wanted, rtol=1e-6)
        assert [type(v).__name__ for v in reader.global_variables()] == kinds


def test_a_checkpoint_of_objects_is_restored_by_names(tmp_path):
    """TensorFlow 2's checkpoints note the names of variables as well."""
    with tensorflow.Graph().as_default(), tensorflow.Session() as session:
        v = tensorflow.Variable([1.0, 2.0], name="scope/v", use_resource=True)
        session.run(v.initializer)
        path = tensorflow.train.Checkpoint(model=v).save(str(tmp_path / "m"), session)
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("scope/v", [2], use_resource=True)
        saver = tf.train.Saver()
        for _ in range(2):
            saver.restore(session, path)
            assert session.run(v).tolist() == [1.0, 2.0]
        other = tf.get_variable("other", [2])
        with pytest.raises(tf.errors.NotFoundError, match="not in the checkpoint: other"):
            tf.train.Saver([other]).restore(session, path)
