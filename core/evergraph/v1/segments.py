"""Reductions over segments."""

from __future__ import annotations

from typing import Any

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import concat
from evergraph.v1.filling import inner_shape, newaxis, ones, rank


def unsorted_segment_mean(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Any:
    """Return the mean of each segment; zero for one without elements."""
    with scope(name, "UnsortedSegmentMean"):
        sums, counts = _segment_sums(data, segment_ids, num_segments)
        return sums / counts


def unsorted_segment_sqrt_n(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Any:
    """Return the sum of each segment divided by the square root of its size."""
    with scope(name, "UnsortedSegmentSqrtN"):
        sums, counts = _segment_sums(data, segment_ids, num_segments)
        return sums / node("Sqrt", x=counts)


def _segment_sums(data: Any, segment_ids: Any, num_segments: Any) -> tuple[Any, Any]:
    """Return the sums of the segments, and their sizes (at least 1) in a shape that broadcasts."""
    data = convert_to_tensor(data)
    segment_ids = convert_to_tensor(segment_ids)
    segments = convert_to_tensor(num_segments)
    # TF: the number is converted anew for each of the nodes that take it.
    every = ones(inner_shape(segment_ids), data.dtype)
    counts = _segment_sum(every, segment_ids, segments)
    first = segments[newaxis]
    inner = ones([rank(data) - rank(segment_ids)], segments.dtype)
    counts = node("Reshape", tensor=counts, shape=concat([first, inner], 0))
    counts = node("Maximum", x=counts, y=1)
    return _segment_sum(data, segment_ids, num_segments), counts


def _segment_sum(data: Any, segment_ids: Any, num_segments: Any) -> Any:
    return node("UnsortedSegmentSum", data=data, segment_ids=segment_ids, num_segments=num_segments)


def sparse_segment_sum(
    data: Any,
    indices: Any,
    segment_ids: Any,
    name: str | None = None,
    num_segments: Any = None,
    sparse_gradient: bool = False,
) -> Any:
    """Return the sum of each segment of the rows of `data` that `indices` names.

    Args:
      data: the tensor.
      indices: the rows.
      segment_ids: their segments, sorted.
      name: the name of the node.
      num_segments: how many segments there are; by default the last one ends the result.
      sparse_gradient: whether the gradient is sparse.
    """
    return _sparse("Sum", data, indices, segment_ids, name, num_segments, sparse_gradient)


def sparse_segment_mean(
    data: Any,
    indices: Any,
    segment_ids: Any,
    name: str | None = None,
    num_segments: Any = None,
    sparse_gradient: bool = False,
) -> Any:
    """Return the mean of each segment; the arguments are those of `sparse_segment_sum`."""
    return _sparse("Mean", data, indices, segment_ids, name, num_segments, sparse_gradient)


def sparse_segment_sqrt_n(
    data: Any,
    indices: Any,
    segment_ids: Any,
    name: str | None = None,
    num_segments: Any = None,
    sparse_gradient: bool = False,
) -> Any:
    """Return sums divided by the square root of the size; as `sparse_segment_sum`."""
    return _sparse("SqrtN", data, indices, segment_ids, name, num_segments, sparse_gradient)


def _sparse(
    kind: str, data: Any, indices: Any, segment_ids: Any, name: Any, segments: Any, sparse: bool
) -> Any:
    arguments = {
        "data": data,
        "indices": indices,
        "segment_ids": segment_ids,
        "sparse_gradient": sparse,
    }
    if segments is None:
        return node(f"SparseSegment{kind}", name, **arguments)
    return node(f"SparseSegment{kind}WithNumSegments", name, **arguments, num_segments=segments)
