"""Cases of normalisation and losses."""

from evergraph_conformance.cases import array, case, spread

X = spread((2, 3, 3, 4))
SCALE, OFFSET = spread((4,), seed=1), spread((4,), seed=2)
MEAN, VARIANCE = spread((4,), seed=3), spread((4,), low=0.5, high=2, seed=4)

CASES = [
    *[
        c
        for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")
        for c in (
            case(op, "inference", X, SCALE, OFFSET, MEAN, VARIANCE, is_training=False),
            case(op, "epsilon", X, SCALE, OFFSET, MEAN, VARIANCE, is_training=False, epsilon=0.01),
            case(op, "one image", X[:1], SCALE, OFFSET, MEAN, VARIANCE, is_training=False),
        )
    ],
    case(
        "SoftmaxCrossEntropyWithLogits",
        "soft labels",
        spread((2, 3)),
        spread((2, 3), low=0, high=1),
    ),
    case(
        "SoftmaxCrossEntropyWithLogits",
        "one label for all",
        spread((2, 3)),
        spread((1, 3), low=0, high=1),
    ),
    case(
        "SoftmaxCrossEntropyWithLogits",
        "float64",
        spread((2, 3), "float64"),
        spread((2, 3), "float64", 0, 1),
    ),
    case("SoftmaxCrossEntropyWithLogits", "shapes that do not fit", spread((2, 3)), spread((2, 2))),
    case("SparseSoftmaxCrossEntropyWithLogits", "int32", spread((3, 4)), [1, 0, 3]),
    case("SparseSoftmaxCrossEntropyWithLogits", "int64", spread((2, 4)), array([3, 2], "int64")),
    case("SparseSoftmaxCrossEntropyWithLogits", "float64", spread((2, 4), "float64"), [1, 0]),
    case("SparseSoftmaxCrossEntropyWithLogits", "a label out of range", spread((2, 4)), [1, 7]),
]
