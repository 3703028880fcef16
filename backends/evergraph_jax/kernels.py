"""What JAX does better than the plain primitives of `xp.ext`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

# `lax.platform_dependent` chooses for the device that a region is compiled for, which need not be
# JAX's default one. Precision is the backend's option, set around a trace.


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1, input_dilation=None):
    """XLA's convolution; by depth on the CPU, shifted multiply-adds.

    XLA's CPU code for depthwise convolution took 77 ms where these take 3.0.
    """
    rank = w.ndim - 2
    dilation = dilation or (1,) * rank
    spatial = "DHW"[-rank:]
    general = partial(
        lax.conv_general_dilated,
        window_strides=strides,
        padding=padding,
        lhs_dilation=input_dilation,
        rhs_dilation=dilation,
        dimension_numbers=(f"N{spatial}C", f"{spatial}IO", f"N{spatial}C"),
        feature_group_count=groups,
    )
    if groups == 1 or w.shape[-2] != 1 or input_dilation is not None:
        return general(x, w)
    shifted = partial(_depthwise, strides=strides, padding=padding, dilation=dilation)
    return lax.platform_dependent(x, w, cpu=shifted, default=general)


def _depthwise(x, w, *, strides, padding, dilation):
    *window, _, channels = w.shape
    x = jnp.pad(x, ((0, 0), *padding, (0, 0)))
    multiplier = channels // x.shape[-1]
    if multiplier > 1:
        x = jnp.repeat(x, multiplier, axis=-1)
    axes = zip(x.shape[1:-1], window, strides, dilation, strict=True)
    sizes = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in axes]
    starts = product(*(range(0, k * d, d) for k, d in zip(window, dilation, strict=True)))
    parts = [_strided(x, (0, *at, 0), (1, *strides, 1), (None, *sizes, None)) for at in starts]
    terms = [p * w[at][0] for p, at in zip(parts, product(*map(range, window)), strict=True)]
    return sum(terms[1:], terms[0])


def _strided(x, starts, strides, counts):
    """Return `counts` elements (None: all) of every axis."""
    keys = [
        slice(None) if n is None else slice(start, start + (n - 1) * s + 1, s)
        for start, s, n in zip(starts, strides, counts, strict=True)
    ]
    return x[tuple(keys)]


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
    if how == "sum":
        return jnp.zeros((), dtype)[()]
    if jnp.issubdtype(dtype, jnp.integer):
        info = jnp.iinfo(dtype)
        return jnp.asarray(info.min if how == "max" else info.max, dtype)
    return jnp.asarray(-jnp.inf if how == "max" else jnp.inf, dtype)


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


def window_scatter(xp, dy, at, *, shape, window, strides, padding):
    """Add up, for every element of the array, what the windows that it lies in give it.

    The elements at one remainder of their position by the strides lie at the same places of their
    windows: each remainder is a sum of shifted slices.
    """
    if at is None:
        return _spread(dy, shape, window, strides, padding)
    before = [a for a, _ in padding]
    counts = [-(-(n + a) // s) for n, a, s in zip(shape, before, strides, strict=True)]
    # The window that an element is at place p < s of, and those before it (places p + s, …).
    depth = [-(-k // s) for k, s in zip(window, strides, strict=True)]
    sides = [(d - 1, max(n - m, 0), 0) for d, n, m in zip(depth, counts, dy.shape, strict=True)]
    dy = lax.pad(dy, jnp.zeros((), dy.dtype), sides)
    at = lax.pad(at, jnp.asarray(-1, at.dtype), sides)
    phases = []
    for first in product(*map(range, strides)):
        total = None
        for back in product(*map(range, depth)):
            place = [f + b * s for f, b, s in zip(first, back, strides, strict=True)]
            if any(p >= k for p, k in zip(place, window, strict=True)):
                continue
            index = 0
            for p, k in zip(place, window, strict=True):
                index = index * k + p
            starts = [d - 1 - b for d, b in zip(depth, back, strict=True)]
            ends = [a + n for a, n in zip(starts, counts, strict=True)]
            part = lax.slice(dy, starts, ends)
            part = jnp.where(lax.slice(at, starts, ends) == index, part, jnp.zeros_like(part))
            total = part if total is None else total + part
        phases.append(jnp.zeros(counts, dy.dtype) if total is None else total)
    result = phases[0]
    if len(phases) > 1:
        rank = dy.ndim
        result = jnp.stack(phases).reshape(*strides, *counts)
        order = [axis for i in range(rank) for axis in (rank + i, i)]
        result = result.transpose(order)
        result = result.reshape([n * s for n, s in zip(counts, strides, strict=True)])
    starts, ends = before, [a + n for a, n in zip(before, shape, strict=True)]
    return lax.slice(result, starts, ends)


def _spread(dy, shape, window, strides, padding):
    """Give each element of a window all of the window's gradient: a window sum of the gradients."""
    sides = []
    for n, m, k, s, (before, _) in zip(shape, dy.shape, window, strides, padding, strict=True):
        low = k - 1 - before
        sides.append((low, n + k - 1 - low - (m - 1) * s - 1, s - 1))
    wide = lax.pad(dy, jnp.zeros((), dy.dtype), sides)
    ones = (1,) * dy.ndim
    return reduce_window(
        None, wide, how="sum", window=window, strides=ones, padding=((0, 0),) * dy.ndim
    )


def einsum(xp, equation, *operands):
    """JAX finds the order of contraction."""
    return jnp.einsum(equation, *operands)


def gather(xp, x, indices, *, axis=0, batch_dims=0):
    """One gather of XLA's, batched if need be; kernels have checked the indices."""
    take = partial(jnp.take, axis=axis - batch_dims, mode="clip")
    for _ in range(batch_dims):
        take = jax.vmap(take)
    return take(x, indices)


def scatter(xp, x, indices, updates, *, how):
    """XLA's scatter; JAX arrays cannot be written in place."""
    at = jnp.asarray(x).at[tuple(jnp.moveaxis(indices, -1, 0))]
    method = {"minimum": "min", "maximum": "max"}.get(how, how)
    return getattr(at, method)(updates)


def pad(xp, x, paddings, value):
    """XLA's pad."""
    return lax.pad(x, jnp.asarray(value, x.dtype), [(int(a), int(b), 0) for a, b in paddings])


def bitcast(xp, x, dtype):
    """XLA's bitcast."""
    return lax.bitcast_convert_type(x, dtype)


def cumulative(xp, x, *, axis, how, exclusive=False, reverse=False):
    """XLA's scan, in either direction."""
    if exclusive and x.shape[axis]:
        # Push a neutral element in at the start, and the last one out.
        sides = [(0, 0, 0)] * x.ndim
        sides[axis] = (-1, 1, 0) if reverse else (1, -1, 0)
        x = lax.pad(x, jnp.asarray(0 if how == "sum" else 1, x.dtype), sides)
    return {"sum": lax.cumsum, "prod": lax.cumprod}[how](x, axis=axis, reverse=reverse)


def top_k(xp, x, k):
    """XLA's top_k: the first of equal values first, NaN before all."""
    values, order = lax.top_k(x, k)
    return values, order.astype(jnp.int32)


def loop(xp, count, body, values):
    """XLA's loop: how often it runs need not be known."""
    return lax.fori_loop(0, count, body, values)


def special(xp, name, *arguments):
    """XLA has these functions."""
    return _SPECIAL[name](*arguments)


_SPECIAL: dict[str, Callable[..., Any]] = {
    "erf": lax.erf,
    "erfc": lax.erfc,
    "erfinv": lax.erf_inv,
    "lgamma": lax.lgamma,
    "digamma": lax.digamma,
    "igamma": lax.igamma,
    "igammac": lax.igammac,
    "polygamma": lax.polygamma,
    "zeta": lax.zeta,
    "betainc": lax.betainc,
    "i0e": lax.bessel_i0e,
    "i1e": lax.bessel_i1e,
}


def random_bits(xp, key, counter, groups):
    """Philox with its rounds in a loop, which XLA does not compute again for each of four words.

    On the CPU a million words took 3.7 ms, unrolled 76.
    """
    low, high = (
        counter[i].astype(jnp.uint64) | counter[i + 1].astype(jnp.uint64) << 32 for i in (0, 2)
    )
    at = low + (jnp.arange(groups, dtype=jnp.uint64) if isinstance(groups, int) else groups)
    over = high + (at < low)
    words = [w.astype(jnp.uint32) for w in (at, at >> 32, over, over >> 32)]

    def turn(_, state):
        c0, c1, c2, c3, k0, k1 = state
        p, q = c0.astype(jnp.uint64) * 0xD2511F53, c2.astype(jnp.uint64) * 0xCD9E8D57
        low = [x.astype(jnp.uint32) for x in (p, q)]
        high = [(x >> 32).astype(jnp.uint32) for x in (p, q)]
        words = high[1] ^ c1 ^ k0, low[1], high[0] ^ c3 ^ k1, low[0]
        return *words, k0 + jnp.uint32(0x9E3779B9), k1 + jnp.uint32(0xBB67AE85)

    words = lax.fori_loop(0, 10, turn, (*words, *jnp.asarray(key)))[:4]
    return jnp.stack(words, axis=-1)


def retry(xp, attempt, state, fixed=()):
    """XLA's loop: Python's cannot know when all lanes are done."""

    def again(state):
        done = state[0]
        new = attempt(state, fixed)
        lanes = [jnp.reshape(done, (-1, *(1,) * (a.ndim - 1))) for a in state]
        return tuple(map(jnp.where, lanes, state, new))

    return lax.while_loop(lambda state: ~jnp.all(state[0]), again, tuple(map(jnp.asarray, state)))


def swaps(xp, targets):
    """XLA's loop, where a swap is one scatter.

    It is done in place: 0.1 us; as two updates, with a copy of the 100,000 places, it took 15.
    """
    targets = jnp.asarray(targets, jnp.int32)

    def swap(i, order):
        pair = jnp.stack([i.astype(jnp.int32), targets[i]])
        return order.at[pair].set(order[pair[::-1]], mode="promise_in_bounds")

    count = targets.shape[0]
    return lax.fori_loop(0, count, swap, jnp.arange(count + 1, dtype=jnp.int32))


#: Primitives that replace the plain ones.
EXT: dict[str, Callable[..., Any]] = {
    "conv": conv,
    "reduce_window": reduce_window,
    "window_scatter": window_scatter,
    "einsum": einsum,
    "gather": gather,
    "scatter": scatter,
    "pad": pad,
    "bitcast": bitcast,
    "cumulative": cumulative,
    "top_k": top_k,
    "loop": loop,
    "special": special,
    "random_bits": random_bits,
    "retry": retry,
    "swaps": swaps,
}

#: Ops that replace the shared kernels.
OVERRIDES: dict[str, Callable[..., Any]] = {}
