"""What JAX does better than the plain primitives of `xp.ext`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax


def scatter(xp, x, indices, updates, *, how):
    """XLA's scatter; JAX arrays cannot be written in place."""
    at = jnp.asarray(x).at[tuple(jnp.moveaxis(indices, -1, 0))]
    method = {"minimum": "min", "maximum": "max"}.get(how, how)
    return getattr(at, method)(updates)


def pad(xp, x, paddings, value):
    """XLA's pad."""
    return lax.pad(x, jnp.asarray(value, x.dtype), [(a, b, 0) for a, b in paddings])


def bitcast(xp, x, dtype):
    """XLA's bitcast."""
    return lax.bitcast_convert_type(x, dtype)


def einsum(xp, equation, *operands):
    """JAX finds the order of contraction."""
    return jnp.einsum(equation, *operands)


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1):
    """XLA's convolution; by depth on the CPU, shifted multiply-adds.

    XLA's CPU code for depthwise convolution took 77 ms where these take 3.0.
    """
    rank = w.ndim - 2
    dilation = dilation or (1,) * rank
    if groups > 1 and w.shape[-2] == 1 and jax.default_backend() == "cpu":
        return _depthwise(x, w, strides, padding, dilation, groups)
    spatial = "DHW"[-rank:]
    layout = (f"N{spatial}C", f"{spatial}IO", f"N{spatial}C")
    return lax.conv_general_dilated(
        x,
        w,
        strides,
        padding,
        rhs_dilation=dilation,
        dimension_numbers=layout,
        feature_group_count=groups,
    )


def _depthwise(x, w, strides, padding, dilation, groups):
    multiplier = w.shape[-1] // groups
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)))
    window = w.shape[:-2]
    sizes = [
        (x.shape[1 + i] - (k - 1) * dilation[i] - 1) // strides[i] + 1 for i, k in enumerate(window)
    ]
    total = None
    for at in product(*map(range, window)):
        key = [slice(None)]
        for i, size in enumerate(sizes):
            start = at[i] * dilation[i]
            key.append(slice(start, start + (size - 1) * strides[i] + 1, strides[i]))
        part = x[tuple(key)]
        if multiplier > 1:
            part = jnp.repeat(part, multiplier, axis=-1)
        term = part * w[at][0]
        total = term if total is None else total + term
    return total


def special(xp, name, *arguments):
    """XLA has these functions."""
    return {"erf": lax.erf, "erfc": lax.erfc}[name](*arguments)


def top_k(xp, x, k):
    """XLA's top_k."""
    values, order = lax.top_k(x, k)
    return values, order.astype(jnp.int32)


#: Primitives that replace the plain ones.
EXT = {
    "scatter": scatter,
    "pad": pad,
    "bitcast": bitcast,
    "einsum": einsum,
    "conv": conv,
    "special": special,
    "top_k": top_k,
}

#: Ops that replace the shared kernels.
OVERRIDES: dict[str, Callable[..., Any]] = {}
