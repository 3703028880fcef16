"""Rows of state and training: operations that change variables, and steps of small networks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from rows import Api, Row, Size, Step, random


def run_op(api: Api, size: Size) -> Step:
    session, add, _ = variable(api, 1)
    return lambda: session.run(add)


def callable_op(api: Api, size: Size) -> Step:
    session, add, _ = variable(api, 1)
    function: Step = session.make_callable(add)
    return function


def fetch_variable(api: Api, size: Size) -> Step:
    session, _, read = variable(api, 1)
    return lambda: session.run(read)


def fetch_large_variable(api: Api, size: Size) -> Step:
    session, _, read = variable(api, size.transfer)
    return lambda: session.run(read)


def variable(api: Api, count: int) -> tuple[Any, Any, Any]:
    """Return a session with a variable, the operation that adds one to it, and what reads it."""
    graph = api.tf.Graph()
    with graph.as_default():
        v = api.tf.Variable(np.zeros([count], np.float32))
        add = api.tf.assign_add(v, [1.0] * count if count == 1 else v).op
        start = api.tf.global_variables_initializer()
    session = api.session(graph)
    session.run(start)
    return session, add, v


def trained(api: Api, network: Any, optimizer: Any, feeds: dict[str, Any], classes: int) -> Step:
    """Return a step that trains a network on the same batch."""
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [None, *feeds["x"].shape[1:]])
        y = tf.placeholder(tf.int64, [None])
        logits = dense(tf, network(tf, x), classes, "logits")
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(losses)
        train = optimizer(tf).minimize(loss)
        start = tf.global_variables_initializer()
    session = api.session(graph)
    session.run(start)
    # The loss tells whether all train the same network, and is there when the step is done.
    return lambda: session.run([loss, train], {x: feeds["x"], y: feeds["y"]})[0]


def dense(tf: Any, x: Any, units: int, name: str) -> Any:
    with tf.variable_scope(name):
        weights = tf.get_variable("weights", [int(x.shape[1]), units])
        biases = tf.get_variable("biases", [units], initializer=tf.zeros_initializer())
        return tf.matmul(x, weights) + biases


def layers_of_256(tf: Any, x: Any) -> Any:
    for i in range(2):
        x = tf.nn.relu(dense(tf, x, 256, f"hidden{i}"))
    return x


def convolutions(tf: Any, x: Any) -> Any:
    for i, channels in enumerate((32, 64)):
        with tf.variable_scope(f"conv{i}"):
            kernel = tf.get_variable("kernel", [5, 5, int(x.shape[3]), channels])
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, [1, 1, 1, 1], "SAME"))
            x = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    return dense(tf, tf.reshape(x, [-1, 7 * 7 * 64]), 128, "hidden")


def perceptron_step(optimizer: Any) -> Any:
    def program(api: Api, size: Size) -> Step:
        labels = np.arange(size.batch, dtype=np.int64) % 10
        feeds = {"x": random(9, size.batch, 784), "y": labels}
        return trained(api, layers_of_256, optimizer, feeds, 10)

    return program


def convolutional_step(api: Api, size: Size) -> Step:
    images = random(9, size.batch // 2, 28, 28, 1)
    labels = np.arange(size.batch // 2, dtype=np.int64) % 10
    feeds = {"x": images, "y": labels}
    return trained(api, convolutions, descent, feeds, 10)


def descent(tf: Any) -> Any:
    return tf.train.GradientDescentOptimizer(0.01)


def adam(tf: Any) -> Any:
    return tf.train.AdamOptimizer(0.001)


ROWS: Final = [
    Row(
        "run-op",
        "`run` of an operation: add to a variable",
        run_op,
        targets={"numpy": 0.15, "jax": 0.3},
    ),
    Row("callable-op", "`make_callable` of that operation", callable_op),
    Row("fetch-variable", "fetch a variable of one element", fetch_variable),
    Row(
        "fetch-large-variable",
        "fetch a variable of 4 MB",
        fetch_large_variable,
        targets={"numpy": 1.0, "jax": 1.0},
    ),
    Row(
        "mlp-step",
        "training step, 784-256-256-10 perceptron, batch of 128, SGD",
        perceptron_step(descent),
        targets={"numpy": 1.0, "jax": 1.0},
    ),
    Row("mlp-adam-step", "that step with Adam", perceptron_step(adam)),
    Row(
        "cnn-step",
        "training step, two 5x5 convolutions, batch of 64, SGD",
        convolutional_step,
        targets={"numpy": 2.5, "jax": 1.6},
    ),
]
