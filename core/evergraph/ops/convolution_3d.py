"""Convolutions of volumes, and their gradients: Conv3D."""

from __future__ import annotations

from evergraph.op import define
from evergraph.ops.convolution import conv_shape, convolved
from evergraph.ops.convolution_backprop import by_filter, by_input, filter_shape, input_shape
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import check_outer, windows

_ONES = (1, 1, 1, 1, 1)
_ATTRIBUTES = ("strides", "padding", "data_format", "dilations")


@in_float32
def conv3d(xp, input, filter, *, strides, padding, data_format="NDHWC", dilations=_ONES):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    check_outer(where, strides, dilations)
    conv_shape(where, input.shape, filter.shape, 5)
    return convolved(xp, where, input, filter)


def conv3d_shape(input, filter, *, strides, padding, data_format="NDHWC", dilations=_ONES):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    return conv_shape(where, input, filter, 5)


def conv3d_gradient(tf, op, dy):
    x, w = op.inputs
    shape_x, shape_w = tf.ShapeN([x, w])
    attributes = attributes_of(op, _ATTRIBUTES)
    return (
        tf.Conv3DBackpropInputV2(shape_x, w, dy, **attributes),
        tf.Conv3DBackpropFilterV2(x, shape_w, dy, **attributes),
    )


define("Conv3D", conv3d, shape=conv3d_shape, unknown_rank=True, gradient=conv3d_gradient)


def conv3d_backprop_input(
    xp,
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    data_format="NDHWC",
    dilations=_ONES,
):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    check_outer(where, strides, dilations)
    return by_input(xp, "Conv3DBackpropInputV2", where, input_sizes, filter, out_backprop)


def conv3d_backprop_input_shape(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    data_format="NDHWC",
    dilations=_ONES,
):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    return input_shape("Conv3DBackpropInputV2", where, input_sizes, filter, out_backprop, 5)


def conv3d_backprop_input_gradient(tf, op, dx):
    _, w, dy = op.inputs
    attributes = attributes_of(op, _ATTRIBUTES)
    return (
        None,
        tf.Conv3DBackpropFilterV2(dx, tf.Shape(w), dy, **attributes),
        tf.Conv3D(dx, w, **attributes),
    )


define(
    "Conv3DBackpropInputV2",
    conv3d_backprop_input,
    shape=conv3d_backprop_input_shape,
    shape_like="input_sizes",
    unknown_rank=True,
    gradient=conv3d_backprop_input_gradient,
)


def conv3d_backprop_filter(
    xp,
    input,
    filter_sizes,
    out_backprop,
    *,
    strides,
    padding,
    data_format="NDHWC",
    dilations=_ONES,
):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    check_outer(where, strides, dilations)
    return by_filter(xp, "Conv3DBackpropFilterV2", where, input, filter_sizes, out_backprop)


def conv3d_backprop_filter_shape(
    input,
    filter_sizes,
    out_backprop,
    *,
    strides,
    padding,
    data_format="NDHWC",
    dilations=_ONES,
):
    windows("Conv3D", data_format, strides, padding, (), dilations)
    return filter_shape("Conv3DBackpropFilterV2", filter_sizes, input, out_backprop, 5)


def conv3d_backprop_filter_gradient(tf, op, dw):
    x, _, dy = op.inputs
    attributes = attributes_of(op, _ATTRIBUTES)
    return (
        tf.Conv3DBackpropInputV2(tf.Shape(x), dw, dy, **attributes),
        None,
        tf.Conv3D(x, dw, **attributes),
    )


define(
    "Conv3DBackpropFilterV2",
    conv3d_backprop_filter,
    shape=conv3d_backprop_filter_shape,
    shape_like="filter_sizes",
    unknown_rank=True,
    gradient=conv3d_backprop_filter_gradient,
)
