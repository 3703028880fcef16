"""Training programs, written against `tf`: a module of TensorFlow 1.

Each builds its graph in the default graph and returns a `Program`. They import nothing but NumPy,
so that the recorder can run them where TensorFlow is installed and evergraph is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from networks import NETWORKS
from parts import Build, Program, classes, dense, numbers


def regression(tf: Any) -> Program:
    """A line through points, with plain variables."""
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.placeholder(tf.float32, [None])
    weights = tf.Variable(tf.random_normal([3, 1], stddev=0.5, seed=3), name="weights")
    bias = tf.Variable(0.0, name="bias")
    predicted = tf.squeeze(tf.matmul(x, weights), 1) + bias
    loss = tf.reduce_mean(tf.square(predicted - y)) + 0.01 * tf.nn.l2_loss(weights)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    points = numbers(0, 32, 3)
    values = points @ np.array([1.0, -2.0, 0.5], np.float32) + np.float32(0.3)
    return Program(loss, train, lambda step: {x: points, y: values}, {"bias": bias})


def perceptron(tf: Any, optimizer: Any) -> Program:
    """Two hidden layers, classifying noise."""
    x = tf.placeholder(tf.float32, [None, 20])
    y = tf.placeholder(tf.int64, [None])
    h = tf.nn.relu(dense(tf, x, 32, "hidden1"))
    h = tf.tanh(dense(tf, h, 16, "hidden2"))
    logits = dense(tf, h, 5, "logits")
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    loss = tf.reduce_mean(losses)
    step = tf.train.get_or_create_global_step()
    train = optimizer.minimize(loss, global_step=step)
    batches = [(numbers(i, 16, 20), classes(i, 16, 5)) for i in range(4)]
    return Program(
        loss, train, lambda i: dict(zip((x, y), batches[i % 4], strict=True)), {"step": step}
    )


def perceptron_momentum(tf: Any) -> Program:
    """With Nesterov's momentum, and a rate that decays."""
    rate = tf.train.exponential_decay(0.1, tf.train.get_or_create_global_step(), 5, 0.9)
    return perceptron(tf, tf.train.MomentumOptimizer(rate, 0.9, use_nesterov=True))


def perceptron_adam(tf: Any) -> Program:
    """With Adam."""
    return perceptron(tf, tf.train.AdamOptimizer(0.01))


def perceptron_rmsprop(tf: Any) -> Program:
    """With centred RMSProp."""
    return perceptron(tf, tf.train.RMSPropOptimizer(0.01, centered=True, momentum=0.5))


def convolutional(tf: Any) -> Program:
    """Convolutions with batch normalisation and dropout's kin, pooling, and a classifier."""
    x = tf.placeholder(tf.float32, [None, 8, 8, 3])
    y = tf.placeholder(tf.int64, [None])
    h = x
    updates = []
    for i, channels in enumerate((8, 16)):
        with tf.variable_scope(f"conv{i}"):
            kernel = tf.get_variable("kernel", [3, 3, int(h.shape[3]), channels])
            scale = tf.get_variable("scale", [channels], initializer=tf.ones_initializer())
            offset = tf.get_variable("offset", [channels], initializer=tf.zeros_initializer())
            mean = tf.get_variable(
                "mean", [channels], initializer=tf.zeros_initializer(), trainable=False
            )
            h = tf.nn.conv2d(h, kernel, strides=[1, 1, 1, 1], padding="SAME")
            h, batch_mean, _ = tf.nn.fused_batch_norm(h, scale, offset, epsilon=1e-3)
            updates.append(tf.assign_sub(mean, 0.1 * (mean - batch_mean)))
            h = tf.nn.max_pool(tf.nn.relu(h), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    flat = tf.reshape(h, [-1, 2 * 2 * 16])
    losses = tf.nn.softmax_cross_entropy_with_logits_v2(
        labels=tf.one_hot(y, 4), logits=dense(tf, flat, 4, "logits")
    )
    loss = tf.reduce_mean(losses)
    with tf.control_dependencies(updates):
        train = tf.train.MomentumOptimizer(0.05, 0.9).minimize(loss)
    images, labels = numbers(1, 12, 8, 8, 3), classes(1, 12, 4)
    return Program(loss, train, lambda i: {x: images, y: labels}, {"mean": mean})


def embedding(tf: Any) -> Program:
    """Word vectors, whose gradients are sparse."""
    words = tf.placeholder(tf.int32, [None, 4])
    y = tf.placeholder(tf.float32, [None])
    table = tf.get_variable("table", [30, 6], initializer=tf.random_uniform_initializer(-1, 1))
    rows = tf.reduce_mean(tf.nn.embedding_lookup(table, words), 1)
    score = tf.squeeze(dense(tf, rows, 1, "score"), 1)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=score)
    loss = tf.reduce_mean(losses)
    train = tf.train.AdagradOptimizer(0.5).minimize(loss)
    texts = np.random.RandomState(2).randint(0, 30, (16, 4)).astype(np.int32)
    liked = (texts.sum(1) % 2).astype(np.float32)
    return Program(loss, train, lambda i: {words: texts, y: liked}, {"table": table})


def autoencoder(tf: Any) -> Program:
    """A bottleneck with tied weights, and a penalty on what is active."""
    x = tf.placeholder(tf.float32, [None, 12])
    weights = tf.get_variable(
        "weights", [12, 4], initializer=tf.truncated_normal_initializer(stddev=0.3)
    )
    code = tf.nn.sigmoid(tf.matmul(x, weights))
    back = tf.matmul(code, weights, transpose_b=True)
    loss = tf.reduce_mean(tf.squared_difference(x, back)) + 0.1 * tf.reduce_mean(tf.abs(code))
    train = tf.train.AdamOptimizer(0.02).minimize(loss)
    data = numbers(3, 24, 12)
    return Program(loss, train, lambda i: {x: data}, {"weights": weights})


def two_heads(tf: Any) -> Program:
    """Two losses on a shared layer, each with an optimizer and variables of its own."""
    x = tf.placeholder(tf.float32, [None, 6])
    y = tf.placeholder(tf.float32, [None, 2])
    with tf.variable_scope("shared"):
        shared = tf.nn.elu(dense(tf, x, 10, "layer"))
    heads = [dense(tf, shared, 1, f"head{i}") for i in range(2)]
    losses = [tf.reduce_mean(tf.square(h[:, 0] - y[:, i])) for i, h in enumerate(heads)]
    loss = losses[0] + 0.5 * losses[1]
    pairs = []
    for i, part in enumerate(losses):
        optimizer = tf.train.GradientDescentOptimizer(0.05)
        own = tf.trainable_variables(f"head{i}")
        pairs.append((optimizer, optimizer.compute_gradients(part, var_list=own)))
    optimizer = tf.train.FtrlOptimizer(0.1)
    shared_variables = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "shared")
    pairs.append((optimizer, optimizer.compute_gradients(loss, var_list=shared_variables)))
    # All gradients are of the same weights.
    with tf.control_dependencies([g for _, found in pairs for g, _ in found]):
        trained = [optimizer.apply_gradients(found) for optimizer, found in pairs]
    points, values = numbers(4, 20, 6), numbers(5, 20, 2)
    return Program(loss, tf.group(*trained), lambda i: {x: points, y: values})


def clipped(tf: Any) -> Program:
    """Gradients clipped by their global norm, and a rate in pieces."""
    x = tf.placeholder(tf.float32, [None, 10])
    y = tf.placeholder(tf.float32, [None, 1])
    h = tf.nn.softplus(dense(tf, x, 8, "hidden"))
    loss = tf.reduce_sum(tf.square(dense(tf, h, 1, "out") - y))
    step = tf.train.get_or_create_global_step()
    rate = tf.train.piecewise_constant(step, [5, 12], [0.1, 0.05, 0.01])
    optimizer = tf.train.GradientDescentOptimizer(rate)
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    gradients, norm = tf.clip_by_global_norm(gradients, 1.0)
    train = optimizer.apply_gradients(zip(gradients, variables, strict=True), global_step=step)
    points, values = numbers(6, 15, 10), numbers(7, 15, 1)
    return Program(loss, train, lambda i: {x: points, y: values}, {"norm": norm})


def averaged(tf: Any) -> Program:
    """Moving averages of the variables, which are updated after each step."""
    x = tf.placeholder(tf.float32, [None, 5])
    y = tf.placeholder(tf.float32, [None, 1])
    out = dense(tf, tf.nn.leaky_relu(dense(tf, x, 7, "hidden")), 1, "out")
    error = tf.abs(out - y)
    loss = tf.reduce_mean(tf.where(error < 1.0, 0.5 * tf.square(error), error - 0.5))
    step = tf.train.get_or_create_global_step()
    applied = tf.train.AdadeltaOptimizer(1.0).minimize(loss, global_step=step)
    average = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
    variables = tf.trainable_variables()
    with tf.control_dependencies([applied]):
        train = average.apply(variables)
    points, values = numbers(8, 10, 5), numbers(9, 10, 1)
    return Program(
        loss, train, lambda i: {x: points, y: values}, {"average": average.average(variables[0])}
    )


PROGRAMS: Final[dict[str, Build]] = {
    "regression": regression,
    "perceptron_momentum": perceptron_momentum,
    "perceptron_adam": perceptron_adam,
    "perceptron_rmsprop": perceptron_rmsprop,
    "convolutional": convolutional,
    "embedding": embedding,
    "autoencoder": autoencoder,
    "two_heads": two_heads,
    "clipped": clipped,
    "averaged": averaged,
    **NETWORKS,
}
STEPS: Final = 20
SEED: Final = 1234


@dataclass(frozen=True)
class Trained:
    """What a program gave: its first weights by name, its losses, and what was watched."""

    weights: dict[str, np.ndarray[Any, Any]]
    losses: list[float]
    watched: dict[str, np.ndarray[Any, Any]]


def trained(tf: Any, name: str, use_resource: bool, config: Any = None) -> Trained:
    """Train a program in a graph of its own."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(SEED)
        with tf.variable_scope("", use_resource=use_resource):
            program = PROGRAMS[name](tf)
        variables = tf.global_variables()
        start = tf.global_variables_initializer()
        with tf.Session(graph=graph, config=config) as session:
            session.run(start)
            weights = {v.name: session.run(v) for v in variables}
            losses = [
                float(session.run([program.loss, program.train], program.feeds(i))[0])
                for i in range(STEPS)
            ]
            watched = {k: session.run(t, program.feeds(0)) for k, t in program.watched.items()}
    return Trained(weights, losses, {k: np.asarray(v) for k, v in watched.items()})
