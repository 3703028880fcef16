"""`Session.make_callable`, and the options and metadata of a run."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses("AddV2", "Identity", "Mul")


@pytest.fixture
def c(tf):
    """A constant 5.0 named `c`."""
    return tf.constant(5.0, name="c")


@pytest.fixture
def p(tf):
    """A scalar placeholder named `p`."""
    return tf.placeholder(tf.float32, [], "p")


def test_a_callable_runs_its_fetch(session, c):
    """Row 136."""
    function = session.make_callable(c)
    assert function() == function() == 5.0


def test_arguments_are_values_of_the_feed_list(tf, session, p):
    q = tf.placeholder(tf.float32, [None], "q")
    function = session.make_callable(q * p, [p, q])
    assert function(2.0, [1.0, 2.0]).tolist() == [2.0, 4.0]
    assert function(3, np.array([1, 2, 3])).tolist() == [3.0, 6.0, 9.0]


@pytest.mark.parametrize("feed_list", [("p:0",), ["p:0"], [b"p:0"]])
def test_a_feed_list_may_hold_names(session, p, feed_list):
    assert session.make_callable(p + 1.0, feed_list)(2.0) == 3.0


def test_a_callable_gives_the_structure_of_its_fetches(session, c, p):
    function = session.make_callable({"a": c, "b": [p + 1.0, (c.op,)], "p": "p:0"}, [p])
    for value in (2.0, 3.0):
        got = function(value)
        assert got == {"a": 5.0, "b": [value + 1.0, (None,)], "p": value}
        assert isinstance(got["p"], np.ndarray)


def test_a_callable_of_an_operation_gives_none(session, c, p):
    assert session.make_callable(c.op)() is None
    assert session.make_callable((p + 1.0).op, [p])(1.0) is None
    assert session.make_callable([], [p])(1.0) == []


def test_a_fed_tensor_may_be_fetched(session, p):
    value = np.array(1.0, np.float32)
    assert session.make_callable(p, [p])(value) is value
    fed, more = session.make_callable([p, p + 1.0], [p])(value)
    assert fed is value
    assert more == 2.0


def test_too_few_arguments_leave_a_placeholder_unfed(session, p):
    """Row 137."""
    function = session.make_callable(p * 2.0, [p])
    error = exact(
        "InvalidArgumentError",
        "You must feed a value for placeholder tensor 'p' with dtype float",
    )
    with raises(error):
        function()
    assert function(1.0) == 2.0
    with raises(error):
        function()


def test_too_many_arguments_are_ignored(session, p):
    """Row 138."""
    function = session.make_callable(p * 2.0, [p])
    assert function(1.0, 7.0, None) == 2.0
    assert function(2.0) == 4.0


def test_without_a_feed_list_there_are_no_arguments(session, c):
    function = session.make_callable(c)
    with raises(core("TypeError", "takes 0 positional arguments but 1 was given")):
        function(1.0)


@pytest.mark.parametrize(
    ("feed_list", "shown"),
    [
        row("139 tensor", lambda p: p, 'Tensor("p:0", shape=(), dtype=float32)'),
        row("name", lambda p: "p:0", "p:0"),
    ],
)
def test_a_feed_list_that_is_no_list_is_refused(session, p, feed_list, shown):
    with raises(
        exact(
            "TypeError",
            f"Argument `feed_list` must be a list or tuple. Received: feed_list={shown}",
        )
    ):
        session.make_callable(p, feed_list(p))


def test_options_must_be_asked_for(tf, session, c):
    """Row 140."""
    function = session.make_callable(c)
    with raises(core("TypeError", "got an unexpected keyword argument 'options'")):
        function(options=tf.RunOptions())
    assert session.make_callable(c, accept_options=True)(options=tf.RunOptions()) == 5.0


@pytest.mark.parametrize(
    ("fetches", "error"),
    [
        row(
            "142 None",
            None,
            exact(
                "TypeError", 'Argument `fetch` = None has invalid type "NoneType". Cannot be None'
            ),
        ),
        row("int", 3, core("TypeError", "must be a string or Tensor")),
        row("unknown", "nope:0", core("ValueError", "refers to a Tensor which does not exist")),
    ],
)
def test_a_bad_fetch_is_refused(session, p, fetches, error):
    with raises(error):
        session.make_callable(fetches)
    # TF: with a feed list, only when it is called.
    with raises(error):
        session.make_callable(fetches, [p])(1.0)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row("shape", [1.0, 2.0], core("ValueError", "Cannot feed value of shape (2,)")),
        row("letters", "abc", core("ValueError", "could not convert string to float")),
        row("ragged", [[1.0], [1.0, 2.0]], core("ValueError", "setting an array element with a")),
    ],
)
def test_a_bad_value_is_refused_and_leaves_the_callable_as_it_was(session, p, value, error):
    function = session.make_callable(p + 1.0, [p])
    for _ in range(2):
        with raises(error):
            function(value)
        assert function(1.0) == 2.0


def test_a_tensor_is_no_argument(session, c, p):
    function = session.make_callable(p + 1.0, [p])
    with raises(core("TypeError", "The value of a feed cannot be a tf.Tensor object.")):
        function(c)


def test_a_callable_sees_what_is_added_to_the_graph_behind_it(tf, session, c, p):
    function = session.make_callable(p + 1.0, [p])
    assert function(1.0) == 2.0
    tf.add(c, 1.0)
    assert function(2.0) == 3.0


def test_callables_of_one_session_are_independent(session, c, p):
    one, two = session.make_callable(p + 1.0, [p]), session.make_callable(p * c, [p])
    assert [one(1.0), two(1.0), one(2.0), two(2.0)] == [2.0, 5.0, 3.0, 10.0]
    assert session.run(p + c, {p: 1.0}) == 6.0


# Options and metadata


def test_a_callable_fills_metadata(tf, session, c, p):
    """Row 141."""
    function = session.make_callable(p + c, [p], accept_options=True)
    assert function(1.0) == 6.0
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    assert function(1.0, options=options, run_metadata=metadata) == 6.0
    devices = metadata.step_stats.dev_stats
    assert devices[0].device.startswith("/job:localhost/replica:0/task:0/device:")
    assert "add" in [node.node_name for device in devices for node in device.node_stats]


def test_run_fills_metadata(tf, session, c, p):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    got = session.run(tf.add(p, c, name="sum"), {p: 1.0}, options, metadata)
    assert got == 6.0
    nodes = [n for device in metadata.step_stats.dev_stats for n in device.node_stats]
    assert "sum" in [n.node_name for n in nodes]
    assert all(n.all_start_micros > 0 for n in nodes)


def test_the_graphs_of_a_step_are_told(tf, session, c, p):
    """Row 148."""
    tf.negative(c, name="unneeded")
    total = tf.add(p, c, name="total")
    asked = tf.RunOptions(output_partition_graphs=True)
    told = [tf.RunMetadata(), tf.RunMetadata()]
    assert session.run(total, {p: 1.0}, options=asked, run_metadata=told[0]) == 6.0
    function = session.make_callable(total, [p], accept_options=True)
    assert function(1.0, options=asked, run_metadata=told[1]) == 6.0
    for metadata in told:
        (graph,) = metadata.partition_graphs
        names = [node.name for node in graph.node]
        assert "total" in names
        assert "unneeded" not in names
        assert {node.device for node in graph.node} == {session.list_devices()[0].name}
        assert not metadata.step_stats.dev_stats


def test_without_tracing_the_metadata_stays_empty(tf, session, c, p):
    """Row 349."""
    metadata = tf.RunMetadata()
    assert session.run(p + c, {p: 1.0}, run_metadata=metadata) == 6.0
    assert session.run(p + c, {p: 1.0}, options=tf.RunOptions(), run_metadata=metadata) == 6.0
    assert len(metadata.step_stats.dev_stats) == 0


# TF: an AttributeError about SerializeToString or ParseFromString.
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        row("145 options", {"options": 3}, core("TypeError", "RunOptions")),
        row("146 run_metadata", {"run_metadata": 3}, core("TypeError", "RunMetadata")),
    ],
)
def test_options_of_another_type_are_refused(session, c, arguments, error):
    with raises(error):
        session.run(c, **arguments)


def test_a_thread_pool_that_does_not_exist_is_refused(tf, session, c):
    """Row 147."""
    with raises(exact("InvalidArgumentError", "Invalid inter_op_thread_pool: 7")):
        session.run(c, options=tf.RunOptions(inter_op_thread_pool=7))
    assert session.run(c, options=tf.RunOptions(inter_op_thread_pool=0)) == 5.0


def test_a_closed_session_makes_callables_that_fail(session, c, p):
    session.close()
    with raises(typed("CancelledError")):
        session.make_callable(c)()
    with raises(exact("RuntimeError", "Attempted to use a closed Session.")):
        session.make_callable(p + 1.0, [p])(1.0)


@pytest.mark.parametrize("structure", ["tensor", "list", "operation"])
def test_a_closed_session_makes_no_callable_without_arguments(session, c, structure):
    fetches = {"tensor": c, "list": [c], "operation": c.op}[structure]
    session.close()
    with raises(exact("CancelledError", "Session has been closed.")):
        session.make_callable(fetches)


def test_an_argument_may_be_a_sparse_tensor(tf, session):
    x = tf.sparse_placeholder(tf.float32, [3])
    value = tf.SparseTensorValue([[1]], [2.0], [3])
    function = session.make_callable([x, x.values * 2.0], [x])
    found, doubled = function(value)
    assert type(found) is tf.SparseTensorValue
    assert (found.values.tolist(), doubled.tolist()) == ([2.0], [4.0])
