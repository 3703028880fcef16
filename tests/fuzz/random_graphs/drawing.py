"""Random graphs, drawn kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from random_graphs import arithmetic, branching, moving, state
from random_graphs.data import Graph, Value
from random_graphs.properties import some_data

COMPUTING: tuple[Callable[[Graph, Random], None], ...] = (
    arithmetic.smooth,
    arithmetic.growing,
    arithmetic.piecewise,
    arithmetic.square,
    arithmetic.positive,
    arithmetic.jumping,
    arithmetic.arithmetic,
    arithmetic.arithmetic,
    arithmetic.division,
    arithmetic.comparison,
    arithmetic.logic,
    arithmetic.selection,
    arithmetic.cast,
    arithmetic.reduction,
    arithmetic.reduction,
    arithmetic.any_all,
    arithmetic.arg_max,
    arithmetic.softmax,
    arithmetic.running,
    arithmetic.product_of_matrices,
    moving.reshape,
    moving.transpose,
    moving.concat,
    moving.pack,
    moving.unpack,
    moving.split,
    moving.part,
    moving.strided,
    moving.gather,
    moving.tile,
    moving.pad,
    moving.reverse,
    moving.expand,
    moving.squeeze,
    moving.broadcast,
    moving.from_shape,
    moving.one_hot,
)
#: Drawn alike, so a kind that is there three times is drawn three times as often.
KINDS: tuple[Callable[[Graph, Random], None], ...] = (
    *COMPUTING,
    branching.conditional(COMPUTING),
    branching.conditional(COMPUTING),
    branching.conditional(COMPUTING),
    state.variable,
    state.variable,
    state.variable,
    state.read,
    state.read,
    state.write,
    state.write,
    state.write,
)


def random_graph(random: Random) -> Graph:
    """Return a graph of 1 to 30 nodes beside its placeholders and the last reads of variables."""
    graph = Graph()
    for _ in range(random.randint(1, 3)):
        _placeholder(graph, random)
    wanted = len(graph.nodes) + random.randint(1, 30)
    while len(graph.nodes) < wanted:
        before = len(graph.nodes)
        random.choice(KINDS)(graph, random)
        last = graph.nodes[-1]
        # A variable waits for nothing: its initial value needs no feeds.
        waits = last.given is None and last.op != "Merge"
        if len(graph.nodes) > before and waits and random.random() < 0.1:
            last.control.append(random.choice([i for i in range(before) if i not in graph.inner]))
    for variable in graph.variables:
        state.read_one(graph, variable)
    return graph


def _placeholder(graph: Graph, random: Random) -> None:
    shape = tuple(random.choice((1, 2, 3, 4)) for _ in range(random.choice((0, 1, 2, 2, 3))))
    dtype = random.choice(("float32", "float32", "float64", "int32"))
    static = random.choice((None, [d if random.random() < 0.6 else None for d in shape], shape))
    static = None if static is None else list(static)
    value, given = Value(dtype, shape, 4, 6), some_data(random, shape, dtype)
    graph.add("Placeholder", [], value, given=given, dtype=dtype, shape=static)
