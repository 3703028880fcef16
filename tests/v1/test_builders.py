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

#: The snippets, and what TensorFlow made of them.
FILES = {
    "snippets": "builders.json.gz",
    "variable_snippets": "variables.json.gz",
    "train_snippets": "train.json.gz",
    "queue_snippets": "queues.json.gz",
    "loss_snippets": "losses.json.gz",
    "image_snippets": "images.json.gz",
    "reader_snippets": "readers.json.gz",
    "control_snippets": "control.json.gz",
    "saver_snippets": "savers.json.gz",
    "string_snippets": "strings.json.gz",
    "parsing_snippets": "parsing.json.gz",
    "table_snippets": "tables.json.gz",
    "layer_snippets": "layers.json.gz",
    "rnn_snippets": "rnn.json.gz",
    "loop_snippets": "loops.json.gz",
    "dataset_snippets": "datasets.json.gz",
}


def _snippets(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SNIPPETS: dict[str, Any] = {}
ERRORS: dict[str, Any] = {}
GOLDEN: dict[str, dict[str, Any]] = {"graphs": {}, "results": {}, "collections": {}, "errors": {}}
for _name, _file in FILES.items():
    SNIPPETS |= _snippets(_name).SNIPPETS
    ERRORS |= _snippets(_name).ERRORS
    for _kind, _values in json.loads(gzip.decompress((HERE / _file).read_bytes())).items():
        GOLDEN[_kind] |= _values

#: Where the graph is another one, and why.
DIFFERENT = {
    "nn: swish": "TensorFlow's has the two nodes of a custom gradient, which comes with gradients",
    "matrices: tensordot unknown": "the shape arithmetic of an unknown rank has other nodes",
    "nn: softmax_cross_entropy_v2": "the static shape is known better",
    "nn: sparse_softmax_cross_entropy partly known": "the static shape is known better",
    "losses: softmax_cross_entropy partly known": "the static shape is known better",
    "losses: compute_weighted_loss unknown": "TensorFlow's compares sets of sizes, in a `cond`",
    "losses: compute_weighted_loss of an unknown rank": "the same",
    "image: ssim": "the static shape is known better",
    "image: ssim_multiscale": "the static shape is known better",
    "batch: perhaps kept": "TensorFlow's enqueues in a `cond`, where queues do not run here",
    "layers: transposed": "TensorFlow's has a slice of the shape that nobody uses",
}
#: What keeps rows in lists of tensors, where TensorFlow has arrays of tensors.
LISTS = [n for n in SNIPPETS if n.startswith(("rnn: dynamic", "rnn: raw"))]
DIFFERENT |= dict.fromkeys(LISTS, "rows are kept in lists of tensors")
#: Where the gradients have other nodes; all else is the same.
MINIMIZED = [n for n in SNIPPETS if n.endswith((": minimize", ": gated", ": ungated"))]
DIFFERENT |= dict.fromkeys(MINIMIZED, "the gradients have other nodes")

#: Errors of TensorFlow's type in other words.
REWORDED = {
    "parse another default type",
    "table mutable default",
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
    "Variable iteration",
    "Variable iteration resource",
    "Variable truth",
    "assign a tensor",
    "assign string",
    "constant_initializer",
    "embedding_lookup rows",
    "init_from_checkpoint no tensor",
    "saver set_last_checkpoints",
    "sparse matmul sizes",
    "layers other graph",
    "cells no list of cells",
    "image: crop_and_resize rank",
    "image: crop_and_resize indices",
}

#: Where TensorFlow keeps the contexts of conditionals and loops.
CONTEXTS = ("cond_context", "while_context")
#: What TensorFlow's runtime adds to nodes for itself.
PRIVATE = ("_has_manual_control_dependencies",)


def build(snippet: Any) -> protos.GraphDef:
    with tf.Graph().as_default() as graph:
        snippet(tf)
    made = graph.as_graph_def(add_shapes=True)
    for node in made.node:
        if "shared_name" in node.attr:
            text = node.attr["shared_name"].s
            # A table that nobody shares has a name of its own each time.
            node.attr["shared_name"].s = re.sub(b"hash_table_[0-9a-f-]{36}", b"hash_table_", text)
    return made


def plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except TypeError:
        return None


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


@pytest.mark.parametrize("name", MINIMIZED)
def test_the_graph_is_tensorflows_beside_the_gradients(name):
    expected = text_format.Parse(GOLDEN["graphs"][name], protos.GraphDef())
    assert _beside_gradients(build(SNIPPETS[name])) == _beside_gradients(expected)


def _beside_gradients(graph: protos.GraphDef) -> list[str]:
    found = []
    for node in graph.node:
        if node.name.startswith(("gradients/", "tuple/")):
            continue
        node.ClearField("experimental_type")
        for attribute in PRIVATE:
            node.attr.pop(attribute, None)
        inputs = [re.sub("^(gradients|tuple)/.*", "gradient", i) for i in node.input]
        node.ClearField("input")
        found.append(f"{text_format.MessageToString(node)}{inputs}")
    return found


@pytest.mark.parametrize("name", [*GOLDEN["results"]])
def test_what_a_snippet_returns_is_what_tensorflow_returns(name):
    with tf.Graph().as_default():
        found = plain(SNIPPETS[name](tf))
    assert found == GOLDEN["results"][name]


@pytest.mark.parametrize("name", [*GOLDEN["collections"]])
def test_the_collections_are_tensorflows(name):
    with tf.Graph().as_default() as graph:
        SNIPPETS[name](tf)
    keys = graph.get_all_collection_keys()
    named = {k: [getattr(v, "name", v) for v in graph.get_collection(k)] for k in keys}
    expected = {k: v for k, v in GOLDEN["collections"][name].items() if k not in CONTEXTS}
    assert {k: v for k, v in named.items() if v} == expected


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
    message = message.partition("defined at:")[0]
    assert (message == expected["message"]) is (name not in REWORDED)
