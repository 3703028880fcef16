"""Convolutions of images: Conv2D, DepthwiseConv2dNative."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of, merged_dim
from evergraph.ops.windows import as_layout, channels_last, check_outer, windows
from evergraph.shapes import bracketed

ONES = (1, 1, 1, 1)


@in_float32
def conv2d(
    xp,
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    conv_shape(where, input.shape, filter.shape, 4)
    return convolved(xp, where, input, filter)


def conv2d_shape(
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    return conv_shape(where, input, filter, 4)


def conv_shape(where, x, w, rank):
    x, w = with_exact_rank(x, rank, "input"), with_exact_rank(w, rank, "filter")
    depth, inputs, outputs = where.channels(x), w[-2], w[-1]
    if depth is not None and inputs is not None:
        if inputs == 0:
            raise ShapeError("Depth of filter must not be 0", EMPTY_FILTER)
        if depth % inputs:
            raise ShapeError(
                f"Depth of input ({depth}) is not a multiple of input depth of filter ({inputs})",
                _UNEVEN[rank].format(depth, inputs),
            )
        groups = max(depth // inputs, 1)
        if outputs is not None and outputs % groups:
            raise ShapeError(
                f"Depth of output ({outputs}) is not a multiple of the number of groups ({groups})",
                f"output depth must be evenly divisible by number of groups: {outputs} vs {groups}",
            )
    return where.shape(x[0], where.outputs(where.spatial(x), w[:-2]), outputs)


EMPTY_FILTER = "filter must not have zero elements (i.e. all dimensions must be non-zero)"
_UNEVEN = {
    4: "input depth must be evenly divisible by filter depth: {} vs {}",
    5: "input and filter must have the same depth: {} vs {}",
}


def with_exact_rank(shape, rank, name):
    if shape is None:
        return (None,) * rank
    if len(shape) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(shape)}",
            f"{name} must be {rank}-dimensional: {bracketed(shape)}",
        )
    return shape


def convolved(xp, where, x, w):
    if 0 in w.shape:
        raise InvalidArgumentError(None, None, EMPTY_FILTER)
    x = channels_last(xp, x, where.channels_first)
    sizes, window = x.shape[1:-1], w.shape[:-2]
    if 0 in x.shape:
        result = xp.zeros((x.shape[0], *where.outputs(sizes, window), w.shape[-1]), dtype=x.dtype)
    else:
        sides = where.sides(sizes, window)
        padded = [n + a + b for n, (a, b) in zip(sizes, sides, strict=True)]
        allocate(xp, (x.shape[0], *padded, x.shape[-1]), x.dtype)
        result = xp.ext.conv(
            x,
            w,
            strides=where.strides,
            padding=sides,
            dilation=where.dilations,
            groups=x.shape[-1] // w.shape[-2],
        )
    return as_layout(xp, result, where.channels_first)


ATTRIBUTES_2D = ("strides", "padding", "explicit_paddings", "data_format", "dilations")


def conv2d_gradient(tf, op, dy):
    x, w = op.inputs
    shape_x, shape_w = tf.ShapeN([x, w])
    attributes = attributes_of(op, (*ATTRIBUTES_2D, "use_cudnn_on_gpu"))
    return (
        tf.Conv2DBackpropInput(shape_x, w, dy, **attributes),
        tf.Conv2DBackpropFilter(x, shape_w, dy, **attributes),
    )


define("Conv2D", conv2d, shape=conv2d_shape, unknown_rank=True, gradient=conv2d_gradient)


@in_float32
def depthwise_conv2d(
    xp,
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    depthwise_shape(where, input.shape, filter.shape)
    rows, columns, channels, multiplier = filter.shape
    return convolved(
        xp, where, input, xp.reshape(filter, (rows, columns, 1, channels * multiplier))
    )


def depthwise_conv2d_shape(
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    return depthwise_shape(where, input, filter)


def depthwise_shape(where, x, w):
    x, w = with_exact_rank(x, 4, "input"), with_exact_rank(w, 4, "filter")
    depth, multiplier = where.channels(x), w[3]
    try:
        depth = merged_dim(depth, w[2])
    except ShapeError as error:
        raise ShapeError(str(error), _UNEVEN[4].format(depth, w[2])) from None
    channels = None if depth is None or multiplier is None else depth * multiplier
    return where.shape(x[0], where.outputs(where.spatial(x), w[:2]), channels)


def depthwise_conv2d_gradient(tf, op, dy):
    x, w = op.inputs
    attributes = attributes_of(op, ATTRIBUTES_2D)
    return (
        tf.DepthwiseConv2dNativeBackpropInput(tf.Shape(x), w, dy, **attributes),
        tf.DepthwiseConv2dNativeBackpropFilter(x, tf.Shape(w), dy, **attributes),
    )


define(
    "DepthwiseConv2dNative",
    depthwise_conv2d,
    shape=depthwise_conv2d_shape,
    unknown_rank=True,
    gradient=depthwise_conv2d_gradient,
)
