"""A backend that compiles regions, and claims some op types and element types, passes the kit."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph.errors import MissingKernelError

ENTRY = "[evergraph.backends]\nonnx = evergraph_onnx.plugin\n"


@pytest.fixture
def onnx(install, monkeypatch):
    """The backend, installed; and what opens its sessions, with options."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    install("evergraph-onnx", ENTRY)

    def open_session(**options):
        return tf.Session(config=tf.ConfigProto(backend="onnx", backend_options=options))

    with tf.Graph().as_default():
        yield open_session


@pytest.mark.timeout(900)
def test_the_kit_passes_on_what_it_claims(onnx, kit):
    done = kit("onnx")
    assert not done.returncode, done.stdout[-4000:]


def test_it_imports_nothing_of_the_core_but_the_contract():
    imported = set()
    for path in (Path(__file__).parent / "evergraph_onnx").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module)
    assert {m for m in imported if m.split(".")[0] == "evergraph"} == {"evergraph.plugin"}


def test_host_nodes_divide_a_step_into_regions(onnx):
    x = tf.placeholder(tf.int32, [None], "x")
    distinct, _ = tf.unique(x * 2, name="distinct")
    y = tf.add(distinct, 1, name="y")
    with onnx() as sess:
        assert sess.run(y, {x: [3, 1, 3]}).tolist() == [7, 3]
        nodes = [n for n in sess.explain(y, [x]).nodes if n.where != "folded"]
        assert [(n.name, n.where, n.region) for n in nodes] == [
            ("mul", "onnx", 0),
            ("distinct", "host", 1),
            ("y", "onnx", 2),
        ]


def test_an_element_type_that_is_not_claimed_is_refused(onnx):
    x = tf.placeholder(tf.float64, [], "x")
    y = tf.add(x, tf.cosh(x), name="y")
    with onnx() as sess, pytest.raises(MissingKernelError) as caught:
        sess.run(y, {x: 0.0})
    assert "no kernel for AddV2 of float64 (node 'y'" in caught.value.message
    assert "and Cosh (node 'Cosh'" in caught.value.message
    assert (caught.value.ops, caught.value.dtypes) == ({"Cosh"}, {"float64"})


def test_an_element_type_that_is_not_claimed_may_run_on_the_host(onnx):
    x = tf.placeholder(tf.float64, [2], "x")
    y = tf.cast(x + 1.0, tf.float32) * 2.0
    with onnx(host="any") as sess:
        assert sess.run(y, {x: [0.0, 0.5]}).tolist() == [2.0, 3.0]
        where = [(n.type, n.where) for n in sess.explain(y, [x]).nodes if n.where != "folded"]
        assert where == [("AddV2", "host"), ("Cast", "host"), ("Mul", "onnx")]


def test_what_follows_from_shapes_needs_no_kernel(onnx):
    x = tf.placeholder(tf.float64, [None, None], "x")
    with onnx() as sess:
        sizes = sess.run([tf.shape(x), tf.size(x) * 2], {x: np.zeros((2, 3))})
        assert [s.tolist() for s in sizes] == [[2, 3], 12]
