"""Cases of the gradients of convolutions, by filters and inputs; and of grey-scale dilation."""

from evergraph_conformance.cases import array, case, ramp, spread


def _values(value, seed):
    return spread(value, seed=seed) if isinstance(value, tuple) else value


def _order(strides, more):
    return [1, 1, *strides] if more.get("data_format", "N").startswith("NC") else [1, *strides, 1]


def _filter(label, x, sizes, dy, strides=(1, 1), padding="SAME", op="Conv2DBackpropFilter", **more):
    x, dy, sizes = _values(x, 3), _values(dy, 5), array(sizes, "int32")
    return case(op, label, x, sizes, dy, strides=_order(strides, more), padding=padding, **more)


def _depth_filter(label, x, sizes, dy, strides=(1, 1), padding="SAME", **more):
    op = "DepthwiseConv2dNativeBackpropFilter"
    return _filter(label, x, sizes, dy, strides, padding, op, **more)


def _input(label, sizes, w, dy, strides=(1, 1), padding="SAME", **more):
    w, dy, sizes = _values(w, 4), _values(dy, 5), array(sizes, "int32")
    op = more.pop("op", "DepthwiseConv2dNativeBackpropInput")
    return case(op, label, sizes, w, dy, strides=_order(strides, more), padding=padding, **more)


def _filter_3d(label, x, sizes, dy, strides=(1, 1, 1), padding="SAME", **more):
    return _filter(label, x, sizes, dy, strides, padding, "Conv3DBackpropFilterV2", **more)


def _input_3d(label, sizes, w, dy, strides=(1, 1, 1), padding="SAME", **more):
    return _input(label, sizes, w, dy, strides, padding, op="Conv3DBackpropInputV2", **more)


def _dilation(label, x, w, strides=(1, 1), rates=(1, 1), padding="SAME"):
    x, w = _values(x, 3), _values(w, 4)
    attributes = {"strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}
    return case("Dilation2D", label, x, w, **attributes)


def _dilations(label, x, w, dy, strides=(1, 1), rates=(1, 1), padding="SAME"):
    x, w, dy = _values(x, 3), _values(w, 4), _values(dy, 5)
    attributes = {"strides": [1, *strides, 1], "rates": [1, *rates, 1], "padding": padding}
    return [
        case(f"Dilation2DBackprop{part}", label, x, w, dy, **attributes)
        for part in ("Input", "Filter")
    ]


_IMAGE_64 = spread((1, 4, 4, 2), "float64")
_IMAGE_16 = spread((1, 4, 4, 2), "float16")
_IMAGE_B16 = spread((1, 4, 4, 2), "bfloat16")

CASES = [
    _filter("3x3 SAME", (2, 4, 5, 2), [3, 3, 2, 3], (2, 4, 5, 3)),
    _filter("3x3 VALID", (2, 4, 5, 2), [3, 3, 2, 3], (2, 2, 3, 3), padding="VALID"),
    _filter("1x1", (2, 3, 3, 4), [1, 1, 4, 2], (2, 3, 3, 2)),
    _filter("1x1 strided", (1, 5, 4, 3), [1, 1, 3, 2], (1, 3, 2, 2), (2, 2)),
    _filter("even window", (1, 4, 4, 1), [2, 2, 1, 1], (1, 4, 4, 1)),
    _filter("strides SAME", (1, 5, 6, 2), [3, 3, 2, 2], (1, 3, 3, 2), (2, 2)),
    _filter(
        "strides VALID leave a rest", (1, 6, 6, 1), [3, 3, 1, 2], (1, 2, 2, 2), (2, 2), "VALID"
    ),
    _filter("strides that differ", (1, 6, 7, 1), [3, 2, 1, 2], (1, 6, 3, 2), (1, 3)),
    _filter("stride larger than the window", (1, 7, 7, 1), [2, 2, 1, 1], (1, 3, 3, 1), (3, 3)),
    _filter("window larger than the input", (1, 2, 3, 1), [5, 5, 1, 2], (1, 2, 3, 2)),
    _filter("dilations SAME", (1, 7, 6, 2), [3, 3, 2, 2], (1, 7, 6, 2), dilations=[1, 2, 2, 1]),
    _filter(
        "dilations VALID",
        (1, 7, 8, 1),
        [3, 2, 1, 2],
        (1, 1, 6, 2),
        padding="VALID",
        dilations=[1, 3, 2, 1],
    ),
    _filter(
        "explicit paddings",
        (1, 4, 4, 1),
        [3, 3, 1, 2],
        (1, 5, 5, 2),
        padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0],
    ),
    _filter("groups", (1, 4, 4, 4), [3, 3, 2, 6], (1, 4, 4, 6)),
    _filter("float64", _IMAGE_64, [3, 3, 2, 3], spread((1, 4, 4, 3), "float64", seed=2)),
    _filter("half", _IMAGE_16, [3, 3, 2, 3], spread((1, 4, 4, 3), "float16", seed=2)),
    _filter("bfloat16", _IMAGE_B16, [3, 3, 2, 3], spread((1, 4, 4, 3), "bfloat16", seed=2)),
    _filter("NCHW", (2, 3, 4, 5), [3, 3, 3, 2], (2, 2, 4, 5), data_format="NCHW"),
    _filter("empty batch", (0, 4, 4, 2), [3, 3, 2, 2], (0, 4, 4, 2)),
    _filter("channels that do not fit", (1, 4, 4, 3), [3, 3, 2, 2], (1, 4, 4, 2)),
    _filter("three sizes", (1, 4, 4, 2), [3, 3, 2], (1, 4, 4, 2)),
    #
    _input("one output a channel", [2, 4, 5, 3], (3, 3, 3, 1), (2, 4, 5, 3)),
    _input("two outputs a channel", [1, 4, 4, 3], (3, 3, 3, 2), (1, 4, 4, 6)),
    _input("VALID", [1, 4, 5, 2], (2, 3, 2, 1), (1, 3, 3, 2), padding="VALID"),
    _input("strides", [1, 5, 6, 2], (3, 3, 2, 2), (1, 3, 3, 4), (2, 2)),
    _input("strides VALID", [1, 6, 6, 2], (3, 3, 2, 1), (1, 2, 2, 2), (2, 2), "VALID"),
    _input("one channel", [1, 4, 4, 1], (3, 3, 1, 4), (1, 4, 4, 4)),
    _input(
        "float64",
        [1, 4, 4, 2],
        spread((3, 3, 2, 2), "float64"),
        spread((1, 4, 4, 4), "float64", seed=1),
    ),
    _input(
        "half",
        [1, 4, 4, 2],
        spread((3, 3, 2, 1), "float16"),
        spread((1, 4, 4, 2), "float16", seed=1),
    ),
    _input("empty batch", [0, 4, 4, 2], (3, 3, 2, 1), (0, 4, 4, 2)),
    #
    _depth_filter("one output a channel", (2, 4, 5, 3), [3, 3, 3, 1], (2, 4, 5, 3)),
    _depth_filter("two outputs a channel", (1, 4, 4, 3), [3, 3, 3, 2], (1, 4, 4, 6)),
    _depth_filter("VALID", (1, 4, 5, 2), [2, 3, 2, 1], (1, 3, 3, 2), padding="VALID"),
    _depth_filter("strides", (1, 5, 6, 2), [3, 3, 2, 2], (1, 3, 3, 4), (2, 2)),
    _depth_filter("strides VALID", (1, 6, 6, 2), [3, 3, 2, 1], (1, 2, 2, 2), (2, 2), "VALID"),
    _depth_filter("one channel", (1, 4, 4, 1), [3, 3, 1, 4], (1, 4, 4, 4)),
    _depth_filter("float64", _IMAGE_64, [3, 3, 2, 2], spread((1, 4, 4, 4), "float64", seed=1)),
    _depth_filter("half", _IMAGE_16, [3, 3, 2, 1], spread((1, 4, 4, 2), "float16", seed=1)),
    _depth_filter("empty batch", (0, 4, 4, 2), [3, 3, 2, 1], (0, 4, 4, 2)),
    #
    _filter_3d("SAME", (1, 3, 4, 3, 2), [2, 3, 2, 2, 2], (1, 3, 4, 3, 2)),
    _filter_3d("VALID", (2, 3, 4, 3, 1), [2, 3, 2, 1, 2], (2, 2, 2, 2, 2), padding="VALID"),
    _filter_3d("strides", (1, 4, 4, 5, 1), [2, 2, 3, 1, 2], (1, 2, 4, 3, 2), (2, 1, 2)),
    _filter_3d("1x1x1", (1, 2, 2, 2, 3), [1, 1, 1, 3, 2], (1, 2, 2, 2, 2)),
    _filter_3d(
        "float64",
        spread((1, 3, 3, 3, 1), "float64"),
        [2, 2, 2, 1, 1],
        spread((1, 3, 3, 3, 1), "float64", seed=1),
    ),
    _filter_3d(
        "half",
        spread((1, 3, 3, 3, 1), "float16"),
        [2, 2, 2, 1, 1],
        spread((1, 3, 3, 3, 1), "float16", seed=1),
    ),
    _input_3d("SAME", [1, 3, 4, 3, 2], (2, 3, 2, 2, 2), (1, 3, 4, 3, 2)),
    _input_3d("VALID", [2, 3, 4, 3, 1], (2, 3, 2, 1, 2), (2, 2, 2, 2, 2), padding="VALID"),
    _input_3d("strides", [1, 4, 4, 5, 1], (2, 2, 3, 1, 2), (1, 2, 4, 3, 2), (2, 1, 2)),
    _input_3d("1x1x1", [1, 2, 2, 2, 3], (1, 1, 1, 3, 2), (1, 2, 2, 2, 2)),
    _input_3d(
        "float64",
        [1, 3, 3, 3, 1],
        spread((2, 2, 2, 1, 1), "float64"),
        spread((1, 3, 3, 3, 1), "float64", seed=1),
    ),
    _input_3d(
        "half",
        [1, 3, 3, 3, 1],
        spread((2, 2, 2, 1, 1), "float16"),
        spread((1, 3, 3, 3, 1), "float16", seed=1),
    ),
    #
    _dilation("3x3 SAME", (2, 4, 5, 2), (3, 3, 2)),
    _dilation("VALID", (1, 4, 5, 2), (2, 3, 2), padding="VALID"),
    _dilation("strides", (1, 5, 6, 1), (3, 3, 1), (2, 3)),
    _dilation("rates", (1, 6, 7, 2), (2, 2, 2), rates=(2, 3)),
    _dilation("strides and rates VALID", (1, 7, 7, 1), (2, 2, 1), (2, 1), (2, 3), "VALID"),
    _dilation("float64", spread((1, 4, 4, 2), "float64"), spread((2, 2, 2), "float64", seed=1)),
    _dilation("half", spread((1, 4, 4, 2), "float16"), spread((2, 2, 2), "float16", seed=1)),
    _dilation("int32", ramp((1, 4, 4, 1), "int32"), ramp((2, 2, 1), "int32", -3)),
    _dilation(
        "NaN is never greater", array([[[[float("nan")], [1.0]], [[2.0], [0.0]]]]), (2, 2, 1)
    ),
    _dilation("depths that differ", (1, 4, 4, 2), (2, 2, 1)),
    _dilation("window larger than the image", (1, 2, 2, 1), (5, 1, 1), padding="VALID"),
    *_dilations("3x3 SAME", (2, 4, 5, 2), (3, 3, 2), (2, 4, 5, 2)),
    *_dilations("VALID", (1, 4, 5, 2), (2, 3, 2), (1, 3, 3, 2), padding="VALID"),
    *_dilations("strides", (1, 5, 6, 1), (3, 3, 1), (1, 3, 2, 1), (2, 3)),
    *_dilations("rates", (1, 6, 7, 2), (2, 2, 2), (1, 6, 7, 2), rates=(2, 3)),
    *_dilations(
        "equal sums: the first one",
        ramp((1, 3, 3, 1)) * 0,
        ramp((2, 2, 1)) * 0,
        ramp((1, 3, 3, 1), start=1),
    ),
    *_dilations(
        "float64",
        spread((1, 4, 4, 2), "float64"),
        spread((2, 2, 2), "float64", seed=1),
        spread((1, 4, 4, 2), "float64", seed=2),
    ),
    *_dilations("gradient of another size", (1, 4, 4, 2), (2, 2, 2), (1, 3, 4, 2)),
]

#: Further cases of gradients.
GRADIENTS = [
    case(
        "Conv3DBackpropFilterV2",
        "no images",
        spread((0, 3, 4, 3, 2)),
        array([2, 3, 2, 2, 2], "int32"),
        spread((0, 3, 4, 3, 2)),
        strides=[1] * 5,
        padding="SAME",
    ),
    case(
        "Conv3DBackpropInputV2",
        "no images",
        array([0, 3, 4, 3, 2], "int32"),
        spread((2, 3, 2, 2, 2)),
        spread((0, 3, 4, 3, 2)),
        strides=[1] * 5,
        padding="SAME",
    ),
    case(
        "Dilation2D",
        "no images",
        spread((0, 4, 5, 2)),
        spread((3, 3, 2)),
        strides=[1] * 4,
        rates=[1] * 4,
        padding="SAME",
    ),
]
