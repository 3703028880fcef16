"""Training programs that are made of `tf.layers` and recurrent cells."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from parts import Build, Program, classes, numbers


def convolutional_layers(tf: Any) -> Program:
    """A classifier of images: convolutions, batch normalisation, pooling, dense layers."""
    x = tf.placeholder(tf.float32, [None, 12, 12, 1])
    y = tf.placeholder(tf.int64, [None])
    training = tf.placeholder(tf.bool, [])
    h = tf.layers.conv2d(x, 6, 3, activation=tf.nn.relu, padding="same")
    h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.conv2d(h, 8, [3, 3], use_bias=False, name="second")
    h = tf.nn.relu(tf.layers.batch_normalization(h, training=training, momentum=0.9))
    h = tf.layers.average_pooling2d(h, 2, 2)
    h = tf.layers.dense(
        tf.layers.flatten(h),
        16,
        tf.nn.tanh,
        kernel_regularizer=lambda w: 0.01 * tf.nn.l2_loss(w),
    )
    h = tf.layers.batch_normalization(h, training=training)
    logits = tf.layers.dense(h, 4, name="logits")
    tf.losses.sparse_softmax_cross_entropy(y, logits)
    loss = tf.losses.get_total_loss()
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.AdamOptimizer(0.005).minimize(loss)
    images, labels = numbers(11, 16, 12, 12, 1), classes(12, 16, 4)
    averages = [v for v in tf.global_variables() if v.name.endswith("moving_variance:0")]
    return Program(
        loss,
        train,
        lambda i: {x: images, y: labels, training: True},
        {"first average": averages[0], "second average": averages[1]},
    )


def static_recurrent(tf: Any) -> Program:
    """Two basic cells along a list of inputs."""
    x = tf.placeholder(tf.float32, [8, 5, 3])
    y = tf.placeholder(tf.float32, [8, 1])
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicRNNCell(n) for n in (7, 5)])
    outputs, state = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(outputs[-1], 1) - y))
    train = tf.train.RMSPropOptimizer(0.01).minimize(loss)
    data, values = numbers(13, 8, 5, 3), numbers(14, 8, 1)
    return Program(loss, train, lambda i: {x: data, y: values}, {"state": state[1]})


def dynamic_recurrent(tf: Any) -> Program:
    """A GRU along sequences of several lengths."""
    x = tf.placeholder(tf.float32, [None, None, 3])
    lengths = tf.placeholder(tf.int32, [None])
    y = tf.placeholder(tf.int64, [None])
    cell = tf.nn.rnn_cell.GRUCell(9)
    outputs, state = tf.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32)
    logits = tf.layers.dense(state, 3)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
    loss = tf.reduce_mean(losses)
    optimizer = tf.train.GradientDescentOptimizer(0.5)
    gradients, variables = zip(*optimizer.compute_gradients(loss), strict=True)
    gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
    train = optimizer.apply_gradients(zip(gradients, variables, strict=True))
    data, labels = numbers(15, 6, 7, 3), classes(16, 6, 3)
    fed = np.array([7, 3, 5, 1, 6, 2], np.int32)
    return Program(loss, train, lambda i: {x: data, y: labels, lengths: fed}, {"outputs": outputs})


def bidirectional_recurrent(tf: Any) -> Program:
    """LSTMs with peepholes and a projection along sequences and against them."""
    x = tf.placeholder(tf.float32, [4, 6, 3])
    lengths = tf.placeholder(tf.int64, [4])
    y = tf.placeholder(tf.float32, [4, 6, 1])
    cells = [tf.nn.rnn_cell.LSTMCell(5, use_peepholes=True, num_proj=4) for _ in range(2)]
    outputs, states = tf.nn.bidirectional_dynamic_rnn(
        *cells, x, sequence_length=lengths, dtype=tf.float32
    )
    guesses = tf.layers.dense(tf.concat(outputs, 2), 1)
    mask = tf.expand_dims(tf.sequence_mask(lengths, 6, tf.float32), 2)
    loss = tf.losses.mean_squared_error(y, guesses, weights=mask)
    train = tf.train.AdamOptimizer(0.02).minimize(loss)
    data, values = numbers(17, 4, 6, 3), numbers(18, 4, 6, 1)
    fed = np.array([6, 2, 4, 5])
    return Program(
        loss, train, lambda i: {x: data, y: values, lengths: fed}, {"memory": states[1].c}
    )


def language_model(tf: Any) -> Program:
    """Two LSTM layers that predict the next word, and go on where the last batch ended."""
    batch, steps, words, size = 4, 6, 20, 8
    x = tf.placeholder(tf.int32, [batch, steps])
    y = tf.placeholder(tf.int32, [batch, steps])
    with tf.variable_scope(
        "model", initializer=tf.random_uniform_initializer(-0.1, 0.1), reuse=None
    ):
        table = tf.get_variable("embedding", [words, size])
        cells = [tf.nn.rnn_cell.BasicLSTMCell(size, forget_bias=0.0) for _ in range(2)]
        cell = tf.nn.rnn_cell.MultiRNNCell(cells)
        kept = [
            [tf.get_variable(f"{part}{i}", [batch, size], trainable=False) for part in "ch"]
            for i in range(2)
        ]
        start = tuple(tf.nn.rnn_cell.LSTMStateTuple(*pair) for pair in kept)
        outputs, state = tf.nn.dynamic_rnn(
            cell, tf.nn.embedding_lookup(table, x), initial_state=start
        )
        logits = tf.layers.dense(tf.reshape(outputs, [-1, size]), words, name="softmax")
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.reshape(y, [-1]), logits=logits
    )
    loss = tf.reduce_sum(losses) / batch
    weights = tf.trainable_variables()
    gradients, _ = tf.clip_by_global_norm(tf.gradients(loss, weights), 5.0)
    optimizer = tf.train.GradientDescentOptimizer(1.0)
    with tf.control_dependencies(gradients):
        updates = [
            tf.assign(variable, value)
            for pair, new in zip(kept, state, strict=True)
            for variable, value in zip(pair, new, strict=True)
        ]
        applied = optimizer.apply_gradients(zip(gradients, weights, strict=True))
    text = np.random.RandomState(19).randint(0, words, (batch, steps * 5 + 1)).astype(np.int32)

    def feeds(step: int) -> dict[Any, Any]:
        first = step % 5 * steps
        return {x: text[:, first : first + steps], y: text[:, first + 1 : first + steps + 1]}

    return Program(loss, tf.group(applied, *updates), feeds, {"memory": kept[1][0]})


NETWORKS: Final[dict[str, Build]] = {
    "convolutional_layers": convolutional_layers,
    "static_recurrent": static_recurrent,
    "dynamic_recurrent": dynamic_recurrent,
    "bidirectional_recurrent": bidirectional_recurrent,
    "language_model": language_model,
}
