"""Kinds of nodes that move elements, or look at shapes only."""

from __future__ import annotations

from math import prod
from random import Random
from typing import Any

import numpy as np

from random_graphs.data import Constant, Graph, Value


def _moved(graph: Graph, random: Random, rank: int = 1) -> tuple[Any, Any]:
    x = graph.pick(random, lambda v: len(v.shape) >= rank)
    return x, None if x is None else graph.values[x]


def _shaped(v: Value, shape: tuple[int, ...] | list[int], *others: Value) -> Value:
    every = (v, *others)
    exact = None if None in [w.bits for w in every] else max(w.bits or 0 for w in every)
    return Value(v.dtype, tuple(shape), max(w.bound for w in every), exact)


def reshape(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random, 0)
    if v is None:
        return
    rest, shape = prod(v.shape), []
    while rest > 1 and len(shape) < 3:
        d = random.choice([d for d in range(1, rest + 1) if rest % d == 0])
        shape.append(d)
        rest //= d
    shape.append(rest)
    random.shuffle(shape)
    asked = list(shape)
    if random.random() < 0.5:
        asked[random.randrange(len(asked))] = -1
    graph.add("Reshape", [x, Constant.of(asked, "int32")], _shaped(v, shape))


def transpose(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None:
        perm = random.sample(range(len(v.shape)), len(v.shape))
        shape = [v.shape[p] for p in perm]
        graph.add("Transpose", [x, Constant.of(perm, "int32")], _shaped(v, shape))


def concat(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is None or prod(v.shape) > 100:
        return
    axis = random.randrange(len(v.shape))
    y = graph.pick(
        random,
        lambda w: (
            w.dtype == v.dtype
            and len(w.shape) == len(v.shape)
            and all(
                a == b for i, (a, b) in enumerate(zip(v.shape, w.shape, strict=True)) if i != axis
            )
        ),
    )
    w = graph.values[y]
    shape = list(v.shape)
    shape[axis] += w.shape[axis]
    at = Constant.of(axis - len(shape) if random.random() < 0.3 else axis, "int32")
    graph.add("ConcatV2", [[x, y], at], _shaped(v, shape, w))


def pack(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random, 0)
    if v is None or prod(v.shape) > 64 or len(v.shape) > 4:
        return
    y = graph.pick(random, lambda w: w.dtype == v.dtype and w.shape == v.shape)
    axis = random.randint(0, len(v.shape))
    shape = [*v.shape[:axis], 3, *v.shape[axis:]]
    graph.add("Pack", [[x, y, x]], _shaped(v, shape, graph.values[y]), axis=axis)


def unpack(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None:
        axis = random.randrange(len(v.shape))
        shape = [d for a, d in enumerate(v.shape) if a != axis]
        parts = [_shaped(v, shape)] * v.shape[axis]
        graph.add("Unpack", [x], *parts, num=v.shape[axis], axis=axis)


def split(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None:
        axis = random.randrange(len(v.shape))
        count = random.choice([n for n in range(1, v.shape[axis] + 1) if v.shape[axis] % n == 0])
        shape = list(v.shape)
        shape[axis] //= count
        parts = [_shaped(v, shape)] * count
        graph.add("Split", [Constant.of(axis, "int32"), x], *parts, num_split=count)


def part(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is None:
        return
    begin = [random.randrange(d) for d in v.shape]
    size = [random.randint(1, d - b) for d, b in zip(v.shape, begin, strict=True)]
    asked = [
        -1 if b + s == d and random.random() < 0.3 else s
        for b, s, d in zip(begin, size, v.shape, strict=True)
    ]
    inputs = [x, Constant.of(begin, "int32"), Constant.of(asked, "int32")]
    graph.add("Slice", inputs, _shaped(v, size))


def strided(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is None:
        return
    keys = [random.choice(((0, d, 1), (d - 1, -d - 1, -1), (0, d, 2), (-1, d, 1))) for d in v.shape]
    begin, end, step = (Constant.of(part, "int32") for part in zip(*keys, strict=True))
    sizes = [len(range(d)[slice(*_plain(key))]) for d, key in zip(v.shape, keys, strict=True)]
    shrunk = random.random() < 0.3 and keys[0][2] == 1
    attributes = {"shrink_axis_mask": 1} if shrunk else {}
    graph.add(
        "StridedSlice",
        [x, begin, end, step],
        _shaped(v, sizes[1:] if shrunk else sizes),
        **attributes,
    )


def _plain(key: tuple[int, int, int]) -> tuple[int, int | None, int]:
    begin, end, step = key
    return (begin, None if step < 0 else end, step)


def gather(graph: Graph, random: Random) -> None:
    """Now and then with an index that is out of range."""
    x, v = _moved(graph, random)
    if v is None:
        return
    axis = random.randrange(len(v.shape))
    shape = random.choice(((), (2,), (3,), (2, 2)))
    if prod(v.shape) * prod(shape) > 256:
        return
    at = [random.randrange(v.shape[axis]) for _ in range(prod(shape))]
    if random.random() < 0.03:
        at[0] = v.shape[axis]
    indices = Constant.of(np.reshape(at, shape), random.choice(("int32", "int64")))
    value = _shaped(v, (*v.shape[:axis], *shape, *v.shape[axis + 1 :]))
    graph.add("GatherV2", [x, indices, Constant.of(axis, "int32")], value)


def tile(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None and prod(v.shape) <= 32:
        counts = [random.choice((1, 1, 2)) for _ in v.shape]
        shape = [d * n for d, n in zip(v.shape, counts, strict=True)]
        graph.add("Tile", [x, Constant.of(counts, "int32")], _shaped(v, shape))


def pad(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None and prod(v.shape) <= 64 and v.dtype != "bool":
        sides = [(random.choice((0, 1)), random.choice((0, 0, 1))) for _ in v.shape]
        shape = [d + a + b for d, (a, b) in zip(v.shape, sides, strict=True)]
        if prod(shape) <= 256:
            graph.add("Pad", [x, Constant.of(sides, "int32")], _shaped(v, shape))


def reverse(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None:
        axis = random.randrange(len(v.shape))
        graph.add("ReverseV2", [x, Constant.of([axis], "int32")], v)


def expand(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random, 0)
    if v is not None and len(v.shape) < 5:
        axis = random.randint(0, len(v.shape))
        shape = [*v.shape[:axis], 1, *v.shape[axis:]]
        graph.add("ExpandDims", [x, Constant.of(axis, "int32")], _shaped(v, shape))


def squeeze(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random)
    if v is not None and 1 in v.shape:
        graph.add("Squeeze", [x], _shaped(v, [d for d in v.shape if d != 1]))


def broadcast(graph: Graph, random: Random) -> None:
    x, v = _moved(graph, random, 0)
    if v is not None and len(v.shape) < 5:
        shape = [2, *[3 if d == 1 else d for d in v.shape]]
        if prod(shape) <= 256:
            graph.add("BroadcastTo", [x, Constant.of(shape, "int32")], _shaped(v, shape))


def from_shape(graph: Graph, random: Random) -> None:
    """What only the shape of a value decides."""
    x, v = _moved(graph, random)
    if v is None:
        return
    shape = Value("int32", (len(v.shape),), 256, 9)
    op = random.choice(("Shape", "Size", "ZerosLike", "OnesLike", "Fill"))
    if op == "Shape":
        graph.add("Shape", [x], shape)
    elif op == "Size":
        graph.add("Size", [x], Value("int32", (), 256, 9))
    elif op == "Fill":
        dims = graph.add("Shape", [x], shape)
        graph.add("Fill", [dims, Constant.of(1.5, "float32")], Value("float32", v.shape, 2, 6))
    else:
        graph.add(op, [x], Value(v.dtype, v.shape, 1, 1))


def one_hot(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: v.dtype in ("int32", "int64") and prod(v.shape) <= 64)
    if x is not None and len(graph.values[x].shape) < 5:
        values = [Constant.of(4, "int32"), Constant.of(2, "float32"), Constant.of(-1, "float32")]
        graph.add("OneHot", [x, *values], Value("float32", (*graph.values[x].shape, 4), 2, 6))
