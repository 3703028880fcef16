"""Kernels of single elements: arithmetic, comparisons, choices, functions."""

from __future__ import annotations

import math

import numpy as np

from evergraph.plugin import errors
from evergraph_onnx.tracing import check, emit


def node(op):
    """Return the kernel that one node of ONNX is."""

    def kernel(*inputs):
        return emit(op, *inputs)

    return kernel


def of(x, value):
    """Return a constant of the type of `x`."""
    return np.array(value, x.dtype)


def is_float(x):
    """Whether elements are floating-point numbers."""
    return x.dtype.kind == "f"


def negated(condition):
    """Return the opposite."""
    return emit("Not", condition)


def where(condition, x, y):
    """Choose between two; of booleans, which ONNX Runtime does not choose between, by logic."""
    if y.dtype.kind != "b":
        return emit("Where", condition, x, y)
    yes = emit("And", condition, x)
    return emit("Or", yes, emit("And", negated(condition), y))


def truncated(x, y):
    """Divide integers towards zero; of a division by zero, the check is all there is."""
    check(negated(emit("Equal", y, of(y, 0))), errors.InvalidArgumentError, ZERO)
    # The processor stops at a division by zero, and of the least integer by -1.
    trap = emit("Or", emit("Equal", y, of(y, 0)), emit("Equal", y, of(y, -1)))
    quotient = emit("Div", x, where(trap, of(y, 1), y))
    return where(emit("Equal", y, of(y, -1)), emit("Neg", x), quotient)


ZERO = "Integer division by zero"


def real_div(x, y):
    return emit("Div", x, y) if is_float(x) else truncated(x, y)


def floor_div(x, y):
    if is_float(x):
        return emit("Floor", emit("Div", x, y))
    quotient = truncated(x, y)
    rest = emit("Sub", x, emit("Mul", quotient, y))
    return emit("Sub", quotient, emit("Cast", _other_side(rest, y), to=onnx_type(x.dtype)))


def floor_mod(x, y):
    rest = emit("Mod", x, y, fmod=1) if is_float(x) else _rest(x, y)
    return emit("Add", rest, where(_other_side(rest, y), y, of(y, 0)))


def _rest(x, y):
    return emit("Sub", x, emit("Mul", truncated(x, y), y))


def _other_side(rest, y):
    zero = of(y, 0)
    sides = emit("Xor", emit("Less", rest, zero), emit("Less", y, zero))
    return emit("And", sides, negated(emit("Equal", rest, zero)))


def square(x):
    return emit("Mul", x, x)


def squared_difference(x, y):
    return square(emit("Sub", x, y))


def rsqrt(x):
    return emit("Div", of(x, 1), emit("Sqrt", x))


def sign(x):
    # ONNX Runtime's is 0 for NaN.
    return where(emit("IsNaN", x), x, emit("Sign", x)) if is_float(x) else emit("Sign", x)


def relu(features):
    return emit("Max", features, of(features, 0))


def relu_grad(gradients, features):
    positive = emit("Greater", features, of(features, 0))
    return where(positive, gradients, emit("Mul", gradients, of(gradients, 0)))


def tanh_grad(y, dy):
    dy = _as_shaped(dy, y)
    return emit("Mul", dy, emit("Sub", of(y, 1), square(y)))


def sigmoid_grad(y, dy):
    dy = _as_shaped(dy, y)
    return emit("Mul", emit("Mul", dy, y), emit("Sub", of(y, 1), y))


def _as_shaped(dy, y):
    if math.prod(y.shape) != math.prod(dy.shape):
        raise ValueError(f"shapes {y.shape} and {dy.shape} have other numbers of elements")
    return emit("Reshape", dy, np.array(y.shape, np.int64), allowzero=1)


def or_equal(op):
    """Return the kernel of a comparison that holds of equal ones as well.

    ONNX has nodes for both, but infers no shapes for them before version 1.18.
    """

    def kernel(x, y):
        return emit("Or", emit(op, x, y), emit("Equal", x, y))

    return kernel


def equal(x, y, *, incompatible_shape_error=True):
    if not incompatible_shape_error and not _fit(x.shape, y.shape):
        return np.array(False)
    return emit("Equal", x, y)


def not_equal(x, y, *, incompatible_shape_error=True):
    if not incompatible_shape_error and not _fit(x.shape, y.shape):
        return np.array(True)
    return negated(emit("Equal", x, y))


def _fit(x, y):
    pairs = zip(reversed(x), reversed(y), strict=False)
    return all(a == b or 1 in (a, b) for a, b in pairs)


def select(condition, x, y):
    if x.shape != y.shape:
        raise ValueError(f"shapes {x.shape} and {y.shape} differ")
    if condition.ndim == 1 and x.ndim > 1:
        rows = np.array([-1, *[1] * (x.ndim - 1)], np.int64)
        condition = emit("Reshape", condition, rows)
    elif condition.shape not in ((), x.shape):
        raise ValueError(f"shapes {condition.shape} and {x.shape} differ")
    return where(condition, x, y)


def cast(x, *, DstT):
    return x if x.dtype == DstT else emit("Cast", x, to=onnx_type(DstT))


def onnx_type(dtype):
    """Return the number that ONNX has for a type."""
    return {"float32": 1, "int32": 6, "int64": 7, "bool": 9}[np.dtype(dtype).name]


def same(x):
    return x


def check_numerics(x, *, message):
    text = message.decode() if isinstance(message, bytes) else message
    nan, infinite = emit("IsNaN", x), emit("IsInf", x)
    check(negated(nan), errors.InvalidArgumentError, f"{text} : Tensor had NaN values")
    check(negated(infinite), errors.InvalidArgumentError, f"{text} : Tensor had Inf values")
    return x


def add_n(inputs):
    total = inputs[0]
    for x in inputs[1:]:
        if x.shape != total.shape:
            raise ValueError(f"shapes {x.shape} and {total.shape} differ")
        total = emit("Add", total, x)
    return total


def bias_add(value, bias, *, data_format="NHWC"):
    if bias.ndim != 1 or value.shape[1 if _first(data_format) else -1] != bias.shape[0]:
        raise ValueError(f"a bias of shape {bias.shape}")
    if _first(data_format):
        bias = emit("Reshape", bias, np.array([-1, *[1] * (value.ndim - 2)], np.int64))
    return emit("Add", value, bias)


def _first(data_format):
    return data_format in ("NCHW", b"NCHW")
