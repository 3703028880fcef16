"""Switch and Merge by themselves, and what fails inside of branches."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, row, typed

pytestmark = pytest.mark.uses("Switch", "Merge", "AddV2", "Mul")


@pytest.fixture
def p(tf):
    """A scalar bool placeholder named `p`."""
    return tf.placeholder(tf.bool, [], "p")


@pytest.fixture
def q(tf):
    """A scalar bool placeholder named `q`."""
    return tf.placeholder(tf.bool, [], "q")


@pytest.fixture
def x(tf):
    """A scalar placeholder named `x`."""
    return tf.placeholder(tf.float32, [], "x")


def switched(tf, x, p):
    """Return both outputs of a Switch: if false, if true."""
    switch = tf.raw_ops.Switch(data=x, pred=p)
    return switch.output_false, switch.output_true


def merged(tf, *inputs):
    """Return both outputs of a Merge: the value, and the index of the input that was there."""
    merge = tf.raw_ops.Merge(inputs=list(inputs))
    return merge.output, merge.value_index


# Values


def test_a_merge_hands_on_what_is_there(tf, session, p, x):
    no, yes = switched(tf, x, p)
    value, index = merged(tf, no * 2.0, yes + 100.0)
    assert session.run([value, index], {p: True, x: 1.0}) == [101.0, 1]
    assert session.run([value, index], {p: False, x: 1.0}) == [2.0, 0]
    assert session.run(index, {p: False, x: 1.0}).dtype == np.int32


def test_the_inputs_may_be_in_the_other_order(tf, session, p, x):
    no, yes = switched(tf, x, p)
    value, index = merged(tf, yes + 100.0, no * 2.0)
    assert session.run([value, index], {p: True, x: 1.0}) == [101.0, 0]
    assert session.run([value, index], {p: False, x: 1.0}) == [2.0, 1]


def test_the_index_can_be_used(tf, session, p, x):
    no, yes = switched(tf, x, p)
    _, index = merged(tf, no, yes)
    assert session.run(index + 5, {p: True, x: 1.0}) == 6


def test_both_branches_may_hand_on_the_same(tf, session, p, x):
    no, yes = switched(tf, x, p)
    value, index = merged(tf, no, yes)
    assert session.run([value, index], {p: True, x: 3.0}) == [3.0, 1]
    assert session.run([value, index], {p: False, x: 3.0}) == [3.0, 0]


@pytest.mark.parametrize("which", [0, 1])
def test_one_input_may_be_there_in_any_case(tf, session, p, x, which):
    sometimes = tf.identity(switched(tf, x, p)[which])
    value, index = merged(tf, x, sometimes)
    for there in (False, True):
        assert session.run(value, {p: there, x: 3.0}) == 3.0
    # Of two that are there either may be handed on.
    assert session.run([value, index], {p: not which, x: 3.0}) == [3.0, 0]


def test_one_switch_may_have_several_merges(tf, session, p, x):
    no, yes = switched(tf, x, p)
    one, _ = merged(tf, no + 1.0, yes + 2.0)
    two, _ = merged(tf, no * 10.0, yes * 20.0)
    assert session.run([one, two, one + two], {p: True, x: 1.0}) == [3.0, 20.0, 23.0]
    assert session.run([one, two, one + two], {p: False, x: 1.0}) == [2.0, 10.0, 12.0]


def test_several_switches_may_share_a_predicate(tf, session, p, x):
    y = tf.placeholder(tf.float32, [], "y")
    no, yes = switched(tf, x, p)
    no_y, yes_y = switched(tf, y, p)
    value, _ = merged(tf, no + no_y, yes * yes_y)
    assert session.run(value, {p: True, x: 3.0, y: 4.0}) == 12.0
    assert session.run(value, {p: False, x: 3.0, y: 4.0}) == 7.0


def test_switches_may_be_nested(tf, session, p, q, x):
    no, yes = switched(tf, x, p)
    inner_no, inner_yes = switched(tf, yes, q)
    inner, inner_index = merged(tf, inner_no + 1.0, inner_yes + 2.0)
    value, index = merged(tf, no, inner)
    found = [session.run([value, index], {p: a, q: b, x: 0.0}) for a in (0, 1) for b in (0, 1)]
    assert found == [[0.0, 0], [0.0, 0], [1.0, 1], [2.0, 1]]
    assert session.run(inner_index, {p: True, q: True, x: 0.0}) == 1


def test_a_switch_may_be_used_on_one_side_only(tf, session, p, x):
    _, yes = switched(tf, x, p)
    used = yes * 2.0
    assert session.run(used, {p: True, x: 3.0}) == 6.0


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_what_only_has_an_effect_runs_if_its_switch_lets_it(tf, session, p, x):
    v = tf.get_variable("v", initializer=1.0)
    session.run(v.initializer)
    _, yes = switched(tf, x, p)
    change = tf.assign_add(v, yes)
    session.run(change.op, {p: False, x: 5.0})
    assert session.run(v) == 1.0
    session.run(change.op, {p: True, x: 5.0})
    assert session.run(v) == 6.0


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_a_control_edge_from_a_branch_guards_as_well(tf, session, p, x):
    v = tf.get_variable("v", initializer=1.0)
    session.run(v.initializer)
    _, yes = switched(tf, x, p)
    with tf.control_dependencies([tf.identity(yes)]):
        change = tf.assign_add(v, 10.0)
    session.run(change.op, {p: False, x: 0.0})
    assert session.run(v) == 1.0
    session.run(change.op, {p: True, x: 0.0})
    assert session.run(v) == 11.0


def test_the_switch_of_a_cond_is_not_fetched(tf, session, p, x):
    y = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)
    for inner in y.op.inputs:
        assert not tf.get_default_graph().is_fetchable(inner)
        with raises(typed("ValueError")):
            session.run(inner, {p: True, x: 1.0})
    assert session.run(y, {p: True, x: 1.0}) == 2.0


# What is not there


@pytest.mark.parametrize("which", [True, False])
def test_a_fetched_output_that_is_not_there_is_an_error(tf, session, p, x, which):
    outputs = switched(tf, x, p)
    assert session.run(outputs[which], {p: which, x: 3.0}) == 3.0
    with raises(core("InvalidArgumentError", "Retval[0] does not have value")):
        session.run(outputs[not which], {p: which, x: 3.0})
    assert session.run(outputs[which], {p: which, x: 4.0}) == 4.0


def test_so_is_what_follows_from_it(tf, session, p, x):
    _, yes = switched(tf, x, p)
    used = tf.identity(yes * 2.0)
    with raises(core("InvalidArgumentError", "does not have value")):
        session.run([x, used], {p: False, x: 3.0})
    assert session.run(used, {p: True, x: 3.0}) == 6.0


def test_what_follows_from_both_outputs_is_never_there(tf, session, p, x):
    no, yes = switched(tf, x, p)
    both = no + yes
    for which in (True, False):
        with raises(core("InvalidArgumentError", "does not have value")):
            session.run(both, {p: which, x: 3.0})


def test_what_is_not_there_and_not_fetched_is_no_error(tf, session, p, x):
    _, yes = switched(tf, x, p)
    assert session.run(tf.identity(yes * 2.0).op, {p: False, x: 3.0}) is None


# Feeds inside


def test_a_tensor_inside_may_be_fed(tf, session, p, x):
    no, yes = switched(tf, x, p)
    doubled = yes * 2.0
    value, _ = merged(tf, no, doubled + 1.0)
    assert session.run(value, {p: True, doubled: 10.0, x: 1.0}) == 11.0
    y = tf.cond(p, lambda: tf.multiply(x, 2.0, name="inner") + 1.0, lambda: x)
    assert session.run(y, {p: True, "cond/inner:0": 10.0, x: 1.0}) == 11.0
    assert session.run(y, {p: False, x: 1.0}) == 1.0


def test_a_result_of_a_cond_may_be_fed(tf, session, p, x):
    y = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)
    assert session.run(y * 10.0, {y: 3.0}) == 30.0


def test_what_a_branch_takes_may_be_fed(tf, session, p, x):
    outside = x + 1.0
    y = tf.cond(p, lambda: outside * 2.0, lambda: outside)
    assert session.run(y, {p: True, outside: 5.0}) == 10.0


# What fails in a branch


def fails_by_index(tf, x):
    return tf.gather([1.0, 2.0], tf.cast(x, tf.int32), name="picked")


def fails_by_number(tf, x):
    return tf.check_numerics(tf.log(x), "no number", name="picked")


def fails_by_assertion(tf, x):
    with tf.control_dependencies([tf.Assert(x < 2.0, ["too large"], name="picked")]):
        return tf.identity(x)


def fails_by_guarded_assertion(tf, x):
    with tf.control_dependencies([tf.assert_less(x, 2.0, message="too large")]):
        return tf.identity(x)


FAILING = pytest.mark.parametrize(
    ("branch", "good", "bad", "wanted"),
    [
        row(
            "an index",
            fails_by_index,
            1.0,
            7.0,
            core("InvalidArgumentError", "indices = 7 is not in [0, 2)"),
            marks=pytest.mark.uses("GatherV2"),
        ),
        row(
            "a number",
            fails_by_number,
            1.0,
            0.0,
            core("InvalidArgumentError", "no number : Tensor had Inf"),
            marks=pytest.mark.uses("CheckNumerics", "Log"),
        ),
        row(
            "an assertion",
            fails_by_assertion,
            1.0,
            7.0,
            core("InvalidArgumentError", "too large"),
            marks=pytest.mark.uses("Assert", "Less"),
        ),
        row(
            "a guarded assertion",
            fails_by_guarded_assertion,
            1.0,
            7.0,
            core("InvalidArgumentError", "too large"),
            marks=pytest.mark.uses("Assert", "Less"),
        ),
    ],
)


@FAILING
def test_what_fails_matters_only_where_it_runs(tf, session, p, x, branch, good, bad, wanted):
    y = tf.cond(p, lambda: branch(tf, x), lambda: x + 1.0)
    assert session.run(y, {p: False, x: bad}) == bad + 1.0
    assert np.isfinite(session.run(y, {p: True, x: good}))
    with raises(wanted) as found:
        session.run(y, {p: True, x: bad})
    assert found.value.op.name.startswith("cond/")
    assert session.run(y, {p: False, x: bad}) == bad + 1.0


@FAILING
def test_what_fails_in_a_nested_branch_is_named(tf, session, p, q, x, branch, good, bad, wanted):
    def inner():
        return tf.cond(q, lambda: branch(tf, x), lambda: x - 1.0)

    y = tf.cond(p, inner, lambda: x + 1.0)
    found = [session.run(y, {p: a, q: b, x: bad}) for a, b in ((0, 0), (0, 1), (1, 0))]
    assert found == [bad + 1.0, bad + 1.0, bad - 1.0]
    with raises(wanted) as failed:
        session.run(y, {p: True, q: True, x: bad})
    assert failed.value.op.name.startswith("cond/cond/")
    assert np.isfinite(session.run(y, {p: True, q: True, x: good}))


@FAILING
def test_what_fails_in_both_branches_is_told_apart(tf, session, p, x, branch, good, bad, wanted):
    y = tf.cond(p, lambda: branch(tf, x), lambda: branch(tf, x))
    names = []
    for which in (True, False):
        with raises(wanted) as found:
            session.run(y, {p: which, x: bad})
        names.append(found.value.op.name)
    assert len(set(names)) == 2


@pytest.mark.uses("GatherV2")
def test_the_node_inside_is_named(tf, session, p, x):
    y = tf.cond(p, lambda: fails_by_index(tf, x), lambda: x + 1.0)
    with raises(typed("InvalidArgumentError")) as found:
        session.run(y, {p: True, x: 7.0})
    assert found.value.op.name == "cond/picked"
    assert found.value.op.type == "GatherV2"


@pytest.mark.uses("GatherV2")
def test_what_fails_before_a_cond_is_named_as_ever(tf, session, p, x):
    picked = fails_by_index(tf, x)
    y = tf.cond(p, lambda: picked * 2.0, lambda: picked)
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")) as found:
        session.run(y, {p: True, x: 7.0})
    assert found.value.op.name == "picked"


@pytest.mark.uses("Reshape")
def test_shapes_that_do_not_fit_are_an_error_of_the_branch(tf, session, p):
    some = tf.placeholder(tf.float32, [None], "some")
    y = tf.cond(p, lambda: tf.reshape(some, [2, 2]), lambda: tf.zeros([2, 2]))
    with raises(typed("InvalidArgumentError")) as found:
        session.run(y, {p: True, some: [1.0, 2.0, 3.0]})
    assert found.value.op.name == "cond/Reshape"
    assert session.run(y, {p: False, some: [1.0, 2.0, 3.0]}).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert session.run(y, {p: True, some: [1.0, 2.0, 3.0, 4.0]}).tolist() == [
        [1.0, 2.0],
        [3.0, 4.0],
    ]


@pytest.mark.uses("GatherV2")
def test_a_branch_that_always_fails_does_so_where_it_is_taken(tf, session, p, q, x):
    def inner():
        return tf.cond(q, lambda: tf.gather([1.0, 2.0], 7, name="picked") + x, lambda: x)

    y = tf.cond(p, inner, lambda: -x)
    assert session.run(y, {p: True, q: False, x: 3.0}) == 3.0
    assert session.run(y, {p: False, q: True, x: 3.0}) == -3.0
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")) as found:
        session.run(y, {p: True, q: True, x: 3.0})
    assert found.value.op.name == "cond/cond/picked"


def test_a_placeholder_of_a_branch_must_be_fed_in_any_case(tf, session, p, x):
    y = tf.cond(p, lambda: x * 2.0, lambda: tf.constant(1.0))
    with raises(core("InvalidArgumentError", "You must feed a value for placeholder tensor 'x'")):
        session.run(y, {p: False})
    with raises(core("InvalidArgumentError", "You must feed a value for placeholder tensor 'p'")):
        session.run(y, {x: 1.0})
    assert session.run(y, {p: False, x: 1.0}) == 1.0
