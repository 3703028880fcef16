"""Conversions of type, and the parts of complex numbers."""

from __future__ import annotations

import builtins
from math import pi
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.v1.filling import ones_like, zeros_like


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
