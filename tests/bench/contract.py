"""Rows of what a session offers beside `run`: partial runs, and runs beside traced ones."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from rows import Api, Row, Size, Step


def partial_run(api: Api, size: Size) -> Step:
    session, (a, b, c), (first, second) = chained(api)

    def step() -> Any:
        handle = session.partial_run_setup([first, second], [a, b, c])
        value = session.partial_run(handle, first, {a: 1.0, b: 2.0})
        return session.partial_run(handle, second, {c: value * 17})

    return step


def after_a_trace(api: Api, size: Size) -> Step:
    session, (a, b, _), (first, _) = chained(api)
    options = api.tf.RunOptions(trace_level=api.tf.RunOptions.FULL_TRACE, timeout_in_ms=60_000)
    feeds = {a: 1.0, b: 2.0}
    session.run(first, feeds, options=options, run_metadata=api.tf.RunMetadata())
    return lambda: session.run(first, feeds)


def never_traced(api: Api, size: Size) -> Step:
    session, (a, b, _), (first, _) = chained(api)
    feeds = {a: 1.0, b: 2.0}
    return lambda: session.run(first, feeds)


def through_a_queue(api: Api, size: Size) -> Step:
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [3])
        queue = tf.FIFOQueue(10, [tf.float32], [[3]])
        put, take = queue.enqueue(x), queue.dequeue()
    session = api.session(graph)
    value = np.ones(3, np.float32)

    def step() -> Any:
        session.run(put, {x: value})
        return session.run(take)

    return step


def chained(api: Api) -> tuple[Any, tuple[Any, Any, Any], tuple[Any, Any]]:
    """Return a session, three scalars to feed, and two results of which one needs the other."""
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        a, b, c = (tf.placeholder(tf.float32, []) for _ in range(3))
        first = a + b
        second = first * c
    return api.session(graph), (a, b, c), (first, second)


ROWS: Final[list[Row]] = [
    Row(
        "partial-run",
        "`partial_run`: the set-up and 2 calls",
        partial_run,
        targets={"numpy": 0.3, "jax": 0.5},
    ),
    Row("untraced", "`run` in a session that has never traced", never_traced),
    Row("after-trace", "the same after a run with a trace and a time limit", after_a_trace),
    Row("queue", "enqueue and dequeue 3 numbers, in two runs", through_a_queue),
]
