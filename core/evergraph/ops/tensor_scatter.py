"""Tensors changed at some places: TensorScatterUpdate, TensorScatterAdd and the like."""

from __future__ import annotations

from evergraph.op import ShapeError, define
from evergraph.ops.indexing import check_vectors
from evergraph.ops.rules import merged
from evergraph.shapes import bracketed


def combining(how):
    """Return the kernel that combines elements and updates in one way of `xp.ext.scatter`."""

    def kernel(xp, tensor, indices, updates):
        return _changed(xp, tensor, indices, updates, how)

    return kernel


def _changed(xp, tensor, indices, updates, how):
    changed_shape(tensor.shape, indices.shape, updates.shape)
    depth = indices.shape[-1]
    if depth > tensor.ndim or updates.shape[indices.ndim - 1 :] != tensor.shape[depth:]:
        raise ShapeError(
            "Inner dimensions of output shape must match inner dimensions of updates shape. "
            f"Output: {bracketed(tensor.shape)} updates: {bracketed(updates.shape)}"
        )
    check_vectors(xp, indices, tensor.shape)
    return xp.ext.scatter(tensor, indices, updates, how=how)


def tensor_scatter_sub(xp, tensor, indices, updates):
    return _changed(xp, tensor, indices, -updates, "add")


def changed_shape(tensor, indices, updates):
    for shape in (tensor, indices):
        if shape is not None and not shape:
            raise ShapeError(
                "Shape must be at least rank 1 but is rank 0",
                "Indices shape must have rank at least one. Found:[]",
            )
    if None in (tensor, indices, updates):
        return tensor
    if 0 in tensor and 0 not in indices and 0 not in updates:
        raise ShapeError(
            "Indices and updates specified for empty input",
            "Indices and updates specified for empty output shape",
        )
    outer = len(indices) - 1
    if len(updates) < outer or None not in (*indices[:-1], *updates[:outer]):
        _check_equal(indices[:-1], updates[:outer], indices, updates)
    depth = indices[-1]
    if depth is not None and depth <= len(tensor):
        merged(tensor[depth:], updates[outer:])
    return tensor


def _check_equal(wanted, found, indices, updates):
    if tuple(wanted) != tuple(found):
        raise ShapeError(
            f"Dimensions {bracketed(wanted)} of the indices and {bracketed(found)} of the updates "
            "must be equal",
            "Outer dimensions of indices and update must match. Indices shape: "
            f"{bracketed(indices)}, updates shape:{bracketed(updates)}",
        )


# Gradients


def update_gradient(tf, op, dy):
    _, indices, updates = op.inputs
    kept = tf.TensorScatterUpdate(dy, indices, tf.ZerosLike(updates))
    return kept, None, tf.GatherNd(dy, indices)


def add_gradient(tf, op, dy):
    return dy, None, tf.GatherNd(dy, op.inputs[1])


def sub_gradient(tf, op, dy):
    return dy, None, tf.Neg(tf.GatherNd(dy, op.inputs[1]))


def extreme_gradient(tf, op, dy):
    """Divide the gradient evenly among those that are equal to the result."""
    tensor, indices, updates = op.inputs
    result = op.outputs[0]
    is_tensor = tf.Cast(tf.Equal(tensor, result), DstT=dy.dtype)
    is_update = tf.Cast(tf.Equal(updates, tf.GatherNd(result, indices)), DstT=dy.dtype)
    shape = tf.shape(tensor, out_type=indices.dtype)
    count = tf.AddV2(is_tensor, tf.ScatterNd(indices, is_update, shape))
    share = tf.RealDiv(dy, count)
    of_tensor = tf.RealDiv(tf.Mul(dy, is_tensor), count)
    return of_tensor, None, tf.Mul(tf.GatherNd(share, indices), is_update)


for _type, _how, _gradient in (
    ("Update", "set", update_gradient),
    ("Add", "add", add_gradient),
    ("Max", "maximum", extreme_gradient),
    ("Min", "minimum", extreme_gradient),
):
    define(
        f"TensorScatter{_type}",
        combining(_how),
        shape=changed_shape,
        unknown_rank=True,
        gradient=_gradient,
    )
define(
    "ScatterNdNonAliasingAdd",
    combining("add"),
    shape=changed_shape,
    unknown_rank=True,
    gradient=add_gradient,
)
define(
    "TensorScatterSub",
    tensor_scatter_sub,
    shape=changed_shape,
    unknown_rank=True,
    gradient=sub_gradient,
)
