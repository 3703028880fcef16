"""tf.Print shows values on standard error, as TensorFlow does."""

from __future__ import annotations

import numpy as np
import pytest

import evergraph.v1 as tf

#: What `summarize=3` and `summarize=-1` show of a value.
SHOWN = [
    (
        [1.0, 2.5, 1 / 3.0, 1e10, float("nan")],
        "1 2.5 0.333333343...",
        "1 2.5 0.333333343 1e+10 nan",
    ),
    ([[1, 2], [3, 4]], "[1 2][3...]...", "[1 2][3 4]"),
    (np.arange(8).reshape(2, 1, 4), "[[0 1 2...]]...", "[[0 1 2 3]][[4 5 6 7]]"),
    (7, "7", "7"),
    ("abc", "abc", "abc"),
    (["a\n\x01'", "b c"], "a\\n\\001\\' b c", "a\\n\\001\\' b c"),
    ([True, False], "1 0", "1 0"),
    (np.float64(1 / 3), "0.33333333333333331", "0.33333333333333331"),
    (np.array([1 / 3], np.float16), "0.333251953", "0.333251953"),
    ([1 + 2j], "?", "?"),
    (np.zeros((2, 0)), "", ""),
    (np.array([123456789.0], np.float32), "123456792", "123456792"),
]


@pytest.fixture(params=["numpy", "jax"])
def sess(request):
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(backend=request.param)) as sess:
        yield sess


@pytest.mark.parametrize(("value", "three", "all_of_it"), SHOWN)
def test_values_are_shown_as_tensorflow_shows_them(value, three, all_of_it, capfd):
    with tf.Graph().as_default(), tf.Session() as sess:
        for summarize in (3, -1):
            sess.run(tf.Print(1, [value], "m: ", summarize=summarize).op)
    assert capfd.readouterr().err == f"m: [{three}]\nm: [{all_of_it}]\n"


def test_what_is_handed_on_is_the_input_and_its_gradient(sess, capfd):
    x = tf.constant([1.0, 2.0])
    y = tf.Print(x, [x, "s"]) * 3.0
    assert sess.run(y).tolist() == [3.0, 6.0]
    assert sess.run(tf.gradients(y, x)[0]).tolist() == [3.0, 3.0]
    assert capfd.readouterr().err.splitlines()[0] == "[1 2][s]"


def test_it_is_shown_as_often_as_asked_for_in_each_session(sess, capfd):
    shown = tf.Print(1, [5], first_n=2)
    for _ in range(3):
        sess.run(shown)
    with tf.Session() as other:
        other.run(shown)
    assert capfd.readouterr().err == "[5]\n" * 3
