"""tf.layers: what layers compute, how they train, and the averages of normalized batches."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.api import tf as api
from evergraph_conformance.messages import core, raises

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses("VariableV2", "Assign", "MatMul", "BiasAdd", "Conv2D", "FusedBatchNormV3"),
    # TensorFlow has lost it.
    pytest.mark.skipif(not hasattr(api, "layers"), reason="an API without tf.layers"),
]

X = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 2.0]], np.float32)
IMAGES = np.arange(2 * 4 * 4 * 3, dtype=np.float32).reshape(2, 4, 4, 3) / 48 - 1
CLOSE = (1e-5, 1e-6, 0.0)


def started(tf):
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


def test_a_dense_layer_is_a_product_and_a_sum(tf, same):
    layer = tf.layers.Dense(2, bias_initializer=tf.constant_initializer(0.25))
    y = layer(X)
    with started(tf) as session:
        y, kernel = session.run([y, layer.kernel])
    same(y, X @ kernel + np.float32(0.25), CLOSE)


@pytest.mark.parametrize("shape", [[2, 4, 3], [None, None, 3]], ids=["known", "unknown"])
def test_a_dense_layer_keeps_further_dimensions(tf, same, shape):
    x = tf.placeholder(tf.float32, shape)
    y = tf.layers.dense(x, 5, tf.nn.relu, kernel_initializer=tf.ones_initializer())
    fed = np.linspace(-1, 1, 24, dtype=np.float32).reshape(2, 4, 3)
    with started(tf) as session:
        got = session.run(y, {x: fed})
    same(got, np.maximum(fed.sum(-1, keepdims=True), 0).repeat(5, -1), CLOSE)


def test_layers_of_one_name_share_their_variables(tf, same):
    one = tf.layers.dense(X, 2, name="shared")
    other = tf.layers.dense(2 * X, 2, name="shared", reuse=True)
    assert len(tf.trainable_variables()) == 2
    with started(tf) as session:
        first, second = session.run([one, other])
    same(second, 2 * first, CLOSE)


def test_a_constraint_holds_after_a_step(tf, same):
    layer = tf.layers.Dense(1, kernel_constraint=lambda w: tf.clip_by_value(w, -0.1, 0.1))
    loss = tf.reduce_sum(layer(X))
    train = tf.train.GradientDescentOptimizer(10.0).minimize(loss)
    with started(tf) as session:
        session.run(train)
        kernel = session.run(layer.kernel)
    same(kernel, np.array([[-0.1], [0.1], [-0.1]], np.float32), CLOSE)


def test_losses_of_regularizers_are_in_the_total_loss(tf, same):
    ones = tf.ones_initializer()
    y = tf.layers.dense(X, 2, kernel_initializer=ones, kernel_regularizer=tf.nn.l2_loss)
    tf.losses.add_loss(tf.reduce_sum(y))
    with started(tf) as session:
        total = session.run(tf.losses.get_total_loss())
    same(total, np.float32(2 * X.sum() + 3.0), CLOSE)


@pytest.mark.parametrize(
    ("name", "arguments", "shape", "value"),
    [
        ("conv2d", (2, 3), (2, 2, 2, 2), 27.0),
        ("conv2d", (2, 2, 2, "same"), (2, 2, 2, 2), 12.0),
        ("conv2d_transpose", (2, 2, 2), (2, 8, 8, 2), 3.0),
        ("separable_conv2d", (2, 3), (2, 2, 2, 2), 27.0),
        ("max_pooling2d", (2, 2), (2, 2, 2, 3), 1.0),
        ("average_pooling2d", (3, 1), (2, 2, 2, 3), 1.0),
    ],
)
def test_windows_of_ones_give_their_size(tf, same, name, arguments, shape, value):
    with tf.variable_scope("ones", initializer=tf.ones_initializer()):
        y = getattr(tf.layers, name)(np.ones((2, 4, 4, 3), np.float32), *arguments)
    with started(tf) as session:
        same(session.run(y), np.full(shape, value, np.float32), CLOSE)


@pytest.mark.parametrize(
    ("name", "arguments", "shape", "value"),
    [
        ("conv1d", (2, 3), (2, 2, 2), 9.0),
        ("separable_conv1d", (2, 3), (2, 2, 2), 9.0),
        ("max_pooling1d", (2, 2), (2, 2, 3), 1.0),
        ("average_pooling1d", (3, 1), (2, 2, 3), 1.0),
    ],
)
def test_windows_of_sequences(tf, same, name, arguments, shape, value):
    with tf.variable_scope("ones", initializer=tf.ones_initializer()):
        y = getattr(tf.layers, name)(np.ones((2, 4, 3), np.float32), *arguments)
    with started(tf) as session:
        same(session.run(y), np.full(shape, value, np.float32), CLOSE)


def test_causal_padding_looks_back_only(tf, same):
    sequence = np.array([[[1.0], [2.0], [4.0], [8.0]]], np.float32)
    ones = tf.ones_initializer()
    y = tf.layers.conv1d(sequence, 1, 2, padding="causal", kernel_initializer=ones)
    with started(tf) as session:
        same(session.run(y), np.array([[[1.0], [3.0], [6.0], [12.0]]], np.float32), CLOSE)


def test_dropout_is_for_training_only(tf, same):
    training = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(np.ones((64, 64), np.float32), 0.25, training=training, seed=1)
    with tf.Session() as session:
        same(session.run(y, {training: False}), np.ones((64, 64), np.float32))
        dropped = session.run(y, {training: True})
    assert sorted({round(float(v), 4) for v in dropped.ravel()}) == [0.0, 1.3333]
    assert 0.7 < (dropped > 0).mean() < 0.8


def test_flatten_keeps_the_batch(tf, run, same):
    same(run(tf.layers.flatten(tf.constant(IMAGES))), IMAGES.reshape(2, 48))


@pytest.mark.parametrize("fused", [True, False])
def test_a_normalized_batch_has_mean_0_and_variance_1(tf, same, fused):
    y = tf.layers.batch_normalization(IMAGES, training=True, fused=fused, epsilon=0.0)
    with started(tf) as session:
        got = session.run(y)
    mean, variance = IMAGES.mean((0, 1, 2)), IMAGES.var((0, 1, 2))
    same(got, (IMAGES - mean) / np.sqrt(variance), (1e-4, 1e-5, 0.0))


@pytest.mark.parametrize("kind", ["bool", "tensor"])
def test_a_renormalized_batch_is_normalized_by_averages(tf, same, kind):
    training = True if kind == "bool" else tf.placeholder_with_default(True, [])
    y = tf.layers.batch_normalization(
        tf.constant(X), training=training, renorm=True, renorm_momentum=0.5, epsilon=0.0
    )
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    mean, deviation = np.zeros(X.shape[-1]), np.ones(X.shape[-1])
    with started(tf) as session:
        for _ in range(3):
            same(session.run(y), np.float32((X - mean) / deviation), (1e-4, 1e-5, 0.0))
            session.run(updates)
            mean, deviation = (mean + X.mean(0)) / 2, (deviation + X.std(0)) / 2


def test_the_corrections_of_a_batch_have_bounds(tf, same):
    y = tf.layers.batch_normalization(
        tf.constant(X),
        training=True,
        renorm=True,
        renorm_clipping={"rmin": 0.5, "rmax": 0.75, "dmax": 0.25},
        epsilon=0.0,
    )
    factor, offset = np.clip(X.std(0), 0.5, 0.75), np.clip(X.mean(0), -0.25, 0.25)
    with started(tf) as session:
        wanted = (X - X.mean(0)) / X.std(0) * factor + offset
        same(session.run(y), np.float32(wanted), (1e-4, 1e-5, 0.0))
    with pytest.raises(ValueError, match="invalid keys for `renorm_clipping`"):
        tf.layers.batch_normalization(tf.constant(X), renorm=True, renorm_clipping={"max": 1.0})


@pytest.mark.parametrize("kind", ["bool", "tensor"])
@pytest.mark.parametrize("x", [X, IMAGES], ids=["rows", "images"])
def test_averages_of_the_moments_are_updated_while_training(tf, same, x, kind):
    training = True if kind == "bool" else tf.placeholder_with_default(True, [])
    layer = tf.layers.BatchNormalization(momentum=0.75)
    y = layer(tf.constant(x), training=training)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    assert len(updates) == 2
    with tf.control_dependencies(updates):
        step = tf.identity(y)
    averages = [layer.moving_mean, layer.moving_variance]
    axes = tuple(range(x.ndim - 1))
    # The op for images gives the unbiased variance.
    many = x.size // 3 / (x.size // 3 - 1) if x.ndim == 4 else 1
    with started(tf) as session:
        session.run(step)
        mean, variance = session.run(averages)
        same(mean, 0.25 * x.mean(axes), CLOSE)
        same(variance, np.float32(0.75 + 0.25 * many * x.var(axes)), CLOSE)
        if kind == "tensor":
            got = session.run(step, {training: False})
            same(got, (x - mean) / np.sqrt(variance + np.float32(1e-3)), CLOSE)
            same(session.run(layer.moving_mean), mean)


def test_a_layer_of_ones_own(tf, same):
    class Scaled(tf.layers.Layer):  # type: ignore[misc, name-defined]
        def build(self, input_shape):
            self.scale = self.add_weight("scale", [int(input_shape[-1])], initializer=self.first)
            super().build(input_shape)

        def first(self, shape, dtype=None, partition_info=None):
            del partition_info
            return tf.fill(shape, tf.cast(3.0, dtype))

        def call(self, inputs, shift=0.0):
            return inputs * self.scale + shift

    layer = Scaled(name="scaled")
    ys = [layer(X), layer(X, shift=1.0)]
    assert [v.name for v in layer.trainable_variables] == ["scaled/scale:0"]
    with started(tf) as session:
        one, other = session.run(ys)
    same(one, 3 * X)
    same(other, 3 * X + 1)


def test_a_layer_refuses_inputs_of_another_size(tf):
    layer = tf.layers.Dense(2)
    layer(X)
    with raises(core("ValueError", "expected axis -1 of input shape to have value 3")):
        layer(np.ones((2, 4), np.float32))
    assert layer(X).shape == (2, 2)
