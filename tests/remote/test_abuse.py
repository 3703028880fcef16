"""What clients send that ours do not: it is refused, and the server goes on."""

from __future__ import annotations

import socket
import struct

import grpc
import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph import protos as tf_protos
from evergraph_grpc import protos
from evergraph_grpc.addresses import parsed
from evergraph_grpc.connection import connect, disconnect
from evergraph_grpc.listener import Listener
from evergraph_grpc.master import Master
from evergraph_grpc.methods import DOWNLOAD, METHODS, UPLOAD
from evergraph_grpc.settings import Credentials, Limits

UNARY = sorted(set(METHODS) - {UPLOAD, DOWNLOAD})


@pytest.fixture
def peer(target):
    """A client without scruples, and a session that has a graph."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        tf.reduce_sum(x, name="y")
        tf.placeholder(tf.string, [None], name="words")
        tf.FIFOQueue(1, tf.float32, name="q")
    made = _Peer(target)
    made.ask("ExtendSession", graph=graph.as_graph_def())
    yield made
    made.close()
    # Whatever it was, the server goes on.
    with tf.Graph().as_default(), tf.Session(target) as session:
        assert session.run(tf.constant(1.0) + 1.0) == 2.0


class _Peer:
    def __init__(self, target):
        self.key, self.connection = connect(target)
        self.channel = grpc.insecure_channel(parsed(target).name)
        self.session = self.connection.call(
            "CreateSession", protos.CreateSessionRequest(version=protos.CURRENT)
        ).session

    def ask(self, method, **fields):
        request = METHODS[method].request(session=self.session, **fields)
        response = self.connection.call(method, request)
        return response.status.code, response.status.message

    def run(self, value, feed="x:0", fetch="y:0"):
        named = protos.NamedValue(name=feed, value=value)
        return self.ask("RunStep", feed=[named], fetch=[fetch])

    def raw(self, path, data):
        with pytest.raises(grpc.RpcError) as caught:
            self.channel.unary_unary(path)(data, timeout=5)
        return caught.value.code()

    def close(self):
        self.ask("CloseSession")
        self.channel.close()
        disconnect(self.key)


FLOATS = struct.pack("<4f", 1.0, 2.0, 3.0, 4.0)


def test_what_is_meant_is_answered(peer):
    assert peer.run(protos.Value(dims=[2, 2], content=FLOATS)) == (0, "")


@pytest.mark.parametrize("method", UNARY)
def test_bytes_that_are_no_message_are_refused(peer, method):
    assert peer.raw(METHODS[method].path, b"\xff\xff\xff") is grpc.StatusCode.INTERNAL


def test_a_method_that_there_is_not_is_refused(peer):
    path = METHODS["RunStep"].path + "Twice"
    assert peer.raw(path, b"") is grpc.StatusCode.UNIMPLEMENTED


def test_a_message_that_is_too_large_is_refused(peer):
    data = protos.HealthRequest(session=["x" * (65 << 20)]).SerializeToString()
    assert peer.raw(METHODS["Health"].path, data) is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    ("dims", "content"),
    [
        ([2, 2], FLOATS[:-1]),
        ([2, 2], b""),
        ([], FLOATS),
        ([-2, -2], FLOATS),
        ([-1, 2], FLOATS),
        ([1 << 62, 1 << 62], FLOATS),
        ([1 << 40, 2], b""),
        ([0] * 100, b""),
        ([4], FLOATS),  # not a shape of this placeholder
    ],
)
def test_a_value_that_does_not_fill_its_shape_is_refused(peer, dims, content):
    code, _ = peer.run(protos.Value(dims=dims, content=content))
    assert code == tf.errors.INVALID_ARGUMENT


@pytest.mark.parametrize("content", [b"\xff\xff", b"\x0a\x7fshort", FLOATS])
def test_bytes_that_are_no_strings_are_refused(peer, content):
    code, _ = peer.run(protos.Value(dims=[1], content=content), "words:0", "words:0")
    assert code == tf.errors.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (protos.Value(transfer="1000"), "there is no transfer '1000'"),
        (protos.Value(kept="../x"), "not in the session store"),
    ],
)
def test_a_value_that_is_not_there_is_refused(peer, value, text):
    code, message = peer.run(value)
    assert code == tf.errors.INVALID_ARGUMENT
    assert text in message


@pytest.mark.parametrize("name", ["z:0", "x:7", "x", "", ":", "x:-1", "\0", "x" * 100_000])
@pytest.mark.parametrize("where", ["feed", "fetch", "target"])
def test_a_name_that_is_not_one_of_the_graph_is_refused(peer, name, where):
    signature = protos.Signature(fetch=["y:0"], feed=["x:0"])
    getattr(signature, where)[:] = [name]
    if (where, name) == ("target", "x"):
        return  # it is an operation
    for method in ("MakeCallable", "PartialRunSetup", "DescribeStep"):
        code, _ = peer.ask(method, signature=signature)
        assert code in (tf.errors.NOT_FOUND, tf.errors.INVALID_ARGUMENT)


@pytest.mark.parametrize("session", ["", "x", "../..", "0" * 16])
@pytest.mark.parametrize("method", sorted(set(UNARY) - {"CreateSession", "Reset", "Health"}))
def test_a_session_of_nobody_is_not_found(peer, method, session):
    response = peer.connection.call(method, METHODS[method].request(session=session))
    assert response.status.code == tf.errors.ABORTED


def node(name, op, *inputs):
    return tf_protos.GraphDef(node=[tf_protos.NodeDef(name=name, op=op, input=inputs)])


@pytest.mark.parametrize(
    "graph",
    [
        node("x", "NoOp"),
        node("n", "NoSuchOp"),
        node("n", ""),
        node("", "NoOp"),
        node("\n", "NoOp"),
        node("n", "Identity"),
        node("n", "Identity", "nowhere"),
        node("n", "Identity", "x:5"),
        node("n", "Identity", "n"),
        node("n", "NoOp", "^n"),
        tf_protos.GraphDef(versions={"min_consumer": 1 << 30}),
    ],
    ids=str,
)
def test_nodes_that_are_not_valid_are_refused(peer, graph):
    code, _ = peer.ask("ExtendSession", graph=graph)
    assert code in (tf.errors.INVALID_ARGUMENT, tf.errors.NOT_FOUND)
    assert peer.run(protos.Value(dims=[2, 2], content=FLOATS)) == (0, "")


def test_an_upload_that_is_no_graph_is_refused(peer):
    name = peer.connection.upload(peer.session, b"\xff" * 100)
    code, message = peer.ask("ExtendSession", transfer=name)
    assert code == tf.errors.INVALID_ARGUMENT
    assert "no GraphDef" in message


@pytest.mark.parametrize(
    "chunks",
    [
        [],
        [protos.Chunk(total_bytes=10, data=b"x" * 11)],
        [protos.Chunk(total_bytes=10, data=b"x" * 9)],
        [protos.Chunk(total_bytes=-1)],
        [protos.Chunk(total_bytes=1 << 60)],
        [protos.Chunk(total_bytes=1 << 63 - 1, data=b"x")],
    ],
)
def test_an_upload_of_another_size_is_refused(peer, chunks):
    for chunk in chunks:
        chunk.session = peer.session
    assert peer.connection.call(UPLOAD, iter(chunks)).status.code


def test_a_download_that_is_not_there_is_refused(peer):
    request = protos.DownloadRequest(session=peer.session, transfer="7")
    (chunk,) = peer.connection.call(DOWNLOAD, request)
    assert chunk.status.code == tf.errors.INVALID_ARGUMENT


def test_a_callable_that_is_not_there_is_refused(peer):
    assert peer.ask("RunCallable", callable=77)[0] == tf.errors.INVALID_ARGUMENT


def test_a_callable_takes_its_feeds(peer):
    request = protos.MakeCallableRequest(
        session=peer.session, signature=protos.Signature(feed=["x:0"], fetch=["y:0"])
    )
    number = peer.connection.call("MakeCallable", request).callable
    code, message = peer.ask("RunCallable", callable=number)
    assert (code, message) == (3, "Expected 1 feed tensors, but got 0")


def test_a_partial_run_that_is_not_there_is_refused(peer):
    assert peer.ask("RunStep", partial_run="7", fetch=["y:0"])[0] == tf.errors.INVALID_ARGUMENT


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_time_limit_that_makes_no_sense_does_no_harm(peer, seconds):
    peer.ask("RunStep", target=["x"], options=protos.Options(timeout_seconds=seconds))


@pytest.mark.parametrize("version", [0, protos.CURRENT + 1])
def test_a_client_of_another_version_is_refused(peer, version):
    request = protos.CreateSessionRequest(version=version)
    status = peer.connection.call("CreateSession", request).status
    assert status.code == tf.errors.FAILED_PRECONDITION
    assert "install the same evergraph at both ends" in status.message


def test_another_backend_than_the_servers_is_refused(peer):
    config = tf.ConfigProto(backend="jax")
    request = protos.CreateSessionRequest(version=protos.CURRENT, config=config)
    status = peer.connection.call("CreateSession", request).status
    assert "the server runs backend 'numpy'" in status.message


def test_devices_are_bounded(peer):
    config = tf.ConfigProto(device_count={"CPU": 1 << 30})
    request = protos.CreateSessionRequest(version=protos.CURRENT, config=config)
    status = peer.connection.call("CreateSession", request).status
    assert status.code == tf.errors.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1000,
        bytes(range(256)) * 10,
    ],
)
def test_many_connections_that_say_nothing_of_sense_do_no_harm(peer, target, data):
    host, _, port = parsed(target).name.rpartition(":")
    sockets = [socket.create_connection((host, int(port))) for _ in range(100)]
    try:
        for each in sockets:
            each.sendall(data)
        assert peer.run(protos.Value(dims=[2, 2], content=FLOATS)) == (0, "")
    finally:
        for each in sockets:
            each.close()


# What a server grants


@pytest.fixture
def limited():
    """A server of this process that grants little, and a client."""
    limits = Limits(nodes=5, sessions=2, session_bytes=1 << 20, message_bytes=1 << 20)
    task = "/job:localhost/replica:0/task:0"
    master = Master(task, "numpy", tf_protos.ConfigProto(), limits)
    listener = Listener(master, "127.0.0.1:0", Credentials())
    listener.start()
    yield listener.address.target
    listener.stop()


def test_sessions_are_bounded(limited):
    with tf.Graph().as_default():
        c = tf.constant(1.0)
        sessions = [tf.Session(limited) for _ in range(3)]
        for session in sessions[:2]:
            assert session.run(c) == 1.0
        with pytest.raises(tf.errors.ResourceExhaustedError, match="takes no more"):
            sessions[2].run(c)
        sessions[0].close()
        assert sessions[2].run(c) == 1.0
        for session in sessions:
            session.close()


def test_nodes_are_bounded(limited):
    with tf.Graph().as_default(), tf.Session(limited) as session:
        c = [tf.constant(1.0) for _ in range(5)]
        assert session.run(c[0]) == 1.0
        with pytest.raises(tf.errors.ResourceExhaustedError, match="may have 5 nodes"):
            session.run(tf.identity(c[0]))


def test_bytes_on_their_way_are_bounded(limited):
    with tf.Graph().as_default(), tf.Session(limited) as session:
        x = tf.placeholder(tf.uint8, [None])
        assert session.run(tf.size(x), {x: np.zeros(1 << 19, np.uint8)}) == 1 << 19
        with pytest.raises(tf.errors.ResourceExhaustedError, match="are too much"):
            session.run(tf.size(x), {x: np.zeros(1 << 21, np.uint8)})
        assert session.run(tf.size(x), {x: np.zeros(1 << 19, np.uint8)}) == 1 << 19
