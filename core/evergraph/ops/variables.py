"""Variables: Assign, AssignAdd, Scatter*, and the same through handles (AssignVariableOp …).

A kernel receives the current value of a variable in place of its reference or handle, and returns
the new one; it never writes into an array.
"""

from __future__ import annotations

import math

import numpy as np

from evergraph.errors import InvalidArgumentError, OutOfRangeError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.ops.array import shape_of
from evergraph.ops.indexing import (
    gather_nd,
    gather_nd_shape,
    gather_shape,
    gather_v2,
    nd_gradient,
    sliced_rows,
)
from evergraph.ops.row_sums import present
from evergraph.ops.rules import merged, scalar
from evergraph.ops.slicing import strided_slice
from evergraph.shapes import bracketed, compatible


def assign(xp, value, *, validate_shape=True, _shape=None):
    if validate_shape and not compatible(_shape, value.shape):
        raise ShapeError(
            "Assign requires shapes of both tensors to match. "
            f"lhs shape= {bracketed(_shape)} rhs shape= {bracketed(value.shape)}"
        )
    # A variable has its value to itself.
    return xp.asarray(value, copy=True)


def assigned_shape(ref, value, *, validate_shape=True):
    return merged(ref, value) if validate_shape else value


def assign_handle(xp, value, *, validate_shape=False, _shape=None):
    return assign(xp, value, validate_shape=validate_shape, _shape=_shape)


def handle_assigned(resource, value, *, validate_shape=False):
    merged(resource, value)
    return []


def _same(xp, ref, value, name):
    if ref.shape != value.shape:
        raise InvalidArgumentError(
            None,
            None,
            f"{name} requires shapes of both tensors to match. "
            f"lhs shape= {bracketed(ref.shape)} rhs shape= {bracketed(value.shape)}",
        )


def assign_add(xp, ref, value):
    _same(xp, ref, value, "Assign")
    return ref + value


def assign_sub(xp, ref, value):
    _same(xp, ref, value, "Assign")
    return ref - value


def handle_changed(resource, value):
    merged(resource, value)
    return []


def handle_add(xp, resource, value):
    if value.shape and resource.shape != value.shape:
        raise InvalidArgumentError(
            None,
            None,
            f"Cannot update variable with shape {bracketed(resource.shape)} using a Tensor with "
            f"shape {bracketed(value.shape)}, shapes must be equal.",
        )
    return resource + value


def handle_sub(xp, resource, value):
    return handle_add(xp, resource, -value)


def count_up_to(xp, ref, *, limit):
    xp.check(ref < limit, OutOfRangeError, f"Reached limit of {limit}")
    return ref + 1, ref


# Scattered updates: `indices` choose rows of the variable, and one update may serve them all.


def _scattering(how):
    def scatter(xp, ref, indices, updates, *, _padded=False):
        rows, inner = ref.shape[0] if ref.shape else 0, ref.shape[1:]
        if not ref.shape:
            raise InvalidArgumentError(None, None, "params must be at least 1-D, got shape []")
        if updates.shape not in ((), (*indices.shape, *inner)):
            raise InvalidArgumentError(
                None,
                None,
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], "
                f"got updates.shape {bracketed(updates.shape)}, indices.shape "
                f"{bracketed(indices.shape)}, params.shape {bracketed(ref.shape)}",
            )

        def message(at, value):
            where = f"[{','.join(map(str, at))}]" if at else ""
            return f"indices{where} = {int(value)} is not in [0, {rows})"

        ok = (indices >= 0) & (indices < rows)
        there = present(xp, indices, _padded)
        xp.check(ok if there is None else ok | ~there, InvalidArgumentError, message, indices)
        # What is out of range fails; it must not be touched all the same.
        safe = xp.where(ok, indices, xp.zeros_like(indices))
        flat = xp.reshape(safe, (-1, 1))
        updates = xp.broadcast_to(updates, (*indices.shape, *inner))
        updates = xp.reshape(updates, (flat.shape[0], *inner))
        if there is not None:  # zeros are added
            column = xp.reshape(there, (-1, *(1 for _ in inner)))
            updates = xp.where(column, updates, xp.zeros_like(updates))
        return how(xp, ref, flat, updates)

    return scatter


def _divided(xp, ref, indices, updates):
    ones = xp.ext.scatter(xp.ones_like(ref), indices, updates, how="multiply")
    return ref / ones if not xp.isdtype(ref.dtype, "integral") else ref // ones


_SCATTER = {
    "Update": lambda xp, ref, i, u: xp.ext.scatter(ref, i, u, how="set"),
    "Add": lambda xp, ref, i, u: xp.ext.scatter(ref, i, u, how="add"),
    "Sub": lambda xp, ref, i, u: xp.ext.scatter(ref, i, -u, how="add"),
    "Mul": lambda xp, ref, i, u: xp.ext.scatter(ref, i, u, how="multiply"),
    "Min": lambda xp, ref, i, u: xp.ext.scatter(ref, i, u, how="minimum"),
    "Max": lambda xp, ref, i, u: xp.ext.scatter(ref, i, u, how="maximum"),
    "Div": _divided,
}


def scattered_shape(ref, indices, updates):
    if ref is not None and indices is not None and updates:
        merged(updates, (*indices, *ref[1:]))
    return ref


def handle_scattered(resource, indices, updates):
    scattered_shape(resource, indices, updates)
    return []


def _scattering_nd(how):
    def scatter(xp, ref, indices, updates):
        depth = indices.shape[-1]
        if depth > ref.ndim:
            raise InvalidArgumentError(
                None, None, f"indices.shape[-1] = {depth} is greater than the rank {ref.ndim}"
            )
        wanted = (*indices.shape[:-1], *ref.shape[depth:])
        if updates.shape != wanted:
            raise InvalidArgumentError(
                None,
                None,
                f"Must have updates.shape = indices.shape[:-1] + params.shape[{depth}:] = "
                f"{bracketed(wanted)}, got {bracketed(updates.shape)}",
            )
        vectors = [indices[..., i] for i in range(depth)]
        ok = xp.ones(indices.shape[:-1], dtype=xp.bool)
        for one, size in zip(vectors, ref.shape, strict=False):
            ok = ok & (one >= 0) & (one < size)
        shape = bracketed(ref.shape)

        def message(at, *values):
            found = ", ".join(str(int(v)) for v in values)
            return f"indices[{','.join(map(str, at))}] = [{found}] does not index into {shape}"

        xp.check(ok, InvalidArgumentError, message, *vectors)
        safe = xp.where(xp.expand_dims(ok, axis=-1), indices, xp.zeros_like(indices))
        return how(xp, ref, safe, updates)

    return scatter


def scattered_nd_shape(ref, indices, updates):
    return ref


def handle_scattered_nd(ref, indices, updates):
    return []


# Slices of variables, `v[1:, 0].assign(x)`


def assign_slice(
    xp,
    ref,
    begin,
    end,
    strides,
    value,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
):
    size = math.prod(ref.shape)
    masks = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    every = np.arange(size, dtype=np.int64).reshape(ref.shape)
    chosen = np.asarray(strided_slice(np, every, begin, end, strides, **masks))
    if value.ndim > chosen.ndim and set(value.shape[: value.ndim - chosen.ndim]) == {1}:
        value = xp.reshape(value, value.shape[value.ndim - chosen.ndim :])
    fits = value.ndim <= chosen.ndim and all(
        a in (1, b) for a, b in zip(value.shape[::-1], chosen.shape[::-1], strict=False)
    )
    if not fits:
        raise InvalidArgumentError(
            None,
            None,
            f"Cannot broadcast input shape {bracketed(value.shape)} into final shape "
            f"{bracketed(chosen.shape)}",
        )
    updates = xp.reshape(xp.broadcast_to(value, chosen.shape), (-1,))
    flat = xp.reshape(ref, (size,))
    where = xp.asarray(chosen.reshape((-1, 1)))
    return xp.reshape(xp.ext.scatter(flat, where, updates, how="set"), ref.shape)


def slice_assigned(ref, begin, end, strides, value, **masks):
    return ref


def handle_slice_assigned(ref, begin, end, strides, value, **masks):
    return []


def resource_gather(xp, resource, indices, *, batch_dims=0):
    return gather_v2(xp, resource, indices, batch_dims, batch_dims=batch_dims)


def resource_gathered(resource, indices, *, batch_dims=0):
    if batch_dims < 0:
        raise ShapeError(f"batch_dims is negative ({batch_dims})")
    if batch_dims >= 2**31:
        raise ShapeError(f"Attr batch_dims has value {batch_dims} out of range for an int32")
    return gather_shape(resource, indices, np.int64(batch_dims), batch_dims=batch_dims)


def variable_shape(xp, input, *, out_type=None):
    return shape_of(xp, input, out_type=out_type)


def variable_rank(input):
    return (None,) if input is None else (len(input),)


def resource_gather_gradient(tf, op, dy):
    handle, indices = op.inputs
    return sliced_rows(tf, dy, indices, tf.VariableShape(handle)), None


def resource_gather_nd_gradient(tf, op, dy):
    handle, indices = op.inputs
    return nd_gradient(tf, dy, indices, tf.VariableShape(handle, out_type=indices.dtype)), None


def _define(type, kernel, shape, writes, **more):
    define(type, kernel, shape=shape, writes=writes, effects="state", unknown_rank=True, **more)


_define("Assign", assign, assigned_shape, "ref", blind=True, gradient=no_gradient)
_define("AssignAdd", assign_add, merged, "ref", gradient=no_gradient)
_define("AssignSub", assign_sub, merged, "ref", gradient=no_gradient)
_define("AssignVariableOp", assign_handle, handle_assigned, "resource", blind=True)
_define("AssignAddVariableOp", handle_add, handle_changed, "resource")
_define("AssignSubVariableOp", handle_sub, handle_changed, "resource")
_define("CountUpTo", count_up_to, scalar, "ref")
_define("ResourceCountUpTo", count_up_to, scalar, "resource")
for _name, _how in _SCATTER.items():
    # TF: the others it does not know, rather than that they have none.
    _none = no_gradient if _name in ("Add", "Sub", "Mul", "Div") else None
    _define(f"Scatter{_name}", _scattering(_how), scattered_shape, "ref", gradient=_none)
    _define(f"ResourceScatter{_name}", _scattering(_how), handle_scattered, "resource")
for _name in ("Update", "Add", "Sub", "Min", "Max"):
    _scatter_nd = _scattering_nd(_SCATTER[_name])
    _none = no_gradient if _name in ("Update", "Add", "Sub") else None
    _define(f"ScatterNd{_name}", _scatter_nd, scattered_nd_shape, "ref", gradient=_none)
    _define(f"ResourceScatterNd{_name}", _scatter_nd, handle_scattered_nd, "ref")
for _name, _shape in (
    ("StridedSliceAssign", slice_assigned),
    ("ResourceStridedSliceAssign", handle_slice_assigned),
):
    _define(_name, assign_slice, _shape, "ref", host="begin end strides")
define(
    "ResourceGather",
    resource_gather,
    shape=resource_gathered,
    unknown_rank=True,
    effects="state",
    gradient=resource_gather_gradient,
)
define(
    "ResourceGatherNd",
    gather_nd,
    shape=gather_nd_shape,
    unknown_rank=True,
    effects="state",
    gradient=resource_gather_nd_gradient,
)
define(
    "VariableShape",
    variable_shape,
    shape=variable_rank,
    unknown_rank=True,
    effects="state",
    gradient=no_gradient,
)
