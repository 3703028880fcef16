"""Comparisons and choices: Equal, Less, LogicalAnd, IsNan, Select, SelectV2, ClipByValue …"""

from __future__ import annotations

from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import broadcast, merged, reduced_to, same_shape
from evergraph.shapes import bracketed


def equal(xp, x, y, *, incompatible_shape_error=True):
    if not incompatible_shape_error and not _fit(x.shape, y.shape):
        return xp.asarray(False)
    return x == y


def not_equal(xp, x, y, *, incompatible_shape_error=True):
    if not incompatible_shape_error and not _fit(x.shape, y.shape):
        return xp.asarray(True)
    return x != y


def _fit(x, y):
    pairs = zip(reversed(x), reversed(y), strict=False)
    return all(a == b or 1 in (a, b) for a, b in pairs)


def compared_shape(x, y, *, incompatible_shape_error=True):
    if incompatible_shape_error:
        return broadcast(x, y)
    if None in x or None in y:
        return None
    return broadcast(x, y) if _fit(x, y) else ()


def select(xp, condition, x, y):
    if x.shape != y.shape:
        raise ShapeError(
            "Inputs to operation Select of type Select must have the same size and shape.  "
            f"Input 0: {bracketed(x.shape)} != input 2: {bracketed(y.shape)}"
        )
    if condition.ndim == 1 and x.ndim > 1:
        condition = xp.reshape(condition, (-1, *(1,) * (x.ndim - 1)))
    return xp.where(condition, x, y)


def selected_shape(condition, x, y):
    shape = merged(x, y)
    if condition is None or shape is None:
        return shape
    if len(condition) == 1 and len(shape) != 1:
        merged(condition, shape[:1])
    elif condition:
        merged(condition, shape)
    return shape


def select_v2(xp, condition, x, y):
    return xp.where(condition, x, y)


def select_v2_shape(condition, x, y):
    return broadcast(broadcast(condition, x), y)


def clip_by_value(xp, x, low, high):
    # TF: of bounds the wrong way round, the lower one wins.
    return xp.maximum(xp.minimum(x, high), low)


def clipped_shape(x, low, high):
    for bound in (low, high):
        if bound not in ((), x) and None not in (*bound, *x):
            raise ShapeError(
                "clip_value_min and clip_value_max must be either of the same shape as input, or "
                f"a scalar: {bracketed(x)} and {bracketed(bound)}"
            )
    return x


def approximate_equal(xp, x, y, *, tolerance=1e-5):
    return xp.abs(x - y) < tolerance


# Gradients


def select_gradient(tf, op, dy):
    condition, x, _ = op.inputs
    zeros = tf.ZerosLike(x)
    return None, tf.Select(condition, dy, zeros), tf.Select(condition, zeros, dy)


def select_v2_gradient(tf, op, dy):
    (condition, x, y), (z,) = op.inputs, op.outputs
    zero = tf.constant(0, dy.dtype)
    dx, dy = tf.SelectV2(condition, dy, zero), tf.SelectV2(condition, zero, dy)
    return None, reduced_to(tf, x, z, dx), reduced_to(tf, y, z, dy)


def clip_gradient(tf, op, dy):
    x, low, high = op.inputs
    below, above = tf.Less(x, low), tf.Greater(x, high)
    zeros = tf.ZerosLike(dy)
    return (
        tf.Select(tf.LogicalOr(below, above), zeros, dy),
        reduced_to(tf, low, x, tf.Select(below, dy, zeros)),
        reduced_to(tf, high, x, tf.Select(above, dy, zeros)),
    )


define("Equal", equal, shape=compared_shape, gradient=no_gradient)
define("NotEqual", not_equal, shape=compared_shape, gradient=no_gradient)
define("Less", "less", shape=broadcast, gradient=no_gradient)
define("LessEqual", "less_equal", shape=broadcast, gradient=no_gradient)
define("Greater", "greater", shape=broadcast, gradient=no_gradient)
define("GreaterEqual", "greater_equal", shape=broadcast, gradient=no_gradient)
define("ApproximateEqual", approximate_equal, shape=merged, gradient=no_gradient)
define("LogicalAnd", "logical_and", shape=broadcast, gradient=no_gradient)
define("LogicalOr", "logical_or", shape=broadcast, gradient=no_gradient)
define("LogicalNot", "logical_not", shape=same_shape, gradient=no_gradient)
define("IsNan", "isnan", shape=same_shape)
define("IsInf", "isinf", shape=same_shape)
define("IsFinite", "isfinite", shape=same_shape)
define("Select", select, shape=selected_shape, unknown_rank=True, gradient=select_gradient)
define("SelectV2", select_v2, shape=select_v2_shape, gradient=select_v2_gradient)
define("ClipByValue", clip_by_value, shape=clipped_shape, gradient=clip_gradient)
