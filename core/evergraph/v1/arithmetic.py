"""Element-wise arithmetic that is more than one node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_n_to_tensor, convert_to_tensor
from evergraph.graph.operators import cast, for_division, node, scope, truediv
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import base_dtype, is_tensor
from evergraph.v1.filling import zeros_like


def add(x: Any, y: Any, name: str | None = None) -> Any:
    """Return the sum of two tensors; of strings, their concatenation."""
    with scope(name, "Add", (x,)) as name:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", preferred_dtype=x.dtype.base_dtype)
        return node("Add" if x.dtype.base_dtype is dtypes.string else "AddV2", name, x=x, y=y)


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """Divide as Python does: the result is a float."""
    if name is not None:
        return truediv(x, y, name)
    if not is_tensor(x):
        x = convert_to_tensor(x, base_dtype(y) if is_tensor(y) else None)
    return x / y


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Divide, with zero where the divisor is zero.

    Raises:
      TypeError: the types differ, or cannot be divided.
    """
    with scope(name, "div_no_nan", (x, y)) as name:
        if not is_tensor(x) and is_tensor(y):
            y = convert_to_tensor(y, name="y")
            x = convert_to_tensor(x, y.dtype.base_dtype, "x")
        else:
            x = convert_to_tensor(x, name="x")
            y = convert_to_tensor(y, name="y", preferred_dtype=x.dtype.base_dtype)
        x, y = for_division(x, y, "tf.math.divide_no_nan")
        return node("DivNoNan", name, x=x, y=y)


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """Multiply, with zero where `y` is zero, even if `x` is infinite or NaN."""
    with scope(name, "multiply_no_nan", (x, y)) as name:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype.base_dtype, "y")
        return node("MulNoNan", name, x=x, y=y)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    """Return one divided by each element, zero where it is zero."""
    with scope(name, "reciprocal_no_nan", (x,)) as entered:
        x = convert_to_tensor(x, name="x")
        one = constant(1, x.dtype.base_dtype, name="one")
        return node("DivNoNan", entered, x=one, y=x)


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """Multiply a tensor by a scalar; ValueError if it is none."""
    scalar = convert_to_tensor(scalar, base_dtype(x), "scalar")
    if scalar.ndim != 0:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    return node("Mul", name, x=scalar, y=x)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """Return the sum of tensors of the same shape and type; ValueError if there are none."""
    problem = (
        "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and "
        "shape."
    )
    if not isinstance(inputs, Iterable) or not inputs:
        raise ValueError(problem)
    tensors = convert_n_to_tensor(list(inputs))
    if len(tensors) == 1:
        return node("Identity", name, input=tensors[0]) if name else tensors[0]
    return node("AddN", name, inputs=tensors)


def accumulate_n(
    inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Any:
    """Return the sum of tensors.

    Args:
      inputs: a list of tensors.
      shape: the shape that they are expected to have.
      tensor_dtype: the type that they are expected to have.
      name: the name of the node.

    Raises:
      TypeError: they have another type.
      ValueError: there are none, or shapes or types differ.
    """
    problem = "inputs must be a list of at least one Tensor with the same dtype and shape"
    if not inputs or not isinstance(inputs, list | tuple):
        raise ValueError(problem)
    tensors = convert_n_to_tensor(inputs)
    if any(t.dtype != tensors[0].dtype for t in tensors):
        raise ValueError(problem)
    expected = TensorShape(shape)
    for t in tensors:
        expected = expected.merge_with(t.shape)
    if tensor_dtype is not None and tensors[0].dtype != tensor_dtype:
        raise TypeError(
            f"The `tensor_dtype` argument is {tensor_dtype}, but `input` is of type "
            f"{tensors[0].dtype}. These must be equal. Try casting the input to the desired type."
        )
    return add_n(tensors, name)


def sign(x: Any, name: str | None = None) -> Any:
    """Return -1, 0 or 1 for each element; of a complex one the number divided by its length."""
    x = convert_to_tensor(x)
    if x.dtype.is_complex:
        length = node("ComplexAbs", x=x, Tout=x.dtype.real_dtype)
        return node("DivNoNan", name, x=x, y=cast(length, x.dtype))
    return node("Sign", name, x=x)


def round(x: Any, name: str | None = None) -> Any:
    """Round to the nearest integer, the even one of two; integers are returned as they are."""
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.is_integer else node("Round", name, x=x)


def sigmoid(x: Any, name: str | None = None) -> Any:
    """Return 1 / (1 + exp(-x)), element-wise."""
    with scope(name, "Sigmoid", (x,)) as name:
        return node("Sigmoid", name, x=convert_to_tensor(x, name="x"))


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """Return log(sigmoid(x)), element-wise, without overflow."""
    with scope(name, "LogSigmoid", (x,)) as name:
        x = convert_to_tensor(x, name="x")
        return node("Neg", name, x=node("Softplus", features=-x))


# Functions whose node lies inside a scope of their name


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    """Return x / y, zero where `x` is."""
    with scope(name, "xdivy", (x,)):
        return node("Xdivy", x=x, y=y)


def xlog1py(x: Any, y: Any, name: str | None = None) -> Any:
    """Return x * log1p(y), zero where `x` is."""
    with scope(name, "xlog1py", (x,)):
        return node("Xlog1py", x=x, y=y)


def erfinv(x: Any, name: str | None = None) -> Any:
    """Return the inverse of the error function."""
    with scope(name, "erfinv", (x,)):
        return node("Erfinv", x=x)


def ndtri(x: Any, name: str | None = None) -> Any:
    """Return the quantile function of the normal distribution."""
    with scope(name, "ndtri", (x,)):
        return node("Ndtri", x=x)


def erfcinv(x: Any, name: str | None = None) -> Any:
    """Return the inverse of the complementary error function."""
    with scope(name, "erfcinv", (x,)):
        x = convert_to_tensor(x, name="start")
        return -ndtri(0.5 * x) * np.sqrt(0.5)


def lbeta(x: Any, name: str | None = None) -> Any:
    """Return the logarithm of the absolute value of the beta function of the last dimension."""
    from evergraph.v1.reductions import reduce_sum

    with scope(name, "lbeta", (x,)):
        x = convert_to_tensor(x, name="x")
        logs = reduce_sum(node("Lgamma", x=x), axis=[-1])
        return logs - node("Lgamma", x=reduce_sum(x, axis=[-1]))


def polyval(coeffs: Any, x: Any, name: str | None = None) -> Any:
    """Evaluate a polynomial.

    Args:
      coeffs: a list of coefficients, the highest power first.
      x: where.
      name: a name scope.

    Raises:
      ValueError: `coeffs` is not a list.
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    with scope(name, "polyval", [*coeffs, x]) as name:
        x = convert_to_tensor(x, name="x")
        if not coeffs:
            return zeros_like(x, name=name)
        tensors = [convert_to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        result = tensors[0]
        for c in tensors[1:]:
            result = c + result * x
        return result
