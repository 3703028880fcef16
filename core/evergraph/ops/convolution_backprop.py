"""Gradients of Conv2D, by its input and by its filter; and what those of others share."""

from __future__ import annotations

from evergraph.dtypes import float32
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.convolution import (
    ATTRIBUTES_2D,
    EMPTY_FILTER,
    ONES,
    conv_shape,
    with_exact_rank,
)
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of, merged_dim
from evergraph.ops.windows import as_layout, channels_last, check_outer, windows
from evergraph.shapes import bracketed


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
    dilations=ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    return by_input(xp, "Conv2DBackpropInput", where, input_sizes, filter, out_backprop)


def by_input(xp, op, where, sizes, w, dy):
    sizes = tuple(int(n) for n in sizes)
    rank = len(where.strides) + 2
    shape = input_shape(op, where, sizes, w.shape, dy.shape, rank)
    check_output(op, conv_shape(where, shape, w.shape, rank), dy.shape)
    return in_float32(transposed)(xp, dy, w, where=where, shape=shape)


def check_output(op, wanted, found):
    if tuple(wanted) != tuple(found):
        raise InvalidArgumentError(
            None,
            None,
            f"{op}: out_backprop has shape {bracketed(found)}, but the output of the convolution "
            f"has shape {bracketed(wanted)}",
        )


def transposed(xp, dy, w, *, where, shape):
    """The gradient of a convolution by its input of that shape, from its output's."""
    if 0 in w.shape:
        raise InvalidArgumentError(None, None, EMPTY_FILTER)
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
    dilations=ONES,
):
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    return input_shape("Conv2DBackpropInput", where, input_sizes, filter, out_backprop)


def input_shape(op, where, sizes, w, dy, rank=4):
    w, dy = with_exact_rank(w, rank, "filter"), with_exact_rank(dy, rank, "out_backprop")
    merged_dim(w[-1], where.channels(dy))
    if sizes is None:
        return (dy[0], *(None,) * (rank - 1))
    if any(n is not None and n < 0 for n in sizes):
        raise ShapeError(f"Dimension size must be non-negative: {bracketed(sizes)}")
    if len(sizes) == rank - 2:
        return where.shape(dy[0], sizes, w[-2])
    if len(sizes) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(sizes)}",
            f"{op} requires input_sizes to contain {rank} values or {rank - 2} values, but got: "
            f"{len(sizes)}",
        )
    return (merged_dim(sizes[0], dy[0]), *sizes[1:])


def conv2d_backprop_input_gradient(tf, op, dx):
    _, w, dy = op.inputs
    attributes = attributes_of(op, (*ATTRIBUTES_2D, "use_cudnn_on_gpu"))
    return (
        None,
        tf.Conv2DBackpropFilter(dx, tf.Shape(w), dy, **attributes),
        tf.Conv2D(dx, w, **attributes),
    )


define(
    "Conv2DBackpropInput",
    conv2d_backprop_input,
    shape=conv2d_backprop_input_shape,
    shape_like="input_sizes",
    unknown_rank=True,
    gradient=conv2d_backprop_input_gradient,
)


def conv2d_backprop_filter(
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
    where = windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    check_outer(where, strides, dilations)
    return by_filter(xp, "Conv2DBackpropFilter", where, input, filter_sizes, out_backprop)


def by_filter(xp, op, where, x, sizes, dy):
    rank = len(where.strides) + 2
    shape = filter_shape(op, sizes, x.shape, dy.shape, rank)
    check_output(op, conv_shape(where, x.shape, shape, rank), dy.shape)
    return in_float32(correlated)(xp, x, dy, where=where, shape=shape)


def correlated(xp, x, dy, *, where, shape):
    """The gradient of a convolution by its filter of that shape, from its output's."""
    if 0 in x.shape or 0 in dy.shape or 0 in shape:
        return xp.zeros(shape, dtype=x.dtype)
    x, dy = (channels_last(xp, t, where.channels_first) for t in (x, dy))
    window = shape[:-2]
    sides = where.sides(x.shape[1:-1], window)
    full = [n + a + b for n, (a, b) in zip(x.shape[1:-1], sides, strict=True)]
    check_allocation((x.shape[0], *full, x.shape[-1]), float32)
    check_allocation(shape, float32)
    return xp.ext.conv_filter(
        x,
        dy,
        window=window,
        strides=where.strides,
        padding=sides,
        dilation=where.dilations,
        groups=x.shape[-1] // shape[-2],
    )


def conv2d_backprop_filter_shape(
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
    windows("Conv2D", data_format, strides, padding, explicit_paddings, dilations)
    return filter_shape("Conv2DBackpropFilter", filter_sizes, input, out_backprop)


def filter_shape(op, sizes, x, dy, rank=4):
    with_exact_rank(x, rank, "input")
    with_exact_rank(dy, rank, "out_backprop")
    if sizes is None:
        return (None,) * rank
    sizes = tuple(None if n is None else int(n) for n in sizes)
    if len(sizes) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(sizes)}",
            f"{op}: filter_sizes must contain {rank} values, but has {len(sizes)}",
        )
    if any(n is not None and n < 0 for n in sizes):
        raise ShapeError(f"Dimension size must be non-negative: {bracketed(sizes)}")
    return sizes


def conv2d_backprop_filter_gradient(tf, op, dw):
    x, _, dy = op.inputs
    attributes = attributes_of(op, (*ATTRIBUTES_2D, "use_cudnn_on_gpu"))
    return (
        tf.Conv2DBackpropInput(tf.Shape(x), dw, dy, **attributes),
        None,
        tf.Conv2D(x, dw, **attributes),
    )


define(
    "Conv2DBackpropFilter",
    conv2d_backprop_filter,
    shape=conv2d_backprop_filter_shape,
    shape_like="filter_sizes",
    unknown_rank=True,
    gradient=conv2d_backprop_filter_gradient,
)
