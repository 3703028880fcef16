"""Who may connect to a server: this machine, holders of a certificate or the token, or everyone."""

from __future__ import annotations

import socket

import pytest
import trustme

import evergraph.v1 as tf
from evergraph.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    UnauthenticatedError,
    UnavailableError,
)
from evergraph_grpc.listener import check_protected
from evergraph_grpc.settings import Credentials, credentials


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def certify(tmp_path):
    """Write certificates that an authority has signed; return the variables that name them."""

    def certify(authority, name):
        issued = authority.issue_cert("localhost", "127.0.0.1")
        authority.cert_pem.write_to_path(tmp_path / f"{name}-ca.pem")
        issued.cert_chain_pems[0].write_to_path(tmp_path / f"{name}-cert.pem")
        issued.private_key_pem.write_to_path(tmp_path / f"{name}-key.pem")
        return {
            f"EVERGRAPH_GRPC_{part.upper()}": str(tmp_path / f"{name}-{part}.pem")
            for part in ("ca", "cert", "key")
        }

    return certify


def run(target):
    with tf.Session(target) as session:
        return session.run(tf.constant(1.0) + 1.0)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/tmp/s"])
def test_this_machine_needs_no_protection(address):
    check_protected(address, Credentials(), insecure=False)


@pytest.mark.parametrize("address", ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.com:1"])
def test_elsewhere_needs_protection(address):
    with pytest.raises(FailedPreconditionError, match="--insecure"):
        check_protected(address, Credentials(), insecure=False)
    check_protected(address, Credentials(), insecure=True)
    check_protected(address, Credentials(token="t"), insecure=False)
    check_protected(address, Credentials(b"ca", b"cert", b"key"), insecure=False)


def test_the_command_refuses_to_listen_unprotected(start):
    server = start("-m", "evergraph", "serve", "--address", "0.0.0.0:0")
    assert server.wait() == 1
    assert "FailedPreconditionError: 0.0.0.0:0 can be reached" in server.said()


def test_a_task_of_a_cluster_refuses_to_listen_unprotected(monkeypatch):
    cluster = {"worker": ["0.0.0.0:0"]}
    with pytest.raises(FailedPreconditionError, match="EVERGRAPH_GRPC_INSECURE=1"):
        tf.train.Server(cluster)
    monkeypatch.setenv("EVERGRAPH_GRPC_INSECURE", "1")
    assert tf.train.Server(cluster, start=False).target.startswith("grpc://0.0.0.0:")


def test_the_token_is_asked_for(serve, monkeypatch):
    _, target = serve(EVERGRAPH_GRPC_TOKEN="secret")
    for wrong in ("", "secre", "secret2", "Bearer secret"):
        monkeypatch.setenv("EVERGRAPH_GRPC_TOKEN", wrong)
        with pytest.raises(UnauthenticatedError, match="token"):
            run(target)
        with pytest.raises(UnauthenticatedError, match="token"):
            tf.Session.reset(target)
    monkeypatch.setenv("EVERGRAPH_GRPC_TOKEN", "secret")
    assert run(target) == 2.0


def test_both_ends_show_certificates(serve, certify, monkeypatch):
    authority = trustme.CA()
    _, target = serve(**certify(authority, "server"))
    assert target.startswith("grpc+tls://127.0.0.1:")
    with pytest.raises(FailedPreconditionError, match="EVERGRAPH_GRPC_CA"):
        run(target)
    for name, path in certify(authority, "client").items():
        monkeypatch.setenv(name, path)
    assert run(target) == 2.0


@pytest.mark.parametrize("stranger", ["client", "server"])
def test_a_certificate_of_another_authority_is_refused(serve, certify, monkeypatch, stranger):
    known, other = trustme.CA(), trustme.CA()
    shown = certify(known, "server")
    _, target = serve(**shown)
    mine = certify(other, "client")
    if stranger == "client":
        # It trusts the server, which does not trust it.
        mine["EVERGRAPH_GRPC_CA"] = shown["EVERGRAPH_GRPC_CA"]
    for name, path in mine.items():
        monkeypatch.setenv(name, path)
    with pytest.raises(UnavailableError):
        run(target)


def test_an_unencrypted_client_is_refused(serve, certify):
    _, target = serve(**certify(trustme.CA(), "server"))
    with pytest.raises(UnavailableError):
        run(target.replace("grpc+tls", "grpc"))


def test_a_certificate_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("EVERGRAPH_GRPC_CA", "/nowhere/ca.pem")
    with pytest.raises(FailedPreconditionError, match="EVERGRAPH_GRPC_CERT, EVERGRAPH_GRPC_KEY"):
        credentials()
    with pytest.raises(FailedPreconditionError, match=r"cannot read /nowhere/ca\.pem"):
        credentials(certificate="/nowhere/cert.pem", key="/nowhere/key.pem")


def test_an_address_in_use_is_refused(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = start(
            "-m", "evergraph", "serve", "--address", f"127.0.0.1:{taken.getsockname()[1]}"
        )
        assert server.wait() == 1
        assert "UnavailableError: cannot listen at 127.0.0.1" in server.said()


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("grpc://", '""'),
        ("grpc://localhost", '"localhost"'),
        ("grpc://localhost:x", '"localhost:x"'),
        ("grpc://localhost:99999", '"localhost:99999"'),
        ("grpc://:1", '":1"'),
        ("grpc+tls://h:1,h:2", '"h:1,h:2"'),
    ],
)
def test_what_is_no_address_is_refused(target, text):
    """Row 312."""
    for use in (tf.Session, tf.Session.reset):
        with pytest.raises(
            InvalidArgumentError, match=f"Could not interpret {text} as a host-port pair."
        ):
            use(target)


def test_a_socket_needs_a_whole_path():
    with pytest.raises(InvalidArgumentError, match="path of a socket"):
        tf.Session("unix://s")
