"""What `feed_dict` takes as values, and what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evergraph_conformance.messages import core, exact, raises, row

pytestmark = [
    pytest.mark.uses("AddV2", "Identity", "Mul"),
    # What values are warned of is what test_feed_warnings.py is about.
    pytest.mark.filterwarnings("ignore::evergraph.EvergraphFeedWarning"),
]


def fed(session, tf, dtype, shape, value):
    """Feed a value and return what an operation sees of it, and the fed tensor as fetched."""
    p = tf.placeholder(dtype, shape, name="p")
    return session.run([tf.identity(p), p], {p: value})


@pytest.mark.parametrize(
    ("shape", "fetch", "message"),
    [
        row("39 known shape", [2], "double", "float and shape [2]"),
        row("40 scalar", [], "double", "float"),
        row("41 unknown shape", None, "double", "float"),
        row("42 fetched itself", [2], "p", "float and shape [2]"),
        row("partly known shape", [None, 3], "double", "float and shape [?,3]"),
    ],
)
def test_a_placeholder_that_is_not_fed_is_named(tf, session, shape, fetch, message):
    p = tf.placeholder(tf.float32, shape, name="p")
    tensor = {"double": p + p, "p": p}[fetch]
    with raises(
        exact(
            "InvalidArgumentError",
            f"You must feed a value for placeholder tensor 'p' with dtype {message}",
        )
    ):
        session.run(tensor)


def test_one_of_two_placeholders_that_is_not_fed_is_named(tf, session):
    p, q = tf.placeholder(tf.float32, [], "p"), tf.placeholder(tf.int32, [], "q")
    with raises(
        exact(
            "InvalidArgumentError",
            "You must feed a value for placeholder tensor 'q' with dtype int32",
        )
    ):
        session.run([tf.identity(p), tf.identity(q)], {p: 1.0})


@pytest.mark.parametrize(
    ("shape", "value", "error"),
    [
        row(
            "43 shape",
            [2],
            [1.0, 2.0, 3.0],
            "Cannot feed value of shape (3,) for Tensor p:0, which has shape (2,)",
        ),
        row(
            "44 rank",
            [None, 3],
            [1.0, 2.0, 3.0],
            "Cannot feed value of shape (3,) for Tensor p:0, which has shape (?, 3)",
        ),
        row(
            "inner dimension",
            [None, 3],
            np.zeros((2, 4)),
            "Cannot feed value of shape (2, 4) for Tensor p:0, which has shape (?, 3)",
        ),
        row(
            "vector for scalar",
            [],
            [1.0],
            "Cannot feed value of shape (1,) for Tensor p:0, which has shape ()",
        ),
        row(
            "scalar for vector",
            [1],
            1.0,
            "Cannot feed value of shape () for Tensor p:0, which has shape (1,)",
        ),
        row(
            "zero elements",
            [2, None],
            [[]],
            "Cannot feed value of shape (1, 0) for Tensor p:0, which has shape (2, ?)",
        ),
    ],
)
def test_a_value_of_another_shape_is_refused(tf, session, shape, value, error):
    with raises(exact("ValueError", error)):
        fed(session, tf, tf.float32, shape, value)


def test_an_unknown_shape_takes_any(tf, session):
    """Row 45."""
    p = tf.placeholder(tf.float32)
    double = p * 2.0
    assert session.run(double, {p: 3.0}) == 6.0
    assert session.run(double, {p: [[1, 2, 3]]}).tolist() == [[2.0, 4.0, 6.0]]
    assert session.run(double, {p: np.zeros((0, 2))}).shape == (0, 2)


@pytest.mark.parametrize(
    ("dtype", "value", "want"),
    [
        row("46 float for int32", "int32", 2.7, 2),
        row("47 float array for int32", "int32", [2.7, 4.2], [2, 4]),
        row("50 2**24 + 1 for float32", "float32", 2**24 + 1, 16777216.0),
        row("51 int64 array out of range", "int32", np.array([2**32]), [0]),
        row("52 list out of range", "int32", [2**32], [0]),
        row("54 digits for float32", "float32", "1.5", 1.5),
        row("55 None for float32", "float32", None, np.nan),
        row("57 float64 for float32", "float32", np.array([1.1]), [np.float32(1.1)]),
        row("58 bool for float32", "float32", True, 1.0),
        row("89 big-endian", "float32", np.array([1.0, 2.0], ">f4"), [1.0, 2.0]),
        row("91 empty", "float32", [], []),
        row("bool for uint8", "uint8", True, 1, marks=pytest.mark.dtypes("uint8")),
        row("list wraps", "uint8", [300, -1], [44, 255], marks=pytest.mark.dtypes("uint8")),
        row("NumPy scalar out of range", "int32", np.int64(2**40), 0),
        row("NumPy float for int32", "int32", np.float64(-2.9), -2),
        row("range", "float32", range(3), [0.0, 1.0, 2.0]),
        row("tuple of lists", "int32", ([1, 2], [3, 4]), [[1, 2], [3, 4]]),
        row("strided", "float32", np.arange(6.0)[::-2], [5.0, 3.0, 1.0]),
        row("int for bool", "bool", 1, True, marks=pytest.mark.dtypes("bool")),
        row("ints for bool", "bool", [2, 0], [True, False], marks=pytest.mark.dtypes("bool")),
        row("int for double", "float64", 2**53, 2.0**53, marks=pytest.mark.dtypes("float64")),
        row("int for half", "float16", [1, 2], [1.0, 2.0], marks=pytest.mark.dtypes("float16")),
    ],
)
def test_a_value_is_cast_as_numpy_casts_it(tf, session, same, dtype, value, want):
    seen, fetched = fed(session, tf, dtype, None, value)
    same(seen, np.array(want, dtype))
    same(fetched, np.array(want, dtype))


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_a_complex_value_loses_its_imaginary_part(tf, session):
    """Row 59."""
    seen, fetched = fed(session, tf, "float32", None, 1 + 2j)
    assert seen == fetched == np.float32(1.0)


@pytest.mark.parametrize(
    ("dtype", "value", "error"),
    [
        row(
            "48 int for int32",
            "int32",
            2**40,
            exact(
                "TypeError",
                "Type of feed value 1099511627776 with type <class 'int'> is not compatible with "
                "Tensor type <class 'numpy.int32'>. Try explicitly setting the type of the feed "
                "tensor to a larger type (e.g. int64).",
            ),
        ),
        row(
            "49 int for int8",
            "int8",
            300,
            exact(
                "TypeError",
                "Type of feed value 300 with type <class 'int'> is not compatible with Tensor "
                "type <class 'numpy.int8'>. Try explicitly setting the type of the feed tensor to "
                "a larger type (e.g. int64).",
            ),
            marks=pytest.mark.dtypes("int8"),
        ),
        row(
            "60 int for bool",
            "bool",
            2,
            exact(
                "TypeError",
                "Type of feed value 2 with type <class 'int'> is not compatible with Tensor type "
                "<class 'numpy.bool'>. Try explicitly setting the type of the feed tensor to a "
                "larger type (e.g. int64).",
            ),
            marks=pytest.mark.dtypes("bool"),
        ),
        row(
            "64 int for string",
            "string",
            3,
            exact(
                "TypeError",
                "Type of feed value 3 with type <class 'int'> is not compatible with Tensor type "
                "<class 'object'>. Try explicitly setting the type of the feed tensor to a larger "
                "type (e.g. int64).",
            ),
            marks=pytest.mark.dtypes("string"),
        ),
        row(
            "negative int for uint8",
            "uint8",
            -1,
            exact(
                "TypeError",
                "Type of feed value -1 with type <class 'int'> is not compatible with Tensor type "
                "<class 'numpy.uint8'>. Try explicitly setting the type of the feed tensor to a "
                "larger type (e.g. int64).",
            ),
            marks=pytest.mark.dtypes("uint8"),
        ),
        # The words are NumPy's.
        row(
            "53 letters for float32",
            "float32",
            "abc",
            core("ValueError", "could not convert string to float"),
        ),
        row(
            "56 ragged list",
            "float32",
            [[1.0, 2.0], [3.0]],
            core("ValueError", "setting an array element with a sequence"),
        ),
        row("None for int32", "int32", None, core("TypeError", "int() argument must be")),
        row("letters for int32", "int32", "a", core("ValueError", "invalid literal for int()")),
        row("a set", "float32", {1, 2}, core("TypeError", "float() argument must be")),
        row("an object", "float32", object(), core("TypeError", "float() argument must be")),
        row("an iterator", "float32", iter([]), core("TypeError", "float() argument must")),
    ],
)
def test_a_value_that_the_type_cannot_hold_is_refused(tf, session, dtype, value, error):
    with raises(error):
        fed(session, tf, dtype, None, value)


def test_a_tensor_is_no_value(tf, session):
    """Row 65."""
    c, p = tf.constant(5.0, name="c"), tf.placeholder(tf.float32, [], "p")
    with raises(
        exact(
            "TypeError",
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include "
            "Python scalars, strings, lists, numpy ndarrays, or TensorHandles. For reference, the "
            'tensor object was Tensor("c:0", shape=(), dtype=float32) which was passed to the '
            'argument `feed_dict` with key Tensor("p:0", shape=(), dtype=float32).',
        )
    ):
        session.run(p + c, {p: c})


def test_a_list_with_a_tensor_is_no_value(tf, session):
    c, p = tf.constant(5.0, name="c"), tf.placeholder(tf.float32, [1], "p")
    with raises(
        core("NotImplementedError", "Cannot convert a symbolic tf.Tensor (c:0) to a numpy array.")
    ):
        session.run(tf.identity(p), {p: [c]})


@pytest.mark.dtypes("string")
@pytest.mark.parametrize(
    ("value", "seen", "fetched"),
    [
        row("61 bytes with NUL", b"a\x00b\x00", b"a\x00b\x00", b"a\x00b\x00"),
        row("62 S-dtype array", np.array([b"a\x00"], "S2"), [b"a"], [b"a"]),
        # What is fed is fetched as it was given; an operation sees UTF-8.
        row("63 unicode", "\u00e9", b"\xc3\xa9", "\u00e9"),
        row("unicode list", ["\u00e9", "b"], [b"\xc3\xa9", b"b"], ["\u00e9", "b"]),
        row("U-dtype array", np.array(["\u00e9"]), [b"\xc3\xa9"], ["\u00e9"]),
        row("empty strings", [b"", ""], [b"", b""], [b"", ""]),
        row("matrix", [["a"], ["b"]], [[b"a"], [b"b"]], [["a"], ["b"]]),
    ],
)
def test_strings_are_fed_as_bytes(tf, session, value, seen, fetched):
    got, itself = fed(session, tf, tf.string, None, value)
    assert (got if isinstance(got, bytes) else got.tolist()) == seen
    assert itself.dtype == object
    assert itself.tolist() == fetched


def test_a_default_gives_way_to_what_is_fed(tf, session):
    """Row 86."""
    p = tf.placeholder_with_default([1.0], [None])
    got = tf.identity(p)
    assert session.run([p, got])[1].tolist() == [1.0]
    assert session.run(p).tolist() == [1.0]
    assert session.run(got, {p: [2.0, 3.0]}).tolist() == [2.0, 3.0]


def test_what_is_fed_for_a_default_must_fit_its_shape(tf, session):
    """Row 87."""
    p = tf.placeholder_with_default([1.0], [1])
    with raises(
        exact(
            "ValueError",
            "Cannot feed value of shape (2,) for Tensor PlaceholderWithDefault:0, which has shape "
            "(1,)",
        )
    ):
        session.run(p, {p: [2.0, 3.0]})


def test_a_fortran_ordered_array_is_fed_by_its_values(tf, session):
    """Row 88."""
    value = np.asfortranarray(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    p = tf.placeholder(tf.float32, [2, 2])
    got = session.run(tf.identity(p), {p: value})
    assert got.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert got.flags.c_contiguous


def test_an_object_that_offers_itself_as_an_array_is_fed(tf, session):
    """Row 90."""

    class Offers:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.array([1.0, 2.0], dtype)

    p = tf.placeholder(tf.float32, [2])
    assert session.run(p * 2.0, {p: Offers()}).tolist() == [2.0, 4.0]


def test_another_type_can_be_fed_in_the_next_run(tf, session):
    p = tf.placeholder(tf.float32, None)
    double = p * 2.0
    got = [session.run(double, {p: v}) for v in (1, [1], np.ones((2, 1), np.int8), 2.5)]
    assert [np.shape(v) for v in got] == [(), (1,), (2, 1), ()]
    assert [v.dtype for v in got] == [np.float32] * 4
