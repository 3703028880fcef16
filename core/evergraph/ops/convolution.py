"""Convolutions: Conv2D, DepthwiseConv2dNative, Conv3D."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.math import is_narrow
from evergraph.ops.rules import with_rank
from evergraph.ops.windows import (
    as_format,
    channel_axis,
    channels_last,
    explicit_sides,
    output_size,
    spatial_axes,
    window_sides,
)


def _convolved(xp, x, w, strides, padding, explicit_paddings, data_format, dilations, groups):
    axes = spatial_axes(data_format, x.ndim)
    explicit = explicit_sides(explicit_paddings, axes)
    steps = [strides[a] for a in axes]
    holes = [dilations[a] for a in axes]
    sides = [
        window_sides(x.shape[a], (w.shape[i] - 1) * holes[i] + 1, steps[i], padding, explicit[i])
        for i, a in enumerate(axes)
    ]
    y, kernel = channels_last(xp, x, data_format), w
    if is_narrow(x):
        y, kernel = xp.astype(y, xp.float32), xp.astype(w, xp.float32)
    result = xp.ext.conv(
        y, kernel, strides=tuple(steps), padding=sides, dilation=tuple(holes), groups=groups
    )
    result = xp.astype(result, x.dtype) if is_narrow(x) else result
    return as_format(xp, result, data_format)


def _shape(x, w, channels, strides, padding, explicit_paddings, data_format, dilations):
    axes = spatial_axes(data_format, len(x))
    explicit = explicit_sides(explicit_paddings, axes)
    sizes = [
        output_size(
            x[a],
            None if w[i] is None else (w[i] - 1) * dilations[a] + 1,
            strides[a],
            padding,
            explicit[i],
        )
        for i, a in enumerate(axes)
    ]
    if data_format.startswith("NC"):
        return (x[0], channels, *sizes)
    return (x[0], *sizes, channels)


def conv2d(
    xp,
    x,
    w,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    channels = x.shape[channel_axis(data_format, x.ndim)]
    groups = channels // w.shape[-2] if w.shape[-2] else 1
    return _convolved(xp, x, w, strides, padding, explicit_paddings, data_format, dilations, groups)


def conv2d_shape(
    x,
    w,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    with_rank(x, 4)
    with_rank(w, 4)
    _check_channels(x[channel_axis(data_format, 4)], w[2])
    return _shape(x, w, w[3], strides, padding, explicit_paddings, data_format, dilations)


def _check_channels(inputs, depth):
    if None not in (inputs, depth) and (not depth or inputs % depth):
        raise ShapeError(
            f"Depth of input ({inputs}) is not a multiple of input depth of filter ({depth})",
            f"input depth must be evenly divisible by filter depth: {inputs} vs {depth}",
        )


def depthwise_conv2d(
    xp,
    x,
    w,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    rows, columns, channels, multiplier = w.shape
    kernel = xp.reshape(w, (rows, columns, 1, channels * multiplier))
    return _convolved(
        xp, x, kernel, strides, padding, explicit_paddings, data_format, dilations, channels
    )


def depthwise_shape(
    x,
    w,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    with_rank(x, 4)
    with_rank(w, 4)
    channels = x[channel_axis(data_format, 4)]
    if None not in (channels, w[2]) and channels != w[2]:
        raise ShapeError(
            f"Dimensions must be equal, but are {channels} and {w[2]}",
            f"input and filter must have the same depth: {channels} vs {w[2]}",
        )
    outputs = None if None in (w[2], w[3]) else w[2] * w[3]
    return _shape(x, w, outputs, strides, padding, explicit_paddings, data_format, dilations)


def conv3d(xp, x, w, *, strides, padding, data_format="NDHWC", dilations=(1, 1, 1, 1, 1)):
    channels = x.shape[channel_axis(data_format, x.ndim)]
    groups = channels // w.shape[-2] if w.shape[-2] else 1
    return _convolved(xp, x, w, strides, padding, (), data_format, dilations, groups)


def conv3d_shape(x, w, *, strides, padding, data_format="NDHWC", dilations=(1, 1, 1, 1, 1)):
    with_rank(x, 5)
    with_rank(w, 5)
    _check_channels(x[channel_axis(data_format, 5)], w[3])
    return _shape(x, w, w[4], strides, padding, (), data_format, dilations)


define("Conv2D", conv2d, shape=conv2d_shape)
define("DepthwiseConv2dNative", depthwise_conv2d, shape=depthwise_shape)
define("Conv3D", conv3d, shape=conv3d_shape)
