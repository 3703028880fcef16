"""Default sessions and graphs: `with` blocks, `eval`, threads, and `InteractiveSession`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses("AddV2", "Identity")


CLOSED = exact("RuntimeError", "Attempted to use a closed Session.")


@pytest.fixture
def c(tf):
    """A constant 5.0 named `c`."""
    return tf.constant(5.0, name="c")


def in_thread(function):
    """Return what a function returns in a new thread, whose stacks of defaults are its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


# Blocks


def test_a_with_block_cannot_be_entered_twice(session):
    """Row 110."""
    with (
        session,
        raises(
            exact(
                "RuntimeError",
                "Session context managers are not re-entrant. Use `Session.as_default()` if you "
                "want to enter a session multiple times.",
            )
        ),
        session,
    ):
        pass


def test_a_session_may_be_the_default_twice(tf, session, c):
    """Row 111."""
    with session.as_default(), session.as_default():
        assert c.eval() == 5.0
        assert tf.get_default_session() is session


def test_the_innermost_session_is_the_default(tf, session, c):
    """Row 112."""
    with tf.Session() as other:
        with session.as_default() as entered:
            assert tf.get_default_session() is entered is session
        assert tf.get_default_session() is other
    assert tf.get_default_session() is None


def test_leaving_as_default_does_not_close(session, c):
    """Row 113."""
    with session.as_default():
        assert c.eval() == 5.0
    assert session.run(c) == 5.0


def test_a_with_block_makes_session_and_graph_the_default(tf):
    graph = tf.Graph()
    outer = tf.get_default_graph()
    with tf.Session(graph=graph) as sess:
        assert tf.get_default_graph() is graph
        assert tf.get_default_session() is sess
    assert tf.get_default_graph() is outer


def test_as_default_leaves_the_default_graph_alone(tf):
    outer = tf.get_default_graph()
    with tf.Session(graph=tf.Graph()).as_default():
        assert tf.get_default_graph() is outer


def test_a_block_entered_after_its_end_runs_nothing(tf, c):
    """Row 114."""
    sess = tf.Session()
    with sess:
        pass
    with sess, raises(CLOSED):
        sess.run(c)


def test_blocks_left_in_another_order_are_an_error(tf, session):
    """Row 115."""

    def leave_the_outer_first():
        outer, inner = session.as_default(), tf.Session().as_default()
        outer.__enter__()
        inner.__enter__()
        try:
            outer.__exit__(None, None, None)
        finally:
            inner.__exit__(None, None, None)

    with raises(core("AssertionError", "Nesting violated for default stack of")):
        in_thread(leave_the_outer_first)


# Defaults


def test_eval_needs_a_session(c):
    """Row 116."""
    with raises(
        exact(
            "ValueError",
            "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with "
            "sess.as_default()` or pass an explicit session to `eval(session=sess)`",
        )
    ):
        c.eval()


def test_running_an_operation_needs_a_session(c):
    """Row 117."""
    with raises(
        exact(
            "ValueError",
            "Cannot execute operation using `run()`: No default session is registered. Use `with "
            "sess.as_default():` or pass an explicit session to `run(session=sess)`",
        )
    ):
        c.op.run()


def test_eval_and_run_take_feeds_and_a_session(tf, session):
    p = tf.placeholder(tf.float32, [])
    more = p + 1.0
    assert more.eval({p: 2.0}, session) == 3.0
    assert more.op.run({p: 2.0}, session) is None
    with session.as_default():
        assert more.eval(feed_dict={p: 3.0}) == 4.0
        assert more.op.run(feed_dict={p: 3.0}) is None


@pytest.mark.parametrize(
    ("evaluate", "error"),
    [
        row(
            "118 eval, default",
            lambda c, other: c.eval(),
            "Cannot use the default session to evaluate tensor: the tensor's graph is different "
            "from the session's graph. Pass an explicit session to `eval(session=sess)`.",
        ),
        row(
            "119 eval, given",
            lambda c, other: c.eval(session=other),
            "Cannot use the given session to evaluate tensor: the tensor's graph is different "
            "from the session's graph.",
        ),
        row(
            "120 run, given",
            lambda c, other: c.op.run(session=other),
            "Cannot use the given session to execute operation: the operation's graph is "
            "different from the session's graph.",
        ),
        row(
            "run, default",
            lambda c, other: c.op.run(),
            "Cannot use the default session to execute operation: the operation's graph is "
            "different from the session's graph. Pass an explicit session to run(session=sess).",
        ),
    ],
)
def test_a_session_of_another_graph_is_refused(tf, c, evaluate, error):
    with tf.Session(graph=tf.Graph()) as other, raises(exact("ValueError", error)):
        evaluate(c, other)


def test_a_new_thread_has_no_default_session(tf, session):
    """Row 121."""
    with session.as_default():
        assert in_thread(tf.get_default_session) is None


def test_a_new_thread_does_not_have_the_default_graph_of_a_block(tf):
    """Row 122."""
    assert in_thread(tf.get_default_graph) is not tf.get_default_graph()


def test_threads_that_enter_no_graph_have_one_each(tf):
    def build():
        return tf.constant(1.0, name="only").name, tf.get_default_graph()

    (first, one), (second, other) = in_thread(build), in_thread(build)
    assert first == second == "only:0"
    assert one is not other


NESTED = exact(
    "AssertionError",
    "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, exit "
    "the nesting and create a new graph.",
)


def test_a_graph_of_a_block_cannot_be_reset(tf):
    """Row 123."""
    with raises(NESTED):
        tf.reset_default_graph()


def test_the_graph_of_a_session_block_cannot_be_reset(tf):
    """Row 124."""

    def reset_inside():
        with tf.Session(graph=tf.Graph()):
            tf.reset_default_graph()

    with raises(NESTED):
        in_thread(reset_inside)


def test_outside_of_blocks_the_default_graph_is_replaced(tf):
    def graphs():
        before = [tf.get_default_graph(), tf.get_default_graph()]
        tf.reset_default_graph()
        return [*before, tf.get_default_graph()]

    first, second, after = in_thread(graphs)
    assert first is second
    assert after is not first


# InteractiveSession


@pytest.fixture
def interactive(tf, c):
    """An interactive session on the default graph, closed at the end."""
    opened = tf.InteractiveSession()
    yield opened
    opened.close()


def test_an_interactive_session_is_the_default_until_it_is_closed(tf, interactive, c):
    assert tf.get_default_session() is interactive
    assert c.eval() == 5.0
    interactive.close()
    assert tf.get_default_session() is None


@pytest.mark.filterwarnings("ignore:An interactive session is already active")
def test_the_latest_interactive_session_is_the_default(tf, interactive, c):
    """Row 130."""
    later = tf.InteractiveSession()
    assert tf.get_default_session() is later
    assert c.eval() == 5.0
    later.close()
    assert tf.get_default_session() is interactive


# TF: nesting is enforced, although `InteractiveSession` asks for the opposite.
@pytest.mark.filterwarnings("ignore:An interactive session is already active")
def test_interactive_sessions_may_be_closed_in_any_order(tf, c):
    def close_the_first_first():
        first, second = [tf.InteractiveSession(graph=c.graph) for _ in range(2)]
        try:
            first.close()
            found = tf.get_default_session() is second, c.eval()
        finally:
            second.close()
        return *found, tf.get_default_session()

    assert in_thread(close_the_first_first) == (True, 5.0, None)


def test_an_interactive_session_is_no_context_manager(interactive):
    """Row 131."""
    with (
        raises(
            core(
                "TypeError",
                "'InteractiveSession' object does not support the context manager protocol",
            )
        ),
        interactive,
    ):
        pass


def test_an_interactive_session_may_be_closed_twice(interactive, c):
    """Row 132."""
    assert interactive.close() is None
    assert interactive.close() is None
    with raises(typed("RuntimeError")):
        interactive.run(c)


def test_an_interactive_session_makes_its_graph_the_default(tf):
    graph, outer = tf.Graph(), tf.get_default_graph()
    opened = tf.InteractiveSession(graph=graph)
    try:
        assert tf.get_default_graph() is graph
        d = tf.constant([1.0, 2.0])
        np.testing.assert_array_equal(d.eval(), [1.0, 2.0])
    finally:
        opened.close()
    assert tf.get_default_graph() is outer
