"""Conditionals: Switch nodes, nodes of two branches, and a Merge.

Values inside are used in their branch alone. What a branch writes happens before its result, so
who comes later waits for the Merge."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from random_graphs.data import Constant, Graph, Value, Variable
from random_graphs.properties import exact, limited, usable

#: Draws one node, or none.
Kind = Callable[[Graph, Random], None]


def conditional(kinds: tuple[Kind, ...]) -> Kind:
    """Return a kind of nodes: a conditional of nodes of other kinds, or of its own."""

    def draw(graph: Graph, random: Random) -> None:
        x = graph.pick(random, usable)
        p = None if x is None else _predicate(graph, random)
        if x is None or p is None:
            return
        value = graph.values[x]
        outside = graph.inside
        results: list[int] = []
        changed: list[Variable] = []
        first = len(graph.nodes)
        graph.inside = []
        switch = graph.add("Switch", [x, p], value, value)
        for branch in (0, 1):
            graph.inside = [switch + branch]
            start = len(graph.nodes)
            for _ in range(random.randint(0, 3)):
                random.choice((*kinds, draw))(graph, random)
            _write(graph, random)
            writes = sorted({n for v in graph.variables for n in v.written if n >= start})
            for v in graph.variables:
                before = [n for n in v.written if n < start]
                changed += [v] if v.written != before else []
                v.written = before
            same = [i for i in graph.inside if _alike(graph.values[i], value)]
            result = random.choice(same)
            results.append(graph.add("Identity", [result], graph.values[result], control=writes))
        graph.inner.update(range(first, len(graph.nodes)))
        graph.inside = outside
        ends = [graph.values[i] for i in results]
        bits = None if None in [v.bits for v in ends] else max(v.bits or 0 for v in ends)
        both = Value(value.dtype, value.shape, max(v.bound for v in ends), bits)
        graph.add("Merge", [results], both, Value("int32", (), 1, 1))
        for v in {v.state: v for v in changed}.values():
            # The Merge does not wait for what happened before a branch that was not taken.
            v.written.append(len(graph.nodes) - 1)

    return draw


def _alike(one: Value, other: Value) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and usable(one)


def _predicate(graph: Graph, random: Random) -> int | None:
    """Return a scalar bool that there is, or that is computed of what there is."""
    p = graph.pick(random, lambda v: v.dtype == "bool" and not v.shape)
    if p is not None and random.random() < 0.5:
        return p
    x = graph.pick(random, exact)
    if x is None:
        return p
    v = graph.values[x]
    zero = Constant.of(0, v.dtype)
    op = random.choice(("Less", "GreaterEqual"))
    above = graph.add(op, [x, zero], Value("bool", v.shape, 1, 1))
    axes = Constant.of(list(range(len(v.shape))), "int32")
    return graph.add(random.choice(("Any", "All")), [above, axes], Value("bool", (), 1, 1))


def _write(graph: Graph, random: Random) -> None:
    """Now and then, let a branch write a variable."""
    if not graph.variables or random.random() < 0.5:
        return
    v = random.choice(graph.variables)
    old = v.value
    x = graph.pick(random, lambda w: w.dtype == old.dtype and w.shape == old.shape and usable(w))
    if x is None or not usable(old):
        return
    new = graph.values[x]
    bits = None if old.bits is None or new.bits is None else limited(max(old.bits, new.bits) + 1)
    # Whether it happens is not known: the bound is that of both.
    v.value = Value(old.dtype, old.shape, old.bound + new.bound, bits)
    control = sorted({*v.written, *v.read})
    v.written = [*v.written, len(graph.nodes)]
    if graph.values[v.state].dtype == "resource":
        graph.add("AssignAddVariableOp", [v.state, x], control=control)
    else:
        graph.add("AssignAdd", [v.state, x], Value("ref", (), 0, None), control=control)
