"""Cases of ops that pass their input on, or only check it."""

import numpy as np

from evergraph_conformance.cases import array, case, ramp, spread

NAN, INF = float("nan"), float("inf")
WORDS = [["a", "bc"], ["", "d\u00e9"]]

CASES = [
    # Identity
    case("Identity", "float32 matrix", spread((2, 3))),
    case("Identity", "int64 scalar", array(7, "int64")),
    case("Identity", "bool", array([True, False], "bool")),
    case("Identity", "bfloat16", spread((3,), "bfloat16")),
    case("Identity", "complex64", array([1 + 2j, -1j], "complex64")),
    case("Identity", "strings", WORDS),
    case("Identity", "a string scalar", "word"),
    case("Identity", "empty", spread((0, 2))),
    # IdentityN
    case("IdentityN", "one", [spread((2,))]),
    case("IdentityN", "several types", [spread((2,)), array([[1]], "int64"), array(True, "bool")]),
    case("IdentityN", "strings among them", [np.array(["a", "b"], object), spread((1, 2))]),
    case("IdentityN", "scalar and empty", [array(3, "int32"), spread((0,), "float16")]),
    # StopGradient
    case("StopGradient", "float32", spread((2, 2))),
    case("StopGradient", "uint8 scalar", array(200, "uint8")),
    case("StopGradient", "half with NaN", array([NAN, INF, 1], "float16")),
    case("StopGradient", "strings", WORDS),
    # PreventGradient
    case("PreventGradient", "float32", spread((2, 2)), message="not differentiable"),
    case("PreventGradient", "no message", spread((3,), "float64")),
    case("PreventGradient", "int32 scalar", array(2, "int32")),
    case("PreventGradient", "empty", spread((2, 0))),
    # Snapshot
    case("Snapshot", "float32", spread((2, 2))),
    case("Snapshot", "int32 scalar", array(-4, "int32")),
    case("Snapshot", "float16", spread((2, 3), "float16")),
    case("Snapshot", "empty", spread((0,), "float64")),
    # PlaceholderWithDefault
    case("PlaceholderWithDefault", "its default", spread((2, 3)), shape=[2, 3]),
    case("PlaceholderWithDefault", "partly known shape", spread((2, 3)), shape=[None, 3]),
    case("PlaceholderWithDefault", "unknown rank", array([1, 2], "int32"), shape=None),
    case("PlaceholderWithDefault", "a scalar", array(2.5, "float64"), shape=[]),
    case("PlaceholderWithDefault", "a shape that does not fit", spread((2, 3)), shape=[3, 3]),
    case("PlaceholderWithDefault", "a rank that does not fit", spread((2, 3)), shape=[2]),
    case("PlaceholderWithDefault", "strings", WORDS, shape=[None, None]),
    # NoOp
    case("NoOp", "nothing"),
    # CheckNumerics
    case("CheckNumerics", "finite", spread((2, 2)), message="x"),
    case("CheckNumerics", "bfloat16", spread((2, 2), "bfloat16"), message="x"),
    case("CheckNumerics", "NaN", array([1, NAN], "float32"), message="the loss"),
    case("CheckNumerics", "infinity", array([[INF], [0]], "float64"), message="the loss"),
    case("CheckNumerics", "minus infinity", array(-INF, "float32"), message="the loss"),
    case("CheckNumerics", "NaN and infinity", array([NAN, INF], "float16"), message="both"),
    case("CheckNumerics", "both in bfloat16", array([NAN, -INF], "bfloat16"), message="both"),
    case("CheckNumerics", "the largest half", array([65504, -65504], "float16"), message="x"),
    case("CheckNumerics", "empty", spread((0, 2)), message="x"),
    # Assert
    case("Assert", "true", array(True, "bool"), [array("msg", "object")]),
    case("Assert", "false", array(False, "bool"), [np.array("msg", object), array(0, "int32")]),
    case("Assert", "numbers", array(False, "bool"), [spread((2, 3)), array([1.5, -0.0, 1e-8])]),
    case("Assert", "floating", array(False, "bool"), [array([0.1, 1e10, NAN]), array([-INF, 1e5])]),
    case("Assert", "doubles", array(False, "bool"), [array([0.1, 1e300, 1 / 3], "float64")]),
    case("Assert", "halves", array(False, "bool"), [array([0.1, 1000.5], "float16")]),
    case("Assert", "bfloat16", array(False, "bool"), [array([0.1, 1000.5], "bfloat16")]),
    case("Assert", "integers", array(False, "bool"), [array([-1, 2], "int8"), array(200, "uint8")]),
    case("Assert", "booleans", array(False, "bool"), [array([True, False], "bool")]),
    case("Assert", "complex", array(False, "bool"), [array([1 + 2j, 0.5], "complex64")]),
    case("Assert", "strings", array(False, "bool"), [np.array(["a", "b c", "d", "e"], object)]),
    case("Assert", "summarize 2", array(False, "bool"), [ramp((5,), "int32")], summarize=2),
    case("Assert", "summarize all", array(False, "bool"), [ramp((3, 5), "int32")], summarize=-1),
    case("Assert", "summarize a matrix", array(False, "bool"), [ramp((2, 2, 2))], summarize=5),
    case("Assert", "summarize nothing", array(False, "bool"), [ramp((2, 2, 2))], summarize=0),
    case("Assert", "an empty tensor", array(False, "bool"), [ramp((0, 2)), ramp((2, 0))]),
    case("Assert", "a vector condition", array([False], "bool"), [ramp((2,))]),
    case("Assert", "a true vector condition", array([True, True], "bool"), [ramp((2,))]),
    # EnsureShape
    case("EnsureShape", "exact", spread((2, 3)), shape=[2, 3]),
    case("EnsureShape", "partly known", spread((2, 3)), shape=[None, 3]),
    case("EnsureShape", "scalar", array(1, "int64"), shape=[]),
    case("EnsureShape", "strings", WORDS, shape=[2, None]),
    case("EnsureShape", "another size", spread((2, 3)), shape=[2, 4]),
    case("EnsureShape", "another rank", spread((2, 3)), shape=[2, 3, 1]),
    case("EnsureShape", "empty", spread((0, 3)), shape=[0, None]),
]

#: Further cases of gradients.
GRADIENTS = [
    case("IdentityN", "two of them", [spread((2,)), spread((0, 3), "float64")]),
    case("EnsureShape", "float64", spread((2, 3), "float64"), shape=[None, 3]),
    case("PlaceholderWithDefault", "empty", spread((0, 3)), shape=[None, 3]),
    case("CheckNumerics", "float64", spread((2, 3), "float64"), message="x"),
]
