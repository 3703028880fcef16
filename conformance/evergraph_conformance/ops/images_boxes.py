"""Cases of boxes in images: the best of many, drawn ones, and parts of images at random."""

from typing import Any

import numpy as np

from evergraph_conformance.cases import UNRANKED, array, case, spread
from evergraph_conformance.ops.streams import ONE_SEED, SEEDS

#: Pairs that overlap much, one upside down, one without area, one far away.
BOXES = array(
    [
        *([0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11]),
        *([1, 11.1, 0, 10.1], [0, 100, 1, 101], [2, 2, 2, 3], [0, 0.5, 1, 1.5]),
    ]
)
SCORES = array([0.9, 0.75, 0.6, 0.95, 0.5, 0.3, 0.2, 0.9])
HALF = array(0.5)
NO_LIMIT = array(-np.inf)


def _size(n):
    return array(n, "int32")


THREE = _size(3)


def _shared(op, *thresholds, **more):
    def one(label, boxes=BOXES, scores=SCORES, size=THREE, given=thresholds, **further):
        return case(op, label, boxes, scores, size, *given, **more | further)

    return [
        one("three"),
        one("all", size=_size(30)),
        one("none", size=_size(0)),
        one("no boxes", spread((0, 4)), spread((0,))),
        one("many", spread((40, 4), low=0.0, seed=5), spread((40,), seed=7), _size(20)),
        one("a negative size", size=_size(-1)),
        one("three columns", spread((8, 3)), modes=UNRANKED),
        one("too few scores", scores=SCORES[:3], modes=UNRANKED),
        one("a size that is a vector", size=array([3], "int32"), modes=UNRANKED),
    ]


def _v3(op, *further, **more):
    def one(label, limit, least, **again):
        return case(
            op, label, BOXES, SCORES, _size(6), limit, array(least), *further, **more | again
        )

    return [
        *_shared(op, HALF, NO_LIMIT, *further, **more),
        one("better ones", HALF, 0.55),
        one("no overlap at all", array(0.0), -1.0),
        one("any overlap", array(1.0), -1.0),
        one("a threshold above 1", array(1.5), 0.0),
        one("a vector of thresholds", array([0.5]), 0.0, modes=UNRANKED),
    ]


OVERLAPS = array([[1, 0.6, 0.2], [0.6, 1, 0.4], [0.2, 0.4, 1]])


def _by_overlaps(label, overlaps=OVERLAPS, scores=SCORES[:3], size=3, limit=0.5, least=0.0, **more):
    further = (_size(size), array(limit), array(least))
    return case("NonMaxSuppressionWithOverlaps", label, overlaps, scores, *further, **more)


IMAGES = spread((2, 9, 8, 3))
DRAWN = array(
    [
        [[0.1, 0.2, 0.7, 0.8], [0.3, 0.0, 1.0, 0.5], [0.5, 0.5, 0.5, 0.5]],
        [[-0.2, 0.3, 0.5, 1.4], [0.8, 0.2, 0.1, 0.9], [1.5, 1.2, 2.0, 2.0]],
    ]
)
COLOURS = array([[0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.7, 0.6]])


def _drawn(op, *colours):
    return [
        case(op, "boxes", IMAGES, DRAWN, *colours),
        case(op, "gray", spread((2, 9, 8, 1)), DRAWN, *colours),
        case(op, "with transparency", spread((2, 9, 8, 4)), DRAWN, *colours),
        case(op, "many boxes", spread((1, 20, 20, 3)), spread((1, 12, 4), low=0.0), *colours),
        case(op, "no boxes", IMAGES, spread((2, 0, 4)), *colours),
        case(op, "two channels", spread((2, 9, 8, 2)), DRAWN, *colours),
        case(op, "another batch", IMAGES, DRAWN[:1], *colours),
        case(op, "a matrix of boxes", IMAGES, DRAWN[0], *colours),
        case(op, "a matrix of pixels", spread((9, 8)), DRAWN, *colours),
    ]


WINDOWS = array([[[0.1, 0.2, 0.6, 0.8], [0.5, 0.5, 0.9, 0.7]]])


def _sampled(op, least, **more):
    """The least part of an object is an attribute, or an input of the second version."""

    def one(label, size=(40, 60, 3), boxes=WINDOWS, covered=least, dtype="int32", **further):
        given: dict[str, Any] = SEEDS | further
        inputs = [array(size, dtype), boxes]
        if op.endswith("V2"):
            inputs.append(array(covered))
        else:
            given["min_object_covered"] = covered
        return case(op, label, *inputs, **given)

    whole: dict[str, Any] = {"use_image_if_no_bounding_boxes": True}
    return [
        one("boxes"),
        one("one seed", **ONE_SEED),
        one("much of an object", covered=0.9),
        one("wide", aspect_ratio_range=[2.0, 4.0]),
        one("small", area_range=[0.01, 0.05], covered=0.0),
        one("never", covered=1.0, area_range=[0.01, 0.02]),
        one("no boxes", boxes=spread((1, 0, 4)), **whole),
        one("no boxes at all", boxes=spread((0, 0, 4))),
        one("int64", dtype="int64"),
        one("uint8", dtype="uint8", seed=3),
        one("a tall image", (70, 9, 3), seed=11),
        one("outside", boxes=array([[[0.1, 0.2, 1.6, 0.8]]])),
        one("more than everything", covered=1.5),
        one("no ratio", aspect_ratio_range=[0.0, 1.0]),
        one("no area", area_range=[0.0, 1.0]),
        one("no attempts", max_attempts=0),
        one("two sizes", (40, 60)),
    ]


CASES = [
    *_shared("NonMaxSuppression"),
    case("NonMaxSuppression", "a threshold", BOXES, SCORES, _size(6), iou_threshold=0.9),
    case("NonMaxSuppression", "a threshold above 1", BOXES, SCORES, _size(6), iou_threshold=1.5),
    *_shared("NonMaxSuppressionV2", HALF),
    *_v3("NonMaxSuppressionV3"),
    *_v3("NonMaxSuppressionV4"),
    case(
        "NonMaxSuppressionV4",
        "padded",
        *(BOXES, SCORES, _size(7), HALF, array(0.4)),
        pad_to_max_output_size=True,
    ),
    *_v3("NonMaxSuppressionV5", array(0.0)),
    case(
        "NonMaxSuppressionV5",
        "padded",
        *(BOXES, SCORES, _size(7), HALF, array(0.4), array(0.0)),
        pad_to_max_output_size=True,
    ),
    case(
        "NonMaxSuppressionV5",
        "soft",
        *(BOXES, SCORES, _size(7), array(1.0), array(0.1), HALF),
        tolerance=(1e-6, 1e-6, 0.0),
    ),
    case(
        "NonMaxSuppressionV5",
        "soft, many",
        *(spread((40, 4), low=0.0, seed=5), spread((40,), low=0.0, seed=7), _size(20)),
        *(array(0.8), array(0.2), array(0.3)),
        tolerance=(1e-6, 1e-6, 0.0),
    ),
    case(
        "NonMaxSuppressionV5",
        "a negative sigma",
        *(BOXES, SCORES, _size(7), HALF, array(0.1), array(-0.5)),
    ),
    _by_overlaps("three"),
    _by_overlaps("less overlap", limit=0.3),
    _by_overlaps("better ones", least=0.7),
    _by_overlaps("one", size=1),
    _by_overlaps("none", spread((0, 0)), spread((0,))),
    _by_overlaps("not square", OVERLAPS[:2], modes=UNRANKED),
    _by_overlaps("too few scores", scores=SCORES[:2], modes=UNRANKED),
    *_drawn("DrawBoundingBoxes"),
    *_drawn("DrawBoundingBoxesV2", COLOURS),
    case("DrawBoundingBoxesV2", "no colours", IMAGES, DRAWN, spread((0, 4))),
    *_sampled("SampleDistortedBoundingBox", 0.1),
    *_sampled("SampleDistortedBoundingBoxV2", 0.1),
]
