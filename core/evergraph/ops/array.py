"""Arrays from shapes and values: Shape, Fill, Range, OneHot, ZerosLike, BroadcastTo, Where …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define
from evergraph.ops.rules import broadcast, same_shape, scalar, with_rank


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


def dimensions(value):
    """Return a host input that is a shape as checked, non-negative ints."""
    found = tuple(int(d) for d in np.asarray(value).reshape(-1))
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
    shape = dimensions(dims)
    allocate(xp, shape, value.dtype if hasattr(value, "dtype") else np.object_)
    if isinstance(value, bytes):
        return np.full(shape, value, object)
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


def zeros_like(xp, x):
    return xp.zeros_like(x)


def ones_like(xp, x):
    return xp.ones_like(x)


def range_(xp, start, limit, delta):
    start, limit, delta = (np.asarray(v)[()] for v in (start, limit, delta))
    return xp.asarray(_range(start, limit, delta))


def _range(start, limit, delta):
    size = _range_size(start, limit, delta)
    allocate(None, (size,), start.dtype)
    return (start + delta * np.arange(size).astype(start.dtype)).astype(start.dtype)


def _range_size(start, limit, delta):
    if delta == 0:
        raise ShapeError("Requires delta != 0: 0")
    if delta > 0 and start > limit:
        raise ShapeError(f"Requires start <= limit when delta > 0: {start}/{limit}")
    if delta < 0 and start < limit:
        raise ShapeError(f"Requires start >= limit when delta < 0: {start}/{limit}")
    if isinstance(start.item(), int):
        return max(-((int(start) - int(limit)) // int(delta)), 0)
    return max(math.ceil(abs((float(limit) - float(start)) / float(delta))), 0)


def range_shape(start, limit, delta):
    if start is None or limit is None or delta is None:
        return (None,)
    return (_range_size(start[()], limit[()], delta[()]),)


def linspace(xp, start, stop, num):
    count = int(np.asarray(num))
    if count <= 0:
        raise InvalidArgumentError(None, None, f"Requires num > 0: {count}")
    step = (stop - start) / xp.asarray(max(count - 1, 1), dtype=start.dtype)
    values = start + step * xp.arange(count, dtype=start.dtype)
    return xp.where(xp.arange(count) == count - 1, stop if count > 1 else start, values)


def linspace_shape(start, stop, num):
    return (None if num is None else int(num),)


def one_hot(xp, indices, depth, on_value, off_value, *, axis=-1):
    count = int(np.asarray(depth))
    if count < 0:
        raise InvalidArgumentError(None, None, f"depth must be non-negative, got: {count}")
    at = indices.ndim if axis == -1 else axis
    allocate(xp, (*indices.shape, count), on_value.dtype)
    places = xp.reshape(xp.arange(count, dtype=indices.dtype), (count, *(1,) * (indices.ndim - at)))
    return xp.where(xp.expand_dims(indices, axis=at) == places, on_value, off_value)


def one_hot_shape(indices, depth, on_value, off_value, *, axis=-1):
    if not -1 <= axis <= len(indices):
        raise ShapeError(
            f"Expected axis to be -1 or between [0, {len(indices) + 1}).  But received: {axis}"
        )
    if depth is not None and int(depth) < 0:
        raise ShapeError(f"Dimension {int(depth)} must be >= 0")
    at = len(indices) if axis == -1 else axis
    return (*indices[:at], None if depth is None else int(depth), *indices[at:])


def broadcast_to(xp, x, shape):
    dims = dimensions(shape)
    allocate(xp, dims, x.dtype)
    return xp.broadcast_to(x, dims)


def broadcast_to_shape(x, shape):
    _valid(shape)
    if shape is None:
        return None
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
    return None if s0 is None or s1 is None else (max(len(s0), len(s1)),)


def invert_permutation(xp, x):
    order = xp.argsort(x)
    size = x.shape[0]
    found = xp.take(x, order, axis=0)

    def message(at, value):
        if 0 <= value < size:
            return f"{int(value)} is duplicated in the input."
        return f"{int(value)} is not between 0 and {size}"

    good = found == xp.arange(size, dtype=x.dtype)
    xp.check(good, InvalidArgumentError, message, found)
    return xp.astype(order, x.dtype)


def inverted_shape(x):
    return with_rank(x, 1)


def where(xp, condition):
    return xp.astype(xp.stack(xp.nonzero(condition), axis=1), xp.int64)


def where_shape(condition):
    return (None, None) if condition is None else (None, len(condition))


def top_k(xp, x, k, *, sorted=True):
    del sorted
    return xp.ext.top_k(x, int(np.asarray(k)))


def top_k_shape(x, k):
    if not x:
        raise ShapeError(
            "Shape must be at least rank 1 but is rank 0", "input must be >= 1-D, got shape []"
        )
    count = None if k is None else int(k)
    if count is not None and x[-1] is not None and x[-1] < count:
        raise ShapeError(
            f"input must have last dimension >= k = {count} but is {x[-1]}",
            f"input must have at least k columns. Had {x[-1]}, needed {count}",
        )
    return [(*x[:-1], count)] * 2


def matrix_band_part(xp, x, num_lower, num_upper):
    rows, columns = x.shape[-2:]
    lower, upper = int(np.asarray(num_lower)), int(np.asarray(num_upper))
    i = np.arange(rows)[:, None]
    j = np.arange(columns)[None, :]
    keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    return xp.where(xp.asarray(keep), x, xp.zeros_like(x))


def band_shape(x, num_lower, num_upper):
    return x


define("Shape", shape_of, shape=rank_vector, unknown_rank=True)
define("ShapeN", shape_n, shape=lambda inputs: [rank_vector(x) for x in inputs], unknown_rank=True)
define("Size", size_of, shape=scalar, unknown_rank=True)
define("Rank", rank_of, shape=scalar, unknown_rank=True)
define("Fill", fill, shape=filled_shape, shape_like="dims")
define("ZerosLike", zeros_like, shape=same_shape, unknown_rank=True)
define("OnesLike", ones_like, shape=same_shape, unknown_rank=True)
define("Range", range_, shape=range_shape, host="start limit delta")
define("LinSpace", linspace, shape=linspace_shape, host="num")
define("OneHot", one_hot, shape=one_hot_shape, host="depth")
define("BroadcastTo", broadcast_to, shape=broadcast_to_shape, shape_like="shape")
define("BroadcastArgs", broadcast_args, shape=broadcast_args_shape, shape_like="s0 s1")
define("InvertPermutation", invert_permutation, shape=inverted_shape)
define("Where", where, shape=where_shape, unknown_rank=True)
define("TopKV2", top_k, shape=top_k_shape, host="k")
define("MatrixBandPart", matrix_band_part, shape=band_shape, host="num_lower num_upper")
