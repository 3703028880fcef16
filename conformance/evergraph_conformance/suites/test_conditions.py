"""`cond` and `case`: which branch runs, what it gives, and in which structure."""

from __future__ import annotations

import collections

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
    """A vector placeholder named `x`."""
    return tf.placeholder(tf.float32, [None], "x")


# Values and static shapes


def test_the_predicate_decides(tf, session, p, x):
    y = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)
    assert session.run(y, {p: True, x: [1.0, 3.0]}).tolist() == [2.0, 6.0]
    assert session.run(y, {p: False, x: [1.0, 3.0]}).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("value", [True, False])
def test_the_predicate_may_be_a_constant(tf, session, x, value):
    y = tf.cond(tf.constant(value), lambda: x * 2.0, lambda: x + 1.0)
    assert session.run(y, {x: [5.0]}) == ([10.0] if value else [6.0])


def test_the_predicate_may_be_computed(tf, session, x):
    y = tf.cond(tf.reduce_sum(x) > 3.0, lambda: tf.reduce_max(x), lambda: tf.reduce_min(x))
    assert session.run(y, {x: [1.0, 3.0]}) == 3.0
    assert session.run(y, {x: [1.0, 2.0]}) == 1.0


def test_the_predicate_may_be_fed_in_between(tf, session, x):
    above = tf.reduce_sum(x) > 3.0
    y = tf.cond(above, lambda: 1, lambda: 2)
    assert session.run(y, {above: True}) == 1
    assert session.run(y, {above: False}) == 2
    assert session.run([y, above], {x: [4.0]}) == [1, True]


def test_a_fetched_value_has_its_own_type(tf, session, p):
    y = tf.cond(p, lambda: 1.0, lambda: 2.0)
    assert type(session.run(y, {p: True})) is np.float32
    found = session.run(tf.cond(p, lambda: [[1]], lambda: [[2]]), {p: False})
    assert (type(found), found) == (np.int32, 2)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8", "uint8", "int64", "bool"])
def test_values_of_many_types_are_handed_on(tf, session, p, dtype):
    x = tf.placeholder(dtype, [2], "values")
    y = tf.cond(p, lambda: tf.reverse(x, [0]), lambda: x)
    given = np.array([0, 1], dtype)
    for which in (True, False):
        found = session.run(y, {p: which, x: given})
        assert found.dtype == given.dtype
        assert found.tolist() == (given[::-1] if which else given).tolist()


@pytest.mark.dtypes("complex64")
def test_complex_values_are_handed_on(tf, session, p):
    y = tf.cond(p, lambda: tf.constant(1 + 2j, tf.complex64), lambda: tf.constant(3j, tf.complex64))
    assert session.run(y, {p: True}) == 1 + 2j
    assert session.run(y, {p: False}) == 3j


@pytest.mark.parametrize(
    ("yes", "no", "merged"),
    [
        row("the same", [2, 3], [2, 3], [2, 3]),
        row("one size differs", [2, 3], [2, 4], [2, None]),
        row("one size unknown", [2, None], [2, 3], [2, None]),
        row("the rank differs", [2, 3], [2], None),
        row("a rank unknown", None, [2], None),
        row("scalars", [], [], []),
    ],
)
def test_the_static_shape_is_what_both_have(tf, p, yes, no, merged):
    a, b = (tf.placeholder(tf.float32, s) for s in (yes, no))
    y = tf.cond(p, lambda: a * 1.0, lambda: b * 1.0)
    assert (None if y.shape.dims is None else y.shape.as_list()) == merged


def test_branches_may_give_other_shapes(tf, session, p, x):
    y = tf.cond(p, lambda: x, lambda: tf.stack([x, x]))
    more = y + 1.0
    assert session.run(more, {p: True, x: [1.0, 2.0]}).tolist() == [2.0, 3.0]
    assert session.run(more, {p: False, x: [1.0, 2.0]}).tolist() == [[2.0, 3.0], [2.0, 3.0]]
    assert session.run(tf.rank(y), {p: False, x: [1.0]}) == 2
    assert session.run(tf.shape(y), {p: True, x: [1.0]}).tolist() == [1]


def test_shapes_in_a_branch_may_follow_from_feeds(tf, session, p, x):
    n = tf.placeholder(tf.int32, [], "n")
    y = tf.cond(p, lambda: tf.fill([n], 2.0), lambda: tf.tile(x, [n]))
    for count in (1, 3):
        assert session.run(y, {p: True, n: count, x: [1.0]}).tolist() == [2.0] * count
        assert session.run(y, {p: False, n: count, x: [1.0]}).tolist() == [1.0] * count


def test_empty_values_are_handed_on(tf, session, p, x):
    y = tf.cond(p, lambda: x[:0], lambda: x)
    assert session.run(y, {p: True, x: [1.0]}).shape == (0,)
    assert session.run(y, {p: False, x: [1.0]}).shape == (1,)


def test_what_comes_from_outside_needs_no_copy(tf, session, p, x):
    y = tf.cond(p, lambda: x, lambda: -x)
    assert session.run(y, {p: True, x: [1.0]}) == [1.0]
    z = tf.cond(p, lambda: x, lambda: x)
    assert session.run([z, x], {p: False, x: [1.0]}) == [[1.0], [1.0]]


def test_a_constant_of_outside_is_used_inside(tf, session, p):
    c = tf.constant([1.0, 2.0]) * 3.0
    y = tf.cond(p, lambda: c + 1.0, lambda: c)
    assert session.run(y, {p: True}).tolist() == [4.0, 7.0]
    assert session.run(y, {p: False}).tolist() == [3.0, 6.0]


def test_large_constants_are_used_inside(tf, session, p):
    table = np.arange(1000, dtype=np.float32)
    y = tf.cond(p, lambda: tf.constant(table)[7] + 1.0, lambda: tf.reduce_sum(tf.constant(table)))
    assert session.run(y, {p: True}) == 8.0
    assert session.run(y, {p: False}) == 499500.0


def test_what_follows_a_cond_may_go_on(tf, session, p, x):
    y = tf.cond(p, lambda: x * 2.0, lambda: x + 1.0) * 10.0 + x
    assert session.run(y, {p: True, x: [1.0]}) == [21.0]


def test_one_predicate_decides_several_times(tf, session, p, x):
    first = tf.cond(p, lambda: x + 1.0, lambda: x)
    between = first * 2.0
    second = tf.cond(p, lambda: between * 3.0, lambda: between - first)
    assert session.run([first, second], {p: True, x: [1.0]}) == [[2.0], [12.0]]
    assert session.run([first, second], {p: False, x: [1.0]}) == [[1.0], [1.0]]


def test_a_predicate_may_depend_on_another_cond(tf, session, p, x):
    y = tf.cond(p, lambda: x, lambda: -x)
    z = tf.cond(tf.reduce_sum(y) > 0.0, lambda: y * 2.0, lambda: y * 3.0)
    assert session.run(z, {p: True, x: [1.0]}) == [2.0]
    assert session.run(z, {p: False, x: [1.0]}) == [-3.0]


def test_independent_conds_run_in_one_step(tf, session, p, q, x):
    one = tf.cond(p, lambda: x + 1.0, lambda: x)
    two = tf.cond(q, lambda: x * 5.0, lambda: x)
    both = one + two
    for a in (True, False):
        for b in (True, False):
            want = (3.0 if a else 2.0) + (10.0 if b else 2.0)
            assert session.run(both, {p: a, q: b, x: [2.0]}) == [want]


def test_strings_are_handed_on(tf, session, p):
    s = tf.placeholder(tf.string, [], "s")
    y = tf.cond(p, lambda: s, lambda: tf.constant("other"))
    assert session.run(y, {p: True, s: "given"}) == b"given"
    assert session.run(y, {p: False, s: "given"}) == b"other"


# Nested


def test_conds_may_be_nested(tf, session, p, q, x):
    def inner():
        return tf.cond(q, lambda: x * 2.0, lambda: x * 3.0)

    y = tf.cond(p, inner, lambda: x)
    assert session.run(y, {p: True, q: True, x: [1.0]}) == [2.0]
    assert session.run(y, {p: True, q: False, x: [1.0]}) == [3.0]
    assert session.run(y, {p: False, q: True, x: [1.0]}) == [1.0]


def test_both_branches_may_be_nested(tf, session, p, q, x):
    y = tf.cond(
        p,
        lambda: tf.cond(q, lambda: x + 1.0, lambda: x + 2.0),
        lambda: tf.cond(q, lambda: x + 3.0, lambda: x + 4.0),
    )
    found = [session.run(y, {p: a, q: b, x: [0.0]})[0] for a in (1, 0) for b in (1, 0)]
    assert found == [1.0, 2.0, 3.0, 4.0]


def test_a_nested_cond_uses_what_is_made_around_it(tf, session, p, q, x):
    def outer():
        y = x * 10.0
        return tf.cond(q, lambda: y + x, lambda: y) + y

    z = tf.cond(p, outer, lambda: x)
    assert session.run(z, {p: True, q: True, x: [1.0]}) == [21.0]
    assert session.run(z, {p: True, q: False, x: [1.0]}) == [20.0]
    assert session.run(z, {p: False, q: False, x: [1.0]}) == [1.0]


def test_one_predicate_may_decide_on_both_levels(tf, session, p, x):
    def inner():
        return tf.cond(p, lambda: x * 2.0, lambda: x * 3.0)

    y = tf.cond(p, inner, inner)
    assert session.run(y, {p: True, x: [1.0]}) == [2.0]
    assert session.run(y, {p: False, x: [1.0]}) == [3.0]


def test_the_predicate_of_a_nested_cond_may_be_made_inside(tf, session, p, x):
    def inner():
        return tf.cond(tf.reduce_sum(x * 2.0) > 3.0, lambda: x * 2.0, lambda: x * 3.0)

    y = tf.cond(p, inner, lambda: x)
    assert session.run(y, {p: True, x: [2.0]}) == [4.0]
    assert session.run(y, {p: True, x: [1.0]}) == [3.0]
    assert session.run(y, {p: False, x: [1.0]}) == [1.0]


def test_many_levels_may_be_nested(tf, session, x):
    limits = tf.placeholder(tf.float32, [6], "limits")

    def level(i):
        if i == 6:
            return x * 0.0 + 6.0
        return tf.cond(x[0] < limits[i], lambda: x * 0.0 + float(i), lambda: level(i + 1))

    y = level(0)
    bounds = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    found = [session.run(y, {x: [v + 0.5], limits: bounds})[0] for v in range(7)]
    assert found == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


# Structures


def test_lists_tuples_and_dicts_are_given_back(tf, session, p, x):
    y = tf.cond(
        p,
        lambda: {"b": [x, 1], "a": (x + 1.0,)},
        lambda: {"b": [-x, 2], "a": (x,)},
    )
    assert type(y) is dict
    assert (type(y["b"]), type(y["a"])) == (list, tuple)
    assert session.run(y, {p: True, x: [1.0]}) == {"b": [[1.0], 1], "a": ([2.0],)}
    assert session.run(y, {p: False, x: [1.0]}) == {"b": [[-1.0], 2], "a": ([1.0],)}


def test_named_tuples_are_given_back(tf, session, p, x):
    pair = collections.namedtuple("pair", "first second")
    y = tf.cond(p, lambda: pair(x, 1), lambda: pair(-x, 2))
    assert type(y) is pair
    assert session.run(y, {p: False, x: [1.0]}) == pair([-1.0], 2)


def test_a_list_of_one_is_unpacked_unless_strict(tf, session, p, x):
    one = tf.cond(p, lambda: [x], lambda: [x + 1.0])
    kept = tf.cond(p, lambda: [x], lambda: [x + 1.0], strict=True)
    assert isinstance(one, tf.Tensor)
    assert isinstance(kept, list)
    assert session.run([one, kept], {p: False, x: [1.0]}) == [[2.0], [[2.0]]]


def test_several_results_are_merged_one_by_one(tf, session, p, x):
    low, high = tf.cond(p, lambda: (x - 1.0, x + 1.0), lambda: (x, x))
    assert session.run([low, high], {p: True, x: [1.0]}) == [[0.0], [2.0]]
    assert session.run(high, {p: False, x: [1.0]}) == [1.0]


def test_one_tensor_may_be_given_twice(tf, session, p, x):
    def branch():
        y = x * 2.0
        return y, y

    one, two = tf.cond(p, branch, lambda: (x, x + 1.0))
    assert session.run([one, two], {p: True, x: [1.0]}) == [[2.0], [2.0]]
    assert session.run([one, two], {p: False, x: [1.0]}) == [[1.0], [2.0]]


@pytest.mark.uses("GatherV2")
def test_indexed_slices_are_given_back(tf, session, p):
    def slices(value):
        return lambda: tf.IndexedSlices(
            tf.constant([[value]]), tf.constant([3]), tf.constant([9, 1])
        )

    y = tf.cond(p, slices(1.0), slices(2.0))
    assert isinstance(y, tf.IndexedSlices)
    found = session.run(y, {p: False})
    assert (found.values.tolist(), found.indices.tolist()) == ([[2.0]], [3])


def test_sparse_tensors_are_given_back(tf, session, p):
    def sparse(value):
        return lambda: tf.SparseTensor([[0, 1]], [value], [2, 2])

    y = tf.cond(p, sparse(1.0), sparse(2.0))
    assert isinstance(y, tf.SparseTensor)
    found = session.run(y, {p: True})
    assert (found.values.tolist(), found.indices.tolist()) == ([1.0], [[0, 1]])


def test_an_operation_becomes_a_tensor(tf, session, p):
    y = tf.cond(p, tf.no_op, tf.no_op)
    assert y.dtype == tf.bool
    assert session.run(y, {p: True}) == True  # noqa: E712  # a NumPy bool
    assert session.run(y, {p: False}) == False  # noqa: E712
    assert session.run(y.op, {p: False}) is None


# Arguments


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        row("a Python bool", (True, lambda: 1, lambda: 2), typed("TypeError")),
        row("no function", ("p", None, lambda: 2), typed("TypeError")),
        row("no other function", ("p", lambda: 2), typed("TypeError")),
        row("not callable", ("p", 1, lambda: 2), core("TypeError", "must be callable")),
        row("gives nothing", ("p", lambda: None, lambda: 2), typed("ValueError")),
        row("gives no result", ("p", list, list), typed("ValueError")),
        row("other types", ("p", lambda: 1, lambda: 1.0), typed("ValueError")),
        row("other structure", ("p", lambda: (1, 2), lambda: 1), typed("ValueError")),
        row("other sequence", ("p", lambda: (1, 2), lambda: [1, 2]), typed("TypeError")),
        row("other length", ("p", lambda: (1, 2), lambda: (1, 2, 3)), typed("ValueError")),
        row("other keys", ("p", lambda: {"a": 1}, lambda: {"b": 1}), typed("ValueError")),
        row("a vector", ([True, False], lambda: 1, lambda: 2), typed("ValueError")),
        row("a number", (1, lambda: 1, lambda: 2), typed("TypeError")),
        row("no tensor inside", ("p", object, object), typed("TypeError")),
    ],
)
def test_arguments_are_checked(tf, session, p, arguments, wanted):
    predicate, *functions = arguments
    with raises(wanted):
        tf.cond(p if predicate == "p" else predicate, *functions)
    y = tf.cond(p, lambda: 1, lambda: 2)
    assert session.run(y, {p: True}) == 1


def test_what_a_function_raises_passes_through(tf, session, p, x):
    def fails():
        raise KeyError("of the user")

    with raises(core("KeyError", "of the user")):
        tf.cond(p, fails, lambda: x)
    y = tf.cond(p, lambda: x + 1.0, lambda: x)
    assert session.run(y, {p: True, x: [1.0]}) == [2.0]


def test_the_old_names_of_the_functions_do(tf, session, p):
    y = tf.cond(p, fn1=lambda: 1, fn2=lambda: 2)
    assert session.run(y, {p: False}) == 2


def test_a_predicate_that_is_no_scalar_is_an_error_when_it_runs(tf, session):
    some = tf.placeholder(tf.bool, None, "some")
    y = tf.cond(some, lambda: 1, lambda: 2)
    assert session.run(y, {some: True}) == 1
    with raises(typed("InvalidArgumentError")):
        session.run(y, {some: [True, False]})
    assert session.run(y, {some: False}) == 2


# case


def choice(tf, x, **more):
    """Return a case of three ranges."""
    return tf.case(
        [(x < 1.0, lambda: tf.constant(1)), (x < 2.0, lambda: tf.constant(2))],
        **{"default": lambda: tf.constant(3), **more},
    )


def test_the_first_that_is_true_is_taken(tf, session):
    x = tf.placeholder(tf.float32, [], "x")
    y = choice(tf, x)
    assert [session.run(y, {x: v}) for v in (0.0, 1.5, 5.0)] == [1, 2, 3]


def test_a_case_without_a_default_asks_for_one_that_is_true(tf, session):
    x = tf.placeholder(tf.float32, [], "x")
    y = choice(tf, x, default=None)
    assert session.run(y, {x: 1.5}) == 2
    with raises(core("InvalidArgumentError", "None of conditions evaluated as True")):
        session.run(y, {x: 5.0})
    assert session.run(y, {x: 1.0}) == 2


def test_an_exclusive_case_asks_for_no_more_than_one(tf, session):
    x = tf.placeholder(tf.float32, [], "x")
    y = choice(tf, x, exclusive=True)
    assert [session.run(y, {x: v}) for v in (1.5, 5.0)] == [2, 3]
    with raises(core("InvalidArgumentError", "exclusive=True")):
        session.run(y, {x: 0.0})


def test_a_case_may_be_a_dict(tf, session, p, q):
    y = tf.case({p: lambda: 1, q: lambda: 2}, default=lambda: 3, exclusive=True)
    found = [session.run(y, {p: a, q: b}) for a, b in ((1, 0), (0, 1), (0, 0))]
    assert found == [1, 2, 3]


def test_a_case_gives_structures(tf, session, p):
    y = tf.case([(p, lambda: [1, 2])], default=lambda: [3, 4])
    one = tf.case([(p, lambda: [1])], default=lambda: [3], strict=True)
    assert session.run([y, one], {p: False}) == [[3, 4], [3]]


@pytest.mark.parametrize(
    ("pairs", "default", "wanted"),
    [
        row("no pairs", "x", None, typed("TypeError")),
        row("no pair", [3], None, typed("TypeError")),
        row("a triple", [("p", int, int)], None, typed("TypeError")),
        row("no tensor", [(1, int)], None, typed("TypeError")),
        row("no bool", [("n", int)], None, typed("TypeError")),
        row("no function", [("p", 1)], None, typed("TypeError")),
        row("no default function", [("p", int)], 3, typed("TypeError")),
        row("nothing", [], None, typed("ValueError")),
    ],
)
def test_arguments_of_a_case_are_checked(tf, p, pairs, default, wanted):
    named = {"p": p, "n": tf.constant(1)}
    if isinstance(pairs, list):
        pairs = [
            (named.get(pair[0], pair[0]), *pair[1:]) if isinstance(pair, tuple) else pair
            for pair in pairs
        ]
    with raises(wanted):
        tf.case(pairs, default=default)


@pytest.mark.parametrize(("low", "expected"), [(2, 4.0), (0, 2.0)])
def test_a_conditional_in_a_branch_takes_what_another_one_gave(tf, session, low, expected):
    lo, hi, x = (tf.placeholder(t, []) for t in (tf.int32, tf.int32, tf.float32))
    y = tf.cond(hi <= 0, lambda: x, lambda: x + 1.0)
    z = tf.cond(hi <= 1, lambda: y, lambda: tf.cond(lo > 1, lambda: y + 2.0, lambda: y))
    assert session.run(z, {x: 1.0, lo: low, hi: 4}) == expected
    assert session.run(z, {x: 1.0, lo: low, hi: 1}) == 2.0
