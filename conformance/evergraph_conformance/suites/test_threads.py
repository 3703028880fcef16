"""Sessions and graphs used from several threads, in small counts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises
from evergraph_conformance.threads import in_threads

pytestmark = pytest.mark.uses("AddV2", "Identity", "Mul", "MatMul", "CheckNumerics")

THREADS = 8


def test_many_threads_run_one_session(tf, session):
    """Row 328."""
    p = tf.placeholder(tf.float32, [2])
    double = p * 2.0 + 1.0

    def work(i):
        return [session.run(double, {p: [i, j]}).tolist() for j in range(20)]

    assert in_threads(work) == [
        [[2.0 * i + 1.0, 2.0 * j + 1.0] for j in range(20)] for i in range(THREADS)
    ]


def test_many_threads_prepare_the_same_step_at_once(tf, session):
    p = tf.placeholder(tf.float32, [2, 2])
    product = tf.matmul(p, p)
    value = np.array([[1.0, 1.0], [0.0, 1.0]])
    got = in_threads(lambda i: session.run(product, {p: value}).tolist())
    assert got == [[[1.0, 2.0], [0.0, 1.0]]] * THREADS


def test_many_threads_run_steps_of_their_own(tf, session):
    p = tf.placeholder(tf.float32, [])
    fetches = [p + float(i) for i in range(THREADS)]

    def work(i):
        return [float(session.run(fetches[i], {p: j})) for j in range(10)]

    assert in_threads(work) == [[float(i + j) for j in range(10)] for i in range(THREADS)]


def test_many_threads_share_a_callable(tf, session):
    p = tf.placeholder(tf.float32, [])
    function = session.make_callable([p + 1.0, p], [p])
    got = in_threads(lambda i: [float(v) for v in function(i)])
    assert got == [[i + 1.0, float(i)] for i in range(THREADS)]


def test_feeds_of_other_shapes_at_once_are_not_mixed_up(tf, session):
    p = tf.placeholder(tf.float32, [None])
    more = p + 1.0
    got = in_threads(lambda i: [session.run(more, {p: np.ones(i)}).shape for _ in range(5)])
    assert got == [[(i,)] * 5 for i in range(THREADS)]


def test_an_error_in_one_thread_is_none_in_another(tf, session):
    p = tf.placeholder(tf.float32, [])
    checked = tf.check_numerics(p, "here")

    def work(i):
        if i % 2:
            with raises(core("InvalidArgumentError", "here : Tensor had NaN values")):
                session.run(checked, {p: np.nan})
            return -1.0
        return float(session.run(checked, {p: i}))

    assert in_threads(work) == [-1.0 if i % 2 else float(i) for i in range(THREADS)]


def test_a_graph_may_grow_while_it_runs(tf, session):
    """Row 330."""
    p = tf.placeholder(tf.float32, [])
    graph = tf.get_default_graph()
    first = p + 1.0

    def work(i):
        if i:
            return [float(session.run(first, {p: j})) for j in range(30)]
        last = first
        with graph.as_default():
            for _ in range(60):
                last = tf.identity(last)
        return float(session.run(last + 1.0, {p: 2.0}))

    got = in_threads(work, 4)
    assert got == [4.0, *[[j + 1.0 for j in range(30)]] * 3]


def test_many_threads_add_to_one_graph(tf):
    graph = tf.get_default_graph()

    def work(i):
        with graph.as_default():
            return [tf.constant(float(i), name="x").name for _ in range(10)]

    names = [name for made in in_threads(work) for name in made]
    assert len(set(names)) == len(names) == len(graph.get_operations()) == 10 * THREADS


def test_every_thread_may_have_a_session_of_its_own(tf):
    p = tf.placeholder(tf.float32, [])
    more, graph = p + 1.0, tf.get_default_graph()

    def work(i):
        with tf.Session(graph=graph) as sess:
            assert tf.get_default_session() is sess
            assert tf.get_default_graph() is graph
            return float(more.eval({p: i}))

    assert in_threads(work) == [i + 1.0 for i in range(THREADS)]


def test_every_thread_has_default_graphs_of_its_own(tf):
    def work(i):
        with tf.Graph().as_default() as graph:
            c = tf.constant(float(i), name="c")
            assert tf.get_default_graph() is graph
            with tf.Session() as sess:
                return c.name, float(sess.run(c))

    assert in_threads(work) == [("c:0", float(i)) for i in range(THREADS)]


def test_closing_while_others_run_ends_every_thread(tf):
    """Row 329."""
    p = tf.placeholder(tf.float32, [])
    more = p + 1.0
    sess = tf.Session()

    def work(i):
        if not i:
            sess.close()
            return "closed"
        try:
            for _ in range(2000):
                assert sess.run(more, {p: 1.0}) == 2.0
        except (RuntimeError, tf.errors.CancelledError):
            return "stopped"
        return "ran"

    outcomes = in_threads(work, 4)
    assert outcomes[0] == "closed"
    assert set(outcomes[1:]) <= {"stopped", "ran"}
    with raises(core("RuntimeError", "Attempted to use a closed Session.")):
        sess.run(more, {p: 1.0})


@pytest.mark.needs("fork")
def test_a_fork_leaves_nothing_hanging(tf, session):
    """Row 332: the child computes, or is told that the backend does not survive in it."""
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer())
    session.run(v.initializer)
    doubled = v * 2.0
    function = session.make_callable(doubled)
    function()
    child = os.fork()
    if not child:
        os._exit(all(map(_computes_or_says_so, [tf] * 2, [function, lambda: session.run(doubled)])))
    end = time.monotonic() + 20
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            pytest.fail("the child hangs")
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(ended[1]) == 1
    assert session.run(doubled).tolist() == [2.0, 2.0]


def _computes_or_says_so(tf: Any, run: Callable[[], Any]) -> bool:
    try:
        return bool(run().tolist() == [2.0, 2.0])
    except tf.errors.FailedPreconditionError as error:
        return "spawn" in error.message
