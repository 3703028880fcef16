"""Kernels of variables: from the old value to the new one."""

from __future__ import annotations

import numpy as np

from evergraph.plugin import ShapeError
from evergraph_onnx.structure import expanded, in_range, shaped
from evergraph_onnx.tracing import emit


def assign(value, *, validate_shape=True, _shape=None):
    if validate_shape and _shape is not None and not _fits(_shape, value.shape):
        raise ShapeError(
            "Assign requires shapes of both tensors to match. "
            f"lhs shape= {_text(_shape)} rhs shape= {_text(value.shape)}"
        )
    return value


def _fits(wanted, shape):
    pairs = zip(wanted, shape, strict=False)
    return len(wanted) == len(shape) and all(w in (None, d) for w, d in pairs)


def _text(shape):
    return f"[{','.join('?' if d is None else str(d) for d in shape)}]"


def assign_handle(value, *, validate_shape=False, _shape=None):
    return assign(value, validate_shape=validate_shape, _shape=_shape)


def changing(op):
    """Return the kernel that adds to, or subtracts from, a reference."""

    def kernel(ref, value):
        if ref.shape != value.shape:
            raise ShapeError(
                "Assign requires shapes of both tensors to match. "
                f"lhs shape= {_text(ref.shape)} rhs shape= {_text(value.shape)}"
            )
        return emit(op, ref, value)

    return kernel


def changing_handle(op):
    """Return the same for a handle; a scalar goes to every element."""

    def kernel(resource, value):
        if value.shape and resource.shape != value.shape:
            raise ShapeError(
                f"Cannot update variable with shape {_text(resource.shape)} using a Tensor with "
                f"shape {_text(value.shape)}, shapes must be equal."
            )
        return emit(op, resource, value)

    return kernel


def gradient_descent(var, alpha, delta):
    _check_scalars(alpha=alpha)
    _check_shapes(var, delta=delta)
    return emit("Sub", var, emit("Mul", alpha, delta))


def momentum(var, accum, lr, grad, momentum, *, use_nesterov=False):
    _check_scalars(lr=lr, momentum=momentum)
    _check_shapes(var, accum=accum, grad=grad)
    accum = emit("Add", emit("Mul", accum, momentum), grad)
    step = emit("Mul", accum, lr)
    if use_nesterov:
        step = emit("Add", emit("Mul", grad, lr), emit("Mul", step, momentum))
    return emit("Sub", var, step), accum


def _check_scalars(**values):
    for name, value in values.items():
        if value.shape:
            raise ShapeError(f"{name} is not a scalar: {_text(value.shape)}")


def _check_shapes(var, **values):
    for name, value in values.items():
        if value.shape != var.shape:
            shapes = f"{_text(var.shape)} {_text(value.shape)}"
            raise ShapeError(f"var and {name} do not have the same shape{shapes}")


def scatter_add(ref, indices, updates):
    if not ref.ndim or updates.shape not in ((), (*indices.shape, *ref.shape[1:])):
        raise ShapeError(
            "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got "
            f"updates.shape {_text(updates.shape)}, indices.shape {_text(indices.shape)}, "
            f"params.shape {_text(ref.shape)}"
        )
    rows = emit("Cast", in_range(indices, ref.shape[0]), to=_INT64)
    if 0 in ref.shape:
        return np.zeros(ref.shape, ref.dtype)
    updates = expanded(updates, (*indices.shape, *ref.shape[1:]))
    return emit("ScatterND", ref, shaped(rows, (*indices.shape, 1)), updates, reduction="add")


_INT64 = 7
