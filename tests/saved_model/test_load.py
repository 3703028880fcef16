"""`evergraph.load` of SavedModels, and of what is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import evergraph as eg
import evergraph.v1 as tf
from evergraph import protos
from evergraph.saved_model.layout import asset_path


def edited(folder: Path, edit) -> None:
    """Change the message of a model."""
    path = folder / "saved_model.pb"
    message = protos.SavedModel.FromString(path.read_bytes())
    edit(message.meta_graphs[0])
    path.write_bytes(message.SerializeToString())


@pytest.mark.parametrize("name", ["v1_hub", "v1_assets", "v1_partitioned", "keras3_lstm"])
def test_a_model_is_called_by_the_names_of_its_signature(recorded, name):
    model = recorded(name)
    for signature, inputs, outputs in model.calls:
        loaded = eg.load(model.folder, signature=signature)
        assert list(loaded.inputs) == sorted(inputs)
        assert list(loaded.outputs) == sorted(outputs)
        (wanted,) = outputs.values()
        np.testing.assert_allclose(loaded.run(inputs), wanted, rtol=1e-4, atol=1e-6)
        loaded.close()


def test_the_signature_may_be_chosen_and_inputs_have_types_and_shapes(recorded):
    model = recorded("v2_two_signatures")
    loaded = eg.load(model.folder, signature="iterate")
    assert loaded.signatures == ["iterate", "serving_default"]
    assert loaded.inputs["x"].dtype == tf.float32
    assert loaded.inputs["x"].shape.as_list() == [None, 3]
    _, inputs, outputs = model.calls[2]
    got = loaded(**inputs)
    assert sorted(got) == ["sum", "y"]
    np.testing.assert_allclose(got["y"], outputs["y"], rtol=1e-5)
    np.testing.assert_allclose(loaded(["sum"], **inputs), outputs["sum"], rtol=1e-5)
    with pytest.raises(ValueError, match="no signature 'other'; the model has iterate, serving"):
        eg.load(model.folder, signature="other")


def test_tags_that_no_graph_has_are_an_error(recorded):
    model = recorded("v1_simple_save")
    with pytest.raises(RuntimeError, match=r"with available tags '\[\{'serve'\}\]'"):
        eg.load(model.folder, tags=["train"])
    assert eg.load(model.folder, tags="serve").signature == "serving_default"


def test_the_file_of_a_model_stands_for_its_directory(recorded):
    model = recorded("v1_simple_save")
    assert eg.load(model.folder / "saved_model.pb").signature == "serving_default"


def test_an_input_with_a_default_need_not_be_given(recorded):
    model = recorded("v1_simple_save")
    _, inputs, outputs = model.calls[0]

    def edit(meta_graph):
        default = tf.make_tensor_proto(inputs["x"])
        meta_graph.signature_def["serving_default"].defaults["x"].CopyFrom(default)

    edited(model.folder, edit)
    np.testing.assert_allclose(eg.load(model.folder)()["y"], outputs["y"], rtol=1e-5)


def test_without_its_variables_a_model_is_an_error(recorded):
    for name in ("v1_simple_save", "v1_hub"):
        model = recorded(name)
        shutil.rmtree(model.folder / "variables")
        with pytest.raises(ValueError, match=r"not a valid checkpoint: .*variables/variables"):
            eg.load(model.folder)
        shutil.rmtree(model.folder)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", "..", "", "C:\\x"])
def test_no_asset_lies_outside_of_the_model(recorded, name):
    model = recorded("v1_assets")

    def edit(meta_graph):
        asset = meta_graph.asset_file_def.add(filename=name)
        asset.tensor_info.name = "path_a:0"

    edited(model.folder, edit)
    with pytest.raises(eg.errors.InvalidArgumentError, match="lies outside of its assets"):
        eg.load(model.folder)
    with (
        tf.Graph().as_default() as graph,
        tf.Session() as session,
        pytest.raises(eg.errors.InvalidArgumentError, match="lies outside of its assets"),
    ):
        tf.saved_model.load(session, ["serve"], str(model.folder))
    assert graph.get_operations() == []


def test_an_asset_may_lie_in_a_folder_among_the_assets():
    assert asset_path("m", "words/en.txt") == "m/assets/words/en.txt"


def test_names_that_the_graph_does_not_have_are_an_error(recorded):
    model = recorded("v1_simple_save")

    def edit(meta_graph):
        meta_graph.signature_def["serving_default"].inputs["x"].name = "none:0"

    edited(model.folder, edit)
    with pytest.raises(eg.errors.InvalidArgumentError, match="the graph has no tensor 'none:0'"):
        eg.load(model.folder)


def test_there_is_one_init_op_or_none(recorded):
    model = recorded("v1_assets")

    def edit(meta_graph):
        meta_graph.collection_def["saved_model_main_op"].node_list.value.append("again")

    edited(model.folder, edit)
    with pytest.raises(RuntimeError, match=r"Expected exactly one SavedModel init op\. Found 2"):
        eg.load(model.folder)


def test_the_graph_beside_a_checkpoint_is_loaded_with_its_values(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2], name="x")
        tf.multiply(x, tf.get_variable("v", initializer=[2.0, 3.0]), name="y")
        session.run(tf.global_variables_initializer())
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    model = eg.load(f"{prefix}.meta")
    assert model(["y"], x=[1.0, 1.0]).tolist() == [2.0, 3.0]


def test_a_graph_may_be_text(tmp_path):
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [], name="x")
        tf.cond(x > 0, lambda: x * 2, lambda: -x, name="c")
        path = tf.train.write_graph(graph, str(tmp_path), "g.pbtxt")
    model = eg.load(path)
    assert (list(model.inputs), list(model.outputs)) == (["x"], ["c/Merge"])
    assert (model(x=3.0), model(x=-3.0)) == (6.0, 3.0)


def test_what_is_no_model_is_an_error(tmp_path):
    with pytest.raises(OSError, match="SavedModel file does not exist at"):
        eg.load(tmp_path)
    with pytest.raises(eg.errors.NotFoundError, match="none; No such file"):
        eg.load(tmp_path / "none")
    for name in ("g.pb", "g.pbtxt", "g.meta"):
        (tmp_path / name).write_bytes(b"\xff\xfe")
        with pytest.raises(eg.errors.InvalidArgumentError, match=r"is not a (Meta)?GraphDef"):
            eg.load(tmp_path / name)
    (tmp_path / "saved_model.cpb").write_bytes(b"")
    with pytest.raises(eg.errors.UnimplementedError, match="in pieces"):
        eg.load(tmp_path)
