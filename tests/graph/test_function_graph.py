"""Functions that are traced: what they capture, and what they are as a `FunctionDef`."""

from __future__ import annotations

import pytest

import evergraph.v1 as tf
from evergraph.graph.function_graph import FunctionGraph


@pytest.fixture
def outer():
    with tf.Graph().as_default() as graph:
        yield graph


def test_what_is_outside_becomes_an_argument(outer):
    x, y = tf.placeholder(tf.float32, [2], name="x"), tf.constant(3.0)
    graph = FunctionGraph(outer)
    with graph.as_default():
        a = graph.argument("a", tf.float32, (2,))
        result = a * x + x * y
    assert list(graph.captures) == [x, y]
    called = graph.define("f", [result])
    definition = outer._functions[called.name]
    assert [i.name for i in definition.signature.input_arg] == [
        "a",
        "mul_placeholder",
        "mul_1_placeholder",
    ]
    assert dict(definition.ret) == {"add": "add:z:0"}
    assert {n.name: list(n.input) for n in definition.node_def} == {
        "mul": ["a", "mul_placeholder"],
        "mul_1": ["mul_placeholder", "mul_1_placeholder"],
        "add": ["mul:z:0", "mul_1:z:0"],
    }
    shape = definition.arg_attr[1].attr["_output_shapes"].list.shape[0]
    assert [d.size for d in shape.dim] == [2]


def test_a_function_inside_captures_through_the_one_around(outer):
    x = tf.constant(1.0)
    around = FunctionGraph(outer)
    with around.as_default():
        inside = FunctionGraph(around)
        with inside.as_default():
            tf.negative(x)
    (between,) = inside.captures
    assert around.captures == {x: between}


def test_nothing_waits_for_what_is_outside(outer):
    first = tf.no_op()
    graph = FunctionGraph(outer)
    with graph.as_default(), tf.control_dependencies([first]):
        inner = tf.constant(1)
    assert inner.op.control_inputs == []


def test_a_function_makes_no_variables(outer):
    with FunctionGraph(outer).as_default(), pytest.raises(ValueError, match="'v' would be"):
        tf.Variable(1.0, name="v")


def test_a_function_changes_no_reference(outer):
    v = tf.Variable(1.0, use_resource=False)
    with FunctionGraph(outer).as_default(), pytest.raises(ValueError, match="use_resource=True"):
        tf.assign(v, 2.0)


def test_the_shape_of_a_resource_variable_is_known_inside(outer):
    v = tf.Variable([1.0, 2.0], use_resource=True)
    with FunctionGraph(outer).as_default():
        assert v.read_value().shape.as_list() == [2]


def test_names_of_functions_differ(outer):
    names = set()
    for _ in range(2):
        graph = FunctionGraph(outer)
        with graph.as_default():
            names.add(graph.define("f", [tf.constant(1)]).name)
    assert len(names) == 2
    assert names <= set(outer._functions)


def test_stateful_operations_run_though_nobody_takes_what_they_give(outer):
    graph = FunctionGraph(outer)
    with graph.as_default():
        tf.py_func(lambda: None, [], [], name="called")
        called = graph.define("f", [tf.constant(1)])
    definition = outer._functions[called.name]
    assert definition.signature.is_stateful
    assert dict(definition.control_ret) == {"called": "called"}
