"""Record the numbers of TensorFlow's random ops, run by run, and the seeds that its ops get.

python tests/oracle/record_streams.py
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

FILE = Path(__file__).resolve().parents[1] / "ops" / "streams.npz"
# With more threads, some ops draw other numbers.
CONFIG = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
RUNS = 3
SEED = {"seed": 12345, "seed2": 678}

FLOATS = ("float16", "bfloat16", "float32", "float64")
#: A graph's seed, and those of its ops, in the order in which they are made.
SEEDS: list[tuple[int | None, list[int | None]]] = [
    (None, [7, None, 0, 2**31 - 1, -3]),
    (5, [None, 7, None, 0, None]),
    (0, [0, None, None, 2**40 + 1]),
    (2**31 - 1, [None, 2**31]),
    (-1, [-1, 2**62]),
]


def cases() -> list[tuple[str, str, list[Any], dict[str, Any]]]:
    """Return label, op type, inputs and attributes."""
    found: list[tuple[str, str, list[Any], dict[str, Any]]] = []

    def add(label: str, op: str, *inputs: Any, **attributes: Any) -> None:
        found.append((label, op, [np.asarray(i) for i in inputs], SEED | attributes))

    for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
        for t in FLOATS:
            add(f"101 {t}", op, sizes(101), dtype=t)
        for shape in ((), (0,), (1,), (3,), (2, 3, 5)):
            add(f"{list(shape)}", op, sizes(*shape), dtype="float32")
    for t in ("int32", "int64"):
        low, high = np.array(-1000003, t), np.array(2**31 - 1, t)
        for shape in ((), (1,), (101,), (2, 3, 5)):
            add(f"{list(shape)} {t}", "RandomUniformInt", sizes(*shape), low, high)
    add("none, bounds the wrong way", "RandomUniformInt", sizes(0), np.int32(3), np.int32(2))
    for n in (0, 1, 2, 4, 5, 6, 8, 9, 100):
        add(f"{n} numbers", "RandomShuffle", np.arange(n, dtype=np.int32))
    add("rows", "RandomShuffle", np.arange(30, dtype=np.float32).reshape(5, 3, 2))
    add("empty rows", "RandomShuffle", np.zeros((5, 0), np.float32))
    add("a scalar", "RandomShuffle", np.float32(1))
    logits = np.linspace(-2, 2, 15, dtype=np.float32).reshape(3, 5)
    for n in (0, 1, 4, 7):
        add(f"{n} of each", "Multinomial", logits, np.int32(n), output_dtype="int32")
    add("int64, of half", "Multinomial", logits.astype("float16"), np.int32(6))
    add("float64", "Multinomial", logits.astype("float64"), np.int32(6))
    alpha = np.array([0.1, 0.9, 1, 1.5, 30])
    rate = np.array([0, 0.5, 9.5, 10, 200])
    for t in ("float16", "float32", "float64"):
        add(f"20 {t}", "RandomGamma", sizes(20), alpha.astype(t))
        add(f"20 {t}", "RandomPoissonV2", sizes(20), rate.astype(t), dtype=t)
        add(f"20 {t}", "RandomPoisson", sizes(20), rate.astype(t))
    for op in ("RandomGamma", "RandomPoissonV2"):
        add("a scalar", op, sizes(), np.float32(2.5))
        add("none", op, sizes(0), np.float32([1, 2]))
        add("no parameters", op, sizes(2), np.float32([]))
        add("a matrix", op, sizes(2, 2), np.float32([[1, 2], [3, 40]]))
    op = "ParameterizedTruncatedNormal"
    for t in ("float16", "float32", "float64"):
        for label, (mean, deviation, low, high) in {
            "wide": (0.5, 2, -3, 4),
            "narrow": (0, 1, -0.3, 0.4),
            "one side": (0, 1, 2.5, np.inf),
            "the other side": (1, 2, -np.inf, -3),
            "far": (0, 1, 3, 3.2),
        }.items():
            if t != "float32" and label not in ("wide", "one side"):
                continue
            values = [np.array(v, t) for v in (mean, deviation, low, high)]
            add(f"{label}, {t}", op, sizes(7, 43), *values)
    rows = [[0, 1, 2], [1, 2, 1], [-1, 1, 3], [1, 2, 9]]
    add("by row", op, sizes(3, 50), *map(np.float32, rows))
    add("a long row", op, sizes(1, 3000), *(np.float32(r[2:]) for r in rows))
    return found


def sizes(*dims: int) -> np.ndarray[Any, Any]:
    """Return a shape."""
    return np.array(dims, np.int32)


def node(op: str, inputs: list[Any], attributes: dict[str, Any]) -> Any:
    """Build the node and return its output."""
    if op == "RandomPoisson":  # only in graphs from before 2017
        return old_node(op, inputs, attributes)
    raw = getattr(tf.raw_ops, op)
    names = [name for name in raw.__signature__.parameters if name != "name"]
    return raw(**dict(zip(names, map(tf.constant, inputs), strict=False)), **attributes)


def old_node(op: str, inputs: list[Any], attributes: dict[str, Any]) -> Any:
    """Build a node that new graphs may not have, by importing it."""
    graph_def = tf.GraphDef()
    graph_def.versions.producer = 20
    made = graph_def.node.add(name="node", op=op, input=["shape", "rate"])
    for name, value in attributes.items():
        made.attr[name].i = value
    made.attr["S"].type = tf.int32.as_datatype_enum
    made.attr["dtype"].type = tf.as_dtype(inputs[1].dtype).as_datatype_enum
    for name, value in zip(("shape", "rate"), inputs, strict=True):
        held = graph_def.node.add(name=name, op="Const")
        held.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
        held.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return tf.import_graph_def(graph_def, return_elements=["node:0"])[0]


def seeds() -> list[dict[str, Any]]:
    """Return what seeds the ops of some graphs get."""
    found = []
    for graph_seed, op_seeds in SEEDS:
        with tf.Graph().as_default():
            if graph_seed is not None:
                tf.set_random_seed(graph_seed)
            attributes = []
            for seed in op_seeds:
                tf.constant(1)  # other ops do not count
                op = tf.random.uniform([], seed=seed).op
                made = next(o for o in (op, *parents(op)) if o.type == "RandomUniform")
                attributes.append([made.get_attr("seed"), made.get_attr("seed2")])
        found.append({"graph": graph_seed, "ops": op_seeds, "attributes": attributes})
    return found


def parents(op: Any) -> list[Any]:
    """Return the ops before one."""
    direct = [t.op for t in op.inputs]
    return direct + [o for d in direct for o in parents(d)]


def main() -> None:
    """Record."""
    arrays: dict[str, Any] = {}
    index = []
    for label, op, inputs, attributes in cases():
        with tf.Graph().as_default() as graph:
            output = node(op, inputs, attributes)
        with tf.Session(graph=graph, config=CONFIG) as session:
            values = [np.asarray(session.run(output)) for _ in range(RUNS)]
        number = str(len(index))
        for i, value in enumerate(inputs):
            arrays[f"{number}/input/{i}"] = value
        for i, value in enumerate(values):
            plain = value.dtype.kind in "biuf"
            arrays[f"{number}/run/{i}"] = value if plain else value.view(np.uint16)
        entry = {"label": label, "op": op, "inputs": len(inputs), "attributes": attributes}
        index.append(entry | {"dtype": values[0].dtype.name})
    text = json.dumps({"cases": index, "seeds": seeds()})
    np.savez_compressed(FILE, index=np.array(text), **arrays)
    print(f"{len(index)} cases, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
