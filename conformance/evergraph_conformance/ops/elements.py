"""Cases of elements that are changed, counted, reversed and taken bit by bit."""

from __future__ import annotations

import numpy as np

from evergraph_conformance.cases import Case, array, case, ramp, spread

INF, NAN = float("inf"), float("nan")


def strings(*values: str) -> np.ndarray:
    return np.array([v.encode() for v in values], object)


CASES: list[Case] = [
    # Bitcast
    case("Bitcast", "float32 to int32", array([1.0, -2.5, 0.0, -0.0]), type="int32"),
    case("Bitcast", "int32 to float32", array([[0x3F800000, -1]], "int32"), type="float32"),
    case("Bitcast", "scalar", array(1.5), type="uint32"),
    case("Bitcast", "float16 to int16", array([1.0, -2.0], "float16"), type="int16"),
    case("Bitcast", "bfloat16 to uint16", array([1.0, -2.0], "bfloat16"), type="uint16"),
    case("Bitcast", "float64 to int64", array([1.0, -2.5, NAN], "float64"), type="int64"),
    case("Bitcast", "to itself", array([1, 2], "int32"), type="int32"),
    case("Bitcast", "narrower", array([[1.0], [-2.0]]), type="uint8"),
    case("Bitcast", "narrower scalar", array(-2, "int64"), type="int16"),
    case("Bitcast", "narrower floats", array([[1.5, 2.5]], "float64"), type="float32"),
    case("Bitcast", "wider", array([[1, 2, 3, 4], [5, 6, 7, 255]], "uint8"), type="int32"),
    case("Bitcast", "wider by two", array([1, -1], "int16"), type="uint32"),
    case("Bitcast", "wider floats", array([[0, 1.875]]), type="float64"),
    case("Bitcast", "complex64 to float32", array([1 + 2j, -3j], "complex64"), type="float32"),
    case("Bitcast", "complex64 to int64", array([1 + 2j], "complex64"), type="int64"),
    case("Bitcast", "complex128 to uint8", array([1 + 2j], "complex128"), type="uint8"),
    case("Bitcast", "float32 to complex64", array([[1.0, 2.0], [3.0, 4.0]]), type="complex64"),
    case("Bitcast", "int64 to complex64", array([2**62], "int64"), type="complex64"),
    case("Bitcast", "uint8 to complex64", array([[0, 0, 128, 63] * 2], "uint8"), type="complex64"),
    case("Bitcast", "complex64 to itself", array([1 + 2j], "complex64"), type="complex64"),
    case("Bitcast", "empty", array([[], []]), type="int32"),
    case("Bitcast", "empty and narrower", array([]), type="int8"),
    case("Bitcast", "wider of another size", array([1, 2, 3], "uint8"), type="uint16"),
    case("Bitcast", "wider of a scalar", array(1, "uint8"), type="uint16"),
    # Shifts
    case("LeftShift", "int8", array([1, 2, -3, 1], "int8"), array([1, 7, 8, -1], "int8")),
    case("LeftShift", "uint32", array([1, 2, 3], "uint32"), array([1, 31, 32], "uint32")),
    case("LeftShift", "int64", array([1, -1], "int64"), array([62, 63], "int64")),
    case("LeftShift", "int32 broadcast", ramp((2, 3), "int32"), array([1, 2, 3], "int32")),
    case("LeftShift", "scalars", array(5, "uint8"), array(2, "uint8")),
    case("LeftShift", "empty", array([], "int16"), array([], "int16")),
    case("LeftShift", "shapes", array([1, 2], "int32"), array([1, 2, 3], "int32")),
    case("RightShift", "int8", array([1, 64, -3, -128], "int8"), array([1, 7, 8, -1], "int8")),
    case("RightShift", "uint64", array([2**63, 7], "uint64"), array([63, 1], "uint64")),
    case("RightShift", "int64", array([-(2**62), 9], "int64"), array([61, 2], "int64")),
    case("RightShift", "int32 broadcast", ramp((2, 3), "int32"), array([[1], [0]], "int32")),
    case("RightShift", "scalars", array(-5, "int16"), array(1, "int16")),
    case("RightShift", "empty", array([], "uint16"), array([], "uint16")),
    # InTopK
    *[
        case(
            "InTopKV2",
            f"k {k}",
            array([[1, 2, 3], [3, 3, 1], [1, 1, 1], [5, 4, 3]]),
            array([1, 1, 2, 2], "int32"),
            array(k, "int32"),
        )
        for k in (-1, 0, 1, 2, 3, 4)
    ],
    # ReverseSequence
    # UnravelIndex
    case("UnravelIndex", "vector", array([0, 5, 11], "int32"), array([3, 4], "int32")),
    case("UnravelIndex", "scalar", array(7, "int32"), array([2, 2, 3], "int32")),
    case("UnravelIndex", "int64", array([5, 1], "int64"), array([6], "int64")),
    case("UnravelIndex", "empty", array([], "int32"), array([3, 4], "int32")),
    case("UnravelIndex", "beyond", array([0, 12], "int32"), array([3, 4], "int32")),
    case("UnravelIndex", "a size of zero", array([0], "int32"), array([3, 0], "int32")),
    case("UnravelIndex", "a matrix", array([[0]], "int32"), array([3, 4], "int32")),
    case("UnravelIndex", "a scalar size", array([1], "int32"), array(4, "int32")),
    # TensorScatter
    *[
        one
        for op in ("Update", "Add", "Sub", "Max", "Min")
        for one in (
            case(
                f"TensorScatter{op}",
                "elements",
                array([1, 2, 3, 4]),
                array([[3], [1]], "int32"),
                array([30, -10]),
            ),
            case(
                f"TensorScatter{op}",
                "rows",
                spread((4, 3)),
                array([[2], [0]], "int64"),
                spread((2, 3), seed=1),
            ),
            case(
                f"TensorScatter{op}",
                "single elements",
                spread((3, 2)),
                array([[[0, 1]], [[2, 0]]], "int32"),
                array([[0.5], [-0.5]]),
            ),
            case(
                f"TensorScatter{op}",
                "ints",
                ramp((4,), "int32"),
                array([[1], [2]], "int32"),
                array([7, -7], "int32"),
            ),
            case(
                f"TensorScatter{op}",
                "double",
                ramp((4,), "float64"),
                array([[1], [2]], "int32"),
                array([7, -7], "float64"),
            ),
            case(
                f"TensorScatter{op}",
                "no updates",
                ramp((3,)),
                array(np.zeros((0, 1)), "int32"),
                array([]),
            ),
            case(f"TensorScatter{op}", "beyond", ramp((3,)), array([[3]], "int32"), array([1])),
            case(f"TensorScatter{op}", "below", ramp((3,)), array([[-1]], "int32"), array([1])),
            case(
                f"TensorScatter{op}", "too many", ramp((3,)), array([[0]], "int32"), array([1, 2])
            ),
            case(
                f"TensorScatter{op}", "too deep", ramp((3,)), array([[0, 1]], "int32"), array([1])
            ),
            case(
                f"TensorScatter{op}",
                "rows of another size",
                ramp((1, 3)),
                array([[0]], "int32"),
                array([[1, 2]]),
            ),
            case(f"TensorScatter{op}", "scalar", array(1), array([[0]], "int32"), array([1])),
            case(f"TensorScatter{op}", "a scalar index", ramp((2,)), array(0), array(1)),
            case(
                f"TensorScatter{op}",
                "nothing",
                spread((0, 2)),
                array([[0]], "int32"),
                array([[1, 2]]),
            ),
        )
    ],
    *[
        case(
            f"TensorScatter{op}",
            "one place twice",
            ramp((3,)),
            array([[0], [0], [2]], "int32"),
            array([5, 7, -1]),
        )
        for op in ("Add", "Sub", "Max", "Min")
    ],
    case(
        "TensorScatterUpdate",
        "strings",
        strings("a", "b"),
        array([[1]], "int32"),
        strings("c"),
    ),
    case("TensorScatterMax", "equal", array([1, 2]), array([[0], [1]], "int32"), array([1, 2])),
]
