"""Parts of arrays: Slice, StridedSlice, Gather, GatherV2, GatherNd, ScatterNd."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.array import allocate, dimensions
from evergraph.ops.rules import axis_in_range
from evergraph.shapes import bracketed


def slice_(xp, x, begin, size):
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
):
    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    key: list[object] = []
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
                key.append(slice(start, stop if stop >= 0 else None, step))
    return x[tuple(key)]


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
    if not -size <= value < size:
        raise ShapeError(
            f"slice index {value} of dimension {axis} out of bounds.",
            f"slice index {value} of dimension {axis} out of bounds.",
        )
    return value + size if value < 0 else value


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


def _in_range(xp, indices, size, name="indices"):
    def message(at, value):
        where = f"[{','.join(map(str, at))}]" if at else ""
        return f"{name}{where} = {int(value)} is not in [0, {size})"

    xp.check((indices >= 0) & (indices < size), InvalidArgumentError, message, indices)


def gather_v2(xp, params, indices, axis, *, batch_dims=0):
    at = axis_in_range(np.asarray(axis).reshape(()), params.ndim)
    batch = _batch_dims(batch_dims, indices.ndim)
    if batch > at:
        text = f"batch_dims ({batch}) must be less than or equal to axis ({at})."
        raise InvalidArgumentError(None, None, text)
    _in_range(xp, indices, params.shape[at])
    return xp.ext.gather(params, indices, axis=at, batch_dims=batch)


def _batch_dims(batch_dims, rank):
    """Return how many axes the parameters and the indices share, checked."""
    if not -rank <= batch_dims <= rank:
        need = batch_dims if batch_dims >= 0 else -batch_dims
        raise ShapeError(
            f"Shape must be at least rank {need} but is rank {rank}",
            f"Expected batch_dims in the range [{-rank}, {rank}], but got {batch_dims}",
        )
    return batch_dims + rank if batch_dims < 0 else batch_dims


def gather_shape(params, indices, axis, *, batch_dims=0):
    if params is None or indices is None:
        return None
    if axis is None:
        batch = batch_dims + len(indices) if batch_dims < 0 else batch_dims
        return (None,) * (len(params) + len(indices) - 1 - batch)
    if not -len(params) <= int(axis) < len(params):
        need = int(axis) + 1 if int(axis) >= 0 else -int(axis)
        raise ShapeError(f"Shape must be at least rank {need} but is rank {len(params)}")
    at = int(axis) % len(params)
    batch = _batch_dims(batch_dims, len(indices))
    return (*params[:at], *indices[batch:], *params[at + 1 :])


def gather(xp, params, indices, *, validate_indices=True):
    del validate_indices
    return gather_v2(xp, params, indices, 0)


def gather_v1_shape(params, indices, *, validate_indices=True):
    del validate_indices
    return gather_shape(params, indices, np.int32(0))


def gather_nd(xp, params, indices):
    depth = indices.shape[-1]
    if depth > params.ndim:
        raise ShapeError(
            f"indices.shape[-1] must be <= params.rank, but saw {depth} and {params.ndim}"
        )
    flat = xp.zeros(indices.shape[:-1], dtype=indices.dtype)
    ok = xp.ones(indices.shape[:-1], dtype=xp.bool)
    size = 1
    for i in range(depth):
        one = indices[..., i]
        ok = ok & (one >= 0) & (one < params.shape[i])
        flat = flat * xp.asarray(params.shape[i], dtype=indices.dtype) + one
        size *= params.shape[i]
    shape = list(params.shape)
    vectors = [indices[..., i] for i in range(depth)]

    def message(at, *values):
        where = "".join(f"{i}," for i in at)
        found = ", ".join(str(int(v)) for v in values)
        return f"indices[{where.rstrip(',')}] = [{found}] does not index into param shape {shape}".replace(
            ", ", ","
        )

    xp.check(ok, InvalidArgumentError, message, *vectors)
    rows = xp.reshape(params, (size, *params.shape[depth:]))
    return xp.ext.gather(rows, flat, axis=0)


def gather_nd_shape(params, indices):
    if indices is None or params is None or not indices or indices[-1] is None:
        return None
    if indices[-1] > len(params):
        raise ShapeError(
            f"indices.shape[-1] must be <= params.rank, but saw indices.shape[-1] = {indices[-1]} "
            f"and params.rank = {len(params)}"
        )
    return (*indices[:-1], *params[indices[-1] :])


def scatter_nd(xp, indices, updates, shape):
    dims = dimensions(shape, "Shape must be a vector, but got shape {}")
    allocate(xp, dims, updates.dtype)
    ok = xp.ones(indices.shape[:-1], dtype=xp.bool)
    vectors = [indices[..., i] for i in range(indices.shape[-1])]
    for one, d in zip(vectors, dims, strict=False):
        ok = ok & (one >= 0) & (one < d)

    def message(at, *values):
        where = ",".join(map(str, at))
        found = ", ".join(str(int(v)) for v in values)
        return (
            f"indices[{where}] = [{found}] does not index into shape [{','.join(map(str, dims))}]"
        )

    xp.check(ok, InvalidArgumentError, message, *vectors)
    return xp.ext.scatter(xp.zeros(dims, dtype=updates.dtype), indices, updates, how="add")


def scattered_shape(indices, updates, shape):
    del indices, updates
    return shape


define("Slice", slice_, shape=sliced_shape, host="begin size", unknown_rank=True)
define("StridedSlice", strided_slice, shape=strided_shape, host="begin end strides")
define("GatherV2", gather_v2, shape=gather_shape, host="axis", unknown_rank=True)
define("Gather", gather, shape=gather_v1_shape, unknown_rank=True)
define("GatherNd", gather_nd, shape=gather_nd_shape, unknown_rank=True)
define("ScatterNd", scatter_nd, shape=scattered_shape, shape_like="shape", unknown_rank=True)
