"""Elements by their index: gather, scatter, where, and unique."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import axis_value, concat, shape, stack
from evergraph.shapes import TensorShape, as_shape
from evergraph.v1.filling import meshgrid, ones, rank, zeros
from evergraph.v1.shaping import transpose, unstack


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Any:
    """Return slices of `params` along an axis, by their indices.

    Args:
      params: the tensor.
      indices: the indices, of any shape.
      validate_indices: not used.
      name: the name of the node.
      axis: the axis; by default the first after the batch.
      batch_dims: how many leading dimensions `params` and `indices` have in common.
    """
    del validate_indices
    axis = batch_dims if axis is None else axis
    if axis_value(axis) != 0:
        arguments = {"params": params, "indices": indices, "axis": axis}
        return node("GatherV2", name, **arguments, batch_dims=batch_dims)
    if hasattr(params, "handle"):  # a resource variable
        return params.sparse_read(indices, name)
    # TF: a gather along the first axis has no batch.
    return node("GatherV2", name, params=params, indices=indices, axis=axis)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """Gather along the last dimension of `indices`, the others being a batch.

    Raises:
      ValueError: the rank of `indices` is not known.
    """
    with scope(name, "BatchGather", (params, indices)):
        indices = convert_to_tensor(indices, name="indices")
        params = convert_to_tensor(params, name="params")
        if indices.ndim is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        return _batch_gather(params, indices, indices.ndim - 1)


def _batch_gather(params: Any, indices: Any, batch: int) -> Any:
    """Gather with flat indices, to which the offsets of the batch entries are added."""
    if params.ndim is not None and batch >= params.ndim:
        raise ValueError(
            f"Argument `batch_dims` = {batch} must be less than rank(`params`) = {params.ndim}"
        )
    dtype = indices.dtype.base_dtype
    indices_shape, params_shape = shape(indices), shape(params)
    flat = indices
    stride = ones((), dtype)
    dims = node("Cast", x=params_shape, DstT=dtype)
    for d in range(batch, 0, -1):
        size = dims[d - 1]
        stride *= dims[d]
        start, step = zeros((), dtype), ones((), dtype)
        offsets = node("Range", start=start, limit=size, delta=step)
        offsets *= stride
        along = stack([1] * (d - 1) + [size] + [1] * (indices.ndim - d))
        flat += node("Reshape", tensor=offsets, shape=along)
    flat = node("Reshape", tensor=flat, shape=[-1])
    outer = params_shape[batch + 1 :]
    rows = node("Prod", input=params_shape[: batch + 1], reduction_indices=[0])
    table = node("Reshape", tensor=params, shape=concat([[rows], outer], 0))
    found = gather(table, flat)
    result = node("Reshape", tensor=found, shape=concat([indices_shape, outer], 0))
    known = indices.shape[:batch].merge_with(params.shape[:batch])
    known = known.concatenate(indices.shape[batch:]).concatenate(params.shape[batch + 1 :])
    result.set_shape(known)
    return result


def gather_nd(
    params: Any,
    indices: Any,
    name: str | None = None,
    batch_dims: Any = 0,
    bad_indices_policy: str = "",
) -> Any:
    """Return slices of `params`, each named by the coordinates in the last dimension of `indices`.

    Args:
      params: the tensor.
      indices: the coordinates.
      name: the name of the node.
      batch_dims: how many leading dimensions `params` and `indices` have in common.
      bad_indices_policy: "ERROR", or "IGNORE" to take zeros for indices out of range.

    Raises:
      ValueError: `batch_dims` is negative, or not less than the ranks.
    """
    batch = int(axis_value(batch_dims))
    if batch == 0:
        if hasattr(params, "handle"):  # a resource variable
            return params.gather_nd(indices, name)
        policy = {"bad_indices_policy": bad_indices_policy}
        return node("GatherNd", name, params=params, indices=indices, **policy)
    with scope(name, "BatchGatherND", (params, indices)):
        return _batch_gather_nd(params, indices, batch, bad_indices_policy)


def _batch_gather_nd(params: Any, indices: Any, batch: int, policy: str) -> Any:
    """Gather with the coordinates of the batch put before those of `indices`."""
    indices = convert_to_tensor(indices, name="indices")
    params = convert_to_tensor(params, name="params")
    if batch < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for label, tensor in (("indices", indices), ("params", params)):
        if tensor.ndim is not None and batch >= tensor.ndim:
            raise ValueError(
                f"Argument `batch_dims` = {batch} must be less than rank(`{label}`) = {tensor.ndim}"
            )
    params_shape, indices_shape = shape(params), shape(indices)
    batch_shape = params_shape[:batch]
    entries = node("Prod", input=batch_shape, reduction_indices=[0])
    inner_rank = rank(indices) - batch - 1
    inner = indices_shape[batch:-1]
    ranges = [_counting(size, indices.dtype) for size in unstack(batch_shape)]
    meshes = meshgrid(*ranges, indexing="ij")
    flat = [node("Reshape", tensor=mesh, shape=(-1,)) for mesh in meshes]
    grid = transpose(stack(flat))
    grid_shape = shape(grid)
    before = grid_shape[:1]
    between = ones(inner_rank, grid_shape.dtype)
    grid_shape = concat([before, between, grid_shape[1:]], 0)
    grid = node("Reshape", tensor=grid, shape=grid_shape)
    grid = node("Tile", input=grid, multiples=concat(((1,), inner, (1,)), 0))
    flat_shape = concat(([entries], indices_shape[batch:]), 0)
    whole = concat((grid, node("Reshape", tensor=indices, shape=flat_shape)), -1)
    out = node("GatherNd", params=params, indices=whole, bad_indices_policy=policy)
    return node("Reshape", tensor=out, shape=concat((batch_shape, shape(out)[1:]), 0))


def _counting(size: Any, dtype: Any) -> Any:
    limit = node("Cast", x=size, DstT=dtypes.int32)
    return node("Cast", x=node("Range", start=0, limit=limit, delta=1), DstT=dtype)


def tensor_scatter_nd_update(
    tensor: Any, indices: Any, updates: Any, name: str | None = None
) -> Any:
    """Return the tensor with updates in place of the slices at some coordinates."""
    return node("TensorScatterUpdate", name, tensor=tensor, indices=indices, updates=updates)


# Conditions


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Return elements of `x` where `condition` is true, else of `y`; or where it is true.

    Args:
      condition: a bool tensor: of the shape of `x`, a vector for its first dimension, or a scalar.
      x, y: tensors of the same shape; without them the result is the coordinates of the true
        elements, as an int64 matrix.
      name: the name of the node.

    Raises:
      ValueError: there is only one of `x` and `y`.
    """
    if _only_condition(x, y):
        return _coordinates(condition, name)
    return node("Select", name, condition=condition, t=x, e=y)


def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Do what `where` does, with the three tensors broadcast against each other."""
    if _only_condition(x, y):
        return _coordinates(condition, name)
    return node("SelectV2", name, condition=condition, t=x, e=y)


def _only_condition(x: Any, y: Any) -> bool:
    if (x is None) != (y is None):
        raise ValueError("x and y must both be non-None or both be None.")
    return x is None


def _coordinates(condition: Any, name: str | None) -> Any:
    with scope(name, "Where", (condition,)) as name:
        tensor = convert_to_tensor(condition, name="condition", preferred_dtype=dtypes.bool)
        return node("Where", name, input=tensor)


# Sets


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """Return the distinct elements of a vector, in order, and for each element which it is."""
    return node("Unique", name, x=x, out_idx=out_idx)


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """Return what `unique` does, and how often each element occurs."""
    return node("UniqueWithCounts", name, x=x, out_idx=out_idx)


def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """Return the elements of a vector that are not in another, and their indices."""
    return node("ListDiff", name, x=x, y=y, out_idx=index_dtype)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """Return the static shape that two static shapes broadcast to; ValueError if they do not."""
    x, y = as_shape(shape_x), as_shape(shape_y)
    if x._dims is None or y._dims is None:
        return TensorShape(None)
    rank = max(len(x._dims), len(y._dims))
    pairs = zip(*((1,) * (rank - len(d)) + d for d in (x._dims, y._dims)), strict=True)
    dims = []
    for a, b in pairs:
        if None in (a, b):
            # Whatever it is, it is 1 or equal to a known size above 1.
            dims.append(max(a or 0, b or 0) if max(a or 0, b or 0) > 1 else None)
        elif 1 in (a, b) or a == b:
            dims.append(b if a == 1 else a)
        else:
            raise ValueError(
                "Incompatible shapes for broadcasting. Two shapes are compatible if for each "
                "dimension pair they are either equal or one of them is 1. Received: "
                f"{x} and {y}."
            )
    return TensorShape(dims)
