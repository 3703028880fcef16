"""tf.saved_model: what programs write, and read again."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, typed
from evergraph_conformance.variables import BOTH, OPS

pytestmark = pytest.mark.uses(*OPS, "SaveV2", "RestoreV2", "MatMul", "Placeholder")

X = np.array([[1.0, 2.0]], np.float32)
W = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "model")


def network(tf, session, resource=False, scale=1.0):
    """Make a small model, and initialise it."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.get_variable("w", initializer=W * np.float32(scale), use_resource=resource)
    y = tf.matmul(x, w, name="y")
    session.run(tf.global_variables_initializer())
    return x, y


def signature_of(tf, x, y):
    return {"serving_default": tf.saved_model.predict_signature_def({"x": x}, {"y": y})}


def loaded(tf, folder, tags=("serve",), **options):
    """Load a model, and return what its signature gives for X, and its message."""
    with tf.Graph().as_default(), tf.Session() as other:
        meta_graph = tf.saved_model.load(other, list(tags), folder, **options)
        signature = meta_graph.signature_def["serving_default"]
        scope = options.get("import_scope")
        named = tf.saved_model.utils.get_tensor_from_tensor_info
        x = named(signature.inputs["x"], import_scope=scope)
        y = named(signature.outputs["y"], import_scope=scope)
        return other.run(y, {x: X}).tolist(), meta_graph


@BOTH
def test_a_simple_save_comes_back(tf, session, folder, resource):
    x, y = network(tf, session, resource)
    assert not tf.saved_model.maybe_saved_model_directory(folder)
    tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
    assert tf.saved_model.loader.maybe_saved_model_directory(folder)
    assert sorted(os.listdir(folder)) == ["saved_model.pb", "variables"]
    found, meta_graph = loaded(tf, folder)
    assert found == (X @ W).tolist()
    signature = meta_graph.signature_def["serving_default"]
    assert signature.method_name == "tensorflow/serving/predict"
    assert signature.inputs["x"].dtype == tf.float32.as_datatype_enum
    assert [d.size for d in signature.inputs["x"].tensor_shape.dim] == [-1, 2]
    assert loaded(tf, folder, import_scope="inner")[0] == (X @ W).tolist()


def test_text_is_read_where_there_is_no_binary(tf, session, folder):
    x, y = network(tf, session)
    builder = tf.saved_model.builder.SavedModelBuilder(folder)
    builder.add_meta_graph_and_variables(session, ["serve"], signature_of(tf, x, y))
    assert builder.save(as_text=True) == os.fsencode(f"{folder}/saved_model.pbtxt")
    assert loaded(tf, folder)[0] == (X @ W).tolist()


def test_graphs_share_the_variables(tf, session, folder):
    """Row 235."""
    x, y = network(tf, session)
    builder = tf.saved_model.Builder(folder)
    builder.add_meta_graph_and_variables(session, ["train"], signature_of(tf, x, y))
    with tf.Graph().as_default(), tf.Session() as other:
        x, y = network(tf, other, scale=5.0)
        builder.add_meta_graph(["serve", "gpu"], signature_of(tf, x, tf.add(y, 1.0)))
    builder.save()
    assert loaded(tf, folder, ["train"])[0] == (X @ W).tolist()
    assert loaded(tf, folder, ["gpu", "serve"])[0] == (X @ W + 1.0).tolist()
    text = (
        "MetaGraphDef associated with tags 'serve' could not be found in SavedModel, with "
        "available tags '["
    )
    with raises(core("RuntimeError", text)):
        loaded(tf, folder)


@pytest.mark.uses("ReadFile")
def test_files_come_along_and_are_read_where_they_are_then(tf, session, tmp_path, folder):
    names = []
    for name in ("a", "b", "same"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words.txt").write_text("ab"[name == "b"], encoding="utf-8")
        names.append(tf.constant(str(tmp_path / name / "words.txt")))
    words = tf.get_variable(
        "words", initializer="", collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False
    )
    main_op = tf.group(tf.assign(words, tf.read_file(names[0]) + tf.read_file(names[1])))
    x, y = network(tf, session)
    builder = tf.saved_model.Builder(folder)
    builder.add_meta_graph_and_variables(
        session, ["serve"], signature_of(tf, x, y), assets_collection=names, main_op=main_op
    )
    builder.save()
    # A file that says the same is the same one.
    assert sorted(os.listdir(f"{folder}/assets")) == ["words.txt", "words.txt_1"]
    moved = shutil.move(folder, str(tmp_path / "moved"))
    for name in ("a", "b", "same"):
        shutil.rmtree(tmp_path / name)
    with tf.Graph().as_default(), tf.Session() as other:
        tf.saved_model.load(other, ["serve"], moved)
        assert other.run("words:0") == b"ab"
        assert len(tf.get_collection(tf.saved_model.constants.ASSETS_KEY)) == 3
        assert len(tf.get_collection(tf.saved_model.constants.MAIN_OP_KEY)) == 1


def test_a_graph_without_variables_is_saved(tf, session, folder):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    tf.saved_model.simple_save(session, folder, {"x": x}, {"y": x * 2.0})
    assert loaded(tf, folder)[0] == (X * 2).tolist()


def test_a_main_op_may_initialise_everything(tf, session, folder):
    x, y = network(tf, session)
    tf.get_variable("local", initializer=7.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    builder = tf.saved_model.Builder(folder)
    session.run(tf.local_variables_initializer())
    session.run(tf.global_variables()[0].assign(W + 1))
    builder.add_meta_graph_and_variables(
        session,
        [tf.saved_model.tag_constants.SERVING],
        signature_of(tf, x, y),
        main_op=tf.saved_model.main_op.main_op(),
    )
    builder.save()
    # It runs after the values have been restored, and makes them the initial ones.
    assert loaded(tf, folder)[0] == (X @ W).tolist()


def test_order_and_place_of_saving_matter(tf, session, folder):
    """Row 236."""
    x, y = network(tf, session)
    builder = tf.saved_model.Builder(folder)
    with raises(core("AssertionError", "Graph state including variables and assets has not been")):
        builder.add_meta_graph(["serve"])
    builder.add_meta_graph_and_variables(session, ["serve"], signature_of(tf, x, y))
    with raises(core("AssertionError", "Graph state including variables and assets has already")):
        builder.add_meta_graph_and_variables(session, ["serve"])
    builder.save()
    with raises(core("AssertionError", f"Export directory {folder} already exists, and isn't")):
        tf.saved_model.Builder(folder)


def test_what_a_graph_is_saved_with_is_checked(tf, session, folder):
    x, y = network(tf, session)
    builder = tf.saved_model.Builder(folder)

    def add(signatures=None, **options):
        builder.add_meta_graph_and_variables(session, ["serve"], signatures, **options)

    with raises(typed("KeyError")):
        add({"__saved_model_init_op": signature_of(tf, x, y)["serving_default"]})
    nameless = tf.saved_model.build_signature_def({"x": tf.TensorInfo()})
    with raises(core("AssertionError", "Invalid `tensor_info`")):
        add({"s": nameless})
    for wrong in ("x", tf.constant(1), tf.constant(["a", "b"]), x):
        with raises(core("TypeError", "Asset path tensor ")):
            add(assets_collection=[wrong])
    with raises(core("ValueError", "Asset filepath tensor ")):
        add(assets_collection=[tf.constant("")])
    with raises(typed("TypeError")):
        add(main_op=y)
    add(signature_of(tf, x, y), main_op=tf.no_op())
    with raises(core("ValueError", "Graph already contains one or more main ops under")):
        builder.add_meta_graph(["again"], main_op=tf.no_op())


def test_a_variable_without_a_value_cannot_be_saved(tf, session, folder):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = x * tf.get_variable("v", initializer=1.0)
    with raises(typed("FailedPreconditionError")):
        tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
    assert not tf.saved_model.maybe_saved_model_directory(folder)
    assert session.run(tf.constant(1)) == 1


def test_what_is_no_model_is_an_error(tf, session, tmp_path, folder):
    """Row 234."""
    text = f"SavedModel file does not exist at: {folder}/{{saved_model.pbtxt|saved_model.pb}}"
    with raises(exact("OSError", text)):
        loaded(tf, folder)
    for name, content in (("saved_model.pb", b"\xff\xff"), ("saved_model.pbtxt", b"neither {")):
        other = tmp_path / name
        other.mkdir()
        (other / name).write_bytes(content)
        with raises(core("OSError", "Cannot parse file ")):
            loaded(tf, str(other))
    x, y = network(tf, session)
    tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
    shutil.rmtree(f"{folder}/variables")
    text = f"The passed save_path is not a valid checkpoint: {folder}/variables/variables"
    with raises(exact("ValueError", text)):
        loaded(tf, folder)


def test_signatures_say_what_servers_may_ask(tf, session):
    module = tf.saved_model
    text, numbers = tf.placeholder(tf.string), tf.placeholder(tf.float32)
    classify = module.classification_signature_def(text, text, numbers)
    assert classify.method_name == module.CLASSIFY_METHOD_NAME
    assert sorted(classify.outputs) == ["classes", "scores"]
    regress = module.regression_signature_def(text, numbers)
    assert regress.inputs["inputs"].name == text.name
    predict = module.predict_signature_def({"a": text}, {"b": numbers})
    for valid in (classify, regress, predict):
        assert module.is_valid_signature(valid)
    regress.inputs["inputs"].dtype = tf.float32.as_datatype_enum
    del predict.outputs["b"]
    classify.outputs["more"].name = "x:0"
    for invalid in (classify, regress, predict, None, module.build_signature_def()):
        assert not module.is_valid_signature(invalid)
    regress, classify = module.regression_signature_def, module.classification_signature_def
    for pair in ((None, numbers), ("x", numbers), (text, None), (numbers, numbers), (text, text)):
        with raises(typed("ValueError")):
            regress(*pair)
    for triple in ((None, text, numbers), (text, None, None), (text, numbers, numbers)):
        with raises(typed("ValueError")):
            classify(*triple)
    for inputs, outputs in (({}, {"b": numbers}), ({"a": text}, None)):
        with raises(core("ValueError", "Prediction `")):
            module.predict_signature_def(inputs, outputs)


def test_a_sparse_tensor_has_three_names(tf, session):
    sparse = tf.sparse_placeholder(tf.float32, [2, 3])
    info = tf.saved_model.build_tensor_info(sparse)
    assert info.coo_sparse.values_tensor_name == sparse.values.name
    again = tf.saved_model.get_tensor_from_tensor_info(info)
    assert (again.indices, again.values) == (sparse.indices, sparse.values)
    with raises(typed("KeyError")):
        tf.saved_model.get_tensor_from_tensor_info(info, tf.Graph())
    with raises(core("ValueError", "Invalid TensorInfo.encoding: None")):
        tf.saved_model.get_tensor_from_tensor_info(tf.TensorInfo())


def test_a_constant_may_stand_for_an_input(tf, session):
    x = tf.placeholder(tf.float32, [])
    info = {"x": tf.saved_model.build_tensor_info(x)}
    made = tf.saved_model.build_signature_def(info, info, "m", {"x": tf.constant(2.5)})
    assert tf.make_ndarray(made.defaults["x"]) == 2.5
    with raises(core("ValueError", "Unable to convert object ")):
        tf.saved_model.build_signature_def(info, info, "m", {"x": x})


def test_the_method_of_a_signature_may_be_replaced(tf, session, tmp_path, folder):
    x, y = network(tf, session)
    tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y})
    updater = tf.saved_model.signature_def_utils.MethodNameUpdater(folder)
    for wrong in (("", "m"), ("serving_default", ""), ("other", "m")):
        with raises(typed("ValueError")):
            updater.replace_method_name(*wrong)
    with raises(typed("ValueError")):
        updater.replace_method_name("serving_default", "m", tags=["none"])
    updater.replace_method_name("serving_default", "mine", tags="serve")
    updater.save()
    assert loaded(tf, folder)[1].signature_def["serving_default"].method_name == "mine"
