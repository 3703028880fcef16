"""Shape rules that many families share, and how they say that shapes do not fit."""
# Rules take shapes as tuples of int or None; see `evergraph.op.Op`.

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError
from evergraph.shapes import bracketed


def same_shape(x, *others):
    """The output has the shape of the first input."""
    return x


def scalar(*inputs):
    """The output is a scalar."""
    return ()


def broadcast(x, y):
    """NumPy's broadcasting of two shapes; a dimension of 1 or unknown gives way."""
    if x == y:
        return x
    rank = max(len(x), len(y))
    a = (1,) * (rank - len(x)) + tuple(x)
    b = (1,) * (rank - len(y)) + tuple(y)
    return tuple(_broadcast_dim(i, j, x, y) for i, j in zip(a, b, strict=True))


def _broadcast_dim(i, j, x, y):
    if i == j or j == 1:
        return i
    if i == 1:
        return j
    if i is None:
        # TF: whatever it is, it is 1 or equal to a known size above 1.
        return j
    if j is None:
        return i
    raise ShapeError(
        f"Dimensions must be equal, but are {i} and {j}",
        f"Incompatible shapes: {bracketed(x)} vs. {bracketed(y)}",
    )


def axis_in_range(axis, rank):
    """Return a possibly negative axis as a position, checked."""
    axis = int(axis)
    if not -rank <= axis < rank:
        raise ShapeError(f"Dimension {axis} must be in the range [{-rank}, {rank})")
    return axis % rank if rank else 0


def with_rank(shape, rank):
    """Return the shape, checked to have that rank unless its rank is unknown."""
    if shape is not None and len(shape) != rank:
        raise ShapeError(f"Shape must be rank {rank} but is rank {len(shape)}")
    return shape


def with_rank_at_least(shape, rank):
    """Return the shape, checked to have at least that rank."""
    if len(shape) < rank:
        raise ShapeError(f"Shape must be at least rank {rank} but is rank {len(shape)}")
    return shape


def vector(value, message):
    """Return a host input as a list; `message` says, with its shape, that it is not a vector."""
    value = np.asarray(value)
    if value.ndim != 1:
        raise InvalidArgumentError(None, None, message.format(bracketed(value.shape)))
    return value.tolist()


def scalar_value(value, message):
    """Return a host input as a number; `message` says, with its shape, that it is not a scalar."""
    value = np.asarray(value)
    if value.ndim != 0:
        raise InvalidArgumentError(None, None, message.format(bracketed(value.shape)))
    return value.item()


def unbroadcast(tf, op, gx, gy):
    """Return the gradients of two inputs, summed over the axes along which each was broadcast."""
    x, y = op.inputs[:2]
    return reduced_to(tf, x, y, gx), reduced_to(tf, y, x, gy)


def reduced_to(tf, x, other, gradient):
    """Return a gradient of the shape of `x` and `other` together, summed to the shape of `x`."""
    if gradient is None:
        return None
    axes = broadcast_axes(x.shape, other.shape)
    if axes is None:
        axes, _ = tf.BroadcastGradientArgs(tf.Shape(x), tf.Shape(other))
    elif axes or x.shape.rank < other.shape.rank:
        axes = tf.constant(axes, "int32")
    else:
        return gradient
    return tf.Reshape(tf.Sum(gradient, axes, keep_dims=True), tf.shape(x))


def broadcast_axes(x, y):
    """Return the axes along which `x` is broadcast to `y`; None if the static shapes do not say."""
    if x.rank is None or y.rank is None:
        return None
    a, b = x.as_list(), y.as_list()
    rank = max(len(a), len(b))
    pairs = zip([1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b, strict=True)
    axes = []
    for axis, (i, j) in enumerate(pairs):
        if i == 1 != j:
            axes.append(axis)
        elif None in (i, j) and j != 1:
            return None
    return axes


def conjugated(tf, x):
    """Return the complex conjugate that the gradient of a complex function multiplies by."""
    return tf.Conj(x) if x.dtype.is_complex else x


def slice_of(tf, vector, start, end):
    """Return the elements of a vector from `start` to `end`, which may be negative or None."""
    mask = int(end is None)
    return tf.StridedSlice(vector, [start], [end or 0], [1], end_mask=mask)


def attributes_of(op, names):
    """Return the attributes of an op that its gradient passes on."""
    return {name: op.get_attr(name) for name in names}


def merged_dim(a, b):
    """Return the known one of two dimensions, which must be equal if both are known."""
    if a is None:
        return b
    if b is None or a == b:
        return a
    raise ShapeError(f"Dimensions must be equal, but are {a} and {b}")


def merged(x, y):
    """Return what is known from two shapes (either may be None) that must be equal."""
    if x is None:
        return y
    if y is None:
        return x
    if len(x) != len(y):
        raise ShapeError(f"Shapes must be equal rank, but are {len(x)} and {len(y)}")
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        if a is not None and b is not None and a != b:
            raise ShapeError(
                f"Dimension {i} in both shapes must be equal, but are {a} and {b}. Shapes are "
                f"{bracketed(x)} and {bracketed(y)}."
            )
    return tuple(b if a is None else a for a, b in zip(x, y, strict=True))
