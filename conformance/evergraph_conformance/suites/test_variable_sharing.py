"""Variables: what is shared, whose memory it is, threads, scopes and partitions."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evergraph_conformance.api import CONFIG
from evergraph_conformance.messages import core, exact, raises, row, typed
from evergraph_conformance.variables import (
    BOTH,
    MISSING,
    MISSING_REF,
    OPS,
    done,
    initialized,
    variable,
)

pytestmark = pytest.mark.uses(*OPS)


@pytest.fixture
def session(tf):
    """An open session on the default graph, and the default session."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


# What is shared, and what is not


@BOTH
def test_two_sessions_share_nothing(tf, session, resource):
    """Row 129."""
    v = initialized(tf, session, use_resource=resource)
    with tf.Session(config=CONFIG) as other:
        with raises(MISSING if resource else MISSING_REF):
            other.run(v)
        other.run(v.initializer)
        other.run(done(v.assign_add(5.0)))
        assert other.run(v) == 6.0
    assert session.run(v) == 1.0


def test_variables_of_one_shared_name_are_one(tf, session):
    make = tf.raw_ops.VariableV2
    a = make(shape=[], dtype=tf.float32, shared_name="one", name="a")
    b = make(shape=[], dtype=tf.float32, shared_name="one", name="b")
    other = make(shape=[], dtype=tf.float32, shared_name="one", container="box", name="c")
    session.run([tf.assign(a, 3.0), tf.assign(other, 5.0)])
    assert session.run([a, b, other]) == [3.0, 3.0, 5.0]


@BOTH
def test_variables_in_a_container_are_apart(tf, session, resource):
    with tf.container("box"):
        v = initialized(tf, session, 2.0, use_resource=resource)
    assert v.op.get_attr("container") == b"box"
    assert session.run(v) == 2.0


@pytest.mark.needs("in_process")
def test_resetting_ends_the_sessions_of_the_process(tf):
    """Row 128."""
    v = variable(tf)
    opened = tf.Session(config=CONFIG)
    opened.run(v.initializer)
    tf.Session.reset("")
    with raises(typed("CancelledError")):
        opened.run(v)
    opened.close()
    with tf.Session(config=CONFIG) as fresh, raises(MISSING_REF):
        fresh.run(v)


# Whose memory it is


@BOTH
def test_what_is_fetched_is_the_callers_own(tf, session, resource):
    """Rows 26 and 346."""
    v = initialized(tf, session, [1.0, 2.0], use_resource=resource)
    first, second = session.run([v, v.value()])
    assert not np.shares_memory(first, second)
    for fetched in (first, second, session.run(v.assign_add([0.0, 0.0]))):
        assert fetched.flags.writeable
        fetched[:] = -1.0
    assert session.run(v).tolist() == [1.0, 2.0]


@BOTH
def test_what_is_fetched_stays_when_the_variable_changes(tf, session, resource):
    v = initialized(tf, session, [1.0, 2.0], use_resource=resource)
    fetched = session.run(v)
    session.run(done(v.assign_add([1.0, 1.0])))
    assert fetched.tolist() == [1.0, 2.0]


@BOTH
@pytest.mark.parametrize(
    "through", [row("348", lambda tf, p: p), row("identity", lambda tf, p: tf.identity(p))]
)
def test_what_is_fed_is_not_kept(tf, session, resource, through):
    v = variable(tf, [0.0, 0.0], use_resource=resource)
    p = tf.placeholder(tf.float32, [2])
    change = v.assign(through(tf, p))
    fed = np.array([1.0, 2.0], np.float32)
    session.run(done(change), {p: fed})
    fed[:] = -1.0
    assert session.run(v).tolist() == [1.0, 2.0]


@BOTH
def test_the_value_of_one_variable_is_no_others(tf, session, resource):
    v = initialized(tf, session, [1.0, 2.0], use_resource=resource)
    w = variable(tf, [0.0, 0.0], "w", use_resource=resource)
    session.run(done(w.assign(v)))
    session.run(done(v.assign_add([1.0, 1.0])))
    assert [x.tolist() for x in session.run([v, w])] == [[2.0, 3.0], [1.0, 2.0]]


# Threads


@BOTH
def test_additions_of_many_threads_are_all_there(tf, session, resource):
    v = initialized(tf, session, np.zeros(3, np.int32), use_resource=resource)
    change = done(v.assign_add([1, 10, 100]))
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        for _ in range(100):
            session.run(change)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert session.run(v).tolist() == [800, 8000, 80000]


# Scopes


@BOTH
def test_shared_variables_are_one(tf, session, resource):
    def layer(x):
        with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
            w = tf.get_variable("w", initializer=3.0, use_resource=resource)
        return x * w, w

    (first, w), (second, again) = layer(2.0), layer(5.0)
    assert w is again
    session.run(tf.global_variables_initializer())
    assert session.run([first, second]) == [6.0, 15.0]
    session.run(done(w.assign(1.0)))
    assert session.run([first, second]) == [2.0, 5.0]


def test_a_variable_is_made_once(tf):
    """Row 269."""
    tf.get_variable("x", [1])
    text = (
        "Variable x already exists, disallowed. Did you mean to set reuse=True or "
        "reuse=tf.AUTO_REUSE in VarScope?"
    )
    with raises(core("ValueError", text)):
        tf.get_variable("x", [1])
    assert [v.name for v in tf.global_variables()] == ["x:0"]


def test_a_variable_to_be_reused_must_be_there(tf):
    """Row 270."""
    text = (
        "Variable s/x does not exist, or was not created with tf.get_variable(). Did you mean to "
        "set reuse=tf.AUTO_REUSE in VarScope?"
    )
    with tf.variable_scope("s", reuse=True), raises(exact("ValueError", text)):
        tf.get_variable("x", [1])


@pytest.mark.parametrize(
    ("shape", "dtype", "text"),
    [
        row("271 shape", [2], "float32", "shape (2,) and found shape (1,)."),
        row("dtype", [1], "int32", "dtype int32 and found dtype float32_ref."),
    ],
)
def test_a_variable_is_reused_as_it_is(tf, shape, dtype, text):
    with tf.variable_scope("", reuse=tf.AUTO_REUSE):
        tf.get_variable("x", [1])
        with raises(exact("ValueError", f"Trying to share variable x, but specified {text}")):
            tf.get_variable("x", shape, dtype)


@pytest.mark.uses("ConcatV2")
def test_a_partitioned_variable_is_one_value(tf, session):
    start = np.arange(10, dtype=np.float32).reshape(5, 2)
    v = tf.get_variable(
        "v", initializer=tf.constant(start), partitioner=tf.fixed_size_partitioner(2)
    )
    session.run(tf.global_variables_initializer())
    assert session.run(v.as_tensor()).tolist() == start.tolist()
    session.run(v.assign_add(tf.ones([5, 2])))
    assert session.run(tf.convert_to_tensor(v)).tolist() == (start + 1.0).tolist()
    assert [session.run(p).shape for p in v] == [(3, 2), (2, 2)]


@BOTH
def test_variables_are_found_in_an_imported_graph(tf, session, resource):
    v = variable(tf, [1.0, 2.0], use_resource=resource)
    definition, graph_def = v.to_proto(), tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default():
        tf.import_graph_def(graph_def, name="a")
        w = type(v).from_proto(definition, "a")
        assert w.name == "a/v:0"
        with tf.Session(config=CONFIG) as other:
            other.run(w.initializer)
            assert other.run(w * 2.0).tolist() == [2.0, 4.0]
