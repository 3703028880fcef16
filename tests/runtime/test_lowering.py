"""Control flow that no function of TensorFlow builds is refused, by the name of a node."""

from __future__ import annotations

import pytest

import evergraph.v1 as tf


@pytest.fixture(autouse=True)
def graph():
    """A graph that is the default one."""
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def x():
    """A scalar placeholder."""
    return tf.placeholder(tf.float32, [], "x")


def refused(fetch, feed_dict):
    """Return the error of a run."""
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(fetch, feed_dict)
    return caught.value


def switched(x, name):
    """Return the outputs of a Switch with a predicate of its own."""
    predicate = tf.placeholder_with_default(True, [], name)
    return tf.raw_ops.Switch(data=x, pred=predicate)


def enter(value, name, is_constant=False):
    """Return a value as it is in the frame `frame`."""
    return tf.raw_ops.Enter(data=value, frame_name="frame", is_constant=is_constant, name=name)


def test_a_merge_must_end_one_condition(x):
    one, other = switched(x, "p"), switched(x, "q")
    merged = tf.raw_ops.Merge(inputs=[one[0], other[1]], name="merged")
    error = refused(merged[0], {x: 1.0})
    assert error.op.name == "merged"
    assert "'merged' does not join the two branches of one condition" in error.message
    assert "'p:0' and 'q:0'" in error.message


def test_a_merge_must_have_two_inputs(x):
    no, yes = switched(x, "p")
    merged = tf.raw_ops.Merge(inputs=[no, yes, yes], name="merged")
    error = refused(merged[0], {x: 1.0})
    assert error.op.name == "merged"
    assert "'merged' does not join the two branches of one condition" in error.message


def test_a_loop_must_have_a_condition(x):
    inside = enter(x, "enter") + enter(x, "second")
    error = refused(tf.raw_ops.Exit(data=inside, name="leave"), {x: 1.0})
    assert error.op.name == "enter"
    assert "the loop 'frame' of 'enter' has 0 conditions" in error.message


def test_a_loop_must_have_no_more_than_one_condition(x):
    inside = enter(x, "enter")
    tests = [tf.raw_ops.LoopCond(input=inside < limit, name=f"test{limit}") for limit in (1.0, 2.0)]
    both = tf.logical_and(*tests)
    error = refused(tf.raw_ops.Exit(data=both, name="leave"), {x: 1.0})
    assert error.op.name == "enter"
    assert "has 2 conditions" in error.message


def test_an_exit_must_be_in_a_loop(x):
    error = refused(tf.raw_ops.Exit(data=x, name="leave"), {x: 1.0})
    assert error.op.name == "leave"
    assert "'leave' leaves no loop" in error.message


def test_an_exit_must_leave_with_a_loop_variable(graph):
    tf.while_loop(lambda i: i < 3, lambda i: tf.add(i, 1, name="next"), [0])
    inside = graph.get_tensor_by_name("while/next:0")
    error = refused(tf.raw_ops.Exit(data=inside, name="leave"), {})
    assert error.op.name == "leave"
    assert "no loop variable" in error.message
