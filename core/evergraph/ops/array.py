"""Arrays from shapes and values: Shape, Fill, Range, OneHot, ZerosLike, BroadcastTo …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import (
    broadcast,
    reduced_to,
    same_shape,
    scalar,
    scalar_value,
    vector,
    with_rank,
)
from evergraph.shapes import bracketed
from evergraph.tensor_list import TensorList


def _numpy_integer(out_type):
    return np.int32 if out_type is None else out_type


def shape_of(xp, x, *, out_type=None):
    return np.array(x.shape, _numpy_integer(out_type))


def shape_n(xp, inputs, *, out_type=None):
    return [np.array(x.shape, _numpy_integer(out_type)) for x in inputs]


def size_of(xp, x, *, out_type=None):
    return np.array(math.prod(x.shape), _numpy_integer(out_type))


def rank_of(xp, x):
    return np.array(x.ndim, np.int32)


def rank_vector(x):
    return (None,) if x is None else (len(x),)


def dimensions(value, not_a_vector):
    """Return a host input that is a shape as checked, non-negative ints."""
    found = tuple(vector(value, not_a_vector))
    for d in found:
        if d < 0:
            raise InvalidArgumentError(None, None, f"Dimension {d} must be >= 0")
    return found


def allocate(xp, shape, dtype):
    """Refuse shapes that are larger than memory."""
    del xp
    try:
        check_allocation(shape, from_numpy(np.dtype(dtype)))
    except TypeError:  # the library's own dtype: as if each element took eight bytes
        check_allocation(shape, from_numpy(np.dtype(np.float64)))


def fill(xp, dims, value):
    shape = dimensions(dims, "dims must represent a vector, got shape {}")
    if math.prod(value.shape) != 1:  # TF: at run, a vector of one is a scalar here
        raise ShapeError(f"value must represent a scalar, got shape {bracketed(value.shape)}")
    value = xp.reshape(value, ())
    allocate(xp, shape, value.dtype)
    return xp.asarray(xp.broadcast_to(value, shape), copy=True)


def filled_shape(dims, value):
    if value:
        raise ShapeError(f"Shape must be rank 0 but is rank {len(value)}")
    return _valid(dims)


def _valid(dims):
    if dims is not None:
        for d in dims:
            if d is not None and d < 0:
                raise ShapeError(f"Dimension {d} must be >= 0")
    return dims


def zero(xp, dtype):
    """Return the scalar that TensorFlow fills with: 0, False or the empty string."""
    return np.array(b"", object) if _is_object(dtype) else xp.zeros((), dtype=dtype)


def zeros_like(xp, x):
    if isinstance(x, TensorList):
        return x.mapped(lambda item: zeros_like(xp, item))
    if isinstance(x, bytes):
        return b""
    return xp.full_like(x, b"") if _is_object(x.dtype) else xp.zeros_like(x)


def _is_object(dtype):
    # A library may warn of a comparison of its own dtypes with NumPy's.
    return isinstance(dtype, np.dtype) and dtype == np.object_


def ones_like(xp, x):
    return xp.ones_like(x)


def range_(xp, start, limit, delta):
    given = {"start": start, "limit": limit, "delta": delta}
    return xp.asarray(_range(*(_only_element(v, name) for name, v in given.items())))


def _only_element(value, name):
    # TF: at run, a vector of one is a scalar here.
    value = np.asarray(value)
    if value.ndim > 1 or value.size != 1:
        raise ShapeError(f"{name} must be a scalar, not shape {bracketed(value.shape)}")
    return value.reshape(())[()]


def _range(start, limit, delta):
    size = _range_size(start, limit, delta)
    allocate(None, (size,), start.dtype)
    return (start + delta * np.arange(size).astype(start.dtype)).astype(start.dtype)


def _range_size(start, limit, delta):
    if delta == 0:
        raise ShapeError("Requires delta != 0: 0")
    if delta > 0:
        if not start <= limit:
            raise ShapeError(f"Requires start <= limit when delta > 0: {start}/{limit}")
    elif not start >= limit:
        raise ShapeError(f"Requires start >= limit when delta < 0: {start}/{limit}")
    if isinstance(start.item(), int):
        return max(-((int(start) - int(limit)) // int(delta)), 0)
    size = abs((float(limit) - float(start)) / float(delta))
    if not size <= 2**63 - 1:
        raise ShapeError(f"Requires ((limit - start) / delta) <= {2**63 - 1}")
    return math.ceil(size)


def range_shape(start, limit, delta):
    if start is None or limit is None or delta is None:
        return (None,)
    return (_range_size(start[()], limit[()], delta[()]),)


def linspace(xp, start, stop, num):
    for name, value in (("start", start), ("stop", stop)):
        if value.ndim:
            shape = bracketed(value.shape)
            raise InvalidArgumentError(None, None, f"{name} must be a scalar, not shape {shape}")
    count = scalar_value(num, "num must be a scalar, not shape {}")
    _positive(count)
    allocate(xp, (count,), start.dtype)
    step = (stop - start) / xp.asarray(max(count - 1, 1), dtype=start.dtype)
    values = start + step * xp.arange(count, dtype=start.dtype)
    return xp.where(xp.arange(count) == count - 1, stop if count > 1 else start, values)


def _positive(count):
    if count <= 0:
        raise ShapeError(f"Requires num > 0: {count}")


def linspace_shape(start, stop, num):
    with_rank(start, 0)
    with_rank(stop, 0)
    if num is None:
        return (None,)
    _positive(int(num))
    return (int(num),)


def one_hot(xp, indices, depth, on_value, off_value, *, axis=-1):
    count = scalar_value(depth, "depth must be a scalar, but got: {}")
    if count < 0:
        raise InvalidArgumentError(None, None, f"depth must be non-negative, got: {count}")
    for name, value in (("on_value", on_value), ("off_value", off_value)):
        if value.ndim:
            shape = bracketed(value.shape)
            raise InvalidArgumentError(None, None, f"{name} must be a scalar, but got: {shape}")
    if not -1 <= axis <= indices.ndim:
        raise InvalidArgumentError(
            None,
            None,
            f"Expected axis to be -1 or between [0, {indices.ndim + 1}).  But received: {axis}",
        )
    at = indices.ndim if axis == -1 else axis
    wanted = (*indices.shape[:at], count, *indices.shape[at:])
    allocate(xp, wanted, on_value.dtype)
    if not math.prod(wanted):
        return xp.zeros(wanted, dtype=on_value.dtype)
    places = xp.reshape(xp.arange(count, dtype=indices.dtype), (count, *(1,) * (indices.ndim - at)))
    return xp.where(xp.expand_dims(indices, axis=at) == places, on_value, off_value)


def one_hot_shape(indices, depth, on_value, off_value, *, axis=-1):
    if axis < -1:
        raise ShapeError(f"axis must be >= -1, not {axis}")
    if axis > len(indices):  # TF: says so when the node runs
        return None
    size = size_from(depth)
    if size is not None and size < 0:
        raise ShapeError(f"Dimension {size} must be >= 0")
    at = len(indices) if axis == -1 else axis
    return (*indices[:at], size, *indices[at:])


def size_from(value):
    """Return a size that a host input gives, if it is known."""
    if value is None:
        return None
    if value.ndim:
        raise ShapeError(f"Input must be scalar but has rank {value.ndim}")
    return int(value)


def broadcast_to(xp, x, shape):
    dims = dimensions(shape, "shape must be a vector of {{int32,int64}}, got shape {}")
    allocate(xp, dims, x.dtype)
    return xp.broadcast_to(x, dims)


def broadcast_to_shape(x, shape):
    if shape is None:
        return None
    # TF: a negative size is an error when the node runs.
    shape = tuple(None if d is not None and d < 0 else d for d in shape)
    if len(x) > len(shape):
        raise ShapeError(f"Shape must be at most rank {len(shape)} but is rank {len(x)}")
    for have, want in zip(reversed(x), reversed(shape), strict=False):
        if have not in (None, 1, want) and want is not None:
            raise ShapeError(
                f"Dimensions must be equal, but are {have} and {want}",
                f"Incompatible shapes: {list(x)} vs. {list(shape)}",
            )
    return shape


def broadcast_args(xp, s0, s1):
    shape = broadcast(tuple(s0.tolist()), tuple(s1.tolist()))
    return np.array(shape, s0.dtype)


def broadcast_args_shape(s0, s1):
    return (None if s0 is None or s1 is None else max(len(s0), len(s1)),)


def gradient_axes(xp, s0, s1):
    """Return, for each of two shapes, the axes along which it was broadcast to the other's."""
    first, second = (tuple(s.tolist()) for s in (s0, s1))
    rank = max(len(first), len(second))
    a = (1,) * (rank - len(first)) + first
    b = (1,) * (rank - len(second)) + second
    broadcast(a, b)
    if first == second:
        axes: tuple[list[int], ...] = [], []
    else:
        # TF: where both are 1, both are reduced.
        axes = tuple(
            [i for i, (p, q) in enumerate(zip(x, y, strict=True)) if p == 1]
            for x, y in ((a, b), (b, a))
        )
    return [np.array(found, s0.dtype) for found in axes]


def gradient_axes_shape(s0, s1):
    return [(None,), (None,)]


def fill_gradient(tf, op, dy):
    return None, tf.Sum(tf.Reshape(dy, [-1]), 0)


def broadcast_to_gradient(tf, op, dy):
    return reduced_to(tf, op.inputs[0], op.outputs[0], dy), None


def empty(xp, shape, *, dtype, init=False):
    # Memory is not left as it was found.
    del init
    dims = dimensions(shape, "shape must be a vector of int32, got shape {}")
    allocate(xp, dims, dtype)
    return xp.zeros(dims, dtype=dtype)


def empty_shape(shape):
    for d in shape or ():
        if d is not None and d < 0:
            raise ShapeError(f"Invalid value in tensor used for shape: {d}")
    return shape


define("Empty", empty, shape=empty_shape, shape_like="shape")
define("Shape", shape_of, shape=rank_vector, unknown_rank=True, gradient=no_gradient)
define(
    "ShapeN",
    shape_n,
    shape=lambda inputs: [rank_vector(x) for x in inputs],
    unknown_rank=True,
    gradient=no_gradient,
)
define("Size", size_of, shape=scalar, unknown_rank=True, gradient=no_gradient)
define("Rank", rank_of, shape=scalar, unknown_rank=True, gradient=no_gradient)
define("Fill", fill, shape=filled_shape, shape_like="dims", gradient=fill_gradient)
define("ZerosLike", zeros_like, shape=same_shape, unknown_rank=True, gradient=no_gradient)
define("OnesLike", ones_like, shape=same_shape, unknown_rank=True, gradient=no_gradient)
define("Range", range_, shape=range_shape, host="start:0 limit:0 delta:0", gradient=no_gradient)
define("LinSpace", linspace, shape=linspace_shape, host="num:0", gradient=no_gradient)
define("OneHot", one_hot, shape=one_hot_shape, host="depth", gradient=no_gradient)
define(
    "BroadcastTo",
    broadcast_to,
    shape=broadcast_to_shape,
    shape_like="shape",
    gradient=broadcast_to_gradient,
)
define("BroadcastArgs", broadcast_args, shape=broadcast_args_shape, shape_like="s0 s1")
define(
    "BroadcastGradientArgs",
    gradient_axes,
    shape=gradient_axes_shape,
    shape_like="s0 s1",
    gradient=no_gradient,
)
