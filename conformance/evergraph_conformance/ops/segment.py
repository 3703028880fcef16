"""Cases of reductions over segments."""

import numpy as np

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread

NAN = float("nan")


def ints(*values):
    return array(list(values), "int32")


def _unsorted(op):
    return [
        case(op, "vector", spread((5,)), ints(2, 0, 0, 2, 1), 3),
        case(op, "rows, some of no segment", spread((4, 2)), ints(1, -1, 1, 0), 2),
        case(op, "segments of nothing", spread((2, 2)), ints(0, 3), 4),
        case(op, "a matrix of ids", spread((2, 3, 2)), array([[0, 1, 0], [2, 2, 0]], "int32"), 3),
        case(op, "float64", spread((4,), "float64"), array([1, 1, 0, 1], "int64"), 2),
        case(op, "half", spread((4,), "float16"), ints(0, 1, 0, 1), array(2, "int64")),
        case(op, "bfloat16", spread((4,), "bfloat16"), ints(0, 2, 0, 2), 3),
        case(op, "integers", ramp((4,), "int32", 1), ints(0, 1, 0, 1), 2),
        case(op, "a scalar id", spread((2,)), array(1, "int32"), 2),
        case(op, "no elements", spread((0, 2)), ints(), 2),
        case(op, "no segments", spread((0, 2)), ints(), 0),
        case(op, "equal ones and zeros", array([2, 0, 2, 0, 1]), ints(0, 0, 0, 1, 1), 2),
        case(op, "NaN", array([1, NAN, 2]), ints(0, 0, 1), 2),
        case(op, "out of range", spread((2,)), ints(0, 2), 2),
        case(op, "a negative number", spread((2,)), ints(0, 1), -1),
        case(op, "ids of another shape", spread((2, 3)), ints(0, 1, 1), 2),
    ]


def _sorted(op):
    return [
        case(op, "vector", spread((5,)), ints(0, 0, 1, 2, 2)),
        case(op, "rows", spread((4, 2)), array([0, 1, 1, 1], "int64")),
        case(op, "a gap", spread((3, 2)), ints(1, 1, 3)),
        case(op, "float64", spread((4,), "float64"), ints(0, 1, 1, 2)),
        case(op, "half", spread((4,), "float16"), ints(0, 0, 1, 1)),
        case(op, "bfloat16", spread((4,), "bfloat16"), ints(0, 0, 2, 2)),
        case(op, "integers", ramp((4,), "int32", 1), ints(0, 0, 1, 1)),
        case(op, "nothing", spread((0, 2)), ints()),
        case(op, "equal ones and zeros", array([2, 0, 2, 0, 1]), ints(0, 0, 0, 1, 1)),
        case(op, "not sorted", spread((3,)), ints(0, 2, 1)),
        case(op, "negative", spread((3,)), ints(-1, 0, 1)),
        case(op, "another length", spread((3,)), ints(0, 1), modes=UNRANKED),
    ]


def _sparse(op):
    x = spread((4, 3))
    rows = ints(3, 0, 0)
    return [
        case(op, "rows", x, rows, ints(0, 0, 1)),
        case(op, "a gap", x, rows, ints(0, 2, 2)),
        case(op, "int64", x, array([1, 2], "int64"), array([0, 0], "int64")),
        case(op, "float64", spread((2,), "float64"), ints(1, 1), ints(0, 0)),
        case(op, "half", spread((2, 2), "float16"), ints(1, 0), ints(0, 0)),
        case(op, "nothing", x, ints(), ints()),
        case(op, "a row out of range", x, ints(4), ints(0)),
        case(op, "not sorted", x, rows, ints(1, 0, 0)),
    ]


def _with_number(op):
    x = spread((4, 3))
    rows = ints(3, 0, 0)
    return [
        case(op, "rows", x, rows, ints(0, 0, 1), 2),
        case(op, "segments of nothing", x, rows, ints(0, 2, 2), 5),
        case(op, "int64", x, array([1, 2], "int64"), array([0, 0], "int64"), array(1, "int64")),
        case(op, "float64", spread((2,), "float64"), ints(1, 1), ints(0, 0), 1),
        case(op, "nothing", x, ints(), ints(), 2),
        case(op, "a row out of range", x, ints(4), ints(0), 1),
        case(op, "not sorted", x, rows, ints(1, 0, 0), 2),
        case(op, "too few segments", x, rows, ints(0, 0, 1), 1),
    ]


def _grad(op):
    dy = spread((3, 2))
    return [
        case(op, "rows", dy, ints(3, 0, 0), ints(0, 0, 1), 4),
        case(op, "a segment of nothing", dy, ints(3, 0, 1), ints(0, 2, 2), 4),
        case(op, "int64", dy, array([1, 2], "int64"), array([0, 1], "int64"), 3),
        case(op, "float64", spread((2,), "float64"), ints(1, 1), ints(0, 1), 2),
        case(op, "a segment out of range", dy, ints(0), ints(3), 1),
        # TF: the other op leaves the memory as it finds it.
        *([case(op, "nothing", dy, ints(), ints(), 2)] if op.endswith("V2") else []),
    ]


KINDS = ("Sum", "Mean", "SqrtN")
CASES = [
    *[c for k in ("Sum", "Prod", "Max", "Min") for c in _unsorted(f"UnsortedSegment{k}")],
    *[c for k in ("Sum", "Mean", "Prod", "Max", "Min") for c in _sorted(f"Segment{k}")],
    *[c for k in KINDS for c in _sparse(f"SparseSegment{k}")],
    *[c for k in KINDS for c in _with_number(f"SparseSegment{k}WithNumSegments")],
    *[c for k in KINDS for c in _grad(f"SparseSegment{k}Grad")],
    *[c for k in KINDS for c in _grad(f"SparseSegment{k}GradV2")],
    case("Bincount", "counts", ints(1, 1, 0, 3), 4, ints()),
    case("Bincount", "weights", ints(1, 1, 0, 3), 5, spread((4,))),
    case("Bincount", "too large ones", ints(1, 7, 2), 3, array([], "int64")),
    case("Bincount", "a matrix", array([[0, 1], [1, 1]], "int32"), 2, np.zeros((0,), "float64")),
    case("Bincount", "nothing", ints(), 3, array([])),
    case("Bincount", "no bins", ints(0, 1), 0, array([])),
    case("Bincount", "negative values", ints(-1, 1), 2, array([])),
    case("Bincount", "a negative size", ints(1), -1, array([])),
]

#: Further cases of gradients.
GRADIENTS = [
    *[
        case(
            f"SparseSegment{k}",
            "sparse",
            spread((4, 3)),
            ints(3, 0, 0),
            ints(0, 0, 1),
            sparse_gradient=True,
        )
        for k in KINDS
    ],
    *[
        case(
            f"SparseSegment{k}WithNumSegments",
            "sparse",
            spread((4, 3), "float64"),
            ints(3, 0, 3),
            ints(0, 0, 1),
            3,
            sparse_gradient=True,
        )
        for k in KINDS
    ],
    *[
        case(f"SparseSegment{k}", "no columns", spread((4, 0)), ints(3, 0, 0), ints(0, 0, 1))
        for k in KINDS
    ],
    *[
        case(
            f"SparseSegment{k}WithNumSegments",
            "no columns",
            spread((4, 0)),
            ints(3, 0, 3),
            ints(0, 0, 1),
            3,
        )
        for k in KINDS
    ],
]
