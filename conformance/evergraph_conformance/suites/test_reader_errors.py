"""Readers: what cannot be read, and what they are refused."""

from __future__ import annotations

import gzip
import struct
import zlib

import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses(
    "FIFOQueueV2",
    "QueueEnqueueV2",
    "QueueEnqueueManyV2",
    "IdentityReaderV2",
    "WholeFileReaderV2",
    "TextLineReaderV2",
    "FixedLengthRecordReaderV2",
    "TFRecordReaderV2",
    "ReaderReadV2",
    "ReaderReadUpToV2",
    "ReaderNumRecordsProducedV2",
    "ReaderResetV2",
)

#: A TFRecord file of `first`, an empty record and `last`, with TensorFlow's checksums.
PARTS = (
    struct.pack("<QI", 5, 0x3E04B2EA) + b"first" + struct.pack("<I", 0xE523FF55),
    struct.pack("<QI", 0, 0x07980329) + struct.pack("<I", 0xA282EAD8),
    struct.pack("<QI", 9, 0x3971F937) + b"third one" + struct.pack("<I", 0x65BAA700),
)
WHOLE = b"".join(PARTS)


@pytest.fixture
def file(tmp_path):
    """Return a function that makes a file, and returns its name."""

    def make(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return make


def queued(tf, session, files):
    queue = tf.FIFOQueue(20, tf.string, shapes=[()])
    session.run(queue.enqueue_many([files]))
    return queue


KINDS = [
    row("lines", lambda tf: tf.TextLineReader()),
    row("whole file", lambda tf: tf.WholeFileReader()),
    row("fixed length", lambda tf: tf.FixedLengthRecordReader(3)),
    row("records", lambda tf: tf.TFRecordReader()),
]


# Files that cannot be read


@pytest.mark.parametrize("make", KINDS)
def test_a_missing_file_is_not_found(tf, session, make):
    """Row 224."""
    record = make(tf).read(queued(tf, session, ["/nonexistent/x"]), name="read")
    with raises(exact("NotFoundError", "/nonexistent/x; No such file or directory")) as caught:
        session.run(record)
    assert caught.value.op.name == "read"


@pytest.mark.parametrize("make", KINDS)
def test_a_folder_is_no_file(tf, session, make, tmp_path):
    record = make(tf).read(queued(tf, session, [str(tmp_path)]))
    with raises(exact("FailedPreconditionError", f"{tmp_path}; Is a directory")):
        session.run(record)


@pytest.mark.parametrize("make", KINDS)
def test_a_file_is_no_folder(tf, session, make, file):
    name = file("a", b"") + "/x"
    record = make(tf).read(queued(tf, session, [name]))
    with raises(exact("FailedPreconditionError", f"{name}; Not a directory")):
        session.run(record)


def test_a_file_that_cannot_be_opened_is_passed_over(tf, session, file):
    reader = tf.TextLineReader()
    value = reader.read(queued(tf, session, ["/nonexistent/x", file("a", b"one\n")]))[1]
    with raises(core("NotFoundError", "/nonexistent/x")):
        session.run(value)
    assert session.run(value) == b"one"
    assert session.run(reader.num_records_produced()) == 1


def test_a_whole_file_is_tried_again(tf, session, tmp_path, file):
    name = str(tmp_path / "later")
    value = tf.WholeFileReader().read(queued(tf, session, [name, file("a", b"1")]))[1]
    for _ in range(2):
        with raises(core("NotFoundError", name)):
            session.run(value)
    file("later", b"0")
    assert [session.run(value), session.run(value)] == [b"0", b"1"]


# Damaged files


def flipped(position):
    return lambda data: data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def cut(length):
    return lambda data: data[:length]


def short(offset):
    return f"truncated record at {offset}' failed with Read less bytes than requested"


@pytest.mark.parametrize(
    ("damage", "before", "text"),
    [
        row("length", flipped(3), 0, "corrupted record at 0 (Is this even a TFRecord file?)"),
        row(
            "its checksum", flipped(10), 0, "corrupted record at 0 (Is this even a TFRecord file?)"
        ),
        row("data", flipped(13), 0, "corrupted record at 12"),
        row("their checksum", flipped(18), 0, "corrupted record at 12"),
        row("second length", flipped(21), 1, "corrupted record at 21"),
        row("third data", flipped(50), 2, "corrupted record at 49"),
        row("no data", cut(12), 0, short(0)),
        row("some data", cut(15), 0, short(0)),
        row("no checksum", cut(17), 0, short(0)),
        row("some of the checksum", cut(20), 0, short(0)),
        row("third some data", cut(50), 2, short(37)),
        row("not such a file", lambda _: b"name,value\n1,2\n3,4\n", 0, "corrupted record at 0"),
    ],
)
def test_a_damaged_record_is_data_lost(tf, session, file, damage, before, text):
    reader = tf.TFRecordReader()
    record = reader.read(queued(tf, session, [file("a", damage(WHOLE)), file("b", WHOLE)]))
    for _ in range(before):
        session.run(record)
    # It stays with that record, until it begins anew.
    for _ in range(2):
        with raises(core("DataLossError", text)):
            session.run(record)
    assert session.run(reader.num_records_produced()) == before
    session.run(reader.reset())
    assert session.run(record[1]) == b"first"


@pytest.mark.parametrize("length", [1, 8, 11])
def test_a_record_without_a_whole_length_is_none(tf, session, file, length):
    files = [file("a", PARTS[0][:length]), file("b", WHOLE)]
    key = tf.TFRecordReader().read(queued(tf, session, files))[0]
    assert session.run(key) == f"{files[1]}:0".encode()


def test_records_before_a_damaged_one_are_lost_with_it(tf, session, file):
    reader = tf.TFRecordReader()
    records = reader.read_up_to(queued(tf, session, [file("a", flipped(21)(WHOLE))]), 3)
    with raises(core("DataLossError", "corrupted record at 21")):
        session.run(records)
    assert session.run(reader.num_records_produced()) == 1


INFLATE = "inflate() failed with error -3: "


@pytest.mark.parametrize(
    ("compression", "data", "text"),
    [
        row("plain as ZLIB", "ZLIB", WHOLE, INFLATE + "incorrect header check"),
        row("plain as GZIP", "GZIP", WHOLE, INFLATE + "incorrect header check"),
        row("GZIP as ZLIB", "ZLIB", gzip.compress(WHOLE), INFLATE + "incorrect header check"),
        row("ZLIB as GZIP", "GZIP", zlib.compress(WHOLE), INFLATE + "incorrect header check"),
        row("ZLIB as plain", "NONE", zlib.compress(WHOLE), "corrupted record at 0"),
        row("GZIP as plain", "NONE", gzip.compress(WHOLE), "corrupted record at 0"),
        row(
            "checksum",
            "ZLIB",
            zlib.compress(WHOLE)[:-1] + b"\xff",
            INFLATE + "incorrect data check",
        ),
        row(
            "cut",
            "ZLIB",
            zlib.compress(PARTS[0][:17]),
            "truncated record at 0' failed with EOF reached",
        ),
    ],
)
def test_a_file_is_compressed_as_is_said(tf, session, file, compression, data, text):
    io = tf.python_io
    options = io.TFRecordOptions(getattr(io.TFRecordCompressionType, compression))
    record = tf.TFRecordReader(options=options).read(queued(tf, session, [file("a", data)]))
    with raises(core("DataLossError", text)):
        session.run(record)


def test_a_compressed_file_that_is_cut_off_ends_there(tf, session, file):
    data = zlib.compress(b"ABCDEFGHIJ")
    files = [file("a", data[:-6]), file("b", data)]
    reader = tf.FixedLengthRecordReader(4, encoding="ZLIB")
    value = reader.read(queued(tf, session, files))[1]
    assert [session.run(value) for _ in range(3)] == [b"ABCD", b"EFGH", b"ABCD"]


# What is refused


@pytest.mark.parametrize(
    ("make", "text"),
    [
        row(
            "lines", lambda tf: tf.TextLineReader(-1, "r"), "skip_header_lines must be >= 0 not -1"
        ),
        *(
            row(
                name,
                lambda tf, name=name: tf.FixedLengthRecordReader(
                    **{"record_bytes": 1, name: -2}, name="r"
                ),
                f"{name} must be >= 0 not -2",
            )
            for name in ("record_bytes", "header_bytes", "footer_bytes", "hop_bytes")
        ),
        row(
            "shared name",
            lambda tf: tf.ReaderBase(tf.raw_ops.TextLineReaderV2(shared_name="_x", name="r")),
            "shared_name cannot start with '_':_x",
        ),
    ],
)
def test_what_a_reader_cannot_be_is_refused(tf, session, make, text):
    with raises(exact("InvalidArgumentError", text)) as caught:
        session.run(make(tf).num_records_produced())
    assert caught.value.op.name == "r"


def test_units_of_work_are_strings(tf, session):
    queue = tf.FIFOQueue(4, tf.int32, shapes=[()])
    session.run(queue.enqueue([1]))
    with raises(exact("InvalidArgumentError", "Expected queue with single string component")):
        session.run(tf.TextLineReader().read(queue))


@pytest.mark.parametrize("names", [["a", "b"], []])
def test_a_unit_of_work_is_one_string(tf, session, file, names):
    queue = tf.FIFOQueue(4, tf.string)
    value = tf.TextLineReader().read(queue)[1]
    session.run(queue.enqueue([tf.constant(names, tf.string)]))
    with raises(exact("InvalidArgumentError", "Expected to dequeue a one-element string tensor")):
        session.run(value)
    session.run(queue.enqueue([[file("a", b"one\n")]]))
    assert session.run(value) == b"one"


def test_a_queue_is_no_reader(tf, session):
    queue = tf.FIFOQueue(4, tf.string)
    wrong = tf.ReaderBase(queue.queue_ref)
    with raises(
        core("InvalidArgumentError", "Trying to access a handle's resource using the wrong")
    ):
        session.run(wrong.num_records_produced())
    reader = tf.TextLineReader()
    wrong = tf.raw_ops.QueueSizeV2(handle=reader.reader_ref)
    with raises(
        core("InvalidArgumentError", "Trying to access a handle's resource using the wrong")
    ):
        session.run(wrong)
    assert session.run(reader.num_records_produced()) == 0
