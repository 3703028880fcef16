"""Ops on lists inside XLA."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.core
import jax.numpy as jnp
import numpy as np
from jax import lax

from evergraph.plugin import KernelTable, NotCompilableError, TensorList, errors, numpy_table
from evergraph_jax.checks import record
from evergraph_jax.lists import Constant, ListArray, as_array, is_list, is_traced, with_room_in

_Invalid = errors.InvalidArgumentError


def list_kernels(shared: KernelTable) -> dict[str, Callable[..., Any]]:
    """Return the kernels of all ops on lists; `shared` has those of the core."""

    def of_list(type, kernel):
        """Return a kernel for lists that are arrays; others are the core's, unless it says so."""
        core = shared[type].function
        plain = numpy_table()[type].function

        def call(*inputs, **attributes):
            position = _SHAPE_INPUTS.get(type)
            if position is not None and is_traced(inputs[position]):
                return without_shape(position, inputs, attributes)
            lists = [x for x in jax.tree.leaves(inputs, is_leaf=is_list) if is_list(x)]
            if any(isinstance(x, ListArray) for x in lists) or _needs_array(type, inputs):
                return kernel(*inputs, **attributes)
            if all(isinstance(v, np.ndarray | np.generic) for v in jax.tree.leaves(inputs)):
                return plain(*inputs, **attributes)
            return core(*inputs, **attributes)

        def without_shape(position, inputs, attributes):
            """Run without an `element_shape` that is not known, if the elements tell it."""
            given = inputs[0]
            known = np.int32(-1) if is_list(given) else np.array(given.shape[1:], np.int32)
            try:
                return call(*inputs[:position], known, *inputs[position + 1 :], **attributes)
            except _Invalid as error:
                raise NotCompilableError(str(error)) from error

        return _as(call, kernel)

    return {type: of_list(type, kernel) for type, kernel in _KERNELS.items()}


def _as(function: Callable[..., Any], other: Callable[..., Any]) -> Any:
    """Return a function that takes the attributes that another one takes."""
    named: Any = function
    named.__signature__ = inspect.signature(other)
    return named


def _needs_array(type, inputs):
    """Whether a traced index, or a traced tensor in place of a list, asks for an array."""
    position = _INDEXED.get(type)
    return position is not None and is_traced(inputs[position])


#: Where ops have the shape of elements as an input.
_SHAPE_INPUTS = {
    "TensorListPopBack": 1,
    "TensorListGetItem": 2,
    "TensorListStack": 1,
    "TensorListGather": 2,
    "TensorListConcatV2": 1,
    "TensorListFromTensor": 1,
    "TensorListScatter": 2,
    "TensorListScatterV2": 2,
}
_INDEXED = {
    "TensorListGetItem": 1,
    "TensorListSetItem": 1,
    "TensorListGather": 1,
    "TensorListFromTensor": 0,
    "TensorListScatter": 0,
    "TensorListScatterV2": 0,
}


def push_back(input_handle, tensor, *, element_dtype):
    given = input_handle
    if given.limit >= 0:
        record(
            jnp.asarray(given.length < given.limit),
            _Invalid,
            f"Tried to push item into a full list list size: {given.limit} "
            f"max_num_elements: {given.limit}",
        )
    if isinstance(tensor, np.ndarray | np.generic) and given.items is None:
        constant = Constant(tensor)
        empty = given.known and not given.length and given.constant is None
        if empty or given.constant == constant:
            return replace(given, length=given.length + 1, constant=constant)
    given, element = with_room_in(given, tensor)
    given = given.checked_room(given.length + 1)
    return replace(given, items=_put(given.items, given.length, element), length=given.length + 1)


def _put(items, index, element):
    return jax.tree.map(
        lambda all_, one: lax.dynamic_update_index_in_dim(all_, one, index, 0), items, element
    )


def _take(items, index):
    return jax.tree.map(lambda x: lax.dynamic_index_in_dim(x, index, 0, keepdims=False), items)


def pop_back(input_handle, element_shape, *, element_dtype):
    given = input_handle
    record(jnp.asarray(given.length > 0), _Invalid, "Trying to pop from an empty list.")
    last = given.length - 1 if given.known else jnp.maximum(given.length - 1, 0)
    shorter = replace(given, length=last)
    if given.items is None:
        return shorter, _known_element(given)
    found = _take(given.items, last)
    blank = jax.tree.map(jnp.zeros_like, found)
    return replace(shorter, items=_put(given.items, last, blank)), found


def _known_element(given):
    """Return an element of a list without an array."""
    if given.constant is not None:
        return given.constant.value
    shape = given.element_shape
    if shape is None or None in shape:
        raise NotCompilableError("nothing is known of the elements of a list")
    return jnp.zeros(shape, given.dtype)


def element_shape_of(input_handle, *, shape_type):
    shape = input_handle.element_shape
    if shape is None:
        return np.asarray(-1, shape_type)[()]
    return np.asarray([-1 if d is None else d for d in shape], shape_type)


def length(input_handle):
    given = input_handle.length
    return np.int32(given) if input_handle.known else given


def _checked_index(given, index, what):
    at = jnp.reshape(jnp.asarray(index), ())
    count = given.length
    record(
        (at >= 0) & (at < count),
        _Invalid,
        lambda _, i, n: f"Trying to {what} element {i} in a list with {n} elements.",
        at,
        jnp.asarray(count),
    )
    return at


def get_item(input_handle, index, element_shape, *, element_dtype):
    given = as_array(input_handle)
    at = _checked_index(given, index, "access")
    return _known_element(given) if given.items is None else _take(given.items, at)


def set_item(input_handle, index, item, *, element_dtype, resize_if_index_out_of_bounds=False):
    given = as_array(input_handle)
    given, element = with_room_in(given, item)
    if resize_if_index_out_of_bounds:
        at = int(index) if not is_traced(index) else jnp.reshape(jnp.asarray(index), ())
        if given.known and isinstance(at, int):
            count = max(given.length, at + 1)
        else:
            count = jnp.maximum(given.length, at + 1).astype(jnp.int32)
        if not isinstance(count, int) and not given.key:
            raise NotCompilableError("a list grows at an index that is not known")
        given = replace(given.checked_room(count), length=count)
    at = _checked_index(given, index, "modify")
    return replace(given, items=_put(given.items, at, element))


def resize(input_handle, size):
    given, count = input_handle, int(size)
    if count < 0:
        raise _Invalid(None, None, f"TensorListSlice expects size to be non-negative. Got: {count}")
    if given.items is None:
        if given.constant is None or (given.known and count <= given.length):
            return replace(given, length=count)
        given = given.with_room_for(jnp.asarray(given.constant.value))
    given = given.grown(count)
    kept = jnp.arange(given.room) < count
    items = jax.tree.map(
        lambda x: jnp.where(jnp.reshape(kept, (-1, *(1,) * (x.ndim - 1))), x, 0), given.items
    )
    return replace(given, items=items, length=count)


def _static(given):
    """Return a list as one array whose length is known."""
    given = as_array(given)
    if not given.known:
        raise NotCompilableError("the length of a list is not known")
    return given


def _rows(given, element_shape):
    """Return all elements as one tensor: NumPy's, if they are known."""
    if given.constant is not None:
        value = np.asarray(given.constant.value)
        return np.broadcast_to(value, (given.length, *value.shape))
    if given.items is None:
        found = _merged(given.element_shape, element_shape)
        return jnp.zeros((given.length, *found), given.dtype)
    return given.items[: given.length]


def _merged(shape, given):
    if isinstance(given, jax.core.Tracer):
        given = np.int32(-1)
    wanted = np.asarray(given)
    dims = None if wanted.ndim == 0 else tuple(None if d < 0 else d for d in wanted.tolist())
    if shape is None or dims is None:
        found = dims if shape is None else shape
    else:
        found = tuple(b if a is None else a for a, b in zip(shape, dims, strict=True))
    if found is None or None in found:
        raise NotCompilableError("nothing is known of the elements of a list")
    return found


def stack(input_handle, element_shape, *, element_dtype, num_elements=-1):
    given = as_array(input_handle)
    if num_elements >= 0:
        record(
            jnp.asarray(given.length == num_elements),
            _Invalid,
            lambda _, n: (
                f"Operation expected a list with {num_elements} elements but got a list "
                f"with {n} elements."
            ),
            jnp.asarray(given.length),
        )
        given = replace(given.grown(num_elements), length=num_elements)
    return _rows(_static(given), element_shape)


def from_tensor(tensor, element_shape, *, element_dtype):
    if not tensor.ndim:
        raise _Invalid(None, None, "Tensor must be at least a vector, but saw shape: []")
    shape = np.asarray(element_shape)
    dims = None if shape.ndim == 0 else tuple(None if d < 0 else d for d in shape.tolist())
    return ListArray(jnp.asarray(tensor), tensor.shape[0], element_dtype, dims)


def gather(input_handle, indices, element_shape, *, element_dtype):
    given = as_array(input_handle)
    places = jnp.asarray(indices)
    count = jnp.asarray(given.length)
    record(
        (places >= 0) & (places < count),
        _Invalid,
        lambda _, i, n: f"Index {i} out o range; list only has {n} elements.",
        places,
        jnp.broadcast_to(count, places.shape),
    )
    if given.items is None:
        row = jnp.asarray(_known_element(given))
        return jnp.broadcast_to(row, (*places.shape, *row.shape))
    if not given.room:
        return jnp.zeros((*places.shape, *given.items.shape[1:]), given.items.dtype)
    return jnp.take(given.items, places, axis=0, mode="clip")


def _for_each(indices, tensor, sums=False):
    """Return places, checked, each once, and the rows that go there: the last ones, or sums."""
    places = np.asarray(indices)
    if (places < 0).any():
        raise _Invalid(None, None, "Indices in TensorListScatter must all be non-negative.")
    rows = tensor.shape[0] if tensor.ndim else 0
    if rows != places.size:
        raise _Invalid(
            None,
            None,
            f"Invalid number of rows in input tensor. Expected: {places.size} Actual: {rows}",
        )
    if sums:
        found, inverse = np.unique(places, return_inverse=True)
        zeros = jnp.zeros((found.size, *tensor.shape[1:]), tensor.dtype)
        return found, zeros.at[inverse].add(tensor)
    last = {int(p): i for i, p in enumerate(places)}
    order = np.array(list(last.values()), np.int64)
    return np.array(list(last), np.int64), jnp.asarray(tensor)[order]


def scatter(tensor, indices, element_shape, *, element_dtype):
    return scatter_v2(tensor, indices, element_shape, -1, element_dtype=element_dtype)


def scatter_v2(tensor, indices, element_shape, num_elements, *, element_dtype, _sums=False):
    count = int(num_elements)
    places, rows = _for_each(indices, tensor, _sums)
    top = int(places.max(initial=-1)) + 1
    if count >= 0 and top > count:
        raise _Invalid(
            None,
            None,
            f"TensorListScatter: Trying to scatter at index {top - 1} in list with size {count}",
        )
    size = top if count < 0 else count
    items = jnp.zeros((size, *tensor.shape[1:]), tensor.dtype).at[places].set(rows)
    return replace(
        from_tensor(jnp.zeros((0, *tensor.shape[1:])), element_shape, element_dtype=element_dtype),
        items=items,
        length=size,
    )


def scatter_into(input_handle, tensor, indices, *, element_dtype):
    places, rows = _for_each(indices, tensor)
    given = as_array(input_handle)
    if rows.shape[0]:
        given = given.with_room_for(rows[0])
    top = int(places.max(initial=-1)) + 1
    given = _static(given)
    given = replace(given.grown(top), length=max(given.length, top))
    if not rows.shape[0]:
        return given
    return replace(given, items=given.items.at[places].set(rows))


def concat(input_handle, *, element_dtype, element_shape=None):
    return concat_v2(input_handle, np.int32(-1), (), element_dtype=element_dtype)


def concat_v2(input_handle, element_shape, leading_dims, *, element_dtype):
    given = _static(input_handle)
    rows = _rows(given, element_shape)
    if rows.ndim < 2:
        raise _Invalid(
            None, None, "Concat requires elements to be at least vectors, found scalars instead."
        )
    lengths = np.full(given.length, rows.shape[1], np.int64)
    return jnp.reshape(rows, (-1, *rows.shape[2:])), lengths


def concat_lists(input_a, input_b, *, element_dtype):
    a, b = _static(input_a), _static(input_b)
    rows = [_rows(x, np.int32(-1)) for x in (a, b)]
    return replace(a, items=jnp.concatenate(rows), length=a.length + b.length, constant=None)


def add_n(inputs):
    total = inputs[0]
    for other in inputs[1:]:
        total = _sum(total, other) if is_list(total) else total + other
    return total


def _sum(x, y):
    if isinstance(x, TensorList) and isinstance(y, TensorList):
        return x + y
    a, b = as_array(x), as_array(y)
    record(
        jnp.asarray(a.length == b.length),
        _Invalid,
        lambda _, n, m: (
            "Trying to add two lists of tensors with different lengths. One is "
            f"{n} and the other is {m}"
        ),
        jnp.asarray(a.length),
        jnp.asarray(b.length),
    )
    if b.items is None and b.constant is None:
        return a
    if a.items is None and a.constant is None:
        return replace(b, key=a.key or b.key)
    if a.constant is not None and b.constant is not None:
        return replace(a, constant=Constant(a.constant.value + b.constant.value))
    element = jax.tree.map(lambda leaf: leaf[0], a.items if a.items is not None else b.items)
    a, b = a.with_room_for(element), b.with_room_for(element)
    room = max(a.room, b.room)
    a, b = a.grown(room), b.grown(room)
    if isinstance(a.items, ListArray):
        inner = replace(a.items, items=jax.tree.map(jnp.add, a.items.items, b.items.items))
        return replace(a, items=inner)
    return replace(a, items=a.items + b.items)


def zeros_like(x):
    if isinstance(x, TensorList):
        return x.mapped(zeros_like)
    if not isinstance(x, ListArray):
        return jnp.zeros_like(x)
    if x.constant is not None:
        return replace(x, constant=Constant(np.zeros_like(x.constant.value)))
    if isinstance(x.items, ListArray):
        return replace(x, items=zeros_like(x.items))
    return x if x.items is None else replace(x, items=jnp.zeros_like(x.items))


def not_compiled(*inputs, element_dtype):
    raise NotCompilableError("a batch of lists")


def has_value(optional):
    return jnp.asarray(optional.length) > 0


def get_value(optional, *, output_types):
    if optional.constant is not None:
        return [optional.constant.value] * len(output_types)
    return [_take(optional.items, i) for i in range(len(output_types))]


_KERNELS = {
    "OptionalHasValue": has_value,
    "OptionalGetValue": get_value,
    "TensorListPushBack": push_back,
    "TensorListPopBack": pop_back,
    "TensorListElementShape": element_shape_of,
    "TensorListLength": length,
    "TensorListGetItem": get_item,
    "TensorListSetItem": set_item,
    "TensorListResize": resize,
    "TensorListStack": stack,
    "TensorListFromTensor": from_tensor,
    "TensorListGather": gather,
    "TensorListScatter": scatter,
    "TensorListScatterV2": scatter_v2,
    "TensorListScatterIntoExistingList": scatter_into,
    "TensorListConcat": concat,
    "TensorListConcatV2": concat_v2,
    "TensorListConcatLists": concat_lists,
    "TensorListPushBackBatch": not_compiled,
    "AddN": add_n,
    "ZerosLike": zeros_like,
}
