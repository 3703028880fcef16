"""What a thousand sessions leave behind: nothing."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.threads import beside, until

BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]
PUSH, LONG = 100, 1000
#: The sessions before the count, for what is made once.
FIRST = 10
#: Bytes that memory may grow for other reasons; a session holds a MiB.
SLACK = 48 << 20


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("same_graph", [True, False], ids=["one graph", "a graph each"])
def test_closed_sessions_leave_nothing(backend, same_graph, sample):
    shared = build()
    for _ in range(FIRST):
        use(backend, shared if same_graph else build())
    gc.collect()
    before = held(backend)
    references = [
        reference
        for _ in range(sample.count(PUSH, LONG))
        for reference in use(backend, shared if same_graph else build())
    ]
    gc.collect()
    until(lambda: threading.active_count() <= before["threads"])
    assert [r() for r in references if r() is not None] == []
    after = held(backend)
    memory = after.pop("memory") - before.pop("memory")
    assert after == before
    assert memory < SLACK


@pytest.mark.parametrize("backend", BACKENDS)
def test_sessions_that_nobody_closes_go_with_their_last_reference(backend, sample):
    graph = build()
    use(backend, graph)
    gc.collect()
    before = held(backend)
    references = [
        reference
        for _ in range(sample.count(PUSH, LONG) // 10)
        for reference in use(backend, graph, close=False)
    ]
    gc.collect()
    assert [r() for r in references if r() is not None] == []
    after = held(backend)
    assert after.pop("memory") - before.pop("memory") < SLACK
    assert after == before


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_that_waits_when_its_session_closes_leaves_nothing(backend, sample):
    graph = build()
    wait(backend, graph)
    gc.collect()
    before = held(backend)
    references = [wait(backend, graph) for _ in range(sample.count(PUSH, LONG) // 10)]
    until(lambda: threading.active_count() <= before["threads"])
    gc.collect()
    assert [r() for r in references if r() is not None] == []
    after = held(backend)
    assert after.pop("memory") - before.pop("memory") < SLACK
    assert after == before


def build() -> tf.Graph:
    """Return a graph with a variable of a MiB, a queue, a placeholder and a stream of numbers."""
    with tf.Graph().as_default() as graph:
        v = tf.get_variable("v", [1 << 18], initializer=tf.zeros_initializer())
        p = tf.placeholder(tf.float32, [1 << 18], name="p")
        tf.add(v.assign_add(p), tf.random_uniform([], seed=1), name="more")
        queue = tf.FIFOQueue(2, tf.float32, shapes=[(1 << 18,)], name="queue")
        queue.enqueue(p, name="put")
        queue.dequeue(name="taken")
        tf.get_session_handle(p, name="kept")
        tf.identity(p + 1.0, name="function")
    return graph


def use(backend: str, graph: tf.Graph, close: bool = True) -> list[weakref.ref[Any]]:
    """Do something of everything in a session; return references to it and to a callable of it."""
    session = tf.Session(graph=graph, config=tf.ConfigProto(backend=backend))
    value = np.ones([1 << 18], np.float32)
    session.run("v/Assign")
    assert 1.0 <= session.run("more:0", {"p:0": value})[0] < 2.0
    session.run("put", {"p:0": value})
    handle = session.run("kept:0", {"p:0": value})
    function = session.make_callable("function:0", ["p:0"])
    assert function(value)[0] == 2.0
    session.partial_run_setup(["function:0"], ["p:0"])
    if close:
        session.close()
    return [weakref.ref(session), weakref.ref(function), weakref.ref(handle)]


def wait(backend: str, graph: tf.Graph) -> weakref.ref[Any]:
    """Close a session while a thread waits in it."""
    session = tf.Session(graph=graph, config=tf.ConfigProto(backend=backend))
    waiting = beside(lambda: session.run("taken:0"))
    session.close()
    with pytest.raises((tf.errors.CancelledError, RuntimeError)):
        waiting.result()
    return weakref.ref(session)


def held(backend: str) -> dict[str, int]:
    """Return what the process holds: threads, files, arrays of the backend's, and memory."""
    found = {"threads": threading.active_count(), "files": 0, "arrays": 0, "memory": 0}
    if sys.platform.startswith("linux"):
        found["files"] = len(os.listdir("/proc/self/fd"))
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        found["memory"] = int(pages) * os.sysconf("SC_PAGE_SIZE")
    if backend == "jax":
        import jax

        found["arrays"] = len(jax.live_arrays())
    return found
