"""Whole trainings: what they leave behind, how they go on, and those under a supervisor."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.loops import (
    OPS,
    counting,
    events,
    hook,
    losing,
    messages,
    run_to_the_end,
    steps_saved,
    summaries,
    written,
)
from evergraph_conformance.messages import core, exact, raises
from evergraph_conformance.threads import until

pytestmark = pytest.mark.uses(*OPS, "MatMul", "ResourceApplyAdam", "ApplyAdam", "ApplyMomentum")

POINTS = np.linspace(-1.0, 1.0, 24, dtype=np.float32).reshape(12, 2)
TARGETS = POINTS @ np.array([[2.0], [-1.0]], np.float32) + 0.5


def regression(tf, optimizer):
    """Make a linear model; return its inputs, its loss, and a step of its training."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    y = tf.placeholder(tf.float32, [None, 1], name="y")
    w = tf.get_variable("w", initializer=np.zeros([2, 1], np.float32))
    b = tf.get_variable("b", initializer=np.float32(0))
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) + b - y), name="loss")
    tf.summary.scalar("error", loss)
    step = tf.train.get_or_create_global_step()
    return x, y, loss, optimizer.minimize(loss, step, name="train")


# Programs


def test_a_training_that_is_interrupted_ends_as_one_that_is_not(tf, tmp_path):
    """Train for 40 steps: at once, and in two processes of which the second goes on."""

    def train(folder, last_step):
        with tf.Graph().as_default():
            x, y, loss, train_op = regression(tf, tf.train.AdamOptimizer(0.1))
            losses = []
            hooks = [tf.train.StopAtStepHook(last_step=last_step), tf.train.NanTensorHook(loss)]
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=str(folder),
                hooks=hooks,
                save_checkpoint_steps=10,
                save_summaries_steps=5,
            ) as session:
                while not session.should_stop():
                    feeds = {x: POINTS, y: TARGETS}
                    losses.append(float(session.run([train_op, loss], feeds)[1]))
        return losses

    whole = train(tmp_path / "whole", 40)
    assert whole[-1] < whole[0] / 10
    first, second = train(tmp_path / "parts", 15), train(tmp_path / "parts", 40)
    assert [len(first), len(second)] == [15, 25]
    np.testing.assert_allclose([*first, *second], whole, rtol=1e-5)
    assert steps_saved(tmp_path / "parts") == [10, 15, 25, 35, 40]
    for name in ("w", "b", "w/Adam", "beta1_power", "global_step"):
        np.testing.assert_allclose(
            tf.train.load_variable(str(tmp_path / "parts"), name),
            tf.train.load_variable(str(tmp_path / "whole"), name),
            rtol=1e-4,
            atol=1e-6,
        )
    steps = [step for tag, step in summaries(tf, tmp_path / "parts") if tag == "error"]
    assert steps[0] == 1
    # What a run reads of the step may be one behind.
    assert set(np.diff(steps)) <= {3, 4, 5, 6}


def test_a_training_stops_early_and_its_best_weights_are_evaluated(tf, tmp_path):
    """Stop when the loss no longer falls much; evaluate the checkpoint in another graph."""

    def stopping(loss):
        losses = []

        def after_run(context, values):
            losses.append(values.results)
            if len(losses) > 1 and losses[-2] - losses[-1] < 1e-4:
                context.request_stop()

        return hook(
            tf,
            before_run=lambda context: tf.train.SessionRunArgs(loss),
            after_run=after_run,
        )

    with tf.Graph().as_default():
        x, y, loss, train_op = regression(tf, tf.train.MomentumOptimizer(0.1, 0.5))
        final = tf.train.FinalOpsHook(loss, {x: POINTS, y: TARGETS})
        hooks = [
            stopping(loss),
            tf.train.FeedFnHook(lambda: {x: POINTS, y: TARGETS}),
            tf.train.StopAtStepHook(last_step=500),
            final,
        ]
        with tf.train.MonitoredTrainingSession(
            checkpoint_dir=str(tmp_path), hooks=hooks, log_step_count_steps=None
        ) as session:
            run_to_the_end(session, train_op)
    steps = int(tf.train.load_variable(str(tmp_path), "global_step"))
    assert 10 < steps < 500
    assert steps_saved(tmp_path) == [0, steps]
    with tf.Graph().as_default():
        x, y, loss, _ = regression(tf, tf.train.MomentumOptimizer(0.1, 0.5))
        creator = tf.train.ChiefSessionCreator(checkpoint_dir=str(tmp_path))
        with tf.train.MonitoredSession(creator) as session:
            value = session.run(loss, {x: POINTS, y: TARGETS})
    np.testing.assert_allclose(value, final.final_ops_values, rtol=1e-5)


@pytest.mark.uses("FIFOQueueV2", "QueueEnqueueManyV2", "QueueDequeueManyV2", "QueueCloseV2")
def test_a_training_reads_from_queues_and_survives_a_loss(tf, tmp_path):
    """Train on two epochs that queues hand out; a session is lost and made anew meanwhile."""
    x, y = tf.train.slice_input_producer(
        [tf.constant(POINTS), tf.constant(TARGETS)], num_epochs=2, shuffle=False
    )
    xs, ys = tf.train.batch([x, y], batch_size=4)
    w = tf.get_variable("w", initializer=np.zeros([2, 1], np.float32))
    loss = tf.reduce_mean(tf.square(tf.matmul(xs, w) - ys))
    step = tf.train.get_or_create_global_step()
    train_op = tf.train.GradientDescentOptimizer(0.1).minimize(loss, step)
    lost = tf.errors.UnavailableError(None, None, "lost")
    losses = []
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), save_checkpoint_steps=1, hooks=[losing(tf, lost, 3)]
    ) as session:
        while not session.should_stop():
            losses.append(float(session.run([loss, train_op])[0]))
    # Two steps before the loss; then the epochs begin anew, and the weights go on.
    assert len(losses) == 2 + 6
    assert int(tf.train.load_variable(str(tmp_path), "global_step")) == 8
    assert sum(losses[5:]) < sum(losses[2:5])


# What a training session does by itself


def test_a_training_is_saved_and_goes_on(tf, tmp_path):
    """Row 306."""
    for first in (0, 3):
        with tf.Graph().as_default():
            step = counting(tf)
            with tf.train.MonitoredTrainingSession(
                checkpoint_dir=str(tmp_path), hooks=[tf.train.StopAtStepHook(num_steps=3)]
            ) as session:
                assert run_to_the_end(session, step) == [first + 1, first + 2, first + 3]
    names = {p.name for p in tmp_path.iterdir() if "tfevents" not in p.name}
    assert names >= {"checkpoint", "graph.pbtxt", "model.ckpt-0.meta", "model.ckpt-6.index"}
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "model.ckpt-6")


def test_a_training_tells_what_it_does(tf, tmp_path):
    step = counting(tf)
    with (
        messages(tf) as said,
        tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path)) as session,
    ):
        session.run(step)
    prefix = tmp_path / "model.ckpt"
    assert said == [
        "Create CheckpointSaverHook.",
        "Graph was finalized.",
        "Running local_init_op.",
        "Done running local_init_op.",
        "Calling checkpoint listeners before saving checkpoint 0...",
        f"Saving checkpoints for 0 into {prefix}.",
        "Calling checkpoint listeners after saving checkpoint 0...",
        "Calling checkpoint listeners before saving checkpoint 1...",
        f"Saving checkpoints for 1 into {prefix}.",
        "Calling checkpoint listeners after saving checkpoint 1...",
    ]


def test_a_training_is_written_down(tf, tmp_path):
    step = counting(tf)
    tf.summary.scalar("loss", 2.0)
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path),
        save_checkpoint_steps=2,
        save_summaries_steps=2,
        log_step_count_steps=2,
        hooks=[tf.train.StopAtStepHook(last_step=5)],
    ) as session:
        run_to_the_end(session, step)
    kinds = [
        (
            event.step,
            event.WhichOneof("what"),
            *([event.session_log.status] if event.HasField("session_log") else []),
            *(value.tag for value in event.summary.value),
        )
        for event in events(tf, tmp_path)
    ]
    start, saved = tf.SessionLog.START, tf.SessionLog.CHECKPOINT
    assert kinds == [
        (0, "file_version"),
        (0, "graph_def"),
        (0, "meta_graph_def"),
        (0, "graph_def"),
        (0, "meta_graph_def"),
        (0, "session_log", saved),
        (1, "session_log", start),
        (1, "summary", "loss"),
        (2, "session_log", saved),
        (3, "summary", "global_step/sec"),
        (3, "summary", "loss"),
        (4, "session_log", saved),
        (5, "summary", "global_step/sec"),
        (5, "summary", "loss"),
        (5, "session_log", saved),
    ]


def test_a_training_may_do_nothing_by_itself(tf, tmp_path):
    x = tf.constant(1.0)
    never = {"save_checkpoint_secs": None, "save_summaries_steps": 0, "log_step_count_steps": None}
    with tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), **never) as session:
        assert session.run(x) == 1.0
    assert list(tmp_path.iterdir()) == []
    with tf.train.MonitoredTrainingSession() as session:
        assert session.run(x) == 1.0


def test_summaries_may_go_elsewhere(tf, tmp_path):
    step = counting(tf)
    tf.summary.scalar("loss", 2.0)
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path / "a"), summary_dir=str(tmp_path / "b"), save_summaries_secs=60
    ) as session:
        session.run(step)
        session.run(step)
    assert summaries(tf, tmp_path / "a") == []
    assert summaries(tf, tmp_path / "b") == [("loss", 1)]


@pytest.mark.parametrize("what", ["checkpoint", "summaries"])
def test_steps_or_seconds(tf, tmp_path, what):
    counting(tf)
    both = {f"save_{what}_secs": 60, f"save_{what}_steps": 60}
    with raises(exact("ValueError", "Can not provide both every_secs and every_steps.")):
        tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), **both)


def test_hooks_of_the_chief_come_first(tf, tmp_path):
    told = []
    counting(tf)

    def telling(name):
        return hook(tf, begin=lambda: told.append((name, len(list(tmp_path.iterdir())))))

    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), hooks=[telling("all")], chief_only_hooks=[telling("chief")]
    ):
        pass
    # In between the event file has been made.
    assert told == [("chief", 0), ("all", 1)]


def test_a_worker_writes_nothing(tf, tmp_path):
    told = []
    x = tf.Variable(1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    telling = hook(tf, begin=lambda: told.append("begin"))
    with tf.train.MonitoredTrainingSession(
        is_chief=False, checkpoint_dir=str(tmp_path), hooks=[telling], chief_only_hooks=[telling]
    ) as session:
        assert session.run(x) == 1.0
    assert told == ["begin"]
    assert list(tmp_path.iterdir()) == []


def test_a_worker_gives_up(tf):
    tf.Variable(1.0)
    with raises(core("DeadlineExceededError", "Session was not ready after waiting 0 secs.")):
        tf.train.MonitoredTrainingSession(is_chief=False, max_wait_secs=0.01)


# Supervisors


def test_a_supervisor_makes_what_is_missing(tf, tmp_path):
    tf.Variable(1.0, name="v")
    step = tf.train.create_global_step()
    tf.summary.scalar("s", 1.0)
    supervisor = tf.train.Supervisor(logdir=str(tmp_path))
    assert supervisor.is_chief
    assert supervisor.init_op.name == "init"
    assert supervisor.summary_op.name == "Merge/MergeSummary:0"
    assert supervisor.ready_for_local_init_op is None
    assert supervisor.init_feed_dict is None
    assert supervisor.global_step is step
    assert supervisor.save_path == str(tmp_path / "model.ckpt")
    assert supervisor.save_model_secs == 600
    assert supervisor.save_summaries_secs == 120
    assert not supervisor.saver.saver_def.sharded
    assert isinstance(supervisor.session_manager, tf.train.SessionManager)
    assert isinstance(supervisor.coord, tf.train.Coordinator)
    keys = tf.GraphKeys
    assert tf.get_collection(keys.INIT_OP) == [supervisor.init_op]
    assert tf.get_collection(keys.SAVERS) == [supervisor.saver]
    assert [op.name for op in tf.get_collection(keys.LOCAL_INIT_OP)] == ["group_deps"]
    assert tf.get_default_graph().finalized


def test_a_supervisor_writes_events(tf, tmp_path):
    x = tf.Variable(1.0)
    step = counting(tf)
    tf.summary.scalar("x", x)
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0, save_summaries_secs=0)
    with supervisor.managed_session() as session:
        assert not supervisor.should_stop()
        session.run(step)
        supervisor.saver.save(session, supervisor.save_path, global_step=supervisor.global_step)
        supervisor.summary_computed(session, session.run(supervisor.summary_op))
        supervisor.summary_computed(session, session.run(supervisor.summary_op), 77)
    assert supervisor.should_stop()
    assert steps_saved(tmp_path) == [1]
    assert (tmp_path / "graph.pbtxt").exists()
    found = [(e.step, e.WhichOneof("what"), e.session_log.status) for e in written(tf, tmp_path)]
    assert found == [
        (0, "file_version", 0),
        (0, "graph_def", 0),
        (0, "meta_graph_def", 0),
        (0, "session_log", tf.SessionLog.START),
        (1, "summary", 0),
        (77, "summary", 0),
        (0, "session_log", tf.SessionLog.STOP),
    ]


def test_a_supervisor_saves_and_writes_in_threads(tf, tmp_path):
    step = counting(tf)
    tf.summary.scalar("s", 1.0)
    supervisor = tf.train.Supervisor(
        logdir=str(tmp_path), save_model_secs=0.01, save_summaries_secs=0.01
    )
    kinds = ("Saving checkpoint to path", "Recording summary", "global_step/sec: ")

    def twice():
        return all(sum(line.startswith(kind) for line in said) > 1 for kind in kinds)

    with messages(tf) as said, supervisor.managed_session() as session:
        session.run(step)
        until(twice)
    tags = {value.tag for e in written(tf, tmp_path) for value in e.summary.value}
    assert tags == {"s", "global_step/sec"}
    assert tf.train.latest_checkpoint(str(tmp_path)) is not None
    assert said[:2] == ["Running local_init_op.", "Done running local_init_op."]
    assert "Starting standard services." in said
    assert "Starting queue runners." in said


def test_a_supervisor_restores(tf, tmp_path):
    for value in (1.0, 2.0):
        with tf.Graph().as_default():
            x = tf.Variable(1.0)
            double = x.assign(x * 2)
            supervisor = tf.train.Supervisor(
                logdir=str(tmp_path), save_model_secs=0, save_summaries_secs=0
            )
            with supervisor.managed_session() as session:
                assert session.run(x) == value
                session.run(double)
                supervisor.saver.save(session, supervisor.save_path)


def test_a_supervisor_without_a_folder_writes_nothing(tf):
    x = tf.Variable(1.0)
    supervisor = tf.train.Supervisor()
    assert supervisor.summary_writer is None
    assert supervisor.save_path is None
    with messages(tf) as said, supervisor.managed_session() as session:
        assert session.run(x) == 1.0
        with raises(exact("RuntimeError", "Writing a summary requires a summary writer.")):
            supervisor.summary_computed(session, b"")
    assert "Standard services need a 'logdir' passed to the SessionManager" in said


def test_a_supervisor_does_without(tf, tmp_path):
    x = tf.Variable(1.0)
    init = tf.global_variables_initializer()
    nodes = len(tf.get_default_graph().get_operations())
    nothing = dict.fromkeys(
        ["summary_op", "saver", "global_step", "ready_op", "local_init_op", "summary_writer"]
    )
    supervisor = tf.train.Supervisor(logdir=str(tmp_path), init_op=init, **nothing)
    assert len(tf.get_default_graph().get_operations()) == nodes
    with supervisor.managed_session() as session:
        assert session.run(x) == 1.0
    assert [p.name for p in tmp_path.iterdir()] == ["graph.pbtxt"]


def test_a_supervisor_raises_what_happens_inside(tf):
    x = tf.Variable(1.0)
    supervisor = tf.train.Supervisor(logdir=None)
    with raises(exact("ValueError", "bad")), supervisor.managed_session():
        raise ValueError("bad")
    with supervisor.managed_session():
        raise tf.errors.OutOfRangeError(None, None, "the end")
    with supervisor.managed_session() as session:
        assert not supervisor.should_stop()
        assert session.run(x) == 1.0


def test_a_supervisor_raises_what_happens_in_its_threads(tf):
    def failing():
        raise ValueError("thread")

    supervisor = tf.train.Supervisor(logdir=None)
    with raises(exact("ValueError", "thread")), supervisor.managed_session():
        supervisor.loop(0.001, failing)
        supervisor.wait_for_stop()


def test_a_supervisor_starts_and_stops_by_hand(tf):
    p = tf.placeholder(tf.float32, [])
    x = tf.Variable(p)
    told = []
    supervisor = tf.train.Supervisor(
        init_feed_dict={p: 3.0}, init_fn=lambda session: told.append(float(session.run(x)))
    )
    session = supervisor.prepare_or_wait_for_session(start_standard_services=False)
    assert told == [3.0]
    thread = supervisor.loop(0.001, lambda a, b: told.append(a + b), args=(1,), kwargs={"b": 2})
    until(lambda: told[-1] == 3)
    assert supervisor.start_queue_runners(session) == []
    with supervisor.stop_on_exception():
        pass
    assert not supervisor.should_stop()
    supervisor.request_stop()
    supervisor.stop()
    assert not thread.is_alive()
    assert session.run(x) == 3.0
    session.close()


def test_a_supervisor_that_is_not_the_chief(tf, tmp_path):
    with tf.device("/job:ps/task:0"):
        tf.Variable(1.0)
    supervisor = tf.train.Supervisor(is_chief=False, logdir=str(tmp_path))
    for name in ("summary_writer", "summary_op", "save_path", "save_model_secs"):
        assert getattr(supervisor, name) is None
    with raises(core("RuntimeError", "Only chief supervisor can start standard services.")):
        supervisor.start_standard_services(None)
    assert list(tmp_path.iterdir()) == []
    with tf.Graph().as_default():
        tf.Variable(1.0, name="v")
        with raises(core("ValueError", "When using replicas, all Variables must have their dev")):
            tf.train.Supervisor(is_chief=False)


def test_a_loop_under_a_supervisor(tf):
    step = counting(tf)
    supervisor = tf.train.Supervisor(logdir=None)
    seen = []

    def train(session, limit, by=1):
        seen.append(int(session.run(step)))
        if len(seen) == 2:
            raise tf.errors.AbortedError(None, None, "lost")
        if len(seen) == limit * by:
            supervisor.request_stop()

    tf.train.basic_train_loop(supervisor, train, args=[2], kwargs={"by": 2})
    # Without a folder, a new session begins anew.
    assert seen == [1, 2, 1, 2]
