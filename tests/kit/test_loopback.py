"""Sessions of a target that a plugin offers: the kit passes through `loopback://`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import evergraph.v1 as tf

SUITES = (
    "aliasing callable feed feed_keys fetch page_run partial_run queues run_errors session_life "
    "variable_sharing variables"
)


@pytest.fixture
def loopback(install, monkeypatch):
    """The plugin, installed."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    install("evergraph-loopback", "[evergraph.plugins]\nloopback = evergraph_loopback.plugin\n")


@pytest.mark.parametrize("backend", ["numpy"])
def test_the_kit_passes_through_bytes(loopback, kit, backend):
    suites = [f"--suite={suite}" for suite in SUITES.split()]
    done = kit(backend, "--target=loopback://", *suites)
    assert not done.returncode, done.stdout[-4000:]


def test_a_session_of_a_target_runs_there(loopback):
    with tf.Graph().as_default(), tf.Session("loopback://here") as sess:
        v = tf.get_variable("v", initializer=2.0)
        sess.run(v.initializer)
        assert sess.run(v.assign_add(1.0) * 2.0) == 6.0
        assert sess.run(v) == 3.0
        assert sess.sess_str == b"loopback://here"
        assert type(sess._engine) is sys.modules["evergraph_loopback.engine"].LoopbackEngine


@pytest.mark.parametrize("target", ["loop://here", "loopback", "loopback:"])
def test_other_targets_are_not_found(loopback, target):
    for attempt in (lambda: tf.Session(target, graph=tf.Graph()), lambda: tf.Session.reset(target)):
        with pytest.raises(tf.errors.NotFoundError, match="No session factory registered") as found:
            attempt()
        assert "{GRPC_SESSION, LOOPBACK_SESSION, DIRECT_SESSION}." in found.value.message


def test_resetting_a_target_leaves_other_sessions_alone(loopback):
    with tf.Graph().as_default():
        one = tf.constant(1.0)
        with tf.Session("loopback://a") as a, tf.Session("loopback://b") as b, tf.Session() as c:
            tf.Session.reset("loopback://a")
            assert (b.run(one), c.run(one)) == (1.0, 1.0)
            with pytest.raises(tf.errors.CancelledError):
                a.run(one)
