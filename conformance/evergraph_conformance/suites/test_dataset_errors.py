"""Datasets: what they are refused, what fails when they run, and what is left then."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.elements import elements, rest
from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses(
    "BatchDatasetV2",
    "FlatMapDataset",
    "GeneratorDataset",
    "IteratorFromStringHandleV2",
    "IteratorGetNext",
    "IteratorV2",
    "MakeIterator",
    "MapDataset",
    "PaddedBatchDatasetV2",
    "RangeDataset",
    "ShardDataset",
    "ShuffleDataset",
    "TensorSliceDataset",
)

UNINITIALIZED = (
    "GetNext() failed because the iterator has not been initialized. Ensure that you have run the "
    "initializer operation for this iterator before getting the next element."
)
NO_INITIALIZER = (
    "The iterator does not have an initializer. This means it was likely created using "
    "`tf.data.Dataset.make_one_shot_iterator()`. For an initializable iterator, use "
    "`tf.data.Dataset.make_initializable_iterator()` instead."
)


def numbers(tf, *bounds):
    return tf.data.Dataset.range(*bounds)


def structure(tf, *given):
    return tf.data.Iterator.from_structure(*given)


# When the graph is built

REFUSED = [
    row(
        "other types",
        lambda tf: structure(tf, tf.int64).make_initializer(tf.data.Dataset.from_tensors(1.0)),
        core("TypeError", "Expected output types tf.int64 but got dataset with output types"),
    ),
    row(
        "other shapes",
        lambda tf: structure(tf, tf.int64, [3]).make_initializer(numbers(tf, 2)),
        core("TypeError", "Expected output shapes compatible with TensorShape([Dimension(3)])"),
    ),
    row(
        "another structure",
        lambda tf: structure(tf, (tf.int64, tf.int64)).make_initializer(numbers(tf, 2)),
        core("ValueError", "The two structures don't have the same nested structure."),
    ),
    row(
        "more shapes than types",
        lambda tf: structure(tf, (tf.int64,), ([], [])),
        core("ValueError", "The two structures don't have the same sequence length."),
    ),
    row(
        "no initializer",
        lambda tf: numbers(tf, 2).make_one_shot_iterator().initializer,
        exact("ValueError", NO_INITIALIZER),
    ),
    row(
        "no initializer of its own",
        lambda tf: structure(tf, tf.int64).initializer,
        exact("ValueError", NO_INITIALIZER),
    ),
    row(
        "slices of other sizes",
        lambda tf: tf.data.Dataset.from_tensor_slices(([1, 2], [1, 2, 3])),
        exact("ValueError", "Dimensions 2 and 3 are not compatible"),
    ),
    row(
        "slices of a scalar",
        lambda tf: tf.data.Dataset.from_tensor_slices(3),
        exact("ValueError", "Unbatching a tensor is only supported for rank >= 1"),
    ),
    row(
        "a map of nothing callable",
        lambda tf: numbers(tf, 2).map(3),
        core("ValueError", "Argument `func` must be a callable."),
    ),
    row(
        "a map to an operation",
        lambda tf: numbers(tf, 2).map(lambda _: tf.no_op()),
        core("TypeError", "Unsupported return value from function passed to Dataset.map()"),
    ),
    row(
        "a map to nothing",
        lambda tf: numbers(tf, 2).map(lambda _: None),
        typed("ValueError"),
    ),
    row(
        "a map with too few parameters",
        lambda tf: tf.data.Dataset.from_tensors((1, 2)).map(lambda x: x),
        core("TypeError", "takes 1 positional argument but 2 were given"),
    ),
    row(
        "a map that makes a variable",
        lambda tf: numbers(tf, 2).map(lambda _: tf.Variable(3)),
        core("ValueError", "tf.function only supports singleton tf.Variables created on the first"),
    ),
    row(
        "a filter by numbers",
        lambda tf: numbers(tf, 2).filter(lambda x: x),
        core("ValueError", "`predicate` must return a `tf.bool` scalar tensor"),
    ),
    row(
        "zip of a list",
        lambda tf: tf.data.Dataset.zip([numbers(tf, 2)]),
        core("TypeError", "Python `list` is not supported and you should use `tuple` instead."),
    ),
    row(
        "zip of a number",
        lambda tf: tf.data.Dataset.zip(3),
        core("TypeError", "`tf.data.Dataset` objects but encountered object of type"),
    ),
    row(
        "concatenation of other types",
        lambda tf: numbers(tf, 2).concatenate(tf.data.Dataset.from_tensors(1.0)),
        core("TypeError", "Incompatible dataset elements"),
    ),
    row(
        "padded shapes of other ranks",
        lambda tf: numbers(tf, 2).padded_batch(2, [1]),
        core("ValueError", "The padded shape (1,) is not compatible with the shape ()"),
    ),
    row("a range of nothing", lambda tf: numbers(tf), core("ValueError", "Invalid `args`.")),
    row(
        "a generator that cannot be called",
        lambda tf: tf.data.Dataset.from_generator(3, tf.int64),
        exact("TypeError", "`generator` must be a Python callable."),
    ),
    row(
        "a generator of unknown types",
        lambda tf: tf.data.Dataset.from_generator(lambda: iter([1])),
        core("TypeError", "To specify the output signature you need to provide either"),
    ),
    row(
        "one shot of a placeholder",
        lambda tf: tf.data.Dataset.from_tensors(tf.placeholder(tf.int32)).make_one_shot_iterator(),
        core("ValueError", "Cannot capture a placeholder (name:Placeholder, type:Placeholder)"),
    ),
    row(
        "one shot of a variable",
        lambda tf: tf.data.Dataset.from_tensors(tf.Variable([1.0])).make_one_shot_iterator(),
        core("ValueError", "Cannot capture a stateful node (name:Variable"),
    ),
    row(
        "apply of something else",
        lambda tf: numbers(tf, 2).apply(lambda _: 3),
        core("TypeError", "`transformation_func` must return a `tf.data.Dataset` object."),
    ),
    row(
        "unbatching scalars",
        lambda tf: numbers(tf, 2).unbatch(),
        exact("ValueError", "Cannot unbatch an input with scalar components."),
    ),
    row(
        "iteration in Python",
        lambda tf: iter(numbers(tf, 2)),
        core("RuntimeError", "only supports Python-style iteration in eager mode"),
    ),
]


@pytest.mark.parametrize(("make", "wanted"), REFUSED)
def test_what_is_not_valid_is_refused_when_the_graph_is_built(tf, make, wanted):
    with raises(wanted):
        make(tf)


# When the iterator begins

NUMBERS = [
    row("batch", (0, lambda d, p: d.batch(p)), "Batch size must be greater than zero."),
    row("padded_batch", (0, lambda d, p: d.padded_batch(p, [])), "Batch size must be greater"),
    row("shuffle", (0, lambda d, p: d.shuffle(p)), "buffer_size must be greater than zero"),
    row("shards", (0, lambda d, p: d.shard(p, 0)), "Number of shards must be greater than zero"),
    row("a shard", (3, lambda d, p: d.shard(2, p)), "Index must be between 0 and 1 (currently"),
    row("window", (0, lambda d, p: d.window(p)), "Window size must be greater than zero."),
    row("cycle", (0, lambda d, p: d.interleave(lambda x: d, p)), "cycle_length must be greater"),
    row("block", (0, lambda d, p: d.interleave(lambda x: d, 1, p)), "block_length must be greater"),
    row(
        "calls",
        (0, lambda d, p: d.map(lambda x: x, num_parallel_calls=p)),
        "num_parallel_calls must be greater than zero.",
    ),
]


@pytest.mark.parametrize(("how", "wanted"), NUMBERS)
def test_a_number_that_is_not_valid_is_an_error_of_its_node(tf, session, how, wanted):
    number, make = how
    fed = tf.placeholder(tf.int64, [])
    iterator = make(numbers(tf, 4), fed).make_initializable_iterator()
    with raises(core("InvalidArgumentError", wanted)) as error:
        session.run(iterator.initializer, {fed: number})
    assert error.value.op.type.endswith(("Dataset", "V2"))


def test_a_step_of_zero_is_refused(tf, session):
    step = tf.placeholder(tf.int64, [])
    iterator = numbers(tf, 2, 4, step).make_initializable_iterator()
    with raises(exact("InvalidArgumentError", "step must be a non-zero integer.")):
        session.run(iterator.initializer, {step: 0})


# When an element is wanted


def test_an_iterator_must_be_initialized(tf, session):
    """Row 222."""
    iterator = numbers(tf, 2).make_initializable_iterator()
    element = iterator.get_next(name="element")
    with raises(exact("FailedPreconditionError", UNINITIALIZED)) as error:
        session.run(element)
    assert error.value.op.name == "element"
    session.run(iterator.initializer)
    assert session.run(element) == 0


def test_the_end_is_out_of_range(tf, session):
    """Row 221."""
    element = numbers(tf, 1).make_one_shot_iterator().get_next(name="element")
    assert session.run(element) == 0
    for _ in range(2):
        with raises(exact("OutOfRangeError", "End of sequence")) as error:
            session.run(element)
        assert error.value.op.name == "element"


def test_an_error_of_a_function_costs_one_element(tf, session):
    dataset = tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0, 4.0])
    dataset = dataset.map(lambda x: tf.check_numerics(1 / x, "bad", name="checked"))
    element = dataset.make_one_shot_iterator().get_next()
    assert session.run(element) == 1.0
    with raises(core("InvalidArgumentError", "bad : Tensor had Inf values")) as error:
        session.run(element)
    assert "{{node checked}}" in error.value.message
    assert rest(tf, session, element) == [0.5, 0.25]


def test_an_error_costs_the_batch_that_it_comes_in(tf, session):
    dataset = tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0, 4.0])
    dataset = dataset.map(lambda x: tf.check_numerics(1 / x, "bad")).batch(2)
    element = dataset.make_one_shot_iterator().get_next()
    with raises(core("InvalidArgumentError", "bad : Tensor had Inf values")):
        session.run(element)
    assert rest(tf, session, element) == [[0.5, 0.25]]


def test_errors_may_be_ignored(tf, session):
    dataset = tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0])
    dataset = dataset.map(lambda x: tf.check_numerics(1 / x, "bad"))
    ignored = dataset.apply(tf.data.experimental.ignore_errors())
    assert elements(tf, session, ignored) == [1.0, 0.5]


@pytest.mark.needs("in_process")
def test_a_batch_is_of_elements_of_one_shape(tf, session):
    values = [[1], [1, 2]]
    dataset = tf.data.Dataset.from_generator(lambda: iter(values), tf.int64, [None]).batch(2)
    text = (
        "Cannot batch tensors with different shapes in component 0. First element had shape [1] "
        "and element 1 had shape [2]."
    )
    with raises(exact("InvalidArgumentError", text)):
        elements(tf, session, dataset)


def test_what_is_larger_than_its_padded_shape_is_refused(tf, session):
    dataset = numbers(tf, 4).map(lambda x: tf.fill([x], x)).padded_batch(4, [2])
    text = "Attempted to pad to a smaller size than the input element."
    with raises(exact("DataLossError", text)):
        elements(tf, session, dataset)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(0, "Dataset was empty.", id="none"),
        pytest.param(2, "Dataset had more than one element.", id="two"),
    ],
)
def test_the_only_element_must_be_the_only_one(tf, session, number, text):
    element = tf.data.experimental.get_single_element(numbers(tf, number))
    with raises(exact("InvalidArgumentError", text)):
        session.run(element)


# Generators

YIELDED = [
    row("another type", ([1, "a", 2], None), "`generator` yielded an element that"),
    row(
        "another shape",
        ([1, [1, 2], 2], []),
        "`generator` yielded an element of shape (2,) where an element of shape () was expected.",
    ),
]


@pytest.mark.needs("in_process")
@pytest.mark.parametrize(("given", "wanted"), YIELDED)
def test_what_a_generator_yields_must_fit(tf, session, given, wanted):
    values, shape = given
    dataset = tf.data.Dataset.from_generator(lambda: iter(values), tf.int64, shape)
    element = dataset.make_initializable_iterator()
    session.run(element.initializer)
    following = element.get_next()
    assert session.run(following) == 1
    with raises(core("InvalidArgumentError", wanted)):
        session.run(following)
    assert session.run(following) == 2


@pytest.mark.needs("in_process")
def test_a_generator_that_raises_is_at_its_end(tf, session):
    def generator():
        yield 1
        raise KeyError("boom")

    iterator = tf.data.Dataset.from_generator(generator, tf.int64).make_initializable_iterator()
    element = iterator.get_next()
    session.run(iterator.initializer)
    assert session.run(element) == 1
    with raises(core("UnknownError", "KeyError: 'boom'")):
        session.run(element)
    with raises(exact("OutOfRangeError", "End of sequence")):
        session.run(element)


# Handles


def test_a_string_of_another_iterator_is_refused(tf, session):
    other = tf.data.Dataset.from_tensors(np.float32(1)).make_one_shot_iterator()
    handle = tf.placeholder(tf.string, [])
    element = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next()
    text = session.run(other.string_handle())
    with raises(core("InvalidArgumentError", "Data type mismatch at component 0")):
        session.run(element, {handle: text})


def test_a_string_that_is_none_of_an_iterator_is_refused(tf, session):
    handle = tf.placeholder(tf.string, [])
    element = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next()
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(element, {handle: "nonsense"})
