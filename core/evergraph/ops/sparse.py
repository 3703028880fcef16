"""Sparse tensors times dense ones, and made dense: SparseTensorDenseMatMul, SparseToDense."""

from __future__ import annotations

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32
from evergraph.ops.rules import conjugated, merged_dim, with_rank
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


define(
    "SparseTensorDenseMatMul",
    times_dense,
    shape=times_dense_shape,
    shape_like="a_shape",
    unknown_rank=True,
    gradient=times_dense_gradient,
)
define(
    "SparseToDense",
    to_dense,
    shape=to_dense_shape,
    shape_like="output_shape",
    unknown_rank=True,
    gradient=to_dense_gradient,
)
