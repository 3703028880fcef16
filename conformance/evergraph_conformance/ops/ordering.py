"""Cases of values by their order, of sets, and of nodes that hand on what they take."""

from __future__ import annotations

import numpy as np

from evergraph_conformance.cases import Case, array, case, ramp, spread

INF, NAN = float("inf"), float("nan")
MIXED = array([3, 1, 2, 3, 1, 7, -1])
ROWS = array([[1, 2, 2], [1, 2, 2], [0, 5, 5], [1, 2, 2]], "int32")
SORTED = array([[0, 3, 9, 9, 10], [1, 2, 3, 4, 5]])
WANTED = array([[2, 4, 9], [0, 2, 6]])
EDGES = [0.0, 1.5, 3.0]
TOPS = array([0.0, 5.0])


def running(label, x, axis, **attributes):
    return case("CumulativeLogsumexp", label, x, array(axis, "int32"), **attributes)


def dense(label, values, size, weights=(), **attributes):
    weights = weights if isinstance(weights, np.ndarray) else array([], "int32")
    size = array(size, np.asarray(values).dtype.name)
    return case("DenseBincount", label, values, size, weights, **attributes)


def unique(label, x, axis, **attributes):
    ops = ("UniqueV2", "UniqueWithCountsV2")
    return [case(op, label, x, array(axis, "int64"), **attributes) for op in ops]


def sparse(places, values, shape, dtype="int64"):
    rank = len(shape)
    indices = array(np.array(places, np.int64).reshape(-1, rank), "int64")
    values = np.array(values, object) if dtype == "string" else array(values, dtype)
    return indices, values, array(shape, "int64")


def text(*values):
    return np.array([v.encode() for v in values], object)


HYPOTHESIS = sparse([(0, 0), (0, 1), (1, 0)], [1, 2, 3], (2, 3))
TRUTH = sparse([(0, 0), (1, 0), (1, 1)], [1, 3, 4], (2, 3))


def update(label, x, begin, end, strides, value, **masks):
    bounds = (array(v, "int32") for v in (begin, end, strides))
    return case("TensorStridedSliceUpdate", label, x, *bounds, value, **masks)


CASES: list[Case] = [
    # NthElement
    case("NthElement", "float32", MIXED, array(2, "int32")),
    case("NthElement", "reverse", MIXED, array(2, "int32"), reverse=True),
    case("NthElement", "rows", spread((2, 3, 4)), array(0, "int32")),
    *[
        case("NthElement", t, spread((3, 5), t, 0, 9), array(3, "int32"))
        for t in ("float64", "float16", "bfloat16", "int32", "int64", "uint8", "int8")
    ],
    case("NthElement", "beyond", MIXED, array(7, "int32")),
    case("NthElement", "negative", MIXED, array(-1, "int32")),
    case("NthElement", "scalar", array(1.0), array(0, "int32")),
    case("NthElement", "no rows", spread((0, 3)), array(1, "int32")),
    # LowerBound, UpperBound
    *(
        c
        for op in ("LowerBound", "UpperBound")
        for c in (
            case(op, "float32", SORTED, WANTED),
            case(op, "float64", SORTED.astype("float64"), WANTED.astype("float64")),
            case(op, "int32", SORTED.astype("int32"), WANTED.astype("int32"), out_type="int64"),
            case(op, "infinite", SORTED, array([[INF, -INF], [INF, -INF]])),
            case(op, "no values", SORTED, spread((2, 0))),
            case(op, "nothing sorted", spread((2, 0)), WANTED),
            case(op, "no rows", spread((0, 2)), spread((0, 3))),
            case(op, "rows", SORTED, WANTED[:1]),
            case(op, "rank", SORTED[0], WANTED[0]),
        )
    ),
    # Bucketize
    *[
        case("Bucketize", t, spread((3, 4), t, -1, 5), boundaries=EDGES)
        for t in ("float32", "float64", "int32", "int64")
    ],
    case("Bucketize", "on the edges", array([0, 1.5, 3, INF, -INF]), boundaries=EDGES),
    case("Bucketize", "scalar", array(2.0), boundaries=EDGES),
    case("Bucketize", "no boundaries", array([1.0, 2.0]), boundaries=[]),
    case("Bucketize", "unsorted", array([1.0]), boundaries=[2.0, 1.0]),
    case("Bucketize", "empty", spread((0, 2)), boundaries=EDGES),
    # HistogramFixedWidth
    case("HistogramFixedWidth", "float32", array([-1, 0, 1.5, 2, 5, 15]), TOPS, 5),
    case("HistogramFixedWidth", "int64", array([-1, 0, 1.5, 2, 5, 15]), TOPS, 5, dtype="int64"),
    case("HistogramFixedWidth", "float64", spread((3, 4), "float64", 0, 5), TOPS.astype("f8"), 3),
    case("HistogramFixedWidth", "int32", array([1, 2, 4], "int32"), array([0, 5], "int32"), 5),
    case("HistogramFixedWidth", "empty", array([]), TOPS, 4),
    case("HistogramFixedWidth", "infinite", array([INF, -INF]), TOPS, 4),
    case("HistogramFixedWidth", "range", array([1.0]), array([2.0, 1.0]), 4),
    case("HistogramFixedWidth", "no bins", array([1.0]), TOPS, 0),
    case("HistogramFixedWidth", "negative bins", array([1.0]), TOPS, -3),
    case("HistogramFixedWidth", "bounds", array([1.0]), array([1.0, 2.0, 3.0]), 2),
    # DenseBincount
    dense("vector", array([1, 2, 2, 5], "int32"), 6),
    dense("int64", array([1, 2, 2, 5], "int64"), 4),
    dense("rows", array([[1, 2, 2], [0, 0, 9]], "int32"), 4),
    dense("weights", array([1, 2, 2], "int32"), 4, array([0.5, 1.5, 2.5])),
    dense("weighted rows", array([[1, 2], [2, 2]], "int32"), 4, array([[0.5, 1.5], [2.5, 1]])),
    dense("binary", array([1, 2, 2], "int32"), 4, binary_output=True),
    dense("binary rows", array([[1, 2], [0, 9]], "int32"), 4, binary_output=True),
    dense("double", array([1, 2, 2], "int32"), 3, array([], "float64")),
    dense("empty", array([], "int32"), 3),
    dense("negative", array([1, -2], "int32"), 3),
    dense("negative size", array([1], "int32"), -3),
    dense("rank", array([[[1]]], "int32"), 3),
    dense("weights of another shape", array([1, 2], "int32"), 3, array([1.0, 2.0, 3.0])),
    # CumulativeLogsumexp
    running("float32", spread((2, 5)), 1),
    running("float64", spread((3, 4), "float64"), 0),
    running("float16", spread((6,), "float16"), 0),
    running("exclusive", spread((2, 5)), 1, exclusive=True),
    running("reverse", spread((2, 5)), -1, reverse=True),
    running("both", spread((2, 2, 3)), 1, reverse=True, exclusive=True),
    running("far apart", array([-500.0, 0.0, 600.0, 2.0]), 0),
    running("infinite", array([-INF, 1.0, INF, 2.0]), 0),
    running("empty", spread((0, 3)), 0),
    running("axis", spread((2, 3)), 2),
    # Unique
    *unique("vector", array([3, 1, 3, 2], "int32"), []),
    *unique("axis 0", ROWS, [0]),
    *unique("axis 1", ROWS, [1]),
    *unique("negative axis", ROWS, [-1]),
    *unique("floats", array([1.5, -2.0, 1.5]), [0], out_idx="int64"),
    *unique("strings", text("b", "a", "b"), [0]),
    *unique("empty", array([], "int32"), []),
    *unique("a matrix without axis", ROWS, []),
    *unique("axis out of range", ROWS, [2]),
    *unique("two axes", ROWS, [0, 1]),
    # Sets
    *[
        case(
            "DenseToDenseSetOperation",
            operation,
            array([[1, 2, 3], [4, 4, 5]], "int32"),
            array([[3, 1, 9, 9], [4, 0, 0, 0]], "int32"),
            set_operation=operation,
        )
        for operation in ("a-b", "b-a", "intersection", "union")
    ],
    case(
        "DenseToDenseSetOperation",
        "strings",
        text("a", "b").reshape(1, 2),
        text("b", "c").reshape(1, 2),
        set_operation="union",
    ),
    case(
        "DenseToDenseSetOperation",
        "groups",
        array([[1]], "int64"),
        array([[1], [2]], "int64"),
        set_operation="union",
    ),
    case(
        "DenseToDenseSetOperation",
        "unknown",
        array([[1]], "int64"),
        array([[2]], "int64"),
        set_operation="sum",
    ),
    case("SetSize", "int64", *sparse([(0, 0), (0, 1), (1, 0)], [7, 7, 8], (2, 2))),
    case("SetSize", "strings", *sparse([(0, 0), (0, 2)], [b"a", b"b"], (2, 3), "string")),
    case("SetSize", "deep", *sparse([(0, 0, 0), (1, 1, 1)], [1, 2], (2, 2, 2), "int32")),
    case("SetSize", "nothing", *sparse([], [], (2, 2))),
    case("SetSize", "out of order", *sparse([(1, 0), (0, 1)], [7, 7], (2, 2))),
    case("SetSize", "out of bounds", *sparse([(0, 0), (2, 0)], [7, 7], (2, 2))),
    # EditDistance
    case("EditDistance", "int64", *HYPOTHESIS, *TRUTH),
    case("EditDistance", "whole", *HYPOTHESIS, *TRUTH, normalize=False),
    case("EditDistance", "nothing", *sparse([], [], (2, 3)), *TRUTH),
    case("EditDistance", "no truth", *HYPOTHESIS, *sparse([], [], (2, 3))),
    case(
        "EditDistance",
        "strings",
        *sparse([(0, 0), (0, 1)], [b"a", b"b"], (1, 2), "string"),
        *sparse([(0, 0)], [b"b"], (1, 1), "string"),
    ),
    case("EditDistance", "more groups", *HYPOTHESIS, *sparse([(2, 0)], [1], (3, 1))),
    case("EditDistance", "ranks", *HYPOTHESIS, *sparse([(0, 0, 0)], [1], (1, 1, 1))),
    # Handing on
    *(
        case(op, t, spread((2, 3), t))
        for op in ("DeepCopy", "GuaranteeConst")
        for t in ("float32", "float64", "int32", "int64", "uint8", "float16")
    ),
    case("CheckNumericsV2", "float32", spread((2, 3)), message="here"),
    case("CheckNumericsV2", "float64", spread((2,), "float64"), message="here"),
    case("CheckNumericsV2", "float16", spread((2,), "float16"), message="here"),
    case("CheckNumericsV2", "NaN", array([1.0, NAN]), message="here"),
    case("CheckNumericsV2", "infinite", array([1.0, -INF]), message="here"),
    case("CheckNumericsV2", "bfloat16", spread((4,), "bfloat16"), message="here"),
    case("CheckNumericsV2", "empty", array([]), message="here"),
    # BiasAddV1
    *[
        case("BiasAddV1", t, spread((2, 3), t), spread((3,), t, seed=1))
        for t in ("float32", "float64", "float16", "int32")
    ],
    case("BiasAddV1", "deep", spread((2, 2, 1, 3)), spread((3,))),
    case("BiasAddV1", "empty", spread((0, 3)), spread((3,))),
    case("BiasAddV1", "sizes", spread((2, 3)), spread((2,))),
    case("BiasAddV1", "rank", spread((3,)), spread((3,))),
    # ScatterNdNonAliasingAdd
    *[
        case(
            "ScatterNdNonAliasingAdd",
            t,
            ramp((4,), t),
            array([[3], [1]], "int32"),
            array([7, 5], t),
        )
        for t in ("float32", "float64", "int32", "int64")
    ],
    case("ScatterNdNonAliasingAdd", "rows", spread((3, 2)), array([[2]], "int64"), spread((1, 2))),
    case(
        "ScatterNdNonAliasingAdd",
        "twice",
        ramp((3,)),
        array([[0], [0]], "int32"),
        array([1.0, 2.0]),
    ),
    case("ScatterNdNonAliasingAdd", "beyond", ramp((3,)), array([[3]], "int32"), array([1.0])),
    # Empty
    *[
        case("Empty", t, array([2, 3], "int32"), dtype=t, init=True)
        for t in ("float32", "float64", "int32", "bool")
    ],
    case("Empty", "scalar", array([], "int32"), dtype="float32", init=True),
    case("Empty", "no elements", array([0, 3], "int32"), dtype="float32", init=True),
    case("Empty", "not initialised", array([2], "int32"), dtype="int32", undefined=(0,)),
    case("Empty", "negative", array([-2], "int32"), dtype="int32"),
    # Data formats
    case("DataFormatDimMap", "all", array([0, 1, 2, 3], "int32")),
    case("DataFormatDimMap", "negative", array([-1, -4], "int64")),
    case(
        "DataFormatDimMap", "back", array([[1], [3]], "int32"), src_format="NCHW", dst_format="NHWC"
    ),
    case("DataFormatDimMap", "scalar", array(3, "int32")),
    case("DataFormatDimMap", "five", ramp((5,), "int32"), src_format="NDHWC", dst_format="NCDHW"),
    case("DataFormatDimMap", "length", array([1], "int32"), src_format="NHC", dst_format="NCH"),
    case("DataFormatVecPermute", "all", array([7, 4, 9, 3], "int32")),
    case("DataFormatVecPermute", "int64", array([7, 4, 9, 3], "int64")),
    case("DataFormatVecPermute", "pairs", ramp((4, 2), "int32")),
    case("DataFormatVecPermute", "in space", array([7, 4], "int32")),
    case("DataFormatVecPermute", "back", ramp((4,), "int32"), src_format="NCHW", dst_format="NHWC"),
    case(
        "DataFormatVecPermute", "turned", ramp((2,), "int32"), src_format="NHWC", dst_format="NCWH"
    ),
    case("DataFormatVecPermute", "three", ramp((3,), "int32")),
    case("DataFormatVecPermute", "rank", ramp((4, 2, 1), "int32")),
    # ParallelConcat
    case("ParallelConcat", "float32", [spread((1, 2)), spread((1, 2), seed=1)], shape=[2, 2]),
    case("ParallelConcat", "int32", [ramp((1, 2), "int32")] * 3, shape=[3, 2]),
    case("ParallelConcat", "one", [spread((1, 2, 2))], shape=[1, 2, 2]),
    case("ParallelConcat", "vector", [spread((1,)), spread((1,))], shape=[2]),
    case("ParallelConcat", "rows", [spread((2, 2))], shape=[2, 2]),
    case("ParallelConcat", "shape", [spread((1, 2)), spread((1, 2))], shape=[2, 3]),
    # TensorStridedSliceUpdate
    update("rows", spread((3, 4)), [1, 0], [3, 4], [1, 2], spread((2, 2), seed=1)),
    update("int32", ramp((5,), "int32"), [1], [4], [1], array([7, 8, 9], "int32")),
    update("backwards", ramp((5,)), [3], [0], [-1], array([7, 8, 9])),
    update("one row", ramp((3, 2)), [1], [2], [1], array([7, 8]), shrink_axis_mask=1),
    update("masks", ramp((3, 2)), [0, 1], [0, 2], [1, 1], spread((3, 1)), begin_mask=1, end_mask=1),
    update("nothing", ramp((3,)), [2], [1], [1], array([])),
    update("double", ramp((3,), "float64"), [0], [2], [1], array([7, 8], "float64")),
    update("sizes", ramp((5,)), [1], [4], [1], array([7, 8])),
]
