"""Clusters of several processes: parameter servers, workers, and what becomes of them."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf

PROGRAM = str(Path(__file__).parent / "between_graph.py")


@pytest.fixture
def cluster(start, free_ports):
    """Start tasks of a cluster; return the process of a task."""

    def cluster(servers=1, workers=2):
        addresses = [f"127.0.0.1:{port}" for port in free_ports(servers + workers)]
        ps, worker = addresses[:servers], addresses[servers:]

        def task(job, number, steps=0):
            return start(PROGRAM, job, str(number), ",".join(ps), ",".join(worker), str(steps))

        return task, {"ps": ps, "worker": worker}

    return cluster


@pytest.mark.parametrize("servers", [1, 2])
def test_two_workers_train_what_parameter_servers_hold(cluster, servers):
    task, _ = cluster(servers=servers)
    # In any order: whoever needs another one waits for it.
    workers = [task("worker", number, steps=200) for number in (1, 0)]
    for number in range(servers):
        assert task("ps", number).line() == "up"
    results = []
    for worker in workers:
        assert [worker.line(), worker.line()] == ["up", "begun"]
        results.append([float(word) for word in worker.line().split()])
    for count, *learnt in results:
        assert 200 <= count <= 400
        np.testing.assert_allclose(learnt, [2.0, -3.0, 0.5], atol=0.05)
    assert max(count for count, *_ in results) == 400


def test_a_worker_that_vanishes_does_not_stop_the_others(cluster):
    task, _ = cluster()
    assert task("ps", 0).line() == "up"
    vanishing, lasting = task("worker", 0, steps=100_000), task("worker", 1, steps=150)
    for worker in (vanishing, lasting):
        assert [worker.line(), worker.line()] == ["up", "begun"]
    vanishing.end()
    _, *learnt = (float(word) for word in lasting.line().split())
    np.testing.assert_allclose(learnt, [2.0, -3.0, 0.5], atol=0.05)


def test_a_parameter_server_that_vanishes_stops_its_workers(cluster):
    task, _ = cluster(workers=1)
    server = task("ps", 0)
    assert server.line() == "up"
    worker = task("worker", 0, steps=1_000_000)
    assert [worker.line(), worker.line()] == ["up", "begun"]
    server.end()
    start = time.monotonic()
    assert worker.wait() == 1
    assert time.monotonic() - start < 3.0
    assert "UnavailableError" in worker.said()


@pytest.fixture
def here(start, free_ports):
    """A parameter server elsewhere, and a worker of this process; also starts the former again."""
    ps, worker = (f"127.0.0.1:{port}" for port in free_ports(2))

    def serve():
        server = start(PROGRAM, "ps", "0", ps, worker)
        assert server.line() == "up"
        return server

    server = serve()
    spec = tf.train.ClusterSpec({"ps": [ps], "worker": [worker]})
    target = tf.train.Server(spec, job_name="worker", task_index=0).target
    with tf.Graph().as_default():
        with tf.device("/job:ps/task:0"):
            v = tf.get_variable("v", initializer=[1.0, 2.0])
        yield target, v, server, serve


def test_operations_run_where_they_are_placed(here):
    target, v, _, _ = here
    with tf.device("/job:worker/task:0"):
        doubled = tf.multiply(v, 2.0, name="doubled")
    with tf.device("/job:ps/task:0"):
        total = tf.reduce_sum(doubled, name="total")
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session(target) as session:
        session.run(v.initializer)
        assert session.run([doubled, total], None, options, metadata)[1] == 6.0
        where = {n.name: n.device for n in session.explain(total).nodes if n.device}
        devices = [device.name for device in session.list_devices()]
    ps, worker = (f"/job:{job}/replica:0/task:0/device:CPU:0" for job in ("ps", "worker"))
    assert where == {"doubled": worker, "total": ps}
    assert devices == [worker, ps]
    ran = {d.device: {n.node_name for n in d.node_stats} for d in metadata.step_stats.dev_stats}
    assert "doubled" in ran[worker]
    assert "total" in ran[ps]


def test_a_fetched_variable_has_its_last_value(here):
    target, v, _, _ = here
    with tf.device("/job:worker/task:0"):
        change = tf.constant([1.0, 1.0]) * 3.0
    with tf.Session(target) as session:
        session.run(v.initializer)
        fetched, _ = session.run([v, v.assign_add(change)])
        assert fetched.tolist() == [4.0, 5.0]


def test_control_dependencies_hold_between_tasks(here):
    target, v, _, _ = here
    with tf.Session(target) as session:
        session.run(v.initializer)
        with tf.control_dependencies([v.assign([7.0, 8.0])]), tf.device("/job:worker/task:0"):
            after = tf.constant(1.0) + 1.0
        with tf.control_dependencies([after]), tf.device("/job:ps/task:0"):
            read = tf.identity(v.read_value())
        assert session.run(read).tolist() == [7.0, 8.0]


def test_an_error_names_the_task_that_it_comes_from(here):
    target, v, _, _ = here
    index = tf.placeholder(tf.int32, [])
    with tf.device("/job:ps/task:0"):
        picked = tf.gather([1.0], index, name="picked")
    with tf.device("/job:worker/task:0"):
        doubled = picked * 2.0
    with tf.Session(target) as session:
        with pytest.raises(
            tf.errors.FailedPreconditionError, match="From /job:ps/replica:0/task:0"
        ):
            session.run(v)
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            session.run(doubled, {index: 5})
        assert caught.value.op is picked.op
        assert caught.value.message.count("From /job:") == 1
        assert session.run(doubled, {index: 0}) == 2.0


def test_a_task_that_there_is_not_is_an_error(here):
    target, _, _, _ = here
    with tf.device("/job:ps/task:7"):
        c = tf.constant(1.0) + 1.0
    with (
        tf.Session(target) as session,
        pytest.raises(tf.errors.InvalidArgumentError, match="/job:ps/task:7 but available"),
    ):
        session.run(c)


def test_a_partial_run_stays_on_one_task(here):
    target, v, _, _ = here
    with tf.device("/job:ps/task:0"):
        x = tf.placeholder(tf.float32, [2])
        total = v.read_value() + x
    with tf.device("/job:worker/task:0"):
        elsewhere = total * 2.0
    with tf.Session(target) as session:
        session.run(v.initializer)
        handle = session.partial_run_setup([total], [x])
        assert session.partial_run(handle, total, {x: [1.0, 1.0]}).tolist() == [2.0, 3.0]
        with pytest.raises(tf.errors.UnimplementedError, match="several tasks"):
            session.partial_run_setup([elsewhere], [x])


def test_a_reset_reaches_the_whole_cluster(here):
    target, v, _, _ = here
    with tf.Session(target) as session:
        session.run(v.initializer)
    tf.Session.reset(target)
    with tf.Session(target) as session, pytest.raises(tf.errors.FailedPreconditionError):
        session.run(v)


def test_a_parameter_server_comes_back_empty(here):
    target, v, server, serve = here
    with tf.Session(target) as session:
        session.run(v.initializer)
        server.end()
        with pytest.raises(tf.errors.UnavailableError):
            session.run(v)
        serve()
    with tf.Session(target) as session:
        with pytest.raises(tf.errors.FailedPreconditionError):
            session.run(v)
        session.run(v.initializer)
        assert session.run(v).tolist() == [1.0, 2.0]


def test_a_time_limit_and_closing_reach_other_tasks(here):
    target, _, _, _ = here
    with tf.device("/job:ps/task:0"):
        queue = tf.FIFOQueue(1, tf.float32)
        taken = queue.dequeue()
        size = queue.size()
    with tf.device("/job:worker/task:0"):
        doubled = taken * 2.0
    with tf.Session(target) as session:
        with pytest.raises(tf.errors.DeadlineExceededError):
            session.run(doubled, options=tf.RunOptions(timeout_in_ms=200))
        assert session.run(size) == 0
        session.run(queue.enqueue(4.0))
        assert session.run(doubled) == 8.0


def test_a_task_stops_when_it_is_asked_to(cluster):
    task, _ = cluster()
    server = task("ps", 0)
    assert server.line() == "up"
    assert server.end(signal.SIGTERM) == -signal.SIGTERM
