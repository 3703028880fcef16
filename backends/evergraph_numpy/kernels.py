"""What NumPy does better than the plain primitives of `xp.ext`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def scatter(xp, x, indices, updates, *, how):
    """`numpy.ufunc.at` runs over all updates at once."""
    result = x.copy()
    key = tuple(np.moveaxis(indices, -1, 0))
    if how == "set":
        result[key] = updates
    else:
        _AT[how](result, key, updates)
    return result


_AT: dict[str, Callable[..., Any]] = {
    "add": np.add.at,
    "multiply": np.multiply.at,
    "minimum": np.minimum.at,
    "maximum": np.maximum.at,
}


def einsum(xp, equation, *operands):
    """NumPy finds a good order of contraction, and uses BLAS."""
    return np.einsum(equation, *operands, optimize=True)


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1):
    """Return a convolution: as one product of matrices, or, by depth, as shifted products."""
    rank = w.ndim - 2
    dilation = dilation or (1,) * rank
    if any(a or b for a, b in padding):
        x = np.pad(x, ((0, 0), *padding, (0, 0)))
    window, inputs, outputs = w.shape[:rank], w.shape[rank], w.shape[-1]
    sizes = tuple(
        (x.shape[1 + i] - (window[i] - 1) * dilation[i] - 1) // strides[i] + 1 for i in range(rank)
    )
    if groups == 1:
        patches = _patches(x, window, sizes, strides, dilation)
        depth = int(np.prod(window)) * inputs
        product = patches.reshape(-1, depth) @ w.reshape(depth, outputs)
        return product.reshape(x.shape[0], *sizes, outputs)
    if inputs == 1:
        return _depthwise(x, w, window, sizes, strides, dilation, groups)
    size = outputs // groups
    parts = [
        conv(
            xp,
            x[..., g * inputs : (g + 1) * inputs],
            w[..., g * size : (g + 1) * size],
            strides=strides,
            padding=((0, 0),) * rank,
            dilation=dilation,
        )
        for g in range(groups)
    ]
    return np.concatenate(parts, axis=-1)


def _patches(x, window, sizes, strides, dilation):
    """Return a view [batch, *sizes, *window, channels] of the windows of `x`."""
    step = x.strides
    rank = len(window)
    shape = (x.shape[0], *sizes, *window, x.shape[-1])
    outer = [step[1 + i] * strides[i] for i in range(rank)]
    inner = [step[1 + i] * dilation[i] for i in range(rank)]
    return np.lib.stride_tricks.as_strided(
        x, shape, (step[0], *outer, *inner, step[-1]), writeable=False
    )


def _depthwise(x, w, window, sizes, strides, dilation, groups):
    """Every channel on its own: one shifted multiply-add per position in the window."""
    multiplier = w.shape[-1] // groups
    total = np.zeros((x.shape[0], *sizes, groups, multiplier), np.result_type(x, w))
    for at in np.ndindex(*window):
        key = [slice(None)]
        for i, size in enumerate(sizes):
            start = at[i] * dilation[i]
            key.append(slice(start, start + (size - 1) * strides[i] + 1, strides[i]))
        total += x[tuple(key)][..., None] * w[at].reshape(groups, multiplier)
    return total.reshape(x.shape[0], *sizes, groups * multiplier)


def take(xp, x, indices, *, axis=0, batch_dims=0):
    """`numpy.take` needs no flat copy of the indices."""
    if batch_dims == 0:
        return np.take(x, indices, axis=axis)
    batch = indices.shape[:batch_dims]
    result = [np.take(x[at], indices[at], axis=axis - batch_dims) for at in np.ndindex(*batch)]
    if not result:
        shape = (*x.shape[:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :])
        return np.zeros(shape, x.dtype)
    return np.stack(result).reshape(*batch, *result[0].shape)


def top_k(xp, x, k):
    """A stable sort of the reversed values keeps the first of equal ones first."""
    order = np.argsort(-x if x.dtype.kind in "fi" else x, axis=-1, kind="stable")
    if x.dtype.kind not in "fi":
        order = order[..., ::-1]
    order = order[..., :k]
    return np.take_along_axis(x, order, axis=-1), order.astype(np.int32)


#: Primitives that replace the plain ones.
EXT = {
    "scatter": scatter,
    "einsum": einsum,
    "conv": conv,
    "gather": take,
    "top_k": top_k,
}


#: Ops that replace the shared kernels.
OVERRIDES: dict[str, Callable[..., Any]] = {}
