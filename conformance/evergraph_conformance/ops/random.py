"""Cases of random numbers without state: TensorFlow's streams, bit for bit."""

import numpy as np

from evergraph_conformance.cases import array, case, spread

#: Compiling takes its time.
FEW = ("ranked", "constant")
EXACT = (0.0, 0.0, 0.0)
#: The C library's functions and those of an array library differ in the last bits of a float64.
TWO_ULPS = (4.5e-16, 0.0, 0.0)
CLOSE = (1e-12, 0.0, 0.0)

NAN, INF = float("nan"), float("inf")
FLOATS = ("float16", "bfloat16", "float32", "float64")
SIZES = {
    "a scalar": (),
    "one": (1,),
    "none": (0,),
    "no rows": (0, 3),
    "three": (3,),
    "three axes": (2, 3, 5),
}
SEEDS = {
    "zero": [0, 0],
    "large": [2**31 - 1, 7],
    "negative": [-1, -(2**31)],
}


def sizes(*dims):
    return np.array(dims, np.int32)


def seed(*two, dtype="int64"):
    return np.array(two, dtype)


KEY = np.array([0x9E3779B97F4A7C15], np.uint64)
COUNTER = np.array([2**64 - 2, 2**33 + 5], np.uint64)
ALG = np.int32(1)


def few(*arguments, **attributes):
    """Return a case of exact numbers, of which it makes no difference how the inputs are given."""
    return case(*arguments, tolerance=EXACT, modes=FEW, **attributes)


def _fills(op, dtypes, tolerance):
    """Cases of an op that fills an array of any dtype from a seed, and of its second version."""
    cases = []
    for t in dtypes:
        exact = tolerance if t == "float64" else EXACT
        shape = sizes(250 if t == "float64" else 1000)
        cases += [
            case(op, f"{t} a thousand", shape, seed(5, 6), dtype=t, tolerance=exact),
            case(op + "V2", f"{t} a thousand", shape, KEY, COUNTER, ALG, dtype=t, tolerance=exact),
        ]
    t = dtypes[2]
    second = op + "V2"
    for label, shape in SIZES.items():
        cases += [
            few(op, label, sizes(*shape), seed(5, 6), dtype=t),
            few(second, label, sizes(*shape), KEY, COUNTER, ALG, dtype=t),
        ]
    for label, two in SEEDS.items():
        cases += [
            few(op, f"int32 seed, {label}", sizes(5), seed(*two, dtype="int32"), dtype=t),
            few(op, f"int64 seed, {label}", sizes(5), seed(*two), dtype=t),
        ]
    pair, triple = (np.arange(n, dtype=np.uint64) for n in (2, 3))
    return [
        *cases,
        few(op, "seeds of 64 bits", sizes(5), seed(2**62 + 3, -(2**63)), dtype=t),
        few(op, "int64 shape", sizes(2, 3).astype("int64"), seed(1, 2), dtype=t),
        case(op, "a seed of three numbers", sizes(5), seed(1, 2, 3), dtype=t),
        case(op, "a seed of one number", sizes(5), np.int64(1), dtype=t),
        case(op, "a negative size", sizes(2, -2), seed(1, 2), dtype=t),
        case(op, "a size of -1", sizes(2, -1), seed(1, 2), dtype=t),
        case(op, "a shape that is a matrix", np.ones((1, 2), np.int32), seed(1, 2), dtype=t),
        few(second, "int64 shape", sizes(2, 3).astype("int64"), KEY, COUNTER, ALG, dtype=t),
        few(second, "its own choice", sizes(5), KEY, COUNTER, np.int32(3), dtype=t),
        case(second, "an algorithm it has not", sizes(5), KEY, COUNTER, np.int32(2), dtype=t),
        case(second, "an unknown algorithm", sizes(5), KEY, COUNTER, np.int32(9), dtype=t),
        case(second, "a key of two numbers", sizes(5), pair, COUNTER, ALG, dtype=t),
        few(second, "a counter of three numbers", sizes(5), KEY, triple, ALG, dtype=t),
        case(second, "a counter that is a scalar", sizes(5), KEY, np.uint64(1), ALG, dtype=t),
        case(second, "a size of -1", sizes(2, -1), KEY, COUNTER, ALG, dtype=t),
    ]


def _bounds(dtype):
    info = np.iinfo(dtype)
    both = [
        ("all but the largest", info.min, info.max),
        ("one value", 7, 8),
        ("a hundred", 0, 100),
        ("nearly all", info.min // 2 - 3, info.max // 2 + 11),
    ]
    return [(label, np.array(low, dtype), np.array(high, dtype)) for label, low, high in both]


def _integers():
    op = "StatelessRandomUniformInt"
    cases = []
    for t in ("int32", "int64"):
        for label, low, high in _bounds(t):
            cases += [
                case(op, f"{t} {label}", sizes(101), seed(5, 6), low, high),
                case(op + "V2", f"{t} {label}", sizes(101), KEY, COUNTER, ALG, low, high),
            ]
    low, high = np.int32(-5), np.int32(11)
    for label, shape in SIZES.items():
        cases += [
            few(op, label, sizes(*shape), seed(5, 6), low, high),
            few(op + "V2", label, sizes(*shape), KEY, COUNTER, ALG, low, high),
        ]
    for label, two in SEEDS.items():
        cases.append(few(op, f"seed, {label}", sizes(5), seed(*two), low, high))
    for label, a, b in (
        ("equal bounds", np.int32(3), np.int32(3)),
        ("bounds the wrong way", np.int32(4), np.int32(-3)),
        ("a bound that is a vector", array([1, 2], "int32"), np.int32(5)),
    ):
        cases += [
            case(op, label, sizes(5), seed(5, 6), a, b),
            case(op + "V2", label, sizes(5), KEY, COUNTER, ALG, a, b),
        ]
    cases += [
        case(
            op,
            "of no numbers, bounds the wrong way",
            sizes(0),
            seed(5, 6),
            np.int32(4),
            np.int32(-3),
        ),
        case(
            op + "V2",
            "of no numbers, bounds the wrong way",
            sizes(0),
            KEY,
            COUNTER,
            ALG,
            np.int32(4),
            np.int32(-3),
        ),
        case(op, "a seed of three numbers", sizes(5), seed(1, 2, 3), low, high),
    ]
    return cases


def _keys():
    cases = []
    for op in ("StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg"):
        for label, two in SEEDS.items():
            cases += [
                case(op, f"int32 seed, {label}", seed(*two, dtype="int32")),
                case(op, f"int64 seed, {label}", seed(*two)),
            ]
        cases += [
            case(op, "seeds of 64 bits", seed(2**62 + 3, -(2**63))),
            case(op, "a seed of three numbers", seed(1, 2, 3)),
            case(op, "a seed of one number", np.int64(1)),
        ]
    return cases


def _multinomial():
    op = "StatelessMultinomial"
    logits = spread((3, 7), low=-3, high=3)
    cases = [
        case(op, f"{t} logits", spread((3, 7), t, -3, 3), np.int32(11), seed(5, 6)) for t in FLOATS
    ]
    cases += [
        case(op, "int32 classes", logits, np.int32(5), seed(5, 6), output_dtype="int32"),
        case(op, "int32 seed", logits, np.int32(5), seed(-5, 6, dtype="int32")),
        case(op, "many draws", logits[:1], np.int32(500), seed(5, 6)),
        case(op, "one class", spread((2, 1)), np.int32(3), seed(5, 6)),
        case(op, "no draws", logits, np.int32(0), seed(5, 6)),
        case(op, "no rows", spread((0, 4)), np.int32(3), seed(5, 6)),
        case(op, "no classes", spread((2, 0)), np.int32(3), seed(5, 6)),
        case(op, "a class that never comes", array([[0.0, -INF, 1.0]]), np.int32(20), seed(5, 6)),
        case(
            op,
            "NaN and infinity never come",
            array([[0.0, INF, 1.0, NAN]]),
            np.int32(20),
            seed(5, 6),
        ),
        case(op, "no class can come", array([[-INF, -INF]]), np.int32(3), seed(5, 6)),
        case(op, "large logits", array([[1000.0, 1001.0, 999.0]]), np.int32(20), seed(5, 6)),
        case(op, "a negative number of draws", logits, np.int32(-1), seed(5, 6)),
        case(op, "logits that are a vector", spread((3,)), np.int32(2), seed(5, 6)),
        case(op, "a vector of draws", logits, sizes(2, 3), seed(5, 6)),
        case(op, "a seed of three numbers", logits, np.int32(2), seed(1, 2, 3)),
    ]
    return cases


def _shuffle():
    op = "StatelessShuffle"
    values = np.arange(5, dtype=np.int32)
    return [
        *[
            few(op, f"{n} numbers", np.arange(n, dtype=np.int32), KEY, COUNTER, ALG)
            for n in (0, 1, 2, 9)
        ],
        case(op, "a hundred", np.arange(100, dtype=np.int64), KEY, COUNTER, ALG),
        case(op, "rows", spread((6, 3, 2)), KEY, COUNTER, ALG),
        few(op, "empty rows", spread((5, 0)), KEY, COUNTER, ALG),
        few(op, "a scalar", array(3.5), KEY, COUNTER, ALG),
        few(op, "half", spread((7,), "float16"), KEY, COUNTER, ALG),
        few(op, "bool", array([1, 0, 0, 1], "bool"), KEY, COUNTER, ALG),
        case(op, "strings", ["one", "two", "three"], KEY, COUNTER, ALG),
        few(op, "its own choice", values, KEY, COUNTER, np.int32(3)),
        case(op, "an algorithm it has not", values, KEY, COUNTER, np.int32(2)),
        case(op, "a key of two numbers", values, np.arange(2, dtype=np.uint64), COUNTER, ALG),
    ]


def _gamma_grad():
    cases = []
    for t in ("float32", "float64"):
        alpha = array([0.1, 0.5, 1.0, 2.0, 10.0, 100.0, 1e-3], t)
        sample = array([0.2, 0.5, 1.0, 2.5, 9.0, 110.0, 1e-2], t)
        edges = array([0.0, 1e-30, 1e3, INF, NAN, -1.0], t)
        for label, a, x in (
            ("", alpha, sample),
            (", broadcast", array([[0.3], [2.0], [40.0]], t), array([0.01, 0.5, 3.0, 45.0], t)),
            (", samples beyond", array([[1.0], [3.0]], t), edges),
            (", alphas beyond", array([0.0, -1.0, NAN, INF], t), array(1.0, t)),
            (", empty", array([[1.0]], t), array([], t)),
        ):
            cases.append(case("RandomGammaGrad", f"{t}{label}", a, x))
    ones = array([1.0, 2.0]), array([1.0, 2.0, 3.0])
    return [*cases, case("RandomGammaGrad", "other sizes", *ones)]


ALPHAS = [0.1, 0.5, 0.99, 1.0, 1.5, 3.0, 100.0]
RATES = [0.0, 0.5, 3.0, 9.99, 10.0, 45.0, 1e4]


def _gamma():
    first, third = "StatelessRandomGammaV2", "StatelessRandomGammaV3"
    cases = []
    for t in ("float16", "float32", "float64"):
        tolerance = CLOSE if t == "float64" else EXACT
        cases += [
            case(
                first,
                f"{t} small and large",
                sizes(40, 7),
                seed(5, 6),
                array(ALPHAS, t),
                tolerance=tolerance,
            ),
            case(
                third,
                f"{t} small and large",
                sizes(40, 7),
                KEY,
                COUNTER,
                ALG,
                array(ALPHAS, t),
                tolerance=tolerance,
                modes=FEW,
            ),
        ]
    matrix = array([[0.5, 2.0, 1.0], [3.0, 0.2, 8.0]])
    for label, shape, alpha in (
        ("a scalar", (), array(0.7)),
        ("many of a scalar", (3, 4), array(0.7)),
        ("one of each", (2, 3), matrix),
        ("two of each", (2, 2, 3), matrix),
        ("none", (0, 2, 3), matrix),
        ("a shape that ends otherwise", (3, 2), matrix),
        ("a shape of fewer axes", (3,), matrix),
        ("no parameters", (2, 0), array([])),
    ):
        cases += [
            case(first, label, sizes(*shape), seed(5, 6), alpha),
            case(third, label, sizes(*shape), KEY, COUNTER, ALG, alpha, modes=FEW),
        ]
    cases.append(case(first, "a seed of three numbers", sizes(2, 3), seed(1, 2, 3), matrix))
    return cases


def _poisson():
    op = "StatelessRandomPoisson"
    cases = [
        case(
            op,
            f"{t} rates as {out}",
            sizes(40, 7),
            seed(5, 6),
            array(RATES, t),
            dtype=out,
            tolerance=EXACT,
        )
        for t, out in (
            ("float16", "float16"),
            ("float32", "float32"),
            ("float64", "float64"),
            ("int32", "int32"),
            ("int64", "int64"),
            ("float32", "int64"),
            ("float64", "float16"),
        )
    ]
    matrix = array([[0.5, 2.0, 1.0], [3.0, 0.2, 80.0]])
    cases += [
        case(op, label, sizes(*shape), seed(5, 6), rate, dtype="float32", tolerance=EXACT)
        for label, shape, rate in (
            ("a scalar", (), array(0.7)),
            ("many of a scalar", (3, 4), array(70.0)),
            ("one of each", (2, 3), matrix),
            ("two of each", (2, 2, 3), matrix),
            ("none", (0, 2, 3), matrix),
            ("a shape that ends otherwise", (3, 2), matrix),
            ("a negative rate", (3,), array(-1.0)),
        )
    ]
    cases.append(
        case(op, "a seed of three numbers", sizes(2, 3), seed(1, 2, 3), matrix, dtype="float32")
    )
    return cases


CASES = [
    *_fills("StatelessRandomUniform", FLOATS, EXACT),
    *_fills("StatelessRandomNormal", FLOATS, TWO_ULPS),
    *_fills("StatelessTruncatedNormal", FLOATS, TWO_ULPS),
    *_fills("StatelessRandomUniformFullInt", ("int32", "uint64", "uint32", "int64"), EXACT),
    *_integers(),
    *_keys(),
    case("StatelessRandomGetAlg", "Philox"),
    *_shuffle(),
    *_multinomial(),
    *_gamma(),
    *_gamma_grad(),
    *_poisson(),
]
