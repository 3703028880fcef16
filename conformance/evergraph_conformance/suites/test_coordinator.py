"""Threads that stop together: tf.train.Coordinator, LooperThread and QueueRunner."""

from __future__ import annotations

import sys
import threading

import pytest

from evergraph_conformance.messages import core, exact, raises, row
from evergraph_conformance.threads import PATIENCE, beside, until

pytestmark = pytest.mark.uses(
    "FIFOQueueV2", "QueueEnqueueV2", "QueueDequeueV2", "QueueCloseV2", "QueueSizeV2"
)


@pytest.fixture
def coord(tf):
    return tf.train.Coordinator()


def failing(error):
    """Return an exception that has been raised, as `sys.exc_info()` shows it."""
    try:
        raise error
    except Exception:
        return sys.exc_info()


# Coordinator


def test_a_stop_is_seen_by_all(coord):
    """Row 285."""
    assert not coord.should_stop()
    assert not coord.wait_for_stop(timeout=0.001)
    waiting = beside(coord.wait_for_stop)
    coord.request_stop()
    assert coord.should_stop()
    assert waiting.result(PATIENCE) is True
    coord.clear_stop()
    assert not coord.should_stop()


def test_join_raises_what_a_stop_was_requested_for(coord):
    """Row 281."""
    try:
        raise ValueError("bad")
    except ValueError as error:
        coord.request_stop(error)
    with raises(exact("ValueError", "bad")):
        coord.join()
    assert coord.joined


def test_the_reason_may_be_an_exc_info(coord):
    """Row 283."""
    coord.request_stop(failing(ValueError("bad")))
    with raises(exact("ValueError", "bad")):
        coord.raise_requested_exception()
    with raises(exact("ValueError", "bad")):
        coord.join()


def test_the_reason_may_be_an_exception_that_was_never_raised(coord):
    """Row 282."""
    coord.request_stop(ValueError("bad"))
    with raises(exact("ValueError", "bad")):
        coord.join()


def test_only_the_first_reason_counts(coord):
    coord.request_stop(failing(ValueError("first")))
    coord.request_stop(failing(ValueError("second")))
    with raises(exact("ValueError", "first")):
        coord.join()


def test_what_is_raised_inside_is_the_reason(coord):
    """Row 284."""
    with coord.stop_on_exception():
        raise KeyError("k")
    assert coord.should_stop()
    with raises(core("KeyError", "k")):
        coord.join()


def test_the_end_of_data_is_no_reason(tf, coord):
    """Row 286."""
    coord.request_stop(tf.errors.OutOfRangeError(None, None, "end"))
    assert coord.should_stop()
    assert coord.join() is None


def test_what_is_no_reason_can_be_chosen(tf):
    coord = tf.train.Coordinator(clean_stop_exception_types=(StopIteration,))
    coord.request_stop(failing(StopIteration()))
    assert coord.join() is None
    coord.clear_stop()
    coord.request_stop(failing(tf.errors.OutOfRangeError(None, None, "end")))
    with raises(core("OutOfRangeError", "end")):
        coord.join()


def test_a_reason_after_join_is_raised_at_once(coord):
    """Row 289."""
    coord.request_stop()
    coord.join()
    with raises(exact("ValueError", "late")):
        coord.request_stop(failing(ValueError("late")))
    coord.request_stop()


@pytest.mark.parametrize("reason", ["bad", (None, None, None), (ValueError,)])
def test_what_is_no_exception_is_a_reason_that_says_so(coord, reason):
    coord.request_stop(reason)
    text = "ex must be a tuple or sys.exc_info must return the current exception: "
    with raises(core("ValueError", text)):
        coord.join()


def test_join_waits_for_its_threads_and_for_registered_ones(coord):
    go = threading.Event()
    threads = [threading.Thread(target=go.wait, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    coord.register_thread(threads[0])
    joining = beside(lambda: coord.join(threads[1:]))
    assert not joining.done()
    go.set()
    joining.result(PATIENCE)
    assert not any(t.is_alive() for t in threads)


def test_a_thread_that_does_not_stop_is_named(coord):
    """Rows 287 and 288."""
    go = threading.Event()
    thread = threading.Thread(target=go.wait, name="stuck", daemon=True)
    thread.start()
    coord.request_stop()
    text = "Coordinator stopped with threads still running: stuck"
    with raises(exact("RuntimeError", text)):
        coord.join([thread], stop_grace_period_secs=0.05)
    assert coord.join([thread], 0.05, ignore_live_threads=True) is None
    go.set()


def test_the_reason_is_more_than_a_thread_that_does_not_stop(coord):
    go = threading.Event()
    thread = threading.Thread(target=go.wait, daemon=True)
    thread.start()
    coord.request_stop(failing(ValueError("bad")))
    with raises(exact("ValueError", "bad")):
        coord.join([thread], stop_grace_period_secs=0.05)
    go.set()


# LooperThread


def test_a_looper_calls_until_it_is_to_stop(tf, coord):
    calls = []

    def call(a, b):
        calls.append((a, b))
        if len(calls) == 3:
            coord.request_stop()

    tf.train.LooperThread.loop(coord, None, call, args=(1,), kwargs={"b": 2})
    coord.join()
    assert calls == [(1, 2)] * 3


def test_a_looper_waits_between_calls(tf, coord):
    calls = []
    thread = tf.train.LooperThread(coord, 0.001, target=lambda: calls.append(1))
    assert thread.daemon
    thread.start()
    until(lambda: len(calls) >= 3)
    coord.request_stop()
    coord.join()


def test_a_looper_may_be_a_class(tf, coord):
    seen = []

    class Looper(tf.train.LooperThread):  # type: ignore[misc, name-defined]
        def start_loop(self):
            seen.append("start")

        def run_loop(self):
            seen.append("run")
            coord.request_stop()

        def stop_loop(self):
            seen.append("stop")

    Looper(coord, None).start()
    coord.join()
    assert seen == ["start", "run", "stop"]


def test_a_looper_that_fails_stops_all(tf, coord):
    def fail():
        raise ValueError("bad")

    tf.train.LooperThread.loop(coord, 60, fail)
    with raises(exact("ValueError", "bad")):
        coord.join()


def test_a_looper_needs_a_coordinator_and_a_function_for_its_arguments(tf, coord):
    with raises(core("ValueError", "'coord' argument must be a Coordinator: 3")):
        tf.train.LooperThread(3, None)
    text = "'args' and 'kwargs' argument require that you also pass 'target'"
    with raises(exact("ValueError", text)):
        tf.train.LooperThread(coord, None, args=(1,))


# QueueRunner


def counting(tf, capacity=3):
    """Return a queue, and what puts 1, 2, 3 … into it."""
    counter = tf.Variable(0, name="counter")
    queue = tf.FIFOQueue(capacity, tf.int32, shapes=[()])
    # A sum, not the reference, which TensorFlow's queue would keep.
    return queue, queue.enqueue(counter.assign_add(1) + 0), counter


def test_a_runner_fills_a_queue_and_stops(tf, session, coord):
    queue, enqueue, counter = counting(tf)
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [enqueue]))
    session.run(counter.initializer)
    threads = tf.train.start_queue_runners(session, coord)
    assert all(t.daemon for t in threads)
    assert [t.name.rpartition("-")[2] for t in threads] == [enqueue.name, "close_on_stop"]
    element = queue.dequeue()
    assert [int(session.run(element)) for _ in range(5)] == [1, 2, 3, 4, 5]
    coord.request_stop()
    coord.join(threads, stop_grace_period_secs=PATIENCE)
    with raises(core("CancelledError", "is closed.")):
        session.run(enqueue)


def test_a_runner_that_ends_closes_its_queue(tf, session, coord):
    source = tf.FIFOQueue(10, tf.int32, shapes=[()])
    queue = tf.FIFOQueue(10, tf.int32, shapes=[()])
    runner = tf.train.QueueRunner(queue, [queue.enqueue(source.dequeue())] * 2)
    session.run(source.enqueue_many([[1, 2, 3]]))
    session.run(source.close())
    threads = runner.create_threads(session, coord, start=True)
    # The last one waits for the coordinator.
    for thread in threads[:-1]:
        thread.join(PATIENCE)
    assert session.run(queue.is_closed())
    assert sorted(session.run(queue.dequeue_up_to(9)).tolist()) == [1, 2, 3]
    assert not coord.should_stop()
    coord.request_stop()
    coord.join(threads)


def test_a_runner_that_fails_tells_the_coordinator(tf, session, coord):
    queue = tf.FIFOQueue(10, tf.float32, shapes=[()])
    bad = tf.check_numerics(tf.log(tf.Variable(-1.0, name="v")), "here")
    runner = tf.train.QueueRunner(queue, [queue.enqueue(bad)])
    session.run(tf.global_variables_initializer())
    threads = runner.create_threads(session, coord, daemon=True, start=True)
    with raises(core("InvalidArgumentError", "here : Tensor had NaN values")):
        coord.join(threads)
    assert runner.exceptions_raised == []
    assert session.run(queue.is_closed())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_runner_without_a_coordinator_keeps_what_went_wrong(tf, session):
    queue = tf.FIFOQueue(10, tf.float32, shapes=[()])
    bad = tf.check_numerics(tf.log(tf.Variable(-1.0, name="v")), "here")
    runner = tf.train.QueueRunner(queue, [queue.enqueue(bad)])
    session.run(tf.global_variables_initializer())
    (thread,) = runner.create_threads(session, start=True)
    thread.join(PATIENCE)
    (error,) = runner.exceptions_raised
    with raises(core("InvalidArgumentError", "here : Tensor had NaN values")):
        raise error


def test_a_runner_runs_once_in_a_session(tf, session, coord):
    queue, enqueue, counter = counting(tf)
    runner = tf.train.QueueRunner(queue, [enqueue])
    session.run(counter.initializer)
    threads = runner.create_threads(session, coord, daemon=True, start=True)
    assert runner.create_threads(session, coord) == []
    with tf.Session() as other:
        assert len(runner.create_threads(other, tf.train.Coordinator())) == 2
    coord.request_stop()
    coord.join(threads)
    until(lambda: not any(t.is_alive() for t in threads))
    assert len(runner.create_threads(session, coord)) == 2


def test_threads_may_be_made_without_being_started(tf, session):
    queue, enqueue, _ = counting(tf)
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [enqueue]), collection="mine")
    assert tf.train.start_queue_runners(session, start=False) == []
    (thread,) = tf.train.start_queue_runners(session, start=False, collection="mine")
    assert not thread.is_alive()


def test_the_session_is_the_default_one(tf, session):
    """Rows 290 and 291."""
    with session.as_default():
        assert tf.train.start_queue_runners() == []
    text = "Cannot start queue runners: No default session is registered."
    with raises(core("ValueError", text)):
        tf.train.start_queue_runners()
    with raises(core("TypeError", "sess must be a `tf.Session` object. Given class:")):
        tf.train.start_queue_runners(3)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        row(
            "294 no operations",
            lambda tf, q: {"queue": q, "enqueue_ops": []},
            exact("ValueError", "Must provide queue and enqueue_ops."),
        ),
        row(
            "no queue",
            lambda tf, q: {"enqueue_ops": [tf.no_op()]},
            exact("ValueError", "Must provide queue and enqueue_ops."),
        ),
        row(
            "types that are no tuple",
            lambda tf, q: {
                "queue": q,
                "enqueue_ops": [tf.no_op()],
                "queue_closed_exception_types": [],
            },
            core("TypeError", "must be a tuple of tf.error types"),
        ),
        row(
            "a definition and a queue",
            lambda tf, q: {
                "queue": q,
                "queue_runner_def": tf.train.QueueRunner(q, [tf.no_op()]).to_proto(),
            },
            exact("ValueError", "queue_runner_def and queue are mutually exclusive."),
        ),
    ],
)
def test_a_runner_needs_a_queue_and_what_fills_it(tf, arguments, wanted):
    queue = tf.FIFOQueue(10, tf.int32)
    with raises(wanted):
        tf.train.QueueRunner(**arguments(tf, queue))


def test_a_runner_from_its_definition_does_the_same(tf, session, coord):
    queue, enqueue, counter = counting(tf)
    types = (tf.errors.OutOfRangeError, tf.errors.CancelledError)
    made = tf.train.QueueRunner(queue, [enqueue], queue_closed_exception_types=types)
    runner = tf.train.QueueRunner.from_proto(made.to_proto())
    assert runner.name == queue.name
    assert runner.queue_closed_exception_types == types
    session.run(counter.initializer)
    threads = runner.create_threads(session, coord, daemon=True, start=True)
    assert [int(session.run(queue.dequeue())) for _ in range(3)] == [1, 2, 3]
    coord.request_stop()
    coord.join(threads)
