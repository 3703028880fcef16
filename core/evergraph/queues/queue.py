"""`Queue`: what all kinds of queues have in common."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

import numpy as np

from evergraph.dtypes import DType
from evergraph.errors import CancelledError, InvalidArgumentError
from evergraph.op import Pending
from evergraph.queues.attempts import Attempt, Close, Dequeue, Enqueue, Outcome
from evergraph.queues.elements import Element, batched, owned, rows
from evergraph.shapes import Dims, bracketed
from evergraph.vocabulary import dtype_text

#: The capacity of a queue that has no bound.
UNBOUNDED: Final = 2**31 - 1


@dataclass(frozen=True)
class Spec:
    """What a node says of its queue.

    Attributes:
      dtypes: of the components of an element.
      shapes: of the components; empty if they may have any.
      capacity: how many elements there is room for.
      min_after_dequeue: how many elements stay in, until the queue is closed.
      seeds: of the order; two zeros for seeds that nobody knows.
    """

    dtypes: tuple[DType, ...]
    shapes: tuple[Dims, ...]
    capacity: int
    min_after_dequeue: int = 0
    seeds: tuple[int, int] = (0, 0)


class Queue:
    """A queue; several threads may use it at once.

    Attempts to put in, and those to take out, succeed in order of arrival each. A method returns
    the outputs of its node, or a `Pending` for them; cancelling it takes the attempt back.

    Args:
      name: as errors show it.
      spec: what the first node that asks for the queue says.

    Raises:
      InvalidArgumentError: the specification is none of this kind of queue.
    """

    kind: ClassVar[str]

    def __init__(self, name: str, spec: Spec) -> None:
        self.check(spec)
        self.name: Final = name
        self.spec: Final = spec
        self.closed = False
        self.enqueues: deque[Attempt] = deque()
        self._dequeues: deque[Attempt] = deque()
        self._lock = threading.Lock()

    # What a kind of queue is; called under the lock

    def push(self, element: Element) -> None:
        """Put an element in."""
        raise NotImplementedError

    def pop(self) -> Element:
        """Take out the element whose turn it is."""
        raise NotImplementedError

    def restore(self, elements: Sequence[Element]) -> None:
        """Put back elements that were just taken out, in that order."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    @classmethod
    def check(cls, spec: Spec) -> None:
        """Raise if there can be no such queue of this kind.

        Raises:
          InvalidArgumentError: that is so.
        """
        for shape in spec.shapes:
            if shape is None or None in shape:
                raise _invalid(f"Shape {bracketed(shape)} is not fully defined")
        if spec.shapes and len(spec.shapes) != len(spec.dtypes):
            raise _invalid(
                f"Different number of component types.  Types: {_types(spec)}, Shapes: "
                f"{_shapes(spec)}"
            )

    @property
    def named(self) -> str:
        """The queue as most errors show it."""
        return f"{self.kind} '{self.name}'"

    @property
    def named_in_batches(self) -> str:
        """The queue as errors of batches show it."""
        return self.named

    # What nodes do

    def match(self, type: str, spec: Spec) -> None:
        """Raise if a node that shares the queue wants another one.

        Args:
          type: the op type of the node.
          spec: what it says.

        Raises:
          InvalidArgumentError: it differs.
        """
        if type.removesuffix("V2") != self.kind:
            raise _invalid(f"Expected {self.kind}, found {type}")
        own = self.spec
        for what, found, wanted, end in (
            ("capacity", own.capacity, spec.capacity, ""),
            ("min_after_dequeue", own.min_after_dequeue, spec.min_after_dequeue, "."),
        ):
            if found != wanted:
                raise self._differs(f"{what} {found} but requested {what} was {wanted}{end}")
        if own.dtypes != spec.dtypes:
            raise self._differs(
                f"component types {_types(own)} but requested component types were {_types(spec)}"
            )
        if spec.seeds not in ((0, 0), own.seeds):
            raise self._differs(f"random seeds {own.seeds} but requested seeds are {spec.seeds}.")
        if not self._same_shapes(spec):
            raise self._differs(
                f"component shapes {_shapes(own)} but requested component shapes were "
                f"{_shapes(spec)}"
            )

    def enqueue(self, components: Sequence[Any]) -> Any:
        """Put an element in.

        Raises:
          InvalidArgumentError: a component has another shape.
          CancelledError: the queue is closed.
        """
        for i, shape in enumerate(self.spec.shapes):
            self._fits(i, np.shape(components[i]), shape)
        element = tuple([owned(c) for c in components])
        return self._try(self.enqueues, Enqueue(iter((element,)), 1))

    def enqueue_many(self, components: Sequence[Any]) -> Any:
        """Put in an element for each index of the components' first dimension.

        Raises:
          InvalidArgumentError: a component has another shape.
          CancelledError: the queue is closed.
        """
        shapes = [np.shape(c) for c in components]
        count = shapes[0][0] if shapes[0] else None
        for i, shape in enumerate(self.spec.shapes):
            self._fits(i, shapes[i], None if shape is None else (count, *shape))
        for i, given in enumerate(shapes):
            if not given:
                raise _invalid(f"All input tensors must have a 0th dimension. Component {i} is []")
            if given[0] != count:
                raise _invalid(
                    "All input tensors must have the same size in the 0th dimension. Component "
                    f"{i} has {given[0]}, and should have {count}"
                )
        return self._try(self.enqueues, Enqueue(rows(components), count)) if count else ()

    def dequeue(self) -> Any:
        """Take an element out.

        Raises:
          OutOfRangeError: the queue is closed and empty.
        """
        return self._try(self._dequeues, Dequeue(1, single=True))

    def dequeue_many(self, count: int, up_to: bool = False) -> Any:
        """Take elements out, as a batch for each component.

        Args:
          count: how many.
          up_to: whether fewer will do once the queue is closed.

        Raises:
          InvalidArgumentError: the shapes of the components are not known.
          OutOfRangeError: the queue is closed and has too few.
        """
        if not self.spec.shapes:
            raise _invalid(
                f"{self.kind}'s DequeueMany and DequeueUpTo require the components to have "
                "specified shapes."
            )
        if count == 0:
            return batched([], self.spec.dtypes, self.spec.shapes)
        return self._try(self._dequeues, Dequeue(count, up_to))

    def close(self, cancel_pending_enqueues: bool) -> Any:
        """Let nothing more in.

        Args:
          cancel_pending_enqueues: whether enqueues that wait fail; else they are waited for.

        Raises:
          CancelledError: the queue is closed, and has nothing to cancel.
        """
        if not cancel_pending_enqueues:
            return self._try(self.enqueues, Close())
        with self._lock:
            self.closed = True
            failed = [a for a in self.enqueues if a.claim()]
            self.enqueues.clear()
            finished = self._flush()
        for attempt in failed:
            attempt.error = CancelledError(None, None, Enqueue.cancelled)
        for attempt in (*failed, *finished):
            attempt.settle(self)
        return ()

    def size(self) -> int:
        """Return the number of elements."""
        with self._lock:
            return len(self)

    # Attempts

    def _try(self, attempts: deque[Attempt], attempt: Attempt) -> Any:
        """Return the outputs of an attempt, or what they are waited for with."""
        with self._lock:
            attempts.append(attempt)
            finished = self._flush()
            waits = attempt not in finished
            if waits:
                attempt.pending = Pending(attempt.cancelled)
        for other in finished:
            other.settle(self)
        if waits:
            assert attempt.pending is not None
            attempt.pending.add_done_callback(partial(self._take_back, attempts, attempt))
            return attempt.pending
        if attempt.error is not None:
            raise attempt.error
        return attempt.outputs(self)

    def _flush(self) -> list[Attempt]:
        """Do what can be done; return the attempts that are complete."""
        finished: list[Attempt] = []
        # Both, whatever the first one did.
        while self._advance(self.enqueues, finished) | self._advance(self._dequeues, finished):
            pass
        return finished

    def _advance(self, attempts: deque[Attempt], finished: list[Attempt]) -> bool:
        progress = False
        while attempts:
            attempt = attempts[0]
            if not attempt.given_up():
                outcome = attempt.step(self)
                if outcome is not Outcome.DONE:
                    return progress or outcome is Outcome.MOVED
                if attempt.claim():
                    finished.append(attempt)
                    attempts.popleft()
                    progress = True
                    continue
            attempt.undo(self)
            attempts.popleft()
            progress = True
        return progress

    def _take_back(self, attempts: deque[Attempt], attempt: Attempt, pending: Future[Any]) -> None:
        if not pending.cancelled():
            return
        finished: list[Attempt] = []
        with self._lock:
            if attempt in attempts:
                attempts.remove(attempt)
                attempt.undo(self)
            # Others may have waited behind it.
            finished = self._flush()
        for other in finished:
            other.settle(self)

    # Checks

    def _fits(self, component: int, given: tuple[int, ...], wanted: Dims) -> None:
        if wanted is None:
            return
        if len(given) != len(wanted) or any(
            w is not None and w != g for w, g in zip(wanted, given, strict=True)
        ):
            raise _invalid(
                f"Shape mismatch in tuple component {component}. Expected {bracketed(wanted)}, "
                f"got {bracketed(given)}"
            )

    def _same_shapes(self, spec: Spec) -> bool:
        return self.spec.shapes == spec.shapes

    def _differs(self, how: str) -> InvalidArgumentError:
        return _invalid(f"Shared queue '{self.name}' has {how}")


def _types(spec: Spec) -> str:
    return ", ".join(map(dtype_text, spec.dtypes))


def _shapes(spec: Spec) -> str:
    return f"[{', '.join(map(bracketed, spec.shapes))}]"


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
