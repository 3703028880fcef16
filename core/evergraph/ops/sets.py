"""What is there once: UniqueV2; sets: SetSize, DenseToDenseSetOperation; EditDistance."""

from __future__ import annotations

import numpy as np

from evergraph.dtypes import float32
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.rules import merged_dim, with_rank, with_rank_at_least
from evergraph.shapes import bracketed

# The shapes of what they give depend on values: these kernels run on NumPy's arrays.


def _fail(text):
    raise InvalidArgumentError(None, None, text)


def unique_along(xp, x, axis, *, out_idx=None):
    y, index, _ = unique_along_with_counts(xp, x, axis, out_idx=out_idx)
    return y, index


def _unique_axis(axis, rank):
    """Return the axis along which rows are compared, checked."""
    axes = np.asarray(axis)
    if axes.ndim != 1:
        raise ShapeError("axis expects a 1D vector.")
    if axes.size > 1:
        raise ShapeError(f"axis does not support input tensors larger than 1 elements: {axes.size}")
    if not axes.size:
        if rank != 1:
            raise ShapeError("x expects a 1D vector.")
        return 0
    at = int(axes[0])
    if not -rank <= at < rank:
        raise ShapeError(f"axis expects to be in the range [{-rank}, {rank}), but got {at}")
    return at % rank


def unique_along_with_counts(xp, x, axis, *, out_idx=None):
    at = _unique_axis(axis, x.ndim)
    rows = np.moveaxis(np.asarray(x), at, 0)
    first: dict[object, int] = {}
    kept: list[int] = []
    index: list[int] = []
    counts: list[int] = []
    for i, row in enumerate(rows):
        key = tuple(np.ravel(row).tolist())
        place = first.setdefault(key, len(kept))
        if place == len(kept):
            kept.append(i)
            counts.append(0)
        index.append(place)
        counts[place] += 1
    dtype = np.int32 if out_idx is None else out_idx
    found = np.moveaxis(rows[np.array(kept, np.int64)], 0, at)
    return found, np.array(index, dtype), np.array(counts, dtype)


def unique_along_shape(x, axis, *, out_idx=None):
    if x is None or axis is None:
        return [None if x is None else (None,) * len(x), (None,)]
    at = _unique_axis(axis, len(x))
    return [(*x[:at], None, *x[at + 1 :]), (x[at],)]


def unique_along_counts_shape(x, axis, *, out_idx=None):
    return [*unique_along_shape(x, axis), (None,)]


#: Of two sets: those of their elements that are kept.
_OPERATIONS = {
    "a-b": lambda a, b: a - b,
    "b-a": lambda a, b: b - a,
    "intersection": lambda a, b: a & b,
    "union": lambda a, b: a | b,
}


def dense_set_operation(xp, set1, set2, *, set_operation, validate_indices=True):
    if set_operation.lower() not in _OPERATIONS:
        _fail(f"Invalid set_operation {set_operation}.")
    operation = _OPERATIONS[set_operation.lower()]
    if set1.ndim < 2 or set1.ndim != set2.ndim or set1.shape[:-1] != set2.shape[:-1]:
        _fail(f"Group shapes must match, got {bracketed(set1.shape)}, {bracketed(set2.shape)}")
    groups = set1.shape[:-1]
    places, values, longest = [], [], 0
    for group in np.ndindex(*groups):
        found = sorted(operation(set(set1[group].tolist()), set(set2[group].tolist())))
        longest = max(longest, len(found))
        places += [(*group, i) for i in range(len(found))]
        values += found
    dtype = set1.dtype
    return (
        np.array(places, np.int64).reshape(-1, set1.ndim),
        np.array([*values, None], dtype=object)[:-1].astype(dtype),
        np.array([*groups, longest], np.int64),
    )


def set_operation_shape(set1, set2):
    if set1 is not None and set2 is not None:
        if len(set1) != len(set2):
            raise ShapeError(f"Shape must be rank {len(set1)} but is rank {len(set2)}")
        with_rank_at_least(set1, 2)
        for a, b in zip(set1[:-1], set2[:-1], strict=True):
            merged_dim(a, b)
    rank = None if set1 is None and set2 is None else len(set1 if set2 is None else set2)
    return [(None, rank), (None,), (rank,)]


def set_size(xp, set_indices, set_values, set_shape, *, validate_indices=True):
    shape = tuple(int(n) for n in set_shape)
    _check_sparse(set_indices, set_values, shape)
    groups: dict[tuple[int, ...], set[object]] = {}
    for place, value in zip(set_indices.tolist(), set_values.tolist(), strict=True):
        groups.setdefault(tuple(place[:-1]), set()).add(value)
    check_allocation(shape[:-1], float32)
    sizes = np.zeros(shape[:-1], np.int32)
    for group, found in groups.items():
        sizes[group] = len(found)
    return sizes


def set_size_shape(set_indices, set_values, set_shape):
    rank = _rank_of(set_shape)
    return None if rank is None else (None,) * (rank - 1)


def _rank_of(shape):
    return None if shape is None or len(shape) != 1 else shape[0]


def _check_sparse(indices, values, shape):
    """Check that the indices of a sparse tensor are there, in order and not repeated."""
    if indices.ndim != 2 or values.shape != indices.shape[:1] or indices.shape[1] != len(shape):
        _fail(
            f"Sparse tensor has indices {bracketed(indices.shape)}, values "
            f"{bracketed(values.shape)} and a shape of {len(shape)} dimensions"
        )
    before = None
    for i, place in enumerate(map(tuple, indices.tolist())):
        if any(not 0 <= p < n for p, n in zip(place, shape, strict=True)):
            _fail(f"indices[{i}] = {list(place)} is out of bounds: need 0 <= index < {list(shape)}")
        if before is not None and place <= before:
            what = "repeated" if place == before else "out of order"
            _fail(f"indices[{i}] = {list(place)} is {what}")
        before = place


def edit_distance(
    xp,
    hypothesis_indices,
    hypothesis_values,
    hypothesis_shape,
    truth_indices,
    truth_values,
    truth_shape,
    *,
    normalize=True,
):
    shapes = [tuple(int(n) for n in s) for s in (hypothesis_shape, truth_shape)]
    if len(shapes[0]) != len(shapes[1]):
        _fail("truth_shape and hypothesis_shape must have the same rank")
    if len(shapes[0]) < 2:
        _fail("the rank of the sparse tensors must be at least 2")
    parts = (
        (hypothesis_indices, hypothesis_values, shapes[0]),
        (truth_indices, truth_values, shapes[1]),
    )
    for indices, values, shape in parts:
        if indices.ndim != 2 or values.ndim != 1:
            _fail("indices should be a matrix, and values a vector")
        if indices.shape != (values.shape[0], len(shape)):
            _fail("indices and values do not fit")
    outer = tuple(max(a, b) for a, b in zip(shapes[0][:-1], shapes[1][:-1], strict=True))
    check_allocation(outer, float32)
    found = np.zeros(outer, np.float32)
    hypotheses, truths = (_sequences(i, v, outer) for i, v, _ in parts)
    for group in {*hypotheses, *truths}:
        mine, wanted = hypotheses.get(group, []), truths.get(group, [])
        distance = _levenshtein(mine, wanted)
        if not normalize:
            found[group] = distance
        elif wanted:
            found[group] = np.float32(distance) / np.float32(len(wanted))
        else:
            found[group] = np.inf if mine else 0
    return found


def _sequences(indices, values, outer):
    found: dict[tuple[int, ...], list[object]] = {}
    for place, value in zip(indices.tolist(), values.tolist(), strict=True):
        group = tuple(place[:-1])
        if any(not 0 <= p < n for p, n in zip(group, outer, strict=True)):
            _fail(f"index {place} is out of bounds of {list(outer)}")
        found.setdefault(group, []).append(value)
    return found


def _levenshtein(a, b):
    """Return how many insertions, deletions and changes lead from one list to the other."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        now = [i]
        for j, y in enumerate(b, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (x != y)))
        before = now
    return before[-1]


def edit_distance_shape(
    hypothesis_indices,
    hypothesis_values,
    hypothesis_shape,
    truth_indices,
    truth_values,
    truth_shape,
):
    if hypothesis_shape is None or truth_shape is None:
        return None
    for shape in (hypothesis_indices, truth_indices):
        if shape is not None:
            with_rank(shape, 2)
    if len(hypothesis_shape) != len(truth_shape):
        if None in (*hypothesis_shape, *truth_shape):
            return None  # refused when the node runs
        raise ShapeError(
            "Num elements of hypothesis_shape does not match truth_shape: "
            f"{len(hypothesis_shape)} vs. {len(truth_shape)}"
        )
    pairs = zip(hypothesis_shape[:-1], truth_shape[:-1], strict=True)
    return tuple(None if None in p else max(p) for p in pairs)


define("UniqueV2", unique_along, shape=unique_along_shape, host="axis", unknown_rank=True)
define(
    "UniqueWithCountsV2",
    unique_along_with_counts,
    shape=unique_along_counts_shape,
    host="axis",
    unknown_rank=True,
)
define(
    "DenseToDenseSetOperation",
    dense_set_operation,
    shape=set_operation_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define("SetSize", set_size, shape=set_size_shape, unknown_rank=True, gradient=no_gradient)
define(
    "EditDistance",
    edit_distance,
    shape=edit_distance_shape,
    shape_like="hypothesis_shape truth_shape",
    unknown_rank=True,
    gradient=no_gradient,
)
