"""Metrics that count which examples were taken for which of two classes."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.operators import cast, node
from evergraph.v1.flow import identity
from evergraph.v1.metrics.sums import Pair, aligned, collected, metric_variable, ratio, weighted
from evergraph.v1.reductions import reduce_sum
from evergraph.v1.state import assign_add
from evergraph.v1.variable_scopes import variable_scope


def _counted(
    what: str,
    label: bool,
    prediction: bool,
    labels: Any,
    predictions: Any,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Pair:
    """Return how many examples have a label and a prediction, and the update of that."""
    with variable_scope(name, what, (predictions, labels, weights)):
        predictions, labels, weights = aligned(
            cast(predictions, dtypes.bool), cast(labels, dtypes.bool), weights
        )
        found = node(
            "LogicalAnd",
            x=node("Equal", x=labels, y=label),
            y=node("Equal", x=predictions, y=prediction),
        )
        count = metric_variable([], dtypes.float32, "count")
        values = cast(found, dtypes.float32)
        if weights is not None:
            values, _ = weighted(values, weights)
        update = assign_add(count, reduce_sum(values))
        return collected(identity(count), update, metrics_collections, updates_collections)


def true_positives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how many examples are positive and were taken for that, and the update of that.

    Args:
      labels, predictions: tensors of one shape, taken as bools.
      weights, metrics_collections, updates_collections, name: see `tf.metrics.mean`.

    Raises:
      ValueError: the shapes do not fit.
    """
    further = (weights, metrics_collections, updates_collections, name)
    return _counted("true_positives", True, True, labels, predictions, *further)


def true_negatives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how many examples are negative and were taken for that; see `true_positives`."""
    further = (weights, metrics_collections, updates_collections, name)
    return _counted("true_negatives", False, False, labels, predictions, *further)


def false_positives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how many negative examples were taken for positive ones; see `true_positives`."""
    further = (weights, metrics_collections, updates_collections, name)
    return _counted("false_positives", False, True, labels, predictions, *further)


def false_negatives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how many positive examples were taken for negative ones; see `true_positives`."""
    further = (weights, metrics_collections, updates_collections, name)
    return _counted("false_negatives", True, False, labels, predictions, *further)


def precision(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of what was taken for positive is, and its update.

    Args:
      labels, predictions, weights, metrics_collections, updates_collections, name: see
        `true_positives`.
    """
    with variable_scope(name, "precision", (predictions, labels, weights)):
        right, new_right = true_positives(labels, predictions, weights)
        wrong, new_wrong = false_positives(labels, predictions, weights)
        value = ratio(right, right + wrong, "value")
        update = ratio(new_right, new_right + new_wrong, "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def recall(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of what is positive was taken for that, and its update.

    Args:
      labels, predictions, weights, metrics_collections, updates_collections, name: see
        `true_positives`.
    """
    with variable_scope(name, "recall", (predictions, labels, weights)):
        right, new_right = true_positives(labels, predictions, weights)
        missed, new_missed = false_negatives(labels, predictions, weights)
        value = ratio(right, right + missed, "value")
        update = ratio(new_right, new_right + new_missed, "update_op")
        return collected(value, update, metrics_collections, updates_collections)
