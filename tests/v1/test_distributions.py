"""Distributions have TensorFlow's probabilities, and draw its numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

FOLDER = Path(__file__).parent
# The recorder imports them as a script does.
sys.path.append(str(FOLDER))
from distribution_values import values  # noqa: E402

RECORDED = json.loads((FOLDER / "distributions.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_distributions_give_what_tensorflows_give(backend):
    config = tf.ConfigProto(backend=backend)
    with tf.Graph().as_default(), tf.Session(config=config) as sess:
        found = sess.run(values(tf))
    assert found.keys() == RECORDED.keys()
    for name, wanted in RECORDED.items():
        np.testing.assert_allclose(found[name], wanted, 1e-5, 1e-6, err_msg=name)


def test_shapes_and_types_are_told():
    with tf.Graph().as_default():
        normal = tf.distributions.Normal(0.0, [1.0, 2.0], name="n")
        assert (normal.name, normal.dtype, normal.event_shape) == ("n", tf.float32, [])
        assert normal.batch_shape.as_list() == [2]
        assert tf.distributions.Categorical(probs=[[0.5, 0.5]]).batch_shape.as_list() == [1]
        assert tf.distributions.Bernoulli(0.0, dtype=tf.bool).sample().dtype == tf.bool


def test_gradients_flow_through_what_is_drawn():
    with tf.Graph().as_default(), tf.Session() as sess:
        loc = tf.constant([1.0, 2.0])
        drawn = tf.distributions.Normal(loc, 1.0).sample(3)
        assert sess.run(tf.gradients(drawn, loc)[0]).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("kind", ["Bernoulli", "Categorical"])
def test_either_logits_or_probabilities_are_given(kind):
    distribution = getattr(tf.distributions, kind)
    with tf.Graph().as_default():
        for arguments in ({}, {"logits": [0.0], "probs": [0.5]}):
            with pytest.raises(ValueError, match="Must pass probs or logits, but not both"):
                distribution(**arguments)


def test_a_scale_that_is_not_positive_is_found_if_asked_for():
    with tf.Graph().as_default(), tf.Session() as sess:
        normal = tf.distributions.Normal(0.0, tf.placeholder_with_default(-1.0, []), True)
        with pytest.raises(tf.errors.InvalidArgumentError):
            sess.run(normal.sample())


def test_distributions_of_two_kinds_have_no_divergence():
    with tf.Graph().as_default():
        one, other = tf.distributions.Normal(0.0, 1.0), tf.distributions.Uniform()
        with pytest.raises(NotImplementedError, match="Normal and Uniform"):
            tf.distributions.kl_divergence(one, other)
