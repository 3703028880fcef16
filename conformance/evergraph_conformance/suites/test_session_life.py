"""A session from its construction to its end, and a graph that changes meanwhile."""

from __future__ import annotations

import pytest

from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside

pytestmark = pytest.mark.uses("AddV2", "Identity")


CLOSED = exact("RuntimeError", "Attempted to use a closed Session.")


CPU = "/job:localhost/replica:0/task:0/device:CPU:{}"


@pytest.fixture
def c(tf):
    """A constant 5.0 named `c`."""
    return tf.constant(5.0, name="c")


# Construction


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        row(
            "101 a config as target",
            lambda tf: {"target": tf.ConfigProto()},
            'Argument `target` must be a string, but got "ConfigProto". Did you do '
            '"Session(config)" instead of "Session(config=config)"?',
        ),
        row(
            "102 an int as target",
            lambda tf: {"target": 3},
            'Argument `target` must be a string, but got "int"',
        ),
        row(
            "103 a dict as config",
            lambda tf: {"config": {}},
            'Argument `config` must be a tf.ConfigProto, but got "dict"',
        ),
        row(
            "104 an int as graph",
            lambda tf: {"graph": 3},
            'Argument `graph` must be a tf.Graph, but got "int"',
        ),
        row(
            "105 a GraphDef as graph",
            lambda tf: {"graph": tf.GraphDef()},
            'Argument `graph` must be a tf.Graph, but got "GraphDef"',
        ),
    ],
)
def test_an_argument_of_another_type_is_refused(tf, arguments, error):
    with raises(exact("TypeError", error)):
        tf.Session(**arguments(tf))


@pytest.mark.parametrize(
    "target", [row("106 word", "bogus"), row("107 address", "bogus://x"), row("108", "local")]
)
def test_an_unknown_target_is_not_found(tf, target):
    with raises(
        core(
            "NotFoundError",
            f'No session factory registered for the given session options: {{target: "{target}"',
        )
    ):
        tf.Session(target)


@pytest.mark.needs("in_process")
def test_a_session_shows_its_target_and_its_graph(tf, session, c):
    """Row 109."""
    assert session.sess_str == b""
    assert session.graph is tf.get_default_graph()
    assert type(session.graph_def).__name__ == "GraphDef"
    assert [node.name for node in session.graph_def.node] == ["c"]


def test_a_session_runs_the_graph_that_it_is_given(tf, c):
    other = tf.Graph()
    with other.as_default():
        d = tf.constant(7.0)
    with tf.Session(graph=other) as sess:
        assert sess.run(d) == 7.0
    with tf.Session(graph=c.graph) as sess:
        assert sess.run(c) == 5.0


def test_a_session_runs_the_graph_that_was_the_default_when_it_was_made(tf, session, c):
    with tf.Graph().as_default():
        assert session.run(c) == 5.0
        assert session.graph is c.graph


def test_nothing_is_eager(tf):
    """Rows 340 to 342: a thread of its own begins with the default graph of the process."""

    def work():
        c, p = tf.constant(1.0), tf.placeholder(tf.float32, [])
        assert c.graph is p.graph is tf.get_default_graph()
        with tf.Session() as session:
            return session.run(c), session.run(p + c, {p: 2.0})

    assert beside(work).result(PATIENCE) == (1.0, 3.0)


def test_isolating_the_state_changes_nothing_in_one_process(tf, c):
    """Row 135."""
    with tf.Session(config=tf.ConfigProto(isolate_session_state=True)) as sess:
        assert sess.run(c) == 5.0


def test_a_config_is_not_changed_and_may_change_afterwards(tf, c):
    config = tf.ConfigProto(allow_soft_placement=True)
    before = config.SerializeToString()
    with tf.Session(config=config) as sess:
        config.allow_soft_placement = False
        assert sess.run(c) == 5.0
    config.allow_soft_placement = True
    assert config.SerializeToString() == before


# Devices


def test_devices_are_listed(session):
    """Row 99."""
    first = session.list_devices()[0]
    assert first.name == CPU.format(0)
    assert first.device_type == "CPU"
    assert isinstance(first.memory_limit_bytes, int)
    assert first.memory_limit_bytes > 0
    assert repr(first) == (
        f"_DeviceAttributes({first.name}, CPU, {first.memory_limit_bytes}, {first.incarnation})"
    )


def test_more_cpu_devices_can_be_asked_for(tf):
    """Row 100."""
    with tf.device("/cpu:2"):
        c = tf.identity(tf.constant(5.0))
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 3})) as sess:
        names = [d.name for d in sess.list_devices()]
        assert [n for n in names if "CPU" in n] == [CPU.format(i) for i in range(3)]
        assert sess.run(c) == 5.0


@pytest.mark.parametrize("count", [0, -1, -5])
def test_there_is_no_session_without_a_cpu(tf, count):
    config = tf.ConfigProto(device_count={"CPU": count})
    with raises(core("NotFoundError", "No CPU devices are available in this process")):
        tf.Session(config=config)


@pytest.mark.parametrize("count", [0, -1])
def test_there_may_be_no_device_of_another_type(tf, count):
    config = tf.ConfigProto(device_count={"GPU": count, "UNHEARD_OF": count})
    with tf.Session(config=config) as sess:
        assert {d.device_type for d in sess.list_devices()} == {"CPU"}
        assert sess.run(tf.constant(1.0)) == 1.0


# The end


def test_an_empty_graph_cannot_be_run(session):
    """Row 92."""
    with raises(
        exact(
            "RuntimeError",
            "The Session graph is empty. Add operations to the graph before calling run().",
        )
    ):
        session.run([])


def test_a_closed_session_cannot_be_run(session, c):
    """Row 93."""
    session.close()
    with raises(CLOSED):
        session.run(c)


def test_a_session_that_has_run_cannot_be_run_once_closed(session, c):
    assert session.run(c) == 5.0
    session.close()
    with raises(CLOSED):
        session.run(c)


def test_a_with_block_closes_its_session(tf, c):
    """Row 94."""
    with tf.Session() as sess:
        assert sess.run(c) == 5.0
    with raises(CLOSED):
        sess.run(c)


def test_closing_twice_does_nothing(session, c):
    """Row 95."""
    session.run(c)
    assert session.close() is None
    assert session.close() is None


def test_a_callable_of_a_closed_session_is_cancelled(session, c):
    """Row 96."""
    function = session.make_callable(c)
    assert function() == 5.0
    session.close()
    with raises(exact("CancelledError", "Session has been closed.")):
        function()


def test_a_callable_with_feeds_of_a_closed_session_cannot_be_run(tf, session):
    p = tf.placeholder(tf.float32, [])
    function = session.make_callable(p + 1.0, [p])
    assert function(1.0) == 2.0
    session.close()
    with raises(CLOSED):
        function(1.0)


def test_the_devices_of_a_closed_session_are_not_listed(session):
    """Row 97."""
    session.close()
    with raises(exact("CancelledError", "Session has been closed.")):
        session.list_devices()


def test_a_closed_session_still_shows_its_graph(session, c):
    session.close()
    assert session.graph is c.graph
    assert len(session.graph_def.node) == 1


def test_a_block_left_by_an_error_closes_the_session_and_raises_it(tf, c):
    with pytest.raises(KeyError, match="mine"), tf.Session() as sess:
        raise KeyError("mine")
    with raises(CLOSED):
        sess.run(c)


@pytest.mark.needs("in_process")
def test_reset_closes_the_sessions_of_this_process(tf, session, c):
    """Row 128."""
    assert session.run(c) == 5.0
    tf.Session.reset("")
    with raises(exact("CancelledError", "Session has been closed.")):
        session.run(c)
    with tf.Session() as later:
        assert later.run(c) == 5.0


@pytest.mark.needs("in_process")
def test_a_reset_that_fails_closes_nothing(tf, session, c):
    with raises(core("TypeError", "Expected binary or unicode string, got 3")):
        tf.Session.reset("", ["mine", 3])
    assert session.run(c) == 5.0


# Changes of the graph


def test_a_graph_may_grow_between_runs(tf, session, c):
    """Row 125."""
    assert session.run(c) == 5.0
    assert session.run(c + 1.0) == 6.0
    assert session.run([c, tf.identity(c) + 2.0]) == [5.0, 7.0]


def test_an_input_replaced_before_the_first_run_counts(tf, session, c):
    """Row 126."""
    e = tf.constant(6.0)
    assert session.run(c) == 5.0
    d = tf.identity(c)
    d.op._update_input(0, e)
    assert session.run(d) == 6.0


# TF: a session keeps the nodes that it has run as they were; a new session has the new ones.
def test_an_input_replaced_after_a_run_counts_as_well(tf, session, c):
    """Row 126."""
    e, d = tf.constant(6.0), tf.identity(c)
    assert session.run(d) == 5.0
    d.op._update_input(0, e)
    assert session.run(d) == 6.0


@pytest.mark.uses("AddV2")
def test_an_input_that_does_not_fit_is_not_replaced(tf, session):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.add(x, x, name="y")
    text = "Cannot update edge, incompatible shapes: [3] and [2]."
    with raises(core("InvalidArgumentError", text)):
        y.op._update_input(0, tf.placeholder(tf.float32, [3]))
    text = "Cannot update edge. Input index [5] is greater than the number of total inputs [2]."
    with raises(core("OutOfRangeError", text)):
        y.op._update_input(5, x)
    y.op._update_input(1, tf.placeholder(tf.float32, [None], name="z"))
    assert session.run(y, {x: [1.0, 2.0], "z:0": [3.0, 4.0]}).tolist() == [4.0, 6.0]


def test_a_function_is_called_as_the_runtime_is(session, c):
    assert session._do_call(lambda a, b: a + b, 1, 2) == 3


def test_a_new_session_has_an_input_replaced_after_a_run(tf, session, c):
    """Row 126."""
    e, d = tf.constant(6.0), tf.identity(c)
    assert session.run(d) == 5.0
    d.op._update_input(0, e)
    with tf.Session() as later:
        assert later.run(d) == 6.0


def test_an_attribute_set_after_a_run_is_no_error(tf, session, c):
    """Row 127."""
    assert session.run(c) == 5.0
    c.op._set_attr("_note", tf.AttrValue(i=1))
    assert session.run(c) == 5.0


def test_a_finalized_graph_runs_but_cannot_grow(tf, session, c):
    """Row 133."""
    tf.get_default_graph().finalize()
    assert session.run(c) == 5.0
    with raises(exact("RuntimeError", "Graph is finalized and cannot be modified.")):
        tf.constant(1.0)


def test_no_target_is_this_process(tf, c):
    with tf.Session(None) as session:
        assert session.run(c) == 5.0


@pytest.mark.uses("VariableV2", "Identity")
def test_the_first_read_of_a_variable_without_a_value_is_what_fails(tf, session):
    v = tf.Variable(1.0, name="v")
    with raises(
        core("FailedPreconditionError", "Attempting to use uninitialized value v")
    ) as found:
        session.run(tf.identity(tf.identity(v), name="late"))
    assert found.value.op.name == "v/read"
