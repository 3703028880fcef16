"""Scripts in the manner of the first tutorials: regression, clustering, factors, words."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from parts import Log, Script, classes, numbers, one_hot, start


def logistic_regression(tf: Any, log: Log) -> None:
    """Softmax regression in batches, and its accuracy."""
    images = numbers(101, 100, 20)
    labels = one_hot(images[:, :5].argmax(1), 5)
    x = tf.placeholder("float", [None, 20])
    y = tf.placeholder("float", [None, 5])
    W = tf.Variable(tf.zeros([20, 5]))
    b = tf.Variable(tf.zeros([5]))
    pred = tf.nn.softmax(tf.matmul(x, W) + b)
    cost = tf.reduce_mean(-tf.reduce_sum(y * tf.log(pred), reduction_indices=1))
    optimizer = tf.train.GradientDescentOptimizer(0.5).minimize(cost)
    correct = tf.equal(tf.argmax(pred, 1), tf.argmax(y, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    with tf.Session() as sess:
        start(tf, sess, log)
        for _epoch in range(4):
            avg_cost = 0.0
            for i in range(5):
                batch = {x: images[i * 20 : i * 20 + 20], y: labels[i * 20 : i * 20 + 20]}
                _, c = sess.run([optimizer, cost], feed_dict=batch)
                avg_cost += c / 5
            log(cost=avg_cost)
        log(accuracy=accuracy.eval({x: images, y: labels}))


def k_means(tf: Any, log: Log) -> None:
    """Lloyd's algorithm: assign points to means until none changes."""
    data = numbers(102, 60, 2)
    data[:20] += 3
    data[20:40] -= 3
    points = tf.constant(data)
    assigned = tf.Variable(tf.zeros([60], dtype=tf.int64))
    centroids = tf.Variable(tf.slice(points, [0, 0], [3, 2]))
    distances = tf.reduce_sum(
        tf.square(tf.subtract(tf.expand_dims(points, 0), tf.expand_dims(centroids, 1))), 2
    )
    best = tf.argmin(distances, 0)
    changed = tf.reduce_any(tf.not_equal(best, assigned))
    means = []
    for c in range(3):
        mine = tf.reshape(tf.where(tf.equal(best, c)), [1, -1])
        means.append(tf.reduce_mean(tf.gather(points, mine), reduction_indices=[1]))
    with tf.control_dependencies([changed]):
        update = tf.group(tf.assign(centroids, tf.concat(means, 0)), tf.assign(assigned, best))
    with tf.Session() as sess:
        start(tf, sess, log)
        again, iterations = True, 0
        while again and iterations < 20:
            again, _ = sess.run([changed, update])
            iterations += 1
        log(iterations=iterations, centroids=centroids.eval(), assigned=sess.run(assigned))


def nearest_neighbour(tf: Any, log: Log) -> None:
    """The label of the nearest example, one test after the other."""
    examples, labels = numbers(103, 50, 8), classes(104, 50, 4)
    xtr = tf.placeholder("float", [None, 8])
    xte = tf.placeholder("float", [8])
    distance = tf.reduce_sum(tf.abs(tf.add(xtr, tf.negative(xte))), reduction_indices=1)
    pred = tf.arg_min(distance, 0)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for test in numbers(105, 6, 8):
            index, d = sess.run([pred, distance], feed_dict={xtr: examples, xte: test})
            log(label=labels[index], least=d[index])


def multilayer_perceptron(tf: Any, log: Log) -> None:
    """Weights in dictionaries, dropout with a probability that is fed, and L2."""
    xs, ys = numbers(106, 40, 12), classes(107, 40, 3)
    tf_x = tf.placeholder(tf.float32, shape=(None, 12))
    tf_y = tf.placeholder(tf.int32, shape=(None,))
    keep_prob = tf.placeholder_with_default(1.0, shape=())
    weights = {
        "h1": tf.Variable(tf.truncated_normal([12, 16], stddev=1.0 / math.sqrt(12))),
        "h2": tf.Variable(tf.truncated_normal([16, 16], stddev=1.0 / math.sqrt(16))),
        "out": tf.Variable(tf.random_normal([16, 3])),
    }
    biases = {k: tf.Variable(tf.random_normal([int(w.shape[1])])) for k, w in weights.items()}
    h = tf.nn.relu(tf.add(tf.matmul(tf_x, weights["h1"]), biases["h1"]))
    h = tf.nn.dropout(h, keep_prob)
    h = tf.nn.sigmoid(tf.nn.xw_plus_b(h, weights["h2"], biases["h2"]))
    logits = tf.matmul(h, weights["out"]) + biases["out"]
    loss = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=tf.one_hot(tf_y, 3))
    )
    loss += 1e-3 * tf.add_n([tf.nn.l2_loss(w) for w in weights.values()])
    train = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss)
    top = tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, tf_y, 1), tf.int32))
    with tf.Session() as sess:
        start(tf, sess, log)
        for step in range(20):
            _, value = sess.run([train, loss], {tf_x: xs, tf_y: ys, keep_prob: 0.75})
            log(loss=value)
            if step % 5 == 0:
                log(right=sess.run(top, {tf_x: xs, tf_y: ys}))


def matrix_factorisation(tf: Any, log: Log) -> None:
    """Users' and items' vectors and biases, looked up for each rating."""
    random = np.random.RandomState(108)
    users, items = random.randint(0, 15, 64), random.randint(0, 25, 64)
    ratings = random.randint(1, 6, 64).astype(np.float32)
    user_batch = tf.placeholder(tf.int32, [None], name="id_user")
    item_batch = tf.placeholder(tf.int32, [None], name="id_item")
    rate_batch = tf.placeholder(tf.float32, [None])
    with tf.device("/cpu:0"):
        bias_global = tf.get_variable("bias_global", shape=[])
        w_bias_user = tf.get_variable("embd_bias_user", shape=[15])
        w_bias_item = tf.get_variable("embd_bias_item", shape=[25])
        bias_user = tf.nn.embedding_lookup(w_bias_user, user_batch, name="bias_user")
        bias_item = tf.nn.embedding_lookup(w_bias_item, item_batch, name="bias_item")
        initial = tf.truncated_normal_initializer(stddev=0.02)
        w_user = tf.get_variable("embd_user", shape=[15, 5], initializer=initial)
        w_item = tf.get_variable("embd_item", shape=[25, 5], initializer=initial)
        embd_user = tf.nn.embedding_lookup(w_user, user_batch)
        embd_item = tf.nn.embedding_lookup(w_item, item_batch)
    with tf.device("/device:CPU:0"):
        infer = tf.reduce_sum(tf.multiply(embd_user, embd_item), 1)
        infer = tf.add(tf.add(tf.add(infer, bias_global), bias_user), bias_item, name="svd")
        regularizer = tf.add(tf.nn.l2_loss(embd_user), tf.nn.l2_loss(embd_item))
        global_step = tf.train.get_or_create_global_step()
        cost_l2 = tf.nn.l2_loss(tf.subtract(infer, rate_batch))
        penalty = tf.constant(0.05, dtype=tf.float32, shape=[], name="l2")
        cost = tf.add(cost_l2, tf.multiply(regularizer, penalty))
        train_op = tf.train.FtrlOptimizer(0.1).minimize(cost, global_step=global_step)
    with tf.Session() as sess:
        start(tf, sess, log)
        for step in range(20):
            rows = slice(step % 2 * 32, step % 2 * 32 + 32)
            feed = {user_batch: users[rows], item_batch: items[rows], rate_batch: ratings[rows]}
            _, pred, value = sess.run([train_op, infer, cost], feed_dict=feed)
            log(cost=value, rmse=np.sqrt(np.mean(np.square(pred - ratings[rows]))))
        log(steps=tf.train.global_step(sess, global_step))


def word_vectors(tf: Any, log: Log) -> None:
    """Skip-grams: a softmax over the right word and a few sampled ones."""
    random = np.random.RandomState(109)
    inputs, labels = random.randint(0, 40, (4, 16)), random.randint(0, 40, (4, 16))
    train_inputs = tf.placeholder(tf.int32, shape=[16])
    train_labels = tf.placeholder(tf.int32, shape=[16])
    valid = tf.constant([1, 5, 7], dtype=tf.int32)
    embeddings = tf.Variable(tf.random_uniform([40, 8], -1.0, 1.0))
    embed = tf.nn.embedding_lookup(embeddings, train_inputs)
    weights = tf.Variable(tf.truncated_normal([40, 8], stddev=1.0 / math.sqrt(8)))
    biases = tf.Variable(tf.zeros([40]))
    sampled = tf.random_uniform([6], 0, 40, dtype=tf.int32, seed=4)
    true_w = tf.nn.embedding_lookup(weights, train_labels)
    true_logits = tf.reduce_sum(embed * true_w, 1) + tf.gather(biases, train_labels)
    sampled_logits = tf.matmul(embed, tf.gather(weights, sampled), transpose_b=True)
    sampled_logits += tf.gather(biases, sampled)
    hits = tf.equal(tf.expand_dims(train_labels, 1), tf.expand_dims(sampled, 0))
    sampled_logits = tf.where(hits, tf.fill(tf.shape(hits), -1e9), sampled_logits)
    logits = tf.concat([tf.expand_dims(true_logits, 1), sampled_logits], 1)
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.zeros([16], tf.int64), logits=logits
        )
    )
    optimizer = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    normalized = embeddings / norm
    similarity = tf.matmul(tf.nn.embedding_lookup(normalized, valid), normalized, transpose_b=True)
    with tf.Session() as sess:
        start(tf, sess, log)
        average = 0.0
        for step in range(20):
            feed = {train_inputs: inputs[step % 4], train_labels: labels[step % 4]}
            _, value = sess.run([optimizer, loss], feed_dict=feed)
            average += value
            log(loss=value)
        log(average=average / 20, similarity=similarity.eval())


def siamese(tf: Any, log: Log) -> None:
    """Two towers that share their variables, and a contrastive loss."""

    def tower(x: Any, reuse: bool) -> Any:
        with tf.variable_scope("siamese", reuse=reuse):
            for i, units in enumerate((12, 6)):
                initial = tf.truncated_normal_initializer(stddev=0.1)
                W = tf.get_variable(f"fc{i}W", [x.get_shape()[1], units], initializer=initial)
                b = tf.get_variable(f"fc{i}b", initializer=tf.constant(0.01, shape=[units]))
                x = tf.nn.bias_add(tf.matmul(x, W), b)
                x = tf.nn.relu(x) if i == 0 else x
            return x

    x1, x2 = (tf.placeholder(tf.float32, [None, 10]) for _ in range(2))
    same = tf.placeholder(tf.float32, [None])
    o1, o2 = tower(x1, False), tower(x2, True)
    eucd2 = tf.reduce_sum(tf.pow(tf.subtract(o1, o2), 2), 1)
    eucd = tf.sqrt(eucd2 + 1e-6, name="eucd")
    margin = tf.constant(0.5, name="C")
    pos = tf.multiply(same, eucd2)
    neg = tf.multiply(tf.subtract(1.0, same), tf.pow(tf.maximum(margin - eucd, 0), 2))
    loss = tf.reduce_mean(pos + neg, name="loss")
    train = tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
    feed = {x1: numbers(110, 24, 10), x2: numbers(111, 24, 10), same: classes(112, 24, 2)}
    sess = tf.InteractiveSession()
    start(tf, sess, log)
    for _ in range(20):
        _, value = sess.run([train, loss], feed)
        log(loss=value)
    log(embedding=o1.eval(feed))
    sess.close()


def boosted_regression(tf: Any, log: Log) -> None:
    """Stumps, one after the other in a loop, each fitted to what the others have left."""
    data = numbers(113, 40, 1)[:, 0]
    x = tf.placeholder(tf.float32, [None])
    y = tf.placeholder(tf.float32, [None])
    thresholds = tf.linspace(-1.5, 1.5, 13)
    sides = tf.cast(tf.expand_dims(x, 0) > tf.expand_dims(thresholds, 1), tf.float32)

    def stump(i: Any, left: Any, losses: Any) -> Any:
        above = tf.reduce_sum(sides * left, 1) / tf.maximum(tf.reduce_sum(sides, 1), 1.0)
        others = 1.0 - sides
        below = tf.reduce_sum(others * left, 1) / tf.maximum(tf.reduce_sum(others, 1), 1.0)
        guesses = sides * above[:, None] + others * below[:, None]
        best = tf.argmin(tf.reduce_sum(tf.square(left - guesses), 1), output_type=tf.int32)
        left = left - 0.5 * guesses[best]
        return i + 1, left, losses.write(i, tf.reduce_mean(tf.square(left)))

    losses = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
    _, left, losses = tf.while_loop(
        lambda i, left, _: tf.logical_and(i < 30, tf.reduce_mean(tf.square(left)) > 0.01),
        stump,
        [tf.constant(0), y, losses],
    )
    with tf.Session() as sess:
        for scale in (1.0, 2.0):
            found = sess.run([losses.stack(), left], {x: data, y: np.sin(scale * data)})
            log(**{f"losses{scale:.0f}": found[0], f"left{scale:.0f}": found[1]})


CLASSICS: Final[dict[str, Script]] = {
    "logistic_regression": logistic_regression,
    "k_means": k_means,
    "nearest_neighbour": nearest_neighbour,
    "multilayer_perceptron": multilayer_perceptron,
    "matrix_factorisation": matrix_factorisation,
    "word_vectors": word_vectors,
    "siamese": siamese,
    "boosted_regression": boosted_regression,
}
