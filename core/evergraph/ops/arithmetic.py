"""Arithmetic of arrays with broadcasting: AddV2, Sub, Mul, RealDiv, FloorDiv, FloorMod, Pow …"""

from __future__ import annotations

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import (
    broadcast,
    conjugated,
    merged,
    merged_dim,
    same_shape,
    unbroadcast,
    with_rank_at_least,
)


def is_integer(xp, x):
    """Whether the elements are integers."""
    return xp.isdtype(x.dtype, "integral")


def nonzero(xp, y):
    """Check an integer divisor."""
    xp.check(y != 0, InvalidArgumentError, "Integer division by zero")


def where_zero(xp, x, y, other):
    """Return `other`, but zero where `x` is zero, whatever `y` is."""
    shape = xp.broadcast_arrays(x, y)[0]
    return xp.where(shape == 0, xp.zeros_like(other), other)


def floor_div(xp, x, y):
    if is_integer(xp, x):
        nonzero(xp, y)
    return xp.floor_divide(x, y)


def floor_mod(xp, x, y):
    if is_integer(xp, x):
        nonzero(xp, y)
    return xp.remainder(x, y)


def truncate_div(xp, x, y):
    if not is_integer(xp, x):
        return xp.trunc(x / y)
    nonzero(xp, y)
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
        nonzero(xp, y)
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
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


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


def add_gradient(tf, op, dz):
    return unbroadcast(tf, op, dz, dz)


def sub_gradient(tf, op, dz):
    return unbroadcast(tf, op, dz, tf.Neg(dz))


def mul_gradient(tf, op, dz):
    x, y = (conjugated(tf, t) for t in op.inputs)
    return unbroadcast(tf, op, tf.Mul(dz, y), tf.Mul(x, dz))


for _type in ("Add", "AddV2"):
    define(_type, "add", shape=broadcast, gradient=add_gradient)
define("Sub", "subtract", shape=broadcast, gradient=sub_gradient)
define("Mul", "multiply", shape=broadcast, gradient=mul_gradient)
define("MulNoNan", mul_no_nan, shape=broadcast)
define("Div", div, shape=broadcast)
define("RealDiv", real_div, shape=broadcast)
define("DivNoNan", div_no_nan, shape=broadcast)
define("Xdivy", xdivy, shape=broadcast)
define("Xlogy", xlogy, shape=broadcast)
define("FloorDiv", floor_div, shape=broadcast)
define("TruncateDiv", truncate_div, shape=broadcast)
define("FloorMod", floor_mod, shape=broadcast)
define("Mod", truncate_mod, shape=broadcast)
define("TruncateMod", truncate_mod, shape=broadcast)
define("Pow", power, shape=broadcast)
define("Maximum", "maximum", shape=broadcast)
define("Minimum", "minimum", shape=broadcast)
define("SquaredDifference", squared_difference, shape=broadcast)
define("Atan2", "atan2", shape=broadcast)
define("AddN", add_n, shape=all_same, unknown_rank=True)
define("BiasAdd", bias_add, shape=biased_shape)
define("BitwiseAnd", "bitwise_and", shape=broadcast)
define("BitwiseOr", "bitwise_or", shape=broadcast)
define("BitwiseXor", "bitwise_xor", shape=broadcast)
define("Invert", "bitwise_invert", shape=same_shape)
