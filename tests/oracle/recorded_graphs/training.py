"""Training: losses, gradients, optimizers and their variables, recurrent networks."""

import numpy as np
from lost_names import restore

from recorded_graphs import Step, program

ROWS = np.random.RandomState(0).randn(12, 6).astype(np.float32)
LABELS = np.arange(12, dtype=np.int32) % 3


def _start(tf):
    """Make what all programs feed: rows of features, and a class for each."""
    tf.disable_control_flow_v2()
    restore(tf)
    x = tf.placeholder(tf.float32, [None, 6], "x")
    labels = tf.placeholder(tf.int32, [None], "labels")
    return x, labels


def _dense(tf, x, units, name, activation=None, use_resource=False):
    """Return a layer whose weights are the same in every run."""
    size = int(x.shape[-1])
    random = np.random.RandomState(len(name) + units)
    start = (random.randn(size, units) * 0.3).astype(np.float32)
    with tf.variable_scope(name, use_resource=use_resource):
        weights = tf.get_variable("w", initializer=start)
        bias = tf.get_variable("b", initializer=np.zeros(units, np.float32))
    y = tf.matmul(x, weights) + bias
    return y if activation is None else activation(y)


def _loss(tf, logits, labels):
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(each)


def _trained(tf, loss, train, x, labels, more=(), times=3):
    feeds = {x: ROWS, labels: LABELS}
    fetches = [loss, *more]
    steps = [Step([], {}, [tf.global_variables_initializer()])]
    steps += [Step(fetches, feeds, [train]) for _ in range(times)]
    return [*steps, Step(fetches, {x: ROWS[:5], labels: LABELS[:5]}), Step([loss], feeds)]


def _perceptron(tf, optimizer, use_resource=False):
    x, labels = _start(tf)
    hidden = _dense(tf, x, 5, "hidden", tf.nn.relu, use_resource)
    logits = _dense(tf, hidden, 3, "logits", None, use_resource)
    loss = _loss(tf, logits, labels)
    step = tf.train.get_or_create_global_step()
    train = optimizer.minimize(loss, global_step=step)
    return _trained(tf, loss, train, x, labels, [logits])


@program
def gradient_descent(tf):
    return _perceptron(tf, tf.train.GradientDescentOptimizer(0.5))


@program
def momentum(tf):
    return _perceptron(tf, tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True))


@program
def adam_with_resources(tf):
    return _perceptron(tf, tf.train.AdamOptimizer(0.1), use_resource=True)


@program
def adagrad_with_decay(tf):
    step = tf.train.get_or_create_global_step()
    rate = tf.train.exponential_decay(0.5, step, 2, 0.5, staircase=True)
    return _perceptron(tf, tf.train.AdagradOptimizer(rate))


@program
def ftrl(tf):
    return _perceptron(tf, tf.train.FtrlOptimizer(0.5, l1_regularization_strength=0.01))


@program
def clipped_rmsprop(tf):
    x, labels = _start(tf)
    loss = _loss(tf, _dense(tf, x, 3, "logits"), labels)
    optimizer = tf.train.RMSPropOptimizer(0.05, centered=True)
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    clipped, norm = tf.clip_by_global_norm(gradients, 0.1)
    train = optimizer.apply_gradients(zip(clipped, variables, strict=True))
    return _trained(tf, loss, train, x, labels, [norm])


@program
def convolutions_with_batch_norm(tf):
    x, labels = _start(tf)
    images = tf.reshape(tf.tile(x, [1, 6]), [-1, 6, 6, 1])
    start = np.random.RandomState(1).randn(3, 3, 1, 4).astype(np.float32) * 0.3
    filters = tf.get_variable("filters", initializer=start)
    y = tf.nn.conv2d(images, filters, [1, 1, 1, 1], "SAME")
    scale, offset = tf.get_variable("s", initializer=tf.ones([4])), tf.Variable(tf.zeros([4]))
    mean, variance = tf.nn.moments(y, [0, 1, 2])
    kept = tf.Variable(tf.zeros([4]), trainable=False)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS, kept.assign(kept * 0.9 + mean * 0.1))
    y = tf.nn.relu(tf.nn.batch_normalization(y, mean, variance, offset, scale, 1e-3))
    y = tf.reshape(tf.nn.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), [-1, 36])
    loss = _loss(tf, _dense(tf, y, 3, "logits"), labels)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return _trained(tf, loss, train, x, labels, [kept])


@program
def embeddings_with_lazy_adam(tf):
    _, labels = _start(tf)
    words = tf.placeholder(tf.int32, [None], "words")
    start = np.random.RandomState(2).randn(7, 4).astype(np.float32)
    table = tf.get_variable("table", initializer=start)
    looked_up = tf.nn.embedding_lookup(table, words)
    loss = _loss(tf, _dense(tf, looked_up, 3, "logits"), labels)
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    average = tf.train.ExponentialMovingAverage(0.9)
    with tf.control_dependencies([train]):
        kept = average.apply([table])
    feeds = {words: [1, 2, 2, 6], labels: [0, 1, 2, 0]}
    return [
        Step([], {}, [tf.global_variables_initializer()]),
        Step([loss], feeds, [kept]),
        Step([loss], feeds, [kept]),
        Step([loss, tf.identity(table), average.average(table)], feeds),
    ]


def _recurrent(tf, cell, with_lengths=False):
    x, labels = _start(tf)
    sequence = tf.reshape(x, [-1, 3, 2])
    lengths = labels + 1 if with_lengths else None
    outputs, _ = tf.nn.dynamic_rnn(cell(tf), sequence, lengths, dtype=tf.float32)
    loss = _loss(tf, _dense(tf, outputs[:, -1], 3, "logits"), labels)
    optimizer = tf.train.GradientDescentOptimizer(0.5)
    gradients = [(tf.clip_by_value(g, -0.5, 0.5), v) for g, v in optimizer.compute_gradients(loss)]
    return _trained(tf, loss, optimizer.apply_gradients(gradients), x, labels)


def _fixed(tf):
    return tf.random_uniform_initializer(-0.5, 0.5, seed=3)


@program
def lstm(tf):
    return _recurrent(tf, lambda tf: tf.nn.rnn_cell.LSTMCell(4, initializer=_fixed(tf)))


@program
def gru_with_lengths(tf):
    def cell(tf):
        return tf.nn.rnn_cell.GRUCell(4, kernel_initializer=_fixed(tf))

    return _recurrent(tf, cell, with_lengths=True)


@program
def two_towers_and_a_penalty(tf):
    x, labels = _start(tf)
    with tf.variable_scope("shared", reuse=tf.AUTO_REUSE):
        left = _dense(tf, x, 4, "tower", tf.tanh)
        right = _dense(tf, -x, 4, "tower", tf.tanh)
    loss = _loss(tf, _dense(tf, left * right, 3, "logits"), labels)
    slope = tf.gradients(loss, x)[0]
    total = loss + tf.reduce_sum(tf.square(slope))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(total)
    return _trained(tf, total, train, x, labels, [slope])
