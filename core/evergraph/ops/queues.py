"""Queues: FIFOQueue, RandomShuffleQueue …, and what puts elements in and takes them out."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any

import numpy as np

from evergraph.dtypes import from_numpy, int64
from evergraph.errors import InvalidArgumentError
from evergraph.op import ShapeError, define, no_gradient
from evergraph.queues.kinds import KINDS
from evergraph.queues.queue import UNBOUNDED, Queue, Spec
from evergraph.vocabulary import dtype_text

# TF: the names of queues that are not shared are numbered throughout the process.
_NUMBERS = count()


def _found(
    type, context, container, shared_name, node, dtypes, shapes, capacity, least=0, seeds=(0, 0)
):
    """Return the queue of a node, which is made if need be."""
    if shared_name.startswith("_"):
        raise _invalid(f"shared_name cannot start with '_':{shared_name}")
    types = tuple(from_numpy(np.dtype(d)) for d in dtypes)
    kind = KINDS[type.removesuffix("V2")]
    if kind is KINDS["PriorityQueue"]:
        types, shapes = (int64, *types), ((), *shapes) if shapes else ()
    bound = capacity if capacity >= 0 else UNBOUNDED
    spec = Spec(types, tuple(shapes), bound, least, seeds)
    queue = context.resource(
        container,
        f"queue/{shared_name or '_' + node}",
        lambda: kind(shared_name or f"_{next(_NUMBERS)}_{node}", spec),
    )
    queue.match(type, spec)
    return queue


def _creation(type):
    def create(xp, context, *, component_types, shapes, capacity, container, shared_name, _node):
        return _found(
            type, context, container, shared_name, _node, component_types, shapes, capacity
        )

    def create_shuffling(
        xp,
        context,
        *,
        component_types,
        shapes,
        capacity,
        min_after_dequeue,
        seed,
        seed2,
        container,
        shared_name,
        _node,
    ):
        return _found(
            type,
            context,
            container,
            shared_name,
            _node,
            component_types,
            shapes,
            capacity,
            min_after_dequeue,
            (seed, seed2),
        )

    return create_shuffling if type.startswith("Random") else create


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _queue(handle):
    if not isinstance(handle, Queue):
        raise _invalid(
            "Trying to access a handle's resource using the wrong type. The handle does not stand "
            "for a queue."
        )
    return handle


def _check(kind, queue, given, *, n=False, outputs=False, timeout_ms=-1):
    """Raise if the types of a node are not those of its queue.

    Args:
      kind: the type of the handle, as errors show it.
      queue: the queue.
      given: the component types of the node.
      n: whether the node takes a number.
      outputs: whether the components are what it returns.
      timeout_ms: must be negative.
    """
    if timeout_ms != -1:
        raise _invalid("Timeout not supported yet.")
    types = [from_numpy(np.dtype(d)) for d in given]
    if types == list(queue.spec.dtypes):
        return
    left = [kind, "int32"] if n else [kind]

    def text(dtypes):
        parts = [dtype_text(d) for d in dtypes]
        if outputs:
            return f"{', '.join(left)}->{', '.join(parts)}"
        return f"{', '.join(left + parts)}->"

    raise _invalid(f"Signature mismatch, have: {text(types)} expected: {text(queue.spec.dtypes)}")


# Kernels; the first argument is the type of the handle, as errors show it.


def enqueue(kind, xp, context, handle, components, *, Tcomponents, timeout_ms):
    queue = _queue(handle)
    _check(kind, queue, Tcomponents, timeout_ms=timeout_ms)
    return queue.enqueue(components)


def enqueue_many(kind, xp, context, handle, components, *, Tcomponents, timeout_ms):
    queue = _queue(handle)
    _check(kind, queue, Tcomponents, timeout_ms=timeout_ms)
    return queue.enqueue_many(components)


def dequeue(kind, xp, context, handle, *, component_types, timeout_ms):
    queue = _queue(handle)
    _check(kind, queue, component_types, outputs=True, timeout_ms=timeout_ms)
    return queue.dequeue()


def _dequeue_many(op, kind, xp, context, handle, n, *, component_types, timeout_ms):
    queue = _queue(handle)
    if np.ndim(n):
        raise _invalid(f"{op}Op requires a scalar number of elements, not {n}")
    number = int(n)
    if number < 0:
        raise _invalid(f"{op}Op requested {number} < 0 elements")
    _check(kind, queue, component_types, n=True, outputs=True, timeout_ms=timeout_ms)
    return queue.dequeue_many(number, up_to=op == "DequeueUpTo")


dequeue_many = partial(_dequeue_many, "DequeueMany")
dequeue_up_to = partial(_dequeue_many, "DequeueUpTo")


def close(kind, xp, context, handle, *, cancel_pending_enqueues):
    return _queue(handle).close(cancel_pending_enqueues)


def size(kind, xp, context, handle):
    return np.int32(_queue(handle).size())


def is_closed(kind, xp, context, handle):
    return np.bool_(_queue(handle).closed)


# Shapes. TF: those of components are known to the builders, not to the nodes.


def unknown(handle, *, component_types):
    return [None] * len(component_types)


def unknown_many(handle, n, *, component_types):
    if n is not None and np.size(n) and np.asarray(n).reshape(-1)[0] < 0:
        raise ShapeError(f"Input 'n' must be >= 0, but is {np.asarray(n).reshape(-1)[0]}")
    return [None] * len(component_types)


def nothing(*inputs):
    return []


def scalar(handle):
    return ()


# TF: a reference is to two strings, the name of a container and that of a queue.
_HANDLES = {"": lambda: (2,), "V2": lambda: ()}
for _kind in KINDS:
    for _version, _rule in _HANDLES.items():
        define(
            _kind + _version,
            _creation(_kind + _version),
            shape=_rule,
            effects="state",
            context=True,
        )

#: By op type: the kernel, the shape rule, and whether the node may wait.
_OPS: dict[str, Any] = {
    "QueueEnqueue": (enqueue, nothing, True),
    "QueueEnqueueMany": (enqueue_many, nothing, True),
    "QueueDequeue": (dequeue, unknown, True),
    "QueueDequeueMany": (dequeue_many, unknown_many, True),
    "QueueDequeueUpTo": (dequeue_up_to, unknown_many, True),
    "QueueClose": (close, nothing, True),
    "QueueSize": (size, scalar, False),
    "QueueIsClosed": (is_closed, scalar, False),
}
#: TF: says so of the first versions alone.
_WITHOUT_GRADIENT = _OPS.keys() - {"QueueIsClosed"}
for _type, (_kernel, _rule, _waits) in _OPS.items():
    for _name, _handle in ((_type, "string_ref"), (f"{_type}V2", "resource")):
        define(
            _name,
            partial(_kernel, _handle),
            shape=_rule,
            host="n" if _rule is unknown_many else "",
            effects="state",
            unknown_rank=True,
            context=True,
            blocking=_waits,
            gradient=no_gradient if _name in _WITHOUT_GRADIENT else None,
        )
