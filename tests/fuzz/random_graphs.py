"""Random graphs, as data: drawn without TensorFlow or evergraph, built by whatever `tf` is given.

A graph is a list of nodes; a node is its op type, its inputs and its attributes. An input is the
number of an earlier value, a constant (`Constant`), or a list of those. The generator follows
dtypes and shapes, and for every value how large it may get and whether it is exact: what jumps
(Floor, Less, ArgMax …) takes only exact values, so that two correct backends agree on the result.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from random import Random
from typing import Any

import numpy as np

#: Values that may get larger are not used further, but by what bounds them.
LARGE = 1e4
#: An exact value is a multiple of 1/8 with so many bits at most.
EXACT_BITS = 20


@dataclass(frozen=True)
class Constant:
    """A constant input, as data that JSON can hold."""

    dtype: str
    shape: tuple[int, ...]
    data: str

    @classmethod
    def of(cls, values: Any, dtype: str) -> Constant:
        array = np.asarray(values, dtype)
        return cls(dtype, array.shape, base64.b64encode(array.tobytes()).decode())

    def array(self) -> Any:
        return np.frombuffer(base64.b64decode(self.data), self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Node:
    """One application of an op; a placeholder has a value to be fed, and a static shape."""

    op: str
    inputs: list[Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    fed: Constant | None = None


@dataclass(frozen=True)
class Value:
    """What the generator knows of a value.

    Attributes:
      bound: no element is larger.
      bits: how many bits an exact element has; None if it is not exact.
    """

    dtype: str
    shape: tuple[int, ...]
    bound: float
    bits: int | None


@dataclass
class Graph:
    """A random graph under way, or done."""

    nodes: list[Node] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def add(self, op: str, inputs: list[Any], *outputs: Value, **attributes: Any) -> int:
        """Add a node and return the number of its first output."""
        self.nodes.append(Node(op, inputs, attributes))
        self.values.extend(outputs)
        return len(self.values) - len(outputs)

    def pick(self, random: Random, accept: Callable[[Value], bool]) -> int | None:
        """Return a value that is accepted; rather a late one."""
        found = [i for i, v in enumerate(self.values) if accept(v)]
        return found[-1 - int(len(found) * random.random() ** 2)] if found else None


def random_graph(random: Random) -> Graph:
    """Return a graph of 1 to 30 nodes beside its placeholders."""
    graph = Graph()
    for _ in range(random.randint(1, 3)):
        _placeholder(graph, random)
    wanted = len(graph.nodes) + random.randint(1, 30)
    while len(graph.nodes) < wanted:
        random.choice(KINDS)(graph, random)
    return graph


def _placeholder(graph: Graph, random: Random) -> None:
    shape = tuple(random.choice((1, 2, 3, 4)) for _ in range(random.choice((0, 1, 2, 2, 3))))
    dtype = random.choice(("float32", "float32", "float64", "int32"))
    static = random.choice((None, [d if random.random() < 0.6 else None for d in shape], shape))
    static = None if static is None else list(static)
    node = Node("Placeholder", [], {"dtype": dtype, "shape": static}, _data(random, shape, dtype))
    graph.nodes.append(node)
    graph.values.append(Value(dtype, shape, 4, 6))


def _data(random: Random, shape: tuple[int, ...], dtype: str) -> Constant:
    eighths = [random.randint(-32, 32) for _ in range(prod(shape))]
    values = [e / 8 for e in eighths] if dtype[0] == "f" else [e // 8 for e in eighths]
    return Constant.of(np.reshape(values, shape), dtype)


# Kinds of nodes. Each adds a node, or none where nothing fits.


def _is_float(v: Value) -> bool:
    return v.dtype[0] == "f"


def _is_number(v: Value) -> bool:
    return v.dtype != "bool"


def _usable(v: Value) -> bool:
    return _is_number(v) and v.bound <= LARGE


def _exact(v: Value) -> bool:
    return _usable(v) and v.bits is not None


def _inexact(v: Value, bound: float) -> Value:
    return Value(v.dtype, v.shape, bound, None)


def _bits(bits: int) -> int | None:
    return bits if bits <= EXACT_BITS else None


def _more(v: Value, bits: int) -> int | None:
    return None if v.bits is None else _bits(v.bits + bits)


def smooth(graph: Graph, random: Random) -> None:
    """A function of one float whose slope is bounded."""
    x = graph.pick(random, _is_float)
    if x is not None:
        v = graph.values[x]
        ops = ("Tanh", "Sigmoid", "Sin", "Cos", "Erf", "Atan", "Softsign")
        bounded = random.choice(ops if v.bound <= LARGE else ("Tanh", "Sigmoid", "Atan"))
        graph.add(bounded, [x], _inexact(v, 2))


def growing(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_float(v) and v.bound <= 4)
    if x is not None:
        op = random.choice(("Exp", "Expm1", "Softplus", "Elu", "Sinh"))
        graph.add(op, [x], _inexact(graph.values[x], 60))


def piecewise(graph: Graph, random: Random) -> None:
    """A function of one number without a jump, exact on exact values."""
    x = graph.pick(random, _usable)
    if x is not None:
        v = graph.values[x]
        float_only = ("Relu", "Relu6") if _is_float(v) else ()
        graph.add(random.choice(("Neg", "Abs", *float_only)), [x], v)


def square(graph: Graph, random: Random) -> None:
    x = graph.pick(random, _usable)
    if x is not None:
        v = graph.values[x]
        bits = None if v.bits is None else _bits(2 * v.bits)
        graph.add("Square", [x], Value(v.dtype, v.shape, v.bound**2, bits))


def positive(graph: Graph, random: Random) -> None:
    """A function of positive numbers that are not small."""
    x = graph.pick(random, lambda v: _is_float(v) and v.bound <= LARGE)
    if x is None:
        return
    v = graph.values[x]
    size = graph.add("Abs", [x], v)
    moved = Value(v.dtype, v.shape, v.bound + 1, None)
    x = graph.add("AddV2", [size, Constant.of(0.5, v.dtype)], moved)
    op = random.choice(("Sqrt", "Rsqrt", "Log", "Log1p", "Reciprocal"))
    graph.add(op, [x], _inexact(v, v.bound + 2))


def jumping(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_float(v) and _exact(v))
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
    return _data(random, shape, v.dtype), Value(v.dtype, shape, 4, 6)


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        shape = np.broadcast_shapes(a, b)
    except ValueError:
        return None
    return shape if prod(shape) <= 256 else None


def arithmetic(graph: Graph, random: Random) -> None:
    x = graph.pick(random, _usable)
    if x is None:
        return
    v = graph.values[x]
    y, w = _other(graph, random, x, _usable)
    op = random.choice(("AddV2", "Sub", "Mul", "Maximum", "Minimum", "SquaredDifference"))
    bits = None
    if v.bits is not None and w.bits is not None:
        most = max(v.bits, w.bits) + 1
        bits = _bits({"Mul": v.bits + w.bits, "SquaredDifference": 2 * most}.get(op, most))
    bound = {"Mul": v.bound * w.bound, "SquaredDifference": (v.bound + w.bound) ** 2}
    shape = _broadcast(v.shape, w.shape)
    assert shape is not None
    graph.add(op, [x, y], Value(v.dtype, shape, bound.get(op, v.bound + w.bound), bits))


def division(graph: Graph, random: Random) -> None:
    """By a constant away from zero; by one with zeros where the op has an answer for them."""
    x = graph.pick(random, _usable)
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
    graph.add(op, [x, y], _inexact(v, 2 * v.bound + 4))


DIVISIONS: dict[str, Callable[[Value], bool]] = {
    "RealDiv": _is_float,
    "DivNoNan": _is_float,
    "FloorDiv": lambda v: _exact(v) and not _is_float(v),
    "FloorMod": lambda v: _exact(v) and not _is_float(v),
    "TruncateDiv": lambda v: _exact(v) and not _is_float(v),
}


def comparison(graph: Graph, random: Random) -> None:
    x = graph.pick(random, _exact)
    if x is not None:
        v = graph.values[x]
        y, w = _other(graph, random, x, _exact)
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
    x = graph.pick(random, _usable)
    if c is None or x is None:
        return
    v = graph.values[x]
    y, w = _other(graph, random, x, _usable)
    inner = _broadcast(v.shape, w.shape)
    shape = None if inner is None else _broadcast(inner, graph.values[c].shape)
    if shape is None:
        return
    bits = None if v.bits is None or w.bits is None else max(v.bits, w.bits)
    graph.add("SelectV2", [c, x, y], Value(v.dtype, shape, max(v.bound, w.bound), bits))


def cast(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_bool(v) or _exact(v))
    if x is not None:
        v = graph.values[x]
        to = random.choice(("float32", "float64", "int32", "int64", "bool"))
        graph.add("Cast", [x], Value(to, v.shape, v.bound, v.bits), DstT=to)


def reduction(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _usable(v) and bool(v.shape))
    if x is None:
        return
    v = graph.values[x]
    axes = sorted(random.sample(range(len(v.shape)), random.randint(0, len(v.shape))))
    keep = random.random() < 0.5
    count = prod(v.shape[a] for a in axes)
    op = random.choice(("Sum", "Max", "Min", *(("Mean",) if _is_float(v) else ())))
    bits = _more(v, 7) if op == "Sum" else v.bits if op in ("Max", "Min") else None
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
    x = graph.pick(random, lambda v: _exact(v) and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        axis = random.randrange(len(v.shape))
        value = Value("int64", _reduced(v.shape, [axis], False), v.shape[axis], 4)
        graph.add(random.choice(("ArgMax", "ArgMin")), [x, Constant.of(axis, "int32")], value)


def softmax(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_float(v) and v.bound <= LARGE and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        op = random.choice(("Softmax", "LogSoftmax"))
        graph.add(op, [x], _inexact(v, 1 if op == "Softmax" else 2 * v.bound + 5))


def running(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _usable(v) and bool(v.shape))
    if x is not None:
        v = graph.values[x]
        axis = random.randrange(len(v.shape))
        flags = {n: random.random() < 0.3 for n in ("exclusive", "reverse")}
        value = Value(v.dtype, v.shape, v.bound * v.shape[axis], _more(v, 4))
        graph.add("Cumsum", [x, Constant.of(axis, "int32")], value, **flags)


def product_of_matrices(graph: Graph, random: Random) -> None:
    x = graph.pick(random, lambda v: _is_float(v) and _usable(v) and len(v.shape) >= 2)
    if x is None:
        return
    v = graph.values[x]
    adjoint, columns = random.random() < 0.5, random.randint(1, 4)
    shape = (columns, v.shape[-1]) if adjoint else (v.shape[-1], columns)
    value = _inexact(v, 4 * v.bound * v.shape[-1])
    value = Value(v.dtype, (*v.shape[:-1], columns), value.bound, None)
    y = _data(random, shape, v.dtype)
    if len(v.shape) == 2:
        graph.add("MatMul", [x, y], value, transpose_b=adjoint)
    else:
        graph.add("BatchMatMulV2", [x, y], value, adj_y=adjoint)


# Moving elements


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


KINDS: tuple[Callable[[Graph, Random], None], ...] = (
    *(smooth, growing, piecewise, square, positive, jumping, arithmetic, arithmetic, division),
    *(comparison, logic, selection, cast, reduction, reduction, any_all, arg_max, softmax, running),
    *(product_of_matrices, reshape, transpose, concat, pack, unpack, split, part, strided, gather),
    *(tile, pad, reverse, expand, squeeze, broadcast, from_shape, one_hot),
)


# As JSON


def to_json(nodes: list[Node]) -> Any:
    """Return nodes as what JSON can hold."""
    return [
        [n.op, [_input_to_json(i) for i in n.inputs], n.attributes, _input_to_json(n.fed)]
        for n in nodes
    ]


def _input_to_json(given: Any) -> Any:
    if isinstance(given, Constant):
        return {"dtype": given.dtype, "shape": given.shape, "data": given.data}
    return [_input_to_json(i) for i in given] if isinstance(given, list) else given


def from_json(data: Any) -> list[Node]:
    """Return the nodes that `to_json` wrote."""
    return [
        Node(op, [_input_from_json(i) for i in inputs], attributes, _input_from_json(fed))
        for op, inputs, attributes, fed in data
    ]


def _input_from_json(given: Any) -> Any:
    if isinstance(given, dict):
        return Constant(given["dtype"], tuple(given["shape"]), given["data"])
    return [_input_from_json(i) for i in given] if isinstance(given, list) else given


# Building


def build(tf: Any, nodes: list[Node]) -> tuple[list[Any], dict[Any, Any]]:
    """Build a graph in the default graph and return its values, and what is to be fed."""
    values: list[Any] = []
    feeds: dict[Any, Any] = {}
    for node in nodes:
        if node.fed is not None:
            values.append(tf.placeholder(node.attributes["dtype"], node.attributes["shape"]))
            feeds[values[-1]] = node.fed.array()
            continue
        names = _argument_names(tf, node.op)
        inputs = [_tensor(tf, i, values) for i in node.inputs]
        arguments = dict(zip(names, inputs, strict=False)) | node.attributes
        result = getattr(tf.raw_ops, node.op)(**arguments)
        values.extend(result if isinstance(result, list | tuple) else [result])
    return values, feeds


def _argument_names(tf: Any, op: str) -> list[str]:
    signature = getattr(getattr(tf.raw_ops, op), "__signature__", None)
    if signature is not None:  # TensorFlow's own functions rename some
        return [name for name in signature.parameters if name != "name"]
    return [a.name for a in tf.get_default_graph().op_def_for_type(op).input_arg]


def _tensor(tf: Any, given: Any, values: list[Any]) -> Any:
    if isinstance(given, list):
        return [_tensor(tf, i, values) for i in given]
    return tf.constant(given.array()) if isinstance(given, Constant) else values[given]
