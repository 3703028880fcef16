"""Sessions of a server in another process: what they run, keep and share."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.errors import AbortedError, FailedPreconditionError


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_a_server_prints_its_target_and_stops_when_asked(serve):
    server, target = serve()
    assert target.startswith("grpc://127.0.0.1:")
    with tf.Session(target) as session:
        assert session.run(tf.constant(2.0) * 3.0) == 6.0
    assert server.end(signal.SIGTERM) == 0
    assert server.said() == ""


def test_variables_outlive_sessions_and_clients(serve, client):
    _, target = serve()
    program = """
        with tf.Session(target) as session:
            v = tf.get_variable("v", initializer=2.0)
            session.run(v.initializer)
            session.run(v.assign_add(1.0))
    """
    assert client(target, program).wait() == 0
    v = tf.get_variable("v", initializer=2.0)
    with tf.Session(target) as session:
        assert session.run(v) == 3.0


def test_isolated_sessions_share_nothing(target):
    v = tf.get_variable("isolated", initializer=2.0)
    config = tf.ConfigProto(isolate_session_state=True)
    with tf.Session(target, config=config) as one, tf.Session(target, config=config) as other:
        one.run(v.initializer)
        assert one.run(v) == 2.0
        with pytest.raises(FailedPreconditionError, match="uninitialized value isolated"):
            other.run(v)


def test_an_error_names_the_task_and_the_line_of_the_client(target):
    index = tf.placeholder(tf.int32, [])
    picked = tf.gather([1.0, 2.0], index, name="picked")
    with tf.Session(target) as session:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            session.run(picked, {index: 7})
        assert caught.value.op is picked.op
        assert "From /job:localhost/replica:0/task:0:\nindices = 7" in caught.value.message
        assert __file__ in caught.value.message
        assert session.run(picked, {index: 1}) == 2.0


def test_a_reset_ends_all_sessions(serve):
    _, target = serve()
    v = tf.get_variable("v", initializer=2.0)
    session = tf.Session(target)
    session.run(v.initializer)
    handle = session.partial_run_setup([v + 1.0], [])
    tf.Session.reset(target)
    for run in (
        lambda: session.run(v),
        session.list_devices,
        session.make_callable(v),
        lambda: session.partial_run(handle, tf.identity(v)),
    ):
        with pytest.raises(AbortedError, match=r"Session [0-9a-f]{16} is not found\."):
            run()
    session.close()
    with tf.Session(target) as later, pytest.raises(FailedPreconditionError, match="value v"):
        later.run(v)


def test_a_reset_of_one_container_leaves_the_others(serve):
    _, target = serve()
    v = tf.get_variable("v", initializer=2.0)
    with tf.container("mine"):
        w = tf.get_variable("w", initializer=3.0)
    with tf.Session(target) as session:
        session.run([v.initializer, w.initializer])
    tf.Session.reset(target, ["mine"])
    with tf.Session(target) as session:
        assert session.run(v) == 2.0
        with pytest.raises(FailedPreconditionError, match="value w"):
            session.run(w)


def test_two_clients_use_one_queue(serve, client):
    _, target = serve()
    queue = tf.FIFOQueue(1, tf.string, shared_name="jobs")
    program = """
        queue = tf.FIFOQueue(1, tf.string, shared_name="jobs")
        with tf.Session(target) as session:
            for word in ["a", "b", "c"]:
                session.run(queue.enqueue(word))
    """
    with tf.Session(target) as session:
        worker = client(target, program)
        taken = queue.dequeue()
        assert [session.run(taken) for _ in range(3)] == [b"a", b"b", b"c"]
        assert worker.wait() == 0


def test_queues_without_a_shared_name_and_random_numbers_are_the_sessions_own(target):
    queue = tf.FIFOQueue(3, tf.float32)
    drawn = tf.random_uniform([], seed=3)
    with tf.Session(target) as one, tf.Session(target) as other:
        one.run(queue.enqueue(1.0))
        assert (one.run(queue.size()), other.run(queue.size())) == (1, 0)
        first = one.run(drawn)
        assert one.run(drawn) != first
        assert other.run(drawn) == first


def test_large_values_go_both_ways(target):
    x = tf.placeholder(tf.float64, [None])
    words = tf.placeholder(tf.string, [None])
    value = np.arange(1_000_000.0)
    many = np.array([b"x" * 1000] * 3000, object)
    with tf.Session(target) as session:
        doubled, same = session.run([x * 2.0, tf.identity(words)], {x: value, words: many})
        np.testing.assert_array_equal(doubled, value * 2.0)
        assert same.tolist() == many.tolist()
        doubled[0] = 1.0  # it is the caller's own


def test_a_large_graph_goes_in_pieces(target):
    value = np.arange(1_000_000.0)
    with tf.Session(target) as session:
        assert session.run(tf.reduce_sum(tf.constant(value))) == value.sum()
        assert session.run(tf.constant(1.0) + 2.0) == 3.0


def test_a_changed_node_counts(target):
    one, two = tf.constant(1.0), tf.constant(2.0)
    same = tf.identity(one)
    with tf.Session(target) as session:
        assert session.run(same) == 1.0
        same.op._update_input(0, two)
        assert session.run(same) == 2.0


def test_a_kept_value_stays_on_the_server(target):
    x = tf.placeholder(tf.float32, [None])
    with tf.Session(target) as session:
        handle = session.run(tf.get_session_handle(x * 2.0), {x: [1.0, 2.0]})
        assert handle.eval().tolist() == [2.0, 4.0]
        assert session.run(x + 1.0, {x: handle}).tolist() == [3.0, 5.0]
        handle.delete()
        with pytest.raises(TypeError, match="may have already been deleted"):
            handle.delete()


def test_a_traced_run_tells_about_the_nodes_of_the_server(target):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.multiply(x, 3.0, name="y")
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    before = time.time()
    with tf.Session(target) as session:
        session.run(y, {x: [1.0, 2.0]}, options, metadata)
    (device,) = metadata.step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    (node,) = [n for n in device.node_stats if n.node_name == "y"]
    assert abs(node.all_start_micros / 1e6 - before) < 10
    assert node.output[0].tensor_description.shape.dim[0].size == 2


def test_python_functions_do_not_travel(target):
    y = tf.py_func(lambda: 1.0, [], tf.float64, name="mine")
    with tf.Session(target) as session:
        with pytest.raises(tf.errors.UnimplementedError, match=r"'mine' .* do not travel"):
            session.run(y)
        assert session.run(y, {y: 2.0}) == 2.0


def test_a_run_stops_at_its_time_limit(target):
    queue = tf.FIFOQueue(1, tf.float32)
    with tf.Session(target) as session:
        start = time.monotonic()
        with pytest.raises(tf.errors.DeadlineExceededError):
            session.run(queue.dequeue(), options=tf.RunOptions(timeout_in_ms=100))
        assert time.monotonic() - start < 1.0
        session.run(queue.enqueue(1.0))
        assert session.run(queue.size()) == 1


def test_closing_a_session_cancels_what_it_runs(target):
    queue = tf.FIFOQueue(1, tf.float32, shared_name="never")
    taken, size = queue.dequeue(), queue.size()
    session = tf.Session(target)
    session.run(size)
    outcome = []

    def wait():
        try:
            session.run(taken)
        except tf.errors.CancelledError as error:
            outcome.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.2)
    session.close()
    thread.join(5)
    assert len(outcome) == 1


def test_ctrl_c_stops_a_run_and_leaves_the_queue_alone(serve, client):
    _, target = serve()
    program = """
        import signal
        # Python leaves the signal alone where a shell in the background ignores it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        queue = tf.FIFOQueue(1, tf.float32, shared_name="q")
        session = tf.Session(target)
        taken, size = queue.dequeue(), queue.size()
        session.run(size)
        print("ready", flush=True)
        try:
            session.run(taken)
        except KeyboardInterrupt:
            print("stopped", flush=True)
        input()
    """
    waiting = client(target, program)
    assert waiting.line() == "ready"
    time.sleep(0.3)
    start = time.monotonic()
    waiting.process.send_signal(signal.SIGINT)
    assert waiting.line() == "stopped"
    assert time.monotonic() - start < 1.0
    queue = tf.FIFOQueue(1, tf.float32, shared_name="q")
    with tf.Session(target) as session:
        session.run(queue.enqueue(5.0))
        assert session.run(queue.size()) == 1
        assert session.run(queue.dequeue()) == 5.0


def test_a_socket_of_the_file_system_is_a_target(serve, tmp_path):
    _, target = serve("--address", f"unix:{tmp_path}/s")
    assert target == f"unix://{tmp_path}/s"
    assert (tmp_path / "s").stat().st_mode & 0o77 == 0
    with tf.Session(target) as session:
        assert session.run(tf.constant(1.0) + 1.0) == 2.0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_session_that_was_forked_says_so(target, client):
    # In a process of its own: this one holds the threads of all that other tests have used.
    program = """
        import os
        c = tf.constant(1.0)
        with tf.Session(target) as session:
            session.run(c)
            child = os.fork()
            if not child:
                try:
                    session.run(c)
                except tf.errors.FailedPreconditionError as error:
                    print(error.message, flush=True)
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            print(session.run(c), flush=True)
    """
    process = client(target, program)
    assert "spawn" in process.line()
    assert process.line() == "1.0"
    assert process.wait() == 0
