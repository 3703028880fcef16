"""Factors that are not unique: what they are factors of, and gradients of what is."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.cases import spread

BACKENDS = pytest.mark.parametrize("backend", ["numpy", "jax"])
SHAPES = pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4), (2, 3, 3)])


def session(backend):
    return tf.Session(config=tf.ConfigProto(backend=backend))


def matrices(shape, complex=False):
    x = spread(shape, "float64", seed=3)
    return x + 1j * spread(shape, "float64", seed=4) if complex else x


def flipped(x):
    return np.swapaxes(x, -1, -2).conj()


@BACKENDS
@SHAPES
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("complex", [False, True])
def test_a_product_of_singular_vectors_and_values(backend, shape, full, complex):
    x = matrices(shape, complex)
    with tf.Graph().as_default(), session(backend) as opened:
        s, u, v = opened.run(list(tf.raw_ops.Svd(input=x, full_matrices=full)))
    k = s.shape[-1]
    np.testing.assert_allclose((u[..., :k] * s[..., None, :]) @ flipped(v[..., :k]), x, atol=1e-10)
    for factor in (u, v):
        unit = flipped(factor) @ factor
        np.testing.assert_allclose(
            unit, np.broadcast_to(np.eye(unit.shape[-1]), unit.shape), atol=1e-10
        )


@BACKENDS
@pytest.mark.parametrize("complex", [False, True])
def test_eigenvectors(backend, complex):
    x = matrices((2, 4, 4), complex)
    whole = np.tril(x) + flipped(np.tril(x, -1))
    diagonal = np.arange(4)
    whole[..., diagonal, diagonal] = whole[..., diagonal, diagonal].real
    with tf.Graph().as_default(), session(backend) as opened:
        e, v = opened.run(list(tf.raw_ops.SelfAdjointEigV2(input=whole)))
    np.testing.assert_allclose(whole @ v, v * e[..., None, :], atol=1e-10)
    assert np.all(np.diff(e.real) >= 0)


def through_svd(x, full):
    """Return x (x^T x)^(1/2) or the like, by way of the singular vectors."""
    s, u, v = tf.raw_ops.Svd(input=x, full_matrices=full)
    k = min(x.shape.as_list()[-2:])
    return tf.matmul(u[..., :k] * (s * s)[..., tf.newaxis, :], v[..., :k], adjoint_b=True)


def through_eigenvectors(x, _):
    whole = tf.matmul(x, x, transpose_b=True)
    e, v = tf.raw_ops.SelfAdjointEigV2(input=whole)
    return tf.matmul(v * tf.sqrt(e)[..., tf.newaxis, :], v, transpose_b=True)


def through_qr(x, _):
    q, r = tf.raw_ops.Qr(input=x)
    return tf.concat([q, tf.sin(r)], -2)


@BACKENDS
@pytest.mark.parametrize(
    ("function", "shape", "full"),
    [
        (through_svd, (3, 3), False),
        (through_svd, (4, 3), False),
        (through_svd, (3, 5), False),
        (through_svd, (3, 4), True),
        (through_eigenvectors, (3, 3), False),
        (through_eigenvectors, (2, 3, 3), False),
        (through_qr, (3, 3), False),
        (through_qr, (2, 4, 3), False),
    ],
)
def test_gradients_are_those_of_small_differences(backend, function, shape, full):
    x = matrices(shape)
    step = spread(shape, "float64", seed=9)
    with tf.Graph().as_default(), session(backend) as opened:
        given = tf.placeholder(tf.float64, shape)
        y = function(given, full)
        dy = tf.constant(spread(tuple(y.shape.as_list()), "float64", seed=5))
        total = tf.reduce_sum(y * dy)
        slope = opened.run(tf.gradients(total, given)[0], {given: x})
        h = 1e-5
        ahead, behind = (opened.run(total, {given: x + way * h * step}) for way in (1, -1))
    np.testing.assert_allclose(np.sum(slope * step), (ahead - behind) / (2 * h), rtol=1e-6)
