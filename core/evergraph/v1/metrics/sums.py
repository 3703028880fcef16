"""What metrics share: local variables, weights, and pairs of a value and its update."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.collections import GraphKeys
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.v1.arithmetic import div_no_nan
from evergraph.v1.broadcast_checks import broadcast_weights
from evergraph.v1.confusion import remove_squeezable_dimensions
from evergraph.v1.filling import zeros
from evergraph.v1.framework import add_to_collections
from evergraph.v1.shaping import expand_dims, squeeze
from evergraph.v1.variables import Variable

Pair = tuple[Any, Any]


def metric_variable(shape: Any, dtype: Any, name: str) -> Any:
    """Return a local variable of zeros, in the collection METRIC_VARIABLES as well."""
    return Variable(
        lambda: zeros(shape, dtype),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
        name=name,
    )


def aligned(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Return predictions, labels and weights, with a last dimension of 1 where that fits.

    Args:
      predictions: a tensor.
      labels: a tensor of the same shape, or None.
      weights: a tensor, or None.

    Raises:
      ValueError: predictions and labels have other shapes.
    """
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is None:
        return predictions, labels, None
    weights = convert_to_tensor(weights)
    if weights.shape.rank and predictions.shape.rank is not None:
        surplus = weights.shape.rank - predictions.shape.rank
        if surplus == 1 and weights.shape[-1].is_compatible_with(1):
            weights = squeeze(weights, [-1])
        elif surplus == -1:
            weights = expand_dims(weights, [-1])
    return predictions, labels, weights


def weighted(values: Any, weights: Any, dtype: Any = dtypes.float32) -> tuple[Any, Any]:
    """Return values times weights, and the weights as a tensor of the same shape."""
    weights = broadcast_weights(cast(weights, dtype), values)
    return node("Mul", x=values, y=weights), weights


def ratio(numerator: Any, denominator: Any, name: str | None = None) -> Any:
    """Return a quotient, 0 where the denominator is not above 0."""
    positive = node("Maximum", x=denominator, y=zeros([], denominator.dtype.base_dtype))
    return div_no_nan(numerator, positive, name=name)


def collected(value: Any, update: Any, metrics: Any, updates: Any) -> Pair:
    """Add a value and its update to collections, where there are any, and return both."""
    if metrics:
        add_to_collections(metrics, value)
    if updates:
        add_to_collections(updates, update)
    return value, update
