"""Datasets: what makes them of tensors, and of each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.data.batches import Batched, Grouped, PaddedBatched, Unbatched, Windows
from evergraph.data.dataset import Dataset, Function
from evergraph.data.shuffles import RandomNumbers, Shuffled
from evergraph.data.sources import Generated, Range, Slices, SparseSlices, Tensors, length
from evergraph.data.transforms import (
    Chosen,
    Concatenated,
    Filtered,
    FlatMapped,
    Interleaved,
    Kept,
    Mapped,
    Part,
    Repeated,
    Scanned,
    Unique,
    Zipped,
)
from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define

#: The buffer of a shuffle that has room for all elements.
_EVERYTHING = -2


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _dataset(value):
    if not isinstance(value, Dataset):
        raise _invalid("The tensor must be a Dataset object.")
    return value


def _scalar(value, name):
    if np.ndim(value):
        raise _invalid(f"{name} must be a scalar")
    return length(value)


def _positive(value, name, message=None):
    number = _scalar(value, name)
    if number <= 0:
        raise _invalid(message or f"{name} must be greater than zero.")
    return number


# Sources


def tensors(xp, components):
    return Tensors(tuple(components))


def slices(xp, components):
    sizes = [np.shape(c)[:1] for c in components]
    for i, size in enumerate(sizes):
        if not size:
            raise _invalid("All components must be at least 1-dimensional")
        if size != sizes[0]:
            raise _invalid(
                f"All components must have the same size in the 0th dimension: component {i} has "
                f"{size[0]}, and component 0 has {sizes[0][0]}"
            )
    return Slices(components)


def sparse_slices(xp, indices, values, dense_shape):
    if np.ndim(indices) != 2 or np.ndim(values) != 1 or np.ndim(dense_shape) != 1:
        raise _invalid(
            "Input indices should be a matrix, input values a vector and input shape a vector, but "
            f"received shapes {list(np.shape(indices))}, {list(np.shape(values))} and "
            f"{list(np.shape(dense_shape))} instead."
        )
    rows = indices[:, 0]
    if np.any(rows[1:] < rows[:-1]):
        raise _invalid("The indices of the SparseTensor must be ordered along its first dimension")
    return SparseSlices(indices, values, dense_shape)


def numbers(xp, start, stop, step, *, output_types):
    distance = _scalar(step, "step")
    if not distance:
        raise _invalid("step must be a non-zero integer.")
    return Range(_scalar(start, "start"), _scalar(stop, "stop"), distance, output_types[0])


def random_numbers(xp, seed, seed2):
    return RandomNumbers((_scalar(seed, "seed"), _scalar(seed2, "seed2")))


def generated(
    xp,
    init_func_other_args,
    next_func_other_args,
    finalize_func_other_args,
    *,
    init_func,
    next_func,
    finalize_func,
):
    given = (
        (init_func, init_func_other_args),
        (next_func, next_func_other_args),
        (finalize_func, finalize_func_other_args),
    )
    return Generated(*[Function(f, tuple(a), "GeneratorDataset") for f, a in given])


# What functions make of elements


def _map(type, xp, input_dataset, other_arguments, num_parallel_calls=None, *, f):
    if num_parallel_calls is not None and length(num_parallel_calls) != -1:
        _positive(num_parallel_calls, "num_parallel_calls")
    return Mapped(_dataset(input_dataset), Function(f, tuple(other_arguments), type))


def map(xp, input_dataset, other_arguments, *, f):
    return _map("MapDataset", xp, input_dataset, other_arguments, f=f)


def parallel_map(type):
    def kernel(xp, input_dataset, other_arguments, num_parallel_calls, *, f):
        return _map(type, xp, input_dataset, other_arguments, num_parallel_calls, f=f)

    return kernel


def map_and_batch(
    xp, input_dataset, other_arguments, batch_size, num_parallel_calls, drop_remainder, *, f
):
    size = _positive(batch_size, "batch_size")
    mapped = _map("MapAndBatchDataset", xp, input_dataset, other_arguments, num_parallel_calls, f=f)
    return Batched(mapped, size, bool(drop_remainder))


def filtered(type, to_end=False):
    def kernel(xp, input_dataset, other_arguments, *, predicate):
        function = Function(predicate, tuple(other_arguments), type)
        return Filtered(_dataset(input_dataset), function, to_end)

    return kernel


def parallel_filter(xp, input_dataset, other_arguments, num_parallel_calls, *, predicate):
    return filtered("ParallelFilterDataset")(
        xp, input_dataset, other_arguments, predicate=predicate
    )


def flat_map(xp, input_dataset, other_arguments, *, f):
    function = Function(f, tuple(other_arguments), "FlatMapDataset")
    return FlatMapped(_dataset(input_dataset), function)


def interleaved(type):
    def kernel(xp, input_dataset, other_arguments, cycle_length, block_length, *ignored, f):
        # What is to be made ahead, and how, makes no difference to the order.
        cycle = _scalar(cycle_length, "cycle_length")
        if cycle == -1 and type.startswith("Parallel"):
            cycle = 10  # TF: depends on the machine
        if cycle <= 0:
            raise _invalid("cycle_length must be greater than zero.")
        block = _positive(block_length, "block_length")
        function = Function(f, tuple(other_arguments), type)
        return Interleaved(_dataset(input_dataset), function, cycle, block)

    return kernel


def group_by_window(
    xp,
    input_dataset,
    key_func_other_arguments,
    reduce_func_other_arguments,
    window_size_func_other_arguments,
    *,
    key_func,
    reduce_func,
    window_size_func,
):
    given = (
        (key_func, key_func_other_arguments),
        (reduce_func, reduce_func_other_arguments),
        (window_size_func, window_size_func_other_arguments),
    )
    functions = [Function(f, tuple(a), "GroupByWindowDataset") for f, a in given]
    return Grouped(_dataset(input_dataset), *functions)


def choose(xp, selector_input_dataset, data_input_datasets, *, stop_on_empty_dataset=False):
    sources = [_dataset(d) for d in data_input_datasets]
    return Chosen(_dataset(selector_input_dataset), sources, stop_on_empty_dataset)


def scan(xp, input_dataset, initial_state, other_arguments, *, f):
    function = Function(f, tuple(other_arguments), "ScanDataset")
    return Scanned(_dataset(input_dataset), tuple(initial_state), function)


# Which elements


def take(xp, input_dataset, count):
    return Part(_dataset(input_dataset), count=_scalar(count, "count"))


def skip(xp, input_dataset, count):
    return Part(_dataset(input_dataset), first=_scalar(count, "count"))


def shard(xp, input_dataset, num_shards, index):
    shards, number = _scalar(num_shards, "num_shards"), _scalar(index, "index")
    if shards <= 0:
        raise _invalid(
            f"Number of shards must be greater than zero (currently num_shards = {shards})."
        )
    if not 0 <= number < shards:
        raise _invalid(f"Index must be between 0 and {shards - 1} (currently index = {number}).")
    return Part(_dataset(input_dataset), first=number, step=shards)


def repeat(xp, input_dataset, count):
    return Repeated(_dataset(input_dataset), _scalar(count, "count"))


def _shuffled(input_dataset, buffer_size, seeds, anew, count=1):
    size = _scalar(buffer_size, "buffer_size")
    if size <= 0 and size != _EVERYTHING:
        raise _invalid("buffer_size must be greater than zero or UNKNOWN_CARDINALITY")
    given = length(seeds[0]), length(seeds[1])
    return Shuffled(_dataset(input_dataset), size, given, anew, count)


def shuffle(
    xp, input_dataset, buffer_size, seed, seed2, seed_generator=None, *, reshuffle_each_iteration
):
    return _shuffled(input_dataset, buffer_size, (seed, seed2), reshuffle_each_iteration)


def shuffle_and_repeat(
    xp, input_dataset, buffer_size, seed, seed2, count, *, reshuffle_each_iteration
):
    times = _scalar(count, "count")
    if times == 0 or times < -1:
        raise _invalid(f"count must be greater than zero or equal to -1, but got {times}")
    seeds = seed, seed2
    return _shuffled(input_dataset, buffer_size, seeds, reshuffle_each_iteration, times)


def zip(xp, input_datasets):
    return Zipped([_dataset(d) for d in input_datasets])


def concatenate(xp, input_dataset, another_dataset):
    return Concatenated(_dataset(input_dataset), _dataset(another_dataset))


def unchanged(xp, input_dataset, *_):
    # Where elements are made ahead, or what is to be tuned, makes no difference to what they are.
    return _dataset(input_dataset)


def ignore_errors(xp, input_dataset):
    return Kept(_dataset(input_dataset))


def unique(xp, input_dataset):
    return Unique(_dataset(input_dataset))


# Batches


def batch(xp, input_dataset, batch_size):
    return batch_v2(xp, input_dataset, batch_size, False)


def batch_v2(xp, input_dataset, batch_size, drop_remainder):
    size = _positive(batch_size, "batch_size", "Batch size must be greater than zero.")
    return Batched(_dataset(input_dataset), size, bool(drop_remainder))


def parallel_batch(xp, input_dataset, batch_size, num_parallel_calls, drop_remainder):
    return batch_v2(xp, input_dataset, batch_size, drop_remainder)


def padded_batch(xp, input_dataset, batch_size, padded_shapes, padding_values):
    return padded_batch_v2(xp, input_dataset, batch_size, padded_shapes, padding_values, False)


def padded_batch_v2(xp, input_dataset, batch_size, padded_shapes, padding_values, drop_remainder):
    size = _positive(batch_size, "batch_size", "Batch size must be greater than zero.")
    for i, value in enumerate(padding_values):
        if np.ndim(value):
            raise _invalid(f"All padding values must be scalars, but number {i} is not")
    shapes = [np.asarray(s).tolist() for s in padded_shapes]
    return PaddedBatched(
        _dataset(input_dataset), size, bool(drop_remainder), shapes, padding_values
    )


def unbatch(xp, input_dataset):
    return Unbatched(_dataset(input_dataset))


def window(xp, input_dataset, size, shift, stride, drop_remainder):
    given = {"size": size, "shift": shift, "stride": stride}
    sizes = {
        name: _positive(value, name, f"Window {name} must be greater than zero.")
        for name, value in given.items()
    }
    return Windows(_dataset(input_dataset), drop=bool(drop_remainder), **sizes)


# Shapes


def scalar(*inputs):
    return ()


def _sliced(components):
    for dims in components:
        if dims is not None and not dims:
            raise ShapeError("Shape must be at least rank 1 but is rank 0")
    return ()


_OPS: dict[str, Any] = {
    "TensorDataset": tensors,
    "TensorSliceDataset": slices,
    "SparseTensorSliceDataset": sparse_slices,
    "RangeDataset": numbers,
    "RandomDataset": random_numbers,
    "GeneratorDataset": generated,
    "MapDataset": map,
    "ParallelMapDataset": parallel_map("ParallelMapDataset"),
    "ParallelMapDatasetV2": parallel_map("ParallelMapDatasetV2"),
    "MapAndBatchDataset": map_and_batch,
    "FilterDataset": filtered("FilterDataset"),
    "ParallelFilterDataset": parallel_filter,
    "TakeWhileDataset": filtered("TakeWhileDataset", to_end=True),
    "FlatMapDataset": flat_map,
    **{
        type: interleaved(type)
        for type in (
            "InterleaveDataset",
            "LegacyParallelInterleaveDatasetV2",
            "ParallelInterleaveDataset",
            "ParallelInterleaveDatasetV2",
            "ParallelInterleaveDatasetV3",
            "ParallelInterleaveDatasetV4",
        )
    },
    "ScanDataset": scan,
    "GroupByWindowDataset": group_by_window,
    "DirectedInterleaveDataset": choose,
    "TakeDataset": take,
    "SkipDataset": skip,
    "ShardDataset": shard,
    "RepeatDataset": repeat,
    "ShuffleDataset": shuffle,
    "ShuffleDatasetV3": shuffle,
    "ShuffleAndRepeatDataset": shuffle_and_repeat,
    "ZipDataset": zip,
    "ConcatenateDataset": concatenate,
    "PrefetchDataset": unchanged,
    "OptionsDataset": unchanged,
    "ModelDataset": unchanged,
    "OptimizeDataset": unchanged,
    "RewriteDataset": unchanged,
    "MaxIntraOpParallelismDataset": unchanged,
    "PrivateThreadPoolDataset": unchanged,
    "IgnoreErrorsDataset": ignore_errors,
    "UniqueDataset": unique,
    "BatchDataset": batch,
    "BatchDatasetV2": batch_v2,
    "ParallelBatchDataset": parallel_batch,
    "PaddedBatchDataset": padded_batch,
    "PaddedBatchDatasetV2": padded_batch_v2,
    "UnbatchDataset": unbatch,
    "WindowDataset": window,
}
for _type, _kernel in _OPS.items():
    define(
        _type,
        _kernel,
        shape=_sliced if _kernel is slices else scalar,
        effects="state",
        unknown_rank=True,
    )
