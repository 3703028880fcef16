"""SavedModels as programs of TensorFlow 1 write them: each function fills a directory.

It returns calls to record: signature, inputs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.core.protobuf import saved_model_pb2

Calls = list[tuple[str, dict[str, Any]]]


def values(*shape: int, seed: int = 0) -> Any:
    """Return numbers that are always the same."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def initial(*shape: int, seed: int = 0) -> Any:
    """Return an initial value for a variable."""
    return tf.constant(values(*shape, seed=seed) / 2)


def perceptron(x: Any, **of_variables: Any) -> Any:
    """Return the output of a small network."""
    for layer, (size, units) in enumerate([(4, 6), (6, 3)]):
        with tf.variable_scope(f"layer{layer}", use_resource=False):
            w = tf.get_variable("w", initializer=initial(size, units, seed=layer), **of_variables)
            b = tf.get_variable("b", initializer=initial(units, seed=layer + 9))
        x = tf.nn.xw_plus_b(x, w, b)
        x = tf.nn.relu(x) if layer == 0 else tf.nn.softmax(x)
    return x


def simple_save(folder: str, session: Any) -> Calls:
    """A network with reference variables."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    y = perceptron(x)
    session.run(tf.global_variables_initializer())
    tf.saved_model.simple_save(session, folder, {"x": x}, {"y": y, "best": tf.argmax(y, 1)})
    return [("serving_default", {"x": values(n, 4, seed=n)}) for n in (1, 3)]


def partitioned(folder: str, session: Any) -> Calls:
    """Variables in parts, and on two devices; as text."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    with tf.variable_scope("net", partitioner=tf.fixed_size_partitioner(2)):
        hidden = tf.matmul(x, tf.get_variable("w", initializer=initial(4, 5)))
    with tf.device("/cpu:0"):
        v = tf.get_variable("v", initializer=initial(5), use_resource=True)
    y = tf.identity(hidden * v, name="y")
    session.run(tf.global_variables_initializer())
    builder = tf.saved_model.Builder(folder)
    signature = tf.saved_model.predict_signature_def({"x": x}, {"y": y})
    builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
    builder.save(as_text=True)
    return [("serving_default", {"x": values(2, 4)})]


def assets(folder: str, session: Any) -> Calls:
    """Two files, read into a local variable when the model is loaded."""
    directory = Path(folder).parent / "files"
    names = []
    for name, text in (("a", "1,2,3"), ("b", "0.5,0.25,0.125")):
        (directory / name).mkdir(parents=True)
        (directory / name / "numbers.csv").write_text(text, encoding="utf-8")
        names.append(tf.constant(str(directory / name / "numbers.csv"), name=f"path_{name}"))
    table = tf.get_variable(
        "table",
        [2, 3],
        initializer=tf.zeros_initializer(),
        collections=[tf.GraphKeys.LOCAL_VARIABLES],
    )
    rows = [tf.string_split([tf.read_file(name)], ",").values for name in names]
    main_op = tf.group(tf.assign(table, tf.string_to_number(tf.stack(rows))))
    row = tf.placeholder(tf.int32, [], name="row")
    y = tf.gather(table, row)
    builder = tf.saved_model.Builder(folder)
    signature = tf.saved_model.predict_signature_def({"row": row}, {"y": y})
    builder.add_meta_graph_and_variables(
        session,
        ["serve"],
        {"serving_default": signature},
        assets_collection=names,
        main_op=main_op,
    )
    builder.save()
    return [("serving_default", {"row": np.int32(n)}) for n in (0, 1)]


def table(folder: str, session: Any) -> Calls:
    """A vocabulary from a file, which fills a table when the model is loaded."""
    words = Path(folder).parent / "words.txt"
    words.write_text("one\ntwo\nthree\n", encoding="utf-8")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, tf.constant(str(words), name="words"))
    (name,) = tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS)
    initializer = tf.lookup.TextFileInitializer(
        name,
        tf.string,
        tf.lookup.TextFileIndex.WHOLE_LINE,
        tf.int64,
        tf.lookup.TextFileIndex.LINE_NUMBER,
    )
    found = tf.lookup.StaticVocabularyTable(initializer, 2)
    text = tf.placeholder(tf.string, [None], name="text")
    inputs, outputs = {"text": text}, {"ids": found.lookup(text)}
    main_op = tf.tables_initializer()
    tf.saved_model.simple_save(session, folder, inputs, outputs, legacy_init_op=main_op)
    return [("serving_default", {"text": np.array([b"two", b"four", b"one"], object)})]


def loop(folder: str, session: Any) -> Calls:
    """A recurrent network: a loop over lengths that are fed."""
    x = tf.placeholder(tf.float32, [None, 5, 3], name="x")
    length = tf.placeholder(tf.int32, [None], name="length")
    w = tf.get_variable("w", initializer=initial(7, 4))
    steps = tf.transpose(x, [1, 0, 2])

    def body(i: Any, state: Any) -> Any:
        new = tf.tanh(tf.matmul(tf.concat([steps[i], state], 1), w))
        return i + 1, tf.where(i < length, new, state)

    start = tf.zeros(tf.stack([tf.shape(x)[0], 4]))
    shapes = (tf.TensorShape([]), tf.TensorShape([None, 4]))
    _, last = tf.while_loop(lambda i, _: i < tf.reduce_max(length), body, (0, start), shapes)
    session.run(tf.global_variables_initializer())
    tf.saved_model.simple_save(session, folder, {"x": x, "length": length}, {"state": last})
    return [
        ("serving_default", {"x": values(2, 5, 3, seed=n), "length": np.int32([n, 5])})
        for n in (0, 3)
    ]


def functional_loop(folder: str, session: Any) -> Calls:
    """The same loop as two functions."""
    tf.enable_control_flow_v2()
    try:
        return loop(folder, session)
    finally:
        tf.disable_control_flow_v2()


def examples(folder: str, session: Any) -> Calls:
    """Signatures that classify serialized examples, and regress them; with a legacy init op."""
    text = tf.placeholder(tf.string, [None], name="examples")
    parsed = tf.parse_example(text, {"x": tf.FixedLenFeature([4], tf.float32)})
    scores = perceptron(parsed["x"])
    classes = tf.as_string(tf.argsort(scores, direction="DESCENDING"))
    session.run(tf.global_variables_initializer())
    builder = tf.saved_model.Builder(folder)
    module = tf.saved_model
    builder.add_meta_graph_and_variables(
        session,
        ["serve"],
        {
            "serving_default": module.classification_signature_def(text, classes, scores),
            "best": module.regression_signature_def(text, tf.reduce_max(scores, 1)),
        },
        legacy_init_op=tf.no_op("legacy"),
        strip_default_attrs=True,
    )
    builder.save()
    fed = [_example(values(4, seed=n)) for n in range(3)]
    return [("serving_default", {"inputs": fed}), ("best", {"inputs": fed[:1]})]


def _example(numbers: Any) -> bytes:
    feature = tf.train.Feature(float_list=tf.train.FloatList(value=numbers.tolist()))
    features = tf.train.Features(feature={"x": feature})
    serialized: bytes = tf.train.Example(features=features).SerializeToString()
    return serialized


def module_of_hub(folder: str, session: Any) -> Calls:
    """As TensorFlow Hub writes modules: no tags, no saver in the graph, and its own signature."""
    x = tf.placeholder(tf.float32, [None, 4], name="x")
    y = perceptron(x, partitioner=tf.fixed_size_partitioner(2))
    session.run(tf.global_variables_initializer())
    meta_graph = tf.train.export_meta_graph()
    signature = tf.saved_model.build_signature_def(
        {"default": tf.saved_model.build_tensor_info(x)},
        {"default": tf.saved_model.build_tensor_info(y)},
        "default",
    )
    meta_graph.signature_def["default"].CopyFrom(signature)
    os.makedirs(f"{folder}/variables")
    saver = tf.train.Saver()
    saver.save(session, f"{folder}/variables/variables", write_meta_graph=False, write_state=False)
    model = saved_model_pb2.SavedModel(saved_model_schema_version=1, meta_graphs=[meta_graph])
    Path(folder, "saved_model.pb").write_bytes(model.SerializeToString(deterministic=True))
    return [("default", {"default": values(2, 4)})]


MODELS: dict[str, Callable[[str, Any], Calls]] = {
    "v1_simple_save": simple_save,
    "v1_partitioned": partitioned,
    "v1_assets": assets,
    "v1_table": table,
    "v1_loop": loop,
    "v1_functional_loop": functional_loop,
    "v1_examples": examples,
    "v1_hub": module_of_hub,
}
