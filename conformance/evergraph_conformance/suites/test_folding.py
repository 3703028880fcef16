"""What is computed before a step runs, or computed differently, gives the same values."""

from __future__ import annotations

import numpy as np
import pytest

OPS = [("Conv2D", [2, 2, 1, 2]), ("DepthwiseConv2dNative", [2, 2, 1, 2])]


def convolution(tf, type, shape, x):
    w = tf.constant(np.arange(8, dtype=np.float32).reshape(shape))
    options = {"strides": [1, 1, 1, 1], "padding": "VALID"}
    return getattr(tf.raw_ops, type)(input=x, filter=w, **options)


@pytest.mark.uses("Conv2D", "DepthwiseConv2dNative", "Mul", "Neg")
@pytest.mark.parametrize(("type", "shape"), OPS)
def test_a_convolution_that_is_scaled_is_also_itself(tf, session, type, shape):
    x = tf.placeholder(tf.float32, [1, 2, 2, 1])
    y = convolution(tf, type, shape, x)
    scaled, other = y * [2.0, 3.0], -y
    feeds = {x: np.ones((1, 2, 2, 1), np.float32)}
    assert session.run(scaled, feeds).reshape(-1).tolist() == [24.0, 48.0]
    both = session.run([scaled, other], feeds)
    assert [v.reshape(-1).tolist() for v in both] == [[24.0, 48.0], [-12.0, -16.0]]
    both = session.run([scaled, y], feeds)
    assert [v.reshape(-1).tolist() for v in both] == [[24.0, 48.0], [12.0, 16.0]]


@pytest.mark.uses("Conv2D", "Mul")
def test_a_scale_of_another_shape_is_no_scale_of_channels(tf, session):
    x = tf.placeholder(tf.float32, [1, 3, 2, 1])
    scaled = convolution(tf, *OPS[0], x) * np.array([[[1.0]], [[10.0]]], np.float32)
    got = session.run(scaled, {x: np.ones((1, 3, 2, 1), np.float32)})
    assert got.reshape(-1).tolist() == [12.0, 16.0, 120.0, 160.0]
