"""Steps that a compiler cuts into regions: what decides a shape, host nodes, updates in between."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.variables import BOTH

RAMP = np.arange(6, dtype=np.float32)


def variable(tf, resource, value, dtype):
    """Return a variable."""
    return tf.get_variable("v", initializer=tf.constant(value, dtype), use_resource=resource)


@pytest.mark.uses("Reshape")
def test_a_shape_that_is_fed_is_another_in_every_run(tf, session):
    x, shape = tf.placeholder(tf.float32, [6]), tf.placeholder(tf.int32, [2])
    y = tf.reshape(x, shape)
    for dims in ([2, 3], [3, 2], [6, 1], [2, 3]):
        assert session.run(y, {x: RAMP, shape: dims}).tolist() == RAMP.reshape(dims).tolist()


@pytest.mark.uses("Sum", "Mul")
def test_an_axis_that_is_fed_is_another_in_every_run(tf, session):
    x, axis = tf.placeholder(tf.float32, [2, 2]), tf.placeholder(tf.int32, [])
    y = tf.reduce_sum(x * 2.0, axis)
    for at, want in ((0, [8.0, 12.0]), (1, [6.0, 14.0]), (-1, [6.0, 14.0]), (0, [8.0, 12.0])):
        assert session.run(y, {x: [[1.0, 2.0], [3.0, 4.0]], axis: at}).tolist() == want


@pytest.mark.uses("Transpose", "Neg")
def test_a_permutation_that_is_fed_is_another_in_every_run(tf, session):
    x, perm = tf.placeholder(tf.float32, [1, 2, 3]), tf.placeholder(tf.int32, [3])
    y = tf.transpose(-x, perm)
    value = RAMP.reshape(1, 2, 3)
    for order in ([0, 2, 1], [2, 1, 0], [0, 1, 2]):
        assert (
            session.run(y, {x: value, perm: order}).tolist() == (-value.transpose(order)).tolist()
        )


@pytest.mark.uses("Fill", "AddV2", "Pack")
def test_a_shape_follows_from_a_feed(tf, session):
    n = tf.placeholder(tf.int32, [])
    y = tf.fill([n + 1, 2], 3.0)
    for count in (0, 2, 1):
        assert session.run(y, {n: count}).tolist() == [[3.0, 3.0]] * (count + 1)


@pytest.mark.uses("Reshape", "StridedSlice", "Pack", "Mul")
def test_a_shape_follows_from_the_shape_of_a_feed(tf, session):
    x = tf.placeholder(tf.float32, None)
    y = tf.reshape(x, [tf.shape(x)[0] * 2, -1]) * 2.0
    for dims in ((1, 6), (3, 2), (1, 2, 3), (1, 6)):
        got = session.run(y, {x: RAMP.reshape(dims)})
        assert got.tolist() == (2 * RAMP).reshape(2 * dims[0], -1).tolist()


@BOTH
@pytest.mark.uses("VariableV2", "Assign", "VarHandleOp", "AssignVariableOp", "Fill", "Mul", "Pack")
def test_a_shape_follows_from_a_variable(tf, session, resource):
    v = variable(tf, resource, 1, tf.int32)
    y = tf.fill([v * 2], 1.0) * 4.0
    session.run(v.initializer)
    assert session.run(y).tolist() == [4.0] * 2
    session.run(v.assign(2))
    assert session.run(y).tolist() == [4.0] * 4
    # The shape is that of the value after the update.
    with tf.control_dependencies([v.assign(0)]):
        after = tf.fill([v.read_value() * 3], 1.0)
    assert session.run(after).tolist() == []


@pytest.mark.uses("Max", "Cast", "Fill", "Mul", "Pack")
def test_a_shape_follows_from_what_is_computed(tf, session):
    x = tf.placeholder(tf.float32, [None])
    size = tf.cast(tf.reduce_max(x * 2.0), tf.int32)
    y = tf.fill([size], 1.0) * tf.reduce_max(x)
    for values in ([0.5, 1.0], [2.0, 1.5], [1.0, 0.0]):
        assert session.run(y, {x: values}).tolist() == [max(values)] * int(2 * max(values))


@pytest.mark.uses("Unique", "Mul", "AddV2", "Cast")
def test_values_pass_by_a_node_whose_shape_depends_on_values(tf, session):
    x = tf.placeholder(tf.int32, [None])
    doubled = x * 2
    distinct, index = tf.unique(doubled)
    y = tf.cast(distinct, tf.float32) * 0.5
    for values, want in (([3, 1, 3], [3.0, 1.0]), ([2, 2, 2], [2.0]), ([1, 2, 3], [1.0, 2.0, 3.0])):
        got = session.run([doubled, y, index + doubled], {x: values})
        assert got[0].tolist() == [2 * v for v in values]
        assert got[1].tolist() == want
        assert got[2].tolist() == [want.index(v) + 2 * v for v in values]


@pytest.mark.uses("VarHandleOp", "AssignAddVariableOp", "ReadVariableOp", "Unique", "AddV2", "Sum")
def test_the_value_before_an_update_lives_until_the_step_ends(tf, session):
    v = variable(tf, True, [1.0, 1.0, 2.0], tf.float32)
    session.run(v.initializer)
    before = v.read_value()
    with tf.control_dependencies([before]):
        add = v.assign_add([1.0, 1.0, 1.0])
    with tf.control_dependencies([add]):
        distinct, _ = tf.unique(v.read_value() + 0.0)
    y = before + tf.reduce_sum(distinct)
    assert session.run(y).tolist() == [6.0, 6.0, 7.0]
    assert session.run(y).tolist() == [9.0, 9.0, 10.0]


@pytest.mark.uses("VarHandleOp", "AssignAddVariableOp", "ReadVariableOp", "Mul")
def test_what_a_partial_run_has_read_is_not_changed_by_a_run(tf, session):
    v = variable(tf, True, [1.0, 2.0], tf.float32)
    session.run(v.initializer)
    x = tf.placeholder(tf.float32, [])
    read = v.read_value()
    y = read * x
    handle = session.partial_run_setup([read, y], [x])
    assert session.partial_run(handle, read).tolist() == [1.0, 2.0]
    for _ in range(2):
        session.run(v.assign_add([1.0, 1.0]))
    assert session.partial_run(handle, y, {x: 2.0}).tolist() == [2.0, 4.0]
    assert session.run(v.read_value()).tolist() == [3.0, 4.0]


@pytest.mark.uses("CheckNumerics", "AddV2")
def test_of_checks_in_a_row_the_first_fails(tf, session):
    x = tf.placeholder(tf.float32, [2])
    first = tf.check_numerics(x, "first")
    second = tf.check_numerics(first + 1.0, "second")
    assert session.run(second, {x: [1.0, 2.0]}).tolist() == [2.0, 3.0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="first : Tensor had NaN"):
        session.run(second, {x: [1.0, np.nan]})
    assert session.run(second, {x: [1.0, 2.0]}).tolist() == [2.0, 3.0]


@pytest.mark.uses("CheckNumerics", "AddV2")
def test_of_checks_in_a_row_the_last_counts(tf, session):
    x = tf.placeholder(tf.float32, [])
    y = tf.check_numerics(tf.check_numerics(x, "first") + np.float32(3e38), "second")
    assert session.run(y, {x: 0.0}) == np.float32(3e38)
    with pytest.raises(tf.errors.InvalidArgumentError, match="second : Tensor had Inf"):
        session.run(y, {x: 3e38})


@pytest.mark.uses("MatMul", "Mul")
def test_steps_that_differ_in_one_thing_are_two(tf, session):
    x = tf.placeholder(tf.float32, [2, 2])
    value = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    for flip in (False, True, False):
        got = session.run(tf.matmul(x, x, transpose_b=flip), {x: value})
        assert got.tolist() == (value @ (value.T if flip else value)).tolist()
    for factor in (2.0, 3.0, 2.0):
        assert session.run(x * factor, {x: value}).tolist() == (value * factor).tolist()
