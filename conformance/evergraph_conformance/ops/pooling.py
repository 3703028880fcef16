"""Cases of pooling."""

from evergraph_conformance.cases import array, case, spread

X = spread((2, 5, 6, 3))


def _pool(op: str, label: str, x=X, ksize=(1, 2, 3, 1), strides=(1, 2, 2, 1), padding="SAME"):
    return case(op, label, x, ksize=list(ksize), strides=list(strides), padding=padding)


CASES = [
    *[
        c
        for op in ("MaxPool", "AvgPool")
        for c in (
            _pool(op, "same"),
            _pool(op, "valid", padding="VALID"),
            _pool(op, "stride one", strides=(1, 1, 1, 1)),
            _pool(op, "float64", x=spread((1, 4, 4, 1), "float64")),
            _pool(op, "float16", x=spread((1, 4, 4, 1), "float16")),
            _pool(op, "a window larger than the image", ksize=(1, 9, 9, 1), padding="VALID"),
        )
    ],
    _pool("MaxPool", "negative values", x=array([[[[-3.0], [-1.0]], [[-2.0], [-5.0]]]])),
    case(
        "AvgPool3D",
        "same",
        spread((1, 3, 4, 5, 2)),
        ksize=[1, 2, 2, 2, 1],
        strides=[1, 2, 2, 2, 1],
        padding="SAME",
    ),
]
