"""Pooling: MaxPool, MaxPoolV2, AvgPool and the three-dimensional forms."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32, widened
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import windows
from evergraph.shapes import bracketed


def max_pool(xp, input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    where = windows("MaxPool", data_format, strides, padding, explicit_paddings)
    shape = pooled_shape("MaxPool", where, input.shape, ksize, strides)
    check_explicit(where, ksize)
    return _max(xp, input, where, ksize, strides, shape)


def _max(xp, x, where, ksize, strides, shape):
    check_windows(where, ksize, strides)
    depth = where.channels(ksize)
    if depth > 1 and (depth != where.channels(strides) or where.channels(x.shape) % depth):
        raise UnimplementedError(
            None,
            None,
            "Depthwise max pooling requires the depth window to equal the depth stride and to "
            "evenly divide the input depth.",
        )
    result = _reduced(xp, widened(xp, x), where, ksize, strides, shape, "max")
    lowest = _LOWEST.get(str(x.dtype).split(".")[-1])
    # TF: the search starts at the lowest finite number; a window of -inf alone has that maximum.
    result = result if lowest is None else xp.maximum(result, lowest)
    return xp.astype(result, x.dtype)


_LOWEST = {
    "float16": -65504.0,
    "bfloat16": -3.3895313892515355e38,
    "float32": -3.4028234663852886e38,
    "float64": -1.7976931348623157e308,
}


def _reduced(xp, x, where, ksize, strides, shape, how):
    if 0 in x.shape or 0 in shape:
        return xp.zeros(shape, dtype=x.dtype)
    return xp.ext.reduce_window(x, how=how, **cut_windows(where, x.shape, ksize, strides, shape))


def cut_windows(where, x, ksize, strides, shape):
    """Return the windows of an array of shape `x`, whose results have that shape, as primitives
    take them."""
    sides = where.sides(where.spatial(x), where.spatial(ksize))
    axes = zip(x, ksize, strides, where.shape((0, 0), sides, (0, 0)), shape, strict=True)
    window, padding = zip(*[_inside(*axis) for axis in axes], strict=True)
    return {"window": window, "strides": tuple(strides), "padding": padding}


def _inside(size, window, stride, sides, count):
    """Return a window and its padding without what only ever lies in the padding.

    A window may be far larger than the array.
    """
    before = min(sides[0], (count - 1) * stride)
    window = min(window - sides[0], size) + before
    return window, (before, max((count - 1) * stride + window - size - before, 0))


def check_windows(where, ksize, strides):
    if min(ksize) <= 0:
        raise InvalidArgumentError(
            None,
            None,
            "Sliding window ksize must be positive. The specified or inferred ksize is: "
            + ",".join(map(str, ksize)),
        )
    if ksize[0] != 1 or strides[0] != 1:
        raise UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if where.channels(ksize) > 1 and max(where.spatial(ksize)) > 1:
        raise UnimplementedError(
            None,
            None,
            "MaxPooling supports exactly one of pooling across depth or pooling across "
            "width/height.",
        )


def check_explicit(where, ksize):
    names = (("Top", "Bottom"), ("Left", "Right"))
    for sides, k, both in zip(where.explicit, where.spatial(ksize), names, strict=False):
        for side, name in zip(sides, both, strict=True):
            if side >= k:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"{name} padding {side} needs to be smaller than the window size {k}",
                )


def max_pool_shape(input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    where = windows("MaxPool", data_format, strides, padding, explicit_paddings)
    return pooled_shape("MaxPool", where, input, ksize, strides)


def pooled_shape(op, where, x, ksize, strides):
    rank = len(strides)
    if len(ksize) != rank:
        raise ShapeError(
            f"{op} requires the ksize attribute to contain {rank} values, but got: {len(ksize)}",
            f"Sliding window ksize field must specify {rank} dimensions",
        )
    if max(ksize) >= 2**31:
        raise ShapeError(f"Attr ksize has value {max(ksize)} out of range for an int32")
    if x is None:
        return (None,) * rank
    if len(x) != rank:
        raise ShapeError(
            f"Shape must be rank {rank} but is rank {len(x)}",
            f"Input must be {'4 or 5' if rank == 4 else rank}-dimensional",
        )
    channels, depth = where.channels(x), where.channels(ksize)
    if channels is not None and depth > 1:
        rest = 0 if where.padding == "SAME" else depth - 1
        channels = -(-max(channels - rest, 0) // where.channels(strides))
    # A window of no size is an error of the kernel only.
    window = tuple(max(k, 1) for k in where.spatial(ksize))
    return where.shape(x[0], where.outputs(where.spatial(x), window), channels)


ATTRIBUTES = ("ksize", "strides", "padding", "data_format")


def max_pool_gradient(tf, op, dy):
    attributes = attributes_of(op, (*ATTRIBUTES, "explicit_paddings"))
    return tf.MaxPoolGrad(op.inputs[0], op.outputs[0], dy, **attributes)


define("MaxPool", max_pool, shape=max_pool_shape, unknown_rank=True, gradient=max_pool_gradient)


def max_pool_v2(xp, input, ksize, strides, *, padding, data_format="NHWC"):
    shape = max_pool_v2_shape(input.shape, ksize, strides, padding=padding, data_format=data_format)
    ksize, strides = ints(ksize), ints(strides)
    where = windows("MaxPool", data_format, strides, padding)
    return _max(xp, input, where, ksize, strides, shape)


def ints(values):
    return tuple(int(v) for v in values)


def max_pool_v2_shape(input, ksize, strides, *, padding, data_format="NHWC"):
    if input is not None and len(input) != 4:
        raise ShapeError(
            f"Shape must be rank 4 but is rank {len(input)}", "Input must be 4 or 5-dimensional"
        )
    for name, values in (("ksize", ksize), ("stride", strides)):
        if values is not None and values.shape != (4,):
            found = values.shape[0] if values.ndim == 1 else bracketed(values.shape)
            raise ShapeError(
                f"Dimension must be 4 but is {found}",
                f"Sliding window {name} field must specify 4 dimensions",
            )
    if ksize is None or strides is None:
        return (None,) * 4
    strides = ints(strides)
    where = windows("MaxPool", data_format, strides, padding)
    return pooled_shape("MaxPool", where, input, ints(ksize), strides)


def max_pool_v2_gradient(tf, op, dy):
    x, ksize, strides = op.inputs
    attributes = attributes_of(op, ("padding", "data_format"))
    return tf.MaxPoolGradV2(x, op.outputs[0], dy, ksize, strides, **attributes), None, None


define(
    "MaxPoolV2",
    max_pool_v2,
    shape=max_pool_v2_shape,
    host="ksize strides",
    unknown_rank=True,
    gradient=max_pool_v2_gradient,
)


@in_float32
def avg_pool(xp, value, *, ksize, strides, padding, data_format="NHWC"):
    where = windows("AvgPool", data_format, strides, padding)
    return _average(xp, value, where, ksize, strides)


def _average(xp, x, where, ksize, strides):
    shape = pooled_shape("AvgPool", where, x.shape, ksize, strides)
    check_windows(where, ksize, strides)
    if where.channels(ksize) > 1:
        raise UnimplementedError(
            None, None, "Non-spatial pooling is not yet supported. Volunteers? :)"
        )
    total = _reduced(xp, x, where, ksize, strides, shape, "sum")
    divisors = counts(where, where.spatial(x.shape), where.spatial(ksize))
    return total / xp.asarray(divisors, dtype=x.dtype)


@lru_cache(maxsize=256)
def counts(where, sizes, window):
    """Return how many elements each window has, without padding, to be divided by."""
    result = np.ones((1,) * (len(sizes) + 2), np.float64)
    sides, outputs = where.sides(sizes, window), where.outputs(sizes, window)
    axes = zip(sizes, window, where.strides, sides, outputs, strict=True)
    for i, (size, k, stride, (before, _), count) in enumerate(axes):
        start = np.arange(count) * stride - before
        inside = np.minimum(start + k, size) - np.maximum(start, 0)
        shape = [1] * result.ndim
        shape[i + 1 + where.channels_first] = count
        result = result * inside.reshape(shape)
    return result


def avg_pool_shape(value, *, ksize, strides, padding, data_format="NHWC"):
    where = windows("AvgPool", data_format, strides, padding)
    return pooled_shape("AvgPool", where, value, ksize, strides)


def avg_pool_gradient(tf, op, dy):
    return tf.AvgPoolGrad(tf.Shape(op.inputs[0]), dy, **attributes_of(op, ATTRIBUTES))


define("AvgPool", avg_pool, shape=avg_pool_shape, unknown_rank=True, gradient=avg_pool_gradient)


def max_pool_3d(xp, input, *, ksize, strides, padding, data_format="NDHWC"):
    where = windows("MaxPool3D", data_format, strides, padding)
    shape = pooled_shape("MaxPool3D", where, input.shape, ksize, strides)
    return _max(xp, input, where, ksize, strides, shape)


@in_float32
def avg_pool_3d(xp, input, *, ksize, strides, padding, data_format="NDHWC"):
    where = windows("AvgPool3D", data_format, strides, padding)
    return _average(xp, input, where, ksize, strides)


def pool_3d_shape(input, *, ksize, strides, padding, data_format="NDHWC"):
    where = windows("Pool3D", data_format, strides, padding)
    return pooled_shape("Pool3D", where, input, ksize, strides)


def max_pool_3d_gradient(tf, op, dy):
    return tf.MaxPool3DGrad(op.inputs[0], op.outputs[0], dy, **attributes_of(op, ATTRIBUTES))


def avg_pool_3d_gradient(tf, op, dy):
    return tf.AvgPool3DGrad(tf.Shape(op.inputs[0]), dy, **attributes_of(op, ATTRIBUTES))


define(
    "MaxPool3D",
    max_pool_3d,
    shape=pool_3d_shape,
    unknown_rank=True,
    gradient=max_pool_3d_gradient,
)
define(
    "AvgPool3D",
    avg_pool_3d,
    shape=pool_3d_shape,
    unknown_rank=True,
    gradient=avg_pool_3d_gradient,
)
