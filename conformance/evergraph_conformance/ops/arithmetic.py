"""Cases of two-array arithmetic."""

from evergraph_conformance.cases import array, case, ramp, spread

NAN, INF = float("nan"), float("inf")

CASES = [
    case("AddV2", "same shape", spread((2, 3)), spread((2, 3), seed=1)),
    case("AddV2", "broadcast both ways", spread((2, 1)), spread((1, 3))),
    case("AddV2", "int32 wraps around", array([2**31 - 1, 5], "int32"), array([1, 1], "int32")),
    case("AddV2", "shapes that do not fit", spread((3,)), spread((2,))),
    case("FloorDiv", "division by zero", array([1, 2], "int32"), array([1, 0], "int32")),
]
