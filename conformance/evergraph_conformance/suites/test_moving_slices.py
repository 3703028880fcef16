"""Parts of tensors at places that are computed: by what is fed, in loops, and with gradients."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.uses(
    "StridedSlice", "StridedSliceGrad", "Slice", "Pack", "AddV2", "Mul", "Sum"
)

X = np.arange(60, dtype=np.float32).reshape(3, 4, 5)

#: By name: what takes a part of `x` at `i` (with `tf` for TensorFlow, `np` for NumPy).
PARTS = {
    "rows": lambda tf, x, i: x[i],
    "the first axis": lambda tf, x, i: x[i, :, :],
    "the last axis": lambda tf, x, i: x[:, :, i],
    "after an ellipsis": lambda tf, x, i: x[..., i],
    "beside a part": lambda tf, x, i: x[i, 1:3],
    "beside a part from behind": lambda tf, x, i: x[:, ::-2, i],
    "beside a known index": lambda tf, x, i: x[1, :, i],
    "two": lambda tf, x, i: x[i, :, i],
    "a new axis": lambda tf, x, i: x[:, None, i],
}


@pytest.fixture
def i(tf):
    """A scalar int32 placeholder."""
    return tf.placeholder(tf.int32, [], "i")


@pytest.mark.parametrize("known", [True, False], ids=["known shape", "unknown shape"])
@pytest.mark.parametrize("name", PARTS)
def test_an_index_that_is_fed(tf, session, i, name, known):
    x = tf.placeholder(tf.float32, X.shape if known else [None, None, None])
    part = PARTS[name](tf, x, i)
    (gradient,) = tf.gradients(part * part, x)
    for at in (0, 2, -1, -3):
        found, slope = session.run([part, gradient], {x: X, i: at})
        expected = PARTS[name](np, X, at)
        np.testing.assert_array_equal(found, expected)
        wanted = np.zeros_like(X)
        PARTS[name](np, wanted, at)[...] = 2 * expected
        np.testing.assert_array_equal(slope, wanted)


@pytest.mark.parametrize("name", ["rows", "after an ellipsis", "beside a part"])
@pytest.mark.parametrize(("at", "place"), [(5, 5), (-6, -3)])
def test_an_index_out_of_range_is_named(tf, session, i, name, at, place):
    part = PARTS[name](tf, tf.constant(X), i)
    axis, place = (2, place + 2 * (place < 0)) if name == "after an ellipsis" else (0, place)
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match=f"slice index {place} of dimension {axis} out of bounds",
    ):
        session.run(part, {i: at})
    np.testing.assert_array_equal(session.run(part, {i: 1}), PARTS[name](np, X, 1))


def test_an_index_that_is_computed(tf, session):
    x = tf.placeholder(tf.float32, [3, 4])
    best = tf.argmax(tf.reduce_sum(x, 1), output_type=tf.int32)
    data = np.array([[1, 2, 3, 4], [9, 8, 7, 6], [0, 1, 0, 1]], np.float32)
    for shift in range(3):
        rolled = np.roll(data, shift, 0)
        assert session.run(x[best], {x: rolled}).tolist() == [9, 8, 7, 6]


def test_an_index_into_nothing(tf, session, i):
    x = tf.placeholder(tf.float32, [None, 2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="slice index 0 of dimension 0"):
        session.run(x[i], {x: np.zeros((0, 2)), i: 0})


def test_strings_at_an_index(tf, session, i):
    assert session.run(tf.constant(["a", "b"])[i], {i: 1}) == b"b"


def test_columns_in_a_loop(tf, session):
    x = tf.placeholder(tf.float32, [2, None])
    decay = tf.placeholder(tf.float32, [])

    def body(t, state, last):
        return t + 1, state * decay + x[:, t], tf.slice(x, [0, t], [2, 1])

    start = [tf.constant(0), tf.zeros([2]), tf.zeros([2, 1])]
    _, state, last = tf.while_loop(lambda t, *_: t < tf.shape(x)[1], body, start)
    gradients = tf.gradients([state, last], [x, decay])
    found = session.run([state, last, *gradients], {x: [[1, 2, 3], [4, 5, 6]], decay: 0.5})
    np.testing.assert_array_equal(found[0], np.array([4.25, 9.5], np.float32))
    np.testing.assert_array_equal(found[1], np.array([[3], [6]], np.float32))
    np.testing.assert_array_equal(found[2], np.array([[0.25, 0.5, 2], [0.25, 0.5, 2]], np.float32))
    # d/da of a^2 x0 + a x1 + x2, for both rows
    np.testing.assert_array_equal(found[3], np.float32(2 * 0.5 * (1 + 4) + (2 + 5)))


@pytest.mark.parametrize(
    ("begin", "size", "expected"),
    [
        (lambda i: [i, 0, 0], [2, 4, 5], lambda x, i: x[i : i + 2]),
        (lambda i: [0, i, 0], [-1, 2, -1], lambda x, i: x[:, i : i + 2]),
        (lambda i: [0, 1, i], [3, -1, 1], lambda x, i: x[:, 1:, i : i + 1]),
        (lambda i: [i, i, 0], [1, 0, -1], lambda x, i: x[i : i + 1, :0]),
        (lambda i: [i, 0, 0], [-1, -1, 2], lambda x, i: x[i:, :, :2]),
    ],
    ids=["rows", "columns", "beside a known place", "nothing", "the rest"],
)
def test_slices_of_a_size(tf, session, i, begin, size, expected):
    x = tf.placeholder(tf.float32, X.shape)
    part = tf.slice(x, tf.stack(begin(i)), size)
    (gradient,) = tf.gradients(part * part, x)
    for at in (0, 1):
        found, slope = session.run([part, gradient], {x: X, i: at})
        np.testing.assert_array_equal(found, expected(X, at))
        wanted = np.zeros_like(X)
        expected(wanted, at)[...] = 2 * expected(X, at)
        np.testing.assert_array_equal(slope, wanted)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (4, r"Expected begin\[0\] in \[0, 3\], but got 4"),
        (-1, r"Expected begin\[0\] in \[0, 3\], but got -1"),
        (2, r"Expected size\[0\] in \[0, 1\], but got 2"),
    ],
)
def test_a_slice_out_of_range_is_named(tf, session, i, at, message):
    part = tf.slice(tf.constant(X), tf.stack([i, 0, 0]), [2, 4, 5])
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(part, {i: at})
    np.testing.assert_array_equal(session.run(part, {i: 1}), X[1:])


def test_a_number_that_is_fed_in_the_place_of_a_constant(tf, session, i):
    zero = tf.constant(0)
    part = tf.constant(X)[tf.stack([zero, i])[0], tf.constant(1) + 0 : 3, i]
    np.testing.assert_array_equal(session.run(part, {i: 2, zero: 1}), X[1, 1:3, 2])
