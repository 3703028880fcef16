"""Cases of the gradients of pooling, and of MaxPoolWithArgmax.

TensorFlow's values are those of its own kernels: record with TF_ENABLE_ONEDNN_OPTS=0.
"""

import numpy as np

from evergraph_conformance.cases import array, case, ramp, spread

_NAN = float("nan")


def _attributes(ksize, strides, padding):
    return {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding}


def _values(value, seed):
    return spread(value, seed=seed) if isinstance(value, tuple) else value


def _maxima(x, ksize, strides, padding):
    """Return the maxima of windows."""
    rank = len(ksize)
    wide = x.astype("float64")
    sizes, sides = [], [(0, 0)]
    for n, k, s in zip(x.shape[1:-1], ksize, strides, strict=True):
        count = -(-n // s) if padding == "SAME" else (n - k) // s + 1
        total = max((count - 1) * s + k - n, 0)
        sizes.append(count)
        sides.append((total // 2, total - total // 2))
    wide = np.pad(wide, [*sides, (0, 0)], constant_values=-np.inf)
    result = np.full((x.shape[0], *sizes, x.shape[-1]), -np.inf)
    for place in np.ndindex(*ksize):
        key = (
            slice(p, p + (n - 1) * s + 1, s) for p, n, s in zip(place, sizes, strides, strict=True)
        )
        result = np.maximum(result, wide[(slice(None), *key)])
    assert result.ndim == rank + 2
    return result.astype(x.dtype)


def _max(label, x, ksize, strides, padding="SAME", rank=4, **more):
    x = _values(x, 3)
    y = _maxima(x, ksize, strides, padding)
    dy, dx = spread(y.shape, x.dtype.name, seed=5), spread(x.shape, x.dtype.name, seed=6)
    attributes = _attributes(ksize, strides, padding) | more
    if rank == 5:
        return [
            case("MaxPool3DGrad", label, x, y, dy, **attributes),
            case("MaxPool3DGradGrad", label, x, y, dx, **attributes),
        ]
    return [
        case("MaxPoolGrad", label, x, y, dy, **attributes),
        case("MaxPoolGradGrad", label, x, y, dx, **attributes),
    ]


def _max_v2(label, x, ksize, strides, padding="SAME"):
    x = _values(x, 3)
    y = _maxima(x, ksize, strides, padding)
    dy, dx = spread(y.shape, x.dtype.name, seed=5), spread(x.shape, x.dtype.name, seed=6)
    sizes = array([1, *ksize, 1], "int32"), array([1, *strides, 1], "int32")
    return [
        case("MaxPoolGradV2", label, x, y, dy, *sizes, padding=padding),
        case("MaxPoolGradGradV2", label, x, y, dx, *sizes, padding=padding),
    ]


def _average(label, sizes, dy, ksize, strides, padding="SAME", **more):
    op = "AvgPool3DGrad" if len(ksize) == 3 else "AvgPoolGrad"
    attributes = _attributes(ksize, strides, padding) | more
    return case(op, label, array(sizes, "int32"), _values(dy, 5), **attributes)


def _argmax(label, x, ksize, strides, padding="SAME", **more):
    attributes = _attributes(ksize, strides, padding) | more
    return case("MaxPoolWithArgmax", label, _values(x, 3), **attributes)


def _by_argmax(label, x, argmax, ksize, strides, padding="SAME", dtype="int64", **more):
    argmax = array(argmax, dtype)
    dy = spread(argmax.shape, seed=5)
    attributes = _attributes(ksize, strides, padding) | more
    return case("MaxPoolGradWithArgmax", label, _values(x, 3), dy, argmax, **attributes)


_TIES = array(np.zeros((1, 4, 4, 1)))
_BORDER_NAN = array([[[[_NAN], [1], [2]], [[3], [_NAN], [0]], [[_NAN], [5], [_NAN]]]])
_LOWEST = array(np.full((1, 3, 3, 1), -np.inf))
_FLAT = [[[[0], [2]], [[10], [10]]]]

CASES = [
    *_max("2x2 by 2", (2, 4, 6, 3), (2, 2), (2, 2)),
    *_max("3x3 by 2 SAME", (1, 7, 6, 2), (3, 3), (2, 2)),
    *_max("3x3 by 2 VALID", (1, 7, 6, 2), (3, 3), (2, 2), "VALID"),
    *_max("3x3 by 1", (1, 5, 4, 2), (3, 3), (1, 1)),
    *_max("strides that differ", (1, 6, 7, 1), (2, 3), (1, 3)),
    *_max("stride larger than the window", (1, 7, 7, 1), (2, 2), (3, 3), "VALID"),
    *_max("window larger than the image", (1, 2, 3, 1), (5, 5), (1, 1)),
    *_max("equal elements: the first one", _TIES, (2, 2), (1, 1)),
    *_max("NaN stays if it comes first", _BORDER_NAN, (2, 2), (1, 1)),
    *_max("NaN stays if it comes first VALID", _BORDER_NAN, (2, 2), (1, 1), "VALID"),
    *_max("nothing but minus infinity", _LOWEST, (3, 3), (1, 1)),
    *_max("float64", spread((1, 4, 4, 2), "float64"), (3, 3), (2, 2)),
    *_max("half", spread((1, 4, 4, 2), "float16"), (3, 3), (2, 2)),
    *_max("bfloat16", spread((1, 4, 4, 2), "bfloat16"), (2, 2), (2, 2)),
    *_max("int32", ramp((1, 4, 4, 1), "int32"), (2, 2), (2, 2)),
    *_max("empty batch", (0, 4, 4, 2), (2, 2), (2, 2)),
    case(
        "MaxPoolGrad",
        "explicit paddings",
        spread((1, 4, 5, 2)),
        spread((1, 3, 4, 2)),
        spread((1, 3, 4, 2), seed=5),
        **_attributes((3, 3), (2, 2), "EXPLICIT"),
        explicit_paddings=[0, 0, 1, 2, 2, 2, 0, 0],
    ),
    case(
        "MaxPoolGrad",
        "gradient of another size",
        spread((1, 4, 4, 2)),
        spread((1, 2, 2, 2)),
        spread((1, 2, 3, 2)),
        **_attributes((2, 2), (2, 2), "SAME"),
    ),
    case(
        "MaxPoolGrad",
        "over the channels",
        spread((1, 4, 4, 2)),
        spread((1, 4, 4, 1)),
        spread((1, 4, 4, 1)),
        ksize=[1, 1, 1, 2],
        strides=[1, 1, 1, 2],
        padding="SAME",
    ),
    *_max_v2("2x2 by 2", (2, 4, 6, 3), (2, 2), (2, 2)),
    *_max_v2("3x3 by 2 SAME", (1, 7, 6, 2), (3, 3), (2, 2)),
    *_max_v2("3x3 by 2 VALID", (1, 7, 6, 2), (3, 3), (2, 2), "VALID"),
    *_max_v2("strides that differ", (1, 6, 7, 1), (2, 3), (1, 3)),
    *_max_v2("float64", spread((1, 4, 4, 2), "float64"), (3, 3), (2, 2)),
    *_max_v2("half", spread((1, 4, 4, 2), "float16"), (3, 3), (2, 2)),
    *_max_v2("equal elements: the first one", _TIES, (2, 2), (1, 1)),
    #
    *_max("2x2x2 by 2", (1, 4, 4, 2, 2), (2, 2, 2), (2, 2, 2), rank=5),
    *_max("3x2x3 SAME", (1, 4, 5, 4, 1), (3, 2, 3), (1, 2, 2), rank=5),
    *_max("3x3x3 VALID", (2, 4, 5, 4, 1), (3, 3, 3), (1, 1, 1), "VALID", rank=5),
    *_max(
        "equal elements: the first one",
        array(np.zeros((1, 3, 3, 3, 1))),
        (2, 2, 2),
        (1, 1, 1),
        rank=5,
    ),
    *_max("bfloat16", spread((1, 4, 4, 4, 1), "bfloat16"), (2, 2, 2), (2, 2, 2), rank=5),
    *_max("empty batch", (0, 4, 4, 4, 1), (2, 2, 2), (2, 2, 2), rank=5)[:1],
    #
    _average("2x2 by 2", [2, 4, 6, 3], (2, 2, 3, 3), (2, 2), (2, 2)),
    _average("3x3 by 2 SAME", [1, 7, 6, 2], (1, 4, 3, 2), (3, 3), (2, 2)),
    _average("3x3 by 2 VALID", [1, 7, 6, 2], (1, 3, 2, 2), (3, 3), (2, 2), "VALID"),
    _average("3x3 by 1", [1, 5, 4, 2], (1, 5, 4, 2), (3, 3), (1, 1)),
    _average("strides that differ", [1, 6, 7, 1], (1, 6, 3, 1), (2, 3), (1, 3)),
    _average("stride larger than the window", [1, 7, 7, 1], (1, 2, 2, 1), (2, 2), (3, 3), "VALID"),
    _average("float64", [1, 4, 4, 2], spread((1, 2, 2, 2), "float64"), (3, 3), (2, 2)),
    _average("half", [1, 4, 4, 2], spread((1, 2, 2, 2), "float16"), (3, 3), (2, 2)),
    _average("bfloat16", [1, 4, 4, 2], spread((1, 2, 2, 2), "bfloat16"), (2, 2), (2, 2)),
    _average("empty batch", [0, 4, 4, 2], (0, 2, 2, 2), (2, 2), (2, 2)),
    _average("three sizes", [1, 4, 4], (1, 2, 2, 2), (2, 2), (2, 2)),
    _average("2x2x2 by 2", [1, 4, 4, 2, 2], (1, 2, 2, 1, 2), (2, 2, 2), (2, 2, 2)),
    _average("3x2x3 SAME", [1, 4, 5, 4, 1], (1, 4, 3, 2, 1), (3, 2, 3), (1, 2, 2)),
    _average("3x3x3 VALID", [2, 4, 5, 4, 1], (2, 2, 3, 2, 1), (3, 3, 3), (1, 1, 1), "VALID"),
    _average("3d empty batch", [0, 4, 4, 4, 1], (0, 2, 2, 2, 1), (2, 2, 2), (2, 2, 2)),
    #
    _argmax("2x2 by 2", (2, 4, 6, 3), (2, 2), (2, 2)),
    _argmax("the batch counts", (2, 4, 6, 3), (2, 2), (2, 2), include_batch_in_index=True),
    _argmax("3x3 by 2 SAME", (2, 7, 6, 2), (3, 3), (2, 2)),
    _argmax("3x3 by 2 VALID", (1, 7, 6, 2), (3, 3), (2, 2), "VALID"),
    _argmax("int32 positions", (1, 5, 4, 2), (3, 3), (1, 1), Targmax="int32"),
    _argmax("equal elements: the first one", _TIES, (2, 2), (1, 1)),
    _argmax("NaN stays if it comes first", _BORDER_NAN, (2, 2), (1, 1)),
    _argmax("float64", spread((1, 4, 4, 2), "float64"), (3, 3), (2, 2)),
    _argmax("int32", ramp((1, 4, 4, 1), "int32"), (2, 2), (2, 2)),
    _argmax("half", spread((1, 4, 4, 2), "float16"), (3, 3), (2, 2)),
    _by_argmax("2x2 by 2", (1, 4, 4, 1), [[[[0], [2]], [[8], [15]]]], (2, 2), (2, 2)),
    _by_argmax("one place twice", (1, 4, 4, 1), _FLAT, (2, 2), (2, 2)),
    _by_argmax("two images", (2, 4, 4, 1), _FLAT * 2, (2, 2), (2, 2)),
    _by_argmax(
        "the batch counts",
        (2, 4, 4, 1),
        [*_FLAT, [[[16], [18]], [[26], [31]]]],
        (2, 2),
        (2, 2),
        include_batch_in_index=True,
    ),
    _by_argmax("positions of another size", (1, 4, 4, 1), [[[[0], [2]]]], (2, 2), (2, 2)),
]

#: Further cases of gradients.
GRADIENTS = [
    case(
        "MaxPoolGradV2",
        "no images",
        spread((0, 4, 6, 3)),
        spread((0, 2, 3, 3)),
        spread((0, 2, 3, 3)),
        [1, 2, 2, 1],
        [1, 2, 2, 1],
        padding="SAME",
    ),
]
