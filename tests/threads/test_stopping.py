"""A run stops between two nodes, and while XLA computes, when its session is closed or Ctrl-C hit.

What is to happen while a program runs is done by a kernel of the test's own, or by the pause of
the thread that waits for XLA: nothing depends on how fast anything is.
"""

from __future__ import annotations

import importlib
import importlib.util
import signal
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.threads import PATIENCE, beside, until

BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]
needs_jax = pytest.mark.skipif("jax" not in BACKENDS, reason="JAX is not installed")


class Host:
    """A session whose kernels on NumPy arrays may do something else first.

    Args:
      session: the session; nothing has run in it.
    """

    def __init__(self, session: tf.Session) -> None:
        self.session = session
        self.closing: Any = None
        self._host = session._engine._host

    def override(self, type: str, kernel: Callable[..., Any]) -> None:
        """Let an op type have this kernel."""
        self._host.table = self._host.table | {type: kernel}

    def close(self) -> None:
        """Let another thread close the session; return when what runs has been told."""
        self.closing = beside(self.session.close)
        until(lambda: not self._host._going)


@pytest.fixture
def host(request) -> Iterator[Host]:
    config = tf.ConfigProto(backend=request.param)
    with tf.Graph().as_default() as graph, tf.Session(graph=graph, config=config) as session:
        yield Host(session)


on_numpy = pytest.mark.parametrize("host", ["numpy"], indirect=True)
on_jax = pytest.mark.parametrize("host", ["jax"], indirect=True)
everywhere = pytest.mark.parametrize("host", BACKENDS, indirect=True)


@on_numpy
@pytest.mark.parametrize("runs_before", [0, 20])
@pytest.mark.parametrize("stateful", [False, True])
def test_closing_stops_a_program_before_its_next_node(host, runs_before, stateful):
    armed, ran = [], []

    def tanh(x):
        if armed:
            host.close()
        return np.tanh(x)

    def exp(x):
        ran.append(x)
        return np.exp(x)

    host.override("Tanh", tanh)
    host.override("Exp", exp)
    p = tf.placeholder(tf.float32, [])
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    y = tf.exp(tf.tanh(p) + 1.0)
    fetch = v.assign_add(y).op if stateful else y
    run = host.session.make_callable(fetch, [p])
    host.session.run(v.initializer)
    for _ in range(runs_before):
        run(1.0)
    ran.clear()
    armed.append(True)
    with pytest.raises(tf.errors.CancelledError, match="Run call was cancelled"):
        run(1.0)
    assert not ran
    host.closing.result(PATIENCE)


@on_numpy
def test_closing_stops_what_consists_of_operators_alone(host):
    """A kernel of the program's end says whether what comes before has run."""
    seen: list[Any] = []
    host.override("Tanh", lambda x: (armed and host.close(), np.tanh(x))[1])
    host.override("Exp", lambda x: (seen.append(x), np.exp(x))[1])
    p = tf.placeholder(tf.float32, [])
    y = tf.tanh(p)
    for _ in range(100):
        y = (y + p) * p
    armed: list[bool] = []
    run = host.session.make_callable(tf.exp(y), [p])
    for _ in range(20):
        run(1.0)
    seen.clear()
    armed.append(True)
    with pytest.raises(tf.errors.CancelledError):
        run(1.0)
    assert not seen


@on_numpy
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers")
def test_a_signal_is_seen_to_between_operators(host):
    """Python looks for signals after calls, and no operator is one."""
    seen: list[Any] = []
    # A function of C's own runs before Python looks.
    host.override("Exp", seen.append)
    p = tf.placeholder(tf.float32, [None])
    y = p
    for _ in range(2000):
        y = y + p
    run = host.session.make_callable(tf.exp(y).op, [p])
    for _ in range(20):
        run([1.0])
    seen.clear()
    value = np.ones([1 << 20], np.float32)

    def raised(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, raised)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(value)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not seen


@on_jax
@needs_jax
def test_closing_stops_a_step_between_regions(host):
    ran: list[Any] = []

    def unique(x, **_: Any):
        host.close()
        return np.unique(x), np.zeros(x.shape, np.int32)

    def where(x):
        ran.append(x)
        return np.argwhere(x)

    host.override("Unique", unique)
    host.override("Where", where)
    p = tf.placeholder(tf.float32, [3])
    y = tf.where(tf.unique(p * 2.0)[0] * 2.0 > 0.0)
    with pytest.raises(tf.errors.CancelledError, match="Run call was cancelled"):
        host.session.run(y, {p: [1.0, 1.0, 1.0]})
    assert not ran
    host.closing.result(PATIENCE)


# While XLA computes


def long_product(x: Any) -> Any:
    """Return what takes XLA some 50 ms for a matrix of 1000, and nothing for one of 2."""
    for _ in range(4):
        x = tf.matmul(x, x)
    return x


@pytest.fixture
def pauses(monkeypatch) -> list[Callable[[], Any]]:
    """What to do instead of the next pauses while XLA computes."""
    executable = importlib.import_module("evergraph_jax.executable")
    sleep, what = executable.sleep, list[Callable[[], Any]]()
    monkeypatch.setattr(
        executable, "sleep", lambda seconds: what.pop()() if what else sleep(seconds)
    )
    return what


@on_jax
@needs_jax
@pytest.mark.parametrize("stateful", [False, True])
def test_closing_does_not_wait_until_xla_is_done(host, stateful, pauses):
    p = tf.placeholder(tf.float32, [1000, 1000])
    v = tf.get_variable("v", [1000, 1000], initializer=tf.zeros_initializer())
    y = long_product(p)
    fetch = v.assign_add(y).op if stateful else y
    host.session.run(v.initializer)
    pauses.append(host.close)
    with pytest.raises(tf.errors.CancelledError, match="Run call was cancelled"):
        host.session.run(fetch, {p: np.zeros([1000, 1000], np.float32)})
    assert not pauses
    host.closing.result(PATIENCE)


@on_jax
@needs_jax
def test_an_interrupt_does_not_wait_until_xla_is_done(host, pauses):
    p = tf.placeholder(tf.float32, [1000, 1000])
    v = tf.get_variable("v", [1000, 1000], initializer=tf.zeros_initializer())
    add = v.assign_add(long_product(p) + 1.0).op
    host.session.run(v.initializer)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    pauses.append(lambda: signal.raise_signal(signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            host.session.run(add, {p: np.zeros([1000, 1000], np.float32)})
    finally:
        signal.signal(signal.SIGINT, before)
    assert not pauses
    # XLA had begun, and the memory of the old value was gone.
    assert (host.session.run(v) == 1.0).all()


@on_jax
@needs_jax
def test_what_xla_has_yet_to_do_does_not_add_up(host, monkeypatch):
    module = importlib.import_module("evergraph_jax.executable")
    waits: list[int] = []
    monkeypatch.setattr(module, "_block", lambda _: waits.append(i))
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    add = v.assign_add(1.0).op
    host.session.run(v.initializer)
    host.session.run(add)
    step = host.session._engine.step([], [add], ())
    executable = step.whole.parts[0].executable
    executable._quick, executable._seconds = 0, 0.4 * module._QUICK
    for i in range(6):  # noqa: B007  # what waits says when
        host.session.run(add)
    assert waits == [2, 5]
    assert host.session.run(v) == 7.0


@on_jax
@needs_jax
def test_only_what_may_take_long_is_asked_whether_it_is_done(host, pauses, monkeypatch):
    monkeypatch.setattr(importlib.import_module("evergraph_jax.executable"), "_QUICK", 1e-2)
    asked: list[int] = []
    p = tf.placeholder(tf.float32, [None, None])
    run = host.session.make_callable(long_product(p), [p])

    def paused(size: int) -> bool:
        pauses[:] = [lambda: asked.append(size)]
        run(np.zeros([size, size], np.float32))
        return not pauses

    run(np.zeros([2, 2], np.float32))
    assert not paused(2)
    assert paused(1000)
    assert paused(1000)
    assert not paused(2)
