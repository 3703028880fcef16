"""Attempts: what somebody wants of a queue, and may have to wait for."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from evergraph.errors import CancelledError, OpError, OutOfRangeError, ResourceExhaustedError
from evergraph.op import Pending
from evergraph.queues.elements import Element, batched

if TYPE_CHECKING:
    from evergraph.queues.queue import Queue


class Outcome(Enum):
    """How far an attempt got."""

    WAITS = 0  # nothing has changed
    MOVED = 1  # something has, but it is not complete
    DONE = 2  # it succeeded, or failed


class Attempt:
    """An attempt; `step` and `undo` are called under the lock of the queue.

    Attributes:
      cancelled: the error's text when it is taken back.
      pending: what its node waits for, if it waits.
      error: why it failed, if it did.
    """

    cancelled: ClassVar[str]

    def __init__(self) -> None:
        self.pending: Pending | None = None
        self.error: OpError | None = None

    def step(self, queue: Queue) -> Outcome:
        """Do what can be done now."""
        raise NotImplementedError

    def undo(self, queue: Queue) -> None:
        """Undo what has been done, as far as it can be."""

    def outputs(self, queue: Queue) -> Any:
        """Return the outputs of the node."""
        del queue
        return ()

    def given_up(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.pending is not None and self.pending.cancelled()

    def claim(self) -> bool:
        """Whether its node still waits for what is complete now; from then on it cannot stop."""
        return self.pending is None or self.pending.set_running_or_notify_cancel()

    def settle(self, queue: Queue) -> None:
        """Tell the node that waits."""
        if self.pending is None:
            return
        try:
            if self.error is None:
                self.pending.set_result(self.outputs(queue))
                return
        except MemoryError as error:
            # It belongs to the node that waits, not to the one that happens to complete it.
            self.error = ResourceExhaustedError(None, None, f"out of memory: {error}")
        self.pending.set_exception(self.error)


class Enqueue(Attempt):
    """Puts elements in as they find room.

    Args:
      elements: the elements.
      count: their number.
    """

    cancelled = "Enqueue operation was cancelled"

    def __init__(self, elements: Iterator[Element], count: int) -> None:
        super().__init__()
        self._elements = elements
        self._left = count

    def step(self, queue: Queue) -> Outcome:
        """Put in what there is room for; into a closed queue goes nothing."""
        if queue.closed:
            self.error = CancelledError(None, None, f"{queue.named} is closed.")
            return Outcome.DONE
        outcome = Outcome.WAITS
        while self._left and len(queue) < queue.spec.capacity:
            queue.push(next(self._elements))
            self._left -= 1
            outcome = Outcome.MOVED
        return outcome if self._left else Outcome.DONE


class Dequeue(Attempt):
    """Takes elements out as they come.

    Args:
      count: how many.
      up_to: whether fewer will do once the queue is closed.
      single: whether the outputs are those of one element, not batches.
    """

    cancelled = "Dequeue operation was cancelled"

    def __init__(self, count: int, up_to: bool = False, single: bool = False) -> None:
        super().__init__()
        self._left = count
        self._up_to = up_to
        self._single = single
        self._taken: list[Element] = []

    def step(self, queue: Queue) -> Outcome:
        """Take what there is; if a closed queue has too little, put everything back."""
        size = len(queue)
        if queue.closed and size < self._left:
            self.undo(queue)
            if not self._up_to or not len(queue):
                if self._up_to and queue.enqueues:
                    return Outcome.MOVED  # what others wait to put in fails before this does
                self.error = self._insufficient(queue, size)
                return Outcome.DONE
            self._left = size = len(queue)
        if not queue.closed:
            size -= queue.spec.min_after_dequeue
        count = min(size, self._left)
        if count <= 0:
            return Outcome.WAITS
        self._taken += [queue.pop() for _ in range(count)]
        self._left -= count
        return Outcome.MOVED if self._left else Outcome.DONE

    def undo(self, queue: Queue) -> None:
        """Put everything back."""
        # TF: what a cancelled dequeue has taken so far is lost.
        queue.restore(self._taken)
        self._taken = []

    def outputs(self, queue: Queue) -> Any:
        """Return the components of the element, or a batch of each."""
        if self._single:
            return self._taken[0]
        return batched(self._taken, queue.spec.dtypes, queue.spec.shapes)

    def _insufficient(self, queue: Queue, size: int) -> OpError:
        named = queue.named if self._single else queue.named_in_batches
        return OutOfRangeError(
            None,
            None,
            f"{named} is closed and has insufficient elements (requested {self._left}, current "
            f"size {size})",
        )


class Close(Attempt):
    """Closes the queue after the enqueues that wait."""

    cancelled = "Close operation was cancelled"

    def step(self, queue: Queue) -> Outcome:
        """Close the queue."""
        if queue.closed:
            text = f"Queue '{queue.name}' is already closed."
            self.error = CancelledError(None, None, text)
        queue.closed = True
        return Outcome.DONE
