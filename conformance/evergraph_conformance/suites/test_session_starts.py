"""How monitored sessions begin: scaffolds, session creators and session managers."""

from __future__ import annotations

from functools import cache

import pytest

from evergraph_conformance.api import tf as api
from evergraph_conformance.loops import OPS, messages
from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(*OPS)


@pytest.fixture
def saved(tf, session, tmp_path):
    """A variable `v`, and the folder of a checkpoint where it is 7."""
    x = tf.Variable(1.0, name="v")
    seven = x.assign(7.0)
    saver = tf.train.Saver()
    session.run(seven)
    saver.save(session, str(tmp_path / "m"))
    return x, saver, str(tmp_path)


def manager(tf, **more):
    ready = tf.report_uninitialized_variables()
    return tf.train.SessionManager(**{"ready_op": ready, "recovery_wait_secs": 0.01} | more)


# Scaffolds


def test_a_scaffold_makes_what_is_missing(tf):
    tf.Variable(1.0, name="v")
    tf.Variable(2.0, name="l", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.summary.scalar("s", 1.0)
    scaffold = tf.train.Scaffold()
    assert scaffold.init_op is None
    assert scaffold.finalize() is scaffold
    keys = tf.GraphKeys
    made = {
        keys.INIT_OP: (scaffold.init_op, "group_deps"),
        keys.READY_OP: (scaffold.ready_op, "concat:0"),
        keys.READY_FOR_LOCAL_INIT_OP: (scaffold.ready_for_local_init_op, "concat_1:0"),
        keys.LOCAL_INIT_OP: (scaffold.local_init_op, "group_deps_1"),
        keys.SUMMARY_OP: (scaffold.summary_op, "Merge/MergeSummary:0"),
    }
    for key, (value, name) in made.items():
        assert tf.get_collection(key) == [value]
        assert value.name == name
    assert tf.get_collection(keys.SAVERS) == [scaffold.saver]
    assert scaffold.saver.saver_def.sharded
    graph = tf.get_default_graph()
    assert graph.finalized
    depends = {
        "group_deps": ["init", "init_1"],
        "init": ["v/Assign"],
        "group_deps_1": ["init_2", "init_3", "init_all_tables"],
        "init_2": ["l/Assign"],
    }
    for name, others in depends.items():
        assert sorted(o.name for o in graph.get_operation_by_name(name).control_inputs) == others
    nodes = len(graph.get_operations())
    assert tf.train.Scaffold().finalize().saver is scaffold.saver
    assert len(graph.get_operations()) == nodes


def test_a_scaffold_keeps_what_it_is_given(tf):
    tf.Variable(1.0)
    given = {
        "init_op": [tf.no_op(), tf.no_op()],
        "ready_op": tf.constant(["x"]),
        "ready_for_local_init_op": tf.constant(["y"]),
        "local_init_op": tf.no_op(),
        "summary_op": tf.constant("s"),
        "saver": tf.train.Saver(defer_build=True),
        "init_feed_dict": {"a": 1},
        "local_init_feed_dict": {"b": 1},
    }
    scaffold = tf.train.Scaffold(**given)
    for built in (scaffold, tf.train.Scaffold(copy_from_scaffold=scaffold), scaffold.finalize()):
        assert {name: getattr(built, name) for name in given} == given
    assert tf.get_collection(tf.GraphKeys.INIT_OP) == []
    assert scaffold.saver.saver_def is not None


def test_a_scaffold_is_copied_from_a_scaffold(tf):
    with raises(exact("TypeError", "copy_from_scaffold is not a Scaffold instance.")):
        tf.train.Scaffold(copy_from_scaffold=1)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        row("init ops", "init_op", core("RuntimeError", "More than one item in the collection")),
        row(
            "savers",
            "savers",
            exact(
                "RuntimeError",
                "More than one item in collection savers. Please indicate which one to use by "
                "passing it to the constructor.",
            ),
        ),
    ],
)
def test_a_scaffold_does_not_choose(tf, key, wanted):
    for _ in range(2):
        tf.add_to_collection(key, tf.no_op())
    with raises(wanted):
        tf.train.Scaffold().finalize()


def test_a_default_is_kept_in_a_collection(tf):
    get = tf.train.Scaffold.get_or_default
    assert get("x", "key", lambda: None) is None
    assert get("x", "key", lambda: 5) == 5
    assert get("x", "key", lambda: 6) == 5
    assert tf.get_collection("key") == [5]
    assert tf.train.Scaffold.default_local_init_op().type == "NoOp"


def test_a_scaffold_may_initialize_by_a_function(tf):
    p = tf.placeholder(tf.float32, [])
    x = tf.Variable(p)
    double = x.assign(x * 2)
    told = []

    def init_fn(scaffold, session):
        told.append(scaffold)
        session.run(double)

    scaffold = tf.train.Scaffold(init_fn=init_fn, init_feed_dict={p: 3.0})
    creator = tf.train.ChiefSessionCreator(scaffold)
    with tf.train.MonitoredSession(creator) as session:
        assert session.run(x) == 6.0
    assert told == [scaffold]


# Session creators


def test_a_creator_of_ones_own(tf):
    x = tf.Variable(1.0)
    made = []

    def create_session(self):
        made.append(tf.Session())
        made[0].run(x.initializer)
        return made[0]

    kind = type("Creator", (tf.train.SessionCreator,), {"create_session": create_session})
    with tf.train.MonitoredSession(kind()) as session:
        assert session.run(x) == 1.0
        assert not tf.get_default_graph().finalized
    with raises(core("TypeError", "abstract")):
        tf.train.SessionCreator()


def test_the_chief_restores(tf, saved):
    x, _, folder = saved
    for where in ({"checkpoint_dir": folder}, {"checkpoint_filename_with_path": f"{folder}/m"}):
        creator = tf.train.ChiefSessionCreator(**where)
        with tf.train.MonitoredSession(creator) as session:
            assert session.run(x) == 7.0


def test_what_is_not_initialized_is_named(tf):
    tf.Variable(1.0, name="v")
    creator = tf.train.ChiefSessionCreator(tf.train.Scaffold(init_op=tf.no_op()))
    with raises(
        exact(
            "RuntimeError",
            "Init operations did not make model ready for local_init.  Init op: NoOp, init fn: "
            "None, error: Variables not initialized: v",
        )
    ):
        tf.train.MonitoredSession(creator)


def test_a_worker_initializes_only_its_own(tf):
    x = tf.Variable(1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    with tf.train.MonitoredSession(tf.train.WorkerSessionCreator()) as session:
        assert session.run(x) == 1.0


def test_a_worker_does_not_wait_for_ever(tf):
    tf.Variable(1.0)
    with raises(exact("DeadlineExceededError", "Session was not ready after waiting 0 secs.")):
        tf.train.WorkerSessionCreator(max_wait_secs=0.01).create_session()


@cache
def local_server():
    return api.train.Server.create_local_server()


@pytest.mark.needs("servers")
def test_a_worker_waits_for_the_chief(tf):
    target = local_server().target
    tf.Session.reset(target)
    step = tf.train.create_global_step()
    init = step.initializer
    mine = tf.Variable(2.0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    waiter = manager(
        tf,
        ready_for_local_init_op=tf.report_uninitialized_variables(tf.global_variables()),
        local_init_op=mine.initializer,
    )

    def lead():
        until(lambda: said)
        with tf.Session(target, graph=step.graph) as chief:
            chief.run(init)

    with messages(tf) as said:
        chief = beside(lead)
        with waiter.wait_for_session(target) as session:
            assert session.run([step, mine]) == [0, 2.0]
    chief.result(PATIENCE)
    assert said[0] == (
        "Waiting for model to be ready.  Ready_for_local_init_op:  Variables not initialized: "
        "global_step, ready: None"
    )


# Session managers


def test_a_session_is_initialized(tf):
    x = tf.Variable(1.0, name="v")
    two, init = x.assign(2.0), x.initializer
    made = manager(tf)
    assert made.prepare_session("", init_op=init).run(x) == 1.0
    assert made.prepare_session("", init_op=[init]).run(x) == 1.0
    assert made.prepare_session("", init_fn=lambda s: s.run(two)).run(x) == 2.0
    fed = made.prepare_session("", init_op=init, init_feed_dict={"v/initial_value:0": 9.0})
    assert fed.run(x) == 9.0
    local = manager(tf, local_init_op=init, local_init_feed_dict={"v/initial_value:0": 5.0})
    assert local.prepare_session("").run(x) == 5.0


def test_a_session_is_restored_rather_than_initialized(tf, saved):
    x, saver, folder = saved
    init, made = x.initializer, manager(tf)
    kept = made.prepare_session("", init_op=init, saver=saver, checkpoint_dir=folder)
    assert kept.run(x) == 7.0
    assert made.prepare_session("", init_op=init, checkpoint_dir=folder).run(x) == 1.0
    with raises(
        exact(
            "ValueError", "Can not provide both checkpoint_dir and checkpoint_filename_with_path."
        )
    ):
        made.prepare_session(
            "", saver=saver, checkpoint_dir=folder, checkpoint_filename_with_path=f"{folder}/m"
        )


def test_a_checkpoint_is_waited_for(tf, saved, tmp_path):
    x, saver, _ = saved
    init = x.initializer
    with messages(tf) as said:
        session = manager(tf).prepare_session(
            "",
            init_op=init,
            saver=saver,
            checkpoint_dir=str(tmp_path / "none"),
            wait_for_checkpoint=True,
            max_wait_secs=0.005,
        )
    assert session.run(x) == 1.0
    assert said == ["Waiting for checkpoint to be available."]


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        row(
            "nothing",
            {},
            "Model is not initialized and no init_op or init_fn or local_init_op was given",
        ),
        row(
            "an operation",
            {"init_op": "nothing"},
            "Init operations did not make model ready.  Init op: nothing, init fn: None, "
            "local_init_op: None, error: Variables not initialized: v, w",
        ),
    ],
)
def test_what_does_not_initialize_is_an_error(tf, more, wanted):
    for name in "vw":
        tf.Variable(1.0, name=name)
    made = manager(tf)
    given = {key: tf.no_op(name) for key, name in more.items()}
    with raises(exact("RuntimeError", wanted)):
        made.prepare_session("", **given)


def test_a_model_may_say_otherwise_that_it_is_not_ready(tf):
    x = tf.Variable(1.0, name="v")
    init, nothing = x.initializer, tf.no_op()
    made = manager(tf, ready_op=tf.assert_variables_initialized())
    assert made.prepare_session("", init_op=init).run(x) == 1.0
    with raises(core("RuntimeError", "Attempting to use uninitialized value v")):
        made.prepare_session("", init_op=nothing)


def test_a_session_is_recovered(tf, saved, tmp_path):
    x, saver, folder = saved
    made = manager(tf)
    assert made.recover_session("")[1] is False
    assert made.recover_session("", saver, str(tmp_path / "none"))[1] is False
    with messages(tf) as said:
        found, recovered = made.recover_session("", saver, folder)
    assert recovered is True
    assert found.run(x) == 7.0
    assert said == [
        f"Restoring parameters from {folder}/m",
        f"Restored model from {folder}",
    ]


def test_a_session_is_not_recovered_by_half(tf, saved):
    x, saver, folder = saved
    made = manager(tf, ready_op=tf.constant(["a", "b"]))
    with messages(tf) as said:
        found, recovered = made.recover_session("", saver, folder)
    assert recovered is False
    assert found.run(x) == 7.0
    assert said[-1] == (
        f"Restoring model from {folder} did not make model ready: Variables not initialized: a, b"
    )


def test_a_session_that_is_not_ready_is_waited_for(tf):
    tf.Variable(1.0)
    with raises(exact("DeadlineExceededError", "Session was not ready after waiting 0 secs.")):
        manager(tf).wait_for_session("", max_wait_secs=0.015)
    assert tf.train.SessionManager().wait_for_session("", max_wait_secs=0) is not None
