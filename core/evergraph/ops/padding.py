"""Arrays made larger: Tile, Pad, PadV2, MirrorPad."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, zero
from evergraph.ops.rules import vector
from evergraph.shapes import bracketed


def tile(xp, x, multiples):
    counts = tuple(vector(multiples, "Expected multiples to be 1-D, but got shape {}"))
    if len(counts) != x.ndim:
        raise ShapeError(
            f"Shape must be rank {len(counts)} but is rank {x.ndim}",
            f"Expected multiples argument to be a vector of length {x.ndim} but got length {len(counts)}",
        )
    for i, m in enumerate(counts):
        if m < 0:
            raise InvalidArgumentError(None, None, f"Expected multiples[{i}] >= 0, but got {m}")
    shape = tuple(d * m for d, m in zip(x.shape, counts, strict=True))
    allocate(xp, shape, x.dtype)
    # NumPy would repeat along one axis after the other, however large that is before an axis of 0.
    return xp.tile(x, counts) if 0 not in shape else xp.zeros(shape, dtype=x.dtype)


def tiled_shape(x, multiples):
    if multiples is None:
        return (None,) * len(x)
    if len(multiples) != len(x):
        raise ShapeError(f"Shape must be rank {len(multiples)} but is rank {len(x)}")
    return tuple(
        None if d is None or m is None else d * m for d, m in zip(x, multiples, strict=True)
    )


def pairs(paddings, rank):
    """Return paddings as pairs of ints, checked."""
    found = np.asarray(paddings)
    if found.shape != (rank, 2):
        raise ShapeError(
            f"Shape must be rank {found.shape[0] if found.ndim else 0} but is rank {rank}",
            f"The first dimension of paddings must be the rank of inputs{bracketed(found.shape)}",
        )
    if (found < 0).any():
        a, b = (int(v) for v in found[(found < 0).any(axis=1)][0])
        raise ShapeError("Paddings must be non-negative", f"Paddings must be non-negative: {a} {b}")
    return [(int(a), int(b)) for a, b in found]


def pad(xp, x, paddings):
    return _padded(xp, x, paddings, zero(xp, x.dtype))


def pad_v2(xp, x, paddings, constant_values):
    if constant_values.ndim:
        text = f"constant_values must be a scalar. Found: {bracketed(constant_values.shape)}"
        raise InvalidArgumentError(None, None, text)
    return _padded(xp, x, paddings, constant_values)


def _padded(xp, x, paddings, value):
    sides = pairs(paddings, x.ndim)
    allocate(xp, [d + a + b for d, (a, b) in zip(x.shape, sides, strict=True)], x.dtype)
    return xp.ext.pad(x, sides, value)


def padded_shape(x, paddings, *_):
    if paddings is None:
        return (None,) * len(x)
    sides = pairs(paddings, len(x))
    return tuple(None if d is None else d + a + b for d, (a, b) in zip(x, sides, strict=True))


def mirror_pad(xp, x, paddings, *, mode):
    skip = 1 if mode == "REFLECT" else 0
    for axis, (before, after) in enumerate(pairs(paddings, x.ndim)):
        size = x.shape[axis]
        if max(before, after) > size - skip:
            raise InvalidArgumentError(
                None,
                None,
                f"paddings must be no greater than the dimension size: {before}, {after} greater than {size - skip}",
            )
        index = np.concatenate(
            [
                np.arange(before, 0, -1) - (1 - skip),
                np.arange(size),
                size - 1 - skip - np.arange(after),
            ]
        )
        x = xp.take(x, xp.asarray(index), axis=axis)
    return x


def mirrored_shape(x, paddings, *, mode):
    del mode
    return padded_shape(x, paddings)


def mirror_pad_grad(xp, x, paddings, *, mode):
    skip = 1 if mode == "REFLECT" else 0
    for axis, (before, after) in enumerate(pairs(paddings, x.ndim)):
        size = x.shape[axis] - before - after
        if max(before, after) > size - skip:
            raise InvalidArgumentError(
                None,
                None,
                f"paddings must be no greater than the output dimension size: {before}, {after} "
                f"greater than {size - skip}",
            )
        # What was mirrored at each end is added to where it came from.
        total = _along(x, axis, before, before + size)
        front = xp.flip(_along(x, axis, 0, before), axis=axis)
        back = xp.flip(_along(x, axis, before + size, x.shape[axis]), axis=axis)
        for part, start in ((front, skip), (back, size - skip - after)):
            count = part.shape[axis]
            if count:
                sides = [(0, 0)] * x.ndim
                sides[axis] = (start, size - start - count)
                total = total + xp.ext.pad(part, sides, xp.zeros((), dtype=x.dtype))
        x = total
    return x


def _along(x, axis, start, stop):
    return x[(*(slice(None),) * axis, slice(start, stop), ...)]


def mirrored_grad_shape(x, paddings, *, mode):
    if paddings is None:
        return (None,) * len(x)
    sides = pairs(paddings, len(x))
    return tuple(None if d is None else d - a - b for d, (a, b) in zip(x, sides, strict=True))


# Gradients


def tile_gradient(tf, op, dy):
    x, multiples = op.inputs
    shape = tf.shape(x, out_type=multiples.dtype)
    blocks = tf.Reshape(tf.Pack([multiples, shape], axis=1), [-1])
    every_other = tf.Range(tf.constant(0), tf.Size(blocks), tf.constant(2))
    return tf.Sum(tf.Reshape(dy, blocks), every_other), None


def pad_gradient(tf, op, dy):
    x, paddings, *value = op.inputs
    begin = tf.StridedSlice(
        paddings, [0, 0], [0, 1], [1, 1], begin_mask=1, end_mask=1, shrink_axis_mask=2
    )
    dx = tf.Slice(dy, begin, tf.shape(x, out_type=paddings.dtype))
    return dx, None, *(None for _ in value)


def mirror_pad_gradient(tf, op, dy):
    return tf.MirrorPadGrad(dy, op.inputs[1], mode=op.get_attr("mode")), None


def mirror_pad_grad_gradient(tf, op, dz):
    return tf.MirrorPad(dz, op.inputs[1], mode=op.get_attr("mode")), None


define("Tile", tile, shape=tiled_shape, shape_like="multiples", gradient=tile_gradient)
define("Pad", pad, shape=padded_shape, host="paddings:2", gradient=pad_gradient)
define("PadV2", pad_v2, shape=padded_shape, host="paddings:2", gradient=pad_gradient)
define(
    "MirrorPad",
    mirror_pad,
    shape=mirrored_shape,
    host="paddings:2",
    gradient=mirror_pad_gradient,
)
define(
    "MirrorPadGrad",
    mirror_pad_grad,
    shape=mirrored_grad_shape,
    host="paddings:2",
    gradient=mirror_pad_grad_gradient,
)
