"""Cases of joining and splitting."""

from evergraph_conformance.cases import array, case, ramp, spread

A, B = spread((2, 3)), spread((2, 3), seed=1)


def ints(*values):
    return array(list(values), "int32")


def _stitch(op):
    return [
        case(op, "two vectors", [ints(0, 2), ints(1, 3)], [spread((2,)), spread((2,), seed=1)]),
        case(op, "rows", [ints(2, 0), ints(1)], [spread((2, 3)), spread((1, 3), seed=1)]),
        case(op, "a scalar index", [array(1, "int32"), ints(0)], [spread((2,)), spread((1, 2))]),
        case(op, "a matrix of indices", [array([[0, 3], [1, 2]], "int32")], [spread((2, 2))]),
        case(op, "the last one wins", [ints(0, 1), ints(1)], [ints(1, 2), ints(3)]),
        case(op, "nothing", [ints()], [spread((0, 2))]),
        case(op, "a negative index", [ints(0, -1)], [spread((2,))]),
        case(op, "shapes that do not fit", [ints(0), ints(1)], [spread((1, 2)), spread((1, 3))]),
    ]


CASES = [
    *_stitch("DynamicStitch"),
    *_stitch("ParallelDynamicStitch"),
    case("DynamicPartition", "two", spread((5,)), ints(0, 1, 1, 0, 1), num_partitions=2),
    case("DynamicPartition", "rows", spread((3, 2)), ints(2, 0, 2), num_partitions=3),
    case(
        "DynamicPartition",
        "a matrix",
        ramp((2, 2, 2), "int32"),
        array([[0, 1], [1, 0]], "int32"),
        num_partitions=2,
    ),
    case("DynamicPartition", "nothing", spread((0, 2)), ints(), num_partitions=2),
    case("DynamicPartition", "one for all", ramp((3,)), array(1, "int32"), num_partitions=2),
    case("DynamicPartition", "out of range", ramp((3,)), ints(0, 2, 1), num_partitions=2),
    case("DynamicPartition", "strings", ["a", "b"], ints(1, 0), num_partitions=2),
    case("ConcatOffset", "rows", array(0, "int32"), [ints(2, 3), ints(1, 3), ints(4, 3)]),
    case("ConcatOffset", "negative axis", array(-1, "int32"), [ints(2, 3), ints(2, 0)]),
    case("ConcatOffset", "three axes", array(1, "int32"), [ints(2, 1, 3), ints(2, 2, 3)]),
    case("ConcatOffset", "two of one", array(0, "int32"), [ints(2), ints(3)]),
    case("ConcatOffset", "other sizes", array(0, "int32"), [ints(2, 3), ints(2, 4)]),
    case("ConcatOffset", "an axis out of range", array(2, "int32"), [ints(2, 3), ints(2, 3)]),
    case("Pack", "first axis", [A, B]),
    case("Pack", "negative axis", [A, B], axis=-1),
    case("Pack", "scalars", [array(1, "int32"), array(2, "int32")]),
    case("Pack", "one", [A]),
    case("Pack", "shapes that differ", [A, spread((2, 2))]),
    case("Unpack", "first axis", A, num=2),
    case("Unpack", "last axis", A, num=3, axis=-1),
    case("Unpack", "none", spread((0, 2)), num=0),
    case("Unpack", "a wrong number", A, num=5),
    case("ConcatV2", "rows", [A, B], 0),
    case("ConcatV2", "columns", [A, spread((2, 1))], -1),
    case("ConcatV2", "with nothing", [A, spread((0, 3))], 0),
    case("ConcatV2", "int64 axis", [A, B], array(1, "int64")),
    case("ConcatV2", "sizes that differ", [A, spread((2, 2))], 0),
    case("Split", "columns", 1, ramp((2, 6)), num_split=3),
    case("Split", "negative axis", -1, ramp((2, 6)), num_split=2),
    case("Split", "into one", 0, A, num_split=1),
    case("Split", "unevenly", 1, A, num_split=2),
    case("SplitV", "columns", ramp((2, 6)), [1, 2, 3], 1, num_split=3),
    case("SplitV", "the rest", ramp((2, 6)), [1, -1], 1, num_split=2),
    case("SplitV", "int64", ramp((4,)), array([3, 1], "int64"), 0, num_split=2),
    case("SplitV", "a wrong sum", ramp((2, 6)), [1, 2], 1, num_split=2),
]

#: Further cases of gradients.
GRADIENTS = [
    case("Pack", "float64", [A.astype("float64"), B.astype("float64")], axis=1),
    case("Pack", "empty", [spread((0,)), spread((0,))]),
    case("ConcatV2", "three of float64", [spread((n, 2), "float64") for n in (1, 3, 2)], -2),
    case("Concat", "rows", 0, [A, B]),
    case("Concat", "columns", 1, [A, spread((2, 1)), B]),
    case("Split", "float64", 0, spread((4, 2), "float64"), num_split=2),
    case("Split", "empty", 1, spread((0, 4)), num_split=2),
    case("SplitV", "negative axis", spread((2, 6), "float64"), [1, 5], -1, num_split=2),
    case("SplitV", "empty", spread((3, 0)), [3, 0], 0, num_split=2),
    case(
        "DynamicStitch",
        "float64",
        [array([1, 0], "int32"), array(2, "int32")],
        [spread((2, 2), "float64"), spread((2,), "float64")],
    ),
    case("Unpack", "three axes", spread((2, 2, 3)), num=2, axis=1),
    case("Unpack", "rows of nothing", spread((2, 0)), num=2),
    case("Concat", "empty", 0, [spread((0, 2)), spread((0, 2))]),
]
