"""Datasets that come from tensors, numbers and Python generators."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from evergraph.data.dataset import Dataset, Element, Elements, Failed, Function, Run, plain
from evergraph.errors import OutOfRangeError


class Tensors(Dataset):
    """One element.

    Args:
      element: the element.
    """

    def __init__(self, element: Element) -> None:
        self._element = tuple([plain(component) for component in element])

    def elements(self, run: Run) -> Elements:
        """Yield the element."""
        stop = run.stopped()
        if stop is not None:
            yield stop
        yield self._element


class Slices(Dataset):
    """An element for each index of the first dimension of tensors.

    Args:
      components: the tensors, all of the same first size.
    """

    def __init__(self, components: Sequence[Any]) -> None:
        self._components = [np.asarray(c) for c in components]

    def elements(self, run: Run) -> Elements:
        """Yield the slices."""
        for i in range(len(self._components[0])):
            stop = run.stopped()
            if stop is not None:
                yield stop
            yield tuple([c[i] for c in self._components])


class SparseSlices(Dataset):
    """The slices of a sparse tensor, each as indices, values and a shape.

    Args:
      indices: [n, rank], in row-major order.
      values: [n].
      dense_shape: [rank].
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self._indices = indices
        self._values = values
        self._shape = dense_shape

    def elements(self, run: Run) -> Elements:
        """Yield the slices, those without values among them."""
        rows = self._indices[:, 0]
        bounds = np.searchsorted(rows, np.arange(int(self._shape[0]) + 1))
        for first, last in pairwise(bounds):
            stop = run.stopped()
            if stop is not None:
                yield stop
            yield self._indices[first:last, 1:], self._values[first:last], self._shape[1:]


class Range(Dataset):
    """Numbers at equal distances.

    Args:
      start, stop, step: as for Python's `range`.
      dtype: NumPy's type of the numbers.
    """

    def __init__(self, start: int, stop: int, step: int, dtype: Any) -> None:
        self._range = range(start, stop, step)
        self._type = np.dtype(dtype).type

    def elements(self, run: Run) -> Elements:
        """Yield the numbers."""
        for number in self._range:
            stop = run.stopped()
            if stop is not None:
                yield stop
            yield (self._type(number),)


class Generated(Dataset):
    """What a function returns until it says that it is at the end.

    Args:
      init: makes a state.
      following: makes an element of the state.
      finalize: runs at the end, or when nobody wants any more.
    """

    def __init__(self, init: Function, following: Function, finalize: Function) -> None:
        self._init = init
        self._next = following
        self._finalize = finalize

    def elements(self, run: Run) -> Elements:
        """Yield what the function returns."""
        state = run.call(self._init, ())
        while isinstance(state, Failed):
            yield state
            state = run.call(self._init, ())
        try:
            while True:
                stop = run.stopped()
                if stop is not None:
                    yield stop
                made = run.call(self._next, state)
                if isinstance(made, Failed) and isinstance(made.error, OutOfRangeError):
                    return
                yield made
        finally:
            run.call(self._finalize, state)


def length(value: Any) -> int:
    """Return a size that a node is given: an integer scalar."""
    return operator.index(np.asarray(value).item())
