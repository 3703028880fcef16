"""Variables: when they are read, what changes them, and what outlives a step."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.api import CONFIG
from evergraph_conformance.messages import core, exact, raises, row, typed
from evergraph_conformance.variables import (
    BOTH,
    HOLDS_NOTHING,
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


# When a variable is read


def test_a_fetched_reference_is_read_after_all_nodes(tf, session):
    v = initialized(tf, session)
    assert session.run([v, v.assign_add(1.0)]) == [2.0, 2.0]
    assert session.run([v.assign_add(1.0), v]) == [3.0, 3.0]
    assert session.run(["v:0", v.assign_add(1.0).op]) == [4.0, None]


def test_a_change_that_is_fetched_twice_runs_once(tf, session):
    """Row 354."""
    v = initialized(tf, session)
    change = v.assign_add(1.0)
    assert session.run([change, change, change.op]) == [2.0, 2.0, None]
    assert session.run(v) == 2.0


def test_a_reference_is_read_where_it_is_consumed(tf, session):
    v = initialized(tf, session)
    with tf.control_dependencies([v.assign(5.0)]):
        consumed = v + 0.0
    assert session.run(consumed) == 5.0


def test_an_identity_of_a_reference_is_the_reference_still(tf, session):
    v = initialized(tf, session)
    before = tf.identity(v)
    with tf.control_dependencies([before]):
        change = v.assign_add(1.0)
    with tf.control_dependencies([change]):
        consumed = before * 10.0
    assert session.run(consumed) == 20.0


def test_changes_of_a_reference_are_chained(tf, session):
    v = initialized(tf, session)
    changed = tf.assign_sub(tf.assign_add(v.assign(10.0), 5.0), 1.0)
    assert session.run(changed) == 14.0
    assert session.run(v) == 14.0


def test_a_read_of_a_resource_is_a_snapshot(tf, session):
    v = initialized(tf, session, use_resource=True)
    before = v.read_value()
    with tf.control_dependencies([before]):
        change = v.assign_add(1.0, read_value=False)
    with tf.control_dependencies([change]):
        consumed, after = before * 10.0, v.read_value()
    assert session.run([consumed, before, after]) == [10.0, 1.0, 2.0]


@pytest.mark.uses("AssignAddVariableOp", "ReadVariableOp")
def test_a_snapshot_of_a_vector_stays_through_changes(tf, session):
    v = tf.get_variable("v", [2], initializer=tf.ones_initializer(), use_resource=True)
    session.run(v.initializer)
    for before in ([1.0, 1.0], [3.0, 2.0]):
        first = v.read_value()
        with tf.control_dependencies([first]), tf.control_dependencies([v.assign_add([2.0, 1.0])]):
            last = v.read_value()
        one, two = session.run([first, last])
        assert (one.tolist(), (two - one).tolist()) == (before, [2.0, 1.0])


def test_what_a_change_of_a_resource_returns_is_read_after_it(tf, session):
    v = initialized(tf, session, use_resource=True)
    first = v.assign_add(1.0)
    second = first.assign_add(10.0)
    assert session.run([second, second + 1.0]) == [12.0, 13.0]
    assert session.run(v) == 12.0


@BOTH
def test_control_dependencies_order_changes(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    with tf.control_dependencies([done(v.assign(3.0))]):
        doubled = v.assign(v.read_value() * 2.0)
    with tf.control_dependencies([done(doubled)]):
        last = v.read_value() + 1.0
    assert session.run(last) == 7.0
    assert session.run(v) == 6.0


@BOTH
def test_what_is_not_needed_does_not_run(tf, session, resource):
    """Row 353."""
    v = initialized(tf, session, use_resource=resource)
    v.assign_add(1.0)
    v.assign(7.0)
    assert session.run(v) == 1.0


@BOTH
def test_a_variable_is_fetched_by_itself_its_name_and_its_operation(tf, session, resource):
    """Row 32."""
    v = initialized(tf, session, use_resource=resource)
    name = "v/Read/ReadVariableOp:0" if resource else "v:0"
    assert session.run([v, name, v.op, v.value()]) == [1.0, 1.0, None, 1.0]
    assert session.run({"a": (v, [v])}) == {"a": (1.0, [1.0])}
    assert v.eval() == 1.0


def test_a_variable_of_another_graph_is_refused(tf, session):
    """Row 22."""
    tf.constant(0.0)
    with tf.Graph().as_default():
        d = tf.Variable(1.0, name="d")
    message = (
        "Argument `fetch` = <tf.Variable 'd:0' shape=() dtype=float32_ref> cannot be interpreted "
        'as a Tensor. (Tensor Tensor("d:0", shape=(), dtype=float32_ref) is not an element of this '
        "graph.)"
    )
    with raises(exact("ValueError", message)):
        session.run(d)


def test_a_reference_can_be_fed(tf, session):
    """Row 82."""
    v = variable(tf)
    assert session.run(v + 1.0, {v: 5.0}) == 6.0
    assert session.run(v + 1.0, {"v:0": 2.0}) == 3.0


def test_a_resource_variable_is_no_key_of_feeds(tf, session):
    """Row 81."""
    v = initialized(tf, session, use_resource=True)
    with raises(core("TypeError", "read_value")):
        session.run(v + 1.0, {v: 5.0})
    value = v.read_value()
    assert session.run(value + 1.0, {value: 5.0}) == 6.0


# Without a value


@pytest.mark.parametrize(
    ("resource", "use", "wanted"),
    [
        row("164 a reference fetched", False, lambda tf, v: v, MISSING_REF),
        row("164 a reference used", False, lambda tf, v: v + 1.0, MISSING_REF),
        row("165 a resource fetched", True, lambda tf, v: v, MISSING),
        row("165 a resource used", True, lambda tf, v: v + 1.0, MISSING),
        row("166 a reference added to", False, lambda tf, v: v.assign_add(1.0), MISSING_REF),
        row("166 subtracted from", False, lambda tf, v: v.assign_sub(1.0), MISSING_REF),
        row("167 a resource added to", True, lambda tf, v: done(v.assign_add(1.0)), HOLDS_NOTHING),
        row("167 subtracted from", True, lambda tf, v: done(v.assign_sub(1.0)), HOLDS_NOTHING),
        row("305 no collection", False, lambda tf, v: v.read_value(), MISSING_REF),
    ],
)
def test_a_variable_without_a_value_is_an_error(tf, session, resource, use, wanted):
    v = variable(tf, use_resource=resource, collections=[])
    fetch = use(tf, v)
    session.run(tf.global_variables_initializer())
    with raises(wanted):
        session.run(fetch)


@BOTH
def test_a_step_that_fails_for_want_of_a_value_changes_nothing(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    w = variable(tf, name="w", use_resource=resource)
    change = v.assign_add(w)
    with raises(typed("FailedPreconditionError")):
        session.run(done(change))
    assert session.run(v) == 1.0


@BOTH
def test_whether_a_variable_has_a_value_can_be_asked(tf, session, resource):
    v = variable(tf, use_resource=resource)
    w = variable(tf, name="w", use_resource=resource)
    asked = [tf.is_variable_initialized(v), tf.is_variable_initialized(w)]
    assert session.run(asked) == [False, False]
    session.run(v.initializer)
    assert session.run(asked) == [True, False]


@BOTH
@pytest.mark.uses("Where", "LogicalNot", "GatherV2")
@pytest.mark.dtypes("string")
def test_variables_without_a_value_are_reported(tf, session, resource):
    v = variable(tf, use_resource=resource)
    variable(tf, name="w", use_resource=resource)
    reported = tf.report_uninitialized_variables()
    assert session.run(reported).tolist() == [b"v", b"w"]
    session.run(v.initializer)
    assert session.run(reported).tolist() == [b"w"]
    session.run(tf.global_variables_initializer())
    assert session.run(reported).tolist() == []


def test_variables_can_be_asserted_to_have_values(tf, session):
    variable(tf)
    variable(tf, [1.0, 2.0], "w")
    asserted = tf.assert_variables_initialized()
    with raises(core("FailedPreconditionError", "Attempting to use uninitialized value")):
        session.run(asserted)
    session.run(tf.global_variables_initializer())
    session.run(asserted)


# Initial values


@BOTH
def test_all_variables_are_initialized_in_one_step(tf, session, resource):
    v = variable(tf, [1.0, 2.0], use_resource=resource)
    w = variable(tf, lambda: tf.ones([2]) * 3.0, "w", use_resource=resource)
    local = variable(tf, 5, "l", collections=[tf.GraphKeys.LOCAL_VARIABLES], use_resource=resource)
    session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    values = session.run([v, w, local])
    assert [np.asarray(x).tolist() for x in values] == [[1.0, 2.0], [3.0, 3.0], 5]


@pytest.mark.uses("Select")
def test_an_initial_value_may_depend_on_another_variable(tf, session):
    v = variable(tf, [1.0, 2.0])
    w = variable(tf, v * 2.0, "w")
    u = variable(tf, v.initialized_value() + 1.0, "u")
    session.run(tf.global_variables_initializer())
    assert [x.tolist() for x in session.run([w, u])] == [[2.0, 4.0], [2.0, 3.0]]


@pytest.mark.uses("Select")
def test_an_initialized_value_is_the_value_once_there_is_one(tf, session):
    v = variable(tf, [1.0, 2.0])
    value = v.initialized_value() * 10.0
    assert session.run(value).tolist() == [10.0, 20.0]
    session.run(v.assign([3.0, 4.0]))
    assert session.run(value).tolist() == [30.0, 40.0]


@BOTH
def test_initializing_again_sets_the_initial_value(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    session.run(done(v.assign(7.0)))
    session.run(v.initializer)
    assert session.run(v) == 1.0


@BOTH
def test_a_value_may_be_loaded(tf, session, resource):
    v = variable(tf, [1.0, 2.0], use_resource=resource)
    v.load([3.0, 4.0], session)
    assert session.run(v).tolist() == [3.0, 4.0]
    v.load(np.array([5.0, 6.0]))
    assert v.eval().tolist() == [5.0, 6.0]


def test_a_value_of_another_shape_cannot_be_loaded(tf, session):
    v = initialized(tf, session, [1.0, 2.0])
    with raises(core("ValueError", "Cannot feed value of shape (3,) for Tensor")):
        v.load([3.0, 4.0, 5.0], session)
    assert session.run(v).tolist() == [1.0, 2.0]


def test_a_finalized_graph_takes_no_initializer(tf, session):
    """Row 134."""
    variable(tf)
    tf.get_default_graph().finalize()
    with raises(exact("RuntimeError", "Graph is finalized and cannot be modified.")):
        tf.global_variables_initializer()


# Shapes


def test_a_value_of_another_shape_is_refused(tf, session):
    v = initialized(tf, session, [1.0, 2.0])
    p = tf.placeholder(tf.float32)
    change = v.assign(p)
    message = "Assign requires shapes of both tensors to match. lhs shape= [2] rhs shape= [3]"
    with raises(exact("InvalidArgumentError", message)):
        session.run(change, {p: [1.0, 2.0, 3.0]})
    assert session.run(v).tolist() == [1.0, 2.0]


def test_a_shape_that_is_not_validated_may_change(tf, session):
    p = tf.placeholder(tf.float32)
    v = variable(tf, p, validate_shape=False)
    assert v.shape.rank is None
    session.run(v.initializer, {p: [1.0, 2.0]})
    assert session.run(v).tolist() == [1.0, 2.0]
    session.run(tf.assign(v, [[3.0]], validate_shape=False))
    assert session.run(v).tolist() == [[3.0]]


# Slices and rows


@BOTH
@pytest.mark.uses("StridedSlice", "StridedSliceAssign", "ResourceStridedSliceAssign")
def test_a_slice_is_read_and_assigned(tf, session, resource):
    v = initialized(tf, session, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], use_resource=resource)
    assert session.run(v[1:, 0]).tolist() == [3.0, 5.0]
    session.run(v[1:, 0].assign([7.0, 8.0]))
    assert session.run(v).tolist() == [[1.0, 2.0], [7.0, 4.0], [8.0, 6.0]]


@BOTH
def test_a_scattered_update_that_fails_changes_nothing(tf, session, resource):
    v = initialized(tf, session, [1.0, 2.0, 3.0], use_resource=resource)
    p = tf.placeholder(tf.int32, [2])
    change = tf.scatter_add(v, p, [10.0, 10.0])
    session.run(done(change), {p: [0, 0]})
    assert session.run(v).tolist() == [21.0, 2.0, 3.0]
    with raises(core("InvalidArgumentError", "indices[1] = 3 is not in [0, 3)")):
        session.run(done(change), {p: [1, 3]})
    assert session.run(v).tolist() == [21.0, 2.0, 3.0]


@BOTH
@pytest.mark.uses("CheckNumerics")
def test_a_failing_step_leaves_what_depends_on_the_failure(tf, session, resource):
    v = initialized(tf, session, use_resource=resource)
    p = tf.placeholder(tf.float32, [])
    change = v.assign_add(tf.check_numerics(p, "not a number"))
    with raises(core("InvalidArgumentError", "not a number : Tensor had NaN values")):
        session.run(done(change), {p: np.nan})
    assert session.run(v) == 1.0


@BOTH
@pytest.mark.uses("CountUpTo", "ResourceCountUpTo")
def test_counting_ends_at_the_limit(tf, session, resource):
    v = initialized(tf, session, 0, use_resource=resource)
    count = v.count_up_to(2)
    assert [session.run(count), session.run(count)] == [0, 1]
    with raises(core("OutOfRangeError", "Reached limit of 2")):
        session.run(count)
    assert session.run(v) == 2


@pytest.mark.dtypes("string")
def test_a_variable_may_hold_strings(tf, session):
    v = initialized(tf, session, ["a", "bc"])
    assert session.run(v).tolist() == [b"a", b"bc"]
    session.run(v.assign(["d", "e"]))
    assert session.run(v).tolist() == [b"d", b"e"]
