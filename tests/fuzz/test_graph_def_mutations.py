"""GraphDefs that are damaged: a graph or a clear error, within bounds, and a session that goes on.

The damage is to the bytes (as of a file cut short, or a bad disk) or to the message (as of a
program that writes graphs and is wrong, or means harm).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from google.protobuf.message import DecodeError

import evergraph as eg
import evergraph.v1 as tf
from evergraph import protos
from evergraph_conformance.cases import FAMILIES, family_cases

BUILDERS = Path(__file__).parents[1] / "v1" / "builders.json.gz"
ALLOWED = (ValueError, TypeError, tf.errors.OpError)
#: What an error says where memory ran out instead of being refused.
UNCHECKED = ("Unable to allocate", "out of memory:", "std::bad_alloc")
PUSH, LONG = 2000, 200_000
#: A test each, so that several processes share the work.
PARTS = range(4)

LOOP = """
node { name: "start" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }
node { name: "enter" op: "Enter" input: "start" attr { key: "T" value { type: DT_INT32 } }
  attr { key: "frame_name" value { s: "frame" } } }
node { name: "merge" op: "Merge" input: "enter" input: "next"
  attr { key: "T" value { type: DT_INT32 } } attr { key: "N" value { i: 2 } } }
node { name: "limit" op: "Const" input: "^merge" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 9 } } } }
node { name: "less" op: "Less" input: "merge" input: "limit"
  attr { key: "T" value { type: DT_INT32 } } }
node { name: "cond" op: "LoopCond" input: "less" }
node { name: "switch" op: "Switch" input: "merge" input: "cond"
  attr { key: "T" value { type: DT_INT32 } } }
node { name: "exit" op: "Exit" input: "switch" attr { key: "T" value { type: DT_INT32 } } }
node { name: "add" op: "AddV2" input: "switch:1" input: "limit"
  attr { key: "T" value { type: DT_INT32 } } }
node { name: "next" op: "NextIteration" input: "add" attr { key: "T" value { type: DT_INT32 } } }
node { name: "out" op: "Neg" input: "exit" attr { key: "T" value { type: DT_INT32 } } }
versions { producer: 1000 }
"""
FUNCTION = """
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "call" op: "PartitionedCall" input: "x"
  attr { key: "Tin" value { list { type: DT_FLOAT } } }
  attr { key: "Tout" value { list { type: DT_FLOAT } } }
  attr { key: "f" value { func { name: "twice" } } } }
node { name: "direct" op: "twice" input: "x" }
node { name: "neg" op: "Neg" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
library { function {
  signature { name: "twice" input_arg { name: "x" type: DT_FLOAT }
    output_arg { name: "y" type: DT_FLOAT } }
  node_def { name: "sum" op: "AddV2" input: "x" input: "x"
    attr { key: "T" value { type: DT_FLOAT } } }
  ret { key: "y" value: "sum:z:0" } } }
versions { producer: 1000 }
"""


@cache
def seeds() -> list[bytes]:
    """Return small graphs of all kinds, serialised."""
    recorded = json.loads(gzip.decompress(BUILDERS.read_bytes()))["graphs"]
    texts = [*recorded.values(), *[LOOP, FUNCTION] * 20]
    found = [text_format.Parse(text, protos.GraphDef()).SerializeToString() for text in texts]
    for family in FAMILIES:
        for case in family_cases(family)[::3]:
            with tf.Graph().as_default() as graph:
                names = [a.name for a in graph.op_def_for_type(case.op).input_arg]
                inputs = [constants(value) for value in case.inputs]
                arguments = dict(zip(names, inputs, strict=True)) | case.attributes
                try:
                    getattr(tf.raw_ops, case.op)(**arguments)
                except (ValueError, TypeError):
                    continue
            found.append(graph.as_graph_def().SerializeToString())
    return found


def constants(value: Any) -> Any:
    return [tf.constant(v) for v in value] if isinstance(value, list) else tf.constant(value)


@pytest.mark.parametrize("part", PARTS)
def test_damaged_bytes(part, sample, guard, tmp_path):
    for i in range(sample.count(PUSH, LONG) // len(PARTS)):
        random = sample.random("bytes", part, i)
        data = damaged(random.choice(seeds()), random)
        with guard(f"try {i} of part {part}, {data[:100]!r}; {sample}"):
            try:
                graph_def = protos.GraphDef.FromString(data)
            except DecodeError:
                graph_def = None
            if i % 10 == 0:
                check_load(data, tmp_path / "graph.pb")
            if graph_def is not None:
                check(graph_def, random)


@pytest.mark.parametrize("part", PARTS)
def test_damaged_messages(part, sample, guard):
    for i in range(sample.count(PUSH, LONG) // len(PARTS)):
        random = sample.random("message", part, i)
        graph_def = protos.GraphDef.FromString(random.choice(seeds()))
        done = []
        for _ in range(random.choice((1, 1, 2, 3))):
            change = random.choice(CHANGES)
            done.append(change.__name__)
            change(graph_def, random)
        with guard(f"try {i} of part {part}: {', '.join(done)}; {sample}"):
            check(graph_def, random)


# What must hold


def check(graph_def: Any, random: Random) -> None:
    """Import a graph beside a good one, run some of it, and see that the good one still runs."""
    with tf.Graph().as_default() as graph, tf.Session(graph=graph) as session:
        x = tf.placeholder(tf.float32, [2], "good")
        good = x + 1
        before = graph.as_graph_def()
        try:
            tf.import_graph_def(graph_def)
        except Exception as error:
            check_error(error)
            assert graph.as_graph_def() == before, "a failed import left something behind"
        else:
            run_some(graph, session, random)
            graph.as_graph_def(add_shapes=True).SerializeToString()
        assert session.run(good, {x: [1, 2]}).tolist() == [2, 3]


def run_some(graph: Any, session: Any, random: Random) -> None:
    """Fetch a few tensors, with values for all placeholders."""
    operations = graph.get_operations()
    feeds = {
        op.outputs[0]: value_for(op.outputs[0], random)
        for op in operations
        if op.type.startswith("Placeholder") and op.outputs[0].dtype.is_numpy_compatible
    }
    for _ in range(3):
        fetch = random.choice(operations)
        if fetch.outputs and random.random() < 0.9:
            fetch = random.choice(fetch.outputs)
        try:
            session.run(fetch, feeds)
        except Exception as error:
            check_error(error)


def value_for(tensor: Any, random: Random) -> Any:
    """Return a value of a tensor's type; of its shape, if that is small."""
    dims = [2] if tensor.shape.rank is None else tensor.shape.as_list()
    dims = [2 if d is None else d for d in dims]
    if len(dims) > 8 or max(dims, default=0) > 1000 or np.prod(dims) > 1000:
        dims = [2]
    dtype = tensor.dtype.base_dtype.as_numpy_dtype
    if tensor.dtype.base_dtype is tf.string:
        return np.full(dims, b"text", object)
    return np.full(dims, random.choice((0, 1, 3))).astype(dtype)


def check_load(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    try:
        eg.load(path).close()
    except Exception as error:
        check_error(error)


def check_error(error: Exception) -> None:
    if not isinstance(error, ALLOWED) or isinstance(error, tf.errors.InternalError):
        raise error
    assert not any(text in str(error) for text in UNCHECKED), error


# Damage to bytes


def damaged(data: bytes, random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 2, 4))):
        data = random.choice((cut, flipped, spliced, repeated, replaced))(data, random)
    return data


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def flipped(data: bytes, random: Random) -> bytes:
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 10))):
        if found:
            found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)


def spliced(data: bytes, random: Random) -> bytes:
    other = random.choice(seeds())
    a, b = sorted(random.randrange(len(other) + 1) for _ in range(2))
    at = random.randrange(len(data) + 1)
    return data[:at] + other[a:b] + data[at:]


def repeated(data: bytes, random: Random) -> bytes:
    a, b = sorted(random.randrange(len(data) + 1) for _ in range(2))
    return data[:b] + data[a:]


def replaced(data: bytes, random: Random) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([random.choice((0, 1, 0x7F, 0x80, 0xFF))]) + data[at + 1 :]


# Damage to messages

NAMES = ("", "a b", "^x", "x:0", "../x", "é", "x" * 100_000, "_x", "x/", "/", "1", "import", "good")
INPUTS = (
    "",
    ":",
    "^",
    ":0",
    "x:y",
    "x:-1",
    "^x:0",
    "nobody",
    "nobody:0",
    "^nobody",
    "x:" + "9" * 30,
)
SIZES = (-1, -2, 0, 1, 3, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63))
OPS = (
    *("Nothing", "", "NoOp", "Const", "Placeholder", "AddV2", "ConcatV2", "IdentityN", "Reshape"),
    *("Fill", "Where", "Conv2D", "Einsum", "Split", "RandomUniform", "VariableV2", "Assign"),
    *("Merge", "Switch", "NextIteration", "If", "TensorArrayV3", "ReadFile", "PyFunc", "_Arg"),
    "twice",
)

Change = Callable[[Any, Random], None]


def node_of(graph_def: Any, random: Random) -> Any:
    return random.choice(graph_def.node) if graph_def.node else graph_def.node.add()


def drop_node(graph_def: Any, random: Random) -> None:
    if graph_def.node:
        del graph_def.node[random.randrange(len(graph_def.node))]


def duplicate_node(graph_def: Any, random: Random) -> None:
    graph_def.node.add().CopyFrom(node_of(graph_def, random))


def move_node(graph_def: Any, random: Random) -> None:
    drop = node_of(graph_def, random)
    kept = type(drop)()
    kept.CopyFrom(drop)
    graph_def.node.remove(drop)
    graph_def.node.add().CopyFrom(kept)


def rename_node(graph_def: Any, random: Random) -> None:
    node_of(graph_def, random).name = random.choice(NAMES)


def other_op(graph_def: Any, random: Random) -> None:
    node_of(graph_def, random).op = random.choice(OPS)


def other_device(graph_def: Any, random: Random) -> None:
    node_of(graph_def, random).device = random.choice(("/gpu:9", "x", "/job:é", "/cpu:" + "9" * 40))


def set_input(node: Any, text: str, random: Random) -> None:
    if node.input and random.random() < 0.7:
        node.input[random.randrange(len(node.input))] = text
    else:
        node.input.append(text)


def other_input(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    set_input(node, random.choice((*INPUTS, node.name, f"^{node.name}")), random)


def input_of_another(graph_def: Any, random: Random) -> None:
    """Of a node that comes later, perhaps: a cycle."""
    name = node_of(graph_def, random).name
    text = random.choice(("{}", "{}", "{}:1", "{}:77", "^{}")).format(name)
    set_input(node_of(graph_def, random), text, random)


def drop_input(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    if node.input:
        del node.input[random.randrange(len(node.input))]


def control_first(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    inputs = [f"^{node_of(graph_def, random).name}", *node.input]
    del node.input[:]
    node.input.extend(inputs)


def many_inputs(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    node.input.extend([random.choice(list(node.input) or ["x"])] * 5000)


def attribute_of(graph_def: Any, random: Random) -> Any:
    node = node_of(graph_def, random)
    name = random.choice(sorted(node.attr) or ["T"])
    return node.attr[name]


def drop_attribute(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    if node.attr:
        del node.attr[random.choice(sorted(node.attr))]


def add_attribute(graph_def: Any, random: Random) -> None:
    node = node_of(graph_def, random)
    name = random.choice(("x", "_x", "T", "N", "_class", "_output_shapes", "", "é"))
    give_value(node.attr[name], random)


def other_attribute(graph_def: Any, random: Random) -> None:
    give_value(attribute_of(graph_def, random), random)


def give_value(value: Any, random: Random) -> None:
    """Set an AttrValue, to whatever kind."""
    value.Clear()
    random.choice(VALUES)(value, random)


def empty_value(value: Any, random: Random) -> None:
    del value, random


def integer(value: Any, random: Random) -> None:
    value.i = random.choice(SIZES)


def number(value: Any, random: Random) -> None:
    value.f = random.choice((0.0, float("nan"), float("inf"), 1e30))


def truth(value: Any, random: Random) -> None:
    value.b = random.random() < 0.5


def text(value: Any, random: Random) -> None:
    value.s = random.choice((b"", b"SAME", b"\xff\xfe", b"x" * 100_000, b"loc:@nobody", b"NCHW"))


def data_type(value: Any, random: Random) -> None:
    value.type = random.choice((*range(30), 99, 101, 103, 120, 12345, -1))


def shape(value: Any, random: Random) -> None:
    give_shape(value.shape, random)


def give_shape(proto: Any, random: Random) -> None:
    proto.Clear()
    if random.random() < 0.1:
        proto.unknown_rank = True
    for _ in range(random.choice((0, 1, 2, 3, 5, 300))):
        proto.dim.add().size = random.choice(SIZES)


def tensor(value: Any, random: Random) -> None:
    give_tensor(value.tensor, random)


def give_tensor(proto: Any, random: Random) -> None:
    """Change some of a TensorProto: type, shape, values."""
    if random.random() < 0.3:
        proto.dtype = random.choice((*range(30), 101, 9999))
    if random.random() < 0.5:
        give_shape(proto.tensor_shape, random)
    change = random.randrange(6)
    if change == 0:
        proto.tensor_content = proto.tensor_content[:-1]
    elif change == 1:
        proto.tensor_content += b"\x00" * random.choice((1, 4, 1000))
    elif change == 2:
        proto.float_val.extend([1.0] * random.choice((1, 2, 1000)))
    elif change == 3:
        proto.int_val.extend([random.choice((-1, 2**31 - 1))] * random.choice((1, 3)))
    elif change == 4:
        proto.string_val.append(b"\xff")
    else:
        proto.scomplex_val.append(1.0)
        proto.half_val.append(70000)


def function(value: Any, random: Random) -> None:
    """A function's name, perhaps with attributes that are functions with attributes …"""
    value.func.name = random.choice(("", "twice", "nobody"))
    for _ in range(random.choice((0, 1, 20, 45))):
        value = value.func.attr["f"]
        value.func.name = "twice"


def placeholder(value: Any, random: Random) -> None:
    value.placeholder = random.choice(("", "T", "nobody"))


def list_of_all(value: Any, random: Random) -> None:
    count = random.choice((0, 1, 2, 5, 5000))
    value.list.SetInParent()
    for kind in random.sample(("s", "i", "f", "b", "type", "shape", "tensor", "func"), 2):
        items = getattr(value.list, kind)
        one = protos.AttrValue()
        KINDS[kind](one, random)
        with suppress(DecodeError):  # nested deeper than messages can be copied
            items.extend([getattr(one, kind)] * min(count, MOST.get(kind, count)))


KINDS: dict[str, Change] = {
    "s": text,
    "i": integer,
    "f": number,
    "b": truth,
    "type": data_type,
    "shape": shape,
    "tensor": tensor,
    "func": function,
}
#: Of what is large itself.
MOST = {"s": 50, "tensor": 50, "func": 50}
VALUES: tuple[Change, ...] = (*KINDS.values(), list_of_all, placeholder, empty_value)


def same_kind(graph_def: Any, random: Random) -> None:
    """Another value of the kind that an attribute has."""
    value = attribute_of(graph_def, random)
    field = value.WhichOneof("value")
    if field in KINDS:
        KINDS[field](value, random)
    elif field == "list":
        list_of_all(value, random)


def other_tensor(graph_def: Any, random: Random) -> None:
    values = [n.attr["value"].tensor for n in graph_def.node if n.op == "Const"]
    if values:
        give_tensor(random.choice(values), random)


def other_versions(graph_def: Any, random: Random) -> None:
    versions = graph_def.versions
    versions.producer = random.choice((0, 5, 21, 1000, 2**31 - 1, -1))
    versions.min_consumer = random.choice((0, 0, 2**31 - 1))
    versions.bad_consumers.extend(random.choice(([], [2474], [-1])))


def other_library(graph_def: Any, random: Random) -> None:
    library = graph_def.library
    change = random.randrange(4)
    if change == 0:
        given = library.function.add()
        given.signature.name = random.choice(("twice", "", "AddV2"))
        given.signature.input_arg.add().type_attr = random.choice(("T", ""))
    elif change == 1 and library.function:
        give_value(library.function[0].attr["x"], random)
        for a in library.function[0].signature.output_arg:
            a.type = random.choice((0, 3, 77))
    elif change == 2:
        gradient = library.gradient.add()
        gradient.function_name, gradient.gradient_func = "twice", "nobody"
    elif library.function:
        attr = library.function[0].signature.attr.add()
        attr.name, attr.type = (
            random.choice(("T", "")),
            random.choice(("type", "list(x", "", "int")),
        )


CHANGES: tuple[Change, ...] = (
    drop_node,
    duplicate_node,
    move_node,
    rename_node,
    other_op,
    other_device,
    other_input,
    input_of_another,
    drop_input,
    control_first,
    many_inputs,
    drop_attribute,
    add_attribute,
    other_attribute,
    other_attribute,
    same_kind,
    same_kind,
    same_kind,
    other_tensor,
    other_tensor,
    other_versions,
    other_library,
)
