"""Random graphs: TensorFlow's values where they are recorded, and the same on every way to them."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evergraph.v1 as tf

HERE = Path(__file__).parent
RECORDED = json.loads(gzip.decompress((HERE / "random_graphs.json.gz").read_bytes()))
PUSH, LONG = 50, 2000
IS_LONG = os.environ.get("EVERGRAPH_TESTS") == "long"
#: A test each, so that several processes share the work, and none takes minutes.
PARTS = range(20 if IS_LONG else 2)
BACKENDS = ["numpy", *(["jax"] if importlib.util.find_spec("jax") else [])]


def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("random_graphs", HERE / "random_graphs.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["random_graphs"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


generator = _generator()


def _recorded() -> list[Any]:
    """Return every recorded graph on NumPy, and a third of them elsewhere: compiling takes time."""
    step = 1 if IS_LONG else 3
    found = [(number, BACKENDS[0]) for number in range(len(RECORDED))]
    return found + [(n, b) for b in BACKENDS[1:] for n in range(0, len(RECORDED), step)]


@pytest.mark.parametrize(("number", "backend"), _recorded())
def test_the_values_are_tensorflows(number, backend):
    recorded = RECORDED[number]
    nodes = generator.from_json(recorded["nodes"])
    found = outcome(nodes, recorded["kept"], backend)
    if "error" in recorded:
        assert found == recorded["error"]
        return
    assert isinstance(found, list), found
    for value, (dtype, shape, data), bound in zip(
        found, recorded["values"], recorded["bounds"], strict=True
    ):
        want = generator.Constant(dtype, tuple(shape), data).array()
        assert not difference(value, want, bound)


@pytest.mark.parametrize("part", PARTS)
def test_every_way_gives_the_same(part, sample):
    for i in range(sample.count(PUSH, LONG) // len(PARTS)):
        graph = generator.random_graph(sample.random("graph", part, i))
        wanted = list(range(len(graph.values)))
        label = f"graph {i} of part {part}: {' '.join(n.op for n in graph.nodes)}; {sample}"
        whole = outcome(graph.nodes, wanted, "numpy")
        one_by_one = by_node(graph.nodes, "numpy")
        failed = [value for value in one_by_one if isinstance(value, str)]
        if isinstance(whole, str):
            assert whole in failed, label
        else:
            assert not failed, label
            check_same(graph, one_by_one, whole, f"node by node, {label}")
        for backend in BACKENDS[1:]:
            found = outcome(graph.nodes, wanted, backend)
            if isinstance(whole, str) or isinstance(found, str):
                assert found == whole, f"{backend}, {label}"
            else:
                check_same(graph, found, whole, f"{backend}, {label}")


def outcome(nodes: Any, wanted: list[int], backend: str) -> Any:
    """Return the values wanted, or the name of the error's class."""
    with tf.Graph().as_default() as graph:
        values, feeds = generator.build(tf, nodes)
        with tf.Session(graph=graph, config=tf.ConfigProto(backend=backend)) as session:
            try:
                return session.run([values[i] for i in wanted], feeds)
            except tf.errors.OpError as error:
                return type(error).__name__


def by_node(nodes: Any, backend: str) -> list[Any]:
    """Return every value, run on its own, or the name of its error's class."""
    found: list[Any] = []
    with tf.Graph().as_default() as graph:
        values, feeds = generator.build(tf, nodes)
        with tf.Session(graph=graph, config=tf.ConfigProto(backend=backend)) as session:
            for value in values:
                try:
                    found.append(session.run(value, feeds))
                except tf.errors.OpError as error:
                    found.append(type(error).__name__)
    return found


def check_same(graph: Any, found: list[Any], whole: list[Any], label: str) -> None:
    for i, (a, b) in enumerate(zip(found, whole, strict=True)):
        problem = difference(a, b, graph.values[i].bound)
        assert not problem, f"value {i}, {problem}, {label}"


def difference(found: Any, want: Any, bound: float) -> str:
    """Return how two values differ, or "".

    An error grows with the values on the way to a value, not with the value itself: after a
    subtraction, it may be larger than that.
    """
    found, want = np.asarray(found), np.asarray(want)
    if found.dtype != want.dtype or found.shape != want.shape:
        return f"{found.dtype}{found.shape} instead of {want.dtype}{want.shape}"
    if want.dtype.kind != "f":
        return "" if np.array_equal(found, want) else f"{found} instead of {want}"
    precision = 1e-5 if want.dtype == np.float32 else 1e-11
    scale = min(bound, 1e4)
    if np.allclose(found, want, 10 * precision, precision * scale, equal_nan=True):
        return ""
    return f"{found} instead of {want}"
