"""Activation functions: Relu and its kin, Elu, Selu, Softplus, Softsign, Softmax."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import same_shape


def relu(xp, features):
    return xp.maximum(features, 0)


def relu6(xp, features):
    return xp.minimum(xp.maximum(features, 0), 6)


def relu_gradient(tf, op, dy):
    return tf.ReluGrad(dy, op.outputs[0])


define("Relu", relu, shape=same_shape, gradient=relu_gradient)
define("Relu6", relu6, shape=same_shape)


@in_float32
def leaky_relu(xp, features, *, alpha=0.2):
    return xp.where(features > 0, features, features * alpha)


@in_float32
def elu(xp, features):
    # The minimum keeps what is not chosen from overflowing.
    return xp.where(features < 0, xp.expm1(xp.minimum(features, 0)), features)


_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_SCALED_ALPHA = 1.7580993408473768599402175208123


@in_float32
def selu(xp, features):
    below = _SELU_SCALED_ALPHA * xp.expm1(xp.minimum(features, 0))
    return xp.where(features < 0, below, _SELU_SCALE * features)


@in_float32
def softplus(xp, features):
    return xp.maximum(features, 0) + xp.log1p(xp.exp(-xp.abs(features)))


@in_float32
def softsign(xp, features):
    return features / (xp.abs(features) + 1)


define("LeakyRelu", leaky_relu, shape=same_shape)
define("Elu", elu, shape=same_shape)
define("Selu", selu, shape=same_shape)
define("Softplus", softplus, shape=same_shape)
define("Softsign", softsign, shape=same_shape)


@in_float32
def softmax(xp, logits):
    shifted = shifted_logits(xp, logits)
    if shifted is None:
        return logits
    powers = xp.exp(shifted)
    powers /= xp.sum(powers, axis=-1, keepdims=True)
    return powers


@in_float32
def log_softmax(xp, logits):
    shifted = shifted_logits(xp, logits)
    if shifted is None:
        return logits
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def shifted_logits(xp, logits):
    """Return the logits less the largest of their row; None if there are no classes."""
    if logits.ndim == 0:
        class_shape(logits.shape)
    if logits.shape[-1] == 0:
        return None
    return logits - xp.max(logits, axis=-1, keepdims=True)


def class_shape(logits):
    if not logits:
        raise ShapeError(
            "Shape must be at least rank 1 but is rank 0",
            "logits must have >= 1 dimension, got []",
        )
    return logits


define("Softmax", softmax, shape=class_shape)
define("LogSoftmax", log_softmax, shape=class_shape)
