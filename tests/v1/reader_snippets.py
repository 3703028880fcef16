"""Short graphs of readers and of files; see `snippets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Snippet = Callable[[Any], Any]


def everything(tf: Any, reader: Any) -> Any:
    """Use every method of a reader once."""
    queue = tf.FIFOQueue(4, tf.string, shapes=[()], name="q")
    read = reader.read(queue)
    several = reader.read_up_to(queue.queue_ref, 3)
    made = [
        *read,
        *several,
        reader.num_records_produced(),
        reader.num_work_units_completed(),
        reader.serialize_state(),
    ]
    named = [read.key.name, read.value.name, several.keys.name, several.values.name]
    return (
        [[t.name, t.dtype.name, str(t.shape)] for t in made],
        named,
        reader.restore_state("state").name,
        reader.reset().name,
        reader.reader_ref.name,
        reader.supports_serialize,
    )


def with_options(tf: Any, compression: Any) -> Any:
    io = tf.python_io
    options = io.TFRecordOptions(getattr(io.TFRecordCompressionType, compression))
    return tf.TFRecordReader(options=options).reader_ref.name


def old(tf: Any) -> Any:
    """A reader by a reference, of a queue by a handle."""
    reference = tf.Variable(["", ""], name="reference", use_resource=False)
    reader = tf.ReaderBase(reference._ref(), supports_serialize=True)
    queue = tf.FIFOQueue(4, tf.string, shapes=[()], name="q")
    return reader.read(queue).key.name, reader.supports_serialize


def named(tf: Any) -> Any:
    with tf.name_scope("s"):
        reader = tf.TextLineReader(name="lines")
        queue = tf.FIFOQueue(4, tf.string, shapes=[()], name="q")
        return (
            reader.read(queue, name="a").key.name,
            reader.read_up_to(queue, tf.constant(3, tf.int64), name="b").keys.name,
            reader.num_records_produced("c").name,
            reader.num_work_units_completed("d").name,
            reader.serialize_state("e").name,
            reader.restore_state("x", "f").name,
            reader.reset("g").name,
        )


def files(tf: Any) -> Any:
    made = [
        tf.read_file("a"),
        tf.read_file("a", name="r"),
        tf.matching_files("a*"),
        tf.matching_files(["a*", "b*"], name="m"),
        tf.io.read_file("b"),
        tf.io.matching_files("b"),
        tf.read_file(tf.placeholder(tf.string, name="p")),
    ]
    ops = [tf.write_file("a", "b"), tf.write_file("a", "b", name="w"), tf.io.write_file("a", "b")]
    return [[t.name, str(t.shape)] for t in made], [o.name for o in ops]


def once(tf: Any) -> Any:
    names = tf.train.match_filenames_once("a*")
    more = tf.io.match_filenames_once(["a", "b"], name="m")
    return names.name, str(names.shape), more.name


def pipeline(tf: Any) -> Any:
    queue = tf.train.string_input_producer(["a", "b"], num_epochs=2, shuffle=False)
    key, value = tf.TextLineReader(skip_header_lines=1).read(queue)
    return [t.name for t in tf.train.batch([key, value], 3)]


SNIPPETS: dict[str, Snippet] = {
    "reader: identity": lambda tf: everything(tf, tf.IdentityReader()),
    "reader: whole file": lambda tf: everything(tf, tf.WholeFileReader()),
    "reader: lines": lambda tf: everything(tf, tf.TextLineReader()),
    "reader: lines after a header": lambda tf: everything(tf, tf.TextLineReader(2, "t")),
    "reader: fixed length": lambda tf: everything(tf, tf.FixedLengthRecordReader(4)),
    "reader: fixed length, all": lambda tf: everything(
        tf, tf.FixedLengthRecordReader(4, 1, 2, 3, "f", "ZLIB")
    ),
    "reader: records": lambda tf: everything(tf, tf.TFRecordReader()),
    "reader: records, named": lambda tf: everything(tf, tf.TFRecordReader(name="r")),
    "reader: records ZLIB": lambda tf: with_options(tf, "ZLIB"),
    "reader: records GZIP": lambda tf: with_options(tf, "GZIP"),
    "reader: records NONE": lambda tf: with_options(tf, "NONE"),
    "reader: old": old,
    "reader: named": named,
    "reader: files": files,
    "reader: once": once,
    "reader: pipeline": pipeline,
}

ERRORS: dict[str, Snippet] = {
    "reader: options": lambda tf: tf.python_io.TFRecordOptions("LZ4"),
    "reader: options of a reader": lambda tf: tf.TFRecordReader(options="LZ4"),
    "reader: name of files": lambda tf: tf.read_file(["a", "b"]),
    "reader: name of a number": lambda tf: tf.read_file(1),
    "reader: patterns": lambda tf: tf.matching_files([["a"]]),
    "reader: contents": lambda tf: tf.write_file("a", ["b", "c"]),
    "reader: number of records": lambda tf: tf.TextLineReader().read_up_to(
        tf.FIFOQueue(4, tf.string), [1, 2]
    ),
    "reader: state": lambda tf: tf.IdentityReader().restore_state(["a", "b"]),
    "reader: no queue": lambda tf: tf.TextLineReader().read("q"),
}
