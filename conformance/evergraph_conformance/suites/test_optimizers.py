"""`tf.train`: optimizers on small problems, learning rates, moving averages, and the interface."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance import golden
from evergraph_conformance.messages import exact, raises
from evergraph_conformance.optimizers import (
    AVERAGES,
    PROBLEMS,
    RATE_STEPS,
    RATES,
    Problem,
    built,
)

WANTED = {name: modes["steps"] for name, modes in golden.read("optimizers").items()}


def _check_steps(tf, session, run, same, name, step, variables):
    golden_steps = WANTED[name]
    # The names are the keys in checkpoints.
    assert [v.name for v in variables] == golden_steps.static
    session.run(tf.global_variables_initializer())
    for wanted in golden_steps.outputs or ():
        run(step)
        position = 0
        for got in session.run([v for v in variables if v.dtype.is_floating]):
            # The golden values of a step are one vector, of the widest type.
            want = wanted[position : position + got.size].astype(got.dtype)
            same(np.ravel(got), want)
            position += got.size
        assert position == wanted.size


@pytest.mark.parametrize(
    "problem", [pytest.param(p, id=p.id, marks=pytest.mark.dtypes(p.dtype)) for p in PROBLEMS]
)
def test_an_optimizer_goes_where_tensorflows_does(tf, session, run, same, problem: Problem):
    _check_steps(tf, session, run, same, problem.id, *built(tf, problem))


@pytest.mark.parametrize("name", AVERAGES)
def test_a_moving_average(tf, session, run, same, name):
    _check_steps(tf, session, run, same, f"average: {name}", *AVERAGES[name](tf))


@pytest.mark.parametrize("name", RATES)
def test_a_learning_rate_falls(tf, run, same, name):
    step = tf.placeholder(tf.int64, [])
    rate = RATES[name](tf, step)
    wanted = WANTED[f"rate: {name}"].outputs or []
    same(np.stack([run(rate, {step: s}) for s in RATE_STEPS]), wanted[0])


@pytest.mark.uses("RandomStandardNormal")
def test_a_noisy_learning_rate_lies_about_the_one_without_noise(tf, run):
    step = tf.constant(5)
    plain = tf.train.linear_cosine_decay(0.1, step, 10)
    noisy = tf.train.noisy_linear_cosine_decay(0.1, step, 10, initial_variance=1e-4)
    one, other = run([plain, noisy])
    assert 0 < abs(one - other) < 0.01


# The interface


@pytest.fixture(params=[False, True], ids=["reference", "resource"])
def v(tf, request):
    return tf.Variable([3.0, 4.0], name="v", use_resource=request.param)


@pytest.fixture
def descent(tf):
    return tf.train.GradientDescentOptimizer(1.0)


def test_the_global_step_counts(tf, session, v, descent):
    step = tf.train.get_or_create_global_step()
    train = descent.minimize(tf.reduce_sum(v), global_step=step)
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run(train)
    assert tf.train.global_step(session, step) == 3
    assert session.run(v).tolist() == [0.0, 1.0]


def test_gradients_can_be_changed_before_they_are_applied(tf, session, v, descent):
    pairs = descent.compute_gradients(tf.reduce_sum(v * v))
    train = descent.apply_gradients([(tf.clip_by_value(g, -1.0, 1.0), w) for g, w in pairs])
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run(v).tolist() == [2.0, 3.0]


def test_gradients_of_rows_can_be_clipped_together(tf, session, v, descent):
    # TF: a gradient of rows stays one; its norm is that of the rows as they are given.
    rows = tf.IndexedSlices(tf.constant([3.0, 4.0]), tf.constant([1, 1]), tf.constant([2]))
    (clipped,), norm = tf.clip_by_global_norm([rows], 1.0)
    train = descent.apply_gradients([(clipped, v)])
    session.run(tf.global_variables_initializer())
    assert session.run([norm, train])[0] == pytest.approx(5.0)
    assert session.run(v) == pytest.approx([3.0, 4.0 - 1.4])


def test_only_the_variables_asked_for_change(tf, session, v, descent):
    other = tf.Variable([1.0, 1.0])
    train = descent.minimize(tf.reduce_sum(v * other), var_list={"a": [other]})
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run([v, other])[0].tolist() == [3.0, 4.0]
    assert session.run(other).tolist() == [-2.0, -3.0]


def test_a_variable_without_a_gradient_stays(tf, session, v, descent):
    other = tf.Variable(1.0)
    pairs = descent.compute_gradients(tf.reduce_sum(v))
    assert [g is None for g, _ in pairs] == [False, True]
    train = descent.apply_gradients(pairs)
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run(other) == 1.0


@pytest.mark.parametrize(("resource", "dtype"), [(False, "float32_ref"), (True, "float32")])
def test_a_loss_that_no_variable_decides_is_refused(tf, descent, resource, dtype):
    """Row 274."""
    tf.Variable(1.0, name="w", use_resource=resource)
    text = (
        "No gradients provided for any variable, check your graph for ops that do not support "
        f"gradients, between variables [\"<tf.Variable 'w:0' shape=() dtype={dtype}>\"] and loss "
        'Tensor("loss:0", shape=(), dtype=float32).'
    )
    with raises(exact("ValueError", text)):
        descent.minimize(tf.constant(1.0, name="loss"))


def test_a_constraint_holds_after_every_step(tf, session, descent):
    v = tf.Variable([3.0, 4.0], constraint=lambda w: tf.clip_by_value(w, 2.5, 2.75))
    train = descent.minimize(tf.reduce_sum(v))
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run(v).tolist() == [2.5, 2.75]


def test_the_train_op_is_collected(tf, v, descent):
    train = descent.minimize(tf.reduce_sum(v))
    assert tf.get_collection(tf.GraphKeys.TRAIN_OP) == [train]
    assert isinstance(train, tf.Operation)


def test_slots_are_found_by_variable_and_name(tf, v):
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    assert optimizer.get_slot(v, "momentum") is None
    optimizer.minimize(tf.reduce_sum(v))
    slot = optimizer.get_slot(v, "momentum")
    assert slot.name == "v/Momentum:0"
    assert optimizer.get_slot(v, "other") is None
    assert optimizer.get_slot_names() == ["momentum"]
    assert optimizer.variables() == [slot]
    assert slot not in tf.trainable_variables()


def test_an_optimizer_has_slots_in_every_graph(tf, descent):
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    found = []
    for _ in range(2):
        with tf.Graph().as_default():
            v = tf.Variable([1.0])
            optimizer.minimize(tf.reduce_sum(v))
            found.append(optimizer.get_slot(v, "momentum"))
            assert optimizer.variables() == found[-1:]
    assert found[0].graph is not found[1].graph


def test_the_learning_rate_may_be_fed(tf, session, v):
    rate = tf.placeholder(tf.float32, [])
    train = tf.train.GradientDescentOptimizer(rate).minimize(tf.reduce_sum(v))
    session.run(tf.global_variables_initializer())
    session.run(train, {rate: 2.0})
    assert session.run(v).tolist() == [1.0, 2.0]


def test_a_subclass_says_how_gradients_are_applied(tf, session, v):
    class Counting(tf.train.Optimizer):  # type: ignore[misc,name-defined]  # imported by name
        def __init__(self):
            super().__init__(False, "Counting")

        def _create_slots(self, var_list):
            for var in var_list:
                self._zeros_slot(var, "count", self._name)

        def _apply_dense(self, grad, var):
            step = tf.assign_sub(var, tf.sign(grad))
            return tf.group(step, tf.assign_add(self.get_slot(var, "count"), tf.ones_like(grad)))

        _resource_apply_dense = _apply_dense

        def _apply_sparse(self, grad, var):
            return tf.scatter_sub(var, grad.indices, tf.sign(grad.values))

        def _resource_apply_sparse(self, grad, handle, indices):
            return self._apply_sparse(tf.IndexedSlices(grad, indices), handle)

    optimizer = Counting()
    train = optimizer.minimize(tf.reduce_sum(v * v))
    rows = optimizer.minimize(tf.reduce_sum(tf.gather(v, [1, 1])))
    session.run(tf.global_variables_initializer())
    session.run(train)
    assert session.run(v).tolist() == [2.0, 3.0]
    # The rows come summed, each there once.
    session.run(rows)
    assert session.run(v).tolist() == [2.0, 2.0]
    assert session.run(optimizer.get_slot(v, "count")).tolist() == [1.0, 1.0]


def test_what_is_averaged_is_restored_from_the_averages(tf, session):
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    average = tf.train.ExponentialMovingAverage(0.5)
    step = average.apply([v])
    session.run(tf.global_variables_initializer())
    session.run(v.assign(5.0))
    session.run(step)
    assert session.run(average.average(v)) == 3.0
    assert average.average(w) is None
    assert average.variables_to_restore([v]) == {
        "v/ExponentialMovingAverage": v,
        "w": w,
    } | {average.average_name(v): v}
