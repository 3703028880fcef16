"""Datasets made of others: which elements there are, in what order, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from evergraph.data.dataset import Dataset, Element, Elements, Failed, Function, Run, array_of
from evergraph.errors import InvalidArgumentError


class Mapped(Dataset):
    """What a function makes of each element.

    Args:
      source: the elements.
      function: the function.
    """

    def __init__(self, source: Dataset, function: Function) -> None:
        self._source = source
        self._function = function

    def elements(self, run: Run) -> Elements:
        """Yield the results."""
        for element in self._source.elements(run):
            yield element if isinstance(element, Failed) else run.call(self._function, element)


class Filtered(Dataset):
    """The elements that a function says yes to.

    Args:
      source: the elements.
      predicate: the function.
      to_end: whether there is nothing after the first no.
    """

    def __init__(self, source: Dataset, predicate: Function, to_end: bool = False) -> None:
        self._source = source
        self._predicate = predicate
        self._to_end = to_end

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                yield element
                continue
            answer = run.call(self._predicate, element)
            if isinstance(answer, Failed):
                yield answer
            elif answer[0]:
                yield element
            elif self._to_end:
                return


class FlatMapped(Dataset):
    """The elements of the datasets that a function makes, one dataset after the other.

    Args:
      source: the elements of which the datasets are made.
      function: the function.
    """

    def __init__(self, source: Dataset, function: Function) -> None:
        self._source = source
        self._function = function

    def elements(self, run: Run) -> Elements:
        """Yield the elements of the datasets."""
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                yield element
                continue
            made = run.dataset(self._function, element)
            if isinstance(made, Failed):
                yield made
            else:
                yield from made.elements(run)


class Interleaved(Dataset):
    """The elements of the datasets that a function makes, some from each in turn.

    Args:
      source: the elements of which the datasets are made.
      function: the function.
      cycle: how many datasets take turns.
      block: how many elements come from one before it is the next one's turn.
    """

    def __init__(self, source: Dataset, function: Function, cycle: int, block: int) -> None:
        self._source = source
        self._function = function
        self._cycle = cycle
        self._block = block

    def elements(self, run: Run) -> Elements:
        """Yield the elements of the datasets."""
        source = self._source.elements(run)
        turns: list[Elements | None] = [None] * self._cycle
        waiting = True  # whether the source may have more
        at = 0
        while waiting or any(turns):
            current = turns[at]
            if current is None and waiting:
                element = next(source, None)
                if element is None:
                    waiting = False
                    continue
                if isinstance(element, Failed):
                    yield element
                    continue
                made = run.dataset(self._function, element)
                if isinstance(made, Failed):
                    yield made
                    continue
                current = turns[at] = made.elements(run)
            if current is not None:
                taken = 0
                while taken < self._block:
                    element = next(current, None)
                    if element is None:
                        turns[at] = None
                        break
                    taken += not isinstance(element, Failed)
                    yield element
            at = (at + 1) % self._cycle


class Zipped(Dataset):
    """Elements of several datasets, side by side; as many as the shortest one has.

    Args:
      sources: the datasets.
    """

    def __init__(self, sources: Sequence[Dataset]) -> None:
        self._sources = sources

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        iterators = [s.elements(run) for s in self._sources]
        while True:
            parts: list[Any] = []
            failed: Failed | None = None
            for iterator in iterators:
                part = next(iterator, None)
                if part is None:
                    return
                if isinstance(part, Failed):
                    failed = failed or part
                else:
                    parts += part
            yield failed or tuple(parts)


class Concatenated(Dataset):
    """The elements of one dataset, then those of another.

    Args:
      first, second: the datasets.
    """

    def __init__(self, first: Dataset, second: Dataset) -> None:
        self._first = first
        self._second = second

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        yield from self._first.elements(run)
        yield from self._second.elements(run)


class Repeated(Dataset):
    """The elements, several times.

    Args:
      source: the elements.
      count: how often; for ever if it is negative.
    """

    def __init__(self, source: Dataset, count: int) -> None:
        self._source = source
        self._count = count

    def elements(self, run: Run) -> Elements:
        """Yield the elements; nothing is not repeated for ever."""
        for turn in count() if self._count < 0 else range(self._count):
            empty = True
            for element in self._source.elements(run):
                empty = False
                yield element
            if empty and self._count < 0 and not turn:
                return


class Part(Dataset):
    """Some of the elements, by their number.

    Args:
      source: the elements.
      first: how many are left out at the beginning; all of them if it is negative.
      count: how many there are then; all if it is negative.
      step: one in so many, beginning with number `first`.
    """

    def __init__(self, source: Dataset, first: int = 0, count: int = -1, step: int = 1) -> None:
        self._source = source
        self._first = first
        self._count = count
        self._step = step

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        if self._first < 0 or not self._count:
            return
        number = taken = 0
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                yield element
                continue
            if number >= self._first and not (number - self._first) % self._step:
                yield element
                taken += 1
                if taken == self._count:
                    return
            number += 1


class Cached(Dataset):
    """The elements, kept when all of them have been there.

    Args:
      source: the elements.
    """

    def __init__(self, source: Dataset) -> None:
        self._source = source
        self._kept: list[Element] | None = None

    def elements(self, run: Run) -> Elements:
        """Yield the elements, kept ones if there are any."""
        if self._kept is not None:
            for element in self._kept:
                stop = run.stopped()
                if stop is not None:
                    yield stop
                yield element
            return
        made: list[Element] = []
        for item in self._source.elements(run):
            if not isinstance(item, Failed):
                made.append(item)
            yield item
        self._kept = made


class Scanned(Dataset):
    """What a function makes of each element and of a state, which it changes.

    Args:
      source: the elements.
      initial: the components of the first state.
      function: takes the state and an element; returns the next state and what to yield.
    """

    def __init__(self, source: Dataset, initial: Element, function: Function) -> None:
        self._source = source
        self._initial = initial
        self._function = function

    def elements(self, run: Run) -> Elements:
        """Yield the results."""
        state: Element = self._initial
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                yield element
                continue
            made = run.call(self._function, (*state, *element))
            if isinstance(made, Failed):
                yield made
                continue
            state = made[: len(state)]
            yield made[len(state) :]


class Kept(Dataset):
    """The elements that could be made.

    Args:
      source: the elements.
    """

    def __init__(self, source: Dataset) -> None:
        self._source = source

    def elements(self, run: Run) -> Elements:
        """Yield the elements; a step that is to stop does stop."""
        for element in self._source.elements(run):
            if not isinstance(element, Failed):
                yield element
                continue
            stop = run.stopped()
            if stop is not None:
                yield stop


class Unique(Dataset):
    """The elements that have not been there before.

    Args:
      source: elements of one component.
    """

    def __init__(self, source: Dataset) -> None:
        self._source = source

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        seen: set[Any] = set()
        for element in self._source.elements(run):
            if isinstance(element, Failed):
                yield element
                continue
            array = array_of(element[0])
            key = repr(array.tolist()) if array.dtype == object else array.tobytes()
            if (array.shape, key) not in seen:
                seen.add((array.shape, key))
                yield element


class Chosen(Dataset):
    """Elements of several datasets: the next one of that which another dataset says.

    Args:
      selector: the numbers of the datasets.
      sources: the datasets.
      stop: whether the end of one of them is the end.
    """

    def __init__(self, selector: Dataset, sources: Sequence[Dataset], stop: bool) -> None:
        self._selector = selector
        self._sources = sources
        self._stop = stop

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        iterators: list[Elements | None] = [s.elements(run) for s in self._sources]
        for choice in self._selector.elements(run):
            if isinstance(choice, Failed):
                yield choice
                continue
            number = int(choice[0])
            if not 0 <= number < len(iterators):
                text = f"Selector index out of range: {number} >= {len(iterators)}"
                yield Failed(InvalidArgumentError(None, None, text))
                continue
            iterator = iterators[number]
            element = None if iterator is None else next(iterator, None)
            if element is not None:
                yield element
                continue
            iterators[number] = None
            if self._stop or not any(iterators):
                return
