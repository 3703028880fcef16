"""Cases of random ops with a stream: the first numbers that each draws in a session, bit for bit."""

from typing import Any

import numpy as np

from evergraph_conformance.cases import array, case, spread
from evergraph_conformance.ops.random import CLOSE, EXACT, FLOATS, TWO_ULPS, sizes

SEEDS: dict[str, Any] = {"seed": 87654321, "seed2": 5}
ONE_SEED: dict[str, Any] = {"seed": 7, "seed2": 0}


def _fills(op, tolerance):
    return [
        *[case(op, f"{t}", sizes(2, 3), dtype=t, tolerance=tolerance, **SEEDS) for t in FLOATS],
        case(op, "a scalar", sizes(), dtype="float32", tolerance=EXACT, **SEEDS),
        case(op, "none", sizes(0, 3), dtype="float32", tolerance=EXACT, **SEEDS),
        case(op, "one seed", sizes(5), dtype="float32", tolerance=EXACT, **ONE_SEED),
        case(op, "many", sizes(1003), dtype="float32", tolerance=EXACT, **SEEDS),
        case(op, "a long shape", array([3, 1], "int64"), dtype="float32", tolerance=EXACT, **SEEDS),
        case(op, "a negative size", sizes(-1), dtype="float32", **SEEDS),
    ]


LOGITS = array([[0.0, 1.0, 2.0], [5.0, -1.0, 0.0]])
RATE = array([0.5, 3.0, 40.0])

CASES = [
    *_fills("RandomUniform", EXACT),
    *_fills("RandomStandardNormal", TWO_ULPS),
    *_fills("TruncatedNormal", TWO_ULPS),
    *[
        case(
            "RandomUniformInt",
            t,
            sizes(2, 3),
            array(-5, t),
            array(100, t),
            tolerance=EXACT,
            **SEEDS,
        )
        for t in ("int32", "int64")
    ],
    case("RandomUniformInt", "none", sizes(0), array(0, "int32"), array(1, "int32"), **SEEDS),
    case(
        "RandomUniformInt", "one seed", sizes(5), array(0, "int32"), array(9, "int32"), **ONE_SEED
    ),
    case("RandomUniformInt", "no range", sizes(2), array(3, "int32"), array(3, "int32"), **SEEDS),
    case(
        "RandomUniformInt",
        "bounds that are no scalars",
        sizes(2),
        array([0], "int32"),
        array(3, "int32"),
        **SEEDS,
    ),
    case("RandomShuffle", "vector", np.arange(10, dtype=np.int32), **SEEDS),
    case("RandomShuffle", "matrix", spread((5, 2)), **SEEDS),
    case("RandomShuffle", "strings", np.array(["a", "b", "c"], object), **SEEDS),
    case("RandomShuffle", "empty", spread((0, 2)), **SEEDS),
    case("RandomShuffle", "scalar", array(1.0), **SEEDS),
    case("RandomShuffle", "one seed", np.arange(7, dtype=np.int64), **ONE_SEED),
    case("Multinomial", "two rows", LOGITS, array(6, "int32"), **SEEDS),
    case("Multinomial", "int32", LOGITS, array(4, "int32"), output_dtype="int32", **SEEDS),
    case("Multinomial", "float64", LOGITS.astype(np.float64), array(4, "int32"), **SEEDS),
    case("Multinomial", "none", LOGITS, array(0, "int32"), **SEEDS),
    case("Multinomial", "one seed", LOGITS, array(3, "int32"), **ONE_SEED),
    case("Multinomial", "a vector", array([0.0, 1.0]), array(3, "int32"), **SEEDS),
    case(
        "RandomGamma", "float32", sizes(4), array([0.5, 2.0]), tolerance=(1e-6, 0.0, 0.0), **SEEDS
    ),
    case(
        "RandomGamma", "float64", sizes(4), array([0.5, 2.0], "float64"), tolerance=CLOSE, **SEEDS
    ),
    case("RandomGamma", "half", sizes(4), array([0.5, 2.0], "float16"), **SEEDS),
    case("RandomGamma", "scalar", sizes(), array(1.0), tolerance=(1e-6, 0.0, 0.0), **SEEDS),
    case("RandomGamma", "none", sizes(0), array([0.5, 2.0]), **SEEDS),
    case("RandomGamma", "one seed", sizes(3), array(3.0), tolerance=(1e-6, 0.0, 0.0), **ONE_SEED),
    case("RandomPoissonV2", "int64", sizes(4), RATE, **SEEDS),
    case("RandomPoissonV2", "int32", sizes(4), RATE, dtype="int32", **SEEDS),
    case("RandomPoissonV2", "float32", sizes(2, 2), RATE, dtype="float32", **SEEDS),
    case("RandomPoissonV2", "scalar", sizes(), array(2.0, "float64"), **SEEDS),
    case("RandomPoissonV2", "none", sizes(0), RATE, **SEEDS),
    case("RandomPoissonV2", "one seed", sizes(3), RATE, **ONE_SEED),
    *[
        case(
            "ParameterizedTruncatedNormal",
            label,
            sizes(*shape),
            *(array(v, t) for v in (0.5, 2.0, low, high)),
            tolerance=(1e-6, 0.0, 0.0) if t == "float32" else CLOSE,
            **seeds,
        )
        for label, shape, t, low, high, seeds in (
            ("float32", (2, 3), "float32", -1.0, 1.0, SEEDS),
            ("float64", (2, 3), "float64", -1.0, 1.0, SEEDS),
            ("a tail", (5,), "float32", 3.0, 9.0, SEEDS),
            ("a tail out of reach", (5,), "float32", 1e30, 2e30, SEEDS),
            ("one seed", (4,), "float32", -1.0, 1.0, ONE_SEED),
            ("none", (0,), "float32", -1.0, 1.0, SEEDS),
            ("no interval", (2,), "float32", 1.0, -1.0, SEEDS),
        )
    ],
]

#: Further cases of gradients.
GRADIENTS = [
    case("RandomGamma", "no parameters", sizes(2), array([]), **SEEDS),
]
