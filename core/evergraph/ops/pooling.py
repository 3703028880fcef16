"""Pooling: MaxPool, AvgPool."""

from __future__ import annotations

from evergraph.op import define
from evergraph.ops.math import is_narrow
from evergraph.ops.rules import with_rank
from evergraph.ops.windows import explicit_sides, output_size, window_sides


def _pooled(xp, x, ksize, strides, padding, explicit_paddings, how):
    explicit = explicit_sides(explicit_paddings, range(x.ndim))
    sides = [
        window_sides(d, k, s, padding, e)
        for d, k, s, e in zip(x.shape, ksize, strides, explicit, strict=True)
    ]
    return xp.ext.reduce_window(
        x, how=how, window=tuple(ksize), strides=tuple(strides), padding=sides
    )


def max_pool(xp, x, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    del data_format
    return _pooled(xp, x, ksize, strides, padding, explicit_paddings, "max")


def avg_pool(xp, x, *, ksize, strides, padding, data_format="NHWC"):
    del data_format
    y = xp.astype(x, xp.float32) if is_narrow(x) else x
    total = _pooled(xp, y, ksize, strides, padding, (), "sum")
    # TF: padding does not count, so that windows at the border have fewer elements.
    ones = xp.ones((1, *x.shape[1:]), dtype=y.dtype)
    counts = _pooled(xp, ones, ksize, strides, padding, (), "sum")
    return xp.astype(total / counts, x.dtype)


def pooled_shape(x, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    del data_format
    with_rank(x, len(ksize))
    explicit = explicit_sides(explicit_paddings, range(len(x)))
    return tuple(
        d if k == s == 1 else output_size(d, k, s, padding, e)
        for d, k, s, e in zip(x, ksize, strides, explicit, strict=True)
    )


def avg_pooled_shape(x, *, ksize, strides, padding, data_format="NHWC"):
    return pooled_shape(x, ksize=ksize, strides=strides, padding=padding, data_format=data_format)


define("MaxPool", max_pool, shape=pooled_shape)
define("AvgPool", avg_pool, shape=avg_pooled_shape)
define("AvgPool3D", avg_pool, shape=avg_pooled_shape)
