"""Freezing: what becomes of functions that take variables, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

import evergraph.v1 as tf
from evergraph import protos


def calling(variable: Any, op: str | None) -> Any:
    """Return the graph of a resource variable, with a call of a function that has one op of it."""
    graph_def = variable.graph.as_graph_def()
    call = graph_def.node.add(name="call", op="PartitionedCall", input=[variable.op.name])
    call.attr["f"].func.name = "body"
    call.attr["Tin"].list.type.append(protos.DT_RESOURCE)
    call.attr["Tout"].list.type.append(protos.DT_FLOAT)
    if op is not None:
        function = graph_def.library.function.add()
        function.signature.name = "body"
        function.signature.input_arg.add(name="v", type=protos.DT_RESOURCE)
        function.signature.output_arg.add(name="y", type=protos.DT_FLOAT)
        node = function.node_def.add(name="node", op=op, input=["v"])
        node.attr["dtype"].type = protos.DT_FLOAT
        function.ret["y"] = "node:value:0"
    return graph_def


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        session.run(tf.get_variable("v", initializer=3.0, use_resource=True).initializer)
        yield session


def frozen(session: Any, op: str | None, **options: Any) -> Any:
    (v,) = tf.global_variables()
    convert = tf.graph_util.convert_variables_to_constants
    return convert(session, calling(v, op), ["call"], **options)


def test_a_function_of_a_variable_becomes_one_of_its_value(session):
    graph_def = frozen(session, "ReadVariableOp")
    assert [n.op for n in graph_def.node] == ["Const", "PartitionedCall"]
    assert [f.signature.name for f in graph_def.library.function] == ["body_of_values"]
    with tf.Graph().as_default(), tf.Session() as other:
        tf.import_graph_def(graph_def, name="")
        assert other.run("call:0") == 3.0


def test_what_a_value_cannot_do_is_refused(session):
    with pytest.raises(tf.errors.UnimplementedError, match=r"'node' \(VarIsInitializedOp\)"):
        frozen(session, "VarIsInitializedOp")
    with pytest.raises(tf.errors.NotFoundError, match="Function body is not defined"):
        frozen(session, None)


def test_a_variable_may_stay_one(session):
    kept = frozen(session, "ReadVariableOp", variable_names_blacklist=["v"])
    assert [n.op for n in kept.node] == ["VarHandleOp", "PartitionedCall"]
    assert [f.signature.name for f in kept.library.function] == ["body"]
