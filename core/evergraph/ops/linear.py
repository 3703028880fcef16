"""Products of matrices and vectors: MatMul, BatchMatMul, Cross."""

from __future__ import annotations

from evergraph.errors import FailedPreconditionError
from evergraph.op import ShapeError, define
from evergraph.ops.precision import in_float32, is_half
from evergraph.ops.rules import (
    broadcast,
    conjugated,
    merged,
    merged_dim,
    slice_of,
    with_rank,
    with_rank_at_least,
)
from evergraph.shapes import bracketed


@in_float32
def matmul(xp, a, b, *, transpose_a=False, transpose_b=False):
    if a.ndim != 2 or b.ndim != 2:
        matmul_shape(a.shape, b.shape)
    return xp.matmul(a.mT if transpose_a else a, b.mT if transpose_b else b)


def matmul_shape(a, b, *, transpose_a=False, transpose_b=False):
    for i, shape in enumerate((a, b)):
        # TF: it says "at least" and means exactly.
        checked(with_rank, shape, 2, at_run=f"In[{i}] ndims must be >= 2")
    rows, inner = reversed(a) if transpose_a else a
    other, columns = reversed(b) if transpose_b else b
    checked(merged_dim, inner, other, at_run=_incompatible(a, b))
    return rows, columns


def checked(rule, *arguments, at_run):
    """Apply a shared rule; what it says when a step runs is `at_run`."""
    try:
        return rule(*arguments)
    except ShapeError as error:
        raise ShapeError(str(error), at_run) from None


def _incompatible(x, y):
    return f"Matrix size-incompatible: In[0]: {bracketed(x)}, In[1]: {bracketed(y)}"


def matmul_gradient(tf, op, dy):
    a, b = (conjugated(tf, t) for t in op.inputs)
    flips = op.get_attr("transpose_a"), op.get_attr("transpose_b")

    def product(x, y, flip_x, flip_y):
        return tf.MatMul(x, y, transpose_a=flip_x, transpose_b=flip_y)

    return _product_gradients(product, a, b, dy, *flips)


def _product_gradients(product, a, b, dy, flip_a, flip_b):
    """Return the gradients of a product of matrices, from its factors, flipped or not."""
    da = product(b, dy, flip_b, True) if flip_a else product(dy, b, False, not flip_b)
    db = product(dy, a, True, flip_a) if flip_b else product(a, dy, not flip_a, False)
    return da, db


define("MatMul", matmul, shape=matmul_shape, gradient=matmul_gradient)


@in_float32
def batch_matmul(xp, x, y, *, adj_x=False, adj_y=False):
    if x.ndim < 2 or y.ndim < 2:
        batch_matmul_shape(x.shape, y.shape)
    return xp.matmul(_adjoint(xp, x) if adj_x else x, _adjoint(xp, y) if adj_y else y)


def _adjoint(xp, x):
    return xp.conj(x.mT) if xp.isdtype(x.dtype, "complex floating") else x.mT


def batch_matmul_shape(x, y, *, adj_x=False, adj_y=False):
    for i, shape in enumerate((x, y)):
        text = f"In[{i}] ndims must be >= 2: {len(shape)}"
        checked(with_rank_at_least, shape, 2, at_run=text)
    text = (
        f"In[0] and In[1] must have compatible batch dimensions: {bracketed(x)} vs. {bracketed(y)}"
    )
    batch = checked(broadcast, x[:-2], y[:-2], at_run=text)
    return *batch, *_product_shape(x, y, adj_x, adj_y)


def _product_shape(x, y, adj_x, adj_y):
    rows, inner = reversed(x[-2:]) if adj_x else x[-2:]
    other, columns = reversed(y[-2:]) if adj_y else y[-2:]
    checked(merged_dim, inner, other, at_run=_incompatible(x, y))
    return rows, columns


def batch_matmul_gradient(tf, op, dy):
    return _unbroadcast_batch(tf, op, _batch_gradients(tf.BatchMatMulV2, op, dy))


def _batch_gradients(build, op, dy):
    def product(x, y, flip_x, flip_y):
        return build(x, y, adj_x=flip_x, adj_y=flip_y)

    x, y = op.inputs
    return _product_gradients(product, x, y, dy, op.get_attr("adj_x"), op.get_attr("adj_y"))


def _unbroadcast_batch(tf, op, gradients):
    """Return the gradients summed over the batch axes along which each input was broadcast."""
    x, y = op.inputs
    batch_x, batch_y = x.shape[:-2], y.shape[:-2]
    if batch_x.is_fully_defined() and batch_y.is_fully_defined() and batch_x == batch_y:
        return gradients
    sizes = tf.Shape(x), tf.Shape(y)
    axes = tf.BroadcastGradientArgs(*(slice_of(tf, s, 0, -2) for s in sizes))
    return [tf.Reshape(tf.Sum(g, a), s) for g, a, s in zip(gradients, axes, sizes, strict=True)]


define("BatchMatMulV2", batch_matmul, shape=batch_matmul_shape, gradient=batch_matmul_gradient)


def batch_matmul_alike(xp, x, y, *, adj_x=False, adj_y=False):
    if x.shape[:-2] != y.shape[:-2]:
        batch_matmul_alike_shape(x.shape, y.shape, adj_x=adj_x, adj_y=adj_y)
    return batch_matmul(xp, x, y, adj_x=adj_x, adj_y=adj_y)


def batch_matmul_alike_shape(x, y, *, adj_x=False, adj_y=False):
    for i, shape in enumerate((x, y)):
        text = f"In[{i}] ndims must be >= 2: {len(shape)}"
        checked(with_rank_at_least, shape, 2, at_run=text)
    for i, (m, n) in enumerate(zip(x[:-2], y[:-2], strict=False)):
        if m is not None and n is not None and m != n:
            raise ShapeError(
                f"Dimension {i} in both shapes must be equal, but are {m} and {n}. "
                f"Shapes are {bracketed(x[:-2])} and {bracketed(y[:-2])}.",
                f"In[0].dim({i}) and In[1].dim({i}) must be the same: "
                f"{bracketed(x)} vs {bracketed(y)}",
            )
    text = f"In[0] and In[1] must have the same rank: {bracketed(x)} vs {bracketed(y)}"
    batch = checked(merged, x[:-2], y[:-2], at_run=text)
    return *batch, *_product_shape(x, y, adj_x, adj_y)


def batch_matmul_alike_gradient(tf, op, dy):
    return _batch_gradients(tf.BatchMatMul, op, dy)


define(
    "BatchMatMul",
    batch_matmul_alike,
    shape=batch_matmul_alike_shape,
    gradient=batch_matmul_alike_gradient,
)


def batch_matmul_into(xp, x, y, *, Tout, adj_x=False, adj_y=False):
    if x.dtype != y.dtype or x.dtype != Tout:
        wide = xp.float32 if is_half(Tout) else Tout
        x, y = xp.astype(x, wide), xp.astype(y, wide)
    return xp.astype(batch_matmul(xp, x, y, adj_x=adj_x, adj_y=adj_y), Tout)


def batch_matmul_into_gradient(tf, op, dy):
    x, _ = op.inputs
    if any(t.dtype.base_dtype != dy.dtype.base_dtype for t in op.inputs):
        # TF: refuses to multiply the types that differ.
        raise TypeError(f"the gradient of {op.name} is of another type than {x.name}")
    return _unbroadcast_batch(tf, op, _batch_gradients(tf.BatchMatMulV2, op, dy))


define(
    "BatchMatMulV3",
    batch_matmul_into,
    shape=batch_matmul_shape,
    gradient=batch_matmul_into_gradient,
)


def cross(xp, a, b):
    if a.shape != b.shape or a.ndim == 0 or a.shape[-1] != 3:
        cross_shape(a.shape, b.shape)
    u, v = ([x[..., i] for i in range(3)] for x in (a, b))
    parts = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    return xp.stack(parts, axis=-1)


def cross_shape(a, b):
    if a and b and len(a) == len(b):
        for i, (m, n) in enumerate(zip(a, b, strict=True)):
            if m is not None and n is not None and m != n:
                raise ShapeError(
                    f"Dimension {i} in both shapes must be equal, but are {m} and {n}. "
                    f"Shapes are {bracketed(a)} and {bracketed(b)}.",
                    f"Both inputs must be of same shape: {bracketed(a)} vs. {bracketed(b)}",
                )
    text = f"Both inputs must be of same shape: {bracketed(a)} vs. {bracketed(b)}"
    shape = checked(merged, a, b, at_run=text)
    checked(with_rank_at_least, shape, 1, at_run=f"Input must be at least 1D{bracketed(shape)}")
    if shape[-1] not in (None, 3):
        raise ShapeError(
            f"Dimension must be 3 but is {shape[-1]}",
            "Cross-products are only defined for 3-element vectors.",
            FailedPreconditionError,
        )
    return *shape[:-1], 3


def cross_gradient(tf, op, dy):
    a, b = op.inputs
    return tf.Cross(b, dy), tf.Cross(dy, a)


define("Cross", cross, shape=cross_shape, gradient=cross_gradient)
