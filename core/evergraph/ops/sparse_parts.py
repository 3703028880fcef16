"""Sparse tensors of which only a run knows how many elements they have: SparseAdd, SparseSlice …"""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import int64
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import merged_dim, with_rank
from evergraph.ops.sparse_dense import check_parts, flat_places, reduced_axes, sizes_of
from evergraph.xp import NUMPY

# These kernels run on NumPy's arrays.


def _fail(text):
    raise InvalidArgumentError(None, None, text)


def _parts(indices, values, shape):
    sizes = sizes_of(shape)
    check_parts(indices, values, sizes)
    return sizes, flat_places(NUMPY, indices, sizes)


def split(xp, split_dim, indices, values, shape, *, num_split):
    axis = np.asarray(split_dim)
    if axis.size != 1:
        _fail("split_dim should be a scalar")
    sizes, _ = _parts(indices, values, shape)
    at = int(axis.reshape(()))
    if not -len(sizes) <= at < len(sizes):
        _fail(f"Input split_dim should be between [{-len(sizes)}, {len(sizes)}), got {at}")
    at %= len(sizes)
    if not 1 <= num_split <= sizes[at]:
        _fail(
            f"Input num_split should be between 1 and the splitting dimension size ({sizes[at]}), "
            f"got {num_split}"
        )
    # The first parts are one longer where it does not come out even.
    short, longer = divmod(sizes[at], num_split)
    found: list[list[object]] = [[], [], []]
    start = 0
    for i in range(num_split):
        size = short + (i < longer)
        inside = (indices[:, at] >= start) & (indices[:, at] < start + size)
        moved = indices[inside].copy()
        moved[:, at] -= start
        dims = np.array(sizes, np.int64)
        dims[at] = size
        for target, part in zip(found, (moved, values[inside], dims), strict=True):
            target.append(part)
        start += size
    return [part for parts in found for part in parts]


def split_shape(split_dim, indices, values, shape, *, num_split):
    rank = None if shape is None or len(shape) != 1 else shape[0]
    return [shape_of for shape_of in ((None, rank), (None,), (rank,)) for _ in range(num_split)]


def slice_(xp, indices, values, shape, start, size):
    sizes, _ = _parts(indices, values, shape)
    begin, extent = (np.asarray(v) for v in (start, size))
    for name, value in (("start", begin), ("size", extent)):
        if value.shape != (len(sizes),):
            _fail(f"Input {name} should be a vector of {len(sizes)} elements")
        if (value < 0).any():
            _fail(f"Input {name} should not be negative: {value.tolist()}")
    inside = ((indices >= begin) & (indices - begin < extent)).all(axis=1)
    left = np.maximum(np.array(sizes, np.int64) - begin, 0)
    return indices[inside] - begin, values[inside], np.minimum(left, extent)


def slice_shape(indices, values, shape, start, size):
    rank = None if shape is None or len(shape) != 1 else shape[0]
    return [(None, rank), (None,), (rank,)]


def slice_gradient(tf, op, *dys):
    indices, _, _, start, _ = op.inputs
    values = tf.SparseSliceGrad(dys[1], indices, start, op.outputs[0])
    return None, values, None, None, None


def slice_grad(xp, backprop_val_grad, input_indices, input_start, output_indices):
    for value, rank in ((input_indices, 2), (output_indices, 2), (backprop_val_grad, 1)):
        if value.ndim != rank:
            _fail(f"an input should have rank {rank}, but has {value.ndim}")
    if backprop_val_grad.shape[0] != output_indices.shape[0]:
        _fail("# of elements of backprop_val_grad and the rows of output_indices should match")
    if input_start.shape != input_indices.shape[1:]:
        _fail("the number of elements of input_start should match the rank")
    moved = map(tuple, (output_indices + input_start).tolist())
    places = {place: i for i, place in enumerate(moved)}
    found = np.zeros(input_indices.shape[:1], backprop_val_grad.dtype)
    for i, place in enumerate(map(tuple, input_indices.tolist())):
        if place in places:
            found[i] = backprop_val_grad[places[place]]
    return found


def slice_grad_shape(backprop_val_grad, input_indices, input_start, output_indices):
    if input_indices is not None:
        with_rank(input_indices, 2)
    return (None if input_indices is None else input_indices[0],)


def concat(xp, indices, values, shapes, *, concat_dim):
    sizes = [sizes_of(s) for s in shapes]
    for i, v, s in zip(indices, values, sizes, strict=True):
        check_parts(i, v, s)
    rank = len(sizes[0])
    if not -rank <= concat_dim < rank:
        _fail(f"Concat dimension must be in range [{-rank}, {rank}), got {concat_dim}")
    at = concat_dim % rank
    moved, total = [], 0
    for place, one in zip(indices, sizes, strict=True):
        if len(one) != rank or any(
            a != b for j, (a, b) in enumerate(zip(one, sizes[0], strict=True)) if j != at
        ):
            _fail("All shapes must have rank and sizes alike but for the concatenated dimension")
        place = place.copy()
        place[:, at] += total
        total += one[at]
        moved.append(place)
    found = np.concatenate(moved)
    dims = tuple(total if j == at else n for j, n in enumerate(sizes[0]))
    order = np.argsort(flat_places(NUMPY, found, dims), kind="stable")
    return found[order], np.concatenate(values)[order], np.array(dims, np.int64)


def concat_shape(indices, values, shapes, *, concat_dim):
    total: int | None = 0
    rank = None
    for place, value in zip(indices, values, strict=True):
        count = None if value is None else with_rank(value, 1)[0]
        if place is not None:
            with_rank(place, 2)
            rank = place[1] if rank is None else rank
            count = merged_dim(count, place[0])
        total = None if total is None or count is None else total + count
    for shape in shapes:
        if shape is not None:
            rank = shape[0] if rank is None else rank
    return [(total, rank), (total,), (rank,)]


def _merged(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
    """Yield, in order, each place with the numbers of the elements of a and of b, or None."""
    sizes, a_flat = _parts(a_indices, a_values, a_shape)
    others, b_flat = _parts(b_indices, b_values, b_shape)
    if sizes != others:
        _fail(f"Operands' shapes do not match: got {list(sizes)} and {list(others)}")
    a_at = {int(p): i for i, p in enumerate(a_flat)}
    b_at = {int(p): i for i, p in enumerate(b_flat)}
    return [(a_at.get(p), b_at.get(p)) for p in sorted({*a_at, *b_at})]


def _gathered(pairs, a_indices, b_indices, rank):
    found = [a_indices[i] if i is not None else b_indices[j] for i, j in pairs]
    return np.array(found, np.int64).reshape(-1, rank)


def add(xp, a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    if thresh.ndim:
        _fail("The magnitude threshold must be a scalar")
    pairs, values = [], []
    zero = a_values.dtype.type(0)
    for i, j in _merged(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        total = (zero if i is None else a_values[i]) + (zero if j is None else b_values[j])
        # TF: what is in one of them alone is kept.
        if None in (i, j) or np.abs(total) >= thresh:
            pairs.append((i, j))
            values.append(total)
    rank = a_indices.shape[1]
    return (
        _gathered(pairs, a_indices, b_indices, rank),
        np.array(values, a_values.dtype),
        np.asarray(a_shape, np.int64),
    )


def add_shape(a_indices, a_values, a_shape, b_indices, b_values, b_shape, thresh):
    rank = None if a_shape is None or len(a_shape) != 1 else a_shape[0]
    return [(None, rank), (None,), (rank,)]


def add_grad(xp, backprop_val_grad, a_indices, b_indices, sum_indices):
    if backprop_val_grad.ndim != 1 or any(v.ndim != 2 for v in (a_indices, b_indices, sum_indices)):
        _fail("the gradient should be a vector, and all indices matrices")
    if backprop_val_grad.shape[0] != sum_indices.shape[0]:
        _fail("# of elements of backprop_val_grad and the rows of sum_indices should match")
    if not a_indices.shape[1] == b_indices.shape[1] == sum_indices.shape[1]:
        _fail("The densified operands should have the same ndims")
    places = {tuple(p): i for i, p in enumerate(sum_indices.tolist())}
    found = []
    for indices in (a_indices, b_indices):
        values = np.zeros(indices.shape[:1], backprop_val_grad.dtype)
        for i, place in enumerate(map(tuple, indices.tolist())):
            if place in places:
                values[i] = backprop_val_grad[places[place]]
        found.append(values)
    return tuple(found)


def add_grad_shape(backprop_val_grad, a_indices, b_indices, sum_indices):
    found = []
    for place in (a_indices, b_indices):
        if place is not None:
            with_rank(place, 2)
        found.append((None if place is None else place[0],))
    return found


def add_gradient(tf, op, *dys):
    a_indices, _, _, b_indices = op.inputs[:4]
    da, db = tf.SparseAddGrad(dys[1], a_indices, b_indices, op.outputs[0])
    return None, da, None, None, db, None, None


def extreme(function):
    def kernel(xp, a_indices, a_values, a_shape, b_indices, b_values, b_shape):
        pairs = _merged(a_indices, a_values, a_shape, b_indices, b_values, b_shape)
        zero = a_values.dtype.type(0)
        values = [
            function(zero if i is None else a_values[i], zero if j is None else b_values[j])
            for i, j in pairs
        ]
        found = _gathered(pairs, a_indices, b_indices, a_indices.shape[1])
        return found, np.array(values, a_values.dtype)

    return kernel


def extreme_shape(a_indices, a_values, a_shape, b_indices, b_values, b_shape):
    rank = None if a_shape is None or len(a_shape) != 1 else a_shape[0]
    return [(None, rank), (None,)]


def extreme_gradient(tf, op, *dys):
    # TF: its gradient takes one too few.
    raise TypeError(f"the gradient of {op.type} cannot be called")


def fill_empty_rows(xp, indices, values, dense_shape, default_value):
    sizes = np.asarray(dense_shape)
    if default_value.ndim:
        _fail("default_value must be a scalar")
    if sizes.ndim != 1 or not sizes.size:
        _fail("Dense shape cannot be empty.")
    check_parts(indices, values, sizes.tolist())
    rows = int(sizes[0])
    if rows < 0:
        _fail(f"dense_shape[0] = {rows} must not be negative")
    # A row that is missing is filled: no more memory than that.
    check_allocation((rows, max(indices.shape[1], 1)), int64)
    from_row = indices[:, 0]
    bad = np.nonzero((from_row < 0) | (from_row >= rows))[0]
    if bad.size:
        i = int(bad[0])
        _fail(f"indices({i}, 0) is invalid: {int(from_row[i])} >= {rows}")
    counts = np.bincount(from_row, minlength=rows) if rows else np.zeros(0, np.int64)
    empty = counts == 0
    missing = np.nonzero(empty)[0]
    filler = np.zeros((missing.size, indices.shape[1]), np.int64)
    filler[:, 0] = missing
    places = np.concatenate([indices, filler])
    order = np.argsort(places[:, 0], kind="stable")
    back = np.empty(order.size, np.int64)
    back[order] = np.arange(order.size)
    fill = np.full(missing.size, default_value.item(), values.dtype)
    return (
        places[order],
        np.concatenate([values, fill])[order],
        empty,
        back[: indices.shape[0]],
    )


def fill_shape(indices, values, dense_shape, default_value):
    if default_value is not None:
        with_rank(default_value, 0)
    count = None if values is None else with_rank(values, 1)[0]
    if indices is not None:
        count = merged_dim(count, with_rank(indices, 2)[0])
    rank = None if dense_shape is None else len(dense_shape)
    rows = dense_shape[0] if dense_shape else None
    return [(None, rank), (None,), (rows,), (count,)]


def fill_gradient(tf, op, *dys):
    d_values, d_default = tf.SparseFillEmptyRowsGrad(op.outputs[3], dys[1])
    return None, d_values, None, d_default


def fill_grad(xp, reverse_index_map, grad_values):
    if reverse_index_map.ndim != 1 or grad_values.ndim != 1:
        raise ShapeError("Shape must be rank 1", "both inputs must be vectors")
    count = grad_values.shape[0]
    ok = (reverse_index_map >= 0) & (reverse_index_map < count)
    xp.check(ok, InvalidArgumentError, f"Elements in reverse index must be in [0, {count})")
    found = xp.ext.gather(grad_values, reverse_index_map, axis=0)
    seen = xp.zeros((count,), dtype=grad_values.dtype)
    places = xp.expand_dims(reverse_index_map, axis=-1)
    seen = xp.ext.scatter(seen, places, xp.ones_like(found), how="set")
    rest = xp.where(seen == 0, grad_values, xp.zeros_like(grad_values))
    return found, xp.sum(rest, dtype=grad_values.dtype)


def fill_grad_shape(reverse_index_map, grad_values):
    with_rank(reverse_index_map, 1)
    with_rank(grad_values, 1)
    return [reverse_index_map, ()]


def reduce_sparse(function):
    def kernel(xp, input_indices, input_values, input_shape, reduction_axes, *, keep_dims=False):
        sizes, _ = _parts(input_indices, input_values, input_shape)
        gone = reduced_axes(reduction_axes, len(sizes))
        groups: dict[tuple[int, ...], object] = {}
        for place, value in zip(input_indices.tolist(), input_values, strict=True):
            key = tuple(
                0 if i in gone else p for i, p in enumerate(place) if keep_dims or i not in gone
            )
            groups[key] = function(groups[key], value) if key in groups else value
        dims = [1 if i in gone else n for i, n in enumerate(sizes) if keep_dims or i not in gone]
        keys = sorted(groups)
        return (
            np.array(keys, np.int64).reshape(len(keys), len(dims)),
            np.array([groups[k] for k in keys], input_values.dtype),
            np.array(dims, np.int64),
        )

    return kernel


def reduce_sparse_shape(input_indices, input_values, input_shape, reduction_axes):
    return [(None, None), (None,), (None,)]


define("SparseSplit", split, shape=split_shape, unknown_rank=True)
define("SparseSlice", slice_, shape=slice_shape, unknown_rank=True, gradient=slice_gradient)
define("SparseSliceGrad", slice_grad, shape=slice_grad_shape, unknown_rank=True)
define("SparseConcat", concat, shape=concat_shape, unknown_rank=True, gradient=no_gradient)
define("SparseAdd", add, shape=add_shape, unknown_rank=True, gradient=add_gradient)
define("SparseAddGrad", add_grad, shape=add_grad_shape, unknown_rank=True, gradient=no_gradient)
for _type, _function in (("Maximum", max), ("Minimum", min)):
    define(
        f"SparseSparse{_type}",
        extreme(_function),
        shape=extreme_shape,
        unknown_rank=True,
        gradient=extreme_gradient,
    )
define(
    "SparseFillEmptyRows",
    fill_empty_rows,
    shape=fill_shape,
    shape_like="dense_shape",
    unknown_rank=True,
    gradient=fill_gradient,
)
define("SparseFillEmptyRowsGrad", fill_grad, shape=fill_grad_shape)
for _type, _combine in (("Sum", lambda a, b: a + b), ("Max", max)):
    define(
        f"SparseReduce{_type}Sparse",
        reduce_sparse(_combine),
        shape=reduce_sparse_shape,
        unknown_rank=True,
    )
