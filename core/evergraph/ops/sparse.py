"""Sparse tensors times dense ones, and made dense.

SparseTensorDenseMatMul, SparseDenseCwiseMul, SparseDenseCwiseDiv, SparseToDense.
"""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.arithmetic import real_div
from evergraph.ops.indexing import gather_nd
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import conjugated, merged_dim, slice_of, with_rank
from evergraph.ops.segment import reduced
from evergraph.shapes import bracketed


@in_float32
def times_dense(xp, a_indices, a_values, a_shape, b, *, adjoint_a=False, adjoint_b=False):
    _check_parts(a_indices.shape, a_values.shape, np.shape(a_shape), b.shape)
    rows, columns = (int(size) for size in a_shape)
    row, column = a_indices[:, 0], a_indices[:, 1]
    if adjoint_a:
        rows, columns, row, column = columns, rows, column, row
        a_values = _conjugate(xp, a_values)
    if adjoint_b:
        b = xp.permute_dims(_conjugate(xp, b), (1, 0))
    if b.shape[0] != columns:
        raise ShapeError(
            f"Cannot multiply A and B because inner dimension does not match: {columns} vs. "
            f"{b.shape[0]}.  Did you forget a transpose?  Dimensions of A: [{rows}, {columns}).  "
            f"Dimensions of B: {bracketed(b.shape)}"
        )
    for place, size, name, at in ((column, columns, "k", 1), (row, rows, "m", 0)):
        xp.check(
            (place >= 0) & (place < size),
            InvalidArgumentError,
            _out_of_bounds(name, at ^ int(adjoint_a), size),
            place,
        )
    parts = xp.expand_dims(a_values, axis=-1) * xp.ext.gather(b, column, axis=0)
    return reduced(xp, parts, row, rows, "Sum")


def _out_of_bounds(name, at, size):
    def message(place, value):
        return f"{name} ({int(value)}) from index[{place[0]},{at}] out of bounds (>={size})"

    return message


def _conjugate(xp, x):
    return xp.conj(x) if xp.isdtype(x.dtype, "complex floating") else x


def _check_parts(indices, values, shape, b):
    for found, rank, what in (
        (b, 2, "Tensor 'b' is not a matrix"),
        (shape, 1, "Tensor 'a_shape' is not a vector"),
        (values, 1, "Tensor 'a_values' is not a vector"),
        (indices, 2, "Tensor 'a_indices' is not a matrix"),
    ):
        if len(found) != rank:
            raise ShapeError(f"Shape must be rank {rank} but is rank {len(found)}", what)
    if shape != (2,) or indices[1] != 2 or indices[0] != values[0]:
        message = f"a_indices {bracketed(indices)}, a_values {bracketed(values)}"
        raise ShapeError(f"{message} and a_shape {bracketed(shape)} are no sparse matrix")


def times_dense_shape(a_indices, a_values, a_shape, b, *, adjoint_a=False, adjoint_b=False):
    (count, _), (values,) = _dims(a_indices, 2), _dims(a_values, 1)
    merged_dim(count, values)
    sizes, factor = _dims(a_shape, 2), _dims(b, 2)
    rows, across = reversed(sizes) if adjoint_a else sizes
    inner, columns = reversed(factor) if adjoint_b else factor
    merged_dim(across, inner)
    return rows, columns


def _dims(shape, rank):
    return (None,) * rank if shape is None else with_rank(shape, rank)


def times_dense_gradient(tf, op, dy):
    indices, values, shape, b = op.inputs
    adjoint_a, adjoint_b = op.get_attr("adjoint_a"), op.get_attr("adjoint_b")
    db = tf.SparseTensorDenseMatMul(indices, values, shape, dy, adjoint_a=not adjoint_a)
    row, column = tf.Unpack(indices, num=2, axis=1)
    if adjoint_a:
        row, column = column, row
    if adjoint_b:
        db, b = _adjoint(tf, db), _adjoint(tf, b)
    left, right = tf.GatherV2(dy, row, 0), tf.GatherV2(b, column, 0)
    dvalues = tf.Sum(left * conjugated(tf, right), 1)
    return None, conjugated(tf, dvalues) if adjoint_a else dvalues, None, db


def _adjoint(tf, x):
    return tf.Transpose(conjugated(tf, x), [1, 0])


def times_elements(xp, sp_indices, sp_values, sp_shape, dense):
    return sp_values * _beside(xp, sp_indices, sp_values, sp_shape, dense)


def over_elements(xp, sp_indices, sp_values, sp_shape, dense):
    beside = _beside(xp, sp_indices, sp_values, sp_shape, dense)
    message = "SparseDenseCwiseDiv cannot divide by zero, but input dense tensor contains zero"
    xp.check(beside != 0, InvalidArgumentError, message)
    return real_div(xp, sp_values, beside)


def _beside(xp, indices, values, shape, dense):
    """Return the elements of a tensor, broadcast to a sparse one, where that has some."""
    for found, rank, name in ((indices, 2, "matrix"), (values, 1, "vector"), (shape, 1, "vector")):
        if found.ndim != rank:
            raise ShapeError(
                f"Input sp_indices should be a matrix, sp_values and sp_shape vectors; "
                f"{bracketed(found.shape)} is no {name}"
            )
    count, rank = indices.shape
    if values.shape != (count,) or shape.shape != (rank,):
        raise ShapeError(
            f"Expected {count} values and a shape of {rank} sizes, "
            f"got {bracketed(values.shape)} and {bracketed(shape.shape)}"
        )
    first = rank - dense.ndim
    message = f"broadcasts dense to sparse only; got a dense side of shape {bracketed(dense.shape)}"
    if first < 0:
        raise ShapeError(f"SparseDenseBinaryOpShared {message}")
    sizes = xp.asarray(np.array(dense.shape, np.int64), dtype=shape.dtype)
    fits = xp.all((sizes == 1) | (sizes == shape[first:]))
    xp.check(fits, InvalidArgumentError, f"SparseDenseBinaryOpShared {message}")
    xp.check(
        (indices >= 0) & (indices < shape),
        InvalidArgumentError,
        "Provided indices are out-of-bounds w.r.t. dense side with broadcasted shape",
    )
    return gather_nd(xp, dense, xp.where(sizes == 1, xp.zeros_like(sizes), indices[:, first:]))


def elements_shape(sp_indices, sp_values, sp_shape, dense):
    return _dims(sp_indices, 2)[:1]


def times_elements_gradient(tf, op, dy):
    values = op.inputs[1]
    beside, spread = _broadcast(tf, op)
    return None, dy * beside, None, spread(dy * values)


def over_elements_gradient(tf, op, dy):
    values = op.inputs[1]
    beside, spread = _broadcast(tf, op)
    return None, dy / beside, None, spread(dy * (-values / (beside * beside)))


def _broadcast(tf, op):
    """Return what stands beside each element, and a function that adds up what comes from there."""
    indices, _, shape, dense = op.inputs
    sizes = tf.shape(dense, out_type=indices.dtype)
    skipped = tf.Size(shape) - tf.Size(sizes)
    repeats = tf.Slice(shape, tf.ExpandDims(skipped, 0), [-1]) // sizes
    places = tf.Slice(indices, tf.Pack([0, skipped]), [-1, -1]) // repeats
    return tf.GatherNd(dense, places), lambda parts: tf.ScatterNd(places, parts, sizes)


def to_dense(
    xp, sparse_indices, output_shape, sparse_values, default_value, *, validate_indices=True
):
    shape = tuple(int(size) for size in np.asarray(output_shape))
    if sparse_indices.ndim > 2:
        raise ShapeError("sparse_indices should be a scalar, vector, or matrix")
    places = xp.reshape(
        sparse_indices, (-1, sparse_indices.shape[-1] if sparse_indices.ndim == 2 else 1)
    )
    if places.shape[1] != len(shape):
        raise ShapeError(
            "output_shape has incorrect number of elements: "
            f"{len(shape)} should be: {places.shape[1]}"
        )
    if sparse_values.ndim and sparse_values.shape != (places.shape[0],):
        raise ShapeError(
            f"sparse_values has incorrect shape {bracketed(sparse_values.shape)}, "
            f"should be [] or [{places.shape[0]}]"
        )
    if default_value.ndim:
        raise ShapeError("default_value should be a scalar.")
    sizes = xp.asarray(np.array(shape, np.int64), dtype=places.dtype)
    inside = xp.all((places >= 0) & (places < sizes), axis=-1)
    xp.check(inside, InvalidArgumentError, "an index is out of bounds of the output's shape")
    if validate_indices:
        _check_rising(xp, places)
    dense = xp.broadcast_to(default_value, shape)
    values = xp.broadcast_to(sparse_values, (places.shape[0],))
    return xp.ext.scatter(dense, places, values, how="set")


def _check_rising(xp, places):
    """Check that index vectors are in lexicographic order, and none repeated."""
    before, after = places[:-1, :], places[1:, :]
    rising = xp.zeros(before.shape[:1], dtype=xp.bool)
    for i in reversed(range(places.shape[1])):
        one, other = before[:, i], after[:, i]
        rising = (one < other) | ((one == other) & rising)
    xp.check(
        rising,
        InvalidArgumentError,
        "indices are repeated or out of order. Many sparse ops require sorted indices.\n"
        "    Use `tf.sparse.reorder` to create a correctly ordered copy.",
    )


def to_dense_shape(sparse_indices, output_shape, sparse_values, default_value):
    with_rank(default_value, 0)
    return output_shape


def to_dense_gradient(tf, op, dy):
    indices = op.inputs[0]
    dvalues = tf.GatherNd(dy, indices)
    rest = tf.Sum(dy, tf.Range(0, tf.Rank(dy), 1)) - tf.Sum(dvalues, [0])
    return None, None, dvalues, rest


def reorder(xp, input_indices, input_values, input_shape):
    count, rank = input_indices.shape
    if rank != np.size(input_shape):
        raise ShapeError(
            f"Index rank ({rank}) and shape rank ({np.size(input_shape)}) do not match"
        )
    if count != input_values.shape[0]:
        raise ShapeError(
            f"Number of elements in indices ({count}) and values ({input_values.shape[0]}) do not "
            "match"
        )
    order = xp.arange(count, dtype=input_indices.dtype)
    # By the last dimension first, which the stable order by the others leaves as it is.
    for axis in reversed(range(rank)):
        order = xp.take(order, xp.argsort(xp.take(input_indices[:, axis], order), stable=True))
    return xp.take(input_indices, order, axis=0), xp.take(input_values, order, axis=0)


def reorder_shape(input_indices, input_values, input_shape):
    with_rank(input_indices, 2)
    with_rank(input_values, 1)
    return [input_indices or (None, None), input_values or (None,)]


def reorder_gradient(tf, op, _, dy):
    indices, _, shape = op.inputs
    count = slice_of(tf, tf.Shape(indices), 0, 1)
    numbers = tf.Range(0, tf.Reshape(count, []), 1)
    order = tf.SparseReorder(indices, numbers, shape)[1]
    return None, tf.GatherV2(dy, tf.InvertPermutation(order), 0), None


define(
    "SparseReorder",
    reorder,
    shape=reorder_shape,
    shape_like="input_shape",
    unknown_rank=True,
    gradient=reorder_gradient,
)
define(
    "SparseTensorDenseMatMul",
    times_dense,
    shape=times_dense_shape,
    shape_like="a_shape",
    unknown_rank=True,
    gradient=times_dense_gradient,
)
define(
    "SparseDenseCwiseMul",
    times_elements,
    shape=elements_shape,
    unknown_rank=True,
    gradient=times_elements_gradient,
)
define(
    "SparseDenseCwiseDiv",
    over_elements,
    shape=elements_shape,
    unknown_rank=True,
    gradient=over_elements_gradient,
)
define(
    "SparseToDense",
    to_dense,
    shape=to_dense_shape,
    shape_like="output_shape",
    unknown_rank=True,
    gradient=to_dense_gradient,
)
