"""Datasets in random order, which is TensorFlow's for the same seeds."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from evergraph.data.dataset import Dataset, Element, Elements, Failed, Run

#: How many groups of four numbers are made at a time, at most.
_AT_ONCE = 256


def words(seed: int, seed2: int) -> Iterator[int]:
    """Return the numbers of 32 bits of a stream of Philox 4x32-10, without an end.

    Args:
      seed: the key.
      seed2: the upper half of the counter.
    """
    key = np.array([seed], np.int64).view(np.uint32)
    upper = np.array([seed2], np.int64).view(np.uint32)
    start, size = 0, 1
    while True:
        yield from _philox(key, upper, start, size).tolist()
        start += size
        size = min(2 * size, _AT_ONCE)


def _philox(key: Any, upper: Any, start: int, count: int) -> np.ndarray[Any, Any]:
    numbers = np.arange(start, start + count, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    c0, c1 = numbers & low, numbers >> np.uint64(32)
    c2 = np.full(count, upper[0], np.uint64)
    c3 = np.full(count, upper[1], np.uint64)
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(10):
        p = c0 * np.uint64(0xD2511F53)
        q = c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (
            (q >> np.uint64(32)) ^ c1 ^ np.uint64(k0),
            q & low,
            (p >> np.uint64(32)) ^ c3 ^ np.uint64(k1),
            p & low,
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=1).reshape(-1)


def known_seeds(seed: int, seed2: int) -> tuple[int, int]:
    """Return two seeds; random ones in place of zeros."""
    if seed or seed2:
        return seed, seed2
    first, second = np.frombuffer(os.urandom(16), np.int64).tolist()
    return first, second


class _Epoch:
    """Elements that are ready, of one time."""

    def __init__(self) -> None:
        self._elements: list[Element | None] = []
        self._start = 0

    def __len__(self) -> int:
        return len(self._elements) - self._start

    def add(self, element: Element) -> None:
        """Add an element."""
        self._elements.append(element)

    def take(self, word: int) -> Element:
        """Take the element that a random number chooses; the first one takes its place."""
        elements, start = self._elements, self._start
        index = start + word % len(self)
        element = elements[index]
        assert element is not None
        elements[index], elements[start] = elements[start], None
        self._start += 1
        if self._start > _AT_ONCE and self._start > len(elements) // 2:
            del elements[: self._start]
            self._start = 0
        return element


class Shuffled(Dataset):
    """The elements in random order.

    Args:
      source: the elements.
      size: how many elements the next one is chosen from; all if it is negative.
      seeds: of the order; two zeros for one that nobody knows.
      anew: whether the order is another one each time.
      count: how often, with the elements of the next time ready before those of one are gone; for
        ever if it is negative.
    """

    def __init__(
        self,
        source: Dataset,
        size: int,
        seeds: tuple[int, int],
        anew: bool,
        count: int = 1,
    ) -> None:
        self._source = source
        self._size = size
        self._seeds = known_seeds(*seeds)
        self._following = words(*self._seeds) if anew else None
        self._count = count

    def elements(self, run: Run) -> Elements:
        """Yield the elements."""
        random = self._random()
        epochs = deque([_Epoch()])
        source = self._source.elements(run)
        begun, empty, more = 1, True, self._count != 0
        while True:
            while more and (self._size < 0 or sum(map(len, epochs)) < self._size):
                element = next(source, None)
                if isinstance(element, Failed):
                    yield element
                elif element is not None:
                    epochs[-1].add(element)
                    empty = False
                elif empty or begun == self._count:
                    more = False
                else:
                    source = self._source.elements(run)
                    epochs.append(_Epoch())
                    begun += 1
            while len(epochs) > 1 and not epochs[0]:
                epochs.popleft()
                random = self._random()
            if not epochs[0]:
                return
            yield epochs[0].take(next(random))

    def _random(self) -> Iterator[int]:
        if self._following is None:
            return words(*self._seeds)
        return words(next(self._following), next(self._following))


class RandomNumbers(Dataset):
    """Numbers of a random stream, without an end.

    Args:
      seeds: of the stream; two zeros for one that nobody knows.
    """

    def __init__(self, seeds: tuple[int, int]) -> None:
        self._seeds = known_seeds(*seeds)

    def elements(self, run: Run) -> Elements:
        """Yield the numbers."""
        for word in words(*self._seeds):
            stop = run.stopped()
            if stop is not None:
                yield stop
            yield (np.int64(word),)
