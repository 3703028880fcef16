"""Activations: Relu, Relu6, LeakyRelu, Elu, Selu, Softplus, Softsign, Softmax, LogSoftmax."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.math import widened
from evergraph.ops.rules import same_shape

_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_ALPHA = 1.6732632423543772848170429916717


def relu(xp, x):
    return xp.where(x < 0, xp.zeros_like(x), x)


def relu6(xp, x):
    six = xp.asarray(6, dtype=x.dtype)
    return xp.where(x > 6, six, xp.where(x < 0, xp.zeros_like(x), x))


def leaky_relu(xp, x, *, alpha=0.2):
    return xp.where(x > 0, x, x * xp.asarray(alpha, dtype=x.dtype))


def elu(xp, x):
    return xp.where(x < 0, xp.expm1(x), x)


def selu(xp, x):
    return _SELU_SCALE * xp.where(x < 0, _SELU_ALPHA * xp.expm1(x), x)


def softplus(xp, x):
    return xp.logaddexp(x, xp.zeros_like(x))


def softsign(xp, x):
    return x / (xp.abs(x) + 1)


def softmax(xp, x):
    if x.shape[-1] == 0:
        return x
    e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True, dtype=x.dtype)


def log_softmax(xp, x):
    if x.shape[-1] == 0:
        return x
    y = x - xp.max(x, axis=-1, keepdims=True)
    return y - xp.log(xp.sum(xp.exp(y), axis=-1, keepdims=True, dtype=x.dtype))


def softmax_shape(x):
    if not x:
        raise ShapeError("Shape must be at least rank 1 but is rank 0")
    return x


define("Relu", relu, shape=same_shape)
define("Relu6", relu6, shape=same_shape)
define("LeakyRelu", leaky_relu, shape=same_shape)
define("Elu", widened(elu), shape=same_shape)
define("Selu", widened(selu), shape=same_shape)
define("Softplus", widened(softplus), shape=same_shape)
define("Softsign", softsign, shape=same_shape)
define("Softmax", widened(softmax), shape=softmax_shape)
define("LogSoftmax", widened(log_softmax), shape=softmax_shape)
