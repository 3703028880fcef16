"""Whose memory it is: what is fetched is the caller's, what is fed stays the caller's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evergraph_conformance.messages import row

pytestmark = pytest.mark.uses("AddV2", "Identity", "Reshape", "Transpose", "Split")

#: How a tensor may come out as a view of another one.
VIEWS = [
    row("identity", lambda tf, x: tf.identity(x)),
    row("reshape", lambda tf, x: tf.reshape(x, [6])),
    row("reshape to the same", lambda tf, x: tf.reshape(x, [2, 3])),
    row("transpose", lambda tf, x: tf.transpose(x)),
    row("transpose by nothing", lambda tf, x: tf.transpose(x, [0, 1])),
    row("split", lambda tf, x: tf.split(x, 2)[0]),
    row("split in one", lambda tf, x: tf.split(x, 1)[0]),
    row("slice", lambda tf, x: x[1:]),
    row("whole slice", lambda tf, x: x[:]),
    row("squeeze", lambda tf, x: tf.squeeze(x)),
    row("expand_dims", lambda tf, x: tf.expand_dims(x, 0)),
    row("cast to the same", lambda tf, x: tf.raw_ops.Cast(x=x, DstT=tf.float32)),
    row("stop_gradient", lambda tf, x: tf.stop_gradient(x)),
    row("default", lambda tf, x: tf.placeholder_with_default(x, [2, 3])),
    row("add 0", lambda tf, x: tf.add(x, 0.0)),
]


def values():
    return np.arange(6, dtype=np.float32).reshape(2, 3)


def assert_plain(array):
    assert array.flags.writeable
    assert array.flags.c_contiguous
    assert array.flags.aligned


@pytest.mark.parametrize("view", VIEWS)
def test_a_fetched_array_is_writable_and_contiguous(tf, session, view):
    p = tf.placeholder(tf.float32, [2, 3])
    got = view(tf, p)
    constant = view(tf, tf.constant(values()))
    for _ in range(2):
        assert_plain(session.run(got, {p: values()}))
        assert_plain(session.run(constant))


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_fetched_shares_no_memory_with_what_is_fed(tf, session, view):
    p = tf.placeholder(tf.float32, [2, 3])
    got, fed = view(tf, p), values()
    for _ in range(2):
        fetched = session.run(got, {p: fed})
        assert not np.shares_memory(fetched, fed)
        fetched += 10.0
    assert fed.tolist() == values().tolist()


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_fetched_stays_when_the_fed_array_changes(tf, session, view):
    """Row 347."""
    p = tf.placeholder(tf.float32, [2, 3])
    got, fed = view(tf, p), values()
    fetched = session.run(got, {p: fed})
    before = fetched.tolist()
    fed[:] = -1.0
    assert fetched.tolist() == before


@pytest.mark.parametrize("view", VIEWS)
def test_writing_into_a_fetched_array_changes_no_constant(tf, session, view):
    """Row 346."""
    c = tf.constant(values())
    got = view(tf, c)
    first, fetched = session.run([c, got])
    before = fetched.tolist()
    first[:] = fetched[:] = -1.0
    again, fetched = session.run([c, got])
    assert again.tolist() == values().tolist()
    assert fetched.tolist() == before


@pytest.mark.parametrize("source", ["constant", "placeholder", "computed"])
def test_two_fetches_never_share_memory(tf, session, source):
    p = tf.placeholder(tf.float32, [2, 3])
    x = {"constant": tf.constant(values()), "placeholder": p, "computed": p + 1.0}[source]
    views = [parameters.values[0](tf, x) for parameters in VIEWS]
    for _ in range(2):
        fetched = session.run([x, *views], {p: values()})
        for (i, a), (j, b) in itertools.combinations(enumerate(fetched), 2):
            assert not np.shares_memory(a, b), f"fetches {i} and {j}"


@pytest.mark.parametrize("view", VIEWS)
def test_a_fetch_and_a_view_of_it_share_no_memory(tf, session, view):
    p = tf.placeholder(tf.float32, [2, 3])
    x = p + 1.0
    other = view(tf, x)
    for _ in range(2):
        assert not np.shares_memory(*session.run([x, other], {p: values()}))


def test_the_outputs_of_one_operation_share_no_memory(tf, session):
    p = tf.placeholder(tf.float32, [4])
    first, second = session.run(tf.split(p, 2), {p: np.arange(4)})
    first[:] = -1.0
    assert second.tolist() == [2.0, 3.0]


@pytest.mark.dtypes("string")
def test_arrays_of_strings_are_the_callers_own(tf, session):
    p, c = tf.placeholder(tf.string, [2]), tf.constant(["x", "y"])
    got, same, fed = tf.identity(p), tf.identity(c), np.array([b"a", b"b"], object)
    fetched, constant = session.run([got, same], {p: fed})
    fetched[0] = constant[0] = b"changed"
    assert fed.tolist() == [b"a", b"b"]
    assert session.run(same).tolist() == [b"x", b"y"]
    assert session.run(got, {p: fed}).tolist() == [b"a", b"b"]


def test_an_array_that_may_not_be_written_can_be_fed(tf, session):
    p = tf.placeholder(tf.float32, [2, 3])
    fed = values()
    fed.flags.writeable = False
    fetched = session.run(tf.identity(p), {p: fed})
    assert_plain(fetched)
    assert fetched.tolist() == fed.tolist()


def test_the_array_that_a_constant_was_made_of_may_change(tf, session):
    array = values()
    c = tf.constant(array)
    got = tf.identity(c)
    array[:] = -1.0
    assert session.run(got).tolist() == values().tolist()


def test_a_callable_gives_arrays_of_the_callers_own(tf, session):
    p, c = tf.placeholder(tf.float32, [2, 3]), tf.constant(values())
    function = session.make_callable([tf.identity(p), tf.identity(c)], [p])
    fed = values()
    for _ in range(2):
        fetched, constant = function(fed)
        assert not np.shares_memory(fetched, fed)
        assert constant.tolist() == values().tolist()
        fetched[:] = constant[:] = -1.0
    assert fed.tolist() == values().tolist()


def test_a_large_array_is_no_exception(tf, session):
    p = tf.placeholder(tf.float32, [None])
    got, flat = tf.identity(p), tf.reshape(p, [-1, 10])
    fed = np.zeros(100_000, np.float32)
    first, second = session.run([got, flat], {p: fed})
    assert not np.shares_memory(first, fed)
    assert not np.shares_memory(second, fed)
    assert not np.shares_memory(first, second)
    assert_plain(second)
