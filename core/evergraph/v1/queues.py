"""Queues: what keeps tensors from one step for another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

from evergraph import dtypes as types
from evergraph.builder import build, build_operation
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operation import Operation
from evergraph.graph.operators import scope
from evergraph.graph.slicing import stack
from evergraph.graph.stacks import get_default_graph
from evergraph.shapes import Dimension, TensorShape, as_shape
from evergraph.v1.framework import init_scope
from evergraph.v1.indexing import gather
from evergraph.v1.random_seed import get_seed


class QueueBase:
    """A queue, by the tensor that stands for it.

    An element is a tuple of components, each with a type, and perhaps a shape. The queue is kept by
    the session; sessions have separate ones.

    Args:
      dtypes: the types of the components.
      shapes: their shapes, or None if they may have any.
      names: their names. With names, what is enqueued and dequeued is a dictionary.
      queue_ref: the tensor.

    Raises:
      ValueError: there are more shapes or names than types, or fewer.
    """

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Any) -> None:
        self._dtypes = dtypes
        if shapes is not None and len(shapes) != len(dtypes):
            raise ValueError(
                "Queue shapes must have the same length as dtypes, received "
                f"len(shapes)={len(shapes)}, len(dtypes)={len(dtypes)}"
            )
        self._shapes = [TensorShape(s) for s in shapes or [None] * len(dtypes)]
        if names is not None and len(names) != len(dtypes):
            raise ValueError(
                "Queue names must have the same length as dtypes,received "
                f"len(names)={len(names)},len {len(dtypes)}"
            )
        self._names = names
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    @staticmethod
    def from_list(index: Any, queues: list[QueueBase]) -> QueueBase:
        """Return the queue that is number `index` when a step runs.

        Args:
          index: an integer scalar.
          queues: queues with the same types and names.

        Raises:
          TypeError: they are no list of queues, or differ in types or names.
        """
        if (
            not queues
            or not isinstance(queues, list)
            or not all(isinstance(q, QueueBase) for q in queues)
        ):
            raise TypeError("A list of queues expected")
        first = queues[0]
        if not all(q.dtypes == first.dtypes for q in queues):
            raise TypeError("Queues do not have matching component dtypes.")
        if not all(q.names == first.names for q in queues):
            raise TypeError("Queues do not have matching component names.")
        shapes = [reduce(_common, each) for each in zip(*[q.shapes for q in queues], strict=True)]
        chosen = gather(stack([q.queue_ref for q in queues]), index)
        return QueueBase(first.dtypes, shapes, first.names, chosen)

    @property
    def queue_ref(self) -> Any:
        """The tensor that stands for the queue."""
        return self._queue_ref

    @property
    def name(self) -> str:
        """The name of the node that makes the queue."""
        return str(self._queue_ref.op.name)

    @property
    def dtypes(self) -> Any:
        """The types of the components."""
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        """The shapes of the components."""
        return self._shapes

    @property
    def names(self) -> Any:
        """The names of the components, or None."""
        return self._names

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """Return an operation that puts an element in; it waits while the queue is full.

        Args:
          vals: the components: a value, a list of values, or a dictionary if they have names.
          name: the name of the operation.

        Raises:
          TypeError, ValueError: the values do not fit the components.
          CancelledError: when it runs, the queue is closed, or the session while it waits.
        """
        with scope(name, f"{self._name}_enqueue", _listed(vals)) as name:
            components = self._converted(vals)
            for value, shape in zip(components, self._shapes, strict=False):
                value.get_shape().assert_is_compatible_with(shape)
            return self._operation("Enqueue", {"components": components}, name)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """Return an operation that puts elements in, as they find room.

        Args:
          vals: as for `enqueue`, with a further first dimension: that of the elements.
          name: the name of the operation.

        Raises:
          TypeError, ValueError: the values do not fit the components, or each other.
          CancelledError: when it runs, the queue is closed, or the session while it waits.
        """
        with scope(name, f"{self._name}_EnqueueMany", _listed(vals)) as name:
            components = self._converted(vals)
            count = Dimension(None)
            for value, shape in zip(components, self._shapes, strict=False):
                given = value.get_shape().with_rank_at_least(1)
                count = count.merge_with(given[0])
                given[1:].assert_is_compatible_with(shape)
            return build_operation(
                "QueueEnqueueManyV2", {"handle": self._queue_ref, "components": components}, name
            )

    def dequeue(self, name: str | None = None) -> Any:
        """Return the components of an element; it waits while the queue is empty.

        Returns:
          A tensor, a list of them, or a dictionary if they have names.

        Raises:
          OutOfRangeError: when it runs, the queue is closed and empty.
          CancelledError: when it runs, the session is closed while it waits.
        """
        op = self._operation(
            "Dequeue", {"component_types": self._dtypes}, name or f"{self._name}_Dequeue"
        )
        return self._returned(op, self._shapes)

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """Return `n` elements, as a batch of each component; it waits until there are so many.

        Args:
          n: the number, an integer scalar.
          name: the name of the operation.

        Returns:
          A tensor, a list of them, or a dictionary if they have names.

        Raises:
          TypeError: `n` is no scalar.
          InvalidArgumentError: when it runs, the shapes of the components are not known.
          OutOfRangeError: when it runs, the queue is closed and has too few.
          CancelledError: when it runs, the session is closed while it waits.
        """
        op = self._dequeued("Many", n, name)
        count = constant_value(op.inputs[1])
        if count is not None and count.ndim:
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        batch = TensorShape([None if count is None else int(count)])
        return self._returned(op, [batch.concatenate(s) for s in self._shapes])

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """Return as `dequeue_many` does; from a closed queue, what is left.

        Raises:
          InvalidArgumentError: when it runs, the shapes of the components are not known.
          OutOfRangeError: when it runs, the queue is closed and empty.
          CancelledError: when it runs, the session is closed while it waits.
        """
        op = self._dequeued("UpTo", n, name)
        return self._returned(op, [TensorShape([None]).concatenate(s) for s in self._shapes])

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """Return an operation after which nothing goes in any more.

        Args:
          cancel_pending_enqueues: whether enqueues that wait fail; else they are waited for.
          name: the name of the operation.

        Raises:
          CancelledError: when it runs, the queue is closed already.
        """
        more = {"cancel_pending_enqueues": cancel_pending_enqueues}
        return self._operation("Close", more, name or f"{self._name}_Close")

    def is_closed(self, name: str | None = None) -> Any:
        """Return whether the queue is closed: a bool scalar."""
        return self._operation("IsClosed", {}, name or f"{self._name}_Is_Closed").outputs[0]

    def size(self, name: str | None = None) -> Any:
        """Return the number of elements: an int32 scalar."""
        return self._operation("Size", {}, name or f"{self._name}_Size").outputs[0]

    def _operation(self, what: str, arguments: dict[str, Any], name: str | None) -> Operation:
        version = "V2" if self._queue_ref.dtype == types.resource else ""
        return build_operation(
            f"Queue{what}{version}", {"handle": self._queue_ref} | arguments, name
        )

    def _dequeued(self, what: str, n: Any, name: str | None) -> Operation:
        arguments = {"handle": self._queue_ref, "n": n, "component_types": self._dtypes}
        return build_operation(
            f"QueueDequeue{what}V2", arguments, name or f"{self._name}_Dequeue{what}"
        )

    def _converted(self, vals: Any) -> list[Any]:
        """Return the components as tensors.

        TF: of too many, or too few, nothing is said before they are enqueued.
        """
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names, key=str) != sorted(vals, key=str):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of Queue.  Dictionary: "
                    f"{sorted(vals, key=str)},Queue: {sorted(self._names, key=str)}"
                )
            vals = [vals[n] for n in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a Queue with names")
        return [
            convert_to_tensor(value, dtype, name=f"component_{i}")
            for i, (value, dtype) in enumerate(zip(_listed(vals), self._dtypes, strict=False))
        ]

    def _returned(self, op: Operation, shapes: Iterable[TensorShape]) -> Any:
        for output, shape in zip(op.outputs, shapes, strict=False):
            output.set_shape(shape)
        if self._names:
            return dict(zip(self._names, op.outputs, strict=True))
        return op.outputs[0] if len(op.outputs) == 1 else list(op.outputs)


class FIFOQueue(QueueBase):
    """A queue whose elements come out in the order in which they went in.

    Args:
      capacity: how many elements there is room for; -1 for any number.
      dtypes: the types of the components, or of the only one.
      shapes: the shapes of the components, fully known; without them there are no batches.
      names: names of the components.
      shared_name: a name under which other queues of the session are this one.
      name: the name of the node.

    Raises:
      TypeError: `shapes` are none.
      ValueError: there are more shapes or names than types, or fewer, or they are not fully known.
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "fifo_queue",
    ) -> None:
        dtypes, shapes = _type_list(dtypes), _shape_list(shapes)
        names = _name_list(names, dtypes)
        with init_scope(), get_default_graph().device("CPU"):
            made = _made("FIFOQueueV2", capacity, dtypes, shapes, shared_name, name)
        super().__init__(dtypes, shapes, names, made)


class PaddingFIFOQueue(QueueBase):
    """A `FIFOQueue` whose elements may differ in size; batches of them are padded with zeros.

    Args:
      capacity: how many elements there is room for; -1 for any number.
      dtypes: the types of the components, or of the only one.
      shapes: the shapes of the components; a size that is None may be any.
      names: names of the components.
      shared_name: a name under which other queues of the session are this one.
      name: the name of the node.

    Raises:
      ValueError: there are more shapes or names than types, or fewer.
    """

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "padding_fifo_queue",
    ) -> None:
        dtypes = _type_list(dtypes)
        if (
            not isinstance(shapes, Sequence)
            or not shapes
            or any(s is None or isinstance(s, int) for s in shapes)
        ):
            raise ValueError("When providing partial shapes, a list of shapes must be provided.")
        shapes = [as_shape(s) for s in shapes]
        if any(s.ndims is None for s in shapes):
            raise ValueError(f"All shapes must have a defined rank: {shapes}")
        names = _name_list(names, dtypes)
        if len(dtypes) != len(shapes):
            raise ValueError(
                f"Shapes must be provided for all components, but received {len(dtypes)} dtypes "
                f"and {len(shapes)} shapes."
            )
        made = _made("PaddingFIFOQueueV2", capacity, dtypes, shapes, shared_name, name)
        super().__init__(dtypes, shapes, names, made)


class RandomShuffleQueue(QueueBase):
    """A queue whose elements come out in random order.

    Args:
      capacity: how many elements there is room for; -1 for any number.
      min_after_dequeue: how many stay in, so that they mix, until the queue is closed.
      dtypes: the types of the components, or of the only one.
      shapes: the shapes of the components, fully known; without them there are no batches.
      names: names of the components.
      seed: of the order; see `tf.set_random_seed`.
      shared_name: a name under which other queues of the session are this one.
      name: the name of the node.

    Raises:
      TypeError: `shapes` are none.
      ValueError: there are more shapes or names than types, or fewer, or they are not fully known.
    """

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str | None = "random_shuffle_queue",
    ) -> None:
        dtypes, shapes = _type_list(dtypes), _shape_list(shapes)
        names = _name_list(names, dtypes)
        first, second = get_seed(seed)
        if first is None and second is None:
            first, second = 0, 0
        elif seed is None and shared_name is not None:
            digest = hashlib.md5(f"{first}{shared_name}".encode(), usedforsecurity=False)
            second = int(digest.hexdigest()[:8], 16) & 0x7FFFFFFF
        more = {"min_after_dequeue": min_after_dequeue, "seed": first, "seed2": second}
        made = _made("RandomShuffleQueueV2", capacity, dtypes, shapes, shared_name, name, **more)
        super().__init__(dtypes, shapes, names, made)


class PriorityQueue(QueueBase):
    """A queue whose elements come out by priority, the least first.

    Elements have a further first component: the priority, an int64 scalar.

    Args:
      capacity: how many elements there is room for; -1 for any number.
      types: the types of the other components, or of the only one.
      shapes: the shapes of the other components, fully known.
      names: names of all components.
      shared_name: a name under which other queues of the session are this one.
      name: the name of the node.

    Raises:
      TypeError: `shapes` are none.
      ValueError: there are more shapes or names than types, or fewer, or they are not fully known.
    """

    def __init__(
        self,
        capacity: int,
        types: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str | None = "priority_queue",
    ) -> None:
        others, shapes = _type_list(types), _shape_list(shapes)
        if shapes is None:
            raise TypeError(
                "Expected list for 'shapes' argument to 'priority_queue_v2' Op, not None."
            )
        made = _made("PriorityQueueV2", capacity, others, shapes, shared_name, name)
        super().__init__([_PRIORITY, *others], [(), *shapes], names, made)


_PRIORITY = types.int64


def _made(
    type: str,
    capacity: Any,
    dtypes: list[Any],
    shapes: list[TensorShape] | None,
    shared_name: str | None,
    name: str | None,
    **more: Any,
) -> Any:
    arguments = {
        "component_types": dtypes,
        "shapes": shapes,
        "capacity": capacity,
        "shared_name": shared_name,
    }
    return build(type, arguments | more, name)


def _listed(vals: Any) -> list[Any]:
    if isinstance(vals, dict):
        return list(vals.values())
    return list(vals) if isinstance(vals, list | tuple) else [vals]


def _common(one: TensorShape, other: TensorShape) -> TensorShape:
    """Return what is the same in two shapes."""
    if one.ndims is None or one.ndims != other.ndims:
        return TensorShape(None)
    pairs = zip(one.as_list(), other.as_list(), strict=True)
    return TensorShape([a if a == b else None for a, b in pairs])


def _type_list(dtypes: Any) -> list[Any]:
    if dtypes is None:
        raise TypeError("the types of a queue's components must be given, not None")
    return list(dtypes) if isinstance(dtypes, list | tuple) else [dtypes]


def _shape_list(shapes: Any) -> list[TensorShape] | None:
    """Return shapes that must be fully known; one alone may be given bare."""
    if shapes is None:
        return None
    if isinstance(shapes, TensorShape):
        shapes = [shapes]
    if not isinstance(shapes, list | tuple):
        raise TypeError(
            "Shapes must be a TensorShape or a list or tuple of TensorShapes, got "
            f"{type(shapes)} instead."
        )
    if all(s is None or isinstance(s, int) for s in shapes):
        shapes = [shapes]
    found = [as_shape(s) for s in shapes]
    if not all(s.is_fully_defined() for s in found):
        raise ValueError(f"All shapes must be fully defined: {found}")
    return found


def _name_list(names: Any, dtypes: list[Any]) -> list[Any] | None:
    if names is None:
        return None
    found = list(names) if isinstance(names, list | tuple) else [names]
    if len(found) != len(dtypes):
        raise ValueError(
            "List of names must have the same length as the list of dtypes, received "
            f"len(names)={len(found)},len(dtypes)={len(dtypes)}"
        )
    return found
