"""`TensorArray`: written, read, stacked; as a variable of loops; gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Build = Callable[[Any], Any]


def _array(tf: Any, size: Any = 3, **more: Any) -> Any:
    return tf.TensorArray("float32", size, **more)


def _rows(tf: Any) -> Any:
    return _array(tf).unstack([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def _squares(tf: Any, count: Any = 4) -> Any:
    def body(i: Any, array: Any) -> Any:
        return i + 1, array.write(i, tf.cast(i * i, tf.float32))

    return tf.while_loop(lambda i, _: i < count, body, [0, _array(tf, count)])[1]


def _sums(tf: Any) -> Any:
    rows = _rows(tf)

    def body(i: Any, total: Any, array: Any) -> Any:
        total = total + rows.read(i)
        return i + 1, total, array.write(i, total)

    start = [0, tf.zeros([2]), _array(tf)]
    return tf.while_loop(lambda i, *_: i < 3, body, start)[2].stack()


def _grown(tf: Any) -> Any:
    array = _array(tf, 0, dynamic_size=True, element_shape=[])
    count = tf.placeholder_with_default(50, [])

    def body(i: Any, array: Any) -> Any:
        return i + 1, array.write(i, tf.cast(i, tf.float32))

    return tf.while_loop(lambda i, _: i < count, body, [0, array])[1].stack()


VALUES: dict[str, tuple[Build, Any]] = {
    "read": (lambda tf: _rows(tf).read(1), [3.0, 4.0]),
    "read with a fed index": (
        lambda tf: _rows(tf).read(tf.placeholder_with_default(2, [])),
        [5.0, 6.0],
    ),
    "stack": (lambda tf: _rows(tf).stack(), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    "write": (
        lambda tf: _array(tf, 2).write(1, [1.0]).write(0, [2.0]).stack(),
        [[2.0], [1.0]],
    ),
    "stack, one was never written": (lambda tf: _array(tf).write(0, 1.0).stack(), [1.0, 0.0, 0.0]),
    "stack, none was ever written": (
        lambda tf: _array(tf, 2, element_shape=[2]).stack(),
        np.zeros((2, 2), "float32"),
    ),
    "write beyond the end": (
        lambda tf: _array(tf, 0, dynamic_size=True).write(2, 1.0).stack(),
        [0.0, 0.0, 1.0],
    ),
    "unstack less": (lambda tf: _array(tf, 4).unstack([1.0, 2.0]).stack(), [1.0, 2.0, 0.0, 0.0]),
    "unstack more": (
        lambda tf: _array(tf, 1, dynamic_size=True).unstack([1.0, 2.0]).stack(),
        [1.0, 2.0],
    ),
    "gather": (lambda tf: _rows(tf).gather([2, 0]), [[5.0, 6.0], [1.0, 2.0]]),
    "scatter": (lambda tf: _array(tf).scatter([2, 0], [1.0, 2.0]).stack(), [2.0, 0.0, 1.0]),
    "concat": (
        lambda tf: _array(tf, 2, infer_shape=False).write(0, [1.0]).write(1, [2.0, 3.0]).concat(),
        [1.0, 2.0, 3.0],
    ),
    "split": (
        lambda tf: _array(tf, 2, infer_shape=False).split([1.0, 2.0, 3.0], [1, 2]).read(1),
        [2.0, 3.0],
    ),
    "split and concat": (
        lambda tf: _array(tf, 2).split([1.0, 2.0, 3.0, 4.0], [2, 2]).concat(),
        [1.0, 2.0, 3.0, 4.0],
    ),
    "size": (lambda tf: _rows(tf).size(), np.int32(3)),
    "size, grown": (
        lambda tf: _array(tf, 0, dynamic_size=True).write(4, 1.0).size(),
        np.int32(5),
    ),
    "identity": (lambda tf: _rows(tf).identity().read(0), [1.0, 2.0]),
    "of another's handle": (
        lambda tf: (lambda a: tf.TensorArray("float32", handle=a.handle, flow=a.flow).size())(
            _rows(tf)
        ),
        np.int32(3),
    ),
    "written in a loop": (lambda tf: _squares(tf).stack(), [0.0, 1.0, 4.0, 9.0]),
    "written in a loop, of fed size": (
        lambda tf: _squares(tf, tf.placeholder_with_default(3, [])).stack(),
        [0.0, 1.0, 4.0],
    ),
    "written in no iteration": (
        lambda tf: _squares(tf, tf.placeholder_with_default(0, [])).size(),
        np.int32(0),
    ),
    "read and written in a loop": (_sums, [[1.0, 2.0], [4.0, 6.0], [9.0, 12.0]]),
    "grown in a loop": (_grown, np.arange(50, dtype="float32")),
    "written in a conditional": (
        lambda tf: tf.cond(
            tf.placeholder_with_default(True, []),
            lambda: _array(tf, 2).write(0, 1.0).write(1, 2.0),
            lambda: _array(tf, 2).write(0, 3.0).write(1, 4.0),
        ).stack(),
        [1.0, 2.0],
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_value(tf: Any, run: Any, same: Any, name: str) -> None:
    build, want = VALUES[name]
    same(run(build(tf)), np.array(want, "float32") if isinstance(want, list) else want)


@pytest.mark.needs("strings")
def test_strings_in_a_loop(tf: Any, run: Any) -> None:
    def body(i: Any, array: Any) -> Any:
        return i + 1, array.write(i, "a")

    array = tf.TensorArray("string", 2)
    stacked = tf.while_loop(lambda i, _: i < 2, body, [0, array])[1].stack()
    assert run(stacked).tolist() == [b"a", b"a"]


ERRORS: dict[str, Build] = {
    "read beyond the end": lambda tf: _rows(tf).read(tf.placeholder_with_default(4, [])),
    "read what was never written": lambda tf: _array(tf).read(0),
    "write beyond the end": lambda tf: _array(tf).write(3, 1.0).stack(),
    "unstack more": lambda tf: _array(tf, 1).unstack([1.0, 2.0]).stack(),
    "scatter beyond the end": lambda tf: _array(tf, 1).scatter([1], [2.0]).stack(),
    "split into other lengths": lambda tf: _array(tf, 2).split([[1.0], [2.0]], [2, 1]).read(0),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(tf: Any, run: Any, name: str) -> None:
    fetched = ERRORS[name](tf)
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(fetched)
    assert caught.value.op is not None


REFUSED: dict[str, tuple[Build, type[Exception], str]] = {
    "no size": (lambda tf: tf.TensorArray("float32"), ValueError, "must be provided if handle"),
    "size and handle": (
        lambda tf: _array(tf, 3, handle=_rows(tf).handle, flow=_rows(tf).flow),
        ValueError,
        "Cannot provide both a `handle` and `size`",
    ),
    "a handle without a flow": (
        lambda tf: tf.TensorArray("float32", handle=_rows(tf).handle),
        ValueError,
        "flow must not be None",
    ),
    "no bool": (
        lambda tf: _array(tf, clear_after_read=3),
        TypeError,
        "Expected bool for argument 'clear_after_read'",
    ),
    "another shape": (
        lambda tf: _array(tf, element_shape=[2]).write(0, [1.0]),
        ValueError,
        "Inconsistent shapes: saw (1,) but expected (2,)",
    ),
    "a second shape": (
        lambda tf: _array(tf).write(0, [1.0]).write(1, [1.0, 2.0]),
        ValueError,
        "Inconsistent shapes: saw (2,) but expected (1,)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_when_the_graph_is_built(tf: Any, name: str) -> None:
    build, error, words = REFUSED[name]
    with pytest.raises(error) as caught:
        build(tf)
    assert words in str(caught.value)


def test_static_shapes(tf: Any) -> None:
    assert _rows(tf).stack().shape.as_list() == [3, 2]
    assert _rows(tf).read(0).shape.as_list() == [2]
    assert _array(tf, element_shape=[None, 2]).stack().shape.as_list() == [3, None, 2]
    assert _array(tf).element_shape.ndims is None
    assert _squares(tf).stack().shape.as_list() == [4]
    assert _array(tf).dtype == tf.float32
    assert not _array(tf).dynamic_size


@pytest.mark.parametrize(
    ("function", "want"),
    [
        (lambda a: a.read(1) * a.read(2), [0.0, 36.0, 24.0]),
        (lambda a: a.stack(), [2.0, 4.0, 6.0]),
        (lambda a: a.gather([2, 2]), [0.0, 0.0, 12.0]),
        (lambda a: a.identity().read(0), [2.0, 0.0, 0.0]),
    ],
)
def test_gradient(tf: Any, run: Any, same: Any, function: Any, want: Any) -> None:
    x = tf.placeholder_with_default(np.array([1.0, 2.0, 3.0], "float32"), [3])
    array = _array(tf, clear_after_read=False).unstack(x * x)
    same(run(tf.gradients(function(array), x)[0]), np.array(want, "float32"))
