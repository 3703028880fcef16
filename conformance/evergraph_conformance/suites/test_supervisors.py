"""tf.train.Supervisor: a model that is initialized, saved and written down in threads."""

from __future__ import annotations

import pytest

from evergraph_conformance.loops import OPS, counting, messages, steps_saved, written
from evergraph_conformance.messages import core, exact, raises
from evergraph_conformance.threads import until

pytestmark = pytest.mark.uses(*OPS)


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
