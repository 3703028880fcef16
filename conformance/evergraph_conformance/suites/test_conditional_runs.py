"""Conditionals in all kinds of runs: callables, partial runs, threads, traces; and on the host."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, typed
from evergraph_conformance.threads import in_threads

pytestmark = pytest.mark.uses("Switch", "Merge", "AddV2", "Mul")


@pytest.fixture
def p(tf):
    """A scalar bool placeholder named `p`."""
    return tf.placeholder(tf.bool, [], "p")


@pytest.fixture
def x(tf):
    """A vector placeholder named `x`."""
    return tf.placeholder(tf.float32, [None], "x")


@pytest.fixture
def y(tf, p, x):
    """`x` times 2 or plus 1."""
    return tf.cond(p, lambda: tf.multiply(x, 2.0, name="twice"), lambda: x + 1.0)


# Ways to run


def test_a_callable_may_take_either_branch(session, p, x, y):
    function = session.make_callable(y, [p, x])
    for _ in range(12):
        assert function(True, [1.0, 3.0]).tolist() == [2.0, 6.0]
        assert function(False, [1.0, 3.0]).tolist() == [2.0, 4.0]


def test_repeated_runs_take_either_branch(session, p, x, y):
    for i in range(20):
        want = [2.0 * i] if i % 3 else [i + 1.0]
        assert session.run(y, {p: bool(i % 3), x: [float(i)]}).tolist() == want


@pytest.mark.uses("VariableV2", "AssignAdd", "AssignSub")
def test_repeated_runs_change_a_variable(tf, session, p):
    v = tf.get_variable("v", initializer=0.0)
    session.run(v.initializer)
    step = tf.cond(p, lambda: tf.assign_add(v, 2.0), lambda: tf.assign_sub(v, 1.0))
    found = [session.run(step, {p: bool(i % 2)}) for i in range(20)]
    assert found[:4] == [-1.0, 1.0, 0.0, 2.0]
    assert session.run(v) == 10.0


def test_a_partial_run_may_have_a_cond(session, p, x, y):
    more = y * 10.0
    for which, want in ((True, 20.0), (False, 20.0)):
        handle = session.partial_run_setup([y, more], [p, x])
        session.partial_run(handle, [], {p: which})
        assert session.partial_run(handle, y, {x: [1.0]}) == [2.0]
        assert session.partial_run(handle, more) == [want]


def test_a_partial_run_may_have_several_conds_of_one_predicate(tf, session, p, x, y):
    z = tf.placeholder(tf.float32, [1])
    other = tf.cond(p, lambda: z * 3.0, lambda: -z)
    both = tf.cond(p, lambda: y + z, lambda: other - y)
    for which, wanted in ((True, (6.0, 6.0)), (False, (-2.0, -5.0))):
        handle = session.partial_run_setup([y, other, both], [p, x, z])
        first = session.partial_run(handle, y, {p: which, x: [1.0]})
        assert session.partial_run(handle, [other, both], {z: [2.0]}) == [
            [wanted[0]],
            [first[0] + 2.0 if which else wanted[0] - first[0]],
        ]


def test_the_predicate_may_arrive_last(tf, session, p, x, y):
    before = x * 3.0
    handle = session.partial_run_setup([before, y], [p, x])
    assert session.partial_run(handle, before, {x: [1.0]}) == [3.0]
    assert session.partial_run(handle, y, {p: False}) == [2.0]


def test_a_predicate_may_come_from_a_fetch_of_the_same_run(tf, session, p, x, y):
    total = tf.reduce_sum(x)
    handle = session.partial_run_setup([total, y], [p, x])
    found = session.partial_run(handle, total, {x: [2.0, 3.0]})
    assert session.partial_run(handle, y, {p: found > 4.0}).tolist() == [4.0, 6.0]


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_a_partial_run_changes_a_variable_once(tf, session, p):
    a = tf.placeholder(tf.float32, [], "a")
    v = tf.get_variable("v", initializer=1.0)
    session.run(v.initializer)
    changed = tf.cond(p, lambda: tf.assign_add(v, 5.0), lambda: v + 0.0)
    total = changed + a
    handle = session.partial_run_setup([changed, total], [p, a])
    assert session.partial_run(handle, changed, {p: True}) == 6.0
    assert session.partial_run(handle, total, {a: 1.0}) == 7.0
    assert session.run(v) == 6.0


def test_threads_take_branches_of_their_own(session, p, x, y):
    def work(i):
        for j in range(20):
            found = session.run(y, {p: bool(i % 2), x: [float(j)]})
            assert found == [2.0 * j if i % 2 else j + 1.0]
        return i

    assert in_threads(work) == list(range(8))


@pytest.mark.uses("VarHandleOp", "AssignAddVariableOp", "ReadVariableOp")
def test_changes_of_threads_are_not_lost(tf, session, p):
    v = tf.get_variable("v", initializer=0.0, use_resource=True)
    session.run(v.initializer)
    step = tf.cond(p, lambda: v.assign_add(1.0).op, tf.no_op)

    def work(i):
        for _ in range(20):
            session.run(step, {p: bool(i % 2)})

    in_threads(work)
    assert session.run(v) == 80.0


def test_sessions_may_share_a_graph(tf, p, x, y):
    with tf.Session() as one, tf.Session() as other:
        assert one.run(y, {p: True, x: [3.0]}) == [6.0]
        assert other.run(y, {p: False, x: [3.0]}) == [4.0]


def test_a_graph_may_grow_between_runs(tf, session, p, x, y):
    assert session.run(y, {p: True, x: [3.0]}) == [6.0]
    z = tf.cond(p, lambda: y + 1.0, lambda: y - 1.0)
    assert session.run(z, {p: True, x: [3.0]}) == [7.0]
    assert session.run(z, {p: False, x: [3.0]}) == [3.0]


@pytest.mark.parametrize("which", [True, False])
def test_a_graph_with_conds_is_imported(tf, p, x, y, which):
    definition = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default(), tf.Session() as session:
        (again,) = tf.import_graph_def(definition, return_elements=[y.name], name="again")
        feeds = {"again/p:0": which, "again/x:0": [4.0]}
        assert session.run(again, feeds) == [8.0 if which else 5.0]


def test_a_frozen_graph_runs_with_the_predicate_as_input_map(tf, p, x, y):
    definition = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default(), tf.Session() as session:
        (again,) = tf.import_graph_def(
            definition, {"p:0": tf.constant(False), "x:0": tf.constant([1.0])}, [y.name]
        )
        assert session.run(again) == [2.0]


# Options


def test_a_run_has_time_enough(tf, session, p, x, y):
    options = tf.RunOptions(timeout_in_ms=60_000)
    assert session.run(y, {p: True, x: [3.0]}, options=options) == [6.0]
    assert session.run(y, {p: False, x: [3.0]}, options=options) == [4.0]


@pytest.mark.uses("FIFOQueueV2", "QueueDequeueV2")
def test_a_cond_behind_a_queue_waits_no_longer_than_it_may(tf, session, x):
    queue = tf.FIFOQueue(1, tf.bool, [])
    y = tf.cond(queue.dequeue(), lambda: x * 2.0, lambda: x + 1.0)
    with raises(typed("DeadlineExceededError")):
        session.run(y, {x: [3.0]}, options=tf.RunOptions(timeout_in_ms=200))
    session.run(queue.enqueue(True))
    assert session.run(y, {x: [3.0]}) == [6.0]


@pytest.mark.uses("FIFOQueueV2", "QueueEnqueueV2", "QueueDequeueV2")
def test_what_a_cond_gives_is_put_into_a_queue(tf, session, p, x, y):
    queue = tf.FIFOQueue(2, tf.float32)
    put, get = queue.enqueue(y), queue.dequeue()
    session.run(put, {p: True, x: [3.0]})
    session.run(put, {p: False, x: [3.0]})
    assert [session.run(get) for _ in range(2)] == [[6.0], [4.0]]


def names_in_trace(tf, session, fetch, feeds):
    """Return the names of the nodes that a traced run tells of."""
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    value = session.run(fetch, feeds, options=options, run_metadata=metadata)
    names = {n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats}
    return value, names


def test_a_trace_tells_of_the_nodes_inside(tf, session, p, x, y):
    value, names = names_in_trace(tf, session, y, {p: True, x: [3.0]})
    assert value == [6.0]
    assert "cond/twice" in names


def test_a_trace_does_not_tell_of_what_did_not_run(tf, session, p, x, y):
    value, names = names_in_trace(tf, session, y, {p: False, x: [3.0]})
    assert value == [4.0]
    assert "cond/add" in names
    assert "cond/twice" not in names


@pytest.mark.uses("GatherV2")
def test_a_traced_run_that_fails_inside_names_its_node(tf, session, p):
    index = tf.placeholder(tf.int32, [], "index")
    y = tf.cond(p, lambda: tf.gather([1.0, 2.0], index, name="picked"), lambda: 0.0)
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    feeds = {p: True, index: 7}
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")) as found:
        session.run(y, feeds, options=options, run_metadata=tf.RunMetadata())
    assert found.value.op.name == "cond/picked"


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_a_traced_run_changes_variables_inside(tf, session, p):
    v = tf.get_variable("v", initializer=1.0)
    session.run(v.initializer)
    y = tf.cond(p, lambda: tf.assign_add(v, 5.0), lambda: v + 0.0)
    assert names_in_trace(tf, session, y, {p: True})[0] == 6.0
    assert names_in_trace(tf, session, y, {p: False})[0] == 6.0


# What runs on the host


@pytest.mark.uses("Where")
def test_what_decides_its_own_shape_runs_inside(tf, session, p, x):
    y = tf.cond(p, lambda: tf.where(x > 1.0), lambda: tf.zeros([0, 1], tf.int64))
    assert session.run(y, {p: True, x: [1.0, 2.0, 3.0]}).tolist() == [[1], [2]]
    assert session.run(y, {p: False, x: [1.0, 2.0, 3.0]}).shape == (0, 1)


@pytest.mark.uses("Unique")
def test_values_on_the_host_are_used_inside_and_after(tf, session, p, x):
    def branch():
        values, places = tf.unique(x)
        return tf.reduce_sum(values * 2.0), tf.reduce_max(places)

    total, last = tf.cond(p, branch, lambda: (tf.reduce_sum(x), tf.constant(-1)))
    more = total * 10.0
    assert session.run([more, last], {p: True, x: [1.0, 2.0, 1.0]}) == [60.0, 1]
    assert session.run([more, last], {p: False, x: [1.0, 2.0, 1.0]}) == [40.0, -1]


@pytest.mark.uses("Where", "VariableV2", "AssignAdd", "GatherNd")
def test_a_branch_on_the_host_changes_a_variable(tf, session, p, x):
    v = tf.get_variable("v", initializer=1.0)
    session.run(v.initializer)

    def branch():
        return tf.assign_add(v, tf.reduce_sum(tf.gather_nd(x, tf.where(x > 1.0))))

    y = tf.cond(p, branch, lambda: v + 0.0)
    assert session.run(y, {p: True, x: [1.0, 2.0, 3.0]}) == 6.0
    assert session.run(y, {p: False, x: [1.0, 2.0, 3.0]}) == 6.0
    assert session.run(v) == 6.0


@pytest.mark.uses("Where")
def test_a_nested_branch_may_run_on_the_host(tf, session, p, x):
    def inner():
        return tf.cond(x[0] > 1.0, lambda: tf.size(tf.where(x > 2.0)), lambda: tf.size(x))

    y = tf.cond(p, inner, lambda: tf.constant(0)) * 10
    assert session.run(y, {p: True, x: [2.0, 3.0, 4.0]}) == 20
    assert session.run(y, {p: True, x: [1.0, 3.0, 4.0]}) == 30
    assert session.run(y, {p: False, x: [1.0, 3.0, 4.0]}) == 0


@pytest.mark.dtypes("string")
@pytest.mark.uses("Pack")
def test_strings_are_computed_inside(tf, session, p, x):
    s = tf.placeholder(tf.string, [], "s")

    def branch():
        return tf.stack([s, "!"]), tf.reduce_sum(x)

    text, total = tf.cond(p, branch, lambda: (tf.stack([s, s]), tf.constant(0.0)))
    first, second = tf.unstack(text)
    feeds = {s: "a", x: [1.0, 2.0]}
    assert session.run([first, second, total], {p: True, **feeds}) == [b"a", b"!", 3.0]
    assert session.run([first, second, total], {p: False, **feeds}) == [b"a", b"a", 0.0]


@pytest.mark.uses("PyFunc")
@pytest.mark.needs("in_process")
def test_a_predicate_may_come_from_python(tf, session, x):
    above = tf.py_func(lambda value: np.bool_(value.sum() > 3.0), [x], tf.bool)
    above.set_shape([])
    y = tf.cond(above, lambda: x * 2.0, lambda: x + 1.0)
    assert session.run(y, {x: [4.0]}) == [8.0]
    assert session.run(y, {x: [1.0]}) == [2.0]


@pytest.mark.uses("PyFunc")
@pytest.mark.needs("in_process")
def test_what_a_cond_gives_goes_to_python(tf, session, p, x, y):
    seen = []

    def add(value):
        seen.append(type(value))
        return value.sum()

    total = tf.py_func(add, [y], tf.float32)
    assert session.run(total, {p: True, x: [1.0, 2.0]}) == 6.0
    assert session.run(total, {p: False, x: [1.0, 2.0]}) == 5.0
    assert seen == [np.ndarray, np.ndarray]
