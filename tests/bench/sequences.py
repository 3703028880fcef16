"""Rows of loops and sequences: a counter, and training steps of an LSTM and a transformer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from rows import Api, Row, Size, Step, random
from training import adam, dense, descent, trained

#: Of a sequence and of its elements.
STEPS: Final = 20
WIDTH: Final = 128


def scalar_loop(api: Api, size: Size) -> Step:
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [])
        _, y = tf.while_loop(lambda i, _: i < n, lambda i, y: (i + 1, y * 0.5 + x), (0, x))
    session = api.session(graph)
    return lambda: session.run(y, {n: size.chain, x: 1.0})


def lstm(tf: Any, x: Any) -> Any:
    """The last output of an LSTM along a sequence, as `dynamic_rnn` builds it."""
    kernel = tf.get_variable("kernel", [2 * WIDTH, 4 * WIDTH])
    bias = tf.get_variable("bias", [4 * WIDTH], initializer=tf.zeros_initializer())
    steps = tf.shape(x)[1]
    inputs = tf.TensorArray(tf.float32, steps).unstack(tf.transpose(x, [1, 0, 2]))
    outputs = tf.TensorArray(tf.float32, steps)

    def step(t: Any, c: Any, h: Any, outputs: Any) -> Any:
        gates = tf.nn.bias_add(tf.matmul(tf.concat([inputs.read(t), h], 1), kernel), bias)
        i, j, f, o = tf.split(gates, 4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
        return t + 1, c, h, outputs.write(t, h)

    zero = tf.zeros([tf.shape(x)[0], WIDTH])
    start = (tf.constant(0), zero, zero, outputs)
    *_, outputs = tf.while_loop(lambda t, *_: t < steps, step, start)
    last = tf.reduce_mean(outputs.stack(), 0)
    last.set_shape([None, WIDTH])
    return last


def transformer(tf: Any, x: Any) -> Any:
    """Two layers of an encoder of four heads, and the mean of what they give."""
    heads, each = 4, WIDTH // 4

    def normalized(x: Any, name: str) -> Any:
        with tf.variable_scope(name):
            scale = tf.get_variable("scale", [WIDTH], initializer=tf.ones_initializer())
            mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
            return scale * (x - mean) * tf.rsqrt(variance + 1e-6)

    def split(x: Any) -> Any:
        return tf.transpose(tf.reshape(x, [-1, STEPS, heads, each]), [0, 2, 1, 3])

    x = tf.reshape(x, [-1, WIDTH])
    for layer in range(2):
        with tf.variable_scope(f"layer{layer}"):
            q, k, v = (split(dense(tf, x, WIDTH, name)) for name in "qkv")
            weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / float(each) ** 0.5)
            mixed = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [-1, WIDTH])
            x = normalized(x + dense(tf, mixed, WIDTH, "out"), "first")
            inner = tf.nn.relu(dense(tf, x, 4 * WIDTH, "inner"))
            x = normalized(x + dense(tf, inner, WIDTH, "outer"), "second")
    return tf.reduce_mean(tf.reshape(x, [-1, STEPS, WIDTH]), 1)


def sequence_step(network: Any, optimizer: Any) -> Any:
    def program(api: Api, size: Size) -> Step:
        labels = np.arange(size.batch // 4 or 1, dtype=np.int64) % 10
        feeds = {"x": random(9, len(labels), STEPS, WIDTH), "y": labels}
        return trained(api, network, optimizer, feeds, 10)

    return program


ROWS: Final = [
    Row(
        "scalar-loop",
        "`while_loop` of 1,000 iterations on scalars",
        scalar_loop,
        targets={"numpy": 0.1, "jax": 0.1},
    ),
    Row(
        "lstm-step",
        "training step, LSTM of 128 along 20 steps, batch of 32, SGD",
        sequence_step(lstm, descent),
        targets={"numpy": 1.0, "jax": 1.0},
    ),
    Row(
        "transformer-step",
        "training step, transformer of two layers, 32 x 20 x 128, Adam",
        sequence_step(transformer, adam),
        targets={"numpy": 2.5, "jax": 1.5},
    ),
]
