"""Arithmetic of arrays with broadcasting: AddV2, Sub, Mul, RealDiv, FloorDiv, FloorMod, Pow …"""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.precision import widened
from evergraph.ops.rules import (
    broadcast,
    conjugated,
    merged,
    merged_dim,
    same_shape,
    unbroadcast,
    with_rank_at_least,
)
from evergraph.shapes import bracketed


def is_integer(xp, x):
    """Whether the elements are integers."""
    return xp.isdtype(x.dtype, "integral")


def nonzero(xp, x, y):
    """Check an integer divisor; of nothing, any is good."""
    if 0 not in x.shape:
        xp.check(y != 0, InvalidArgumentError, "Integer division by zero")


def where_zero(xp, x, y, other):
    """Return `other`, but zero where `x` is zero, whatever `y` is."""
    shape = xp.broadcast_arrays(x, y)[0]
    return xp.where(shape == 0, xp.zeros_like(other), other)


def floor_div(xp, x, y):
    if is_integer(xp, x):
        nonzero(xp, x, y)
    return xp.floor_divide(x, y)


def floor_mod(xp, x, y):
    if is_integer(xp, x):
        nonzero(xp, x, y)
    return xp.remainder(x, y)


def truncate_div(xp, x, y):
    if not is_integer(xp, x):
        return xp.trunc(x / y)
    nonzero(xp, x, y)
    quotient = xp.floor_divide(x, y)
    up = (quotient * y != x) & ((x < 0) != (y < 0))
    return quotient + xp.astype(up, x.dtype)


def truncate_mod(xp, x, y):
    if is_integer(xp, x):
        return x - truncate_div(xp, x, y) * y
    return x - xp.trunc(x / y) * y


def div(xp, x, y):
    return truncate_div(xp, x, y) if is_integer(xp, x) else x / y


def real_div(xp, x, y):
    if is_integer(xp, x):
        nonzero(xp, x, y)
        return truncate_div(xp, x, y)
    return x / y


def div_no_nan(xp, x, y):
    zero = y == 0
    return xp.where(zero, xp.zeros_like(x / xp.where(zero, xp.ones_like(y), y)), x / y)


def mul_no_nan(xp, x, y):
    product = x * y
    return xp.where(xp.broadcast_arrays(y, product)[0] == 0, xp.zeros_like(product), product)


def xdivy(xp, x, y):
    return where_zero(xp, x, y, x / y)


def xlogy(xp, x, y):
    return where_zero(xp, x, y, x * xp.log(y))


def xlog1py(xp, x, y):
    return where_zero(xp, x, y, x * xp.log1p(y))


def next_after(xp, x1, x2):
    return xp.nextafter(*xp.broadcast_arrays(x1, x2))


def power(xp, x, y):
    if is_integer(xp, x):
        message = "Integers to negative integer powers are not allowed"
        xp.check(y >= 0, InvalidArgumentError, message)
    return xp.pow(x, y)


def squared_difference(xp, x, y):
    difference = x - y
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.conj(difference) * difference
    return difference * difference


def add_n(xp, inputs):
    # Arrays would broadcast; TensorFlow refuses.
    all_same([x.shape for x in inputs])
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


def accumulate_n(xp, inputs, *, shape):
    return add_n(xp, inputs)


def accumulated_shape(inputs, *, shape):
    return None if shape is None else tuple(shape)


def all_same(inputs):
    shape = None
    for x in inputs:
        shape = merged(shape, x)
    return shape


def bias_add(xp, value, bias, *, data_format="NHWC"):
    if data_format == "NCHW":
        return value + xp.reshape(bias, (-1, *(1,) * (value.ndim - 2)))
    return value + bias


def biased_shape(value, bias, *, data_format="NHWC"):
    with_rank_at_least(value, 2 if data_format == "NHWC" else 3)
    if len(bias) != 1:
        raise ShapeError(
            f"Shape must be rank 1 but is rank {len(bias)}",
            f"Biases must be 1D: [{','.join(map(str, bias))}]",
        )
    axis = 1 if data_format == "NCHW" else len(value) - 1
    size = merged_dim(value[axis], bias[0])
    return (*value[:axis], size, *value[axis + 1 :])


def bias_add_v1(xp, value, bias):
    biased_v1_shape(value.shape, bias.shape)
    return value + bias


def biased_v1_shape(value, bias):
    return biased_shape(value, bias)


def bias_add_grad(xp, out_backprop, *, data_format="NHWC"):
    bias_grad_shape(out_backprop.shape, data_format=data_format)
    axis = 1 if data_format == "NCHW" else out_backprop.ndim - 1
    y = widened(xp, out_backprop)
    others = tuple(i for i in range(y.ndim) if i != axis)
    return xp.astype(xp.sum(y, axis=others, dtype=y.dtype), out_backprop.dtype)


def bias_grad_shape(out_backprop, *, data_format="NHWC"):
    if len(out_backprop) < 2:
        raise ShapeError(
            f"Shape must be at least rank 2 but is rank {len(out_backprop)}",
            f"Input tensor must be at least 2D: {bracketed(out_backprop)}",
        )
    return (out_backprop[1 if data_format == "NCHW" else -1],)


# Gradients


def add_gradient(tf, op, dz):
    return unbroadcast(tf, op, dz, dz)


def sub_gradient(tf, op, dz):
    return unbroadcast(tf, op, dz, tf.Neg(dz))


def mul_gradient(tf, op, dz):
    x, y = (conjugated(tf, t) for t in op.inputs)
    return unbroadcast(tf, op, tf.Mul(dz, y), tf.Mul(x, dz))


def mul_no_nan_gradient(tf, op, dz):
    x, y = op.inputs
    return unbroadcast(tf, op, tf.MulNoNan(dz, y), tf.MulNoNan(x, dz))


def _division_gradient(divide):
    def gradient(tf, op, dz):
        x, y = (conjugated(tf, t) for t in op.inputs)
        quotient = getattr(tf, divide)
        dy = tf.Mul(dz, quotient(quotient(tf.Neg(x), y), y))
        return unbroadcast(tf, op, quotient(dz, y), dy)

    return gradient


def xdivy_gradient(tf, op, dz):
    x, y = op.inputs
    dx = tf.Xdivy(_is_not_zero(tf, x), y)
    dy = tf.Xdivy(tf.Neg(x), tf.Square(y))
    return unbroadcast(tf, op, tf.Mul(dx, dz), tf.Mul(dy, dz))


def xlogy_gradient(tf, op, dz):
    x, y = op.inputs
    dx, dy = tf.Xlogy(_is_not_zero(tf, x), y), tf.Xdivy(x, y)
    return unbroadcast(tf, op, tf.Mul(dx, dz), tf.Mul(dy, dz))


def xlog1py_gradient(tf, op, dz):
    x, y = op.inputs
    dx, dy = tf.Xlog1py(_is_not_zero(tf, x), y), tf.Xdivy(x, tf.AddV2(y, 1))
    return unbroadcast(tf, op, tf.Mul(dx, dz), tf.Mul(dy, dz))


def next_after_gradient(tf, op, dz):
    return unbroadcast(tf, op, dz, tf.ZerosLike(dz))


def _is_not_zero(tf, x):
    return tf.Cast(tf.NotEqual(x, 0), DstT=x.dtype)


def floor_mod_gradient(tf, op, dz):
    x, y = op.inputs
    return unbroadcast(tf, op, dz, tf.Mul(dz, tf.Neg(tf.FloorDiv(x, y))))


def power_gradient(tf, op, dz):
    x, y = (conjugated(tf, t) for t in op.inputs)
    dx = tf.Mul(tf.Mul(dz, y), tf.Pow(x, tf.Sub(y, 1)))
    # The logarithm is finite only of these; where it is not, the gradient is zero.
    good = tf.NotEqual(x, 0) if x.dtype.is_complex else tf.Greater(x, 0)
    log = tf.Log(tf.Select(good, x, tf.OnesLike(x)))
    log = tf.Select(good, log, tf.ZerosLike(x))
    dy = tf.Mul(tf.Mul(dz, conjugated(tf, op.outputs[0])), log)
    return unbroadcast(tf, op, dx, dy)


def _choice_gradient(chosen):
    # TF: of equal ones the first gets it all.
    def gradient(tf, op, dz):
        first = getattr(tf, chosen)(*op.inputs)
        zeros = tf.ZerosLike(dz)
        return unbroadcast(tf, op, tf.SelectV2(first, dz, zeros), tf.SelectV2(first, zeros, dz))

    return gradient


def squared_difference_gradient(tf, op, dz):
    dx = tf.Mul(tf.Mul(dz, 2), tf.Sub(*op.inputs))
    return unbroadcast(tf, op, dx, tf.Neg(dx))


def atan2_gradient(tf, op, dz):
    y, x = op.inputs
    scaled = tf.RealDiv(dz, tf.AddV2(tf.Square(y), tf.Square(x)))
    return unbroadcast(tf, op, tf.Mul(x, scaled), tf.Mul(tf.Neg(y), scaled))


def add_n_gradient(tf, op, dz):
    return [dz] * len(op.inputs)


def bias_add_gradient(tf, op, dz):
    return dz, tf.BiasAddGrad(dz, data_format=op.get_attr("data_format"))


def bias_add_v1_gradient(tf, op, dz):
    axes = tf.Range(0, tf.Sub(tf.Rank(dz), 1), 1)
    return dz, tf.Sum(dz, axes)


def bias_add_grad_gradient(tf, op, dy):
    shape = tf.shape(op.inputs[0])
    if op.get_attr("data_format") == b"NCHW":
        inner = tf.OnesLike(tf.StridedSlice(shape, [2], [0], [1], end_mask=1))
        dy = tf.Reshape(dy, tf.ConcatV2([tf.Shape(dy), inner], 0))
    return tf.BroadcastTo(dy, shape)


for _type in ("Add", "AddV2"):
    define(_type, "add", shape=broadcast, gradient=add_gradient)
define("Sub", "subtract", shape=broadcast, gradient=sub_gradient)
define("Mul", "multiply", shape=broadcast, gradient=mul_gradient)
define("MulNoNan", mul_no_nan, shape=broadcast, gradient=mul_no_nan_gradient)
define("Div", div, shape=broadcast, gradient=_division_gradient("Div"))
define("RealDiv", real_div, shape=broadcast, gradient=_division_gradient("RealDiv"))
define("DivNoNan", div_no_nan, shape=broadcast, gradient=_division_gradient("DivNoNan"))
define("Xdivy", xdivy, shape=broadcast, gradient=xdivy_gradient)
define("Xlogy", xlogy, shape=broadcast, gradient=xlogy_gradient)
define("Xlog1py", xlog1py, shape=broadcast, gradient=xlog1py_gradient)
define("NextAfter", next_after, shape=broadcast, gradient=next_after_gradient)
define("FloorDiv", floor_div, shape=broadcast, gradient=no_gradient)
define("TruncateDiv", truncate_div, shape=broadcast, gradient=no_gradient)
define("FloorMod", floor_mod, shape=broadcast, gradient=floor_mod_gradient)
define("Mod", truncate_mod, shape=broadcast)
define("TruncateMod", truncate_mod, shape=broadcast)
define("Pow", power, shape=broadcast, gradient=power_gradient)
define("Maximum", "maximum", shape=broadcast, gradient=_choice_gradient("GreaterEqual"))
define("Minimum", "minimum", shape=broadcast, gradient=_choice_gradient("LessEqual"))
define(
    "SquaredDifference",
    squared_difference,
    shape=broadcast,
    gradient=squared_difference_gradient,
)
define("Atan2", "atan2", shape=broadcast, gradient=atan2_gradient)
define("AddN", add_n, shape=all_same, unknown_rank=True, gradient=add_n_gradient)
define(
    "AccumulateNV2",
    accumulate_n,
    shape=accumulated_shape,
    unknown_rank=True,
    gradient=add_n_gradient,
)
define("BiasAddV1", bias_add_v1, shape=biased_v1_shape, gradient=bias_add_v1_gradient)
define("BiasAdd", bias_add, shape=biased_shape, gradient=bias_add_gradient)
define("BiasAddGrad", bias_add_grad, shape=bias_grad_shape, gradient=bias_add_grad_gradient)
for _type in ("And", "Or", "Xor"):
    define(f"Bitwise{_type}", f"bitwise_{_type.lower()}", shape=broadcast, gradient=no_gradient)
define("Invert", "bitwise_invert", shape=same_shape, gradient=no_gradient)
