"""Monitored sessions that are lost and made anew, and the threads that belong to them."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import pytest

from evergraph_conformance.api import tf as api
from evergraph_conformance.loops import (
    OPS,
    counting,
    hook,
    losing,
    messages,
    recorder,
    run_to_the_end,
)
from evergraph_conformance.messages import core, exact, raises
from evergraph_conformance.threads import PATIENCE

pytestmark = pytest.mark.uses(*OPS)

LOST = pytest.mark.parametrize("kind", ["AbortedError", "UnavailableError"])


def lost(tf, kind="AbortedError"):
    return getattr(tf.errors, kind)(None, None, "lost")


# What is lost


@LOST
@pytest.mark.parametrize("method", ["before_run", "after_run"])
def test_a_lost_session_is_made_anew(tf, kind, method):
    told: list[Any] = []
    x = tf.Variable(1.0)
    double = x.assign(x * 2)
    hooks = [recorder(tf, told), losing(tf, lost(tf, kind), 2, method=method)]
    with messages(tf) as said, tf.train.MonitoredSession(hooks=hooks) as session:
        assert [float(session.run(double)) for _ in range(3)] == [2.0, 2.0, 4.0]
    assert told.count("hook after_create_session") == 2
    assert told.count("hook begin") == told.count("hook end") == 1
    assert told.count("hook before_run") == 4
    beginning = "An error was raised. This may be due to a preemption in a connected worker"
    assert [s[-4:] for s in said if s.startswith(beginning)] == ["lost"]


@LOST
def test_a_session_that_is_lost_while_it_is_made_is_made_again(tf, kind):
    told: list[Any] = []
    x = tf.constant(5.0)
    hooks = [losing(tf, lost(tf, kind), 1, 2, method="after_create_session"), recorder(tf, told)]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert session.run(x) == 5.0
    assert told[:2] == ["hook begin", "hook after_create_session"]


def test_what_is_lost_comes_back_from_the_last_checkpoint(tf, tmp_path):
    told: list[Any] = []
    step = counting(tf)
    hooks = [losing(tf, lost(tf), 5, method="after_run"), recorder(tf, told)]
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), save_checkpoint_steps=2, hooks=hooks
    ) as session:
        assert [int(session.run(step)) for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    assert told.count("hook after_create_session") == 2


@LOST
def test_a_thread_may_notice_the_loss(tf, kind):
    told: list[Any] = []
    x = tf.constant(5.0)
    coords: list[Any] = []

    def after_run(context, values):
        if len(coords) == 1:
            try:
                raise lost(tf, kind)
            except tf.errors.OpError as error:
                coords[0].request_stop(error)

    hooks = [
        hook(
            tf,
            after_create_session=lambda session, coord: coords.append(coord),
            after_run=after_run,
        ),
        recorder(tf, told),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert session.run(x) == 5.0
        assert not session.should_stop()
        assert session.run(x) == 5.0
    assert told.count("hook after_create_session") == 2


def test_what_follows_from_a_loss_counts_as_the_loss(tf):
    made: list[Any] = []
    x = tf.constant(5.0)

    def before_run(context):
        if len(made) == 1:
            try:
                raise lost(tf)
            except tf.errors.AbortedError as error:
                made[0].request_stop(error)
            raise ValueError("because of that")

    keeping = hook(
        tf, after_create_session=lambda session, coord: made.append(coord), before_run=before_run
    )
    with tf.train.MonitoredSession(hooks=[keeping]) as session:
        assert session.run(x) == 5.0
    assert len(made) == 2


def test_a_loss_at_the_end_is_an_error(tf):
    with (
        raises(core("AbortedError", "lost")),
        tf.train.MonitoredSession(hooks=[losing(tf, lost(tf), 1, method="end")]),
    ):
        pass
    told: list[Any] = []
    with (
        raises(core("AbortedError", "lost")),
        tf.train.MonitoredSession(hooks=[recorder(tf, told)]),
    ):
        raise lost(tf)
    assert "hook end" not in told


def test_a_singular_session_is_not_made_anew(tf):
    x = tf.constant(5.0)
    session = tf.train.SingularMonitoredSession(hooks=[losing(tf, lost(tf), 1)])
    with raises(core("AbortedError", "lost")):
        session.run(x)
    assert isinstance(session.raw_session(), tf.Session)
    assert session.raw_session().run(x) == 5.0
    session.close()
    assert session.raw_session() is None


def test_a_singular_session_restores(tf, session, tmp_path):
    x = tf.Variable(1.0)
    five = x.assign(5.0)
    saver = tf.train.Saver()
    session.run(five)
    prefix = saver.save(session, str(tmp_path / "m"))
    for where in ({"checkpoint_dir": str(tmp_path)}, {"checkpoint_filename_with_path": prefix}):
        with tf.train.SingularMonitoredSession(**where) as restored:
            assert restored.run(x) == 5.0


def test_a_function_that_loses_its_session_gets_another_one(tf):
    x = tf.Variable(1.0)
    double = x.assign(x * 2)
    calls = []

    def step(step_context):
        calls.append(step_context)
        if len(calls) == 2:
            raise lost(tf)
        return float(step_context.session.run(double))

    with tf.train.MonitoredSession() as session:
        assert [session.run_step_fn(step) for _ in range(3)] == [2.0, 2.0, 4.0]


@cache
def local_server():
    return api.train.Server.create_local_server()


@pytest.mark.needs("servers")
def test_a_training_survives_its_server(tf, tmp_path):
    target = local_server().target
    tf.Session.reset(target)
    told: list[Any] = []
    step = counting(tf)
    with tf.train.MonitoredTrainingSession(
        target, checkpoint_dir=str(tmp_path), save_checkpoint_steps=1, hooks=[recorder(tf, told)]
    ) as session:
        assert [int(session.run(step)) for _ in range(2)] == [1, 2]
        tf.Session.reset(target)
        assert not session.should_stop()
        assert [int(session.run(step)) for _ in range(2)] == [3, 4]
    assert told.count("hook after_create_session") == 2


# Threads


def test_what_ends_a_thread_is_raised_at_the_end(tf):
    x = tf.constant(5.0)
    coords: list[Any] = []

    def after_run(context, values):
        try:
            raise KeyError("thread")
        except KeyError as error:
            coords[0].request_stop(error)

    keeping = hook(
        tf, after_create_session=lambda session, coord: coords.append(coord), after_run=after_run
    )
    with (
        raises(exact("KeyError", "thread")),
        tf.train.MonitoredSession(hooks=[keeping]) as session,
    ):
        assert session.run(x) == 5.0
        assert session.should_stop()
        raise ValueError("the program's own")


def test_a_thread_may_request_a_stop(tf):
    x = tf.constant(5.0)
    coords: list[Any] = []
    keeping = hook(
        tf,
        after_create_session=lambda session, coord: coords.append(coord),
        after_run=lambda context, values: coords[0].request_stop(),
    )
    with tf.train.MonitoredSession(hooks=[keeping]) as session:
        assert run_to_the_end(session, x) == [5.0]


@pytest.mark.uses(
    "FIFOQueueV2", "QueueEnqueueV2", "QueueDequeueV2", "QueueCloseV2", "CheckNumerics"
)
def test_what_ends_a_queue_runner_is_raised(tf):
    queue = tf.FIFOQueue(5, tf.float32)
    zero = tf.Variable(0.0)
    bad = tf.check_numerics(zero / zero, "oops")
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(bad)]))
    element = queue.dequeue()
    with (
        raises(core("InvalidArgumentError", "oops : Tensor had NaN values")),
        tf.train.MonitoredSession() as session,
    ):
        session.run(element)


@pytest.mark.uses(
    "FIFOQueueV2", "QueueEnqueueManyV2", "QueueDequeueV2", "QueueCloseV2", "CountUpTo"
)
def test_queues_are_filled_and_their_end_ends_the_loop(tf):
    told: list[Any] = []
    element = tf.train.range_input_producer(3, num_epochs=1, shuffle=False).dequeue()
    seen = []
    with tf.train.MonitoredSession(hooks=[recorder(tf, told)]) as session:
        while not session.should_stop():
            seen.append(int(session.run(element)))
    assert seen == [0, 1, 2]
    assert told[-1] == "hook end"


def test_a_thread_that_goes_on_is_left_alone(tf):
    ended = threading.Event()
    stuck = threading.Thread(target=lambda: ended.wait(PATIENCE), daemon=True, name="stuck")

    def after_create_session(session, coord):
        coord.register_thread(stuck)
        stuck.start()

    hooks = [hook(tf, after_create_session=after_create_session)]
    with messages(tf) as said, tf.train.MonitoredSession(hooks=hooks, stop_grace_period_secs=0.01):
        pass
    assert stuck.is_alive()
    ended.set()
    assert "Coordinator stopped with threads still running: stuck" in said
