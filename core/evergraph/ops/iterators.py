"""Iterators: what takes elements from datasets, one in each step."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph.data.dataset import Dataset, Failed, Function, Run
from evergraph.data.iterators import Iterator
from evergraph.dtypes import from_numpy
from evergraph.errors import InvalidArgumentError, NotFoundError
from evergraph.op import define, no_gradient
from evergraph.ops.rules import with_rank


def _invalid(message):
    return InvalidArgumentError(None, None, message)


def _types(output_types):
    return [from_numpy(np.dtype(t)) for t in output_types]


def _found(context, container, shared_name, node, output_types, output_shapes):
    """Return the iterator of a node, and the string by which it is found."""
    if shared_name.startswith("_"):
        raise _invalid(f"shared_name cannot start with '_':{shared_name}")
    name = f"iterator/{shared_name or '_' + node}"
    types, shapes = _types(output_types), tuple(output_shapes)

    handle = f"{container}\n{name}".encode()
    found = context.resource(container, name, lambda: Iterator(handle, types, shapes))
    if types and found.dtypes:
        found.check(types, shapes)
    return found


def iterator(xp, context, *, output_types, output_shapes, container, shared_name, _node):
    return _found(context, container, shared_name, _node, output_types, output_shapes)


def one_shot(
    xp, context, *, dataset_factory, output_types, output_shapes, container, shared_name, _node
):
    found = _found(context, container, shared_name, _node, output_types, output_shapes)
    caller = context.functions.fresh()

    def dataset(context):
        return _dataset(
            caller.call(Function(dataset_factory, (), "OneShotIterator"), (), context)[0]
        )

    found.start_late(dataset, caller)
    return found


def _iterator(handle):
    if not isinstance(handle, Iterator):
        raise _invalid(
            "Trying to access a handle's resource using the wrong type. The handle does not stand "
            "for an iterator."
        )
    return handle


def _dataset(value):
    if not isinstance(value, Dataset):
        raise _invalid("The tensor must be a Dataset object.")
    return value


def make_iterator(xp, context, dataset, iterator):
    _iterator(iterator).start(_dataset(dataset), context.functions.fresh())
    return ()


def get_next(xp, context, iterator, *, output_types, output_shapes):
    given = _iterator(iterator)
    element = given.next(context)
    if len(element) != len(output_types):
        raise _invalid(
            f"Number of components does not match: expected {len(output_types)} types but got "
            f"{len(element)}."
        )
    return element


def to_string_handle(xp, context, resource_handle):
    return _iterator(resource_handle).handle


def from_string_handle(xp, context, string_handle, *, output_types, output_shapes):
    text = string_handle if isinstance(string_handle, bytes) else np.asarray(string_handle).item()
    container, _, name = text.decode(errors="surrogateescape").partition("\n")

    def missing():
        raise NotFoundError(
            None, None, f"There is no iterator that the handle {text!r} stands for in this session"
        )

    if not name:
        raise _invalid(f"string_handle must be a handle of an iterator, not {text!r}")
    found = context.resource(container, name, missing)
    if output_types:
        found.check(_types(output_types), output_shapes)
    return found


def single_element(xp, context, dataset):
    run = Run(context.functions.fresh())
    run.context = context
    elements = _dataset(dataset).elements(run)
    first, second = next(elements, None), None
    if first is None:
        raise _invalid("Dataset was empty.")
    if not isinstance(first, Failed):
        second = next(elements, None)
    elements.close()
    for found in (first, second):
        if isinstance(found, Failed):
            raise found.error
    if second is not None:
        raise _invalid("Dataset had more than one element.")
    return first


def reduce(xp, context, input_dataset, initial_state, other_arguments, *, f):
    run = Run(context.functions.fresh())
    run.context = context
    function = Function(f, tuple(other_arguments), "ReduceDataset")
    state = tuple(initial_state)
    for element in _dataset(input_dataset).elements(run):
        made = element if isinstance(element, Failed) else run.call(function, (*state, *element))
        if isinstance(made, Failed):
            raise made.error
        state = made
    return state


def handle(*inputs):
    return ()


def string_handle(string_handle):
    with_rank(string_handle, 0)
    return ()


def nothing(*inputs):
    return []


def declared(*inputs, output_types, output_shapes):
    shapes = output_shapes if output_shapes else [None] * len(output_types)
    return list(shapes)


#: By op type: the kernel, the shape rule, and whether the node may wait.
_OPS: dict[str, Any] = {
    "Iterator": (iterator, handle, False),
    "IteratorV2": (iterator, handle, False),
    "OneShotIterator": (one_shot, handle, False),
    "MakeIterator": (make_iterator, nothing, False),
    "IteratorGetNext": (get_next, declared, True),
    "IteratorGetNextSync": (get_next, declared, True),
    "IteratorToStringHandle": (to_string_handle, handle, False),
    "IteratorFromStringHandle": (from_string_handle, string_handle, False),
    "IteratorFromStringHandleV2": (from_string_handle, string_handle, False),
    "DatasetToSingleElement": (single_element, declared, True),
    "ReduceDataset": (reduce, declared, True),
}
for _type, (_kernel, _rule, _waits) in _OPS.items():
    define(
        _type,
        _kernel,
        shape=_rule,
        effects="state",
        unknown_rank=True,
        context=True,
        blocking=_waits,
        gradient=no_gradient if _type == "ReduceDataset" else None,
    )
