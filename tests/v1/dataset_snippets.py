"""Short graphs of datasets whose nodes have no functions, and of iterators; see `snippets.py`.

The names of functions have numbers of the process, in TensorFlow as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Snippet = Callable[[Any], Any]


def described(dataset: Any) -> Any:
    return [str(d) for d in (dataset.output_types, dataset.output_shapes)]


def sources(tf: Any) -> Any:
    dataset = tf.data.Dataset
    fed = tf.placeholder(tf.float32, [None, 3])
    return [
        described(dataset.from_tensors((1, {"b": [2.0, 3.0], "a": "x"}))),
        described(dataset.from_tensor_slices(fed)),
        described(dataset.from_tensor_slices({"x": np.ones((2, 4)), "y": ["a", "b"]})),
        described(dataset.range(3)),
        described(dataset.range(1, 9, 2)),
        described(dataset.from_sparse_tensor_slices(tf.SparseTensor([[0, 1]], [1.0], [2, 3]))),
    ]


def parts(tf: Any) -> None:
    dataset = tf.data.Dataset.range(9)
    dataset.take(3).skip(tf.placeholder(tf.int64, [])).repeat().repeat(2).shard(3, 1)
    tf.data.Dataset.zip((dataset, {"a": dataset.concatenate(dataset)}))
    dataset.cache().cache("file").prefetch(2).prefetch(-1)
    dataset.enumerate(start=4)


def batches(tf: Any) -> Any:
    dataset = tf.data.Dataset.from_tensors(([1.0, 2.0], "a"))
    size = tf.placeholder(tf.int64, [])
    return [
        described(dataset.batch(4)),
        described(dataset.batch(4, drop_remainder=True)),
        described(dataset.batch(size, True)),
        described(dataset.padded_batch(2, ([3], []))),
        described(dataset.padded_batch(2, ([None], []), (np.float32(1), "z"), drop_remainder=True)),
        described(dataset.batch(3).window(2, 1, drop_remainder=True)),
    ]


def shuffles(tf: Any) -> None:
    dataset = tf.data.Dataset.range(9)
    dataset.shuffle(3)
    dataset.shuffle(tf.placeholder(tf.int64, []), seed=4, reshuffle_each_iteration=False)
    dataset.apply(tf.data.experimental.shuffle_and_repeat(3, 2, seed=5))
    tf.set_random_seed(7)
    dataset.shuffle(3)
    dataset.shuffle(3, seed=1)
    tf.random_uniform([])


def iterators(tf: Any) -> Any:
    dataset = tf.data.Dataset.from_tensors((1.0, {"a": [1, 2]})).batch(2)
    iterator = dataset.make_initializable_iterator(shared_name="shared")
    any_of = tf.data.Iterator.from_structure(
        tf.data.get_output_types(dataset), tf.data.get_output_shapes(dataset)
    )
    handle = tf.placeholder(tf.string, [])
    fed = tf.data.Iterator.from_string_handle(handle, dataset.output_types, dataset.output_shapes)
    loose = tf.data.Iterator.from_structure((tf.int64, tf.string))
    elements = [iterator.get_next(), any_of.get_next(name="n"), fed.get_next(), loose.get_next()]
    return (
        iterator.initializer.name,
        any_of.make_initializer(dataset).name,
        any_of.make_initializer(dataset, name="begin").name,
        fed.string_handle().name,
        fed.string_handle(name="handle").name,
        str(elements),
    )


def single(tf: Any) -> Any:
    dataset = tf.data.Dataset.from_tensors((1.0, "a"))
    return str(tf.data.experimental.get_single_element(dataset))


def csv(tf: Any) -> Any:
    given = {"header": True, "field_delim": ";", "na_value": "-", "select_cols": [0, 2]}
    return described(tf.data.experimental.CsvDataset("a", [tf.int32, [1.5]], **given))


SNIPPETS: dict[str, Snippet] = {
    "datasets: sources": sources,
    "datasets: parts": parts,
    "datasets: batches": batches,
    "datasets: shuffles": shuffles,
    "datasets: iterators": iterators,
    "datasets: single": single,
    "datasets: csv": csv,
}
ERRORS: dict[str, Snippet] = {}
