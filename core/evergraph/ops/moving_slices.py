"""Parts of arrays whose place is computed, while their sizes are known: `x[i]` under a compiler.

An axis that is indexed by an unknown number is first left whole, then gathered from.
"""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError


def entries(rank, count, ellipsis_mask, new_axis_mask):
    """Yield, for every index that selects of an axis, its number, the axis, and where that ends up.

    Where it ends up: if no axis is dropped.
    """
    new = [i for i in range(count) if new_axis_mask >> i & 1 and not ellipsis_mask >> i & 1]
    consumed = count - len(new) - (ellipsis_mask != 0)
    axis = position = 0
    for i in range(count):
        if ellipsis_mask >> i & 1:
            axis += rank - consumed
            position += rank - consumed
        elif i in new:
            position += 1
        else:
            yield i, axis, position
            axis += 1
            position += 1


def whole(moving, known, masks):
    """Return begin, end and masks of a slice that leaves the moving axes whole."""
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask = masks
    bits = sum(1 << i for i in moving)
    begin, end = (np.array([0 if v is None else v for v in part]) for part in known)
    return (
        begin,
        end,
        (begin_mask | bits, end_mask | bits, ellipsis_mask, new_axis_mask, shrink_mask & ~bits),
    )


def moving_in(known, masks):
    """Return the numbers of the indices that are taken from `begin` where that is computed."""
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask = masks
    found = []
    for i, (begin, end) in enumerate(zip(*known, strict=True)):
        unknown = (begin is None and not begin_mask >> i & 1) or (
            end is None and not end_mask >> i & 1
        )
        if not (ellipsis_mask | new_axis_mask) >> i & 1 and (shrink_mask >> i & 1 or unknown):
            found.append(i)
    return found


def sliced_places(known, attributes):
    """Whether Slice has a known size, whatever is not known of where it begins."""
    return all(
        size is not None and (size != -1 or at is not None) for at, size in zip(*known, strict=True)
    )


def strided_places(known, attributes):
    """The same of StridedSlice: what is unknown must be an index that drops its axis."""
    return _sized(known, attributes, lambda stride: False)


def strided_grad_places(known, attributes):
    """The same of StridedSliceGrad, which sees the size of what it spreads."""
    return _sized(known, attributes, lambda stride: stride == 1)


def _sized(known, attributes, is_seen):
    def bit(name, i):
        return attributes[f"{name}_mask"] >> i & 1

    for i, (begin, end, stride) in enumerate(zip(*known, strict=True)):
        if bit("ellipsis", i) or bit("new_axis", i) or bit("shrink_axis", i):
            continue
        bounds = ((begin, "begin"), (end, "end"))
        fixed = all(value is not None or bit(name, i) for value, name in bounds)
        if not fixed and (bit("begin", i) or not is_seen(stride)):
            return False
    return True


def index(xp, begin, i, size, axis):
    """Return an index into an axis, counted from its beginning; it must be within."""
    place = begin[i]
    place = xp.where(place < 0, place + size, place)
    ok = (place >= 0) & (place < size)

    def message(at, place):
        return f"slice index {int(place)} of dimension {axis} out of bounds."

    xp.check(ok, InvalidArgumentError, message, place)
    return xp.where(ok, place, xp.zeros_like(place))


def pick(xp, x, axis, at):
    """Return what lies at one place of an axis, which is dropped."""
    if not x.shape[axis]:
        return xp.zeros(x.shape[:axis] + x.shape[axis + 1 :], dtype=x.dtype)
    return xp.ext.gather(x, at, axis=axis)


def spread(xp, dy, axis, at, size):
    """Return zeros of that size along an axis, with `dy` in them from a place on."""
    shape = (*dy.shape[:axis], size, *dy.shape[axis + 1 :])
    if 0 in shape or not dy.shape[axis]:
        return xp.zeros(shape, dtype=dy.dtype)
    places = xp.arange(size, dtype=at.dtype) - at
    ok = (places >= 0) & (places < dy.shape[axis])
    moved = xp.ext.gather(dy, xp.where(ok, places, xp.zeros_like(places)), axis=axis)
    ok = xp.reshape(ok, (size, *(1 for _ in shape[axis + 1 :])))
    return xp.where(ok, moved, xp.zeros_like(moved))


def moving_slice(xp, x, begin, size, known):
    """Return the kernel of Slice; `known` has what is known of `begin`."""
    for axis, (first, count) in enumerate(zip(known, size, strict=True)):
        d = x.shape[axis]
        if first is not None:
            count = d - first if count == -1 else count
            x = x[(slice(None),) * axis + (slice(first, first + count), ...)]
            continue
        at = begin[axis]

        def outside(place, value, axis=axis, d=d):
            return f"Expected begin[{axis}] in [0, {d}], but got {int(value)}"

        def exceeds(place, value, axis=axis, d=d, count=count):
            return f"Expected size[{axis}] in [0, {d - int(value)}], but got {count}"

        xp.check((at >= 0) & (at <= d), InvalidArgumentError, outside, at)
        ok = at <= d - count
        xp.check(ok, InvalidArgumentError, exceeds, at)
        if count > d:
            return xp.zeros(tuple(size), dtype=x.dtype)
        at = xp.where(ok & (at >= 0), at, xp.zeros_like(at))
        x = xp.ext.gather(x, at + xp.arange(count, dtype=at.dtype), axis=axis)
    return x
