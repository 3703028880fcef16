"""Batches of elements of similar length: `bucket_by_sequence_length`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import constant
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.indexing import where
from evergraph.v1.reductions import reduce_min

_LEAST: Final = -(2**31)
_LARGEST: Final = 2**31 - 1


def bucket_by_sequence_length(
    element_length_func: Callable[..., Any],
    bucket_boundaries: Sequence[int],
    bucket_batch_sizes: Sequence[int],
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Callable[[Any], Any]:
    """Return what makes batches of elements whose lengths lie between the same two boundaries.

    Args:
      element_length_func: takes an element; returns its length, an int32 scalar.
      bucket_boundaries: lengths at which the buckets begin, but the first one.
      bucket_batch_sizes: how many elements a batch has, for each bucket.
      padded_shapes, padding_values: as for `Dataset.padded_batch`.
      pad_to_bucket_boundary: whether unknown sizes are one less than the end of the bucket, not
        that of the largest element.
      no_padding: whether elements have one shape already.
      drop_remainder: as for `Dataset.batch`.

    Raises:
      ValueError: there are not as many sizes as buckets.
    """
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError(
            "`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but "
            f"`len(bucket_batch_sizes)={len(bucket_batch_sizes)}` and "
            f"`len(bucket_boundaries)={len(bucket_boundaries)}`."
        )

    def key(*element: Any) -> Any:
        length = element_length_func(*element)
        bounds = [int(b) for b in bucket_boundaries]
        starts = constant([_LEAST, *bounds], dtypes.int32)
        ends = constant([*bounds, _LARGEST], dtypes.int32)
        # Operators of tensors, which compare and combine elements.
        return reduce_min(where((starts <= length) & (length < ends)))

    def size(bucket: Any) -> Any:
        return constant(list(bucket_batch_sizes), dtypes.int64)[bucket]

    def batch(bucket: Any, group: Any) -> Any:
        number = size(bucket)
        if no_padding:
            return group.batch(number, drop_remainder)
        shapes = group.output_shapes if padded_shapes is None else padded_shapes
        if pad_to_bucket_boundary:
            end = constant([*bucket_boundaries, -1], dtypes.int64)[bucket] - 1
            given = structures.given_along(group.output_shapes, shapes)
            filled = [[end if d is None else d for d in TensorShape(s).as_list()] for s in given]
            shapes = structures.packed(
                group.output_shapes, [constant_or_packed(sizes) for sizes in filled]
            )
        return group.padded_batch(number, shapes, padding_values, drop_remainder)

    return lambda dataset: dataset.group_by_window(key, batch, window_size_func=size)


def constant_or_packed(sizes: list[Any]) -> Any:
    """Return sizes as an int64 vector."""
    from evergraph.graph.slicing import stack

    if not sizes:
        return constant([], dtypes.int64)
    return stack([s if hasattr(s, "op") else constant(s, dtypes.int64) for s in sizes])
