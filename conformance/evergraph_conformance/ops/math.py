"""Cases of functions of one array."""

from typing import Any

from evergraph_conformance.cases import Case, array, case, spread

NAN, INF = float("nan"), float("inf")

#: Where each function is well conditioned: (low, high).
FLOATING = {
    "Sqrt": (0.1, 9),
    "Rsqrt": (0.1, 9),
    "Exp": (-3, 3),
    "Expm1": (-2, 2),
    "Log": (0.1, 9),
    "Log1p": (-0.5, 9),
    "Sin": (-3, 3),
    "Cos": (-3, 3),
    "Tan": (-1, 1),
    "Asin": (-0.9, 0.9),
    "Acos": (-0.9, 0.9),
    "Atan": (-3, 3),
    "Sinh": (-2, 2),
    "Cosh": (-2, 2),
    "Tanh": (-3, 3),
    "Asinh": (-3, 3),
    "Acosh": (1.1, 5),
    "Atanh": (-0.9, 0.9),
    "Sigmoid": (-5, 5),
    "Erf": (-3, 3),
    "Erfc": (-2, 4),
    "Reciprocal": (0.5, 4),
    "Inv": (0.5, 4),
    "Floor": (-5, 5),
    "Ceil": (-5, 5),
    "Round": (-5, 5),
    "Rint": (-5, 5),
}
SPECIALS = (
    "Sqrt",
    "Rsqrt",
    "Exp",
    "Log",
    "Tanh",
    "Sigmoid",
    "Erf",
    "Floor",
    "Ceil",
    "Rint",
    "Atan",
)


def _floating(op: str, low: float, high: float) -> list[Case]:
    return [
        case(op, "float32", spread((2, 3), low=low, high=high)),
        case(op, "float64", spread((5,), "float64", low, high, seed=1)),
        # TF: Rint has no kernel for halves.
        *(
            []
            if op == "Rint"
            else [case(op, "float16", spread((4,), "float16", low, high, seed=2))]
        ),
        case(op, "scalar", array(1.25 if op == "Acosh" else 0.75)),
        case(op, "empty", spread((0, 2))),
    ]


#: Ops of the value of a function and of the gradient that it is given.
OF_VALUE = ("SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "InvGrad", "TanhGrad", "SigmoidGrad")
Z = array([0.5 + 1j, -1.5 - 0.25j, 1 - 1j], "complex64")
W = array([1 - 2j, 0.5j, -0.75 + 1j], "complex64")
COMPLEX = (
    "Square Neg Exp Expm1 Log Log1p Sin Cos Tan Sinh Cosh Tanh Asinh Acosh Atanh Sqrt Rsqrt "
    "Reciprocal Sigmoid Sign Conj"
)


def _of_value(op: str) -> list[Case]:
    def pair(shape: tuple[int, ...], dtype: str = "float32") -> tuple[Any, Any]:
        return spread(shape, dtype, 0.2, 2), spread(shape, dtype, seed=1)

    return [
        case(op, "float32", *pair((2, 3))),
        case(op, "float64", *pair((4,), "float64")),
        case(op, "half", *pair((4,), "float16")),
        case(op, "bfloat16", *pair((4,), "bfloat16")),
        case(op, "complex64", Z, W),
        case(op, "scalar", array(0.5), array(2.0)),
        case(op, "empty", *pair((0, 2))),
        case(op, "NaN and infinities", array([0, NAN, 1, INF]), array([1, 1, INF, 2])),
        case(op, "other numbers of elements", spread((2,)), spread((3,))),
    ]


CASES = [
    *[c for op in OF_VALUE for c in _of_value(op)],
    *[c for op, (low, high) in FLOATING.items() for c in _floating(op, low, high)],
    *[case(op, "specials", array([NAN, INF, -INF, 0.0])) for op in SPECIALS],
    case("Exp", "bfloat16", spread((4,), "bfloat16")),
    case("Round", "halves go to even", array([0.5, 1.5, 2.5, -0.5, -1.5])),
    *[
        case(op, dtype, array([-3, 0, 2], dtype))
        for op in ("Neg", "Abs", "Sign", "Square")
        for dtype in ("int32", "int64", "float32", "float64", "float16")
    ],
    case("Abs", "NaN and infinities", array([NAN, -INF, -0.0])),
    case("ComplexAbs", "complex64", array([3 + 4j, -1j, 0], "complex64")),
    case("Real", "complex64", array([3 + 4j, -1j], "complex64")),
    case("Imag", "complex64", array([3 + 4j, -1j], "complex64")),
    case("Conj", "complex64", array([3 + 4j, -1j], "complex64")),
    case("Complex", "two vectors", array([1, 2]), array([3, 4])),
    case("Cast", "float32 to int32 truncates", array([1.9, -1.9, 0]), DstT="int32"),
    case("Cast", "int32 to float32", array([1, -2], "int32"), DstT="float32"),
    case("Cast", "float32 to bool", array([0, 0.5, NAN]), DstT="bool"),
    case("Cast", "bool to int64", [True, False], DstT="int64"),
    case("Cast", "int64 to int8 wraps around", array([1, 300, -129], "int64"), DstT="int8"),
    case("Cast", "float64 to float16", spread((3,), "float64"), DstT="float16"),
    case("Cast", "float32 to bfloat16", spread((3,)), DstT="bfloat16"),
    case("Cast", "to the same type", spread((3,)), DstT="float32"),
    case("Cast", "complex64 to float32", array([1 + 2j], "complex64"), DstT="float32"),
    case("Cast", "empty", array([]), DstT="int32"),
    case("Rint", "ties", array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])),
    *[
        case(op, "small", array([1e-10, -1e-10, 1e-20]), tolerance=(1e-6, 0, 0))
        for op in ("Log1p", "Expm1")
    ],
    case("Sign", "NaN", array(["nan", "inf", "-inf", -0.0])),
]

#: Further cases of gradients.
GRADIENTS = [
    *[case(op, "complex64", Z) for op in COMPLEX.split() if op != "Conj"],
    case("Square", "empty", spread((0, 2))),
    case("Neg", "empty", spread((0, 2))),
    case("Abs", "empty", spread((0, 2))),
    case("Abs", "matrix", spread((2, 3))),
    case("Complex", "broadcast", spread((2, 1)), spread((3,)), Tout="complex64"),
    case("Complex", "empty", spread((0,)), spread((0,)), Tout="complex64"),
    case("Complex", "float64", spread((2,), "float64"), spread((2,), "float64"), Tout="complex128"),
    case("Cast", "complex64 to complex128", Z, DstT="complex128"),
    case("Cast", "float32 to complex64", spread((2,)), DstT="complex64"),
    case("Cast", "no elements", spread((0, 2)), DstT="float64"),
    case("ComplexAbs", "matrix", Z.reshape(3, 1), Tout="float32"),
    case("ComplexAbs", "complex128", Z.astype("complex128"), Tout="float64"),
    case("Real", "complex128", Z.astype("complex128"), Tout="float64"),
    case("Imag", "complex128", Z.astype("complex128"), Tout="float64"),
    case("Conj", "complex128", Z.astype("complex128")),
    *[case(op, "empty", Z[:0], Tout="float32") for op in ("Real", "Imag")],
    case("Conj", "empty", Z[:0]),
    case("Sign", "matrix", spread((2, 3))),
    case("Sign", "empty", spread((0, 2))),
    case("ComplexAbs", "empty", Z[:0], Tout="float32"),
]
