"""The hooks that there are: stopping, logging, saving, summaries, profiles, feeding, waiting."""

from __future__ import annotations

import json
import time
from typing import Any

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
from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(*OPS)

BY = pytest.mark.parametrize("resource", [False, True], ids=["ref", "resource"])


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        row(
            "300 a stop at no step",
            lambda t: t.StopAtStepHook(),
            exact("ValueError", "One of num_steps or last_step must be specified."),
        ),
        row(
            "a stop at two steps",
            lambda t: t.StopAtStepHook(1, 2),
            exact("ValueError", "Only one of num_steps or last_step can be specified."),
        ),
        row(
            "a timer for nothing",
            lambda t: t.SecondOrStepTimer(),
            exact("ValueError", "Either every_secs or every_steps should be provided."),
        ),
        row(
            "a timer for both",
            lambda t: t.SecondOrStepTimer(1, 1),
            exact("ValueError", "Can not provide both every_secs and every_steps."),
        ),
        row(
            "logs of no time",
            lambda t: t.LoggingTensorHook({}),
            exact(
                "ValueError",
                "either at_end and/or exactly one of every_n_iter and every_n_secs must be "
                "provided.",
            ),
        ),
        row(
            "logs of a negative time",
            lambda t: t.LoggingTensorHook({}, every_n_iter=-1),
            exact("ValueError", "invalid every_n_iter=-1."),
        ),
        row(
            "logs of what there is not",
            lambda t: t.LoggingTensorHook(["nope"], 1).begin(),
            core("KeyError", "The name 'nope:0' refers to a Tensor which does not exist."),
        ),
        row(
            "a saver of no time",
            lambda t: t.CheckpointSaverHook("d"),
            exact("ValueError", "Either every_secs or every_steps should be provided."),
        ),
        row(
            "two savers",
            lambda t: t.CheckpointSaverHook("d", save_steps=1, saver=1, scaffold=2),
            exact("ValueError", "You cannot provide both saver and scaffold."),
        ),
        row(
            "summaries of nothing",
            lambda t: t.SummarySaverHook(1),
            exact("ValueError", "Exactly one of scaffold or summary_op must be provided."),
        ),
        row(
            "a counter of both",
            lambda t: t.StepCounterHook(1, 1),
            exact(
                "ValueError", "exactly one of every_n_steps and every_n_secs should be provided."
            ),
        ),
        row(
            "299 no global step to stop at",
            lambda t: t.StopAtStepHook(1).begin(),
            exact("RuntimeError", "Global step should be created to use StopAtStepHook."),
        ),
        row(
            "no global step to count",
            lambda t: t.StepCounterHook().begin(),
            exact("RuntimeError", "Global step should be created to use StepCounterHook."),
        ),
        row(
            "no global step to wait for",
            lambda t: t.GlobalStepWaiterHook(1).begin(),
            exact("RuntimeError", "Global step should be created to use _GlobalStepWaiterHook."),
        ),
        row(
            "no global step of summaries",
            lambda t: t.SummarySaverHook(1, summary_op=1).begin(),
            exact("RuntimeError", "Global step should be created to use SummarySaverHook."),
        ),
    ],
)
def test_a_hook_says_what_it_lacks(tf, make, wanted):
    with raises(wanted):
        make(tf.train)


@pytest.mark.parametrize(
    ("kind", "folder"),
    [("CheckpointSaverHook", "checkpoint_dir"), ("ProfilerHook", "output_dir")],
)
def test_no_global_step_to_write_by(tf, tmp_path, kind, folder):
    writing = getattr(tf.train, kind)(save_steps=1, **{folder: str(tmp_path)})
    with raises(exact("RuntimeError", f"Global step should be created to use {kind}.")):
        writing.begin()


# When


def test_a_timer_of_steps(tf):
    timer = tf.train.SecondOrStepTimer(every_steps=3)
    assert timer.last_triggered_step() is None
    assert timer.should_trigger_for_step(1)
    assert timer.update_last_triggered_step(1) == (None, None)
    assert [s for s in range(1, 7) if timer.should_trigger_for_step(s)] == [4, 5, 6]
    assert timer.update_last_triggered_step(5)[1] == 4
    assert timer.last_triggered_step() == 5
    timer.reset()
    assert timer.last_triggered_step() is None
    assert timer.should_trigger_for_step(5)


def test_a_timer_of_seconds(tf):
    timer = tf.train.SecondOrStepTimer(every_secs=0.001)
    assert timer.should_trigger_for_step(0)
    timer.update_last_triggered_step(0)
    until(lambda: timer.should_trigger_for_step(1))
    assert not timer.should_trigger_for_step(0)
    seconds, steps = timer.update_last_triggered_step(7)
    assert seconds >= 0.001
    assert steps == 7
    assert not tf.train.SecondOrStepTimer(every_secs=PATIENCE).last_triggered_step()


@BY
def test_a_stop_after_some_steps(tf, resource):
    tf.get_variable_scope().set_use_resource(resource)
    step = counting(tf)
    hooks = [tf.train.StopAtStepHook(num_steps=3)]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert run_to_the_end(session, step) == [1, 2, 3]


def test_a_stop_at_a_step(tf):
    step = counting(tf, by=2)
    hooks = [tf.train.StopAtStepHook(last_step=5)]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert run_to_the_end(session, step) == [2, 4, 6]
    hooks = [tf.train.StopAtStepHook(last_step=0)]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        assert run_to_the_end(session, step) == [2]


def test_a_session_that_replaces_another_stops_at_the_same_step(tf, tmp_path):
    step = counting(tf)
    hooks = [
        tf.train.StopAtStepHook(num_steps=4),
        losing(tf, tf.errors.AbortedError(None, None, "lost"), 3, method="after_run"),
    ]
    with tf.train.MonitoredTrainingSession(
        checkpoint_dir=str(tmp_path), save_checkpoint_steps=1, hooks=hooks
    ) as session:
        run_to_the_end(session, step)
        assert steps_saved(tmp_path)[-1] == 4


def test_a_worker_waits_for_a_step(tf, session):
    step = counting(tf)
    waiting = tf.train.GlobalStepWaiterHook(2)
    waiting.begin()
    session.run(tf.global_variables_initializer())
    context = tf.train.SessionRunContext(tf.train.SessionRunArgs(step), session)
    with messages(tf) as said:
        done = beside(lambda: waiting.before_run(context))
        until(lambda: said)
        assert not done.done()
        session.run(step)
        session.run(step)
        assert done.result(PATIENCE) is None
        assert waiting.before_run(context) is None
    assert said == ["Waiting for global step 2 before starting training."]


# Values


def test_a_loss_that_is_no_number_ends_a_training(tf):
    """Row 301."""
    loss = tf.placeholder(tf.float32, [])
    with (
        messages(tf) as said,
        raises(exact("NanLossDuringTrainingError", "NaN loss during training.")),
        tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(loss)]) as session,
    ):
        assert session.run(loss, {loss: 1.0}) == 1.0
        session.run(loss, {loss: np.nan})
    assert "Model diverged with loss = NaN." in said
    assert issubclass(tf.train.NanLossDuringTrainingError, RuntimeError)


def test_a_loss_that_is_no_number_may_stop_a_training(tf):
    """Row 302."""
    loss = tf.placeholder(tf.float32, [])
    stopping = tf.train.NanTensorHook(loss, fail_on_nan_loss=False)
    with tf.train.MonitoredSession(hooks=[stopping]) as session:
        assert np.isnan(session.run(loss, {loss: np.nan}))
        assert session.should_stop()


def test_values_are_logged(tf):
    x, y = tf.constant(2.0, name="x"), tf.constant([1.0, 2.0], name="y")
    hooks = [
        tf.train.LoggingTensorHook({"b": x, "a": y}, every_n_iter=10),
        tf.train.LoggingTensorHook(["y:0", "x"], every_n_iter=10),
        tf.train.LoggingTensorHook([x], every_n_iter=10, formatter=lambda v: f"it is {v[x]}"),
        tf.train.LoggingTensorHook(["x"], at_end=True),
        tf.train.LoggingTensorHook({"small": tf.constant([1e-7, 0.1])}, every_n_secs=PATIENCE),
    ]
    with messages(tf) as said, tf.train.MonitoredSession(hooks=hooks) as session:
        for _ in range(3):
            session.run(x)
    assert said[3:] == [
        "a = [1. 2.], b = 2.0",
        "y:0 = [1. 2.], x = 2.0",
        "it is 2.0",
        "small = [0.0000001 0.1      ]",
        "x = 2.0",
    ]


def test_values_are_logged_with_the_time_since(tf):
    x = tf.constant(2.0)
    hooks = [tf.train.LoggingTensorHook({"x": x}, every_n_iter=2, at_end=True)]
    with messages(tf) as said, tf.train.MonitoredSession(hooks=hooks) as session:
        for _ in range(3):
            session.run(x)
    logged = [line for line in said if line.startswith("x = 2.0")]
    assert logged[0] == "x = 2.0"
    assert len(logged) == 3
    assert all(line.endswith(" sec)") for line in logged[1:])


def test_something_is_run_at_the_end(tf):
    p = tf.placeholder(tf.float32, [])
    final = tf.train.FinalOpsHook({"a": p + 1}, {p: 2.0})
    nothing = tf.train.FinalOpsHook(None)
    with tf.train.MonitoredSession(hooks=[final, nothing]):
        assert final.final_ops_values is None
    assert final.final_ops_values == {"a": 3.0}
    assert nothing.final_ops_values is None


@pytest.mark.uses("FIFOQueueV2", "QueueDequeueV2", "QueueCloseV2")
def test_what_is_run_at_the_end_reads_no_input(tf):
    queue = tf.FIFOQueue(1, tf.int32)
    element, close = queue.dequeue(), queue.close()
    with (
        messages(tf) as said,
        raises(core("OutOfRangeError", "is closed and has insufficient elements")),
        tf.train.MonitoredSession(hooks=[tf.train.FinalOpsHook(element)]) as session,
    ):
        session.run(close)
    assert "FinalOpsHook" in said[-1]


# Checkpoints


@BY
@pytest.mark.parametrize(
    ("steps", "saved"), [(1, [0, 1, 2, 3, 4]), (2, [0, 2, 4, 5]), (3, [0, 3, 5])]
)
def test_checkpoints_every_so_many_steps(tf, tmp_path, resource, steps, saved):
    tf.get_variable_scope().set_use_resource(resource)
    step = counting(tf)
    hooks = [
        tf.train.StopAtStepHook(last_step=saved[-1]),
        tf.train.CheckpointSaverHook(
            str(tmp_path), save_steps=steps, saver=tf.train.Saver(), checkpoint_basename="m"
        ),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        run_to_the_end(session, step)
    assert steps_saved(tmp_path, "m") == saved
    logs = [e for e in events(tf, tmp_path) if e.session_log.status]
    assert [e.step for e in logs] == saved
    for event in logs:
        assert event.session_log.status == tf.SessionLog.CHECKPOINT
        assert event.session_log.checkpoint_path == str(tmp_path / "m")


def test_a_checkpoint_begins_with_the_graph(tf, tmp_path):
    tf.train.create_global_step()
    for write in (True, False):
        folder = tmp_path / str(write)
        saving = tf.train.CheckpointSaverHook(str(folder), save_steps=2, save_graph_def=write)
        with tf.train.MonitoredSession(hooks=[saving]):
            pass
        names = {p.name for p in folder.iterdir()}
        assert ("graph.pbtxt" in names) is write
        assert ("model.ckpt-0.meta" in names) is write
        written = [e for e in events(tf, folder) if e.meta_graph_def]
        assert len(written) == 2
        meta_graph = tf.MetaGraphDef.FromString(written[1].meta_graph_def)
        assert meta_graph.saver_def.save_tensor_name == "save/Identity:0"


def listener(tf, told, stop=None):
    """Return a listener that takes down what it is told, and stops after a step."""
    methods = {
        "begin": lambda self: told.append("begin"),
        "before_save": lambda self, session, step: told.append(("before", int(step))),
        "after_save": lambda self, session, step: told.append(("after", int(step))) or step == stop,
        "end": lambda self, session, step: told.append(("end", int(step))),
    }
    return type("Listener", (tf.train.CheckpointSaverListener,), methods)()


def test_listeners_are_told_of_checkpoints(tf, tmp_path):
    told: list[Any] = []
    step = counting(tf)
    listeners = [listener(tf, told, stop=2), tf.train.CheckpointSaverListener()]
    saving = tf.train.CheckpointSaverHook(str(tmp_path), save_steps=2, listeners=listeners)
    with messages(tf) as said, tf.train.MonitoredSession(hooks=[saving]) as session:
        assert run_to_the_end(session, step) == [1, 2]
    assert told == [
        "begin",
        ("before", 0),
        ("after", 0),
        ("before", 2),
        ("after", 2),
        ("end", 2),
    ]
    assert said[3:-1] == [
        text
        for number in (0, 2)
        for text in (
            f"Calling checkpoint listeners before saving checkpoint {number}...",
            f"Saving checkpoints for {number} into {tmp_path / 'model.ckpt'}.",
            f"Calling checkpoint listeners after saving checkpoint {number}...",
        )
    ]
    beginning = "A CheckpointSaverListener requested that training be stopped. listener: "
    assert said[-1].startswith(beginning)


def test_the_saver_is_that_of_the_scaffold_or_of_the_collection(tf, tmp_path):
    tf.train.create_global_step()

    class Creator(tf.train.SessionCreator):  # type: ignore[misc, name-defined]  # `tf` is under test
        def create_session(self):
            return tf.Session()

    def saving(**more):
        return tf.train.CheckpointSaverHook(str(tmp_path), save_steps=1, **more)

    with raises(core("RuntimeError", "No items in collection savers. Please add a saver to the")):
        tf.train.MonitoredSession(Creator(), hooks=[saving()])
    scaffold = tf.train.Scaffold(saver=tf.train.Saver())
    for _ in range(2):
        tf.add_to_collection(tf.GraphKeys.SAVERS, tf.train.Saver())
    creator = tf.train.ChiefSessionCreator(scaffold)
    with tf.train.MonitoredSession(creator, hooks=[saving(scaffold=scaffold)]):
        assert steps_saved(tmp_path) == [0]
    with raises(core("RuntimeError", "More than one item in collection savers.")):
        tf.train.MonitoredSession(creator, hooks=[saving()])


# Summaries and profiles


@BY
def test_summaries_every_so_many_steps(tf, tmp_path, resource):
    tf.get_variable_scope().set_use_resource(resource)
    step = counting(tf)
    tags = [tf.summary.scalar(tag, 1.0) for tag in "ab"]
    hooks = [
        tf.train.SummarySaverHook(save_steps=2, output_dir=str(tmp_path), summary_op=tags),
        tf.train.StopAtStepHook(last_step=5),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        run_to_the_end(session, step)
    assert summaries(tf, tmp_path) == [(tag, number) for number in (1, 3, 5) for tag in "ab"]
    started = [e.step for e in events(tf, tmp_path) if e.session_log.status == tf.SessionLog.START]
    assert started == [1]


def test_summaries_go_to_a_writer_or_nowhere(tf, tmp_path):
    step = counting(tf)
    summary = tf.summary.scalar("a", 1.0)
    writer = tf.summary.FileWriter(str(tmp_path))
    hooks = [
        tf.train.SummarySaverHook(save_steps=1, summary_writer=writer, summary_op=summary),
        tf.train.SummarySaverHook(save_steps=1, summary_op=summary),
        tf.train.SummarySaverHook(
            save_steps=1, scaffold=tf.train.Scaffold(summary_op=[]), summary_writer=writer
        ),
    ]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        session.run(step)
    writer.close()
    tags = [(v.tag, e.step) for e in written(tf, tmp_path) for v in e.summary.value]
    assert tags == [("a", 1)]


def test_the_rate_of_steps_is_told(tf, tmp_path):
    step = counting(tf)
    counter = tf.train.StepCounterHook(every_n_steps=2, output_dir=str(tmp_path))
    with messages(tf) as said, tf.train.MonitoredSession(hooks=[counter]) as session:
        for _ in range(5):
            session.run(step)
    assert summaries(tf, tmp_path) == [("global_step/sec", 3), ("global_step/sec", 5)]
    rates = [line for line in said if line.startswith("global_step/sec: ")]
    assert len(rates) == 2
    assert all(float(line.split()[1]) > 0 for line in rates)


def test_the_rate_of_steps_is_told_every_so_many_seconds(tf):
    step = counting(tf)
    counter = tf.train.StepCounterHook(every_n_steps=None, every_n_secs=0.001)
    with messages(tf) as said, tf.train.MonitoredSession(hooks=[counter]) as session:
        session.run(step)
        time.sleep(0.002)
        session.run(step)
    assert [line.split()[0] for line in said[3:]] == ["global_step/sec:"]


def test_a_step_that_stands_still_is_warned_of(tf):
    tf.train.create_global_step()
    x = tf.constant(1.0)
    told = []
    hooks = [
        tf.train.StepCounterHook(every_n_steps=1),
        hook(tf, after_run=lambda context, values: told.append(1)),
    ]
    with messages(tf) as said, tf.train.MonitoredSession(hooks=hooks) as session:
        session.run(x)
        assert len(said) == 3
        session.run(x)
    assert said[3].startswith(
        "It seems that global step (tf.train.get_global_step) has not been increased. Current "
        "value (could be stable): 0 vs previous value: 0. You could increase"
    )


def test_profiles_are_written(tf, tmp_path):
    step = counting(tf)
    double = tf.Variable([1.0, 2.0]) * 2.0
    profiler = tf.train.ProfilerHook(save_steps=2, output_dir=str(tmp_path), show_memory=True)
    with messages(tf) as said, tf.train.MonitoredSession(hooks=[profiler]) as session:
        for _ in range(5):
            session.run([step, double])
    written = sorted(p.name for p in tmp_path.iterdir() if p.suffix == ".json")
    assert written == ["timeline-2.json", "timeline-4.json"]
    drawn = json.loads((tmp_path / "timeline-2.json").read_text())
    assert "Mul" in {event.get("name") for event in drawn["traceEvents"]}
    tagged = [e.tagged_run_metadata.tag for e in events(tf, tmp_path)]
    assert [tag for tag in tagged if tag] == ["step_2", "step_4"]
    assert said[-1] == f"Saving timeline for 4 into '{tmp_path / 'timeline-4.json'}'."
