"""Cases of comparisons and choices."""

from evergraph_conformance.cases import Case, array, case, spread

NAN, INF = float("nan"), float("inf")
ORDER = ("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual")


def _order(op: str) -> list[Case]:
    return [
        case(op, "float32 with NaN", array([1, NAN, INF, -0.0]), array([1, NAN, INF, 0.0])),
        case(op, "int32", array([1, 2, 3], "int32"), array([3, 2, 1], "int32")),
        case(op, "broadcast", spread((2, 1)), spread((3,), seed=1)),
        case(op, "empty", spread((0, 2)), spread((2,))),
        case(op, "shapes that do not fit", spread((3,)), spread((2,))),
    ]


CASES = [
    *[c for op in ORDER for c in _order(op)],
    case("Equal", "bool", array([True, False], "bool"), array([True, True], "bool")),
    case("Equal", "strings", ["a", "b"], ["a", "c"]),
    case("NotEqual", "strings", ["a", "b"], ["a", "c"]),
    case("NotEqual", "scalars", array(2, "int64"), array(2, "int64")),
    *[
        case(op, label, *inputs)
        for op in ("LogicalAnd", "LogicalOr")
        for label, inputs in {
            "vectors": ([True, True, False], [True, False, False]),
            "broadcast": ([[True], [False]], [True, False]),
            "scalars": (True, False),
            "empty": (array([], "bool"), array([], "bool")),
        }.items()
    ],
    case("LogicalNot", "vector", [True, False]),
    case("LogicalNot", "scalar", True),
    case("LogicalNot", "matrix", array([[True, False], [False, True]], "bool")),
    case("LogicalNot", "empty", array([], "bool")),
    *[
        case(op, dtype, array([1, NAN, INF, -INF, 0], dtype))
        for op in ("IsNan", "IsInf", "IsFinite")
        for dtype in ("float32", "float64", "float16")
    ],
    *[case(op, "empty", array([])) for op in ("IsNan", "IsInf", "IsFinite")],
    case("Select", "same shape", [True, False], [1.0, 2.0], [3.0, 4.0]),
    case("Select", "rows", [True, False], spread((2, 3)), spread((2, 3), seed=1)),
    case("Select", "scalar condition", True, spread((2, 3)), spread((2, 3), seed=1)),
    case("Select", "shapes that differ", [True, False], [1.0, 2.0], [3.0]),
    case("SelectV2", "same shape", [True, False], [1.0, 2.0], [3.0, 4.0]),
    case("SelectV2", "broadcast", [[True], [False]], [1, 2, 3], 0),
    case("SelectV2", "int64 scalar", True, array(1, "int64"), array(2, "int64")),
    case("SelectV2", "shapes that do not fit", [True, False], [1.0, 2.0, 3.0], [3.0]),
    case("ClipByValue", "scalars", spread((5,)), -0.5, 0.5),
    case("ClipByValue", "int32", array([-5, 0, 5], "int32"), -1, 1),
    case("ClipByValue", "vectors", array([1, 2, 3]), array([0, 3, 0]), array([2, 4, 1])),
    case("ClipByValue", "bounds the wrong way round", array([-2, 0, 2]), 1.0, -1.0),
    case("ClipByValue", "empty", array([]), -0.5, 0.5),
]

#: Further cases of gradients.
GRADIENTS = [
    case("Select", "empty", array([], "bool"), array([]), array([])),
    case("SelectV2", "each broadcast", [[True], [False]], spread((3,)), array(2.0)),
    case(
        "SelectV2", "float64", [True, False], spread((2, 2), "float64"), spread((2, 1), "float64")
    ),
    case("SelectV2", "empty", array([], "bool"), array([]), array([1.0])),
    case(
        "ClipByValue",
        "bounds of the same shape",
        spread((2, 3)),
        spread((2, 3), seed=1),
        spread((2, 3), seed=2),
    ),
    case("ClipByValue", "at the bounds", array([-1, 0, 1]), -1.0, 1.0),
    case(
        "ClipByValue",
        "float64",
        spread((4,), "float64"),
        array(-0.5, "float64"),
        array(0.5, "float64"),
    ),
]
