"""tf.graph_util: variables as constants, parts of a graph, nodes that only training needs."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.api import CONFIG
from evergraph_conformance.messages import core, exact, raises
from evergraph_conformance.variables import BOTH, OPS

pytestmark = pytest.mark.uses(
    *OPS, "MatMul", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd", "Placeholder"
)

WEIGHTS = np.arange(6, dtype=np.float32).reshape(3, 2)
TABLE = np.arange(4, dtype=np.float32).reshape(2, 2)
X = np.array([[1.0, 2.0, 3.0]], np.float32)
#: X @ WEIGHTS + 1, plus the sums that `network` adds.
Y = X @ WEIGHTS + 1.0 + TABLE[1] + TABLE[0, 1]


@pytest.fixture
def session(tf):
    """An open session on the default graph, and the default session."""
    with tf.Session(config=CONFIG) as opened:
        yield opened


def network(tf, session, resource):
    """Build a graph with three variables, initialize them, and return the graph's nodes."""
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    with tf.variable_scope("net", use_resource=resource):
        w = tf.get_variable("w", initializer=WEIGHTS)
        b = tf.get_variable("b", initializer=np.ones(2, np.float32))
        t = tf.get_variable("t", initializer=TABLE)
    row = tf.gather(t, 1, name="row")
    one = tf.gather_nd(t, [0, 1], name="one")
    tf.add(tf.matmul(x, w) + b, row + one, name="y")
    session.run(tf.global_variables_initializer())
    return tf.get_default_graph().as_graph_def()


def ops(graph_def):
    """Return the op types of a graph, by the nodes' names."""
    return {n.name: n.op for n in graph_def.node}


def outcome(tf, graph_def, fetch="y:0", feeds=None):
    """Import a graph into a new one, and run it."""
    with tf.Graph().as_default(), tf.Session(config=CONFIG) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run(fetch, {"x:0": X} if feeds is None else feeds)


@BOTH
def test_a_frozen_graph_needs_no_initializer(tf, session, resource):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, resource), ["y"]
    )
    np.testing.assert_allclose(outcome(tf, frozen), Y, rtol=1e-6)


REFERENCES = {
    "x": "Placeholder",
    "net/w": "Const",
    "net/w/read": "Identity",
    "net/b": "Const",
    "net/b/read": "Identity",
    "net/t": "Const",
    "net/t/read": "Identity",
    "row/indices": "Const",
    "row/axis": "Const",
    "row": "GatherV2",
    "one/indices": "Const",
    "one": "GatherNd",
    "MatMul": "MatMul",
    "add": "AddV2",
    "add_1": "AddV2",
    "y": "AddV2",
}
RESOURCES = {
    "x": "Placeholder",
    "net/w": "Const",
    "net/b": "Const",
    "net/t": "Const",
    "row/indices": "Const",
    "row": "GatherV2",
    "row/axis": "Const",
    "one/indices": "Const",
    "one": "GatherNd",
    "Identity": "Identity",
    "MatMul/ReadVariableOp": "Identity",
    "MatMul": "MatMul",
    "add/ReadVariableOp": "Identity",
    "add": "AddV2",
    "add_1": "AddV2",
    "y": "AddV2",
}


@BOTH
def test_the_nodes_keep_their_names(tf, session, resource):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, resource), ["y"]
    )
    assert ops(frozen) == (RESOURCES if resource else REFERENCES)


@BOTH
def test_a_variable_becomes_a_constant_with_a_type_and_a_value(tf, session, resource):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, resource), ["y"]
    )
    nodes = {n.name: n for n in frozen.node}
    assert set(nodes["net/w"].attr) == {"dtype", "value"}
    assert list(nodes["net/w"].input) == []
    value = tf.make_ndarray(nodes["net/w"].attr["value"].tensor)
    np.testing.assert_array_equal(value, WEIGHTS, strict=True)


def test_what_reads_a_resource_variable_reads_a_constant(tf, session):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, True), ["y"]
    )
    nodes = {n.name: n for n in frozen.node}
    assert list(nodes["MatMul/ReadVariableOp"].input) == ["net/w"]
    assert set(nodes["MatMul/ReadVariableOp"].attr) == {"T"}
    assert list(nodes["row"].input) == ["net/t", "row/indices", "row/axis"]
    assert set(nodes["row"].attr) - {"_class"} == {"Tparams", "Tindices", "Taxis"}
    assert nodes["row"].attr["Taxis"].type == tf.int32.as_datatype_enum
    assert list(nodes["one"].input) == ["net/t", "one/indices"]
    assert set(nodes["one"].attr) - {"_class"} == {"Tparams", "Tindices"}


@BOTH
def test_the_values_are_those_of_the_session(tf, session, resource):
    v = tf.get_variable("v", initializer=1.0, use_resource=resource)
    tf.multiply(v, 2.0, name="y")
    session.run(v.initializer)
    session.run(v.assign_add(4.0).op)
    graph_def = tf.get_default_graph().as_graph_def()
    frozen = tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])
    session.run(v.assign_add(4.0).op)
    assert outcome(tf, frozen, feeds={}) == 10.0


@BOTH
@pytest.mark.parametrize(
    "chosen",
    [
        {"variable_names_whitelist": ["net/w"]},
        {"variable_names_blacklist": ["net/b", "net/t"]},
        {"variable_names_whitelist": ["net/w", "net/b"], "variable_names_blacklist": ["net/b"]},
    ],
    ids=["white", "black", "both"],
)
def test_variables_can_be_chosen(tf, session, resource, chosen):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, resource), ["y"], **chosen
    )
    found = ops(frozen)
    kept = "VarHandleOp" if resource else "VariableV2"
    assert [found[n] for n in ("net/w", "net/b", "net/t")] == ["Const", kept, kept]


@BOTH
def test_without_outputs_there_is_nothing(tf, session, resource):
    graph_def = network(tf, session, resource)
    assert not tf.graph_util.convert_variables_to_constants(session, graph_def, []).node


@BOTH
def test_the_graph_given_stays(tf, session, resource):
    graph_def = network(tf, session, resource)
    before = graph_def.SerializeToString(deterministic=True)
    tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])
    assert graph_def.SerializeToString(deterministic=True) == before


def test_a_graph_without_variables_is_only_pruned(tf, session):
    tf.add(tf.placeholder(tf.float32, [1, 3], name="x"), 1.0, name="y")
    tf.constant(1.0, name="other")
    graph_def = tf.get_default_graph().as_graph_def()
    frozen = tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])
    assert [n.name for n in frozen.node] == ["x", "y/y", "y"]


@BOTH
def test_a_variable_without_a_value_is_an_error(tf, session, resource):
    v = tf.get_variable("v", shape=[2], use_resource=resource)
    tf.identity(v, name="y")
    graph_def = tf.get_default_graph().as_graph_def()
    with raises(core("FailedPreconditionError", "v")):
        tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])
    session.run(v.initializer)
    assert tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"]).node


@BOTH
def test_a_session_of_another_graph_is_an_error(tf, session, resource):
    graph_def = network(tf, session, resource)
    with tf.Graph().as_default(), tf.Session(config=CONFIG) as other:
        tf.constant(1.0)
        with raises(core("ValueError", "refers to a Tensor which does not exist")):
            tf.graph_util.convert_variables_to_constants(other, graph_def, ["y"])


def test_a_closed_session_is_an_error(tf, session):
    graph_def = network(tf, session, False)
    session.close()
    with raises(core("RuntimeError", "Attempted to use a closed Session.")):
        tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])


@pytest.mark.parametrize("convert", ["convert_variables_to_constants", "extract_sub_graph"])
def test_bad_arguments_are_errors(tf, session, convert):
    first = [session] if convert == "convert_variables_to_constants" else []
    function = getattr(tf.graph_util, convert)
    graph_def = network(tf, session, False)
    with raises(core("TypeError", "graph_def must be a graph_pb2.GraphDef proto, but got type")):
        function(*first, 3, ["y"])
    with raises(core("TypeError", "dest_nodes must be an iterable of strings, but got type")):
        function(*first, graph_def, "y")
    with raises(exact("AssertionError", "nothing is not in graph")):
        function(*first, graph_def, ["nothing"])


def test_batch_dimensions_are_an_error(tf, session):
    v = tf.get_variable("v", initializer=[[1.0, 2.0]], use_resource=True)
    tf.raw_ops.ResourceGather(
        resource=v.handle, indices=[[0]], batch_dims=1, dtype=tf.float32, name="y"
    )
    session.run(v.initializer)
    graph_def = tf.get_default_graph().as_graph_def()
    message = "batch_dims must be 0 for freeze_graph, but got node(y).attr('batch_dims') = 1."
    with raises(exact("ValueError", message)):
        tf.graph_util.convert_variables_to_constants(session, graph_def, ["y"])


# Parts of a graph


def test_a_sub_graph_is_what_its_nodes_need(tf):
    a = tf.constant(1.0, name="a")
    with tf.control_dependencies([tf.constant(2.0, name="before")]):
        b = tf.identity(a, name="b")
    with tf.colocate_with(tf.constant(3.0, name="beside").op):
        tf.identity(b, name="y")
    tf.identity(a, name="other")
    graph_def = tf.get_default_graph().as_graph_def()
    part = tf.graph_util.extract_sub_graph(graph_def, ["y"])
    assert [n.name for n in part.node] == ["a", "before", "b", "beside", "y"]
    assert part.versions == graph_def.versions


def test_training_nodes_are_removed(tf):
    x = tf.placeholder(tf.float32, [1, 3], name="x")
    a = tf.identity(x, name="a")
    b = tf.stop_gradient(a, name="b")
    kept = tf.identity(b, name="kept")
    with tf.control_dependencies([tf.identity(x, name="waited_for")]):
        tf.add(tf.identity(kept, name="waits"), a, name="y")
    graph_def = tf.get_default_graph().as_graph_def()
    small = tf.graph_util.remove_training_nodes(graph_def, protected_nodes=["kept"])
    assert {n.name: list(n.input) for n in small.node} == {
        "x": [],
        "kept": ["x"],
        "waited_for": ["x"],
        "waits": ["kept", "^waited_for"],
        "y": ["waits", "x"],
    }
    np.testing.assert_array_equal(outcome(tf, small), 2 * X)


def test_checks_are_removed_with_what_they_hand_on(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    with tf.control_dependencies([tf.debugging.check_numerics(x, "bad", name="check")]):
        tf.identity(x, name="y")
    tf.debugging.check_numerics(x, "bad", name="protected")
    graph_def = tf.get_default_graph().as_graph_def()
    small = tf.graph_util.remove_training_nodes(graph_def, ["protected", "y"])
    assert {n.name: list(n.input) for n in small.node} == {
        "x": [],
        "y": ["x"],
        "protected": ["x"],
    }


@BOTH
def test_a_frozen_graph_without_training_nodes_runs(tf, session, resource):
    frozen = tf.graph_util.convert_variables_to_constants(
        session, network(tf, session, resource), ["y"]
    )
    small = tf.graph_util.remove_training_nodes(frozen)
    assert "Identity" not in ops(small).values()
    np.testing.assert_allclose(outcome(tf, small), Y, rtol=1e-6)


def test_integers_and_variables_run_on_the_cpu(tf):
    ints, floats = tf.constant(1), tf.constant(1.0)
    v = tf.get_variable("v", initializer=1.0, use_resource=False)
    cast = tf.cast(ints, tf.float32)
    decide = tf.graph_util.must_run_on_cpu
    assert [decide(t.op) for t in (ints, floats, v, cast)] == [True, False, False, True]
    assert decide(ints.op.node_def)
    assert decide(v.op, pin_variables_on_cpu=True)


def test_the_shape_of_an_input_by_its_name(tf):
    tf.placeholder(tf.float32, [2, None], name="x")
    graph = tf.get_default_graph()
    shape = tf.graph_util.tensor_shape_from_node_def_name
    assert [shape(graph, name).as_list() for name in ("x", "x:0")] == [[2, None]] * 2
