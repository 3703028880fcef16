"""Examples: messages of features, built with `tf.train`, and taken apart in a graph."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import exact, raises, row

pytestmark = pytest.mark.uses(
    "ParseExampleV2",
    "ParseSequenceExampleV2",
    "FIFOQueueV2",
    "QueueEnqueueManyV2",
    "QueueCloseV2",
    "QueueDequeueV2",
    "TFRecordReaderV2",
    "ReaderReadV2",
)


def feature(tf, values):
    kinds = {
        int: ("int64_list", tf.train.Int64List),
        float: ("float_list", tf.train.FloatList),
        bytes: ("bytes_list", tf.train.BytesList),
    }
    name, kind = kinds[type(values[0])]
    return tf.train.Feature(**{name: kind(value=values)})


def features(tf, named):
    return tf.train.Features(feature={k: feature(tf, v) for k, v in named.items()})


def example(tf, **named):
    return tf.train.Example(features=features(tf, named)).SerializeToString()


def sequence(tf, context, **lists):
    made = {
        k: tf.train.FeatureList(feature=[feature(tf, v) for v in rows]) for k, rows in lists.items()
    }
    return tf.train.SequenceExample(
        context=features(tf, context), feature_lists=tf.train.FeatureLists(feature_list=made)
    ).SerializeToString()


def test_a_batch_is_taken_apart(tf, run):
    batch = [
        example(tf, age=[41], name=[b"a", b"bc"], at=[0.5, 1.5]),
        example(tf, name=[b"d"], at=[2.0, 3.0], more=[1.0, 2.0]),
    ]
    parsed = tf.parse_example(
        batch,
        {
            "age": tf.FixedLenFeature([], tf.int64, -1),
            "name": tf.VarLenFeature(tf.string),
            "at": tf.FixedLenFeature([2], tf.float32),
            "more": tf.FixedLenSequenceFeature([], tf.float32, True, default_value=9.0),
        },
    )
    assert parsed["at"].shape.as_list() == [2, 2]
    got = run(parsed)
    assert got["age"].tolist() == [41, -1]
    assert got["at"].tolist() == [[0.5, 1.5], [2.0, 3.0]]
    assert got["more"].tolist() == [[9.0, 9.0], [1.0, 2.0]]
    assert got["name"].indices.tolist() == [[0, 0], [0, 1], [1, 0]]
    assert got["name"].values.tolist() == [b"a", b"bc", b"d"]
    assert got["name"].dense_shape.tolist() == [2, 2]


def test_one_is_taken_apart(tf, run):
    text = example(tf, image=[b"xyz"], label=[3], box=[0.25, 0.5])
    wanted = {
        "image": tf.FixedLenFeature([], tf.string),
        "label": tf.FixedLenFeature([], tf.int64),
        "box": tf.VarLenFeature(tf.float32),
    }
    got = run(tf.parse_single_example(text, wanted))
    assert (got["image"], got["label"]) == (b"xyz", 3)
    assert got["box"].indices.tolist() == [[0], [1]]
    assert got["box"].values.tolist() == [0.25, 0.5]


def test_what_is_taken_apart_feeds_what_is_computed(tf, run):
    text = tf.placeholder(tf.string, [None])
    parsed = tf.parse_example(text, {"x": tf.FixedLenFeature([3], tf.float32)})
    total = tf.reduce_sum(tf.square(parsed["x"]), 1)
    batch = [example(tf, x=[1.0, 2.0, 3.0]), example(tf, x=[0.0, 0.0, 2.0])]
    assert run(total, {text: batch}).tolist() == [14.0, 4.0]


def test_records_of_a_file_are_taken_apart(tf, session, tmp_path):
    path = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(path) as writer:
        for i in range(3):
            writer.write(example(tf, x=[i, i * i]))
    queue = tf.FIFOQueue(3, tf.string, [()])
    session.run(queue.enqueue_many([[path]]))
    session.run(queue.close())
    _, text = tf.TFRecordReader().read(queue)
    x = tf.parse_single_example(text, {"x": tf.FixedLenFeature([2], tf.int64)})["x"]
    assert [session.run(x).tolist() for _ in range(3)] == [[0, 0], [1, 1], [2, 4]]
    with pytest.raises(tf.errors.OutOfRangeError):
        session.run(x)


@pytest.mark.uses("SparseReorder")
def test_indices_and_values_become_a_sparse_tensor(tf, run):
    batch = [example(tf, at=[3, 1], value=[5.0, 6.0]), example(tf, at=[0], value=[7.0])]
    wanted = {"s": tf.SparseFeature("at", "value", tf.float32, 4)}
    parsed = tf.parse_example(batch, wanted)
    assert list(parsed) == ["s"]
    got = run(tf.sparse_tensor_to_dense(parsed["s"]))
    assert got.tolist() == [[0, 6, 0, 5], [7, 0, 0, 0]]


def test_a_feature_may_be_ragged(tf, run):
    batch = [example(tf, x=[1, 2]), example(tf, y=[1.0])]
    got = run(tf.parse_example(batch, {"r": tf.io.RaggedFeature(tf.int64, "x")}))
    assert got["r"].to_list() == [[1, 2], []]


def test_one_sequence_is_taken_apart(tf, run):
    text = sequence(tf, {"length": [2]}, words=[[b"a"], [b"b"]], marks=[[1, 2], [3]])
    context, lists = tf.parse_single_sequence_example(
        text,
        {"length": tf.FixedLenFeature([], tf.int64)},
        {
            "words": tf.FixedLenSequenceFeature([], tf.string),
            "marks": tf.VarLenFeature(tf.int64),
            "none": tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True),
        },
    )
    assert lists["none"].shape.as_list() == [None, 2]
    got, rows = run([context, lists])
    assert got["length"] == 2
    assert rows["words"].tolist() == [b"a", b"b"]
    assert rows["marks"].indices.tolist() == [[0, 0], [0, 1], [1, 0]]
    assert rows["none"].shape == (0, 2)


def test_sequences_of_several_lengths_are_filled_up(tf, run):
    batch = [sequence(tf, {}, x=[[1], [2]]), sequence(tf, {}, x=[[3]])]
    _, lists, lengths = tf.io.parse_sequence_example(
        batch, None, {"x": tf.FixedLenSequenceFeature([1], tf.int64)}
    )
    got, counts = run([lists["x"], lengths["x"]])
    assert got.tolist() == [[[1], [2]], [[3], [0]]]
    assert counts.tolist() == [2, 1]


ONE = "Name: {}, Key: x, Index: 1.  "


@pytest.mark.parametrize(
    ("named", "message"),
    [
        row(
            "missing",
            {"y": [1]},
            "Name: {}, Feature: x (data type: int64) is required but could not be found.",
        ),
        row(
            "another type",
            {"x": [1.0, 2.0]},
            ONE + "Data types don't match. Data type: float but expected type: int64",
        ),
        row(
            "another number",
            {"x": [1, 2, 3]},
            ONE + "Number of int64 values != expected.  Values size: 3 but output shape: [2]",
        ),
    ],
)
@pytest.mark.parametrize("names", [None, ["one", "two"]], ids=["", "named"])
def test_what_is_wrong_is_said(tf, session, named, message, names):
    text = tf.placeholder(tf.string, [2])
    wanted = {"x": tf.FixedLenFeature([2], tf.int64)}
    x = tf.parse_example(text, wanted, example_names=names, name="p")["x"]
    good = example(tf, x=[1, 2])
    named = message.format("two" if names else "<unknown>"), named
    with raises(exact("InvalidArgumentError", named[0])) as caught:
        session.run(x, {text: [good, example(tf, **named[1])]})
    assert caught.value.op.name == "p/p"
    assert session.run(x, {text: [good, good]}).tolist() == [[1, 2], [1, 2]]


def test_what_is_no_message_is_said(tf, session):
    text = tf.placeholder(tf.string, [])
    x = tf.parse_single_example(text, {"x": tf.FixedLenFeature([], tf.int64)})["x"]
    wanted = exact("InvalidArgumentError", "Could not parse example input, value: 'abc'")
    with raises(wanted):
        session.run(x, {text: b"abc"})
    assert session.run(x, {text: example(tf, x=[4])}) == 4


def test_one_of_unknown_rank_is_checked_when_it_runs(tf, session):
    text = tf.placeholder(tf.string)
    x = tf.parse_single_example(text, {"x": tf.FixedLenFeature([], tf.int64)})["x"]
    assert session.run(x, {text: example(tf, x=[4])}) == 4
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be a scalar"):
        session.run(x, {text: [example(tf, x=[4])]})
