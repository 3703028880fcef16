"""Cases of activations."""

from evergraph_conformance.cases import array, case, spread

NAN, INF = float("nan"), float("inf")
ACTIVATIONS = ("Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus", "Softsign")
ROWS = ("Softmax", "LogSoftmax")

CASES = [
    *[
        c
        for op in ACTIVATIONS
        for c in (
            case(op, "float32", spread((2, 5), low=-8, high=8)),
            case(op, "float64", spread((5,), "float64", -8, 8)),
            case(op, "float16", spread((5,), "float16", -3, 3)),
            case(op, "infinities", array([INF, -INF, 0.0])),
            case(op, "empty", array([])),
        )
    ],
    case("Relu", "int32", array([-3, 0, 3], "int32")),
    case("Relu6", "int32", array([-3, 4, 30], "int32")),
    case("LeakyRelu", "alpha", array([-1.0, 2.0]), alpha=0.5),
    *[
        c
        for op in ROWS
        for c in (
            case(op, "matrix", spread((3, 4))),
            case(op, "three axes", spread((2, 2, 3), seed=1)),
            case(op, "large values", array([[1000.0, 1001.0], [-1000.0, 0.0]])),
            case(op, "float64", spread((2, 3), "float64")),
            case(op, "float16", spread((2, 3), "float16")),
            case(op, "no row", spread((0, 3))),
        )
    ],
]
