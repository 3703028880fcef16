"""`import_graph_def`: names, replaced inputs, what is returned, and the scopes around it."""

from __future__ import annotations

import pytest

from evergraph_conformance.graph_defs import FLOAT, N, P, graph_def, imported, names, no_op
from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("Neg", "AddV2", "Identity")


def colocated(group):
    return f'attr {{ key: "_class" value {{ list {{ s: "{group}" }} }} }}'


# Names


def test_nodes_are_imported_below_import(tf):
    assert imported(tf, P + N) is None
    assert imported(tf, P + N) is None
    assert names(tf) == ["import/p", "import/n", "import_1/p", "import_1/n"]
    n = tf.get_default_graph().get_operation_by_name("import/n")
    assert [t.name for t in n.inputs] == ["import/p:0"]
    assert n.outputs[0].shape.as_list() == [2]


@pytest.mark.parametrize(
    ("name", "want"),
    [
        row("empty", "", ["p", "n", "p_1", "n_1"]),
        row("nested", "a/b", ["a/b/p", "a/b/n", "a/b_1/p", "a/b_1/n"]),
        row("exact", "a/", ["a/p", "a/n", "a/p_1", "a/n_1"]),
        row("word", "a", ["a/p", "a/n", "a_1/p", "a_1/n"]),
    ],
)
def test_names_are_prefixed_and_made_unique(tf, name, want):
    for _ in range(2):
        imported(tf, P + N, name=name)
    assert names(tf) == want


def test_a_name_scope_is_around_the_import(tf):
    with tf.name_scope("s"):
        imported(tf, P)
        imported(tf, P, name="a")
        imported(tf, P, name="")
    assert names(tf) == ["s/import/p", "s/a/p", "p"]


def test_nodes_may_come_in_any_order(tf):
    imported(tf, N + P)
    assert names(tf) == ["import/p", "import/n"]


def test_an_imported_graph_runs(tf, session):
    p, n = imported(tf, N + P, return_elements=["p:0", "n:0"])
    assert session.run(n, {p: [1.0, -2.0]}).tolist() == [-1.0, 2.0]
    assert session.run(n, {"import/p:0": [0.0, 3.0]}).tolist() == [0.0, -3.0]


def test_an_exported_graph_is_imported_as_it_was(tf, session):
    p = tf.placeholder(tf.float32, [2], "p")
    with tf.control_dependencies([tf.no_op("o")]), tf.device("/cpu:0"):
        tf.add(tf.negative(p), [1.0, 2.0], name="sum")
    exported = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default() as other:
        tf.import_graph_def(exported, name="")
        again = other.as_graph_def()
        assert sorted(str(n) for n in again.node) == sorted(str(n) for n in exported.node)
        with tf.Session() as sess:
            assert sess.run("sum:0", {"p:0": [1.0, 2.0]}).tolist() == [0.0, 0.0]


def test_a_message_that_was_imported_may_change(tf, session):
    message = graph_def(tf, "")
    with tf.Graph().as_default():
        tf.constant([1.0, 2.0], name="c")
        message.CopyFrom(tf.get_default_graph().as_graph_def())
    (c,) = tf.import_graph_def(message, return_elements=["c:0"])
    message.node[0].attr["value"].tensor.Clear()
    message.node[0].name = "d"
    assert session.run(tf.identity(c)).tolist() == [1.0, 2.0]


# What is returned


def test_elements_are_returned_by_their_names_in_the_message(tf):
    n, first, p = imported(tf, P + N, return_elements=["n", "n:0", b"p:0"])
    assert (n.name, first.name, p.name) == ("import/n", "import/n:0", "import/p:0")
    assert first is n.outputs[0]


def test_no_elements_are_an_empty_list(tf):
    assert imported(tf, P + N, return_elements=[]) == []


@pytest.mark.parametrize(
    ("elements", "error"),
    [
        row(
            "202 tensor",
            ["q:0"],
            exact("ValueError", "Requested return tensor 'q:0' not found in graph def"),
        ),
        row(
            "202 operation",
            ["q"],
            exact("ValueError", "Requested return node 'q' not found in graph def"),
        ),
        row(
            "output",
            ["n:1"],
            exact("ValueError", "Invalid return output 1 of node 'n', which has 1 output(s)"),
        ),
        row(
            "no number",
            ["n:a"],
            exact(
                "ValueError",
                "Cannot convert 'n:a' to a tensor name. Second component of the name following "
                "the `:` should be an int. Got a.",
            ),
        ),
        row(
            "type",
            [3],
            exact(
                "TypeError",
                "Argument `return_elements` must be a list of strings. Obtained [3].",
            ),
        ),
    ],
)
def test_an_element_that_the_message_lacks_is_refused(tf, elements, error):
    with raises(error):
        imported(tf, P + N, return_elements=elements)


# input_map


@pytest.mark.parametrize("key", ["p:0", "p", row("bytes", b"p:0")])
def test_an_input_is_replaced(tf, session, key):
    c = tf.constant([1.0, 2.0])
    (n,) = imported(tf, P + N, {key: c}, ["n:0"])
    assert n.op.inputs[0] is c
    assert session.run(n).tolist() == [-1.0, -2.0]
    assert names(tf) == ["Const", "import/p", "import/n"]


def test_a_replaced_element_is_returned_as_what_replaces_it(tf):
    c = tf.constant([1.0, 2.0])
    replaced, p = imported(tf, P + N, {"p:0": c}, ["p:0", "p"])
    assert replaced is c
    assert p.name == "import/p"


def test_a_value_that_replaces_becomes_a_constant(tf):
    (n,) = imported(tf, P + N, {"p:0": [1.0, 2.0]}, ["n:0"])
    assert names(tf) == ["import/_inputs/Const", "import/p", "import/n"]
    assert n.op.inputs[0].name == "import/_inputs/Const:0"


def test_a_replaced_node_need_not_be_there(tf):
    c = tf.constant([1.0, 2.0])
    (n,) = imported(tf, N, {"p:0": c}, ["n:0"])
    assert n.op.inputs[0] is c


def test_shapes_follow_from_what_replaces(tf):
    (n,) = imported(tf, P + N, {"p:0": tf.constant([1.0, 2.0, 3.0])}, ["n:0"])
    assert n.shape.as_list() == [3]


@pytest.mark.uses("Split")
def test_the_second_output_can_be_replaced(tf, session):
    split = (
        'node { name: "s" op: "Split" input: "axis" input: "p" '
        'attr { key: "num_split" value { i: 2 } } ' + FLOAT + " }\n"
        'node { name: "axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } } attr { '
        'key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }\n'
        'node { name: "sum" op: "AddV2" input: "s" input: "s:1" ' + FLOAT + " }\n"
    )
    p, total = imported(tf, P + split, {"s:1": tf.constant([10.0])}, ["p:0", "sum:0"])
    assert session.run(total, {p: [1.0, 2.0]}).tolist() == [11.0]


@pytest.mark.parametrize(
    ("mapped", "error"),
    [
        row(
            "201 unused key",
            lambda tf: {"zz:0": tf.constant(1.0)},
            exact("ValueError", "Attempted to map inputs that were not found in graph_def: [zz:0]"),
        ),
        row(
            "type",
            lambda tf: {"p:0": tf.constant([1, 2])},
            exact(
                "ValueError",
                "Input 0 of node import/n was passed int32 from Const:0 incompatible with "
                "expected float.",
            ),
        ),
        row(
            "no mapping",
            lambda tf: [("p:0", 1)],
            exact("TypeError", "Argument `input_map` must be a dictionary. Obtained list"),
        ),
        row(
            "key",
            lambda tf: {3: tf.constant(1.0)},
            exact(
                "TypeError",
                "All keys for argument `input_map` must be strings. Obtained keys: [3]",
            ),
        ),
        row(
            "operation",
            lambda tf: {"p:0": tf.constant([1.0, 2.0]).op},
            exact("TypeError", "can't convert Operation 'Const' to Tensor"),
        ),
        row(
            "another graph",
            lambda tf: {"p:0": elsewhere(tf)},
            exact(
                "ValueError",
                "node 'Const' in input_map does not exist in graph (input_map entry: p:0->Const:0)",
            ),
        ),
        row("None", lambda tf: {"p:0": None}, exact("ValueError", "None values not supported.")),
    ],
)
def test_a_bad_replacement_is_refused(tf, mapped, error):
    with raises(error):
        imported(tf, P + N, mapped(tf))


def elsewhere(tf):
    with tf.Graph().as_default():
        return tf.constant([1.0, 2.0])


# Scopes around the import


def test_control_dependencies_hold_for_every_node(tf):
    c = tf.constant(1.0)
    with tf.control_dependencies([c]):
        ops = imported(tf, P + N, return_elements=["p", "n"])
    assert [op.control_inputs for op in ops] == [[c.op], [c.op]]


def test_control_inputs_are_imported(tf):
    text = P + no_op("a") + no_op("b", 'input: "^a" input: "^p"')
    a, b, p = imported(tf, text, return_elements=["a", "b", "p"])
    assert set(b.control_inputs) == {a, p}
    assert list(b.inputs) == []


def test_device_scopes_fill_what_a_node_leaves_open(tf):
    text = no_op("a") + no_op("b", 'device: "/job:x/gpu:2"') + no_op("c", 'device: "/task:1"')
    with tf.device("/job:y/cpu:1"):
        ops = imported(tf, text, return_elements=["a", "b", "c"])
    assert [op.device for op in ops] == [
        "/job:y/device:CPU:1",
        "/job:x/device:GPU:2",
        "/job:y/task:1/device:CPU:1",
    ]


def test_devices_are_written_in_one_way(tf):
    text = no_op("a", 'device: "/gpu:2"') + no_op("b", 'device: "/job:w/cpu:0"')
    a, b = imported(tf, text, return_elements=["a", "b"])
    assert (a.device, b.device) == ("/device:GPU:2", "/job:w/device:CPU:0")


def test_a_device_that_is_none_is_refused(tf):
    with raises(core("ValueError", "Unknown attribute 'foo' is encountered while parsing the")):
        imported(tf, no_op("a", 'device: "/foo:2"'))


# Colocation


def test_colocation_names_the_imported_node(tf):
    text = P + no_op("a", colocated("loc:@p")) + no_op("b", colocated("else"))
    a, b = imported(tf, text, return_elements=["a", "b"])
    assert a.colocation_groups() == a.get_attr("_class") == [b"loc:@import/p"]
    assert b.get_attr("_class") == [b"else"]
    assert b.colocation_groups() == [b"loc:@import/b"]


def test_colocation_with_a_node_that_is_not_there_is_refused(tf):
    with raises(exact("ValueError", "Node 'a' expects to be colocated with unknown node 'zz'")):
        imported(tf, no_op("a", colocated("loc:@zz")))


def test_tensors_replace_inputs_without_a_scope(tf, session):
    x = tf.constant([2.0], name="x")
    (y,) = tf.import_graph_def(
        graph_def(tf, P + N), input_map={"p:0": x}, return_elements=["n:0"], name=""
    )
    assert y.name == "n:0"
    assert session.run(y).tolist() == [-2.0]


def test_values_that_are_no_tensors_need_a_scope(tf):
    with raises(core("ValueError", "requires a non-empty `name` if `input_map` contains non-Te")):
        tf.import_graph_def(graph_def(tf, P + N), input_map={"p:0": 2.0}, name="")
