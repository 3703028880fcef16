"""An interrupt at any moment loses no variable, and leaves the session usable."""

from __future__ import annotations

import ctypes
import importlib.util
import itertools
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.threads import PATIENCE, beside

BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]
REPOSITORY = str(Path(__file__).parents[2])
#: Far more instructions than a run has.
MANY = 20_000


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _for_tracing(function: Any, restype: Any) -> Any:
    """Return a function of C as one for `sys.settrace`; it takes no notice of the arguments."""
    function.argtypes = [ctypes.py_object] * 3
    function.restype = restype
    return function


#: Does nothing, and lets no interrupt in, as a function of Python's would.
_nothing = _for_tracing(ctypes.pythonapi.Py_GetVersion, None)
#: Lets an interrupt arrive, which is seen to where Python does so by itself: at a call or jump.
_arrive = _for_tracing(
    ctypes.pythonapi.PyErr_SetInterrupt,
    defaultdict(itertools.repeat(_nothing).__next__).__getitem__,
)


def interrupted_at(instruction: int, run: Callable[[], Any]) -> bool:
    """Call a function, and let an interrupt arrive at one of our own instructions.

    Args:
      instruction: the how manieth; those of libraries do not count.
      run: what to call.

    Returns:
      Whether so many have run.

    Raises:
      KeyboardInterrupt: it came through.
    """
    left = instruction

    def called(frame: FrameType, event: str, argument: Any) -> Any:
        del event, argument
        name = frame.f_code.co_filename
        if left <= 0 or not name.startswith(REPOSITORY) or name.startswith(sys.prefix):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return ran

    def ran(frame: FrameType, event: str, argument: Any) -> Any:
        del argument
        nonlocal left
        if event == "opcode":
            left -= 1
        if left:
            return ran
        # From here on no function of Python's may be called: it would see to the interrupt.
        sys.settrace(_nothing)
        while (frame := frame.f_back) is not None:
            frame.f_trace = None
        return _arrive

    before = sys.gettrace()
    sys.settrace(called)
    try:
        run()
    finally:
        sys.settrace(before)
    return left <= 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", ["alone", "with a fetch", "with a check", "in parts"])
def test_an_interrupt_at_any_moment_loses_no_variable(backend, kind):
    config = tf.ConfigProto(backend=backend)
    with tf.Graph().as_default() as graph, tf.Session(graph=graph, config=config) as session:
        p = tf.placeholder(tf.float32, [3])
        v = [tf.get_variable(f"v{i}", [3], initializer=tf.zeros_initializer()) for i in range(3)]
        read = tf.stack(v)
        step = p
        if kind == "with a check":
            step = tf.gather(p, tf.cast(p, tf.int32))
        elif kind == "in parts":
            # The host finds what is unique, between two regions of a backend that compiles.
            step = tf.ones([3]) * tf.reduce_max(tf.unique(0.0 * v[0] + p)[0])
        fetches = [tf.group(*[x.assign_add(step) for x in v])]
        fetches += [v[0]] if kind == "with a fetch" else []
        session.run([x.initializer for x in v])
        fed = np.ones([3], np.float32)

        def run() -> None:
            session.run(fetches, {p: fed})

        for _ in range(20):
            run()
        total, came = session.run(read)[0, 0], 0
        for instruction in range(1, MANY):
            try:
                reached = interrupted_at(instruction, run)
                total += 1
                if not reached:
                    break
            except KeyboardInterrupt:
                came += 1
                now = session.run(read)
                assert now.min() == now.max(), f"one was written, another not: {instruction}"
                assert now[0, 0] in (total, total + 1), instruction
                total = now[0, 0]
        assert session.run(read).tolist() == [[total] * 3] * 3
        assert instruction > 100
        assert came > 50
        # No lock is held any more.
        assert beside(lambda: session.run(read)).result(PATIENCE)[0, 0] == total
        if backend == "jax":
            assert not sys.modules["jax"].config.jax_enable_x64
