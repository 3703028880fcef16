"""Loops and conditions of version 1: frames, TensorArrays, stacks, and gradients of all of them."""

import numpy as np

from recorded_graphs import Step, program

X = np.array([1.0, 2.0, 3.0], np.float32)
OTHER = np.array([0.5, -1.0, 0.25], np.float32)


def _inputs(tf):
    tf.disable_control_flow_v2()
    return tf.placeholder(tf.float32, [None], "x"), tf.placeholder(tf.int32, [], "n")


def _twice(fetches, x, n, count=3):
    """Run for two inputs, and for other numbers of iterations."""
    return [Step(fetches, {x: X, n: count}), Step(fetches, {x: OTHER, n: count - 2})]


@program
def power(tf):
    x, n = _inputs(tf)
    i, y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * y * x + tf.sin(y)), (0, x))
    slope = tf.gradients(y, x)[0]
    return [*_twice([i, y, slope], x, n), Step([y, slope], {x: X, n: 0})]


@program
def nested_loops(tf):
    x, n = _inputs(tf)

    def row(i, y):
        inner = tf.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, z * x + 1), (0, y))
        return i + 1, inner[1]

    y = tf.while_loop(lambda i, _: i < n, row, (0, x))[1]
    return _twice([y, tf.gradients(y, x)[0]], x, n)


@program
def condition_in_a_loop(tf):
    x, n = _inputs(tf)

    def step(i, y):
        large = tf.reduce_sum(y) > 5.0
        return i + 1, tf.cond(large, lambda: y * 0.5 + x, lambda: y * y + 1.0)

    y = tf.while_loop(lambda i, _: i < n, step, (0, x))[1]
    return _twice([y, tf.gradients(y, x)[0]], x, n, 5)


@program
def loop_in_a_condition(tf):
    x, n = _inputs(tf)

    def loop():
        return tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y * x), (0, x))[1]

    y = tf.cond(n > 1, loop, lambda: -x)
    return _twice([y, tf.gradients(y, x)[0]], x, n)


@program
def arrays(tf):
    x, n = _inputs(tf)
    array = tf.TensorArray(tf.float32, size=3, clear_after_read=False)
    array = array.write(0, x[0]).write(2, x[1] * 2).write(1, x[2])
    pieces = tf.TensorArray(tf.float32, size=2, infer_shape=False, clear_after_read=False)
    pieces = pieces.split(x * x, [1, 2])
    rows = tf.TensorArray(tf.float32, size=3, clear_after_read=False).unstack(x + 1)
    fetches = [array.stack(), array.gather([2, 0]), array.read(1), pieces.concat(), pieces.size()]
    fetches += [rows.read(0), rows.gather([1, 1])]
    weighted = array.stack() * [1.0, 2.0, 3.0]
    slopes = tf.gradients([weighted, pieces.concat(), rows.read(0), rows.read(0)], x)
    slopes += tf.gradients(rows.gather([1, 1]) * [1.0, 10.0], x)
    return _twice([*fetches, *slopes], x, n)


@program
def growing_array(tf):
    x, n = _inputs(tf)

    def step(i, array, total):
        return i + 1, array.write(i, total), total * x[0] + tf.to_float(i)

    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, clear_after_read=False)
    _, array, total = tf.while_loop(lambda i, *_: i < n, step, (0, array, x[1]))
    fetches = [array.stack(), array.size(), total, *tf.gradients([array.stack(), total], x)]
    return _twice(fetches, x, n, 4)


@program
def mapped(tf):
    x, n = _inputs(tf)
    y = tf.map_fn(lambda v: v * v + x[0], x)
    pairs = tf.map_fn(lambda p: (p[0] * p[1], p[0]), (x, x + 1), (tf.float32, tf.float32))
    return _twice([y, *pairs, *tf.gradients([y, pairs[0]], x)], x, n)


@program
def scanned(tf):
    x, n = _inputs(tf)
    sums = tf.scan(lambda total, v: total * 0.5 + v, x)
    back = tf.scan(lambda total, v: total * v, x, initializer=tf.constant(2.0), reverse=True)
    folded = tf.foldl(lambda total, v: total + v * v, x, initializer=1.0)
    last = tf.foldr(lambda total, v: total * 0.5 + v, x)
    return _twice([sums, back, folded, last, *tf.gradients([sums, back, folded], x)], x, n)


@program
def recurrent_cell(tf):
    x, n = _inputs(tf)
    random = np.random.RandomState(0)
    weights = tf.constant(random.randn(5, 8).astype(np.float32) * 0.5)
    sequence = tf.reshape(tf.tile(x, [6]), [2, 3, 3])

    def step(t, outputs, h, c):
        z = tf.matmul(tf.concat([sequence[:, t], h], 1), weights)
        forget, take, new, show = tf.split(z, 4, 1)
        c = tf.sigmoid(forget) * c + tf.sigmoid(take) * tf.tanh(new)
        h = tf.sigmoid(show) * tf.tanh(c)
        return t + 1, outputs.write(t, h), h, c

    zeros = tf.zeros([2, 2])
    start = (0, tf.TensorArray(tf.float32, 3), zeros, zeros)
    _, outputs, h, c = tf.while_loop(lambda t, *_: t < 3, step, start)
    slopes = tf.gradients([outputs.stack(), c], [x, weights])
    return _twice([h, c, *slopes], x, n)


@program
def dead_branches(tf):
    x, n = _inputs(tf)
    positive = tf.reduce_sum(x) > 0
    no, yes = tf.raw_ops.Switch(data=x, pred=positive)
    bigger = tf.raw_ops.Switch(data=yes * 2, pred=n > 2)
    inner, which = tf.raw_ops.Merge(inputs=[bigger[0] - 1, bigger[1] + 1])
    merged, index = tf.raw_ops.Merge(inputs=[tf.exp(no), inner])
    with tf.control_dependencies([tf.raw_ops.ControlTrigger()]):
        last = tf.identity(merged) + 1
    return [
        Step([merged, index, last, which], {x: X, n: 3}),
        Step([merged, index, last, which], {x: X, n: 1}),
        Step([merged, index, last], {x: OTHER - 3, n: 3}),
    ]


@program
def cases(tf):
    x, n = _inputs(tf)
    y = tf.case(
        [(n > 3, lambda: x + 1), (n > 1, lambda: x * x), (tf.reduce_sum(x) > 0, lambda: -x)],
        default=lambda: tf.zeros_like(x),
    )
    return [*_twice([y, tf.gradients(y, x)[0]], x, n), Step([y], {x: X, n: 1})]


@program
def shapes_that_grow(tf):
    x, n = _inputs(tf)
    y = tf.while_loop(
        lambda i, _: i < n,
        lambda i, y: (i + 1, tf.concat([y, y[:1] * 2], 0)),
        (0, x),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )[1]
    return _twice([y, tf.shape(y), tf.gradients(y, x)[0]], x, n)


@program
def variables_in_branches(tf):
    x, n = _inputs(tf)
    v = tf.get_variable("v", initializer=1.0, use_resource=False)
    r = tf.get_variable("r", initializer=[2.0, 3.0, 4.0], use_resource=True)
    total = tf.cond(n > 1, lambda: tf.assign_add(v, 10.0), lambda: tf.identity(v))

    def step(i, y):
        with tf.control_dependencies([r.assign_add(x)]):
            return i + 1, y + tf.reduce_sum(r.read_value())

    with tf.control_dependencies([total]):
        y = tf.while_loop(lambda i, _: i < n, step, (0, tf.identity(total)), parallel_iterations=1)[
            1
        ]
    start, value = tf.global_variables_initializer(), r.read_value()
    return [
        Step([], {}, [start]),
        Step([y], {x: X, n: 2}),
        Step([y], {x: X, n: 1}),
        Step([v, value], {}),
    ]


@program
def collatz(tf):
    tf.disable_control_flow_v2()
    n = tf.placeholder(tf.int64, [], "n")

    def step(value, count):
        even = tf.equal(value % 2, 0)
        return tf.cond(even, lambda: value // 2, lambda: 3 * value + 1), count + 1

    start = (n, tf.constant(0, tf.int64))
    value, count = tf.while_loop(lambda v, _: v > 1, step, start, maximum_iterations=1000)
    return [Step([value, count], {n: k}) for k in (27, 1, 7)]
