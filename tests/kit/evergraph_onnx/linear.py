"""Kernels of products of matrices, windows, and classes."""

from __future__ import annotations

import numpy as np

from evergraph.plugin import errors, numpy_table
from evergraph_onnx.elements import is_float, of
from evergraph_onnx.tracing import emit


def mat_mul(a, b, *, transpose_a=False, transpose_b=False):
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError(f"shapes {a.shape} and {b.shape} are not of matrices")
    return batch_mat_mul(a, b, adj_x=transpose_a, adj_y=transpose_b)


def batch_mat_mul(x, y, *, adj_x=False, adj_y=False):
    if x.ndim < 2 or y.ndim < 2:
        raise ValueError(f"shapes {x.shape} and {y.shape} are not of matrices")
    return emit("MatMul", _turned(x) if adj_x else x, _turned(y) if adj_y else y)


def _turned(x):
    return emit("Transpose", x, perm=[*range(x.ndim - 2), x.ndim - 1, x.ndim - 2])


def softmax(op):
    """Return the kernel of a softmax over the last axis."""

    def kernel(logits):
        if not logits.ndim:
            raise ValueError("there is no axis of classes")
        return emit(op, logits, axis=-1) if 0 not in logits.shape else logits

    return kernel


# Windows: ONNX has channels first, and its windows apply to what is padded before.


def conv2d(
    input,
    filter,
    *,
    strides,
    padding,
    explicit_paddings=(),
    data_format="NHWC",
    dilations=(1, 1, 1, 1),
):
    attributes = {
        "strides": strides,
        "padding": padding,
        "explicit_paddings": explicit_paddings,
        "data_format": data_format,
        "dilations": dilations,
    }
    filters = np.zeros(filter.shape, filter.dtype)
    shape = _windows_shape("Conv2D", input, filters, **attributes)
    if 0 in (*shape, *input.shape):
        return np.zeros(shape, input.dtype)
    _check_floating(input)
    first = _is_first(data_format)
    x = input if first else _channels_first(input)
    step, spread = _spatial(strides, first), _spatial(dilations, first)
    window = [d * (k - 1) + 1 for d, k in zip(spread, filter.shape[:2], strict=True)]
    sides = _sides(x.shape[2:], window, step, padding, explicit_paddings, first)
    result = emit(
        "Conv",
        _padded(x, sides, of(x, 0)),
        emit("Transpose", filter, perm=[3, 2, 0, 1]),
        strides=step,
        dilations=spread,
        group=x.shape[1] // filter.shape[2],
    )
    return result if first else _channels_last(result)


def max_pool(input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    shape = _windows_shape(
        "MaxPool",
        input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit_paddings,
        data_format=data_format,
    )
    if 0 in (*shape, *input.shape):
        return np.zeros(shape, input.dtype)
    _check_floating(input)
    first = _is_first(data_format)
    x = input if first else _channels_first(input)
    step, window = _spatial(strides, first), _spatial(ksize, first)
    depth = ksize[1 if first else 3]
    if depth > 1:
        x = emit("Reshape", x, np.array([0, -1, depth, *x.shape[2:]], np.int64))
        x = emit("ReduceMax", x, np.array([2], np.int64), keepdims=0)
    sides = _sides(x.shape[2:], window, step, padding, explicit_paddings, first)
    axes = zip(x.shape[2:], window, step, sides, _spatial(shape, first), strict=True)
    window, sides = zip(*[_inside(*axis) for axis in axes], strict=True)
    # TF: the search starts at the lowest finite number.
    lowest = of(x, np.finfo(x.dtype).min)
    padded = emit("Max", _padded(x, sides, lowest), lowest)
    result = emit("MaxPool", padded, kernel_shape=list(window), strides=step)
    return result if first else _channels_last(result)


def avg_pool(value, *, ksize, strides, padding, data_format="NHWC"):
    shape = _windows_shape(
        "AvgPool", value, ksize=ksize, strides=strides, padding=padding, data_format=data_format
    )
    if 0 in (*shape, *value.shape):
        return np.zeros(shape, value.dtype)
    first = _is_first(data_format)
    x = value if first else _channels_first(value)
    step, window = _spatial(strides, first), _spatial(ksize, first)
    sides = _sides(x.shape[2:], window, step, padding, (), first)
    (top, bottom), (left, right) = sides
    pads = [top, left, bottom, right]
    result = emit("AveragePool", x, kernel_shape=window, strides=step, pads=pads)
    return result if first else _channels_last(result)


def _check_floating(x):
    if not is_float(x):
        text = f"ONNX Runtime has windows of floating-point numbers only, not of {x.dtype}"
        raise errors.UnimplementedError(None, None, text)


def _windows_shape(type, x, *others, **attributes):
    """Return the shape of the result; NumPy's kernel finds it, and what is wrong, at no batch."""
    if x.ndim != 4:
        raise ValueError(f"an input of shape {x.shape}")
    nothing = np.zeros((0, *x.shape[1:]), x.dtype)
    found = numpy_table()[type].function(nothing, *others, **attributes).shape
    return (x.shape[0], *found[1:])


def _is_first(data_format):
    return data_format in ("NCHW", b"NCHW")


def _spatial(sizes, first):
    return list(sizes[2:] if first else sizes[1:3])


def _channels_first(x):
    return emit("Transpose", x, perm=[0, 3, 1, 2])


def _channels_last(x):
    return emit("Transpose", x, perm=[0, 2, 3, 1])


def _sides(sizes, window, strides, padding, explicit, first):
    """Return what is added before and after, by spatial axis."""
    if padding in ("EXPLICIT", b"EXPLICIT"):
        pairs = list(zip(explicit[::2], explicit[1::2], strict=True))
        return _spatial(pairs, first)
    if padding in ("VALID", b"VALID"):
        return [(0, 0)] * len(sizes)
    missing = [
        max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(sizes, window, strides, strict=True)
    ]
    return [(m // 2, m - m // 2) for m in missing]


def _inside(size, window, stride, sides, count):
    """Return a window, and what is added, without what no window has of the image."""
    before = min(sides[0], (count - 1) * stride)
    window = min(window - sides[0], size) + before
    return window, (before, max((count - 1) * stride + window - size - before, 0))


def _padded(x, sides, value):
    (top, bottom), (left, right) = sides
    if not any((top, bottom, left, right)):
        return x
    return emit("Pad", x, np.array([0, 0, top, left, 0, 0, bottom, right], np.int64), value)
