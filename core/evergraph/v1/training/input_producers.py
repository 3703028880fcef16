"""Queues of the rows of a tensor, once or several times, perhaps in random order."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.builder import build
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import constant, convert_n_to_tensor, convert_to_tensor
from evergraph.graph.operators import cast, scope
from evergraph.graph.slicing import shape
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.v1.filling import size
from evergraph.v1.flow import Assert, identity
from evergraph.v1.indexing import gather
from evergraph.v1.queues import FIFOQueue, QueueBase
from evergraph.v1.random_ops import random_shuffle
from evergraph.v1.sequences import range as numbers
from evergraph.v1.training.queue_runners import QueueRunner, add_queue_runner
from evergraph.v1.variables import Variable


def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """Return the tensor, which can be computed `num_epochs` times.

    The count is a local variable: see `tf.local_variables_initializer`.

    Args:
      tensor: a tensor.
      num_epochs: how many times; None for any number.
      name: a name scope.

    Raises:
      ValueError: `num_epochs` is not positive.
      OutOfRangeError: when it runs, it has been computed so often.
    """
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with scope(name, "limit_epochs", [tensor]) as name:
        epochs = Variable(
            constant(0, dtypes.int64),
            name="epochs",
            trainable=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
        )
        with get_default_graph().control_dependencies([epochs.count_up_to(num_epochs)]):
            return identity(tensor, name=name)


def input_producer(
    input_tensor: Any,
    element_shape: Any = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    summary_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> QueueBase:
    """Return a queue of the rows of a tensor, with a `QueueRunner` that fills it.

    Args:
      input_tensor: at least a vector.
      element_shape: the shape of a row, if the tensor's is not fully known.
      num_epochs: how often each row comes; None for ever. See `limit_epochs`.
      shuffle: whether the rows come in random order, anew every time.
      seed: of that order.
      capacity: of the queue.
      shared_name: see `FIFOQueue`.
      summary_name: the name of a summary of how full the queue is, if there is to be one.
      name: the name of the queue.
      cancel_op: see `QueueRunner`.

    Raises:
      ValueError: the shape of a row is not fully known.
    """
    with scope(name, "input_producer", [input_tensor]):
        input_tensor = convert_to_tensor(input_tensor, name="input_tensor")
        row = input_tensor.shape[1:].merge_with(element_shape)
        if not row.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be "
                "specified"
            )
        if shuffle:
            input_tensor = random_shuffle(input_tensor, seed=seed)
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = FIFOQueue(
            capacity=capacity,
            dtypes=[input_tensor.dtype.base_dtype],
            shapes=[row],
            shared_name=shared_name,
            name=name,
        )
        enqueue = queue.enqueue_many([input_tensor])
        add_queue_runner(QueueRunner(queue, [enqueue], cancel_op=cancel_op))
        if summary_name is not None:
            summarized(summary_name, cast(queue.size(), dtypes.float32) * (1.0 / capacity))
        return queue


def summarized(name: str, value: Any) -> None:
    """Add a summary of a scalar to the graph's summaries."""
    with scope(name) as name:
        made = build("ScalarSummary", {"tags": name.rstrip("/"), "values": value}, name)
    get_default_graph().add_to_collection(GraphKeys.SUMMARIES, made)


def string_input_producer(
    string_tensor: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> QueueBase:
    """Return a queue of strings, such as file names; the arguments are those of `input_producer`.

    Raises:
      ValueError: there are none.
      InvalidArgumentError: when it runs, there are none.
    """
    empty = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, Tensor) and not len(string_tensor):
        raise ValueError(empty)
    with scope(name, "input_producer", [string_tensor]) as name:
        string_tensor = convert_to_tensor(string_tensor, dtypes.string)
        some = Assert(build("Greater", {"x": size(string_tensor), "y": 0}), [empty])
        with get_default_graph().control_dependencies([some]):
            string_tensor = identity(string_tensor)
        return input_producer(
            string_tensor,
            [],
            num_epochs,
            shuffle,
            seed,
            capacity,
            shared_name,
            f"fraction_of_{capacity}_full",
            name,
            cancel_op,
        )


def range_input_producer(
    limit: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> QueueBase:
    """Return a queue of the integers 0 … limit - 1; see `input_producer`."""
    with scope(name, "input_producer", [limit]) as name:
        return input_producer(
            numbers(limit),
            [],
            num_epochs,
            shuffle,
            seed,
            capacity,
            shared_name,
            f"fraction_of_{capacity}_full",
            name,
        )


def slice_input_producer(
    tensor_list: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> list[Any]:
    """Return a row of each tensor, the same one of all; see `input_producer`.

    Args:
      tensor_list: tensors of the same size in the first dimension.
      num_epochs, shuffle, seed, capacity, shared_name, name: as there.

    Raises:
      ValueError: there are no tensors.
    """
    with scope(name, "input_producer", tensor_list):
        tensors = convert_n_to_tensor(tensor_list)
        if not tensors:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        count = shape(tensors[0])[0]
        queue = range_input_producer(count, num_epochs, shuffle, seed, capacity, shared_name)
        index = queue.dequeue()
        return [gather(t, index) for t in tensors]
