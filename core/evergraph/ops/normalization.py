"""Normalisation and losses: FusedBatchNorm, SoftmaxCrossEntropyWithLogits and its sparse form."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import broadcast, with_rank
from evergraph.ops.windows import channel_axis


def cross_entropy(xp, features, labels):
    features, labels = xp.broadcast_arrays(features, labels)
    y = features - xp.max(features, axis=-1, keepdims=True)
    log_sum = xp.log(xp.sum(xp.exp(y), axis=-1, keepdims=True, dtype=y.dtype))
    loss = xp.sum(labels * (log_sum - y), axis=-1, dtype=y.dtype)
    return loss, xp.exp(y - log_sum) - labels


def cross_entropy_shape(features, labels):
    shape = broadcast(features, labels)
    with_rank(shape, 2)
    return [shape[:1], shape]


def sparse_cross_entropy(xp, features, labels):
    classes = features.shape[1]

    def message(at, value):
        return (
            f"Received a label value of {int(value)} which is outside the valid range of "
            f"[0, {classes}).  Label values: {int(value)}"
        )

    xp.check((labels >= 0) & (labels < classes), InvalidArgumentError, message, labels)
    places = xp.arange(classes, dtype=labels.dtype)
    hot = xp.astype(labels[:, None] == places, features.dtype)
    return cross_entropy(xp, features, hot)


def sparse_shape(features, labels):
    with_rank(features, 2)
    with_rank(labels, 1)
    if None not in (features[0], labels[0]) and features[0] != labels[0]:
        raise ShapeError(
            f"Dimensions must be equal, but are {features[0]} and {labels[0]}",
            f"logits and labels must have the same first dimension, got logits shape "
            f"[{features[0]},{features[1]}] and labels shape [{labels[0]}]",
        )
    return [labels, features]


def fused_batch_norm(
    xp, x, scale, offset, mean, variance, *, epsilon=1e-4, data_format="NHWC", is_training=True
):
    axis = channel_axis(data_format, x.ndim)
    shape = tuple(d if i == axis else 1 for i, d in enumerate(x.shape))
    y = xp.astype(x, scale.dtype)
    others = tuple(i for i in range(x.ndim) if i != axis)
    count = x.size // max(x.shape[axis], 1)
    if is_training:
        mean = xp.mean(y, axis=others)
        variance = xp.mean(xp.square(y - xp.reshape(mean, shape)), axis=others)
    factor = scale / xp.sqrt(variance + xp.asarray(epsilon, dtype=scale.dtype))
    result = (y - xp.reshape(mean, shape)) * xp.reshape(factor, shape) + xp.reshape(offset, shape)
    unbiased = variance
    if is_training:
        unbiased = variance * xp.asarray(count / max(count - 1, 1), dtype=variance.dtype)
    return xp.astype(result, x.dtype), mean, unbiased, mean, variance


def fused_v3(
    xp, x, scale, offset, mean, variance, *, epsilon=1e-4, data_format="NHWC", is_training=True
):
    five = fused_batch_norm(
        xp,
        x,
        scale,
        offset,
        mean,
        variance,
        epsilon=epsilon,
        data_format=data_format,
        is_training=is_training,
    )
    return (*five, xp.zeros((0,), dtype=scale.dtype))


def _statistics(x, scale, data_format):
    channels = x[channel_axis(data_format, len(x))]
    size = scale[0] if channels is None else channels
    return (size,)


def fused_shape(x, scale, offset, mean, variance, *, data_format="NHWC"):
    del offset, mean, variance
    vector = _statistics(x, scale, data_format)
    return [x, vector, vector, vector, vector]


def fused_v3_shape(x, scale, offset, mean, variance, *, data_format="NHWC"):
    del offset, mean, variance
    vector = _statistics(x, scale, data_format)
    return [x, vector, vector, vector, vector, None]


define("SoftmaxCrossEntropyWithLogits", cross_entropy, shape=cross_entropy_shape)
define("SparseSoftmaxCrossEntropyWithLogits", sparse_cross_entropy, shape=sparse_shape)
define("FusedBatchNorm", fused_batch_norm, shape=fused_shape)
define("FusedBatchNormV2", fused_batch_norm, shape=fused_shape)
define("FusedBatchNormV3", fused_v3, shape=fused_v3_shape)
