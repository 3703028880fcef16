"""Iterators: what stands between two steps at an element of a dataset."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from evergraph.data.dataset import Caller, Dataset, Element, Elements, Failed, Run
from evergraph.dtypes import DType
from evergraph.errors import FailedPreconditionError, InvalidArgumentError, OutOfRangeError
from evergraph.shapes import Dims, bracketed
from evergraph.vocabulary import dtype_text

#: How long one waits for another step's element before looking whether it is to stop: seconds.
_PATIENCE: Final = 0.05


class _Running:
    """An iterator of a dataset, from its first element to its end."""

    def __init__(self, dataset: Dataset, caller: Caller) -> None:
        self._run = Run(caller)
        self._elements: Elements | None = dataset.elements(self._run)
        # A Python function that an element needs may ask for an element itself.
        self._lock = threading.RLock()

    def next(self, context: Any) -> Element | Failed | None:
        """Return the next element; None at the end."""
        while not self._lock.acquire(timeout=_PATIENCE):
            context.check()
        try:
            if self._elements is None:
                raise _uninitialized()
            self._run.context = context
            done = False
            try:
                element = next(self._elements, None)
                done = True
            finally:
                if not done:  # interrupted: what comes next is not known
                    self._elements = None
            return element
        finally:
            self._lock.release()


class Iterator:
    """An iterator by name, of a dataset that is given to it by a node; threads may share it.

    Args:
      handle: the string by which nodes find it.
      dtypes: of the components of an element.
      shapes: their static shapes.
    """

    def __init__(self, handle: bytes, dtypes: Sequence[DType], shapes: Sequence[Dims]) -> None:
        self.handle: Final = handle
        self.dtypes: Final = tuple(dtypes)
        self.shapes: Final = tuple(shapes)
        self._running: _Running | None = None
        self._factory: Callable[[Any], Dataset] | None = None
        self._caller: Caller | None = None
        self._lock = threading.Lock()

    def start(self, dataset: Dataset, caller: Caller) -> None:
        """Begin with the first element of a dataset."""
        self._running = _Running(dataset, caller)

    def start_late(self, factory: Callable[[Any], Dataset], caller: Caller) -> None:
        """Begin with the first element of a dataset that is made when somebody wants one."""
        with self._lock:
            if self._running is None and self._factory is None:
                self._factory, self._caller = factory, caller

    def next(self, context: Any) -> Element:
        """Return the next element.

        Raises:
          FailedPreconditionError: there is no dataset yet.
          OutOfRangeError: there are no more elements.
          OpError: the element could not be made; the next one perhaps can.
        """
        running = self._running
        if running is None:
            running = self._started(context)
        element = running.next(context)
        if element is None:
            raise OutOfRangeError(None, None, "End of sequence")
        if isinstance(element, Failed):
            raise element.error
        return element

    def _started(self, context: Any) -> _Running:
        with self._lock:
            if self._running is None:
                if self._factory is None or self._caller is None:
                    raise _uninitialized()
                self._running = _Running(self._factory(context), self._caller)
            return self._running

    def check(self, dtypes: Sequence[DType], shapes: Sequence[Dims]) -> None:
        """Raise if a node wants elements of another kind.

        Raises:
          InvalidArgumentError: that is so.
        """
        if len(dtypes) != len(self.dtypes):
            raise _invalid(
                f"Number of components does not match: expected {len(dtypes)} types but got "
                f"{len(self.dtypes)}."
            )
        for i, (wanted, found) in enumerate(zip(dtypes, self.dtypes, strict=True)):
            if wanted is not found:
                raise _invalid(
                    f"Data type mismatch at component {i}: expected {dtype_text(wanted)} but got "
                    f"{dtype_text(found)}."
                )
        for i, (wanted_dims, dims) in enumerate(zip(shapes, self.shapes, strict=False)):
            if dims is not None and not _compatible(wanted_dims, dims):
                raise _invalid(
                    f"Incompatible shapes at component {i}: expected {bracketed(wanted_dims)} but "
                    f"got {bracketed(dims)}."
                )


def _compatible(one: Dims, other: Dims) -> bool:
    """Whether something has both shapes."""
    if one is None or other is None:
        return True
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(a is None or b is None or a == b for a, b in pairs)


def _uninitialized() -> FailedPreconditionError:
    return FailedPreconditionError(
        None,
        None,
        "GetNext() failed because the iterator has not been initialized. Ensure that you have run "
        "the initializer operation for this iterator before getting the next element.",
    )


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
