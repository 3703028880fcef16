"""Conditionals and loops inside of each other: what runs, how often, in which order."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, typed

pytestmark = pytest.mark.uses("AddV2", "Mul", "Less")


@pytest.fixture
def p(tf):
    """A scalar bool placeholder named `p`."""
    return tf.placeholder(tf.bool, [], "p")


@pytest.fixture
def n(tf):
    """A scalar int32 placeholder named `n`."""
    return tf.placeholder(tf.int32, [], "n")


@pytest.fixture
def x(tf):
    """A scalar float32 placeholder named `x`."""
    return tf.placeholder(tf.float32, [], "x")


@pytest.fixture
def v(tf, session):
    """A variable with the value 1."""
    variable = tf.get_variable("v", initializer=1.0, use_resource=True)
    session.run(variable.initializer)
    return variable


def counted(tf, n, step, *start):
    """Return the results of `n` iterations of a step."""
    # TF: iterations that run at once change variables in any order.
    loop = tf.while_loop(
        lambda i, *_: i < n,
        lambda i, *a: (i + 1, *step(i, *a)),
        (0, *start),
        parallel_iterations=1,
    )
    return loop[1:]


# Loops


@pytest.mark.parametrize(("count", "wanted"), [(0, 1.0), (1, 2.0), (5, 32.0)])
def test_a_loop_runs_as_often_as_its_condition_holds(tf, session, n, count, wanted):
    (y,) = counted(tf, n, lambda i, a: (a * 2.0,), 1.0)
    assert session.run(y, {n: count}) == wanted


def test_a_condition_is_evaluated_on_the_new_values(tf, session, x):
    y = tf.while_loop(lambda a: a < 10.0, lambda a: a * 3.0, [x])
    assert session.run(y, {x: 1.0}) == 27.0
    assert session.run(y, {x: 10.0}) == 10.0


def test_variables_of_a_loop_take_their_values_at_once(tf, session, n):
    pair = counted(tf, n, lambda i, a, b: (b, a + b), 0, 1)
    assert session.run(pair, {n: 10}) == (55, 89)
    assert session.run(pair, {n: 1}) == (1, 1)


def test_a_variable_of_a_loop_may_stay_as_it_is(tf, session, n):
    a, b = counted(tf, n, lambda i, a, b: (a, b + a), 3.0, 0.0)
    assert session.run([a, b], {n: 4}) == [3.0, 12.0]


def test_one_result_of_a_loop_may_be_fetched_alone(tf, session, n):
    i, a, b = tf.while_loop(
        lambda i, a, b: i < n, lambda i, a, b: (i + 1, a - 1.0, b + 2.0), (0, 0.0, 10.0)
    )
    assert session.run(b, {n: 3}) == 16.0
    assert session.run(a, {n: 3}) == -3.0
    assert session.run(i, {n: 3}) == 3


def test_what_stays_the_same_is_taken_from_outside(tf, session, n, x):
    doubled = x * 2.0
    (y,) = counted(tf, n, lambda i, a: (a + doubled,), 0.0)
    assert session.run([y, doubled], {n: 3, x: 5.0}) == [30.0, 10.0]
    assert session.run(y, {n: 3, x: 5.0, doubled: 1.0}) == 3.0


def test_large_constants_are_taken_from_outside(tf, session, n):
    large = tf.constant(np.arange(1000, dtype=np.float32))
    (y,) = counted(tf, n, lambda i, a: (a + large[3] + tf.reduce_max(large),), 0.0)
    assert session.run(y, {n: 2}) == 2004.0


def test_the_shape_of_a_value_may_change(tf, session, n):
    _, y = tf.while_loop(
        lambda i, a: i < n,
        lambda i, a: (i + 1, tf.concat([a, [i]], 0)),
        (0, tf.zeros([0], tf.int32)),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])),
    )
    assert session.run(y, {n: 4}).tolist() == [0, 1, 2, 3]
    assert session.run(y, {n: 0}).tolist() == []


def test_a_shape_may_depend_on_the_iteration(tf, session, n, x):
    (y,) = counted(tf, n, lambda i, a: (a + tf.reduce_sum(tf.fill([i, 2], x)),), 0.0)
    assert session.run(y, {n: 4, x: 1.5}) == 2 * 1.5 * (1 + 2 + 3)


def test_a_shape_in_a_loop_may_come_from_outside(tf, session, n, x):
    m = tf.placeholder(tf.int32, [], "m")
    (y,) = counted(tf, n, lambda i, a: (a + tf.reduce_sum(tf.fill([m, m + 1], x)),), 0.0)
    assert session.run(y, {n: 2, m: 3, x: 1.5}) == 2 * 1.5 * 12
    assert session.run(y, {n: 2, m: 1, x: 1.5}) == 2 * 1.5 * 2


def test_loops_follow_each_other(tf, session, n):
    (a,) = counted(tf, n, lambda i, a: (a + 1.0,), 0.0)
    (b,) = counted(tf, n, lambda i, b: (b * 2.0,), a)
    assert session.run(b, {n: 3}) == 24.0


def test_the_result_of_one_loop_is_the_limit_of_another(tf, session, n):
    i = tf.while_loop(lambda i: i * i < n, lambda i: i + 1, [0])
    (b,) = counted(tf, i, lambda i, b: (b + 10,), 0)
    assert session.run(b, {n: 10}) == 40


def test_loops_are_nested(tf, session, n):
    def row(i, total):
        return counted(tf, i, lambda j, t: (t + i * j,), total)

    (y,) = counted(tf, n, row, 0)
    assert session.run(y, {n: 5}) == sum(i * j for i in range(5) for j in range(i))


def test_three_loops_are_nested(tf, session, n):
    def inner(i, total):
        def innermost(j, t):
            return counted(tf, j + 1, lambda k, u: (u + i + j * k,), t)

        return counted(tf, i + 1, innermost, total)

    (y,) = counted(tf, n, inner, 0)
    wanted = [i + j * k for i in range(4) for j in range(i + 1) for k in range(j + 1)]
    assert session.run(y, {n: 4}) == sum(wanted)


def test_two_loops_may_be_in_one(tf, session, n):
    def both(i, a, b):
        (c,) = counted(tf, i, lambda j, c: (c + 1,), a)
        (d,) = counted(tf, 2, lambda j, d: (d + c,), b)
        return c, d

    a, b = counted(tf, n, both, 0, 0)
    wanted = (0, 0)
    for i in range(4):
        wanted = wanted[0] + i, wanted[1] + 2 * (wanted[0] + i)
    assert session.run((a, b), {n: 4}) == wanted


# Conditionals in loops, loops in conditionals


def test_every_iteration_decides_anew(tf, session, n):
    def step(i, a):
        even = tf.equal(tf.math.floormod(i, 2), 0)
        return (tf.cond(even, lambda: a + 1, lambda: a * 10),)

    (y,) = counted(tf, n, step, 0)
    assert session.run(y, {n: 5}) == 111


def test_nested_conds_decide_in_every_iteration(tf, session, n, p):
    def step(i, a):
        inner = tf.less(i, 2)
        return (
            tf.cond(
                p,
                lambda: tf.cond(inner, lambda: a + 1, lambda: a + 10),
                lambda: tf.cond(inner, lambda: a + 100, lambda: a + 1000),
            ),
        )

    (y,) = counted(tf, n, step, 0)
    assert session.run(y, {n: 5, p: True}) == 32
    assert session.run(y, {n: 5, p: False}) == 3200


def test_the_condition_of_a_loop_may_have_a_cond(tf, session, n, p):
    limit = tf.placeholder(tf.int32, [], "limit")
    y = tf.while_loop(
        lambda i: tf.cond(p, lambda: i < n, lambda: i < limit), lambda i: i + 1, [tf.constant(0)]
    )
    assert session.run(y, {p: True, n: 2, limit: 7}) == 2
    assert session.run(y, {p: False, n: 2, limit: 7}) == 7


def test_a_branch_may_be_a_loop(tf, session, n, p):
    y = tf.cond(p, lambda: counted(tf, n, lambda i, a: (a + 2,), 0)[0], lambda: -n)
    assert session.run(y, {p: True, n: 3}) == 6
    assert session.run(y, {p: False, n: 3}) == -3


def test_both_branches_may_be_loops(tf, session, n, p):
    y = tf.cond(
        p,
        lambda: counted(tf, n, lambda i, a: (a + i,), 0)[0],
        lambda: counted(tf, n, lambda i, a: (a - i,), 0)[0],
    )
    assert session.run(y, {p: True, n: 4}) == 6
    assert session.run(y, {p: False, n: 4}) == -6


def test_a_cond_may_follow_a_loop_and_come_before_one(tf, session, n, p):
    (a,) = counted(tf, n, lambda i, a: (a + 1,), 0)
    b = tf.cond(p, lambda: a * 2, lambda: a * 3)
    (c,) = counted(tf, b, lambda i, c: (c + 1,), 0)
    assert session.run(c, {n: 2, p: True}) == 4
    assert session.run(c, {n: 2, p: False}) == 6


def test_one_predicate_decides_several_times(tf, session, p, x):
    a = tf.cond(p, lambda: x * 2.0, lambda: x * 3.0)
    b = tf.cond(p, lambda: a + 1.0, lambda: a + 2.0)
    c = tf.cond(p, lambda: x - b, lambda: b - x)
    assert session.run([a, c], {p: True, x: 1.0}) == [2.0, -2.0]
    assert session.run([a, c], {p: False, x: 1.0}) == [3.0, 4.0]


def test_one_predicate_decides_on_two_levels(tf, session, p, x):
    y = tf.cond(p, lambda: tf.cond(p, lambda: x * 2.0, lambda: x * 3.0), lambda: x * 5.0)
    assert session.run(y, {p: True, x: 1.0}) == 2.0
    assert session.run(y, {p: False, x: 1.0}) == 5.0


def test_a_tensor_inside_of_a_cond_may_be_fed(tf, session, p, x):
    inside = []

    def branch():
        inside.append(x * 2.0)
        return inside[0] + 1.0

    y = tf.cond(p, branch, lambda: x)
    assert session.run(y, {p: True, x: 1.0, inside[0]: 10.0}) == 11.0
    assert session.run(y, {p: False, x: 1.0, inside[0]: 10.0}) == 1.0


def test_one_of_several_outputs_inside_of_a_cond_may_be_fed(tf, session, p, x):
    inside = []

    def branch():
        inside.extend(tf.split([x, x + 1.0], 2))
        return inside[0] * 10.0 + inside[1]

    y = tf.cond(p, branch, lambda: tf.stack([x]))
    assert session.run(y, {p: True, x: 1.0, inside[0]: [7.0]}) == 72.0
    assert session.run(y, {p: False, x: 1.0, inside[0]: [7.0]}) == 1.0


# What changes variables


def test_a_loop_changes_a_variable_in_every_iteration(tf, session, n, v):
    def step(i, a):
        with tf.control_dependencies([v.assign_add(2.0)]):
            return (a + v.read_value(),)

    (y,) = counted(tf, n, step, 0.0)
    assert session.run(y, {n: 3}) == 3.0 + 5.0 + 7.0
    assert session.run(v) == 7.0
    assert session.run(y, {n: 0}) == 0.0
    assert session.run(v) == 7.0


def test_a_loop_reads_what_was_written_before_it(tf, session, n, v):
    with tf.control_dependencies([v.assign(10.0)]):
        start = v.read_value()
        (y,) = counted(tf, n, lambda i, a: (a + v.read_value(),), start)
    assert session.run(y, {n: 2}) == 30.0


def test_what_waits_for_a_loop_reads_what_it_has_written(tf, session, n, v):
    def step(i, a):
        with tf.control_dependencies([v.assign(v * 2.0)]):
            return (a + 1.0,)

    (y,) = counted(tf, n, step, 0.0)
    with tf.control_dependencies([y]):
        after = v.read_value()
    assert session.run([y, after], {n: 4}) == [4.0, 16.0]


def test_a_loop_may_give_a_variable_its_first_value(tf, session, n):
    w = tf.get_variable("w", initializer=0.0, use_resource=True)

    def step(i, a):
        with tf.control_dependencies([w.assign(tf.cast(i, tf.float32))]):
            return (a + 1.0,)

    (y,) = counted(tf, n, step, 0.0)
    assert session.run(y, {n: 0}) == 0.0
    with raises(typed("FailedPreconditionError")):
        session.run(w.read_value())
    assert session.run(y, {n: 3}) == 3.0
    assert session.run(w.read_value()) == 2.0


@pytest.mark.parametrize(("value", "wanted"), [(True, 6.0), (False, 1.0)])
def test_only_the_branch_that_is_taken_writes(tf, session, p, v, value, wanted):
    y = tf.cond(p, lambda: v.assign_add(5.0), lambda: tf.constant(0.0))
    session.run(y, {p: value})
    assert session.run(v) == wanted


def test_both_branches_write_one_variable(tf, session, p, v):
    y = tf.cond(p, lambda: v.assign(5.0), lambda: v.assign_sub(3.0))
    assert session.run(y, {p: False}) == -2.0
    assert session.run(y, {p: True}) == 5.0
    assert session.run(v) == 5.0


def test_only_one_branch_writes_another_variable(tf, session, p, v):
    w = tf.get_variable("w", initializer=2.0, use_resource=True)
    session.run(w.initializer)
    y = tf.cond(p, lambda: v.assign(5.0) + w, lambda: w.assign(7.0) + v)
    assert session.run(y, {p: False}) == 8.0
    assert session.run([v, w]) == [1.0, 7.0]
    assert session.run(y, {p: True}) == 12.0
    assert session.run([v, w]) == [5.0, 7.0]


def test_of_nested_branches_one_writes(tf, session, p, v, n):
    def nested(yes, no):
        return lambda: tf.cond(n > 0, lambda: v.assign_add(yes), lambda: v.assign_add(no))

    y = tf.cond(p, nested(1000.0, 100.0), nested(10.0, 1.0))
    assert session.run(y, {p: False, n: 0}) == 2.0
    assert session.run(y, {p: False, n: 1}) == 12.0
    assert session.run(y, {p: True, n: 0}) == 112.0
    assert session.run(y, {p: True, n: 1}) == 1112.0
    assert session.run(v) == 1112.0


def test_a_branch_may_give_a_variable_its_first_value(tf, session, p):
    w = tf.get_variable("w", initializer=0.0, use_resource=True)
    y = tf.cond(p, lambda: w.assign(4.0), lambda: tf.constant(0.0))
    with tf.control_dependencies([y]):
        there = tf.raw_ops.VarIsInitializedOp(resource=w.handle)
    assert session.run(there, {p: False}) == np.False_
    assert session.run(there, {p: True}) == np.True_
    assert session.run(w) == 4.0


def test_what_waits_for_a_cond_reads_what_it_has_written(tf, session, p, v):
    before = v.read_value()
    with tf.control_dependencies([before]):
        y = tf.cond(p, lambda: v.assign_add(1.0), lambda: v.assign_add(10.0))
    with tf.control_dependencies([y]):
        after = v.read_value()
    assert session.run([before, after], {p: True}) == [1.0, 2.0]
    assert session.run([before, after], {p: False}) == [2.0, 12.0]


def test_a_branch_waits_for_what_is_made_in_it_and_runs_in_any_case(tf, session, p, v):
    def branch():
        v.read_value()  # it has come into the branch before the other one is made
        with tf.control_dependencies(None):
            outside = v.assign_add(5.0)
        with tf.control_dependencies([outside]):
            return v.read_value()

    y = tf.cond(p, branch, lambda: tf.constant(0.0))
    assert session.run(y, {p: True}) == 6.0
    assert session.run(y, {p: False}) == 0.0
    assert session.run(v) == 11.0


def test_iterations_may_write_or_not(tf, session, n, v):
    def step(i, a):
        write = tf.cond(i < 2, lambda: v.assign_add(1.0), lambda: tf.constant(0.0))
        with tf.control_dependencies([write]):
            return (a + v.read_value(),)

    (y,) = counted(tf, n, step, 0.0)
    assert session.run(y, {n: 4}) == 2.0 + 3.0 + 3.0 + 3.0
    assert session.run(v) == 3.0


# Runs that are watched


@pytest.fixture(params=["a time limit", "a trace"])
def watched(tf, session, request):
    """Run with an option with which nodes are watched one by one."""
    options = {
        "a time limit": tf.RunOptions(timeout_in_ms=60_000),
        "a trace": tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE),
    }[request.param]
    return lambda *given: session.run(*given, options=options, run_metadata=tf.RunMetadata())


def test_a_watched_loop_runs_as_ever(tf, session, watched, n, v):
    def step(i, a):
        with tf.control_dependencies([v.assign_add(2.0)]):
            return (a + v.read_value(),)

    (y,) = counted(tf, n, step, 0.0)
    assert watched(y, {n: 3}) == 3.0 + 5.0 + 7.0
    assert watched(y, {n: 0}) == 0.0
    assert session.run(v) == 7.0


def test_a_watched_cond_runs_as_ever(tf, session, watched, p, v):
    y = tf.cond(p, lambda: v.assign_add(5.0) * 2.0, lambda: -v)
    assert watched(y, {p: False}) == -1.0
    assert watched(y, {p: True}) == 12.0
    assert session.run(v) == 6.0


def test_what_fails_in_a_watched_loop_is_named(tf, watched, n):
    values = tf.constant([1, 2, 3])
    (y,) = counted(tf, n, lambda i, a: (a + tf.gather(values, i, name="picked"),), 0)
    with raises(core("InvalidArgumentError", "indices = 3 is not in [0, 3)")) as caught:
        watched(y, {n: 4})
    assert caught.value.op.name.endswith("picked")


# Errors


def test_a_missing_value_is_an_error_where_a_branch_reads_it(tf, session, p):
    w = tf.get_variable("w", initializer=0.0, use_resource=True)
    y = tf.cond(p, lambda: w.read_value() + 1.0, lambda: tf.constant(5.0))
    assert session.run(y, {p: False}) == 5.0
    with raises(typed("FailedPreconditionError")):
        session.run(y, {p: True})


def test_a_missing_value_is_an_error_where_an_iteration_reads_it(tf, session, n):
    w = tf.get_variable("w", initializer=0.0, use_resource=True)
    (y,) = counted(tf, n, lambda i, a: (a + w.read_value(),), 1.0)
    assert session.run(y, {n: 0}) == 1.0
    with raises(typed("FailedPreconditionError")):
        session.run(y, {n: 1})


def test_a_failing_iteration_is_named(tf, session, n):
    values = tf.constant([1, 2, 3])
    (y,) = counted(tf, n, lambda i, a: (a + tf.gather(values, i, name="picked"),), 0)
    assert session.run(y, {n: 3}) == 6
    with raises(core("InvalidArgumentError", "indices = 3 is not in [0, 3)")) as caught:
        session.run(y, {n: 4})
    assert caught.value.op.name.endswith("picked")
    assert session.run(y, {n: 2}) == 3


def test_what_fails_in_the_other_branch_does_not_matter(tf, session, n, p):
    values = tf.constant([1, 2, 3])
    y = tf.cond(p, lambda: tf.gather(values, n, name="picked"), lambda: n)
    assert session.run(y, {p: False, n: 7}) == 7
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 3)")) as caught:
        session.run(y, {p: True, n: 7})
    assert caught.value.op.name.endswith("picked")


@pytest.mark.needs("in_process")
def test_what_fails_in_a_branch_that_calls_python_is_named(tf, session, n, p):
    values = tf.constant([1, 2, 3])

    def branch():
        index = tf.py_func(lambda i: i, [n], tf.int32)
        index.set_shape([])
        return tf.gather(values, index, name="picked")

    y = tf.cond(p, branch, lambda: n)
    assert session.run(y, {p: True, n: 2}) == 3
    assert session.run(y, {p: False, n: 7}) == 7
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 3)")) as caught:
        session.run(y, {p: True, n: 7})
    assert caught.value.op.name.endswith("picked")


# Switch and Merge by themselves


@pytest.fixture
def raw(tf):
    """The operations by themselves."""
    return tf.raw_ops


def test_a_merge_tells_which_input_it_hands_on(tf, session, raw, p, x):
    no, yes = raw.Switch(data=x, pred=p)
    merged = raw.Merge(inputs=[yes + 1.0, no * 3.0])
    assert session.run(merged, {p: True, x: 5.0}) == (6.0, 0)
    assert session.run(merged, {p: False, x: 5.0}) == (15.0, 1)


@pytest.mark.parametrize("which", [0, 1])
def test_a_fetched_output_of_a_switch_is_there_or_not(tf, session, raw, p, x, which):
    output = raw.Switch(data=x, pred=p)[which]
    assert session.run(output, {p: bool(which), x: 5.0}) == 5.0
    with raises(core("InvalidArgumentError", "does not have value")):
        session.run(output, {p: not which, x: 5.0})


@pytest.mark.parametrize("which", [0, 1])
def test_what_follows_a_switch_is_there_or_not(tf, session, raw, p, x, which):
    y = raw.Switch(data=x, pred=p)[which] * 2.0
    assert session.run(y, {p: bool(which), x: 5.0}) == 10.0
    with raises(core("InvalidArgumentError", "does not have value")):
        session.run(y, {p: not which, x: 5.0})


@pytest.mark.parametrize("value", [True, False])
def test_what_a_control_trigger_waits_for_need_not_be_there(tf, session, raw, p, x, value):
    no, yes = raw.Switch(data=x, pred=p)
    with tf.control_dependencies([no * 2.0, yes * 3.0]):
        trigger = raw.ControlTrigger()
    with tf.control_dependencies([trigger]):
        y = tf.identity(x) + 1.0
    assert session.run(y, {p: value, x: 5.0}) == 6.0


def test_nested_switches_are_merged_from_inside(tf, session, raw, p, n, x):
    q = n > 0
    no, yes = raw.Switch(data=x, pred=p)
    inner = raw.Switch(data=yes, pred=raw.Switch(data=q, pred=p)[1])
    joined = raw.Merge(inputs=[inner[0] + 1.0, inner[1] + 2.0])[0]
    y = raw.Merge(inputs=[no, joined * 10.0])[0]
    assert session.run(y, {p: True, n: 1, x: 1.0}) == 30.0
    assert session.run(y, {p: True, n: 0, x: 1.0}) == 20.0
    assert session.run(y, {p: False, n: 0, x: 1.0}) == 1.0
