"""Datasets of what is in files: lines, records, pieces, values with commas; and of their names."""

from __future__ import annotations

import gzip
import zlib

import numpy as np
import pytest

from evergraph_conformance.elements import elements, plain, rest
from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses(
    "CSVDatasetV2",
    "CacheDataset",
    "FixedLengthRecordDatasetV2",
    "FlatMapDataset",
    "IteratorGetNext",
    "IteratorV2",
    "MakeIterator",
    "TFRecordDataset",
    "TextLineDataset",
)


@pytest.fixture
def file(tmp_path):
    """Return a function that makes a file, and returns its name."""

    def make(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return make


# Lines


def test_lines_have_no_ends(tf, session, file):
    name = file("a", b"a\rb\r\nc\n\nd")
    assert elements(tf, session, tf.data.TextLineDataset(name)) == [b"ab", b"c", b"", b"d"]


def test_files_come_one_after_the_other(tf, session, file):
    names = [file("a", b"1\n2\n3"), file("b", b""), file("c", b"4\n")]
    assert elements(tf, session, tf.data.TextLineDataset(names)) == [b"1", b"2", b"3", b"4"]
    dataset = tf.data.Dataset.from_tensor_slices(names).flat_map(
        lambda n: tf.data.TextLineDataset(n).skip(1)
    )
    assert elements(tf, session, dataset) == [b"2", b"3"]
    fed = tf.placeholder(tf.string, [None])
    assert elements(tf, session, tf.data.TextLineDataset(fed), {fed: names[2:]}) == [b"4"]
    of_names = tf.data.TextLineDataset(tf.data.Dataset.from_tensor_slices(names[::2]))
    assert elements(tf, session, of_names) == [b"1", b"2", b"3", b"4"]


def test_files_may_take_turns(tf, session, file):
    names = [file("a", b"1\n2\n3"), file("b", b"4\n5")]
    dataset = tf.data.TextLineDataset(names, num_parallel_reads=2)
    assert elements(tf, session, dataset) == [b"1", b"4", b"2", b"5", b"3"]


@pytest.mark.parametrize(
    ("kind", "compress"),
    [
        pytest.param("GZIP", gzip.compress, id="gzip"),
        pytest.param("ZLIB", zlib.compress, id="zlib"),
    ],
)
def test_files_may_be_compressed(tf, session, file, kind, compress):
    data = b"first\n" + b"x" * 100_000 + b"\nlast"
    dataset = tf.data.TextLineDataset(file("a", compress(data)), compression_type=kind)
    assert elements(tf, session, dataset.map(lambda x: tf.substr(x, 0, 5))) == [
        b"first",
        b"xxxxx",
        b"last",
    ]


# Records


def test_records_are_read(tf, session, tmp_path):
    name = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(name) as writer:
        for record in (b"one", b"", b"\x00three"):
            writer.write(record)
    dataset = tf.data.TFRecordDataset(name)
    assert dataset.output_types == tf.string
    assert elements(tf, session, dataset) == [b"one", b"", b"\x00three"]
    assert elements(tf, session, tf.data.TFRecordDataset([name, name]).take(4)) == [
        b"one",
        b"",
        b"\x00three",
        b"one",
    ]


def test_a_damaged_record_is_data_loss(tf, session, tmp_path):
    path = tmp_path / "records"
    with tf.python_io.TFRecordWriter(str(path)) as writer:
        for record in (b"one", b"two"):
            writer.write(record)
    data = bytearray(path.read_bytes())
    data[-6] ^= 1
    path.write_bytes(data)
    element = tf.data.TFRecordDataset(str(path)).make_one_shot_iterator().get_next()
    assert session.run(element) == b"one"
    with raises(core("DataLossError", "corrupted record at 31")):
        session.run(element)


def test_pieces_have_one_length(tf, session, file):
    name = file("a", b"HH123456789F")
    dataset = tf.data.FixedLengthRecordDataset(name, 3, header_bytes=2, footer_bytes=1)
    assert elements(tf, session, dataset) == [b"123", b"456", b"789"]


def test_pieces_must_fit(tf, session, file):
    name = file("a", b"HH123456789F")
    dataset = tf.data.FixedLengthRecordDataset(name, 4, 2, 1)
    text = (
        f'Excluding the header (2 bytes) and footer (1 bytes), input file "{name}" has body length '
        "9 bytes, which is not an exact multiple of the record length (4 bytes)."
    )
    with raises(exact("InvalidArgumentError", text)):
        elements(tf, session, dataset)


MISSING = [
    row("lines", lambda tf: tf.data.TextLineDataset("/no/such/file")),
    row("records", lambda tf: tf.data.TFRecordDataset("/no/such/file")),
    row("pieces", lambda tf: tf.data.FixedLengthRecordDataset("/no/such/file", 3)),
]


@pytest.mark.parametrize("make", MISSING)
def test_a_file_that_is_missing_is_not_found(tf, session, make):
    element = make(tf).make_one_shot_iterator().get_next()
    with raises(exact("NotFoundError", "/no/such/file; No such file or directory")):
        session.run(element)


# Values with commas

CSV = b'h1,h2,h3\n1,"a,""b",2.5\n,x,\n3,y,na\n'


def test_values_have_types_and_defaults(tf, session, file):
    dataset = tf.data.experimental.CsvDataset(
        file("a", CSV), [[0], tf.string, [1.5]], header=True, na_value="na"
    )
    assert elements(tf, session, dataset) == [(1, b'a,"b', 2.5), (0, b"x", 1.5), (3, b"y", 1.5)]


def test_columns_are_chosen(tf, session, file):
    dataset = tf.data.experimental.CsvDataset(
        file("a", CSV), [tf.string], header=True, select_cols=[1]
    )
    assert elements(tf, session, dataset) == [(b'a,"b',), (b"x",), (b"y",)]


def test_a_value_that_is_not_valid_costs_its_record(tf, session, file):
    dataset = tf.data.experimental.CsvDataset(
        file("a", CSV), [tf.int32, tf.string, tf.float32], header=True
    )
    element = tf.data.make_one_shot_iterator(dataset).get_next()
    assert plain(session.run(element)) == (1, b'a,"b', 2.5)
    text = "Field 0 is required but missing in record!"
    with raises(exact("InvalidArgumentError", text)):
        session.run(element)
    text = "Field 2 in record is not a valid float: na"
    with raises(exact("InvalidArgumentError", text)):
        session.run(element)
    assert rest(tf, session, element) == []


# Names, and caches


def test_names_of_files_are_elements(tf, session, file):
    names = [file(n, b"") for n in ("a.txt", "b.txt", "c.csv")]
    pattern = names[0].replace("a.txt", "*.txt")
    dataset = tf.data.Dataset.list_files(pattern, shuffle=False)
    assert elements(tf, session, dataset) == [n.encode() for n in names[:2]]
    shuffled = tf.data.Dataset.list_files([pattern, names[2]], seed=1)
    assert sorted(elements(tf, session, shuffled)) == [n.encode() for n in names]


def test_names_must_match(tf, session):
    dataset = tf.data.Dataset.list_files("/no/such/*")
    iterator = dataset.make_initializable_iterator()
    with raises(core("InvalidArgumentError", "No files matched pattern: ")):
        session.run(iterator.initializer)


def test_a_cache_in_files_outlives_the_session(tf, session, tmp_path):
    name = str(tmp_path / "cache")
    first = tf.data.Dataset.from_tensor_slices((np.arange(3), ["a", "b", "c"])).cache(name)
    wanted = [(0, b"a"), (1, b"b"), (2, b"c")]
    assert elements(tf, session, first) == wanted
    other = tf.data.Dataset.from_tensor_slices((np.arange(7, 9), ["x", "y"])).cache(name)
    with tf.Session() as later:
        assert elements(tf, later, other) == wanted
