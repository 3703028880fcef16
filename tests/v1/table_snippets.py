"""Snippets about lookup tables, by name: `tf` is the only argument."""

from __future__ import annotations


def filling(tf, keys=("a", "b"), values=(1, 2), **more):
    values = tf.constant(list(values), tf.int64)
    return tf.lookup.KeyValueTensorInitializer(list(keys), values, **more)


def table(tf, **more):
    return tf.lookup.StaticHashTable(filling(tf), -1, **more)


def of_file(tf, *columns, **more):
    whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    columns = columns or (tf.string, whole, tf.int64, number)
    return tf.lookup.TextFileInitializer("words", *columns, **more)


def vocabulary(tf, *more, **named):
    return tf.lookup.StaticVocabularyTable(filling(tf, values=(0, 1)), *more, **named)


def mutable(tf, default=-1, **more):
    return tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default, **more)


def dense(tf, **more):
    return tf.lookup.experimental.DenseHashTable(
        tf.int64, tf.float32, [0.0, 1.0], empty_key=0, deleted_key=-1, **more
    )


def sparse(tf, values):
    return tf.SparseTensor([[0, 0], [1, 1]], values, [2, 2])


def all_of(tf, one):
    one.lookup(tf.constant(["a"]))
    one.insert(["a"], tf.constant([3], tf.int64))
    one.remove(tf.constant(["a"]))
    one.size()
    return one.export()


SNIPPETS = {
    "table: static": lambda tf: table(tf),
    "table: static lookup": lambda tf: table(tf).lookup(tf.constant([["a"]])),
    "table: static named": lambda tf: table(tf, name="t").lookup(tf.constant("a"), name="found"),
    "table: static item": lambda tf: table(tf)[tf.constant(["a"])],
    "table: static sparse": lambda tf: table(tf).lookup(sparse(tf, ["a", "b"])),
    "table: static size": lambda tf: table(tf).size(),
    "table: static export": lambda tf: table(tf).export(),
    "table: named filling": lambda tf: tf.lookup.StaticHashTable(filling(tf, name="fill"), 0),
    "table: typed filling": lambda tf: tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer([1, 2], [0.5, 1.5], tf.int64, tf.float32), 0.0
    ),
    "table: two": lambda tf: [table(tf), table(tf), tf.tables_initializer()],
    "table: none": lambda tf: tf.tables_initializer(),
    "table: initializer named": lambda tf: (table(tf), tf.tables_initializer("fill")),
    "table: file": lambda tf: tf.lookup.StaticHashTable(of_file(tf), -1).lookup(tf.constant("a")),
    "table: file options": lambda tf: tf.lookup.StaticHashTable(
        of_file(tf, vocab_size=3, delimiter=",", name="f", value_index_offset=5), -1
    ),
    "table: file offset": lambda tf: tf.lookup.StaticHashTable(
        of_file(tf, value_index_offset=5), -1
    ),
    "table: file columns": lambda tf: tf.lookup.StaticHashTable(
        of_file(tf, tf.string, 0, tf.float32, 1), 0.0
    ),
    "table: vocabulary": lambda tf: vocabulary(tf, 3).lookup(tf.constant(["a"])),
    "table: vocabulary size": lambda tf: vocabulary(tf, 3, name="v").size(),
    "table: vocabulary of hashes": lambda tf: tf.lookup.StaticVocabularyTable(None, 3).lookup(
        tf.constant(["a"])
    ),
    "table: vocabulary of numbers": lambda tf: tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer([5, 6], [0, 1], tf.int64, tf.int64), 2, tf.int32
    ).lookup(tf.constant([5, 7])),
    "table: mutable": lambda tf: all_of(tf, mutable(tf)),
    "table: mutable named": lambda tf: all_of(tf, mutable(tf, name="m", checkpoint=False)),
    "table: mutable vectors": lambda tf: tf.lookup.experimental.MutableHashTable(
        tf.int64, tf.float32, [0.0, 1.0]
    ).lookup(tf.constant([1], tf.int64)),
    "table: dense": lambda tf: dense(tf).lookup(tf.constant([1], tf.int64)),
    "table: dense options": lambda tf: dense(tf, initial_num_buckets=16, name="d"),
}

ERRORS = {
    "table key type": lambda tf: table(tf).lookup(tf.constant([1])),
    "table default shape": lambda tf: tf.lookup.StaticHashTable(filling(tf), [1, 2]),
    "table file none": lambda tf: tf.lookup.TextFileInitializer("", tf.string, 0, tf.int64, 1),
    "table file column": lambda tf: of_file(tf, tf.string, -3, tf.int64, 1),
    "table file value column": lambda tf: of_file(tf, tf.string, 1, tf.int64, -3),
    "table file key numbers": lambda tf: of_file(tf, tf.string, -1, tf.int64, 1),
    "table file numbers": lambda tf: of_file(tf, tf.string, 1, tf.float32, -1),
    "table file key lines": lambda tf: of_file(tf, tf.float32, -2, tf.int64, -1),
    "table file lines": lambda tf: of_file(tf, tf.int64, -1, tf.float32, -2),
    "table file size": lambda tf: of_file(tf, vocab_size=0),
    "table vocabulary buckets": lambda tf: vocabulary(tf, 0),
    "table vocabulary key": lambda tf: tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer([0.5], [1], tf.float32, tf.int64), 2
    ),
    "table vocabulary value": lambda tf: tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(["a"], [1], tf.string, tf.int32), 2
    ),
    "table vocabulary kinds": lambda tf: vocabulary(tf, 2, tf.int32),
    "table vocabulary lookup": lambda tf: vocabulary(tf, 2).lookup(tf.constant([1])),
    "table mutable remove": lambda tf: mutable(tf).remove(tf.constant([1])),
    "table mutable default": lambda tf: mutable(tf, "x"),
}
