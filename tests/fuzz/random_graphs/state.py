"""Kinds of nodes that have to do with variables.

Whatever reads a variable waits for the write before, and a write for the reads before: so the
values are what TensorFlow defines, in whatever order else the nodes run."""

from __future__ import annotations

from random import Random

from random_graphs.data import Constant, Graph, Value, Variable
from random_graphs.properties import limited, some_data, usable


def variable(graph: Graph, random: Random) -> None:
    """A variable for values such as one that is there."""
    x = graph.pick(random, usable)
    if x is None:
        return
    shape, dtype = graph.values[x].shape, graph.values[x].dtype
    resource = random.random() < 0.5
    state = graph.add(
        "VarHandleOp" if resource else "VariableV2",
        [],
        Value("resource" if resource else "ref", (), 0, None),
        given=some_data(random, shape, dtype),
        dtype=dtype,
        shape=list(shape),
        shared_name=f"v{len(graph.variables)}",
    )
    graph.variables.append(Variable(state, Value(dtype, shape, 4, 6)))


def read(graph: Graph, random: Random) -> None:
    if graph.variables:
        read_one(graph, random.choice(graph.variables))


def read_one(graph: Graph, v: Variable) -> None:
    """The value of a variable; of a reference one plus 1, for it is read where it is used."""
    control, value = list(v.written), v.value
    v.read.append(len(graph.nodes))
    if graph.values[v.state].dtype == "resource":
        graph.add("ReadVariableOp", [v.state], value, control=control, dtype=value.dtype)
        return
    more = Value(value.dtype, value.shape, value.bound + 1, _sum(value, 4))
    one = Constant.of(1, value.dtype)
    graph.add("AddV2", [v.state, one], more, control=control)


def write(graph: Graph, random: Random) -> None:
    if not graph.variables:
        return
    v = random.choice(graph.variables)
    old = v.value
    x = graph.pick(random, lambda w: w.dtype == old.dtype and w.shape == old.shape and usable(w))
    new = Value(old.dtype, old.shape, 4, 6) if x is None else graph.values[x]
    given = some_data(random, old.shape, old.dtype) if x is None else x
    change = random.choice(("", "Add", "Sub")) if usable(old) else ""
    control = sorted({*v.written, *v.read})
    v.written, v.read = [len(graph.nodes)], []
    v.value = new
    if change:
        v.value = Value(old.dtype, old.shape, old.bound + new.bound, _sum(old, new.bits))
    if graph.values[v.state].dtype == "resource":
        op = f"Assign{change}VariableOp"
        graph.add(op, [v.state, given], control=control)
    else:
        ref = Value("ref", (), 0, None)
        graph.add(f"Assign{change}", [v.state, given], ref, control=control)


def _sum(v: Value, bits: int | None) -> int | None:
    return None if v.bits is None or bits is None else limited(max(v.bits, bits) + 1)
