"""Clients, workers and servers that vanish, stand still, or come back."""

from __future__ import annotations

import gc
import signal
import threading
import time

import pytest

import evergraph.v1 as tf
from evergraph.errors import AbortedError, DeadlineExceededError, UnavailableError
from evergraph_grpc.connection import connect, disconnect
from evergraph_grpc.protos import HealthRequest


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def sessions_of(target):
    key, connection = connect(target)
    try:
        return connection.call("Health", HealthRequest()).sessions
    finally:
        disconnect(key)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_run_ends_soon_when_its_server_vanishes(serve, how):
    server, target = serve()
    queue = tf.FIFOQueue(1, tf.float32)
    taken, size = queue.dequeue(), queue.size()
    session = tf.Session(target)
    session.run(size)

    def vanish():
        time.sleep(0.3)
        server.process.send_signal(how)

    thread = threading.Thread(target=vanish)
    thread.start()
    start = time.monotonic()
    # What is asked to stop says so to those who wait.
    with pytest.raises((UnavailableError, tf.errors.CancelledError)):
        session.run(taken)
    # 2 seconds at most, on a machine that has time for it.
    assert time.monotonic() - start < 0.3 + 4.0
    thread.join()
    session.close()
    server.process.kill()


def test_there_is_no_server(free_ports):
    (port,) = free_ports(1)
    start = time.monotonic()
    c = tf.constant(1.0)
    session = tf.Session(f"grpc://127.0.0.1:{port}")
    with session, pytest.raises(UnavailableError, match=f"127.0.0.1:{port}"):
        session.run(c)
    assert time.monotonic() - start < 2.0


def test_a_server_may_come_up_within_the_time_limit(serve, free_ports):
    """Row 311."""
    (port,) = free_ports(1)
    target = f"grpc://127.0.0.1:{port}"
    c = tf.constant(1.0)
    session = tf.Session(target, config=tf.ConfigProto(operation_timeout_in_ms=200))
    with session, pytest.raises(DeadlineExceededError, match="Deadline Exceeded"):
        session.run(c)
    with tf.Session(target, config=tf.ConfigProto(operation_timeout_in_ms=20_000)) as session:
        thread = threading.Thread(target=serve, args=("--address", f"127.0.0.1:{port}"))
        thread.start()
        assert session.run(c) == 1.0
        thread.join()


def test_a_server_comes_back_empty(serve, free_ports, eventually):
    (port,) = free_ports(1)
    server, target = serve("--address", f"127.0.0.1:{port}")
    v = tf.get_variable("v", initializer=2.0)
    session = tf.Session(target)
    session.run(v.initializer)
    server.end()
    serve("--address", f"127.0.0.1:{port}")
    eventually(lambda: isinstance(error_of(lambda: session.run(v)), AbortedError))
    with tf.Session(target) as later:
        assert isinstance(error_of(lambda: later.run(v)), tf.errors.FailedPreconditionError)
        later.run(v.initializer)
        assert later.run(v) == 2.0


def error_of(run):
    try:
        run()
    except tf.errors.OpError as error:
        return error
    return None


def test_a_client_that_vanishes_takes_nothing_from_a_queue(serve, client):
    _, target = serve()
    program = """
        queue = tf.FIFOQueue(1, tf.float32, shared_name="q")
        session = tf.Session(target)
        taken, size = queue.dequeue(), queue.size()
        session.run(size)
        print("ready", flush=True)
        session.run(taken)
    """
    waiting = client(target, program)
    assert waiting.line() == "ready"
    time.sleep(0.3)
    waiting.end()
    time.sleep(0.3)
    queue = tf.FIFOQueue(1, tf.float32, shared_name="q")
    with tf.Session(target) as session:
        session.run(queue.enqueue(5.0))
        assert session.run(queue.size()) == 1


def test_the_session_of_a_client_that_vanishes_ends_with_its_lease(serve, client, eventually):
    _, target = serve("--lease", "1")
    program = """
        session = tf.Session(target)
        session.run(tf.constant(1.0))
        print("ready", flush=True)
        input()
    """
    idle = client(target, program)
    assert idle.line() == "ready"
    time.sleep(1.5)
    assert sessions_of(target) == 1  # its heart beats
    idle.process.send_signal(signal.SIGSTOP)
    eventually(lambda: sessions_of(target) == 0)
    idle.process.send_signal(signal.SIGCONT)


def test_the_session_that_is_forgotten_ends_with_its_lease(serve, eventually):
    _, target = serve("--lease", "1")
    session = tf.Session(target)
    session.run(tf.constant(1.0))
    assert sessions_of(target) == 1
    del session
    gc.collect()
    eventually(lambda: sessions_of(target) == 0)


def test_a_long_call_keeps_its_session_alive(serve):
    _, target = serve("--lease", "1")
    queue = tf.FIFOQueue(1, tf.float32, shared_name="q")
    put, taken = queue.enqueue(3.0), queue.dequeue()
    with tf.Session(target) as session:
        timer = threading.Timer(2.5, lambda: tf.Session(target, graph=put.graph).run(put))
        timer.start()
        assert session.run(taken) == 3.0
        timer.join()
