"""Cases of parts of arrays."""

from typing import Any

from evergraph_conformance.cases import UNRANKED, Case, array, case, ramp, spread


def _strided(label: str, x: Any, begin: Any, end: Any, strides: Any, **more: Any) -> Case:
    return case("StridedSlice", label, x, begin, end, strides, **more)


X = ramp((3, 4))
D = spread((2, 2), seed=5)
INT64 = [array(v, "int64") for v in ([3], [0], [2], [1])]


def _strided_grad(
    label: str, shape: Any, begin: Any, end: Any, strides: Any, dy: Any, **more: Any
) -> Case:
    return case("StridedSliceGrad", label, shape, begin, end, strides, dy, **more)


CASES = [
    _strided_grad("inside", [3, 4], [1, 1], [3, 3], [1, 1], D),
    _strided_grad("steps", [3, 4], [0, 0], [3, 4], [2, 3], D),
    _strided_grad("backwards", [3, 4], [2, 3], [0, 0], [-1, -2], D),
    _strided_grad("masks", [3, 4], [1, 1], [2, 2], [1, 1], D, begin_mask=1, end_mask=3),
    _strided_grad("an index", [3, 2], [1, 0], [2, 2], [1, 1], D[0], shrink_axis_mask=1),
    _strided_grad("a new axis", [2, 2], [0, 0], [0, 2], [1, 1], D[None], new_axis_mask=1),
    _strided_grad("an ellipsis", [2, 2, 3], [0, 1], [0, 2], [1, 1], D[..., None], ellipsis_mask=1),
    case("StridedSliceGrad", "int64", *INT64, ramp((2,), "int32")),
    _strided_grad("nothing", [3, 4], [2], [1], [1], spread((0, 4))),
    _strided_grad("a scalar", [3], [1], [2], [1], array(2.0), shrink_axis_mask=1),
    _strided_grad("another shape", [3, 4], [0, 0], [3, 4], [1, 1], D),
    case("Slice", "inside", X, [1, 0], [2, 3]),
    case("Slice", "to the end", X, [0, 1], [-1, -1]),
    case("Slice", "int64", X, array([0, 1], "int64"), array([1, 2], "int64")),
    case("Slice", "nothing", X, [0, 0], [0, 4]),
    case("Slice", "strings", ["a", "b", "c"], [1], [2]),
    case("Slice", "beyond the end", X, [2, 0], [2, 4]),
    _strided("steps", X, [0, 0], [3, 4], [2, 3]),
    _strided("backwards", X, [2, 3], [0, 0], [-1, -2]),
    _strided("masks", X, [1, 1], [2, 2], [1, 1], begin_mask=1, end_mask=2),
    _strided("an index", X, [1, 0], [2, 4], [1, 1], shrink_axis_mask=1),
    _strided("a negative index", X, [-1, 0], [0, 4], [1, 1], shrink_axis_mask=1, end_mask=1),
    _strided("a new axis", X, [0, 0], [0, 0], [1, 1], new_axis_mask=1, begin_mask=2, end_mask=2),
    _strided("an ellipsis", ramp((2, 3, 4)), [0, 1], [0, 2], [1, 1], ellipsis_mask=1),
    _strided("fewer indices than axes", X, [1], [3], [1]),
    _strided("beyond the end", X, [1], [9], [1]),
    _strided("nothing", X, [2], [1], [1]),
    _strided("an index out of range", X, [5], [6], [1], shrink_axis_mask=1),
    _strided("a step of zero", X, [0], [1], [0]),
    _strided("no begin", X, array([], "int32"), [2, 4], [1, 1], modes=UNRANKED),
    _strided("more begins than ends", X, [1, 1], [2], [1, 1], modes=UNRANKED),
    _strided("matrices", X, [[1]], [[2]], [[1]], modes=UNRANKED),
    _strided("two ellipses", X, [1, 1], [2, 2], [1, 1], ellipsis_mask=3),
    case("GatherV2", "rows", X, [2, 0], 0),
    case("GatherV2", "columns", X, [[3, 0], [1, 1]], 1),
    case("GatherV2", "negative axis", X, [1], -1),
    case("GatherV2", "a scalar index", X, 1, 0),
    case("GatherV2", "no index", X, array([], "int32"), 0),
    case("GatherV2", "batches", X, [[0, 1], [2, 3], [1, 1]], 1, batch_dims=1),
    case(
        "GatherV2",
        "batches from the end",
        X,
        [[0, 1], [2, 3], [1, 1]],
        1,
        batch_dims=-1,
        modes=UNRANKED,
    ),
    case("GatherV2", "more batches than axes of indices", X, [1, 2], 0, batch_dims=2),
    case("GatherV2", "more batches than axes, from the end", X, [1, 2], 0, batch_dims=-2),
    case("GatherV2", "batches beyond the axis", X, [1, 2, 0], 0, batch_dims=1),
    case("GatherV2", "strings", ["a", "b"], [1, 0, 1], 0),
    case("GatherV2", "out of range", X, [0, 5], 0),
    case("GatherV2", "a negative index", X, [-1], 0),
    case("Gather", "rows", X, [2, 0]),
    case("Gather", "int64 indices", X, array([1], "int64")),
    case("Gather", "a scalar index", X, 1),
    case("Gather", "out of range", X, [3]),
    case("GatherNd", "elements", X, [[0, 1], [2, 3]]),
    case("GatherNd", "rows", X, [[1], [0]]),
    case("GatherNd", "whole", X, array([[]], "int32")),
    case("GatherNd", "out of range", X, [[0, 9]]),
    case("ScatterNd", "rows", [[1], [0]], spread((2, 3)), [3, 3]),
    case("ScatterNd", "adds what falls together", [[1], [1]], [2.0, 3.0], [4]),
    case("ScatterNd", "int64", array([[0]], "int64"), array([7], "int64"), array([2], "int64")),
    case("ScatterNd", "out of range", [[5]], [2.0], [2]),
]

Y = spread((3, 4), "float64")
CUBE = spread((2, 3, 4))
#: Further cases of gradients.
GRADIENTS = [
    case("Slice", "float64", Y, [1, 1], [1, 2]),
    case("Slice", "of three axes", CUBE, [1, 0, 2], [1, -1, 2]),
    _strided("steps in float64", Y, [0, 1], [3, 4], [2, 2]),
    _strided("backwards by a mask", CUBE, [0, 0], [0, 0], [-1, -2], begin_mask=3, end_mask=3),
    _strided(
        "everything",
        CUBE,
        [1, 0, 0, 1],
        [2, 0, 0, 4],
        [1, 1, 1, 2],
        shrink_axis_mask=1,
        new_axis_mask=2,
        ellipsis_mask=4,
    ),
    case("GatherV2", "float64", Y, [1, 1, 0], 0),
    case("GatherV2", "a middle axis", CUBE, [[2, 0], [1, 2]], 1),
    case("GatherV2", "the last axis by a negative number", CUBE, [3, 3], -1),
    case("GatherV2", "a scalar index of columns", Y, 1, 1),
    case("GatherV2", "no index of columns", Y, array([], "int32"), 1),
    case("GatherV2", "batches along the last axis", CUBE, [[0, 1], [3, 3]], 2, batch_dims=1),
    case(
        "GatherV2",
        "two batches",
        CUBE,
        array([[[0], [1], [2]], [[3], [3], [0]]], "int32"),
        2,
        batch_dims=2,
    ),
    case("GatherV2", "int64 batches", Y, array([[0], [2], [1]], "int64"), 1, batch_dims=1),
    case("GatherV2", "of nothing", spread((0, 3)), [1, 2], 1),
    case("Gather", "a matrix of indices", Y, [[0, 1], [1, 1]]),
    case("GatherNd", "float64", Y, [[0, 1], [0, 1]]),
    case("GatherNd", "a matrix of rows", X, [[[1]], [[0]]]),
    case("GatherNd", "int64", X, array([[2], [2]], "int64")),
    case("GatherNd", "no index", X, array([], "int32").reshape(0, 2)),
    case("ScatterNd", "float64", [[1, 0], [0, 1]], spread((2,), "float64"), [2, 2]),
    case("ScatterNd", "nothing", array([], "int32").reshape(0, 1), array([]), [3]),
    case("Slice", "of no rows", spread((0, 4)), [0, 1], [0, 2]),
    _strided("of no rows", spread((0, 4)), [0, 0], [0, 4], [1, 2]),
    case("Gather", "of no columns", spread((3, 0)), [2, 0, 2]),
    case("GatherNd", "no rows", spread((0, 3)), spread((0, 1), "int32")),
]
