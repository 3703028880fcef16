"""`Reader`: takes units of work out of queues, and reads the records of one after the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError

from evergraph.errors import (
    InvalidArgumentError,
    OpError,
    ResourceExhaustedError,
    UnimplementedError,
)
from evergraph.op import Pending
from evergraph.protos import ReaderBaseState
from evergraph.queues.queue import Queue
from evergraph.readers.kinds import Record, Source


class _Read:
    """What a node wants of a reader.

    Args:
      queue: has the units of work.
      count: how many records it wants; None for one, and not in vectors.

    Attributes:
      records: those that it has got.
      error: why it failed, if it did.
      pending: what its node waits for.
      work: what it waits for itself, while it waits for a unit of work.
    """

    def __init__(self, queue: Queue, count: int | None) -> None:
        self.queue = queue
        self.count = count
        self.records: list[Record] = []
        self.error: OpError | None = None
        self.pending = Pending("Dequeue operation was cancelled")
        self.work: Pending | None = None

    def settle(self) -> None:
        """Tell the node; it still waits."""
        if self.error is not None:
            self.pending.set_exception(self.error)
        elif self.count is None:
            self.pending.set_result(self.records[0])
        else:
            self.pending.set_result([_vector([r[i] for r in self.records]) for i in (0, 1)])


class Reader:
    """A reader; several threads may use it at once.

    Reads are served in order of arrival. Files are read under the lock of the reader; for a queue
    nobody waits under it.

    Args:
      kind: the name of its kind, as errors show it.
      name: of the node that makes it.
      open: makes the source of a unit of work.
      single: whether a unit of work is one record, so that its state can be saved and restored.
    """

    def __init__(self, kind: str, name: str, open: Callable[[bytes], Source], single: bool) -> None:
        self._named: Final = f"{kind} '{name}'"
        self._open = open
        self._single = single
        self._lock = threading.Lock()
        self._reads: deque[_Read] = deque()
        self._fetching = False
        self._forget()

    def _forget(self) -> None:
        self._state = ReaderBaseState()
        self._source: Source | None = None
        # Of a read that was cancelled meanwhile; they come first.
        self._left: deque[Record] = deque()

    def read(self, queue: Any, count: int | None = None) -> Any:
        """Return a record, or what it is waited for with.

        Args:
          queue: has the units of work, such as names of files.
          count: for two vectors of up to so many records, all of one unit of work.

        Raises:
          InvalidArgumentError: the queue has no such elements.
          OutOfRangeError: the queue is closed and empty.
          OpError: a file cannot be read.
        """
        if count is not None and count < 0:
            raise _invalid(f"num_records must be >= 0, but is {count}")
        if count == 0:
            return [_vector([]), _vector([])]
        if [d.name for d in queue.spec.dtypes] != ["string"]:
            # TF: takes an element out before it says so.
            raise _invalid("Expected queue with single string component")
        read = _Read(queue, count)
        with self._lock:
            self._reads.append(read)
        self._serve()
        if read.pending.done():
            return read.pending.result()
        read.pending.add_done_callback(partial(self._take_back, read))
        return read.pending

    def records_produced(self) -> int:
        """Return how many records have been read."""
        with self._lock:
            return int(self._state.num_records_produced)

    def work_units_completed(self) -> int:
        """Return how many units of work have been read to their ends."""
        with self._lock:
            return int(self._state.work_finished)

    def reset(self) -> None:
        """Begin anew: with another unit of work, and with no records read."""
        with self._lock:
            self._reset()

    def serialize_state(self) -> bytes:
        """Return the state for `restore_state`: a serialised `ReaderBaseState`.

        Raises:
          UnimplementedError: this kind of reader has none.
        """
        if not self._single:
            raise UnimplementedError(None, None, "Reader SerializeState")
        with self._lock:
            return bytes(self._state.SerializeToString())

    def restore_state(self, text: bytes) -> None:
        """Take over a state.

        Raises:
          UnimplementedError: this kind of reader has none.
          InvalidArgumentError: it is no state, or one within a unit of work; the reader is reset.
        """
        if not self._single:
            raise UnimplementedError(None, None, "Reader RestoreState")
        with self._lock:
            self._reset()
            self._state = self._parsed(text)

    def _parsed(self, text: bytes) -> ReaderBaseState:
        state = ReaderBaseState()
        try:
            state.ParseFromString(text)
        except DecodeError as error:
            shown = text.decode(errors="backslashreplace")
            raise _invalid(f"Could not parse state for {self._named}: {shown}") from error
        state.DiscardUnknownFields()
        counts = state.work_started, state.work_finished, state.num_records_produced
        if min(counts) < 0:
            what = "Unexpected negative value when restoring in"
        elif state.work_started > state.work_finished:
            what = "Inconsistent work started vs. finished when restoring in"
        else:
            return state
        raise _invalid(f"{what} {self._named}: {state}")

    def _reset(self) -> None:
        if self._source is not None:
            self._source.close()
        self._forget()

    # Reads

    def _serve(self) -> None:
        """Serve the reads, until one waits for its queue."""
        while True:
            with self._lock:
                if self._fetching or not self._reads:
                    return
                read = self._reads[0]
                waits = not (read.pending.cancelled() or self._advance(read))
                self._fetching = waits
                settled = not waits and self._claim(read)
            if waits:
                self._fetch(read)
            elif settled:
                read.settle()

    def _claim(self, read: _Read) -> bool:
        """Whether the node of a read that is complete still waits for it; else records are left."""
        self._reads.remove(read)
        if read.pending.set_running_or_notify_cancel():
            return True
        self._left.extendleft(reversed(read.records))
        return False

    def _advance(self, read: _Read) -> bool:
        """Read what can be read now; return whether it is complete."""
        wanted = read.count or 1
        try:
            while len(read.records) < wanted:
                if self._left:
                    read.records.append(self._left.popleft())
                elif self._source is None:
                    # No unit of work is begun for one that has records already.
                    return bool(read.records)
                else:
                    self._take(read, self._source)
        except OpError as error:
            read.error = error
        except MemoryError as error:
            # It belongs to the node that waits, not to the one whose element it waited for.
            read.error = ResourceExhaustedError(None, None, f"out of memory: {error}")
        return True

    def _take(self, read: _Read, source: Source) -> None:
        state = self._state
        record = source.next()
        if record is not None:
            read.records.append(record)
            state.num_records_produced += 1
        if record is None or self._single:
            source.close()
            self._source = None
            state.work_finished = state.work_started

    def _fetch(self, read: _Read) -> None:
        """Take a unit of work out of the queue; nobody else does meanwhile."""
        try:
            work = read.queue.dequeue()
        except OpError as error:
            self._begin(read, error)
            return
        if not isinstance(work, Pending):
            self._begin(read, work)
            return
        read.work = work
        if read.pending.cancelled():
            work.cancel()
        work.add_done_callback(partial(self._fetched, read))

    def _fetched(self, read: _Read, work: Future[Any]) -> None:
        """Go on after having waited."""
        if work.cancelled():
            outcome: Any = None
        else:
            outcome = work.exception() or work.result()
        self._begin(read, outcome)
        self._serve()

    def _begin(self, read: _Read, outcome: Any) -> None:
        """Begin with a unit of work; with an error the read fails, with None it was taken back."""
        with self._lock:
            self._fetching = False
            read.work = None
            if isinstance(outcome, tuple):
                try:
                    self._start(outcome[0])
                    return
                except OpError as error:
                    outcome = error
            claimed = self._claim(read)
        if claimed:
            read.error = outcome
            read.settle()

    def _start(self, work: Any) -> None:
        if not isinstance(work, bytes):
            if np.size(work) != 1:
                raise _invalid("Expected to dequeue a one-element string tensor")
            work = np.asarray(work).reshape(-1)[0]
        self._state.current_work = work
        self._source = self._open(work)
        self._state.work_started += 1

    def _take_back(self, read: _Read, pending: Future[Any]) -> None:
        if not pending.cancelled():
            return
        with self._lock:
            work = read.work
            if not (self._fetching and self._reads[0] is read) and read in self._reads:
                self._reads.remove(read)
        if work is not None:
            work.cancel()


def _vector(texts: list[bytes]) -> np.ndarray[Any, Any]:
    made = np.empty(len(texts), object)
    made[:] = texts
    return made


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)
