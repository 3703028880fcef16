"""`xp.ext`: the closed list of primitives that the array API standard lacks, with plain defaults.

Each takes the bound namespace first. The defaults use the standard alone (2024.12), are right for
every dtype they are called with, and may be slow; a backend overrides those that its library does
better. Nothing else is added here lightly: a new op is written with these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import ext_linear, ext_random, ext_special


def gather(xp, x, indices, *, axis=0, batch_dims=0):
    """Return `x` at `indices` along `axis`: shape x[:axis] + indices[batch_dims:] + x[axis+1:].

    The leading `batch_dims` axes of `x` and `indices` correspond. Indices must be in range.
    """
    if batch_dims == 0:
        flat = xp.take(x, xp.reshape(indices, (-1,)), axis=axis)
        return xp.reshape(flat, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))
    batch, inner = x.shape[:batch_dims], indices.shape[batch_dims:]
    count = _product(batch)
    # One flat axis over (batch, axis), the rest after it.
    order = (*range(batch_dims), axis, *(i for i in range(batch_dims, x.ndim) if i != axis))
    rows = xp.reshape(
        xp.permute_dims(x, order),
        (count * x.shape[axis], *(x.shape[i] for i in order[batch_dims + 1 :])),
    )
    start = xp.arange(count, dtype=indices.dtype) * xp.asarray(x.shape[axis], dtype=indices.dtype)
    flat = xp.reshape(indices, (count, -1)) + start[:, None]
    taken = xp.take(rows, xp.reshape(flat, (-1,)), axis=0)
    taken = xp.reshape(taken, (*batch, *inner, *rows.shape[1:]))
    # Put the gathered axes where `axis` was.
    before = axis - batch_dims
    lead, size = batch_dims, len(inner)
    middle = tuple(range(lead + size, lead + size + before))
    tail = tuple(range(lead + size + before, taken.ndim))
    return xp.permute_dims(taken, (*range(lead), *middle, *range(lead, lead + size), *tail))


def scatter(xp, x, indices, updates, *, how):
    """Return a copy of `x` changed at `indices` by `updates`.

    Args:
      indices: integers [..., k]: index vectors into the first k axes of `x`; in range.
      updates: shape indices.shape[:-1] + x.shape[k:].
      how: `set` (the last one wins), `add`, `multiply`, `minimum` or `maximum`.
    """
    depth = indices.shape[-1]
    inner = x.shape[depth:]
    flat = xp.reshape(x, (_product(x.shape[:depth]), *inner))
    position = xp.zeros(indices.shape[:-1], dtype=indices.dtype)
    for i in range(depth):
        size = xp.asarray(x.shape[i], dtype=indices.dtype)
        position = position * size + indices[..., i]
    position = xp.reshape(position, (-1,))
    updates = xp.reshape(updates, (position.shape[0], *inner))
    combine = _COMBINE[how]
    result = xp.asarray(flat, copy=True)
    for i in range(position.shape[0]):
        at = int(position[i])
        result[at, ...] = combine(xp, result[at, ...], updates[i, ...])
    return xp.reshape(result, x.shape)


_COMBINE: Final[dict[str, Callable[..., Any]]] = {
    "set": lambda xp, old, new: new,
    "add": lambda xp, old, new: old + new,
    "multiply": lambda xp, old, new: old * new,
    "minimum": lambda xp, old, new: xp.minimum(old, new),
    "maximum": lambda xp, old, new: xp.maximum(old, new),
}


def pad(xp, x, paddings, value):
    """Return `x` with `paddings` (pairs before, after; per axis) of the scalar array `value`."""
    shape = tuple(a + n + b for n, (a, b) in zip(x.shape, paddings, strict=True))
    result = xp.asarray(xp.broadcast_to(xp.astype(value, x.dtype), shape), copy=True)
    inside = tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, paddings, strict=True))
    result[inside] = x
    return result


def bitcast(xp, x, dtype):
    """Return the bits of `x` as `dtype` of the same width.

    The standard has no such function: a library without one cannot do this.
    """
    return x.view(dtype)


def top_k(xp, x, k):
    """Return the `k` largest values on the last axis, in order, and their int32 indices.

    The first of equal values comes first.
    """
    # NumPy's argsort knows no `descending`. Sorted backwards, equal values stay in their order.
    order = xp.argsort(xp.flip(x, axis=-1), axis=-1, stable=True)
    order = (x.shape[-1] - 1 - xp.flip(order, axis=-1))[..., :k]
    return xp.take_along_axis(x, order, axis=-1), xp.astype(order, xp.int32)


def cumulative(xp, x, *, axis, how, exclusive=False, reverse=False):
    """Return the running sum or product along `axis`.

    Args:
      how: `sum` or `prod`.
      exclusive: leave each element's own value out.
      reverse: run from the end.
    """
    if reverse:
        x = xp.flip(x, axis=axis)
    function = xp.cumulative_sum if how == "sum" else xp.cumulative_prod
    result = function(x, axis=axis, dtype=x.dtype, include_initial=exclusive)
    if exclusive:
        keep = tuple(slice(0, n) for n in x.shape)
        result = result[keep]
    return xp.flip(result, axis=axis) if reverse else result


def loop(xp, count, body, values):
    """Return the arrays after `count` rounds: `values = body(k, values)` for k = 0, 1, …

    Args:
      count: a scalar array.
      body: it keeps the number, shapes and dtypes of the arrays.
    """
    for k in range(int(count)):
        values = body(k, values)
    return values


def _product(sizes):
    result = 1
    for size in sizes:
        result *= size
    return result


#: Every primitive, by name.
PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "gather": gather,
    "scatter": scatter,
    "pad": pad,
    "bitcast": bitcast,
    "top_k": top_k,
    "cumulative": cumulative,
    "loop": loop,
    "conv": ext_linear.conv,
    "conv_filter": ext_linear.conv_filter,
    "reduce_window": ext_linear.reduce_window,
    "window_argmax": ext_linear.window_argmax,
    "window_scatter": ext_linear.window_scatter,
    "einsum": ext_linear.einsum,
    "linalg": ext_linear.linalg,
    "special": ext_special.special,
    "random_bits": ext_random.random_bits,
    "blocks": ext_random.blocks,
    "retry": ext_random.retry,
    "swaps": ext_random.swaps,
}
