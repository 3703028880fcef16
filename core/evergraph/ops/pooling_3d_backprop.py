"""Gradients of pooling volumes, and their gradients: MaxPool3DGrad, AvgPool3DGrad."""

from __future__ import annotations

from itertools import product

from evergraph.ext_linear import spaced
from evergraph.op import define
from evergraph.ops.pooling import ATTRIBUTES, cut_windows, pooled_shape
from evergraph.ops.pooling_backprop import checked, from_maxima, same_rank, shape_given, spread
from evergraph.ops.precision import widened
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import as_layout, channels_last, windows


def max_pool_3d_grad(
    xp, orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"
):
    where = windows("MaxPool3D", data_format, strides, padding)
    x, y, dy = orig_input, orig_output, grad
    shape = checked("MaxPool3DGrad", where, x, y, dy, ksize, strides, shape_of_grad="output")
    if 0 in x.shape or 0 in shape:
        return xp.zeros(x.shape, dtype=dy.dtype)
    cut = cut_windows(where, x.shape, ksize, strides, shape)
    x, y, dy = (channels_last(xp, t, where.channels_first) for t in (x, y, dy))
    window, sides = where.spatial(cut["window"]), where.spatial(cut["padding"])
    result = _to_equals(xp, where, x, y, dy, window, sides)
    return as_layout(xp, result, where.channels_first)


def _to_equals(xp, where, x, y, dy, window, sides):
    """Add each gradient to all elements of its window that are equal to its maximum.

    TF: of volumes, unlike of images, not the first one alone.
    """
    full = [n + a + b for n, (a, b) in zip(x.shape[1:-1], sides, strict=True)]
    wide_x, wide_y, wide_dy = (widened(xp, t) for t in (x, y, dy))
    padded = xp.ext.pad(
        wide_x, ((0, 0), *sides, (0, 0)), xp.asarray(float("nan"), dtype=wide_x.dtype)
    )
    zero = xp.asarray(0, dtype=wide_dy.dtype)
    total = xp.zeros((x.shape[0], *full, x.shape[-1]), dtype=wide_dy.dtype)
    for place in product(*map(range, window)):
        ends = [
            p + (n - 1) * s + 1 for p, n, s in zip(place, y.shape[1:-1], where.strides, strict=True)
        ]
        inner = [slice(*key) for key in zip(place, ends, where.strides, strict=True)]
        equal = padded[(slice(None), *inner, slice(None))] == wide_y
        part = spaced(xp, xp.where(equal, wide_dy, zero), where.strides)
        around = [(a, n - b) for a, b, n in zip(place, ends, full, strict=True)]
        total = total + xp.ext.pad(part, ((0, 0), *around, (0, 0)), zero)
    inside = [slice(a, a + n) for (a, _), n in zip(sides, x.shape[1:-1], strict=True)]
    return xp.astype(total[(slice(None), *inside, slice(None))], dy.dtype)


def max_pool_3d_grad_shape(
    orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"
):
    return same_rank(orig_input, 5)


def max_pool_3d_grad_gradient(tf, op, dx):
    x, y, _ = op.inputs
    return (
        tf.ZerosLike(x),
        tf.ZerosLike(y),
        tf.MaxPool3DGradGrad(x, y, dx, **attributes_of(op, ATTRIBUTES)),
    )


def max_pool_3d_grad_grad(
    xp, orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"
):
    where = windows("MaxPool3D", data_format, strides, padding)
    name = "MaxPool3DGradGrad"
    return from_maxima(xp, name, where, orig_input, orig_output, grad, ksize, strides)


def max_pool_3d_grad_grad_shape(
    orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NDHWC"
):
    where = windows("MaxPool3D", data_format, strides, padding)
    return pooled_shape("MaxPool3DGradGrad", where, orig_input, ksize, strides)


def max_pool_3d_grad_grad_gradient(tf, op, dy):
    x, y, _ = op.inputs
    return (
        tf.ZerosLike(x),
        tf.ZerosLike(y),
        tf.MaxPool3DGrad(x, y, dy, **attributes_of(op, ATTRIBUTES)),
    )


def avg_pool_3d_grad(xp, orig_input_shape, grad, *, ksize, strides, padding, data_format="NDHWC"):
    where = windows("AvgPool3D", data_format, strides, padding)
    return spread(xp, "AvgPool3DGrad", where, orig_input_shape, grad, ksize, strides)


def avg_pool_3d_grad_shape(orig_input_shape, grad, *, ksize, strides, padding, data_format="NDHWC"):
    return shape_given(orig_input_shape, grad, 5)


def avg_pool_3d_grad_gradient(tf, op, dx):
    return None, tf.AvgPool3D(dx, **attributes_of(op, ATTRIBUTES))


define(
    "MaxPool3DGrad",
    max_pool_3d_grad,
    shape=max_pool_3d_grad_shape,
    unknown_rank=True,
    gradient=max_pool_3d_grad_gradient,
)
define(
    "MaxPool3DGradGrad",
    max_pool_3d_grad_grad,
    shape=max_pool_3d_grad_grad_shape,
    unknown_rank=True,
    gradient=max_pool_3d_grad_grad_gradient,
)
define(
    "AvgPool3DGrad",
    avg_pool_3d_grad,
    shape=avg_pool_3d_grad_shape,
    shape_like="orig_input_shape",
    unknown_rank=True,
    gradient=avg_pool_3d_grad_gradient,
)
