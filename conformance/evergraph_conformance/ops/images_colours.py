"""Cases of colours of images: RGBToHSV, HSVToRGB, AdjustHue, AdjustSaturation, AdjustContrastv2."""

from typing import Any

from evergraph_conformance.cases import array, case, spread

#: Gray, black, ties of two channels, and each order of three.
PIXELS = array(
    [
        *([0, 0, 0], [0.5, 0.5, 0.5], [1, 1, 0], [0, 1, 1], [1, 0, 1], [0.2, 0.2, 0.7]),
        *([0.1, 0.2, 0.3], [0.1, 0.3, 0.2], [0.2, 0.1, 0.3], [0.3, 0.1, 0.2], [0.2, 0.3, 0.1]),
        *([0.3, 0.2, 0.1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [-0.5, 0.2, 0.1], [2, 1.5, 3]),
    ]
)
IMAGE = PIXELS.reshape(1, 17, 3)
UNIT: dict[str, Any] = {"low": 0.0, "high": 1.0}


def _colours(op):
    return [
        case(op, "pixels", PIXELS),
        case(op, "one pixel", PIXELS[5]),
        case(op, "an image", spread((3, 4, 3), **UNIT)),
        case(op, "a batch", spread((2, 2, 3, 3), seed=3)),
        case(op, "float64", PIXELS.astype("float64")),
        case(op, "float16", spread((3, 2, 3), "float16", **UNIT)),
        case(op, "bfloat16", spread((3, 2, 3), "bfloat16", **UNIT), tolerance=(0.02, 0.02, 0.0)),
        case(op, "nothing", spread((0, 3))),
        case(op, "two channels", spread((4, 2))),
        case(op, "a scalar", array(0.5)),
    ]


def _adjusted(op, *numbers):
    return [
        *[case(op, f"by {n}", IMAGE, array(n)) for n in numbers],
        case(op, "a batch", spread((2, 2, 3, 3), **UNIT), array(numbers[0])),
        case(op, "nothing", spread((0, 2, 3)), array(numbers[0])),
        case(op, "a matrix", spread((2, 3)), array(0.5)),
        case(op, "many numbers", IMAGE, array([0.5])),
    ]


CASES = [
    *_colours("RGBToHSV"),
    *_colours("HSVToRGB"),
    *_adjusted("AdjustHue", 0.1, -0.3, 0.0, 0.5, 1.0, -2.25),
    case("AdjustHue", "two channels", spread((2, 2, 2)), array(0.5)),
    *_adjusted("AdjustSaturation", 0.5, 0.0, 1.0, 3.0, -1.0),
    case("AdjustSaturation", "two channels", spread((2, 2, 2)), array(0.5)),
    *_adjusted("AdjustContrastv2", 0.5, 0.0, 1.0, 2.5, -1.0),
    case("AdjustContrastv2", "two channels", spread((2, 3, 2, 2)), array(1.5)),
]
