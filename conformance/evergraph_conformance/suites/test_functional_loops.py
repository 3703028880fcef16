"""`map_fn`, `scan`, `foldl` and `foldr`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "float32")

#: Functions of the API and of x, and what they give for X.
VALUES: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "map": (lambda tf, x: tf.map_fn(lambda r: r * 2.0, x), X * 2),
    "map to another type": (
        lambda tf, x: tf.map_fn(lambda r: tf.cast(r, tf.int32), x, dtype=tf.int32),
        X.astype("int32"),
    ),
    "map to another shape": (lambda tf, x: tf.map_fn(tf.reduce_sum, x), X.sum(1)),
    "map of two": (
        lambda tf, x: tf.map_fn(lambda p: p[0] * p[1], (x, x), dtype=tf.float32),
        X * X,
    ),
    "map of a dictionary": (
        lambda tf, x: tf.map_fn(lambda d: {"b": d["a"] + 1.0}, {"a": x}, dtype={"b": tf.float32}),
        {"b": X + 1},
    ),
    "map to two": (
        lambda tf, x: tf.map_fn(lambda r: (r, -r), x, dtype=(tf.float32, tf.float32)),
        (X, -X),
    ),
    "map in a map": (
        lambda tf, x: tf.map_fn(lambda r: tf.map_fn(lambda e: e * e, r), x),
        X * X,
    ),
    "map with a conditional": (
        lambda tf, x: tf.map_fn(lambda r: tf.cond(r[0] > 2.0, lambda: r * 10.0, lambda: r), x),
        np.where(X[:, :1] > 2, X * 10, X),
    ),
    "scan": (lambda tf, x: tf.scan(lambda a, r: a + r, x), X.cumsum(0)),
    "scan in reverse": (
        lambda tf, x: tf.scan(lambda a, r: a + r, x, reverse=True),
        X[::-1].cumsum(0)[::-1],
    ),
    "scan from an initial value": (
        lambda tf, x: tf.scan(lambda a, r: a + r, x, np.array([10.0, 20.0], "float32")),
        X.cumsum(0) + np.array([10.0, 20.0], "float32"),
    ),
    "scan of a structure": (
        lambda tf, x: tf.scan(lambda a, r: (a[0] + r, a[1] * r), x, (tf.zeros([2]), tf.ones([2]))),
        (X.cumsum(0), X.cumprod(0)),
    ),
    "foldl": (lambda tf, x: tf.foldl(lambda a, r: a - r, x), X[0] - X[1] - X[2]),
    "foldl from an initial value": (
        lambda tf, x: tf.foldl(lambda a, r: a * 2.0 + r, x, tf.zeros([2])),
        (X[0] * 2 + X[1]) * 2 + X[2],
    ),
    "foldr": (lambda tf, x: tf.foldr(lambda a, r: a - r, x), X[2] - X[1] - X[0]),
    "foldr from an initial value": (
        lambda tf, x: tf.foldr(lambda a, r: a * 2.0 + r, x, tf.zeros([2])),
        (X[2] * 2 + X[1]) * 2 + X[0],
    ),
}


@pytest.mark.parametrize("fed", ["known", "unknown"])
@pytest.mark.parametrize("name", VALUES)
def test_value(tf: Any, run: Any, same: Any, name: str, fed: str) -> None:
    function, want = VALUES[name]
    x = tf.placeholder(tf.float32, [3, 2] if fed == "known" else [None, 2])
    got = run(function(tf, x), {x: X})
    pairs = zip(got, want, strict=True) if isinstance(want, tuple) else [(got, want)]
    if isinstance(want, dict):
        pairs = [(got[k], want[k]) for k in want]
    for value, wanted in pairs:
        same(value, wanted)


def test_no_rows(tf: Any, run: Any, same: Any) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    fetches = [tf.map_fn(lambda r: r, x), tf.scan(lambda a, r: a + r, x, tf.zeros([2]))]
    fetches.append(tf.foldl(lambda a, r: a + r, x, tf.ones([2])))
    none = np.zeros((0, 2), "float32")
    mapped, scanned, folded = run(fetches, {x: none})
    same(mapped, none)
    same(scanned, none)
    same(folded, np.ones(2, "float32"))


@pytest.mark.parametrize("name", ["scan", "foldl", "foldr"])
def test_no_rows_and_no_initial_value_is_an_error(tf: Any, run: Any, name: str) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    result = getattr(tf, name)(lambda a, r: a + r, x)
    with pytest.raises(tf.errors.InvalidArgumentError):
        run(result, {x: np.zeros((0, 2), "float32")})


def test_static_shapes(tf: Any) -> None:
    x = tf.placeholder(tf.float32, [3, 2])
    assert tf.map_fn(lambda r: r, x).shape.as_list() == [3, 2]
    assert tf.scan(lambda a, r: a + r, x).shape.as_list() == [3, 2]
    assert tf.foldl(lambda a, r: a + r, x).shape.as_list() == [2]
    y = tf.placeholder(tf.float32, [None, 2])
    assert tf.map_fn(tf.reduce_sum, y).shape.as_list() == [None]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda tf: tf.map_fn(lambda r: r, 1.0), "must be 1+ dimensional Tensors, not scalars"),
        (lambda tf: tf.map_fn(lambda r: r, []), "does not contain any Tensors"),
        (lambda tf: tf.map_fn(lambda r: (r, r), tf.zeros([2])), "same nested structure"),
        (
            lambda tf: tf.map_fn(lambda p: p[0], (tf.zeros([3]), tf.zeros([2])), dtype=tf.float32),
            "Dimensions 3 and 2 are not compatible",
        ),
    ],
)
def test_refused_when_the_graph_is_built(tf: Any, build: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        build(tf)
    assert words in str(caught.value)


def test_an_error_names_the_node_inside(tf: Any, run: Any) -> None:
    x = tf.placeholder(tf.int32, [None])
    result = tf.map_fn(lambda i: tf.gather([1, 2], i, name="inside"), x)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(result, {x: [0, 1, 5]})
    assert caught.value.op.name.endswith("inside")
    assert run(result, {x: [1, 0]}).tolist() == [2, 1]


#: Functions of the API and of x, and the gradients of the sums of what they give for X.
GRADIENTS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "map": (lambda tf, x: tf.map_fn(lambda r: r * r * r, x), 3 * X * X),
    "map in a map": (
        lambda tf, x: tf.map_fn(lambda r: tf.map_fn(lambda e: e * e * e, r), x),
        3 * X * X,
    ),
    "map with a conditional": (
        lambda tf, x: tf.map_fn(lambda r: tf.cond(r[0] > 2.0, lambda: r * r, lambda: r * 3.0), x),
        [[3, 3], [6, 8], [10, 12]],
    ),
    "scan": (
        lambda tf, x: tf.scan(lambda a, r: a * r, x),
        [[19, 29], [6, 14], [3, 8]],
    ),
    "foldl": (lambda tf, x: tf.foldl(lambda a, r: a * r, x), [[15, 24], [5, 12], [3, 8]]),
    "foldr": (
        lambda tf, x: tf.foldr(lambda a, r: a * r + r, x, tf.ones([2])),
        [[34, 53], [11, 26], [6, 16]],
    ),
    "loops of several lengths": (
        lambda tf, x: tf.while_loop(
            lambda i, _: i < 4,
            lambda i, y: (
                i + 1,
                tf.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, z * x), [0, y])[1],
            ),
            [0, x],
        )[1],
        7 * X**6,
    ),
}


@pytest.mark.parametrize("fed", ["known", "unknown"])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(tf: Any, run: Any, same: Any, name: str, fed: str) -> None:
    function, want = GRADIENTS[name]
    x = tf.placeholder(tf.float32, [3, 2] if fed == "known" else [None, 2])
    gradient = tf.gradients(tf.reduce_sum(function(tf, x)), x)[0]
    same(run(gradient, {x: X}), np.array(want, "float32"))


def test_the_gradient_of_a_long_loop(tf: Any, run: Any, same: Any) -> None:
    x = tf.placeholder(tf.float32, [None])
    n = tf.placeholder(tf.int32, [])
    body = lambda i, y: (i + 1, y * 0.5 + x * y)  # noqa: E731
    y = tf.while_loop(lambda i, _: i < n, body, [0, tf.ones_like(x)])[1]
    gradient = tf.gradients(y, x)[0]
    # The derivative of (0.5 + x) ** n.
    half = np.array([0.5, 0.5], "float32")
    for count in (3, 200, 40):
        same(run(gradient, {x: half, n: count}), np.full(2, count, "float32"))
