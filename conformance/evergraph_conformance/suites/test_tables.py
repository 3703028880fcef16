"""Lookup tables: filled once from tensors and files, or changed by every run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses(
    "HashTableV2",
    "MutableHashTableV2",
    "LookupTableFindV2",
    "LookupTableInsertV2",
    "LookupTableRemoveV2",
    "LookupTableSizeV2",
    "LookupTableExportV2",
    "LookupTableImportV2",
    "InitializeTableV2",
    "InitializeTableFromTextFileV2",
)


def words(tf, keys=("a", "b", "c"), values=(10, 20, 30), default=-1, **more):
    filling = tf.lookup.KeyValueTensorInitializer(list(keys), tf.constant(list(values), tf.int64))
    return tf.lookup.StaticHashTable(filling, default, **more)


def numbers(tf, default=-1, **more):
    return tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default, **more)


def longs(tf, *values):
    return tf.constant(values, tf.int64)


def entries(exported):
    keys, values = exported
    return dict(zip(keys.tolist(), values.tolist(), strict=True))


def file(tmp_path, text):
    path = tmp_path / "words.txt"
    path.write_bytes(text)
    return str(path)


def of_file(tf, path, key=None, value=None, default: Any = -1, **more):
    key_type, key_index = key or (tf.string, tf.lookup.TextFileIndex.WHOLE_LINE)
    value_type, value_index = value or (tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)
    filling = tf.lookup.TextFileInitializer(
        path, key_type, key_index, value_type, value_index, **more
    )
    return tf.lookup.StaticHashTable(filling, default)


# Filled once


def test_a_table_is_filled_and_asked(tf, session):
    table = words(tf)
    found = table.lookup(tf.constant([["b", "z"], ["a", "c"]]))
    assert found.shape.as_list() == [2, 2]
    session.run(table.initializer)
    assert session.run(found).tolist() == [[20, -1], [10, 30]]
    assert session.run(table.size()) == 3
    assert entries(session.run(table.export())) == {b"a": 10, b"b": 20, b"c": 30}


@pytest.mark.parametrize(
    ("keys", "values", "default", "wanted"),
    [
        row("int64 to string", np.array([3, 5]), ["x", "y"], "none", [b"y", b"none"]),
        row("int64 to float", np.array([3, 5]), np.array([0.5, 1.5], np.float32), 9.0, [1.5, 9.0]),
        row("int32 to int32", np.array([3, 5], np.int32), np.array([7, 8], np.int32), -1, [8, -1]),
        row("int64 to float64", np.array([3, 5]), np.array([0.1, 0.2]), 0.3, [0.2, 0.3]),
    ],
)
def test_types_of_keys_and_values(tf, session, keys, values, default, wanted):
    filling = tf.lookup.KeyValueTensorInitializer(keys, values)
    table = tf.lookup.StaticHashTable(filling, default)
    session.run(tf.tables_initializer())
    asked = tf.constant(np.array([5, 4], keys.dtype))
    assert session.run(table.lookup(asked)).tolist() == wanted


def test_all_tables_are_filled_at_once(tf, session):
    one, other = words(tf), words(tf, ["x"], [1])
    session.run(tf.tables_initializer())
    assert session.run([one.size(), other.size()]) == [3, 1]


def test_a_table_that_was_not_filled_is_not_asked(tf, session):
    """Row 223."""
    table = words(tf, name="table")
    found = table.lookup(tf.constant(["a"]), name="found")
    with raises(exact("FailedPreconditionError", "Table not initialized.")) as caught:
        session.run(found)
    assert caught.value.op.name == "found/LookupTableFindV2"
    assert session.run(table.size()) == 0
    session.run(table.initializer)
    assert session.run(found).tolist() == [10]


def test_a_table_is_filled_only_once(tf, session):
    value = tf.placeholder(tf.int64, [1])
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a"], value), -1)
    session.run(table.initializer, {value: [1]})
    session.run(table.initializer, {value: [2]})
    assert session.run(table.lookup(tf.constant("a"))) == 1


def test_a_key_has_one_value(tf, session):
    table = words(tf, ["a", "a"], [1, 2])
    text = "HashTable has different value for same key. Key a has 1 and trying to add value 2"
    with raises(exact("FailedPreconditionError", text)):
        session.run(table.initializer)
    assert session.run(table.size()) == 0


def test_a_table_is_its_sessions_own(tf, session):
    table = words(tf)
    session.run(table.initializer)
    with tf.Session(graph=session.graph) as other, pytest.raises(tf.errors.FailedPreconditionError):
        other.run(table.lookup(tf.constant("a")))
    assert session.run(table.lookup(tf.constant("a"))) == 10


def test_sparse_keys_have_sparse_values(tf, session):
    table = words(tf)
    session.run(table.initializer)
    keys = tf.SparseTensor([[0, 1], [2, 0]], ["c", "z"], [3, 2])
    got = session.run(table.lookup(keys))
    assert got.values.tolist() == [30, -1]
    assert got.indices.tolist() == [[0, 1], [2, 0]]


def test_what_is_found_goes_on_into_what_is_computed(tf, session):
    table = words(tf, values=(0, 1, 2))
    rows = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    text = tf.placeholder(tf.string, [None])
    total = tf.reduce_sum(tf.gather(rows, table.lookup(text)), 0)
    session.run(tf.tables_initializer())
    assert session.run(total, {text: ["a", "c"]}).tolist() == [6.0, 8.0]
    assert session.run(total, {text: ["b"]}).tolist() == [3.0, 4.0]


# From files


def test_lines_of_a_file_have_their_numbers(tf, session, tmp_path):
    path = file(tmp_path, b"the\nof\r\nto\nand")
    table = of_file(tf, path)
    session.run(table.initializer)
    found = table.lookup(tf.constant(["and", "the", "of", "no"]))
    assert session.run(found).tolist() == [3, 0, 1, -1]
    assert tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS)[0].op.type == "Const"


def test_numbers_have_their_lines(tf, session, tmp_path):
    index = tf.lookup.TextFileIndex
    key, value = (tf.int64, index.LINE_NUMBER), (tf.string, index.WHOLE_LINE)
    table = of_file(tf, file(tmp_path, b"the\nof\n"), key, value, "UNK")
    session.run(table.initializer)
    assert session.run(table.lookup(longs(tf, 1, 0, 7))).tolist() == [b"of", b"the", b"UNK"]


def test_columns_of_a_file(tf, session, tmp_path):
    path = file(tmp_path, b"a,1,x\nb,2,y\n")
    table = of_file(tf, path, (tf.string, 2), (tf.int64, 1), delimiter=",")
    session.run(table.initializer)
    assert session.run(table.lookup(tf.constant(["y", "a"]))).tolist() == [2, -1]


def test_so_many_lines_of_a_file(tf, session, tmp_path):
    table = of_file(tf, file(tmp_path, b"a\nb\nc\n"), vocab_size=2, value_index_offset=5)
    session.run(table.initializer)
    assert entries(session.run(table.export())) == {b"a": 5, b"b": 6}


@pytest.mark.parametrize(
    ("text", "columns", "more", "type", "message"),
    [
        row(
            "too few lines",
            b"a\nb\n",
            (),
            {"vocab_size": 5},
            "InvalidArgumentError",
            "expected 5 but got 2",
        ),
        row(
            "too few columns",
            b"a\t1\n",
            ("string", 0, "int64", 2),
            {},
            "InvalidArgumentError",
            "line 0 (a\t1) : expected at least 3 got 2",
        ),
        row(
            "no number",
            b"a\t1\n",
            ("string", 1, "int64", 0),
            {},
            "InvalidArgumentError",
            "Field a in line 0 is not a valid int64.",
        ),
        row(
            "a line twice",
            b"a\na\n",
            (),
            {},
            "FailedPreconditionError",
            "Key a has 0 and trying to add value 1",
        ),
        row(
            "an empty line",
            b"a\n\nb\n",
            (),
            {},
            "InvalidArgumentError",
            "empty line found at position 3.",
        ),
        row("no file", None, (), {}, "NotFoundError", "No such file or directory"),
    ],
)
def test_what_is_wrong_with_a_file(tf, session, tmp_path, text, columns, more, type, message):
    path = str(tmp_path / "none") if text is None else file(tmp_path, text)
    types = [tf.as_dtype(c) if isinstance(c, str) else c for c in columns]
    table = of_file(tf, path, tuple(types[:2]), tuple(types[2:]), **more)
    with raises(core(type, message)):
        session.run(table.initializer)
    assert session.run(table.size()) == 0


# With hashes for what a table lacks


@pytest.mark.uses("StringToHashBucketFast")
def test_words_that_a_vocabulary_lacks_have_ids_by_hashes(tf, session):
    filling = tf.lookup.KeyValueTensorInitializer(["a", "b"], longs(tf, 0, 1))
    table = tf.lookup.StaticVocabularyTable(filling, 3)
    session.run(table.initializer)
    assert session.run(table.size()) == 5
    # TensorFlow's ids.
    found = session.run(table.lookup(tf.constant(["a", "zz", "b", "qq"])))
    assert found.tolist() == [0, 3, 1, 2]


@pytest.mark.uses("StringToHashBucketFast")
def test_ids_may_be_hashes_alone(tf, run):
    table = tf.lookup.StaticVocabularyTable(None, 3)
    assert run(table.size()) == 3
    found = run(table.lookup(tf.constant(["a", "a", "b"])))
    assert found[0] == found[1]
    assert all(0 <= i < 3 for i in found)


# Changed while the program runs


def test_keys_are_inserted_replaced_and_removed(tf, session):
    table = numbers(tf)
    session.run(table.insert(["a", "b"], longs(tf, 1, 2)))
    session.run(table.insert(["b", "c"], longs(tf, 5, 6)))
    assert entries(session.run(table.export())) == {b"a": 1, b"b": 5, b"c": 6}
    session.run(table.remove(tf.constant(["a", "z"])))
    assert session.run(table.size()) == 2
    assert session.run(table.lookup(tf.constant([["a"], ["b"]]))).tolist() == [[-1], [5]]


@pytest.mark.uses("MutableHashTableOfTensorsV2")
def test_values_may_be_vectors(tf, session):
    table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, -1.0])
    session.run(table.insert(longs(tf, 1, 2), [[1.0, 2.0], [3.0, 4.0]]))
    found = table.lookup(longs(tf, 2, 9))
    assert found.shape.as_list() == [2, 2]
    assert session.run(found).tolist() == [[3.0, 4.0], [0.0, -1.0]]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Expected shape \[1,2\] for value"):
        session.run(table.insert(longs(tf, 1), tf.placeholder_with_default([[1.0] * 3], None)))
    assert session.run(table.size()) == 2


def test_every_key_may_have_a_default_of_its_own(tf, session):
    table = numbers(tf)
    session.run(table.insert(["a"], longs(tf, 1)))
    found = table.lookup(tf.constant(["a", "b", "c"]), longs(tf, 7, 8, 9))
    assert session.run(found).tolist() == [1, 8, 9]


@pytest.mark.uses("MutableDenseHashTableV2")
@pytest.mark.parametrize("key", [0, -1])
def test_a_dense_table_reserves_keys(tf, session, key):
    table = tf.lookup.experimental.DenseHashTable(
        tf.int64, tf.int64, -5, empty_key=0, deleted_key=-1
    )
    session.run(table.insert(longs(tf, 1, 2), longs(tf, 10, 20)))
    session.run(table.remove(longs(tf, 1)))
    assert session.run(table.lookup(longs(tf, 1, 2, 3))).tolist() == [-5, 20, -5]
    name = {0: "empty_key", -1: "deleted_key"}[key]
    with raises(core("InvalidArgumentError", f"Using the {name} as a table key is not allowed")):
        session.run(table.insert(longs(tf, key), longs(tf, 1)))
    assert session.run(table.size()) == 1


@pytest.mark.uses("SaveV2", "RestoreV2")
def test_a_saver_saves_a_table(tf, session, tmp_path):
    table = numbers(tf, name="words")
    saver = tf.train.Saver()
    session.run(table.insert(["a", "b"], longs(tf, 1, 2)))
    path = saver.save(session, str(tmp_path / "model"))
    session.run(table.insert(["a", "c"], longs(tf, 8, 9)))
    saver.restore(session, path)
    assert entries(session.run(table.export())) == {b"a": 1, b"b": 2}


# Handles


def find(tf, handle, key: Any = "a", default=-1):
    return tf.raw_ops.LookupTableFindV2(
        table_handle=handle, keys=tf.constant([key]), default_value=tf.constant(default, tf.int64)
    )


def test_tables_of_one_name_are_one_table(tf, session):
    kind = {"key_dtype": tf.string, "value_dtype": tf.int64, "shared_name": "shared"}
    one, other = (tf.raw_ops.HashTableV2(**kind, name=name) for name in ("one", "other"))
    session.run(tf.raw_ops.InitializeTableV2(table_handle=one, keys=["a"], values=longs(tf, 4)))
    assert session.run(find(tf, other)).tolist() == [4]
    wrong = tf.raw_ops.HashTableV2(**kind | {"key_dtype": tf.int64}, name="wrong")
    text = "Conflicting key/value dtypes int64->int64 with string-int64 for table shared"
    with raises(exact("InvalidArgumentError", text)):
        session.run(tf.raw_ops.LookupTableSizeV2(table_handle=wrong))


def test_the_types_of_a_table_are_checked(tf, session):
    table = words(tf)
    session.run(table.initializer)
    handle = table.resource_handle
    text = (
        "Signature mismatch, have: resource, int32, int64->int64 expected: resource, string, "
        "int64->int64"
    )
    with raises(exact("InvalidArgumentError", text)):
        session.run(find(tf, handle, 1))
    assert session.run(find(tf, handle)).tolist() == [10]


def test_a_table_that_is_filled_once_does_not_change(tf, session):
    table = words(tf)
    session.run(table.initializer)
    handle = table.resource_handle
    insert = tf.raw_ops.LookupTableInsertV2(table_handle=handle, keys=["z"], values=longs(tf, 1))
    text = "Insert not supported by InitializableLookupTable implementations"
    with raises(exact("UnimplementedError", text)):
        session.run(insert)
    assert session.run(table.size()) == 3


@pytest.mark.uses("HashTable", "InitializeTable", "LookupTableFind", "LookupTableSize")
def test_tables_of_the_first_version(tf, session):
    handle = tf.raw_ops.HashTable(key_dtype=tf.string, value_dtype=tf.int64)
    session.run(tf.raw_ops.InitializeTable(table_handle=handle, keys=["a"], values=longs(tf, 4)))
    found = tf.raw_ops.LookupTableFind(
        table_handle=handle, keys=tf.constant(["a", "b"]), default_value=longs(tf, 7)[0]
    )
    size = tf.raw_ops.LookupTableSize(table_handle=handle)
    got, count = session.run([found, size])
    assert (got.tolist(), count) == ([4, 7], 1)
