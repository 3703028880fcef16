"""Cases of ops that join arrays and take them apart."""

import numpy as np

from evergraph_conformance.cases import array, case, ramp, spread


def strings(*values):
    return np.array(values, dtype=object)


ZERO, ONE, MINUS = array(0, "int32"), array(1, "int32"), array(-1, "int32")

CASES = [
    # Pack
    case("Pack", "scalars", [array(1, "int32"), array(2, "int32"), array(3, "int32")]),
    case("Pack", "rows", [spread((3,)), spread((3,), seed=1)]),
    case("Pack", "axis 1", [ramp((2, 3), "int64"), ramp((2, 3), "int64", 6)], axis=1),
    case("Pack", "last axis", [spread((2, 2), "float64")] * 3, axis=-1),
    case("Pack", "first, negative", [spread((2, 2), "bfloat16")] * 2, axis=-3),
    case("Pack", "one", [array([True, False], "bool")]),
    case("Pack", "string scalars", [np.array("a", object), np.array("bc", object)]),
    case("Pack", "strings", [strings("a", "b"), strings("c", "")], axis=1),
    case("Pack", "empty", [spread((0, 2)), spread((0, 2))]),
    case("Pack", "complex", [array(1j, "complex64"), array(2, "complex64")]),
    case("Pack", "shapes differ", [spread((2,)), spread((3,))]),
    case("Pack", "ranks differ", [spread((2,)), spread((2, 1))]),
    case("Pack", "axis out of range", [spread((2,)), spread((2,))], axis=2),
    # Unpack
    case("Unpack", "rows", spread((2, 3)), num=2),
    case("Unpack", "axis 1", ramp((2, 3), "int32"), num=3, axis=1),
    case("Unpack", "last axis", ramp((2, 1, 2), "int64"), num=2, axis=-1),
    case("Unpack", "scalars", array([True, False], "bool"), num=2),
    case("Unpack", "strings", strings("a", "b"), num=2),
    case("Unpack", "half", spread((1, 2), "float16"), num=1),
    case("Unpack", "none", spread((0, 2)), num=0),
    case("Unpack", "empty", spread((2, 0)), num=2),
    case("Unpack", "wrong number", spread((2, 3)), num=3),
    case("Unpack", "axis out of range", spread((2, 3)), num=2, axis=2),
    case("Unpack", "a scalar", array(1.0), num=1),
    # ConcatV2
    case("ConcatV2", "rows", [spread((1, 3)), spread((2, 3))], ZERO),
    case("ConcatV2", "columns", [ramp((2, 1), "int32"), ramp((2, 2), "int32")], ONE),
    case("ConcatV2", "negative axis", [ramp((2, 1)), ramp((2, 2)), ramp((2, 0))], MINUS),
    case("ConcatV2", "int64 axis", [ramp((1,), "int64")] * 2, array(0, "int64")),
    case("ConcatV2", "bool", [array([True], "bool"), array([False], "bool")], ZERO),
    case("ConcatV2", "strings", [strings("a"), strings("b", "")], ZERO),
    case("ConcatV2", "bfloat16", [spread((2, 1), "bfloat16")] * 3, ONE),
    case("ConcatV2", "complex", [array([1j], "complex64"), array([2, 3], "complex64")], ZERO),
    case("ConcatV2", "empty among them", [spread((0, 2)), spread((3, 2))], ZERO),
    case("ConcatV2", "all empty", [spread((0,)), spread((0,))], ZERO),
    case("ConcatV2", "other sizes differ", [spread((1, 3)), spread((2, 2))], ZERO),
    case("ConcatV2", "ranks differ", [spread((2, 2)), spread((2,))], ZERO),
    case("ConcatV2", "axis out of range", [spread((2,)), spread((2,))], ONE),
    case("ConcatV2", "scalars", [array(1.0), array(2.0)], ZERO),
    case("ConcatV2", "axis a vector", [spread((2,)), spread((2,))], array([0, 0], "int32")),
    # Concat
    case("Concat", "rows", ZERO, [spread((1, 3)), spread((2, 3))]),
    case("Concat", "last axis", MINUS, [ramp((2, 1), "int64"), ramp((2, 2), "int64")]),
    case("Concat", "strings", ZERO, [strings("a"), strings("b", "")]),
    case("Concat", "half", ONE, [spread((2, 1), "float16"), spread((2, 1), "float16")]),
    case("Concat", "other sizes differ", ONE, [spread((1, 3)), spread((2, 3))]),
    # ConcatOffset
    case("ConcatOffset", "axis 1", ONE, [array(s, "int32") for s in ([2, 2], [2, 3], [2, 5])]),
    case("ConcatOffset", "negative axis", MINUS, [array(s, "int32") for s in ([2, 2], [2, 3])]),
    case("ConcatOffset", "int64", ZERO, [array(s, "int64") for s in ([4], [0], [1])]),
    case("ConcatOffset", "other sizes differ", ZERO, [array(s, "int32") for s in ([2, 2], [2, 3])]),
    case("ConcatOffset", "lengths differ", ZERO, [array(s, "int32") for s in ([2, 2], [2])]),
    case("ConcatOffset", "axis out of range", ONE, [array(s, "int32") for s in ([2], [3])]),
    # Split
    case("Split", "rows", ZERO, spread((4, 2)), num_split=2),
    case("Split", "columns", ONE, ramp((2, 3), "int32"), num_split=3),
    case("Split", "negative axis", MINUS, ramp((2, 4), "int64"), num_split=2),
    case("Split", "one", ZERO, spread((3,), "float16"), num_split=1),
    case("Split", "strings", ZERO, strings("a", "b"), num_split=2),
    case("Split", "empty", ZERO, spread((0, 2)), num_split=2),
    case("Split", "bool", ZERO, array([True, False], "bool"), num_split=2),
    case("Split", "not divisible", ZERO, spread((3, 2)), num_split=2),
    case("Split", "axis out of range", array(2, "int32"), spread((2, 2)), num_split=2),
    case("Split", "a scalar", ZERO, array(1.0), num_split=1),
    # SplitV
    case("SplitV", "rows", ramp((5, 2)), array([2, 3], "int32"), ZERO, num_split=2),
    case("SplitV", "one free", ramp((2, 5), "int32"), array([1, -1, 2], "int64"), ONE, num_split=3),
    case("SplitV", "free and empty", ramp((3,)), array([3, -1], "int32"), ZERO, num_split=2),
    case("SplitV", "one", ramp((3,), "float64"), array([3], "int32"), MINUS, num_split=1),
    case("SplitV", "strings", strings("a", "b", "c"), array([1, 2], "int32"), ZERO, num_split=2),
    case("SplitV", "int8 sizes", ramp((3,), "int64"), array([1, 2], "int8"), ZERO, num_split=2),
    case("SplitV", "zero among them", ramp((3, 1)), array([0, 3], "int32"), ZERO, num_split=2),
    case("SplitV", "too few", ramp((5,)), array([2, 2], "int32"), ZERO, num_split=2),
    case(
        "SplitV",
        "too many beside a free one",
        ramp((5,)),
        array([6, -1], "int32"),
        ZERO,
        num_split=2,
    ),
    case("SplitV", "two free", ramp((5,)), array([-1, -1], "int32"), ZERO, num_split=2),
    case("SplitV", "negative", ramp((5,)), array([-2, 7], "int32"), ZERO, num_split=2),
    case("SplitV", "axis out of range", ramp((5,)), array([2, 3], "int32"), ONE, num_split=2),
    case("SplitV", "wrong number of sizes", ramp((5,)), array([5], "int32"), ZERO, num_split=2),
]
