"""Cases of convolutions."""

from evergraph_conformance.cases import case, spread

X, W = spread((2, 5, 6, 3)), spread((3, 2, 3, 4), seed=1)
D = spread((3, 3, 3, 2), seed=2)
V = spread((1, 4, 4, 4, 2), seed=3)
K = spread((2, 2, 2, 2, 3), seed=4)


def _conv(label: str, x=X, w=W, strides=(1, 1, 1, 1), padding="SAME", **attributes):
    return case("Conv2D", label, x, w, strides=list(strides), padding=padding, **attributes)


def _depth(label: str, x=X, w=D, strides=(1, 1, 1, 1), padding="SAME", **attributes):
    name = "DepthwiseConv2dNative"
    return case(name, label, x, w, strides=list(strides), padding=padding, **attributes)


CASES = [
    _conv("same"),
    _conv("valid", padding="VALID"),
    _conv("strides", strides=(1, 2, 2, 1)),
    _conv("dilations", padding="VALID", dilations=[1, 2, 2, 1]),
    _conv("explicit padding", padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0]),
    _conv("one by one", w=spread((1, 1, 3, 5))),
    _conv("no image", x=spread((0, 5, 6, 3))),
    _conv("float64", x=spread((1, 4, 4, 2), "float64"), w=spread((2, 2, 2, 2), "float64")),
    _conv("depths that differ", w=spread((3, 2, 2, 4))),
    _conv("a window larger than the image", w=spread((9, 9, 3, 1)), padding="VALID"),
    _depth("same"),
    _depth("valid", padding="VALID"),
    _depth("strides", strides=(1, 2, 2, 1)),
    _depth("one output per channel", w=spread((3, 3, 3, 1))),
    _depth("depths that differ", w=spread((3, 3, 2, 1))),
    case("Conv3D", "same", V, K, strides=[1] * 5, padding="SAME"),
    case("Conv3D", "valid", V, K, strides=[1] * 5, padding="VALID"),
    case("Conv3D", "strides", V, K, strides=[1, 2, 2, 2, 1], padding="SAME"),
    case(
        "Conv3D", "depths that differ", V, spread((2, 2, 2, 3, 3)), strides=[1] * 5, padding="SAME"
    ),
]
