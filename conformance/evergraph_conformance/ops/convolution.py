"""Cases of convolutions: Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput, Conv3D."""

from evergraph_conformance.cases import array, case, ramp, spread


def _conv(label, x, w, strides=(1, 1), padding="SAME", op="Conv2D", **more):
    x = spread(x, seed=3) if isinstance(x, tuple) else x
    w = spread(w, seed=4) if isinstance(w, tuple) else w
    order = [1, 1, *strides] if more.get("data_format") == "NCHW" else [1, *strides, 1]
    return case(op, label, x, w, strides=order, padding=padding, **more)


def _depthwise(label, x, w, strides=(1, 1), padding="SAME", **more):
    return _conv(label, x, w, strides, padding, op="DepthwiseConv2dNative", **more)


def _transposed(label, sizes, w, dy, strides=(1, 1), padding="SAME", **more):
    w = spread(w, seed=4) if isinstance(w, tuple) else w
    dy = spread(dy, seed=5) if isinstance(dy, tuple) else dy
    order = [1, 1, *strides] if more.get("data_format") == "NCHW" else [1, *strides, 1]
    sizes = array(sizes, "int32")
    return case("Conv2DBackpropInput", label, sizes, w, dy, strides=order, padding=padding, **more)


def _conv3d(label, x, w, strides=(1, 1, 1), padding="SAME", **more):
    x = spread(x, seed=3) if isinstance(x, tuple) else x
    w = spread(w, seed=4) if isinstance(w, tuple) else w
    return case("Conv3D", label, x, w, strides=[1, *strides, 1], padding=padding, **more)


CASES = [
    _conv("3x3 SAME", (2, 4, 5, 2), (3, 3, 2, 3)),
    _conv("3x3 VALID", (2, 4, 5, 2), (3, 3, 2, 3), padding="VALID"),
    _conv("1x1", (2, 3, 3, 4), (1, 1, 4, 2)),
    _conv("1x1 strided", (1, 5, 4, 3), (1, 1, 3, 2), (2, 2)),
    _conv("even window pads more after", (1, 4, 4, 1), (2, 2, 1, 1)),
    _conv("strides SAME", (1, 5, 6, 2), (3, 3, 2, 2), (2, 2)),
    _conv("strides VALID leave a rest", (1, 6, 6, 1), (3, 3, 1, 2), (2, 2), "VALID"),
    _conv("strides that differ", (1, 6, 7, 1), (3, 2, 1, 2), (1, 3)),
    _conv("stride larger than the window", (1, 7, 7, 1), (2, 2, 1, 1), (3, 3)),
    _conv("stride larger than the window VALID", (1, 7, 7, 1), (1, 2, 1, 1), (3, 3), "VALID"),
    _conv("window larger than the input", (1, 2, 3, 1), (5, 5, 1, 2)),
    _conv("window as large as the input", (2, 3, 4, 2), (3, 4, 2, 2), padding="VALID"),
    _conv("dilations SAME", (1, 7, 6, 2), (3, 3, 2, 2), dilations=[1, 2, 2, 1]),
    _conv("dilations VALID", (1, 7, 8, 1), (3, 2, 1, 2), padding="VALID", dilations=[1, 3, 2, 1]),
    _conv(
        "explicit paddings",
        (1, 4, 4, 1),
        (3, 3, 1, 2),
        padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0],
    ),
    _conv(
        "explicit paddings with strides",
        (1, 4, 5, 2),
        (3, 3, 2, 1),
        (2, 2),
        "EXPLICIT",
        explicit_paddings=[0, 0, 2, 1, 1, 1, 0, 0],
    ),
    _conv("groups", (1, 4, 4, 4), (3, 3, 2, 6)),
    _conv("groups of one channel", (1, 4, 4, 3), (2, 2, 1, 3), padding="VALID"),
    _conv("float64", spread((1, 4, 4, 2), "float64"), spread((3, 3, 2, 2), "float64", seed=1)),
    _conv("half", spread((1, 4, 4, 2), "float16"), spread((3, 3, 2, 2), "float16", seed=1)),
    _conv("bfloat16", spread((1, 4, 4, 2), "bfloat16"), spread((3, 3, 2, 2), "bfloat16", seed=1)),
    _conv("int32", ramp((1, 4, 4, 1), "int32"), ramp((2, 2, 1, 2), "int32", -3), padding="VALID"),
    _conv("NCHW", (2, 3, 4, 5), (3, 3, 3, 2), data_format="NCHW"),
    _conv("NCHW strided", (1, 2, 5, 6), (3, 3, 2, 2), (2, 1), "VALID", data_format="NCHW"),
    _conv("empty batch", (0, 4, 4, 2), (3, 3, 2, 2)),
    _conv("no output channels", (1, 4, 4, 2), (3, 3, 2, 0)),
    _conv("no input channels", (1, 4, 4, 0), (3, 3, 0, 2)),
    _conv("empty image", (1, 0, 4, 2), (3, 3, 2, 2)),
    _conv("empty window", (1, 4, 4, 2), (0, 3, 2, 2)),
    _conv("channels that do not fit", (1, 4, 4, 3), (3, 3, 2, 2)),
    _conv("groups that do not divide the outputs", (1, 4, 4, 4), (3, 3, 2, 3)),
    _conv("window larger than the image", (2, 5, 6, 3), (9, 9, 3, 1), padding="VALID"),
    _conv("window of three axes", (1, 4, 4, 1), (3, 3, 1)),
    case(
        "Conv2D",
        "stride over the batch",
        spread((1, 4, 4, 1)),
        spread((2, 2, 1, 1)),
        strides=[2, 1, 1, 1],
        padding="SAME",
    ),
    case(
        "Conv2D",
        "stride 0",
        spread((1, 4, 4, 1)),
        spread((2, 2, 1, 1)),
        strides=[1, 0, 1, 1],
        padding="SAME",
    ),
    case(
        "Conv2D",
        "three strides",
        spread((1, 4, 4, 1)),
        spread((2, 2, 1, 1)),
        strides=[1, 1, 1],
        padding="SAME",
    ),
    _conv(
        "explicit paddings without EXPLICIT",
        (1, 4, 4, 1),
        (3, 3, 1, 1),
        explicit_paddings=[0, 0, 1, 1, 1, 1, 0, 0],
    ),
    _conv("EXPLICIT without paddings", (1, 4, 4, 1), (3, 3, 1, 1), padding="EXPLICIT"),
    _conv(
        "negative explicit padding",
        (1, 4, 4, 1),
        (3, 3, 1, 1),
        padding="EXPLICIT",
        explicit_paddings=[0, 0, -1, 1, 0, 0, 0, 0],
    ),
    _conv(
        "explicit padding of the batch",
        (1, 4, 4, 1),
        (3, 3, 1, 1),
        padding="EXPLICIT",
        explicit_paddings=[1, 0, 1, 1, 0, 0, 0, 0],
    ),
    _conv("dilation 0", (1, 4, 4, 1), (3, 3, 1, 1), dilations=[1, 0, 1, 1]),
    _conv("dilation of the batch", (1, 4, 4, 1), (3, 3, 1, 1), dilations=[2, 1, 1, 1]),
    #
    _depthwise("one output a channel", (2, 4, 5, 3), (3, 3, 3, 1)),
    _depthwise("two outputs a channel", (1, 4, 4, 3), (3, 3, 3, 2)),
    _depthwise("VALID", (1, 4, 5, 2), (2, 3, 2, 1), padding="VALID"),
    _depthwise("strides", (1, 5, 6, 2), (3, 3, 2, 2), (2, 2)),
    _depthwise("strides VALID", (1, 6, 6, 2), (3, 3, 2, 1), (2, 2), "VALID"),
    _depthwise("strides that differ", (1, 5, 6, 2), (3, 3, 2, 2), (2, 1)),
    _depthwise("dilations", (1, 7, 7, 2), (3, 3, 2, 1), dilations=[1, 2, 2, 1]),
    _depthwise(
        "explicit paddings",
        (1, 4, 4, 2),
        (3, 3, 2, 1),
        padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0],
    ),
    _depthwise("one channel", (1, 4, 4, 1), (3, 3, 1, 4)),
    _depthwise("float64", spread((1, 4, 4, 2), "float64"), spread((3, 3, 2, 2), "float64", seed=1)),
    _depthwise("half", spread((1, 4, 4, 2), "float16"), spread((3, 3, 2, 1), "float16", seed=1)),
    _depthwise(
        "bfloat16", spread((1, 4, 4, 2), "bfloat16"), spread((3, 3, 2, 1), "bfloat16", seed=1)
    ),
    _depthwise("NCHW", (1, 2, 4, 5), (3, 3, 2, 2), data_format="NCHW"),
    _depthwise("empty batch", (0, 4, 4, 2), (3, 3, 2, 1)),
    _depthwise("channels that differ", (1, 4, 4, 3), (3, 3, 2, 1)),
    _depthwise("window larger than the image", (1, 2, 2, 1), (5, 1, 1, 1), padding="VALID"),
    #
    _transposed("stride 1 SAME", [1, 4, 4, 2], (3, 3, 2, 3), (1, 4, 4, 3)),
    _transposed("stride 1 VALID", [2, 4, 5, 2], (3, 3, 2, 3), (2, 2, 3, 3), padding="VALID"),
    _transposed("stride 2 SAME", [1, 6, 6, 2], (3, 3, 2, 3), (1, 3, 3, 3), (2, 2)),
    _transposed("stride 2 SAME of an odd size", [1, 5, 5, 1], (3, 3, 1, 2), (1, 3, 3, 2), (2, 2)),
    _transposed("stride 2 VALID", [1, 7, 7, 2], (3, 3, 2, 2), (1, 3, 3, 2), (2, 2), "VALID"),
    _transposed(
        "stride 2 VALID with a rest", [1, 8, 8, 1], (3, 3, 1, 2), (1, 3, 3, 2), (2, 2), "VALID"
    ),
    _transposed("4x4 by 2", [1, 8, 8, 3], (4, 4, 3, 2), (1, 4, 4, 2), (2, 2)),
    _transposed("stride larger than the window", [1, 7, 7, 1], (2, 2, 1, 1), (1, 3, 3, 1), (3, 3)),
    _transposed("strides that differ", [1, 6, 5, 1], (3, 2, 1, 2), (1, 3, 5, 2), (2, 1)),
    _transposed("1x1 by 2", [1, 6, 6, 2], (1, 1, 2, 3), (1, 3, 3, 3), (2, 2)),
    _transposed("dilations", [1, 7, 7, 1], (3, 3, 1, 2), (1, 7, 7, 2), dilations=[1, 2, 2, 1]),
    _transposed(
        "dilations VALID",
        [1, 7, 7, 1],
        (3, 3, 1, 2),
        (1, 3, 3, 2),
        padding="VALID",
        dilations=[1, 2, 2, 1],
    ),
    _transposed(
        "explicit paddings",
        [1, 4, 4, 1],
        (3, 3, 1, 2),
        (1, 5, 5, 2),
        padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0],
    ),
    _transposed("groups", [1, 4, 4, 4], (3, 3, 2, 4), (1, 4, 4, 4)),
    _transposed(
        "float64",
        [1, 4, 4, 1],
        spread((3, 3, 1, 2), "float64"),
        spread((1, 2, 2, 2), "float64"),
        (2, 2),
    ),
    _transposed(
        "half",
        [1, 4, 4, 1],
        spread((3, 3, 1, 2), "float16"),
        spread((1, 2, 2, 2), "float16"),
        (2, 2),
    ),
    _transposed(
        "bfloat16",
        [1, 4, 4, 1],
        spread((3, 3, 1, 2), "bfloat16"),
        spread((1, 2, 2, 2), "bfloat16"),
        (2, 2),
    ),
    _transposed(
        "int32", [1, 4, 4, 1], ramp((2, 2, 1, 2), "int32"), ramp((1, 2, 2, 2), "int32"), (2, 2)
    ),
    _transposed("NCHW", [1, 2, 4, 4], (3, 3, 2, 3), (1, 3, 4, 4), data_format="NCHW"),
    _transposed("sizes without the batch", [4, 4], (3, 3, 2, 3), (1, 4, 4, 3)),
    _transposed("empty batch", [0, 4, 4, 2], (3, 3, 2, 3), (0, 4, 4, 3)),
    _transposed("input channels that do not fit", [1, 4, 4, 3], (3, 3, 2, 3), (1, 4, 4, 3)),
    #
    _conv3d("SAME", (1, 3, 4, 3, 2), (2, 3, 2, 2, 2)),
    _conv3d("VALID", (2, 3, 4, 3, 1), (2, 3, 2, 1, 2), padding="VALID"),
    _conv3d("strides", (1, 4, 4, 5, 1), (2, 2, 3, 1, 2), (2, 1, 2)),
    _conv3d("1x1x1", (1, 2, 2, 2, 3), (1, 1, 1, 3, 2)),
    _conv3d("dilations", (1, 5, 5, 5, 1), (2, 2, 2, 1, 1), dilations=[1, 2, 2, 2, 1]),
    _conv3d("float64", spread((1, 3, 3, 3, 1), "float64"), spread((2, 2, 2, 1, 1), "float64")),
    _conv3d("half", spread((1, 3, 3, 3, 1), "float16"), spread((2, 2, 2, 1, 1), "float16")),
    _conv3d("bfloat16", spread((1, 3, 3, 3, 1), "bfloat16"), spread((2, 2, 2, 1, 1), "bfloat16")),
    _conv3d("empty batch", (0, 3, 3, 3, 1), (2, 2, 2, 1, 1)),
    _conv3d("channels that do not fit", (1, 3, 3, 3, 3), (2, 2, 2, 2, 2)),
    _conv3d("four axes", (1, 3, 3, 3), (2, 2, 2, 1, 1)),
    _conv3d("window larger than the image", (1, 2, 2, 2, 1), (5, 1, 1, 1, 1), padding="VALID"),
    case(
        "Conv3D",
        "NCDHW",
        spread((1, 2, 3, 3, 3)),
        spread((2, 2, 2, 2, 1)),
        strides=[1] * 5,
        padding="SAME",
        data_format="NCDHW",
    ),
]
