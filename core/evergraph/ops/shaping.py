"""Changes of shape and order: Reshape, Squeeze, Transpose, ReverseV2, Reverse, Roll …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.rules import axis_in_range, vector, with_rank_at_least
from evergraph.shapes import bracketed


def reshape(xp, x, shape):
    # TF: at run, a scalar is a vector of one here.
    dims = tuple(vector(np.atleast_1d(shape), "sizes input must be 1-D, not {}"))
    return xp.reshape(x, _resolved(tuple(x.shape), dims))


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
            return _beside_zero(x, dims)
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


def _beside_zero(x, dims):
    """Return the new shape of an empty tensor where a 0 stands beside the -1.

    TF: the -1 is what the sizes other than 0 leave of the input's.
    """
    rest = math.prod(d for d in dims if d > 0)
    count = math.prod(d for d in x if d)
    return tuple(count // rest if d == -1 else d for d in dims)


def _does_not_fit(count, known, x, dims):
    return ShapeError(
        f"Cannot reshape a tensor with {count} elements to shape {bracketed(dims)} ({known} elements)",
        f"Input to reshape is a tensor with {count} values, but the requested shape has {known}",
    )


def reshaped_shape(x, shape):
    if shape is None:
        return None
    bad = next((d for d in shape if d is not None and d < -1), None)
    if bad is not None:
        raise ShapeError(f"Invalid value in tensor used for shape: {bad}")
    if x is not None and 0 in x:
        x = tuple(d or 0 for d in x)  # nothing, however much of it
    known = None if x is None or None in x else x
    if known is None and x is not None and x.count(None) == 1 and {None, -1}.isdisjoint(shape):
        rest, count = math.prod(d for d in x if d is not None), math.prod(shape)
        if count % rest:
            raise ShapeError(f"Dimension size must be evenly divisible by {rest} but is {count}")
    if shape.count(-1) > 1:  # TF: says so when the node runs
        return (None,) * len(shape)
    if None not in shape and known is not None:
        if -1 in shape and 0 in shape and 0 in known:
            return tuple(None if d == -1 else d for d in shape)
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
    # A quarter of what `expand_dims` takes on NumPy.
    return xp.reshape(x, (*x.shape[:at], 1, *x.shape[at:]))


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
    return xp.permute_dims(x, _each_once(_permutation(perm, x.ndim)))


def conjugate_transpose(xp, x, perm):
    y = transpose(xp, x, perm)
    return xp.conj(y) if xp.isdtype(x.dtype, "complex floating") else y


def _permutation(perm, rank):
    order = vector(perm, "perm must be rank 1, got shape {}")
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
    return tuple(order)


def _each_once(order):
    if len(set(order)) < len(order):
        missing = next(i for i in range(len(order)) if i not in order)
        text = f"{missing} is missing from {{{','.join(map(str, order))}}}."
        raise InvalidArgumentError(None, None, text)
    return order


def transposed_shape(x, perm):
    if x is None:
        return None if perm is None else (None,) * perm.size
    if perm is None:
        return (None,) * len(x)
    return tuple(x[p] for p in _permutation(perm, len(x)))


def reverse_v2(xp, x, axis):
    value = np.asarray(axis)
    if value.ndim != 1:
        text = f"'dims' must be 1-dimension, not {value.ndim}"
        raise InvalidArgumentError(None, None, text)
    found = _reversed(value, x.ndim)
    return xp.flip(x, axis=found) if found else x


def _reversed(axis, rank):
    found = tuple(axis_in_range(a, rank) for a in axis.tolist())
    for at in found:
        if found.count(at) > 1:
            raise ShapeError(f"axis {at} specified more than once.")
    return found


def reversed_shape(x, axis):
    if axis is not None:
        _reversed(axis, len(x))
    return x


def reverse(xp, x, dims):
    flags = vector(dims, "'dims' must be 1-dimension, not {}")
    reversed_v1_shape(x.shape, np.array(flags))
    found = tuple(i for i, flag in enumerate(flags) if flag)
    return xp.flip(x, axis=found) if found else x


def reversed_v1_shape(x, dims):
    if dims is not None and dims.size != len(x):
        raise ShapeError(
            f"Shape must be rank {dims.size} but is rank {len(x)}",
            "'dims' must have the same number of values as 'input' has dimensions. "
            f"'input' has {len(x)}'dims' has {dims.size} values",
        )
    return x


def roll(xp, x, shift, axis):
    if not x.ndim:
        raise ShapeError("input must be 1-D or higher")
    shifts, axes = np.atleast_1d(shift), np.atleast_1d(axis)
    if shifts.ndim > 1 or axes.ndim > 1:
        raise ShapeError("shift and axis must be a scalar or a 1-D vector")
    if shifts.shape != axes.shape:
        raise ShapeError("shift and axis must have the same size")
    total = dict.fromkeys(range(x.ndim), 0)
    for s, a in zip(shifts.tolist(), axes.tolist(), strict=True):
        if not -x.ndim <= a < x.ndim:
            raise InvalidArgumentError(None, None, f"axis {a} is out of range")
        total[a % x.ndim] += s
    moved = {a: s % x.shape[a] for a, s in total.items() if s and x.shape[a]}
    return xp.roll(x, tuple(moved.values()), axis=tuple(moved)) if moved else x


def rolled_shape(x, shift, axis):
    with_rank_at_least(x, 1)
    if shift is not None and axis is not None and shift.shape != axis.shape:
        raise ShapeError(
            "Dimension 0 in both shapes must be equal, but are "
            f"{shift.size} and {axis.size}. Shapes are "
            f"{bracketed(shift.shape)} and {bracketed(axis.shape)}."
        )
    return x


# Gradients


def reshape_gradient(tf, op, dy):
    return as_input(tf, op, dy), None


def squeeze_gradient(tf, op, dy):
    return as_input(tf, op, dy)


def as_input(tf, op, dy):
    """Return a gradient in the shape of the first input."""
    (x, *_) = op.inputs
    dims = x.shape.as_list() if x.shape.rank is not None else [None, None]
    if dims.count(None) == 1 and 0 not in dims:
        return tf.Reshape(dy, [-1 if d is None else d for d in dims])
    return tf.Reshape(dy, tf.shape(x))


def transpose_gradient(tf, op, dy):
    return tf.Transpose(dy, tf.InvertPermutation(op.inputs[1])), None


def conjugate_transpose_gradient(tf, op, dy):
    return tf.ConjugateTranspose(dy, tf.InvertPermutation(op.inputs[1])), None


def reverse_v2_gradient(tf, op, dy):
    return tf.ReverseV2(dy, op.inputs[1]), None


def reverse_gradient(tf, op, dy):
    return tf.Reverse(dy, op.inputs[1]), None


def roll_gradient(tf, op, dy):
    _, shift, axis = op.inputs
    return tf.Roll(dy, tf.Neg(shift), axis), None, None


define(
    "Reshape",
    reshape,
    shape=reshaped_shape,
    shape_like="shape",
    unknown_rank=True,
    gradient=reshape_gradient,
)
define("Squeeze", squeeze, shape=squeezed_shape, gradient=squeeze_gradient)
define("ExpandDims", expand_dims, shape=expanded_shape, host="axis", gradient=reshape_gradient)
define(
    "Transpose",
    transpose,
    shape=transposed_shape,
    host="perm:1",
    unknown_rank=True,
    gradient=transpose_gradient,
)
define(
    "ConjugateTranspose",
    conjugate_transpose,
    shape=transposed_shape,
    host="perm:1",
    unknown_rank=True,
    gradient=conjugate_transpose_gradient,
)
define("ReverseV2", reverse_v2, shape=reversed_shape, host="axis:1", gradient=reverse_v2_gradient)
define("Reverse", reverse, shape=reversed_v1_shape, host="dims:1", gradient=reverse_gradient)
define("Roll", roll, shape=rolled_shape, host="shift axis", gradient=roll_gradient)
