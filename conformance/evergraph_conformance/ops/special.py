"""Cases of special functions, and of bits that are counted."""

from __future__ import annotations

from evergraph_conformance.cases import Case, array, case, spread

INF, NAN = float("inf"), float("nan")
SPECIAL = [-INF, -3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.75, 10.0, 30.0, INF, NAN]
#: TensorFlow sums float32's series in float32.
SINGLE = (1e-3, 1e-5, 1e-6)

#: Functions of one argument: the range of the values, and what is on the edges.
UNARY = {
    "Lgamma": (0.1, 6.0, SPECIAL),
    "Digamma": (0.1, 6.0, SPECIAL),
    "Erfinv": (-0.95, 0.95, [-2.0, -1.0, -0.999999, 0.0, 0.5, 0.99999, 1.0, INF, NAN]),
    "Ndtri": (0.05, 0.95, [-1.0, 0.0, 1e-30, 1e-5, 0.02, 0.5, 0.99, 1.0, 2.0, NAN]),
    "Dawsn": (-4.0, 4.0, [-INF, -0.5, 0.0, 1e-30, 0.25, 1.0, 5.0, 9.9, 15.0, 1e5, INF, NAN]),
    "Expint": (0.2, 5.0, [-INF, -1.0, 0.0, 1e-30, 0.25, 10.0, 39.0, 45.0, 80.0, INF, NAN]),
    "FresnelCos": (-3.0, 3.0, [-INF, 0.0, 1e-30, 0.5, 1.7, 1.9, 4.0, 10.0, 1e4, INF, NAN]),
    "FresnelSin": (-3.0, 3.0, [-INF, 0.0, 1e-9, 0.5, 1.7, 1.9, 4.0, 10.0, 1e4, INF, NAN]),
    "Spence": (0.2, 5.0, [-1.0, 0.0, 1e-30, 0.25, 0.5, 1.0, 1.5, 2.5, 10.0, 1e6, NAN]),
    "BesselI0": (-4.0, 4.0, [-5.0, 0.0, 1e-30, 8.5, 19.0, 21.0, 60.0]),
    "BesselI1": (-4.0, 4.0, [-5.0, 0.0, 1e-30, 8.5, 19.0, 21.0, 60.0]),
    "BesselI0e": (-4.0, 4.0, [-5.0, 0.0, 1e-30, 8.5, 19.0, 21.0, 1e6]),
    "BesselI1e": (-4.0, 4.0, [-5.0, 0.0, 1e-30, 8.5, 19.0, 21.0, 1e6]),
    "BesselJ0": (-4.0, 4.0, [0.0, 1e-30, 1.9, 2.1, 8.5, 20.0, 100.0, NAN]),
    "BesselJ1": (-4.0, 4.0, [0.0, 1e-30, 1.9, 2.1, 8.5, 20.0, 100.0, NAN]),
    "BesselY0": (0.2, 5.0, [-1.0, 1e-20, 1.9, 2.1, 8.5, 20.0, 100.0, NAN]),
    "BesselY1": (0.2, 5.0, [-1.0, 1e-20, 1.9, 2.1, 8.5, 20.0, 100.0, NAN]),
    "BesselK0": (0.2, 5.0, [-1.0, 0.0, 1e-30, 1.9, 2.1, 10.0, 80.0, INF, NAN]),
    "BesselK0e": (0.2, 5.0, [-1.0, 0.0, 1e-30, 1.9, 2.1, 10.0, 1e6, INF, NAN]),
    "BesselK1": (0.2, 5.0, [-1.0, 0.0, 1e-30, 1.9, 2.1, 10.0, 80.0, INF, NAN]),
    "BesselK1e": (0.2, 5.0, [-1.0, 0.0, 1e-30, 1.9, 2.1, 10.0, 1e6, INF, NAN]),
}
#: Those of which TensorFlow has kernels for float16.
HALVES = {"Lgamma", "Digamma", *(op for op in UNARY if op.startswith("Bessel"))}
ORDERS = [-INF, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 60.0, INF, NAN]
#: Functions of two arguments, with their ranges.
BINARY = {
    "Igamma": ((0.3, 4.0), (0.1, 6.0)),
    "Igammac": ((0.3, 4.0), (0.1, 6.0)),
    "IgammaGradA": ((0.3, 4.0), (0.1, 6.0)),
    "Zeta": ((1.2, 5.0), (0.2, 5.0)),
    "Polygamma": ((0.0, 4.0), (0.2, 5.0)),
}


def unary(op, low, high, edges):
    def one(shape, dtype, seed=0):
        return spread(shape, dtype, low, high, seed)

    return [
        case(op, "float32", one((2, 3), "float32"), tolerance=SINGLE),
        case(op, "float64", one((2, 5), "float64")),
        *([case(op, "float16", one((5,), "float16"))] if op in HALVES else []),
        case(op, "edges", array(edges, "float64"), tolerance=(1e-7, 0.0, 1e-14)),
        case(op, "edges in float32", array(edges, "float32"), tolerance=(1e-3, 0.0, 1e-6)),
        case(op, "scalar", array((low + high) / 2)),
        case(op, "empty", spread((0, 2))),
        case(op, "other shape", one((4,), "float32", 5), tolerance=SINGLE),
    ]


def whole(x, op):
    """Return the orders, whole ones for the function that takes no others."""
    return x.round().astype(x.dtype) if op == "Polygamma" else x


def binary(op, first, second):
    def two(left, right, dtype, seed=0):
        orders = whole(spread(left, dtype, first[0], first[1], seed), op)
        return orders, spread(right, dtype, second[0], second[1], seed + 1)

    pairs = array([(a, b) for a in ORDERS for b in ORDERS], "float64").T
    return [
        case(op, "float32", *two((2, 3), (2, 3), "float32"), tolerance=SINGLE),
        case(op, "float64", *two((2, 5), (2, 5), "float64")),
        case(op, "broadcast", *two((3, 1), (4,), "float32", 2), tolerance=SINGLE),
        case(op, "scalar first", *two((), (4,), "float32", 2), tolerance=SINGLE),
        case(op, "scalar second", *two((3,), (), "float64", 4)),
        case(op, "edges", *pairs, tolerance=(1e-7, 0.0, 1e-12)),
        case(op, "empty", spread((0, 2)), spread((1,))),
        case(op, "shapes", spread((2,)), spread((3,))),
    ]


def three(shapes, dtype, seed=0):
    ranges = ((0.3, 4.0), (0.3, 4.0), (0.05, 0.95))
    return [
        spread(shape, dtype, *bounds, seed=seed + i)
        for i, (shape, bounds) in enumerate(zip(shapes, ranges, strict=True))
    ]


TRIPLES = array(
    [(a, b, x) for a in (-1, 0, 0.5, 30) for b in (0, 3, INF) for x in (-0.5, 0, 0.3, 1, NAN)],
    "float64",
).T
COUNTED = [0, 1, 2, 3, 85, 127]

CASES: list[Case] = [
    *(c for op, about in UNARY.items() for c in unary(op, *about)),
    *(c for op, about in BINARY.items() for c in binary(op, *about)),
    case("Betainc", "float32", *three([(2, 3)] * 3, "float32"), tolerance=SINGLE),
    case("Betainc", "float64", *three([(2, 5)] * 3, "float64")),
    case("Betainc", "scalar x", *three([(4,), (4,), ()], "float64", 3)),
    case("Betainc", "scalars a and b", *three([(), (), (4,)], "float32", 3), tolerance=SINGLE),
    case("Betainc", "edges", *TRIPLES),
    case("Betainc", "empty", *three([(0,)] * 3, "float32")),
    case("Betainc", "shapes", *three([(2,), (3,), (2,)], "float32")),
    # Xlog1py
    *[
        case("Xlog1py", t, spread((2, 3), t), spread((2, 3), t, -0.5, 3.0, seed=1))
        for t in ("float32", "float64", "float16", "bfloat16")
    ],
    case(
        "Xlog1py",
        "complex64",
        array([1 + 2j, 0, 3], "complex64"),
        array([1j, 2, -2 + 1j], "complex64"),
    ),
    case("Xlog1py", "broadcast", spread((3, 1)), spread((4,), "float32", -0.5, 3.0)),
    case("Xlog1py", "zeros", array([0.0, 0, 0, 0, 1, -1]), array([-1.0, INF, NAN, -2, -1, INF])),
    case("Xlog1py", "empty", spread((0,)), spread((1,))),
    # NextAfter
    *[
        case("NextAfter", t, spread((2, 3), t), spread((2, 3), t, seed=1), tolerance=(0, 0, 0))
        for t in ("float32", "float64")
    ],
    case("NextAfter", "broadcast", spread((2, 1)), spread((3,))),
    case("NextAfter", "the same", array([1.0, 0.0, INF, -2.0]), array([1.0, 0.0, INF, -2.0])),
    case(
        "NextAfter",
        "edges",
        array([INF, 3.4028234663852886e38, NAN, 1.0, -INF], "float32"),
        array([0.0, INF, 1.0, NAN, 0.0]),
        tolerance=(0, 0, 0),
    ),
    case("NextAfter", "scalars", array(1.0, "float64"), array(2.0, "float64")),
    case("NextAfter", "empty", spread((0, 2)), spread((2,))),
    case("NextAfter", "shapes", spread((2,)), spread((3,))),
    # Angle
    case("Angle", "complex64", array([[1 + 2j, -3j], [-2, 4]], "complex64"), Tout="float32"),
    case("Angle", "complex128", array([1 + 2j, -3j, -1], "complex128"), Tout="float64"),
    case("Angle", "scalar", array(-1 - 1j, "complex64"), Tout="float32"),
    case("Angle", "zeros", array([0, complex(-0.0, 0.0)], "complex64"), Tout="float32"),
    case("Angle", "infinite", array([INF, -INF, complex(0, INF)], "complex64"), Tout="float32"),
    case("Angle", "empty", array([], "complex64"), Tout="float32"),
    # PopulationCount
    *[
        case("PopulationCount", t, array(COUNTED, t))
        for t in ("int8", "uint8", "int16", "uint16", "int32", "int64")
    ],
    *[
        case("PopulationCount", f"negative {t}", array([[-1, -2], [-128, -127]], t))
        for t in ("int8", "int16", "int32", "int64")
    ],
    case("PopulationCount", "scalar", array(2**62 + 1, "int64")),
    case("PopulationCount", "empty", array([], "int32")),
]
