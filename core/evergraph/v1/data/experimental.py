"""tf.data.experimental: what is done to datasets by `Dataset.apply`, and some others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.convert import convert_to_tensor
from evergraph.shapes import TensorShape
from evergraph.v1.data import structure as structures
from evergraph.v1.data.base import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, int64
from evergraph.v1.data.batching import batch_dimension
from evergraph.v1.data.buckets import bucket_by_sequence_length
from evergraph.v1.data.dataset import Dataset
from evergraph.v1.data.files import CsvDataset
from evergraph.v1.data.options import (
    AutotuneOptions,
    DistributeOptions,
    OptimizationOptions,
    ThreadingOptions,
)
from evergraph.v1.data.seeds import get_seed

__all__ = [
    "AUTOTUNE",
    "INFINITE_CARDINALITY",
    "UNKNOWN_CARDINALITY",
    "AutotuneOptions",
    "Counter",
    "CsvDataset",
    "DistributeOptions",
    "OptimizationOptions",
    "RandomDataset",
    "ThreadingOptions",
    "bucket_by_sequence_length",
    "choose_from_datasets",
    "copy_to_device",
    "enumerate_dataset",
    "get_single_element",
    "group_by_window",
    "ignore_errors",
    "map_and_batch",
    "map_and_batch_with_legacy_function",
    "parallel_interleave",
    "prefetch_to_device",
    "scan",
    "shuffle_and_repeat",
    "take_while",
    "unbatch",
    "unique",
]

#: What `Dataset.apply` takes.
Transformation = Callable[[Any], Any]


def map_and_batch(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: int | None = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Return what does `map` and then `batch`.

    Args:
      map_func: as for `Dataset.map`.
      batch_size, drop_remainder: as for `Dataset.batch`.
      num_parallel_batches, num_parallel_calls: accepted, but only one of them.

    Raises:
      ValueError: both of them are given.
    """
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError(
            "`map_and_batch` allows only one of `num_parallel_batches` and `num_parallel_calls` to "
            "be set, but both were set."
        )

    def apply(dataset: Any) -> Any:
        size = int64(batch_size, "batch_size")
        calls = num_parallel_calls
        if calls is None:
            calls = (
                batch_size if num_parallel_batches is None else batch_size * num_parallel_batches
            )
        traced = dataset._function(map_func, "tf.data.experimental.map_and_batch")
        drop = convert_to_tensor(drop_remainder, dtypes.bool, name="drop_remainder")
        given = {
            "other_arguments": traced.captured,
            "f": traced.function,
            "batch_size": size,
            "num_parallel_calls": int64(calls, "num_parallel_calls"),
            "drop_remainder": drop,
            "preserve_cardinality": True,
        }
        structure = structures.batched(traced.structure, batch_dimension(size, drop))
        return dataset._derived("MapAndBatchDataset", given, structure)

    return apply


def map_and_batch_with_legacy_function(
    map_func: Callable[..., Any],
    batch_size: Any,
    num_parallel_batches: int | None = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """Return the same as `map_and_batch`."""
    return map_and_batch(
        map_func, batch_size, num_parallel_batches, drop_remainder, num_parallel_calls
    )


def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """Return what shuffles and repeats; the elements of one time do not wait for those of the last.

    Args:
      buffer_size, seed: as for `Dataset.shuffle`.
      count: as for `Dataset.repeat`.
    """

    def apply(dataset: Any) -> Any:
        size = int64(buffer_size, "buffer_size")
        times = int64(-1 if count is None else count, "count")
        first, second = get_seed(seed)
        given = {"buffer_size": size, "count": times, "seed": first, "seed2": second}
        return dataset._derived("ShuffleAndRepeatDataset", given)

    return apply


def parallel_interleave(
    map_func: Callable[..., Any],
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: bool | None = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """Return what does `Dataset.interleave`.

    Args:
      map_func, cycle_length, block_length: as for `Dataset.interleave`.
      sloppy, buffer_output_elements, prefetch_input_elements: accepted; the order is always the
        same.
    """

    def apply(dataset: Any) -> Any:
        ahead = 2 * block_length if buffer_output_elements is None else buffer_output_elements
        inputs = 2 * cycle_length if prefetch_input_elements is None else prefetch_input_elements
        traced = dataset._datasets(map_func, "tf.data.experimental.parallel_interleave")
        given = {
            "other_arguments": traced.captured,
            "f": traced.function,
            "cycle_length": int64(cycle_length, "cycle_length"),
            "block_length": int64(block_length, "block_length"),
            "buffer_output_elements": int64(ahead, "buffer_output_elements"),
            "prefetch_input_elements": int64(inputs, "prefetch_input_elements"),
            "deterministic": "default" if sloppy is None else str(not sloppy).lower(),
        }
        inner = traced.structure.structure
        return dataset._derived("LegacyParallelInterleaveDatasetV2", given, inner)

    return apply


def group_by_window(
    key_func: Callable[..., Any],
    reduce_func: Callable[..., Any],
    window_size: Any = None,
    window_size_func: Any = None,
) -> Transformation:
    """Return what does `Dataset.group_by_window`."""
    return lambda dataset: dataset.group_by_window(
        key_func, reduce_func, window_size, window_size_func
    )


def scan(initial_state: Any, scan_func: Callable[..., Any]) -> Transformation:
    """Return what does `Dataset.scan`."""
    return lambda dataset: dataset.scan(initial_state, scan_func)


def take_while(predicate: Callable[..., Any]) -> Transformation:
    """Return what does `Dataset.take_while`."""
    return lambda dataset: dataset.take_while(predicate)


def unbatch() -> Transformation:
    """Return what does `Dataset.unbatch`."""
    return lambda dataset: dataset.unbatch()


def unique() -> Transformation:
    """Return what does `Dataset.unique`."""
    return lambda dataset: dataset.unique()


def enumerate_dataset(start: Any = 0) -> Transformation:
    """Return what does `Dataset.enumerate`."""
    return lambda dataset: dataset.enumerate(start)


def ignore_errors(log_warning: bool = False) -> Transformation:
    """Return what does `Dataset.ignore_errors`."""
    return lambda dataset: dataset.ignore_errors(log_warning)


def prefetch_to_device(device: str, buffer_size: Any = None) -> Transformation:
    """Return what leaves a dataset as it is: elements go to a device when a step uses them.

    Args:
      device, buffer_size: accepted.
    """
    del device, buffer_size
    return lambda dataset: dataset


def copy_to_device(target_device: str, source_device: str = "/cpu:0") -> Transformation:
    """Return what leaves a dataset as it is: elements go to a device when a step uses them.

    Args:
      target_device, source_device: accepted.
    """
    del target_device, source_device
    return lambda dataset: dataset


def choose_from_datasets(
    datasets: Sequence[Any], choice_dataset: Any, stop_on_empty_dataset: bool = False
) -> Dataset:
    """Return elements of several datasets: the next one of that which another dataset says.

    Args:
      datasets: a list of datasets, all of one kind.
      choice_dataset: their numbers, int64 scalars.
      stop_on_empty_dataset: whether the end of one of them is the end; else it is left out.

    Raises:
      TypeError: `choice_dataset` has other elements.
      ValueError: there is no dataset.
    """
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    if choice_dataset._structure != structures.TensorLeaf(dtypes.int64, TensorShape([])):
        raise TypeError(
            "Invalid `choice_dataset`. Elements of `choice_dataset` must be scalar `tf.int64` "
            f"tensors but are {choice_dataset._structure}."
        )
    first = datasets[0]
    given = {
        "selector_input_dataset": choice_dataset._variant_tensor,
        "data_input_datasets": [d._variant_tensor for d in datasets],
        "stop_on_empty_dataset": stop_on_empty_dataset,
    }
    attributes = structures.attributes_of(first._structure)
    return Dataset._of(build("DirectedInterleaveDataset", given | attributes), first._structure)


def get_single_element(dataset: Any) -> Any:
    """Return the only element of a dataset, as tensors; see `Dataset.get_single_element`."""
    return dataset.get_single_element()


def Counter(start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64) -> Dataset:
    """Return a dataset of the numbers from `start` on, without an end.

    Args:
      start, step: scalars.
      dtype: of the numbers.
    """
    first = convert_to_tensor(start, dtype, name="start")
    distance = convert_to_tensor(step, dtype, name="step")
    found: Dataset = (
        Dataset.from_tensors(0).repeat(None).scan(first, lambda s, _: (s + distance, s))
    )
    return found


class RandomDataset(Dataset):
    """Random numbers, int64 from 0 to 2**32 - 1, without an end; see `Dataset.random`."""

    def __init__(
        self, seed: Any = None, rerandomize_each_iteration: bool | None = None, name: Any = None
    ) -> None:
        found = Dataset.random(seed, rerandomize_each_iteration, name)
        self._set(found._variant_tensor, found._structure)
