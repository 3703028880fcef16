"""What `import_graph_def` checks: attributes, recorded shapes, versions, and the nodes."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import message_factory, text_format

from evergraph_conformance.graph_defs import FLOAT, P, graph_def, imported, names, no_op
from evergraph_conformance.messages import core, exact, raises, row

pytestmark = pytest.mark.uses("Neg", "AddV2", "Identity")


SCALAR = 'attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { } } }'


def with_shapes(*shapes):
    """A placeholder of shape [2] with these `_output_shapes`."""
    text = " ".join(f"shape {{ {s} }}" for s in shapes)
    attribute = f'attr {{ key: "_output_shapes" value {{ list {{ {text} }} }} }}'
    return P.rstrip().removesuffix("}") + attribute + " }\n"


# Attributes


def test_attributes_that_the_op_does_not_declare_are_kept(tf):
    text = no_op("a", 'attr { key: "zz" value { i: 3 } } attr { key: "_y" value { s: "w" } }')
    (a,) = imported(tf, text, return_elements=["a"])
    assert (a.get_attr("zz"), a.get_attr("_y")) == (3, b"w")


def op_list(tf):
    """An OpList in which NoOp has an attribute `zz` with the default 3."""
    op_def = tf.get_default_graph().op_def_for_type("NoOp")
    kind = op_def.DESCRIPTOR.file.message_types_by_name["OpList"]
    listed: Any = message_factory.GetMessageClass(kind)()
    listed.op.add().CopyFrom(op_def)
    text_format.Parse('attr { name: "zz" type: "int" default_value { i: 3 } }', listed.op[0])
    return listed


def test_a_default_of_the_producer_is_dropped(tf):
    text = no_op("a", 'attr { key: "zz" value { i: 3 } }')
    (a,) = imported(tf, text, return_elements=["a"], producer_op_list=op_list(tf))
    assert "zz" not in a.node_def.attr


def test_another_value_than_the_producers_default_is_kept(tf):
    text = no_op("a", 'attr { key: "zz" value { i: 4 } }')
    (a,) = imported(tf, text, return_elements=["a"], producer_op_list=op_list(tf))
    assert a.get_attr("zz") == 4


def test_missing_attributes_get_their_defaults(tf):
    text = 'node { name: "p" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }'
    (p,) = imported(tf, text, return_elements=["p:0"])
    assert p.shape.rank is None


# _output_shapes


@pytest.mark.parametrize(
    ("recorded", "want"),
    [row("same", "dim { size: 2 }", [2]), row("unknown", "unknown_rank: true", [2])],
)
def test_recorded_shapes_are_checked_and_dropped(tf, recorded, want):
    (p,) = imported(tf, with_shapes(recorded), return_elements=["p:0"])
    assert p.shape.as_list() == want
    assert "_output_shapes" not in p.op.node_def.attr


def test_recorded_shapes_add_to_what_is_known(tf):
    text = with_shapes("dim { size: 2 } dim { size: -1 }").replace(
        "shape { dim { size: 2 } } }", "shape { unknown_rank: true } }", 1
    )
    (p,) = imported(tf, text, return_elements=["p:0"])
    assert p.shape.as_list() == [2, None]


@pytest.mark.parametrize(
    ("recorded", "error"),
    [
        row(
            "size",
            "dim { size: 3 }",
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].",
        ),
        row(
            "rank",
            "dim { size: 2 } dim { size: 2 }",
            "Shapes must be equal rank, but are 1 and 2",
        ),
    ],
)
def test_recorded_shapes_that_contradict_are_refused(tf, recorded, error):
    with raises(
        exact(
            "ValueError",
            "Node 'import/p' has an _output_shapes attribute inconsistent with the GraphDef for "
            f"output #0: {error}",
        )
    ):
        imported(tf, with_shapes(recorded))


# Versions


@pytest.mark.parametrize(("producer", "rank"), [(0, None), (21, None), (22, 0), (2474, 0)])
def test_up_to_version_21_a_scalar_placeholder_was_one_of_unknown_shape(tf, producer, rank):
    text = 'node { name: "p" op: "Placeholder" ' + SCALAR + " }"
    (p,) = tf.import_graph_def(graph_def(tf, text, producer=producer), return_elements=["p:0"])
    assert p.shape.rank == rank


def test_the_oldest_producer_is_the_graphs(tf):
    graph = tf.get_default_graph()
    current = graph.graph_def_versions.producer
    tf.import_graph_def(graph_def(tf, P, producer=27))
    assert graph.graph_def_versions.producer == 27
    tf.import_graph_def(graph_def(tf, P, producer=current))
    assert graph.graph_def_versions.producer == 27
    assert graph.as_graph_def().versions.producer == 27


@pytest.mark.parametrize(
    ("versions", "error"),
    [
        row(
            "204 min_consumer",
            {"min_consumer": 999999},
            "GraphDef min consumer version 999999 above current version 2474 for TensorFlow "
            "2.21.0.  Please upgrade TensorFlow.",
        ),
        row(
            "bad_consumers",
            {"bad_consumers": [2474]},
            "GraphDef disallows consumer version 2474.  Please upgrade TensorFlow: this version is "
            "likely buggy.",
        ),
    ],
)
def test_a_graph_for_other_consumers_is_refused(tf, versions, error):
    with raises(exact("ValueError", error)):
        tf.import_graph_def(graph_def(tf, P, **versions))


def test_an_op_that_was_removed_is_refused(tf):
    text = (
        'node { name: "b" op: "BatchNormWithGlobalNormalization" '
        'input: "p" input: "p" input: "p" input: "p" input: "p" '
        'attr { key: "variance_epsilon" value { f: 0.1 } } '
        'attr { key: "scale_after_normalization" value { b: true } } ' + FLOAT + " }"
    )
    with raises(
        core(
            "UnimplementedError",
            "Op BatchNormWithGlobalNormalization is not available in GraphDef version 2474. It has "
            "been removed in version 9.",
        )
    ):
        imported(tf, P + text)


# What is wrong with a message


REFUSED = [
    row(
        "194 op",
        'node { name: "x" op: "NoSuchOp" }',
        core("NotFoundError", "Op type not registered 'NoSuchOp'"),
    ),
    row(
        "195 input",
        no_op("x", 'input: "nope"'),
        exact("ValueError", "Node 'x': Unknown input node 'nope'"),
    ),
    row(
        "195 input with its output",
        no_op("x", 'input: "nope:1"'),
        exact("ValueError", "Node 'x': Unknown input node 'nope:1'"),
    ),
    row(
        "195 control input",
        no_op("x", 'input: "^nope"'),
        exact("ValueError", "Node 'x': Unknown input node '^nope'"),
    ),
    row(
        "196 cycle",
        f'node {{ name: "a" op: "Neg" input: "b" {FLOAT} }}'
        f'node {{ name: "b" op: "Neg" input: "a" {FLOAT} }}',
        core("ValueError", "2 nodes in a cycle"),
    ),
    row(
        "196 cycle of one",
        f'node {{ name: "a" op: "Neg" input: "a" {FLOAT} }}',
        core("ValueError", "1 nodes in a cycle"),
    ),
    row(
        "197 name twice",
        no_op("x") + no_op("x"),
        exact("ValueError", "Node 'x' is not unique"),
    ),
    row(
        "198 missing attribute",
        'node { name: "x" op: "Placeholder" }',
        exact(
            "ValueError",
            "NodeDef missing attr 'dtype' from Op<name=Placeholder; signature= -> output:dtype; "
            "attr=dtype:type; attr=shape:shape,default=<unknown>>; NodeDef: {{node import/x}}",
        ),
    ),
    row(
        "199 name",
        no_op("_bad name"),
        exact("ValueError", "Node '_bad name': Node name contains invalid characters"),
    ),
    row("empty name", no_op(""), core("ValueError", "Node name contains invalid characters")),
    row(
        "200 input type",
        P + 'node { name: "x" op: "Neg" input: "p" attr { key: "T" value { type: DT_INT32 } } }',
        exact(
            "ValueError",
            "Input 0 of node import/x was passed float from import/p:0 incompatible with expected "
            "int32.",
        ),
    ),
    row(
        "208 type that the op does not take",
        'node { name: "s" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } }'
        'node { name: "x" op: "Abs" input: "s" attr { key: "T" value { type: DT_STRING } } }',
        core(
            "ValueError",
            "Value for attr 'T' of string is not in the list of allowed values: bfloat16, half, "
            "float, double, int8, int16, int32, int64",
        ),
    ),
    row(
        "too few inputs",
        f'node {{ name: "x" op: "Neg" {FLOAT} }}',
        core("ValueError", "NodeDef expected inputs 'float' do not match 0 inputs specified"),
    ),
    row(
        "too many inputs",
        P + f'node {{ name: "x" op: "Neg" input: "p" input: "p" {FLOAT} }}',
        core("ValueError", "NodeDef expected inputs 'float' do not match 2 inputs specified"),
    ),
    row(
        "output",
        P + f'node {{ name: "x" op: "Neg" input: "p:1" {FLOAT} }}',
        core("ValueError", "Connecting to invalid output 1 of source node p which has 1 outputs"),
    ),
    row(
        "kind of attribute",
        'node { name: "x" op: "Placeholder" attr { key: "dtype" value { i: 3 } } }',
        core("ValueError", "AttrValue had value with type 'int' when 'type' expected"),
    ),
    row(
        "value below the minimum",
        P
        + 'node { name: "x" op: "AddN" input: "p" attr { key: "N" value { i: 0 } } '
        + FLOAT
        + "}",
        core("ValueError", "Value for attr 'N' of 0 must be at least minimum 1"),
    ),
    row(
        "control input before an input",
        P + no_op("o") + f'node {{ name: "x" op: "Neg" input: "^o" input: "p" {FLOAT} }}',
        core("ValueError", "Control dependencies must come after regular dependencies"),
    ),
    row(
        "shapes that do not fit",
        P
        + P.replace('"p"', '"q"').replace("size: 2", "size: 3")
        + f'node {{ name: "x" op: "AddV2" input: "p" input: "q" {FLOAT} }}',
        core("ValueError", "Dimensions must be equal, but are 2 and 3 for '{{node import/x}}"),
    ),
]


@pytest.mark.parametrize(("text", "error"), REFUSED)
def test_a_message_that_is_not_valid_is_refused(tf, text, error):
    with raises(error):
        imported(tf, text)


@pytest.mark.parametrize("bad", ["text", None, 3])
def test_what_is_no_graph_def_is_refused(tf, bad):
    """Row 203."""
    with raises(exact("TypeError", "Argument `graph_def` must be a GraphDef proto.")):
        tf.import_graph_def(bad)


def test_a_scope_name_that_is_not_valid_is_refused(tf):
    with raises(core("ValueError", "'a b' is not a valid root scope name.")):
        imported(tf, P, name="a b")


def test_a_finalized_graph_takes_no_import(tf):
    tf.get_default_graph().finalize()
    with raises(exact("RuntimeError", "Graph is finalized and cannot be modified.")):
        imported(tf, P)


def test_nothing_stays_of_an_import_that_failed(tf, session):
    p = tf.placeholder(tf.float32, [2], "p")
    n = tf.negative(p, "n")
    for parameters in REFUSED:
        with pytest.raises(Exception):  # noqa: B017, PT011  # which one is tested above
            imported(tf, P.replace('"p"', '"first"') + parameters.values[0], name="")
    assert names(tf) == ["p", "n"]
    assert p.consumers() == [n.op]
    assert session.run(n, {p: [1.0, 2.0]}).tolist() == [-1.0, -2.0]
