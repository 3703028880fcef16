"""Gradients of DepthwiseConv2dNative, by its input and by its filter."""

from __future__ import annotations

from evergraph.op import define
from evergraph.ops.convolution import ATTRIBUTES_2D, ONES, depthwise_shape, with_exact_rank
from evergraph.ops.convolution_backprop import (
    check_output,
    correlated,
    filter_shape,
    transposed,
)
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import check_outer, windows

# Every channel on its own: to the primitives, groups of one channel each.


def depthwise_backprop_input(
    xp,
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    name = "DepthwiseConv2DBackpropInput"
    shape = sizes_shape(name, input_sizes, filter.shape, out_backprop.shape)
    check_output(name, depthwise_shape(where, shape, filter.shape), out_backprop.shape)
    rows, columns, channels, multiplier = filter.shape
    w = xp.reshape(filter, (rows, columns, 1, channels * multiplier))
    return in_float32(transposed)(xp, out_backprop, w, where=where, shape=shape)


def depthwise_backprop_input_shape(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    name = "DepthwiseConv2DBackpropInput"
    return sizes_shape(name, input_sizes, filter, out_backprop)


def sizes_shape(op, sizes, w, dy):
    with_exact_rank(w, 4, "filter")
    return filter_shape(op, sizes, None, dy)


def depthwise_backprop_input_gradient(tf, op, dx):
    _, w, dy = op.inputs
    attributes = attributes_of(op, ATTRIBUTES_2D)
    return (
        None,
        tf.DepthwiseConv2dNativeBackpropFilter(dx, tf.Shape(w), dy, **attributes),
        tf.DepthwiseConv2dNative(dx, w, **attributes),
    )


define(
    "DepthwiseConv2dNativeBackpropInput",
    depthwise_backprop_input,
    shape=depthwise_backprop_input_shape,
    shape_like="input_sizes",
    unknown_rank=True,
    gradient=depthwise_backprop_input_gradient,
)


def depthwise_backprop_filter(
    xp,
    input,
    filter_sizes,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    name = "DepthwiseConv2DBackpropFilter"
    shape = filter_shape(name, filter_sizes, input.shape, out_backprop.shape)
    check_output(name, depthwise_shape(where, input.shape, shape), out_backprop.shape)
    rows, columns, channels, multiplier = shape
    folded = (rows, columns, 1, channels * multiplier)
    result = in_float32(correlated)(xp, input, out_backprop, where=where, shape=folded)
    return xp.reshape(result, shape)


def depthwise_backprop_filter_shape(
    input,
    filter_sizes,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=ONES,
):
    windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    return filter_shape("DepthwiseConv2DBackpropFilter", filter_sizes, input, out_backprop)


def depthwise_backprop_filter_gradient(tf, op, dw):
    x, _, dy = op.inputs
    attributes = attributes_of(op, ATTRIBUTES_2D)
    return (
        tf.DepthwiseConv2dNativeBackpropInput(tf.Shape(x), dw, dy, **attributes),
        None,
        tf.DepthwiseConv2dNative(x, dw, **attributes),
    )


define(
    "DepthwiseConv2dNativeBackpropFilter",
    depthwise_backprop_filter,
    shape=depthwise_backprop_filter_shape,
    shape_like="filter_sizes",
    unknown_rank=True,
    gradient=depthwise_backprop_filter_gradient,
)
