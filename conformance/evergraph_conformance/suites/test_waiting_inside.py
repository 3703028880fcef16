"""Queues and Python functions inside of conditionals and loops."""

from __future__ import annotations

import threading

import numpy as np
import pytest

pytestmark = pytest.mark.uses("Switch", "Merge", "FIFOQueueV2", "PyFunc", "AddV2", "Less")


@pytest.fixture
def p(tf):
    """A scalar bool placeholder."""
    return tf.placeholder(tf.bool, [])


@pytest.fixture
def small(tf, session):
    """A queue of 1, 2, 3."""
    queue = tf.FIFOQueue(5, tf.float32, shapes=[[]], name="small")
    session.run(queue.enqueue_many([[1.0, 2.0, 3.0]]))
    return queue


@pytest.fixture
def large(tf, session):
    """A queue of 10, 20, 30."""
    queue = tf.FIFOQueue(5, tf.float32, shapes=[[]], name="large")
    session.run(queue.enqueue_many([[10.0, 20.0, 30.0]]))
    return queue


def test_only_the_queue_of_the_branch_is_taken_from(tf, session, p, small, large):
    y = tf.cond(p, small.dequeue, large.dequeue)
    assert [session.run(y, {p: b}) for b in (True, False, True)] == [1.0, 10.0, 2.0]
    assert session.run([small.size(), large.size()]) == [1, 2]


def test_an_enqueue_runs_with_its_branch_alone(tf, session, p, small):
    add = tf.cond(p, lambda: small.enqueue(9.0), tf.no_op)
    session.run(add, {p: False})
    assert session.run(small.size()) == 3
    session.run(add, {p: True})
    assert session.run(small.dequeue_many(4)).tolist() == [1.0, 2.0, 3.0, 9.0]


@pytest.mark.parametrize("resource", [False, True])
def test_a_variable_takes_what_a_branch_waited_for(tf, session, p, small, resource):
    v = tf.get_variable("v", initializer=1.0, use_resource=resource)
    y = tf.cond(p, lambda: tf.identity(tf.assign_add(v, small.dequeue())), lambda: v + 100.0)
    session.run(v.initializer)
    assert session.run(y, {p: True}) == 2.0
    assert session.run(y, {p: False}) == 102.0
    assert session.run(y, {p: True}) == 4.0
    assert session.run(v) == 4.0


def test_what_follows_a_branch_that_waits_comes_after_it(tf, session, p, small):
    v = tf.get_variable("v", initializer=0.0, use_resource=True)
    taken = tf.cond(p, small.dequeue, lambda: -1.0)
    with tf.control_dependencies([v.assign(taken)]):
        y = v.read_value() * 2.0
    session.run(v.initializer)
    assert [session.run(y, {p: b}) for b in (True, False, True)] == [2.0, -2.0, 4.0]


def test_a_branch_waits_until_another_run_adds(tf, session, p):
    queue = tf.FIFOQueue(1, tf.float32, shapes=[[]])
    y = tf.cond(p, queue.dequeue, lambda: 0.0)
    add = queue.enqueue(5.0)
    found = []
    thread = threading.Thread(target=lambda: found.append(session.run(y, {p: True})))
    thread.start()
    session.run(add)
    thread.join(20)
    assert found == [5.0]
    assert session.run(y, {p: False}) == 0.0


def test_a_time_limit_ends_what_waits_in_a_branch(tf, session, p):
    queue = tf.FIFOQueue(1, tf.float32, shapes=[[]])
    y = tf.cond(p, queue.dequeue, lambda: 0.0)
    options = tf.RunOptions(timeout_in_ms=100)
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(y, {p: True}, options=options)
    session.run(queue.enqueue(3.0))
    assert session.run(y, {p: True}, options=tf.RunOptions(timeout_in_ms=20000)) == 3.0


def test_a_closed_queue_fails_in_its_branch_alone(tf, session, p):
    queue = tf.FIFOQueue(1, tf.float32, shapes=[[]], name="q")
    y = tf.cond(p, lambda: queue.dequeue(name="taken"), lambda: 0.0)
    session.run(queue.close())
    assert session.run(y, {p: False}) == 0.0
    with pytest.raises(tf.errors.OutOfRangeError, match="is closed and has insufficient") as found:
        session.run(y, {p: True})
    assert found.value.op.name == "cond/taken"


@pytest.mark.needs("in_process")
def test_a_python_function_is_called_in_its_branch_alone(tf, session, p):
    calls = []

    def double(a):
        calls.append(float(a))
        return np.float32(2 * a)

    x = tf.placeholder(tf.float32, [])
    y = tf.cond(p, lambda: tf.py_func(double, [x], tf.float32), lambda: x)
    assert session.run(y, {p: False, x: 1.0}) == 1.0
    assert session.run(y, {p: True, x: 3.0}) == 6.0
    assert calls == [3.0]


@pytest.mark.needs("in_process")
def test_a_python_function_that_fails_in_a_branch_is_named(tf, session, p):
    def fail():
        raise ValueError("no luck")

    y = tf.cond(p, lambda: tf.py_func(fail, [], tf.float32, name="failing"), lambda: 0.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="no luck") as found:
        session.run(y, {p: True})
    assert found.value.op.name == "cond/failing"
    assert session.run(y, {p: False}) == 0.0


def test_a_loop_takes_from_a_queue(tf, session, small):
    total = tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s + small.dequeue()), (0, 0.0))[
        1
    ]
    assert session.run(total) == 6.0
    assert session.run(small.size()) == 0


@pytest.mark.needs("in_process")
def test_a_loop_calls_python_in_its_condition_and_in_its_body(tf, session):
    def goes_on(i):
        return tf.less(i, tf.py_func(lambda: np.int32(3), [], tf.int32))

    def body(i):
        i.set_shape([])
        return tf.reshape(tf.py_func(lambda a: np.int32(a + 1), [i], tf.int32), [])

    assert session.run(tf.while_loop(goes_on, body, [0])) == 3


@pytest.mark.needs("in_process")
def test_a_run_inside_of_a_run(tf, session, p):
    one = tf.constant(1.0) + 1.0

    def again():
        return session.run(one)

    y = tf.cond(p, lambda: tf.py_func(again, [], tf.float32), lambda: 0.0)
    assert session.run(y, {p: True}) == 2.0


def test_two_branches_that_wait_for_each_other(tf, session, p):
    queue = tf.FIFOQueue(2, tf.float32, shapes=[[]])
    with tf.control_dependencies([tf.cond(p, lambda: queue.enqueue(4.0), tf.no_op)]):
        y = tf.cond(p, queue.dequeue, lambda: 1.0)
    assert session.run(y, {p: True}) == 4.0
    assert session.run(y, {p: False}) == 1.0
