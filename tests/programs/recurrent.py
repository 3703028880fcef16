"""Scripts along sequences: classifiers, language models, translation, cells written by hand."""

from __future__ import annotations

import collections
from typing import Any, Final

import numpy as np
from parts import Log, Script, classes, numbers, one_hot, start


def rows_of_images(tf: Any, log: Log) -> None:
    """An LSTM that is unrolled along the rows of images, as in the tutorials."""
    images, labels = numbers(401, 16, 6, 5), one_hot(classes(402, 16, 3), 3)
    X = tf.placeholder("float", [None, 6, 5])
    Y = tf.placeholder("float", [None, 3])
    weights = {"out": tf.Variable(tf.random_normal([7, 3]))}
    biases = {"out": tf.Variable(tf.random_normal([3]))}
    x = tf.unstack(X, 6, 1)
    lstm_cell = tf.nn.rnn_cell.BasicLSTMCell(7, forget_bias=1.0)
    outputs, _ = tf.nn.static_rnn(lstm_cell, x, dtype=tf.float32)
    logits = tf.matmul(outputs[-1], weights["out"]) + biases["out"]
    prediction = tf.nn.softmax(logits)
    loss_op = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=Y))
    train_op = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(loss_op)
    correct_pred = tf.equal(tf.argmax(prediction, 1), tf.argmax(Y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct_pred, tf.float32))
    with tf.Session() as sess:
        start(tf, sess, log)
        for step in range(20):
            batch = {X: images[step % 2 * 8 :][:8], Y: labels[step % 2 * 8 :][:8]}
            sess.run(train_op, feed_dict=batch)
            loss, acc = sess.run([loss_op, accuracy], feed_dict=batch)
            log(loss=loss, accuracy=acc)


def last_outputs(tf: Any, log: Log) -> None:
    """A dynamic RNN over padded sequences: the last output of each is gathered."""
    seqlen = np.array([6, 2, 5, 1, 4, 6, 3, 3])
    data = numbers(403, 8, 6, 1) * (np.arange(6)[None, :, None] < seqlen[:, None, None])
    x = tf.placeholder("float", [None, 6, 1])
    y = tf.placeholder("float", [None, 2])
    lengths = tf.placeholder(tf.int32, [None])
    W = tf.Variable(tf.random_normal([8, 2]))
    b = tf.Variable(tf.random_normal([2]))
    cell = tf.nn.rnn_cell.BasicLSTMCell(8)
    outputs, _states = tf.nn.static_rnn(
        cell, tf.unstack(x, 6, 1), dtype=tf.float32, sequence_length=lengths
    )
    outputs = tf.transpose(tf.stack(outputs), [1, 0, 2])
    index = tf.range(0, tf.shape(outputs)[0]) * 6 + (lengths - 1)
    last = tf.gather(tf.reshape(outputs, [-1, 8]), index)
    cost = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(logits=tf.matmul(last, W) + b, labels=y)
    )
    optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.5).minimize(cost)
    feed = {x: data, y: one_hot(classes(404, 8, 2), 2), lengths: seqlen}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            log(loss=sess.run([cost, optimizer], feed_dict=feed)[0])


def both_directions(tf: Any, log: Log) -> None:
    """Two GRUs along and against a list of inputs, with dropout between the layers."""
    x = tf.placeholder(tf.float32, [6, 5, 4])
    y = tf.placeholder(tf.int64, [6])
    keep_prob = tf.placeholder(tf.float32)

    def stacked() -> Any:
        cells = [
            tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(5), output_keep_prob=keep_prob)
            for _ in range(2)
        ]
        return tf.nn.rnn_cell.MultiRNNCell(cells)

    with tf.variable_scope("bi"):
        outputs, forward, backward = tf.nn.static_bidirectional_rnn(
            stacked(), stacked(), tf.unstack(x, axis=1), dtype=tf.float32
        )
    features = tf.concat([outputs[2], forward[-1], backward[-1]], axis=1)
    logits = tf.layers.dense(features, 3)
    loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
    train = tf.train.AdagradOptimizer(0.2).minimize(loss)
    feed = {x: numbers(405, 6, 5, 4), y: classes(406, 6, 3)}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(12):
            log(loss=sess.run([loss, train], {**feed, keep_prob: 0.8})[0])
        log(logits=logits.eval({**feed, keep_prob: 1.0}))


def penn_treebank(tf: Any, log: Log) -> None:
    """A language model in a class: shared by training and validation, its rate assigned."""
    words, size, batch, steps = 20, 6, 4, 5
    text = np.random.RandomState(407).randint(0, words, 4 * (steps * 4 + 1)).reshape(4, -1)

    class PTBModel:
        def __init__(self, is_training: bool) -> None:
            self.input_data = tf.placeholder(tf.int32, [batch, steps])
            self.targets = tf.placeholder(tf.int32, [batch, steps])

            def make_cell() -> Any:
                cell = tf.nn.rnn_cell.BasicLSTMCell(
                    size, forget_bias=0.0, state_is_tuple=True, reuse=not is_training
                )
                if is_training:
                    cell = tf.nn.rnn_cell.DropoutWrapper(cell, output_keep_prob=0.9)
                return cell

            cell = tf.nn.rnn_cell.MultiRNNCell([make_cell() for _ in range(2)])
            self.initial_state = cell.zero_state(batch, tf.float32)
            with tf.device("/cpu:0"):
                embedding = tf.get_variable("embedding", [words, size], dtype=tf.float32)
                inputs = tf.nn.embedding_lookup(embedding, self.input_data)
            if is_training:
                inputs = tf.nn.dropout(inputs, 0.9)
            outputs = []
            state = self.initial_state
            with tf.variable_scope("RNN"):
                for time_step in range(steps):
                    if time_step > 0:
                        tf.get_variable_scope().reuse_variables()
                    cell_output, state = cell(inputs[:, time_step, :], state)
                    outputs.append(cell_output)
            output = tf.reshape(tf.concat(outputs, 1), [-1, size])
            softmax_w = tf.get_variable("softmax_w", [size, words], dtype=tf.float32)
            softmax_b = tf.get_variable("softmax_b", [words], dtype=tf.float32)
            logits = tf.nn.xw_plus_b(output, softmax_w, softmax_b)
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels=tf.reshape(self.targets, [-1]), logits=logits
            )
            self.cost = tf.reduce_sum(loss) / batch
            self.final_state = state
            self.train_op = tf.no_op()
            if not is_training:
                return
            self._lr = tf.Variable(0.0, trainable=False)
            tvars = tf.trainable_variables()
            grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), 5)
            optimizer = tf.train.GradientDescentOptimizer(self._lr)
            self.train_op = optimizer.apply_gradients(
                zip(grads, tvars, strict=True),
                global_step=tf.train.get_or_create_global_step(),
            )
            self._new_lr = tf.placeholder(tf.float32, shape=[], name="new_learning_rate")
            self._lr_update = tf.assign(self._lr, self._new_lr)

        def assign_lr(self, session: Any, lr_value: float) -> None:
            session.run(self._lr_update, feed_dict={self._new_lr: lr_value})

    def run_epoch(session: Any, model: PTBModel) -> float:
        costs = 0.0
        state = session.run(model.initial_state)
        fetches = {"cost": model.cost, "final_state": model.final_state, "op": model.train_op}
        for i in range(4):
            feed_dict = {}
            for layer, (c, h) in enumerate(model.initial_state):
                feed_dict[c], feed_dict[h] = state[layer].c, state[layer].h
            feed_dict[model.input_data] = text[:, i * steps : (i + 1) * steps]
            feed_dict[model.targets] = text[:, i * steps + 1 : (i + 1) * steps + 1]
            vals = session.run(fetches, feed_dict)
            state = vals["final_state"]
            costs += vals["cost"]
        return np.exp(costs / (4 * steps))

    initializer = tf.random_uniform_initializer(-0.1, 0.1)
    with tf.name_scope("Train"), tf.variable_scope("Model", None, initializer=initializer):
        m = PTBModel(True)
    with tf.name_scope("Valid"), tf.variable_scope("Model", reuse=True, initializer=initializer):
        mvalid = PTBModel(False)
    with tf.Session() as session:
        start(tf, session, log)
        for i in range(5):
            m.assign_lr(session, 1.0 * 0.5 ** max(i + 1 - 3, 0.0))
            log(train=run_epoch(session, m), valid=run_epoch(session, mvalid))


def characters(tf: Any, log: Log) -> None:
    """Learn a text letter by letter, then write one: the state is fed back."""
    text = "hello world, hello there, how are you? " * 3
    counter = collections.Counter(text)
    chars = [c for c, _ in sorted(counter.items(), key=lambda item: (-item[1], item[0]))]
    ids = np.array([chars.index(c) for c in text])
    n = len(chars)

    input_data = tf.placeholder(tf.int32, [None, None])
    targets = tf.placeholder(tf.int32, [None, None])
    cell = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.GRUCell(10) for _ in range(2)])
    rows = tf.shape(input_data)[0]
    zero_state = cell.zero_state(rows, tf.float32)
    with tf.variable_scope("rnnlm"):
        softmax_w = tf.get_variable("softmax_w", [10, n])
        softmax_b = tf.get_variable("softmax_b", [n])
        embedding = tf.get_variable("embedding", [n, 10])
    inputs = tf.nn.embedding_lookup(embedding, input_data)
    outputs, last_state = tf.nn.dynamic_rnn(cell, inputs, initial_state=zero_state)
    logits = tf.matmul(tf.reshape(outputs, [-1, 10]), softmax_w) + softmax_b
    probs = tf.nn.softmax(logits)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
        logits=logits, labels=tf.reshape(targets, [-1])
    )
    cost = tf.reduce_mean(loss)
    tvars = tf.trainable_variables()
    grads, _ = tf.clip_by_global_norm(tf.gradients(cost, tvars), 5.0)
    train_op = tf.train.RMSPropOptimizer(0.01).apply_gradients(zip(grads, tvars, strict=True))
    with tf.Session() as sess:
        start(tf, sess, log)
        state = sess.run(zero_state, {input_data: np.zeros((4, 1))})
        for b in range(20):
            first = b % 3 * 8
            x = np.stack([ids[k * 25 + first :][:8] for k in range(4)])
            y = np.stack([ids[k * 25 + first + 1 :][:8] for k in range(4)])
            feed = {input_data: x, targets: y, **dict(zip(zero_state, state, strict=True))}
            value, state, _ = sess.run([cost, last_state, train_op], feed)
            log(loss=value)
        state = sess.run(cell.zero_state(1, tf.float32))
        letter = chars.index("h")
        for _ in range(12):
            feed = {input_data: [[letter]], **dict(zip(zero_state, state, strict=True))}
            p, state = sess.run([probs, last_state], feed)
            letter = int(np.argmax(p[0]))
            log(written=letter)


def hand_made_cell(tf: Any, log: Log) -> None:
    """An LSTM of one's own, along the sequence by `scan`, its weights in one matrix."""
    xs = tf.placeholder(tf.float32, [None, 4, 3])
    ys = tf.placeholder(tf.int32, [4])
    W = tf.get_variable("W", [4, 3, 6], initializer=tf.orthogonal_initializer())
    U = tf.get_variable("U", [4, 6, 6], initializer=tf.orthogonal_initializer())
    out = tf.get_variable("V", [6, 3], initializer=tf.uniform_unit_scaling_initializer())
    init_state = tf.placeholder(tf.float32, [2, 4, 6])

    def step(prev: Any, x: Any) -> Any:
        st_1, ct_1 = tf.unstack(prev)
        i = tf.sigmoid(tf.matmul(x, U0[0]) + tf.matmul(st_1, U[0]))
        f = tf.sigmoid(tf.matmul(x, U0[1]) + tf.matmul(st_1, U[1]))
        o = tf.sigmoid(tf.matmul(x, U0[2]) + tf.matmul(st_1, U[2]))
        g = tf.tanh(tf.matmul(x, U0[3]) + tf.matmul(st_1, U[3]))
        ct = ct_1 * f + g * i
        return tf.stack([tf.tanh(ct) * o, ct])

    U0 = tf.unstack(W)
    states = tf.scan(step, xs, initializer=init_state)
    last_state = states[-1]
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        logits=tf.matmul(last_state[0], out), labels=ys
    )
    loss = tf.reduce_mean(losses)
    train_op = tf.train.AdagradOptimizer(learning_rate=0.1).minimize(loss)
    data, labels = numbers(408, 5, 4, 3), classes(409, 4, 3)
    sess = tf.Session()
    start(tf, sess, log)
    train_state = np.zeros((2, 4, 6))
    for _ in range(20):
        feed = {xs: data, ys: labels, init_state: train_state}
        _, train_loss, state = sess.run([train_op, loss, last_state], feed)
        train_state = 0.5 * state
        log(loss=train_loss)
    sess.close()


def arrays_of_tensors(tf: Any, log: Log) -> None:
    """A recurrent net of a `while_loop` and two TensorArrays, from a state that is learned."""
    x = tf.placeholder(tf.float32, [None, None, 2], name="x")
    y = tf.placeholder(tf.float32, [None, None, 1], name="y")
    Wx = tf.Variable(tf.random_normal([2, 6], stddev=0.5))
    Wh = tf.Variable(tf.random_normal([6, 6], stddev=0.3))
    Wo = tf.Variable(tf.random_normal([6, 1], stddev=0.5))
    h0 = tf.Variable(tf.zeros([6]), name="h0")
    steps = tf.shape(x)[1]
    inputs_ta = tf.TensorArray(tf.float32, size=steps).unstack(tf.transpose(x, [1, 0, 2]))
    outputs_ta = tf.TensorArray(dtype=tf.float32, size=steps, clear_after_read=False)

    def body(time: Any, h: Any, outputs: Any) -> Any:
        h = tf.tanh(tf.matmul(inputs_ta.read(time), Wx) + tf.matmul(h, Wh))
        return time + 1, h, outputs.write(time, h)

    first = tf.tile(tf.expand_dims(h0, 0), [tf.shape(x)[0], 1])
    _, final, outputs_ta = tf.while_loop(
        lambda time, *_: tf.less(time, steps),
        body,
        (tf.constant(0), first, outputs_ta),
        swap_memory=True,
    )
    hidden = tf.transpose(outputs_ta.stack(), [1, 0, 2])
    out = tf.tensordot(hidden, Wo, axes=[[2], [0]])
    loss = tf.reduce_mean(tf.squared_difference(out, y)) + 1e-3 * tf.reduce_mean(final**2)
    rate = tf.train.polynomial_decay(
        0.05, tf.train.get_or_create_global_step(), 15, end_learning_rate=0.01, power=2.0
    )
    train = tf.train.MomentumOptimizer(rate, 0.9).minimize(loss, tf.train.get_global_step())
    data = numbers(410, 6, 9, 2)
    wanted = np.cumsum(data.sum(2, keepdims=True), 1) / 3
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(20):
            length = 9 if i % 2 else 5
            feed = {x: data[:, :length], y: wanted[:, :length]}
            log(loss=sess.run([loss, train], feed)[0])
        log(h0=h0.eval(), rate=rate.eval())


RECURRENT: Final[dict[str, Script]] = {
    "rows_of_images": rows_of_images,
    "last_outputs": last_outputs,
    "both_directions": both_directions,
    "penn_treebank": penn_treebank,
    "characters": characters,
    "hand_made_cell": hand_made_cell,
    "arrays_of_tensors": arrays_of_tensors,
}
