"""Graphs as functions of JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import evergraph as eg
import evergraph.v1 as tf
from evergraph.commands import main
from evergraph_jax import to_jax


@pytest.mark.parametrize("name", ["keras3_gru", "v1_simple_save", "v2_switching"])
def test_a_model_is_a_function_of_its_parameters(recorded, name):
    model = recorded(name)
    _, inputs, outputs = model.calls[-1]
    function, params = to_jax(str(model.folder))
    assert params
    for run in (function, jax.jit(function)):
        got = run(params, **inputs)
        got = got if isinstance(got, dict) else {next(iter(outputs)): got}
        for key, wanted in outputs.items():
            np.testing.assert_allclose(got[key], wanted, rtol=1e-4, atol=1e-6)


def test_a_function_has_gradients_also_of_a_recurrent_network(recorded):
    model = recorded("keras3_gru")
    _, inputs, _ = model.calls[0]
    (x,) = inputs.values()
    function, params = to_jax(model.folder)

    def loss(params):
        return jnp.sum(function(params, x) ** 2)

    slopes = jax.jit(jax.grad(loss))(params)
    assert slopes.keys() == params.keys()
    name = next(iter(params))
    direction = {k: jnp.ones_like(v) * (k == name) for k, v in params.items()}
    step = 1e-2
    ahead, behind = (
        loss({k: v + s * direction[k] for k, v in params.items()}) for s in (step, -step)
    )
    np.testing.assert_allclose((ahead - behind) / (2 * step), slopes[name].sum(), rtol=1e-2)


def test_a_graph_with_weights_inside_has_parameters():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        y = tf.reduce_sum(x * tf.constant([1.0, 2.0, 3.0], name="w")) * 2.0
    function, params = to_jax(graph, {"y": y}, ["x:0"])
    assert {k: v.tolist() for k, v in params.items()} == {"w": [1.0, 2.0, 3.0]}
    assert function(params, np.ones(3))["y"] == 12.0
    assert (
        jax.grad(lambda p, x: function(p, x=x)["y"])(params, jnp.ones(3))["w"].tolist() == [2.0] * 3
    )
    batch = jax.vmap(function, (None, 0))(params, jnp.ones((5, 3)))
    assert batch["y"].tolist() == [12.0] * 5


def test_a_session_gives_its_variables(recorded):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=[1.0, 2.0], use_resource=True)
        x = tf.placeholder(tf.float32, [2])
        session.run(tf.global_variables_initializer())
        session.run(v.assign([3.0, 4.0]))
        function, params = to_jax(session, [x * v], [x])
        session.run(v.assign([0.0, 0.0]))
    assert function(params, np.ones(2, np.float32))[0].tolist() == [3.0, 4.0]


def test_a_shape_may_be_fed_where_it_is_known():
    with tf.Graph().as_default() as graph:
        n = tf.placeholder(tf.int32, [], name="n")
        y = tf.range(n) * 2
    function, params = to_jax(graph, y, [n])
    assert function(params, 3).tolist() == [0, 2, 4]
    with pytest.raises(eg.errors.UnimplementedError, match="decides a shape is not known"):
        jax.jit(function)(params, 3)


def test_what_has_a_state_is_refused():
    with tf.Graph().as_default() as graph:
        v = tf.get_variable("v", initializer=1.0)
        drawn = tf.random_uniform([2])
        unique, _ = tf.unique(tf.placeholder(tf.int32, [None], name="n"))
        text = tf.strings.join([tf.placeholder(tf.string, name="text"), "b"])
    for fetch, said in (
        (v.assign_add(1.0), "changes the variable 'v'"),
        (drawn, "draws random numbers"),
    ):
        with pytest.raises(eg.errors.UnimplementedError, match=said):
            to_jax(graph, fetch)
    with pytest.raises(eg.errors.UnimplementedError, match="XLA has no string, as 'text' is"):
        to_jax(graph, text, ["text:0"])
    with pytest.raises(eg.errors.UnimplementedError, match="XLA has no Unique"):
        to_jax(graph, unique, ["n:0"])
    with pytest.raises(eg.errors.FailedPreconditionError, match="'v' has no value"):
        to_jax(graph, v + 1.0)


def test_what_is_fed_is_checked():
    with tf.Graph().as_default() as graph:
        x, y = tf.placeholder(tf.float32, [], "x"), tf.placeholder(tf.float32, [], "y")
        z = x - y
    function, params = to_jax(graph, z, [x, y])
    assert function(params, 3.0, y=1.0) == 2.0
    for values, named in (((1.0,), {}), ((1.0,), {"x": 1.0, "y": 1.0}), ((1, 2, 3), {})):
        with pytest.raises(TypeError, match="takes its parameters and x, y"):
            function(params, *values, **named)
    with pytest.raises(TypeError, match="expected a path"):
        to_jax(3)
    with pytest.raises(eg.errors.InvalidArgumentError, match="'x'"):
        to_jax(graph, z, [y])


def test_export_writes_stablehlo(recorded, tmp_path, capsys):
    model = recorded("keras3_dense")
    target = tmp_path / "model.mlir"
    command = ["export", "--stablehlo", str(model.folder)]
    assert main([*command, "--shape", "x=2,4", "--output", str(target)]) == 0
    text = target.read_text("utf-8")
    assert text.splitlines()[8] == "// %arg8 is x: float32 (2, 4)"
    assert "stablehlo.dot_general" in text
    for shape in ("x=a", "x", "z=1"):
        assert main([*command, "--shape", shape]) == 1
    assert main(command) == 1
    assert "--shape x=… must say which of (?, 4)" in capsys.readouterr().err
