"""Convolutions: Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput, Conv3D."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import merged_dim
from evergraph.ops.windows import as_layout, channels_last, check_outer, windows
from evergraph.shapes import bracketed

_ONES = (1, 1, 1, 1)


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
    dilations=_ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    _conv_shape(where, input.shape, filter.shape, 4)
    return _convolved(xp, where, input, filter)


def conv2d_shape(
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=_ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    return _conv_shape(where, input, filter, 4)


def _conv_shape(where, x, w, rank):
    x, w = _with_rank(x, rank, "input"), _with_rank(w, rank, "filter")
    depth, inputs, outputs = where.channels(x), w[-2], w[-1]
    if depth is not None and inputs is not None:
        if inputs == 0:
            raise ShapeError("Depth of filter must not be 0", _EMPTY_FILTER)
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


_EMPTY_FILTER = "filter must not have zero elements (i.e. all dimensions must be non-zero)"
_UNEVEN = {
    4: "input depth must be evenly divisible by filter depth: {} vs {}",
    5: "input and filter must have the same depth: {} vs {}",
}


def _with_rank(shape, rank, name):
    if shape is None:
        return (None,) * rank
    if len(shape) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(shape)}",
            f"{name} must be {rank}-dimensional: {bracketed(shape)}",
        )
    return shape


def _convolved(xp, where, x, w):
    if 0 in w.shape:
        raise InvalidArgumentError(None, None, _EMPTY_FILTER)
    x = channels_last(xp, x, where.channels_first)
    sizes, window = x.shape[1:-1], w.shape[:-2]
    if 0 in x.shape:
        result = xp.zeros((x.shape[0], *where.outputs(sizes, window), w.shape[-1]), dtype=x.dtype)
    else:
        result = xp.ext.conv(
            x,
            w,
            strides=where.strides,
            padding=where.sides(sizes, window),
            dilation=where.dilations,
            groups=x.shape[-1] // w.shape[-2],
        )
    return as_layout(xp, result, where.channels_first)


define("Conv2D", conv2d, shape=conv2d_shape, unknown_rank=True)


@in_float32
def conv3d(xp, input, filter, *, strides, padding, data_format="NDHWC", dilations=(1, 1, 1, 1, 1)):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    check_outer(where, strides, dilations)
    _conv_shape(where, input.shape, filter.shape, 5)
    return _convolved(xp, where, input, filter)


def conv3d_shape(
    input, filter, *, strides, padding, data_format="NDHWC", dilations=(1, 1, 1, 1, 1)
):
    where = windows("Conv3D", data_format, strides, padding, (), dilations)
    return _conv_shape(where, input, filter, 5)


define("Conv3D", conv3d, shape=conv3d_shape, unknown_rank=True)


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
    dilations=_ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    _depthwise_shape(where, input.shape, filter.shape)
    rows, columns, channels, multiplier = filter.shape
    return _convolved(
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
    dilations=_ONES,
):
    where = windows("DepthwiseConv2D", data_format, strides, padding, explicit_paddings, dilations)
    return _depthwise_shape(where, input, filter)


def _depthwise_shape(where, x, w):
    x, w = _with_rank(x, 4, "input"), _with_rank(w, 4, "filter")
    depth, multiplier = where.channels(x), w[3]
    try:
        depth = merged_dim(depth, w[2])
    except ShapeError as error:
        raise ShapeError(str(error), _UNEVEN[4].format(depth, w[2])) from None
    channels = None if depth is None or multiplier is None else depth * multiplier
    return where.shape(x[0], where.outputs(where.spatial(x), w[:2]), channels)


define("DepthwiseConv2dNative", depthwise_conv2d, shape=depthwise_conv2d_shape, unknown_rank=True)


def conv2d_backprop_input(
    xp,
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=_ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    sizes = tuple(int(n) for n in input_sizes)
    shape = _backprop_input_shape(where, sizes, filter.shape, out_backprop.shape)
    if _conv_shape(where, shape, filter.shape, 4) != tuple(out_backprop.shape):
        raise InvalidArgumentError(
            None,
            None,
            f"Conv2DBackpropInput: out_backprop has shape {bracketed(out_backprop.shape)}, but the "
            f"convolution of an input of shape {bracketed(shape)} has another",
        )
    return in_float32(_transposed)(xp, out_backprop, filter, where=where, shape=shape)


def _transposed(xp, dy, w, *, where, shape):
    """The gradient of a convolution by its input of that shape, from its output's."""
    if 0 in w.shape:
        raise InvalidArgumentError(None, None, _EMPTY_FILTER)
    sizes, window, depth = where.spatial(shape), w.shape[:-2], where.channels(shape)
    groups = depth // w.shape[-2]
    dy = channels_last(xp, dy, where.channels_first)
    wanted = []
    for n, k, d, s, (before, _), m in zip(
        sizes,
        window,
        where.dilations,
        where.strides,
        where.sides(sizes, window),
        dy.shape[1:-1],
        strict=True,
    ):
        wanted.append(((k - 1) * d - before, n + before - (m - 1) * s - 1))
    # What lies in the padding of the input gets gradients too, and is cut off.
    sides, cut = zip(*(_positive(*side) for side in wanted), strict=True)
    if 0 in shape or 0 in dy.shape:
        return xp.zeros(shape, dtype=dy.dtype)
    result = xp.ext.conv(
        dy,
        _flipped(xp, w, groups),
        strides=(1,) * len(sizes),
        padding=sides,
        dilation=where.dilations,
        groups=groups,
        input_dilation=where.strides,
    )
    result = result[(slice(None), *cut, slice(None))]
    return as_layout(xp, result, where.channels_first)


def _positive(before, after):
    """Return a pair of paddings without negative ones, and the slice to take instead."""
    cut = slice(max(-before, 0), -max(-after, 0) or None)
    return (max(before, 0), max(after, 0)), cut


def _flipped(xp, w, groups):
    """Return the filter of the transposed convolution."""
    *window, inputs, outputs = w.shape
    rank = len(window)
    w = xp.reshape(xp.flip(w, axis=tuple(range(rank))), (*window, inputs, groups, -1))
    w = xp.permute_dims(w, (*range(rank), rank + 2, rank + 1, rank))
    return xp.reshape(w, (*window, outputs // groups, groups * inputs))


def conv2d_backprop_input_shape(
    input_sizes,
    filter,
    out_backprop,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=_ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    return _backprop_input_shape(where, input_sizes, filter, out_backprop)


def _backprop_input_shape(where, sizes, w, dy):
    w, dy = _with_rank(w, 4, "filter"), _with_rank(dy, 4, "out_backprop")
    merged_dim(w[3], where.channels(dy))
    if sizes is None:
        return (dy[0], None, None, None)
    if any(n is not None and n < 0 for n in sizes):
        raise ShapeError(f"Dimension size must be non-negative: {bracketed(sizes)}")
    if len(sizes) == 2:
        return where.shape(dy[0], sizes, w[2])
    if len(sizes) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(sizes)}",
            f"Conv2DBackpropInput requires input_sizes to contain 4 values or 2 values, but got: "
            f"{len(sizes)}",
        )
    return (merged_dim(sizes[0], dy[0]), *sizes[1:])


define(
    "Conv2DBackpropInput",
    conv2d_backprop_input,
    shape=conv2d_backprop_input_shape,
    shape_like="input_sizes",
    unknown_rank=True,
)
