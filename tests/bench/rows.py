"""The rows: programs written once against `tf`, and the same work written by hand."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

MODELS: Final = Path(__file__).parents[2] / "conformance/evergraph_conformance/models"

Step = Callable[[], Any]


@dataclass(frozen=True)
class Size:
    """How large the work is."""

    nodes: int = 20_000
    operations: int = 2_000
    chain: int = 1_000
    elements: int = 1 << 22
    transfer: int = 1 << 20
    batch: int = 128


FULL: Final = Size()
TINY: Final = Size(nodes=40, operations=20, chain=10, elements=64, transfer=64, batch=2)


@dataclass(frozen=True)
class Prepared:
    """A step that is timed one call at a time.

    Attributes:
      before: what is done, outside the measurement, before every call.
      step: takes what `before` returns.
    """

    before: Callable[[], Any]
    step: Callable[[Any], Any]


@dataclass(frozen=True)
class Api:
    """What a program is written against.

    Attributes:
      tf: `evergraph.v1`, or `tensorflow.compat.v1` after `disable_v2_behavior()`.
      config: the ConfigProto of its sessions.
    """

    tf: Any
    config: Any

    def session(self, graph: Any) -> Any:
        """Return a session that runs a graph."""
        return self.tf.Session(graph=graph, config=self.config)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
      name: what the command line calls it.
      title: what the table calls it.
      program: builds the work against an API, and returns the step to measure.
      by_hand: the same step by library: `numpy`, `jax`.
      targets: ratios not to exceed: to TensorFlow by backend (`numpy`), and to the work written by
        hand (`numpy by hand`).
      clock: what is compared: `cpu`, or `wall` where another process works as well.
    """

    name: str
    title: str
    program: Callable[[Api, Size], Step | Prepared]
    by_hand: Mapping[str, Callable[[Size], Step]] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    clock: str = "cpu"


# One formula, for `tf`, NumPy and JAX ------------------------------------------------------------

#: From a module, a size and inputs to outputs.
Formula = Callable[..., Any]
Inputs = Callable[[Size], Sequence[Any]]


def formula_row(
    name: str, title: str, formula: Formula, inputs: Inputs, door: str = "run", **targets: float
) -> Row:
    """Return the row of a formula that is fed with `inputs`, through `run` or `make_callable`."""

    def program(api: Api, size: Size) -> Step:
        values = inputs(size)
        graph = api.tf.Graph()
        with graph.as_default():
            fed = [api.tf.placeholder(api.tf.float32, np.shape(v)) for v in values]
            fetches = formula(api.tf, size, *fed)
        session = api.session(graph)
        if door == "run":
            return lambda: session.run(fetches, dict(zip(fed, values, strict=True)))
        function = session.make_callable(fetches, fed)
        return lambda: function(*values)

    def numpy_by_hand(size: Size) -> Step:
        values = inputs(size)
        if all(isinstance(v, float) for v in values):
            return lambda: formula(np, size, *map(np.float32, values))
        return lambda: formula(np, size, *values)

    def jax_by_hand(size: Size) -> Step:
        import jax
        import jax.numpy as jnp

        values = inputs(size)
        function = jax.jit(lambda *fed: formula(jnp, size, *fed))
        return lambda: own_copy(function(*values))

    by_hand = {"numpy": numpy_by_hand, "jax": jax_by_hand}
    return Row(name, title, program, by_hand, {k.replace("_", " "): v for k, v in targets.items()})


def own_copy(value: Any) -> Any:
    """Return NumPy arrays that may be written to, as `run` gives them."""
    if isinstance(value, dict):
        return {k: np.array(v) for k, v in value.items()}
    return [np.array(v) for v in value] if isinstance(value, list) else np.array(value)


def small(m: Any, size: Size, a: Any, b: Any) -> Any:
    return a * b + a


def list_of_ten(m: Any, size: Size, x: Any) -> Any:
    return [x + float(i) for i in range(10)]


def dict_of_ten(m: Any, size: Size, x: Any) -> Any:
    return {f"y{i}": x + float(i) for i in range(10)}


def scalar_chain(m: Any, size: Size, x: Any) -> Any:
    # Not `y + 1`: both TensorFlow and XLA would add the ones beforehand.
    y = x
    for _ in range(size.chain):
        y = y + x
    return y


def elementwise_chain(m: Any, size: Size, x: Any) -> Any:
    y = m.abs(x * 2.0 + 1.0)
    y = m.sqrt(y + 0.5) - x
    y = m.maximum(m.minimum(y, 3.0), -3.0)
    y = m.square(y) * x - y
    y = m.abs(y) / (m.square(x) + 1.0)
    return m.negative(y * 0.5)


def perceptron(m: Any, size: Size, x: Any) -> Any:
    for weights, bias in layers():
        x = m.maximum(m.matmul(x, weights) + bias, 0.0)
    return x


@cache
def layers() -> list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """Return the weights and biases of the perceptron."""
    widths = itertools.pairwise((784, 256, 256, 10))
    return [
        (random(i, rows, columns) / 16, random(i, columns))
        for i, (rows, columns) in enumerate(widths)
    ]


def one_element(m: Any, size: Size, x: Any) -> Any:
    return x[7]


def random(seed: int, *shape: int) -> np.ndarray[Any, Any]:
    """Return the same normally distributed float32 values every time."""
    values = np.random.default_rng(seed).standard_normal(shape, np.float32)
    # They begin 16 bytes after a multiple of 64, as NumPy's own large arrays mostly do. JAX copies
    # those but not what begins at the multiple, so this must not be left to chance.
    room = np.empty(values.size + 32, np.float32)
    start = (16 - room.ctypes.data) % 64 // 4
    placed = room[start : start + values.size].reshape(shape)
    placed[...] = values
    return placed


# Large fetches -----------------------------------------------------------------------------------


def big_fetch(api: Api, size: Size) -> Step:
    graph = api.tf.Graph()
    with graph.as_default():
        fetch = api.tf.constant(random(0, size.transfer))
    session = api.session(graph)
    return lambda: session.run(fetch)


def numpy_big_fetch(size: Size) -> Step:
    return random(0, size.transfer).copy


def jax_big_fetch(size: Size) -> Step:
    import jax.numpy as jnp

    value = jnp.asarray(random(0, size.transfer))
    return lambda: np.array(value)


# Large graphs ------------------------------------------------------------------------------------

FEED: Final = np.ones([2, 4], np.float32)


def grown(tf: Any, nodes: int, first: float = 1.0) -> tuple[Any, Any, Any]:
    """Return a graph of so many nodes, its placeholder and its last tensor."""
    graph = tf.Graph()
    with graph.as_default():
        x = y = tf.placeholder(tf.float32, [None, 4], name="x")
        for i in range(nodes // 2):
            y = tf.add(y, tf.constant([first, 2.0, 3.0, 4.0], name=f"c{i}"), name=f"add{i}")
    return graph, x, y


def build(api: Api, size: Size) -> Step:
    return lambda: grown(api.tf, size.nodes)[2].name


def export(api: Api, size: Size) -> Step:
    graph, _, _ = grown(api.tf, size.nodes)
    return lambda: len(graph.as_graph_def().node)


def import_graph(api: Api, size: Size) -> Step:
    graph, _, last = grown(api.tf, size.nodes)
    graph_def = graph.as_graph_def()

    def step() -> str:
        with api.tf.Graph().as_default() as imported:
            api.tf.import_graph_def(graph_def, name="")
        return str(imported.get_tensor_by_name(last.name).name)

    return step


def first_run(api: Api, size: Size) -> Prepared:
    # Other numbers every time, so that nothing compiled for an earlier graph fits.
    numbers = itertools.count(1)

    def before() -> Callable[[], Any]:
        graph, x, last = grown(api.tf, size.nodes, float(next(numbers)))
        session = api.session(graph)
        return lambda: session.run(last, {x: FEED})

    return Prepared(before, lambda run: run())


def new_fetches(api: Api, size: Size) -> Prepared:
    tf = api.tf
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, 4])
        tensors = [x]
        for i in range(size.operations):
            y = tensors[-1]
            tensors.append((y + x, y * 0.5, tf.tanh(y), tf.maximum(y, x))[i % 4])
    session = api.session(graph)
    sets = itertools.combinations(tensors[1:-1], 2)
    return Prepared(
        lambda: [tensors[-1], *next(sets)], lambda fetches: session.run(fetches, {x: FEED})
    )


def two_more_nodes(api: Api, size: Size) -> Prepared:
    graph, x, last = grown(api.tf, size.nodes)
    session = api.session(graph)
    session.run(last, {x: FEED})

    def step(_: None) -> Any:
        with graph.as_default():
            y = api.tf.add(x, api.tf.constant(1.0))
        return session.run(y, {x: FEED})

    return Prepared(lambda: None, step)


# Frozen graphs -----------------------------------------------------------------------------------


def model_row(name: str, title: str, **targets: float) -> Row:
    """Return the row of a model of the conformance kit: its first step, through `run`."""

    def program(api: Api, size: Size) -> Step:
        folder = MODELS / name
        graph_def = api.tf.GraphDef.FromString((folder / "graph.pb").read_bytes())
        graph = api.tf.Graph()
        with graph.as_default():
            api.tf.import_graph_def(graph_def, name="")
        first = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["program"][0]
        inputs = np.load(folder / "inputs.npz")
        feeds = {tensor: inputs[key] for tensor, key in first["feeds"].items()}
        fetches = list(first["fetches"])
        session = api.session(graph)
        return lambda: session.run(fetches, feeds)

    return Row(name, title, program, targets=targets)


# The table ---------------------------------------------------------------------------------------

#: What a JAX step may cost beside the same step written by hand; a tiny one is all overhead.
BY_HAND: Final = 1.05
TINY_BY_HAND: Final = 1.25

ROWS: Final = [
    formula_row(
        "run",
        "`run` of a small step: 2 scalars fed, 1 fetched",
        small,
        lambda size: (2.0, 3.0),
        numpy=0.15,
        jax=0.3,
        jax_by_hand=TINY_BY_HAND,
    ),
    formula_row(
        "callable",
        "`make_callable` of the same",
        small,
        lambda size: (2.0, 3.0),
        "make_callable",
        numpy=0.1,
        jax=0.3,
        jax_by_hand=TINY_BY_HAND,
    ),
    formula_row("list", "a list of 10 fetched, 1 scalar fed", list_of_ten, lambda size: (2.0,)),
    formula_row("dict", "a dict of 10 fetched, 1 scalar fed", dict_of_ten, lambda size: (2.0,)),
    formula_row(
        "chain",
        "chain of 1000 scalar adds",
        scalar_chain,
        lambda size: (2.0,),
        "make_callable",
        numpy=0.3,
        jax=0.3,
        jax_by_hand=TINY_BY_HAND,
    ),
    Row("build", "build 20,000 nodes", build, targets={"numpy": 0.5, "jax": 0.5}),
    Row("export", "`as_graph_def` of them", export),
    Row("import", "`import_graph_def` of them", import_graph, targets={"numpy": 0.5, "jax": 0.5}),
    Row("first-run", "first run of them", first_run),
    Row(
        "new-fetches", "new set of fetches of a graph of 2,000", new_fetches, targets={"numpy": 0.1}
    ),
    Row(
        "two-nodes",
        "2 nodes, alike every time, added to 20,000 and run",
        two_more_nodes,
        targets={"numpy": 0.1},
    ),
    model_row("a_mobilenet_v2_035_64", "MobileNetV2 0.35, 64 x 64", numpy=3.0, jax=1.2),
    model_row("e_mobilenet_v1_025_128", "MobileNetV1 0.25, 128 x 128", numpy=3.0, jax=1.2),
    model_row("b_bert_small", "BERT-like encoder"),
    model_row("e_hey_snips", "wake-word detector, dilated convolutions"),
    formula_row(
        "perceptron",
        "784-256-256-10 perceptron, batch of 128",
        perceptron,
        lambda size: (random(9, size.batch, 784),),
        jax_by_hand=BY_HAND,
    ),
    formula_row(
        "elementwise",
        "chain of 17 elementwise operations on 4M floats, fed and fetched",
        elementwise_chain,
        lambda size: (random(9, size.elements),),
        numpy=0.65,
        jax=0.5,
        jax_by_hand=BY_HAND,
    ),
    formula_row(
        "big-feed",
        "4 MB fed, 1 element fetched",
        one_element,
        lambda size: (random(9, size.transfer),),
    ),
    Row("big-fetch", "4 MB fetched", big_fetch, {"numpy": numpy_big_fetch, "jax": jax_big_fetch}),
]
