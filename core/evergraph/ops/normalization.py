"""Normalisation: FusedBatchNorm, BatchNormWithGlobalNormalization, LRN."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of, merged_dim, with_rank
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


def fused_gradient(tf, op, dy, *others):
    """Return the gradient of y alone, as TensorFlow does: others' do not count."""
    x, scale, _, mean, variance = op.inputs
    attributes = attributes_of(op, ("epsilon", "data_format", "is_training"))
    rest = op.outputs[5:]
    grad = getattr(tf, op.type.replace("FusedBatchNorm", "FusedBatchNormGrad"))
    if attributes["is_training"]:
        used = op.outputs[3:5]
        dx, dscale, doffset, _, _ = grad(dy, x, scale, *used, *rest, **attributes)
        return dx, dscale, doffset, None, None
    there, back = _CHANNELS_LAST.get(attributes["data_format"], (None, None))
    if there is not None:
        # TF: without training, its gradient is there for channels last alone.
        x, dy = tf.Transpose(x, there), tf.Transpose(dy, there)
        attributes["data_format"] = "NHWC" if len(there) == 4 else "NDHWC"
    dx, dscale, doffset, _, _ = grad(dy, x, scale, mean, variance, *rest, **attributes)
    return dx if back is None else tf.Transpose(dx, back), dscale, doffset, None, None


_CHANNELS_LAST = {
    b"NCHW": ([0, 2, 3, 1], [0, 3, 1, 2]),
    b"NCDHW": ([0, 2, 3, 4, 1], [0, 4, 1, 2, 3]),
}

define("FusedBatchNorm", fused_batch_norm, shape=fused_shape, gradient=fused_gradient)
define("FusedBatchNormV2", fused_batch_norm, shape=fused_shape, gradient=fused_gradient)
define("FusedBatchNormV3", fused_batch_norm_v3, shape=fused_v3_shape, gradient=fused_gradient)


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


def global_gradient(tf, op, dy):
    t, m, v, _, gamma = op.inputs
    attributes = attributes_of(op, ("variance_epsilon", "scale_after_normalization"))
    return tuple(tf.BatchNormWithGlobalNormalizationGrad(t, m, v, gamma, dy, **attributes))


define(
    "BatchNormWithGlobalNormalization",
    batch_norm_globally,
    shape=global_shape,
    gradient=global_gradient,
)


@in_float32
def local_response_normalization(xp, input, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    rank_4(input.shape)
    if not 0 <= depth_radius < 2**31 - 1:
        raise InvalidArgumentError(None, None, f"depth_radius = {depth_radius} larger than int max")
    if 0 in input.shape:
        return input
    return input * (bias + alpha * over_channels(xp, input * input, depth_radius)) ** -beta


def over_channels(xp, x, radius):
    """Return, for every channel, the sum over those at most `radius` away."""
    radius = min(radius, x.shape[3])
    return xp.ext.reduce_window(
        x,
        how="sum",
        window=(1, 1, 1, 2 * radius + 1),
        strides=(1, 1, 1, 1),
        padding=((0, 0), (0, 0), (0, 0), (radius, radius)),
    )


def rank_4(input):
    if len(input) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(input)}", "in must be 4-dimensional"
        )
    return input


def lrn_gradient(tf, op, dy):
    attributes = attributes_of(op, ("depth_radius", "bias", "alpha", "beta"))
    return tf.LRNGrad(dy, op.inputs[0], op.outputs[0], **attributes)


define("LRN", local_response_normalization, shape=rank_4, gradient=lrn_gradient)
