"""`TensorList`: the value of a list of tensors. Nobody who holds one sees it change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.shapes import Dims, bracketed

_ABSENT: Final = object()


class _Store:
    """The elements of the newest of several lists that have most of them in common.

    Attributes:
      items: elements by position; positions without one are not initialized.
      top: no list that shares the elements is longer.
    """

    __slots__ = ("items", "top")

    def __init__(self, items: dict[int, Any], top: int) -> None:
        self.items = items
        self.top = top


class _Version:
    """A version of a store: the newest, or what differs from a newer one at one position.

    These are Baker's persistent arrays: whoever uses an older version makes it the newest.
    """

    __slots__ = ("index", "newer", "older", "store")

    def __init__(self, store: _Store) -> None:
        self.store: _Store | None = store
        self.newer: _Version | None = None
        self.index = 0
        self.older: Any = None

    def rooted(self) -> _Store:
        """Make this version the newest, and return the store."""
        if self.store is not None:
            return self.store
        path: list[_Version] = [self]
        while path[-1].store is None:
            following = path[-1].newer
            assert following is not None
            path.append(following)
        store = path.pop().store
        assert store is not None
        for version in reversed(path):
            newer = version.newer
            assert newer is not None
            newer.become(version, version.index, store, version.older)
        return store

    def become(self, newest: _Version, index: int, store: _Store, value: Any) -> None:
        """Let another version be the newest: one with that value at a position."""
        self.index, self.older = index, store.items.get(index, _ABSENT)
        if value is _ABSENT:
            store.items.pop(index, None)
        else:
            store.items[index] = value
        self.store, self.newer = None, newest
        newest.store, newest.newer, newest.older = store, None, None


class TensorList:
    """A list of tensors of one type.

    To push, to pop and to replace an element takes constant time: lists that come from each other
    share their elements. A list must not be used by two threads at once.

    Args:
      dtype: of the elements, the array library's.
      element_shape: that all elements have; None where it is not known, in whole or in part.
      length: how many elements there are.
      items: elements by position; positions without one are not initialized, and are zeros when
        they are read. The dictionary is the list's own from now on.
      limit: how many elements there may be; -1 for any number.
    """

    __slots__ = ("_version", "dtype", "element_shape", "length", "limit")

    #: A list is a scalar tensor.
    shape: Final = ()

    def __init__(
        self,
        dtype: Any,
        element_shape: Dims,
        length: int = 0,
        items: dict[int, Any] | None = None,
        limit: int = -1,
        _version: _Version | None = None,
    ) -> None:
        self.dtype = dtype
        self.element_shape = element_shape
        self.length = length
        self.limit = limit
        self._version = _version or _Version(_Store({} if items is None else items, length))

    def __repr__(self) -> str:
        return f"<TensorList of {self.length} elements of shape {bracketed(self.element_shape)}>"

    def get(self, index: int) -> Any:
        """Return an element, or None if it is not initialized."""
        return self._version.rooted().items.get(index)

    def elements(self) -> list[Any]:
        """Return the elements; None for those that are not initialized."""
        items = self._version.rooted().items
        return [items.get(i) for i in range(self.length)]

    def initialized(self) -> Iterator[tuple[int, Any]]:
        """Return the elements that are initialized, with their positions, in no order."""
        items = self._version.rooted().items
        return iter([(i, v) for i, v in items.items() if i < self.length])

    def with_item(self, index: int, value: Any) -> TensorList:
        """Return the list with another element at a position."""
        version = self._version
        store = version.rooted()
        newest = _Version(store)
        version.become(newest, index, store, value)
        return self._of(self.length, newest)

    def with_items(self, items: Mapping[int, Any]) -> TensorList:
        """Return the list with other elements at some positions."""
        if 2 * len(items) > self.length:
            return self._copy(self.length, items)
        result = self
        for index, value in items.items():
            result = result.with_item(index, value)
        return result

    def pushed(self, value: Any) -> TensorList:
        """Return the list with one more element."""
        n = self.length
        store = self._version.rooted()
        if store.top != n:  # a longer list has an element there
            return self._copy(n + 1, {n: value})
        store.items[n] = value
        store.top = n + 1
        return self._of(n + 1, self._version)

    def resized(self, size: int) -> TensorList:
        """Return the list with another length; what is new is not initialized."""
        if size > self.length:
            store = self._version.rooted()
            if store.top != self.length:
                return self._copy(size, {})
            store.top = size
        return self._of(size, self._version)

    def mapped(self, function: Callable[[Any], Any]) -> TensorList:
        """Return the list of what a function makes of the elements that are initialized."""
        items = {i: function(v) for i, v in self.initialized()}
        return TensorList(self.dtype, self.element_shape, self.length, items, self.limit)

    def refined(self, element_shape: Dims) -> TensorList:
        """Return the list with another shape of all elements."""
        return TensorList(
            self.dtype, element_shape, self.length, None, self.limit, _version=self._version
        )

    def __add__(self, other: TensorList) -> TensorList:
        """Return the sums of elements; where one list has none, the other's.

        Raises:
          InvalidArgumentError: the lists do not fit.
        """
        if self.dtype != other.dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"Trying to add two lists of tensors of different dtypes. One is {self.dtype} and "
                f"the other is {other.dtype}",
            )
        if self.length != other.length:
            raise InvalidArgumentError(
                None,
                None,
                "Trying to add two lists of tensors with different lengths. One is "
                f"{self.length} and the other is {other.length}",
            )
        shape = merged_shape(self.element_shape, other.element_shape)
        many, few = self, other
        if len(many._version.rooted().items) < len(few._version.rooted().items):
            many, few = few, many
        found = list(few.initialized())
        known = {i: many.get(i) for i, _ in found}
        sums = {i: v if known[i] is None else known[i] + v for i, v in found}
        return many.with_items(sums).refined(shape)

    def _copy(self, length: int, items: Mapping[int, Any]) -> TensorList:
        every = dict(self.initialized())
        every.update(items)
        return TensorList(self.dtype, self.element_shape, length, every, self.limit)

    def _of(self, length: int, version: _Version) -> TensorList:
        return TensorList(
            self.dtype, self.element_shape, length, None, self.limit, _version=version
        )


def merged_shape(x: Dims, y: Dims) -> Dims:
    """Return what is known from two shapes that the same elements have.

    Raises:
      InvalidArgumentError: no element has both.
    """
    if x is None or y is None:
        return y if x is None else x
    if len(x) != len(y):
        raise InvalidArgumentError(
            None,
            None,
            f"PartialTensorShape: Incompatible ranks during merge: {len(x)} vs. {len(y)}",
        )
    if not fits(x, y):
        raise InvalidArgumentError(
            None,
            None,
            "PartialTensorShape: Incompatible shapes during merge: "
            f"{bracketed(x)} vs. {bracketed(y)}",
        )
    return tuple([b if a is None else a for a, b in zip(x, y, strict=True)])


def fits(x: Dims, y: Dims) -> bool:
    """Whether something has both shapes."""
    if x is None or y is None:
        return True
    pairs = zip(x, y, strict=False)
    return len(x) == len(y) and all(a is None or b is None or a == b for a, b in pairs)


def is_defined(shape: Dims) -> bool:
    """Whether all of a shape is known."""
    return shape is not None and None not in shape


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of an element: an array of any library, a list or a string."""
    shape = getattr(value, "shape", None)
    return np.shape(value) if shape is None else tuple(shape)
