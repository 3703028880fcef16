"""Losses over classes: SoftmaxCrossEntropyWithLogits, SparseSoftmaxCrossEntropyWithLogits."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.activation import shifted_logits
from evergraph.ops.precision import widened
from evergraph.ops.rules import broadcast, with_rank
from evergraph.shapes import bracketed


def cross_entropy(xp, features, labels):
    cross_entropy_shape(features.shape, labels.shape)
    dtype = features.dtype
    features, labels = xp.broadcast_arrays(widened(xp, features), widened(xp, labels))
    shifted = shifted_logits(xp, features)
    if shifted is None:
        return xp.zeros(features.shape[:1], dtype=dtype), xp.astype(features, dtype)
    powers = xp.exp(shifted)
    total = xp.sum(powers, axis=-1, keepdims=True)
    loss = xp.sum(labels * (xp.log(total) - shifted), axis=-1)
    return xp.astype(loss, dtype), xp.astype(powers / total - labels, dtype)


def cross_entropy_shape(features, labels):
    try:
        shape = broadcast(features, labels)
    except ShapeError as error:
        raise ShapeError(
            str(error),
            f"logits and labels must be broadcastable: logits_size={bracketed(features)} "
            f"labels_size={bracketed(labels)}",
        ) from None
    if len(shape) != 2:
        raise ShapeError(
            f"Shape must be broadcasted with rank 2, but is rank {len(shape)}",
            "logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional",
        )
    return [shape[:1], shape]


def cross_entropy_gradient(tf, op, dloss, dslope):
    logits = op.inputs[0]
    by_logits = _logits_gradient(tf, op, dloss, dslope)
    return by_logits, tf.ExpandDims(dloss, -1) * -tf.LogSoftmax(logits)


def _logits_gradient(tf, op, dloss, dslope):
    # The second output is the slope of the first one; its own is that of the softmax.
    total = tf.ExpandDims(dloss, -1) * op.outputs[1]
    if dslope.op.type == "ZerosLike":  # nobody differentiates the slope
        return total
    powers = tf.Softmax(op.inputs[0])
    mean = tf.BatchMatMulV2(tf.ExpandDims(dslope, 1), tf.ExpandDims(powers, 2))
    return total + (dslope - tf.Squeeze(mean, squeeze_dims=[1])) * powers


define(
    "SoftmaxCrossEntropyWithLogits",
    cross_entropy,
    shape=cross_entropy_shape,
    gradient=cross_entropy_gradient,
)


def sparse_cross_entropy(xp, features, labels):
    sparse_cross_entropy_shape(features.shape, labels.shape)
    classes, dtype = features.shape[1], features.dtype
    if classes == 0:
        text = f"Must have at least one class, but got logits shape {bracketed(features.shape)}"
        raise InvalidArgumentError(None, None, text)

    def message(at, value):
        return (
            f"Received a label value of {int(value)} which is outside the valid range of "
            f"[0, {classes}).  Label values: {int(value)}"
        )

    xp.check((labels >= 0) & (labels < classes), InvalidArgumentError, message, labels)
    shifted = shifted_logits(xp, widened(xp, features))
    powers = xp.exp(shifted)
    total = xp.sum(powers, axis=-1, keepdims=True)
    hot = labels[:, None] == xp.arange(classes, dtype=labels.dtype)
    # Chosen, not multiplied: an infinite logit elsewhere must not count.
    chosen = xp.sum(xp.where(hot, shifted, xp.zeros_like(shifted)), axis=-1)
    loss = xp.log(total[:, 0]) - chosen
    slope = powers / total - xp.astype(hot, powers.dtype)
    return xp.astype(loss, dtype), xp.astype(slope, dtype)


def sparse_cross_entropy_shape(features, labels):
    for name, shape, rank in (("logits", features, 2), ("labels", labels, 1)):
        try:
            with_rank(shape, rank)
        except ShapeError as error:
            text = f"{name} must be {rank}-D, but got shape {bracketed(shape)}"
            raise ShapeError(str(error), text) from None
    rows, count = features[0], labels[0]
    if rows is not None and count is not None and rows != count:
        raise ShapeError(
            f"Dimensions must be equal, but are {rows} and {count}",
            f"logits and labels must have the same first dimension, got logits shape "
            f"{bracketed(features)} and labels shape {bracketed(labels)}",
        )
    known = count if rows is None else rows
    return [(known,), (known, features[1])]


def sparse_cross_entropy_gradient(tf, op, dloss, dslope):
    return _logits_gradient(tf, op, dloss, dslope), None


define(
    "SparseSoftmaxCrossEntropyWithLogits",
    sparse_cross_entropy,
    shape=sparse_cross_entropy_shape,
    gradient=sparse_cross_entropy_gradient,
)
