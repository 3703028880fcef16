"""Cases of windows of images: CropAndResize and its gradients, ExtractImagePatches."""

from typing import Any

from evergraph_conformance.cases import MODES, UNRANKED, array, case, ramp, spread

IMAGE = spread((2, 4, 5, 2), seed=3)
#: Whole, a part, upside down, beyond the image, and on a pixel.
BOXES = array(
    [
        *([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.7], [0.9, 0.8, 0.2, 0.1]),
        *([-0.5, 0.3, 1.2, 1.5], [0.5, 0.5, 0.5, 0.5]),
    ]
)
SUMS = (1e-5, 1e-5, 0.0)
WHERE = array([0, 1, 1, 0, 1], "int32")
TYPES = ("int8", "uint8", "int16", "uint16", "int32", "int64", "float16", "float64")


def _sums(dtype):
    """The slopes of several boxes are added in the type of the image, in any order."""
    return (2e-3, 2e-3, 0.0) if dtype == "float16" else SUMS


def _crop(label: str, image: Any = IMAGE, boxes=BOXES, where=WHERE, size=(3, 4), **more: Any):
    return case("CropAndResize", label, image, boxes, where, array(size, "int32"), **more)


def _image_gradient(
    label, size=(3, 4), boxes=BOXES, where=WHERE, shape=(2, 4, 5, 2), **further: Any
):
    slopes = spread((len(boxes), *size, 2), seed=9)
    image_size = array(shape, "int32")
    more: dict[str, Any] = {"T": "float32"} | further
    return case("CropAndResizeGradImage", label, slopes, boxes, where, image_size, **more)


def _box_gradient(label, size=(3, 4), image=IMAGE, boxes=BOXES, where=WHERE, **more):
    slopes = spread((len(boxes), *size, image.shape[-1]), seed=9)
    return case("CropAndResizeGradBoxes", label, slopes, image, boxes, where, **more)


PATCHES: dict[str, Any] = {
    "ksizes": [1, 3, 2, 1],
    "strides": [1, 2, 1, 1],
    "rates": [1, 1, 1, 1],
    "padding": "VALID",
}


def _patches(label, image, **changed):
    # TensorFlow differentiates images of known shape only.
    return case("ExtractImagePatches", label, image, modes=MODES[1:], **PATCHES | changed)


CASES = [
    _crop("bilinear"),
    _crop("nearest", method="nearest"),
    _crop("one row", size=(1, 3)),
    _crop("one pixel", size=(1, 1), method="nearest"),
    _crop("another value outside", extrapolation_value=-7.5),
    *[_crop(t, ramp((2, 4, 5, 2), t), tolerance=_sums(t)) for t in TYPES],
    _crop("no boxes", boxes=spread((0, 4)), where=array([], "int32")),
    _crop("no such image", where=array([0, 1, 2, 0, 1], "int32")),
    _crop("a negative image", where=array([0, 1, -1, 0, 1], "int32")),
    _crop("not enough indices", where=array([0, 1], "int32")),
    _crop("three columns", boxes=spread((5, 3))),
    _crop("an image of rank 3", image=spread((4, 5, 2))),
    _crop("three sizes", size=(1, 2, 3), modes=UNRANKED),
    _crop("a size of zero", size=(0, 3)),
    _crop("an empty image", image=spread((2, 0, 5, 2))),
    _image_gradient("bilinear", tolerance=SUMS),
    _image_gradient("nearest", method="nearest", tolerance=SUMS),
    _image_gradient("one row", (1, 3), tolerance=SUMS),
    _image_gradient("float64", T="float64", tolerance=(1e-5, 1e-5, 0.0)),
    _image_gradient("no boxes", boxes=spread((0, 4)), where=array([], "int32")),
    _image_gradient("another depth", shape=(2, 4, 5, 3)),
    _image_gradient("no such image", where=array([0, 1, 2, 0, 1], "int32")),
    _image_gradient("three sizes", shape=(2, 4, 5), modes=UNRANKED),
    _box_gradient("bilinear", tolerance=SUMS),
    _box_gradient("one row", (1, 3), tolerance=SUMS),
    _box_gradient("one pixel", (1, 1), tolerance=SUMS),
    *[
        _box_gradient(t, image=ramp((2, 4, 5, 2), t), tolerance=SUMS)
        for t in ("uint8", "int32", "float64")
    ],
    _box_gradient("no boxes", boxes=spread((0, 4)), where=array([], "int32")),
    _box_gradient("no such image", where=array([0, 1, 2, 0, 1], "int32")),
    _patches("valid", spread((2, 6, 5, 2))),
    _patches("same", spread((2, 6, 5, 2)), padding="SAME"),
    _patches("rates", spread((1, 7, 6, 2)), rates=[1, 2, 3, 1]),
    _patches("same, rates", spread((1, 7, 6, 1)), rates=[1, 2, 3, 1], padding="SAME"),
    _patches("strides", spread((1, 9, 8, 1)), strides=[1, 4, 3, 1]),
    _patches("strides that leave rows out", spread((1, 9, 8, 1)), strides=[1, 5, 4, 1]),
    _patches("same, strides", spread((1, 9, 8, 1)), strides=[1, 4, 3, 1], padding="SAME"),
    _patches("one pixel", spread((1, 2, 3, 2)), ksizes=[1, 1, 1, 1]),
    _patches("too small", spread((1, 2, 3, 2))),
    _patches("no images", spread((0, 6, 5, 2), "uint8")),
    *[
        _patches(t, ramp((1, 4, 3, 2), t))
        for t in ("uint8", "int32", "int64", "float16", "float64")
    ],
    _patches("a matrix", spread((4, 5))),
]
