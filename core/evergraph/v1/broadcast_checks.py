"""Whether weights can be broadcast to values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.filling import ones_like, rank
from evergraph.v1.flow import Assert
from evergraph.v1.reductions import reduce_all

_PREFIX: Final = "weights can not be broadcast to values."


def assert_broadcastable(weights: Any, values: Any) -> Any:
    """Return an operation that fails unless weights are a scalar, or fit values axis by axis.

    Raises:
      ValueError: the static shapes do not fit.
    """
    with scope(None, "assert_broadcastable", (weights, values)) as name:
        weights, weights_shape, weights_rank = _measured("weights", weights)
        values, values_shape, values_rank = _measured("values", values)
        if weights.ndim == 0 and values.ndim is not None:
            return node("NoOp", "static_scalar_check_success")
        if weights.ndim is not None and values.ndim is not None:
            _check_dims(weights, values)
            if weights.shape.is_fully_defined() and values.shape.is_fully_defined():
                return node("NoOp", "static_dims_check_success")
        is_scalar = node("Equal", "is_scalar", x=0, y=weights_rank)
        # TF: compares the sets of sizes, in branches that depend on the ranks.
        joined = node("BroadcastArgs", s0=weights_shape, s1=values_shape)
        fits = reduce_all(node("Equal", x=joined, y=values_shape))
        same_rank = node("Equal", "is_same_rank", x=values_rank, y=weights_rank)
        ranks_fit = node("LogicalOr", x=is_scalar, y=same_rank)
        data = [
            _PREFIX,
            "weights.shape=",
            weights.name,
            weights_shape,
            "values.shape=",
            values.name,
            values_shape,
            "is_scalar=",
            is_scalar,
        ]
        return Assert(node("LogicalAnd", "is_valid_shape", x=fits, y=ranks_fit), data, name=name)


def _measured(name: str, value: Any) -> tuple[Any, Any, Any]:
    """Return a tensor, its shape and its rank."""
    with scope(None, name, (value,)) as name:
        value = convert_to_tensor(value, name=name)
        return value, shape_of(value, name="shape"), rank(value, name="rank")


def _check_dims(weights: Any, values: Any) -> None:
    if weights.ndim != values.ndim:
        raise ValueError(
            f"{_PREFIX} values.rank={values.ndim}. weights.rank={weights.ndim}. "
            f"values.shape={values.shape}. weights.shape={weights.shape}. "
            f"Received weights={weights}, values={values}"
        )
    if not (weights.shape.is_fully_defined() and values.shape.is_fully_defined()):
        return
    sizes, others = (np.array(t.shape.as_list(), np.int32) for t in (weights, values))
    for i, (own, other) in enumerate(zip(sizes, others, strict=True)):
        if own not in (1, other):
            raise ValueError(
                f"{_PREFIX} Mismatch at dim {i}. values.shape={others}, weights.shape={sizes}. "
                f"Received weights={weights}, values={values}"
            )


def broadcast_weights(weights: Any, values: Any) -> Any:
    """Return weights with the shape of values.

    Raises:
      ValueError: the static shapes do not fit.
    """
    with scope(None, "broadcast_weights", (weights, values)) as name:
        values = convert_to_tensor(values, name="values")
        weights = convert_to_tensor(weights, values.dtype.base_dtype, "weights")
        known = weights.shape.is_fully_defined() and values.shape.is_fully_defined()
        if known and weights.shape.is_compatible_with(values.shape):
            return weights
        with get_default_graph().control_dependencies([assert_broadcastable(weights, values)]):
            return node("Mul", name, x=weights, y=ones_like(values))
