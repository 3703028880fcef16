"""Pooling that tells where the maxima are, and its gradient: MaxPoolWithArgmax."""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError, UnimplementedError
from evergraph.op import define
from evergraph.ops.pooling import check_windows, cut_windows, pooled_shape
from evergraph.ops.precision import widened
from evergraph.ops.rules import attributes_of
from evergraph.ops.windows import windows
from evergraph.shapes import bracketed


def max_pool_with_argmax(
    xp, input, *, ksize, strides, padding, Targmax=None, include_batch_in_index=False
):
    where = windows("MaxPoolWithArgmax", "NHWC", strides, padding)
    shape = pooled_shape("MaxPoolWithArgmax", where, input.shape, ksize, strides)
    check_windows(where, ksize, strides)
    if ksize[3] > 1 or strides[3] > 1:
        raise UnimplementedError(
            None, None, "MaxPoolWithArgmax is not yet supported on the depth dimension."
        )
    Targmax = xp.int64 if Targmax is None else Targmax
    if 0 in input.shape or 0 in shape:
        return xp.zeros(shape, dtype=input.dtype), xp.zeros(shape, dtype=Targmax)
    cut = cut_windows(where, input.shape, ksize, strides, shape)
    at = xp.ext.window_argmax(widened(xp, input), **cut)
    flat = _flat_positions(xp, xp.astype(at, Targmax), input.shape, **cut)
    taken = xp.take(xp.reshape(input, (-1,)), xp.reshape(flat, (-1,)), axis=0)
    if not include_batch_in_index:
        flat = flat - _batch_starts(xp, input.shape, Targmax)
    return xp.reshape(taken, shape), flat


def _flat_positions(xp, at, shape, *, window, strides, padding):
    """Return the position in the whole array of what is at those places of its windows."""
    total = xp.zeros_like(at)
    rest = at
    size = 1
    for k in window:
        size *= k
    for axis, (n, k, s, (before, _)) in enumerate(
        zip(shape, window, strides, padding, strict=True)
    ):
        size //= k
        place, rest = rest // size, rest % size
        start = xp.arange(at.shape[axis], dtype=at.dtype) * s - before
        start = xp.reshape(start, tuple(-1 if i == axis else 1 for i in range(at.ndim)))
        total = total * n + place + start
    return total


def _batch_starts(xp, shape, dtype):
    each = shape[1] * shape[2] * shape[3]
    return xp.reshape(xp.arange(shape[0], dtype=dtype) * each, (-1, 1, 1, 1))


def max_pool_with_argmax_shape(input, *, ksize, strides, padding):
    where = windows("MaxPoolWithArgmax", "NHWC", strides, padding)
    return [pooled_shape("MaxPoolWithArgmax", where, input, ksize, strides)] * 2


def max_pool_with_argmax_gradient(tf, op, dy, dargmax):
    names = ("ksize", "strides", "padding", "include_batch_in_index")
    return tf.MaxPoolGradWithArgmax(op.inputs[0], dy, op.outputs[1], **attributes_of(op, names))


define(
    "MaxPoolWithArgmax",
    max_pool_with_argmax,
    shape=max_pool_with_argmax_shape,
    unknown_rank=True,
    gradient=max_pool_with_argmax_gradient,
)


def max_pool_grad_with_argmax(
    xp, input, grad, argmax, *, ksize, strides, padding, include_batch_in_index=False
):
    where = windows("MaxPoolGradWithArgmax", "NHWC", strides, padding)
    shape = pooled_shape("MaxPoolGradWithArgmax", where, input.shape, ksize, strides)
    check_windows(where, ksize, strides)
    for name, found in (("grad", grad.shape), ("argmax", argmax.shape)):
        if tuple(found) != tuple(shape):
            raise InvalidArgumentError(
                None,
                None,
                f"Expected {name} shape to be {bracketed(shape)}, but got {bracketed(found)}",
            )
    count = 1
    for n in input.shape:
        count *= n
    flat = argmax
    if not include_batch_in_index:
        flat = flat + _batch_starts(xp, input.shape, argmax.dtype)
    xp.check(
        (flat >= 0) & (flat < count),
        InvalidArgumentError,
        lambda at, value: f"Invalid input grad index: {int(value)}, must be in [0, {count})",
        flat,
    )
    zeros = xp.zeros((count,), dtype=widened(xp, grad).dtype)
    values = xp.reshape(widened(xp, grad), (-1,))
    total = xp.ext.scatter(zeros, xp.reshape(flat, (-1, 1)), values, how="add")
    return xp.astype(xp.reshape(total, input.shape), grad.dtype)


def max_pool_grad_with_argmax_shape(input, grad, argmax):
    return (None,) * 4 if input is None else input


define(
    "MaxPoolGradWithArgmax",
    max_pool_grad_with_argmax,
    shape=max_pool_grad_with_argmax_shape,
    unknown_rank=True,
)
