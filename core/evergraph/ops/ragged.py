"""Ragged tensors: RaggedRange, RaggedGather, RaggedTensorToSparse, RaggedTensorToTensor."""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import float64
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import slice_of
from evergraph.shapes import bracketed

# How long rows are depends on values: these kernels run on NumPy's arrays.


def _fail(text):
    raise InvalidArgumentError(None, None, text)


def ragged_range(xp, starts, limits, deltas, *, Tsplits):
    given = [np.asarray(v) for v in (starts, limits, deltas)]
    for name, value in zip(("starts", "limits", "deltas"), given, strict=True):
        if value.ndim > 1:
            _fail(f"{name} must be a scalar or vector")
    counts = {v.shape[0] for v in given if v.ndim}
    if len(counts) > 1:
        _fail("starts, limits, and deltas must have the same shape")
    rows = counts.pop() if counts else 1
    first, limit, delta = (np.broadcast_to(v, (rows,)) for v in given)
    if (delta == 0).any():
        _fail("Requires delta != 0")
    if first.dtype.kind in "iu":
        wide = [v.astype(object) for v in (first, limit, delta)]
        sizes = [max(0, -((a - b) // d)) for a, b, d in zip(*wide, strict=True)]
    else:
        with np.errstate(all="ignore"):
            exact = np.maximum(np.ceil(np.abs((limit - first) / delta)), 0)
        exact = np.where(
            ((delta > 0) & (first < limit)) | ((delta < 0) & (first > limit)), exact, 0
        )
        if not np.isfinite(exact).all():
            _fail("Requires ((limit - start) / delta) to be finite")
        sizes = [int(n) for n in exact]
    check_allocation((sum(sizes),), float64)
    splits = np.concatenate([[0], np.cumsum(np.array(sizes, np.int64))]).astype(Tsplits)
    parts = [
        f + np.arange(n).astype(first.dtype) * d
        for f, n, d in zip(first, sizes, delta, strict=True)
    ]
    values = np.concatenate(parts) if parts else np.zeros(0)
    return splits, values.astype(first.dtype)


def ragged_range_shape(starts, limits, deltas):
    rows = 1
    for shape in (starts, limits, deltas):
        if shape is None:
            return [(None,), (None,)]
        if len(shape) > 1:
            raise ShapeError(f"Shape must be at most rank 1 but is rank {len(shape)}")
        if shape:
            if rows not in (1, None) and shape[0] not in (None, rows):
                raise ShapeError(f"Dimensions must be equal, but are {rows} and {shape[0]}")
            rows = shape[0] if rows in (1, None) else rows
    return [(None if rows is None else rows + 1,), (None,)]


def _check_splits(nested, count):
    """Check nested row splits, the innermost of which partition `count` values."""
    for i, splits in enumerate(nested):
        if splits.ndim != 1 or not splits.shape[0] or splits[0] != 0:
            _fail("Ragged splits must be vectors that start with 0")
        if (np.diff(splits) < 0).any():
            _fail("Ragged splits must be sorted")
        inner = nested[i + 1].shape[0] - 1 if i + 1 < len(nested) else count
        if splits[-1] != inner:
            _fail("Final value of ragged splits must match the length of the ragged values.")


def ragged_gather(xp, params_nested_splits, params_dense_values, indices, *, OUTPUT_RAGGED_RANK):
    nested = [np.asarray(s) for s in params_nested_splits]
    if not params_dense_values.ndim:
        _fail("params.rank must be nonzero")
    _check_splits(nested, params_dense_values.shape[0])
    rows = nested[0].shape[0] - 1
    flat = indices.reshape(-1)
    bad = np.nonzero((flat < 0) | (flat >= rows))[0]
    if bad.size:
        _fail(f"indices[{int(bad[0])}] = {int(flat[bad[0]])} is not in [0, {rows})")
    dtype = nested[0].dtype
    found = []
    # The axes of the indices are uniform ones, whose rows are all of one length.
    count = 1
    for outer, size in zip(indices.shape[:-1], indices.shape[1:], strict=True):
        count *= outer
        found.append((np.arange(count + 1) * size).astype(dtype))
    rows_now = flat.astype(np.int64)
    for splits in nested:
        starts, ends = splits[rows_now].astype(np.int64), splits[rows_now + 1].astype(np.int64)
        sizes = ends - starts
        check_allocation((int(sizes.sum()),), float64)
        found.append(np.concatenate([[0], np.cumsum(sizes)]).astype(dtype))
        parts = [np.arange(a, b) for a, b in zip(starts, ends, strict=True)]
        rows_now = np.concatenate(parts) if parts else np.zeros(0, np.int64)
    return *found, params_dense_values[rows_now]


def ragged_gather_shape(params_nested_splits, params_dense_values, indices, *, OUTPUT_RAGGED_RANK):
    found: list[tuple[int | None, ...] | None] = [(None,)] * OUTPUT_RAGGED_RANK
    if indices is not None:
        count: int | None = 1
        for i, size in enumerate(indices):
            count = None if count is None or size is None else count * size
            if i < OUTPUT_RAGGED_RANK:
                found[i] = (None if count is None else count + 1,)
    values = params_dense_values
    return [*found, None if values is None else (None, *values[1:])]


def ragged_gather_gradient(tf, op, *dys):
    *nested, values, indices = op.inputs
    sizes = tf.Shape(values, out_type="int64")
    count = tf.StridedSlice(sizes, [0], [1], [1], shrink_axis_mask=1)
    numbers = tf.Range(tf.constant(0, "int64"), count, tf.constant(1, "int64"))
    found = tf.RaggedGather(
        list(nested), numbers, indices, OUTPUT_RAGGED_RANK=op.get_attr("OUTPUT_RAGGED_RANK")
    )
    return *[None] * len(nested), tf.slices(dys[-1], found[-1], tf.Shape(values)), None


def ragged_to_sparse(xp, rt_nested_splits, rt_dense_values):
    nested = [np.asarray(s).astype(np.int64) for s in rt_nested_splits]
    values = rt_dense_values
    if not values.ndim:
        _fail("values must have a rank of at least 1")
    _check_splits(nested, values.shape[0])
    places = np.arange(nested[0].shape[0] - 1)[:, None]
    dims = [places.shape[0]]
    for splits in nested:
        sizes = np.diff(splits)
        dims.append(int(sizes.max(initial=0)))
        within = np.arange(splits[-1]) - np.repeat(splits[:-1], sizes)
        places = np.concatenate([np.repeat(places, sizes, axis=0), within[:, None]], axis=1)
    inner = values.shape[1:]
    grid = np.stack(list(np.indices(inner)), axis=-1).reshape(-1, len(inner)) if inner else None
    if grid is not None:
        outer = np.repeat(places, len(grid), axis=0)
        places = np.concatenate([outer, np.tile(grid, (len(places), 1))], axis=1)
    return (
        places.astype(np.int64),
        values.reshape(-1),
        np.array([*dims, *inner], np.int64),
    )


def ragged_to_sparse_shape(rt_nested_splits, rt_dense_values):
    values = rt_dense_values
    if values is None:
        return [(None, None), (None,), (None,)]
    count: int | None = 1
    for n in values:
        count = None if count is None or n is None else count * n
    rank = len(values) + len(rt_nested_splits)
    return [(count, rank), (count,), (rank,)]


def ragged_to_sparse_gradient(tf, op, *dys):
    values = op.inputs[-1]
    return *[None] * (len(op.inputs) - 1), tf.Reshape(dys[1], tf.Shape(values))


# To a dense tensor


def _row_ids(kind, partition, parents):
    """Return the row of each element of a partition, and how many rows it says there are."""
    if kind == "VALUE_ROWIDS":
        if partition.ndim != 1:
            _fail("value_rowids must be a vector")
        if (np.diff(partition) < 0).any() or (partition < 0).any():
            _fail("row ids must be sorted and not negative")
        return partition.astype(np.int64)
    if kind == "ROW_SPLITS":
        if partition.ndim != 1 or not partition.size:
            _fail("row_splits must be a vector that is not empty")
        if partition[0] != 0 or (np.diff(partition) < 0).any():
            _fail("row_splits must be sorted and start with 0")
        check_allocation((int(partition[-1]), 2), float64)
        return np.repeat(np.arange(partition.size - 1), np.diff(partition))
    return _fail(f"Unsupported partition type: {kind}")


def _kinds(row_partition_types):
    return [k.decode() if isinstance(k, bytes) else k for k in row_partition_types]


def ragged_to_tensor(
    xp, shape, values, default_value, row_partition_tensors, *, row_partition_types
):
    kinds = _kinds(row_partition_types)
    partitions = [np.asarray(p) for p in row_partition_tensors]
    if len(kinds) != len(partitions) or not kinds:
        _fail("Row partition types and tensors must be as many, and one at least")
    if kinds[0] == "FIRST_DIM_SIZE":
        rows = int(partitions[0].reshape(()))
        kinds, partitions = kinds[1:], partitions[1:]
    elif kinds[0] == "ROW_SPLITS":
        rows = partitions[0].size - 1
    else:
        _fail(f"Cannot handle {kinds[0]} in first dimension")
    if rows < 0:
        _fail(f"the first dimension must not be negative, but is {rows}")
    # Every row is counted, and all of them are in the output.
    check_allocation((rows, len(kinds) + 1), float64)
    count = rows
    at = np.arange(rows)[:, None]
    sizes = [rows]
    for kind, partition in zip(kinds, partitions, strict=True):
        ids = _row_ids(kind, partition, count)
        if ids.size and ids[-1] >= count:
            _fail(f"row id {int(ids[-1])} is not in [0, {count})")
        lengths = np.bincount(ids, minlength=count) if count else np.zeros(0, np.int64)
        starts = np.cumsum(lengths) - lengths
        within = np.arange(ids.size) - starts[ids] if ids.size else np.zeros(0, np.int64)
        at = np.concatenate([at[ids], within[:, None]], axis=1)
        sizes.append(int(lengths.max(initial=0)))
        count = ids.size
    if values.ndim < 1 or values.shape[0] != count:
        _fail(f"values should have {count} rows, but have the shape {bracketed(values.shape)}")
    dims = _output_sizes(shape, sizes, values.shape[1:])
    inner = dims[len(sizes) :]
    if inner != values.shape[1:]:
        _fail(f"the shape {list(dims)} does not fit values of the shape {bracketed(values.shape)}")
    check_allocation(dims, float64)
    try:
        default = np.broadcast_to(default_value, inner)
    except ValueError:
        _fail(f"default_value {bracketed(default_value.shape)} does not broadcast to {list(inner)}")
    found = np.empty(dims, values.dtype)
    found[...] = default
    inside = (at < np.array(dims[: len(sizes)])).all(axis=1)
    found[tuple(at[inside].T)] = values[inside]
    return found


def _output_sizes(shape, sizes, inner):
    wanted = np.asarray(shape)
    whole = [*sizes, *inner]
    if wanted.ndim == 0:
        if int(wanted) != -1:
            _fail("shape must be -1, if it is a scalar")
        return tuple(whole)
    if wanted.shape != (len(whole),):
        _fail(f"shape must have {len(whole)} elements, not {wanted.size}")
    if (wanted < -1).any():
        _fail(f"shape must not be negative: {wanted.tolist()}")
    return tuple(n if w == -1 else int(w) for n, w in zip(whole, wanted.tolist(), strict=True))


def ragged_to_tensor_shape(
    shape, values, default_value, row_partition_tensors, *, row_partition_types
):
    kinds = _kinds(row_partition_types)
    depth = len(kinds) - (kinds[:1] == ["FIRST_DIM_SIZE"]) + 1
    if values is None:
        return None if shape is None or not np.ndim(shape) else (None,) * len(shape)
    inner = values[1:]
    if shape is None or not np.ndim(shape):
        return (*(None,) * depth, *inner)
    sizes = [None if n == -1 else int(n) for n in shape]
    if len(sizes) != depth + len(inner):
        raise ShapeError(f"Shape must be rank {depth + len(inner)} but is rank {len(sizes)}")
    merged_inner = [a if b is None else b for a, b in zip(inner, sizes[depth:], strict=True)]
    return (*sizes[:depth], *merged_inner)


def ragged_to_tensor_gradient(tf, op, dy):
    _, values, default, *partitions = op.inputs
    kinds = _kinds(op.get_attr("row_partition_types"))
    depth = len(kinds) - (kinds[0] == "FIRST_DIM_SIZE") + 1
    count = tf.StridedSlice(tf.Shape(values), [0], [1], [1], shrink_axis_mask=1)
    numbers = tf.Range(tf.constant(0), count, tf.constant(1))
    outer = slice_of(tf, tf.Shape(dy), 0, depth)
    places = tf.RaggedTensorToTensor(
        outer, numbers, tf.constant(-1), list(partitions), row_partition_types=kinds
    )
    ids = tf.Reshape(places, [-1])
    rows = tf.Reshape(dy, tf.ConcatV2([[-1], slice_of(tf, tf.Shape(values), 1, None)], 0))
    missing = tf.Cast(tf.Less(ids, tf.constant(0)), DstT="int32")
    rest = tf.UnsortedSegmentSum(rows, tf.Sub(missing, 1), tf.constant(1))
    rest = tf.Reshape(rest, slice_of(tf, tf.Shape(values), 1, None))
    axes, _ = tf.BroadcastGradientArgs(tf.Shape(default), tf.Shape(rest))
    by_default = tf.Reshape(tf.Sum(rest, axes), tf.Shape(default))
    kept = tf.Reshape(tf.Where(tf.GreaterEqual(ids, tf.constant(0))), [-1])
    rows, ids = tf.GatherV2(rows, kept, 0), tf.GatherV2(ids, kept, 0)
    by_values = tf.slices(rows, ids, tf.Shape(values))
    return None, by_values, by_default, *[None] * len(partitions)


define(
    "RaggedRange",
    ragged_range,
    shape=ragged_range_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "RaggedGather",
    ragged_gather,
    shape=ragged_gather_shape,
    unknown_rank=True,
    gradient=ragged_gather_gradient,
)
define(
    "RaggedTensorToSparse",
    ragged_to_sparse,
    shape=ragged_to_sparse_shape,
    unknown_rank=True,
    gradient=ragged_to_sparse_gradient,
)
define(
    "RaggedTensorToTensor",
    ragged_to_tensor,
    shape=ragged_to_tensor_shape,
    host="shape",
    unknown_rank=True,
    gradient=ragged_to_tensor_gradient,
)
