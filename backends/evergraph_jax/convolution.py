"""Convolutions and their gradients as XLA does them best."""

from __future__ import annotations

from functools import partial
from itertools import product

import jax
import jax.numpy as jnp
from jax import lax

# `lax.platform_dependent` chooses for the device that a region is compiled for, which need not be
# JAX's default one. Precision is the backend's option, set around a trace.


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1, input_dilation=None):
    """XLA's convolution; by depth on the CPU, shifted multiply-adds.

    XLA's CPU code for depthwise convolution took 77 ms where these take 3.0, and more than a second
    for the transposed one of [8, 56, 56, 96] by 2, where they take 7.
    """
    ones = (1,) * (w.ndim - 2)
    dilation, spacing = dilation or ones, input_dilation or ones
    general = partial(
        _general,
        strides=strides,
        padding=padding,
        dilation=dilation,
        groups=groups,
        input_dilation=spacing,
    )
    spaced = any(s > 1 for s in spacing)
    by_depth = groups > 1 and (w.shape[-2] == 1 or w.shape[-1] == groups)
    if not by_depth or (spaced and any(n > 1 for n in (*strides, *dilation))):
        return general(x, w)
    if spaced:
        one = partial(_transposed, padding=padding, spacing=spacing)
    else:
        one = partial(_shifted, strides=strides, padding=padding, dilation=dilation)
    return lax.platform_dependent(x, w, cpu=partial(_depthwise, one), default=general)


def _general(x, w, *, strides, padding, dilation, groups, input_dilation=None):
    spatial = "DHW"[-len(strides) :]
    return lax.conv_general_dilated(
        x,
        w,
        window_strides=strides,
        padding=padding,
        lhs_dilation=input_dilation,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{spatial}C", f"{spatial}IO", f"N{spatial}C"),
        feature_group_count=groups,
    )


def _depthwise(one, x, w):
    """Convolve by depth, image by image: what is padded and shifted stays in the cache.

    At stride 2, [8, 112, 112, 96] took 22 ms at once, 4.6 so.
    """
    count = w.shape[-2]

    def image(x):
        # Several channels that go into one: one after the other.
        parts = [one(x[..., i::count], w[..., i, :]) for i in range(count)]
        return sum(parts[1:], parts[0])

    return lax.map(image, x)


def _shifted(x, w, *, strides, padding, dilation):
    *window, channels = w.shape
    x = lax.pad(x, jnp.zeros((), x.dtype), [(a, b, 0) for a, b in (*padding, (0, 0))])
    if channels > x.shape[-1]:
        x = jnp.repeat(x, channels // x.shape[-1], axis=-1)
    axes = zip(x.shape, window, strides, dilation, strict=False)
    sizes = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in axes]
    total = None
    for place in product(*map(range, window)):
        starts = [p * d for p, d in zip(place, dilation, strict=True)]
        term = _strided(x, (*starts, 0), (*strides, 1), (*sizes, None)) * w[place]
        total = term if total is None else total + term
    return total


def _transposed(x, w, *, padding, spacing):
    """Convolve an image with zeros between its elements, without multiplying by most of them.

    Outputs at the same remainder of their position see the same part of the window. Along the last
    axis the zeros are there: to multiply by them costs less than to interleave the vectors of
    channels (for [8, 56, 56, 96] by 2, 6.6 ms in place of 12.2).
    """
    *outer, last = spacing
    x = lax.pad(
        x, jnp.zeros((), x.dtype), [(0, 0, 0) for _ in outer] + [(0, 0, last - 1), (0, 0, 0)]
    )
    spacing = (*outer, 1)
    *window, channels = w.shape
    axes = zip(x.shape, window, padding, spacing, strict=False)
    sizes = [(n - 1) * s + 1 + a + b - k + 1 for n, k, (a, b), s in axes]
    counts = [-(-n // s) for n, s in zip(sizes, spacing, strict=True)]

    def remainder(first):
        taps, sides = [], []
        axes = zip(first, x.shape, window, padding, spacing, counts, strict=False)
        for o, size, k, (before, _), s, count in axes:
            start = (before - o) % s
            taps.append(slice(start, None, s))
            left = (o + start - before) // s
            sides.append((-left, left + count + len(range(start, k, s)) - 1 - size))
        part = w[tuple(taps)]
        if 0 in part.shape:
            return jnp.zeros((*counts, channels), x.dtype)
        ones = (1,) * len(counts)
        return _shifted(x, part, strides=ones, padding=sides, dilation=ones)

    result = interleaved(remainder, spacing)
    return result[tuple(slice(0, n) for n in sizes)]


def interleaved(remainder, steps):
    """Return an array from its elements at every remainder of their position by the steps."""

    def joined(first):
        axis = len(first)
        if axis == len(steps):
            return remainder(first)
        parts = [joined((*first, i)) for i in range(steps[axis])]
        if len(parts) == 1:
            return parts[0]
        result = jnp.stack(parts, axis + 1)
        return result.reshape(*result.shape[:axis], -1, *result.shape[axis + 2 :])

    return joined(())


def _strided(x, starts, strides, counts):
    """Return `counts` elements (None: all) of every axis."""
    keys = [
        slice(None) if n is None else slice(start, start + (n - 1) * s + 1, s)
        for start, s, n in zip(starts, strides, counts, strict=True)
    ]
    return x[tuple(keys)]


def conv_filter(xp, x, dy, *, window, strides, padding, dilation=None, groups=1):
    """XLA's gradient; on the CPU, one product for a window of one, and rows by depth.

    Where XLA's CPU code took 36 ms, the product takes 11 (1x1, 128 to 512 channels of 8 images
    28x28), and where it took 331 ms, the rows take 8.4 (3x3, 144 channels of 8 images 56x56).
    """
    dilation = dilation or (1,) * len(window)
    general = partial(
        _general_filter,
        window=window,
        strides=strides,
        padding=padding,
        dilation=dilation,
        groups=groups,
    )
    if groups == 1 and all(k == 1 for k in window):
        single = partial(_product, window=window, strides=strides, padding=padding)
        return lax.platform_dependent(x, dy, cpu=single, default=general)
    if x.shape[-1] == groups > 1:
        by_rows = partial(
            _depthwise_filter, window=window, strides=strides, padding=padding, dilation=dilation
        )
        return lax.platform_dependent(x, dy, cpu=by_rows, default=general)
    return general(x, dy)


def _general_filter(x, dy, *, window, strides, padding, dilation, groups):
    def convolved(w):
        return _general(x, w, strides=strides, padding=padding, dilation=dilation, groups=groups)

    filter = jax.ShapeDtypeStruct((*window, x.shape[-1] // groups, dy.shape[-1]), x.dtype)
    return jax.linear_transpose(convolved, filter)(dy)[0]


def _product(x, dy, *, window, strides, padding):
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)))
    ends = ((n - 1) * s + 1 for n, s in zip(dy.shape[1:-1], strides, strict=True))
    x = x[(slice(None), *(slice(0, end, s) for end, s in zip(ends, strides, strict=True)))]
    inputs, outputs = x.shape[-1], dy.shape[-1]
    result = jnp.matmul(x.reshape(-1, inputs).T, dy.reshape(-1, outputs))
    return result.reshape(*window, inputs, outputs)


def _depthwise_filter(x, dy, *, window, strides, padding, dilation):
    """Add up row after row: what is added, and to what, stays in the cache."""
    multiplier = dy.shape[-1] // x.shape[-1]
    places = list(product(*map(range, window)))
    row = dy.shape[2:]
    sides = [(a, b, 0) for a, b in (*padding, (0, 0))]

    def add_image(totals, image):
        x, dy = image
        x = lax.pad(x, jnp.zeros((), x.dtype), sides)
        if multiplier > 1:
            x = jnp.repeat(x, multiplier, axis=-1)

        def add_row(at, totals):
            slope = lax.dynamic_index_in_dim(dy, at, keepdims=False)
            results = []
            for total, place in zip(totals, places, strict=True):
                first = at * strides[0] + place[0] * dilation[0]
                part = lax.dynamic_index_in_dim(x, first, keepdims=False)
                starts = [p * d for p, d in zip(place[1:], dilation[1:], strict=True)]
                part = _strided(part, (*starts, 0), (*strides[1:], 1), (*row[:-1], None))
                results.append(total + part * slope)
            return results

        return lax.fori_loop(0, dy.shape[0], add_row, totals), None

    totals, _ = lax.scan(add_image, [jnp.zeros(row, dy.dtype) for _ in places], (x, dy))
    sums = [t.reshape(-1, row[-1]).sum(axis=0) for t in totals]
    return jnp.stack(sums).reshape(*window, 1, row[-1])
