"""Random streams: one for each node and session, which goes on from run to run."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.uses("RandomUniform", "RandomUniformInt", "AddV2")

#: TensorFlow's numbers of the seeds (1, 2), three runs of two numbers.
RUNS = [
    [0.406396746635437, 0.8575996160507202],
    [0.603865385055542, 0.5261081457138062],
    [0.004966139793395996, 0.6021978855133057],
]


@pytest.fixture
def uniform(tf):
    """Two numbers from a stream with seeds."""
    return tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32, seed=1, seed2=2, name="u")


def test_a_stream_goes_on_from_run_to_run(session, uniform):
    runs = [session.run(uniform).tolist() for _ in range(3)]
    assert runs == RUNS


def test_a_stream_is_shared_by_all_that_fetch_its_node(session, uniform):
    runs = [
        session.run(uniform).tolist(),
        session.run([uniform, uniform + 0.0])[0].tolist(),
        session.make_callable(uniform)().tolist(),
    ]
    assert runs == RUNS


def test_nodes_of_the_same_seeds_have_streams_of_their_own(tf, session, uniform):
    other = tf.raw_ops.RandomUniform(shape=[2], dtype=tf.float32, seed=1, seed2=2)
    assert [v.tolist() for v in session.run([uniform, other])] == [RUNS[0]] * 2
    assert session.run(other).tolist() == RUNS[1]
    assert session.run(uniform).tolist() == RUNS[1]


def test_within_a_step_a_node_draws_once(session, uniform):
    one, two = session.run([uniform + 0.0, uniform + 1.0])
    np.testing.assert_allclose(one + 1, two)


def test_a_stream_does_not_move_when_nothing_needs_its_node(tf, session, uniform):
    session.run(tf.constant(1.0))
    assert session.run(uniform).tolist() == RUNS[0]


def test_a_stream_starts_anew_in_another_session(tf, session, uniform):
    session.run(uniform)
    with tf.Session() as other:
        assert other.run(uniform).tolist() == RUNS[0]


def test_a_fed_node_does_not_draw(session, uniform):
    session.run(uniform + 0.0, {uniform: [0.0, 0.0]})
    assert session.run(uniform).tolist() == RUNS[0]


def test_without_seeds_every_session_draws_other_numbers(tf):
    x = tf.raw_ops.RandomUniform(shape=[4], dtype=tf.float32)
    drawn = []
    for _ in range(2):
        with tf.Session() as sess:
            drawn.append(tuple(sess.run(x)))
    assert drawn[0] != drawn[1]


def test_a_failing_step_leaves_the_session_usable(tf, session, uniform):
    bad = tf.raw_ops.RandomUniformInt(
        shape=tf.placeholder(tf.int32, [None], name="shape"), minval=0, maxval=9, seed=1
    )
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run([uniform, bad], {"shape:0": [-1]})
    assert session.run(bad, {"shape:0": [3]}).shape == (3,)
