"""Which of two mistakes in one `run` is reported: the order of the checks."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("AddV2", "Identity", "CheckNumerics")

CLOSED = exact("RuntimeError", "Attempted to use a closed Session.")
EMPTY = core("RuntimeError", "The Session graph is empty.")
BAD_FETCH = core("TypeError", "must be a string or Tensor")
BAD_KEY = core("TypeError", "Cannot interpret feed_dict key as Tensor")
BAD_SHAPE = core("ValueError", "Cannot feed value of shape")


@pytest.fixture
def p(tf):
    """A placeholder for two floats."""
    return tf.placeholder(tf.float32, [2], "p")


@pytest.mark.parametrize(
    ("fetches", "feed_dict"),
    [row("a bad fetch", 3, None), row("a bad feed", [], {3: 1}), row("nothing", [], None)],
)
def test_a_closed_session_is_reported_first(session, p, fetches, feed_dict):
    session.close()
    with raises(CLOSED):
        session.run(fetches, feed_dict)


def test_a_closed_session_is_reported_before_its_empty_graph(session):
    session.close()
    with raises(CLOSED):
        session.run([])


@pytest.mark.parametrize(
    ("fetches", "feed_dict"),
    [row("a bad fetch", 3, None), row("a bad feed", [], {3: 1}), row("nothing", [], None)],
)
def test_an_empty_graph_is_reported_before_fetches_and_feeds(session, fetches, feed_dict):
    with raises(EMPTY):
        session.run(fetches, feed_dict)


@pytest.mark.parametrize(
    ("feed_dict", "error"),
    [
        row("no mapping", lambda p: [p], core("TypeError", "FlattenDictItems")),
        row("structure", lambda p: {(p,): (1, 2)}, core("ValueError", "Could not flatten")),
        row("key", lambda p: {"q:0": 1.0}, BAD_KEY),
        row("tensor as value", lambda p: {p: p}, core("TypeError", "The value of a feed cannot")),
        row("value", lambda p: {p: "abc"}, core("ValueError", "could not convert string")),
        row("shape", lambda p: {p: 1.0}, BAD_SHAPE),
    ],
)
def test_a_bad_feed_is_reported_before_a_bad_fetch(session, p, feed_dict, error):
    with raises(error):
        session.run(3, feed_dict(p))


def test_a_structure_of_keys_is_reported_before_the_keys(session, p):
    with raises(core("ValueError", "Could not flatten")):
        session.run(p, {3: 1.0, (p,): (1, 2)})


@pytest.mark.parametrize("shape_first", [True, False])
def test_feeds_are_checked_one_after_the_other(session, p, shape_first):
    pairs = [(p, 1.0), ("q:0", 1.0)]
    with raises(BAD_SHAPE if shape_first else BAD_KEY):
        session.run(p, dict(pairs if shape_first else pairs[::-1]))


def test_a_tensor_as_value_is_reported_before_whether_the_key_may_be_fed(tf, session, p):
    tf.get_default_graph().prevent_feeding(p)
    with raises(core("TypeError", "The value of a feed cannot be a tf.Tensor object")):
        session.run(p, {p: p})


def test_an_int_out_of_range_is_reported_before_its_shape(tf, session):
    q = tf.placeholder(tf.int32, [2])
    with raises(core("TypeError", "is not compatible with Tensor type")):
        session.run(q, {q: 2**40})


def test_a_shape_is_reported_before_whether_the_tensor_may_be_fed(tf, session, p):
    tf.get_default_graph().prevent_feeding(p)
    with raises(BAD_SHAPE):
        session.run(p, {p: 1.0})
    with raises(exact("ValueError", "Tensor p:0 may not be fed.")):
        session.run(3, {p: [1.0, 2.0]})


def test_the_first_bad_fetch_is_reported(session, p):
    with raises(core("ValueError", "The name 'nope:0' refers to a Tensor which does not exist")):
        session.run([p, "nope:0", 3])
    with raises(BAD_FETCH):
        session.run([p, 3, "nope:0"])


def test_a_bad_fetch_is_reported_before_anything_runs(tf, session, p):
    bad = tf.check_numerics(tf.constant([float("nan")]), "here")
    with raises(BAD_FETCH):
        session.run([bad, p, 3])


def test_nothing_to_run_does_not_reach_the_runtime(tf, session, p):
    # A device that does not exist is an error as soon as the runtime sees the graph.
    with tf.device("/job:nope/task:3"):
        far = tf.identity(p)
    assert session.run([]) == []
    assert session.run([p], {p: [1.0, 2.0]})[0].tolist() == [1.0, 2.0]
    assert session.run({"far": far}, {far: [1.0, 2.0]})["far"].tolist() == [1.0, 2.0]
    with raises(core("InvalidArgumentError", "Cannot assign a device for operation")):
        session.run(far, {p: [1.0, 2.0]})


def test_a_fetch_of_another_run_still_needs_its_placeholder(tf, session, p):
    double = p + p
    assert session.run(double, {p: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    with raises(core("InvalidArgumentError", "You must feed a value for placeholder tensor 'p'")):
        session.run(double)
    assert session.run(double, {p: [1.0, 2.0]}).tolist() == [2.0, 4.0]
