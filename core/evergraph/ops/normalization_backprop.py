"""Gradients of normalisation: FusedBatchNormGrad, BatchNormWithGlobalNormalizationGrad, LRNGrad."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.normalization import over_channels
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import merged, merged_dim, with_rank
from evergraph.shapes import bracketed


def fused_grad(
    xp,
    y_backprop,
    x,
    scale,
    reserve_space_1,
    reserve_space_2,
    *,
    epsilon=1e-4,
    data_format="NHWC",
    is_training=True,
):
    vectors = (scale.shape, reserve_space_1.shape, reserve_space_2.shape)
    _check(y_backprop.shape, x.shape, vectors, data_format)
    axis = 1 if data_format.startswith("NC") else x.ndim - 1
    shape = tuple(n if i == axis else 1 for i, n in enumerate(x.shape))
    others = tuple(i for i in range(x.ndim) if i != axis)
    wide, dy = xp.astype(x, scale.dtype), xp.astype(y_backprop, scale.dtype)
    # TF: nobody uses these two; the shape of their values tells which library it runs on.
    eigen = x.ndim == 5 or str(x.dtype).split(".")[-1] == "float16"
    nothing = xp.zeros((0,) if eigen else (), dtype=scale.dtype)
    factor = 1 / xp.sqrt(reserve_space_2 + epsilon)
    centred = wide - xp.reshape(reserve_space_1, shape)
    offset = xp.sum(dy, axis=others)
    product = xp.sum(dy * centred, axis=others)
    dscale = product * factor
    slope = xp.reshape(scale * factor, shape)
    if is_training:
        count = max(_size(x.shape) // max(x.shape[axis], 1), 1)
        centred *= xp.reshape(product * factor * factor / count, shape)
        dx = dy - xp.reshape(offset / count, shape)
        dx -= centred
        dx *= slope
    else:
        dx = dy * slope
    return xp.astype(dx, x.dtype), dscale, offset, nothing, nothing


def _size(shape):
    result = 1
    for n in shape:
        result *= n
    return result


def fused_grad_v3(
    xp,
    y_backprop,
    x,
    scale,
    reserve_space_1,
    reserve_space_2,
    reserve_space_3,
    *,
    epsilon=1e-4,
    data_format="NHWC",
    is_training=True,
):
    return fused_grad(
        xp,
        y_backprop,
        x,
        scale,
        reserve_space_1,
        reserve_space_2,
        epsilon=epsilon,
        data_format=data_format,
        is_training=is_training,
    )


def fused_grad_shape(y_backprop, x, scale, reserve_space_1, reserve_space_2, *, data_format="NHWC"):
    vectors = (scale, reserve_space_1, reserve_space_2)
    channels = _check(y_backprop, x, vectors, data_format)
    axis = 1 if data_format.startswith("NC") else len(x) - 1
    vector = (channels,)
    return [(*y_backprop[:axis], channels, *y_backprop[axis + 1 :]), vector, vector, (0,), (0,)]


def _check(dy, x, vectors, data_format):
    rank = 5 if "D" in data_format else 4
    for name, shape in (("y_backprop", dy), ("x", x)):
        if len(shape) != rank:
            raise ShapeError(
                f"Shape must be rank {rank} but is rank {len(shape)}",
                f"{name} must be {rank}-dimensional{bracketed(shape)}",
            )
    merged(dy, x)
    axis = 1 if data_format.startswith("NC") else -1
    channels = merged_dim(dy[axis], x[axis])
    for vector in vectors:
        channels = merged_dim(channels, with_rank(vector, 1)[0])
    return channels


def fused_grad_v3_shape(
    y_backprop,
    x,
    scale,
    reserve_space_1,
    reserve_space_2,
    reserve_space_3,
    *,
    data_format="NHWC",
):
    return fused_grad_shape(
        y_backprop, x, scale, reserve_space_1, reserve_space_2, data_format=data_format
    )


# The gradient of the gradient. Per channel, with the means over all else m(.), what is centred
# c = x - m(x), r = 1 / sqrt(variance + epsilon) and the incoming gradient g:
#
#     dx = scale r (g - m(g) - r^2 c m(g c)),    dscale = r sum(g c),    doffset = sum(g)
#
# and the sum of a dx + b dscale + c doffset is differentiated by g, x and scale.


def fused_grad_gradient(tf, op, a, b, c, *others):
    dy, x, scale, mean, variance = op.inputs[:5]
    dtype, wide = x.dtype, scale.dtype
    dy, x, a = (t if t.dtype == wide else tf.Cast(t, DstT=wide) for t in (dy, x, a))
    first = op.get_attr("data_format").startswith(b"NC")
    rank = 5 if b"D" in op.get_attr("data_format") else 4
    axes = [0, *range(2, rank)] if first else [*range(rank - 1)]
    shape = [1, -1] + [1] * (rank - 2)

    def along(vector):
        return tf.Reshape(vector, shape) if first else vector

    def average(t):
        return along(tf.Mean(t, axes))

    epsilon = op.get_attr("epsilon")
    s, b, c = along(scale), along(b), along(c)
    if op.get_attr("is_training"):
        centred = x - average(x)
        r = tf.Rsqrt(average(tf.Square(centred)) + epsilon)
        ac, gc = average(a * centred), average(dy * centred)
        a0, g0 = a - average(a), dy - average(dy)
        both = average(a0 * g0)
        r2 = r * r
        by_dy = s * r * (a0 - r2 * centred * ac) + b * r * centred + c
        inner = both - r2 * ac * gc
        by_scale = tf.Sum(a * (g0 - r2 * centred * gc), axes) * tf.Reshape(r, [-1])
        by_x = b * r * g0 - s * r * r2 * (a0 * gc + g0 * ac)
        by_x -= r * r2 * centred * (s * (inner - 2.0 * r2 * ac * gc) + b * gc)
    else:
        centred = x - along(mean)
        r = tf.Rsqrt(along(variance) + epsilon)
        by_dy = a * s * r + b * centred * r + c
        by_x = b * dy * r
        by_scale = tf.Sum(a * dy * r, axes)
    if dtype != wide:
        by_dy, by_x = tf.Cast(by_dy, DstT=dtype), tf.Cast(by_x, DstT=dtype)
    return by_dy, by_x, by_scale, *(None,) * (len(op.inputs) - 3)


define("FusedBatchNormGrad", fused_grad, shape=fused_grad_shape, gradient=fused_grad_gradient)
define("FusedBatchNormGradV2", fused_grad, shape=fused_grad_shape, gradient=fused_grad_gradient)
define(
    "FusedBatchNormGradV3",
    fused_grad_v3,
    shape=fused_grad_v3_shape,
    gradient=fused_grad_gradient,
)


def global_grad(xp, t, m, v, gamma, backprop, *, variance_epsilon, scale_after_normalization):
    global_grad_shape(t.shape, m.shape, v.shape, gamma.shape, backprop.shape)
    others = (0, 1, 2)
    factor = 1 / xp.sqrt(v + variance_epsilon)
    scale = gamma if scale_after_normalization else xp.ones_like(gamma)
    offset = xp.sum(backprop, axis=others)
    product = xp.sum(backprop * (t - m), axis=others)
    dx = backprop * (scale * factor)
    dm = -offset * scale * factor
    dv = product * scale * -0.5 * factor * factor * factor
    dg = product * factor if scale_after_normalization else xp.zeros_like(gamma)
    return dx, dm, dv, offset, dg


def global_grad_shape(t, m, v, gamma, backprop):
    with_rank(t, 4)
    with_rank(backprop, 4)
    channels = merged_dim(t[3], backprop[3])
    for vector in (m, v, gamma):
        channels = merged_dim(channels, with_rank(vector, 1)[0])
    return [(*merged(t, backprop)[:3], channels), *[(channels,)] * 4]


define("BatchNormWithGlobalNormalizationGrad", global_grad, shape=global_grad_shape)


@in_float32
def lrn_grad(
    xp,
    input_grads,
    input_image,
    output_image,
    *,
    depth_radius=5,
    bias=1.0,
    alpha=1.0,
    beta=0.5,
):
    lrn_grad_shape(input_grads.shape, input_image.shape, output_image.shape)
    if 0 in input_image.shape:
        return input_grads
    norm = bias + alpha * over_channels(xp, input_image * input_image, depth_radius)
    spread = over_channels(xp, input_grads * output_image / norm, depth_radius)
    return input_grads * norm**-beta - (2 * alpha * beta) * input_image * spread


def lrn_grad_shape(input_grads, input_image, output_image):
    shape = None
    for x in (input_grads, input_image, output_image):
        shape = merged(shape, with_rank(x, 4))
    return shape


define("LRNGrad", lrn_grad, shape=lrn_grad_shape)
