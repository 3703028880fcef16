"""Activation functions: Relu and its kin, Elu, Selu, Softplus, Softsign, Softmax."""

from __future__ import annotations

from functools import wraps

from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import merged, same_shape


def relu(xp, features):
    return xp.maximum(features, 0)


def relu6(xp, features):
    return xp.minimum(xp.maximum(features, 0), 6)


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


# The gradient of each is an op of its own: of the gradient that it is given, and of the function's
# input, or its output where that is enough.


def relu_grad(xp, gradients, features):
    # TF: a product, so that what is not finite does not vanish; XLA would choose for a converted bool.
    return xp.where(features > 0, gradients, gradients * 0)


def relu6_grad(xp, gradients, features):
    return xp.where((features > 0) & (features < 6), gradients, gradients * 0)


@in_float32
def leaky_relu_grad(xp, gradients, features, *, alpha=0.2):
    return xp.where(features > 0, gradients, gradients * alpha)


@in_float32
def elu_grad(xp, gradients, outputs):
    return xp.where(outputs < 0, (outputs + 1) * gradients, gradients)


@in_float32
def selu_grad(xp, gradients, outputs):
    below = gradients * (outputs + _SELU_SCALED_ALPHA)
    return xp.where(outputs < 0, below, gradients * _SELU_SCALE)


@in_float32
def softplus_grad(xp, gradients, features):
    return gradients / (xp.exp(-features) + 1)


@in_float32
def softsign_grad(xp, gradients, features):
    below = xp.abs(features) + 1
    return gradients / (below * below)


def _checked(kernel):
    @wraps(kernel)
    def checked(xp, gradients, other, **attributes):
        merged(gradients.shape, other.shape)
        return kernel(xp, gradients, other, **attributes)

    return checked


# Gradients


def through(type, of):
    """Return the gradient that is the op `type` of the incoming one and an input or output."""

    def gradient(tf, op, dy):
        return getattr(tf, type)(dy, getattr(op, of)[0])

    return gradient


def leaky_relu_gradient(tf, op, dy):
    return tf.LeakyReluGrad(dy, op.inputs[0], alpha=op.get_attr("alpha"))


def softplus_gradient(tf, op, dy):
    return tf.Mul(dy, tf.Sigmoid(op.inputs[0]))


def _flat_gradient(type):
    """The gradient of the gradient of a function that consists of straight lines."""

    def gradient(tf, op, dz):
        x = op.inputs[1]
        slope = {"alpha": op.get_attr("alpha")} if type == "LeakyReluGrad" else {}
        return getattr(tf, type)(dz, x, **slope), tf.ZerosLike(x)

    return gradient


def _curved_gradient(type):
    """The gradient of the gradient of Elu or Selu, of which it is linear in the output."""

    def gradient(tf, op, dz):
        dy, y = op.inputs
        curved = tf.Select(tf.Less(y, 0), tf.Mul(dz, dy), tf.ZerosLike(y))
        return getattr(tf, type)(dz, y), curved

    return gradient


def softplus_grad_gradient(tf, op, dz):
    dy, x = op.inputs
    below = tf.AddV2(tf.AddV2(tf.Exp(tf.Neg(x)), 2), tf.Exp(x))
    return tf.SoftplusGrad(dz, x), tf.RealDiv(tf.Mul(dz, dy), below)


_FUNCTIONS = {
    "Relu": (relu, through("ReluGrad", "outputs")),
    "Relu6": (relu6, through("Relu6Grad", "outputs")),
    "LeakyRelu": (leaky_relu, leaky_relu_gradient),
    "Elu": (elu, through("EluGrad", "outputs")),
    "Selu": (selu, through("SeluGrad", "outputs")),
    "Softplus": (softplus, softplus_gradient),
    "Softsign": (softsign, through("SoftsignGrad", "inputs")),
}
_GRADS = {
    "ReluGrad": (relu_grad, _flat_gradient("ReluGrad")),
    "Relu6Grad": (relu6_grad, _flat_gradient("Relu6Grad")),
    "LeakyReluGrad": (leaky_relu_grad, _flat_gradient("LeakyReluGrad")),
    "EluGrad": (elu_grad, _curved_gradient("EluGrad")),
    "SeluGrad": (selu_grad, _curved_gradient("SeluGrad")),
    "SoftplusGrad": (softplus_grad, softplus_grad_gradient),
    # TF: this one has no gradient.
    "SoftsignGrad": (softsign_grad, None),
}
for _type, (_kernel, _gradient) in _FUNCTIONS.items():
    define(_type, _kernel, shape=same_shape, gradient=_gradient)
for _type, (_kernel, _gradient) in _GRADS.items():
    define(_type, _checked(_kernel), shape=merged, unknown_rank=True, gradient=_gradient)


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


def softmax_gradient(tf, op, dy):
    (y,) = op.outputs
    total = tf.Sum(tf.Mul(dy, y), -1, keep_dims=True)
    return tf.Mul(tf.Sub(dy, total), y)


def log_softmax_gradient(tf, op, dy):
    total = tf.Sum(dy, -1, keep_dims=True)
    return tf.Sub(dy, tf.Mul(total, tf.Exp(op.outputs[0])))


define("Softmax", softmax, shape=class_shape, gradient=softmax_gradient)
define("LogSoftmax", log_softmax, shape=class_shape, gradient=log_softmax_gradient)
