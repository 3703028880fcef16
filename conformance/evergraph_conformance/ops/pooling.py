"""Cases of pooling: MaxPool, MaxPoolV2, AvgPool and the three-dimensional forms."""

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread

INF = float("inf")


def _pool(op, label, x, ksize, strides, padding="SAME", **more):
    x = spread(x, seed=6) if isinstance(x, tuple) else x
    if "data_format" in more:
        ksize, strides = [1, 1, *ksize], [1, 1, *strides]
    else:
        ksize, strides = [1, *ksize, 1], [1, *strides, 1]
    return case(op, label, x, ksize=ksize, strides=strides, padding=padding, **more)


def _max(label, *arguments, **more):
    return _pool("MaxPool", label, *arguments, **more)


def _avg(label, *arguments, **more):
    return _pool("AvgPool", label, *arguments, **more)


def _max_v2(label, x, ksize, strides, padding="SAME", **more):
    ksize, strides = array(ksize, "int32"), array(strides, "int32")
    return case("MaxPoolV2", label, x, ksize, strides, padding=padding, **more)


X = spread((2, 5, 6, 3), seed=6)


def _shared(op):
    return [
        _pool(op, "2x2 by 2", (2, 4, 6, 3), (2, 2), (2, 2)),
        _pool(op, "2x2 by 2 of odd sizes SAME", X, (2, 2), (2, 2)),
        _pool(op, "2x2 by 2 of odd sizes VALID", X, (2, 2), (2, 2), "VALID"),
        _pool(op, "overlapping SAME", X, (3, 3), (2, 2)),
        _pool(op, "overlapping VALID", X, (3, 2), (1, 1), "VALID"),
        _pool(op, "stride larger than the window", X, (1, 2), (3, 3)),
        _pool(op, "window larger than the input SAME", (1, 2, 3, 2), (4, 5), (1, 1)),
        _pool(op, "whole image", (2, 3, 4, 2), (3, 4), (1, 1), "VALID"),
        _pool(op, "float64", spread((1, 4, 5, 1), "float64"), (2, 2), (2, 2)),
        _pool(op, "half", spread((1, 4, 5, 1), "float16"), (3, 3), (2, 2)),
        _pool(op, "bfloat16", spread((1, 4, 5, 1), "bfloat16"), (3, 3), (2, 2)),
        _pool(op, "NCHW", (1, 2, 4, 5), (2, 2), (2, 1), data_format="NCHW"),
        _pool(op, "empty batch", (0, 4, 4, 2), (2, 2), (2, 2)),
        _pool(op, "window larger than the image", (1, 2, 2, 1), (9, 9), (1, 1), "VALID"),
        _pool(op, "a window without end", (1, 3, 4, 1), (2**31 - 1, 2), (1, 1)),
        _pool(op, "three axes", (4, 4, 2), (2, 2), (2, 2)),
        case(
            op, "a window of three sizes", X, ksize=[1, 2, 2], strides=[1, 1, 1, 1], padding="SAME"
        ),
        case(
            op,
            "a window over the batch",
            X,
            ksize=[2, 2, 2, 1],
            strides=[1, 1, 1, 1],
            padding="SAME",
        ),
        case(
            op, "window and channels", X, ksize=[1, 2, 1, 3], strides=[1, 1, 1, 3], padding="SAME"
        ),
        _pool(op, "stride 0", X, (2, 2), (0, 1)),
        _pool(op, "window 0", X, (0, 2), (1, 1)),
    ]


def _shared_3d(op):
    x = spread((1, 3, 4, 5, 2), seed=7)
    return [
        _pool(op, "SAME", x, (2, 2, 2), (2, 2, 2)),
        _pool(op, "VALID", x, (2, 3, 2), (1, 1, 2), "VALID"),
        _pool(op, "overlapping", x, (3, 3, 3), (2, 2, 2)),
        _pool(op, "bfloat16", spread((1, 3, 3, 3, 1), "bfloat16"), (2, 2, 2), (1, 1, 1)),
        _pool(op, "NCDHW", (1, 2, 3, 3, 3), (2, 2, 2), (1, 1, 1), data_format="NCDHW"),
        _pool(op, "empty batch", (0, 3, 3, 3, 1), (2, 2, 2), (2, 2, 2)),
        _pool(op, "window larger than the image", (1, 2, 2, 2, 1), (9, 1, 1), (1, 1, 1), "VALID"),
    ]


CASES = [
    *_shared("MaxPool"),
    _max(
        "negative numbers beat the padding",
        array([[[[-3.0], [-1.0]], [[-2.0], [-5.0]]]]),
        (3, 3),
        (1, 1),
    ),
    _max("infinities", array([[[[-INF], [1.0], [INF]], [[-INF], [-INF], [2.0]]]]), (2, 1), (1, 1)),
    _max(
        "explicit paddings",
        X,
        (2, 3),
        (2, 1),
        "EXPLICIT",
        explicit_paddings=[0, 0, 1, 0, 1, 2, 0, 0],
    ),
    _max(
        "explicit paddings wider than the window",
        X,
        (2, 2),
        (1, 1),
        "EXPLICIT",
        explicit_paddings=[0, 0, 2, 2, 0, 0, 0, 0],
    ),
    _max("EXPLICIT without paddings", X, (2, 2), (1, 1), "EXPLICIT"),
    *[
        _max(t, ramp((1, 4, 4, 1), t, -5 if t[0] == "i" else 3), (2, 2), (1, 1))
        for t in ("int8", "int16", "int32", "int64", "uint8", "uint16")
    ],
    case(
        "MaxPool",
        "over the channels",
        spread((1, 2, 2, 6)),
        ksize=[1, 1, 1, 2],
        strides=[1, 1, 1, 2],
        padding="SAME",
    ),
    #
    *_shared("AvgPool"),
    _avg("infinities", array([[[[-INF], [1.0], [INF]], [[2.0], [3.0], [2.0]]]]), (2, 1), (1, 1)),
    #
    _max_v2("2x2 by 2", X, [1, 2, 2, 1], [1, 2, 2, 1]),
    _max_v2("VALID", X, [1, 2, 3, 1], [1, 1, 2, 1], "VALID"),
    _max_v2("int32", ramp((1, 3, 3, 1), "int32"), [1, 2, 2, 1], [1, 1, 1, 1]),
    _max_v2("bfloat16", spread((1, 4, 5, 1), "bfloat16"), [1, 2, 2, 1], [1, 2, 2, 1]),
    _max_v2("three sizes", X, [1, 2, 2], [1, 1, 1, 1], modes=UNRANKED),
    _max_v2("over the batch", X, [2, 2, 2, 1], [1, 1, 1, 1]),
    _max_v2("window larger than the image", X, [1, 9, 9, 1], [1, 1, 1, 1], "VALID"),
    #
    *_shared_3d("MaxPool3D"),
    *_shared_3d("AvgPool3D"),
]

#: Further cases of gradients.
GRADIENTS = [
    _max_v2("a small image", spread((1, 3, 3, 1)), [1, 2, 2, 1], [1, 1, 1, 1]),
    _max_v2("empty batch", spread((0, 4, 4, 1)), [1, 2, 2, 1], [1, 2, 2, 1]),
]
