"""Cases of reductions."""

from typing import Any

from evergraph_conformance.cases import Case, array, case, ramp, spread

NAN = float("nan")
#: Label, inputs, attributes.
Row = tuple[str, tuple[Any, ...], dict[str, Any]]
NUMERIC = ("Sum", "Mean", "Prod", "Max", "Min")


def _numeric(op: str) -> list[Case]:
    return [
        case(op, "one axis", spread((2, 3)), 0),
        case(op, "a negative axis keeps its place", spread((2, 3)), -1, keep_dims=True),
        case(op, "all axes", spread((2, 3, 2)), [0, 1, 2]),
        case(op, "no axis", spread((2, 3)), array([], "int32")),
        case(op, "int32", ramp((2, 3), "int32", 1), [1]),
        case(op, "int8 keeps its type", array([[5, 7], [1, 2]], "int8"), 1),
        case(op, "float16", spread((4, 5), "float16"), 1),
        case(op, "int64 axis", spread((2, 3)), array([1], "int64")),
        case(op, "NaN", array([[1, NAN], [2, 3]]), 1),
        case(op, "an axis out of range", spread((2, 3)), 2),
    ]


POSITIONS: list[Row] = [
    ("last axis", (spread((3, 4)), 1), {}),
    ("negative axis", (spread((3, 4)), -2), {}),
    ("the first of equal ones", (array([[1, 1, 0, 0]]), 1), {}),
    ("int32 result", (array([[3, 9, 1]], "int32"), 1), {"output_type": "int32"}),
    ("an axis out of range", (spread((3, 4)), 2), {}),
]
CUMULATIVE: list[Row] = [
    ("first axis", (spread((3, 2)), 0), {}),
    ("exclusive", (spread((3, 2)), 0), {"exclusive": True}),
    ("reverse", (spread((3, 2)), -1), {"reverse": True}),
    (
        "exclusive and reverse",
        (array([1, 2, 3], "int32"), 0),
        {"exclusive": True, "reverse": True},
    ),
    ("an axis out of range", (spread((3, 2)), 2), {}),
]
CASES = [
    *[c for op in NUMERIC for c in _numeric(op)],
    case("EuclideanNorm", "one axis", spread((2, 3)), 0),
    case("EuclideanNorm", "kept", spread((2, 3), "float64"), -1, keep_dims=True),
    case("EuclideanNorm", "all axes", spread((2, 3, 2)), [0, 1, 2]),
    case("EuclideanNorm", "half", spread((2, 3), "float16"), 1),
    case("EuclideanNorm", "complex64", array([[3 + 4j, 0], [1j, 2]], "complex64"), 1),
    case("EuclideanNorm", "of nothing", spread((0, 3)), 0),
    case("EuclideanNorm", "an axis out of range", spread((2, 3)), 2),
    case("Sum", "of nothing", spread((0, 3)), 0),
    case("Prod", "of nothing", spread((0, 3)), 0),
    case("Max", "of nothing", spread((0, 3)), 0),
    case("Mean", "of nothing", spread((0, 3)), 0),
    *[
        case(op, label, *inputs)
        for op in ("All", "Any")
        for label, inputs in {
            "one axis": (array([[True, False], [True, True]], "bool"), 1),
            "all axes": (array([[True, False], [True, True]], "bool"), [0, 1]),
            "of nothing": (array([], "bool"), 0),
            "an axis out of range": (array([True], "bool"), 1),
        }.items()
    ],
    *[
        case(op, label, *inputs, **attributes)
        for op in ("ArgMax", "ArgMin")
        for label, inputs, attributes in POSITIONS
    ],
    *[
        case(op, label, *inputs, **attributes)
        for op in ("Cumsum", "Cumprod")
        for label, inputs, attributes in CUMULATIVE
    ],
    case("L2Loss", "float32", spread((2, 3))),
    case("L2Loss", "float64", spread((4,), "float64")),
    case("L2Loss", "scalar", array(3.0)),
    case("L2Loss", "empty", array([])),
    case("Mean", "of negative integers", array([[-7, 2], [-5, 2]], "int32"), 1),
]

#: Further cases of gradients.
GRADIENTS = [
    *[
        c
        for op in (*NUMERIC, "EuclideanNorm")
        for c in (
            case(op, "the middle axis", spread((2, 3, 2)), 1),
            case(op, "two axes, one negative", spread((2, 3, 2), "float64"), [0, -1]),
            case(op, "axes in another order", spread((2, 3, 2)), [2, 0], keep_dims=True),
            case(op, "of a scalar", array(2.0), array([], "int32")),
            case(op, "no rows", spread((0, 3)), 1),
        )
    ],
    case("Sum", "complex64", array([[1 + 2j, -1j], [0.5, 2]], "complex64"), 0),
    case("Prod", "complex64", array([[1 + 2j, -1j], [0.5, 2]], "complex64"), 0),
    case("Mean", "complex64", array([[1 + 2j, -1j], [0.5, 2]], "complex64"), 1),
    case("Prod", "one zero", array([[2, 0, 3], [1, 2, 4]]), 1),
    case("Prod", "two zeros", array([[0, 0, 3], [1, 2, 4]]), 1),
    case("Max", "equal ones", array([[2, 2, 1], [3, 3, 3]]), 1),
    case("Min", "equal ones", array([[2, 2, 1], [3, 3, 3]]), [0, 1]),
    *[
        c
        for op in ("Cumsum", "Cumprod")
        for c in (
            case(op, "both", spread((3, 2)), -1, exclusive=True, reverse=True),
            case(op, "empty", spread((0, 2)), 1),
        )
    ],
    case("Cumprod", "one zero", array([2, 0, 3]), 0),
]
