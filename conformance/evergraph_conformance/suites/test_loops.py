"""`while_loop`: values, nesting, shapes, effects, errors; loops that are stopped."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Build = Callable[[Any], Any]


def _power(tf: Any, n: Any) -> Any:
    """2 ** n."""
    return tf.while_loop(lambda i, _: i < n, lambda i, x: (i + 1, x * 2), [0, 1])[1]


def _fed(tf: Any, value: Any) -> Any:
    return tf.placeholder_with_default(value, [])


def _triangle(tf: Any) -> Any:
    """The sum of j for j < i, for i < 5, by a loop in a loop."""

    def inner(i: Any) -> Any:
        return tf.while_loop(lambda j, _: j < i, lambda j, t: (j + 1, t + j), [0, 0])[1]

    return tf.while_loop(lambda i, _: i < 5, lambda i, t: (i + 1, t + inner(i)), [0, 0])[1]


def _collatz(tf: Any, start: int) -> Any:
    """How many steps it takes to 1: a conditional in a loop."""

    def step(n: Any, count: Any) -> Any:
        following = tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1)
        return following, count + 1

    return tf.while_loop(lambda n, _: n > 1, step, [_fed(tf, start), 0])[1]


def _grown(tf: Any) -> Any:
    return tf.while_loop(
        lambda i, _: i < 4,
        lambda i, x: (i + 1, tf.concat([x, tf.cast(tf.fill([1], i), tf.float32)], 0)),
        [0, tf.zeros([1])],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )[1]


VALUES: dict[str, tuple[Build, Any]] = {
    "a count": (lambda tf: _power(tf, 10), 1024),
    "a fed count": (lambda tf: _power(tf, _fed(tf, 5)), 32),
    "no iteration": (lambda tf: _power(tf, _fed(tf, 0)), 1),
    "one variable": (lambda tf: tf.while_loop(lambda i: i < 7, lambda i: i + 2, [0]), 8),
    "a loop in a loop": (_triangle, 10),
    "a conditional in a loop": (lambda tf: _collatz(tf, 6), 8),
    "a loop in a conditional": (
        lambda tf: tf.cond(_fed(tf, True), lambda: _power(tf, 3), lambda: tf.constant(0)),
        8,
    ),
    "a loop in the other branch": (
        lambda tf: tf.cond(_fed(tf, False), lambda: _power(tf, 3), lambda: _power(tf, 4)),
        16,
    ),
    "at most some iterations": (
        lambda tf: tf.while_loop(lambda i: i < 100, lambda i: i + 1, [0], maximum_iterations=3),
        3,
    ),
    "at most fed iterations": (
        lambda tf: tf.while_loop(
            lambda i, j: i < 100,
            lambda i, j: (i + 1, j - 1),
            (0, 0),
            maximum_iterations=_fed(tf, 5),
        )[1],
        -5,
    ),
    "at most no iteration": (
        lambda tf: tf.while_loop(lambda i: i < 9, lambda i: i + 1, [4], maximum_iterations=0),
        4,
    ),
    "a shape that grows": (_grown, np.array([0, 0, 1, 2, 3], "float32")),
    "values from outside": (
        lambda tf: (
            lambda c: tf.while_loop(lambda i, _: i < 3, lambda i, x: (i + 1, x + c), [0, c])[1]
        )(tf.placeholder_with_default(np.array([1.0, 2.0], "float32"), [2])),
        np.array([4.0, 8.0], "float32"),
    ),
    "swapped variables": (
        lambda tf: tf.while_loop(
            lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a), [0, _fed(tf, 1), _fed(tf, 2)]
        )[1],
        2,
    ),
    "a dictionary": (
        lambda tf: tf.while_loop(
            lambda d, _: d["i"] < 3,
            lambda d, x: ({"i": d["i"] + 1}, x * 3),
            [{"i": 0}, 1],
        )[1],
        27,
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_value(tf: Any, run: Any, same: Any, name: str) -> None:
    build, want = VALUES[name]
    same(run(build(tf)), np.int32(want) if isinstance(want, int) else want)


def test_a_loop_runs_again_with_other_values(tf: Any, run: Any) -> None:
    n = tf.placeholder(tf.int32, [])
    power = _power(tf, n)
    assert [int(run(power, {n: k})) for k in (3, 0, 7, 3)] == [8, 1, 128, 8]


@pytest.mark.parametrize("use_resource", [False, True], ids=["reference", "resource"])
def test_variables_are_assigned_in_every_iteration(
    tf: Any, session: Any, use_resource: bool
) -> None:
    v = tf.get_variable("v", initializer=1.0, use_resource=use_resource)

    def body(i: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(v, 2.0)]):
            return i + 1

    loop = tf.while_loop(lambda i: i < _fed(tf, 4), body, [0])
    session.run(v.initializer)
    assert session.run(loop) == 4
    assert session.run(v) == 9.0
    assert session.run(loop) == 4
    assert session.run(v) == 17.0


def test_random_numbers_differ_in_every_iteration(tf: Any, run: Any) -> None:
    def body(i: Any, array: Any) -> Any:
        return i + 1, array.write(i, tf.random.uniform([2], seed=3))

    # TF: iterations may overlap, and draw in any order.
    loop = tf.while_loop(
        lambda i, _: i < 3, body, [0, tf.TensorArray("float32", 3)], parallel_iterations=1
    )
    numbers = run(loop[1].stack())
    again = tf.random.uniform([2], seed=3)
    assert len(np.unique(numbers)) == 6
    # The stream of the node is that of any other node with its seed.
    assert numbers[0].tolist() == run(again).tolist()


@pytest.mark.needs("strings")
def test_strings(tf: Any, run: Any) -> None:
    def body(i: Any, text: Any) -> Any:
        return i + 1, tf.gather(["a", "b", "c"], i)

    assert run(tf.while_loop(lambda i, _: i < 3, body, [0, ""])[1]) == b"c"


@pytest.mark.needs("in_process")
def test_python_functions_in_a_loop(tf: Any, run: Any) -> None:
    called: list[int] = []

    def note(i: Any) -> Any:
        called.append(int(i))
        return np.int32(i + 10)

    def body(i: Any, x: Any) -> Any:
        return i + 1, x + tf.py_func(note, [i], tf.int32)

    total = tf.while_loop(
        lambda i, _: i < 3,
        body,
        [0, 0],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)],
    )[1]
    assert run(total) == 33
    # TF: iterations may overlap.
    assert sorted(called) == [0, 1, 2]


def test_an_error_names_the_node_inside(tf: Any, session: Any) -> None:
    n = tf.placeholder(tf.int32, [])
    table = tf.constant([1, 2, 3])

    def body(i: Any, x: Any) -> Any:
        return i + 1, x + tf.gather(table, i, name="inside")

    loop = tf.while_loop(lambda i, _: i < n, body, [0, 0])[1]
    with pytest.raises(tf.errors.InvalidArgumentError, match="is not in \\[0, 3\\)") as caught:
        session.run(loop, {n: 5})
    assert caught.value.op.name.endswith("inside")
    assert session.run(loop, {n: 3}) == 6


def test_a_loop_in_a_partial_run(tf: Any, session: Any) -> None:
    n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
    power = _power(tf, n)
    product = power * x
    handle = session.partial_run_setup([power, product], [n, x])
    assert session.partial_run(handle, power, {n: 4}) == 16
    assert session.partial_run(handle, product, {x: 3}) == 48


def test_threads_run_one_loop(tf: Any, session: Any) -> None:
    n = tf.placeholder(tf.int32, [])
    power = _power(tf, n)
    found: dict[int, int] = {}

    def work(k: int) -> None:
        found[k] = int(session.run(power, {n: k}))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: 2**k for k in range(8)}


def _long(tf: Any) -> Any:
    return tf.while_loop(lambda i, _: i < 2**31 - 1, lambda i, x: (i + 1, x * 0.5), [0, 1.0])[1]


def test_a_loop_over_large_tensors(tf: Any, session: Any) -> None:
    x = tf.placeholder(tf.float32, [700, 700])
    loop = tf.while_loop(lambda i, _: i < 40, lambda i, y: (i + 1, tf.matmul(y, x)), [0, x])
    found = session.run(loop[1][0, :3], {x: np.eye(700)})
    assert found.tolist() == [1.0, 0.0, 0.0]


def test_a_long_loop_ends_at_its_deadline(tf: Any, session: Any) -> None:
    options = tf.RunOptions(timeout_in_ms=300)
    start = time.monotonic()
    with pytest.raises(tf.errors.DeadlineExceededError):
        session.run(_long(tf), options=options)
    assert time.monotonic() - start < 30


def test_closing_the_session_ends_a_long_loop(tf: Any) -> None:
    session = tf.Session()
    loop = _long(tf)
    ended: list[Exception] = []

    def work() -> None:
        try:
            session.run(loop)
        except tf.errors.OpError as error:
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(0.3)
    session.close()
    thread.join(30)
    assert [type(error) for error in ended] == [tf.errors.CancelledError]


REFUSED: dict[str, tuple[Build, type[Exception], str]] = {
    "no variables": (
        lambda tf: tf.while_loop(lambda: True, lambda: 1, []),
        ValueError,
        "No loop variables|'loop_vars' must be provided",
    ),
    "a condition that is no function": (
        lambda tf: tf.while_loop(3, lambda i: i, [0]),
        TypeError,
        "must be callable|is not callable",
    ),
    "another shape": (
        lambda tf: tf.while_loop(lambda x: True, lambda x: tf.concat([x, x], 0), [tf.zeros([1])]),
        ValueError,
        "shape_invariants",
    ),
    "another structure": (
        lambda tf: tf.while_loop(lambda i: i < 3, lambda i: (i, i), [0]),
        ValueError,
        "same nested structure",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_when_the_graph_is_built(tf: Any, name: str) -> None:
    build, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        build(tf)


# Rows of the contract


def test_a_loop_that_would_never_end_is_limited(tf, session):
    """Row 237."""
    y = tf.while_loop(lambda i: True, lambda i: i + 1, [0], maximum_iterations=5)
    assert session.run(y) == 5


def test_a_shape_that_changes_is_an_error(tf):
    """Row 238."""
    text = (
        "Input tensor 'ones:0' enters the loop with shape (1,), but has shape (2,) after one "
        "iteration. To allow the shape to vary across iterations, use the `shape_invariants` "
    )
    with pytest.raises(ValueError, match=re.escape(text)):
        tf.while_loop(lambda x: True, lambda x: tf.concat([x, x], 0), [tf.ones([1])])


def test_branches_of_different_types_are_an_error(tf):
    """Row 239."""
    text = "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received int32 from"
    with pytest.raises(ValueError, match=re.escape(text)):
        tf.cond(tf.constant(True), lambda: tf.constant(1), lambda: tf.constant(1.0))
