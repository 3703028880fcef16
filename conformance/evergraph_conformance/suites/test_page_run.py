"""The page of `tf.Session`: `run`, sentence by sentence.

`docs/session_page.md` says which case stands for which sentence.
"""

from __future__ import annotations

import collections

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

Sides = collections.namedtuple("Sides", ["left", "right"])  # the fields of a test need no types


@pytest.fixture
def x(tf):
    """A placeholder of a vector of two floats, named `x`."""
    return tf.placeholder(tf.float32, [2], name="x")


@pytest.fixture
def y(tf, x):
    """The double of `x`, named `y`."""
    return tf.multiply(x, 2.0, name="y")


# What a call does


def test_fetches_are_run_and_evaluated(tf, session):
    v = tf.Variable(1.0)
    assert session.run([v.initializer, tf.constant(2.0)]) == [None, 2.0]
    assert session.run(v) == 1.0


def test_a_step_is_the_fragment_that_the_fetches_need(tf, session, x):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    unneeded = v.assign_add(1.0)
    assert session.run(tf.identity(v) * 3.0) == 3.0
    assert session.run(v) == 1.0
    assert session.run(unneeded) == 2.0


def test_fed_values_take_the_place_of_inputs(session, x, y):
    assert session.run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]


# Fetches


@pytest.mark.parametrize(
    ("build", "want"),
    [
        row("one element", lambda t: t, 3.0),
        row("list", lambda t: [t, [t]], [3.0, [3.0]]),
        row("tuple", lambda t: (t, ()), (3.0, ())),
        row("namedtuple", lambda t: Sides(t, [t]), Sides(3.0, [3.0])),
        row("dict", lambda t: {"a": {"b": t}}, {"a": {"b": 3.0}}),
        row(
            "OrderedDict",
            lambda t: collections.OrderedDict([("b", t), ("a", (t,))]),
            collections.OrderedDict([("b", 3.0), ("a", (3.0,))]),
        ),
    ],
)
def test_fetches_may_be_nested_in_any_way(tf, session, build, want):
    got = session.run(build(tf.constant(3.0)))
    assert got == want
    assert type(got) is (type(want) if want != 3.0 else np.float32)


def test_an_operation_gives_none(tf, session):
    assert session.run(tf.no_op()) is None


def test_a_tensor_gives_an_array_with_its_value(tf, session):
    got = session.run(tf.constant([[1, 2]]))
    assert type(got) is np.ndarray
    assert (got.tolist(), got.dtype) == ([[1, 2]], np.int32)


def test_a_sparse_tensor_gives_a_sparse_tensor_value(tf, session):
    got = session.run(tf.sparse.SparseTensor([[0, 2]], [5.0], [1, 3]))
    assert isinstance(got, tf.compat.v1.SparseTensorValue)
    assert [part.tolist() for part in got] == [[[0, 2]], [5.0], [1, 3]]


def test_a_tensor_handle_gives_what_names_the_tensor(tf, session):
    handle = session.run(tf.get_session_handle(tf.constant([1.0, 2.0])))
    holder, value = tf.get_session_tensor(handle.handle, tf.float32)
    assert isinstance(handle.to_numpy_array(), np.ndarray)
    assert session.run(value * 2.0, {holder: handle.handle}).tolist() == [2.0, 4.0]


def test_a_string_is_the_name_of_a_tensor_or_operation(tf, session):
    tf.constant(1.5, name="c")
    assert session.run("c:0") == 1.5
    assert session.run("c") is None


def test_the_result_has_the_shape_of_the_fetches(tf, session):
    c, o = tf.constant(1.0, name="c"), tf.no_op("o")
    got = session.run({"a": [c, (o, "c:0")], "b": Sides("o", {"d": c})})
    assert got == {"a": [1.0, (None, 1.0)], "b": Sides(None, {"d": 1.0})}


def test_example_of_fetches(tf, session):
    a = tf.constant([10, 20])
    b = tf.constant([1.0, 2.0])
    v = session.run(a)
    assert type(v) is np.ndarray
    assert v.tolist() == [10, 20]
    v = session.run([a, b])
    assert type(v) is list
    assert [(type(item), item.ndim, item.tolist()) for item in v] == [
        (np.ndarray, 1, [10, 20]),
        (np.ndarray, 1, [1.0, 2.0]),
    ]
    MyData = collections.namedtuple("MyData", ["a", "b"])
    v = session.run({"k1": MyData(a, b), "k2": [b, a]})
    assert type(v) is dict
    assert type(v["k1"]) is MyData
    assert (v["k1"].a.tolist(), v["k1"].b.tolist()) == ([10, 20], [1.0, 2.0])
    assert type(v["k2"]) is list
    assert [item.tolist() for item in v["k2"]] == [[1.0, 2.0], [10, 20]]


# Feeds


def test_a_feed_overrides_the_value_of_any_tensor(tf, session, x, y):
    c = tf.constant(1.0)
    last = y * c
    assert session.run(last, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    assert session.run(last, {y: [1.0, 2.0]}).tolist() == [1.0, 2.0]
    assert session.run(last, {y: [1.0, 2.0], c: 3.0}).tolist() == [3.0, 6.0]


@pytest.mark.parametrize(
    ("dtype", "value", "want"),
    [
        row("scalar", "float32", 2, 2.0),
        row("list", "float32", [1, 2.5], [1.0, 2.5]),
        row("nested list", "int32", [[1], [2]], [[1], [2]]),
        row("array", "float32", np.array([1, 2], np.int64), [1.0, 2.0]),
        row("string", "string", "abc", b"abc", marks=pytest.mark.dtypes("string")),
    ],
)
def test_a_tensor_is_fed_what_converts_to_its_type(tf, session, dtype, value, want):
    got = session.run(tf.identity(tf.placeholder(dtype, None)), {"Placeholder:0": value})
    assert (got if isinstance(got, bytes) else got.tolist()) == want
    assert isinstance(got, bytes) or got.dtype == dtype


def test_the_shape_of_a_value_is_checked_against_its_placeholder(session, x, y):
    with raises(
        exact("ValueError", "Cannot feed value of shape (3,) for Tensor x:0, which has shape (2,)")
    ):
        session.run(y, {x: [1.0, 2.0, 3.0]})


def test_a_sparse_tensor_is_fed_a_sparse_tensor_value(tf, session):
    s = tf.sparse.placeholder(tf.float32)
    value = tf.compat.v1.SparseTensorValue([[0, 2]], [5.0], [1, 3])
    whole = tf.scatter_nd(s.indices, s.values, s.dense_shape)
    assert session.run(whole, {s: value}).tolist() == [[0.0, 0.0, 5.0]]


def test_a_nested_tuple_of_tensors_is_fed_a_nested_tuple(tf, session, x):
    p, q = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    assert session.run(p * 10.0 + q, {(p, (q,)): (2.0, (3.0,))}) == 23.0


def test_a_nested_tuple_may_hold_sparse_tensors(tf, session, x):
    s = tf.sparse.placeholder(tf.float32)
    value = tf.SparseTensorValue([[0]], [5.0], [3])
    got = session.run((s, x), {(x, (s,)): ([1.0, 2.0], (value,))})
    assert [part.tolist() for part in got[0]] == [[[0]], [5.0], [3]]
    assert got[1].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row("letters", ["a", "b"], typed("ValueError")),
        row("ragged", [[1.0], [2.0, 3.0]], typed("ValueError")),
        row("object", [object(), object()], typed("TypeError")),
    ],
)
def test_a_value_must_convert_to_an_array_of_the_type(session, x, y, value, error):
    with raises(error):
        session.run(y, {x: value})
    assert session.run(y, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0]


# Options and metadata


def test_options_are_a_message(tf, session, x, y):
    options = tf.RunOptions(timeout_in_ms=60000)
    assert session.run(y, {x: [1.0, 2.0]}, options=options).tolist() == [2.0, 4.0]


def test_options_control_one_step(tf, session, x, y):
    first, second = tf.RunMetadata(), tf.RunMetadata()
    traced = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    session.run(y, {x: [1.0, 2.0]}, options=traced, run_metadata=first)
    session.run(y, {x: [1.0, 2.0]}, run_metadata=second)
    assert first.step_stats.dev_stats
    assert not second.step_stats.dev_stats


def test_metadata_is_a_message(tf, session, x, y):
    metadata = tf.RunMetadata()
    got = session.run(y, {x: [1.0, 2.0]}, run_metadata=metadata)
    assert got.tolist() == [2.0, 4.0]


def test_metadata_holds_what_is_no_tensor(tf, session, x, y):
    metadata = tf.RunMetadata()
    options = tf.RunOptions(output_partition_graphs=True)
    session.run(y, {x: [1.0, 2.0]}, options=options, run_metadata=metadata)
    assert "y" in [node.name for graph in metadata.partition_graphs for node in graph.node]


def test_a_trace_is_passed_back_in_the_metadata(tf, session, x, y):
    metadata = tf.RunMetadata()
    session.run(
        y,
        feed_dict={x: [1.0, 2.0]},
        options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE),
        run_metadata=metadata,
    )
    devices = metadata.step_stats.dev_stats
    assert "y" in {node.node_name for device in devices for node in device.node_stats}


# Arguments


@pytest.mark.parametrize("kind", ["element", "list", "dict", "dict of lists"])
def test_the_fetches_are_one_element_a_list_or_a_dict(tf, session, kind):
    c = tf.constant(1.0)
    fetches, want = {
        "element": (c, 1.0),
        "list": ([c, c], [1.0, 1.0]),
        "dict": ({"a": c}, {"a": 1.0}),
        "dict of lists": ({"a": [c, c]}, {"a": [1.0, 1.0]}),
    }[kind]
    assert session.run(fetches=fetches) == want


def test_the_feed_dict_maps_elements_to_values(session, x, y):
    assert session.run(y, feed_dict={x: [1.0, 2.0]}).tolist() == [2.0, 4.0]
    assert session.run(y, feed_dict={"x:0": [1.0, 2.0]}).tolist() == [2.0, 4.0]


def test_the_options_are_run_options(tf, session, x, y):
    with raises(exact("InvalidArgumentError", "Invalid inter_op_thread_pool: 7")):
        session.run(y, {x: [1.0, 2.0]}, options=tf.RunOptions(inter_op_thread_pool=7))


def test_the_metadata_is_filled_anew(tf, session, x, y):
    metadata = tf.RunMetadata()
    traced = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    for _ in range(2):
        session.run(y, {x: [1.0, 2.0]}, options=traced, run_metadata=metadata)
        nodes = [n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats]
        assert nodes.count("y") == 1


# Returns


def test_one_element_gives_one_value_a_list_a_list_and_a_dict_a_dict(tf, session):
    c = tf.constant(1.0)
    assert session.run(c) == 1.0
    assert session.run([c, c]) == [1.0, 1.0]
    assert list(session.run({"b": c, "a": [c]}).items()) == [("b", 1.0), ("a", [1.0])]


def test_the_order_of_fetches_is_that_of_results_whatever_runs_first(tf, session):
    first = tf.constant(1.0)
    second = first + 1.0
    assert session.run([second, first]) == [2.0, 1.0]
    assert session.run([first, second]) == [1.0, 2.0]


# Raises


def test_a_closed_session_is_an_invalid_state(session, x, y):
    session.close()
    with raises(exact("RuntimeError", "Attempted to use a closed Session.")):
        session.run(y, {x: [1.0, 2.0]})


@pytest.mark.parametrize(
    ("fetches", "feed_dict", "error"),
    [
        row("fetch", 3, None, core("TypeError", "must be a string or Tensor")),
        row("None", None, None, core("TypeError", "Cannot be None")),
        row("key", "y:0", {3: 1.0}, core("TypeError", "Cannot interpret feed_dict key as Tensor")),
        row("feed_dict", "y:0", [1.0], core("TypeError", "FlattenDictItems")),
    ],
)
def test_a_fetch_or_key_of_another_type_is_refused(session, y, fetches, feed_dict, error):
    with raises(error):
        session.run(fetches, feed_dict)


@pytest.mark.parametrize(
    ("fetches", "error"),
    [
        row("tensor", "nope:0", core("ValueError", "refers to a Tensor which does not exist")),
        row("operation", "nope", core("ValueError", "refers to an Operation not in the graph")),
        row("name", "y:a", core("ValueError", "is not a valid one")),
    ],
)
def test_a_fetch_that_does_not_exist_is_refused(session, y, fetches, error):
    with raises(error):
        session.run(fetches)


def test_a_key_that_does_not_exist_is_refused(session, y):
    # The page says ValueError for keys as well; it is a TypeError.
    with raises(core("TypeError", "refers to a Tensor which does not exist")):
        session.run(y, {"nope:0": 1.0})
