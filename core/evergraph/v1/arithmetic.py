"""Element-wise arithmetic that is more than one node, conversions of type, and sequences."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from math import pi
from typing import Any, Final

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_n_to_tensor, convert_to_tensor
from evergraph.graph.operators import cast, for_division, node, scope, truediv
from evergraph.graph.slicing import concat, shape
from evergraph.graph.tensor import Tensor
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import base_dtype, is_tensor, renamed
from evergraph.v1.filling import ones_like, zeros_like


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
        result = logs - node("Lgamma", x=reduce_sum(x, axis=[-1]))
        return result


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


# Complex numbers


def complex(real: Any, imag: Any, name: str | None = None) -> Any:
    """Return complex numbers from their parts; TypeError unless both are float32, or float64."""
    real = convert_to_tensor(real, name="real")
    imag = convert_to_tensor(imag, name="imag")
    results = {dtypes.float32: dtypes.complex64, dtypes.float64: dtypes.complex128}
    with scope(name, "Complex", (real, imag)) as name:
        if real.dtype != imag.dtype or real.dtype not in results:
            raise TypeError(
                f"The `real` and `imag` components have incorrect types: {real.dtype.name} "
                f"{imag.dtype.name}. They must be consistent, and one of {list(results)}"
            )
        return node("Complex", name, real=real, imag=imag, Tout=results[real.dtype])


def real(input: Any, name: str | None = None) -> Any:
    """Return the real part; a real tensor itself; TypeError if its elements are not numbers."""
    with scope(name, "Real", (input,)) as name:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return node("Real", name, input=x, Tout=x.dtype.real_dtype)
        if x.dtype.is_numeric:
            return x
        raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype}")


def imag(input: Any, name: str | None = None) -> Any:
    """Return the imaginary part, which is zero for real tensors."""
    with scope(name, "Imag", (input,)) as name:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return node("Imag", name, input=x, Tout=x.dtype.real_dtype)
        return zeros_like(x)


def angle(input: Any, name: str | None = None) -> Any:
    """Return the angle of complex numbers; for real ones pi where negative, else zero."""
    with scope(name, "Angle", (input,)) as name:
        x = convert_to_tensor(input, name="input")
        if x.dtype.is_complex:
            return node("Angle", name, input=x, Tout=x.dtype.real_dtype)
        return node("Select", condition=x < 0, t=pi * ones_like(x), e=zeros_like(x))


# Conversions of type


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """Cast, with the values out of range clipped to what the type can hold."""
    with scope(name, "saturate_cast", (value,)) as name:
        value = convert_to_tensor(value, name="value")
        target = as_dtype(dtype).base_dtype
        source = value.dtype
        if source.is_complex:
            if target.is_complex:
                if source.size > target.size:
                    parts = target.real_dtype
                    low, high = (builtins.complex(v, v) for v in (parts.min, parts.max))
                    value = _clamped(value, low, high)
                return cast(value, target, name)
            value = real(value)
            source = source.real_dtype
        return cast(_clamped(value, *_common_range(source, target.real_dtype)), target, name)


def _clamped(value: Any, low: Any, high: Any) -> Any:
    low = convert_to_tensor(low, value.dtype)
    high = convert_to_tensor(high, value.dtype)
    return node("ClipByValue", "clamp", t=value, clip_value_min=low, clip_value_max=high)


def _common_range(source: Any, target: Any) -> tuple[Any, Any]:
    """Return the lowest and highest value of `source` that `target` can hold as well."""
    number = source.as_numpy_dtype
    try:
        both: Any = np.promote_types(number, target.as_numpy_dtype)
    except TypeError:
        both = float
    low = number(np.maximum(source.min, target.min))
    pair = np.array([low, target.min], both)
    if pair[0] < pair[1]:
        low = np.nextafter(low, number(0), dtype=number)
    high = number(np.minimum(float(source.max), float(target.max)))
    pair = np.array([high, target.max], both)
    if pair[0] > pair[1]:
        high = np.nextafter(high, number(0), dtype=number)
    return low, high


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """Cast to float32."""
    return cast(x, dtypes.float32, name)


def to_double(x: Any, name: str = "ToDouble") -> Any:
    """Cast to float64."""
    return cast(x, dtypes.float64, name)


def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """Cast to int32."""
    return cast(x, dtypes.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """Cast to int64."""
    return cast(x, dtypes.int64, name)


def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Any:
    """Cast to bfloat16."""
    return cast(x, dtypes.bfloat16, name)


def to_complex64(x: Any, name: str = "ToComplex64") -> Any:
    """Cast to complex64."""
    return cast(x, dtypes.complex64, name)


def to_complex128(x: Any, name: str = "ToComplex128") -> Any:
    """Cast to complex128."""
    return cast(x, dtypes.complex128, name)


# Sequences

#: The types of a range; of several types among its bounds, the last one here is taken.
_RANGE_TYPES: Final = (
    dtypes.int32,
    dtypes.int64,
    dtypes.float16,
    dtypes.bfloat16,
    dtypes.float32,
    dtypes.float64,
)


def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range"
) -> Any:
    """Return the numbers from `start` up to, but not including, `limit`.

    Args:
      start: the first number; if `limit` is not given, the limit, and the first number is 0.
      limit: where to stop.
      delta: the distance between two numbers.
      dtype: the type; by default the widest of the others'.
      name: the name of the node.
    """
    if limit is None:
        start, limit = 0, start
    with scope(name, "Range", (start, limit, delta)) as name:
        bounds = [
            value if isinstance(value, Tensor) else convert_to_tensor(value, dtype, label)
            for label, value in (("start", start), ("limit", limit), ("delta", delta))
        ]
        if dtype is None:
            dtype = max((b.dtype.base_dtype for b in bounds), key=_RANGE_TYPES.index)
        first, last, step = (cast(b, dtype) for b in bounds)
        return node("Range", name, start=first, limit=last, delta=step)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: Any = 0) -> Any:
    """Return evenly spaced numbers, both ends included.

    Args:
      start, stop: the ends; tensors of numbers that broadcast against each other.
      num: how many numbers.
      name: a name scope.
      axis: where the new dimension goes.
    """
    with scope(name, "linspace", (start, stop)):
        start = convert_to_tensor(start, name="start")
        stop = convert_to_tensor(stop, start.dtype, "stop")
        count = int_tensor(num, "num")
        cast(count, start.dtype)  # TF: makes this node, and does not use it
        dims = node("BroadcastArgs", s0=shape(start), s1=shape(stop))
        ends = [node("BroadcastTo", input=end, shape=dims) for end in (start, stop)]
        first, last = (node("ExpandDims", input=end, dim=axis) for end in ends)
        dims = shape(first)
        rank = shape(dims)[0]
        axis = _choice(axis >= 0, axis, rank + axis)
        inner = node("Maximum", x=count - 2, y=0)
        steps = node("Maximum", x=count - 1, y=1)
        delta = (last - first) / cast(steps, last.dtype)
        first, last = cast(first, delta.dtype), cast(last, delta.dtype)
        end = _choice(count >= 0, steps, -1)
        numbers = cast(range(1, end, dtype=dtypes.int64), delta.dtype)
        along = node("Equal", x=axis, y=range(rank))
        numbers = node("Reshape", tensor=numbers, shape=_choice(along, inner, 1))
        joined = concat((first, first + delta * numbers, last), axis)
        # The ends are there twice if fewer than two numbers are wanted.
        begin = zeros_like(dims)
        one = node("Reshape", tensor=count, shape=[1])
        size = concat((dims[0:axis], one, dims[axis + 1 :]), 0)
        return node("Slice", input=joined, begin=begin, size=size)


def _choice(condition: Any, x: Any, y: Any) -> Any:
    return node("SelectV2", condition=condition, t=x, e=y)


def int_tensor(value: Any, name: str) -> Any:
    """Return a count as an int32 tensor; TypeError if it is not an integer."""
    tensor = convert_to_tensor(value, name=name, preferred_dtype=dtypes.int32)
    if not tensor.dtype.is_integer:
        raise TypeError(
            f"Argument `tensor` (name: {name}) must be of type integer. Received `tensor` = "
            f"{tensor} of dtype: {tensor.dtype}"
        )
    return node("Cast", x=tensor, DstT=dtypes.int32)


# Running sums


def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running sums along an axis.

    Args:
      x: the tensor.
      axis: the axis.
      exclusive: whether an element's own value is left out of its sum.
      reverse: whether the sums run from the end.
      name: the name of the node.
    """
    return _cumulative("Cumsum", x, axis, exclusive, reverse, name)


def cumprod(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running products along an axis; the arguments are those of `cumsum`."""
    return _cumulative("Cumprod", x, axis, exclusive, reverse, name)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: Any = None
) -> Any:
    """Return running log(sum(exp(x))) along an axis; the arguments are those of `cumsum`."""
    return _cumulative("CumulativeLogsumexp", x, axis, exclusive, reverse, name)


def _cumulative(type: str, x: Any, axis: Any, exclusive: bool, reverse: bool, name: Any) -> Any:
    with scope(name, type, (x,)) as name:
        x = convert_to_tensor(x, name="x")
        return node(type, name, x=x, axis=axis, exclusive=exclusive, reverse=reverse)


# The greatest and the least


def argmax(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = dtypes.int64,
) -> Any:
    """Return the index of the greatest element along an axis, the first of several.

    Args:
      input: the tensor.
      axis: the axis; 0 by default.
      name: the name of the node.
      dimension: the old name of `axis`.
      output_type: int64 or int32.

    Raises:
      TypeError: the axis is not an integer.
    """
    axis = renamed("axis", axis, "dimension", dimension)
    axis = 0 if axis is None else axis
    if hasattr(axis, "dtype"):
        if not (axis.dtype.is_integer if is_tensor(axis) else axis.dtype.kind in "iu"):
            raise TypeError(f"axis tensor dtypes {axis.dtype} is not supported")
        if as_dtype(axis.dtype).size < 4:
            axis = cast(axis, dtypes.int32)
    elif not isinstance(axis, int):
        raise TypeError("axis must be int or Tensor with integer datatype")
    return node("ArgMax", name, input=input, dimension=axis, output_type=output_type)


def argmin(
    input: Any,
    axis: Any = None,
    name: str | None = None,
    dimension: Any = None,
    output_type: Any = dtypes.int64,
) -> Any:
    """Return the index of the least element along an axis; the arguments are those of `argmax`."""
    axis = renamed("axis", axis, "dimension", dimension)
    axis = 0 if axis is None else axis
    return node("ArgMin", name, input=input, dimension=axis, output_type=output_type)
