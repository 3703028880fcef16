"""The graphs that the builders make are TensorFlow's, node by node."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format

import evergraph.v1 as tf
from evergraph import protos
from evergraph.op import registry
from evergraph.plugin import PLANNED

HERE = Path(__file__).parent
GOLDEN = json.loads(gzip.decompress((HERE / "builders.json.gz").read_bytes()))


def _snippets() -> Any:
    spec = importlib.util.spec_from_file_location("snippets", HERE / "snippets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SNIPPETS = _snippets().SNIPPETS
ERRORS = _snippets().ERRORS

#: Where the graph is another one, and why.
DIFFERENT = {
    "nn: swish": "TensorFlow's has the two nodes of a custom gradient, which comes with gradients",
    "nn: zero_fraction": "TensorFlow's counts in a `cond`, which comes with control flow",
    "matrices: tensordot unknown": "the shape arithmetic of an unknown rank has other nodes",
    "nn: softmax_cross_entropy_v2": "the static shape is known better",
    "nn: sparse_softmax_cross_entropy partly known": "the static shape is known better",
    "checks: Assert floats": "the constants of the data have other names",
    "checks: assert_near": "the constants of the data have other names",
}

#: Errors of TensorFlow's type in other words.
REWORDED = {
    "index too many",
    "compare with string",
    "constant too long",
    "constant ragged",
    "reshape size",
    "split uneven",
    "transpose perm",
    "truth value",
    "iterate",
    "concat shapes",
    "stack shapes",
    "other graph",
}

#: What TensorFlow's runtime adds to nodes for itself.
PRIVATE = ("_has_manual_control_dependencies",)


def build(snippet: Any) -> protos.GraphDef:
    with tf.Graph().as_default() as graph:
        snippet(tf)
    return graph.as_graph_def(add_shapes=True)


def test_every_snippet_is_recorded():
    assert GOLDEN["graphs"].keys() == SNIPPETS.keys()
    assert GOLDEN["errors"].keys() == ERRORS.keys()
    assert DIFFERENT.keys() <= SNIPPETS.keys()


@pytest.mark.parametrize("name", [name for name in SNIPPETS if name not in DIFFERENT])
def test_the_graph_is_tensorflows(name):
    expected = text_format.Parse(GOLDEN["graphs"][name], protos.GraphDef())
    found = build(SNIPPETS[name])
    assert [n.name for n in found.node] == [n.name for n in expected.node]
    shapes_known = True
    for node, wanted in zip(found.node, expected.node, strict=True):
        wanted.ClearField("experimental_type")
        # An op without a kernel has no shape rule yet, and what follows it no static shape.
        shapes_known &= node.op in PLANNED or registry().get(node.op) is not None
        for attribute in (*PRIVATE, *(() if shapes_known else ("_output_shapes",))):
            node.attr.pop(attribute, None)
            wanted.attr.pop(attribute, None)
        assert text_format.MessageToString(node) == text_format.MessageToString(wanted)


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_different_graph_is_one_still(name):
    expected = text_format.Parse(GOLDEN["graphs"][name], protos.GraphDef())
    assert build(SNIPPETS[name]).node[:] != expected.node[:]


@pytest.mark.parametrize("name", ERRORS)
def test_the_error_is_tensorflows(name):
    expected = GOLDEN["errors"][name]
    with pytest.raises(Exception) as raised:  # noqa: PT011  # its type is compared below
        build(ERRORS[name])
    error = raised.value
    assert type(error).__name__ == expected["type"]
    message = re.sub("0x[0-9a-f]+", "0x", str(getattr(error, "message", error)))
    assert (message == expected["message"]) is (name not in REWORDED)
