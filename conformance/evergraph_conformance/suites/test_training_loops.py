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
)
from evergraph_conformance.messages import core, exact, raises

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
    graph = tf.get_default_graph()
    nodes = len(graph.get_operations())

    def telling(name):
        return hook(tf, begin=lambda: told.append((name, len(graph.get_operations()) > nodes)))

    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), hooks=[telling("all")], chief_only_hooks=[telling("chief")]
    ):
        pass
    # In between, the hooks of the session itself have made what reads the global step.
    assert told == [("chief", False), ("all", True)]


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
