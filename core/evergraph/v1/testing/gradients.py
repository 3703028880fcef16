"""Gradients, compared with differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evergraph.gradients import gradients
from evergraph.graph.tensor import Tensor
from evergraph.session.defaults import get_default_session


def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Tensor,
    y_shape: Sequence[int],
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Mapping[Any, Any] | None = None,
) -> Any:
    """Return the Jacobian of `y` with respect to `x`, by gradients and by central differences.

    Args:
      x: a tensor, or a list of them.
      x_shape: its shape, or theirs.
      y: a tensor.
      y_shape: its shape.
      x_init_value: where the derivatives are taken, or a list; random by default.
      delta: how far apart the values are of which differences are taken.
      init_targets: operations that are run first.
      extra_feed_dict: what else is fed.

    Returns:
      Two matrices, with a row for each element of `x` and a column for each of `y`; for a list, a
      list of such pairs.

    Raises:
      ValueError: there is no default session.
    """
    session = get_default_session()
    if session is None:
        raise ValueError("compute_gradient needs a default session: `with sess.as_default():`")
    feeds = dict(extra_feed_dict or {})
    if init_targets is not None:
        session.run(init_targets)
    several = isinstance(x, list)
    xs, shapes = (x, x_shape) if several else ([x], [x_shape])
    starts = x_init_value if several else [x_init_value]
    random = np.random.RandomState(0)
    values = []
    for tensor, shape, start in zip(xs, shapes, starts or [None] * len(xs), strict=True):
        given = random.random_sample(tuple(shape)) if start is None else start
        values.append(np.array(given, tensor.dtype.as_numpy_dtype))
    slopes = gradients(y, xs)
    pairs = []
    for i, (tensor, slope) in enumerate(zip(xs, slopes, strict=True)):
        every = {**feeds, **dict(zip(xs, values, strict=True))}
        pairs.append(
            (
                _by_gradients(session, tensor, y, slope, y_shape, every, values[i]),
                _by_differences(session, tensor, y, every, values[i], delta),
            )
        )
    return pairs if several else pairs[0]


def _by_gradients(
    session: Any, x: Any, y: Tensor, slope: Any, shape: Any, feeds: Any, value: Any
) -> Any:
    size = int(np.prod(tuple(shape)))
    result = np.zeros((value.size, size), value.dtype)
    if slope is None:
        return result
    for column in range(size):
        seed = np.zeros(size, y.dtype.as_numpy_dtype)
        seed[column] = 1
        weighted = gradients(y, x, seed.reshape(tuple(shape)))[0]
        found = session.run(weighted, feeds)
        if hasattr(found, "indices"):
            dense = np.zeros_like(value)
            np.add.at(dense, found.indices, found.values)
            found = dense
        result[:, column] = np.reshape(found, -1)
    return result


def _by_differences(session: Any, x: Any, y: Tensor, feeds: Any, value: Any, delta: float) -> Any:
    rows = []
    for place in range(value.size):
        ends = []
        for sign in (1, -1):
            moved = value.copy()
            moved.reshape(-1)[place] += sign * delta
            ends.append(np.reshape(session.run(y, {**feeds, x: moved}), -1))
        rows.append((ends[0] - ends[1]) / (2 * delta))
    return np.array(rows, value.dtype)


def compute_gradient_error(
    x: Any,
    x_shape: Any,
    y: Tensor,
    y_shape: Sequence[int],
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Mapping[Any, Any] | None = None,
) -> float:
    """Return the greatest difference between the two Jacobians of `compute_gradient`."""
    found = compute_gradient(
        x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict
    )
    pairs = found if isinstance(found, list) else [found]
    return float(max((np.abs(a - b).max(initial=0) for a, b in pairs), default=0))
