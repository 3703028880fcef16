"""Batches of examples that threads compute one by one: `batch`, `shuffle_batch` and the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from evergraph import dtypes
from evergraph.builder import build, build_operation
from evergraph.graph.convert import convert_n_to_tensor, convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operation import Operation
from evergraph.graph.operators import cast, scope
from evergraph.graph.slicing import shape
from evergraph.graph.tensor import Tensor
from evergraph.shapes import as_shape
from evergraph.v1.filling import fill
from evergraph.v1.queues import FIFOQueue, PaddingFIFOQueue, QueueBase, RandomShuffleQueue
from evergraph.v1.shaping import expand_dims, reshape
from evergraph.v1.training.input_producers import summarized
from evergraph.v1.training.queue_runners import QueueRunner, add_queue_runner


@dataclass(frozen=True)
class _Store:
    """The queue between the threads and the batches.

    Attributes:
      kind: of the queue.
      capacity: how many examples there is room for.
      more: further arguments of the queue.
    """

    kind: Callable[..., QueueBase]
    capacity: int
    more: dict[str, Any]

    def make(self, types: list[Any], shapes: Any) -> QueueBase:
        """Return the queue."""
        return self.kind(capacity=self.capacity, dtypes=types, shapes=shapes, **self.more)

    def summarize(self, queue: QueueBase) -> None:
        """Add a summary of how full the queue is."""
        least = self.more.get("min_after_dequeue")
        room = self.capacity - (least or 0)
        name, used = f"fraction_of_{room}_full", queue.size()
        if least is not None:
            name, used = (
                f"fraction_over_{least}_of_{room}_full",
                build("Maximum", {"x": 0, "y": used - least}),
            )
        summarized(name, cast(used, dtypes.float32) * (1.0 / room))


def _in_order(capacity: int, dynamic_pad: bool, shared_name: str | None) -> _Store:
    kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
    return _Store(kind, capacity, {"shared_name": shared_name})


def _shuffled(
    capacity: int, min_after_dequeue: int, seed: int | None, shared_name: str | None
) -> _Store:
    more = {"min_after_dequeue": min_after_dequeue, "seed": seed, "shared_name": shared_name}
    return _Store(RandomShuffleQueue, capacity, more)


@dataclass(frozen=True)
class _Wanted:
    """What the batches are to be like.

    Attributes:
      batch_size: how many examples a batch has.
      keep_input: which examples are kept.
      enqueue_many: whether tensors are several examples.
      shapes: of an example.
      smaller: whether the last batch may have fewer examples.
      name: the name of the operation.
    """

    batch_size: Any
    keep_input: Any
    enqueue_many: bool
    shapes: Any
    smaller: bool
    name: str | None


def _of_one(title: str, tensors: Any, threads: int, store: _Store, wanted: _Wanted) -> Any:
    """Return batches of one example, which several threads compute."""
    listed = _listed(tensors)
    with scope(wanted.name, title, [*listed, wanted.keep_input]) as name:
        least = store.more.get("min_after_dequeue")
        if least is not None and store.capacity <= least:
            raise ValueError(
                f"capacity {store.capacity} must be bigger than min_after_dequeue {least}."
            )
        converted = convert_n_to_tensor(listed)
        if not converted:
            raise ValueError("Expected at least one tensor in batch().")
        keep = _checked_keep(wanted)
        queue = store.make(*_types_and_shapes([converted], wanted))
        operations = [_enqueue(queue, converted, keep, wanted.enqueue_many)] * threads
        return _batches(queue, operations, store, wanted, tensors, name)


def _of_several(title: str, tensors_list: Any, store: _Store, wanted: _Wanted) -> Any:
    """Return batches of several examples, each of which a thread computes."""
    if not tensors_list:
        raise ValueError("Expected at least one set of tensors")
    first = tensors_list[0]
    if isinstance(first, dict) and any(set(t) != set(first) for t in tensors_list):
        raise ValueError("All dictionaries in tensors_list must have the same keys")
    each = [_listed(t) for t in tensors_list]
    values = [t for listed in each for t in listed]
    with scope(wanted.name, title, [*values, wanted.keep_input]) as name:
        converted = [convert_n_to_tensor(listed) for listed in each]
        keep = _checked_keep(wanted)
        queue = store.make(*_types_and_shapes(converted, wanted))
        operations = [_enqueue(queue, c, keep, wanted.enqueue_many) for c in converted]
        return _batches(queue, operations, store, wanted, first, name)


def _batches(
    queue: QueueBase,
    operations: list[Operation],
    store: _Store,
    wanted: _Wanted,
    like: Any,
    name: str,
) -> Any:
    add_queue_runner(QueueRunner(queue, operations))
    store.summarize(queue)
    dequeue = queue.dequeue_up_to if wanted.smaller else queue.dequeue_many
    made = dequeue(wanted.batch_size, name=name)
    if not isinstance(like, dict):
        return made
    return dict(zip(_keys(like), [made] if len(like) == 1 else made, strict=True))


def _keys(tensors: dict[Any, Any]) -> list[Any]:
    return sorted(tensors, key=str)


def _listed(tensors: Any) -> list[Any]:
    return [tensors[k] for k in _keys(tensors)] if isinstance(tensors, dict) else list(tensors)


def _checked_keep(wanted: _Wanted) -> Tensor:
    keep = convert_to_tensor(wanted.keep_input)
    rank = keep.shape.ndims
    if rank is None:
        raise ValueError("`keep_input` dimensions must be known at graph construction.")
    if rank == 1 and not wanted.enqueue_many:
        raise ValueError("`keep_input` cannot be a vector when `enqueue_many=False`.")
    if rank > 1:
        raise ValueError("`keep_input` must be 0 or 1 dimensions.")
    return keep


def _types_and_shapes(each: list[list[Tensor]], wanted: _Wanted) -> tuple[list[Any], Any]:
    """Return the types and the shapes of an example."""
    types = [t.dtype for t in each[0]]
    for tensors in each[1:]:
        others = [t.dtype for t in tensors]
        if others != types:
            raise TypeError(
                f"Expected types to be consistent: {', '.join(t.name for t in types)} vs. "
                f"{', '.join(t.name for t in others)}."
            )
    if wanted.shapes is not None:
        return types, wanted.shapes
    for tensors in each:
        for tensor in tensors:
            if tensor.shape.ndims is None:
                raise ValueError(f"Cannot infer Tensor's rank: {tensor}")
    shapes = []
    for column in zip(*each, strict=True):
        found = [as_shape(t.shape) for t in column]
        if wanted.enqueue_many:
            found = [s.with_rank_at_least(1)[1:] for s in found]
        for other in found[1:]:
            # TF: they must fit together; what one knows more than the first does not count.
            found[0].merge_with(other)
        shapes.append(found[0].as_list())
    return types, shapes


def _enqueue(
    queue: QueueBase, tensors: Sequence[Tensor], keep: Tensor, enqueue_many: bool
) -> Operation:
    """Return what puts the examples in that are kept."""
    if keep.shape.ndims == 0:
        kept = constant_value(keep)
        if kept is not None:
            if not kept:
                return build_operation("NoOp", {})
            return queue.enqueue_many(tensors) if enqueue_many else queue.enqueue(tensors)
        # TF: a `cond` about the enqueue. Here the examples are as many as are kept.
        if enqueue_many:
            keep = fill(shape(tensors[0])[:1], keep)
        else:
            keep = reshape(keep, [1])
            tensors = [expand_dims(t, 0) for t in tensors]
    which = {"partitions": cast(keep, dtypes.int32), "num_partitions": 2}
    return queue.enqueue_many([build("DynamicPartition", {"data": t} | which)[1] for t in tensors])


def batch(
    tensors: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches of what tensors are each time that a thread computes them.

    The threads are those of a `QueueRunner`: see `start_queue_runners`.

    Args:
      tensors: a list or a dictionary of tensors: an example.
      batch_size: how many examples a batch has, an integer scalar.
      num_threads: how many threads compute examples.
      capacity: how many examples there is room for.
      enqueue_many: whether the tensors are several examples, by their first dimension.
      shapes: the shapes of an example; by default the static ones.
      dynamic_pad: whether sizes may differ in a batch, which is then padded with zeros.
      allow_smaller_final_batch: whether the last batch may have fewer examples.
      shared_name: see `FIFOQueue`.
      name: the name of the operation.

    Returns:
      A list of batches, or a dictionary if `tensors` is one; the only batch bare.

    Raises:
      ValueError: there are no tensors, or their shapes are not known.
      OutOfRangeError: when it runs, too few examples are left.
    """
    return maybe_batch(
        tensors,
        True,
        batch_size,
        num_threads,
        capacity,
        enqueue_many,
        shapes,
        dynamic_pad,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def maybe_batch(
    tensors: Any,
    keep_input: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `batch` does, of the examples that are kept.

    Args:
      tensors: as there.
      keep_input: whether an example is kept: a bool scalar, or with `enqueue_many` a vector.
      batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad: as there.
      allow_smaller_final_batch, shared_name, name: as there.

    Raises:
      ValueError: as there, or `keep_input` has another rank.
      OutOfRangeError: when it runs, too few examples are left.
    """
    wanted = _Wanted(batch_size, keep_input, enqueue_many, shapes, allow_smaller_final_batch, name)
    store = _in_order(capacity, dynamic_pad, shared_name)
    return _of_one("batch", tensors, num_threads, store, wanted)


def batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `batch` does, of several examples, each with a thread of its own.

    Args:
      tensors_list: lists or dictionaries of tensors, with the same types.
      batch_size, capacity, enqueue_many, shapes, dynamic_pad: as there.
      allow_smaller_final_batch, shared_name, name: as there.

    Raises:
      TypeError: the types of the examples differ.
      ValueError: there are none, or their keys or shapes differ, or are not known.
      OutOfRangeError: when it runs, too few examples are left.
    """
    return maybe_batch_join(
        tensors_list,
        True,
        batch_size,
        capacity,
        enqueue_many,
        shapes,
        dynamic_pad,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def maybe_batch_join(
    tensors_list: Any,
    keep_input: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `batch_join` does, of the examples that are kept; see `maybe_batch`."""
    wanted = _Wanted(batch_size, keep_input, enqueue_many, shapes, allow_smaller_final_batch, name)
    store = _in_order(capacity, dynamic_pad, shared_name)
    return _of_several("batch_join", tensors_list, store, wanted)


def shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `batch` does, of examples in random order.

    Args:
      tensors, batch_size, capacity: as there.
      min_after_dequeue: how many examples stay, so that they mix.
      num_threads: as there.
      seed: of the order.
      enqueue_many, shapes, allow_smaller_final_batch, shared_name, name: as there.

    Raises:
      ValueError: as there, or not more than `min_after_dequeue` examples have room.
      OutOfRangeError: when it runs, too few examples are left.
    """
    return maybe_shuffle_batch(
        tensors,
        batch_size,
        capacity,
        min_after_dequeue,
        True,
        num_threads,
        seed,
        enqueue_many,
        shapes,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def maybe_shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `shuffle_batch` does, of the examples that are kept; see `maybe_batch`."""
    wanted = _Wanted(batch_size, keep_input, enqueue_many, shapes, allow_smaller_final_batch, name)
    store = _shuffled(capacity, min_after_dequeue, seed, shared_name)
    return _of_one("shuffle_batch", tensors, num_threads, store, wanted)


def shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `batch_join` does, of examples in random order; see `shuffle_batch`."""
    return maybe_shuffle_batch_join(
        tensors_list,
        batch_size,
        capacity,
        min_after_dequeue,
        True,
        seed,
        enqueue_many,
        shapes,
        allow_smaller_final_batch,
        shared_name,
        name,
    )


def maybe_shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Return batches as `shuffle_batch_join`, of the examples that are kept; see `maybe_batch`."""
    wanted = _Wanted(batch_size, keep_input, enqueue_many, shapes, allow_smaller_final_batch, name)
    store = _shuffled(capacity, min_after_dequeue, seed, shared_name)
    return _of_several("shuffle_batch_join", tensors_list, store, wanted)
