"""Kinds of nodes that compute: each adds a node, or none where nothing fits."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from random import Random
from typing import Any

import numpy as np

from random_graphs.data import LARGE, Constant, Graph, Value
from random_graphs.properties import (
    exact,
    inexact,
    is_float,
    limited,
    more_bits,
    some_data,
    usable,
)


def smooth(graph: Graph, random: Random) -> None:
    """A function of one float whose slope is bounded."""
    x = graph.pick(random, is_float)
    if x is not None:
        v = graph.values[x]
        ops = ("Tanh", "Sigmoid", "Sin", "Cos", "Erf", "Atan", "Softsign")
        bounded = random.choice(ops if v.bound <= LARGE else ("Tanh", "Sigmoid", "Atan"))
        graph.add(bounded, [x], inexact(v, 2))


def growing(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: is_float(v) and v.bound <= 4)
    if x is not None:
        op = random.choice(("Exp", "Expm1", "Softplus", "Elu", "Sinh"))
        graph.add(op, [x], inexact(graph.values[x], 60))


def piecewise(graph: Graph, random: Random) -> None:
    """A function of one number without a jump, exact on exact values."""
    x = graph.pick(random, usable)
    if x is not None:
        v = graph.values[x]
        float_only = ("Relu", "Relu6") if is_float(v) else ()
        graph.add(random.choice(("Neg", "Abs", *float_only)), [x], v)


def square(graph: Graph, random: Random) -> None:
    x = graph.pick(random, usable)
    if x is not None:
        v = graph.values[x]
        bits = None if v.bits is None else limited(2 * v.bits)
        graph.add("Square", [x], Value(v.dtype, v.shape, v.bound**2, bits))


def positive(graph: Graph, random: Random) -> None:
    """A function of positive numbers that are not small."""
    x = graph.pick(random, lambda v: is_float(v) and v.bound <= LARGE)
    if x is None:
        return
    v = graph.values[x]
    size = graph.add("Abs", [x], v)
    moved = Value(v.dtype, v.shape, v.bound + 1, None)
    x = graph.add("AddV2", [size, Constant.of(0.5, v.dtype)], moved)
    op = random.choice(("Sqrt", "Rsqrt", "Log", "Log1p", "Reciprocal"))
    graph.add(op, [x], inexact(v, v.bound + 2))


def jumping(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: is_float(v) and exact(v))
    if x is not None:
        v = graph.values[x]
        op = random.choice(("Floor", "Ceil", "Round", "Rint", "Sign"))
        graph.add(op, [x], Value(v.dtype, v.shape, v.bound + 1, v.bits))


def _other(graph: Graph, random: Random, x: int, accept: Callable[[Value], bool]) -> Any:
    """Return a second operand: a value that broadcasts with the first, or a constant."""
    v = graph.values[x]
    y = graph.pick(
        random,
        lambda w: w.dtype == v.dtype and accept(w) and _broadcast(v.shape, w.shape) is not None,
    )
    if y is not None and random.random() < 0.8:
        return y, graph.values[y]
    shape = tuple(random.choice((d, d, 1)) for d in v.shape[random.randint(0, len(v.shape)) :])
    return some_data(random, shape, v.dtype), Value(v.dtype, shape, 4, 6)


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        shape = np.broadcast_shapes(a, b)
    except ValueError:
        return None
    return shape if prod(shape) <= 256 else None


def arithmetic(graph: Graph, random: Random) -> None:
    x = graph.pick(random, usable)
    if x is None:
        return
    v = graph.values[x]
    y, w = _other(graph, random, x, usable)
    op = random.choice(("AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"))
    bits = None
    if v.bits is not None and w.bits is not None:
        most = max(v.bits, w.bits) + 1
        bits = limited({"Mul": v.bits + w.bits, "SquaredDifference": 2 * most}.get(op, most))
    bound = {"Mul": v.bound * w.bound, "SquaredDifference": (v.bound + w.bound) ** 2}
    shape = _broadcast(v.shape, w.shape)
    assert shape is not None
    graph.add(op, [x, y], Value(v.dtype, shape, bound.get(op, v.bound + w.bound), bits))


def division(graph: Graph, random: Random) -> None:
    """By a constant away from zero; by one with zeros where the op has an answer for them."""
    x = graph.pick(random, usable)
    if x is None:
        return
    v = graph.values[x]
    ops = [op for op, fits in DIVISIONS.items() if fits(v)]
    if not ops:
        return
    op = random.choice(ops)
    divisors = (-3, -2, 2, 3, 4) if op != "DivNoNan" else (-2, 0, 0.5, 4)
    y = Constant.of(
        np.reshape(
            [random.choice(divisors) for _ in range(v.shape[-1] if v.shape else 1)], v.shape[-1:]
        ),
        v.dtype,
    )
    graph.add(op, [x, y], inexact(v, 2 * v.bound + 4))


DIVISIONS: dict[str, Callable[[Value], bool]] = {
    "RealDiv": is_float,
    "DivNoNan": is_float,
    "FloorDiv": lambda v: exact(v) and not is_float(v),
    "FloorMod": lambda v: exact(v) and not is_float(v),
    "TruncateDiv": lambda v: exact(v) and not is_float(v),
}


def comparison(graph: Graph, random: Random) -> None:
    x = graph.pick(random, exact)
    if x is not None:
        v = graph.values[x]
        y, w = _other(graph, random, x, exact)
        op = random.choice(("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"))
        graph.add(op, [x, y], Value("bool", _broadcast(v.shape, w.shape) or (), 1, 1))


def _is_bool(v: Value) -> bool:
    return v.dtype == "bool"


def logic(graph: Graph, random: Random) -> None:
    x = graph.pick(random, _is_bool)
    if x is None:
        return
    v = graph.values[x]
    y = graph.pick(random, lambda w: _is_bool(w) and w.shape == v.shape)
    op = random.choice(("LogicalAnd", "LogicalOr", "LogicalNot"))
    graph.add(op, [x] if op == "LogicalNot" else [x, y], v)


def selection(graph: Graph, random: Random) -> None:
    c = graph.pick(random, _is_bool)
    x = graph.pick(random, usable)
    if c is None or x is None:
        return
    v = graph.values[x]
    y, w = _other(graph, random, x, usable)
    inner = _broadcast(v.shape, w.shape)
    shape = None if inner is None else _broadcast(inner, graph.values[c].shape)
    if shape is None:
        return
    bits = None if v.bits is None or w.bits is None else max(v.bits, w.bits)
    graph.add("SelectV2", [c, x, y], Value(v.dtype, shape, max(v.bound, w.bound), bits))


def cast(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_bool(v) or exact(v))
    if x is not None:
        v = graph.values[x]
        to = random.choice(("float32", "float64", "int32", "int64", "bool"))
        graph.add("Cast", [x], Value(to, v.shape, v.bound, v.bits), DstT=to)


def reduction(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: usable(v) and bool(v.shape))
    if x is None:
        return
    v = graph.values[x]
    axes = sorted(random.sample(range(len(v.shape)), random.randint(0, len(v.shape))))
    keep = random.random() < 0.5
    count = prod(v.shape[a] for a in axes)
    op = random.choice(("Sum", "Max", "Min", *(("Mean",) if is_float(v) else ())))
    bits = more_bits(v, 7) if op == "Sum" else v.bits if op in ("Max", "Min") else None
    shape = _reduced(v.shape, axes, keep)
    at = [a - len(v.shape) if random.random() < 0.3 else a for a in axes]
    value = Value(v.dtype, shape, v.bound * max(count, 1), bits)
    graph.add(op, [x, Constant.of(at, "int32")], value, keep_dims=keep)


def _reduced(shape: tuple[int, ...], axes: list[int], keep: bool) -> tuple[int, ...]:
    return tuple(1 if a in axes else d for a, d in enumerate(shape) if keep or a not in axes)


def any_all(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_bool(v) and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        axis = random.randrange(len(v.shape))
        value = Value("bool", _reduced(v.shape, [axis], False), 1, 1)
        graph.add(random.choice(("Any", "All")), [x, Constant.of([axis], "int32")], value)


def arg_max(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: exact(v) and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        axis = random.randrange(len(v.shape))
        value = Value("int64", _reduced(v.shape, [axis], False), v.shape[axis], 4)
        graph.add(random.choice(("ArgMax", "ArgMin")), [x, Constant.of(axis, "int32")], value)


def softmax(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: is_float(v) and v.bound <= LARGE and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        op = random.choice(("Softmax", "LogSoftmax"))
        graph.add(op, [x], inexact(v, 1 if op == "Softmax" else 2 * v.bound + 5))


def running(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: usable(v) and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        axis = random.randrange(len(v.shape))
        flags = {n: random.random() < 0.3 for n in ("exclusive", "reverse")}
        value = Value(v.dtype, v.shape, v.bound * v.shape[axis], more_bits(v, 4))
        graph.add("Cumsum", [x, Constant.of(axis, "int32")], value, **flags)


def product_of_matrices(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: is_float(v) and usable(v) and len(v.shape) >= 2)
    if x is None:
        return
    v = graph.values[x]
    adjoint, columns = random.random() < 0.5, random.randint(1, 4)
    shape = (columns, v.shape[-1]) if adjoint else (v.shape[-1], columns)
    value = inexact(v, 4 * v.bound * v.shape[-1])
    value = Value(v.dtype, (*v.shape[:-1], columns), value.bound, None)
    y = some_data(random, shape, v.dtype)
    if len(v.shape) == 2:
        graph.add("MatMul", [x, y], value, transpose_b=adjoint)
    else:
        graph.add("BatchMatMulV2", [x, y], value, adj_y=adjoint)
