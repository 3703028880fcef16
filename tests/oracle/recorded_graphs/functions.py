"""Functions: calls, conditions and loops of version 2, and gradients of version 1's functions."""

import numpy as np

from recorded_graphs import Step, program

X = np.array([1.0, 2.0, 3.0], np.float32)
OTHER = np.array([0.5, -1.0, 0.25], np.float32)


def _inputs(tf):
    tf.enable_control_flow_v2()
    return tf.placeholder(tf.float32, [None], "x"), tf.placeholder(tf.int32, [], "n")


def _twice(fetches, x, n, count=3):
    return [Step(fetches, {x: X, n: count}), Step(fetches, {x: OTHER, n: count - 2})]


def _function(tf, body):
    import tensorflow

    return tensorflow.function(body)


@program
def calls(tf):
    x, n = _inputs(tf)
    inner = _function(tf, lambda a, b: (a * 2 + tf.cast(b, tf.float32), tf.reduce_sum(a)))
    outer = _function(tf, lambda a, b: inner(inner(a, b)[0], b)[0] - inner(a, b)[1])
    return _twice([*inner(x, n), outer(x, n)], x, n)


@program
def lists_of_arguments(tf):
    x, _ = _inputs(tf)

    def split(a, b):
        kinds, places = tf.unique(a)
        return [*tf.split(b, 2), kinds, places, a]

    results = _function(tf, split)(x, tf.concat([x, [7.0]], 0))
    return [Step(results, {x: X}), Step(results, {x: np.array([2, 2, 1], np.float32)})]


@program
def functional_conditions(tf):
    x, n = _inputs(tf)
    y = tf.cond(n > 1, lambda: x * x, lambda: -x)
    nested = tf.cond(n > 1, lambda: tf.cond(n > 2, lambda: y + 1, lambda: y), lambda: y * 10)
    switch = tf.switch_case(n, [lambda: x, lambda: x * 10, lambda: x * 100])
    fetches = [y, nested, switch, *tf.gradients([y, nested, switch], x)]
    return [*_twice(fetches, x, n), Step(fetches, {x: X, n: -4}), Step(fetches, {x: X, n: 1})]


@program
def functional_loops(tf):
    x, n = _inputs(tf)
    scale = tf.constant([1.0, 0.5, 0.25])
    i, y = tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y * scale + x), (0, x))
    grown = tf.while_loop(
        lambda i, _: i < n,
        lambda i, y: (i + 1, tf.concat([y, y[:1]], 0)),
        (0, x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )[1]
    return _twice([i, y, grown, *tf.gradients([y, grown], x)], x, n)


@program
def functional_loop_of_a_condition(tf):
    x, n = _inputs(tf)

    def step(i, y):
        large = tf.reduce_sum(y) > 10
        return i + 1, tf.cond(large, lambda: y * 0.5, lambda: y * y + 1)

    y = tf.while_loop(lambda i, _: i < n, step, (0, x))[1]
    return _twice([y, *tf.gradients(y, x)], x, n, 5)


@program
def functional_nested_loops(tf):
    x, n = _inputs(tf)

    def row(i, y):
        return i + 1, tf.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, z * x + 1), (0, y))[1]

    y = tf.while_loop(lambda i, _: i < n, row, (0, x))[1]
    return _twice([y, *tf.gradients(y, x)], x, n)


@program
def lists_in_loops(tf):
    x, n = _inputs(tf)
    mapped = tf.map_fn(lambda v: v * v + x[0], x)
    scanned = tf.scan(lambda total, v: total * 0.5 + v, x)

    def step(i, array, total):
        return i + 1, array.write(i, total), total * x[0] + tf.cast(i, tf.float32)

    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    _, array, total = tf.while_loop(lambda i, *_: i < n, step, (0, array, x[1]))
    stacked = array.stack()
    fetches = [mapped, scanned, stacked, total]
    return _twice([*fetches, *tf.gradients(fetches, x)], x, n)


@program
def variables_in_functions(tf):
    x, n = _inputs(tf)
    v = tf.get_variable("v", initializer=[1.0, 2.0, 3.0], use_resource=True)

    def add(a):
        v.assign_add(a)
        return v.read_value() * 2

    added = _function(tf, add)(x)
    with tf.control_dependencies([added]):
        chosen = tf.cond(n > 1, lambda: v.assign_sub([1.0, 1.0, 1.0]), lambda: v.read_value())
    start, value = tf.global_variables_initializer(), v.read_value()
    return [
        Step([], {}, [start]),
        Step([added, chosen], {x: X, n: 3}),
        Step([chosen], {x: OTHER, n: 0}),
        Step([value], {}),
    ]


@program
def what_only_has_to_run(tf):
    x, _ = _inputs(tf)
    v = tf.get_variable("v", initializer=0.0, use_resource=True)

    def count(a):
        v.assign_add(1.0)
        tf.debugging.assert_less(a, 100.0)
        return a + 1

    y = _function(tf, count)(_function(tf, count)(x))
    start, value = tf.global_variables_initializer(), v.read_value()
    return [Step([], {}, [start]), Step([y], {x: X}), Step([y], {x: OTHER}), Step([value])]


@program
def symbolic_gradient(tf):
    from tensorflow.python.framework import function

    x, n = _inputs(tf)

    @function.Defun(tf.float32, tf.float32)
    def both(a, b):
        return a * b + tf.sin(a), a - b

    first, second = both(x, x + 1)
    return _twice([first, second, *tf.gradients([first, second], x)], x, n)


@program
def function_with_a_gradient_of_its_own(tf):
    from tensorflow.python.framework import function

    x, n = _inputs(tf)

    @function.Defun(tf.float32, tf.float32)
    def doubled(a, da):
        return da * 2 + a

    @function.Defun(tf.float32, grad_func=doubled)
    def square(a):
        return a * a

    y = square(x)
    return _twice([y, *tf.gradients(y, x)], x, n)


@program
def random_numbers_in_functions(tf):
    x, _ = _inputs(tf)

    def noise(a):
        return a + tf.random.uniform([3], seed=7), tf.random.stateless_uniform([2], seed=[1, 2])

    first, plain = _function(tf, noise)(x)
    return [Step([plain], {x: X}), Step([plain, tf.shape(first)], {x: OTHER})]
