"""Windows reduced as XLA does it best, and the gradients of that."""

from __future__ import annotations

from functools import partial
from itertools import product

import jax.numpy as jnp
import numpy as np
from jax import lax

from evergraph_jax.convolution import interleaved

# `lax.platform_dependent` chooses for the device that a region is compiled for, which need not be
# JAX's default one. Precision is the backend's option, set around a trace.


def reduce_window(xp, x, *, how, window, strides, padding):
    """XLA's window reduction; on the CPU shifted slices, one axis after the other.

    A 3x3 maximum of [8, 112, 112, 64] took 8.7 ms in XLA's CPU code, 3.4 shifted.
    """
    attributes = {"how": how, "window": window, "strides": strides, "padding": padding}
    return lax.platform_dependent(
        x, cpu=partial(_shifted_window, **attributes), default=partial(_window, **attributes)
    )


def _window(x, *, how, window, strides, padding):
    combine = {"max": lax.max, "min": lax.min, "sum": lax.add}[how]
    return lax.reduce_window(x, _neutral(how, x.dtype), combine, window, strides, padding)


def _neutral(how, dtype):
    """Return what changes nothing; NumPy's, by which JAX knows a maximum that has a gradient."""
    if how == "sum":
        return np.zeros((), dtype)
    if jnp.issubdtype(dtype, jnp.integer):
        info = jnp.iinfo(dtype)
        return np.asarray(info.min if how == "max" else info.max, dtype)
    return np.asarray(-np.inf if how == "max" else np.inf, dtype)


def _shifted_window(x, *, how, window, strides, padding):
    combine = {"max": jnp.maximum, "min": jnp.minimum, "sum": jnp.add}[how]
    x = lax.pad(x, _neutral(how, x.dtype), [(a, b, 0) for a, b in padding])
    for axis, (k, s) in enumerate(zip(window, strides, strict=True)):
        count = (x.shape[axis] - k) // s + 1
        end = (count - 1) * s + 1
        parts = [lax.slice_in_dim(x, at, at + end, s, axis) for at in range(k)]
        x = parts[0]
        for part in parts[1:]:
            x = combine(x, part)
    return x


def window_argmax(xp, x, *, window, strides, padding):
    """Compare shifted slices; on the CPU in a loop over the images, if windows overlap.

    XLA would find the maximum again wherever it is used: the gradient of a 3x3 maximum by 2 of
    [8, 112, 112, 64] took 27 ms so (and 193 by XLA's own select-and-scatter), 7.7 with the loop.
    """
    find = partial(_argmax, window=window, strides=strides, padding=padding)
    apart = all(k <= s for k, s in zip(window, strides, strict=True))
    if apart or window[0] != 1 or strides[0] != 1 or padding[0] != (0, 0):
        return find(x)

    def by_images(x):
        return lax.map(lambda image: find(image[None])[0], x)

    return lax.platform_dependent(x, cpu=by_images, default=find)


def _argmax(x, *, window, strides, padding):
    axes = zip(x.shape, window, strides, padding, strict=True)
    sizes = [(n + a + b - k) // s + 1 for n, k, s, (a, b) in axes]
    first = _first_inside(sizes, window, strides, padding)
    x = lax.pad(x, _neutral("max", x.dtype), [(a, b, 0) for a, b in padding])
    places = list(product(*map(range, window)))
    ends = [(n - 1) * s + 1 for n, s in zip(sizes, strides, strict=True)]
    parts = [
        lax.slice(x, p, [a + e for a, e in zip(p, ends, strict=True)], strides) for p in places
    ]
    best, at = parts[0], jnp.broadcast_to(first, sizes)
    for k, (place, part) in enumerate(zip(places, parts, strict=True)):
        if k and all(i <= before for i, (before, _) in zip(place, padding, strict=True)):
            best = jnp.where(first == k, part, best)
    for k, part in enumerate(parts):
        better = part > best
        at = jnp.where(better, k, at)
        best = jnp.where(better, part, best)
    return at.astype(jnp.int8 if len(places) < 128 else jnp.int32)


def _first_inside(sizes, window, strides, padding):
    """Return which element of each window is the first one inside the array; it broadcasts."""
    total = np.zeros((1,) * len(sizes), np.int32)
    for axis, (n, k, s, (before, _)) in enumerate(
        zip(sizes, window, strides, padding, strict=True)
    ):
        starts = np.maximum(before - np.arange(n, dtype=np.int32) * s, 0)
        total = total * k + starts.reshape(-1, *(1,) * (len(sizes) - axis - 1))
    return jnp.asarray(total)


def window_scatter(xp, dy, at, *, shape, window, strides, padding):
    """Add up, for every element of the array, what the windows that it lies in give it.

    Elements at the same remainder of their position by the strides lie at the same places of their
    windows: each remainder is a sum of shifted slices.
    """
    if at is None:
        return _spread(dy, shape, window, strides, padding)
    before = [a for a, _ in padding]
    counts = [-(-(n + a) // s) for n, a, s in zip(shape, before, strides, strict=True)]
    # An element lies in so many windows along each axis.
    depth = [-(-k // s) for k, s in zip(window, strides, strict=True)]
    sides = [(d - 1, n - m, 0) for d, n, m in zip(depth, counts, dy.shape, strict=True)]
    dy = lax.pad(dy, jnp.zeros((), dy.dtype), sides)
    at = lax.pad(at, jnp.asarray(-1, at.dtype), sides)

    def remainder(first):
        total = jnp.zeros(counts, dy.dtype)
        for back in product(*map(range, depth)):
            place = [f + b * s for f, b, s in zip(first, back, strides, strict=True)]
            if any(p >= k for p, k in zip(place, window, strict=True)):
                continue
            starts = [d - 1 - b for d, b in zip(depth, back, strict=True)]
            ends = [a + n for a, n in zip(starts, counts, strict=True)]
            chosen = lax.slice(at, starts, ends) == _flat(place, window)
            part = lax.slice(dy, starts, ends)
            total = total + jnp.where(chosen, part, jnp.zeros_like(part))
        return total

    ends = [a + n for a, n in zip(before, shape, strict=True)]
    return lax.slice(interleaved(remainder, strides), before, ends)


def _flat(place, window):
    index = 0
    for p, k in zip(place, window, strict=True):
        index = index * k + p
    return index


def _spread(dy, shape, window, strides, padding):
    """Give each element of a window all of the window's gradient: a window sum of the gradients."""
    sides = []
    for n, m, k, s, (before, _) in zip(shape, dy.shape, window, strides, padding, strict=True):
        low = k - 1 - before
        sides.append((low, n + k - 1 - low - (m - 1) * s - 1, s - 1))
    wide = lax.pad(dy, jnp.zeros((), dy.dtype), sides)
    nothing = ((0, 0),) * dy.ndim
    return reduce_window(
        None, wide, how="sum", window=window, strides=(1,) * dy.ndim, padding=nothing
    )
