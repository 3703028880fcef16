"""GraphDefs that no builder writes: what is refused, and what only fails when it runs."""

from __future__ import annotations

import pytest

from evergraph_conformance.graph_defs import FLOAT, P, graph_def, imported
from evergraph_conformance.messages import core, exact, raises, row, typed

pytestmark = pytest.mark.uses("Neg", "AddV2", "Identity")


def neg(attributes: str = FLOAT, inputs: str = 'input: "p"') -> str:
    """A node `n` after `P`."""
    return P + f'node {{ name: "n" op: "Neg" {inputs} {attributes} }}'


def other(name: str, value: str) -> str:
    """The attributes of a `neg`, and another one."""
    return FLOAT + f' attr {{ key: "{name}" value {{ {value} }} }}'


def const(tensor: str, dtype: str = "DT_FLOAT") -> str:
    """A constant `c`."""
    return (
        f'node {{ name: "c" op: "Const" attr {{ key: "dtype" value {{ type: {dtype} }} }} '
        f'attr {{ key: "value" value {{ {tensor} }} }} }}'
    )


def floats(dims: str, values: str = "float_val: 1") -> str:
    """A constant of floats."""
    return const(f"tensor {{ dtype: DT_FLOAT tensor_shape {{ {dims} }} {values} }}")


def placeholder(dims: str) -> str:
    """A placeholder of that shape."""
    return (
        'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } '
        f'attr {{ key: "shape" value {{ shape {{ {dims} }} }} }} }}'
    )


def merge(back: str, attributes: str = FLOAT) -> str:
    """A loop, of which this is the second input of the Merge."""
    return (
        P
        + f'node {{ name: "m" op: "Merge" input: "p" input: "{back}" '
        + f'attr {{ key: "N" value {{ i: {1 if back[0] == "^" else 2} }} }} {FLOAT} }}'
        + 'node { name: "i" op: "Cast" input: "m" attr { key: "SrcT" value { type: DT_FLOAT } } '
        + 'attr { key: "DstT" value { type: DT_INT32 } } }'
        + f'node {{ name: "next" op: "NextIteration" input: "m" {FLOAT} }}'
        + 'node { name: "whole" op: "NextIteration" input: "i" '
        + 'attr { key: "T" value { type: DT_INT32 } } }'
    )


def function(signature: str) -> str:
    """A function, and a call of it."""
    return (
        f"library {{ function {{ signature {{ {signature} }} }} }} "
        'node { name: "call" op: "twice" }'
    )


MISSING_T = "NodeDef missing attr 'T' from Op<name=Neg; signature=x:T -> y:T;"
LARGE = "dim { size: 4611686018427387904 } dim { size: 4611686018427387904 }"

REFUSED = [
    row(
        "no op", 'node { name: "a" }', exact("ValueError", "Node 'a' does not specify an operation")
    ),
    row("no attribute", neg(""), core("ValueError", MISSING_T)),
    row(
        "no attribute, but one of no use",
        neg('attr { key: "_x" value { i: 1 } }'),
        core("ValueError", MISSING_T),
    ),
    row("a placeholder", neg('attr { key: "T" value { placeholder: "T" } }'), typed("ValueError")),
    row(
        "a placeholder of a value",
        const('placeholder: "v"'),
        core("ValueError", "AttrValue had value with unexpected type 'placeholder'"),
    ),
    row(
        "a reference type",
        const("tensor { dtype: DT_FLOAT }", "DT_FLOAT_REF"),
        core("ValueError", "AttrValue must not have reference type value of float_ref"),
    ),
    row(
        "no type",
        const("tensor { dtype: DT_FLOAT }", "DT_INVALID"),
        core("ValueError", "AttrValue has invalid DataType"),
    ),
    row(
        "an unknown type",
        const("tensor { dtype: DT_FLOAT }", "12345"),
        core("ValueError", "AttrValue has invalid DataType enum: 12345"),
    ),
    row("_class, an int", neg(other("_class", "i: 1")), typed("TypeError")),
    row("_class, a string", neg(other("_class", 's: "loc:@p"')), typed("TypeError")),
    row(
        "an empty input",
        neg(inputs='input: ""'),
        exact("ValueError", "Node 'n': Unknown input node ''"),
    ),
    row(
        "no index",
        neg(inputs='input: "p:"'),
        exact("ValueError", "Node 'n': Unknown input node 'p:'"),
    ),
    row(
        "an index below 0",
        neg(inputs='input: "p:-1"'),
        exact("ValueError", "Node 'n': Unknown input node 'p:-1'"),
    ),
    row(
        "an endless index",
        neg(inputs=f'input: "p:{"9" * 30}"'),
        exact("ValueError", f"Node 'n': Unknown input node 'p:{'9' * 30}'"),
    ),
    row(
        "a digit of another script",
        neg(inputs='input: "p:\u0660"'),
        core("ValueError", "Unknown input"),
    ),
    row(
        "a control input with an index",
        neg(inputs='input: "p" input: "^p:0"'),
        exact("ValueError", "Node 'n': Unknown input node '^p:0'"),
    ),
    row(
        "a constant below size -1",
        floats("dim { size: -2 }"),
        core("ValueError", "is not fully defined for '{{node import/c}} = Const"),
    ),
    row(
        "a constant of more elements than can be counted",
        floats(LARGE),
        core("ValueError", "is too large (more than 2**63 - 1 entries)"),
    ),
    row("a constant of 300 axes", floats("dim { size: 1 } " * 300), typed("ValueError")),
    row(
        "a shape below -1",
        placeholder("dim { size: -2 }"),
        core(
            "ValueError",
            "Shape [-2] has dimensions with values below -1 (where -1 means unknown)",
        ),
    ),
    row(
        "a shape of more elements than can be counted",
        placeholder(LARGE),
        core(
            "ValueError",
            "Shape [4611686018427387904,4611686018427387904] is too large (more than 2**63 - 1 "
            "entries)",
        ),
    ),
    row("a shape of 300 axes", placeholder("dim { size: 1 } " * 300), typed("ValueError")),
    row(
        "a recorded shape below -1",
        neg(other("_output_shapes", "list { shape { dim { size: -5 } } }")),
        core(
            "ValueError",
            "has an invalid _output_shapes attribute (shape #0 error:'Shape [-5] has dimensions "
            "with values below -1 (where -1 means unknown)'",
        ),
    ),
    row(
        "more inputs than can be",
        P + 'node { name: "n" op: "Pack" input: "p" '
        f'attr {{ key: "N" value {{ i: 4611686018427387904 }} }} {FLOAT} }}',
        typed("ValueError"),
    ),
    row(
        "an output of a back edge",
        merge("next:3"),
        core("ValueError", "Output 3 of node import/next does not exist. Node only has 1 outputs."),
    ),
    row("a back edge of another type", merge("whole"), core("ValueError", "was passed int32 from")),
    row("a back edge that only waits", merge("^next"), core("ValueError", "nodes in a cycle")),
    row(
        "a function named as an op",
        function('name: "AddV2"'),
        core("ValueError", "Cannot add function 'AddV2' because an op with the same name already"),
    ),
    row(
        "a function's input of no type",
        function('name: "twice" input_arg { name: "x" }'),
        core("ValueError", "No type fields in"),
    ),
    row(
        "a function's attribute of no type",
        function('name: "twice" attr { name: "T" type: "list(x" }'),
        typed("ValueError"),
    ),
]


@pytest.mark.parametrize(("text", "error"), REFUSED)
def test_damage_is_refused(tf, text, error):
    with raises(error):
        imported(tf, text)


def test_a_message_nested_too_deeply_is_refused(tf):
    message = graph_def(tf, neg())
    value = message.node[0].attr["deep"]
    for _ in range(60):
        value.func.name = "f"
        value = value.func.attr["deep"]
    with raises(core("ValueError", "Invalid GraphDef")):
        tf.import_graph_def(message)


UNPARSABLE = [
    row("another type", const("tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 }")),
    row("no type", const("tensor { }")),
    row("an unknown type", const("tensor { dtype: 9999 }")),
    row("a reference type", const("tensor { dtype: DT_FLOAT_REF }")),
    row("too few bytes", floats("dim { size: 2 }", 'tensor_content: "abc"')),
]


@pytest.mark.parametrize("text", UNPARSABLE)
def test_a_constant_that_cannot_be_parsed_fails_when_it_runs(tf, session, text):
    (c,) = imported(tf, text, return_elements=["c:0"])
    good = tf.constant(1.0) + 1
    with raises(typed("InvalidArgumentError")) as caught:
        session.run(c)
    assert "import/c" in str(caught.value)
    assert session.run(good) == 2


@pytest.mark.parametrize(
    "value",
    [
        row("nothing", ""),
        row("an int", "i: 1"),
        row("a placeholder", 'placeholder: "x"'),
        row("an unknown type", "type: 12345"),
        row("lists of two kinds", 'list { i: 1 s: "a" }'),
        row("a shape below -1", "shape { dim { size: -7 } }"),
    ],
)
def test_an_attribute_that_no_op_declares_may_be_anything(tf, session, value):
    (n,) = imported(tf, neg(other("zz", value)), return_elements=["n:0"])
    assert session.run(n, {"import/p:0": [1, 2]}).tolist() == [-1, -2]
    written = tf.get_default_graph().as_graph_def().node[1].attr["zz"]
    assert written == graph_def(tf, neg(other("zz", value))).node[1].attr["zz"]


def test_what_an_import_maps_has_no_consumer_when_it_failed(tf):
    x = tf.placeholder(tf.float32, [2])
    y = tf.placeholder(tf.float32, [3])
    text = f'node {{ name: "n" op: "AddV2" input: "x" input: "y" {FLOAT} }}'
    with raises(typed("ValueError")):
        imported(tf, text, input_map={"x": x, "y": y})
    assert x.consumers() == y.consumers() == []


def test_an_attribute_without_a_name_is_no_obstacle_to_an_error(tf):
    text = P + P.replace('"p"', '"q"').replace("size: 2", "size: 3")
    text += f'node {{ name: "n" op: "AddV2" input: "p" input: "q" {other("", "i: 1")} }}'
    with raises(core("ValueError", "Dimensions must be equal, but are 2 and 3")):
        imported(tf, text)


def test_a_shape_that_can_not_be_counted_is_refused(tf):
    x = tf.placeholder(tf.float32, [2**40])
    with raises(typed("ValueError")):
        tf.raw_ops.Tile(input=x, multiples=tf.constant([2**40], tf.int64))


def test_a_size_that_does_not_fit_its_type_decides_no_shape(tf):
    size = tf.raw_ops.Size(input=tf.placeholder(tf.float32, [2**40]))
    with raises(core("ValueError", "Value is out of int32 range: 1099511627776")):
        tf.fill(tf.reshape(size, [1]), 1.0)


def test_a_constant_that_cannot_be_parsed_decides_no_shape(tf):
    text = const("tensor { dtype: DT_INT32 tensor_shape { dim { size: 2 } } }", "DT_INT32")
    text = text.replace("size: 2 } }", 'size: 2 } } tensor_content: "abc"')
    (c,) = imported(tf, text, return_elements=["c:0"])
    with raises(typed("ValueError")):
        tf.fill(c, 1.0)
