"""Sparse tensors beside dense ones: SparseTensorDenseAdd, SparseReduceSum, SparseSoftmax …"""

from __future__ import annotations

import math

import numpy as np

from evergraph.dtypes import float64
from evergraph.errors import InvalidArgumentError
from evergraph.limits import check_allocation
from evergraph.op import define
from evergraph.ops.linear import matmul, matmul_shape
from evergraph.ops.rules import with_rank
from evergraph.ops.segment import reduced
from evergraph.shapes import bracketed


def _fail(text):
    raise InvalidArgumentError(None, None, text)


def sizes_of(shape):
    """Return the shape of a sparse tensor, a host input, as checked ints."""
    sizes = np.asarray(shape)
    if sizes.ndim != 1:
        _fail(f"the shape of a sparse tensor should be a vector, not {bracketed(sizes.shape)}")
    if (sizes < 0).any():
        _fail(f"the shape of a sparse tensor should not be negative: {sizes.tolist()}")
    return tuple(int(n) for n in sizes)


def check_parts(indices, values, sizes):
    """Check that indices, values and shape are those of one sparse tensor."""
    if indices.ndim != 2 or values.ndim != 1:
        _fail(
            f"indices should be a matrix, and values a vector: {bracketed(indices.shape)}, "
            f"{bracketed(values.shape)}"
        )
    if indices.shape != (values.shape[0], len(sizes)):
        _fail(
            f"indices {bracketed(indices.shape)} and values {bracketed(values.shape)} do not fit "
            f"a shape of {len(sizes)} dimensions"
        )


def flat_places(xp, indices, sizes):
    """Return the place of every element in the flat dense array; they must be in range."""
    if math.prod(sizes) > np.iinfo(np.int64).max:
        _fail(f"a sparse tensor of the shape {bracketed(sizes)} has too many elements")
    ok = xp.ones(indices.shape[:1], dtype=xp.bool)
    flat = xp.zeros(indices.shape[:1], dtype=xp.int64)
    for i, size in enumerate(sizes):
        one = xp.astype(indices[:, i], xp.int64)
        ok = ok & (one >= 0) & (one < size)
        flat = flat * size + one
    xp.check(ok, InvalidArgumentError, f"an index is out of bounds of {bracketed(sizes)}")
    return flat


def dense_add(xp, a_indices, a_values, a_shape, b):
    sizes = sizes_of(a_shape)
    check_parts(a_indices, a_values, sizes)
    if sizes != b.shape:
        _fail(
            f"Dimensions of the operands should be equal: {bracketed(sizes)}, {bracketed(b.shape)}"
        )
    flat_places(xp, a_indices, sizes)
    return xp.ext.scatter(b, a_indices, a_values, how="add") if sizes else b


def dense_add_shape(a_indices, a_values, a_shape, b):
    for shape, rank in ((a_indices, 2), (a_values, 1)):
        if shape is not None:
            with_rank(shape, rank)
    return b


def dense_add_gradient(tf, op, dy):
    return None, tf.GatherNd(dy, op.inputs[0]), None, dy


def elementwise(function):
    def kernel(xp, sp_indices, sp_values, sp_shape, dense):
        sizes = sizes_of(sp_shape)
        check_parts(sp_indices, sp_values, sizes)
        rank = len(sizes)
        if not rank:
            _fail("the sparse tensor should have at least one dimension")
        shape = (1,) * (rank - dense.ndim) + dense.shape
        if dense.ndim > rank or any(d not in (1, n) for d, n in zip(shape, sizes, strict=True)):
            _fail(
                "SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible "
                f"shapes: [{','.join(map(str, sizes))}] vs. {bracketed(dense.shape)}"
            )
        flat_places(xp, sp_indices, sizes)
        places = sp_indices * xp.asarray([int(d != 1) for d in shape], dtype=sp_indices.dtype)
        flat = xp.zeros(places.shape[:1], dtype=places.dtype)
        for i, size in enumerate(shape):
            flat = flat * size + places[:, i]
        if 0 in dense.shape:
            return sp_values
        picked = xp.ext.gather(xp.reshape(dense, (-1,)), flat, axis=0)
        return function(xp, sp_values, picked)

    return kernel


def values_shape(sp_indices, sp_values, sp_shape, dense):
    if sp_indices is not None:
        with_rank(sp_indices, 2)
    return (None if sp_indices is None else sp_indices[0],)


def cwise_add_gradient(tf, op, dy):
    raise NotImplementedError("Gradient for SparseDenseCwiseAdd is not implemented.")


def reduce_dense(kind):
    def kernel(xp, input_indices, input_values, input_shape, reduction_axes, *, keep_dims=False):
        sizes = sizes_of(input_shape)
        check_parts(input_indices, input_values, sizes)
        gone = reduced_axes(reduction_axes, len(sizes))
        kept = [i for i in range(len(sizes)) if i not in gone]
        shape = tuple(sizes[i] for i in kept)
        check_allocation(shape, float64)
        flat_places(xp, input_indices, sizes)
        flat = xp.zeros(input_indices.shape[:1], dtype=xp.int64)
        for i in kept:
            flat = flat * sizes[i] + input_indices[:, i]
        count = math.prod(shape)
        found = reduced(xp, input_values, flat, count, kind)
        if kind == "Max":
            ones = xp.ones(flat.shape, dtype=xp.int64)
            there = reduced(xp, ones, flat, count, "Sum") > 0
            found = xp.where(there, found, xp.zeros_like(found))
        full = tuple(1 if i in gone else n for i, n in enumerate(sizes))
        return xp.reshape(found, full if keep_dims else shape)

    return kernel


def reduced_axes(reduction_axes, rank):
    """Return the positions of the axes that are reduced, checked."""
    axes = [int(a) for a in np.asarray(reduction_axes).reshape(-1)]
    for a in axes:
        if not -rank <= a < rank:
            _fail(f"Invalid reduction dimension {a}, for input with {rank} dimensions.")
    return {a % rank for a in axes}


def reduce_shape(input_indices, input_values, input_shape, reduction_axes, *, keep_dims=False):
    if input_shape is None or reduction_axes is None:
        return None
    rank = len(input_shape)
    axes = [int(a) for a in np.asarray(reduction_axes).reshape(-1)]
    if any(not -rank <= a < rank for a in axes):
        return None  # refused when the node runs
    gone = {a % rank for a in axes}
    return tuple(
        1 if i in gone else n for i, n in enumerate(input_shape) if keep_dims or i not in gone
    )


def reduce_sum_gradient(tf, op, dy):
    indices, _, shape, axes = op.inputs
    sizes = tf.Cast(shape, DstT="int32")
    rank = tf.Size(sizes)
    every = tf.Range(tf.constant(0), rank, tf.constant(1))
    axes = tf.FloorMod(tf.AddV2(axes, rank), rank)
    kept = tf.DynamicStitch([every, axes], [sizes, tf.OnesLike(axes)])
    scale = tf.FloorDiv(sizes, kept)
    places = tf.FloorDiv(indices, tf.Cast(scale, DstT="int64"))
    return None, tf.GatherNd(tf.Reshape(dy, kept), places), None, None


def softmax(xp, sp_indices, sp_values, sp_shape):
    sizes = sizes_of(sp_shape)
    check_parts(sp_indices, sp_values, sizes)
    if len(sizes) < 2:
        _fail(f"Input should have rank >= 2, but got: {list(sizes)}")
    rows = math.prod(sizes[:-1])
    check_allocation((rows,), float64)
    flat_places(xp, sp_indices, sizes)
    row = xp.zeros(sp_indices.shape[:1], dtype=xp.int64)
    for i, size in enumerate(sizes[:-1]):
        row = row * size + sp_indices[:, i]
    largest = xp.take(reduced(xp, sp_values, row, rows, "Max"), row, axis=0)
    powers = xp.exp(sp_values - largest)
    total = xp.take(reduced(xp, powers, row, rows, "Sum"), row, axis=0)
    return powers / total


def softmax_shape(sp_indices, sp_values, sp_shape):
    return sp_values


def softmax_gradient(tf, op, dy):
    indices, _, shape = op.inputs
    (y,) = op.outputs
    both = tf.Mul(y, dy)
    last = tf.Reshape(tf.Sub(tf.Size(shape), 1), [1])
    sums = tf.SparseReduceSum(indices, both, shape, last, keep_dims=True)
    rest = tf.SparseDenseCwiseAdd(indices, dy, shape, tf.Neg(sums))
    return None, tf.Mul(rest, y), None


def reshaped(xp, input_indices, input_shape, new_shape):
    sizes = sizes_of(input_shape)
    if input_indices.ndim != 2 or input_indices.shape[1] != len(sizes):
        _fail("Input tensor rank must match input shape length.")
    wanted = np.asarray(new_shape)
    if wanted.ndim != 1:
        _fail(f"Target shape should be a vector but received shape {bracketed(wanted.shape)}")
    target = _target(sizes, wanted.tolist())
    flat = flat_places(xp, input_indices, sizes)
    parts = []
    for size in reversed(target):
        parts.append(flat % size if size else flat)
        flat = flat // size if size else flat
    shape = (input_indices.shape[0], len(target))
    found = xp.stack(parts[::-1], axis=-1) if parts else xp.zeros(shape, dtype=xp.int64)
    return found, xp.asarray(np.array(target, np.int64))


def _target(sizes, wanted):
    if wanted.count(-1) > 1:
        _fail("only one output dimension may be -1, not both")
    if any(n < -1 for n in wanted):
        _fail(f"size must be non-negative, not {min(wanted)}")
    total, known = math.prod(sizes), math.prod(n for n in wanted if n != -1)
    if -1 in wanted:
        if not known and wanted:
            _fail("reshape cannot infer the missing input size for an empty tensor")
        if total % known:
            _fail(
                f"Input to reshape is a SparseTensor with {total} dense values, but the requested "
                f"shape requires a multiple of {known}."
            )
        return tuple(total // known if n == -1 else n for n in wanted)
    if known != total:
        _fail(
            f"Input to reshape is a tensor with {total} dense values, but the requested shape has "
            f"{known}."
        )
    return tuple(wanted)


def reshape_shape(input_indices, input_shape, new_shape):
    if input_indices is not None:
        with_rank(input_indices, 2)
    rank = None if new_shape is None else len(new_shape)
    return [(None if input_indices is None else input_indices[0], rank), (rank,)]


def sparse_matmul(
    xp, a, b, *, transpose_a=False, transpose_b=False, a_is_sparse=False, b_is_sparse=False
):
    del a_is_sparse, b_is_sparse
    if a.ndim != 2 or b.ndim != 2:
        _fail("a and b should be matrices")
    sparse_matmul_shape(a.shape, b.shape, transpose_a=transpose_a, transpose_b=transpose_b)
    wide = (xp.astype(x, xp.float32) for x in (a, b))
    return matmul(xp, *wide, transpose_a=transpose_a, transpose_b=transpose_b)


def sparse_matmul_shape(a, b, *, transpose_a=False, transpose_b=False):
    return matmul_shape(a, b, transpose_a=transpose_a, transpose_b=transpose_b)


def sparse_matmul_gradient(tf, op, dy):
    a, b = (tf.Cast(t, DstT="float32") for t in op.inputs)
    flip_a, flip_b = op.get_attr("transpose_a"), op.get_attr("transpose_b")

    def product(x, y, flip_x, flip_y):
        return tf.MatMul(x, y, transpose_a=flip_x, transpose_b=flip_y)

    da = product(b, dy, flip_b, True) if flip_a else product(dy, b, False, not flip_b)
    db = product(dy, a, True, flip_a) if flip_b else product(a, dy, not flip_a, False)
    return [tf.Cast(g, DstT=x.dtype) for g, x in zip((da, db), op.inputs, strict=True)]


define(
    "SparseTensorDenseAdd",
    dense_add,
    shape=dense_add_shape,
    host="a_shape",
    unknown_rank=True,
    gradient=dense_add_gradient,
)
define(
    "SparseDenseCwiseAdd",
    elementwise(lambda xp, x, y: x + y),
    shape=values_shape,
    host="sp_shape",
    unknown_rank=True,
    gradient=cwise_add_gradient,
)
for _type, _reduced in (("Sum", reduce_sum_gradient), ("Max", None)):
    define(
        f"SparseReduce{_type}",
        reduce_dense(_type),
        shape=reduce_shape,
        host="reduction_axes",
        shape_like="input_shape",
        unknown_rank=True,
        gradient=_reduced,
    )
define(
    "SparseSoftmax",
    softmax,
    shape=softmax_shape,
    host="sp_shape",
    unknown_rank=True,
    gradient=softmax_gradient,
)
define(
    "SparseReshape",
    reshaped,
    shape=reshape_shape,
    shape_like="input_shape new_shape",
    unknown_rank=True,
)
define(
    "SparseMatMul",
    sparse_matmul,
    shape=sparse_matmul_shape,
    gradient=sparse_matmul_gradient,
)
