"""Rectangular parts of arrays: Slice, StridedSlice, and their gradients."""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.ext_linear import spaced
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, dimensions
from evergraph.ops.moving_slices import (
    entries,
    index,
    moving_in,
    moving_slice,
    pick,
    sliced_places,
    spread,
    strided_grad_places,
    strided_places,
    whole,
)
from evergraph.shapes import bracketed
from evergraph.xp import NUMPY

# `_known` says, where planning adds it, what is known of `begin` and `end`: the rest is computed
# where the slice is taken. In the hands of the host, all is known.


def slice_(xp, x, begin, size, *, _known=None):
    if _known is not None and not isinstance(begin, np.ndarray):
        return moving_slice(xp, x, begin, np.asarray(size).tolist(), _known[0])
    return x[_slices(tuple(x.shape), begin, size)]


def _slices(shape, begin, size):
    begin, size = (np.asarray(v).reshape(-1).tolist() for v in (begin, size))
    if len(begin) != len(shape) or len(size) != len(shape):
        raise ShapeError(
            f"Shape must be rank {len(shape)} but is rank {len(begin)}",
            "Expected begin and size arguments to be 1-D tensors of size "
            f"{len(shape)}, but got shapes [{len(begin)}] and [{len(size)}] instead.",
        )
    key = []
    for i, (d, b, s) in enumerate(zip(shape, begin, size, strict=True)):
        s = d - b if s == -1 else s
        if not 0 <= b <= d:
            raise InvalidArgumentError(None, None, f"Expected begin[{i}] in [0, {d}], but got {b}")
        if not 0 <= s <= d - b:
            raise InvalidArgumentError(
                None, None, f"Expected size[{i}] in [0, {d - b}], but got {s}"
            )
        key.append(slice(b, b + s))
    return tuple(key)


def sliced_shape(x, begin, size):
    if x is None or size is None:
        return None if x is None else (None,) * len(x)
    sizes = size.reshape(-1).tolist()
    starts = [None] * len(sizes) if begin is None else begin.reshape(-1).tolist()
    if len(sizes) != len(x):
        raise ShapeError(f"Shape must be rank {len(x)} but is rank {len(sizes)}")
    # TF: what exceeds the array is an error when the node runs.
    return tuple(
        (None if d is None or b is None else max(d - b, 0)) if s == -1 else s
        for d, b, s in zip(x, starts, sizes, strict=True)
    )


def strided_slice(
    xp,
    x,
    begin,
    end,
    strides,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    _known=None,
):
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    if _known is None or isinstance(begin, np.ndarray):
        return _strided(xp, x, begin, end, strides, masks)
    moving = moving_in(_known, masks)
    first, last, left = whole(moving, _known, masks)
    part = _strided(xp, x, first, last, strides, left)
    places = entries(x.ndim, len(_known[0]), ellipsis_mask, new_axis_mask)
    for i, axis, position in reversed(list(places)):
        if i in moving:
            part = pick(xp, part, position, index(xp, begin, i, x.shape[axis], axis))
    return part


def _strided(xp, x, begin, end, strides, masks):
    key: list[object] = []
    backwards: list[int] = []
    axes = 0
    for kind, values in _parts(tuple(x.shape), begin, end, strides, masks):
        if kind == "new":
            key.append(None)
        elif kind == "index":
            key.append(values[0])
        else:
            start, stop, step, size = values
            if size == 0:
                key.append(slice(0, 0))
            elif step > 0:
                key.append(slice(start, stop, step))
            else:
                # Some libraries know no negative steps.
                key.append(slice(start + (size - 1) * step, start + 1, -step))
                backwards.append(axes)
        axes += kind != "index"
    part = x[tuple(key)]
    return xp.flip(part, axis=tuple(backwards)) if backwards else part


def _parts(shape, begin, end, strides, masks):
    """Yield, for each index of the slice, what it selects of which axis.

    Dimensions may be None, and begin and end as well: then so are the parts.
    """
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask = masks
    steps = np.asarray(strides).reshape(-1).tolist()
    count = len(steps)
    starts = [None] * count if begin is None else np.asarray(begin).reshape(-1).tolist()
    stops = [None] * count if end is None else np.asarray(end).reshape(-1).tolist()
    _check_lengths(*(v for v in (begin, end, strides) if v is not None))
    ellipses = [i for i in range(count) if ellipsis_mask >> i & 1]
    if len(ellipses) > 1:
        raise ShapeError("Multiple ellipses in slice spec not allowed")
    ellipsis_at = ellipses[0] if ellipses else None
    new_axes = [i for i in range(count) if new_axis_mask >> i & 1 and i != ellipsis_at]
    consumed = count - len(new_axes) - (ellipsis_at is not None)
    if consumed > len(shape):
        raise ShapeError(
            f"Index out of range using input dim {len(shape)}; input has only {len(shape)} dims"
        )
    axis = 0
    for i in range(count):
        if i == ellipsis_at:
            for _ in range(len(shape) - consumed):
                yield "slice", (0, shape[axis], 1, shape[axis])
                axis += 1
            continue
        if i in new_axes:
            yield "new", ()
            continue
        size, step = shape[axis], steps[i]
        axis += 1
        if step == 0:
            raise ShapeError(f"strides[{i}] must be non-zero", f"strides[{i}] must be non-zero")
        if shrink_mask >> i & 1:
            yield "index", (_index(starts[i], size, step, axis - 1),)
            continue
        start = None if begin_mask >> i & 1 else starts[i]
        stop = None if end_mask >> i & 1 else stops[i]
        open_start = begin_mask >> i & 1 or (begin is not None)
        open_stop = end_mask >> i & 1 or (end is not None)
        if size is None or not (open_start and open_stop):
            yield "slice", (None, None, step, None)
            continue
        a, b, c = slice(start, stop, step).indices(size)
        yield "slice", (a, b, c, len(range(a, b, c)))
    for d in shape[axis:]:
        yield "slice", (0, d, 1, d)


def _check_lengths(*vectors):
    shapes = [np.shape(v) for v in vectors]
    if all(len(s) == 1 and s == shapes[-1] for s in shapes):
        return
    if any(len(s) != 1 for s in shapes):
        text = f"Shape must be rank 1 but is rank {next(len(s) for s in shapes if len(s) != 1)}"
    else:
        a, b = shapes[0], next(s for s in shapes if s != shapes[0])
        text = f"Dimension 0 in both shapes must be equal, but are {a[0]} and {b[0]}. Shapes are {bracketed(a)} and {bracketed(b)}."
    *first, last = map(bracketed, shapes)
    raise ShapeError(
        text,
        "Expected begin, end, and strides to be 1D equal size tensors, but got shapes "
        f"{', '.join(first)}, and {last} instead.",
    )


def _index(value, size, step, axis):
    if step <= 0:
        raise ShapeError("only stride 1 allowed on non-range indexing.")
    if value is None or size is None:
        return None
    place = value + size if value < 0 else value
    if not 0 <= place < size:
        message = f"slice index {place} of dimension {axis} out of bounds."
        raise ShapeError(message, message)
    return place


def strided_shape(
    x,
    begin,
    end,
    strides,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
):
    if strides is None:
        return None
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    result = []
    for kind, values in _parts(x, begin, end, strides, masks):
        if kind == "new":
            result.append(1)
        elif kind == "slice":
            result.append(values[3])
    return tuple(result)


def strided_slice_grad(
    xp,
    shape,
    begin,
    end,
    strides,
    dy,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
    _known=None,
):
    dims = dimensions(shape, "shape must be 1-D, got shape.shape = {}")
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    if _known is None or isinstance(begin, np.ndarray):
        return _spread(xp, dims, begin, end, strides, masks, dy)
    moving = moving_in(_known, masks)
    for i, axis, position in entries(len(dims), len(_known[0]), ellipsis_mask, new_axis_mask):
        if i not in moving:
            continue
        at, size = begin[i], dims[axis]
        if shrink_axis_mask >> i & 1:
            dy = xp.expand_dims(dy, axis=position)
            at = index(xp, begin, i, size, axis)
        dy = spread(xp, dy, position, xp.where(at < 0, at + size, at), size)
    first, last, left = whole(moving, _known, masks)
    return _spread(xp, dims, first, last, strides, left, dy)


def _spread(xp, dims, begin, end, strides, masks, dy):
    wanted, axes = [], []
    for kind, values in _parts(dims, begin, end, strides, masks):
        if kind == "new":
            wanted.append(1)
        elif kind == "index":
            axes.append((values[0], 1, 1))
        else:
            start, _, step, size = values
            wanted.append(size)
            axes.append((start, step, size))
    if tuple(wanted) != dy.shape:
        raise ShapeError(
            f"shape of dy was {bracketed(dy.shape)} instead of {bracketed(tuple(wanted))}"
        )
    allocate(xp, dims, dy.dtype)
    sizes = [size for _, _, size in axes]
    if 0 in sizes:
        return xp.zeros(dims, dtype=dy.dtype)
    x = xp.reshape(dy, tuple(sizes))
    backwards = tuple(i for i, (_, step, _) in enumerate(axes) if step < 0)
    x = xp.flip(x, axis=backwards) if backwards else x
    # An array as an image of one channel, with room between its elements.
    x = spaced(xp, xp.reshape(x, (1, *sizes, 1)), [abs(step) for _, step, _ in axes])
    x = xp.reshape(x, x.shape[1:-1])
    starts = [min(start, start + step * (size - 1)) for start, step, size in axes]
    sides = [(a, d - a - n) for a, d, n in zip(starts, dims, x.shape, strict=True)]
    return xp.ext.pad(x, sides, xp.zeros((), dtype=dy.dtype)) if sides else x


def strided_grad_shape(shape, begin, end, strides, dy, **masks):
    return shape


def strided_slice_update(
    xp,
    input,
    begin,
    end,
    strides,
    value,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
):
    numbers = np.arange(math.prod(input.shape), dtype=np.int64).reshape(input.shape)
    places = strided_slice(
        NUMPY,
        numbers,
        begin,
        end,
        strides,
        begin_mask=begin_mask,
        end_mask=end_mask,
        ellipsis_mask=ellipsis_mask,
        new_axis_mask=new_axis_mask,
        shrink_axis_mask=shrink_axis_mask,
    )
    try:
        fits = np.broadcast_shapes(value.shape, places.shape) == places.shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"shape of value was {bracketed(value.shape)} instead of {bracketed(places.shape)}"
        )
    flat = xp.reshape(input, (-1,))
    at = xp.asarray(places.reshape(-1, 1))
    new = xp.reshape(xp.broadcast_to(value, places.shape), (-1,))
    return xp.reshape(xp.ext.scatter(flat, at, new, how="set"), input.shape)


def strided_update_shape(input, begin, end, strides, value):
    return input


# Gradients


def strided_slice_update_gradient(tf, op, dy):
    _, begin, end, strides, value = op.inputs
    masks = _masks(op)
    zeros = tf.ZerosLike(value)
    rest = tf.TensorStridedSliceUpdate(dy, begin, end, strides, zeros, **masks)
    return rest, None, None, None, tf.StridedSlice(dy, begin, end, strides, **masks)


def slice_gradient(tf, op, dy):
    x, begin, _ = op.inputs
    if tf.constant_value(begin) is None and begin.shape.num_elements():
        # A padding decides a shape; a place does not.
        shape, size = (tf.shape(t, out_type=begin.dtype) for t in (x, op.outputs[0]))
        ones = tf.constant(np.ones(begin.shape.as_list()), begin.dtype)
        return tf.StridedSliceGrad(shape, begin, tf.Add(begin, size), ones, dy), None, None
    sizes = (tf.shape(t, out_type=begin.dtype) for t in (x, op.outputs[0]))
    rest = tf.Sub(tf.Sub(next(sizes), begin), next(sizes))
    return tf.Pad(dy, tf.Pack([begin, rest], axis=1)), None, None


def strided_slice_gradient(tf, op, dy):
    x, begin, end, strides = op.inputs
    shape = tf.shape(x, out_type=begin.dtype)
    grad = tf.StridedSliceGrad(shape, begin, end, strides, dy, **_masks(op))
    return grad, None, None, None


def strided_slice_grad_gradient(tf, op, dz):
    _, begin, end, strides, _ = op.inputs
    return None, None, None, None, tf.StridedSlice(dz, begin, end, strides, **_masks(op))


def _masks(op):
    names = ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    return {f"{name}_mask": op.get_attr(f"{name}_mask") for name in names}


define(
    "Slice",
    slice_,
    shape=sliced_shape,
    host="begin size",
    places="begin",
    placed=sliced_places,
    unknown_rank=True,
    gradient=slice_gradient,
)
define(
    "TensorStridedSliceUpdate",
    strided_slice_update,
    shape=strided_update_shape,
    host="begin end strides",
    unknown_rank=True,
    gradient=strided_slice_update_gradient,
)
define(
    "StridedSlice",
    strided_slice,
    shape=strided_shape,
    host="begin end strides",
    places="begin end",
    placed=strided_places,
    gradient=strided_slice_gradient,
)
define(
    "StridedSliceGrad",
    strided_slice_grad,
    shape=strided_grad_shape,
    shape_like="shape",
    host="begin end strides",
    places="begin end",
    placed=strided_grad_places,
    unknown_rank=True,
    gradient=strided_slice_grad_gradient,
)
