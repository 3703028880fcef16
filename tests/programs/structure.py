"""Scripts whose graphs are out of the ordinary: sparse, conditional, with own gradients."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from parts import Log, Script, classes, numbers, one_hot, start


def graph_convolution(tf: Any, log: Log) -> None:
    """A GCN: sparse features with dropout, a sparse adjacency, labels for some of the nodes."""
    random = np.random.RandomState(701)
    adjacency = np.float32(np.triu(random.rand(14, 14) < 0.2, 1))
    adjacency += adjacency.T + np.eye(14, dtype=np.float32)
    d = adjacency.sum(1) ** -0.5
    adjacency *= d[:, None] * d[None, :]
    features = np.float32(random.rand(14, 10) < 0.3)
    labels, train_mask = one_hot(classes(702, 14, 3), 3), np.arange(14) < 6

    def triple(dense: Any) -> tuple[Any, Any, tuple[int, int]]:
        at = np.argwhere(dense)
        return at, dense[tuple(at.T)], dense.shape

    def sparse_dropout(x: Any, keep_prob: Any, noise_shape: Any) -> Any:
        random_tensor = keep_prob + tf.random_uniform(noise_shape)
        dropout_mask = tf.cast(tf.floor(random_tensor), dtype=tf.bool)
        pre_out = tf.sparse_retain(x, dropout_mask)
        return pre_out * (1.0 / keep_prob)

    def glorot(shape: list[int], name: str) -> Any:
        r = np.sqrt(6.0 / (shape[0] + shape[1]))
        initial = tf.random_uniform(shape, minval=-r, maxval=r, dtype=tf.float32)
        return tf.Variable(initial, name=name)

    support = tf.sparse_placeholder(tf.float32)
    x = tf.sparse_placeholder(tf.float32, shape=tf.constant([14, 10], dtype=tf.int64))
    y = tf.placeholder(tf.float32, shape=(None, 3))
    mask = tf.placeholder(tf.int32)
    dropout = tf.placeholder_with_default(0.0, shape=())
    nonzero = tf.placeholder(tf.int32)
    with tf.variable_scope("gcn"):
        w0, w1 = glorot([10, 6], "weights_0"), glorot([6, 3], "weights_1")
        h = sparse_dropout(x, 1 - dropout, nonzero)
        h = tf.sparse_tensor_dense_matmul(h, w0)
        h = tf.nn.relu(tf.sparse_tensor_dense_matmul(support, h))
        h = tf.nn.dropout(h, 1 - dropout)
        outputs = tf.sparse_tensor_dense_matmul(support, tf.matmul(h, w1))
    weights = tf.cast(mask, dtype=tf.float32)
    weights /= tf.reduce_mean(weights)
    loss = tf.nn.softmax_cross_entropy_with_logits(logits=outputs, labels=y)
    loss = tf.reduce_mean(loss * weights) + 5e-4 * tf.nn.l2_loss(w0)
    opt_op = tf.train.AdamOptimizer(learning_rate=0.05).minimize(loss)
    correct = tf.equal(tf.argmax(outputs, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32) * weights)
    sess = tf.Session()
    start(tf, sess, log)
    feed_dict = {y: labels, mask: train_mask, x: triple(features), support: triple(adjacency)}
    feed_dict[nonzero] = feed_dict[x][1].shape
    for _ in range(20):
        outs = sess.run([opt_op, loss, accuracy], feed_dict={**feed_dict, dropout: 0.5})
        log(loss=outs[1], accuracy=outs[2])
    log(outputs=sess.run(outputs, {**feed_dict, mask: ~train_mask}))
    sess.close()


def conditional_training(tf: Any, log: Log) -> None:
    """What a step does depends on conditions: which loss, whether to update, dropout or not."""
    x = tf.placeholder(tf.float32, [None, 6])
    y = tf.placeholder(tf.float32, [None, 1])
    is_training = tf.placeholder(tf.bool, name="is_training")
    w = tf.get_variable("w", [6, 1])
    v = tf.get_variable("v", [6, 6])
    step = tf.train.get_or_create_global_step()
    best = tf.Variable(np.inf, trainable=False, name="best")
    h = tf.cond(is_training, lambda: tf.nn.dropout(x, 0.8, seed=3), lambda: x)
    h = tf.cond(step < 10, lambda: tf.matmul(h, v), lambda: tf.nn.relu(tf.matmul(h, v)) + h)
    error = tf.matmul(h, w) - y
    huge = tf.reduce_max(tf.abs(error)) > 1.5
    loss = tf.cond(
        huge, lambda: tf.reduce_mean(tf.abs(error)), lambda: 0.5 * tf.reduce_mean(error**2)
    )
    kind = tf.case(
        [(step < 5, lambda: tf.constant(0)), (step < 12, lambda: tf.constant(1))],
        default=lambda: tf.constant(2),
    )
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    grads = optimizer.compute_gradients(loss, [w, v])

    def learn() -> Any:
        return optimizer.apply_gradients(grads, global_step=step)

    # What depends on the step is known before it changes.
    with tf.control_dependencies([kind, loss, *[g for g, _ in grads]]):
        train = tf.cond(is_training, learn, tf.no_op)
    with tf.control_dependencies([loss]):
        record = tf.cond(loss < best, lambda: tf.assign(best, loss), lambda: tf.identity(best))
    feed = {x: numbers(703, 12, 6), y: numbers(704, 12, 1)}
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(20):
            learns = i % 4 != 3
            value, which, lowest, _ = sess.run(
                [loss, kind, record, train], {**feed, is_training: learns}
            )
            log(loss=value, kind=which, lowest=lowest)
        log(steps=sess.run(step))


def gradients_of_ones_own(tf: Any, log: Log) -> None:
    """Gradients that are reversed, straight through, and stable: in three ways to say so."""

    @tf.custom_gradient
    def log1pexp(x: Any) -> Any:
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    class FlipGradientBuilder:
        def __init__(self) -> None:
            self.num_calls = 0

        def __call__(self, x: Any, scale: float) -> Any:
            grad_name = f"FlipGradient{self.num_calls}_{id(self)}"

            @tf.RegisterGradient(grad_name)
            def _flip_gradients(op: Any, grad: Any) -> list[Any]:
                return [tf.negative(grad) * scale]

            with tf.get_default_graph().gradient_override_map({"Identity": grad_name}):
                y = tf.identity(x)
            self.num_calls += 1
            return y

    def binarized(x: Any) -> Any:
        with tf.get_default_graph().gradient_override_map({"Sign": "Identity"}):
            return tf.sign(x)

    x = tf.placeholder(tf.float32, [None, 5])
    y, domain = (tf.placeholder(tf.int64, [None]) for _ in range(2))
    w = tf.get_variable("w", [5, 8])
    feature = log1pexp(tf.matmul(x, binarized(w) * tf.reduce_mean(tf.abs(w))))
    flip_gradient = FlipGradientBuilder()
    logits = [
        tf.layers.dense(feature, 3),
        tf.layers.dense(flip_gradient(feature, 0.5), 2, name="domain"),
    ]
    losses = [
        tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=z))
        for t, z in zip((y, domain), logits, strict=True)
    ]
    total = tf.add_n(losses)
    train = tf.train.MomentumOptimizer(0.05, 0.9).minimize(total)
    feed = {x: numbers(705, 16, 5), y: classes(706, 16, 3), domain: classes(707, 16, 2)}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            a, b, _ = sess.run([*losses, train], feed)
            log(label=a, domain=b)


def python_in_the_loss(tf: Any, log: Log) -> None:
    """A loss that NumPy computes, with a gradient that another Python function gives."""

    def hinge(scores: Any, wanted: Any) -> Any:
        return np.maximum(0, 1 - scores * wanted).mean(dtype=np.float32)

    def hinge_gradient(scores: Any, wanted: Any) -> Any:
        return np.where(scores * wanted < 1, -wanted, 0).astype(np.float32) / np.float32(
            scores.size
        )

    def py_func(func: Any, inp: Any, Tout: Any, grad: Any, name: str) -> Any:
        registered = f"PyFuncGrad{id(func)}"
        tf.RegisterGradient(registered)(grad)
        with tf.get_default_graph().gradient_override_map({"PyFunc": registered}):
            return tf.py_func(func, inp, Tout, stateful=True, name=name)

    def gradient(op: Any, grad: Any) -> Any:
        found = tf.py_func(hinge_gradient, list(op.inputs), tf.float32)
        return found * grad, None

    x = tf.placeholder(tf.float32, [None, 4])
    y = tf.placeholder(tf.float32, [None])
    w = tf.Variable(tf.zeros([4, 1]))
    scores = tf.squeeze(tf.matmul(x, w), 1)
    (loss,) = py_func(hinge, [scores, y], [tf.float32], gradient, "hinge")
    loss.set_shape([])
    loss = loss + 0.01 * tf.nn.l2_loss(w)
    train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
    data = numbers(708, 20, 4)
    feed = {x: data, y: np.sign(data[:, 0] - data[:, 2])}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            log(loss=sess.run([loss, train], feed)[0])


def second_order(tf: Any, log: Log) -> None:
    """Newton's method: the Hessian of a loss, solved for the step; and a product with it."""
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.placeholder(tf.float32, [None])
    w = tf.Variable([0.5, -0.5, 0.25], name="w")
    logits = tf.reduce_sum(x * w, 1)
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=logits))
    loss += 0.05 * tf.reduce_sum(w**2)
    (g,) = tf.gradients(loss, [w])
    (H,) = tf.hessians(loss, [w])
    direction = tf.squeeze(tf.matrix_solve(H, tf.expand_dims(g, 1)), 1)
    vector = tf.constant([1.0, 2.0, 3.0])
    (product,) = tf.gradients(tf.reduce_sum(g * tf.stop_gradient(vector)), [w])
    update = w.assign_sub(0.7 * direction)
    data = numbers(709, 30, 3)
    feed = {x: data, y: (data.sum(1) > 0).astype(np.float32)}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(8):
            value, hv, _ = sess.run([loss, product, update.op], feed)
            log(loss=value, product=hv)
        log(hessian=sess.run(H, feed), w=sess.run(w))


def mapped(tf: Any, log: Log) -> None:
    """One step of learning per task inside `map_fn`, and learning of where to begin: MAML."""
    inputs = tf.placeholder(tf.float32, [None, 8, 1])
    outputs = tf.placeholder(tf.float32, [None, 8, 1])
    weights = {
        "w1": tf.Variable(tf.truncated_normal([1, 10], stddev=0.5)),
        "b1": tf.Variable(tf.zeros([10])),
        "w2": tf.Variable(tf.truncated_normal([10, 1], stddev=0.3)),
        "b2": tf.Variable(tf.zeros([1])),
    }

    def forward(x: Any, weights: Any) -> Any:
        hidden = tf.nn.tanh(tf.matmul(x, weights["w1"]) + weights["b1"])
        return tf.matmul(hidden, weights["w2"]) + weights["b2"]

    def task(both: Any) -> Any:
        x, y = both
        before = tf.reduce_mean(tf.square(forward(x[:4], weights) - y[:4]))
        grads = tf.gradients(before, list(weights.values()))
        fast = {k: w - 0.1 * g for (k, w), g in zip(weights.items(), grads, strict=True)}
        return before, tf.reduce_mean(tf.square(forward(x[4:], fast) - y[4:]))

    before, after = tf.map_fn(
        task, (inputs, outputs), dtype=(tf.float32, tf.float32), parallel_iterations=3
    )
    loss = tf.reduce_mean(after)
    optimizer = tf.train.AdamOptimizer(0.01)
    gvs = [(tf.clip_by_value(g, -10, 10), v) for g, v in optimizer.compute_gradients(loss)]
    metatrain_op = optimizer.apply_gradients(gvs)
    xs = numbers(710, 3, 8, 1)
    feed = {inputs: xs, outputs: np.sin(xs + np.arange(3)[:, None, None])}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            b, a, _ = sess.run([before, loss, metatrain_op], feed)
            log(loss=a, before=b)


def towers(tf: Any, log: Log) -> None:
    """Two towers on two devices: variables are shared, gradients are averaged."""
    data, labels = numbers(711, 16, 6), classes(712, 16, 3)

    def average_gradients(tower_grads: Any) -> list[Any]:
        average_grads = []
        for grad_and_vars in zip(*tower_grads, strict=True):
            grads = [tf.expand_dims(g, 0) for g, _ in grad_and_vars]
            grad = tf.reduce_mean(tf.concat(axis=0, values=grads), 0)
            average_grads.append((grad, grad_and_vars[0][1]))
        return average_grads

    with tf.device("/cpu:0"):
        global_step = tf.get_variable(
            "global_step", [], initializer=tf.constant_initializer(0), trainable=False
        )
        lr = tf.train.exponential_decay(0.5, global_step, 5, 0.8, staircase=True)
        opt = tf.train.GradientDescentOptimizer(lr)
        x, y = tf.placeholder(tf.float32, [16, 6]), tf.placeholder(tf.int64, [16])
        parts = zip(tf.split(x, 2), tf.split(y, 2), strict=True)
        tower_grads, losses = [], []
        for i, (images, wanted) in enumerate(parts):
            with tf.device(f"/cpu:{i}"), tf.name_scope(f"tower_{i}") as scope:
                with tf.variable_scope("net", reuse=i > 0):
                    h = tf.layers.dense(images, 8, tf.nn.relu, name="h")
                    logits = tf.layers.dense(h, 3, name="logits")
                loss = tf.losses.sparse_softmax_cross_entropy(wanted, logits, scope=scope)
                losses.append(tf.add_n(tf.get_collection(tf.GraphKeys.LOSSES, scope)))
                tower_grads.append(opt.compute_gradients(loss))
        grads = average_gradients(tower_grads)
        apply_gradient_op = opt.apply_gradients(grads, global_step=global_step)
        averages = tf.train.ExponentialMovingAverage(0.9, global_step)
        with tf.control_dependencies([apply_gradient_op]):
            train_op = averages.apply(tf.trainable_variables())
        total = tf.add_n(losses) / 2
    config = tf.ConfigProto(
        allow_soft_placement=True, log_device_placement=False, device_count={"CPU": 2}
    )
    with tf.Session(config=config) as sess:
        start(tf, sess, log)
        for _ in range(20):
            _, value, rate = sess.run([train_op, total, lr], {x: data, y: labels})
            log(loss=value, rate=rate)


STRUCTURE: Final[dict[str, Script]] = {
    "graph_convolution": graph_convolution,
    "conditional_training": conditional_training,
    "gradients_of_ones_own": gradients_of_ones_own,
    "python_in_the_loss": python_in_the_loss,
    "second_order": second_order,
    "mapped": mapped,
    "towers": towers,
}
