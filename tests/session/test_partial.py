"""Partial runs say more than TensorFlow where something goes wrong."""

from __future__ import annotations

import pytest

import evergraph.v1 as tf


def test_a_fetch_that_comes_too_early_names_the_feeds_that_it_lacks():
    with tf.Graph().as_default(), tf.Session() as session:
        a, b, c = (tf.placeholder(tf.float32, [], name) for name in "abc")
        total = a + b
        handle = session.partial_run_setup([total, c * 2.0], [a, b, c])
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"It also needs b:0\."):
            session.partial_run(handle, total, {a: 1.0})
