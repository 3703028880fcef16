"""The readers themselves, without a session: who waits for whom, and what is given back."""

from __future__ import annotations

import threading

import pytest

from evergraph import dtypes
from evergraph.errors import NotFoundError, OpError, OutOfRangeError
from evergraph.op import Pending
from evergraph.queues.kinds import FIFOQueue
from evergraph.queues.queue import Spec
from evergraph.readers.kinds import Identity, Source
from evergraph.readers.reader import Reader


class Letters(Source):
    """The letters of a unit of work; none of `?`, which cannot be opened."""

    def __init__(self, work: bytes) -> None:
        super().__init__(work)
        if work == b"?":
            raise NotFoundError(None, None, "?")
        self._left = list(work)

    def next(self):
        return (self.work, bytes([self._left.pop(0)])) if self._left else None


def strings(*units: bytes) -> FIFOQueue:
    queue = FIFOQueue("q", Spec((dtypes.string,), ((),), 10))
    for unit in units:
        queue.enqueue([unit])
    return queue


def letters() -> Reader:
    return Reader("Letters", "r", Letters, single=False)


def value(outputs):
    return outputs[1].tolist() if hasattr(outputs[1], "tolist") else outputs[1]


def test_what_can_be_read_at_once_is():
    reader, queue = letters(), strings(b"ab", b"", b"c")
    assert [value(reader.read(queue)) for _ in range(3)] == [b"a", b"b", b"c"]
    assert (reader.records_produced(), reader.work_units_completed()) == (3, 2)


def test_reads_wait_in_order_of_arrival():
    reader, queue = letters(), strings()
    first, several, last = reader.read(queue), reader.read(queue, 2), reader.read(queue)
    assert not any(p.done() for p in (first, several, last))
    queue.enqueue([b"abc"])
    assert (value(first.result()), value(several.result())) == (b"a", [b"b", b"c"])
    assert not last.done()
    queue.enqueue([b"d"])
    assert value(last.result()) == b"d"


def test_a_read_that_is_taken_back_lets_those_behind_it_go_on():
    reader, queue = letters(), strings()
    first, second, third = (reader.read(queue) for _ in range(3))
    assert second.cancel()
    assert first.cancel()
    queue.enqueue([b"ab"])
    assert value(third.result()) == b"a"
    assert value(reader.read(queue)) == b"b"


def test_what_is_taken_back_too_late_is_for_the_next_read():
    given_up: list[Pending] = []

    class Late(Letters):
        """Letters of which the first is read while its read is given up."""

        def next(self):
            threading.Thread(target=given_up[0].cancel).start()
            while not given_up[0].cancelled():
                pass
            return super().next()

    reader, queue = Reader("Letters", "r", Late, single=False), strings()
    given_up.append(reader.read(queue, 2))
    queue.enqueue([b"abc"])
    assert [value(reader.read(queue)) for _ in range(3)] == [b"a", b"b", b"c"]
    assert reader.records_produced() == 3


def test_an_error_is_that_of_the_read_which_waits():
    reader, queue = letters(), strings()
    first, second = reader.read(queue), reader.read(queue)
    assert queue.enqueue([b"?"]) == ()
    with pytest.raises(NotFoundError):
        first.result()
    queue.enqueue([b"a"])
    assert value(second.result()) == b"a"


def test_reads_end_with_their_queue():
    reader, queue = letters(), strings()
    waiting = [reader.read(queue) for _ in range(2)]
    queue.close(False)
    for pending in waiting:
        with pytest.raises(OutOfRangeError):
            pending.result()
    with pytest.raises(OpError):
        reader.read(queue)


def test_reads_of_two_queues_take_turns():
    reader, one, two = letters(), strings(), strings(b"bc")
    first, second = reader.read(one), reader.read(two)
    assert isinstance(second, Pending)
    assert not second.done()
    one.enqueue([b"a"])
    assert (value(first.result()), value(second.result())) == (b"a", b"b")


def test_a_unit_of_one_record_is_completed_with_it():
    reader = Reader("Identity", "r", Identity, single=True)
    reader.read(strings(b"a"))
    assert reader.work_units_completed() == 1
    assert reader.serialize_state() == b'\x08\x01\x10\x01\x18\x01"\x01a'
