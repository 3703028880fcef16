"""Scripts that filter what is seen along a sequence, by `scan`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from parts import Log, Script, numbers, start


def hidden_states(tf: Any, log: Log) -> None:
    """A hidden Markov model: likelihood by `scan`, trained by gradients; the best path."""
    obs = np.random.RandomState(505).randint(0, 4, (5, 12))
    x = tf.placeholder(tf.int32, [None, 12])
    initial = tf.nn.log_softmax(tf.Variable(tf.random_normal([3])))
    transition = tf.nn.log_softmax(tf.Variable(tf.random_normal([3, 3])))
    emission = tf.nn.log_softmax(tf.Variable(tf.random_normal([3, 4])), axis=1)
    given = tf.transpose(tf.gather(tf.transpose(emission), x), [1, 0, 2])

    def forward(alpha: Any, e: Any) -> Any:
        return e + tf.reduce_logsumexp(tf.expand_dims(alpha, 2) + transition, axis=1)

    alphas = tf.scan(forward, given[1:], initializer=initial + given[0])
    loss = -tf.reduce_mean(tf.reduce_logsumexp(alphas[-1], axis=1))

    def best(previous: Any, e: Any) -> Any:
        scores = tf.expand_dims(previous[0], 2) + transition
        return e + tf.reduce_max(scores, 1), tf.argmax(scores, 1, output_type=tf.int32)

    nowhere = tf.zeros([tf.shape(x)[0], 3], tf.int32)
    scores, came_from = tf.scan(best, given[1:], initializer=(initial + given[0], nowhere))
    last = tf.argmax(scores[-1], 1, output_type=tf.int32)

    def back(state: Any, pointers: Any) -> Any:
        rows = tf.range(tf.shape(state)[0])
        return tf.gather_nd(pointers, tf.stack([rows, state], 1))

    path = tf.scan(back, came_from, initializer=last, reverse=True)
    train = tf.train.GradientDescentOptimizer(0.3).minimize(loss)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run([loss, train], {x: obs})[0])
        log(path=sess.run(path, {x: obs}))


def kalman_filter(tf: Any, log: Log) -> None:
    """Filter a track by matrices in a `scan`, and learn how much is noise."""
    truth = np.cumsum(numbers(506, 20, 2) * 0.1 + 0.2, 0)
    seen = truth + 0.3 * numbers(507, 20, 2)
    z = tf.placeholder(tf.float32, [None, 2])
    log_q, log_r = tf.Variable(-2.0, name="log_q"), tf.Variable(0.0, name="log_r")
    A = tf.constant([[1.0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 0, 0, 1]])
    H = tf.constant([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    Q, R = tf.exp(log_q) * tf.eye(4), tf.exp(log_r) * tf.eye(2)

    def step(previous: Any, z: Any) -> Any:
        x, P, _ = previous
        x = tf.matmul(A, x)
        P = tf.matmul(tf.matmul(A, P), A, transpose_b=True) + Q
        y = tf.expand_dims(z, 1) - tf.matmul(H, x)
        S = tf.matmul(H, tf.matmul(P, H, transpose_b=True)) + R
        K = tf.transpose(tf.matrix_solve(S, tf.matmul(H, P)))
        surprise = tf.matmul(y, tf.matmul(tf.matrix_inverse(S), y), transpose_a=True)[0, 0]
        cost = 0.5 * (surprise + tf.log(tf.matrix_determinant(S)))
        return x + tf.matmul(K, y), tf.matmul(tf.eye(4) - tf.matmul(K, H), P), cost

    start_state = (tf.zeros([4, 1]), tf.eye(4) * 10.0, tf.constant(0.0))
    xs, Ps, costs = tf.scan(step, z, initializer=start_state)
    loss = tf.reduce_mean(costs)
    train = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(15):
            log(loss=sess.run([loss, train], {z: seen})[0])
        track, spread = sess.run([xs[:, :2, 0], tf.trace(Ps)], {z: seen})
        log(track=track, spread=spread, q=log_q.eval(), r=log_r.eval())


FILTERS: Final[dict[str, Script]] = {
    "hidden_states": hidden_states,
    "kalman_filter": kalman_filter,
}
