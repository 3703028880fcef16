"""Gradients of conditionals and loops, nested in each other; and gradients of those."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.uses(
    "Switch", "Merge", "AddV2", "Mul", "Less", "Greater", "MatMul", "Sin", "Exp", "Tanh", "GatherV2"
)


@pytest.fixture
def n(tf):
    """A scalar int32 placeholder: how often a loop runs."""
    return tf.placeholder(tf.int32, [])


@pytest.fixture
def x(tf):
    """A scalar float64 placeholder."""
    return tf.placeholder(tf.float64, [])


def repeated(tf, n, body, start, **more):
    """Return what `n` times `body(i, value)` makes of a value."""
    return tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, body(i, v)), (0, start), **more)[
        1
    ]


def slope(function, at, step=1e-6):
    """Return the central difference."""
    return (function(at + step) - function(at - step)) / (2 * step)


# Conditionals


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(True, ([4.0, 12.0], [1.0, 4.0], [0.0, 0.0])), (False, ([0.0, 0.0], [0.0, 0.0], [1.0, 1.0]))],
)
@pytest.mark.parametrize("resource", [False, True])
def test_only_the_branch_that_ran_has_a_gradient(tf, session, taken, expected, resource):
    p, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [2])
    w = tf.get_variable("w", initializer=[2.0, 3.0], use_resource=resource)
    u = tf.get_variable("u", initializer=[2.0, 3.0], use_resource=resource)
    y = tf.cond(p, lambda: x * x * w, lambda: u)
    session.run([w.initializer, u.initializer])
    found = session.run(tf.gradients(y, [x, w, u]), {p: taken, x: [1.0, 2.0]})
    assert [g.tolist() for g in found] == list(expected)


@pytest.mark.parametrize(("value", "expected"), [(0.5, 0.0), (1.5, np.exp(1.5)), (2.5, 5.0)])
def test_conditionals_in_branches(tf, session, x, value, expected):
    def inner():
        return tf.cond(x > 1.0, lambda: tf.exp(x), lambda: tf.constant(7.0, tf.float64))

    y = tf.cond(x > 2.0, lambda: x * x, inner)
    np.testing.assert_allclose(session.run(tf.gradients(y, x)[0], {x: value}), expected)


def test_one_predicate_decides_twice(tf, session, x):
    p = tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: x * 3.0, lambda: x * x)
    z = tf.cond(p, lambda: y * y, lambda: y + x)
    slopes = [session.run(tf.gradients(z, x)[0], {p: b, x: 2.0}) for b in (True, False)]
    assert slopes == [36.0, 5.0]


def test_a_conditional_is_differentiated_twice(tf, session, x):
    y = tf.cond(x > 0.0, lambda: x * x * x, lambda: tf.exp(x))
    (first,) = tf.gradients(y, x)
    (second,) = tf.gradients(first, x)
    assert session.run(second, {x: 2.0}) == 12.0
    np.testing.assert_allclose(session.run(second, {x: -1.0}), np.exp(-1.0))


def test_a_trained_branch(tf, session):
    p = tf.placeholder(tf.bool, [])
    v = tf.get_variable("v", initializer=2.0)
    loss = tf.cond(p, lambda: v * v, lambda: 3.0 * v)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    session.run(v.initializer)
    session.run(train, {p: False})
    assert session.run(v) == 0.5
    session.run(train, {p: True})
    assert session.run(v) == 0.0


# Loops


@pytest.mark.parametrize("times", [0, 1, 5])
def test_a_power(tf, session, n, x, times):
    y = repeated(tf, n, lambda i, v: v * x, tf.ones([], tf.float64))
    found = session.run(tf.gradients(y, x)[0], {n: times, x: 3.0})
    assert found == times * 3.0 ** (times - 1)


@pytest.mark.parametrize("times", [0, 1, 40])
def test_a_matrix_that_all_iterations_use(tf, session, n, times):
    w = tf.placeholder(tf.float64, [2, 2])
    start = tf.constant([[1.0, -1.0]], tf.float64)
    y = tf.reduce_sum(repeated(tf, n, lambda i, v: tf.tanh(tf.matmul(v, w)), start))
    at = np.array([[0.5, -0.25], [0.75, 1.0]])
    found = session.run(tf.gradients(y, w)[0], {n: times, w: at})
    ones = np.eye(4).reshape(4, 2, 2)
    along = [lambda d, e=e: session.run(y, {n: times, w: at + d * e}) for e in ones]
    wanted = [slope(f, 0.0) for f in along]
    np.testing.assert_allclose(found.reshape(-1), wanted, rtol=1e-6, atol=1e-8)


def test_variables_that_feed_each_other(tf, session, x):
    start = (0, x, tf.ones([], tf.float64))
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b * x, a * 2.0), start)
    # After three iterations a is 2 x^2, and b is 4 x^2 (b follows a, a follows b).
    assert session.run([a, b], {x: 3.0}) == [18.0, 36.0]
    assert session.run(tf.gradients(a, x)[0], {x: 3.0}) == 12.0
    assert session.run(tf.gradients(a + b, x)[0], {x: 3.0}) == 36.0


@pytest.mark.parametrize("resource", [False, True])
def test_rows_that_some_iterations_gather(tf, session, n, resource):
    table = tf.get_variable("t", initializer=[[1.0, 2.0], [3.0, 4.0]], use_resource=resource)

    def body(i, v):
        def looked_up():
            return v * tf.nn.embedding_lookup(table, i // 2)

        return tf.cond(tf.equal(i % 2, 0), looked_up, lambda: v)

    y = repeated(tf, n, body, tf.constant([1.0, 1.0]))
    session.run(table.initializer)
    found = tf.convert_to_tensor(tf.gradients(y, table)[0])
    assert session.run(found, {n: 3}).tolist() == [[3.0, 4.0], [1.0, 2.0]]


@pytest.mark.parametrize("resource", [False, True])
def test_rows_that_iterations_gather(tf, session, n, resource):
    table = tf.get_variable("t", initializer=[[1.0, 2.0], [3.0, 4.0]], use_resource=resource)
    y = repeated(tf, n, lambda i, v: v * tf.gather(table, i % 2), tf.ones([2]))
    session.run(table.initializer)
    gradient = tf.convert_to_tensor(tf.gradients(y, [table])[0])
    assert session.run(gradient, {n: 3}).tolist() == [[6.0, 16.0], [1.0, 4.0]]


def test_a_loop_without_back_prop_has_no_gradient(tf, session, n, x):
    y = repeated(tf, n, lambda i, v: v * x, x, back_prop=False)
    assert tf.gradients(y, x) == [None]


def test_a_limited_loop(tf, session, n, x):
    y = repeated(tf, n, lambda i, v: v * x, x, maximum_iterations=3)
    assert session.run(tf.gradients(y, x)[0], {n: 10, x: 2.0}) == 4 * 2.0**3


def test_a_gradient_within_an_iteration(tf, session, x):
    def descend(i, v):
        return v - 0.1 * tf.gradients(tf.square(v * x), v)[0]

    y = repeated(tf, 3, descend, x)
    np.testing.assert_allclose(session.run(y, {x: 1.1}), 1.1 * (1 - 0.2 * 1.21) ** 3)


def test_a_step_of_training_through_a_loop(tf, session, n):
    v = tf.get_variable("v", initializer=1.5)
    loss = repeated(tf, n, lambda i, s: s * v, tf.constant(1.0))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    session.run(v.initializer)
    for times, expected in ((2, 1.2), (1, 1.1), (0, 1.1)):
        session.run(train, {n: times})
        np.testing.assert_allclose(session.run(v), expected, rtol=1e-6)


# Each in the other


def conditional_in_loop(tf, n, x):
    def body(i, v):
        def deeper():
            return tf.cond(v > 2.0, lambda: tf.sqrt(v) * x, lambda: v + x)

        return tf.cond(tf.equal(i % 2, 0), lambda: v * v * x, deeper)

    return repeated(tf, n, body, x)


def loop_in_loop(tf, n, x):
    return repeated(tf, n, lambda i, v: repeated(tf, i + 1, lambda j, t: t * x + tf.sin(t), v), x)


def loop_in_conditional(tf, n, x):
    return tf.cond(n > 2, lambda: repeated(tf, n, lambda i, v: v * x, x), lambda: x * 3.0)


def loop_in_conditional_in_loop(tf, n, x):
    def body(i, v):
        def inner():
            return repeated(tf, i, lambda j, t: t * tf.sin(x + t), v)

        return tf.cond(tf.equal(i % 2, 0), inner, lambda: v * x * v)

    return repeated(tf, n, body, x)


NESTED = [conditional_in_loop, loop_in_loop, loop_in_conditional, loop_in_conditional_in_loop]


@pytest.mark.parametrize("times", [0, 1, 3, 6])
@pytest.mark.parametrize("build", NESTED, ids=lambda f: f.__name__)
def test_nested(tf, session, n, x, build, times):
    y = build(tf, n, x)
    found = session.run(tf.gradients(y, x)[0], {n: times, x: 0.9})
    wanted = slope(lambda v: session.run(y, {n: times, x: v}), 0.9)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("times", [0, 1, 3, 5])
@pytest.mark.parametrize("build", NESTED, ids=lambda f: f.__name__)
def test_nested_and_twice(tf, session, n, x, build, times):
    (first,) = tf.gradients(build(tf, n, x), x)
    (second,) = tf.gradients(first, x)
    found = session.run(second, {n: times, x: 0.9})
    wanted = slope(lambda v: session.run(first, {n: times, x: v}), 0.9)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


def test_hessians_of_a_loop(tf, session):
    v = tf.placeholder(tf.float64, [2])
    y = tf.reduce_prod(repeated(tf, 2, lambda i, s: s * v, v))
    (found,) = tf.hessians(y, v)
    # (a b)^3
    a, b = 2.0, 3.0
    wanted = [[6 * a * b**3, 9 * a**2 * b**2], [9 * a**2 * b**2, 6 * a**3 * b]]
    np.testing.assert_allclose(session.run(found, {v: [a, b]}), wanted)


def test_a_growing_array_whose_last_values_come_from_a_branch(tf, session, n, x):
    def body(i, v, values):
        following = tf.cond(i + 1 >= n, lambda: tf.zeros([2], tf.float64), lambda: v * x)
        return i + 1, following, values.write(i, v)

    values = tf.TensorArray(tf.float64, size=0, dynamic_size=True)
    start = (tf.constant(0), tf.ones([2], tf.float64), values)
    *_, values = tf.while_loop(lambda i, *_: i < n, body, start)
    y = tf.reduce_sum(values.stack())
    # 2 (1 + x + x^2)
    assert session.run([y, tf.gradients(y, x)[0]], {n: 3, x: 2.0}) == [14.0, 10.0]
