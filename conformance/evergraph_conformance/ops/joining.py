"""Cases of joining and splitting."""

from evergraph_conformance.cases import array, case, ramp, spread

A, B = spread((2, 3)), spread((2, 3), seed=1)

CASES = [
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
