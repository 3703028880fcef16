"""The page of `tf.Session`: the class, its constructor, life and properties, sentence by sentence.

`docs/session_page.md` says which case stands for which sentence.
"""

from __future__ import annotations

from functools import cache

import pytest

from evergraph_conformance.api import tf as api
from evergraph_conformance.messages import core, exact, raises, row, typed

CLOSED = exact("RuntimeError", "Attempted to use a closed Session.")
UNINITIALISED = core("FailedPreconditionError", "Attempting to use uninitialized value")
NO_STRING = core("TypeError", "Expected binary or unicode string, got 3")
NOT_ITERABLE = core("TypeError", "'int' object is not iterable")


def initialised(tf, session):
    """Return a variable with the value 1.0 in the session."""
    v = tf.Variable(1.0, name="v")
    session.run(v.initializer)
    return v


# The class


def test_a_session_runs_operations(tf, session):
    v = initialised(tf, session)
    assert session.run(v.assign_add(1.0).op) is None
    assert session.run(v) == 2.0


def test_a_session_executes_operations_and_evaluates_tensors(tf, session):
    v = initialised(tf, session)
    assert session.run([v.assign_add(2.0).op, tf.constant(4.0)]) == [None, 4.0]
    assert session.run(v) == 3.0


def test_example_of_a_product(tf, capsys):
    tf.compat.v1.disable_eager_execution()
    a = tf.constant(5.0)
    b = tf.constant(6.0)
    c = a * b

    sess = tf.compat.v1.Session()

    print(sess.run(c))

    sess.close()
    assert capsys.readouterr().out == "30.0\n"


def test_a_session_owns_the_values_of_variables_and_queues(tf, session):
    v = initialised(tf, session)
    with tf.Session() as other:
        other.run(v.initializer)
        other.run(v.assign(7.0))
        assert other.run(v) == 7.0
        assert session.run(v) == 1.0
        queue = tf.FIFOQueue(3, tf.float32)
        session.run(queue.enqueue(2.0))
        assert (session.run(queue.size()), other.run(queue.size())) == (1, 0)


def test_a_session_releases_its_variables(tf, session):
    v = initialised(tf, session)
    session.close()
    with tf.Session() as later, raises(UNINITIALISED):
        later.run(v)


@pytest.mark.parametrize("how", ["close", "with"])
def test_resources_are_released_by_close_or_by_a_with_block(tf, how):
    sess = tf.Session()
    if how == "close":
        v = initialised(tf, sess)
        sess.close()
    else:
        with sess:
            v = initialised(tf, sess)
    with raises(CLOSED):
        sess.run(v)


def test_example_of_closing(tf):
    answer = tf.constant(42.0)

    sess = tf.compat.v1.Session()
    got = sess.run(answer)
    sess.close()

    assert got == 42.0
    with raises(CLOSED):
        sess.run(answer)


def test_example_of_a_with_block(tf):
    answer = tf.constant(42.0)

    with tf.compat.v1.Session() as sess:
        got = sess.run(answer)

    assert got == 42.0
    with raises(CLOSED):
        sess.run(answer)


def test_both_ways_of_closing_are_equivalent(tf):
    answer = tf.constant(42.0)
    first = tf.Session()
    got = [first.run(answer)]
    first.close()
    with tf.Session() as second:
        got.append(second.run(answer))
    assert got[0] == got[1]
    assert first._closed
    assert second._closed


def test_a_config_has_options_for_a_session(tf):
    config = tf.ConfigProto(device_count={"CPU": 2})
    with tf.Session(config=config) as sess:
        assert [d.name[-5:] for d in sess.list_devices() if d.device_type == "CPU"] == [
            "CPU:0",
            "CPU:1",
        ]


def test_soft_placement_lets_an_operation_run_elsewhere(tf):
    with tf.device("/device:GPU:77"):
        c = tf.constant(1.0) + 2.0
    with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
        assert sess.run(c) == 3.0
    with tf.Session() as sess, raises(core("InvalidArgumentError", "GPU:77")):
        sess.run(c)


@pytest.mark.needs("in_process")
def test_placement_is_logged(tf, capfd):
    a = tf.placeholder(tf.float32, [], name="a")
    c = tf.multiply(a, 2.0, name="c")
    with tf.Session(config=tf.ConfigProto(log_device_placement=True)) as sess:
        device = sess.list_devices()[0].name
        assert sess.run(c, {a: 2.0}) == 4.0
    logged = "".join(capfd.readouterr())
    assert f"c: (Mul): {device}" in logged


def test_example_of_a_config(tf):
    with tf.device("/device:GPU:77"):
        a = tf.placeholder(tf.float32, [])
        c = a * 2.0

    sess = tf.compat.v1.Session(
        config=tf.compat.v1.ConfigProto(allow_soft_placement=True, log_device_placement=True)
    )

    assert sess.run(c, {a: 2.0}) == 4.0
    sess.close()


def test_nothing_is_executed_eagerly(tf):
    assert not tf.executing_eagerly()
    with raises(
        exact(
            "ValueError",
            "Cannot evaluate tensor using `eval()`: No default session is "
            "registered. Use `with sess.as_default()` or pass an explicit session to "
            "`eval(session=sess)`",
        )
    ):
        tf.constant(1.0).eval()


# The constructor


def test_a_new_session_is_open(tf):
    c = tf.constant(1.0)
    with tf.Session() as sess:
        assert sess.run(c) == 1.0


def test_without_a_graph_the_default_graph_is_launched(tf):
    c = tf.constant(1.0)
    with tf.Session() as sess:
        assert sess.graph is tf.get_default_graph()
        assert sess.run(c) == 1.0


def test_every_graph_has_its_sessions_and_may_have_several(tf, session):
    c = tf.constant(1.0, name="c")
    with tf.Graph().as_default():
        d = tf.constant(2.0, name="d")
        with tf.Session() as other:
            assert other.run(d) == 2.0
            with raises(core("ValueError", "is not an element of this graph")):
                other.run(c)
    with tf.Session() as second:
        assert session.run(c) == second.run(c) == 1.0


def test_the_graph_may_be_passed_explicitly(tf):
    graph = tf.Graph()
    with graph.as_default():
        c = tf.constant(3.0)
    with tf.Session(graph=graph) as sess:
        assert sess.graph is graph
        assert sess.run(c) == 3.0


def test_the_target_is_optional(tf):
    with tf.Session(target="") as given, tf.Session() as omitted:
        assert given.sess_str == omitted.sess_str
    with raises(typed("TypeError")):
        tf.Session(target=3)


@pytest.mark.needs("in_process")
def test_the_default_target_is_this_process(tf):
    c = tf.constant(1.0)
    with tf.Session() as sess:
        assert sess.sess_str == b""
        assert sess.run(c) == 1.0


def test_the_graph_is_optional(tf):
    with tf.Session(graph=None) as sess:
        assert sess.graph is tf.get_default_graph()
    with raises(exact("TypeError", 'Argument `graph` must be a tf.Graph, but got "int"')):
        tf.Session(graph=3)


def test_the_config_is_optional(tf):
    c = tf.constant(1.0)
    for config in (None, tf.ConfigProto()):
        with tf.Session(config=config) as sess:
            assert sess.run(c) == 1.0
    with raises(exact("TypeError", 'Argument `config` must be a tf.ConfigProto, but got "dict"')):
        tf.Session(config={})


# close


def test_close_closes(tf, session):
    c = tf.constant(1.0)
    assert session.run(c) == 1.0
    session.close()
    with raises(CLOSED):
        session.run(c)


def test_close_frees_all_resources(tf, session):
    v = initialised(tf, session)
    session.close()
    with tf.Session() as later:
        assert later.run(tf.report_uninitialized_variables([v])).tolist() == [b"v"]


def test_close_raises_nothing_where_nothing_fails(tf, session):
    with raises(typed("OpError")):
        session.run(tf.placeholder(tf.float32) + 1.0)
    session.close()
    session.close()


# Properties


def test_the_graph_is_the_one_launched(tf, session):
    assert session.graph is tf.get_default_graph()
    session.close()
    assert session.graph is tf.get_default_graph()


def test_the_graph_def_can_be_written_and_read(tf, session):
    tf.constant(1.5, name="c")
    written = session.graph_def.SerializeToString()
    with tf.Graph().as_default():
        (c,) = tf.import_graph_def(tf.GraphDef.FromString(written), return_elements=["c:0"])
        with tf.Session() as other:
            assert other.run(c) == 1.5


def test_the_graph_def_has_a_node_for_every_operation(tf, session):
    tf.no_op("o")
    c = tf.constant(1.0, name="c")
    tf.negative(c, name="n")
    got = session.graph_def
    assert type(got).__name__ == "GraphDef"
    assert [node.name for node in got.node] == ["o", "c", "n"]
    tf.no_op("later")
    assert [node.name for node in session.graph_def.node] == ["o", "c", "n", "later"]


@pytest.mark.needs("in_process")
def test_the_target_is_told(session):
    assert session.sess_str == b""


# list_devices


def test_the_devices_of_a_session_are_listed(session):
    assert len(session.list_devices()) >= 1


def test_example_of_devices(tf, capsys):
    sess = tf.compat.v1.Session()

    devices = sess.list_devices()
    for d in devices:
        print(d.name)

    sess.close()
    assert capsys.readouterr().out.splitlines() == [d.name for d in devices]


def test_a_device_has_its_full_name(session):
    for d in session.list_devices():
        assert d.name.startswith("/job:localhost/replica:0/task:0/device:")


def test_a_device_has_its_type(session):
    for d in session.list_devices():
        assert d.name.split("device:")[-1].split(":")[0] == d.device_type
        assert d.device_type.isupper()


def test_a_device_has_its_memory(session):
    for d in session.list_devices():
        assert isinstance(d.memory_limit_bytes, int)
        assert d.memory_limit_bytes >= 0


def test_the_devices_of_a_closed_session_are_an_error(session):
    session.close()
    with raises(exact("CancelledError", "Session has been closed.")):
        session.list_devices()


def test_devices_come_as_a_list(session):
    devices = session.list_devices()
    assert type(devices) is list
    assert len({d.name for d in devices}) == len(devices)


# reset


@pytest.mark.needs("in_process")
def test_reset_closes_all_sessions_of_its_target(tf, session):
    c = tf.constant(1.0)
    other = tf.Session()
    assert [s.run(c) for s in (session, other)] == [1.0, 1.0]
    tf.Session.reset("")
    for sess in (session, other):
        with raises(exact("CancelledError", "Session has been closed.")):
            sess.run(c)
        sess.close()


def test_variables_have_no_value_after_a_reset(tf, session):
    v = initialised(tf, session)
    tf.Session.reset("")
    with tf.Session() as later, raises(UNINITIALISED):
        later.run(v)


def test_without_containers_all_are_reset(tf, session):
    with tf.container("mine"):
        v = tf.Variable(1.0, name="v")
    session.run(v.initializer)
    tf.Session.reset("", containers=None)
    with tf.Session() as later, raises(UNINITIALISED):
        later.run(v)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        row("target", {"target": 3}, typed("TypeError")),
        row("config", {"target": "", "config": {}}, typed("TypeError")),
        row("containers", {"target": "", "containers": 3}, NOT_ITERABLE),
        row("container", {"target": "", "containers": ["a", 3]}, NO_STRING),
        row("no container", {"target": "bogus", "containers": [None]}, typed("TypeError")),
    ],
)
def test_the_arguments_of_reset_are_checked(tf, arguments, error):
    with raises(error):
        tf.Session.reset(**arguments)


@pytest.mark.needs("in_process")
@pytest.mark.parametrize(
    "containers", [[], ["mine"], ["another"], ("mine", b"another"), "mine", {"mine": 1}]
)
def test_whatever_containers_are_named_sessions_of_this_process_are_closed(tf, session, containers):
    with tf.container("mine"):
        v = tf.Variable(1.0, name="v")
    session.run(v.initializer)
    tf.Session.reset("", containers)
    with raises(exact("CancelledError", "Session has been closed.")):
        session.run(v)
    with tf.Session() as later, raises(UNINITIALISED):
        later.run(v)


@pytest.mark.needs("in_process")
def test_reset_takes_a_config(tf, session):
    tf.Session.reset("", None, tf.ConfigProto())
    with raises(typed("CancelledError")):
        session.run(tf.constant(1.0))


def test_a_target_that_there_is_not_cannot_be_reset(tf):
    with raises(core("NotFoundError", "No session factory registered")):
        tf.Session.reset("bogus")


# Of servers


@pytest.fixture
def target(tf):
    """The target of a server where nothing is left."""
    target = local_target()
    tf.Session.reset(target)
    return target


@cache
def local_target():
    # As in TensorFlow, a server runs as long as its process.
    return api.train.Server.create_local_server().target


@pytest.mark.needs("servers")
def test_the_target_is_the_engine_to_connect_to(tf, target):
    v = tf.Variable(1.0, name="v")
    with tf.Session(target) as sess:
        sess.run(v.initializer)
        assert sess.sess_str == target.encode()
    with tf.Session(target=target) as later:
        assert later.run(v) == 1.0


@pytest.mark.needs("servers")
def test_a_container_is_that_of_all_sessions_of_a_target(tf, target):
    with tf.container("mine"):
        v = tf.Variable(1.0, name="v")
    with tf.Session(target) as one, tf.Session(target) as other:
        one.run(v.initializer)
        assert other.run(v) == 1.0


@pytest.mark.needs("servers")
def test_resources_of_a_container_are_cleared(tf, target):
    with tf.container("mine"):
        v = tf.Variable(1.0, name="v")
        queue = tf.FIFOQueue(2, tf.float32, shared_name="q")
    put, size = queue.enqueue(1.0), queue.size()
    with tf.Session(target) as sess:
        sess.run([v.initializer, put])
        assert sess.run(size) == 1
    tf.Session.reset(target, ["mine"])
    with tf.Session(target) as later:
        assert later.run(size) == 0
        with raises(UNINITIALISED):
            later.run(v)


@pytest.mark.needs("servers")
def test_reset_is_of_one_server(tf, target):
    v = tf.Variable(1.0, name="v")
    other = api.train.Server.create_local_server().target
    with tf.Session(other) as sess:
        sess.run(v.initializer)
        tf.Session.reset(target)
        assert sess.run(v) == 1.0


@pytest.mark.needs("servers")
def test_reset_closes_the_sessions_of_its_server(tf, target):
    c = tf.constant(1.0)
    sessions = [tf.Session(target) for _ in range(2)]
    assert [sess.run(c) for sess in sessions] == [1.0, 1.0]
    tf.Session.reset(target, ["a container"])
    for sess in sessions:
        with raises(core("AbortedError", "is not found.")):
            sess.run(c)
