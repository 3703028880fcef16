"""Cases of normalisation and of the losses over classes."""

from evergraph_conformance.cases import MODES, UNRANKED, array, case, ramp, spread

NAN, INF = float("nan"), float("inf")


def _statistics(count, dtype="float32"):
    scale, offset = spread((count,), dtype, seed=1), spread((count,), dtype, seed=2)
    mean, variance = spread((count,), dtype, seed=3), spread((count,), dtype, 0.5, 2, seed=4)
    return scale, offset, mean, variance


def _none(dtype="float32"):
    return array([], dtype), array([], dtype)


def _inference(op, label, x, dtype="float32", axis=-1, **more):
    x = spread(x) if isinstance(x, tuple) else x
    return case(op, label, x, *_statistics(x.shape[axis], dtype), is_training=False, **more)


def _training(op, label, x, dtype="float32", axis=-1, **more):
    x = spread(x) if isinstance(x, tuple) else x
    return case(op, label, x, *_statistics(x.shape[axis], dtype)[:2], *_none(dtype), **more)


def _fused(op):
    x = (2, 3, 3, 4)
    nchw = {"data_format": "NCHW", "axis": 1}
    return [
        _inference(op, "inference", x),
        _inference(op, "inference, epsilon", x, epsilon=0.01),
        _inference(op, "inference, one image", (1, 3, 3, 4)),
        _inference(op, "inference, NCHW", (2, 4, 3, 3), **nchw),
        _inference(op, "inference, empty batch", (0, 3, 3, 4)),
        _training(op, "training", x),
        _training(op, "training, epsilon", x, epsilon=0.1),
        _training(op, "training, one value a channel", (1, 1, 1, 3)),
        _training(op, "training, NCHW", (2, 4, 3, 3), **nchw),
        _training(op, "training, constant input", ramp((2, 2, 2, 1)) * 0 + 3),
        case(
            op, "training, moving average", spread(x), *_statistics(4), exponential_avg_factor=0.25
        ),
        case(op, "training, statistics are replaced", spread(x), *_statistics(4)),
        case(op, "scale of another size", spread(x), *_statistics(3), is_training=False),
        case(
            op,
            "mean of another size",
            spread(x),
            *_statistics(4)[:3],
            spread((3,)),
            is_training=False,
        ),
        case(
            op,
            "training, mean of another size",
            spread(x),
            *_statistics(4)[:2],
            spread((3,)),
            spread((3,)),
            exponential_avg_factor=0.5,
        ),
        case(
            op,
            "scale of two axes",
            spread(x),
            spread((4, 1)),
            *_statistics(4)[1:],
            is_training=False,
        ),
        _inference(op, "three axes", (3, 3, 4)),
    ]


def _halves(op):
    x = (2, 3, 3, 4)
    return [
        _inference(op, "inference, bfloat16", spread(x, "bfloat16")),
        _training(op, "training, bfloat16", spread(x, "bfloat16")),
        _training(op, "training, float16", spread(x, "float16")),
    ]


def _loss(label, logits, labels):
    # TF: an unknown size takes that of the other, though it may be broadcast.
    fits = labels.shape == logits.shape and len(labels) > 1
    modes = MODES if fits or len(logits) == 1 < len(labels) else UNRANKED
    return case("SoftmaxCrossEntropyWithLogits", label, logits, labels, modes=modes)


def _sparse(label, logits, labels, dtype="int32"):
    return case("SparseSoftmaxCrossEntropyWithLogits", label, logits, array(labels, dtype))


X = spread((2, 2, 3, 7), seed=8)
SOFT = spread((2, 3), low=0, high=1, seed=9)

CASES = [
    *_fused("FusedBatchNorm"),
    *_fused("FusedBatchNormV2"),
    *_halves("FusedBatchNormV2"),
    *_fused("FusedBatchNormV3"),
    *_halves("FusedBatchNormV3"),
    _training("FusedBatchNormV3", "training, NDHWC", (2, 2, 2, 3, 4), data_format="NDHWC"),
    _training("FusedBatchNormV3", "training, NCDHW", (2, 4, 2, 2, 3), data_format="NCDHW", axis=1),
    #
    case("LRN", "defaults", X),
    case("LRN", "as in AlexNet", X, depth_radius=2, bias=2.0, alpha=1e-4, beta=0.75),
    case("LRN", "a radius far beyond the channels", X, depth_radius=2**30),
    case("LRN", "a radius without end", X, depth_radius=2**31 - 1),
    case("LRN", "a negative radius", X, depth_radius=-1),
    case("LRN", "radius 0", X, depth_radius=0, bias=0.5, alpha=2.0, beta=1.0),
    case("LRN", "radius wider than the channels", X, depth_radius=20, alpha=0.5),
    case("LRN", "one channel", spread((1, 2, 2, 1)), depth_radius=1),
    case("LRN", "half", spread((1, 2, 2, 5), "float16"), depth_radius=2),
    case("LRN", "negative beta", X, depth_radius=1, beta=-0.5),
    case("LRN", "empty batch", spread((0, 2, 2, 3))),
    case("LRN", "three axes", spread((2, 2, 3))),
    #
    _loss("soft labels", spread((2, 3)), SOFT),
    _loss("one label for all", spread((2, 3)), SOFT[:1]),
    _loss("one row of logits for all", spread((1, 3)), SOFT),
    _loss("one label a row", spread((2, 3)), SOFT[:, :1]),
    _loss("float64", spread((2, 3), "float64"), spread((2, 3), "float64", 0, 1)),
    _loss("half", spread((2, 3), "float16"), spread((2, 3), "float16", 0, 1)),
    _loss("bfloat16", spread((2, 3), "bfloat16"), spread((2, 3), "bfloat16", 0, 1)),
    _loss(
        "large numbers do not overflow",
        array([[1000.0, -1000.0], [0.0, 500.0]]),
        array([[1.0, 0.0], [0.25, 0.75]]),
    ),
    _loss(
        "minus infinity where the label is 0", array([[0.0, -INF, 1.0]]), array([[0.25, 0.0, 0.75]])
    ),
    _loss(
        "minus infinity where the label is not",
        array([[0.0, -INF, 1.0]]),
        array([[0.25, 0.5, 0.25]]),
    ),
    _loss("NaN", array([[0.0, NAN], [1.0, 2.0]]), array([[0.5, 0.5], [0.5, 0.5]])),
    _loss("no rows", ramp((0, 3)), ramp((0, 3))),
    _loss("no classes", ramp((2, 0)), ramp((2, 0))),
    _loss("shapes that do not fit", spread((2, 3)), spread((2, 2))),
    _loss("vectors", spread((3,)), spread((3,))),
    _loss("three axes", spread((2, 2, 3)), spread((2, 2, 3))),
    #
    _sparse("int32", spread((3, 4)), [1, 0, 3]),
    _sparse("int64", spread((2, 4)), [3, 2], "int64"),
    _sparse("float64", spread((2, 4), "float64"), [1, 0]),
    _sparse("half", spread((2, 4), "float16"), [1, 0], "int64"),
    _sparse("bfloat16", spread((2, 4), "bfloat16"), [1, 0]),
    _sparse("large numbers do not overflow", array([[1000.0, -1000.0], [0.0, 500.0]]), [0, 0]),
    _sparse("minus infinity elsewhere", array([[0.0, -INF, 1.0]]), [2]),
    _sparse("minus infinity at the label", array([[0.0, -INF, 1.0]]), [1]),
    _sparse("no rows", ramp((0, 3)), []),
    _sparse("a label out of range", spread((2, 4)), [1, 7]),
    _sparse("a negative label", spread((2, 4)), [-1, 1]),
    _sparse("labels of another count", spread((2, 4)), [0, 1, 2]),
    _sparse("labels of two axes", spread((2, 4)), [[0, 1]]),
    _sparse("no classes", ramp((2, 0)), [0, 0]),
    _sparse("a vector of logits", spread((3,)), [1]),
]
