"""The contract with backends: whose kernels run, what is left to the host, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph.v1 as tf

BACKEND = """
import array_api_strict as xp
import numpy as np

from evergraph.plugin import HOST_ONLY, Backend, Namespace, bind, hookimpl

ARRAY = type(xp.asarray(0))
computed = []


def tanh(x):
    computed.append(type(x))
    return xp.tanh(x)


class Mine(Backend):
    name = "mine"
    dtypes = frozenset({"float32", "int32"})
    host_ops = {"Sinh": "mine has no sinh"}
    names = Namespace(xp, dtype=lambda dtype: getattr(xp, dtype.name))
    table = bind(names).without("Sinh", "Cosh", *HOST_ONLY) | {"Tanh": tanh}

    def from_host(self, value):
        return xp.asarray(value)


@hookimpl
def evergraph_backend(config):
    return Mine(config)
"""
ENTRY = "[evergraph.backends]\nmine = my_backend\n"


@pytest.fixture
def session(install):
    install("my-backend", ENTRY, BACKEND)
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend="mine")) as opened:
        yield opened


def test_the_backend_computes_with_what_is_fed(session):
    import my_backend

    x = tf.placeholder(tf.float32)
    np.testing.assert_allclose(session.run(tf.tanh(x), {x: [0.0, 1.0]}), [0.0, 0.7615942])
    assert my_backend.computed == [my_backend.ARRAY]


def test_an_op_that_is_left_to_the_host_says_why(session):
    x = tf.placeholder(tf.float32)
    y = tf.sinh(x) * 2.0
    np.testing.assert_allclose(session.run(y, {x: [0.0, 1.0]}), [0.0, 2.3504024])
    placed = {node.type: (node.where, node.reason) for node in session.explain(y, [x]).nodes}
    assert placed["Sinh"] == ("host", "mine has no sinh")
    assert placed["Mul"][0] == "mine"


def test_an_op_that_is_not_in_the_table_is_an_error(session):
    x = tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.UnimplementedError, match="has no kernel for Cosh"):
        session.run(tf.cosh(x), {x: 0.0})


def test_a_node_of_an_element_type_that_is_not_claimed_is_an_error(session):
    x, y = tf.placeholder(tf.float64, name="x"), tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.UnimplementedError, match=r"for Mul of float64 \(node 'twice'"):
        session.run(tf.multiply(x, 2.0, name="twice"), {x: 1.0})
    assert session.run(y * 2.0, {y: 1.0}) == 2.0


def test_the_host_may_take_what_is_not_claimed(install):
    install("my-backend", ENTRY, BACKEND)
    config = tf.ConfigProto(backend="mine", backend_options={"host": "any"})
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        x = tf.placeholder(tf.float64)
        assert session.run(tf.cosh(x) + 1.0, {x: 0.0}) == 2.0
