"""What TensorFlow's optimizer fuses computes what its parts do."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph.v1 as tf
from evergraph_conformance.cases import spread

X = spread((2, 4, 4, 3))
W = spread((2, 2, 3, 5), seed=1)
BIAS = spread((5,), seed=2)
NORM = [spread((5,), "float32", 0.5, 2.0, seed=i) for i in range(3, 7)]

ACTIVATIONS = {
    "Relu": tf.nn.relu,
    "Relu6": tf.nn.relu6,
    "Elu": tf.nn.elu,
    "Tanh": tf.tanh,
    "Sigmoid": tf.sigmoid,
    "LeakyRelu": tf.nn.leaky_relu,
}


def imported(type, inputs, attributes):
    """Return the output of a node that no builder makes."""
    tensors = [tf.constant(x) for x in inputs]
    definition = tf.GraphDef()
    for i, x in enumerate(tensors):
        node = definition.node.add(name=f"given_{i}", op="Placeholder")
        node.attr["dtype"].type = x.dtype.as_datatype_enum
    node = definition.node.add(name="fused", op=type)
    node.input.extend(f"given_{i}" for i in range(len(tensors)))
    node.attr["T"].type = tf.float32.as_datatype_enum
    node.attr["num_args"].i = len(tensors) - 2
    for name, value in attributes.items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            node.attr[name].list.s.extend(v.encode() for v in value)
        elif isinstance(value, list):
            node.attr[name].list.i.extend(value)
        elif isinstance(value, float):
            node.attr[name].f = value
        else:
            node.attr[name].s = value.encode()
    if type == "_FusedConv2D":
        node.attr["TArgs"].list.type.extend([tf.float32.as_datatype_enum] * (len(tensors) - 2))
    given = {f"given_{i}": x for i, x in enumerate(tensors)}
    (found,) = tf.import_graph_def(definition, given, ["fused:0"], name="")
    return found


def values(*tensors):
    with tf.Session() as session:
        return session.run(tensors)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.parametrize("activation", [None, *ACTIVATIONS])
def test_a_product_with_a_bias(activation):
    a, b = spread((3, 4)), spread((4, 5), seed=1)
    fused = imported(
        "_FusedMatMul", [a, b, BIAS], {"fused_ops": ["BiasAdd", *([activation] * bool(activation))]}
    )
    plain = tf.nn.bias_add(tf.matmul(a, b), BIAS)
    plain = ACTIVATIONS[activation](plain) if activation else plain
    np.testing.assert_allclose(*values(fused, plain), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", [None, *ACTIVATIONS])
def test_a_convolution_with_a_bias(activation):
    names = ["BiasAdd", *([activation] * bool(activation))]
    attributes = {"strides": [1, 1, 1, 1], "padding": "SAME", "fused_ops": names}
    fused = imported("_FusedConv2D", [X, W, BIAS], attributes)
    plain = tf.nn.bias_add(tf.nn.conv2d(X, W, strides=1, padding="SAME"), BIAS)
    plain = ACTIVATIONS[activation](plain) if activation else plain
    np.testing.assert_allclose(*values(fused, plain), rtol=1e-5, atol=1e-6)


def test_a_convolution_that_is_normalised():
    attributes = {
        "strides": [1, 2, 2, 1],
        "padding": "VALID",
        "fused_ops": ["FusedBatchNorm", "Relu"],
        "epsilon": 0.001,
    }
    fused = imported("_FusedConv2D", [X, W, *NORM], attributes)
    scale, offset, mean, variance = NORM
    y = tf.nn.conv2d(X, W, strides=2, padding="VALID")
    plain, *_ = tf.nn.fused_batch_norm(
        y, scale, offset, mean, variance, epsilon=0.001, is_training=False
    )
    np.testing.assert_allclose(*values(fused, tf.nn.relu(plain)), rtol=1e-4, atol=1e-5)


def test_what_is_not_known_is_refused():
    fused = imported("_FusedMatMul", [spread((2, 2)), spread((2, 2))], {"fused_ops": ["Cube"]})
    with pytest.raises(tf.errors.InvalidArgumentError, match="Fusion is not implemented"):
        values(fused)


def test_an_argument_that_is_missing_is_an_error():
    fused = imported("_FusedMatMul", [spread((2, 2)), spread((2, 2))], {"fused_ops": ["BiasAdd"]})
    with pytest.raises(tf.errors.InvalidArgumentError, match="too few args"):
        values(fused)
