"""`Session._make_callable_from_options`: a step described by a `CallableOptions` message."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from evergraph_conformance.api import ORACLE
from evergraph_conformance.messages import core, exact, raises, row

messages = import_module("tensorflow.core.protobuf.config_pb2" if ORACLE else "evergraph.protos")

ONE = np.float32(1.0)

pytestmark = pytest.mark.uses("AddV2")


@pytest.fixture
def p(tf):
    """A scalar placeholder `p`, beside a vector `v`, `p + 1.0` as `r`, `v + p` as `q`, and `o`."""
    p, v = tf.placeholder(tf.float32, [], "p"), tf.placeholder(tf.float32, [2], "v")
    tf.add(p, 1.0, "r")
    tf.add(v, p, "q")
    tf.no_op("o")
    return p


@pytest.fixture
def make(session, p):
    """A function from the fields of the message to the callable."""

    def make_callable(feed=(), fetch=(), target=(), **fields):
        return session._make_callable_from_options(
            messages.CallableOptions(feed=feed, fetch=fetch, target=target, **fields)
        )

    return make_callable


@pytest.mark.parametrize(
    ("fields", "values", "want"),
    [
        row("scalar", {"feed": ["p:0"], "fetch": ["r:0"]}, [ONE], [2.0]),
        row("array of rank 0", {"feed": ["p:0"], "fetch": ["r:0"]}, [np.array(ONE)], [2.0]),
        row("names without output", {"feed": ["p"], "fetch": ["r"]}, [ONE], [2.0]),
        row("same fetch twice", {"feed": ["p:0"], "fetch": ["r:0", "r:0"]}, [ONE], [2.0, 2.0]),
        row("target", {"target": ["o"]}, [], []),
        row("target besides", {"feed": ["p:0"], "fetch": ["r:0"], "target": ["o"]}, [ONE], [2.0]),
        row("target with outputs", {"feed": ["p:0"], "target": ["r:0"]}, [ONE], []),
    ],
)
def test_the_message_names_feeds_fetches_and_targets(make, fields, values, want):
    got = make(**fields)(*values)
    assert type(got) is list
    assert got == want


def test_feeds_and_fetches_come_in_the_order_of_the_message(make):
    function = make(["v:0", "p:0"], ["q:0", "r:0"])
    total, single = function(np.array([1, 2], np.float32), ONE)
    assert total.tolist() == [2.0, 3.0]
    assert single == 2.0
    total[:] = 0
    assert function(np.array([1, 2], np.float32), ONE)[0].tolist() == [2.0, 3.0]


@pytest.mark.parametrize("values", [(), (ONE, ONE)])
def test_there_must_be_a_value_for_each_feed(make, values):
    """Row 143."""
    with raises(exact("InvalidArgumentError", f"Expected 1 feed tensors, but got {len(values)}")):
        make(["p:0"], ["r:0"])(*values)


@pytest.mark.parametrize(
    ("value", "given"),
    [
        row("144 int32", np.int32(1), "int32"),
        row("int", 1, "int64"),
        row("float", 1.0, "double"),
        row("list", [1.0], "double"),
        row("letter", "a", "string"),
    ],
)
def test_a_value_is_not_cast(make, value, given):
    function = make(["p:0"], ["r:0"])
    with raises(exact("InvalidArgumentError", f"Type mismatch: actual {given} vs. expect float")):
        function(value)
    assert function(ONE) == [2.0]


def test_a_value_must_fit_the_static_shape(make):
    with raises(core("ValueError", "Cannot feed value of shape (2,) for Tensor p:0")):
        make(["p:0"], ["r:0"])(np.ones(2, np.float32))


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        row(
            "nothing",
            {},
            exact("InvalidArgumentError", "Must specify at least one target to fetch or execute."),
        ),
        row(
            "unknown feed",
            {"feed": ["nope:0"], "fetch": ["r:0"]},
            core("InvalidArgumentError", "Tensor nope:0, specified in either feed_devices or"),
        ),
        row(
            "unknown fetch",
            {"feed": ["p:0"], "fetch": ["nope:0"]},
            core("InvalidArgumentError", "Tensor nope:0, specified in either feed_devices or"),
        ),
        row(
            "unknown target",
            {"target": ["nope"]},
            core("NotFoundError", "Some target nodes not found: nope"),
        ),
        row(
            "unknown output",
            {"feed": ["p:0"], "fetch": ["r:3"]},
            core("OutOfRangeError", "num of outputs: 1) does not have output 3"),
        ),
        row(
            "the output after the last",
            {"feed": ["p:0"], "fetch": ["r:1"]},
            core("OutOfRangeError", "num of outputs: 1) does not have output 1"),
        ),
        row(
            "fed and fetched",
            {"feed": ["p:0"], "fetch": ["p:0"]},
            exact("InvalidArgumentError", "p:0 is both fed and fetched."),
        ),
        row(
            "fed twice",
            {"feed": ["p:0", "p:0"], "fetch": ["r:0"]},
            exact("InvalidArgumentError", 'Endpoint "p:0" fed more than once.'),
        ),
    ],
)
def test_a_message_that_describes_no_step_is_refused(make, fields, error):
    with raises(error):
        make(**fields)


def test_a_placeholder_that_is_not_fed_is_named(make):
    with raises(
        exact(
            "InvalidArgumentError",
            "You must feed a value for placeholder tensor 'p' with dtype float",
        )
    ):
        make([], ["r:0"])()


def test_what_is_no_message_is_refused(session, p):
    with raises(core("TypeError", "CallableOptions")):
        session._make_callable_from_options(3)


def test_a_connection_of_tensors_is_refused(make):
    connection = messages.TensorConnection(from_tensor="r:0", to_tensor="v:0")
    with raises(core("UnimplementedError", "tensor_connection")):
        make(["p:0"], ["q:0"], tensor_connection=[connection])


def test_options_of_the_run_are_part_of_the_message(tf, make):
    options = messages.RunOptions(trace_level=messages.RunOptions.FULL_TRACE)
    metadata = tf.RunMetadata()
    function = make(["p:0"], ["r:0"], run_options=options)
    assert function(ONE, run_metadata=metadata) == [2.0]
    names = {n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats}
    assert "r" in names


def test_a_thread_pool_that_does_not_exist_is_refused(make):
    options = messages.RunOptions(inter_op_thread_pool=7)
    with raises(exact("InvalidArgumentError", "Invalid inter_op_thread_pool: 7")):
        make(["p:0"], ["r:0"], run_options=options)(ONE)


def test_devices_of_feeds_may_be_named(make):
    device = "/job:localhost/replica:0/task:0/device:CPU:0"
    assert make(["p:0"], ["r:0"], feed_devices={"p:0": device})(ONE) == [2.0]


@pytest.mark.dtypes("string")
@pytest.mark.parametrize("value", ["abc", b"abc", np.array("abc", object)])
def test_strings_come_as_bytes(tf, session, value):
    tf.identity(tf.placeholder(tf.string, [], "s"), "t")
    options = messages.CallableOptions(feed=["s:0"], fetch=["t:0"])
    assert session._make_callable_from_options(options)(value) == [b"abc"]


def test_the_callable_of_a_closed_session_is_cancelled(session, make):
    function = make(["p:0"], ["r:0"])
    session.close()
    closed = exact("CancelledError", "Session has been closed.")
    with raises(closed):
        function(ONE)
    with raises(closed):
        make(["p:0"], ["r:0"])
