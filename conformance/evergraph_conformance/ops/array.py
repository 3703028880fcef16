"""Cases of ops that ask for shapes, make arrays, or find places in them."""

import numpy as np

from evergraph_conformance.cases import MODES, UNRANKED, array, case, ramp, spread

NAN, INF = float("nan"), float("inf")
WORDS = [["a", "bc"], ["", "a"]]


def strings(*values):
    return np.array(values, dtype=object)


SHAPES = [
    case("Shape", "matrix", spread((2, 3))),
    case("Shape", "scalar", array(1, "float32")),
    case("Shape", "int64", spread((2, 0, 3)), out_type="int64"),
    case("Shape", "strings", WORDS),
    case("Shape", "bool", array([True], "bool")),
    case("Shape", "bfloat16, five axes", spread((1, 2, 1, 2, 1), "bfloat16")),
    case("ShapeN", "one", [spread((2, 3))]),
    case("ShapeN", "several", [spread((2, 3)), spread((0,)), spread(())]),
    case("ShapeN", "int64", [spread((4,)), spread((1, 1))], out_type="int64"),
    case("ShapeN", "strings", [strings("a", "b"), strings()]),
    case("Size", "matrix", spread((2, 3))),
    case("Size", "scalar", array(1, "int8")),
    case("Size", "empty", spread((2, 0, 3)), out_type="int64"),
    case("Size", "strings", WORDS),
    case("Rank", "matrix", spread((2, 3))),
    case("Rank", "scalar", array(1, "complex64")),
    case("Rank", "empty", spread((2, 0, 3))),
    case("Rank", "strings", WORDS),
]

MAKING = [
    case("Fill", "float32", array([2, 3], "int32"), array(1.5, "float32")),
    case("Fill", "int64 dims", array([2], "int64"), array(7, "uint8")),
    case("Fill", "a scalar", array([], "int32"), array(True, "bool")),
    case("Fill", "empty", array([0, 3], "int32"), array(2, "float64")),
    case("Fill", "strings", array([2, 1], "int32"), "w"),
    case("Fill", "bfloat16", array([3], "int32"), array(1.5, "bfloat16")),
    case("Fill", "complex", array([1, 2], "int32"), array(1 + 2j, "complex64")),
    case("Fill", "negative size", array([-1, 2], "int32"), array(1, "int32")),
    case("Fill", "dims not a vector", array([[2]], "int32"), array(1, "int32")),
    case("Fill", "value not a scalar", array([2], "int32"), array([1], "int32")),
    case("Fill", "far too large", array([2**20, 2**20, 2**10], "int64"), array(1, "float32")),
    case("ZerosLike", "float32", spread((2, 3))),
    case("ZerosLike", "int8 scalar", array(5, "int8")),
    case("ZerosLike", "bool", array([True, False], "bool")),
    case("ZerosLike", "NaN becomes zero", array([NAN, INF], "float16")),
    case("ZerosLike", "strings become empty", WORDS),
    case("ZerosLike", "complex", array([1 + 2j], "complex128")),
    case("OnesLike", "float32", spread((2, 3))),
    case("OnesLike", "int64 scalar", array(5, "int64")),
    case("OnesLike", "bool", array([True, False], "bool")),
    case("OnesLike", "bfloat16", spread((2,), "bfloat16")),
    case("OnesLike", "complex", array([1 + 2j], "complex64")),
    case("OnesLike", "empty", spread((0, 2), "float64")),
    case("Range", "int32", array(3, "int32"), array(18, "int32"), array(3, "int32")),
    case("Range", "int64 downwards", array(5, "int64"), array(-5, "int64"), array(-3, "int64")),
    case("Range", "empty", array(5, "int32"), array(5, "int32"), array(1, "int32")),
    case("Range", "float32", array(0), array(1.1), array(0.3)),
    case("Range", "float32 tenths", array(0), array(1), array(0.1)),
    case("Range", "float64", array(0, "float64"), array(1, "float64"), array(0.1, "float64")),
    case("Range", "float32 adds up", array(1), array(3), array(1 / 3)),
    case("Range", "bfloat16", array(0, "bfloat16"), array(2, "bfloat16"), array(0.5, "bfloat16")),
    case("Range", "delta zero", array(3, "int32"), array(5, "int32"), array(0, "int32")),
    case("Range", "wrong direction", array(5, "int32"), array(1, "int32"), array(1, "int32")),
    case("Range", "wrong way down", array(1, "int32"), array(5, "int32"), array(-1, "int32")),
    case("Range", "without end", array(0), array(INF), array(0.1)),
    case("Range", "more than can be counted", array(0), array(1e30), array(0.1)),
    case("Range", "to NaN", array(0), array(NAN), array(0.1)),
    case("Range", "by NaN", array(0), array(1), array(NAN)),
    case("Range", "start a vector", array([1], "int32"), array(5, "int32"), array(1, "int32")),
    case("Range", "start a matrix", array([[1]], "int32"), array(5, "int32"), array(1, "int32")),
    case("LinSpace", "float32", array(10), array(12), array(5, "int32")),
    case("LinSpace", "downwards", array(1, "float64"), array(-1, "float64"), array(4, "int64")),
    case("LinSpace", "one", array(3), array(7), array(1, "int32")),
    case("LinSpace", "two", array(3), array(7), array(2, "int32")),
    case("LinSpace", "none", array(3), array(7), array(0, "int32")),
    case("LinSpace", "start a vector", array([3]), array(7), array(2, "int32")),
    case("OneHot", "vector", array([0, 2, 1], "int32"), array(3, "int32"), array(1), array(0)),
    case(
        "OneHot",
        "out of range gives off",
        array([-1, 3, 1], "int64"),
        array(3, "int32"),
        array(5, "int32"),
        array(-1, "int32"),
    ),
    case("OneHot", "scalar", array(1, "int32"), array(3, "int32"), array(1), array(0)),
    case(
        "OneHot",
        "axis 0",
        array([[0, 1], [2, 0]], "uint8"),
        array(3, "int32"),
        array(2.5),
        array(0),
        axis=0,
    ),
    case(
        "OneHot",
        "axis 1",
        array([[0, 1], [2, 0]], "int64"),
        array(3, "int32"),
        array(1),
        array(0),
        axis=1,
    ),
    case(
        "OneHot",
        "bool",
        array([0, 1], "int32"),
        array(2, "int32"),
        array(True, "bool"),
        array(False, "bool"),
    ),
    case("OneHot", "strings", array([1, 0], "int32"), array(2, "int32"), "on", "off"),
    case("OneHot", "depth 0", array([1, 0], "int32"), array(0, "int32"), array(1), array(0)),
    case(
        "OneHot",
        "no indices, a depth without end",
        array([], "int32"),
        array(2**31 - 1, "int32"),
        array(1),
        array(0),
    ),
    case("OneHot", "no indices", array([], "int32"), array(2, "int32"), array(1), array(0)),
    case(
        "OneHot",
        "half",
        array([1, 0], "int32"),
        array(2, "int32"),
        array(1, "float16"),
        array(0, "float16"),
    ),
    case("OneHot", "negative depth", array([1], "int32"), array(-1, "int32"), array(1), array(0)),
    case("OneHot", "depth a vector", array([1], "int32"), array([2], "int32"), array(1), array(0)),
    case("OneHot", "on a vector", array([1], "int32"), array(2, "int32"), array([1]), array(0)),
    case(
        "OneHot",
        "axis too large",
        array([1], "int32"),
        array(2, "int32"),
        array(1),
        array(0),
        axis=2,
    ),
    case(
        "OneHot", "uint8 above depth", array([200], "uint8"), array(2, "int32"), array(1), array(0)
    ),
]

BROADCASTING = [
    case("BroadcastTo", "rows", spread((3,)), array([2, 3], "int32")),
    case("BroadcastTo", "both ways", spread((2, 1)), array([2, 2, 3], "int64")),
    case("BroadcastTo", "a scalar", array(3, "int32"), array([2, 2], "int32")),
    case("BroadcastTo", "to the same", array([True, False], "bool"), array([2], "int32")),
    case("BroadcastTo", "a scalar to a scalar", array(3, "int64"), array([], "int32")),
    case("BroadcastTo", "to nothing", spread((1, 2)), array([0, 2], "int32")),
    case("BroadcastTo", "strings", strings("a", "b"), array([2, 2], "int32")),
    case("BroadcastTo", "does not fit", spread((3,)), array([2, 2], "int32")),
    case("BroadcastTo", "lower rank", spread((2, 3)), array([3], "int32")),
    case("BroadcastTo", "negative", spread((1, 3)), array([-1, 3], "int32")),
    case("BroadcastTo", "shape not a vector", spread((1, 3)), array([[2, 3]], "int32")),
    case("BroadcastArgs", "both ways", array([2, 1, 3], "int32"), array([4, 1], "int32")),
    case("BroadcastArgs", "int64", array([1], "int64"), array([4, 5], "int64")),
    case("BroadcastArgs", "with a scalar's", array([], "int32"), array([4, 5], "int32")),
    case("BroadcastArgs", "equal", array([2, 3], "int32"), array([2, 3], "int32")),
    case("BroadcastArgs", "does not fit", array([2, 3], "int32"), array([4], "int32")),
    case("BroadcastGradientArgs", "both ways", array([2, 1, 3], "int32"), array([4, 1], "int32")),
    case("BroadcastGradientArgs", "equal", array([2, 3], "int32"), array([2, 3], "int32")),
    case("BroadcastGradientArgs", "int64", array([3, 1], "int64"), array([4, 3, 5], "int64")),
    case("BroadcastGradientArgs", "with a scalar's", array([], "int32"), array([4, 5], "int32")),
    case(
        "BroadcastGradientArgs",
        "ones on both sides",
        array([1, 3], "int32"),
        array([1, 1], "int32"),
    ),
    case(
        "BroadcastGradientArgs", "ones of two ranks", array([1], "int32"), array([1, 1, 2], "int32")
    ),
    case("BroadcastGradientArgs", "empty axes", array([0, 1], "int32"), array([1, 5], "int32")),
    case("BroadcastGradientArgs", "does not fit", array([2, 3], "int32"), array([4, 3], "int32")),
]

PLACES = [
    case("InvertPermutation", "int32", array([3, 4, 0, 2, 1], "int32")),
    case("InvertPermutation", "int64", array([1, 0], "int64")),
    case("InvertPermutation", "empty", array([], "int32")),
    case("InvertPermutation", "twice the same", array([1, 1, 0], "int32")),
    case("InvertPermutation", "out of range", array([0, 3, 1], "int32")),
    case("InvertPermutation", "negative", array([0, -1], "int32")),
    case("InvertPermutation", "a matrix", array([[0, 1]], "int32")),
    case("Where", "bool matrix", array([[True, False], [False, True]], "bool")),
    case("Where", "float32", array([0, -0.0, NAN, 2, 0.5], "float32")),
    case("Where", "int64, three axes", array([[[0, 1], [2, 0]]], "int64")),
    case("Where", "none", array([False, False], "bool")),
    case("Where", "complex", array([0, 1j], "complex64")),
    case("Where", "scalar true", array(True, "bool")),
    case("Where", "scalar false", array(False, "bool")),
    case("Where", "empty", array([[], []], "bool")),
    case("Unique", "int32", array([1, 1, 2, 4, 4, 4, 7, 8, 8], "int32")),
    case("Unique", "order of appearance", array([3, 1, 3, 2, 1], "float32")),
    case("Unique", "int64 indices", array([5, 4, 5], "int64"), out_idx="int64"),
    case("Unique", "strings", strings("b", "a", "b")),
    case("Unique", "empty", array([], "int32")),
    case("Unique", "bool", array([True, False, True], "bool")),
    case("Unique", "half", array([1.5, -2, 1.5], "float16")),
    case("Unique", "a matrix", array([[1, 2]], "int32")),
    case("UniqueWithCounts", "int32", array([1, 1, 2, 4, 4, 4, 7, 8, 8], "int32")),
    case("UniqueWithCounts", "order of appearance", array([3, 1, 3, 2, 1], "float32")),
    case("UniqueWithCounts", "int64 indices", array([5, 4, 5], "int64"), out_idx="int64"),
    case("UniqueWithCounts", "strings", strings("b", "a", "b")),
    case("UniqueWithCounts", "empty", array([], "int32")),
    case("UniqueWithCounts", "bool", array([True, False, True], "bool")),
    case("UniqueWithCounts", "a matrix", array([[1, 2]], "int32")),
    # TF: 2.21 has a kernel of TopK no longer, so nothing can be recorded for it.
    case("TopKV2", "vector", array([1, 5, 3, 4], "float32"), array(2, "int32")),
    case("TopKV2", "ties keep their order", array([[2, 3, 2, 3], [1, 1, 1, 1]]), array(3, "int32")),
    case(
        "TopKV2", "all, int32", array([3, -1, 2, 2**31 - 1, -(2**31)], "int32"), array(5, "int32")
    ),
    case("TopKV2", "k 0", spread((2, 3)), array(0, "int32")),
    case("TopKV2", "k 1", array([[1, 7, 7], [9, 2, 9]], "int64"), array(1, "int32")),
    case("TopKV2", "uint8", array([3, 255, 0, 7], "uint8"), array(3, "int32")),
    case("TopKV2", "half", array([0.5, 2, -1], "float16"), array(2, "int32")),
    case("TopKV2", "bfloat16", array([0.5, 2, -1], "bfloat16"), array(2, "int32")),
    case("TopKV2", "infinities", array([-INF, 3, INF, 0]), array(4, "int32")),
    case("TopKV2", "int64 indices", array([1, 3, 2]), array(2, "int64"), index_type="int64"),
    case("TopKV2", "three axes", spread((2, 2, 4)), array(2, "int32")),
    case("TopKV2", "no rows", spread((0, 4)), array(2, "int32")),
    case("TopKV2", "k too large", spread((3,)), array(4, "int32")),
    case("TopKV2", "k negative", spread((3,)), array(-1, "int32")),
    case("TopKV2", "a scalar input", array(1.0), array(1, "int32")),
    case("TopKV2", "k a vector", spread((3,)), array([1], "int32")),
]

DIAGONALS = [
    case("Diag", "vector", spread((3,))),
    case("Diag", "matrix", ramp((2, 3), "int32")),
    case("Diag", "complex", array([1 + 2j, 3], "complex64")),
    case("Diag", "empty", spread((0,))),
    case("Diag", "float64", spread((2,), "float64")),
    case("Diag", "scalar", array(1.0)),
    case("DiagPart", "matrix", spread((3, 3))),
    case("DiagPart", "four axes", ramp((2, 3, 2, 3), "int64")),
    case("DiagPart", "complex", array([[1 + 2j, 3], [4, 5j]], "complex128")),
    case("DiagPart", "empty", spread((0, 0))),
    case("DiagPart", "not square", spread((2, 3))),
    case("DiagPart", "odd rank", spread((2, 2, 2))),
    case("MatrixDiag", "vector", spread((3,))),
    case("MatrixDiag", "batch", ramp((2, 3), "int32")),
    case("MatrixDiag", "bool", array([[True, False]], "bool")),
    case("MatrixDiag", "empty", spread((2, 0))),
    case("MatrixDiag", "bfloat16", spread((2,), "bfloat16")),
    case("MatrixDiag", "scalar", array(1.0)),
    case("MatrixDiagPart", "square", spread((3, 3))),
    case("MatrixDiagPart", "wide batch", ramp((2, 2, 3), "int32")),
    case("MatrixDiagPart", "tall", spread((3, 2), "float64")),
    case("MatrixDiagPart", "bool", array([[True, False], [False, False]], "bool")),
    case("MatrixDiagPart", "a vector", spread((3,))),
    case("MatrixBandPart", "lower triangle", spread((3, 4)), array(-1, "int64"), array(0, "int64")),
    case("MatrixBandPart", "upper triangle", spread((4, 3)), array(0, "int32"), array(-1, "int32")),
    case(
        "MatrixBandPart", "diagonal", ramp((2, 3, 3), "int32"), array(0, "int64"), array(0, "int64")
    ),
    case("MatrixBandPart", "band", ramp((4, 5), "int64"), array(1, "int64"), array(2, "int64")),
    case(
        "MatrixBandPart", "all", spread((2, 2), "float16"), array(-1, "int64"), array(-1, "int64")
    ),
    case(
        "MatrixBandPart",
        "bool",
        array(np.ones((3, 3)), "bool"),
        array(1, "int64"),
        array(0, "int64"),
    ),
    case(
        "MatrixBandPart",
        "NaN outside",
        array([[1, NAN], [NAN, 2]]),
        array(0, "int64"),
        array(0, "int64"),
    ),
    case("MatrixBandPart", "too large", spread((2, 2)), array(3, "int64"), array(0, "int64")),
    case("MatrixBandPart", "a vector", spread((2,)), array(0, "int64"), array(0, "int64")),
    case("MatrixBandPart", "empty", spread((0, 2)), array(0, "int64"), array(0, "int64")),
    case("MatrixSetDiag", "square", spread((3, 3)), ramp((3,))),
    case("MatrixSetDiag", "wide batch", ramp((2, 2, 3), "int32"), ramp((2, 2), "int32", 50)),
    case("MatrixSetDiag", "tall", ramp((3, 2), "int64"), array([-1, -2], "int64")),
    case(
        "MatrixSetDiag",
        "bool",
        array([[True, True], [True, True]], "bool"),
        array([False, True], "bool"),
    ),
    case("MatrixSetDiag", "does not fit", spread((3, 3)), ramp((2,))),
    case("MatrixSetDiag", "rank does not fit", spread((2, 3, 3)), ramp((3,))),
]


def diag_v3(label, diagonal, k, rows=-1, cols=-1, padding=0, **attributes):
    return case(
        "MatrixDiagV3",
        label,
        diagonal,
        array(k, "int32"),
        array(rows, "int32"),
        array(cols, "int32"),
        array(padding, diagonal.dtype.name),
        **attributes,
    )


def diag_part_v3(label, matrix, k, padding: float = 0, **attributes):
    return case(
        "MatrixDiagPartV3",
        label,
        matrix,
        array(k, "int32"),
        array(padding, matrix.dtype.name),
        **attributes,
    )


def set_diag_v3(label, matrix, diagonal, k, **attributes):
    # TF: where k is not known, the static ranks may not differ, though they must for a band.
    modes = UNRANKED if np.ndim(k) else MODES
    k = array(k, "int32")
    return case("MatrixSetDiagV3", label, matrix, diagonal, k, modes=modes, **attributes)


BAND = array([[8, 9, 0], [1, 2, 3], [4, 5, 0]], "int32")
ALIGNMENTS = ["LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"]

DIAGONALS_V3 = [
    diag_v3("main", ramp((2, 3), start=1), 0),
    diag_v3("superdiagonal", ramp((2,), "int32", 1), 1),
    diag_v3("subdiagonal", ramp((2, 2), "float64", 1), -1, padding=9),
    diag_v3("rectangle", ramp((2,), "int32", 1), -1, rows=3, cols=4, padding=7),
    diag_v3("rows given", ramp((2,), "int32", 1), 0, rows=3),
    diag_v3("columns given", ramp((2,), "int32", 1), 0, cols=3),
    diag_v3("k a vector of one", ramp((2,), "int32", 1), [1]),
    *(diag_v3(f"band {align}", BAND, [-1, 1], align=align) for align in ALIGNMENTS),
    diag_v3("wide band", array([[0, 1, 2], [3, 4, 5]]), [1, 2], rows=3, cols=5),
    diag_v3("a scalar", array(1.0), 0),
    diag_v3("too few rows", ramp((3,)), 0, rows=2, cols=2),
    diag_v3("bounds in the wrong order", ramp((2, 3)), [1, 0]),
    diag_v3("band does not fit", ramp((2, 3)), [-1, 1]),
    diag_part_v3("main", spread((3, 3)), 0),
    diag_part_v3("superdiagonal of a batch", ramp((2, 3, 4), "int32"), 1),
    diag_part_v3("subdiagonal", ramp((4, 3), "float64"), -2),
    *(
        diag_part_v3(f"band {align}", ramp((3, 4), "int32"), [-1, 2], 99, align=align)
        for align in ALIGNMENTS
    ),
    diag_part_v3("tall band", ramp((4, 2), "int64"), [-3, 0], -1),
    diag_part_v3("k out of range", ramp((2, 3)), 3),
    diag_part_v3("bounds in the wrong order", ramp((2, 3)), [1, 0]),
    diag_part_v3("a vector", ramp((3,)), 0),
    set_diag_v3("main", spread((3, 3)), ramp((3,)), 0),
    set_diag_v3("superdiagonal of a batch", ramp((2, 3, 4), "int32"), ramp((2, 3), "int32", 90), 1),
    set_diag_v3("subdiagonal", ramp((3, 3), "float64"), ramp((2,), "float64", 90), -1),
    *(
        set_diag_v3(f"band {align}", ramp((3, 3), "int32", 10), BAND, [-1, 1], align=align)
        for align in ALIGNMENTS
    ),
    set_diag_v3("does not fit", ramp((3, 3)), ramp((3,)), 1),
    set_diag_v3("k out of range", ramp((3, 3)), ramp((3,)), 4),
]

DIFFERENCE = [
    case("ListDiff", "int32", [1, 2, 3, 4, 5], [1, 3]),
    case("ListDiff", "repeated", [2, 1, 2, 3], [1]),
    case("ListDiff", "float32", array([1.5, 2.5]), array([2.5])),
    case(
        "ListDiff", "int64 positions", array([5, 6], "int64"), array([5], "int64"), out_idx="int64"
    ),
    case("ListDiff", "nothing left", [1, 2], [2, 1]),
    case("ListDiff", "from nothing", array([], "int32"), [1]),
    case("ListDiff", "strings", ["a", "b", "c"], ["b"]),
    case("ListDiff", "a matrix", [[1, 2]], [1]),
]

RANKED = array([[0.1, 0.3, 0.2, 0.4], [0.4, 0.4, 0.1, 0.1]], "float32")
STRANGE = array([[NAN, 1, 2], [INF, 1, 2], [3, 1, 2], [3, NAN, 2]], "float32")
AMONG = [
    case("InTopKV2", "second of four", RANKED, array([1, 0], "int32"), array(2, "int32")),
    case("InTopKV2", "not among them", RANKED, array([2, 3], "int32"), array(2, "int32")),
    case("InTopKV2", "ties", RANKED, array([3, 1], "int64"), array(1, "int64")),
    case("InTopKV2", "beyond the classes", RANKED, array([4, -1], "int32"), array(4, "int32")),
    case("InTopKV2", "k 0", RANKED, array([3, 0], "int32"), array(0, "int32")),
    case("InTopKV2", "not finite", STRANGE, array([1, 1, 0, 0], "int32"), array(3, "int32")),
    case("InTopKV2", "empty", spread((0, 3)), array([], "int32"), array(1, "int32")),
    case("InTopKV2", "rows", RANKED, array([1], "int32"), array(2, "int32")),
    case("InTopKV2", "a vector", spread((3,)), array([1], "int32"), array(2, "int32")),
    case("InTopK", "second of four", RANKED, array([1, 0], "int32"), k=2),
    case("InTopK", "int64", RANKED, array([3, 1], "int64"), k=1),
    case("InTopK", "more than classes", RANKED, array([2, 2], "int32"), k=9),
    case("InTopK", "beyond the classes", RANKED, array([4, -1], "int32"), k=4),
    case("InTopK", "not finite", STRANGE, array([2, 2, 2, 2], "int32"), k=3),
    case("InTopK", "negative k", RANKED, array([3, 0], "int32"), k=-1),
]

CASES = [*SHAPES, *AMONG, *MAKING, *BROADCASTING, *PLACES, *DIAGONALS, *DIAGONALS_V3, *DIFFERENCE]

#: Further cases of gradients.
GRADIENTS = [
    case("Fill", "float64", [2, 3], array(1.5, "float64")),
    case("Fill", "nothing", [0, 3], array(1.5)),
    case("BroadcastTo", "a new axis and an old one", spread((2, 1)), [4, 2, 3]),
    case("BroadcastTo", "float64 scalar", array(2.0, "float64"), array([2, 2], "int64")),
    case("BroadcastTo", "a row to nothing", spread((1, 3)), [0, 3]),
    case("BroadcastTo", "the same shape", spread((2, 3)), [2, 3]),
    case("TopKV2", "float64 rows", spread((2, 3, 4), "float64"), 2),
    case("TopKV2", "equal ones", array([[1, 1, 1, 0]]), 2),
    case("TopKV2", "no rows of three", spread((0, 3)), 2),
    case("TopKV2", "a vector", spread((5,)), 3),
    *[
        c
        for k in (0, [-1, 1])
        for c in (
            diag_part_v3(f"float32 {k}", spread((3, 3)), k),
            diag_part_v3(f"float64 rectangle {k}", spread((2, 2, 4), "float64"), k, 1.5),
        )
    ],
    diag_v3("float32 band", BAND.astype("float32"), [-1, 1]),
    set_diag_v3("float32 band", spread((3, 3)), BAND.astype("float32"), [-1, 1]),
    case("Diag", "float64 matrix", spread((2, 2), "float64")),
    case("DiagPart", "float64", spread((2, 2, 2, 2), "float64")),
    case("MatrixDiagPart", "a wide matrix", spread((2, 2, 3))),
    case("MatrixDiagPart", "square float64", spread((3, 3), "float64")),
    case("MatrixSetDiag", "batch", spread((2, 2, 3)), spread((2, 2), seed=1)),
    case("MatrixBandPart", "float64", spread((3, 4), "float64"), 1, 0),
    case("MatrixDiagPart", "no matrices", spread((0, 3, 3))),
    case("MatrixSetDiag", "no matrices", spread((0, 3, 3)), spread((0, 3))),
    diag_part_v3("no matrices", spread((0, 3, 3)), 0),
    diag_v3("no diagonals", spread((0, 3)), 0),
    set_diag_v3("no matrices", spread((0, 3, 3)), spread((0, 3)), 0),
]
