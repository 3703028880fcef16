"""Changes of shape and order: Reshape, Squeeze, Transpose, Tile, Pad, ReverseV2, SpaceToBatchND …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate
from evergraph.ops.rules import axis_in_range
from evergraph.shapes import bracketed


def reshape(xp, x, shape):
    dims = [int(d) for d in np.asarray(shape).reshape(-1)]
    return xp.reshape(x, _resolved(tuple(x.shape), tuple(dims)))


def _resolved(x, dims):
    """Return the new shape with its -1, if there is one, replaced."""
    unknown = [i for i, d in enumerate(dims) if d == -1]
    if len(unknown) > 1:
        raise ShapeError(f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}")
    if any(d < -1 for d in dims):
        bad = next(d for d in dims if d < -1)
        raise ShapeError(
            f"Dimension {bad} must be >= -1",
            f"Size {dims.index(bad)} must be non-negative, not {bad}",
        )
    count = math.prod(x)
    known = math.prod(d for d in dims if d != -1)
    if unknown:
        if known == 0:
            if count:
                raise _does_not_fit(count, known, x, dims)
            raise ShapeError(
                "reshape cannot infer the missing input size for an empty tensor unless all "
                "specified input sizes are non-zero"
            )
        if count % known:
            raise ShapeError(
                f"Dimension size must be evenly divisible by {known} but is {count}",
                f"Input to reshape is a tensor with {count} values, but the requested shape "
                f"requires a multiple of {known}",
            )
        return tuple(count // known if d == -1 else d for d in dims)
    if known != count:
        raise _does_not_fit(count, known, x, dims)
    return dims


def _does_not_fit(count, known, x, dims):
    return ShapeError(
        f"Cannot reshape a tensor with {count} elements to shape {bracketed(dims)} ({known} elements)",
        f"Input to reshape is a tensor with {count} values, but the requested shape has {known}",
    )


def reshaped_shape(x, shape):
    if shape is None:
        return None
    known = None if x is None or None in x else x
    if None not in shape and known is not None:
        return _resolved(known, shape)
    dims = tuple(None if d == -1 else d for d in shape)
    if known is not None and -1 not in shape and dims.count(None) == 1:
        rest = math.prod(d for d in dims if d is not None)
        if rest and math.prod(known) % rest == 0:
            return tuple(math.prod(known) // rest if d is None else d for d in dims)
    return dims


def squeeze(xp, x, *, squeeze_dims=()):
    gone = _squeezed(x.shape, squeeze_dims)
    return xp.reshape(x, tuple(d for i, d in enumerate(x.shape) if i not in gone))


def _squeezed(shape, dims):
    if not dims:
        return {i for i, d in enumerate(shape) if d == 1}
    gone = set()
    for a in dims:
        if not -len(shape) <= a < len(shape):
            raise ShapeError(
                f"Tried to squeeze dim index {a} for tensor with {len(shape)} dimensions."
            )
        at = a % len(shape)
        if shape[at] not in (1, None):
            raise ShapeError(
                f"Can not squeeze dim[{at}], expected a dimension of 1, got {shape[at]}"
            )
        gone.add(at)
    return gone


def squeezed_shape(x, *, squeeze_dims=()):
    if not squeeze_dims and None in x:
        return None
    gone = _squeezed(x, squeeze_dims)
    return tuple(d for i, d in enumerate(x) if i not in gone)


def expand_dims(xp, x, axis):
    at = _new_axis(int(np.asarray(axis).reshape(())), x.ndim)
    return xp.expand_dims(x, axis=at)


def _new_axis(axis, rank):
    if not -rank - 1 <= axis <= rank:
        raise ShapeError(
            f"dim {axis} not in the interval [{-rank - 1}, {rank}].",
            f"Tried to expand dim index {axis} for tensor with {rank} dimensions.",
        )
    return axis + rank + 1 if axis < 0 else axis


def expanded_shape(x, axis):
    if axis is None:
        return (None,) * (len(x) + 1)
    at = _new_axis(int(axis.reshape(())), len(x))
    return (*x[:at], 1, *x[at:])


def transpose(xp, x, perm):
    return xp.permute_dims(x, _permutation(perm, x.ndim))


def conjugate_transpose(xp, x, perm):
    y = transpose(xp, x, perm)
    return xp.conj(y) if xp.isdtype(x.dtype, "complex floating") else y


def _permutation(perm, rank):
    order = [int(p) for p in np.asarray(perm).reshape(-1)]
    if len(order) != rank:
        raise ShapeError(
            f"Dimension must be {rank} but is {len(order)}",
            f"transpose expects a vector of size {rank}. But input(1) is a vector of size {len(order)}",
        )
    for p in order:
        if not -rank <= p < rank:
            raise ShapeError(
                f"perm dim {p} is out of range of input rank {rank}",
                f"{p} is out of range [0 .. {rank})",
            )
    order = [p % rank for p in order]
    if len(set(order)) < rank:
        missing = next(i for i in range(rank) if i not in order)
        raise ShapeError(f"{missing} is missing from {{{','.join(map(str, order))}}}.")
    return tuple(order)


def transposed_shape(x, perm):
    if x is None:
        return None if perm is None else (None,) * perm.size
    if perm is None:
        return (None,) * len(x)
    return tuple(x[p] for p in _permutation(perm, len(x)))


def tile(xp, x, multiples):
    counts = tuple(int(m) for m in np.asarray(multiples).reshape(-1))
    if len(counts) != x.ndim:
        raise ShapeError(
            f"Shape must be rank {len(counts)} but is rank {x.ndim}",
            f"Expected multiples argument to be a vector of length {x.ndim} but got length {len(counts)}",
        )
    for i, m in enumerate(counts):
        if m < 0:
            raise InvalidArgumentError(None, None, f"Expected multiples[{i}] >= 0, but got {m}")
    allocate(xp, tuple(d * m for d, m in zip(x.shape, counts, strict=True)), x.dtype)
    return xp.tile(x, counts)


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
    return _padded(xp, x, paddings, xp.zeros((), dtype=x.dtype))


def pad_v2(xp, x, paddings, constant_values):
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


def reverse_v2(xp, x, axis):
    found = tuple(axis_in_range(a, x.ndim) for a in np.asarray(axis).reshape(-1))
    return xp.flip(x, axis=found) if found else x


def reversed_shape(x, axis):
    if axis is not None:
        for a in axis.reshape(-1):
            axis_in_range(a, len(x))
    return x


def space_to_batch_nd(xp, x, block_shape, paddings):
    block, sides = _blocks(block_shape, paddings)
    count = len(block)
    rest = x.ndim - 1 - count
    x = xp.ext.pad(x, [(0, 0), *sides, *[(0, 0)] * rest], xp.zeros((), dtype=x.dtype))
    spatial = x.shape[1 : 1 + count]
    shape = [x.shape[0]]
    for i, (d, b) in enumerate(zip(spatial, block, strict=True)):
        if d % b:
            raise InvalidArgumentError(
                None, None, f"padded_shape[{i}]={d} is not divisible by block_shape[{i}]={b}"
            )
        shape += [d // b, b]
    y = xp.reshape(x, (*shape, *x.shape[1 + count :]))
    inner = [2 + 2 * i for i in range(count)]
    outer = [1 + 2 * i for i in range(count)]
    y = xp.permute_dims(y, (*inner, 0, *outer, *range(1 + 2 * count, y.ndim)))
    sizes = [d // b for d, b in zip(spatial, block, strict=True)]
    return xp.reshape(y, (x.shape[0] * math.prod(block), *sizes, *x.shape[1 + count :]))


def batch_to_space_nd(xp, x, block_shape, crops):
    block, sides = _blocks(block_shape, crops)
    count, area = len(block), math.prod(block)
    if x.shape[0] % area:
        raise InvalidArgumentError(
            None,
            None,
            f"Input batch dimension ({x.shape[0]}) is not divisible by product of block sizes ({area})",
        )
    batch = x.shape[0] // area
    y = xp.reshape(x, (*block, batch, *x.shape[1:]))
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    y = xp.permute_dims(y, (*order, *range(2 * count + 1, y.ndim)))
    spatial = [d * b for d, b in zip(x.shape[1 : 1 + count], block, strict=True)]
    y = xp.reshape(y, (batch, *spatial, *x.shape[1 + count :]))
    key = [slice(None)]
    for d, (a, b) in zip(spatial, sides, strict=True):
        if a + b > d:
            raise InvalidArgumentError(None, None, f"cropped size {d - a - b} must be >= 0")
        key.append(slice(a, d - b))
    return y[tuple(key) + (slice(None),) * (y.ndim - 1 - count)]


def _blocks(block_shape, sides):
    block = [int(b) for b in np.asarray(block_shape).reshape(-1)]
    pairs_ = [(int(a), int(b)) for a, b in np.asarray(sides).reshape(-1, 2)]
    if len(pairs_) != len(block):
        raise InvalidArgumentError(None, None, "paddings should have shape [block_dims, 2]")
    if any(b < 1 for b in block):
        raise InvalidArgumentError(
            None, None, f"All values in block_shape must be positive, got {block}"
        )
    return block, pairs_


def to_batch_shape(x, block_shape, paddings):
    if block_shape is None or paddings is None:
        return _any_space(x, block_shape, lambda batch, area: batch * area)
    block, sides = _blocks(block_shape, paddings)
    spatial = [
        None if d is None else (d + a + b) // k
        for d, (a, b), k in zip(x[1:], sides, block, strict=False)
    ]
    batch = None if x[0] is None else x[0] * math.prod(block)
    return (batch, *spatial, *x[1 + len(block) :])


def _any_space(x, block_shape, batch_of):
    """The shape where paddings or crops are not known."""
    if block_shape is None:
        return (None,) * len(x)
    count = block_shape.size
    batch = None if x[0] is None else batch_of(x[0], math.prod(block_shape.tolist()))
    return (batch, *(None,) * count, *x[1 + count :])


def to_space_shape(x, block_shape, crops):
    if block_shape is None or crops is None:
        return _any_space(x, block_shape, lambda batch, area: batch // area)
    block, sides = _blocks(block_shape, crops)
    spatial = [
        None if d is None else d * k - a - b
        for d, (a, b), k in zip(x[1:], sides, block, strict=False)
    ]
    batch = None if x[0] is None else x[0] // math.prod(block)
    return (batch, *spatial, *x[1 + len(block) :])


define("Reshape", reshape, shape=reshaped_shape, shape_like="shape", unknown_rank=True)
define("Squeeze", squeeze, shape=squeezed_shape)
define("ExpandDims", expand_dims, shape=expanded_shape, host="axis")
define("Transpose", transpose, shape=transposed_shape, host="perm", unknown_rank=True)
define(
    "ConjugateTranspose",
    conjugate_transpose,
    shape=transposed_shape,
    host="perm",
    unknown_rank=True,
)
define("Tile", tile, shape=tiled_shape, shape_like="multiples")
define("Pad", pad, shape=padded_shape, host="paddings")
define("PadV2", pad_v2, shape=padded_shape, host="paddings")
define("MirrorPad", mirror_pad, shape=mirrored_shape, host="paddings")
define("ReverseV2", reverse_v2, shape=reversed_shape, host="axis")
define("SpaceToBatchND", space_to_batch_nd, shape=to_batch_shape, host="block_shape paddings")
define("BatchToSpaceND", batch_to_space_nd, shape=to_space_shape, host="block_shape crops")
