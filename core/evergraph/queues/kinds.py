"""The kinds of queues: in which order elements come out."""

from __future__ import annotations

import heapq
import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import numpy as np

from evergraph.errors import InvalidArgumentError
from evergraph.queues.elements import Element
from evergraph.queues.queue import Queue, Spec
from evergraph.shapes import bracketed
from evergraph.xp import NUMPY


class FIFOQueue(Queue):
    """Elements come out in the order in which they went in."""

    kind = "FIFOQueue"

    def __init__(self, name: str, spec: Spec) -> None:
        super().__init__(name, spec)
        self._elements: deque[Element] = deque()

    def push(self, element: Element) -> None:
        """Put an element at the end."""
        self._elements.append(element)

    def pop(self) -> Element:
        """Take the first element."""
        return self._elements.popleft()

    def restore(self, elements: Sequence[Element]) -> None:
        """Put elements back in front."""
        self._elements.extendleft(reversed(elements))

    def __len__(self) -> int:
        return len(self._elements)


class PaddingFIFOQueue(FIFOQueue):
    """A `FIFOQueue` whose elements may differ in size; batches of them are padded."""

    kind = "PaddingFIFOQueue"

    @classmethod
    def check(cls, spec: Spec) -> None:
        """Raise if the rank of a component is not known."""
        if len(spec.shapes) != len(spec.dtypes):
            raise InvalidArgumentError(
                None,
                None,
                f"Shapes must be provided for all components, but received {len(spec.dtypes)} "
                f"dtypes and {len(spec.shapes)} shapes.",
            )
        if None in spec.shapes:
            raise InvalidArgumentError(None, None, "shape <unknown> must have known rank.")

    @property
    def named(self) -> str:
        """The queue as most errors show it: as a `FIFOQueue`, in TensorFlow."""
        return f"{FIFOQueue.kind} '{self.name}'"

    @property
    def named_in_batches(self) -> str:
        """The queue as errors of batches show it."""
        return f"{self.kind} '{self.name}'"

    def _same_shapes(self, spec: Spec) -> bool:
        return all(
            len(own or ()) == len(other or ())
            and all(None in (a, b) or a == b for a, b in zip(own or (), other or (), strict=True))
            for own, other in zip(self.spec.shapes, spec.shapes, strict=True)
        )


class RandomShuffleQueue(Queue):
    """Elements come out in random order: with seeds, in TensorFlow's."""

    kind = "RandomShuffleQueue"

    def __init__(self, name: str, spec: Spec) -> None:
        super().__init__(name, spec)
        self._elements: list[Element] = []
        self._words = _random_words(spec.seeds)

    @classmethod
    def check(cls, spec: Spec) -> None:
        """Raise if there is never anything to take."""
        super().check(spec)
        least = spec.min_after_dequeue
        if least < 0:
            raise InvalidArgumentError(None, None, f"min_after_dequeue {least} must be >= 0")
        if least >= spec.capacity:
            raise InvalidArgumentError(
                None, None, f"min_after_dequeue {least} must be < capacity {spec.capacity}"
            )

    def push(self, element: Element) -> None:
        """Put an element in."""
        self._elements.append(element)

    def pop(self) -> Element:
        """Take an element by chance; the last one takes its place."""
        elements = self._elements
        index = next(self._words) % len(elements)
        element, elements[index] = elements[index], elements[-1]
        elements.pop()
        return element

    def restore(self, elements: Sequence[Element]) -> None:
        """Put elements back."""
        self._elements.extend(reversed(elements))

    def __len__(self) -> int:
        return len(self._elements)


#: How many groups of four words are made at a time.
_GROUPS: Final = 64


def _random_words(seeds: tuple[int, int]) -> Iterator[int]:
    if seeds == (0, 0):
        low, high = np.frombuffer(os.urandom(16), np.int64).tolist()
    else:
        low, high = seeds
    # The key, low word first; then the counter's four words, of which seeds set the last two.
    start = np.array([low, 0, high], np.int64).view(np.uint32)
    at = np.arange(_GROUPS, dtype=np.uint64)
    while True:
        yield from NUMPY.ext.random_bits(start[:2], start[2:], at).reshape(-1).tolist()
        at += np.uint64(_GROUPS)


class _Prioritized:
    """An element with its priority, its first component; the least comes out first."""

    __slots__ = ("element", "priority")

    def __init__(self, element: Element) -> None:
        self.element = element
        self.priority = int(element[0])

    def __lt__(self, other: _Prioritized) -> bool:
        return self.priority < other.priority


class PriorityQueue(Queue):
    """The element of the least priority comes out first; equal ones in TensorFlow's order."""

    kind: ClassVar[str] = "PriorityQueue"

    def __init__(self, name: str, spec: Spec) -> None:
        super().__init__(name, spec)
        # Python's heap, and C++'s, which TensorFlow has, make the same moves.
        self._elements: list[_Prioritized] = []

    @classmethod
    def check(cls, spec: Spec) -> None:
        """Raise if the priority is no scalar."""
        super().check(spec)
        if not spec.shapes or spec.shapes[0] != ():
            # TF: complains of shapes that another node had asked for.
            found = bracketed(spec.shapes[0]) if spec.shapes else "none"
            raise InvalidArgumentError(
                None, None, f"a priority must be a scalar and have a shape, but has {found}"
            )

    def push(self, element: Element) -> None:
        """Put an element in."""
        heapq.heappush(self._elements, _Prioritized(element))

    def pop(self) -> Element:
        """Take the element of the least priority."""
        return heapq.heappop(self._elements).element

    def restore(self, elements: Sequence[Element]) -> None:
        """Put elements back."""
        for element in reversed(elements):
            self.push(element)

    def __len__(self) -> int:
        return len(self._elements)


#: By the name of the op type, without its version.
KINDS: Final[dict[str, type[Queue]]] = {
    queue.kind: queue for queue in (FIFOQueue, PaddingFIFOQueue, RandomShuffleQueue, PriorityQueue)
}
