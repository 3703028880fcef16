"""The page of `tf.Session`: `make_callable` and partial runs, sentence by sentence.

`docs/session_page.md` says which case stands for which sentence.
"""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed


@pytest.fixture
def x(tf):
    """A placeholder of a vector of two floats, named `x`."""
    return tf.placeholder(tf.float32, [2], name="x")


@pytest.fixture
def y(tf, x):
    """The double of `x`, named `y`."""
    return tf.multiply(x, 2.0, name="y")


# make_callable


def test_a_callable_runs_one_particular_step(session, x, y):
    function = session.make_callable(y, [x])
    assert [function([n, 1.0]).tolist() for n in (1.0, 2.0)] == [[2.0, 2.0], [4.0, 2.0]]


def test_a_callable_takes_an_argument_for_each_feed(tf, session):
    p, q = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    assert session.make_callable(p * 10.0 + q, [p, q])(2.0, 3.0) == 23.0
    assert session.make_callable(tf.constant(4.0))() == 4.0


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row("shape", [1.0], core("ValueError", "Cannot feed value of shape (1,)")),
        row("letters", ["a", "b"], typed("ValueError")),
    ],
)
def test_an_argument_fits_type_and_shape_of_its_feed(session, x, y, value, error):
    function = session.make_callable(y, [x])
    assert function(np.array([1, 2], np.int64)).tolist() == [2.0, 4.0]
    with raises(error):
        function(value)


def test_an_argument_may_be_what_run_takes(session, x, y):
    function = session.make_callable(y, ["x:0"])
    for value in ([1, 2], (1.0, 2.0), np.array([1.0, 2.0]), np.array([1, 2], np.float16)):
        assert function(value).tolist() == [2.0, 4.0]


def test_a_callable_returns_what_run_returns(session, x, y):
    for fetches in (y, [y, "y"], {"a": (y,)}):
        got = session.make_callable(fetches, [x])([1.0, 2.0])
        want = session.run(fetches, {x: [1.0, 2.0]})
        assert repr(got) == repr(want)


def test_a_callable_of_a_tensor_returns_an_array_and_of_an_operation_none(session, x, y):
    got = session.make_callable(y, [x])([1.0, 2.0])
    assert type(got) is np.ndarray
    assert session.make_callable(y.op, [x])([1.0, 2.0]) is None


def test_the_fetches_are_a_value_or_a_list(session, x, y):
    assert session.make_callable(fetches=y, feed_list=[x])([1.0, 2.0]).tolist() == [2.0, 4.0]
    (got,) = session.make_callable(fetches=[y], feed_list=[x])([1.0, 2.0])
    assert got.tolist() == [2.0, 4.0]


def test_the_fetches_are_those_of_run(tf, session, x):
    s = tf.SparseTensor([[0]], [2.0], [3])
    got = session.make_callable({"s": s, "n": ("x:0",)}, [x])([1.0, 2.0])
    assert got["s"].values.tolist() == [2.0]
    assert got["n"][0].tolist() == [1.0, 2.0]


def test_the_feed_list_is_optional(tf, session):
    assert session.make_callable(tf.constant(4.0), None)() == 4.0


def test_the_feed_list_holds_keys_of_run(session, x, y):
    for key in (x, "x:0", b"x:0"):
        assert session.make_callable(y, [key])([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_a_callable_may_accept_options_and_metadata(tf, session, x, y):
    function = session.make_callable(y, [x], accept_options=True)
    metadata = tf.RunMetadata()
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    assert function([1.0, 2.0], options=options, run_metadata=metadata).tolist() == [2.0, 4.0]
    assert metadata.step_stats.dev_stats
    assert function([1.0, 2.0]).tolist() == [2.0, 4.0]


def test_by_default_a_callable_accepts_no_options(tf, session):
    function = session.make_callable(tf.constant(1.0))
    with raises(core("TypeError", "got an unexpected keyword argument 'options'")):
        function(options=tf.RunOptions())


def test_a_callable_is_a_function(tf, session, x, y):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    function = session.make_callable([v.assign_add(1.0), y], [x])
    assert session.run(v) == 1.0
    assert function([1.0, 2.0])[0] == 2.0
    assert session.run(v) == 2.0
    assert callable(function)


@pytest.mark.parametrize(
    ("fetches", "feed_list"),
    [row("fetches", 3, None), row("feed_list", "y:0", "x:0"), row("feed", "y:0", [3])],
)
def test_what_run_cannot_take_makes_no_callable(session, y, fetches, feed_list):
    with raises(typed("TypeError")):
        session.make_callable(fetches, feed_list)(1.0)


# partial_run


@pytest.fixture
def a(tf):
    """A scalar placeholder named `a`."""
    return tf.placeholder(tf.float32, [], "a")


@pytest.fixture
def b(tf):
    """A scalar placeholder named `b`."""
    return tf.placeholder(tf.float32, [], "b")


@pytest.fixture
def total(tf, a, b):
    """The sum of `a` and `b`, named `total`."""
    return tf.add(a, b, "total")


def test_a_partial_run_goes_on_with_more_feeds_and_fetches(session, a, b, total):
    handle = session.partial_run_setup([total, a * 2.0], [a, b])
    assert session.partial_run(handle, "mul:0", {a: 3.0}) == 6.0
    assert session.partial_run(handle, total, {b: 4.0}) == 7.0


def test_one_setup_is_followed_by_a_sequence_of_calls(session, a, b, total):
    handle = session.partial_run_setup(total, [a, b])
    assert session.partial_run(handle, [], {a: 1.0}) == []
    assert session.partial_run(handle, [], {b: 2.0}) == []
    assert session.partial_run(handle, total) == 3.0


def test_the_setup_lists_the_feeds_and_fetches_of_all_calls(tf, session, a, b, total):
    handle = session.partial_run_setup([total], [a, b])
    with raises(core("InvalidArgumentError", "was not specified in partial_run_setup.")):
        session.partial_run(handle, tf.constant(1.0))
    with raises(core("InvalidArgumentError", "was not specified in partial_run_setup.")):
        session.partial_run(handle, [], {tf.placeholder(tf.float32): 1.0})


def test_the_feed_dict_of_a_call_is_optional(tf, session, a):
    c = tf.constant(2.0) * 4.0
    handle = session.partial_run_setup([c, a + 1.0], [a])
    assert session.partial_run(handle, c) == 8.0


def test_a_call_overrides_values_as_run_does(session, a, b, total):
    tripled = total * 3.0
    handle = session.partial_run_setup(tripled, [total])
    assert session.partial_run(handle, tripled, {"total:0": 2}) == 6.0
    with raises(core("ValueError", "Cannot feed value of shape (1,)")):
        session.partial_run(session.partial_run_setup(total, [a, b]), [], {a: [1.0]})


def test_example_of_a_partial_run(tf, session):
    array_ops = dtypes = math_ops = tf

    a = array_ops.placeholder(dtypes.float32, shape=[])
    b = array_ops.placeholder(dtypes.float32, shape=[])
    c = array_ops.placeholder(dtypes.float32, shape=[])
    r1 = math_ops.add(a, b)
    r2 = math_ops.multiply(r1, c)

    sess = session
    h = sess.partial_run_setup([r1, r2], [a, b, c])
    res = sess.partial_run(h, r1, feed_dict={a: 1, b: 2})
    assert res == 3.0
    res = sess.partial_run(h, r2, feed_dict={c: res})
    assert res == 9.0


def test_the_handle_says_which_partial_run_goes_on(session, a, b, total):
    first, second = (session.partial_run_setup(total, [a, b]) for _ in range(2))
    session.partial_run(first, [], {a: 1.0})
    session.partial_run(second, [], {a: 10.0})
    assert session.partial_run(first, total, {b: 1.0}) == 2.0
    assert session.partial_run(second, total, {b: 1.0}) == 11.0


def test_the_fetches_of_a_call_are_those_of_run(session, a, b, total):
    double = total * 2.0
    handle = session.partial_run_setup([total, double], [a, b])
    got = session.partial_run(handle, {"t": total, "l": [double]}, {a: 1.0, b: 2.0})
    assert got == {"t": 3.0, "l": [6.0]}


def test_the_feed_dict_of_a_call_maps_elements_to_values(session, a, b, total):
    handle = session.partial_run_setup(total, [a, b])
    assert session.partial_run(handle, total, feed_dict={a: 1, "b:0": np.float64(2)}) == 3.0


@pytest.mark.parametrize(
    ("build", "want"),
    [
        row("one element", lambda t: t, 3.0),
        row("list", lambda t: [t], [3.0]),
        row("dict", lambda t: {"k": t}, {"k": 3.0}),
    ],
)
def test_a_call_returns_the_structure_of_its_fetches(session, a, b, total, build, want):
    handle = session.partial_run_setup(total, [a, b])
    assert session.partial_run(handle, build(total), {a: 1.0, b: 2.0}) == want


def test_an_error_of_a_call_is_an_op_error(tf, session, a):
    checked = tf.check_numerics(a, "not finite")
    handle = session.partial_run_setup(checked, [a])
    with raises(core("InvalidArgumentError", "not finite")):
        session.partial_run(handle, checked, {a: np.nan})
    with raises(typed("OpError")):
        session.partial_run("no such handle", checked, {a: 1.0})


# partial_run_setup


def test_a_setup_prepares_a_partial_run(tf, session, a, b, total):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    handle = session.partial_run_setup([total, v.assign(a)], [a, b])
    assert session.run(v) == 1.0
    assert session.partial_run(handle, total, {a: 1.0, b: 2.0}) == 3.0


def test_the_feeds_of_a_setup_are_elements_without_values(session, a, b, total):
    with raises(typed("Exception")):
        session.partial_run_setup(total, [1.0, 2.0])
    assert session.partial_run_setup(total, ["a:0", b])


def test_the_values_are_supplied_by_the_calls(session, a, b, total):
    handle = session.partial_run_setup(total, [a, b])
    with raises(core("InvalidArgumentError", "can't be computed from the feeds")):
        session.partial_run(handle, total, {a: 1.0})
    assert session.partial_run(handle, total, {a: 1.0, b: 2.0}) == 3.0


@pytest.mark.parametrize("build", [lambda t: t, lambda t: [t], lambda t: [t, "total:0"]])
def test_the_fetches_of_a_setup_are_an_element_or_a_list(session, a, b, total, build):
    handle = session.partial_run_setup(build(total), [a, b])
    assert session.partial_run(handle, total, {a: 1.0, b: 2.0}) == 3.0


@pytest.mark.parametrize("build", [lambda t: t, lambda t: [t], lambda t: (t,), lambda t: "a:0"])
def test_the_feeds_of_a_setup_are_an_element_or_a_list(session, a, build):
    double = a * 2.0
    handle = session.partial_run_setup(double, build(a))
    assert session.partial_run(handle, double, {a: 1.5}) == 3.0


def test_a_setup_returns_a_handle(session, a, b, total):
    handle = session.partial_run_setup(total, [a, b])
    assert type(handle) is str
    assert session.partial_run(handle, total, {a: 1.0, b: 2.0}) == 3.0


def test_a_closed_session_sets_nothing_up(session, a, b, total):
    session.close()
    with raises(exact("RuntimeError", "Attempted to use a closed Session.")):
        session.partial_run_setup(total, [a, b])


def test_a_setup_refuses_fetches_of_another_type(session, a):
    with raises(core("TypeError", "must be a string or Tensor")):
        session.partial_run_setup(3, [a])


def test_an_error_of_a_setup_is_an_op_error(session, a):
    with raises(exact("InvalidArgumentError", "a:0 is both fed and fetched.")):
        session.partial_run_setup(a, [a])
