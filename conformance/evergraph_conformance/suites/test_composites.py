"""Fetching and feeding what is made of several tensors: sparse, sliced and ragged ones."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row, typed

SPARSE = ([[0, 1]], [3.0], [2, 2])


@pytest.fixture
def sparse(tf):
    """A sparse placeholder of floats."""
    return tf.sparse_placeholder(tf.float32)


def dense(tf, x):
    return tf.scatter_nd(x.indices, x.values, x.dense_shape)


def lists(value):
    """The parts of a fetched value, as lists."""
    return [None if part is None else np.asarray(part).tolist() for part in value]


# Sparse tensors


def test_a_sparse_tensor_is_fetched_as_its_value(tf, session):
    """Row 29."""
    got = session.run(tf.SparseTensor([[0, 0]], [1.0], [2, 2]))
    assert type(got) is tf.SparseTensorValue
    assert lists(got) == [[[0, 0]], [1.0], [2, 2]]
    assert [part.dtype for part in got] == [np.int64, np.float32, np.int64]


def test_a_sparse_tensor_may_lie_anywhere_in_a_structure(tf, session):
    s, c = tf.SparseTensor(*SPARSE), tf.constant(1.0)
    got = session.run({"a": [s, (c, s)]})
    assert lists(got["a"][0]) == lists(got["a"][1][1]) == [[[0, 1]], [3.0], [2, 2]]
    assert got["a"][1][0] == 1.0


@pytest.mark.parametrize(
    "value",
    [
        row("83 value", lambda tf: tf.SparseTensorValue(*SPARSE)),
        row("tuple", lambda tf: SPARSE),
        row("list", lambda tf: list(SPARSE)),
        row("arrays", lambda tf: tuple(np.array(part) for part in SPARSE)),
        row("one part too many", lambda tf: (*SPARSE, 7)),
    ],
)
def test_a_sparse_tensor_is_fed_its_parts(tf, session, sparse, value):
    got = session.run(dense(tf, sparse), {sparse: value(tf)})
    assert got.tolist() == [[0.0, 3.0], [0.0, 0.0]]


def test_a_fed_sparse_tensor_is_fetched(tf, session, sparse):
    got = session.run(sparse, {sparse: SPARSE})
    assert type(got) is tf.SparseTensorValue
    assert lists(got) == [[[0, 1]], [3.0], [2, 2]]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row(
            "84 an array",
            np.ones((2, 2)),
            exact(
                "ValueError",
                "Cannot feed value of shape (2,) for Tensor Placeholder_2:0, which has shape "
                "(?, ?)",
            ),
        ),
        row("a scalar", 1.0, core("TypeError", "'float' object is not iterable")),
        row("None", None, core("TypeError", "'NoneType' object is not iterable")),
        row("letters", "abc", core("ValueError", "invalid literal for int()")),
        row(
            "indices of another rank",
            ([0, 1], [3.0], [2, 2]),
            core("ValueError", "Cannot feed value of shape (2,)"),
        ),
        row(
            "a part too few",
            ([[0, 1]], [3.0]),
            core("InvalidArgumentError", "You must feed a value for placeholder tensor"),
        ),
    ],
)
def test_what_has_not_the_parts_of_a_sparse_tensor_is_refused(tf, session, sparse, value, error):
    with raises(error):
        session.run(dense(tf, sparse), {sparse: value})
    assert session.run(sparse.values, {sparse: SPARSE}).tolist() == [3.0]


def test_a_sparse_tensor_is_no_value(tf, session, sparse):
    with raises(core("TypeError", "object is not iterable")):
        session.run(sparse, {sparse: tf.SparseTensor(*SPARSE)})


def test_a_sparse_placeholder_of_a_known_shape_need_not_be_fed_it(tf, session):
    s = tf.sparse_placeholder(tf.float32, [2, 3], name="s")
    assert s.get_shape().as_list() == [2, 3]
    assert [t.name for t in (s.indices, s.values, s.dense_shape)] == [
        "s/indices:0",
        "s/values:0",
        "s/shape:0",
    ]
    assert session.run(s.dense_shape).tolist() == [2, 3]
    assert lists(session.run(s, {s: SPARSE})) == [[[0, 1]], [3.0], [2, 2]]


def test_a_sparse_placeholder_may_be_known_in_part(tf, sparse):
    assert tf.sparse_placeholder(tf.int32, [None, 3]).shape.as_list() == [None, 3]
    assert sparse.shape.ndims is None
    assert sparse.dtype == tf.float32


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        row("indices of rank 1", ([0, 1], [3.0], [2, 2]), "Shape (2,) must have rank 2"),
        row("a scalar value", ([[0, 1]], 3.0, [2, 2]), "Shape () must have rank 1"),
        row("two values", ([[0, 1]], [3.0, 4.0], [2, 2]), "Dimensions 1 and 2 are not compatible"),
        row("rank 3", ([[0, 1]], [3.0], [2, 2, 2]), "Dimensions 2 and 3 are not compatible"),
        row("None", (None, [1.0], [2]), "None values not supported."),
    ],
)
def test_parts_that_do_not_fit_make_no_sparse_tensor(tf, parts, error):
    with raises(exact("ValueError", error)):
        tf.SparseTensor(*parts)


def test_a_sparse_tensor_is_made_of_a_value(tf, session):
    value = tf.SparseTensorValue(*SPARSE)
    assert lists(session.run(tf.SparseTensor.from_value(value))) == [[[0, 1]], [3.0], [2, 2]]
    made = tf.convert_to_tensor_or_sparse_tensor(value)
    assert tf.convert_to_tensor_or_sparse_tensor(made) is made
    assert session.run(made.with_values([5])).values.tolist() == [5]
    assert session.run(tf.convert_to_tensor_or_sparse_tensor([1, 2])).tolist() == [1, 2]
    with raises(core("TypeError", "is neither a SparseTensor nor SparseTensorValue.")):
        tf.SparseTensor.from_value([1])
    with raises(core("RuntimeError", "Sparse dtype mismatch. Requested: int32")):
        tf.convert_to_tensor_or_sparse_tensor(value, tf.int32)


def test_a_sparse_tensor_is_evaluated(tf, session):
    s = tf.SparseTensor(*SPARSE)
    with session.as_default():
        got = s.eval({s.values: [4.0]})
    assert type(got) is tf.SparseTensorValue
    assert lists(got) == [[[0, 1]], [4.0], [2, 2]]
    assert (s.graph, s.op, s.dtype) == (tf.get_default_graph(), s.values.op, tf.float32)


# Slices


def test_slices_are_fetched_as_their_value(tf, session):
    """Row 30."""
    got = session.run(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))
    assert type(got).__name__ == "IndexedSlicesValue"
    assert got._fields == ("values", "indices", "dense_shape")
    assert lists(got) == [[1.0], [0], None]
    assert got.indices.dtype == np.int32


def test_slices_are_fetched_with_the_shape_of_the_whole(tf, session):
    whole = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]), tf.constant([4]))
    assert lists(session.run([whole])[0]) == [[1.0], [0], [4]]


@pytest.fixture
def slices(tf):
    """Slices whose parts are placeholders, without and with the shape of the whole."""

    def parts():
        return tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [None])

    return tf.IndexedSlices(*parts()), tf.IndexedSlices(*parts(), tf.placeholder(tf.int32, [1]))


def test_slices_are_fed_a_tuple(session, slices):
    """Row 85."""
    x, whole = slices
    assert session.run(x.values, {x: ([2.0], [0])}).tolist() == [2.0]
    assert lists(session.run(whole, {whole: ([2.0], [0], [7])})) == [[2.0], [0], [7]]
    got = session.run(whole, {whole: ([2.0], [0], [7])})
    assert lists(session.run(whole, {whole: got})) == [[2.0], [0], [7]]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row("an array", np.ones(3), core("ValueError", "Cannot feed value of shape ()")),
        row("None", None, core("TypeError", "'NoneType' object is not iterable")),
    ],
)
def test_what_has_not_the_parts_of_slices_is_refused(session, slices, value, error):
    with raises(error):
        session.run(slices[0], {slices[0]: value})


# Ragged tensors


def test_a_ragged_tensor_is_fetched_as_its_value(tf, session):
    """Row 31."""
    got = session.run(tf.ragged.constant([[1], [2, 3]]))
    assert type(got) is tf.ragged.RaggedTensorValue
    assert got.values.tolist() == [1, 2, 3]
    assert got.row_splits.tolist() == [0, 1, 3]
    assert (got.values.dtype, got.row_splits.dtype) == (np.int32, np.int64)
    assert got.to_list() == [[1], [2, 3]]
    assert str(got) == "<tf.RaggedTensorValue [[1], [2, 3]]>"


def test_two_ragged_dimensions_are_fetched(tf, session):
    got = session.run(tf.ragged.constant([[[1.0, 2.0], []], [[3.0]]]))
    assert got.to_list() == [[[1.0, 2.0], []], [[3.0]]]
    assert (got.ragged_rank, got.shape) == (2, (2, None, None))
    assert got.flat_values.tolist() == [1.0, 2.0, 3.0]
    assert [s.tolist() for s in got.nested_row_splits] == [[0, 2, 3], [0, 2, 2, 3]]


@pytest.mark.parametrize(
    ("pylist", "arguments", "want"),
    [
        row("inner rows", [[[1, 2]], [[3, 4]]], {"ragged_rank": 1}, [2, None, 2]),
        row("inner shape", [[[1, 2]], [[3, 4]]], {"inner_shape": (2,)}, [2, None, 2]),
        row("no rows", [], {"ragged_rank": 2}, [0, None, None]),
        row("empty rows", [[], []], {}, [2, None]),
        row("a vector", [1, 2, 3], {}, [3]),
        row("a scalar", 5, {}, []),
        row("not ragged", [[1], [2]], {"ragged_rank": 0}, [2, 1]),
    ],
)
def test_a_ragged_constant_has_the_shape_of_its_lists(tf, pylist, arguments, want):
    assert tf.ragged.constant(pylist, **arguments).shape.as_list() == want


@pytest.mark.parametrize(
    ("pylist", "arguments", "error"),
    [
        row("depths", [[1], 2], {}, "all scalar values must have the same nesting depth"),
        row("too flat", [[1]], {"ragged_rank": 2}, "pylist has scalar values depth 2"),
        row("scalar", 5, {"ragged_rank": 1}, "Invalid pylist=5: incompatible with ragged_rank=1"),
        row("inner rows", [[[1, 2]], [[3]]], {"ragged_rank": 1}, "inner values have inconsistent"),
        row("negative", [[1]], {"ragged_rank": -1}, "Invalid ragged_rank=-1: must be nonnegative"),
        row("splits", [[1]], {"row_splits_dtype": "float32"}, "row_splits must have dtype int32"),
        row(
            "both",
            [[1]],
            {"ragged_rank": 1, "inner_shape": (1,)},
            "incompatible with ragged_rank=1 and dim(inner_shape)=1",
        ),
    ],
)
def test_lists_that_do_not_fit_make_no_ragged_constant(tf, pylist, arguments, error):
    with raises(core("ValueError", error)):
        tf.ragged.constant(pylist, **arguments)


def test_a_ragged_placeholder_is_fed_a_value(tf, session):
    x = tf.ragged.placeholder(tf.float32, 1)
    value = tf.ragged.constant_value([[1.0], [2.0, 3.0]])
    assert session.run(x, {x: value}).to_list() == [[1.0], [2.0, 3.0]]
    assert session.run(x.values * 2.0, {x: value}).tolist() == [2.0, 4.0, 6.0]
    got = session.run([x.row_splits, (x,)], {(x, (x.flat_values * 1.0,)): (value, ([1.0],))})
    assert got[0].tolist() == [0, 1, 3]


def test_a_ragged_placeholder_names_its_parts(tf):
    x = tf.ragged.placeholder(tf.float32, 2, [3], name="x")
    assert [s.name for s in x.nested_row_splits] == ["x/row_splits_0:0", "x/row_splits_1:0"]
    assert x.flat_values.name == "x/flat_values:0"
    assert x.shape.as_list() == [None, None, None, 3]


@pytest.mark.parametrize(
    ("value", "error"),
    [
        row("a list", lambda tf: [[1.0]], typed("TypeError")),
        row("an array", lambda tf: np.ones(3), typed("TypeError")),
        row("a scalar", lambda tf: 1.0, typed("TypeError")),
        row("deeper", lambda tf: tf.ragged.constant_value([[[1.0]]]), typed("ValueError")),
    ],
)
def test_what_is_no_ragged_value_is_refused(tf, session, value, error):
    x = tf.ragged.placeholder(tf.float32, 1)
    with raises(error):
        session.run(x, {x: value(tf)})
    assert session.run(x, {x: tf.ragged.constant_value([[1.0]])}).to_list() == [[1.0]]


def test_a_ragged_tensor_is_made_of_row_splits(tf, session):
    x = tf.RaggedTensor.from_row_splits([1, 2, 3], [0, 1, 3])
    assert session.run(x).to_list() == [[1], [2, 3]]
    assert (x.shape.as_list(), x.ragged_rank, x.dtype) == ([2, None], 1, tf.int32)
    assert session.run(x.with_values([4.0, 5.0, 6.0])).to_list() == [[4.0], [5.0, 6.0]]
    deep = tf.RaggedTensor.from_nested_row_splits([1, 2, 3], [[0, 1, 2], [0, 1, 3]])
    assert session.run(deep).to_list() == [[[1]], [[2, 3]]]
    assert session.run(deep.with_flat_values([4, 5, 6])).to_list() == [[[4]], [[5, 6]]]


@pytest.mark.parametrize(
    ("splits", "what"),
    [
        row("begin at 1", [1, 2], ":zero"),
        row("end before the last value", [0, 1], ""),
        row("descend", [0, 2, 1, 2], ":monotonic"),
    ],
)
def test_row_splits_are_checked_when_they_run(tf, session, splits, what):
    p = tf.placeholder(tf.int64, [None])
    x = tf.RaggedTensor.from_row_splits([1, 2], p)
    with raises(core("InvalidArgumentError", f"do not form a valid RaggedTensor{what}")):
        session.run(x, {p: splits})
    assert session.run(x, {p: [0, 1, 2]}).to_list() == [[1], [2]]
    unchecked = tf.RaggedTensor.from_row_splits([1, 2], p, validate=False)
    assert session.run(unchecked, {p: splits}).row_splits.tolist() == splits


@pytest.mark.parametrize(
    ("values", "splits"),
    [row("list", np.ones(2), [0, 2]), row("floats", np.ones(2), np.array([0.0, 2.0]))],
)
def test_a_ragged_value_has_splits_of_integers(tf, values, splits):
    with raises(exact("TypeError", "row_splits must be a 1D int32 or int64 numpy array")):
        tf.ragged.RaggedTensorValue(values, splits)
