"""Servers, clusters, and sessions of their targets; each server runs in this process."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from evergraph_conformance.api import tf as api
from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.needs("servers")

GONE = core("AbortedError", "is not found.")


@cache
def local_server():
    # As in TensorFlow, a server runs as long as its process.
    return api.train.Server.create_local_server()


@pytest.fixture
def server(tf):
    """A server where nothing is left."""
    tf.Session.reset(local_server().target)
    return local_server()


def uninitialised(name):
    return core("FailedPreconditionError", f"Attempting to use uninitialized value {name}")


# Sessions of a target


def test_variables_outlive_sessions(tf, server):
    """Row 307."""
    assert server.target.startswith("grpc://localhost:")
    v = tf.Variable(1.0, name="v")
    with tf.Session(server.target) as sess:
        sess.run(v.initializer)
        sess.run(v.assign_add(1.0))
    with tf.Session(server.target) as sess:
        assert sess.run(v) == 2.0
        assert sess.sess_str == server.target.encode()


def test_a_reset_clears_variables(tf, server):
    """Row 308."""
    v = tf.Variable(1.0, name="vv2")
    with tf.Session(server.target) as sess:
        sess.run(v.initializer)
    tf.Session.reset(server.target)
    with tf.Session(server.target) as sess, raises(uninitialised("vv2")) as caught:
        sess.run(v)
    assert "From /job:localhost/replica:0/task:0:\n" in str(caught.value)


def test_a_reset_ends_other_sessions(tf, server):
    """Row 309."""
    c = tf.constant(1.0)
    sess = tf.Session(server.target)
    assert sess.run(c) == 1.0
    tf.Session.reset(server.target)
    with raises(GONE):
        sess.run(c)
    with raises(GONE):
        sess.partial_run_setup([c])
    with raises(GONE):
        sess.make_callable(c)()


def test_one_container_is_reset(tf, server):
    """Row 310."""
    v = tf.Variable(2.0, name="v")
    with tf.container("mine"):
        w = tf.Variable(3.0, name="w")
    with tf.Session(server.target) as sess:
        sess.run([v.initializer, w.initializer])
    tf.Session.reset(server.target, ["mine"])
    with tf.Session(server.target) as sess:
        assert sess.run(v) == 2.0
        with raises(uninitialised("w")):
            sess.run(w)


def test_several_containers_are_reset(tf, server):
    variables = []
    for name in ("one", "two", "three"):
        with tf.container(name):
            variables.append(tf.Variable(1.0, name=f"in_{name}"))
    with tf.Session(server.target) as sess:
        sess.run([v.initializer for v in variables])
    tf.Session.reset(server.target, containers=["one", "three"])
    with tf.Session(server.target) as later:
        assert later.run(variables[1]) == 1.0
        for v in (variables[0], variables[2]):
            with raises(uninitialised(v.op.name)):
                later.run(v)
    with raises(typed("TypeError")):
        tf.Session.reset(server.target, containers=[1])


def test_where_nobody_listens_the_time_runs_out(tf):
    """Row 311."""
    c = tf.constant(1.0)
    config = tf.ConfigProto(operation_timeout_in_ms=300)
    with raises(core("DeadlineExceededError", "Deadline Exceeded")):
        tf.Session("grpc://127.0.0.1:1", config=config).run(c)
    with raises(core("DeadlineExceededError", "Deadline Exceeded")):
        tf.Session.reset("grpc://127.0.0.1:1", config=config)


@pytest.mark.parametrize("text", ["", "localhost", "localhost:x"])
def test_what_is_no_address_is_refused(tf, text):
    """Row 312."""
    with raises(core("InvalidArgumentError", f'Could not interpret "{text}" as a host-port pair.')):
        tf.Session(f"grpc://{text}")


def test_sessions_share_what_has_a_shared_name(tf, server):
    private = tf.FIFOQueue(3, tf.float32)
    shared = tf.FIFOQueue(3, tf.float32, shared_name="shared")
    drawn = tf.random_uniform([], seed=3)
    with tf.Session(server.target) as one, tf.Session(server.target) as other:
        one.run([private.enqueue(1.0), shared.enqueue(1.0)])
        assert [s.run(private.size()) for s in (one, other)] == [1, 0]
        assert [s.run(shared.size()) for s in (one, other)] == [1, 1]
        first = one.run(drawn)
        assert other.run(drawn) == first
        assert one.run(drawn) != first


def test_an_isolated_session_has_its_own_variables(tf, server):
    v = tf.Variable(2.0, name="v")
    with tf.Session(server.target) as sess:
        sess.run(v.initializer)
        isolated = tf.Session(server.target, config=tf.ConfigProto(isolate_session_state=True))
        with isolated, raises(uninitialised("v")):
            isolated.run(v)


def test_a_python_function_runs_in_its_process(tf, server):
    y = tf.py_func(lambda x: x + 1.0, [tf.constant(1.0)], tf.float32)
    with tf.Session(server.target) as sess:
        assert sess.run(y) == 2.0


@pytest.mark.dtypes("float64")
def test_values_go_both_ways(tf, server):
    x = tf.placeholder(tf.float64, [None])
    value = np.arange(500_000.0)
    with tf.Session(server.target) as sess:
        np.testing.assert_array_equal(sess.run(x * 2.0, {x: value}), value * 2.0)
        assert sess.run(tf.constant([["a"], ["b"]])).tolist() == [[b"a"], [b"b"]]


def test_devices_are_those_of_the_task(tf):
    server = tf.train.Server({"worker": {3: "localhost:0"}}, task_index=3)
    tf.constant(1.0)
    with tf.Session(server.target) as sess:
        names = [d.name for d in sess.list_devices() if d.device_type == "CPU"]
    assert names[0] == "/job:worker/replica:0/task:3/device:CPU:0"


# ClusterSpec


@pytest.mark.parametrize("cluster", [row("313 list", [1]), row("313 none", None)])
def test_what_is_no_cluster_is_refused(tf, cluster):
    with raises(
        exact(
            "TypeError",
            "`cluster` must be a dictionary mapping one or more job names to lists of network "
            "addresses, or a `ClusterDef` protocol buffer",
        )
    ):
        tf.train.ClusterSpec(cluster)


@pytest.mark.parametrize(
    ("tasks", "error"),
    [
        row(
            "314 word",
            "a:1",
            exact(
                "TypeError",
                "The tasks for job 'w' must be a list or a dictionary from integers to strings.",
            ),
        ),
        row("number", [1], exact("TypeError", "Task address 1 must be bytes or unicode")),
        row("key", {"a": "b:1"}, core("ValueError", "invalid literal for int()")),
    ],
)
def test_what_are_no_tasks_is_refused(tf, tasks, error):
    with raises(error):
        tf.train.ClusterSpec({"w": tasks})


@pytest.mark.parametrize(
    "ask",
    [
        row("315", lambda cluster: cluster.task_address("ps", 0)),
        row("tasks", lambda cluster: cluster.num_tasks("ps")),
        row("indices", lambda cluster: cluster.task_indices("ps")),
        row("addresses", lambda cluster: cluster.job_tasks("ps")),
    ],
)
def test_a_job_that_there_is_not_is_an_error(tf, ask):
    with raises(exact("ValueError", "No such job in cluster: 'ps'")):
        ask(tf.train.ClusterSpec({"w": ["a:1"]}))


def test_a_task_that_there_is_not_is_an_error(tf):
    """Row 316."""
    with raises(exact("ValueError", "No task with index 3 in job 'w'")):
        tf.train.ClusterSpec({"w": ["a:1"]}).task_address("w", 3)


def test_a_cluster_tells_its_tasks(tf):
    cluster = tf.train.ClusterSpec({"w": ["a:1", "b:1"], "ps": {1: "c:1", 3: "d:1"}})
    assert sorted(cluster.jobs) == ["ps", "w"]
    assert cluster.num_tasks("w") == 2
    assert cluster.task_indices("ps") == [1, 3]
    assert cluster.task_address("ps", 3) == "d:1"
    assert cluster.job_tasks("ps") == [None, "c:1", None, "d:1"]
    assert cluster.as_dict() == {"w": ["a:1", "b:1"], "ps": {1: "c:1", 3: "d:1"}}
    assert str(cluster) == "ClusterSpec({'ps': {1: 'c:1', 3: 'd:1'}, 'w': ['a:1', 'b:1']})"
    assert cluster
    assert not tf.train.ClusterSpec({})


def test_clusters_are_equal_by_their_tasks(tf):
    one = tf.train.ClusterSpec({"w": ["a:1"]})
    assert one == tf.train.ClusterSpec(one)
    assert one == tf.train.ClusterSpec(one.as_cluster_def())
    assert one != tf.train.ClusterSpec({"w": ["b:1"]})
    with raises(typed("TypeError")):
        hash(one)


# Server


def test_a_job_that_is_not_of_the_cluster_is_refused(tf):
    """Row 317."""
    with raises(exact("InternalError", 'Job "ps" was not defined in cluster')):
        tf.train.Server({"w": ["localhost:0"]}, job_name="ps", task_index=0)


def test_a_task_that_is_not_of_the_job_is_refused(tf):
    with raises(exact("InternalError", 'Task 5 was not defined in job "w"')):
        tf.train.Server({"w": ["localhost:0"]}, job_name="w", task_index=5)


@pytest.mark.parametrize(
    ("cluster", "options", "text"),
    [
        row(
            "318",
            {"w": ["localhost:0"], "ps": ["localhost:0"]},
            {},
            "Must specify an explicit `job_name`.",
        ),
        row(
            "task",
            {"w": ["localhost:0", "localhost:0"]},
            {"job_name": "w"},
            "Must specify an explicit `task_index`.",
        ),
    ],
)
def test_what_does_not_follow_is_to_be_named(tf, cluster, options, text):
    with raises(exact("ValueError", text)):
        tf.train.Server(cluster, **options)


def test_a_protocol_that_there_is_not_is_not_found(tf):
    """Row 319."""
    with raises(
        core("NotFoundError", "No server factory registered for the given ServerDef:")
    ) as caught:
        tf.train.Server({"w": ["localhost:0"]}, protocol="loverboy")
    assert 'protocol: "loverboy"' in str(caught.value)
    assert "The available server factories are: [ GRPC_SERVER ]" in str(caught.value)


def test_what_is_no_cluster_makes_no_server(tf):
    with raises(
        exact(
            "TypeError",
            "Could not convert `server_or_cluster_def` to a `tf.train.ServerDef` or "
            "`tf.train.ClusterSpec`.",
        )
    ):
        tf.train.Server(3)


@pytest.mark.parametrize("address", ["localhost", "localhost:x"])
def test_a_server_needs_a_port(tf, address):
    with raises(
        exact("InvalidArgumentError", f'Could not parse port for local server from "{address}".')
    ):
        tf.train.Server({"w": [address]})


def test_a_server_tells_what_it_is(tf):
    config = tf.ConfigProto(operation_timeout_in_ms=60_000)
    server = tf.train.Server({"w": ["localhost:0"]}, config=config, start=False)
    told = server.server_def
    assert (told.job_name, told.task_index, told.protocol) == ("w", 0, "grpc")
    assert told.cluster.job[0].tasks[0] == "localhost:0"
    assert told.default_session_config.operation_timeout_in_ms == 60_000
    assert tf.train.Server(told, start=False).server_def == told
    server.start()
    server.start()
    with tf.Session(server.target) as sess:
        assert sess.run(tf.constant(1.0)) == 1.0


# replica_device_setter


def devices(tf, function):
    with tf.device(function):
        v = tf.Variable([1.0], name="v")
        w = tf.Variable([1.0], name="w")
        total = tf.add(v, w, name="total")
        with tf.device("/cpu:0"):
            pinned = tf.identity(total, name="pinned")
        with tf.device("/job:other"):
            x = tf.Variable([1.0], name="x")
    return [op.device for op in (v.op, v.initializer, w.op, total.op, pinned.op, x.op)]


CLUSTER = {"ps": ["p:1", "p:2"], "worker": ["w:1"]}
FIRST, SECOND = "/job:ps/task:0", "/job:ps/task:1"


@pytest.mark.parametrize(
    ("options", "placed"),
    [
        row(
            "cluster",
            {"cluster": CLUSTER},
            [FIRST, FIRST, SECOND, "/job:worker", "/job:worker/device:CPU:0", "/job:other"],
        ),
        row(
            "worker",
            {"ps_tasks": 2, "worker_device": "/job:worker/task:3/gpu:0", "ps_device": "/job:ps"},
            [
                FIRST,
                FIRST,
                SECOND,
                "/job:worker/task:3/device:GPU:0",
                "/job:worker/task:3/device:CPU:0",
                "/job:other",
            ],
        ),
        row(
            "unmerged",
            {"ps_tasks": 1, "merge_devices": False},
            [FIRST, FIRST, FIRST, "/job:worker", "/device:CPU:0", "/job:other"],
        ),
        row(
            "strategy",
            {"ps_tasks": 2, "ps_strategy": lambda op: 7},
            [
                "/job:ps/task:7",
                "/job:ps/task:7",
                "/job:ps/task:7",
                "/job:worker",
                "/job:worker/device:CPU:0",
                "/job:other",
            ],
        ),
        row(
            "ops",
            {"ps_tasks": 2, "ps_ops": ["AddV2"]},
            [
                "/job:worker",
                "/job:worker",
                "/job:worker",
                FIRST,
                "/job:worker/device:CPU:0",
                "/job:other",
            ],
        ),
    ],
)
def test_variables_go_to_parameter_servers(tf, options, placed):
    assert devices(tf, tf.train.replica_device_setter(**options)) == placed


@pytest.mark.parametrize("options", [{}, {"cluster": {"worker": ["w:1"]}}])
def test_without_parameter_servers_nothing_is_placed(tf, options):
    assert tf.train.replica_device_setter(**options) is None


def test_a_strategy_is_a_function(tf):
    with raises(exact("TypeError", "ps_strategy must be callable")):
        tf.train.replica_device_setter(2, ps_strategy=3)
