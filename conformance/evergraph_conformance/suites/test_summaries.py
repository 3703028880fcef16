"""Summaries: the nodes that are built, the messages that they make, and event files."""

from __future__ import annotations

import struct
import warnings
import zlib

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("ScalarSummary", "MergeSummary")


def nodes(tf):
    """Return names, types and inputs of the nodes of the graph, but for constants."""
    operations = tf.get_default_graph().get_operations()
    return [
        (op.name, op.type, [t.name for t in op.inputs]) for op in operations if op.type != "Const"
    ]


def value(tf, serialized):
    """Return the only value of a summary."""
    (found,) = tf.Summary.FromString(serialized).value
    return found


# Builders


def test_a_summary_is_a_node_and_its_tag_a_constant(tf):
    with tf.name_scope("s"):
        made = tf.summary.scalar("a", tf.placeholder(tf.float32, [], name="x"))
    assert nodes(tf)[1:] == [("s/a", "ScalarSummary", ["s/a/tags:0", "s/x:0"])]
    assert made.dtype == tf.string
    assert made.shape == ()
    assert tf.get_collection(tf.GraphKeys.SUMMARIES) == [made]


def test_a_name_in_use_is_made_unique(tf, session):
    tf.summary.scalar("a", 1.0)
    made = tf.summary.scalar("a", 2.0)
    assert made.name == "a_1:0"
    assert value(tf, session.run(made)).tag == "a_1"


def test_a_name_that_no_node_may_have_is_changed(tf, session):
    """Row 321."""
    made = tf.summary.scalar("a b", 1.0)
    assert made.name == "a_b:0"
    assert value(tf, session.run(made)).tag == "a_b"
    assert tf.summary.scalar("/c", 1.0).name == "c:0"


def test_a_family_comes_first(tf, session):
    with tf.name_scope("s"):
        made = tf.summary.scalar("a", 1.0, family="f g")
    assert made.name == "s/f_g/a:0"
    assert value(tf, session.run(made)).tag == "f_g/s/f_g/a"


def test_a_summary_without_a_name_has_that_of_its_type(tf, session):
    made = tf.summary.scalar("", 1.0)
    assert made.name == "ScalarSummary:0"
    assert value(tf, session.run(made)).tag == ""
    with raises(core("ValueError", "At least one of name")):
        tf.summary.scalar(None, 1.0)


def test_collections_may_be_named(tf):
    made = tf.summary.histogram("h", [1.0], collections=["mine", "yours"])
    assert tf.get_collection("mine") == tf.get_collection("yours") == [made]
    assert tf.get_collection(tf.GraphKeys.SUMMARIES) == []


def test_summaries_are_merged(tf, session):
    a, b = tf.summary.scalar("a", 1.0), tf.summary.scalar("b", 2.0)
    merged = tf.summary.merge([a, b])
    assert nodes(tf)[2:] == [("Merge/MergeSummary", "MergeSummary", ["a:0", "b:0"])]
    assert session.run(merged) == b"\n\x08\n\x01a\x15\x00\x00\x80?\n\x08\n\x01b\x15\x00\x00\x00@"
    assert tf.get_collection(tf.GraphKeys.SUMMARIES) == [a, b]
    named = tf.summary.merge([a], collections=["mine"], name="m")
    assert named.name == "m/m:0"
    assert tf.get_collection("mine") == [named]


def test_all_summaries_are_merged(tf, session):
    """Row 322."""
    assert tf.summary.merge_all() is None
    tf.summary.scalar("a", 1.0)
    tf.summary.scalar("b", 2.0)
    merged = tf.summary.merge_all()
    assert [v.tag for v in tf.Summary.FromString(session.run(merged)).value] == ["a", "b"]
    only = tf.summary.merge_all(scope="b")
    assert [v.tag for v in tf.Summary.FromString(session.run(only)).value] == ["b"]
    assert tf.summary.merge_all("none") is None


def test_nothing_cannot_be_merged(tf):
    with raises(
        exact(
            "ValueError",
            "List argument 'inputs' to 'MergeSummary' Op with length 0 shorter than minimum "
            "length 1.",
        )
    ):
        tf.summary.merge([])


# Numbers


@pytest.mark.parametrize(
    ("dtype", "text"),
    [
        ("float32", b"\n\x08\n\x01a\x15\x00\x00\xc0?"),
        ("float64", b"\n\x08\n\x01a\x15\x00\x00\xc0?"),
        ("int64", b"\n\x08\n\x01a\x15\x00\x00\x80?"),
        ("float16", b"\n\x08\n\x01a\x15\x00\x00\xc0?"),
        ("uint8", b"\n\x08\n\x01a\x15\x00\x00\x80?"),
    ],
)
def test_a_number(tf, session, dtype, text):
    x = tf.placeholder(dtype, [])
    made = tf.summary.scalar("a", x)
    assert session.run(made, {x: np.array(1.5).astype(dtype)}) == text


def test_several_numbers_in_one_node(tf, session):
    made = tf.raw_ops.ScalarSummary(tags=["a", "b"], values=[1.0, np.nan])
    found = tf.Summary.FromString(session.run(made)).value
    assert [v.tag for v in found] == ["a", "b"]
    assert found[0].simple_value == 1.0
    assert np.isnan(found[1].simple_value)


def test_a_number_is_computed_by_the_step(tf, session):
    x = tf.placeholder(tf.float32, [None], name="x")
    made = tf.summary.scalar("a", tf.reduce_sum(x * x))
    assert value(tf, session.run(made, {x: [1.0, 2.0]})).simple_value == 5.0
    assert value(tf, session.run(made, {x: [3.0]})).simple_value == 9.0


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        row(
            "320 a scalar summary of a vector",
            lambda tf: tf.summary.scalar("a", [1.0, 2.0]),
            exact(
                "InvalidArgumentError",
                "tags and values are not the same shape: [] != [2] (tag 'a')",
            ),
        ),
        row(
            "323 a histogram with NaN",
            lambda tf: tf.summary.histogram("h", [1.0, np.nan]),
            exact("InvalidArgumentError", "Nan in summary histogram for: h"),
        ),
        row(
            "a histogram with infinity",
            lambda tf: tf.summary.histogram("h", [1.0, -np.inf]),
            exact("InvalidArgumentError", "Infinity in Histogram for: h"),
        ),
        row(
            "a histogram with several tags",
            lambda tf: tf.raw_ops.HistogramSummary(tag=["h"], values=[1.0]),
            exact("InvalidArgumentError", "tags must be scalar"),
        ),
        row(
            "the same tag twice",
            lambda tf: tf.summary.merge(
                [tf.raw_ops.ScalarSummary(tags=["a"], values=[v]) for v in (1.0, 2.0)]
            ),
            exact("InvalidArgumentError", "Duplicate tag a found in summary inputs "),
        ),
        row(
            "what is no summary",
            lambda tf: tf.summary.merge([tf.constant("xxx")]),
            exact("InvalidArgumentError", "Could not parse one of the summary inputs"),
        ),
        row(
            "an image of two channels",
            lambda tf: tf.summary.image("i", open_shape(tf, np.zeros([1, 1, 1, 2]))),
            exact(
                "InvalidArgumentError",
                "Tensor must be 4-D with last dim 1, 3, or 4, not [1,1,1,2]",
            ),
        ),
        row(
            "an image of rank 3",
            lambda tf: tf.summary.image("i", open_shape(tf, np.zeros([1, 1, 1]))),
            exact(
                "InvalidArgumentError", "Tensor must be 4-D with last dim 1, 3, or 4, not [1,1,1]"
            ),
        ),
        row(
            "an image without pixels",
            lambda tf: tf.summary.image("i", open_shape(tf, np.zeros([1, 0, 2, 1]))),
            exact(
                "InvalidArgumentError", "input tensor must have non-zero dims. Found: [1, 0, 2, 1]."
            ),
        ),
        row(
            "a sound of rank 1",
            lambda tf: tf.summary.audio("u", open_shape(tf, np.zeros([1])), 8000),
            exact("InvalidArgumentError", "Tensor must be 3-D or 2-D, got: [1]"),
        ),
        row(
            "a sound without a rate",
            lambda tf: tf.summary.audio("u", open_shape(tf, np.zeros([1, 1])), 0),
            exact("InvalidArgumentError", "sample_rate must be > 0"),
        ),
    ],
)
def test_values_that_make_no_summary_are_an_error_of_the_node(tf, session, build, wanted):
    made = build(tf)
    with raises(wanted) as caught:
        session.run(made)
    assert caught.value.op is made.op
    assert session.run(tf.constant(1)) == 1


def open_shape(tf, values):
    """Return floats of a shape that is not known before the node runs."""
    return tf.placeholder_with_default(tf.constant(values, tf.float32), None)


@pytest.mark.parametrize("values", [["x"], [1j]])
def test_what_has_no_real_numbers_is_refused(tf, values):
    for build in (tf.summary.scalar, tf.summary.histogram):
        with raises(core("TypeError", "not in list of allowed values")):
            build("a", values)


# Histograms


def test_a_histogram(tf, session):
    values = [1.0, 2.0, 2.5, -3.0, 0.0, 1e-13, 1e30]
    found = value(tf, session.run(tf.summary.histogram("h", tf.constant(values, tf.float64))))
    histo = found.histo
    assert found.tag == "h"
    assert (histo.min, histo.max, histo.num, histo.sum) == (-3.0, 1e30, 7, 1e30)
    assert histo.sum_squares == 1e30 * 1e30
    assert list(histo.bucket_limit) == [
        -3.1665833053880363,
        -2.8787120958073054,
        0,
        1e-12,
        0.917246389039776,
        1.0089710279437536,
        1.9661990955585713,
        2.1628190051144287,
        2.3791009056258718,
        2.6170109961884593,
        9.9207756218597835e19,
        1.7976931348623157e308,
    ]
    assert list(histo.bucket) == [0, 1, 0, 2, 0, 1, 0, 1, 0, 1, 0, 1]


def test_a_histogram_of_nothing(tf, session):
    histo = value(tf, session.run(tf.summary.histogram("h", tf.zeros([0])))).histo
    largest = 1.7976931348623157e308
    assert (histo.min, histo.max, histo.num, histo.sum) == (largest, -largest, 0, 0)
    assert list(histo.bucket_limit) == [largest]
    assert list(histo.bucket) == [0]


def test_a_histogram_of_integers_of_any_shape(tf, session):
    serialized = session.run(tf.summary.histogram("h", [[1, 2], [3, 4]]))
    histo = value(tf, serialized).histo
    assert (histo.min, histo.max, histo.num) == (1, 4, 4)
    assert (histo.sum, histo.sum_squares) == (10, 30)
    assert list(histo.bucket) == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert len(serialized) == 202


# Images and sounds


def pixels(file):
    """Return what is in a PNG file, whichever filters its rows have."""
    at, data, header = 8, b"", (0, 0, 0, 0)
    while at < len(file):
        (size,) = struct.unpack(">I", file[at : at + 4])
        kind, content = file[at + 4 : at + 8], file[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", content)
        data += content if kind == b"IDAT" else b""
        at += 12 + size
    width, height, depth, colours = header[:4]
    assert depth == 8
    step = {0: 1, 4: 2, 2: 3, 6: 4}[colours]
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, -1)
    made = np.zeros((height, width * step), int)
    for y, given in enumerate(rows):
        for x in range(width * step):
            left = made[y, x - step] if x >= step else 0
            above = made[y - 1, x] if y else 0
            corner = made[y - 1, x - step] if y and x >= step else 0
            near = min((left, above, corner), key=lambda n: abs(left + above - corner - n))
            guess = [0, left, above, (left + above) // 2, near][given[0]]
            made[y, x] = (int(given[1 + x]) + guess) % 256
    return made.reshape(height, width, step).tolist()


@pytest.mark.uses("ImageSummary")
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        row(
            "from 0 on",
            np.arange(12.0).reshape(2, 2, 3),
            [[[0, 23, 46], [69, 92, 115]], [[139, 162, 185], [208, 231, 255]]],
        ),
        row(
            "negative as well",
            np.arange(-6.0, 6.0).reshape(2, 2, 3),
            [[[1, 22, 43], [64, 85, 106]], [[128, 149, 170], [191, 212, 233]]],
        ),
        row("NaN", [[[-1], [3], [np.nan], [2]]], [[[85], [255], [255], [212]]]),
        row("infinity", [[[1], [-3], [np.nan], [-np.inf]]], [[[170], [1], [255], [255]]]),
        row("NaN in one channel", [[[1, 2, np.nan], [3, 1, 2]]], [[[255, 0, 0], [255, 85, 170]]]),
        row("all zero", [[[0], [0]]], [[[0], [0]]]),
        row("far apart", [[[1e-30], [1e-20], [0.75], [1e20]]], [[[0], [0], [0], [255]]]),
    ],
)
def test_an_image_of_floats_is_scaled(tf, session, given, wanted):
    made = tf.summary.image("i", np.array([given], np.float32), max_outputs=1)
    found = value(tf, session.run(made))
    assert found.tag == "i/image"
    assert pixels(found.image.encoded_image_string) == wanted
    sizes = (found.image.height, found.image.width, found.image.colorspace)
    assert sizes == np.shape(wanted)


@pytest.mark.uses("ImageSummary")
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_an_image_of_other_floats(tf, session, dtype):
    made = tf.summary.image("i", np.array([[[[0.3], [0.5], [0.75], [1]]]], dtype))
    found = value(tf, session.run(made))
    assert found.tag == "i/image/0"
    assert pixels(found.image.encoded_image_string) == [[[76], [127], [191], [255]]]


@pytest.mark.uses("ImageSummary")
def test_images_of_bytes_are_taken_as_they_are(tf, session):
    made = tf.summary.image("i", np.arange(16, dtype=np.uint8).reshape(4, 1, 1, 4), max_outputs=2)
    found = tf.Summary.FromString(session.run(made)).value
    assert [v.tag for v in found] == ["i/image/0", "i/image/1"]
    assert [pixels(v.image.encoded_image_string) for v in found] == [
        [[[0, 1, 2, 3]]],
        [[[4, 5, 6, 7]]],
    ]


@pytest.mark.uses("ImageSummary")
def test_at_least_one_image_is_shown(tf):
    with raises(
        exact("ValueError", "Attr 'max_images' of 'ImageSummary' Op passed 0 less than minimum 1.")
    ):
        tf.summary.image("i", tf.zeros([1, 2, 2, 1]), max_outputs=0)


@pytest.mark.uses("ImageSummary")
def test_a_colour_for_what_is_no_number(tf, session):
    colour = tf.make_tensor_proto(np.array([7], np.uint8))
    image = np.array([[[[0.3], [np.nan], [0.75], [1]]]], np.float32)
    made = tf.raw_ops.ImageSummary(tag="i", tensor=image, bad_color=colour)
    found = value(tf, session.run(made)).image
    assert pixels(found.encoded_image_string) == [[[76], [7], [191], [255]]]


@pytest.mark.uses("AudioSummaryV2")
def test_a_sound(tf, session):
    sound = np.array([[0, 0.5, -0.5, 1, -1, 2, -2, 0.1, 0.5 / 32768]], np.float32)
    found = value(tf, session.run(tf.summary.audio("u", sound, 8000, max_outputs=1)))
    assert found.tag == "u/audio"
    audio = found.audio
    assert (audio.sample_rate, audio.num_channels, audio.length_frames) == (8000.0, 1, 9)
    assert audio.content_type == "audio/wav"
    header = (
        b"RIFF6\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0\x80>\0\0\x02\0\x10\0data\x12\0\0\0"
    )
    samples = [0, 16384, -16384, 32767, -32768, 32767, -32768, 3277, 1]
    assert audio.encoded_audio_string == header + np.array(samples, "<i2").tobytes()


@pytest.mark.uses("AudioSummaryV2")
def test_sounds_of_two_channels(tf, session):
    sound = np.array([[[0, 0.5], [-0.5, 1]]] * 4, np.float32)
    found = tf.Summary.FromString(session.run(tf.summary.audio("u", sound, 8000.7))).value
    assert [v.tag for v in found] == ["u/audio/0", "u/audio/1", "u/audio/2"]
    audio = found[2].audio
    assert (audio.num_channels, audio.length_frames) == (2, 2)
    assert audio.sample_rate == np.float32(8000.7)
    assert audio.encoded_audio_string[24:32] == struct.pack("<II", 8001, 8001 * 4)


# Tensors


@pytest.mark.uses("TensorSummaryV2")
def test_a_text(tf, session):
    made = tf.summary.text("t", tf.constant([["x", "y"]]))
    found = value(tf, session.run(made))
    assert found.tag == "t"
    assert tf.make_ndarray(found.tensor).tolist() == [[b"x", b"y"]]
    assert found.metadata.plugin_data.plugin_name == "text"
    with raises(core("ValueError", "Expected tensor Const_1:0 to have dtype string, got")):
        tf.summary.text("t", tf.constant(1))


@pytest.mark.uses("TensorSummaryV2")
def test_a_tensor(tf, session):
    made = tf.summary.tensor_summary(
        "t", tf.constant([1.0, 2.0]), display_name="d", summary_description="e"
    )
    assert session.run(made) == (
        b'\n\x1f\n\x01tB\x12\x08\x01\x12\x04\x12\x02\x08\x02"\x08\x00\x00\x80?\x00\x00\x00@'
        b"J\x06\x12\x01d\x1a\x01e"
    )


def test_the_description_of_a_node(tf):
    made = tf.raw_ops.TensorSummary(tensor="a", description='{"typeHint": "x"}')
    assert tf.summary.get_summary_description(made.op.node_def).type_hint == "x"
    with raises(exact("ValueError", "Can't get_summary_description on ScalarSummary")):
        tf.summary.get_summary_description(tf.summary.scalar("a", 1.0).op.node_def)


# Event files


def events(tf, folder):
    """Return the events of all event files of a folder."""
    return [e for path in sorted(folder.iterdir()) for e in tf.train.summary_iterator(str(path))]


def kinds(tf, folder):
    return [(e.WhichOneof("what"), e.step) for e in events(tf, folder)]


def test_a_file_says_what_happened(tf, session, tmp_path):
    folder = tmp_path / "a" / "b"
    made = tf.summary.scalar("a", 1.5)
    writer = tf.summary.FileWriter(str(folder), session.graph, filename_suffix=".mine")
    assert writer.get_logdir() == str(folder)
    writer.add_summary(session.run(made), 3)
    writer.add_summary(tf.Summary.FromString(session.run(made)), np.int64(4))
    writer.add_summary(b"")
    writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 5)
    writer.add_graph(session.graph.as_graph_def(), 7)
    writer.add_meta_graph(tf.train.export_meta_graph(), 8)
    writer.add_event(tf.Event(wall_time=1.5, step=9, file_version="mine"))
    writer.close()
    writer.close()
    (path,) = folder.iterdir()
    assert path.name.startswith("events.out.tfevents.")
    assert path.name.endswith(".mine")
    found = events(tf, folder)
    assert kinds(tf, folder) == [
        ("file_version", 0),
        ("graph_def", 0),
        ("meta_graph_def", 0),
        ("summary", 3),
        ("summary", 4),
        ("summary", 0),
        ("session_log", 5),
        ("graph_def", 7),
        ("meta_graph_def", 8),
        ("file_version", 9),
    ]
    assert found[0].file_version == "brain.Event:2"
    assert found[3].summary == found[4].summary
    assert found[3].summary.value[0].simple_value == 1.5
    assert found[3].wall_time > 1e9
    graph = tf.GraphDef.FromString(found[1].graph_def)
    assert [n.name for n in graph.node] == ["a/tags", "a/values", "a"]
    assert "_output_shapes" in graph.node[0].attr
    meta = tf.MetaGraphDef.FromString(found[2].meta_graph_def)
    assert [n.name for n in meta.graph_def.node] == ["a/tags", "a/values", "a"]


def test_metadata_of_a_run(tf, session, tmp_path):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    session.run(tf.placeholder(tf.float32, [], "x") + 1, {"x:0": 1}, options, metadata)
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_run_metadata(metadata, "step 1", 6)
        with raises(exact("ValueError", "The provided tag was already used for this event type")):
            writer.add_run_metadata(metadata, "step 1", 7)
    found = events(tf, tmp_path)[1]
    assert found.step == 6
    assert found.tagged_run_metadata.tag == "step 1"
    read = tf.RunMetadata.FromString(found.tagged_run_metadata.run_metadata)
    assert read.step_stats == metadata.step_stats


def test_the_metadata_of_a_tag_are_written_once(tf, tmp_path):
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        for step in range(2):
            summary = tf.Summary()
            summary.value.add(tag="a").metadata.display_name = "A"
            writer.add_summary(summary, step)
    found = [e.summary.value[0] for e in events(tf, tmp_path)[1:]]
    assert [v.metadata.display_name for v in found] == ["A", ""]


def test_a_closed_file_takes_no_more(tf, tmp_path):
    """Row 324."""
    writer = tf.summary.FileWriter(str(tmp_path))
    writer.close()
    with pytest.warns(UserWarning, match="Attempting to use a closed FileWriter"):
        writer.add_summary(b"", 1)
    assert ("summary", 1) not in kinds(tf, tmp_path)


def test_a_file_may_be_opened_again(tf, tmp_path):
    writer = tf.summary.FileWriter(str(tmp_path), filename_suffix=".mine")
    writer.close()
    writer.reopen()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        writer.add_summary(b"", 11)
    writer.close()
    assert kinds(tf, tmp_path)[-1] == ("summary", 11)


def test_what_is_flushed_can_be_read(tf, tmp_path):
    writer = tf.summary.FileWriter(str(tmp_path))
    writer.add_summary(b"", 1)
    writer.flush()
    assert kinds(tf, tmp_path) == [("file_version", 0), ("summary", 1)]
    writer.close()


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        row(
            "a graph",
            lambda w: w.add_graph("x"),
            exact(
                "TypeError",
                "The passed graph must be an instance of `Graph` or the deprecated `GraphDef`",
            ),
        ),
        row(
            "a meta graph",
            lambda w: w.add_meta_graph("x"),
            exact("TypeError", "meta_graph_def must be type MetaGraphDef, saw type: <class 'str'>"),
        ),
        row(
            "two graphs",
            lambda w: w.add_graph("x", graph_def="y"),
            exact("ValueError", "Please pass only graph, or graph_def (deprecated), but not both."),
        ),
    ],
)
def test_what_is_none_is_refused(tf, tmp_path, call, wanted):
    with tf.summary.FileWriter(str(tmp_path)) as writer, raises(wanted):
        call(writer)
    assert kinds(tf, tmp_path) in ([], [("file_version", 0)])


def test_a_folder_that_is_a_file(tf, tmp_path):
    """Row 325."""
    path = tmp_path / "a"
    path.write_bytes(b"")
    with raises(exact("FailedPreconditionError", f"{path} is not a directory")):
        tf.summary.FileWriter(str(path))


def test_a_file_that_is_missing_or_damaged(tf, tmp_path):
    with raises(exact("NotFoundError", f"{tmp_path}/none; No such file or directory")):
        list(tf.train.summary_iterator(f"{tmp_path}/none"))
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_summary(b"", 1)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    read = tf.train.summary_iterator(str(path))
    assert next(read).file_version == "brain.Event:2"
    with raises(core("DataLossError", "")):
        next(read)


def test_writers_are_shared_by_folder(tf, tmp_path):
    cache = tf.summary.FileWriterCache
    one = cache.get(str(tmp_path / "a"))
    assert cache.get(str(tmp_path / "a")) is one
    assert cache.get(str(tmp_path / "b")) is not one
    cache.clear()
    assert cache.get(str(tmp_path / "a")) is not one
    cache.clear()
