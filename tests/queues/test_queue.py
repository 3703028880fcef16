"""The queues themselves, without a session: what waits, and what is undone."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph import dtypes
from evergraph.errors import CancelledError, OutOfRangeError
from evergraph.op import Pending
from evergraph.queues.kinds import KINDS, FIFOQueue, PriorityQueue, RandomShuffleQueue
from evergraph.queues.queue import Spec


def fifo(capacity=10, shape=()):
    return FIFOQueue("q", Spec((dtypes.int32,), (shape,), capacity))


def test_what_can_be_done_at_once_is():
    queue = fifo()
    assert queue.enqueue([1]) == ()
    assert queue.enqueue_many([np.array([2, 3])]) == ()
    assert queue.dequeue() == (1,)
    assert queue.dequeue_many(2)[0].tolist() == [2, 3]


def test_what_cannot_is_pending():
    queue = fifo()
    pending = queue.dequeue()
    assert isinstance(pending, Pending)
    assert not pending.done()
    queue.enqueue([1])
    assert pending.result() == (1,)


def test_a_full_queue_takes_the_rest_of_the_rows_later():
    queue = fifo(2)
    pending = queue.enqueue_many([np.array([1, 2, 3])])
    assert (queue.size(), pending.done()) == (2, False)
    assert queue.dequeue() == (1,)
    assert pending.result() == ()
    assert queue.size() == 2


@pytest.mark.parametrize("rows", [[[1], [2], [3]], [1, 2, 3]])
def test_rows_that_wait_are_those_that_were_given(rows):
    given = np.array(rows)
    queue = fifo(1, given.shape[1:])
    queue.enqueue_many([given])
    given[:] = 9
    assert [queue.dequeue()[0].tolist() for _ in range(3)] == rows


def test_an_element_is_a_copy_and_its_takers_own():
    queue = fifo(shape=(2,))
    given = np.array([1, 2], np.int32)
    queue.enqueue([given])
    given[:] = 9
    (taken,) = queue.dequeue()
    assert taken.tolist() == [1, 2]
    assert taken.flags.owndata
    assert taken.flags.writeable


def test_attempts_that_wait_come_in_order():
    queue = fifo()
    first, second = queue.dequeue_many(2), queue.dequeue()
    queue.enqueue([1])
    assert not second.done()
    queue.enqueue_many([np.array([2, 3])])
    assert first.result()[0].tolist() == [1, 2]
    assert second.result() == (3,)


def test_a_cancelled_dequeue_gives_back_what_it_took():
    queue = fifo()
    queue.enqueue_many([np.array([1, 2])])
    pending = queue.dequeue_many(3)
    assert queue.size() == 0
    assert pending.cancel()
    assert queue.dequeue_many(2)[0].tolist() == [1, 2]


def test_who_waits_behind_a_cancelled_dequeue_gets_what_it_took():
    queue = fifo()
    queue.enqueue([1])
    first, second = queue.dequeue_many(3), queue.dequeue()
    first.cancel()
    assert second.result() == (1,)


def test_a_cancelled_enqueue_puts_nothing_more_in():
    queue = fifo(1)
    pending = queue.enqueue_many([np.array([1, 2])])
    assert pending.cancel()
    assert queue.dequeue() == (1,)
    assert queue.size() == 0


def test_a_cancelled_attempt_says_what_it_was():
    queue = fifo(1)
    assert queue.dequeue().cancelled_text == "Dequeue operation was cancelled"
    full = fifo(0)
    assert full.enqueue([1]).cancelled_text == "Enqueue operation was cancelled"
    assert full.close(False).cancelled_text == "Close operation was cancelled"


def test_closing_fails_what_waits_in_vain():
    queue = fifo()
    queue.enqueue([1])
    many, up_to = queue.dequeue_many(3), queue.dequeue_many(3, up_to=True)
    queue.close(False)
    with pytest.raises(OutOfRangeError, match="requested 2, current size 0"):
        many.result()
    assert up_to.result()[0].tolist() == [1]


def test_closing_with_cancelling_fails_enqueues_and_closings_that_wait():
    queue = fifo(1)
    waiting = [queue.enqueue_many([np.array([1, 2])]), queue.close(False)]
    assert queue.close(True) == ()
    for pending in waiting:
        with pytest.raises(CancelledError, match="Enqueue operation was cancelled"):
            pending.result()
    assert queue.dequeue() == (1,)


def test_a_smaller_batch_waits_for_enqueues_to_fail():
    queue = fifo(0)
    put, taken = queue.enqueue([1]), queue.dequeue_many(2, up_to=True)
    queue.close(True)
    with pytest.raises(CancelledError):
        put.result()
    with pytest.raises(OutOfRangeError, match="requested 2, current size 0"):
        taken.result()


@pytest.mark.parametrize("kind", KINDS.values())
def test_what_is_given_back_is_there_again(kind):
    types = (dtypes.int64, dtypes.int32)
    queue = kind("q", Spec(types, ((), ()), 10, 0, (1, 2)))
    queue.enqueue_many([np.arange(4), np.arange(4)])
    queue.dequeue_many(6).cancel()
    assert sorted(queue.dequeue_many(4)[0].tolist()) == [0, 1, 2, 3]


def test_random_words_go_on_after_a_block_of_them():
    queue = RandomShuffleQueue("q", Spec((dtypes.int32,), ((),), 2000, 0, (1, 2)))
    queue.enqueue_many([np.arange(2000)])
    taken = queue.dequeue_many(2000)[0]
    assert sorted(taken.tolist()) == list(range(2000))
    assert len(np.unique(np.diff(taken))) > 1000


def test_queues_without_seeds_differ():
    def order():
        queue = RandomShuffleQueue("q", Spec((dtypes.int32,), ((),), 100))
        queue.enqueue_many([np.arange(100)])
        return queue.dequeue_many(100)[0].tolist()

    assert order() != order()


def test_a_priority_may_be_negative_or_large():
    queue = PriorityQueue("q", Spec((dtypes.int64,), ((),), 10))
    queue.enqueue_many([np.array([2**62, -(2**63), 0])])
    assert queue.dequeue_many(3)[0].tolist() == [-(2**63), 0, 2**62]
