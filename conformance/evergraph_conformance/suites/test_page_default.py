"""The page of `tf.Session`: `as_default`, and `tf.InteractiveSession`, sentence by sentence.

`docs/session_page.md` says which case stands for which sentence.
"""

from __future__ import annotations

import threading

import pytest

from evergraph_conformance.messages import core, exact, raises, typed

CLOSED = exact("RuntimeError", "Attempted to use a closed Session.")
NO_SESSION = core("ValueError", "No default session is registered.")


def in_thread(function):
    """Return what a function returns in a new thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture
def c(tf):
    """A constant 5.0."""
    return tf.constant(5.0)


# as_default


def test_as_default_makes_the_session_the_default(tf, session):
    with session.as_default():
        assert tf.get_default_session() is session
    assert tf.get_default_session() is not session


def test_inside_of_the_block_run_and_eval_go_to_the_session(tf, session, c):
    v = tf.Variable(1.0)
    with session.as_default():
        v.initializer.run()
        assert c.eval() == 5.0
        assert v.eval() == 1.0
    assert session.run(v) == 1.0


def test_example_of_a_default_session(tf, capsys):
    c = tf.constant(5.0)
    sess = tf.compat.v1.Session()

    with sess.as_default():
        assert tf.compat.v1.get_default_session() is sess
        print(c.eval())

    sess.close()
    assert capsys.readouterr().out == "5.0\n"


def test_the_default_session_can_be_asked_for(tf, session):
    assert tf.compat.v1.get_default_session() is None
    with session.as_default():
        assert tf.compat.v1.get_default_session() is session


def test_leaving_the_block_does_not_close_the_session(session, c):
    with session.as_default():
        pass
    assert session.run(c) == 5.0
    session.close()
    with raises(CLOSED):
        session.run(c)


def test_example_of_a_default_session_used_twice(tf, capsys):
    c = tf.constant(5.0)
    sess = tf.compat.v1.Session()
    with sess.as_default():
        print(c.eval())

    with sess.as_default():
        print(c.eval())

    sess.close()
    assert capsys.readouterr().out == "5.0\n5.0\n"


def test_a_with_block_of_the_session_closes_it_also_after_an_error(tf, c):
    with tf.compat.v1.Session() as sess:
        assert c.eval() == 5.0
    with raises(CLOSED):
        sess.run(c)

    failing = tf.compat.v1.Session()
    with raises(exact("KeyError", "mine")), failing:
        raise KeyError("mine")
    with raises(CLOSED):
        failing.run(c)


def test_the_default_session_is_that_of_one_thread(tf, session):
    with session.as_default():
        assert in_thread(tf.get_default_session) is None
        assert tf.get_default_session() is session


def test_another_thread_makes_the_session_its_default_itself(session, c):
    def evaluate():
        with session.as_default():
            return c.eval()

    assert in_thread(evaluate) == 5.0


def test_the_block_does_not_change_the_default_graph(tf, c):
    other = tf.Session(graph=tf.Graph())
    with other.as_default():
        assert tf.get_default_graph() is c.graph
        assert tf.get_default_graph() is not other.graph
    other.close()


def test_the_graph_of_the_session_is_made_the_default_by_itself(tf):
    sess = tf.Session(graph=tf.Graph())
    with sess.graph.as_default(), sess.as_default():
        assert tf.get_default_graph() is sess.graph
        assert tf.constant(2.0).eval() == 2.0
    sess.close()


def test_as_default_returns_a_context_manager_that_gives_the_session(session):
    manager = session.as_default()
    with manager as entered:
        assert entered is session


# InteractiveSession


@pytest.fixture
def interactive(tf):
    """An open interactive session of the default graph."""
    opened = tf.compat.v1.InteractiveSession()
    yield opened
    opened.close()


def test_an_interactive_session_is_used_without_a_block(interactive, c):
    assert c.eval() == 5.0
    assert interactive.run(c) == 5.0


def test_an_interactive_session_installs_itself_as_the_default(tf, interactive):
    assert tf.get_default_session() is interactive


def test_eval_and_run_use_the_interactive_session(tf, interactive):
    v = tf.Variable(1.0)
    v.initializer.run()
    assert v.eval() == 1.0
    assert interactive.run(v) == 1.0


@pytest.mark.usefixtures("interactive")
def test_no_session_need_be_passed(tf, c):
    assert (c * 2.0).eval() == c.eval() * 2.0
    assert tf.no_op().run() is None


def test_example_of_an_interactive_session(tf, capsys):
    sess = tf.compat.v1.InteractiveSession()
    a = tf.constant(5.0)
    b = tf.constant(6.0)
    c = a * b
    print(c.eval())
    sess.close()
    assert capsys.readouterr().out == "30.0\n"


def test_a_session_in_a_with_statement_installs_itself(tf, c):
    with tf.compat.v1.Session() as sess:
        assert tf.get_default_session() is sess
        assert c.eval() == 5.0


def test_other_programs_use_a_with_statement(tf, c):
    sess = tf.compat.v1.Session()
    with raises(NO_SESSION):
        c.eval()
    with sess:
        assert c.eval() == 5.0


def test_example_of_a_session_in_a_with_statement(tf, capsys):
    a = tf.constant(5.0)
    b = tf.constant(6.0)
    c = a * b
    with tf.compat.v1.Session():
        print(c.eval())
    assert capsys.readouterr().out == "30.0\n"


def test_a_new_interactive_session_is_open(tf, interactive, c):
    assert interactive.run(c) == 5.0


def test_without_a_graph_an_interactive_session_launches_the_default_graph(tf, interactive):
    assert interactive.graph is tf.get_default_graph()


def test_every_graph_has_its_interactive_session(tf, interactive, c):
    graph = tf.Graph()
    with graph.as_default():
        d = tf.constant(2.0)
        other = tf.InteractiveSession(graph=graph)
        try:
            assert d.eval() == 2.0
            with raises(core("ValueError", "graph is different from the session's graph")):
                c.eval()
        finally:
            other.close()
    second = tf.Session()
    assert second.run(c) == interactive.run(c) == 5.0
    second.close()


def test_an_interactive_session_may_be_given_its_graph(tf):
    graph = tf.Graph()
    with graph.as_default():
        d = tf.constant(2.0)
    sess = tf.InteractiveSession(graph=graph)
    try:
        assert sess.graph is graph
        assert d.eval() == 2.0
    finally:
        sess.close()


@pytest.mark.needs("in_process")
def test_the_target_of_an_interactive_session_is_optional(tf):
    sess = tf.InteractiveSession(target="")
    assert sess.sess_str == b""
    sess.close()
    with raises(typed("TypeError")):
        tf.InteractiveSession(target=3)


def test_the_default_target_of_an_interactive_session_is_this_process(interactive):
    assert interactive.sess_str == b""


def test_the_graph_of_an_interactive_session_is_optional(tf):
    sess = tf.InteractiveSession(graph=None)
    assert sess.graph is tf.get_default_graph()
    sess.close()
    with raises(typed("TypeError")):
        tf.InteractiveSession(graph=3)


def test_the_config_of_an_interactive_session_is_optional(tf, c):
    sess = tf.InteractiveSession(config=tf.ConfigProto(allow_soft_placement=True))
    assert c.eval() == 5.0
    sess.close()


def test_closing_an_interactive_session_ends_it_as_the_default(tf, interactive, c):
    interactive.close()
    assert tf.get_default_session() is not interactive
    with raises(NO_SESSION):
        c.eval()
    with raises(CLOSED):
        interactive.run(c)
