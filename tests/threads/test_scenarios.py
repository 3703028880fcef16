"""Eight threads that compute at once, in the ways in which programs share sessions."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.session import base, engine

BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]
THREADS = 8
#: How often a thread does what it does.
TIMES = 5

Work = Callable[[int], Any]


def running(world: Any) -> Iterator[Work]:
    p = tf.placeholder(tf.float32, [2])
    more, session = p * 2.0 + 1.0, world.open()

    def work(i: int) -> None:
        for j in range(TIMES):
            assert session.run(more, {p: [i, j]}).tolist() == [2.0 * i + 1.0, 2.0 * j + 1.0]

    yield work


def calling(world: Any) -> Iterator[Work]:
    p, q = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    function = world.open().make_callable([p - q, p], [p, q])

    def work(i: int) -> None:
        for j in range(TIMES):
            assert function(i, j) == [i - j, i]

    yield work


def extending(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    first = p + 1.0

    def work(i: int) -> None:
        last = first
        for j in range(TIMES):
            with world.graph.as_default():
                last = last + float(i)
            assert session.run([first, last], {p: 2.0}) == [3.0, 3.0 + i * (j + 1.0)]

    yield work


def running_in_parts(world: Any) -> Iterator[Work]:
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    total = a + 1.0
    product, session = total * b, world.open()

    def work(i: int) -> None:
        for j in range(TIMES):
            handle = session.partial_run_setup([total, product], [a, b])
            assert session.partial_run(handle, total, {a: i}) == i + 1.0
            assert session.run(product, {a: 1.0, b: 2.0}) == 4.0
            assert session.partial_run(handle, product, {b: j}) == (i + 1.0) * j

    yield work


def queueing(world: Any) -> Iterator[Work]:
    q, session = tf.FIFOQueue(3, tf.int32, shapes=[()]), world.open()
    p = tf.placeholder(tf.int32, [])
    put, taken = q.enqueue(p), q.dequeue()
    got: list[int] = []

    def work(i: int) -> None:
        for j in range(TIMES):
            if i % 2:
                session.run(put, {p: 100 * i + j})
            else:
                got.append(int(session.run(taken)))

    yield work
    assert sorted(got) == [100 * i + j for i in range(1, THREADS, 2) for j in range(TIMES)]
    assert session.run(q.size()) == 0


def running_inside_a_run(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    inner = p * 3.0
    outer = tf.py_func(lambda x: session.run(inner, {p: x}), [p + 1.0], tf.float32) + 0.5

    def work(i: int) -> None:
        for _ in range(TIMES):
            assert session.run(outer, {p: i}) == 3.0 * (i + 1.0) + 0.5

    yield work


def keeping_values(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    begun = tf.get_session_handle(p)
    holder, value = tf.get_session_tensor("", tf.float32)
    gone, delete = tf.delete_session_tensor("")
    doubled = tf.get_session_handle(value * 2.0)

    def work(i: int) -> None:
        handle = session.run(begun, {p: i})
        for _ in range(TIMES):
            handle = session.run(doubled, {holder: handle.handle})
        name = handle.get_raw_handle()
        assert session.run(value, {holder: name}) == i * 2.0**TIMES
        session.run(delete, {gone: name})
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(value, {holder: name})

    yield work


def training_and_reading(world: Any) -> Iterator[Work]:
    v = tf.get_variable("v", [64], initializer=tf.zeros_initializer(), use_resource=True)
    train = tf.train.GradientDescentOptimizer(-1.0).minimize(tf.reduce_sum(v.read_value()))
    read, session = v.read_value(), world.open()
    session.run(v.initializer)

    def work(i: int) -> None:
        before = 0.0
        for _ in range(TIMES):
            if i % 2:
                session.run(train)
            else:
                found = np.unique(session.run(read))
                assert found.size == 1
                assert before <= found[0]
                before = found[0]

    yield work
    assert np.unique(session.run(read)).tolist() == [TIMES * THREADS / 2]


def drawing(world: Any) -> Iterator[Work]:
    u = tf.random_uniform([2], seed=3)
    session, alone = world.open(), world.open()
    drawn: list[tuple[float, ...]] = []

    def work(i: int) -> None:
        drawn.extend(tuple(session.run(u).tolist()) for _ in range(TIMES))

    yield work
    assert Counter(drawn) == Counter(tuple(alone.run(u).tolist()) for _ in range(THREADS * TIMES))


def forgetting_steps(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    fetches = [p + float(i) for i in range(4 * THREADS)]

    def work(i: int) -> None:
        for j in range(2 * THREADS):
            k = (i + 3 * j) % len(fetches)
            assert session.run(fetches[k], {p: 1.0}) == 1.0 + k

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "MAX_STEPS", 4)
        patch.setattr(base, "MAX_STEPS", 4)
        yield work


def sharing_a_graph(world: Any) -> Iterator[Work]:
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    p = tf.placeholder(tf.float32, [])
    change = v.assign_add(p)

    def work(i: int) -> None:
        session = world.open()
        session.run(v.initializer)
        for _ in range(TIMES):
            session.run(change, {p: i})
        assert session.run(v) == TIMES * i

    yield work


def having_graphs_of_their_own(world: Any) -> Iterator[Work]:
    def work(i: int) -> None:
        assert tf.get_default_session() is None
        with tf.Graph().as_default() as graph, tf.device("/cpu:0"), tf.name_scope("mine"):
            c = tf.constant(float(i), name="c")
            with tf.Session(config=tf.ConfigProto(backend=world.backend)) as mine:
                assert tf.get_default_graph() is graph
                assert c.name == "mine/c:0"
                assert (c * 2.0).eval() == 2.0 * i
                assert mine.graph is graph
        assert tf.get_default_session() is None

    yield work


def sharing_by_name(world: Any) -> Iterator[Work]:
    def queue(name: str) -> tf.QueueBase:
        with tf.container("box"):
            return tf.FIFOQueue(99, tf.int32, shapes=[()], shared_name="one", name=name)

    left, right = queue("left"), queue("right")
    other = tf.FIFOQueue(99, tf.int32, shapes=[()], shared_name="one", name="other")
    session = world.open()
    put, taken = left.enqueue(1), right.dequeue()

    def work(i: int) -> None:
        for _ in range(TIMES):
            assert session.run(put if i % 2 else taken) == (None if i % 2 else 1)

    yield work
    assert session.run([left.size(), right.size(), other.size()]) == [0, 0, 0]


def tracing(world: Any) -> Iterator[Work]:
    p, session = tf.placeholder(tf.float32, []), world.open()
    fetches = [tf.add(p, float(i), name=f"add_{i}") for i in range(THREADS)]
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)

    def work(i: int) -> None:
        metadata = tf.RunMetadata()
        assert session.run(fetches[i], {p: 1.0}, options, metadata) == 1.0 + i
        names = {n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats}
        assert f"add_{i}" in names
        assert not {f"add_{j}" for j in range(THREADS) if j != i} & names

    yield work


def reshaping(world: Any) -> Iterator[Work]:
    p, dims = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [2])
    shaped, session = tf.reshape(p, dims) * 2.0, world.open()

    def work(i: int) -> None:
        for j in (1, 2, 3):
            found = session.run(shaped, {p: np.full(i * j + j, i), dims: [j, i + 1]})
            assert found.tolist() == [[2.0 * i] * (i + 1)] * j

    yield work


SCENARIOS = (
    running,
    calling,
    extending,
    running_in_parts,
    queueing,
    running_inside_a_run,
    keeping_values,
    training_and_reading,
    drawing,
    forgetting_steps,
    sharing_a_graph,
    having_graphs_of_their_own,
    sharing_by_name,
    tracing,
    reshaping,
)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_eight_threads_compute_what_one_does(scenario, backend, play):
    play(scenario, backend)
