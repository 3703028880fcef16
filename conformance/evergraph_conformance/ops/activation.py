"""Cases of activation functions: Relu and its kin, Softplus, Softmax."""

from evergraph_conformance.cases import array, case, ramp, spread

NAN, INF = float("nan"), float("inf")
_CORNERS = [-INF, -100.0, -7.5, -1.0, -1e-4, -0.0, 0.0, 1e-4, 1.0, 5.5, 6.0, 7.5, 100.0, INF, NAN]

# Half has no 1e-4 steps to compare: a mid-range and the infinities are enough.
_HALVES = [-INF, -6.5, -1.0, -0.25, 0.0, 0.5, 1.0, 6.25, INF, NAN]


def _floats(op, **attributes):
    return [
        case(op, "float32 corners", array(_CORNERS), **attributes),
        case(op, "float64 corners", array(_CORNERS, "float64"), **attributes),
        case(op, "half corners", array(_HALVES, "float16"), **attributes),
        case(op, "bfloat16 corners", array(_HALVES, "bfloat16"), **attributes),
        case(op, "scalar", array(-0.75), **attributes),
        case(op, "empty", ramp((0, 3)), **attributes),
        case(op, "three axes", spread((2, 3, 2), low=-8, high=8), **attributes),
    ]


def _grad(op, **attributes):
    """Cases of an op that takes a gradient and the feature, or the output, that it is for."""

    def pair(dtype, numbers):
        features = array(numbers, dtype)
        return spread(features.shape, dtype, seed=3), features

    return [
        case(op, "float32 corners", *pair("float32", _CORNERS), **attributes),
        case(op, "float64 corners", *pair("float64", _CORNERS), **attributes),
        case(op, "half corners", *pair("float16", _HALVES), **attributes),
        case(op, "bfloat16 corners", *pair("bfloat16", _HALVES), **attributes),
        case(op, "scalar", array(2.0), array(-0.75), **attributes),
        case(op, "empty", ramp((0, 3)), ramp((0, 3)), **attributes),
        case(op, "three axes", spread((2, 3, 2)), spread((2, 3, 2), seed=1), **attributes),
        case(op, "infinite gradients", array([INF, INF, NAN, NAN]), array([-1.0, 1, -1, 7])),
        case(op, "other shapes", spread((2,)), spread((3,)), **attributes),
    ]


GRADS = ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign")

CASES = [
    *[c for op in GRADS for c in _grad(f"{op}Grad")],
    *_grad("LeakyReluGrad"),
    case("LeakyReluGrad", "slope given", spread((4,)), array([-2.0, -1, 0, 3]), alpha=0.01),
    *_floats("Relu"),
    *[
        case("Relu", f"{t} keeps positive numbers", array([-3, 0, 4, 100], t))
        for t in ("int8", "int16", "int32", "int64")
    ],
    *[
        case("Relu", f"{t} is kept", array([0, 4, 200], t))
        for t in ("uint8", "uint16", "uint32", "uint64")
    ],
    *_floats("Relu6"),
    *[
        case("Relu6", f"{t} between 0 and 6", array([-3, 0, 4, 6, 7, 100], t))
        for t in ("int8", "int16", "int32", "int64")
    ],
    *[
        case("Relu6", f"{t} at most 6", array([0, 4, 6, 7, 200], t))
        for t in ("uint8", "uint16", "uint32", "uint64")
    ],
    *_floats("LeakyRelu"),
    case("LeakyRelu", "slope given", array(_CORNERS), alpha=0.01),
    case("LeakyRelu", "slope above 1", array([-2.0, -1.0, 0.5, 3.0]), alpha=1.5),
    case("LeakyRelu", "negative slope", array([-2.0, -1.0, 0.5, 3.0]), alpha=-0.5),
    case("LeakyRelu", "slope 0", array([-2.0, -1.0, 0.5, 3.0]), alpha=0.0),
    case("LeakyRelu", "half slope rounds", array([-2.0, -3.0, 0.5], "float16"), alpha=0.1),
    *_floats("Elu"),
    case("Elu", "close to zero", array([-1e-3, -1e-6, -1e-12, 1e-12])),
    *_floats("Selu"),
    case("Selu", "close to zero", array([-1e-3, -1e-6, -1e-12, 1e-12])),
    *_floats("Softplus"),
    case("Softplus", "near the thresholds", array([-20, -15, -14, -13, -12, 12, 13, 14, 15, 20.0])),
    case(
        "Softplus", "float64 near the thresholds", array([-40, -35, -33, 33, 35, 40.0], "float64")
    ),
    *_floats("Softsign"),
    #
    case("Softmax", "rows", spread((3, 4))),
    case("Softmax", "a vector", spread((5,))),
    case("Softmax", "three axes", spread((2, 2, 3))),
    case("Softmax", "large numbers do not overflow", array([[1000.0, 1001.0], [-1000.0, -999.0]])),
    case("Softmax", "one class", spread((3, 1))),
    case("Softmax", "float64", spread((2, 3), "float64")),
    case("Softmax", "half", spread((2, 3), "float16")),
    case("Softmax", "bfloat16", spread((2, 3), "bfloat16")),
    case("Softmax", "minus infinity is impossible", array([[0.0, -INF, 1.0]])),
    case("Softmax", "no rows", ramp((0, 3))),
    case("Softmax", "no classes", ramp((2, 0))),
    #
    case("LogSoftmax", "rows", spread((3, 4))),
    case("LogSoftmax", "a vector", spread((5,))),
    case("LogSoftmax", "three axes", spread((2, 2, 3))),
    case(
        "LogSoftmax", "large numbers do not overflow", array([[1000.0, 1001.0], [-1000.0, 999.0]])
    ),
    case("LogSoftmax", "float64", spread((2, 3), "float64")),
    case("LogSoftmax", "half", spread((2, 3), "float16")),
    case("LogSoftmax", "bfloat16", spread((2, 3), "bfloat16")),
    case("LogSoftmax", "minus infinity stays", array([[0.0, -INF, 1.0]])),
    case("LogSoftmax", "NaN spreads in its row", array([[0.0, NAN, 1.0], [0.0, 1.0, 2.0]])),
    case("LogSoftmax", "no rows", ramp((0, 3))),
    case("LogSoftmax", "no classes", ramp((2, 0))),
    case("LogSoftmax", "a scalar has no classes", array(1.0)),
]
