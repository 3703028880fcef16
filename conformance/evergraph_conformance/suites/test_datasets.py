"""Datasets: where elements come from, and what is done to them."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.elements import elements, plain
from evergraph_conformance.messages import row

pytestmark = pytest.mark.uses(
    "BatchDatasetV2",
    "CacheDataset",
    "FlatMapDataset",
    "IteratorGetNext",
    "IteratorV2",
    "MakeIterator",
    "MapDataset",
    "ShuffleDataset",
    "TensorSliceDataset",
)


def numbers(tf, *bounds):
    return tf.data.Dataset.range(*bounds)


def repeated(tf, x):
    return tf.data.Dataset.from_tensors(x).repeat(x)


# Where elements come from


def test_tensors_are_one_element_or_are_sliced(tf, session):
    given = {"a": np.arange(4, dtype=np.int32).reshape(2, 2), "b": (["x", "y"],)}
    assert elements(tf, session, tf.data.Dataset.from_tensors(given)) == [
        {"a": [[0, 1], [2, 3]], "b": ([b"x", b"y"],)}
    ]
    assert elements(tf, session, tf.data.Dataset.from_tensor_slices(given)) == [
        {"a": [0, 1], "b": (b"x",)},
        {"a": [2, 3], "b": (b"y",)},
    ]


def test_types_and_shapes_have_the_structure_of_an_element(tf):
    dataset = tf.data.Dataset.from_tensor_slices((np.ones((2, 3), np.float32), {"b": [1, 2]}))
    assert dataset.output_types == (tf.float32, {"b": tf.int32})
    assert dataset.output_shapes == (tf.TensorShape([3]), {"b": tf.TensorShape([])})
    assert dataset.output_classes == (tf.Tensor, {"b": tf.Tensor})
    batches = dataset.batch(2)
    assert tf.data.get_output_shapes(batches)[0].as_list() == [None, 3]
    whole = dataset.batch(2, drop_remainder=True)
    assert tf.data.get_output_shapes(whole)[0].as_list() == [2, 3]


def test_tensors_may_be_fed_when_the_iterator_begins(tf, session):
    fed = tf.placeholder(tf.float32, [None])
    dataset = tf.data.Dataset.from_tensor_slices(fed).map(lambda x: x * 2)
    assert elements(tf, session, dataset, {fed: [1.0, 2.0]}) == [2.0, 4.0]


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        pytest.param((3,), [0, 1, 2], id="stop"),
        pytest.param((2, 5), [2, 3, 4], id="start"),
        pytest.param((5, 1, -2), [5, 3], id="step"),
        pytest.param((5, 1), [], id="empty"),
    ],
)
def test_a_range_is_python_s(tf, session, bounds, wanted):
    assert elements(tf, session, numbers(tf, *bounds)) == wanted


@pytest.mark.needs("in_process")
def test_a_generator_is_called_for_each_iterator(tf, session):
    def generator(stop):
        for i in range(stop):
            yield i, [str(i)] * i

    dataset = tf.data.Dataset.from_generator(
        generator, (tf.int64, tf.string), ([], [None]), args=[tf.constant(3)]
    )
    wanted = [(0, []), (1, [b"1"]), (2, [b"2", b"2"])]
    assert elements(tf, session, dataset.repeat(2)) == wanted * 2
    assert dataset.output_shapes[1].as_list() == [None]


@pytest.mark.uses("SparseTensorSliceDataset", "SerializeManySparse", "DeserializeSparse")
def test_sparse_tensors_are_elements(tf, session):
    sparse = tf.SparseTensor([[0, 0], [1, 1], [1, 2]], [1.0, 2.0, 3.0], [3, 4])
    parts = elements(tf, session, tf.data.Dataset.from_sparse_tensor_slices(sparse))
    assert parts == [([[0]], [1.0], [4]), ([[1], [2]], [2.0, 3.0], [4]), ([], [], [4])]
    dataset = tf.data.Dataset.from_tensor_slices(sparse)
    assert [tuple(e) for e in elements(tf, session, dataset)] == parts
    (batch,) = elements(tf, session, dataset.batch(3))
    assert tuple(batch) == ([[0, 0], [1, 1], [1, 2]], [1.0, 2.0, 3.0], [3, 4])


# What functions make of elements


def test_a_function_takes_the_parts_of_a_tuple(tf, session):
    dataset = tf.data.Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert elements(tf, session, dataset.map(lambda a, b: {"sum": a + b})) == [
        {"sum": 4},
        {"sum": 6},
    ]
    one = tf.data.Dataset.from_tensor_slices({"a": [1, 2]})
    assert elements(tf, session, one.map(lambda x: (x["a"], [x["a"], 5]))) == [
        (1, [1, 5]),
        (2, [2, 5]),
    ]


def test_a_function_uses_tensors_from_outside(tf, session):
    factor = tf.placeholder(tf.int64, [])
    dataset = numbers(tf, 3).map(lambda x: x * factor, num_parallel_calls=2)
    dataset = dataset.flat_map(lambda x: numbers(tf, 2).map(lambda y: x + y * factor))
    assert elements(tf, session, dataset, {factor: 10}) == [0, 10, 10, 20, 20, 30]


def test_a_function_reads_variables(tf, session):
    reference = tf.Variable(10.0, use_resource=False)
    resource = tf.Variable(1.0, use_resource=True)
    session.run([reference.initializer, resource.initializer])
    dataset = tf.data.Dataset.from_tensor_slices([1.0, 2.0])
    assert elements(tf, session, dataset.map(lambda x: x * reference + resource)) == [11.0, 21.0]


@pytest.mark.uses("HashTableV2", "LookupTableFindV2", "LookupTableImportV2")
def test_a_function_looks_values_up(tf, session):
    values = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([1, 2], tf.int64))
    table = tf.lookup.StaticHashTable(values, -1)
    session.run(tf.tables_initializer())
    dataset = tf.data.Dataset.from_tensor_slices(["b", "x", "a"]).map(table.lookup)
    assert elements(tf, session, dataset) == [2, -1, 1]


def test_a_function_changes_a_resource_variable(tf, session):
    total = tf.Variable(0, dtype=tf.int64, use_resource=True)
    session.run(total.initializer)
    dataset = numbers(tf, 4).map(lambda x: tf.assign_add(total, x) * 10)
    assert elements(tf, session, dataset) == [0, 10, 30, 60]
    assert session.run(total) == 6


def test_a_function_has_control_flow(tf, session):
    def function(x):
        y = tf.cond(x > 1, lambda: x * 2, lambda: x - 1)
        return tf.while_loop(lambda i: i < 10, lambda i: i * 2 + 3, [y])

    assert elements(tf, session, numbers(tf, 4).map(function)) == [13, 21, 11, 15]


@pytest.mark.needs("in_process")
def test_a_function_calls_python(tf, session):
    dataset = numbers(tf, 3).map(lambda x: tf.py_func(lambda v: v * 10, [x], tf.int64))
    assert elements(tf, session, dataset) == [0, 10, 20]


def test_random_numbers_begin_anew_with_the_iterator(tf, session):
    tf.set_random_seed(1)
    dataset = numbers(tf, 3).map(lambda _: tf.random_uniform([], seed=2)).repeat(2)
    iterator = dataset.make_initializable_iterator()
    element = iterator.get_next()
    drawn = []
    for _ in range(2):
        session.run(iterator.initializer)
        drawn.append([session.run(element) for _ in range(6)])
    assert drawn[0] == drawn[1]
    wanted = [0.40639675, 0.43159842, 0.60386539, 0.16840732, 0.00496614, 0.15982985]
    np.testing.assert_allclose(drawn[0], wanted, rtol=1e-6)


def test_a_function_chooses_elements(tf, session):
    assert elements(tf, session, numbers(tf, 6).filter(lambda x: tf.equal(x % 2, 0))) == [0, 2, 4]


CHAINS = [
    row("take", lambda tf: numbers(tf, 5).take(2), [0, 1]),
    row("take all", lambda tf: numbers(tf, 2).take(-1), [0, 1]),
    row("skip", lambda tf: numbers(tf, 4).skip(3), [3]),
    row("skip all", lambda tf: numbers(tf, 4).skip(-1), []),
    row("repeat", lambda tf: numbers(tf, 2).repeat(2), [0, 1, 0, 1]),
    row("repeat never", lambda tf: numbers(tf, 2).repeat(0), []),
    row("repeat nothing for ever", lambda tf: numbers(tf, 0).repeat(), []),
    row("shard", lambda tf: numbers(tf, 5).shard(2, 1), [1, 3]),
    row("concatenate", lambda tf: numbers(tf, 2).concatenate(numbers(tf, 7, 8)), [0, 1, 7]),
    row("zip", lambda tf: tf.data.Dataset.zip((numbers(tf, 2), numbers(tf, 9))), [(0, 0), (1, 1)]),
    row("enumerate", lambda tf: numbers(tf, 5, 7).enumerate(2), [(2, 5), (3, 6)]),
    row("prefetch", lambda tf: numbers(tf, 2).prefetch(1), [0, 1]),
    row("cache", lambda tf: numbers(tf, 2).cache().repeat(2), [0, 1, 0, 1]),
    row("cache a part", lambda tf: numbers(tf, 5).cache().take(1).repeat(2), [0, 0]),
    row("batch", lambda tf: numbers(tf, 3).batch(2), [[0, 1], [2]]),
    row("batch, dropped", lambda tf: numbers(tf, 3).batch(2, drop_remainder=True), [[0, 1]]),
    row("unbatch", lambda tf: numbers(tf, 3).batch(2).unbatch(), [0, 1, 2]),
    row(
        "padded_batch",
        lambda tf: numbers(tf, 3).map(lambda x: tf.fill([x], x)).padded_batch(2, [None]),
        [[[0], [1]], [[2, 2]]],
    ),
    row(
        "padded_batch, given",
        lambda tf: (
            numbers(tf, 3)
            .map(lambda x: (tf.fill([x], x), tf.as_string(x)))
            .padded_batch(3, ([4], []), (np.int64(-1), ""))
        ),
        [([[-1] * 4, [1, -1, -1, -1], [2, 2, -1, -1]], [b"0", b"1", b"2"])],
    ),
    row(
        "window",
        lambda tf: numbers(tf, 7).window(3, 2).flat_map(lambda w: w.batch(3)),
        [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6]],
    ),
    row(
        "window, strided",
        lambda tf: numbers(tf, 6).window(2, 1, 2, True).flat_map(lambda w: w.batch(2)),
        [[0, 2], [1, 3], [2, 4], [3, 5]],
    ),
    row(
        "flat_map",
        lambda tf: numbers(tf, 4).flat_map(lambda x: repeated(tf, x)),
        [1, 2, 2, 3, 3, 3],
    ),
    row(
        "interleave",
        lambda tf: numbers(tf, 1, 6).interleave(lambda x: repeated(tf, x), 3, 1),
        [1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 4, 5, 5, 5],
    ),
    row(
        "interleave, in blocks",
        lambda tf: numbers(tf, 1, 5).interleave(
            lambda x: repeated(tf, x), 2, 2, num_parallel_calls=2
        ),
        [1, 2, 2, 3, 3, 3, 4, 4, 4, 4],
    ),
    row(
        "parallel_interleave",
        lambda tf: numbers(tf, 1, 5).apply(
            tf.data.experimental.parallel_interleave(lambda x: repeated(tf, x), 2, 2)
        ),
        [1, 2, 2, 3, 3, 3, 4, 4, 4, 4],
    ),
    row(
        "map_and_batch",
        lambda tf: numbers(tf, 3).apply(
            tf.data.experimental.map_and_batch(lambda x: x + 1, 2, drop_remainder=True)
        ),
        [[1, 2]],
    ),
    row(
        "group_by_window",
        lambda tf: numbers(tf, 10).apply(
            tf.data.experimental.group_by_window(lambda x: x % 3, lambda _, w: w.batch(2), 2)
        ),
        [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]],
    ),
    row("scan", lambda tf: numbers(tf, 4).scan(np.int64(1), lambda s, x: (s + x, s)), [1, 1, 2, 4]),
    row("take_while", lambda tf: numbers(tf, 9).take_while(lambda x: x < 2), [0, 1]),
    row(
        "unique",
        lambda tf: tf.data.Dataset.from_tensor_slices([1, 2, 1, 3, 2]).unique(),
        [1, 2, 3],
    ),
    row(
        "choose_from_datasets",
        lambda tf: tf.data.experimental.choose_from_datasets(
            [numbers(tf, 2), numbers(tf, 10, 13)],
            tf.data.Dataset.from_tensor_slices(np.array([1, 0, 1, 0, 0, 1])),
        ),
        [10, 0, 11, 1, 12],
    ),
    row(
        "bucket_by_sequence_length",
        lambda tf: (
            numbers(tf, 1, 6)
            .map(lambda x: tf.fill([x], x))
            .apply(
                tf.data.experimental.bucket_by_sequence_length(
                    lambda x: tf.size(x), [3], [2, 2], padded_shapes=[None]
                )
            )
        ),
        [[[1, 0], [2, 2]], [[3, 3, 3, 0], [4, 4, 4, 4]], [[5, 5, 5, 5, 5]]],
    ),
]


@pytest.mark.parametrize(("make", "wanted"), CHAINS)
def test_a_transformation(tf, session, make, wanted):
    assert elements(tf, session, make(tf)) == wanted


def test_options_are_accepted(tf, session):
    options = tf.data.Options()
    options.experimental_deterministic = True
    options.experimental_optimization.map_fusion = True
    assert elements(tf, session, numbers(tf, 2).with_options(options)) == [0, 1]


def test_a_reduction_is_one_tensor(tf, session):
    total = numbers(tf, 5).reduce(np.int64(0), lambda state, x: state + x)
    assert session.run(total) == 10
    pair = numbers(tf, 3).reduce((0, np.int64(1)), lambda s, x: (s[0] + 1, s[1] * (x + 1)))
    assert plain(session.run(pair)) == (3, 6)


def test_the_only_element_is_a_tensor(tf, session):
    assert session.run(tf.data.experimental.get_single_element(numbers(tf, 1))) == 0


# Random order, which is TensorFlow's

SHUFFLES = [
    row(
        "a buffer, a seed of its own",
        (None, lambda d: d.shuffle(3, seed=5)),
        [1, 3, 4, 5, 2, 7, 8, 0, 9, 6],
    ),
    row("everything", (3, lambda d: d.shuffle(100, seed=5)), [0, 2, 7, 9, 1, 6, 4, 3, 8, 5]),
    row(
        "anew each time",
        (3, lambda d: d.shuffle(100).repeat(2)),
        [7, 8, 5, 4, 6, 0, 1, 9, 2, 3, 4, 7, 5, 1, 2, 8, 3, 6, 0, 9],
    ),
    row(
        "the same each time",
        (3, lambda d: d.shuffle(3, seed=5, reshuffle_each_iteration=False).repeat(2)),
        [0, 2, 1, 4, 6, 7, 3, 5, 8, 9] * 2,
    ),
    row(
        "after it was repeated",
        (3, lambda d: d.repeat(2).shuffle(4, seed=5)),
        [0, 3, 1, 6, 5, 8, 7, 2, 0, 1, 9, 4, 5, 3, 4, 2, 7, 9, 8, 6],
    ),
    row("a buffer of one", (3, lambda d: d.take(5).shuffle(1, seed=5)), [0, 1, 2, 3, 4]),
]


@pytest.mark.parametrize(("how", "wanted"), SHUFFLES)
def test_a_seed_decides_the_order(tf, session, how, wanted):
    seed, shuffled = how
    tf.set_random_seed(seed)
    dataset = shuffled(numbers(tf, 10))
    assert elements(tf, session, dataset) == wanted


def test_shuffle_and_repeat_mixes_no_two_times(tf, session):
    tf.set_random_seed(3)
    dataset = numbers(tf, 6).apply(tf.data.experimental.shuffle_and_repeat(4, 3, seed=7))
    wanted = [2, 0, 3, 1, 4, 5, 3, 4, 2, 5, 1, 0, 2, 3, 5, 0, 4, 1]
    assert elements(tf, session, dataset) == wanted


def test_without_a_seed_all_elements_are_there(tf, session):
    assert sorted(elements(tf, session, numbers(tf, 10).shuffle(4))) == list(range(10))
