"""Cases of resizing images: ResizeBilinear, ResizeNearestNeighbor."""

from evergraph_conformance.cases import UNRANKED, array, case, ramp, spread


def _resize(op, label, x, size, **more):
    x = spread(x, seed=10) if isinstance(x, tuple) else x
    return case(op, label, x, array(size, "int32"), **more)


def _shared(op):
    centres, corners = {"half_pixel_centers": True}, {"align_corners": True}
    return [
        _resize(op, "twice the size", (1, 3, 4, 2), [6, 8]),
        _resize(op, "half the size", (1, 6, 8, 2), [3, 4]),
        _resize(op, "odd sizes", (2, 4, 5, 1), [7, 3]),
        _resize(op, "the same size", (1, 3, 3, 2), [3, 3]),
        _resize(op, "to one pixel", (1, 3, 4, 1), [1, 1]),
        _resize(op, "from one pixel", (1, 1, 1, 2), [3, 2]),
        _resize(op, "aligned corners", (1, 3, 4, 2), [5, 7], **corners),
        _resize(op, "aligned corners, smaller", (1, 6, 7, 1), [3, 4], **corners),
        _resize(op, "aligned corners, to one pixel", (1, 3, 4, 1), [1, 2], **corners),
        _resize(op, "half-pixel centres", (1, 3, 4, 2), [5, 7], **centres),
        _resize(op, "half-pixel centres, smaller", (1, 6, 7, 1), [3, 4], **centres),
        _resize(op, "half-pixel centres, twice the size", (1, 3, 3, 1), [6, 6], **centres),
        *[
            _resize(op, t, ramp((1, 3, 3, 1), t, 1), [4, 5])
            for t in ("int8", "uint8", "int16", "uint16", "int32", "int64")
        ],
        *[_resize(op, t, spread((1, 3, 3, 2), t), [4, 5]) for t in ("float16", "bfloat16")],
        # TensorFlow's gradient multiplies in float32.
        _resize(
            op, "float64", spread((1, 3, 3, 2), "float64"), [4, 5], tolerance=(1e-6, 1e-6, 0.0)
        ),
        _resize(op, "empty batch", (0, 3, 3, 1), [4, 5]),
        _resize(op, "empty batch, a size without end", (0, 3, 3, 1), [2**31 - 1, 5]),
        _resize(op, "no channels", (1, 3, 3, 0), [4, 5]),
        _resize(op, "both aligned and centred", (1, 3, 3, 1), [4, 5], **corners, **centres),
        _resize(op, "size 0", (1, 3, 3, 1), [0, 5]),
        _resize(op, "negative size", (1, 3, 3, 1), [4, -5]),
        _resize(op, "three sizes", (1, 3, 3, 1), [4, 5, 1], modes=UNRANKED),
        _resize(op, "three axes", (3, 3, 1), [4, 5]),
        _resize(op, "empty image", (1, 0, 3, 1), [4, 5]),
        _resize(op, "a scalar size", (1, 3, 3, 1), 4),
    ]


CASES = [*_shared("ResizeBilinear"), *_shared("ResizeNearestNeighbor")]
