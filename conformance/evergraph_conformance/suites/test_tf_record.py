"""TFRecord files that are written and read in Python."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises

RECORDS = [b"first", b"", b"z" * 5000, "grün".encode()]


def write(tf, path, records, options=None):
    with tf.python_io.TFRecordWriter(str(path), options) as writer:
        for record in records:
            writer.write(record)


def read(tf, path, options=None):
    return list(tf.python_io.tf_record_iterator(str(path), options))


def test_a_record_has_its_length_and_two_checksums(tf, tmp_path):
    write(tf, tmp_path / "a", ["abc"])
    wanted = b"\x03\x00\x00\x00\x00\x00\x00\x00\xb0\x99I\x0eabcnW\xf1!"
    assert (tmp_path / "a").read_bytes() == wanted


@pytest.mark.parametrize("compression", ["NONE", "ZLIB", "GZIP"])
def test_what_is_written_is_read(tf, tmp_path, session, compression):
    kind = getattr(tf.python_io.TFRecordCompressionType, compression)
    options = tf.python_io.TFRecordOptions(kind)
    write(tf, tmp_path / "a", RECORDS, options)
    assert read(tf, tmp_path / "a", options) == RECORDS
    queue = tf.FIFOQueue(4, tf.string, shapes=[()])
    session.run(queue.enqueue([str(tmp_path / "a")]))
    values = tf.TFRecordReader(options=options).read_up_to(queue, 10)[1]
    assert session.run(values).tolist() == RECORDS


def test_a_compression_may_be_given_by_its_name(tf, tmp_path):
    write(tf, tmp_path / "a", RECORDS, "ZLIB")
    assert (tmp_path / "a").read_bytes()[:2] == b"x\x9c"
    assert read(tf, tmp_path / "a", "ZLIB") == RECORDS
    with raises(exact("ValueError", 'Not a valid compression_type: "LZ4"')):
        tf.python_io.TFRecordOptions("LZ4")


def test_a_level_of_compression_is_zlibs(tf, tmp_path):
    options = tf.python_io.TFRecordOptions("ZLIB", compression_level=0)
    write(tf, tmp_path / "a", [b"abc" * 10], options)
    assert b"abc" * 10 in (tmp_path / "a").read_bytes()
    assert read(tf, tmp_path / "a", options) == [b"abc" * 10]


def test_what_is_flushed_can_be_read(tf, tmp_path):
    writer = tf.io.TFRecordWriter(str(tmp_path / "a"))
    writer.write(b"one")
    writer.flush()
    assert read(tf, tmp_path / "a") == [b"one"]
    writer.close()
    writer.close()
    for used in (lambda: writer.write(b"two"), writer.flush):
        with raises(exact("FailedPreconditionError", "Writer is closed.")):
            used()


def test_records_are_bytes(tf, tmp_path):
    with tf.python_io.TFRecordWriter(str(tmp_path / "a")) as writer:
        with pytest.raises(TypeError):
            writer.write(3)
        writer.write(bytearray(b"one"))
    assert read(tf, tmp_path / "a") == [b"one"]


def test_damage_is_found(tf, tmp_path):
    write(tf, tmp_path / "a", RECORDS)
    data = bytearray((tmp_path / "a").read_bytes())
    data[21] ^= 1
    (tmp_path / "b").write_bytes(data)
    records = tf.python_io.tf_record_iterator(str(tmp_path / "b"))
    assert next(records) == b"first"
    with raises(exact("DataLossError", "corrupted record at 21")):
        next(records)
    with raises(core("DataLossError", "inflate() failed with error -3: incorrect header check")):
        read(tf, tmp_path / "a", "ZLIB")


def test_missing_files_and_folders_are_said_to_be(tf, tmp_path):
    with raises(exact("NotFoundError", "/nonexistent/x; No such file or directory")):
        read(tf, "/nonexistent/x")
    with raises(exact("NotFoundError", "/nonexistent/x; No such file or directory")):
        tf.python_io.TFRecordWriter("/nonexistent/x")
    with raises(core("FailedPreconditionError", "Is a directory")):
        tf.python_io.TFRecordWriter(str(tmp_path))
