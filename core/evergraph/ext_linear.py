"""Primitives over windows and contractions: convolution, window reduction, einsum."""

from __future__ import annotations

from itertools import product

import numpy as np

# Convolution and windows walk over the positions *inside* a window: few, and each is one
# vectorised step over all outputs.


def conv(xp, x, w, *, strides, padding, dilation=None, groups=1, input_dilation=None):
    """Return the convolution (cross-correlation) of `x` with `w`, channels last.

    Args:
      x: [batch, *spatial, channels]
      w: [*window, channels // groups, outputs]
      strides, dilation: one int per spatial axis; dilation is the window's.
      padding: a pair (before, after) per spatial axis, of zeros; not negative.
      groups: channels and outputs are split into so many independent groups.
      input_dilation: one int per spatial axis: zeros (one less) are put between the elements of
        `x`, before it is padded. That makes a convolution transposed.
    """
    rank = w.ndim - 2
    if input_dilation is not None:
        x = spaced(xp, x, input_dilation)
    dilation = dilation or (1,) * rank
    x = padded(xp, x, ((0, 0), *padding, (0, 0)), 0)
    window, inputs, outputs = w.shape[:rank], w.shape[rank], w.shape[-1]
    sizes = [
        (x.shape[1 + i] - (window[i] - 1) * dilation[i] - 1) // strides[i] + 1 for i in range(rank)
    ]
    total = None
    for at in product(*map(range, window)):
        part = _shifted(x, at, sizes, strides, dilation)
        weight = w[(*at, slice(None), slice(None))]
        if groups == 1:
            term = xp.matmul(part, weight)
        else:
            part = xp.reshape(part, (*part.shape[:-1], groups, 1, inputs))
            weight = xp.reshape(weight, (inputs, groups, outputs // groups))
            term = xp.matmul(part, xp.permute_dims(weight, (1, 0, 2)))
            term = xp.reshape(term, (*term.shape[:-3], outputs))
        total = term if total is None else total + term
    return total


def conv_filter(xp, x, dy, *, window, strides, padding, dilation=None, groups=1):
    """Return the gradient of `conv` by its filter [*window, channels // groups, outputs].

    Args:
      x: [batch, *spatial, channels]
      dy: [batch, *sizes, outputs], the gradient of the convolution of `x`.
      window: one int per spatial axis.
      strides, padding, dilation, groups: those of the convolution.
    """
    dilation = dilation or (1,) * len(window)
    x = padded(xp, x, ((0, 0), *padding, (0, 0)), 0)
    sizes, inputs, outputs = dy.shape[1:-1], x.shape[-1] // groups, dy.shape[-1]
    dy = xp.reshape(dy, (-1, groups, outputs // groups))
    if groups > 1:
        dy = xp.permute_dims(dy, (1, 0, 2))
    rows = []
    for at in product(*map(range, window)):
        part = _shifted(x, at, sizes, strides, dilation)
        if groups == 1:
            rows.append(xp.matmul(xp.reshape(part, (-1, inputs)).mT, dy[:, 0, :]))
        else:
            part = xp.permute_dims(xp.reshape(part, (-1, groups, inputs)), (1, 2, 0))
            rows.append(xp.permute_dims(xp.matmul(part, dy), (1, 0, 2)))
    return xp.reshape(xp.stack(rows), (*window, inputs, outputs))


def spaced(xp, x, steps):
    """Return `x` with zeros between the elements of its spatial axes."""
    for axis, (step, size) in enumerate(zip(steps, x.shape[1:-1], strict=True), 1):
        if step > 1:
            # Every element with its zeros; those behind the last one are dropped.
            wide = xp.reshape(x, (*x.shape[: axis + 1], 1, *x.shape[axis + 1 :]))
            sides = [(0, 0)] * wide.ndim
            sides[axis + 1] = (0, step - 1)
            wide = padded(xp, wide, sides, 0)
            x = xp.reshape(wide, (*x.shape[:axis], size * step, *x.shape[axis + 1 :]))
            x = x[(*(slice(None),) * axis, slice(0, (size - 1) * step + 1), ...)]
    return x


def _shifted(x, at, sizes, strides, dilation):
    key = [slice(None)]
    for i, size in enumerate(sizes):
        start = at[i] * dilation[i]
        key.append(slice(start, start + (size - 1) * strides[i] + 1, strides[i]))
    return x[(*key, ...)]


def reduce_window(xp, x, *, how, window, strides, padding):
    """Return the maximum, minimum or sum over windows of `x`.

    Args:
      how: `max`, `min` or `sum`; padding never wins (it is -inf, inf or 0).
      window, strides: one int per axis of `x`.
      padding: a pair (before, after) per axis of `x`.
    """
    fill = 0 if how == "sum" else extreme(xp, x.dtype, lowest=how == "max")
    x = padded(xp, x, padding, fill)
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape, window, strides, strict=True)]
    combine = {"max": xp.maximum, "min": xp.minimum, "sum": xp.add}[how]
    total = None
    for at in product(*map(range, window)):
        key = tuple(
            slice(a, a + (n - 1) * s + 1, s) for a, n, s in zip(at, sizes, strides, strict=True)
        )
        total = x[key] if total is None else combine(total, x[key])
    return total


def window_argmax(xp, x, *, window, strides, padding):
    """Return where in its window the maximum is: integers, the window's elements in C order.

    Args:
      window, strides, padding: those of `reduce_window`.

    The first of equal elements, and a NaN only if it comes first of all: no later element is
    greater. Padding is never chosen.
    """
    sizes = window_counts(x.shape, window, strides, padding)
    at = first_inside(xp, sizes, window, strides, padding)
    x = padded(xp, x, padding, extreme(xp, x.dtype, lowest=True))
    places = list(product(*map(range, window)))
    parts = [_window_part(x, place, sizes, strides) for place in places]
    best = parts[0]
    for k, (place, part) in enumerate(zip(places, parts, strict=True)):
        if k and all(i <= before for i, (before, _) in zip(place, padding, strict=True)):
            best = xp.where(at == k, part, best)
    for k, part in enumerate(parts):
        better = part > best
        at = xp.where(better, xp.asarray(k, dtype=xp.int32), at)
        best = xp.where(better, part, best)
    return xp.broadcast_to(at, best.shape)


def window_counts(shape, window, strides, padding):
    """Return how many windows there are along each axis."""
    axes = zip(shape, window, strides, padding, strict=True)
    return tuple((n + a + b - k) // s + 1 for n, k, s, (a, b) in axes)


def first_inside(xp, sizes, window, strides, padding):
    """Return which element of each window is the first one inside the array; it broadcasts."""
    total = xp.zeros((1,) * len(sizes), dtype=xp.int32)
    for axis, (n, k, s, (before, _)) in enumerate(
        zip(sizes, window, strides, padding, strict=True)
    ):
        total = total * k
        if before:
            shape = tuple(n if i == axis else 1 for i in range(len(sizes)))
            starts = before - xp.arange(n, dtype=xp.int32) * s
            starts = xp.maximum(starts, xp.zeros_like(starts))
            total = total + xp.reshape(starts, shape)
    return total


def _window_part(x, place, sizes, strides):
    axes = zip(place, sizes, strides, strict=True)
    return x[tuple(slice(a, a + (n - 1) * s + 1, s) for a, n, s in axes)]


def window_scatter(xp, dy, at, *, shape, window, strides, padding):
    """Return zeros of that shape, to which each element of `dy` is added in its window.

    Args:
      at: which element of the window it is added to, as of `window_argmax`; None for all.
      shape: that of the array which the windows lie in.
      window, strides, padding: those of `reduce_window`.
    """
    full = tuple(n + before + after for n, (before, after) in zip(shape, padding, strict=True))
    total = xp.zeros(full, dtype=dy.dtype)
    zeros = xp.zeros_like(dy)
    for k, place in enumerate(product(*map(range, window))):
        axes = zip(place, dy.shape, strides, strict=True)
        key = tuple(slice(a, a + (n - 1) * s + 1, s) for a, n, s in axes)
        total[key] += dy if at is None else xp.where(at == k, dy, zeros)
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(shape, padding, strict=True))
    return total[inside]


def extreme(xp, dtype, *, lowest):
    """Return the lowest (or highest) value of a real dtype: an infinity if it has one."""
    if xp.isdtype(dtype, "integral"):
        info = xp.iinfo(dtype)
        return info.min if lowest else info.max
    return -float("inf") if lowest else float("inf")


def padded(xp, x, padding, fill):
    """Return `x` padded by a Python number, or `x` itself if there is nothing to pad."""
    if not any(before or after for before, after in padding):
        return x
    return xp.ext.pad(x, padding, xp.asarray(fill, dtype=x.dtype))


def einsum(xp, equation, *operands):
    """Return the Einstein summation of `operands`; no ellipsis, an explicit output.

    Each label appears at most once per operand. By pairs from the left: broadcast-multiply, and
    sum out what no later operand and no output needs.
    """
    left, output = equation.split("->")
    labels = left.split(",")
    current, names = operands[0], labels[0]
    current, names = _sum_out(xp, current, names, set("".join(labels[1:])) | set(output))
    for i, (other, more) in enumerate(zip(operands[1:], labels[1:], strict=True), 1):
        needed = set("".join(labels[i + 1 :])) | set(output)
        names_all = names + "".join(c for c in more if c not in names)
        current = _aligned(xp, current, names, names_all) * _aligned(xp, other, more, names_all)
        current, names = _sum_out(xp, current, names_all, needed)
    return xp.permute_dims(current, tuple(names.index(c) for c in output))


def _sum_out(xp, x, names, needed):
    gone = tuple(i for i, c in enumerate(names) if c not in needed)
    if gone:
        x = xp.sum(x, axis=gone, dtype=x.dtype)
    return x, "".join(c for c in names if c in needed)


def _aligned(xp, x, names, target):
    order = sorted(range(len(names)), key=lambda i: target.index(names[i]))
    x = xp.permute_dims(x, tuple(order))
    present = [c for c in target if c in names]
    sizes = dict(zip(present, x.shape, strict=True))
    return xp.reshape(x, tuple(sizes.get(c, 1) for c in target))


def linalg(xp, name, *arrays, **options):
    """Return a function of matrices (the last two axes): that of the standard's `linalg`.

    Args:
      name: `cholesky`, `inv`, `det`, `slogdet`, `solve`, `qr`, `svd`, `svdvals`, `eigh`, `eigvalsh`;
        or `triangular_solve`, of matrices and right sides of equal batches, with `lower` and
        `adjoint`; or `lu`: both factors in one matrix, and the order of the rows. Where there is no
        result, it is NaN or infinite.
    """
    if name == "triangular_solve":
        return _substituted(xp, *arrays, **options)
    if name == "lu":
        return _eliminated(xp, *arrays)
    try:
        return getattr(xp.linalg, name)(*arrays, **options)
    except np.linalg.LinAlgError:
        # NumPy's refusal, of all matrices if one has no result.
        if arrays[0].ndim == 2:
            return xp.full_like(arrays[-1], float("nan"))
        count = range(arrays[0].shape[0])
        parts = [linalg(xp, name, *(a[i, ...] for a in arrays), **options) for i in count]
        return xp.stack(parts)


def _eliminated(xp, matrix):
    n = matrix.shape[-1]
    result = xp.asarray(matrix, copy=True)
    order = xp.broadcast_to(xp.arange(n, dtype=xp.int32), matrix.shape[:-1])
    for k in range(n - 1):
        pivot = k + xp.argmax(xp.abs(result[..., k:, k]), axis=-1, keepdims=True)
        place = xp.arange(n, dtype=pivot.dtype)
        swapped = xp.where(place == k, pivot, xp.where(place == pivot, k, place))
        result = xp.take_along_axis(result, xp.expand_dims(swapped, axis=-1), axis=-2)
        order = xp.take_along_axis(order, swapped, axis=-1)
        column = result[..., k + 1 :, k : k + 1] / result[..., k : k + 1, k : k + 1]
        rest = result[..., k + 1 :, k + 1 :] - column * result[..., k : k + 1, k + 1 :]
        result = xp.asarray(result, copy=True)
        result[..., k + 1 :, k : k + 1] = column
        result[..., k + 1 :, k + 1 :] = rest
    return result, order


def _substituted(xp, matrix, right, *, lower, adjoint):
    if adjoint:
        matrix = matrix.mT
        if xp.isdtype(matrix.dtype, "complex floating"):
            matrix = xp.conj(matrix)
        lower = not lower
    n = matrix.shape[-1]
    result = xp.asarray(right, copy=True)
    for step in range(n):
        i = step if lower else n - 1 - step
        known = slice(0, i) if lower else slice(i + 1, n)
        row = result[..., i : i + 1, :]
        if step:
            row = row - xp.matmul(matrix[..., i : i + 1, known], result[..., known, :])
        result[..., i : i + 1, :] = row / matrix[..., i : i + 1, i : i + 1]
    return result
