"""Cases of functions of one array."""

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


CASES = [
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
]
