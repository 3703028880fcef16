"""`Dataset`: a description of a sequence, and what its iterators need while they run."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import numpy as np

from evergraph.errors import OpError

#: A value for each component: a NumPy array, a NumPy scalar, `bytes` or a dataset.
Element: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Stands for an element that could not be made; what follows is not affected."""

    error: OpError


#: What an iterator yields. It raises nothing, because a generator that has raised is at its end.
Elements: TypeAlias = Generator[Element | Failed, None, None]


@dataclass(frozen=True)
class Function:
    """A function of the graph, as a dataset uses it.

    Attributes:
      function: its `NameAttrList`.
      captured: its last arguments, the same for all elements.
      owner: the op type of the node that has it, for errors.
    """

    function: Any
    captured: Sequence[Any]
    owner: str


def plain(value: Any) -> Any:
    """Return a component; of rank 0, as a NumPy scalar or `bytes`."""
    return value[()] if isinstance(value, np.ndarray) and not value.ndim else value


def array_of(value: Any) -> np.ndarray[Any, Any]:
    """Return a component as an array; of a string, one of objects."""
    return np.asarray(value, object if isinstance(value, bytes) else None)


class Caller(Protocol):
    """What runs functions."""

    def call(self, function: Function, arguments: Sequence[Any], context: Any) -> Sequence[Any]:
        """Return the results of a function; raise OpError if it fails."""
        ...


class Dataset:
    """A sequence of elements, all with the same number of components.

    It is the value of a tensor, and never changes.
    """

    #: A dataset is a scalar tensor.
    shape: Final = ()

    def elements(self, run: Run) -> Elements:
        """Return an iterator of the elements, from the first one on."""
        raise NotImplementedError


class Run:
    """What the iterators of one dataset share.

    Args:
      caller: runs functions.

    Attributes:
      context: the `StepContext` of the step that waits for an element.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.context: Any = None

    def stopped(self) -> Failed | None:
        """Return why the step that waits for an element is to stop; None if it is not."""
        try:
            self.context.check()
        except OpError as error:
            return Failed(error)
        return None

    def call(self, function: Function, arguments: Element) -> Element | Failed:
        """Return what a function makes of an element."""
        try:
            results = self._caller.call(function, (*arguments, *function.captured), self.context)
        except OpError as error:
            return Failed(error)
        return tuple([plain(r) for r in results])

    def dataset(self, function: Function, arguments: Element) -> Dataset | Failed:
        """Return the dataset that a function makes of an element."""
        made = self.call(function, arguments)
        return made if isinstance(made, Failed) else made[0]
