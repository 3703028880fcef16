"""Cases of bicubic resizing, and of the gradients of all resizing."""

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread


def _linear(label, dy, x, kind="Bilinear", **more):
    dy = spread(dy, seed=5) if isinstance(dy, tuple) else dy
    x = spread(x, seed=3) if isinstance(x, tuple) else x
    return case(f"Resize{kind}Grad", label, dy, x, **more)


def _nearest(label, dy, size, **more):
    dy = spread(dy, seed=5) if isinstance(dy, tuple) else dy
    return case("ResizeNearestNeighborGrad", label, dy, array(size, "int32"), **more)


def _cubic(label, x, size, **more):
    x = spread(x, seed=3) if isinstance(x, tuple) else x
    return case("ResizeBicubic", label, x, array(size, "int32"), **more)


_CORNERS = {"align_corners": True}
_HALF = {"half_pixel_centers": True}

CASES = [
    *(
        one
        for kind in ("Bilinear", "Bicubic")
        for one in (
            _linear("larger", (2, 6, 8, 2), (2, 3, 4, 2), kind),
            _linear("smaller", (1, 2, 3, 2), (1, 5, 7, 2), kind),
            _linear("not a multiple", (1, 7, 5, 1), (1, 3, 3, 1), kind),
            _linear("corners", (1, 6, 7, 2), (1, 3, 4, 2), kind, **_CORNERS),
            _linear("half pixels", (1, 6, 7, 2), (1, 3, 4, 2), kind, **_HALF),
            _linear("half pixels, smaller", (1, 2, 3, 2), (1, 5, 7, 2), kind, **_HALF),
            _linear("much larger", (1, 24, 20, 1), (1, 2, 1, 1), kind),
            _linear("the same size", (1, 3, 4, 2), (1, 3, 4, 2), kind),
            # TensorFlow multiplies in float32.
            _linear(
                "float64",
                (1, 6, 7, 2),
                spread((1, 3, 4, 2), "float64"),
                kind,
                tolerance=(1e-6, 1e-6, 0.0),
            ),
            _linear("both", (1, 6, 7, 2), (1, 3, 4, 2), kind, **_CORNERS, **_HALF),
            _linear("three axes", (6, 7, 2), (1, 3, 4, 2), kind),
        )
    ),
    _linear("half", (1, 6, 7, 2), spread((1, 3, 4, 2), "float16")),
    _linear("bfloat16", (1, 6, 7, 2), spread((1, 3, 4, 2), "bfloat16")),
    #
    _nearest("larger", (2, 6, 8, 2), [3, 4]),
    _nearest("smaller", (1, 2, 3, 2), [5, 7]),
    _nearest("not a multiple", (1, 7, 5, 1), [3, 3]),
    _nearest("corners", (1, 6, 7, 2), [3, 4], **_CORNERS),
    _nearest("half pixels", (1, 6, 7, 2), [3, 4], **_HALF),
    _nearest("much larger", (1, 24, 20, 1), [2, 1]),
    _nearest("float64", spread((1, 6, 7, 2), "float64"), [3, 4]),
    _nearest("half", spread((1, 6, 7, 2), "float16"), [3, 4]),
    _nearest("int32", ramp((1, 6, 7, 2), "int32"), [3, 4]),
    _nearest("both", (1, 6, 7, 2), [3, 4], **_CORNERS, **_HALF),
    _nearest("three sizes", (1, 6, 7, 2), [3, 4, 5], modes=UNRANKED),
    #
    _cubic("larger", (2, 3, 4, 2), [6, 8]),
    _cubic("smaller", (1, 5, 7, 2), [2, 3]),
    _cubic("not a multiple", (1, 3, 3, 1), [7, 5]),
    _cubic("corners", (1, 3, 4, 2), [6, 7], **_CORNERS),
    _cubic("half pixels", (1, 3, 4, 2), [6, 7], **_HALF),
    _cubic("half pixels, smaller", (1, 5, 7, 2), [2, 3], **_HALF),
    _cubic("one pixel", (1, 1, 1, 2), [4, 3]),
    _cubic("one pixel, half pixels", (1, 1, 1, 2), [4, 3], **_HALF),
    _cubic("float64", spread((1, 3, 4, 2), "float64"), [6, 7]),
    _cubic("half", spread((1, 3, 4, 2), "float16"), [6, 7]),
    _cubic("uint8", ramp((1, 3, 4, 2), "uint8"), [6, 7]),
    _cubic("empty batch", (0, 3, 4, 2), [6, 7]),
    _cubic("both", (1, 3, 4, 2), [6, 7], **_CORNERS, **_HALF),
    _cubic("size 0", (1, 3, 4, 2), [0, 7]),
]
