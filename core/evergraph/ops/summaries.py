"""Summaries: ScalarSummary, HistogramSummary, TensorSummaryV2, MergeSummary.

Each makes a serialized `Summary`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from google.protobuf.message import DecodeError

from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError
from evergraph.op import define, no_gradient
from evergraph.protos import Summary, TensorProto
from evergraph.shapes import bracketed


def scalar_summary(xp, tags, values):
    tags, values = np.asarray(tags, object), np.asarray(values)
    if tags.shape != values.shape:
        named = f" (tag '{_text(tags.item())}')" if tags.size == 1 else ""
        raise _invalid(
            f"tags and values are not the same shape: {bracketed(tags.shape)} != "
            f"{bracketed(values.shape)}{named}"
        )
    made = Summary()
    numbers = values.astype(np.float32).reshape(-1).tolist()
    for tag, number in zip(tags.reshape(-1).tolist(), numbers, strict=True):
        made.value.add(tag=_text(tag), simple_value=number)
    return made.SerializeToString()


def histogram_summary(xp, tag, values):
    if np.ndim(tag):
        raise _invalid("tags must be scalar")
    name = _text(np.asarray(tag, object).item())
    numbers = np.asarray(values).astype(np.float64).reshape(-1)
    bad = numbers[~np.isfinite(numbers)]
    if bad.size:
        raise _invalid(
            f"Nan in summary histogram for: {name}"
            if np.isnan(bad[0])
            else f"Infinity in Histogram for: {name}"
        )
    made = Summary()
    _fill(made.value.add(tag=name).histo, numbers)
    return made.SerializeToString()


def _fill(histo, numbers):
    limits = _limits()
    largest = limits[-1]
    # One after the other, as TensorFlow adds them.
    with np.errstate(over="ignore"):
        sums = [np.cumsum(x)[-1:].sum() for x in (numbers, numbers * numbers)]
    histo.min = numbers.min(initial=largest)
    histo.max = numbers.max(initial=-largest)
    histo.num = numbers.size
    histo.sum, histo.sum_squares = sums
    # What is not below any limit counts in the last bucket.
    at = np.minimum(np.searchsorted(limits, numbers, side="right"), len(limits) - 1)
    counts = np.bincount(at, minlength=len(limits))
    # Of empty buckets side by side, the last one stands for all.
    kept = np.ones(len(limits), bool)
    kept[:-1] = (counts[:-1] > 0) | (counts[1:] > 0)
    histo.bucket_limit.extend(limits[kept].tolist())
    histo.bucket.extend(counts[kept].tolist())


@cache
def _limits():
    """Return the upper limits of the buckets of all histograms."""
    positive = []
    limit = 1e-12
    while limit < 1e20:
        positive.append(limit)
        limit *= 1.1
    largest = np.finfo(np.float64).max
    return np.array([-largest, *[-x for x in reversed(positive)], 0.0, *positive, largest])


def tensor_summary(xp, tag, tensor, serialized_summary_metadata):
    if np.ndim(tag):
        raise _invalid("tag must be scalar")
    if np.ndim(serialized_summary_metadata):
        raise _invalid("serialized_summary_metadata must be scalar")
    made = Summary()
    value = made.value.add(tag=_text(np.asarray(tag, object).item()))
    value.metadata.SetInParent()
    metadata = np.asarray(serialized_summary_metadata, object).item()
    try:
        value.metadata.MergeFromString(metadata)
    except DecodeError as error:
        raise _invalid("Failed to parse serialized metadata") from error
    value.tensor.CopyFrom(_as_proto(tensor))
    return made.SerializeToString()


def _as_proto(tensor):
    array = np.asarray(tensor)
    proto = TensorProto(dtype=from_numpy(array.dtype).as_datatype_enum)
    proto.tensor_shape.SetInParent()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if array.dtype == object:
        proto.string_val.extend(array.reshape(-1).tolist())
    else:
        proto.tensor_content = array.tobytes()
    return proto


def merge_summary(xp, inputs):
    made = Summary()
    tags = set()
    for text in (t for array in inputs for t in np.asarray(array, object).reshape(-1).tolist()):
        try:
            part = Summary.FromString(text)
        except DecodeError as error:
            raise _invalid("Could not parse one of the summary inputs") from error
        for value in part.value:
            if value.tag and value.tag in tags:
                raise _invalid(f"Duplicate tag {value.tag} found in summary inputs ")
            tags.add(value.tag)
        made.MergeFrom(part)
    return made.SerializeToString()


def _text(tag):
    return tag.decode("utf-8", "replace")


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def scalar_summary_shape(tags, values):
    return ()


def histogram_shape(tag, values):
    return ()


def tensor_summary_shape(tag, tensor, serialized_summary_metadata):
    return ()


def merged_shape(inputs):
    return ()


define(
    "ScalarSummary",
    scalar_summary,
    shape=scalar_summary_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "HistogramSummary",
    histogram_summary,
    shape=histogram_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define(
    "TensorSummaryV2",
    tensor_summary,
    shape=tensor_summary_shape,
    unknown_rank=True,
    gradient=no_gradient,
)
define("MergeSummary", merge_summary, shape=merged_shape, unknown_rank=True, gradient=no_gradient)
