"""Eight threads at once, some of which fail, time out, or are ended by another that closes."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.threads import PATIENCE, until

BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]
THREADS = 8
#: How often a thread does what it does.
TIMES = 5

Work = Callable[[int], Any]


def opening_and_closing(world: Any) -> Iterator[Work]:
    p = tf.placeholder(tf.float32, [])
    more = p + 1.0

    def work(i: int) -> None:
        for _ in range(TIMES):
            with tf.Session(
                graph=world.graph, config=tf.ConfigProto(backend=world.backend)
            ) as mine:
                assert tf.get_default_session() is mine
                assert more.eval({p: i}) == i + 1.0
            with pytest.raises(RuntimeError, match="closed Session"):
                mine.run(more, {p: i})

    yield work


def closing_what_waits(world: Any) -> Iterator[Work]:
    q = tf.FIFOQueue(1, tf.float32, shapes=[()])
    size, taken, session = q.size(), q.dequeue_many(2), world.open()
    session.run(q.enqueue(1.0))
    waiting = threading.Semaphore(0)

    def work(i: int) -> None:
        if not i:
            for _ in range(THREADS - 1):
                assert waiting.acquire(timeout=PATIENCE)
            until(lambda: session.run(size) == 0)
            session.close()
            return
        waiting.release()
        with pytest.raises((tf.errors.CancelledError, RuntimeError)):
            session.run(taken)

    yield work


def closing_what_runs(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    more = p + 1.0
    function = session.make_callable(more, [p])
    ran = threading.Semaphore(0)

    def work(i: int) -> None:
        if not i:
            for _ in range(2 * THREADS):
                assert ran.acquire(timeout=PATIENCE)
            session.close()
            return
        run = function if i % 2 else lambda value: session.run(more, {p: value})
        with pytest.raises((tf.errors.CancelledError, RuntimeError)):
            run_on(lambda: run(i), i + 1.0, ran)

    yield work


def timing_out(world: Any) -> Iterator[Work]:
    q, session = tf.FIFOQueue(9, tf.int32, shapes=[()]), world.open()
    taken, constant = q.dequeue(), tf.constant(1.0) * 2.0

    def work(i: int) -> None:
        with pytest.raises(tf.errors.DeadlineExceededError):
            session.run(taken, options=tf.RunOptions(timeout_in_ms=10 + i))
        assert session.run(constant) == 2.0

    yield work
    session.run(q.enqueue(7))
    assert session.run(taken) == 7


def failing(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    checked = tf.check_numerics(p, "here")
    with tf.control_dependencies([checked]):
        change = v.assign_add(1.0)
    good = p + 1.0
    session.run(v.initializer)

    def work(i: int) -> None:
        for _ in range(TIMES):
            if i % 2:
                with pytest.raises(tf.errors.InvalidArgumentError, match="here") as caught:
                    session.run([good, change.op], {p: np.nan})
                assert caught.value.op is checked.op
            else:
                assert session.run([good, change.op], {p: i}) == [i + 1.0, None]

    yield work
    assert session.run(v) == TIMES * THREADS / 2


def resetting(world: Any) -> Iterator[Work]:
    p = tf.placeholder(tf.float32, [])
    more, each = p + 1.0, [world.open() for _ in range(THREADS)]
    ran = threading.Semaphore(0)

    def work(i: int) -> None:
        if not i:
            for _ in range(THREADS):
                assert ran.acquire(timeout=PATIENCE)
            tf.Session.reset("")
            return
        with pytest.raises((tf.errors.CancelledError, RuntimeError)):
            run_on(lambda: each[i].run(more, {p: i}), i + 1.0, ran)

    yield work
    with pytest.raises(tf.errors.CancelledError):
        each[0].run(more, {p: 1.0})
    assert world.open().run(more, {p: 1.0}) == 2.0


def running_queues(world: Any) -> Iterator[Work]:
    numbers = tf.train.range_input_producer(4, num_epochs=TIMES, shuffle=False).dequeue()
    session, coordinator = world.open(), tf.train.Coordinator()
    session.run(tf.local_variables_initializer())
    runners = tf.train.start_queue_runners(session, coordinator)
    got: list[int] = []

    def take() -> None:
        while True:
            got.append(int(session.run(numbers)))

    def work(i: int) -> None:
        with pytest.raises(tf.errors.OutOfRangeError):
            take()

    yield work
    coordinator.request_stop()
    coordinator.join(runners)
    assert sorted(got) == sorted([0, 1, 2, 3] * TIMES)


def run_on(run: Callable[[], Any], want: Any, ran: threading.Semaphore) -> None:
    """Run until it fails."""
    while True:
        assert run() == want
        ran.release()


SCENARIOS = (
    opening_and_closing,
    closing_what_waits,
    closing_what_runs,
    timing_out,
    failing,
    resetting,
    running_queues,
)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_what_ends_in_one_thread_is_told_to_the_others(scenario, backend, play):
    play(scenario, backend)
