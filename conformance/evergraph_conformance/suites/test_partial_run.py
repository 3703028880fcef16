"""`partial_run_setup` and `partial_run`: feeds that arrive, and fetches that leave, one by one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises

pytestmark = pytest.mark.uses("AddV2", "Mul")

ENDED = exact("InvalidArgumentError", "Must run 'setup' before performing partial runs!")


@pytest.fixture
def a(tf):
    """A scalar placeholder named `a`."""
    return tf.placeholder(tf.float32, [], "a")


@pytest.fixture
def b(tf):
    """A scalar placeholder named `b`."""
    return tf.placeholder(tf.float32, [], "b")


@pytest.fixture
def c(tf):
    """A scalar placeholder named `c`."""
    return tf.placeholder(tf.float32, [], "c")


@pytest.fixture
def r1(tf, a, b):
    """The sum of `a` and `b`."""
    return tf.add(a, b, name="r1")


@pytest.fixture
def r2(tf, r1, c):
    """`r1` times `c`."""
    return tf.multiply(r1, c, name="r2")


@pytest.fixture
def handle(session, a, b, c, r1, r2):
    """A partial run of both fetches and all feeds."""
    return session.partial_run_setup([r1, r2], [a, b, c])


def test_a_result_goes_into_the_next_feed(session, handle, a, b, c, r1, r2):
    """Row 149."""
    first = session.partial_run(handle, r1, {a: 1, b: 2})
    assert type(first) is np.float32
    assert first == 3.0
    assert session.partial_run(handle, r2, {c: first * 17}) == 153.0


def test_a_handle_tells_feeds_and_fetches(session, handle):
    assert type(handle) is str
    assert handle.startswith("a:0,b:0,c:0->r1:0,r2:0//1/;")


def test_every_handle_is_another(session, a, b, r1):
    first, second = (session.partial_run_setup(r1, [a, b]) for _ in range(2))
    assert first != second
    assert session.partial_run(second, r1, {a: 1, b: 1}) == 2.0
    assert session.partial_run(first, r1, {a: 2, b: 2}) == 4.0


def test_feeds_may_come_one_at_a_time_without_a_fetch(session, handle, a, b, c, r1, r2):
    assert session.partial_run(handle, [], {a: 1.0}) == []
    assert session.partial_run(handle, [], {b: 2.0}) == []
    assert session.partial_run(handle, {"both": (r1, r2)}, {c: 3.0}) == {"both": (3.0, 9.0)}


def test_names_do_as_well(session, a, b, r1):
    handle = session.partial_run_setup(["r1:0"], ["a:0", "b:0"])
    assert session.partial_run(handle, "r1:0", {"a:0": 1, "b:0": 2}) == 3.0


def test_a_fed_tensor_may_be_fetched_in_its_call(session, handle, a, b, c, r1, r2):
    fed, total = session.partial_run(handle, [a, r1], {a: 1.0, b: 2.0})
    assert (fed, total) == (1.0, 3.0)


def test_what_depends_on_no_feed_can_be_fetched_at_once(tf, session, a):
    constant = tf.constant(2.0) * 3.0
    handle = session.partial_run_setup([constant, a + 1.0], [a])
    assert session.partial_run(handle, constant) == 6.0


def test_an_intermediate_tensor_may_be_fed(session, r1, c, r2):
    handle = session.partial_run_setup(r2, [r1, c])
    session.partial_run(handle, [], {r1: 5.0})
    assert session.partial_run(handle, r2, {c: 2.0}) == 10.0


def test_the_fetch_must_be_part_of_the_setup(session, a, b, c, r1, r2):
    """Row 150."""
    handle = session.partial_run_setup(r1, [a, b, c])
    with raises(
        exact("InvalidArgumentError", "The fetch r2:0 was not specified in partial_run_setup.")
    ):
        session.partial_run(handle, r2, {a: 1, b: 2, c: 3})
    assert session.partial_run(handle, r1, {a: 1, b: 2}) == 3.0


def test_the_feed_must_be_part_of_the_setup(session, a, b, c, r1):
    """Row 151."""
    handle = session.partial_run_setup(r1, [a, b])
    with raises(
        exact("InvalidArgumentError", "The feed c:0 was not specified in partial_run_setup.")
    ):
        session.partial_run(handle, r1, {a: 1, b: 2, c: 3})
    assert session.partial_run(handle, r1, {a: 1, b: 2}) == 3.0


def test_a_feed_is_fed_once(session, handle, a, b, c, r1, r2):
    """Row 152."""
    session.partial_run(handle, r1, {a: 1, b: 2})
    with raises(exact("InvalidArgumentError", "The feed a:0 has already been fed.")):
        session.partial_run(handle, r2, {a: 1, c: 3})
    assert session.partial_run(handle, r2, {c: 3}) == 9.0


def test_a_fetch_is_fetched_once(session, handle, a, b, c, r1, r2):
    """Row 153."""
    session.partial_run(handle, r1, {a: 1, b: 2})
    with raises(exact("InvalidArgumentError", "The fetch r1:0 has already been fetched.")):
        session.partial_run(handle, [r1, r2], {c: 3})
    assert session.partial_run(handle, r2, {c: 3}) == 9.0


def test_a_fetch_waits_for_its_feeds(session, handle, a, b, c, r1, r2):
    """Row 154."""
    with raises(
        core(
            "InvalidArgumentError",
            "can't be computed from the feeds that have been fed so far.",
        )
    ):
        session.partial_run(handle, r2, {a: 1, b: 2})
    assert session.partial_run(handle, r1, {a: 1, b: 2}) == 3.0


def test_a_run_ends_when_all_is_fed_and_fetched(session, a, b, r1):
    """Row 155."""
    handle = session.partial_run_setup(r1, [a, b])
    session.partial_run(handle, r1, {a: 1, b: 2})
    with raises(ENDED):
        session.partial_run(handle, r1, {a: 1, b: 2})


@pytest.mark.parametrize("unknown", ["nope", "->r1:0//1/;99"])
def test_a_handle_must_be_known(session, a, b, r1, unknown):
    """Row 156."""
    with raises(ENDED):
        session.partial_run(unknown, r1, {a: 1, b: 2})


def test_a_setup_fetches_or_runs_something(session, a):
    """Row 157."""
    with raises(
        exact("InvalidArgumentError", "Must specify at least one target to fetch or execute.")
    ):
        session.partial_run_setup([], [a])


def test_operations_run_but_cannot_be_asked_for(session, a, b, r1):
    """Row 158."""
    handle = session.partial_run_setup([r1, r1.op], [a, b])
    with raises(core("RuntimeError", "partial_run() requires empty `target_list`.")):
        session.partial_run(handle, r1.op, {a: 1, b: 2})


@pytest.mark.parametrize("key", ["nope:0", None, 3])
def test_a_feed_must_be_a_tensor(session, a, r1, key):
    """Rows 159 and 160."""
    with raises(core("TypeError", "Cannot interpret argument `feed` key as Tensor: ")):
        session.partial_run_setup(r1, [key])


def test_a_run_may_be_left_unfinished(tf, a, b, r1):
    """Row 161."""
    session = tf.Session()
    session.partial_run(session.partial_run_setup(r1, [a, b]), [], {a: 1})
    session.close()


def test_a_whole_run_may_come_in_between(session, handle, a, b, c, r1, r2):
    """Row 162."""
    session.partial_run(handle, r1, {a: 1, b: 2})
    assert session.run(r1, {a: 5, b: 6}) == 11.0
    assert session.partial_run(handle, r2, {c: 2}) == 6.0


def test_a_feed_cannot_be_a_fetch_of_the_setup(session, a, b, r1):
    """Row 163."""
    with raises(exact("InvalidArgumentError", "a:0 is both fed and fetched.")):
        session.partial_run_setup([r1, a], [a, b])


def test_a_feed_is_named_once(session, a, b, r1):
    with raises(exact("InvalidArgumentError", 'Endpoint "a:0" fed more than once.')):
        session.partial_run_setup(r1, [a, a, b])


def test_a_setup_may_have_no_feeds(tf, session):
    x = tf.constant(1.0) + 1.0
    assert session.partial_run(session.partial_run_setup(x), x) == 2.0


def test_values_are_checked_as_in_a_run(session, handle, a, b, r1):
    with raises(core("ValueError", "Cannot feed value of shape (1,) for Tensor a:0")):
        session.partial_run(handle, r1, {a: [1.0], b: 1.0})
    assert session.partial_run(handle, r1, {a: 1.0, b: 1.0}) == 2.0


def test_what_needs_more_feeds_may_be_built_before_what_it_uses(tf, session, a, b):
    total = a + b
    double = b * 2.0
    product = total * double
    handle = session.partial_run_setup([product], [a, b])
    assert session.partial_run(handle, product, {a: 2.0, b: 3.0}) == 30.0


@pytest.mark.uses("VariableV2", "VarHandleOp")
@pytest.mark.parametrize("resource", [False, True])
def test_a_setup_may_have_feeds_that_nothing_needs(tf, session, resource):
    a = tf.placeholder(tf.float32, [])
    v = tf.get_variable("v", initializer=[1.0, 2.0], use_resource=resource)
    more = v + 1.0
    session.run(v.initializer)
    handle = session.partial_run_setup([more], [a])
    assert session.partial_run(handle, more).tolist() == [2.0, 3.0]


def test_a_closed_session_refuses(tf, a, b, r1):
    """Row 98."""
    session = tf.Session()
    handle = session.partial_run_setup(r1, [a, b])
    session.close()
    closed = exact("RuntimeError", "Attempted to use a closed Session.")
    with raises(closed):
        session.partial_run_setup(r1, [a, b])
    with raises(closed):
        session.partial_run(handle, r1, {a: 1, b: 2})


def test_an_empty_graph_is_refused(tf):
    with tf.Session(graph=tf.Graph()) as session, raises(core("RuntimeError", "graph is empty")):
        session.partial_run_setup([])


# Errors of nodes; the session is the test's own, since TensorFlow's is of no use afterwards


@pytest.mark.uses("GatherV2")
def test_a_node_that_fails_ends_the_run(tf, session, a):
    index = tf.placeholder(tf.int32, [], "index")
    picked = tf.gather([1.0, 2.0], index, name="picked")
    handle = session.partial_run_setup([picked, picked + a], [a, index])
    with raises(core("InvalidArgumentError", "indices = 7 is not in [0, 2)")) as found:
        session.partial_run(handle, picked, {index: 7})
    assert found.value.op.name == "picked"
    with raises(ENDED):
        session.partial_run(handle, picked, {index: 1})


@pytest.mark.uses("VariableV2")
def test_an_error_at_setup_is_told_by_the_first_call(tf, session, a):
    v = tf.get_variable("v", [])
    total = v + a
    handle = session.partial_run_setup(total, [a])
    with raises(core("FailedPreconditionError", "Attempting to use uninitialized value v")):
        session.partial_run(handle, total, {a: 1.0})


# What runs when


@pytest.mark.uses("VariableV2", "Assign", "AssignAdd")
def test_every_node_runs_once_and_as_soon_as_it_can(tf, session, a, b):
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    add = tf.assign_add(v, a)
    total = tf.identity(add) + b
    handle = session.partial_run_setup(total, [a, b])
    session.partial_run(handle, [], {a: 3.0})
    assert _settles(lambda: session.run(v) == 3.0), "what needs a alone has not run"
    assert session.partial_run(handle, total, {b: 1.0}) == 4.0
    assert session.run(v) == 3.0


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_what_needs_no_feed_runs_at_setup(tf, session, a):
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    with tf.control_dependencies([tf.assign_add(v, 1.0)]):
        total = a + 1.0
    handle = session.partial_run_setup(total, [a])
    assert _settles(lambda: session.run(v) == 1.0), "what needs no feed has not run"
    assert session.partial_run(handle, total, {a: 1.0}) == 2.0
    assert session.run(v) == 1.0


@pytest.mark.uses("VariableV2", "AssignAdd")
def test_operations_of_the_setup_run(tf, session, a):
    v = tf.get_variable("v", [], initializer=tf.zeros_initializer())
    session.run(v.initializer)
    total = a + 1.0
    handle = session.partial_run_setup([total, tf.assign_add(v, a).op], [a])
    assert session.partial_run(handle, total, {a: 2.0}) == 3.0
    assert _settles(lambda: session.run(v) == 2.0)


@pytest.mark.uses("RandomUniform")
def test_a_random_number_is_drawn_once(tf, session, a):
    x = tf.random_uniform([3], seed=1)
    shifted = x + a
    handle = session.partial_run_setup([x, shifted], [a])
    first = session.partial_run(handle, x)
    assert np.array_equal(session.partial_run(handle, shifted, {a: 1.0}), first + 1)


def test_arrays_may_be_changed_between_calls(tf, session, b):
    x = tf.placeholder(tf.float32, [2], "x")
    doubled, shifted = tf.multiply(x, 2.0), tf.add(x, b)
    handle = session.partial_run_setup([doubled, shifted, x + b + 1.0], [x, b])
    value = np.array([1.0, 2.0], np.float32)
    first = session.partial_run(handle, doubled, {x: value})
    first[:] = 0.0
    value[:] = 100.0
    assert session.partial_run(handle, shifted, {b: 1.0}).tolist() == [2.0, 3.0]


def test_several_runs_are_under_way_at_once(session, a, b, c, r1, r2):
    handles = [session.partial_run_setup([r1, r2], [a, b, c]) for _ in range(5)]
    for i, handle in enumerate(handles):
        assert session.partial_run(handle, r1, {a: i, b: 1}) == i + 1
    for i, handle in reversed(list(enumerate(handles))):
        assert session.partial_run(handle, r2, {c: 2}) == 2 * (i + 1)


def test_the_graph_may_grow_in_between(session, handle, a, b, c, r1, r2):
    session.partial_run(handle, r1, {a: 1, b: 2})
    assert session.run(r1 * 2.0, {a: 1, b: 1}) == 4.0
    assert session.partial_run(handle, r2, {c: 2}) == 6.0


def _settles(condition: Callable[[], bool]) -> bool:
    """Whether something becomes true: TensorFlow runs nodes behind the caller's back."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_what_waits_for_a_queue_is_fetched_when_its_feeds_are_there(tf, session, a, b):
    queue = tf.FIFOQueue(1, tf.float32, shapes=[[]])
    session.run(queue.enqueue(10.0))
    total = queue.dequeue() + a
    handle = session.partial_run_setup([total, b * 2.0], [a, b])
    assert session.partial_run(handle, total, {a: 1.0}) == 11.0


def test_what_waits_for_a_queue_delays_no_other_fetch(tf, session, a, b, r1):
    q = tf.FIFOQueue(2, [tf.float32], [[]])
    taken = tf.add(q.dequeue(), a, name="taken")
    handle = session.partial_run_setup([r1, taken], [a, b])
    assert session.partial_run(handle, r1, {a: 1, b: 2}) == 3.0
    session.run(q.enqueue(10.0))
    assert session.partial_run(handle, taken) == 11.0


@pytest.mark.parametrize("above", [False, True])
def test_a_conditional_waits_for_all_its_feeds(tf, session, a, b, c, above):
    y = tf.cond(a > 0.0, lambda: b * 2.0, lambda: c + 1.0)
    handle = session.partial_run_setup([y, b + c], [a, b, c])
    session.partial_run(handle, [], {a: 1.0 if above else -1.0})
    session.partial_run(handle, [], {b: 3.0})
    assert session.partial_run(handle, y, {c: 10.0}) == (6.0 if above else 11.0)
