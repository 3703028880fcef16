"""Training loops: what evergraph promises beyond the cases that TensorFlow passes as well."""

from __future__ import annotations

import pytest

import evergraph.v1 as tf
from evergraph.session import base
from evergraph.v1.training.loops.step_watch import StepWatch


class Step:
    """Stands for a session in which the global step has a value."""

    def __init__(self, now):
        self.now = now
        self.reads = 0

    def run(self, fetches):
        self.reads += 1
        return self.now


@pytest.fixture
def watch():
    with tf.Graph().as_default():
        tf.train.create_global_step()
        yield StepWatch("Hook")


@pytest.mark.parametrize("behind", [0, 1], ids=["fresh", "stale"])
@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_what_is_due_is_noticed_at_its_step_whatever_a_run_reads(watch, every, behind):
    timer = tf.train.SecondOrStepTimer(every_steps=every)
    timer.update_last_triggered_step(0)
    noticed = []
    for now in range(1, 22):
        step = watch.due(timer, now - behind, Step(now))
        if step is not None:
            timer.update_last_triggered_step(step)
            noticed.append(step)
    assert noticed == list(range(every, 22, every))


@pytest.mark.parametrize("behind", [0, 1], ids=["fresh", "stale"])
@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_what_is_due_in_the_next_run_is_known_before_it(watch, every, behind):
    timer = tf.train.SecondOrStepTimer(every_steps=every)
    timer.update_last_triggered_step(1)
    due, noticed = False, []
    for now in range(1, 22):
        if due:
            timer.update_last_triggered_step(now)
            noticed.append(now)
        due = watch.due_next(timer, now - behind, Step(now))
    assert noticed == list(range(1 + every, 22, every))


def test_the_step_is_read_once_more_only_where_something_may_be_due(watch):
    timer = tf.train.SecondOrStepTimer(every_steps=100)
    timer.update_last_triggered_step(0)
    sessions = [Step(now) for now in range(1, 101)]
    for session in sessions:
        watch.due(timer, session.now, session)
    assert [s.now for s in sessions if s.reads] == [99, 100]


def test_a_training_step_is_summarized_at_exact_steps(tmp_path):
    with tf.Graph().as_default():
        v = tf.Variable(1.0)
        step = tf.train.create_global_step()
        tf.summary.scalar("v", v)
        train_op = tf.train.MomentumOptimizer(0.1, 0.9).minimize(v * v, step)
        profiler = tf.train.ProfilerHook(save_steps=4, output_dir=str(tmp_path))
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(tmp_path),
            hooks=[tf.train.StopAtStepHook(last_step=9), profiler],
            save_checkpoint_steps=4,
            save_summaries_steps=3,
            log_step_count_steps=3,
        ) as session:
            while not session.should_stop():
                session.run(train_op)
    events = [
        event
        for path in tmp_path.glob("*tfevents*")
        for event in tf.train.summary_iterator(str(path))
    ]
    found = {}
    for event in events:
        for value in event.summary.value:
            found.setdefault(value.tag, []).append(event.step)
    assert found == {"v": [1, 4, 7], "global_step/sec": [4, 7]}
    assert sorted(p.name for p in tmp_path.glob("*.index")) == [
        f"model.ckpt-{n}.index" for n in (0, 4, 8, 9)
    ]
    assert sorted(p.name for p in tmp_path.glob("*.json")) == [
        "timeline-4.json",
        "timeline-8.json",
    ]


def test_a_session_is_found_inside_a_monitored_one():
    with tf.Graph().as_default(), tf.train.MonitoredSession() as session:
        inner = session
        while not isinstance(inner, tf.Session):
            inner = inner._sess
        assert inner is session._tf_sess()


def test_sessions_that_do_not_become_ready_are_closed():
    with tf.Graph().as_default():
        tf.Variable(1.0)
        manager = tf.train.SessionManager(
            ready_op=tf.report_uninitialized_variables(), recovery_wait_secs=0.001
        )
        nothing = tf.no_op()
        before = set(base.open_sessions)
        with pytest.raises(RuntimeError, match="did not make model ready"):
            manager.prepare_session("", init_op=nothing)
        with pytest.raises(tf.errors.DeadlineExceededError):
            manager.wait_for_session("", max_wait_secs=0.01)
        with pytest.raises(ValueError, match="not a valid checkpoint"):
            manager.prepare_session(
                "", saver=tf.train.Saver(), checkpoint_filename_with_path="/no/such/checkpoint"
            )
        assert set(base.open_sessions) == before


def test_a_hook_that_fails_when_the_session_is_made_leaves_none_open():
    class Hook(tf.train.SessionRunHook):
        def after_create_session(self, session, coord):
            raise ValueError("bad")

    before = set(base.open_sessions)
    with tf.Graph().as_default(), pytest.raises(ValueError, match="bad"):
        tf.train.MonitoredSession(hooks=[Hook()])
    assert set(base.open_sessions) == before


def test_a_loss_that_is_no_scalar_may_be_watched():
    with tf.Graph().as_default():
        loss = tf.placeholder(tf.float32, [2])
        hooks = [tf.train.NanTensorHook(loss)]
        with (
            pytest.raises(tf.train.NanLossDuringTrainingError),
            tf.train.MonitoredSession(hooks=hooks) as session,
        ):
            session.run(loss, {loss: [1.0, float("nan")]})
