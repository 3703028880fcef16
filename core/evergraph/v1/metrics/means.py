"""Metrics that are means over all examples so far."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.graph.stacks import get_default_graph
from evergraph.v1.filling import ones_like, size, zeros_like
from evergraph.v1.indexing import where
from evergraph.v1.metrics.sums import Pair, aligned, collected, metric_variable, ratio, weighted
from evergraph.v1.reductions import reduce_sum
from evergraph.v1.state import assign_add
from evergraph.v1.variable_scopes import variable_scope


def mean(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the weighted mean of all values so far, and the operation that takes in a batch.

    Args:
      values: a tensor.
      weights: how much each value counts: a tensor that can be broadcast to the values; by
        default 1.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope.

    Returns:
      The mean, a float32 scalar; and the mean after the update.

    Raises:
      ValueError: the shapes do not fit.
    """
    with variable_scope(name, "mean", (values, weights)):
        values = cast(values, dtypes.float32)
        total = metric_variable([], dtypes.float32, "total")
        count = metric_variable([], dtypes.float32, "count")
        if weights is None:
            many = cast(size(values), dtypes.float32)
        else:
            values, _, weights = aligned(values, None, weights)
            values, weights = weighted(values, weights)
            many = reduce_sum(weights)
        new_total = assign_add(total, reduce_sum(values))
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, many)
        value = ratio(total, count, "value")
        update = ratio(new_total, new_count, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def mean_tensor(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean of each element over all batches so far, and its update; see `mean`."""
    with variable_scope(name, "mean", (values, weights)):
        values = cast(values, dtypes.float32)
        total = metric_variable(values.shape, dtypes.float32, "total_tensor")
        count = metric_variable(values.shape, dtypes.float32, "count_tensor")
        many = ones_like(values)
        if weights is not None:
            values, _, weights = aligned(values, None, weights)
            values, many = weighted(values, weights)
        new_total = assign_add(total, values)
        with get_default_graph().control_dependencies([values]):
            new_count = assign_add(count, many)
        value = ratio(total, count, "value")
        update = ratio(new_total, new_count, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def accuracy(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how often predictions are the labels, and its update.

    Args:
      labels, predictions: tensors of one shape.
      weights, metrics_collections, updates_collections, name: see `mean`.

    Raises:
      ValueError: the shapes do not fit.
    """
    predictions, labels, weights = aligned(predictions, labels, weights)
    if labels.dtype != predictions.dtype:
        predictions = cast(predictions, labels.dtype)
    right = cast(node("Equal", x=predictions, y=labels), dtypes.float32)
    return mean(right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_absolute_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean absolute difference, and its update; see `accuracy`."""
    predictions, labels, weights = _floats(predictions, labels, weights)
    error = node("Abs", x=predictions - labels)
    name = name or "mean_absolute_error"
    return mean(error, weights, metrics_collections, updates_collections, name)


def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean squared difference, and its update; see `accuracy`."""
    predictions, labels, weights = _floats(predictions, labels, weights)
    error = node("SquaredDifference", x=labels, y=predictions)
    name = name or "mean_squared_error"
    return mean(error, weights, metrics_collections, updates_collections, name)


def root_mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the root of the mean squared difference, and its update; see `accuracy`."""
    pair = mean_squared_error(labels, predictions, weights, name=name or "root_mean_squared_error")
    value, update = (node("Sqrt", x=part) for part in pair)
    return collected(value, update, metrics_collections, updates_collections)


def mean_relative_error(
    labels: Any,
    predictions: Any,
    normalizer: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean of absolute differences by a normalizer, and its update; see `accuracy`."""
    predictions, labels, weights = _floats(predictions, labels, weights)
    predictions, normalizer = _same_shape(predictions, normalizer)
    error = where(
        node("Equal", x=normalizer, y=0.0),
        zeros_like(labels),
        node("RealDiv", x=node("Abs", x=labels - predictions), y=normalizer),
    )
    name = name or "mean_relative_error"
    return mean(error, weights, metrics_collections, updates_collections, name)


def mean_cosine_distance(
    labels: Any,
    predictions: Any,
    dim: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean of 1 minus the products of unit vectors along a dimension, and its update."""
    predictions, labels, weights = _floats(predictions, labels, weights)
    products = reduce_sum(node("Mul", x=predictions, y=labels), [dim], keepdims=True)
    value, update = mean(products, weights, name=name or "mean_cosine_distance")
    return collected(1.0 - value, 1.0 - update, metrics_collections, updates_collections)


def percentage_below(
    values: Any,
    threshold: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the share of values below a threshold, and its update; see `mean`."""
    values = convert_to_tensor(values)
    below = cast(node("Less", x=values, y=threshold), dtypes.float32)
    name = name or "percentage_below_threshold"
    return mean(below, weights, metrics_collections, updates_collections, name)


def _floats(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    predictions, labels, weights = aligned(predictions, labels, weights)
    return cast(predictions, dtypes.float32), cast(labels, dtypes.float32), weights


def _same_shape(predictions: Any, normalizer: Any) -> Pair:
    normalizer = cast(normalizer, dtypes.float32)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    return predictions, normalizer
