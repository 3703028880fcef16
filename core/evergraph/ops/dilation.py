"""Grey-scale dilation, and its gradients: Dilation2D."""

from __future__ import annotations

from itertools import product

import numpy as np

from evergraph.dtypes import float32
from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.ext_linear import spaced
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.convolution import with_exact_rank
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import attributes_of, merged_dim
from evergraph.ops.windows import windows
from evergraph.shapes import bracketed

_ATTRIBUTES = ("strides", "rates", "padding")


@in_float32
def dilation2d(xp, input, filter, *, strides, rates, padding):
    where = _checked(input.shape, filter.shape, strides, rates, padding)
    shape = _dilated_shape(where, input.shape, filter.shape)
    if 0 in shape or 0 in filter.shape or 0 in input.shape:
        return xp.zeros(shape, dtype=input.dtype)
    best, _ = _search(xp, where, input, filter, shape)
    return best


def _checked(x, w, strides, rates, padding):
    where = windows("Dilation2D", "NHWC", strides, padding, (), rates)
    if (strides[0], strides[3]) != (1, 1):
        raise UnimplementedError(None, None, "Stride is only supported across spatial dimensions.")
    if (rates[0], rates[3]) != (1, 1):
        raise UnimplementedError(None, None, "Rate is only supported across spatial dimensions.")
    return where


def _dilated_shape(where, x, w):
    x, w = with_exact_rank(x, 4, "input"), with_exact_rank(w, 3, "filter")
    try:
        depth = merged_dim(x[3], w[2])
    except ShapeError as error:
        text = f"input and filter must have the same depth: {x[3]} vs {w[2]}"
        raise ShapeError(str(error), text) from None
    return (x[0], *where.outputs(x[1:3], w[:2]), depth)


def _search(xp, where, x, w, shape):
    """Return, for each window, the largest sum, and for each sum whether it is that one so far.

    TF: the search starts at the lowest finite number, and only what is greater counts.
    """
    sides = where.sides(x.shape[1:3], w.shape[:2])
    full = [n + a + b for n, (a, b) in zip(x.shape[1:3], sides, strict=True)]
    check_allocation((x.shape[0], *full, x.shape[3]), float32)
    padded = xp.ext.pad(x, ((0, 0), *sides, (0, 0)), xp.asarray(0, dtype=x.dtype))
    lowest = xp.asarray(
        xp.iinfo(x.dtype).min if xp.isdtype(x.dtype, "integral") else xp.finfo(x.dtype).min,
        dtype=x.dtype,
    )
    best = xp.broadcast_to(lowest, shape)
    better = []
    for place in product(*map(range, w.shape[:2])):
        term = padded[_places(where, place, shape)] + w[(*place, slice(None))]
        greater = (term > best) & xp.asarray(_inside(where, place, x.shape, shape, sides))
        best = xp.where(greater, term, best)
        better.append(greater)
    return best, better


def _places(where, place, shape):
    """Return the slices of the padded input at one place of every window."""
    spatial = zip(place, where.dilations, where.strides, shape[1:3], strict=True)
    inner = (slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, s, n in spatial)
    return (slice(None), *inner, slice(None))


def _inside(where, place, x, shape, sides):
    """Return where that place of a window lies inside the input; it broadcasts."""
    flags = []
    for i, (p, d, s) in enumerate(zip(place, where.dilations, where.strides, strict=True)):
        at = np.arange(shape[1 + i]) * s + p * d - sides[i][0]
        flags.append((at >= 0) & (at < x[1 + i]))
    return (flags[0][:, None] & flags[1][None, :])[None, :, :, None]


def dilation2d_shape(input, filter, *, strides, rates, padding):
    where = windows("Dilation2D", "NHWC", strides, padding, (), rates)
    return _dilated_shape(where, input, filter)


def dilation2d_gradient(tf, op, dy):
    x, w = op.inputs
    attributes = attributes_of(op, _ATTRIBUTES)
    return (
        tf.Dilation2DBackpropInput(x, w, dy, **attributes),
        tf.Dilation2DBackpropFilter(x, w, dy, **attributes),
    )


define(
    "Dilation2D",
    dilation2d,
    shape=dilation2d_shape,
    unknown_rank=True,
    gradient=dilation2d_gradient,
)


def _chosen(xp, where, x, w, dy):
    """Return, for each place in a window, the gradients of those that have their maximum there."""
    shape = _dilated_shape(where, x.shape, w.shape)
    if tuple(dy.shape) != tuple(shape):
        raise InvalidArgumentError(
            None,
            None,
            f"out_backprop has incompatible size: {bracketed(dy.shape)} vs {bracketed(shape)}",
        )
    _, better = _search(xp, where, x, w, shape)
    zeros = xp.zeros_like(dy)
    later, found = None, []
    # The last one that was better is the maximum.
    for flags in reversed(better):
        last = flags if later is None else flags & ~later
        later = flags if later is None else flags | later
        found.append(xp.where(last, dy, zeros))
    return found[::-1]


@in_float32
def dilation2d_backprop_input(xp, input, filter, out_backprop, *, strides, rates, padding):
    where = _checked(input.shape, filter.shape, strides, rates, padding)
    if 0 in input.shape or 0 in out_backprop.shape or 0 in filter.shape:
        return xp.zeros(input.shape, dtype=input.dtype)
    parts = _chosen(xp, where, input, filter, out_backprop)
    sides = where.sides(input.shape[1:3], filter.shape[:2])
    full = [n + a + b for n, (a, b) in zip(input.shape[1:3], sides, strict=True)]
    zero = xp.asarray(0, dtype=input.dtype)
    total = xp.zeros((input.shape[0], *full, input.shape[3]), dtype=input.dtype)
    for place, part in zip(product(*map(range, filter.shape[:2])), parts, strict=True):
        wide = spaced(xp, part, where.strides)
        starts = [p * d for p, d in zip(place, where.dilations, strict=True)]
        rest = zip(starts, full, wide.shape[1:3], strict=True)
        around = ((0, 0), *((a, n - a - m) for a, n, m in rest), (0, 0))
        total = total + xp.ext.pad(wide, around, zero)
    (top, _), (left, _) = sides
    return total[:, top : top + input.shape[1], left : left + input.shape[2], :]


@in_float32
def dilation2d_backprop_filter(xp, input, filter, out_backprop, *, strides, rates, padding):
    where = _checked(input.shape, filter.shape, strides, rates, padding)
    if 0 in input.shape or 0 in out_backprop.shape or 0 in filter.shape:
        return xp.zeros(filter.shape, dtype=filter.dtype)
    parts = _chosen(xp, where, input, filter, out_backprop)
    sums = [xp.sum(part, axis=(0, 1, 2), dtype=part.dtype) for part in parts]
    return xp.reshape(xp.stack(sums), filter.shape)


def shape_of_input(input, filter, out_backprop):
    return input


def shape_of_filter(input, filter, out_backprop):
    return filter


define(
    "Dilation2DBackpropInput",
    dilation2d_backprop_input,
    shape=shape_of_input,
    unknown_rank=True,
)
define(
    "Dilation2DBackpropFilter",
    dilation2d_backprop_filter,
    shape=shape_of_filter,
    unknown_rank=True,
)
