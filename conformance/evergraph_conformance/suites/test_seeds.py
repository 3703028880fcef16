"""Seeds of the graph and of ops: which sessions draw the same numbers, and which numbers."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.uses(
    "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal"
)


def drawn(tf, tensor, runs=2):
    """Return what a new session draws in some runs."""
    with tf.Session() as session:
        return [session.run(tensor).tolist() for _ in range(runs)]


def test_without_any_seed_two_sessions_differ(tf):
    """Row 335."""
    u = tf.random_uniform([2])
    assert drawn(tf, u) != drawn(tf, u)


def test_with_the_seed_of_the_graph_two_sessions_draw_the_same(tf):
    """Row 336."""
    tf.set_random_seed(1)
    u = tf.random_uniform([2])
    first = drawn(tf, u)
    assert first == [
        [0.8126964569091797, 0.07857465744018555],
        [0.8489425182342529, 0.09832477569580078],
    ]
    assert drawn(tf, u) == first


def test_with_the_seed_of_the_graph_the_ops_before_count(tf):
    tf.set_random_seed(1)
    first, second = tf.random_uniform([2]), tf.random_uniform([2])
    assert drawn(tf, first) != drawn(tf, second)


def test_with_a_seed_of_its_own_an_op_draws_the_same(tf):
    """Row 337."""
    u = tf.random_uniform([3], seed=7)
    assert drawn(tf, u, 1) == [[0.4839409589767456, 0.5062030553817749, 0.25514376163482666]]


@pytest.mark.uses("RandomShuffle")
def test_the_numbers_of_two_seeds_are_tensorflows(tf, session, same):
    """Row 338."""
    tf.set_random_seed(1)
    found = session.run(
        [
            tf.random_uniform([2], seed=2),
            tf.random_normal([2], seed=2),
            tf.truncated_normal([2], seed=2),
            tf.random_uniform([2], 0, 100, tf.int32, seed=2),
            tf.random_shuffle(tf.range(1, 6), seed=2),
        ]
    )
    normal = np.array([-1.0467792749404907, 0.8397045731544495], np.float32)
    same(found[0], np.array([0.406396746635437, 0.8575996160507202], np.float32))
    same(found[1], normal)
    same(found[2], normal)
    same(found[3], np.array([99, 15], np.int32))
    same(found[4], np.array([5, 1, 3, 2, 4], np.int32))


def test_dropout_and_initializers_take_a_seed(tf, session, same):
    """Row 339."""
    tf.set_random_seed(1)
    kept = tf.nn.dropout(tf.ones([6]), rate=0.5, seed=3)
    same(session.run(kept), np.array([2, 2, 2, 0, 2, 0], np.float32))
    weights = tf.glorot_uniform_initializer(seed=3)([2, 2])
    want = [[0.6828824281692505, 0.7377808094024658], [0.5496034622192383, -0.6591715812683105]]
    same(session.run(weights), np.array(want, np.float32))
