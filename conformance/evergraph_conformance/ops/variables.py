"""Cases of variables; the first input is the initial value of one."""

import numpy as np

from evergraph_conformance.cases import MODES, array, case, ramp, spread

TABLE = spread((4, 3))


def ints(*values):
    return np.array(values, np.int32)


def _assign(op, **attributes):
    return [
        case(op, "float32", spread((2, 3)), spread((2, 3), seed=1), **attributes),
        case(op, "float64", spread((2,), "float64"), spread((2,), "float64", seed=1), **attributes),
        case(op, "int32", ints(1, 2), ints(3, -4), **attributes),
        case(op, "int64 scalar", array(3, "int64"), array(4, "int64"), **attributes),
        case(op, "half", spread((2,), "float16"), spread((2,), "float16", seed=1), **attributes),
        case(op, "empty", spread((0, 2)), spread((0, 2)), **attributes),
        case(op, "another shape", spread((2,)), spread((3,)), **attributes),
        case(op, "another rank", spread((2,)), spread((2, 1)), **attributes),
    ]


def _scatter(op):
    x, two = spread((4, 3)), spread((2, 3), seed=2, low=0.5)
    return [
        case(op, "rows", x, ints(2, 0), two),
        case(op, "a row twice", x, ints(1, 1), two),
        case(op, "one update for all", x, ints(3, 1), array(2.0)),
        case(op, "a matrix of indices", x, array([[0, 1], [3, 2]], "int32"), spread((2, 2, 3))),
        case(op, "a scalar index", x, array(2, "int32"), spread((3,), seed=3)),
        case(op, "int64 indices", x, array([1], "int64"), spread((1, 3), seed=4)),
        case(op, "no index", x, np.zeros((0,), np.int32), spread((0, 3))),
        case(op, "integers", ramp((4,), "int32", 3), ints(0, 3), ints(2, 5)),
        case(op, "index out of range", x, ints(0, 4), two),
        case(op, "negative index", x, ints(-1, 0), two),
        # TF: through a handle, updates of an unknown shape are read beyond their end.
        case(
            op,
            "updates of another shape",
            x,
            ints(0, 1),
            spread((2, 2)),
            modes=("ranked", "constant") if op.startswith("Resource") else MODES,
        ),
    ]


def _scatter_nd(op):
    x = spread((4, 3))
    return [
        case(op, "elements", x, array([[2, 1], [0, 0]], "int32"), spread((2,), seed=1)),
        case(op, "rows", x, array([[2], [0]], "int32"), spread((2, 3), seed=1)),
        case(op, "int64 indices", x, array([[1, 1]], "int64"), spread((1,), seed=1)),
        case(op, "integers", ramp((4,), "int32"), array([[3], [1]], "int32"), ints(2, 5)),
        case(op, "no index", x, np.zeros((0, 1), np.int32), spread((0, 3))),
        case(op, "out of range", x, array([[4, 0]], "int32"), spread((1,), seed=1)),
    ]


def _assign_slice(op):
    def at(label, value, begin, end, strides, **masks):
        key = (ints(*begin), ints(*end), ints(*strides))
        return case(op, label, TABLE, *key, value, **masks)

    return [
        at("rows", spread((2, 3), seed=1), (1,), (3,), (1,)),
        at(
            "elements of a column", spread((2,), seed=1), (1, 0), (3, 1), (1, 1), shrink_axis_mask=2
        ),
        at("one element", array(7.0), (1, 2), (2, 3), (1, 1), shrink_axis_mask=3),
        at("a scalar for all", array(7.0), (0,), (0,), (1,), begin_mask=1, end_mask=1),
        at("one row for all", spread((3,), seed=1), (1,), (4,), (2,)),
        at("backwards", spread((2, 3), seed=1), (0,), (0,), (-2,), begin_mask=1, end_mask=1),
        at(
            "an ellipsis and a new axis",
            spread((4, 1), seed=1),
            (0, 0, 1),
            (0, 0, 2),
            (1, 1, 1),
            ellipsis_mask=1,
            new_axis_mask=2,
            shrink_axis_mask=4,
        ),
        at("nothing", spread((0, 3)), (3,), (1,), (1,)),
        at("another shape", spread((3, 3)), (1,), (3,), (1,)),
        at("no stride", spread((2, 3)), (1,), (3,), (0,)),
    ]


SCATTER = ("Update", "Add", "Sub", "Mul", "Div", "Min", "Max")
SCATTER_ND = ("Update", "Add", "Sub", "Min", "Max")

CASES = [
    *[c for op in ("Assign", "AssignAdd", "AssignSub") for c in _assign(op)],
    *[c for op in ("Assign", "AssignAdd", "AssignSub") for c in _assign(f"{op}VariableOp")],
    case("Assign", "strings", np.array(["a"], object), np.array(["b"], object)),
    case("Assign", "any shape", spread((2,)), spread((3,)), validate_shape=False),
    *[c for how in SCATTER for c in _scatter(f"Scatter{how}")],
    *[c for how in SCATTER for c in _scatter(f"ResourceScatter{how}")],
    *[c for how in SCATTER_ND for c in _scatter_nd(f"ScatterNd{how}")],
    *[c for how in SCATTER_ND for c in _scatter_nd(f"ResourceScatterNd{how}")],
    *_assign_slice("StridedSliceAssign"),
    *_assign_slice("ResourceStridedSliceAssign"),
    case("CountUpTo", "below", array(1, "int32"), limit=3),
    case("CountUpTo", "int64", array(1, "int64"), limit=3),
    case("CountUpTo", "reached", array(3, "int32"), limit=3),
    case("CountUpTo", "negative", array(-3, "int32"), limit=-2),
    case("ResourceCountUpTo", "below", array(1, "int32"), limit=3, T="int32"),
    case("ResourceCountUpTo", "int64", array(1, "int64"), limit=3, T="int64"),
    case("ResourceCountUpTo", "reached", array(3, "int32"), limit=3, T="int32"),
    case("ResourceCountUpTo", "negative", array(-3, "int32"), limit=-2, T="int32"),
    case("ResourceGather", "rows", TABLE, ints(2, 0), dtype="float32"),
    case("ResourceGather", "a matrix", TABLE, array([[0, 1], [3, 3]], "int64"), dtype="float32"),
    case("ResourceGather", "a scalar", TABLE, array(1, "int32"), dtype="float32"),
    case("ResourceGather", "none", TABLE, np.zeros((0,), np.int32), dtype="float32"),
    case("ResourceGather", "out of range", TABLE, ints(4), dtype="float32"),
    case(
        "ResourceGather",
        "batches",
        TABLE,
        array([[0], [1], [2], [0]], "int32"),
        dtype="float32",
        batch_dims=1,
    ),
    *[
        case("ResourceGather", label, TABLE, ints(1), dtype="float32", batch_dims=count)
        for label, count in (("negative batches", -1), ("batches without end", 2**40))
    ],
    case("ResourceGatherNd", "elements", TABLE, array([[2, 1], [0, 0]], "int32"), dtype="float32"),
    case("ResourceGatherNd", "rows", TABLE, array([[2]], "int32"), dtype="float32"),
    case("ResourceGatherNd", "out of range", TABLE, array([[4]], "int32"), dtype="float32"),
    case("ResourceGatherNd", "none", TABLE, np.zeros((0, 2), np.int32), dtype="float32"),
    case("VariableShape", "int32", TABLE),
    case("VariableShape", "int64", spread((2, 0)), out_type="int64"),
    case("VariableShape", "scalar", array(1.0)),
    case("VariableShape", "vector", spread((5,))),
]

CUBE = spread((2, 3, 2), "float64")
#: Further cases of gradients.
GRADIENTS = [
    case("ReadVariableOp", "float32", TABLE, dtype="float32"),
    case("ReadVariableOp", "float64", CUBE, dtype="float64"),
    case("ReadVariableOp", "empty", spread((0, 2)), dtype="float32"),
    case("ResourceGather", "a row twice", CUBE, ints(1, 1, 0), dtype="float64"),
    case("ResourceGatherNd", "a row", TABLE, array([[1], [1]], "int64"), dtype="float32"),
    case(
        "ResourceGatherNd", "matrix of rows", CUBE, array([[[1]], [[0]]], "int32"), dtype="float64"
    ),
]
