"""Random graphs: TensorFlow's values where they are recorded, and the same on every way to them."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
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
    folder = HERE / "random_graphs"
    spec = importlib.util.spec_from_file_location(folder.name, folder / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[folder.name] = module  # its modules import one another
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
        random = sample.random("graph", part, i)
        graph = generator.random_graph(random)
        label = f"graph {i} of part {part}: {' '.join(n.op for n in graph.nodes)}; {sample}"
        whole = outcome(graph.nodes, graph.fetchable, "numpy")
        one_by_one = by_node(graph, "numpy")
        failed = [value for value in one_by_one if isinstance(value, str)]
        if isinstance(whole, str):
            assert whole in failed, label
        else:
            assert not failed, label
            check_same(graph, one_by_one, whole, f"node by node, {label}")
        for name, way in WAYS.items():
            found = way(graph, random)
            if isinstance(whole, str) or isinstance(found, str):
                assert found == whole, f"{name}, {label}"
            else:
                check_same(graph, found, whole, f"{name}, {label}")


def outcome(nodes: Any, wanted: list[int], backend: str) -> Any:
    """Return the values wanted, or the name of the error's class."""
    with opened(nodes, backend) as (session, built):
        return attempt(lambda: session.run([built.values[i] for i in wanted], built.feeds))


@contextmanager
def opened(nodes: Any, backend: str) -> Iterator[tuple[Any, Any]]:
    """Build a graph, and open a session in which its variables have their initial values."""
    with tf.Graph().as_default() as graph:
        built = generator.build(tf, nodes)
        with tf.Session(graph=graph, config=tf.ConfigProto(backend=backend)) as session:
            session.run(built.initializers)
            yield session, built


def attempt(run: Callable[[], Any]) -> Any:
    """Return what a run gives, or the name of its error's class."""
    try:
        return run()
    except tf.errors.OpError as error:
        return type(error).__name__


def by_node(graph: Any, backend: str) -> list[Any]:
    """Return every value, run on its own, with the variables as they were at first."""
    found: list[Any] = []
    with opened(graph.nodes, backend) as (session, built):
        for i in graph.fetchable:
            session.run(built.initializers)
            found.append(attempt(lambda i=i: session.run(built.values[i], built.feeds)))
    return found


def called(graph: Any, random: Random) -> Any:
    """Call a callable, twice: the second call takes another way."""
    with opened(graph.nodes, "numpy") as (session, built):
        fetches = [built.values[i] for i in graph.fetchable]
        function = session.make_callable(fetches, list(built.feeds))
        first = attempt(lambda: function(*built.feeds.values()))
        session.run(built.initializers)
        second = attempt(lambda: function(*built.feeds.values()))
    if isinstance(first, list) and isinstance(second, list):
        check_same(graph, first, second, "called again")
    return second


def in_another_order(graph: Any, random: Random) -> Any:
    """Run the same graph, imported with its nodes in another order that is legal."""
    with tf.Graph().as_default() as first:
        built = generator.build(tf, graph.nodes)
    nodes = {node.name: node for node in first.as_graph_def().node}
    waits = {
        name: {i.removeprefix("^").split(":")[0] for i in node.input}
        for name, node in nodes.items()
    }
    shuffled = tf.GraphDef(versions=first.as_graph_def().versions)
    while waits:
        name = random.choice([name for name, before in waits.items() if not before & set(waits)])
        shuffled.node.append(nodes[name])
        del waits[name]
    with tf.Graph().as_default() as second:
        tf.import_graph_def(shuffled, name="")
        with tf.Session(graph=second, config=tf.ConfigProto(backend="numpy")) as session:
            session.run([op.name for op in built.initializers])
            fetches = [built.values[i].name for i in graph.fetchable]
            feeds = {tensor.name: value for tensor, value in built.feeds.items()}
            return attempt(lambda: session.run(fetches, feeds))


def in_parts(graph: Any, random: Random, backend: str = "numpy") -> Any:
    """Feed one placeholder after the other, and fetch now and then some of what is there."""
    with opened(graph.nodes, backend) as (session, built):
        waits = needs(built)
        rest = [i for i in graph.fetchable if built.values[i] not in built.feeds]
        found = {i: built.feeds.get(built.values[i]) for i in graph.fetchable}
        feeds = list(built.feeds)
        if not rest:
            return list(found.values())
        handle = session.partial_run_setup([built.values[i] for i in rest], feeds)
        random.shuffle(feeds)
        fed: set[Any] = set()
        # Conditionals of one predicate run as one, when the feeds of all of them are there.
        predicates = [n.inputs[1] for n in graph.nodes if n.op == "Switch"]
        apart = len(set(predicates)) == len(predicates)
        while rest:
            count = random.randint(0, 2) if apart else len(feeds)
            more = set(feeds[len(fed) :][:count])
            fed |= more
            last = len(fed) == len(feeds)
            now = [
                i
                for i in rest
                if waits[built.values[i].op] <= fed and (last or random.random() < 0.3)
            ]
            values = attempt(
                lambda now=now, more=more: session.partial_run(
                    handle, [built.values[i] for i in now], {f: built.feeds[f] for f in more}
                )
            )
            if isinstance(values, str):
                return values
            found.update(zip(now, values, strict=True))
            rest = [i for i in rest if i not in now]
        return list(found.values())


def needs(built: Any) -> dict[Any, set[Any]]:
    """Return for each operation the placeholders that it needs."""
    found: dict[Any, set[Any]] = {}
    for op in tf.get_default_graph().get_operations():
        before = [*(t.op for t in op.inputs), *op.control_inputs]
        own = {t for t in op.outputs if t in built.feeds}
        found[op] = own.union(*(found[b] for b in before))
    return found


WAYS: dict[str, Callable[[Any, Random], Any]] = {
    "called": called,
    "in another order": in_another_order,
    "in parts": in_parts,
    **{b: lambda g, _, b=b: outcome(g.nodes, g.fetchable, b) for b in BACKENDS[1:]},
}
if IS_LONG:
    # Every part is compiled on its own.
    WAYS |= {f"in parts, {b}": lambda g, r, b=b: in_parts(g, r, b) for b in BACKENDS[1:]}


def check_same(graph: Any, found: list[Any], whole: list[Any], label: str) -> None:
    for i, a, b in zip(graph.fetchable, found, whole, strict=True):
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
