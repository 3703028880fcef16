"""Input by queues: producers of rows, epochs, and batches of what threads compute."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises
from evergraph_conformance.threads import PATIENCE

pytestmark = pytest.mark.uses(
    "FIFOQueueV2",
    "RandomShuffleQueueV2",
    "QueueEnqueueV2",
    "QueueEnqueueManyV2",
    "QueueDequeueV2",
    "QueueDequeueManyV2",
    "QueueDequeueUpToV2",
    "QueueCloseV2",
    "CountUpTo",
    "RandomShuffle",
)


@contextmanager
def started(tf):
    """A session in which the queue runners run, until the block ends."""
    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
        yield session
        coord.request_stop()
        coord.join(threads, stop_grace_period_secs=PATIENCE)


def everything(tf, session, fetches):
    """Return what fetches are until the end of the data."""
    got = []
    try:
        while True:
            got.append(session.run(fetches))
    except tf.errors.OutOfRangeError:
        return got


# Epochs and producers


def test_a_tensor_can_be_computed_as_often_as_there_are_epochs(tf, session):
    limited = tf.train.limit_epochs(tf.constant(7.0), 2)
    session.run(tf.local_variables_initializer())
    assert [float(session.run(limited)) for _ in range(2)] == [7.0, 7.0]
    with raises(core("OutOfRangeError", "Reached limit of 2")):
        session.run(limited)


def test_epochs_are_positive(tf):
    with raises(exact("ValueError", "num_epochs must be > 0 not 0.")):
        tf.train.limit_epochs(tf.constant(1), 0)


def test_rows_come_in_every_epoch(tf):
    """Row 292."""
    queue = tf.train.input_producer([[1, 2], [3, 4]], num_epochs=2, shuffle=False)
    element = queue.dequeue()
    assert element.shape.as_list() == [2]
    with started(tf) as session:
        got = everything(tf, session, element)
    assert [v.tolist() for v in got] == [[1, 2], [3, 4], [1, 2], [3, 4]]


def test_rows_come_for_ever_without_a_number_of_epochs(tf):
    element = tf.train.input_producer([1, 2], shuffle=False).dequeue()
    with started(tf) as session:
        assert [int(session.run(element)) for _ in range(5)] == [1, 2, 1, 2, 1]


def test_rows_are_shuffled_within_an_epoch(tf):
    element = tf.train.input_producer(np.arange(50), num_epochs=2, seed=5).dequeue()
    with started(tf) as session:
        got = [int(v) for v in everything(tf, session, element)]
    assert sorted(got[:50]) == sorted(got[50:]) == list(range(50))
    assert got[:50] != got[50:]


def test_a_count_that_is_not_initialised_ends_the_queue(tf, session):
    """Row 293."""
    queue = tf.train.input_producer([1, 2], num_epochs=1, name="rows")
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coord)
    with raises(core("OutOfRangeError", "is closed and has insufficient elements")):
        session.run(queue.dequeue())
    with raises(core("FailedPreconditionError", "Attempting to use uninitialized value")):
        coord.join(threads)


def test_strings_come_in_order(tf):
    element = tf.train.string_input_producer(["a", "bc"], 1, shuffle=False).dequeue()
    with started(tf) as session:
        assert everything(tf, session, element) == [b"a", b"bc"]


def test_no_strings_are_an_error(tf):
    text = "string_input_producer requires a non-null input tensor"
    with raises(exact("ValueError", text)):
        tf.train.string_input_producer([])
    p = tf.placeholder_with_default(np.zeros([0], object), [None])
    queue = tf.train.string_input_producer(p, 1)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        (runner,) = tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS)
        with raises(core("InvalidArgumentError", text)):
            session.run(runner.enqueue_ops[0])
        assert session.run(queue.size()) == 0


def test_numbers_come_up_to_a_limit(tf):
    element = tf.train.range_input_producer(3, 1, shuffle=False).dequeue()
    with started(tf) as session:
        assert [int(v) for v in everything(tf, session, element)] == [0, 1, 2]


def test_slices_of_several_tensors_go_together(tf):
    rows = tf.train.slice_input_producer([[1, 2, 3], ["a", "b", "c"]], 1, seed=3)
    with started(tf) as session:
        got = [(int(n), s) for n, s in everything(tf, session, rows)]
    assert sorted(got) == [(1, b"a"), (2, b"b"), (3, b"c")]


# Batches


def numbers(tf, count=7):
    """Return 0 … count - 1, one after the other."""
    return tf.train.range_input_producer(count, 1, shuffle=False).dequeue()


def test_batches_are_of_what_threads_compute(tf):
    n = numbers(tf)
    first, second = tf.train.batch([n, tf.stack([n, -n])], 3)
    assert [first.shape.as_list(), second.shape.as_list()] == [[3], [3, 2]]
    with started(tf) as session:
        got = everything(tf, session, [first, second])
    assert [a.tolist() for a, _ in got] == [[0, 1, 2], [3, 4, 5]]
    assert got[1][1].tolist() == [[3, -3], [4, -4], [5, -5]]


def test_the_last_batch_may_be_smaller(tf):
    batch = tf.train.batch([numbers(tf)], 3, allow_smaller_final_batch=True)
    assert batch.shape.as_list() == [None]
    with started(tf) as session:
        got = everything(tf, session, batch)
    assert [v.tolist() for v in got] == [[0, 1, 2], [3, 4, 5], [6]]


def test_several_threads_may_compute(tf):
    n = numbers(tf, 30)
    batches = tf.train.batch({"n": n, "double": n * 2}, 5, num_threads=4, capacity=7)
    with started(tf) as session:
        got = everything(tf, session, batches)
    assert sorted(np.concatenate([b["n"] for b in got]).tolist()) == list(range(30))
    assert sorted(np.concatenate([b["double"] for b in got]).tolist()) == list(range(0, 60, 2))


def test_tensors_may_be_several_examples(tf):
    n = numbers(tf, 4)
    batch = tf.train.batch([tf.stack([n, n + 10])], 3, enqueue_many=True)
    with started(tf) as session:
        got = everything(tf, session, batch)
    assert [v.tolist() for v in got] == [[0, 10, 1], [11, 2, 12]]


@pytest.mark.uses("PaddingFIFOQueueV2")
def test_examples_of_any_size_are_padded(tf):
    batch = tf.train.batch([tf.range(numbers(tf, 4))], 4, dynamic_pad=True)
    with started(tf) as session:
        got = session.run(batch)
    assert got.tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 2]]


def test_examples_are_joined(tf):
    n = numbers(tf, 6)
    batch = tf.train.batch_join([[n], [n + 100]], 3, allow_smaller_final_batch=True)
    with started(tf) as session:
        got = np.concatenate(everything(tf, session, batch))
    assert sorted(v % 100 for v in got.tolist()) == list(range(6))


def test_examples_are_shuffled(tf):
    batch = tf.train.shuffle_batch([numbers(tf, 50)], 10, 40, 20, seed=3)
    with started(tf) as session:
        got = np.concatenate(everything(tf, session, batch)).tolist()
    assert sorted(got) == list(range(50))
    assert got != sorted(got)


def test_joined_examples_are_shuffled(tf):
    n = numbers(tf, 30)
    batch = tf.train.shuffle_batch_join([[n], [n]], 10, 40, 20)
    with started(tf) as session:
        got = np.concatenate(everything(tf, session, batch)).tolist()
    assert sorted(got) == list(range(30))


def test_examples_may_be_kept_or_not(tf):
    n = numbers(tf)
    batch = tf.train.maybe_batch([n], tf.equal(n % 2, 0), 2)
    with started(tf) as session:
        got = everything(tf, session, batch)
    assert [v.tolist() for v in got] == [[0, 2], [4, 6]]


def test_some_of_several_examples_may_be_kept(tf):
    n = numbers(tf, 4)
    many = tf.stack([n, n + 10])
    batch = tf.train.maybe_batch([many], tf.less(many, 12), 2, enqueue_many=True)
    with started(tf) as session:
        got = everything(tf, session, batch)
    assert [v.tolist() for v in got] == [[0, 10], [1, 11], [2, 3]]


def test_all_of_several_examples_may_be_kept_or_not(tf):
    n = numbers(tf, 4)
    many = tf.stack([n, n + 10])
    batch = tf.train.maybe_batch([many], tf.greater(n, 1), 2, enqueue_many=True)
    with started(tf) as session:
        got = everything(tf, session, batch)
    assert [v.tolist() for v in got] == [[2, 12], [3, 13]]


def test_more_room_than_what_stays_is_needed(tf):
    """Row 295."""
    with raises(exact("ValueError", "capacity 5 must be bigger than min_after_dequeue 5.")):
        tf.train.shuffle_batch([tf.constant(1)], 2, 5, 5)
