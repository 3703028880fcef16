"""Monitored sessions: hooks take part in their runs, and they end as the program wants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergraph_conformance.loops import OPS, hook, recorder
from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses(*OPS)

# Hooks


def test_hooks_are_called_in_their_order(tf):
    told: list[Any] = []
    x = tf.constant(5.0)
    hooks = [recorder(tf, told, "a", fetches=x), recorder(tf, told, "b")]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert session.run(x) == 5.0
    assert told == [
        "a begin",
        "b begin",
        "a after_create_session",
        "b after_create_session",
        "a before_run",
        "b before_run",
        "a after_run 5.0",
        "b after_run None",
        "a end",
        "b end",
    ]


def test_a_hook_is_told_what_the_program_asks_for(tf):
    told: list[Any] = []
    p = tf.placeholder(tf.float32, [])

    def before_run(context):
        told.append((context.original_args, context.session.run(p, {p: 2.0})))

    with tf.train.MonitoredSession(hooks=[hook(tf, before_run=before_run)]) as session:
        session.run({"a": p}, {p: 1.0})
    assert told == [(tf.train.SessionRunArgs({"a": p}, {p: 1.0}, None), 2.0)]


def test_a_hook_is_told_what_it_asked_for(tf):
    told: list[Any] = []
    x = tf.constant(5.0)
    asking = hook(
        tf,
        before_run=lambda context: tf.train.SessionRunArgs(x),
        after_run=lambda context, values: told.append(values),
    )
    with tf.train.MonitoredSession(hooks=[asking]) as session:
        session.run(x)
    (values,) = told
    assert values == tf.train.SessionRunValues(5.0, tf.RunOptions(), tf.RunMetadata())


def test_structures_of_fetches_are_kept(tf):
    told: list[Any] = []
    x, y = tf.constant(1.0), tf.constant(2.0)
    hooks = [
        recorder(tf, told, "a", fetches={"k": [x, (y,)]}),
        recorder(tf, told, "b", fetches=(y, x)),
        recorder(tf, told, "c", fetches=[]),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert session.run([y, x]) == [2.0, 1.0]
        assert session.run((x, [y, {"z": x}])) == (1.0, [2.0, {"z": 1.0}])
        assert session.run([]) == []
        with raises(core("TypeError", "None")):
            session.run(None)
    values = [t for t in told if "after_run" in t and t[0] in "bc"]
    assert values == [f"b after_run {(np.float32(2), np.float32(1))}", "c after_run []"] * 3


def test_hooks_ask_for_options(tf):
    told: list[Any] = []
    x = tf.Variable(5.0) * 2.0

    def asking(options):
        return hook(
            tf,
            before_run=lambda context: tf.train.SessionRunArgs(x, None, options),
            after_run=lambda context, values: told.append((values.options, values.run_metadata)),
        )

    hooks = [
        asking(tf.RunOptions(timeout_in_ms=50000, trace_level=tf.RunOptions.FULL_TRACE)),
        asking(tf.RunOptions(timeout_in_ms=70000)),
    ]
    metadata = tf.RunMetadata()
    with tf.train.MonitoredSession(hooks=hooks) as session:
        session.run(x, options=tf.RunOptions(timeout_in_ms=60000), run_metadata=metadata)
        session.run(x)
    for options, filled in told:
        assert options.timeout_in_ms == 70000
        assert options.trace_level == tf.RunOptions.FULL_TRACE
        assert filled.step_stats.dev_stats
    assert metadata.step_stats.dev_stats


def test_hooks_and_program_feed_different_tensors(tf):
    """Row 303."""
    p = tf.placeholder(tf.float32, [], name="p")
    y = p * 2
    with tf.train.MonitoredSession(hooks=[tf.train.FeedFnHook(lambda: {p: 1.0})]) as session:
        assert session.run(y) == 2.0
        with raises(core("RuntimeError", "Same tensor is fed by a SessionRunHook and user. Conf")):
            session.run(y, {p: 2.0})
        assert session.run(y) == 2.0


def test_two_hooks_feed_different_tensors(tf):
    p = tf.placeholder(tf.float32, [], name="p")
    hooks = [tf.train.FeedFnHook(lambda: {p: 1.0}) for _ in range(2)]
    with (
        tf.train.MonitoredSession(hooks=hooks) as session,
        raises(core("RuntimeError", "Same tensor is fed by two hooks. Conflict(s): [")),
    ):
        session.run(p)


def test_a_hook_that_answers_something_else_is_refused(tf):
    x = tf.constant(5.0)
    answers: list[Any] = [{}, None]
    with tf.train.MonitoredSession(
        hooks=[hook(tf, before_run=lambda context: answers.pop(0))]
    ) as session:
        with raises(core("AttributeError", "'dict' object has no attribute 'fetches'")):
            session.run(x)
        assert session.run(x) == 5.0


def test_a_hook_may_add_to_the_graph_when_it_begins(tf):
    made: list[Any] = []
    x = tf.constant(1.0)
    hooks = [
        hook(
            tf,
            begin=lambda: made.append(tf.constant(3.0)),
            before_run=lambda context: tf.train.SessionRunArgs(made[0]),
            after_run=lambda context, values: made.append(values.results),
        )
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        session.run(x)
    assert made[1:] == [3.0]


# The end


def test_a_hook_may_request_a_stop(tf):
    """Row 304."""
    x = tf.constant(5.0)
    seen: list[bool] = []
    hooks = [
        hook(tf, before_run=lambda context: context.request_stop()),
        hook(tf, after_run=lambda context, values: seen.append(context.stop_requested)),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert not session.should_stop()
        assert session.run(x) == 5.0
        assert session.should_stop()
        with raises(exact("RuntimeError", "Run called even after should_stop requested.")):
            session.run(x)
    assert seen == [True]
    assert session.should_stop()


def test_a_closed_session_runs_nothing(tf):
    """Row 296."""
    x = tf.constant(5.0)
    with tf.train.MonitoredSession() as session:
        pass
    with raises(core("AttributeError", "'NoneType' object has no attribute 'run'")):
        session.run(x)
    with raises(core("AttributeError", "'NoneType' object has no attribute 'run_step_fn'")):
        session.run_step_fn(lambda step_context: None)
    with raises(exact("RuntimeError", "Session is already closed.")):
        session.close()
    assert session.graph is None
    assert session.should_stop()


def test_the_graph_is_finalized_as_long_as_the_session_is_open(tf):
    """Row 297."""
    with tf.train.MonitoredSession() as session:
        assert session.graph is tf.get_default_graph()
        with raises(exact("RuntimeError", "Graph is finalized and cannot be modified.")):
            tf.constant(1)
    x = tf.constant(2.0)
    with tf.train.MonitoredSession() as session:
        assert session.run(x) == 2.0


@pytest.mark.parametrize("kind", ["OutOfRangeError", "StopIteration"])
def test_the_end_of_input_ends_a_session(tf, kind):
    """Row 298."""
    told: list[Any] = []
    with tf.train.MonitoredSession(hooks=[recorder(tf, told)]) as session:
        if kind == "StopIteration":
            raise StopIteration
        raise tf.errors.OutOfRangeError(None, None, "the end")
    assert session.should_stop()
    assert told[-1] == "hook end"


def test_other_errors_are_raised_and_hooks_are_not_ended(tf):
    told: list[Any] = []
    with (
        raises(exact("ValueError", "bad")),
        tf.train.MonitoredSession(hooks=[recorder(tf, told)]) as session,
    ):
        raise ValueError("bad")
    assert "hook end" not in told
    assert session.should_stop()


def test_a_run_that_fails_leaves_the_session_usable(tf):
    told: list[Any] = []
    p = tf.placeholder(tf.float32, [], name="p")
    with tf.train.MonitoredSession(hooks=[recorder(tf, told)]) as session:
        with raises(core("InvalidArgumentError", "You must feed a value for placeholder")):
            session.run(p)
        assert not session.should_stop()
        assert session.run(p, {p: 1.0}) == 1.0
    assert told.count("hook before_run") == 2
    assert told.count("hook after_run None") == 1


def test_a_hook_that_fails_at_the_end_leaves_the_session_closed(tf):
    told: list[Any] = []

    def end(session):
        raise ValueError("bad")

    session = tf.train.MonitoredSession(hooks=[hook(tf, end=end), recorder(tf, told)])
    with raises(exact("ValueError", "bad")):
        session.close()
    assert session.should_stop()
    assert "hook end" not in told


def test_a_hook_that_fails_at_the_beginning_is_heard(tf):
    def failing(*_):
        raise ValueError("bad")

    for name in ("begin", "after_create_session"):
        with raises(exact("ValueError", "bad")):
            tf.train.MonitoredSession(hooks=[hook(tf, **{name: failing})])


# Functions that run steps


def test_a_function_runs_steps(tf):
    told: list[Any] = []
    x = tf.constant(5.0)

    def step(step_context):
        assert isinstance(step_context.session, tf.Session)
        return step_context.session.run(x), step_context.run_with_hooks(x, {x: 6.0})

    with tf.train.MonitoredSession(hooks=[recorder(tf, told)]) as session:
        assert session.run_step_fn(step) == (5.0, 6.0)
        assert told.count("hook before_run") == 1
        session.run_step_fn(lambda step_context: step_context.request_stop())
        raise AssertionError
    assert session.should_stop()
    assert told[-1] == "hook end"


def test_a_method_runs_steps(tf):
    class Steps:
        def step(self, step_context):
            return 3

    with tf.train.MonitoredSession() as session:
        assert session.run_step_fn(Steps().step) == 3


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        row("no argument", lambda: 1, core("ValueError", "Got () instead.")),
        row("another name", lambda a: 1, core("ValueError", "Got ('a',) instead.")),
        row(
            "two",
            lambda step_context, b: 1,
            exact(
                "ValueError",
                "`step_fn` may either have one `step_context` argument, or `self` and "
                "`step_context` arguments if it's an instance method. Got ('step_context', 'b') "
                "instead.",
            ),
        ),
        row("no function", 5, typed("TypeError")),
    ],
)
def test_other_functions_run_no_steps(tf, step, wanted):
    with tf.train.MonitoredSession() as session, raises(wanted):
        session.run_step_fn(step)
