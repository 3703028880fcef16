"""Clipping, and the norms that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import cast, node, scope
from evergraph.graph.slicing import stack
from evergraph.graph.stacks import get_default_graph
from evergraph.graph.tensor import Tensor
from evergraph.slices import IndexedSlices
from evergraph.v1.filling import ones_like, rank, size
from evergraph.v1.reductions import reduce_sum
from evergraph.v1.sequences import range


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Return the elements, none below the minimum or above the maximum.

    Of an `IndexedSlices` the rows are clipped as they are; so they are in the other functions here.

    Raises:
      ValueError: the bounds do not broadcast to the shape of `t`.
    """
    with scope(name, "clip_by_value", (t, clip_value_min, clip_value_max)) as name:
        values = _values(t, "t")
        below = node("Minimum", x=values, y=clip_value_max)
        values.shape.assert_is_compatible_with(below.shape)
        result = node("Maximum", name, x=below, y=clip_value_min)
        values.shape.assert_is_compatible_with(result.shape)
        return _like(t, result)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """Scale a tensor so that its L2 norm is not above a limit.

    Args:
      t: the tensor.
      clip_norm: the limit; a scalar.
      axes: over which the norm is taken; all by default.
      name: the name of the node.
    """
    with scope(name, "clip_by_norm", (t, clip_norm)) as name:
        values = _values(t, "t")
        if np.isscalar(clip_norm):
            clip_norm = 0 if clip_norm < 0 else clip_norm  # type: ignore[operator]  # not a text
        else:
            clip_norm = cast(node("Maximum", x=clip_norm, y=0), values.dtype)
        squares = reduce_sum(values * values, axes, keepdims=True)
        # The root has no gradient at zero, so it is kept away from there.
        positive = squares > 0
        safe = node("Select", condition=positive, t=squares, e=ones_like(squares))
        norm = node("Select", condition=positive, t=node("Sqrt", x=safe), e=squares)
        scaled = values * clip_norm
        values.shape.assert_is_compatible_with(scaled.shape)
        limited = scaled / node("Maximum", x=norm, y=clip_norm)
        return _like(t, node("Identity", name, input=limited))


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """Scale a tensor so that its L2 norm per element is not above a limit."""
    with scope(name, "clip_by_average_norm", (t, clip_norm)) as name:
        t = convert_to_tensor(t, name="t")
        count = cast(size(t), dtypes.float32)
        inverse = node("Rsqrt", x=reduce_sum(t * t, range(rank(t))))
        # TF: evaluated in this order, with these constants.
        scaled = t * clip_norm
        ratio = node("Minimum", x=inverse * count, y=constant(1.0) / clip_norm)
        return node("Identity", name, input=scaled * ratio)


def global_norm(t_list: Any, name: str | None = None) -> Any:
    """Return the L2 norm of several tensors together; those that are None are left out.

    Raises:
      TypeError: `t_list` is not a sequence.
    """
    tensors = _as_list(t_list)
    with scope(name, "global_norm", tensors) as name:
        halves = []
        for value in _converted(tensors):
            if value is not None:
                with get_default_graph().colocate_with(value):
                    halves.append(node("L2Loss", t=value))
        half = reduce_sum(stack(halves))
        return node("Sqrt", "global_norm", x=half * constant(2.0, half.dtype))


def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> Any:
    """Scale several tensors so that their L2 norm together is not above a limit.

    Args:
      t_list: the tensors; None is kept.
      clip_norm: the limit.
      use_norm: the norm, if it is known already.
      name: a name scope.

    Returns:
      The list of scaled tensors, and the norm.

    Raises:
      TypeError: `t_list` is not a sequence.
    """
    tensors = _as_list(t_list)
    norm = global_norm(tensors, name) if use_norm is None else use_norm
    with scope(name, "clip_by_global_norm", [*tensors, clip_norm]) as name:
        inverse = 1.0 / norm
        ratio = constant(1.0, norm.dtype) / clip_norm
        scale = clip_norm * node("Minimum", x=inverse, y=ratio)
        # An infinite norm makes everything NaN rather than zero.
        scale = scale + (norm - norm)
        clipped: list[Any] = []
        for i, value in enumerate(_converted(tensors)):
            if value is None:
                clipped.append(None)
                continue
            with get_default_graph().colocate_with(value):
                scaled = node("Identity", f"{name}_{i}", input=value * cast(scale, value.dtype))
            clipped.append(_like(tensors[i], scaled))
        return clipped, norm


def _as_list(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    return list(t_list)


def _converted(tensors: list[Any]) -> list[Tensor | None]:
    return [None if t is None else _values(t, f"t_{i}") for i, t in enumerate(tensors)]


def _values(t: Any, name: str) -> Tensor:
    """Return the rows of an `IndexedSlices`, anything else as a tensor."""
    return convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=name)


def _like(t: Any, values: Any) -> Any:
    """Return values as what they were taken of."""
    return (
        IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values
    )
