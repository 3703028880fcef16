"""Windows reduced by shifted slices, and what their gradients need: where each maximum is."""

from __future__ import annotations

import numpy as np

from evergraph_numpy.convolution import BLOCK, padded, scratch


def reduce_window(xp, x, *, how, window, strides, padding):
    """Reduce along one axis after the other, block by block, without padding."""
    sizes = [
        (n + a + b - k) // s + 1
        for n, (a, b), k, s in zip(x.shape, padding, window, strides, strict=True)
    ]
    if window[0] != 1 or strides[0] != 1 or padding[0] != (0, 0) or x.size * x.itemsize < BLOCK:
        return _reduced(x, how, window, strides, padding, sizes)
    out = np.empty(sizes, x.dtype)
    images = max(1, BLOCK * x.shape[0] // (x.size * x.itemsize))
    for i in range(0, x.shape[0], images):
        part = x[i : i + images]
        out[i : i + images] = _reduced(
            part, how, window, strides, padding, [part.shape[0], *sizes[1:]]
        )
    return out


def _reduced(x, how, window, strides, padding, sizes):
    function = {"max": np.maximum, "min": np.minimum, "sum": np.add}[how]
    for axis, (k, s, (before, after), count) in enumerate(
        zip(window, strides, padding, sizes, strict=True)
    ):
        if k == s == 1 and not before and not after:
            continue
        size = x.shape[axis]
        shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
        total = np.full(shape, _neutral(how, x.dtype), x.dtype)
        # A window may be far larger than the array.
        for shift in range(max(-before, -(count - 1) * s), min(k - before, size)):
            # Windows whose element at this place is inside the array.
            low = max(-(shift // s), 0)
            high = min((size - 1 - shift) // s + 1, count)
            if low < high:
                first = low * s + shift
                outer = (slice(None),) * axis
                place = total[(*outer, slice(low, high))]
                part = x[(*outer, slice(first, first + (high - low - 1) * s + 1, s))]
                function(place, part, out=place)
        x = total
    return x


def _neutral(how, dtype):
    if how == "sum":
        return 0
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return info.min if how == "max" else info.max
    return -np.inf if how == "max" else np.inf


def window_argmax(xp, x, *, window, strides, padding):
    """Compare shifted slices, image by image; a byte tells the place in a window of up to 256."""
    axes = zip(x.shape, window, strides, padding, strict=True)
    sizes = tuple((n + a + b - k) // s + 1 for n, k, s, (a, b) in axes)
    places = list(np.ndindex(*window))
    first = _first_inside(sizes, window, strides, padding)
    at = np.empty(sizes, np.uint8 if len(places) <= 256 else np.int32)
    for part, out in _images(x, at, window, strides, padding):
        out[...] = first
        _find(padded(part, padding, _neutral("max", x.dtype)), out, places, strides, padding)
    return at


def _images(x, y, window, strides, padding):
    """Yield parts of `x` and of `y`, results of its windows, of about a block's size."""
    step = x.shape[0]
    if window[0] == strides[0] == 1 and padding[0] == (0, 0):
        step = max(1, BLOCK * x.shape[0] // max(x.size * x.itemsize, 1))
    for i in range(0, x.shape[0], step):
        yield x[i : i + step], y[i : i + step]


def _first_inside(sizes, window, strides, padding):
    """Return which element of each window is the first one inside the array; it broadcasts."""
    total = np.zeros((1,) * len(sizes), np.int32)
    for axis, (n, k, s, (before, _)) in enumerate(
        zip(sizes, window, strides, padding, strict=True)
    ):
        total = total * k
        if before:
            starts = np.maximum(before - np.arange(n, dtype=np.int32) * s, 0)
            total = total + starts.reshape(-1, *(1,) * (len(sizes) - axis - 1))
    return total


def _find(x, at, places, strides, padding):
    """Write into `at`, which says where the search of each window begins, where it ends."""
    first = at.copy() if any(before for before, _ in padding) else None
    best = _strided(x, places[0], at.shape, strides).copy()
    for k, place in enumerate(places[1:], 1):
        if first is not None and all(
            i <= before for i, (before, _) in zip(place, padding, strict=True)
        ):
            np.copyto(best, _strided(x, place, at.shape, strides), where=first == k)
    better = np.empty(at.shape, bool)
    step = np.empty_like(at)
    start = best.copy()
    for k, place in enumerate(places[1:], 1):
        part = _strided(x, place, at.shape, strides)
        np.greater(part, best, out=better)
        np.maximum(best, part, out=best)
        # Places rise, so that the greatest one that was better is the last: no masked write.
        np.multiply(better.view(np.uint8), at.dtype.type(k), out=step)
        np.maximum(at, step, out=at)
    if best.dtype.kind == "f" and np.isnan(best).any():
        _find_beside_nan(x, at, places, strides, start, first)


def _find_beside_nan(x, at, places, strides, best, first):
    """Search again where `numpy.maximum` has kept a NaN that was not the first element."""
    at[...] = 0 if first is None else first
    for k, place in enumerate(places):
        part = _strided(x, place, at.shape, strides)
        better = part > best
        np.copyto(best, part, where=better)
        np.copyto(at, at.dtype.type(k), where=better)


def _strided(x, place, sizes, strides):
    axes = zip(place, sizes, strides, strict=True)
    return x[tuple(slice(a, a + (n - 1) * s + 1, s) for a, n, s in axes)]


def window_scatter(xp, dy, at, *, shape, window, strides, padding):
    """Give the gradient of each window to its element `at`, or of an average to all of them."""
    if at is None:
        return _spread(dy, shape, window, strides, padding)
    full = tuple(n + a + b for n, (a, b) in zip(shape, padding, strict=True))
    result = np.zeros(full, dy.dtype)
    apart = all(k <= s for k, s in zip(window, strides, strict=True))
    add = _choose if apart and dy.dtype.itemsize in (4, 8) else _add_flat
    for part, places, target in _parts(dy, at, result, window, strides, padding):
        add(part, places, target, window, strides)
    return result[tuple(slice(a, a + n) for n, (a, _) in zip(shape, padding, strict=True))]


def _parts(dy, at, result, window, strides, padding):
    """Yield parts of the gradients, of their places and of the result, of about a block's size."""
    step = dy.shape[0]
    if window[0] == strides[0] == 1 and padding[0] == (0, 0):
        step = max(1, BLOCK * dy.shape[0] // max(dy.size * 16, 1))
        for i in range(0, dy.shape[0], step):
            yield dy[i : i + step], at[i : i + step], result[i : i + step]
        return
    yield dy, at, result


def _choose(dy, at, result, window, strides):
    """Write where windows do not overlap: a gradient or nothing, half the time of `_add_flat`.

    A mask of bits chooses, since NumPy multiplies by a bool slowly.
    """
    bits = np.dtype(f"i{dy.dtype.itemsize}")
    chosen = np.empty(dy.shape, bool)
    mask = scratch.array(dy.shape, bits)
    gradients = np.ascontiguousarray(dy).view(bits)
    for k, place in enumerate(np.ndindex(*window)):
        np.equal(at, k, out=chosen)
        np.negative(chosen.view(np.int8), out=chosen.view(np.int8))
        np.copyto(mask, chosen.view(np.int8))
        np.bitwise_and(gradients, mask, out=_strided(result, place, dy.shape, strides).view(bits))


def _add_flat(dy, at, result, window, strides):
    """Add by flat positions: half the time of a masked sum per place."""
    steps = [int(np.prod(result.shape[i + 1 :], dtype=np.int64)) for i in range(result.ndim)]
    table = np.array([int(np.dot(place, steps)) for place in np.ndindex(*window)])
    index = table[at]
    for axis, (n, s) in enumerate(zip(dy.shape, strides, strict=True)):
        start = np.arange(n) * (s * steps[axis])
        index += start.reshape(-1, *(1,) * (dy.ndim - axis - 1))
    np.add.at(result.reshape(-1), index.reshape(-1), dy.reshape(-1))


def _spread(dy, shape, window, strides, padding):
    """Give each element of a window all of its gradient, along one axis after the other."""
    for axis, (n, k, s, (before, _)) in enumerate(
        zip(shape, window, strides, padding, strict=True)
    ):
        if k == s == 1:
            continue
        total = np.zeros((*dy.shape[:axis], n, *dy.shape[axis + 1 :]), dy.dtype)
        outer = (slice(None),) * axis
        for shift in range(-before, k - before):
            # Windows whose element at this place is inside the array.
            low = max(-(shift // s), 0)
            high = min((n - 1 - shift) // s + 1, dy.shape[axis])
            if low < high:
                first = low * s + shift
                total[(*outer, slice(first, first + (high - low - 1) * s + 1, s))] += dy[
                    (*outer, slice(low, high))
                ]
        dy = total
    return dy
