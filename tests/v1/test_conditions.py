"""Conditionals: what does not run inside of them yet is refused."""

from __future__ import annotations

import pytest

import evergraph.v1 as tf


def enqueued(queue):
    return tf.cond(tf.placeholder_with_default(False, []), lambda: queue.enqueue(1.0), tf.no_op)


def dequeued(queue):
    return tf.cond(tf.placeholder_with_default(False, []), queue.dequeue, lambda: 0.0)


def called(queue):
    del queue
    p = tf.placeholder_with_default(False, [])
    return tf.cond(
        p, lambda: tf.py_func(lambda: 1.0, [], tf.float64), lambda: tf.zeros([], "float64")
    )


@pytest.mark.parametrize("build", [enqueued, dequeued, called])
def test_what_may_wait_or_calls_python_is_refused_inside(build):
    with tf.Graph().as_default(), tf.Session() as session:
        queue = tf.FIFOQueue(1, tf.float32, [])
        y = build(queue)
        with pytest.raises(tf.errors.UnimplementedError, match="inside of a conditional") as found:
            session.run(y)
        assert found.value.op.name.startswith("cond/")
        assert session.run(queue.size()) == 0
