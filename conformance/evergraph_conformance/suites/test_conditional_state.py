"""Conditionals and what outlives a step: only the branch that is taken changes anything."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import raises, typed
from evergraph_conformance.variables import BOTH, HOLDS_NOTHING, OPS, initialized, variable

pytestmark = pytest.mark.uses("Switch", "Merge", *OPS)


@pytest.fixture
def p(tf):
    """A scalar bool placeholder named `p`."""
    return tf.placeholder(tf.bool, [], "p")


@pytest.fixture
def q(tf):
    """A scalar bool placeholder named `q`."""
    return tf.placeholder(tf.bool, [], "q")


# Variables


@BOTH
def test_only_the_branch_that_is_taken_changes_a_variable(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    y = tf.cond(p, lambda: v.assign_add(10.0).op, lambda: v.assign_sub(1.0).op)
    session.run(y, {p: True})
    assert session.run(v) == 11.0
    session.run(y, {p: False})
    assert session.run(v) == 10.0
    session.run(y.op, {p: False})
    assert session.run(v) == 9.0


@BOTH
def test_a_branch_gives_what_a_change_makes(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    y = tf.cond(p, lambda: v.assign(5.0) + 0.0, lambda: v.assign_add(1.0) + 0.0)
    assert session.run(y, {p: False}) == 2.0
    assert session.run(y, {p: True}) == 5.0
    assert session.run(y, {p: False}) == 6.0


@BOTH
def test_a_change_that_no_result_waits_for_does_not_happen(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)

    def branch():
        v.assign_add(10.0)
        return tf.constant(1.0)

    y = tf.cond(p, branch, lambda: tf.constant(2.0))
    assert session.run(y, {p: True}) == 1.0
    assert session.run(v) == 1.0


@BOTH
def test_control_dependencies_hold_inside_of_a_branch(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)

    def branch():
        with tf.control_dependencies([v.assign(3.0).op]):
            doubled = v.assign(v.read_value() * 2.0)
        with tf.control_dependencies([doubled.op]):
            return v.read_value() + 1.0

    y = tf.cond(p, branch, lambda: v.read_value())
    assert session.run(y, {p: False}) == 1.0
    assert session.run(y, {p: True}) == 7.0
    assert session.run(v) == 6.0


@BOTH
def test_a_cond_waits_for_what_comes_before(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    with tf.control_dependencies([v.assign(5.0).op]):
        y = tf.cond(p, lambda: v.read_value() * 2.0, lambda: v.read_value() + 1.0)
    assert session.run(y, {p: True}) == 10.0
    session.run(v.initializer)
    assert session.run(y, {p: False}) == 6.0


@BOTH
def test_what_comes_after_waits_for_a_cond(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    y = tf.cond(p, lambda: v.assign(5.0).op, tf.no_op)
    with tf.control_dependencies([y]):
        after = v.read_value() * 2.0
    assert session.run(after, {p: False}) == 2.0
    assert session.run(after, {p: True}) == 10.0


@BOTH
def test_changes_before_inside_and_after_are_in_order(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    with tf.control_dependencies([v.assign_add(1.0).op]):
        y = tf.cond(p, lambda: v.assign(v.read_value() * 10.0).op, tf.no_op)
    with tf.control_dependencies([y]), tf.control_dependencies([v.assign_add(3.0).op]):
        last = v.read_value()
    assert session.run(last, {p: True}) == 23.0
    assert session.run(last, {p: False}) == 27.0
    assert session.run(v) == 27.0


@BOTH
def test_two_conds_change_a_variable_one_after_the_other(tf, session, p, q, resource):
    v = initialized(tf, session, use_resource=resource)
    first = tf.cond(p, lambda: v.assign_add(1.0).op, tf.no_op)
    with tf.control_dependencies([first]):
        second = tf.cond(q, lambda: v.assign(v.read_value() * 10.0).op, tf.no_op)
    found = []
    for a, b in ((True, True), (True, False), (False, True), (False, False)):
        session.run(v.initializer)
        session.run(second, {p: a, q: b})
        found.append(session.run(v))
    assert found == [20.0, 2.0, 10.0, 1.0]


@BOTH
def test_nested_branches_change_variables(tf, session, p, q, resource):
    v = initialized(tf, session, use_resource=resource)
    w = initialized(tf, session, name="w", use_resource=resource)

    def inner():
        return tf.cond(q, lambda: v.assign_add(10.0).op, lambda: w.assign_add(20.0).op)

    y = tf.cond(p, inner, tf.no_op)
    session.run(y, {p: False, q: True})
    assert session.run([v, w]) == [1.0, 1.0]
    session.run(y, {p: True, q: True})
    assert session.run([v, w]) == [11.0, 1.0]
    session.run(y, {p: True, q: False})
    assert session.run([v, w]) == [11.0, 21.0]


@BOTH
def test_variables_of_any_shape_are_changed(tf, session, p, resource):
    v = initialized(tf, session, [1.0, 2.0], use_resource=resource)
    y = tf.cond(p, lambda: tf.scatter_add(v, [1], [5.0]) + 0.0, lambda: v.read_value())
    assert session.run(y, {p: False}).tolist() == [1.0, 2.0]
    assert session.run(y, {p: True}).tolist() == [1.0, 7.0]
    assert session.run(v).tolist() == [1.0, 7.0]


def test_a_change_of_shape_counts_afterwards(tf, session, p):
    v = initialized(tf, session, [1.0, 2.0], validate_shape=False)
    y = tf.cond(p, lambda: tf.assign(v, [1.0, 2.0, 3.0], validate_shape=False).op, tf.no_op)
    session.run(y, {p: False})
    assert session.run(v).tolist() == [1.0, 2.0]
    session.run(y, {p: True})
    assert session.run(v).tolist() == [1.0, 2.0, 3.0]


def test_a_variable_of_strings_is_changed(tf, session, p):
    v = initialized(tf, session, "old")
    y = tf.cond(p, lambda: v.assign("new").op, tf.no_op)
    session.run(y, {p: False})
    assert session.run(v) == b"old"
    session.run(y, {p: True})
    assert session.run(v) == b"new"


def test_a_branch_that_gives_a_reference_gives_its_value(tf, session, p):
    v, w = initialized(tf, session, 1.0), initialized(tf, session, 2.0, "w")
    y = tf.cond(p, lambda: v, lambda: w)
    assert y.dtype == tf.float32
    assert [session.run(y, {p: which}) for which in (True, False)] == [1.0, 2.0]
    assert session.run(y + 1.0, {p: False}) == 3.0


def test_a_fetched_variable_is_read_after_a_branch_has_changed_it(tf, session, p):
    v = initialized(tf, session)
    y = tf.cond(p, lambda: v.assign_add(1.0).op, tf.no_op)
    assert session.run([v, y.op], {p: True}) == [2.0, None]
    assert session.run([y.op, v], {p: False}) == [None, 2.0]


def test_a_layer_may_be_made_inside(tf, session, p):
    x = tf.constant([[1.0, 2.0]])

    def layer():
        with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
            return tf.get_variable("v", [1, 2], initializer=tf.ones_initializer()) * x

    y = tf.cond(p, layer, lambda: layer() + 1.0)
    assert [v.name for v in tf.global_variables()] == ["s/v:0"]
    session.run(tf.global_variables_initializer())
    assert session.run(y, {p: True}).tolist() == [[1.0, 2.0]]
    assert session.run(y, {p: False}).tolist() == [[2.0, 3.0]]


@pytest.mark.uses("ApplyGradientDescent")
def test_a_training_step_may_be_taken_or_not(tf, session, p):
    v = tf.get_variable("v", initializer=2.0)
    session.run(v.initializer)
    loss = v * v
    optimizer = tf.train.GradientDescentOptimizer(0.25)
    gradient = tf.gradients(loss, v)[0]
    step = tf.cond(p, lambda: optimizer.apply_gradients([(gradient, v)]), tf.no_op)
    session.run(step, {p: False})
    assert session.run(v) == 2.0
    session.run(step, {p: True})
    assert session.run(v) == 1.0


# Without a value


@BOTH
def test_a_variable_without_a_value_is_no_matter_where_nobody_reads_it(tf, session, p, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: v.read_value() + 1.0, lambda: tf.constant(7.0))
    assert session.run(y, {p: False}) == 7.0
    with raises(typed("FailedPreconditionError")):
        session.run(y, {p: True})
    assert session.run(y, {p: False}) == 7.0
    session.run(v.initializer)
    assert session.run(y, {p: True}) == 2.0


@BOTH
def test_the_error_of_a_missing_value_names_the_node_inside(tf, session, p, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: v.assign_add(1.0) + 0.0, lambda: tf.constant(7.0))
    with raises(HOLDS_NOTHING if resource else typed("FailedPreconditionError")) as found:
        session.run(y, {p: True})
    assert found.value.op.name == ("cond/AssignAddVariableOp" if resource else "cond/AssignAdd")


@BOTH
def test_a_branch_may_initialize_a_variable(tf, session, p, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: v.assign(3.0).op, tf.no_op)
    session.run(y, {p: False})
    with raises(typed("FailedPreconditionError")):
        session.run(v)
    session.run(y, {p: True})
    assert session.run(v) == 3.0
    session.run(y, {p: False})
    assert session.run(v) == 3.0


@BOTH
def test_what_a_branch_may_have_initialized_is_read_in_the_same_step(tf, session, p, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: v.assign(3.0).op, tf.no_op)
    with tf.control_dependencies([y]):
        after = v.read_value() + 1.0
    assert session.run(after, {p: True}) == 4.0
    w = variable(tf, name="w", use_resource=resource)
    z = tf.cond(p, lambda: w.assign(3.0).op, tf.no_op)
    with tf.control_dependencies([z]):
        missing = w.read_value() + 1.0
    with raises(typed("FailedPreconditionError")):
        session.run(missing, {p: False})
    assert session.run(missing, {p: True}) == 4.0


@BOTH
def test_both_branches_may_initialize_a_variable(tf, session, p, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: v.assign(3.0).op, lambda: v.assign(4.0).op)
    with tf.control_dependencies([y]):
        after = v.read_value() + 1.0
    assert session.run(after, {p: False}) == 5.0
    assert session.run(v) == 4.0


@BOTH
def test_a_nested_branch_may_initialize_a_variable(tf, session, p, q, resource):
    v = variable(tf, use_resource=resource)
    y = tf.cond(p, lambda: tf.cond(q, lambda: v.assign(3.0).op, tf.no_op), tf.no_op)
    for a, b in ((False, True), (True, False)):
        session.run(y, {p: a, q: b})
        with raises(typed("FailedPreconditionError")):
            session.run(v)
    session.run(y, {p: True, q: True})
    assert session.run(v) == 3.0


@BOTH
def test_whether_a_variable_has_a_value_is_asked_inside(tf, session, p, resource):
    v = variable(tf, use_resource=resource)

    def branch():
        with tf.control_dependencies([v.assign(3.0).op]):
            return tf.is_variable_initialized(v)

    y = tf.cond(p, branch, lambda: tf.is_variable_initialized(v))
    assert not session.run(y, {p: False})
    assert session.run(y, {p: True})
    assert session.run(y, {p: False})


def test_an_initial_value_may_stand_for_a_missing_one(tf, session):
    v = variable(tf, 2.0)
    w = tf.Variable(v.initialized_value() * 10.0, name="w")
    session.run(w.initializer)
    assert session.run(w) == 20.0
    session.run(v.assign(5.0))
    session.run(w.initializer)
    assert session.run(w) == 50.0


@BOTH
def test_a_failing_branch_changes_nothing(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    w = variable(tf, name="w", use_resource=resource)
    y = tf.cond(p, lambda: v.assign_add(w.read_value()).op, lambda: v.assign_sub(1.0).op)
    with raises(typed("FailedPreconditionError")):
        session.run(y, {p: True})
    assert session.run(v) == 1.0
    session.run(y, {p: False})
    assert session.run(v) == 0.0


@BOTH
@pytest.mark.uses("GatherV2")
def test_what_a_failing_branch_waits_for_has_happened(tf, session, p, resource):
    v = initialized(tf, session, use_resource=resource)
    index = tf.placeholder(tf.int32, [], "index")
    with tf.control_dependencies([v.assign_add(1.0).op]):
        y = tf.cond(p, lambda: tf.gather([1.0, 2.0], index), lambda: tf.constant(3.0))
    with raises(typed("InvalidArgumentError")):
        session.run(y, {p: True, index: 7})
    assert session.run(v) == 2.0
    assert session.run(y, {p: False, index: 7}) == 3.0
    assert session.run(v) == 3.0


# Random numbers


@pytest.mark.uses("RandomUniform")
def test_a_stream_advances_only_where_it_is_drawn_from(tf, p):
    y = tf.cond(p, lambda: tf.random_uniform([2], seed=7), lambda: tf.zeros([2]))
    plain = tf.random_uniform([2], seed=7)
    with tf.Session() as session:
        found = [session.run(y, {p: which}) for which in (True, False, True, False, True)]
        want = [session.run(plain) for _ in range(3)]
    assert np.array_equal(found[0::2], want)
    assert not np.any(found[1::2])


@pytest.mark.uses("RandomStandardNormal")
def test_random_numbers_in_branches_are_tensorflows(tf, p):
    tf.set_random_seed(1)
    y = tf.cond(
        p, lambda: tf.random_normal([3], seed=2), lambda: 10.0 + tf.random_normal([3], seed=3)
    )
    with tf.Session() as session:
        found = [session.run(y, {p: which}) for which in (True, False, True)]
    want = [
        [-1.0467792749404907, 0.8397045731544495, 1.235836386680603],
        [9.32913875579834, 10.22357177734375, 10.797272682189941],
        [-1.2113008499145508, 1.4475805759429932, 0.025218026712536812],
    ]
    assert np.allclose(found, want, rtol=1e-6)


@pytest.mark.uses("RandomUniform")
def test_one_stream_is_drawn_once_for_all_who_use_it(tf, session, p):
    x = tf.random_uniform([2], seed=7)
    y = tf.cond(p, lambda: x + 1.0, lambda: x)
    drawn, moved = session.run([x, y], {p: True})
    assert np.array_equal(drawn + 1, moved)
    drawn, same = session.run([x, y], {p: False})
    assert np.array_equal(drawn, same)


# Sessions


def test_sessions_do_not_share_what_branches_change(tf, p):
    v = variable(tf)
    y = tf.cond(p, lambda: v.assign_add(1.0).op, tf.no_op)
    with tf.Session() as one, tf.Session() as other:
        one.run(v.initializer)
        other.run(v.initializer)
        one.run(y, {p: True})
        other.run(y, {p: False})
        assert [s.run(v) for s in (one, other)] == [2.0, 1.0]
