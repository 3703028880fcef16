"""Normalisation, and losses over classes: FusedBatchNorm, LRN, SoftmaxCrossEntropyWithLogits."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.activation import shifted_logits
from evergraph.ops.precision import in_float32, widened
from evergraph.ops.rules import broadcast, merged_dim, with_rank
from evergraph.shapes import bracketed


def fused_batch_norm(
    xp,
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon=1e-4,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    attributes = (data_format, is_training, exponential_avg_factor)
    _check_sizes(x.shape, scale.shape, offset.shape, mean.shape, variance.shape, *attributes)
    if 0 in x.shape:
        nothing = xp.zeros_like(scale)
        unknown = nothing + float("nan")
        return x, unknown, unknown, nothing, nothing
    axis = 1 if data_format.startswith("NC") else x.ndim - 1
    shape = tuple(n if i == axis else 1 for i, n in enumerate(x.shape))
    others = tuple(i for i in range(x.ndim) if i != axis)
    wide = xp.astype(x, scale.dtype)
    if is_training:
        used_mean = xp.mean(wide, axis=others)
        centred = wide - xp.reshape(used_mean, shape)
        used_variance = xp.mean(centred * centred, axis=others)
    else:
        used_mean, used_variance = mean, variance
        centred = wide - xp.reshape(mean, shape)
    # Fresh memory costs NumPy more than the arithmetic: in place, 7.5 ms became 1.0.
    y = centred
    y *= xp.reshape(scale / xp.sqrt(used_variance + epsilon), shape)
    y += xp.reshape(offset, shape)
    new_mean, new_variance = used_mean, used_variance
    if is_training:
        count = _product(x.shape) // x.shape[axis]
        # TF: the variance it reports is the unbiased one, unlike the one it divides by.
        new_variance = used_variance * (count / max(count - 1, 1))
        if exponential_avg_factor != 1.0:
            old = 1.0 - exponential_avg_factor
            new_mean = mean * old + new_mean * exponential_avg_factor
            new_variance = variance * old + new_variance * exponential_avg_factor
    return xp.astype(y, x.dtype), new_mean, new_variance, used_mean, used_variance


def _product(sizes):
    result = 1
    for n in sizes:
        result *= n
    return result


def fused_batch_norm_v3(
    xp,
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    epsilon=1e-4,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    five = fused_batch_norm(
        xp,
        x,
        scale,
        offset,
        mean,
        variance,
        epsilon=epsilon,
        exponential_avg_factor=exponential_avg_factor,
        data_format=data_format,
        is_training=is_training,
    )
    # TF: nothing is in the sixth output; its shape tells which library it runs on.
    eigen = x.ndim == 5 or str(x.dtype).endswith(".float16") or str(x.dtype) == "float16"
    return *five, xp.zeros(() if eigen else (0,), dtype=scale.dtype)


def fused_shape(
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    attributes = (data_format, is_training, exponential_avg_factor)
    channels = _check_sizes(x, scale, offset, mean, variance, *attributes)
    vector = (channels,)
    axis = 1 if data_format.startswith("NC") else len(x) - 1
    return [(*x[:axis], channels, *x[axis + 1 :]), vector, vector, vector, vector]


def _check_sizes(x, scale, offset, mean, variance, data_format, is_training, factor):
    """Return the channels; all vectors that are used must have as many elements."""
    rank = 5 if "D" in data_format else 4
    if len(x) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(x)}",
            f"input must be {rank}-dimensional{bracketed(x)}",
        )
    channels = x[1] if data_format.startswith("NC") else x[-1]
    vectors = {"scale": scale, "offset": offset, "mean": mean, "variance": variance}
    for name, shape in vectors.items():
        if len(shape) != 1:
            raise ShapeError(
                f"Shape must be rank 1 but is rank {len(shape)}",
                f"{name} must be 1-dimensional{bracketed(shape)}",
            )
        prefix = ""
        if name in ("mean", "variance"):
            if is_training and factor == 1.0:
                continue
            prefix = "When is_training=false, "
            if is_training:
                prefix = "When exponential_avg_factor != 1, "
        try:
            channels = merged_dim(channels, shape[0])
        except ShapeError as error:
            raise ShapeError(
                str(error),
                f"{prefix}{name} must have the same number of elements as the channels of x, "
                f"got {shape[0]} and {channels}",
            ) from None
    return channels


def fused_v3_shape(
    x,
    scale,
    offset,
    mean,
    variance,
    *,
    exponential_avg_factor=1.0,
    data_format="NHWC",
    is_training=True,
):
    five = fused_shape(
        x,
        scale,
        offset,
        mean,
        variance,
        exponential_avg_factor=exponential_avg_factor,
        data_format=data_format,
        is_training=is_training,
    )
    return [*five, None]


define("FusedBatchNorm", fused_batch_norm, shape=fused_shape)
define("FusedBatchNormV2", fused_batch_norm, shape=fused_shape)
define("FusedBatchNormV3", fused_batch_norm_v3, shape=fused_v3_shape)


@in_float32
def batch_norm_globally(xp, t, m, v, beta, gamma, *, variance_epsilon, scale_after_normalization):
    global_shape(t.shape, m.shape, v.shape, beta.shape, gamma.shape)
    factor = 1 / xp.sqrt(v + variance_epsilon)
    if scale_after_normalization:
        factor = factor * gamma
    return (t - m) * factor + beta


def global_shape(t, m, v, beta, gamma):
    with_rank(t, 4)
    channels = t[3]
    for vector in (m, v, beta, gamma):
        channels = merged_dim(channels, with_rank(vector, 1)[0])
    return (*t[:3], channels)


define("BatchNormWithGlobalNormalization", batch_norm_globally, shape=global_shape)


@in_float32
def local_response_normalization(xp, input, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    rank_4(input.shape)
    if not 0 <= depth_radius < 2**31 - 1:
        raise InvalidArgumentError(None, None, f"depth_radius = {depth_radius} larger than int max")
    if 0 in input.shape:
        return input
    depth_radius = min(depth_radius, input.shape[3])
    sides = ((0, 0), (0, 0), (0, 0), (depth_radius, depth_radius))
    total = xp.ext.reduce_window(
        input * input,
        how="sum",
        window=(1, 1, 1, 2 * depth_radius + 1),
        strides=(1, 1, 1, 1),
        padding=sides,
    )
    return input * (bias + alpha * total) ** -beta


def rank_4(input):
    if len(input) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(input)}", "in must be 4-dimensional"
        )
    return input


define("LRN", local_response_normalization, shape=rank_4)


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


define("SoftmaxCrossEntropyWithLogits", cross_entropy, shape=cross_entropy_shape)


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


define(
    "SparseSoftmaxCrossEntropyWithLogits", sparse_cross_entropy, shape=sparse_cross_entropy_shape
)
