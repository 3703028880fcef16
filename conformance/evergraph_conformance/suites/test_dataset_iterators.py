"""Iterators: when they begin, which dataset they are of, and who shares them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evergraph_conformance.elements import elements, rest

pytestmark = pytest.mark.uses(
    "IteratorFromStringHandleV2",
    "IteratorGetNext",
    "IteratorToStringHandle",
    "IteratorV2",
    "MakeIterator",
    "MapDataset",
    "OneShotIterator",
    "RangeDataset",
)


def numbers(tf, *bounds):
    return tf.data.Dataset.range(*bounds)


def test_a_one_shot_iterator_needs_no_initializer(tf, session):
    element = tf.data.make_one_shot_iterator(numbers(tf, 3).map(lambda x: x * 2)).get_next()
    assert rest(tf, session, element) == [0, 2, 4]
    assert rest(tf, session, element) == []


def test_each_session_begins_with_the_first_element(tf, session):
    element = numbers(tf, 2).make_one_shot_iterator().get_next()
    assert rest(tf, session, element) == [0, 1]
    with tf.Session() as other:
        assert rest(tf, other, element) == [0, 1]


def test_an_initializer_begins_anew(tf, session):
    iterator = tf.data.make_initializable_iterator(numbers(tf, 3))
    element = iterator.get_next()
    session.run(iterator.initializer)
    assert session.run(element) == 0
    session.run(iterator.initializer)
    assert rest(tf, session, element) == [0, 1, 2]


def test_the_components_of_an_element_are_of_one_step(tf, session):
    pairs = tf.data.Dataset.zip((numbers(tf, 3), numbers(tf, 10, 13)))
    a, b = pairs.make_one_shot_iterator().get_next()
    assert [session.run([a, b, a + b]) for _ in range(3)] == [[0, 10, 10], [1, 11, 12], [2, 12, 14]]


def test_every_get_next_takes_an_element(tf, session):
    iterator = numbers(tf, 4).make_one_shot_iterator()
    pair = [iterator.get_next(), iterator.get_next()]
    assert sorted(session.run(pair)) == [0, 1]
    assert sorted(session.run(pair)) == [2, 3]


def test_an_element_has_its_static_shape(tf):
    dataset = tf.data.Dataset.from_tensors(np.ones((2, 3), np.float32)).batch(4)
    element = dataset.make_one_shot_iterator().get_next()
    assert element.shape.as_list() == [None, 2, 3]
    assert element.dtype == tf.float32


def test_one_iterator_gives_elements_of_several_datasets(tf, session):
    first, second = numbers(tf, 2), numbers(tf, 5, 8)
    iterator = tf.data.Iterator.from_structure(first.output_types, first.output_shapes)
    element = iterator.get_next()
    begin = [iterator.make_initializer(d) for d in (first, second)]
    session.run(begin[0])
    assert session.run(element) == 0
    session.run(begin[1])
    assert rest(tf, session, element) == [5, 6, 7]
    session.run(begin[0])
    assert rest(tf, session, element) == [0, 1]


def test_a_string_says_which_iterator_gives_the_element(tf, session):
    one, other = numbers(tf, 3), numbers(tf, 10, 13)
    first, second = one.make_one_shot_iterator(), other.make_initializable_iterator()
    handle = tf.placeholder(tf.string, [])
    iterator = tf.data.Iterator.from_string_handle(handle, one.output_types, one.output_shapes)
    element = iterator.get_next()
    session.run(second.initializer)
    a, b = session.run([first.string_handle(), second.string_handle()])
    assert [int(session.run(element, {handle: h})) for h in (a, b, a, a, b)] == [0, 10, 1, 2, 11]


def test_a_predicate_says_which_iterator_gives_the_element(tf, session):
    first = numbers(tf, 3).make_one_shot_iterator()
    second = numbers(tf, 10, 13).make_one_shot_iterator()
    p = tf.placeholder(tf.bool, [])
    element = tf.cond(p, first.get_next, second.get_next)
    assert [int(session.run(element, {p: v})) for v in (True, False, True, False)] == [0, 10, 1, 11]


def test_a_loop_takes_an_element_in_each_iteration(tf, session):
    iterator = numbers(tf, 6).make_initializable_iterator()
    total = tf.while_loop(
        lambda i, _: i < 3, lambda i, t: (i + 1, t + iterator.get_next()), [0, np.int64(0)]
    )[1]
    session.run(iterator.initializer)
    assert [int(session.run(total)) for _ in range(2)] == [3, 12]


def test_iterators_of_one_name_are_one(tf, session):
    one = numbers(tf, 4).make_initializable_iterator(shared_name="shared")
    other = tf.data.Iterator.from_structure(tf.int64, [], shared_name="shared")
    session.run(one.initializer)
    assert session.run(one.get_next()) == 0
    assert session.run(other.get_next()) == 1


def test_an_iterator_tells_types_and_shapes(tf):
    iterator = tf.data.Iterator.from_structure((tf.int64, {"a": tf.string}), ([], {"a": [None]}))
    assert iterator.output_types == (tf.int64, {"a": tf.string})
    assert tf.data.get_output_shapes(iterator)[1]["a"].as_list() == [None]
    assert tf.data.get_output_classes(iterator) == (tf.Tensor, {"a": tf.Tensor})


def test_a_variable_is_trained_on_elements(tf, session):
    dataset = tf.data.Dataset.from_tensor_slices(np.ones(4, np.float32)).repeat().batch(2)
    x = dataset.make_one_shot_iterator().get_next()
    w = tf.Variable(0.0)
    train = tf.train.GradientDescentOptimizer(0.25).minimize(tf.reduce_mean((x - w) ** 2))
    session.run(tf.global_variables_initializer())
    for _ in range(2):
        session.run(train)
    assert session.run(w) == 0.75


def test_a_graph_with_datasets_is_imported(tf, session):
    outer = tf.constant(3, tf.int64)
    dataset = numbers(tf, 6).map(lambda x: x * outer).filter(lambda x: x > 5).batch(2)
    dataset.make_one_shot_iterator().get_next(name="next")
    graph_def = session.graph.as_graph_def()
    with tf.Graph().as_default():
        (element,) = tf.import_graph_def(graph_def, return_elements=["next:0"])
        with tf.Session() as other:
            assert rest(tf, other, element) == [[6, 9], [12, 15]]


def test_threads_share_the_elements_of_an_iterator(tf, session):
    element = numbers(tf, 40).map(lambda x: x + 1).make_one_shot_iterator().get_next()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: int(session.run(element)), range(40)))
    assert sorted(found) == list(range(1, 41))


@pytest.mark.needs("in_process")
def test_a_function_of_python_may_run_the_session(tf, session):
    inner = tf.constant(5, tf.int64) * 2

    def function(x):
        return x + session.run(inner)

    dataset = numbers(tf, 2).map(lambda x: tf.py_func(function, [x], tf.int64))
    assert elements(tf, session, dataset) == [10, 11]


@pytest.mark.needs("in_process")
def test_a_closed_session_stops_what_has_no_end(tf):
    started = []

    def endless(x):
        started.append(x)
        return False

    dataset = numbers(tf, 10).repeat().filter(lambda x: tf.py_func(endless, [x], tf.bool))
    element = dataset.make_one_shot_iterator().get_next()
    session = tf.Session()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.run, element)
        while len(started) < 3 and not running.done():
            pass
        session.close()
        with pytest.raises(tf.errors.CancelledError):
            running.result(10)


def test_a_run_that_takes_too_long_stops(tf, session):
    dataset = numbers(tf, 10).repeat().filter(lambda x: x < 0)
    iterator = dataset.make_initializable_iterator()
    element = iterator.get_next()
    session.run(iterator.initializer)
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(element, options=tf.RunOptions(timeout_in_ms=100))
    assert elements(tf, session, numbers(tf, 2)) == [0, 1]
