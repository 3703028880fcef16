"""Cases of ragged tensors, of patches, of areas, of bands of diagonals, and of decoded labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph_conformance.cases import UNRANKED, Case, array, case, ramp, spread

SPLITS = array([0, 2, 2, 5], "int64")
OUTER = array([0, 1, 3], "int64")
VALUES = spread((5,))
WIDE = spread((5, 2))


def i32(*values):
    return array(list(values), "int32")


def to_tensor(
    label: str,
    values: Any,
    splits: Any,
    shape: Any = (-1, -1),
    default: Any = 0,
    types: Any = ("ROW_SPLITS",),
) -> Case:
    return case(
        "RaggedTensorToTensor",
        label,
        array(shape, "int64"),
        values,
        array(default, values.dtype.name),
        splits,
        row_partition_types=list(types),
    )


def patches(label, x, ksizes, strides, padding="VALID", rates=(1, 1)):
    return case(
        "ExtractImagePatches",
        label,
        x,
        ksizes=[1, *ksizes, 1],
        strides=[1, *strides, 1],
        rates=[1, *rates, 1],
        padding=padding,
    )


def volumes(label, x, ksizes, strides, padding="VALID"):
    return case(
        "ExtractVolumePatches",
        label,
        x,
        modes=UNRANKED,
        ksizes=[1, *ksizes, 1],
        strides=[1, *strides, 1],
        padding=padding,
    )


CORNERS: dict[str, Any] = {"align_corners": True}
PLAIN: dict[str, Any] = {}
IMAGE = spread((2, 4, 5, 2))
VOLUME = spread((1, 3, 4, 3, 2))
LOGITS = spread((4, 2, 3), "float32", -3, 3)
BAND = array([[8, 9, 7], [1, 2, 0]])
NOTHING = array(0.0)


def diagonal(label, x, k, rows=-1, columns=-1, padding=0.0):
    given = (array(v, "int32") for v in (k, rows, columns))
    return case("MatrixDiagV2", label, x, *given, array(padding, x.dtype.name))


def part(label, x, k, padding=0.0):
    padding = array(padding, x.dtype.name)
    return case("MatrixDiagPartV2", label, x, array(k, "int32"), padding)


def put(label, x, values, k):
    return case("MatrixSetDiagV2", label, x, values, array(k, "int32"))


CASES: list[Case] = [
    # RaggedRange
    case("RaggedRange", "int32", i32(0, 5, 8), i32(3, 5, 12), i32(1, 1, 2)),
    case("RaggedRange", "int64", *(array(v, "int64") for v in ([0, 5], [3, 9], [1, 2]))),
    case("RaggedRange", "float32", array([0.0, 1.0]), array([1.0, 2.0]), array([0.25, 0.5])),
    case("RaggedRange", "float64", *(array(v, "float64") for v in ([2.0], [0.5], [-0.5]))),
    case("RaggedRange", "scalars", array(0, "int32"), i32(3, 2), array(1, "int32")),
    case("RaggedRange", "backwards", i32(5), i32(0), i32(-2), Tsplits="int32"),
    case("RaggedRange", "nothing", i32(5), i32(0), i32(1)),
    case("RaggedRange", "no rows", i32(), i32(), i32()),
    case("RaggedRange", "no step", i32(1), i32(2), i32(0)),
    case("RaggedRange", "rows", i32(1, 2), i32(2, 3, 4), i32(1)),
    # RaggedGather
    case("RaggedGather", "float32", [SPLITS], VALUES, i32(2, 0), OUTPUT_RAGGED_RANK=1),
    case("RaggedGather", "rows", [SPLITS], WIDE, i32(0, 2, 0), OUTPUT_RAGGED_RANK=1),
    case("RaggedGather", "scalar", [OUTER, SPLITS], VALUES, i32(1), OUTPUT_RAGGED_RANK=2),
    case("RaggedGather", "matrix", [SPLITS], VALUES, i32([2, 0], [1, 1]), OUTPUT_RAGGED_RANK=2),
    case(
        "RaggedGather",
        "int64",
        [SPLITS],
        ramp((5,), "int64"),
        array([1], "int64"),
        OUTPUT_RAGGED_RANK=1,
    ),
    case("RaggedGather", "nothing", [SPLITS], VALUES, i32(), OUTPUT_RAGGED_RANK=1),
    case("RaggedGather", "beyond", [SPLITS], VALUES, i32(3), OUTPUT_RAGGED_RANK=1),
    case("RaggedGather", "below", [SPLITS], VALUES, i32(-1), OUTPUT_RAGGED_RANK=1),
    # RaggedTensorToSparse
    case("RaggedTensorToSparse", "float32", [SPLITS], VALUES),
    case("RaggedTensorToSparse", "rows", [SPLITS], WIDE),
    case("RaggedTensorToSparse", "nested", [OUTER, SPLITS], VALUES),
    case("RaggedTensorToSparse", "int32 splits", [SPLITS.astype("i4")], ramp((5,), "int32")),
    case("RaggedTensorToSparse", "strings", [array([0, 1], "int64")], np.array([b"a"], object)),
    case("RaggedTensorToSparse", "nothing", [array([0], "int64")], spread((0,))),
    case("RaggedTensorToSparse", "too few", [SPLITS], spread((4,))),
    case("RaggedTensorToSparse", "falling", [array([0, 3, 1, 5], "int64")], VALUES),
    # RaggedTensorToTensor
    to_tensor("float32", VALUES, [SPLITS]),
    to_tensor("default", VALUES, [SPLITS], default=7.5),
    to_tensor("rows", WIDE, [SPLITS], shape=(-1, -1, 2), default=[1.5, 2.5]),
    to_tensor("larger", VALUES, [SPLITS], shape=(4, 5)),
    to_tensor("smaller", VALUES, [SPLITS], shape=(2, 1)),
    to_tensor("nested", VALUES, [OUTER, SPLITS], shape=(-1, -1, -1), types=["ROW_SPLITS"] * 2),
    to_tensor(
        "row ids",
        ramp((3,), "int32"),
        [array(4, "int64"), array([0, 2, 2], "int64")],
        types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"],
    ),
    to_tensor("nothing", spread((0,)), [array([0, 0], "int64")]),
    to_tensor("falling", VALUES, [array([0, 3, 1, 5], "int64")]),
    # ExtractImagePatches
    patches("float32", IMAGE, (2, 3), (1, 1)),
    patches("other", spread((1, 3, 3, 1)), (2, 2), (1, 1)),
    patches("same", IMAGE, (3, 3), (2, 2), "SAME"),
    patches("strides", IMAGE, (2, 2), (2, 3)),
    patches("rates", IMAGE, (2, 2), (1, 1), "VALID", (2, 3)),
    patches("same rates", IMAGE, (2, 2), (2, 1), "SAME", (2, 2)),
    patches("one", IMAGE[:, :1, :1], (1, 1), (1, 1)),
    patches("double", IMAGE.astype("f8"), (2, 2), (3, 3)),
    patches("int32", ramp((1, 3, 3, 1), "int32"), (2, 2), (1, 1), "SAME"),
    patches("no images", IMAGE[:0], (2, 2), (1, 1)),
    patches("too large", IMAGE, (5, 2), (1, 1)),
    patches("rank", IMAGE[0], (2, 2), (1, 1)),
    # ExtractVolumePatches
    volumes("float32", VOLUME, (2, 2, 2), (1, 1, 1)),
    volumes("other", spread((2, 2, 3, 3, 1)), (2, 2, 2), (1, 1, 1)),
    volumes("same", VOLUME, (2, 3, 2), (2, 2, 1), "SAME"),
    volumes("strides", VOLUME, (1, 2, 3), (1, 2, 1)),
    volumes("double", VOLUME.astype("f8"), (1, 1, 1), (1, 2, 1)),
    volumes("no volumes", VOLUME[:0], (2, 2, 2), (1, 1, 1)),
    volumes("too large", VOLUME, (4, 2, 2), (1, 1, 1)),
    # ResizeArea
    *(
        case("ResizeArea", f"{label} {size}", x, i32(*size), **attributes)
        for size in ((2, 3), (8, 7))
        for label, x, attributes in (
            ("float32", IMAGE, PLAIN),
            ("corners", IMAGE, CORNERS),
            ("uint8", spread((1, 4, 5, 3), "uint8", 0, 255), PLAIN),
        )
    ),
    case("ResizeArea", "one", IMAGE, i32(1, 1)),
    case("ResizeArea", "the same", IMAGE, i32(4, 5)),
    case("ResizeArea", "no rows", IMAGE, i32(0, 5)),
    case("ResizeArea", "negative", IMAGE, i32(-2, 5)),
    case("ResizeArea", "rank", IMAGE[0], i32(2, 2)),
    # CTCGreedyDecoder
    case("CTCGreedyDecoder", "float32", LOGITS, i32(4, 4)),
    case("CTCGreedyDecoder", "merged", LOGITS, i32(4, 3), merge_repeated=True),
    case("CTCGreedyDecoder", "shorter", LOGITS, i32(2, 0)),
    case("CTCGreedyDecoder", "double", LOGITS.astype("f8"), i32(4, 4)),
    case("CTCGreedyDecoder", "blank", LOGITS, i32(4, 4), blank_index=0),
    case("CTCGreedyDecoder", "too long", LOGITS, i32(5, 4)),
    case("CTCGreedyDecoder", "batches", LOGITS, i32(4)),
    case("CTCGreedyDecoder", "rank", LOGITS[0], i32(2, 2)),
    # Bands of diagonals, to the left
    diagonal("main", spread((2, 3)), 0),
    diagonal("above", spread((3,)), 1),
    diagonal("band", BAND, [-1, 0], 3, 3),
    diagonal("padding", spread((2,)), -1, 4, 3, padding=9.0),
    diagonal("int64", ramp((3,), "int64"), 0),
    diagonal("lines", spread((3, 2)), [0, 1]),
    part("main", spread((2, 3, 4)), 0),
    part("above", spread((3, 4)), 1),
    part("band", spread((3, 4)), [-1, 2], padding=9.0),
    part("int32", ramp((3, 3), "int32"), [-2, 0]),
    part("outside", spread((3, 4)), 5),
    part("rank", spread((3,)), 0),
    put("main", spread((2, 3, 3)), spread((2, 3), seed=1), 0),
    put("above", spread((3, 4)), spread((3,), seed=1), 1),
    put("below", spread((4, 3)), spread((3,), seed=1), -1),
    put("double", spread((2, 2), "float64"), spread((2,), "float64"), 0),
    put("outside", spread((3, 3)), spread((2,)), 4),
    put("sizes", spread((3, 3)), spread((2,)), 0),
]
