"""Gradients of pooling, and their gradients: MaxPoolGrad, AvgPoolGrad, MaxPoolGradGrad."""

from __future__ import annotations

from itertools import product

from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.op import ShapeError, define
from evergraph.ops.pooling import (
    ATTRIBUTES,
    check_explicit,
    check_windows,
    counts,
    cut_windows,
    ints,
    pooled_shape,
)
from evergraph.ops.precision import widened
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import windows
from evergraph.shapes import bracketed


def max_pool_grad(
    xp,
    orig_input,
    orig_output,
    grad,
    *,
    ksize,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
):
    where = windows("MaxPool", data_format, strides, padding, explicit_paddings)
    check_explicit(where, ksize)
    return _to_maxima(xp, "MaxPoolGrad", where, orig_input, orig_output, grad, ksize, strides)


def _to_maxima(xp, op, where, x, y, dy, ksize, strides):
    """Add each gradient at the first maximum of its window."""
    shape = checked(op, where, x, y, dy, ksize, strides, shape_of_grad="output")
    if 0 in x.shape or 0 in shape:
        return xp.zeros(x.shape, dtype=dy.dtype)
    cut = cut_windows(where, x.shape, ksize, strides, shape)
    at = xp.ext.window_argmax(widened(xp, x), **cut)
    return xp.astype(xp.ext.window_scatter(widened(xp, dy), at, shape=x.shape, **cut), dy.dtype)


def checked(op, where, x, y, dy, ksize, strides, shape_of_grad):
    shape = pooled_shape(op, where, x.shape, ksize, strides)
    check_windows(where, ksize, strides)
    if where.channels(ksize) > 1 or where.channels(strides) > 1:
        raise UnimplementedError(None, None, f"{op} is not yet supported on the depth dimension.")
    wanted = {"output": shape, "input": x.shape}[shape_of_grad]
    for name, found, fits in (("orig_output", y.shape, shape), ("grad", dy.shape, wanted)):
        if tuple(found) != tuple(fits):
            raise InvalidArgumentError(
                None,
                None,
                f"Expected {name} shape to be {bracketed(fits)}, but got {bracketed(found)}",
            )
    return shape


def max_pool_grad_shape(
    orig_input,
    orig_output,
    grad,
    *,
    ksize,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
):
    return same_rank(orig_input, 4)


def same_rank(x, rank):
    if x is not None and len(x) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(x)}",
            f"orig_input must be {rank}-dimensional",
        )
    return (None,) * rank if x is None else x


def max_pool_grad_gradient(tf, op, dx):
    x, y, _ = op.inputs
    attributes = attributes_of(op, ATTRIBUTES)
    return (
        tf.ZerosLike(x),
        tf.ZerosLike(y),
        tf.MaxPoolGradGrad(x, y, dx, **attributes),
    )


define(
    "MaxPoolGrad",
    max_pool_grad,
    shape=max_pool_grad_shape,
    unknown_rank=True,
    gradient=max_pool_grad_gradient,
)


def max_pool_grad_v2(
    xp, orig_input, orig_output, grad, ksize, strides, *, padding, data_format="NHWC"
):
    _check_vectors(ksize, strides)
    ksize, strides = ints(ksize), ints(strides)
    where = windows("MaxPool", data_format, strides, padding)
    return _to_maxima(xp, "MaxPoolGradV2", where, orig_input, orig_output, grad, ksize, strides)


def _check_vectors(ksize, strides):
    for name, values in (("ksize", ksize), ("strides", strides)):
        if values.shape != (4,):
            raise InvalidArgumentError(
                None, None, f"Sliding window {name} field must specify 4 dimensions"
            )


def max_pool_grad_v2_shape(
    orig_input, orig_output, grad, ksize, strides, *, padding, data_format="NHWC"
):
    return same_rank(orig_input, 4)


def max_pool_grad_v2_gradient(tf, op, dx):
    x, y, _, ksize, strides = op.inputs
    attributes = attributes_of(op, ("padding", "data_format"))
    return (
        tf.ZerosLike(x),
        tf.ZerosLike(y),
        tf.MaxPoolGradGradV2(x, y, dx, ksize, strides, **attributes),
        None,
        None,
    )


define(
    "MaxPoolGradV2",
    max_pool_grad_v2,
    shape=max_pool_grad_v2_shape,
    host="ksize strides",
    unknown_rank=True,
    gradient=max_pool_grad_v2_gradient,
)


# The gradient of the gradient takes, of each window, what is at the maximum: at the first element
# that is equal to the output.


def max_pool_grad_grad(
    xp, orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NHWC"
):
    where = windows("MaxPool", data_format, strides, padding)
    return from_maxima(xp, "MaxPoolGradGrad", where, orig_input, orig_output, grad, ksize, strides)


def from_maxima(xp, op, where, x, y, dx, ksize, strides):
    shape = checked(op, where, x, y, dx, ksize, strides, shape_of_grad="input")
    if 0 in x.shape or 0 in shape:
        return xp.zeros(shape, dtype=dx.dtype)
    cut = cut_windows(where, x.shape, ksize, strides, shape)
    x, y = widened(xp, x), widened(xp, y)
    nothing = xp.iinfo(x.dtype).min if xp.isdtype(x.dtype, "integral") else float("nan")
    sources = xp.ext.pad(x, cut["padding"], xp.asarray(nothing, dtype=x.dtype))
    values = xp.ext.pad(dx, cut["padding"], xp.asarray(0, dtype=dx.dtype))
    result = xp.zeros(shape, dtype=dx.dtype)
    # The first one counts, and so is looked at last.
    for place in reversed(list(product(*map(range, cut["window"])))):
        axes = zip(place, shape, cut["strides"], strict=True)
        key = tuple(slice(a, a + (n - 1) * s + 1, s) for a, n, s in axes)
        result = xp.where(sources[key] == y, values[key], result)
    return result


def max_pool_grad_grad_shape(
    orig_input, orig_output, grad, *, ksize, strides, padding, data_format="NHWC"
):
    where = windows("MaxPool", data_format, strides, padding)
    return pooled_shape("MaxPoolGradGrad", where, orig_input, ksize, strides)


def max_pool_grad_grad_gradient(tf, op, dy):
    x, y, _ = op.inputs
    return (
        tf.ZerosLike(x),
        tf.ZerosLike(y),
        tf.MaxPoolGrad(x, y, dy, **attributes_of(op, ATTRIBUTES)),
    )


define(
    "MaxPoolGradGrad",
    max_pool_grad_grad,
    shape=max_pool_grad_grad_shape,
    unknown_rank=True,
    gradient=max_pool_grad_grad_gradient,
)


def max_pool_grad_grad_v2(
    xp, orig_input, orig_output, grad, ksize, strides, *, padding, data_format="NHWC"
):
    _check_vectors(ksize, strides)
    ksize, strides = ints(ksize), ints(strides)
    where = windows("MaxPool", data_format, strides, padding)
    name = "MaxPoolGradGradV2"
    return from_maxima(xp, name, where, orig_input, orig_output, grad, ksize, strides)


def max_pool_grad_grad_v2_shape(
    orig_input, orig_output, grad, ksize, strides, *, padding, data_format="NHWC"
):
    if ksize is None or strides is None:
        return (None,) * 4
    strides = ints(strides)
    where = windows("MaxPool", data_format, strides, padding)
    return pooled_shape("MaxPoolGradGradV2", where, orig_input, ints(ksize), strides)


define(
    "MaxPoolGradGradV2",
    max_pool_grad_grad_v2,
    shape=max_pool_grad_grad_v2_shape,
    host="ksize strides",
    unknown_rank=True,
)


def avg_pool_grad(xp, orig_input_shape, grad, *, ksize, strides, padding, data_format="NHWC"):
    where = windows("AvgPool", data_format, strides, padding)
    return spread(xp, "AvgPoolGrad", where, orig_input_shape, grad, ksize, strides)


def spread(xp, op, where, sizes, dy, ksize, strides):
    """Give every element of a window its part of the gradient of the average."""
    x = _input_shape(op, sizes, dy.ndim)
    shape = pooled_shape(op, where, x, ksize, strides)
    check_windows(where, ksize, strides)
    if where.channels(ksize) > 1:
        raise UnimplementedError(
            None, None, "Non-spatial pooling is not yet supported. Volunteers? :)"
        )
    if tuple(dy.shape) != tuple(shape):
        raise InvalidArgumentError(
            None,
            None,
            f"Expected grad shape to be {bracketed(shape)}, but got {bracketed(dy.shape)}",
        )
    if 0 in x or 0 in shape:
        return xp.zeros(x, dtype=dy.dtype)
    wide = widened(xp, dy)
    wide = wide / xp.asarray(
        counts(where, where.spatial(x), where.spatial(ksize)), dtype=wide.dtype
    )
    cut = cut_windows(where, x, ksize, strides, shape)
    return xp.astype(xp.ext.window_scatter(wide, None, shape=x, **cut), dy.dtype)


def _input_shape(op, sizes, rank):
    sizes = tuple(int(n) for n in sizes)
    if len(sizes) != rank:
        raise InvalidArgumentError(
            None, None, f"{op}: orig_input_shape must be 1-dimensional and {rank} elements"
        )
    return sizes


def avg_pool_grad_shape(orig_input_shape, grad, *, ksize, strides, padding, data_format="NHWC"):
    return shape_given(orig_input_shape, grad, 4)


def shape_given(sizes, grad, rank):
    same_rank(grad, rank)
    if sizes is None:
        return (None,) * rank
    if len(sizes) != rank:
        raise ShapeError(f"Shape must be rank {rank} but is rank {len(sizes)}")
    return sizes


def avg_pool_grad_gradient(tf, op, dx):
    return None, tf.AvgPool(dx, **attributes_of(op, ATTRIBUTES))


define(
    "AvgPoolGrad",
    avg_pool_grad,
    shape=avg_pool_grad_shape,
    shape_like="orig_input_shape",
    unknown_rank=True,
    gradient=avg_pool_grad_gradient,
)
