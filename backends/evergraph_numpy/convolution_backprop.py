"""Gradients of convolution by the filter: patches times the gradients of the outputs."""

from __future__ import annotations

import numpy as np

from evergraph_numpy.convolution import blocks, padded, patches_of, scratch


def conv_filter(xp, x, dy, *, window, strides, padding, dilation=None, groups=1):
    """Return the gradient by the filter, block by block of patches that stay in the cache."""
    dilation = dilation or (1,) * len(window)
    x = padded(x, ((0, 0), *padding, (0, 0)), 0)
    inputs, outputs = x.shape[-1] // groups, dy.shape[-1] // groups
    if groups == 1:
        return _dense(x, dy, window, strides, dilation)
    if inputs == 1:
        return _depthwise(x, dy, window, strides, dilation)
    parts = [
        _dense(
            x[..., g * inputs : (g + 1) * inputs],
            dy[..., g * outputs : (g + 1) * outputs],
            window,
            strides,
            dilation,
        )
        for g in range(groups)
    ]
    return np.concatenate(parts, axis=-1)


def _dense(x, dy, window, strides, dilation):
    inputs, outputs, sizes = x.shape[-1], dy.shape[-1], dy.shape[1:-1]
    if all(k == 1 for k in window):  # no patches: one product
        ends = ((n - 1) * s + 1 for n, s in zip(sizes, strides, strict=True))
        key = tuple(slice(0, end, s) for end, s in zip(ends, strides, strict=True))
        image = x[(slice(None), *key)].reshape(-1, inputs)
        return np.matmul(image.T, dy.reshape(-1, outputs)).reshape(*window, inputs, outputs)
    patches = patches_of(x, window, sizes, strides, dilation)
    depth = int(np.prod(window)) * inputs
    total = np.zeros((depth, outputs), x.dtype)
    term = np.empty_like(total)
    for block, at in blocks(patches, dy, depth * x.itemsize):
        buffer = scratch.array(block.shape, x.dtype)
        np.copyto(buffer, block)
        np.matmul(buffer.reshape(-1, depth).T, at.reshape(-1, outputs), out=term)
        total += term
    return total.reshape(*window, inputs, outputs)


def _depthwise(x, dy, window, strides, dilation):
    """Every channel on its own: `einsum` sums its products over a block of patches."""
    channels = dy.shape[-1]
    if channels > x.shape[-1]:
        x = np.repeat(x, channels // x.shape[-1], axis=-1)
    patches = patches_of(x, window, dy.shape[1:-1], strides, dilation)
    outer, inner = "xyz"[: len(window)], "ijk"[: len(window)]
    total = np.zeros((*window, channels), x.dtype)
    for block, at in blocks(patches, dy, 2 * channels * x.itemsize):
        total += np.einsum(f"b{outer}{inner}c,b{outer}c->{inner}c", block, at)
    return total[..., None, :]
