"""Cases of sparse tensors that are added, cut, joined, sorted, reduced and filled."""

from __future__ import annotations

import numpy as np

from evergraph_conformance.cases import Case, array, case, spread


def sparse(places, shape, dtype="float32", seed=0):
    """Return indices, values and shape."""
    rank = len(shape)
    indices = array(np.array(places, np.int64).reshape(-1, rank), "int64")
    return indices, spread((len(places),), dtype, -9, 9, seed=seed), array(shape, "int64")


A = [(0, 1), (0, 3), (1, 0), (2, 2)]
B = [(0, 0), (0, 3), (2, 1), (2, 2)]
SHAPE = (3, 4)
DEEP = [(0, 0, 1), (0, 1, 0), (1, 1, 1), (1, 1, 2)]
DEEP_SHAPE = (2, 2, 3)
TYPES = ("float32", "float64", "int32", "int64")
OUTSIDE = [(0, 1), (3, 0)]
NOTHING = sparse([], SHAPE)


def i64(*values):
    return array(list(values), "int64")


def cwise(op):
    return [
        *(case(op, t, *sparse(A, SHAPE, t), spread(SHAPE, t, 1, 9, seed=3)) for t in TYPES),
        case(op, "a row", *sparse(A, SHAPE), spread((4,), seed=3)),
        case(op, "a column", *sparse(A, SHAPE), spread((3, 1), seed=3)),
        case(op, "scalar", *sparse(A, SHAPE), array(2.5)),
        case(op, "nothing", *NOTHING, spread(SHAPE, seed=3)),
        case(op, "shapes", *sparse(A, SHAPE), spread((3,))),
        case(op, "rank", *sparse(A, SHAPE), spread((2, 3, 4))),
        case(op, "outside", *sparse(OUTSIDE, SHAPE), spread(SHAPE)),
    ]


def reduction(op):
    return [
        *(case(op, t, *sparse(A, SHAPE, t), array([1], "int32")) for t in TYPES),
        case(op, "rows", *sparse(A, SHAPE), array([0], "int32")),
        case(op, "negative axis", *sparse(DEEP, DEEP_SHAPE), array([-1], "int32")),
        case(op, "two axes", *sparse(DEEP, DEEP_SHAPE), array([0, 2], "int32")),
        case(op, "all", *sparse(A, SHAPE), array([0, 1], "int32")),
        case(op, "no axes", *sparse(A, SHAPE), array([], "int32")),
        case(op, "kept", *sparse(DEEP, DEEP_SHAPE), array([1], "int32"), keep_dims=True),
        case(op, "nothing", *NOTHING, array([1], "int32")),
        case(op, "axis", *sparse(A, SHAPE), array([2], "int32")),
    ]


def extreme(op):
    return [
        *(case(op, t, *sparse(A, SHAPE, t), *sparse(B, SHAPE, t, seed=5)) for t in TYPES),
        case(op, "nothing", *NOTHING, *sparse(B, SHAPE)),
        case(op, "deep", *sparse(DEEP, DEEP_SHAPE), *sparse(DEEP[1:], DEEP_SHAPE, seed=4)),
        case(op, "shapes", *sparse(A, SHAPE), *sparse(B, (4, 4))),
    ]


def fill(label, parts, default):
    return case("SparseFillEmptyRows", label, *parts, array(default, parts[1].dtype.name))


CASES: list[Case] = [
    *(
        case("SparseTensorDenseAdd", t, *sparse(A, SHAPE, t), spread(SHAPE, t, seed=3))
        for t in TYPES
    ),
    case("SparseTensorDenseAdd", "deep", *sparse(DEEP, DEEP_SHAPE), spread(DEEP_SHAPE)),
    case("SparseTensorDenseAdd", "nothing", *NOTHING, spread(SHAPE)),
    case("SparseTensorDenseAdd", "outside", *sparse(OUTSIDE, SHAPE), spread(SHAPE)),
    case("SparseTensorDenseAdd", "shapes", *sparse(A, SHAPE), spread((4, 3))),
    *(c for op in ("Mul", "Div", "Add") for c in cwise(f"SparseDenseCwise{op}")),
    *(c for op in ("Sum", "Max") for c in reduction(f"SparseReduce{op}")),
    *(c for op in ("Sum", "Max") for c in reduction(f"SparseReduce{op}Sparse")),
    *(c for op in ("Maximum", "Minimum") for c in extreme(f"SparseSparse{op}")),
    # SparseSoftmax
    case("SparseSoftmax", "float32", *sparse(A, SHAPE)),
    case("SparseSoftmax", "float64", *sparse(A, SHAPE, "float64")),
    case("SparseSoftmax", "deep", *sparse(DEEP, DEEP_SHAPE)),
    case("SparseSoftmax", "one a row", *sparse([(0, 1), (1, 2)], SHAPE)),
    case("SparseSoftmax", "nothing", *NOTHING),
    case("SparseSoftmax", "a vector", *sparse([(1,)], (3,))),
    # SparseReorder
    *(case("SparseReorder", t, *sparse(A[::-1], SHAPE, t)) for t in TYPES),
    case("SparseReorder", "deep", *sparse(DEEP[::-1], DEEP_SHAPE)),
    case("SparseReorder", "nothing", *NOTHING),
    case("SparseReorder", "a vector", *sparse([(2,), (0,)], (3,))),
    # SparseReshape
    *(
        case("SparseReshape", label, sparse(A, SHAPE)[0], i64(*SHAPE), i64(*new))
        for label, new in (
            ("rows", (4, 3)),
            ("flat", (12,)),
            ("inferred", (2, -1)),
            ("deep", (2, 1, 6)),
            ("too large", (5, 5)),
            ("two inferred", (-1, -1)),
            ("uneven", (5, -1)),
        )
    ),
    case("SparseReshape", "nothing", NOTHING[0], i64(*SHAPE), i64(6, 2)),
    case("SparseReshape", "a matrix", sparse(A, SHAPE)[0], i64(*SHAPE), array([[12]], "int64")),
    # SparseMatMul
    case("SparseMatMul", "float32", spread((2, 3)), spread((3, 4)), a_is_sparse=True),
    case("SparseMatMul", "bfloat16", spread((2, 3), "bfloat16"), spread((3, 4), "bfloat16")),
    case("SparseMatMul", "mixed", spread((2, 3)), spread((3, 4), "bfloat16"), b_is_sparse=True),
    case(
        "SparseMatMul", "turned", spread((3, 2)), spread((4, 3)), transpose_a=True, transpose_b=True
    ),
    case("SparseMatMul", "empty", spread((0, 3)), spread((3, 4))),
    case("SparseMatMul", "sizes", spread((2, 3)), spread((4, 2))),
    case("SparseMatMul", "rank", spread((2, 3, 1)), spread((3, 2))),
    # SparseSplit
    *(
        case("SparseSplit", label, array(axis, "int64"), *parts, num_split=count)
        for label, axis, parts, count in (
            ("columns", 1, sparse(A, SHAPE), 2),
            ("uneven", 1, sparse(A, SHAPE), 3),
            ("rows", 0, sparse(A, SHAPE, "int32"), 3),
            ("negative", -1, sparse(DEEP, DEEP_SHAPE), 2),
            ("nothing", 0, NOTHING, 2),
            ("one", 0, sparse(A, SHAPE), 1),
            ("axis", 2, sparse(A, SHAPE), 2),
            ("too many", 0, sparse(A, SHAPE), 4),
        )
    ),
    # SparseSlice
    *(
        case("SparseSlice", label, *parts, i64(*start), i64(*size))
        for label, parts, start, size in (
            ("float32", sparse(A, SHAPE), (0, 1), (2, 3)),
            ("int64", sparse(A, SHAPE, "int64"), (1, 0), (2, 2)),
            ("beyond", sparse(A, SHAPE), (1, 1), (9, 9)),
            ("deep", sparse(DEEP, DEEP_SHAPE), (0, 1, 0), (2, 1, 2)),
            ("nothing left", sparse(A, SHAPE), (1, 1), (1, 1)),
            ("sizes", sparse(A, SHAPE), (0,), (1,)),
        )
    ),
    case(
        "SparseSliceGrad",
        "float32",
        spread((2,)),
        i64(*A).reshape(-1, 2),
        i64(0, 1),
        i64((0, 0), (0, 2)),
    ),
    case(
        "SparseSliceGrad",
        "none",
        spread((0,)),
        i64(*A).reshape(-1, 2),
        i64(0, 1),
        np.zeros((0, 2), np.int64),
    ),
    case("SparseSliceGrad", "all", spread((4,)), i64(*A), i64(0, 0), i64(*A)),
    case("SparseSliceGrad", "double", spread((1,), "float64"), i64(*A), i64(2, 2), i64([0, 0])),
    case("SparseSliceGrad", "sizes", spread((3,)), i64(*A), i64(0, 0), i64((0, 1))),
    case("SparseSliceGrad", "rank", spread((1, 1)), i64(*A), i64(0, 0), i64((0, 1))),
    # SparseConcat
    *(
        case(
            "SparseConcat",
            label,
            *([p[i] for p in parts] for i in range(3)),
            concat_dim=axis,
        )
        for label, axis, parts in (
            ("columns", 1, (sparse(A, SHAPE), sparse(B, SHAPE, seed=2))),
            ("rows", 0, (sparse(A, SHAPE), sparse(B, SHAPE, seed=2))),
            ("int32", -1, (sparse(A, SHAPE, "int32"), sparse([(0, 0)], (3, 1), "int32"))),
            ("three", 1, (sparse(A, SHAPE), NOTHING, sparse(B, SHAPE))),
            ("sizes", 0, (sparse(A, SHAPE), sparse(B, (3, 5)))),
            ("axis", 2, (sparse(A, SHAPE), sparse(B, SHAPE))),
        )
    ),
    # SparseAdd
    *(
        case("SparseAdd", t, *sparse(A, SHAPE, t), *sparse(B, SHAPE, t, seed=5), array(0, t))
        for t in TYPES
    ),
    case("SparseAdd", "threshold", *sparse(A, SHAPE), *sparse(B, SHAPE, seed=5), array(4.0)),
    case("SparseAdd", "nothing", *NOTHING, *NOTHING, array(0.0)),
    case(
        "SparseAdd",
        "cancelled",
        *sparse(A, SHAPE),
        sparse(A, SHAPE)[0],
        -sparse(A, SHAPE)[1],
        i64(*SHAPE),
        array(0.1),
    ),
    case("SparseAdd", "shapes", *sparse(A, SHAPE), *sparse(B, (4, 4)), array(0.0)),
    case("SparseAddGrad", "float32", spread((3,)), i64(*A), i64(*B), i64((0, 0), (0, 1), (0, 3))),
    case("SparseAddGrad", "double", spread((1,), "float64"), i64(*A), i64(*B), i64((2, 2))),
    case("SparseAddGrad", "none", spread((0,)), i64(*A), i64(*B), np.zeros((0, 2), np.int64)),
    case(
        "SparseAddGrad", "one", spread((1,)), i64((0, 1)), np.zeros((0, 2), np.int64), i64((0, 1))
    ),
    case("SparseAddGrad", "sizes", spread((2,)), i64(*A), i64(*B), i64([0, 0])),
    case("SparseAddGrad", "ranks", spread((1,)), i64(*A), i64((0, 0, 0)), i64([0, 0])),
    # SparseFillEmptyRows
    fill("float32", sparse([(0, 1), (2, 0)], (4, 2)), 7.5),
    fill("int64", sparse([(1, 1), (1, 0)], (3, 2), "int64"), -1),
    fill("full", sparse([(0, 1), (1, 0)], (2, 2)), 7.5),
    fill("nothing", sparse([], (2, 2)), 7.5),
    fill("no rows", sparse([], (0, 2)), 7.5),
    fill("a vector", sparse([(1,)], (3,)), 0.5),
    fill("outside", sparse([(3, 0)], (3, 2)), 0.5),
    case("SparseFillEmptyRows", "a vector as default", *sparse(A, SHAPE), array([1.0])),
    case("SparseFillEmptyRowsGrad", "float32", i64(0, 2), spread((4,))),
    case("SparseFillEmptyRowsGrad", "double", i64(1, 0), spread((2,), "float64")),
    case("SparseFillEmptyRowsGrad", "int32", i64(1), array([4, 5, 6], "int32")),
    case("SparseFillEmptyRowsGrad", "nothing", i64(), spread((2,))),
    case("SparseFillEmptyRowsGrad", "outside", i64(0, 4), spread((4,))),
    case("SparseFillEmptyRowsGrad", "rank", array([[0]], "int64"), spread((4,))),
]
