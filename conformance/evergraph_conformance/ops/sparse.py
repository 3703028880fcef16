"""Cases of sparse tensors."""

import numpy as np

from evergraph_conformance.cases import array, case, spread

PLACES = array([[0, 1], [0, 2], [2, 0]], "int64")
SIZES = array([3, 4], "int64")


def times(label, values, b, places=PLACES, sizes=SIZES, **attributes):
    return case("SparseTensorDenseMatMul", label, places, values, sizes, b, **attributes)


def each(label, dense, values=None, places=PLACES, sizes=SIZES):
    """Cases of elements times, and over, those of a dense tensor that is broadcast."""
    values = spread((len(places),)) if values is None else values
    types = ("SparseDenseCwiseMul", "SparseDenseCwiseDiv")
    return [case(type, label, places, values, sizes, dense) for type in types]


ALL = np.arange(1, 13).reshape(3, 4)

CASES = [
    *(c for t in ("float32", "float64") for c in each(t, array(ALL, t), spread((3,), t))),
    *each("int32", array(ALL, "int32"), array([7, -7, 100], "int32")),
    *each("a scalar", array(2.0)),
    *each("a row", array(ALL[0], "float32")),
    *each("a column", array(ALL[:, :1], "float32")),
    *each("zero", array(0.0)),
    *each("nothing", array(2.0), places=array(np.zeros((0, 2)), "int64")),
    *each("a place twice", array(ALL, "float32"), places=array([[1, 1], [1, 1]], "int64")),
    *each("sizes do not fit", spread((3,))),
    *each("a rank too many", spread((1, 3, 4))),
    *each("out of range", array(ALL, "float32"), places=array([[0, 4]], "int64")),
    *each("a negative place", array(2.0), places=array([[0, -1]], "int64")),
    *each("too few values", array(2.0), spread((2,))),
    *each("places of another rank", array(2.0), spread((3,)), PLACES[:, 0]),
    *each("sizes of another rank", array(2.0), sizes=array([3], "int64")),
    *(times(t, spread((3,), t), spread((4, 2), t)) for t in ("float32", "float64", "int32")),
    times("complex64", array([1 + 2j, 3j, 4], "complex64"), array(spread((4, 2)), "complex64")),
    times("adjoint a", spread((3,)), spread((3, 2)), adjoint_a=True),
    times("adjoint b", spread((3,)), spread((2, 4)), adjoint_b=True),
    times("adjoint both", spread((3,)), spread((2, 3)), adjoint_a=True, adjoint_b=True),
    times("int32 indices", spread((3,)), spread((4, 2)), places=PLACES.astype(np.int32)),
    times("a place twice", spread((2,)), spread((4, 2)), places=array([[1, 1], [1, 1]], "int64")),
    times("nothing", spread((0,)), spread((4, 2)), places=array(np.zeros((0, 2)), "int64")),
    times("columns do not fit", spread((3,)), spread((3, 2))),
    times("out of range", spread((1,)), spread((4, 2)), places=array([[0, 4]], "int64")),
    times("a row out of range", spread((1,)), spread((4, 2)), places=array([[3, 0]], "int64")),
    case("SparseToDense", "a matrix", PLACES, SIZES, spread((3,)), 0.5),
    case("SparseToDense", "int32", PLACES.astype(np.int32), [3, 4], [1, 2, 3], 0),
    case("SparseToDense", "one value", PLACES, SIZES, array(2.0), 0.0),
    case(
        "SparseToDense", "a vector", array([0, 3], "int64"), array([5], "int64"), spread((2,)), 1.0
    ),
    case(
        "SparseToDense",
        "a scalar index",
        array(2, "int64"),
        array([5], "int64"),
        array(2, "int32"),
        1,
    ),
    case("SparseToDense", "strings", [1], [3], ["a"], ""),
    case("SparseToDense", "out of range", [3], [3], [1.0], 0.0),
    case("SparseToDense", "out of order", [2, 1], [3], [1.0, 2.0], 0.0),
    case("SparseToDense", "repeated", [1, 1], [3], [1.0, 2.0], 0.0),
    case("SparseToDense", "repeated, unchecked", [1, 1], [3], [1, 2], 0, validate_indices=False),
    case("SparseToDense", "too many values", [1], [3], [1.0, 2.0], 0.0),
    case("SparseToDense", "a rank too many", [1], [3, 3], [1.0], 0.0),
    case("SparseReorder", "float32", PLACES[::-1].copy(), spread((3,)), SIZES),
    case("SparseReorder", "float64", PLACES[[1, 0, 2]].copy(), spread((3,), "float64"), SIZES),
    case("SparseReorder", "strings", PLACES[::-1].copy(), array(["a", "b", "c"], "O"), SIZES),
    case("SparseReorder", "in order", PLACES, array([1, 2, 3], "int64"), SIZES),
    case(
        "SparseReorder",
        "a place twice",
        array([[1], [0], [1]], "int64"),
        [1, 2, 3],
        array([2], "int64"),
    ),
    case("SparseReorder", "nothing", array(np.zeros((0, 2)), "int64"), spread((0,)), SIZES),
    case("SparseReorder", "out of range", array([[9, 9]], "int64"), spread((1,)), SIZES),
    case("SparseReorder", "another rank", PLACES, spread((3,)), array([3], "int64")),
    case("SparseReorder", "too many values", PLACES, spread((4,)), SIZES),
]
