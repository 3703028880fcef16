"""Cases of two-array arithmetic."""

from typing import Any

import numpy as np

from evergraph_conformance.cases import Case, array, case, spread

NAN, INF = float("nan"), float("inf")

#: Ops on real numbers, and whether they take integers.
BINARY = {
    "Add": True,
    "AddV2": True,
    "Sub": True,
    "Mul": True,
    "RealDiv": False,
    "DivNoNan": False,
    "Xdivy": False,
    "Xlogy": False,
    "Maximum": True,
    "Minimum": True,
    "SquaredDifference": True,
    "Atan2": False,
}
DIVISIONS = ("Div", "FloorDiv", "TruncateDiv", "FloorMod", "Mod", "TruncateMod")
BITWISE = ("BitwiseAnd", "BitwiseOr", "BitwiseXor")


def ints(*values: int) -> np.ndarray[Any, Any]:
    return np.array(values, np.int32)


def _binary(op: str, integers: bool) -> list[Case]:
    low = 0.5 if op == "Xlogy" else -2.0
    cases = [
        case(op, "same shape", spread((2, 3), low=low), spread((2, 3), low=low, seed=1)),
        case(op, "broadcast both ways", spread((2, 1), low=low), spread((1, 3), low=low, seed=2)),
        case(op, "float64", spread((4,), "float64", low), spread((4,), "float64", low, seed=3)),
        case(op, "a scalar and a matrix", array(1.5), spread((2, 2), low=low)),
        case(op, "empty", spread((0, 3)), spread((1, 3))),
        case(op, "shapes that do not fit", spread((3,)), spread((2,))),
    ]
    if integers:
        x, y = spread((5,), "int32", -9, 9), spread((5,), "int32", -9, 9, seed=1)
        cases.append(case(op, "int32", x, y))
    return cases


def _division(op: str) -> list[Case]:
    x, y = array([7, -7, 7, -7], "int32"), array([2, 2, -2, -2], "int32")
    return [
        case(op, "int32 signs", x, y),
        case(op, "int64", array([9, -9], "int64"), array([4, 4], "int64")),
        case(op, "float32 signs", array([7.5, -7.5]), array([2, 2])),
        # TF: TruncateDiv and TruncateMod give an InternalError; see suites/test_run_errors.py.
        *(
            [case(op, "division of an int by zero", ints(1, 2), ints(1, 0))]
            if not op.startswith("Truncate")
            else []
        ),
        case(op, "broadcast", spread((2, 1), "int32", 1, 20), spread((1, 3), "int32", 1, 6)),
    ]


CASES = [
    *[c for op, integers in BINARY.items() for c in _binary(op, integers)],
    *[c for op in DIVISIONS for c in _division(op)],
    case("AddV2", "int32 wraps around", array([2**31 - 1, 5], "int32"), array([1, 1], "int32")),
    case("AddV2", "float16", spread((3,), "float16"), spread((3,), "float16", seed=1)),
    case("AddV2", "bfloat16", spread((3,), "bfloat16"), spread((3,), "bfloat16", seed=1)),
    case("AddV2", "complex64", array([1 + 2j, 3], "complex64"), array([2j, 1], "complex64")),
    case("Mul", "NaN and infinities", array([NAN, INF, -INF, 0]), array([1, 0, 2, INF])),
    case("RealDiv", "by zero", array([1, -1, 0]), array([0, 0, 0])),
    case("DivNoNan", "by zero", array([1, -1, 0]), array([0, 0, 0])),
    case("MulNoNan", "zero times infinity", array([INF, NAN, 2]), array([0, 0, 3])),
    case("Xdivy", "zero over zero", array([0, 0, 1]), array([0, NAN, 2])),
    case("Xlogy", "zero times log zero", array([0, 0, 1]), array([0, NAN, 2])),
    case("Maximum", "NaN", array([NAN, 1, NAN]), array([1, NAN, NAN])),
    case("Minimum", "NaN", array([NAN, 1, NAN]), array([1, NAN, NAN])),
    case("Pow", "float32", spread((4,), low=0.5), spread((4,), seed=1)),
    case("Pow", "int32", array([2, -3, 0], "int32"), array([3, 3, 0], "int32")),
    case("Pow", "broadcast", spread((2, 1), low=0.1), array([0.5, 2, 3])),
    case("Pow", "an int to a negative power", array([2], "int32"), array([-1], "int32")),
    *[
        case(op, f"{dtype}", array([12, 10, 255], dtype), array([10, 12, 1], dtype))
        for op in BITWISE
        for dtype in ("int32", "uint8", "int64")
    ],
    *[case(op, "broadcast", array([[1], [6]], "int32"), array([3, 5], "int32")) for op in BITWISE],
    *[case("Invert", dtype, array([0, 1, 100], dtype)) for dtype in ("int8", "int32", "uint8")],
    case("Invert", "empty", array([], "int32")),
    case("AccumulateNV2", "two", [spread((2, 2)), spread((2, 2), seed=1)], shape=[2, 2]),
    case(
        "AccumulateNV2",
        "three",
        [spread((3,)), spread((3,), seed=1), spread((3,), seed=2)],
        shape=[3],
    ),
    case("AccumulateNV2", "one", [spread((3,))], shape=[3]),
    case("AccumulateNV2", "scalars", [spread(()), spread((), seed=1)], shape=[]),
    case("AccumulateNV2", "empty", [spread((0, 2)), spread((0, 2))], shape=[0, 2]),
    case("AccumulateNV2", "float64", [spread((2,), "float64"), spread((2,), "float64")], shape=[2]),
    case("AccumulateNV2", "shapes that differ", [spread((3,)), spread((2,))], shape=[3]),
    case("AddN", "three", [spread((2, 2)), spread((2, 2), seed=1), spread((2, 2), seed=2)]),
    case("AddN", "one", [spread((3,))]),
    case("AddN", "int64", [array([1, 2], "int64"), array([3, 4], "int64")]),
    case("AddN", "shapes that differ", [spread((3,)), spread((2,))]),
    case("BiasAddGrad", "matrix", spread((2, 3))),
    case("BiasAddGrad", "image", spread((2, 3, 2, 4))),
    case("BiasAddGrad", "NCHW", spread((2, 3, 2, 4)), data_format="NCHW"),
    case("BiasAddGrad", "float64 of five axes", spread((1, 2, 2, 1, 3), "float64")),
    case("BiasAddGrad", "half", spread((3, 2), "float16")),
    case("BiasAddGrad", "no rows", spread((0, 3))),
    case("BiasAddGrad", "a vector", spread((3,))),
    case("BiasAdd", "matrix", spread((2, 3)), spread((3,), seed=1)),
    case("BiasAdd", "image", spread((1, 2, 2, 3)), spread((3,), seed=1)),
    case("BiasAdd", "NCHW", spread((1, 3, 2, 2)), spread((3,), seed=1), data_format="NCHW"),
    case("BiasAdd", "sizes that differ", spread((2, 3)), spread((2,))),
]

#: Further cases of gradients.
GRADIENTS = [
    *[
        c
        for op in ("Div", "FloorDiv", "TruncateDiv", "FloorMod", "MulNoNan", "Pow")
        for c in (
            case(op, "vectors", spread((3,), low=0.5), array([-3, 2, 1.5])),
            case(op, "a column and a row", spread((2, 1), low=0.5), array([0.5, 2, -3])),
            case(op, "empty", spread((0, 2)), spread((0, 2), seed=1)),
        )
    ],
    case("AddN", "empty", [spread((0, 2)), spread((0, 2))]),
    case("BiasAdd", "no rows", spread((0, 3)), spread((3,))),
]
