"""Freezing: what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

import evergraph.v1 as tf


def calling(variable: Any) -> Any:
    """Return the graph of a resource variable, with a call of a function of it."""
    graph_def = variable.graph.as_graph_def()
    call = graph_def.node.add(name="call", op="PartitionedCall", input=[variable.op.name])
    call.attr["f"].func.name = "body"
    return graph_def


def test_a_function_of_a_resource_variable_is_refused():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=1.0, use_resource=True)
        session.run(v.initializer)
        with pytest.raises(tf.errors.UnimplementedError, match="'call' hands variable 'v'"):
            tf.graph_util.convert_variables_to_constants(session, calling(v), ["call"])
        kept = tf.graph_util.convert_variables_to_constants(
            session, calling(v), ["call"], variable_names_blacklist=["v"]
        )
    assert [n.op for n in kept.node] == ["VarHandleOp", "PartitionedCall"]
