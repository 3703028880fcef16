"""Kernels that move elements, and reductions.

What is wrong with shapes, and what shape comes out, NumPy's kernel says, given zeros.
"""

from __future__ import annotations

import math

import numpy as np

from evergraph.plugin import errors, numpy_table
from evergraph_onnx.elements import is_float, of, onnx_type, where
from evergraph_onnx.tracing import Value, check, emit, emit_several


def resulting(type, *inputs, **attributes):
    """Return the shape of what an op gives, or raise what it raises for its inputs' shapes."""
    return numpy_table()[type].function(*[_zeros(v) for v in inputs], **attributes).shape


def _zeros(value):
    if isinstance(value, list):
        return [_zeros(v) for v in value]
    return np.broadcast_to(of(value, 0), value.shape) if isinstance(value, Value) else value


def dims(shape):
    """Return a shape as ONNX takes it."""
    return np.array(shape, np.int64)


def shaped(x, shape):
    """Return the elements of `x` in another shape."""
    # A 0 is a size here, not one to be copied.
    return emit("Reshape", x, dims(shape), allowzero=1)


def reshaping(type):
    """Return the kernel of an op that does nothing else."""

    def kernel(x, argument):
        return shaped(x, resulting(type, x, argument))

    return kernel


def squeeze(x, *, squeeze_dims=()):
    return shaped(x, resulting("Squeeze", x, squeeze_dims=squeeze_dims))


def transpose(x, perm):
    resulting("Transpose", x, perm)
    order = [int(p) % x.ndim for p in np.asarray(perm)]
    return emit("Transpose", x, perm=order) if order else x


def broadcast_to(x, shape):
    return expanded(x, resulting("BroadcastTo", x, shape))


def fill(shape, value):
    return expanded(value, resulting("Fill", shape, value))


def expanded(x, shape):
    """Return the elements of `x`, repeated to a shape."""
    # ONNX takes a size of 0 for one that stays.
    return np.zeros(shape, x.dtype) if 0 in shape else emit("Expand", x, dims(shape))


def filled(x, value):
    """Return a kernel's constant of the shape of `x`."""
    return np.full(x.shape, value, x.dtype)


def tile(x, multiples):
    shape = resulting("Tile", x, multiples)
    if 0 in shape:
        return np.zeros(shape, x.dtype)
    return emit("Tile", x, dims(multiples)) if x.ndim else x


def pad(x, paddings, constant_values=None):
    value = of(x, 0) if constant_values is None else constant_values
    resulting("PadV2", x, paddings, value)
    sides = np.asarray(paddings, np.int64).reshape(-1, 2)
    return emit("Pad", x, sides.T.reshape(-1), value) if x.ndim else x


def slice_(x, begin, size):
    shape = resulting("Slice", x, begin, size)
    starts = np.asarray(begin, np.int64).reshape(-1)
    return emit("Slice", x, starts, starts + dims(shape)) if x.ndim else x


def strided_slice(
    x,
    begin,
    end,
    strides,
    *,
    begin_mask=0,
    end_mask=0,
    ellipsis_mask=0,
    new_axis_mask=0,
    shrink_axis_mask=0,
):
    masks = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    # Which elements it selects, NumPy's kernel shows on their positions.
    positions = np.arange(math.prod(x.shape)).reshape(x.shape)
    chosen = numpy_table()["StridedSlice"].function(positions, begin, end, strides, **masks)
    return emit("Gather", shaped(x, (positions.size,)), np.asarray(chosen), axis=0)


def concat(values, axis):
    resulting("ConcatV2", values, axis)
    # TF: an empty vector fits everything.
    rank = max(v.ndim for v in values)
    fitting = [v for v in values if v.ndim == rank]
    return emit("Concat", *fitting, axis=int(np.asarray(axis).reshape(())) % rank)


def pack(values, *, axis=0):
    rank = len(resulting("Pack", values, axis=axis))
    rows = [emit("Unsqueeze", v, dims([axis % rank])) for v in values]
    return emit("Concat", *rows, axis=axis % rank)


def unpack(value, *, num, axis=0):
    if not -value.ndim <= axis < value.ndim or value.shape[axis] != num:
        raise ValueError(f"{num} parts of a value of shape {value.shape}")
    return [emit("Squeeze", part, dims([axis])) for part in _parts(value, axis, num)]


def split(axis, value, *, num_split):
    stand_in = _zeros(value)
    numpy_table()["Split"].function(axis, stand_in, num_split=num_split)
    return _parts(value, int(np.asarray(axis).reshape(())), num_split)


def _parts(value, axis, count):
    if not count:
        return []
    sizes = dims([value.shape[axis] // count] * count)
    return emit_several("Split", count, value, sizes, axis=axis % value.ndim)


def gather_v2(params, indices, axis, *, batch_dims=0):
    if not params.ndim:
        raise ValueError("the parameters are a scalar")
    at = int(np.asarray(axis).reshape(()))
    # Of nothing, every index is out of range, which is not for the shapes to say.
    stand_in = np.zeros([max(d, 1) for d in params.shape], bool)
    resulting("GatherV2", stand_in, indices, axis, batch_dims=batch_dims)
    at, batch = at % params.ndim, batch_dims % indices.ndim if batch_dims else 0
    if params.shape[:batch] != indices.shape[:batch]:
        raise ValueError(f"batches of shape {params.shape[:batch]} and {indices.shape[:batch]}")
    return _gathered(params, in_range(indices, params.shape[at]), at, batch)


def in_range(indices, size):
    """Return indices that are within range, as is checked."""
    ok = emit(
        "And",
        emit("Greater", indices, of(indices, -1)),
        emit("Less", indices, of(indices, size)),
    )

    def message(at, value):
        place = f"[{','.join(map(str, at))}]" if at else ""
        return f"indices{place} = {int(value)} is not in [0, {size})"

    check(ok, errors.InvalidArgumentError, message, indices)
    return emit("Where", ok, indices, of(indices, 0))


def _gathered(params, indices, at, batch):
    shape = (*params.shape[:at], *indices.shape[batch:], *params.shape[at + 1 :])
    if 0 in params.shape:
        # There is nothing to gather: of no rows at all, the check has failed.
        return np.zeros(shape, params.dtype)
    if not batch:
        return emit("Gather", params, indices, axis=at)
    # The axis behind the batch, and all batches one after the other.
    inner = [i for i in range(batch, params.ndim) if i != at]
    moved = emit("Transpose", params, perm=[*range(batch), at, *inner])
    count, size = math.prod(params.shape[:batch]), params.shape[at]
    rows = shaped(moved, (count * size, *moved.shape[batch + 1 :]))
    flat = shaped(indices, (count, math.prod(indices.shape[batch:])))
    first = np.arange(count, dtype=indices.dtype)[:, None] * of(indices, size)
    picked = emit("Gather", rows, emit("Add", flat, first), axis=0)
    between = at - batch
    whole = shaped(
        picked, (*params.shape[:batch], *indices.shape[batch:], *moved.shape[batch + 1 :])
    )
    gone = indices.ndim - batch
    front = range(batch + gone, batch + gone + between)
    back = range(batch + gone + between, whole.ndim)
    order = [*range(batch), *front, *range(batch, batch + gone), *back]
    return emit("Transpose", whole, perm=order)


def gather(params, indices):
    return gather_v2(params, indices, np.int32(0))


def one_hot(indices, depth, on_value, off_value, *, axis=-1):
    shape = resulting("OneHot", indices, depth, on_value, off_value, axis=axis)
    if 0 in shape:
        return np.zeros(shape, on_value.dtype)
    at = indices.ndim if axis == -1 else axis
    places = np.arange(shape[at], dtype=indices.dtype)
    places = places.reshape(-1, *[1] * (indices.ndim - at))
    chosen = emit("Equal", emit("Unsqueeze", indices, dims([at])), places)
    return where(chosen, on_value, off_value)


# Reductions


def reducing(type, op):
    """Return the kernel of a reduction."""

    def kernel(x, axis, *, keep_dims=False):
        return _reduced(type, op, x, axis, keep_dims)

    return kernel


def _reduced(type, op, x, axis, keep_dims):
    shape = resulting(type, x, axis, keep_dims=keep_dims)
    axes = sorted({int(a) % x.ndim for a in np.asarray(axis).reshape(-1)})
    if not axes:
        return x
    kept = emit(op, x, dims(axes), keepdims=1)
    return shaped(kept, shape)


def extreme(type, op):
    """Return the kernel of Max or Min: ONNX Runtime passes over NaN, TensorFlow does not."""
    reduced = reducing(type, op)

    def kernel(x, axis, *, keep_dims=False):
        result = reduced(x, axis, keep_dims=keep_dims)
        if not is_float(x) or result is x:
            return result
        nan = any_(emit("IsNaN", x), axis, keep_dims=keep_dims)
        return where(nan, of(x, np.nan), result)

    return kernel


def mean(x, axis, *, keep_dims=False):
    total = _reduced("Mean", "ReduceSum", x, axis, keep_dims)
    count = math.prod(x.shape[int(a)] for a in np.asarray(axis).reshape(-1))
    # TF: integers are divided towards zero; of none, the mean is 0.
    return emit("Div", total, of(x, count if is_float(x) else max(count, 1)))


def all_(x, axis, *, keep_dims=False):
    wrong = emit("Cast", emit("Not", x), to=onnx_type("int32"))
    return emit("Equal", _reduced("Sum", "ReduceSum", wrong, axis, keep_dims), np.int32(0))


def any_(x, axis, *, keep_dims=False):
    right = emit("Cast", x, to=onnx_type("int32"))
    return emit("Greater", _reduced("Sum", "ReduceSum", right, axis, keep_dims), np.int32(0))


def arg_extreme(type, op):
    """Return the kernel of ArgMax or ArgMin."""

    def kernel(x, axis, *, output_type=None):
        resulting(type, x, axis, output_type=output_type)
        at = int(np.asarray(axis).reshape(())) % x.ndim
        found = emit(op, x, axis=at, keepdims=0)
        return emit("Cast", found, to=onnx_type("int64" if output_type is None else output_type))

    return kernel


def bias_add_grad(out_backprop, *, data_format="NHWC"):
    resulting("BiasAddGrad", out_backprop, data_format=data_format)
    channel = 1 if data_format in ("NCHW", b"NCHW") else out_backprop.ndim - 1
    others = [i for i in range(out_backprop.ndim) if i != channel]
    return emit("ReduceSum", out_backprop, dims(others), keepdims=0)
