"""Lists of tensors inside XLA: one array with room for a number of elements, and a length.

Outside of loops a list is the core's `TensorList`, of traced values; it becomes a `ListArray` where
an index is traced, or where a loop carries it. What a list is made of is part of its type: in a
loop it must not change, so a type that fits all iterations is found first (`joined`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from evergraph.plugin import NotCompilableError, TensorList
from evergraph_jax.checks import Overflow, current, record

Dims: TypeAlias = "tuple[int | None, ...] | None"
#: How many elements a list has room for at first, if nothing is known.
FIRST_ROOM: Final = 32


@dataclass(frozen=True)
class Constant:
    """A NumPy value that is the same for every element: what is popped is known while tracing."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> Any:
        array = np.asarray(self.value)
        return array.dtype.str, array.shape, array.tobytes()


@dataclass(frozen=True)
class ListArray:
    """A list.

    Attributes:
      items: the elements, along the first axis of an array, or of every leaf of a tree; what is
        behind the last one is zeros. None while there are none.
      length: how many elements there are: an int where it is known, else traced.
      dtype, element_shape, limit: as of `TensorList`.
      constant: the value of every element, where that is known; `items` is None then.
      key: of the list, for how much room there is; "" where there is enough.
    """

    items: Any
    length: Any
    dtype: Any
    element_shape: Dims
    limit: int = -1
    constant: Constant | None = None
    key: str = ""

    shape = ()

    @property
    def known(self) -> bool:
        """Whether the length is known."""
        return isinstance(self.length, int)

    @property
    def room(self) -> int:
        """How many elements there is room for."""
        leaves = jax.tree.leaves(self.items)
        if leaves:
            return int(leaves[0].shape[0])
        if self.known and (self.length or not self.key):
            return int(self.length)
        trace = current()
        return FIRST_ROOM if trace is None else trace.room.get(self.key, FIRST_ROOM)

    def with_room_for(self, element: Any) -> ListArray:
        """Return the list with an array for elements like this one.

        Raises:
          NotCompilableError: its elements have other shapes.
        """
        if self.items is None:
            room = self.room
            if self.constant is None:
                items = jax.tree.map(lambda e: jnp.zeros((room, *e.shape), e.dtype), element)
                return replace(self, items=items)
            value = jnp.asarray(self.constant.value)
            held = jnp.arange(room) < self.length
            filled = jnp.broadcast_to(value, (room, *value.shape))
            items = jnp.where(jnp.reshape(held, (room, *(1,) * value.ndim)), filled, 0)
            self = replace(self, items=items.astype(value.dtype), constant=None)
        if not _alike(element, jax.tree.map(lambda leaf: leaf[0], _abstract(self.items))):
            raise NotCompilableError("elements of a list differ in shape")
        return self

    def grown(self, room: int) -> ListArray:
        """Return the list with at least so much room."""
        if self.items is None or self.room >= room:
            return self
        more = room - self.room
        pad = jax.tree.map(lambda x: jnp.pad(x, [(0, more)] + [(0, 0)] * (x.ndim - 1)), self.items)
        return replace(self, items=pad)

    def checked_room(self, needed: Any) -> ListArray:
        """Return the list with room for so many elements; that there is may be checked later."""
        if isinstance(needed, int):
            return self if needed <= self.room else self.grown(max(needed, 2 * self.room))
        if not self.key:
            raise NotCompilableError("a list that is an element of a list grows")
        record(needed <= self.room, Overflow, self.key)
        return self


def _flatten(given: ListArray) -> tuple[Any, Any]:
    length = given.length if given.known else None
    rest = given.dtype, given.element_shape, given.limit, given.constant, given.key
    return (given.items, None if given.known else given.length), (length, rest)


def _unflatten(aux: Any, children: Any) -> ListArray:
    items, traced = children
    length, (dtype, shape, limit, constant, key) = aux
    return ListArray(
        items, traced if length is None else length, dtype, shape, limit, constant, key
    )


def _flatten_list(given: TensorList) -> tuple[Any, Any]:
    items = sorted(given.initialized())
    aux = given.dtype, given.element_shape, given.length, given.limit, tuple(i for i, _ in items)
    return [v for _, v in items], aux


def _unflatten_list(aux: Any, items: Any) -> TensorList:
    dtype, shape, length, limit, places = aux
    return TensorList(dtype, shape, length, dict(zip(places, items, strict=True)), limit)


jax.tree_util.register_pytree_node(ListArray, _flatten, _unflatten)
jax.tree_util.register_pytree_node(TensorList, _flatten_list, _unflatten_list)


def is_list(value: Any) -> bool:
    """Whether a value is a list."""
    return isinstance(value, TensorList | ListArray)


def is_traced(value: Any) -> bool:
    """Whether the value is known only when the region runs."""
    return isinstance(value, jax.core.Tracer)


def as_array(given: Any, key: str = "") -> ListArray:
    """Return a list as one array.

    Raises:
      NotCompilableError: its elements differ in shape.
    """
    if isinstance(given, ListArray):
        return replace(given, key=given.key or key)
    elements = given.elements()
    shape = given.element_shape
    result = ListArray(None, given.length, given.dtype, shape, given.limit, None, key)
    present = [e for e in elements if e is not None]
    if not present:
        if given.length and shape is not None and None not in shape and given.dtype != np.object_:
            items = jnp.zeros((given.length, *shape), given.dtype)
            return replace(result, items=items)
        return result
    if len(present) == len(elements) and all(isinstance(e, _NUMPY) for e in present):
        first = Constant(present[0])
        if all(Constant(e) == first for e in present):
            return replace(result, constant=first)
    present = [as_array(e) if is_list(e) else jnp.asarray(e) for e in present]
    if is_list(present[0]):
        wanted: Any = present[0]
        others: list[Any] = present[1:]
        for e in others:
            wanted = joined(wanted, e)
        wanted = _with_traced_length(wanted)
        present = [fitted(e, wanted) for e in present]
    if any(not _alike(e, present[0]) for e in present):
        raise NotCompilableError("elements of a list differ in shape")
    blank = jax.tree.map(jnp.zeros_like, present[0])
    found = iter(present)
    every = [blank if e is None else next(found) for e in elements]
    return replace(result, items=jax.tree.map(lambda *leaves: jnp.stack(leaves), *every))


_NUMPY: Final = (np.ndarray, np.generic)


def as_element(value: Any) -> Any:
    """Return a value as an element of an array of elements."""
    if not is_list(value):
        return jnp.asarray(value)
    given = as_array(value)
    if given.constant is not None:
        given = given.with_room_for(jnp.asarray(given.constant.value))
    return replace(given, key="")


def _with_traced_length(given: ListArray) -> ListArray:
    given = as_element(given)
    return replace(given, length=jnp.asarray(given.length, jnp.int32))


def with_room_in(given: ListArray, element: Any) -> tuple[ListArray, Any]:
    """Return a list with an array for elements like this one, and the element to go there."""
    element = as_element(element)
    items = given.items
    if isinstance(items, ListArray) and isinstance(element, ListArray) and items.known:
        if element.known and element.length != items.length:
            element = replace(element, length=jnp.asarray(element.length, jnp.int32))
        if not element.known:
            given = replace(given, items=_lengths_traced(items, given.room))
    elif isinstance(items, ListArray) and isinstance(element, ListArray):
        element = replace(element, length=jnp.asarray(element.length, jnp.int32))
    return given.with_room_for(element), element


def _lengths_traced(items: ListArray, room: int) -> ListArray:
    """Return lists along a first axis of that size that may differ in length."""
    return replace(items, length=jnp.full(room, items.length, jnp.int32))


def _as_wanted(given: ListArray, items: Any) -> ListArray:
    """Return a list whose elements, if they are lists, may differ in length if others' do."""
    own = given.items
    if not (isinstance(own, ListArray) and own.known and isinstance(items, ListArray)):
        return given
    if items.known and items.length == own.length:
        return given
    return replace(given, items=_lengths_traced(own, given.room))


def joined(given: ListArray, other: ListArray) -> ListArray:
    """Return a list as it must be to have the type that both have.

    Args:
      given: a list.
      other: another one, perhaps only its type.

    Raises:
      NotCompilableError: there is no such type.
    """
    if given.known and given.length != other.length:
        if given.items is None and given.constant is None and not given.length:
            given = replace(given, constant=other.constant)
        given = replace(given, length=jnp.asarray(given.length, jnp.int32))
    if given.element_shape != other.element_shape:
        given = replace(given, element_shape=_common(given.element_shape, other.element_shape))
    if other.items is not None:
        element = jax.tree.map(lambda leaf: leaf[0], _abstract(other.items))
        given = _as_wanted(given, other.items)
        if is_list(element) and given.items is not None:
            element = jax.tree.map(lambda leaf: leaf[0], _abstract(given.items))
        given = given.with_room_for(element).grown(other.room)
    elif other.constant != given.constant and given.items is None:
        empty = other.constant is None and other.known and not other.length
        if empty:
            return given
        if given.constant is None or other.constant is None:
            raise NotCompilableError("elements of a list are not always known")
        given = given.with_room_for(jnp.asarray(given.constant.value))
    return given


def fitted(value: Any, wanted: ListArray) -> ListArray:
    """Return a list in the type of another one, which has been joined with it."""
    given = as_array(value)
    if not wanted.known:
        given = replace(given, length=jnp.asarray(given.length, jnp.int32))
    elif given.length != wanted.length:
        raise NotCompilableError("the length of a list changes")
    given = replace(given, key=wanted.key, limit=wanted.limit, element_shape=wanted.element_shape)
    if wanted.items is not None:
        element = jax.tree.map(lambda leaf: leaf[0], _abstract(wanted.items))
        if given.items is None and given.constant is None:
            given = replace(given, items=jax.tree.map(_zeros, _abstract(wanted.items)))
        given = _as_wanted(given, wanted.items)
        given = given.with_room_for(element).grown(wanted.room)
        if given.room > wanted.room:
            raise NotCompilableError("the room of a list changes")
    elif given.constant is None and given.items is None:
        given = replace(given, constant=wanted.constant)
    return given


def _zeros(leaf: Any) -> Any:
    return jnp.zeros(leaf.shape, leaf.dtype)


def _common(x: Dims, y: Dims) -> Dims:
    if x is None or y is None or len(x) != len(y):
        return None
    return tuple(a if a == b else None for a, b in zip(x, y, strict=True))


def _abstract(tree: Any) -> Any:
    """Return arrays that have shapes and types alone, and can be indexed."""
    return jax.tree.map(lambda x: _Shaped(tuple(x.shape), x.dtype), tree)


@dataclass(frozen=True)
class _Shaped:
    shape: tuple[int, ...]
    dtype: Any

    def __getitem__(self, index: int) -> _Shaped:
        return _Shaped(self.shape[1:], self.dtype)


def _alike(x: Any, y: Any) -> bool:
    """Whether elements can be in one array."""
    forms: list[Any] = [jax.tree.structure(v) for v in (x, y)]
    leaves = zip(jax.tree.leaves(x), jax.tree.leaves(y), strict=False)
    same = all(a.shape == b.shape and a.dtype == b.dtype for a, b in leaves)
    return same and bool(forms[0] == forms[1])


def on_host(value: Any) -> Any:
    """Return an output of a region: lists as the core's, of NumPy's arrays."""
    if isinstance(value, TensorList):
        return value.mapped(_on_host)
    if not isinstance(value, ListArray):
        return value
    count = int(value.length)
    items: dict[int, Any] = {}
    if value.constant is not None:
        items = dict.fromkeys(range(count), value.constant.value)
    elif value.items is not None:
        arrays = jax.tree.map(np.asarray, value.items)
        items = {i: _on_host(_at(arrays, i)) for i in range(count)}
    return TensorList(value.dtype, value.element_shape, count, items, value.limit)


def _at(arrays: Any, index: int) -> Any:
    return jax.tree.map(lambda leaf: leaf[index], arrays)


def _on_host(value: Any) -> Any:
    return on_host(value) if is_list(value) else np.asarray(value)[()]
