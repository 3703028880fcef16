"""Readers: the records of files whose names come out of a queue."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(
    "FIFOQueueV2",
    "QueueEnqueueV2",
    "QueueEnqueueManyV2",
    "QueueCloseV2",
    "QueueSizeV2",
    "IdentityReaderV2",
    "WholeFileReaderV2",
    "TextLineReaderV2",
    "FixedLengthRecordReaderV2",
    "TFRecordReaderV2",
    "ReaderReadV2",
    "ReaderReadUpToV2",
    "ReaderNumRecordsProducedV2",
    "ReaderNumWorkUnitsCompletedV2",
    "ReaderSerializeStateV2",
    "ReaderRestoreStateV2",
    "ReaderResetV2",
)

LETTERS = b"ABCDEFGHIJKLMNOPQRST"

#: Records of a TFRecord file, with their lengths, and the checksums that TensorFlow writes.
RECORDS = (
    (b"first", 0x3E04B2EA, 0xE523FF55),
    (b"", 0x07980329, 0xA282EAD8),
    (b"third one", 0x3971F937, 0x65BAA700),
)


def record_file():
    return b"".join(
        struct.pack("<QI", len(data), before) + data + struct.pack("<I", after)
        for data, before, after in RECORDS
    )


@pytest.fixture
def file(tmp_path):
    """Return a function that makes a file, and returns its name."""

    def make(name, data):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return make


def queued(tf, session, files, close=True, **more):
    queue = tf.FIFOQueue(20, tf.string, shapes=[()], shared_name="q", **more)
    if files:
        session.run(queue.enqueue_many([files]))
    if close:
        session.run(queue.close())
    return queue


def everything(tf, session, reader, files):
    """Return all records, with the names of the files but not their folders."""
    record = reader.read(queued(tf, session, files), name="read")
    got = []
    try:
        while True:
            got.append(tuple(session.run(record)))
    except tf.errors.OutOfRangeError as error:
        end = error
    assert "FIFOQueue 'q' is closed and has insufficient elements" in end.message
    assert end.op.name == "read"
    return [(key.rpartition(b"/")[2], value) for key, value in got]


def counts(session, reader):
    made = session.run([reader.num_records_produced(), reader.num_work_units_completed()])
    assert [m.dtype for m in made] == [np.int64, np.int64]
    return [int(m) for m in made]


# Kinds


def test_lines_come_without_their_ends(tf, session, file):
    files = [
        file("a", b"one\ntwo\r\nthree\n\na\rb\r\r\nlast"),
        file("empty", b""),
        file("b", b"x\n"),
        file("c", b"y\r"),
    ]
    reader = tf.TextLineReader()
    assert everything(tf, session, reader, files) == [
        (b"a:1", b"one"),
        (b"a:2", b"two"),
        (b"a:3", b"three"),
        (b"a:4", b""),
        (b"a:5", b"a\rb\r"),
        (b"a:6", b"last"),
        (b"b:1", b"x"),
        (b"c:1", b"y"),
    ]
    assert counts(session, reader) == [8, 4]


@pytest.mark.parametrize(
    ("skipped", "wanted"),
    [(1, [(b"a:2", b"two"), (b"a:3", b"three")]), (9, [])],
)
def test_the_lines_of_a_header_are_left_out_and_counted(tf, session, file, skipped, wanted):
    files = [file("a", b"one\ntwo\nthree"), file("b", b"x\n")]
    reader = tf.TextLineReader(skip_header_lines=skipped)
    assert everything(tf, session, reader, files) == wanted
    assert counts(session, reader) == [len(wanted), 2]


def test_a_whole_file_is_a_record(tf, session, file):
    files = [file("a", b"one\ntwo\x00\n\x00"), file("empty", b"")]
    reader = tf.WholeFileReader()
    assert everything(tf, session, reader, files) == [
        (b"a", b"one\ntwo\x00\n\x00"),
        (b"empty", b""),
    ]
    assert counts(session, reader) == [2, 2]


def test_a_unit_of_work_is_its_own_record(tf, session):
    reader = tf.IdentityReader()
    units = ["p", "", "q"]
    assert everything(tf, session, reader, units) == [(b"p", b"p"), (b"", b""), (b"q", b"q")]


SIZES = [
    row("record", {"record_bytes": 6}, [0, 6, 12]),
    row("all", {"record_bytes": 20}, [0]),
    row("too long", {"record_bytes": 30}, []),
    row("header", {"record_bytes": 4, "header_bytes": 2}, [2, 6, 10, 14]),
    row("footer", {"record_bytes": 4, "header_bytes": 2, "footer_bytes": 3}, [2, 6, 10]),
    row("long footer", {"record_bytes": 4, "footer_bytes": 30}, []),
    row("small hops", {"record_bytes": 4, "hop_bytes": 3}, [0, 3, 6, 9, 12, 15]),
    row("large hops", {"record_bytes": 4, "hop_bytes": 6}, [0, 6, 12]),
    row("larger hops", {"record_bytes": 4, "hop_bytes": 12}, [0, 12]),
    row("a hop out of the file", {"record_bytes": 4, "hop_bytes": 30}, [0]),
    row(
        "everything",
        {"record_bytes": 4, "header_bytes": 1, "footer_bytes": 1, "hop_bytes": 5},
        [1, 6, 11],
    ),
    row("nothing but a header", {"record_bytes": 4, "header_bytes": 20}, []),
]


@pytest.mark.parametrize("encoding", ["", "ZLIB"])
@pytest.mark.parametrize(("sizes", "starts"), SIZES)
def test_records_of_one_length_are_cut_out_of_a_file(tf, session, file, sizes, starts, encoding):
    name = file("f", zlib.compress(LETTERS) if encoding else LETTERS)
    reader = tf.FixedLengthRecordReader(**sizes, encoding=encoding)
    length = sizes["record_bytes"]
    assert everything(tf, session, reader, [name, name]) == 2 * [
        (b"f:%d" % i, LETTERS[start : start + length]) for i, start in enumerate(starts)
    ]
    assert counts(session, reader) == [2 * len(starts), 2]


@pytest.mark.parametrize(
    ("encoding", "text"), [("", "reached end of file"), ("ZLIB", "EOF reached")]
)
def test_a_file_has_its_header(tf, session, file, encoding, text):
    bad = file("bad", zlib.compress(LETTERS) if encoding else LETTERS)
    good = file("good", zlib.compress(b"x" * 31) if encoding else b"x" * 31)
    reader = tf.FixedLengthRecordReader(1, header_bytes=30, encoding=encoding)
    record = reader.read(queued(tf, session, [bad, good]))
    with raises(exact("OutOfRangeError", text)):
        session.run(record)
    assert session.run(record[1]) == b"x"


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "NONE": bytes,
    "ZLIB": zlib.compress,
    "GZIP": gzip.compress,
}


def record_reader(tf, compression):
    io = tf.python_io
    options = io.TFRecordOptions(getattr(io.TFRecordCompressionType, compression))
    return tf.TFRecordReader(options=options)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_records_of_a_tfrecord_file_are_known_by_their_offsets(tf, session, file, compression):
    name = file("f", COMPRESSIONS[compression](record_file()))
    reader = record_reader(tf, compression)
    wanted = [(b"f:0", b"first"), (b"f:21", b""), (b"f:37", b"third one")]
    assert everything(tf, session, reader, [name, file("empty", b""), name]) == 2 * wanted
    assert counts(session, reader) == [6, 3]


def test_a_long_record_is_checked_as_well(tf, session, file):
    data = bytes(range(256)) * 40
    text = struct.pack("<QI", len(data), 0x3B4CE995) + data + struct.pack("<I", 0x7C3265E0)
    record = tf.TFRecordReader().read(queued(tf, session, [file("f", text)]))
    assert session.run(record[1]) == data


def test_gzip_files_may_be_one_behind_the_other(tf, session, file):
    name = file("f", 2 * gzip.compress(record_file()))
    keys = [key for key, _ in everything(tf, session, record_reader(tf, "GZIP"), [name])]
    assert keys == [b"f:0", b"f:21", b"f:37", b"f:62", b"f:83", b"f:99"]


def test_bytes_behind_a_zlib_stream_are_not_read(tf, session, file):
    name = file("f", zlib.compress(b"abcd") + b"garbage")
    reader = tf.FixedLengthRecordReader(4, encoding="ZLIB")
    assert everything(tf, session, reader, [name]) == [(b"f:0", b"abcd")]


# Several at once


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        row("1", 1, [["one"], ["two"], ["three"], ["x"]]),
        row("2", 2, [["one", "two"], ["three"], ["x"]]),
        row("3", 3, [["one", "two", "three"], ["x"]]),
        row("100", 100, [["one", "two", "three"], ["x"]]),
    ],
)
def test_several_records_are_of_one_file(tf, session, file, number, wanted):
    files = [file("a", b"one\ntwo\nthree\n"), file("empty", b""), file("b", b"x\n")]
    reader = tf.TextLineReader()
    records = reader.read_up_to(queued(tf, session, files), number)
    got = []
    with raises(core("OutOfRangeError", "insufficient elements (requested 1, current size 0)")):
        while True:
            keys, values = session.run(records)
            assert keys.shape == values.shape
            assert keys.dtype == values.dtype == object
            got.append([v.decode() for v in values])
    assert got == wanted
    assert counts(session, reader) == [4, 3]


def test_several_whole_files_come_one_by_one(tf, session, file):
    files = [file("a", b"1"), file("b", b"2")]
    values = tf.WholeFileReader().read_up_to(queued(tf, session, files), 5)[1]
    assert session.run(values).tolist() == [b"1"]
    assert session.run(values).tolist() == [b"2"]


def test_no_records_need_no_file(tf, session):
    reader = tf.TextLineReader()
    keys, values = session.run(reader.read_up_to(queued(tf, session, [], close=False), 0))
    assert keys.shape == values.shape == (0,)
    assert counts(session, reader) == [0, 0]


# What a reader keeps


def test_a_reader_begins_anew(tf, session, file):
    a = file("a", b"one\ntwo\nthree\n")
    reader = tf.TextLineReader()
    value = reader.read(queued(tf, session, [a, a]))[1]
    assert [session.run(value), session.run(value)] == [b"one", b"two"]
    session.run(reader.reset())
    assert counts(session, reader) == [0, 0]
    assert session.run(value) == b"one"


def test_sessions_have_readers_of_their_own(tf, file):
    reader = tf.TextLineReader()
    queue = tf.FIFOQueue(4, tf.string, shapes=[()])
    enqueue = queue.enqueue([file("a", b"one\ntwo\n")])
    value = reader.read(queue)[1]
    with tf.Session() as first, tf.Session() as second:
        for session in (first, second):
            session.run(enqueue)
            assert session.run(value) == b"one"
        assert first.run(value) == b"two"


def test_readers_of_one_name_are_one(tf, session, file):
    queue = queued(tf, session, [file("a", b"one\ntwo\n")])
    made = [tf.raw_ops.TextLineReaderV2(shared_name="shared") for _ in range(2)]
    other = tf.raw_ops.TextLineReaderV2(shared_name="other")
    one, two = (tf.ReaderBase(handle).read(queue)[1] for handle in made)
    assert session.run(one) == b"one"
    assert session.run(two) == b"two"
    assert counts(session, tf.ReaderBase(other)) == [0, 0]


def test_a_state_is_restored(tf, session, file):
    files = [file("a", b"1"), file("b", b"2"), file("c", b"3")]
    reader = tf.WholeFileReader()
    assert reader.supports_serialize
    value = reader.read(queued(tf, session, files))[1]
    state = tf.placeholder(tf.string, [])
    restore = reader.restore_state(state)
    assert session.run(reader.serialize_state()) == b""
    assert session.run(value) == b"1"
    kept = session.run(reader.serialize_state())
    name = files[0].encode()
    assert kept == b'\x08\x01\x10\x01\x18\x01"' + bytes([len(name)]) + name
    assert session.run(value) == b"2"
    session.run(restore, {state: kept})
    assert counts(session, reader) == [1, 1]
    assert session.run(reader.serialize_state()) == kept
    # The queue goes on where it was.
    assert session.run(value) == b"3"
    session.run(restore, {state: b""})
    assert counts(session, reader) == [0, 0]


@pytest.mark.parametrize(
    ("state", "text"),
    [
        row("garbage", b"garbage", "Could not parse state for IdentityReader 'kept': garbage"),
        row("within", b"\x08\x03\x10\x01", "Inconsistent work started vs. finished when restoring"),
        row(
            "negative", b"\x18" + 9 * b"\xff" + b"\x01", "Unexpected negative value when restoring"
        ),
    ],
)
def test_what_is_no_state_is_refused_and_the_reader_reset(tf, session, state, text):
    reader = tf.IdentityReader(name="kept")
    session.run(reader.read(queued(tf, session, ["a", "b"])))
    with raises(core("InvalidArgumentError", text)) as caught:
        session.run(reader.restore_state(state, name="restored"))
    assert caught.value.op.name == "restored"
    assert counts(session, reader) == [0, 0]
    assert session.run(reader.serialize_state()) == b""


@pytest.mark.parametrize(
    "make",
    [
        row("lines", lambda tf: tf.TextLineReader()),
        row("fixed length", lambda tf: tf.FixedLengthRecordReader(3)),
        row("records", lambda tf: tf.TFRecordReader()),
    ],
)
def test_other_readers_have_no_state(tf, session, make):
    reader = make(tf)
    assert not reader.supports_serialize
    with raises(exact("UnimplementedError", "Reader SerializeState")):
        session.run(reader.serialize_state())
    with raises(exact("UnimplementedError", "Reader RestoreState")):
        session.run(reader.restore_state(""))


# Input pipelines and threads


def test_files_are_read_once_an_epoch(tf, file):
    files = [file("a", b"1\n2\n"), file("b", b"3\n")]
    queue = tf.train.string_input_producer(files, num_epochs=3, shuffle=False)
    value = tf.TextLineReader().read(queue)[1]
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        got = []
        with raises(core("OutOfRangeError", "is closed and has insufficient elements")):
            while True:
                got.append(session.run(value))
        coord.request_stop()
        coord.join(threads, stop_grace_period_secs=PATIENCE)
    assert got == 3 * [b"1", b"2", b"3"]


def test_threads_lose_and_double_nothing(tf, session, file):
    files = [file(f"f{i}", b"".join(b"%d-%d\n" % (i, j) for j in range(50))) for i in range(8)]
    reader = tf.TextLineReader()
    queue = queued(tf, session, [], close=False)
    key = reader.read(queue)[0]
    several = reader.read_up_to(queue, 7)[0]

    def read(fetched):
        got = []
        while True:
            try:
                got += np.reshape(session.run(fetched), -1).tolist()
            except tf.errors.OutOfRangeError:
                return got

    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(read, fetched) for fetched in (key, several, key, several)]
        name = tf.placeholder(tf.string, [])
        enqueue = queue.enqueue([name])
        for each in files:
            session.run(enqueue, {name: each})
        session.run(queue.close())
        keys = [k for future in found for k in future.result(PATIENCE)]
    wanted = [f"{name}:{i + 1}".encode() for name in files for i in range(50)]
    assert Counter(keys) == Counter(wanted)
    assert counts(session, reader) == [400, 8]


def test_a_read_waits_for_its_queue(tf, session, file):
    queue = queued(tf, session, [], close=False)
    value = tf.TextLineReader().read(queue)[1]
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(session.run, value)
        session.run(queue.enqueue([file("empty", b"")]))
        until(lambda: session.run(queue.size()) == 0)
        assert not found.done()
        session.run(queue.enqueue([file("a", b"one\n")]))
        assert found.result(PATIENCE) == b"one"


def test_a_read_and_what_it_waits_for_may_be_in_one_step(tf, session, file):
    queue = queued(tf, session, [], close=False)
    value = tf.TextLineReader().read(queue)[1]
    assert session.run([value, queue.enqueue([file("a", b"one\n")])])[0] == b"one"


def test_a_read_that_is_given_up_takes_nothing(tf, session, file):
    queue = queued(tf, session, [], close=False)
    value = tf.TextLineReader().read(queue)[1]
    for _ in range(2):
        with raises(core("DeadlineExceededError", "")):
            session.run(value, options=tf.RunOptions(timeout_in_ms=50))
    session.run(queue.enqueue([file("a", b"one\ntwo\n")]))
    assert [session.run(value), session.run(value)] == [b"one", b"two"]


def test_closing_the_session_cancels_a_read(tf):
    session = tf.Session()
    queue = queued(tf, session, [], close=False)
    entered = tf.Variable(0, dtype="int64")
    session.run(entered.initializer)
    read = tf.TextLineReader().read(queue, name="read")
    fetched = [entered.assign_add(1), read]
    found = beside(lambda: session.run(fetched))
    until(lambda: session.run(entered) == 1)
    session.close()
    with raises(exact("CancelledError", "Dequeue operation was cancelled")) as caught:
        found.result(PATIENCE)
    assert caught.value.op.name == "read"
