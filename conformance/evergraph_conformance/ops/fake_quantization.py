"""Cases of values rounded to what integers can hold."""

from __future__ import annotations

from evergraph_conformance.cases import Case, array, case, spread

INF = float("inf")
WIDE = spread((3, 4), "float32", -8, 8)
GRADIENT = spread((3, 4), "float32", seed=9)
LOW, HIGH = array(-3.0), array(5.0)
LOWS, HIGHS = array([-3, -1, 0.5, -9]), array([5, 1, 6, -2])


def fake(op, *more):
    low_high = [LOW, HIGH]
    return [
        case(op, "plain", *more, WIDE, *low_high),
        case(op, "few bits", *more, WIDE, *low_high, num_bits=3),
        case(op, "narrow", *more, WIDE, *low_high, narrow_range=True),
        case(op, "above zero", *more, WIDE, array(1.0), array(5.0)),
        case(op, "below zero", *more, WIDE, array(-5.0), array(-1.0)),
        case(op, "at zero", *more, WIDE, array(0.0), array(0.0)),
        case(op, "bits", *more, WIDE, *low_high, num_bits=17),
        case(op, "vector bounds", *more, WIDE, LOWS, HIGHS),
        case(op, "empty", *(m[:0] for m in more), WIDE[:0], *low_high),
    ]


def channels(op, *more):
    return [
        case(op, "plain", *more, WIDE, LOWS, HIGHS),
        case(op, "few bits", *more, WIDE, LOWS, HIGHS, num_bits=3),
        case(op, "narrow", *more, WIDE, LOWS, HIGHS, narrow_range=True),
        case(op, "a vector", *(m[0] for m in more), WIDE[0], LOWS, HIGHS),
        case(op, "four axes", *(m.reshape(1, 3, 1, 4) for m in (*more, WIDE)), LOWS, HIGHS),
        case(op, "scalars", *more, WIDE, LOW, HIGH),
        case(op, "sizes", *more, WIDE, LOWS[:3], HIGHS[:3]),
    ]


def back(op, *more):
    return [
        case(op, "float32", WIDE, LOW, HIGH, *more),
        case(op, "given", WIDE, LOW, HIGH, *more, range_given=True),
        case(op, "found", WIDE, LOW, HIGH, *more, range_given=False),
        case(op, "unsigned", WIDE, LOW, HIGH, *more, signed_input=False, range_given=True),
        case(op, "narrow", WIDE, LOW, HIGH, *more, narrow_range=True),
        case(op, "channels", WIDE, LOWS, HIGHS, *more, axis=1, range_given=True),
        case(op, "channels found", WIDE, LOWS, HIGHS, *more, axis=1, range_given=False),
        case(
            op,
            "float64",
            spread((2, 3), "float64", -8, 8),
            array(-3.0, "float64"),
            array(5.0, "float64"),
            *more,
        ),
        case(op, "above zero", WIDE, array(1.0), HIGH, *more, range_given=True),
        case(op, "wrong way round", WIDE, HIGH, LOW, *more, range_given=True),
        case(op, "axis", WIDE, LOWS, HIGHS, *more, axis=2),
        case(op, "empty", WIDE[:0], LOW, HIGH, *more, range_given=True),
    ]


V4 = "QuantizeAndDequantizeV4Grad"
ARGS = "FakeQuantWithMinMaxArgs"
CASES: list[Case] = [
    case(ARGS, "plain", WIDE),
    case(ARGS, "bounds", WIDE, min=-1.0, max=2.0),
    case(ARGS, "few bits", WIDE, num_bits=4),
    case(ARGS, "narrow", WIDE, narrow_range=True),
    case(ARGS, "scalar", array(1.234)),
    case(ARGS, "infinite", array([INF, -INF])),
    case(ARGS, "wrong way round", WIDE, min=2.0, max=1.0),
    case(ARGS, "empty", WIDE[:0]),
    case(f"{ARGS}Gradient", "plain", GRADIENT, WIDE),
    case(f"{ARGS}Gradient", "bounds", GRADIENT, WIDE, min=-1.0, max=2.0),
    case(f"{ARGS}Gradient", "few bits", GRADIENT, WIDE, num_bits=4),
    case(f"{ARGS}Gradient", "narrow", GRADIENT, WIDE, narrow_range=True, min=-1.0, max=1.0),
    case(f"{ARGS}Gradient", "empty", GRADIENT[:0], WIDE[:0]),
    case(f"{ARGS}Gradient", "shapes", GRADIENT[:2], WIDE),
    *fake("FakeQuantWithMinMaxVars"),
    *fake("FakeQuantWithMinMaxVarsGradient", GRADIENT),
    *channels("FakeQuantWithMinMaxVarsPerChannel"),
    *channels("FakeQuantWithMinMaxVarsPerChannelGradient", GRADIENT),
    *back("QuantizeAndDequantizeV2"),
    case("QuantizeAndDequantizeV2", "up", WIDE, LOW, HIGH, num_bits=3, round_mode="HALF_UP"),
    case("QuantizeAndDequantizeV2", "bits", WIDE, LOW, HIGH, num_bits=0),
    *back("QuantizeAndDequantizeV3", array(8, "int32")),
    case("QuantizeAndDequantizeV3", "few bits", WIDE, LOW, HIGH, array(3, "int32")),
    *back("QuantizeAndDequantizeV4"),
    case(V4, "float32", GRADIENT, WIDE, LOW, HIGH),
    case(V4, "channels", GRADIENT, WIDE, LOWS, HIGHS, axis=1),
    case(V4, "double", *(x.astype("f8") for x in (GRADIENT, WIDE, LOW, HIGH))),
    case(V4, "vector", GRADIENT[0], WIDE[0], LOW, HIGH),
    case(V4, "empty", GRADIENT[:0], WIDE[:0], LOW, HIGH),
    case(V4, "shapes", GRADIENT[:2], WIDE, LOW, HIGH),
]
