"""Metrics of classes: how well each is found, and the mean of that."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import cast, node
from evergraph.v1.arithmetic import div_no_nan
from evergraph.v1.confusion import confusion_matrix
from evergraph.v1.filling import diag_part, ones, ones_like, size
from evergraph.v1.indexing import where
from evergraph.v1.metrics.sums import Pair, aligned, collected, metric_variable, ratio
from evergraph.v1.reductions import reduce_mean, reduce_sum
from evergraph.v1.shaping import reshape
from evergraph.v1.state import assign_add, scatter_add
from evergraph.v1.variable_scopes import variable_scope


def mean_iou(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean over classes of intersection over union.

    Args:
      labels, predictions: tensors of classes, of one shape.
      num_classes: how many classes there are.
      weights: how much each example counts, of the same shape; by default 1.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope.

    Returns:
      The mean; and the confusion matrix after the update.

    Raises:
      ValueError: the shapes do not fit.
    """
    with variable_scope(name, "mean_iou", (predictions, labels, weights)):
        convert_to_tensor(predictions).shape.assert_is_compatible_with(
            convert_to_tensor(labels).shape
        )
        matrix = metric_variable(
            [num_classes, num_classes], dtypes.float64, "total_confusion_matrix"
        )
        flat = [_flat(cast(value, dtypes.int64)) for value in (labels, predictions)]
        factors = None if weights is None else _flat(convert_to_tensor(weights))
        truth, guesses = flat
        current = confusion_matrix(truth, guesses, num_classes, dtypes.float64, weights=factors)
        update = assign_add(matrix, current)
        value = _mean_overlap(matrix)
        return collected(value, update, metrics_collections, updates_collections)


def _flat(value: Any) -> Any:
    return reshape(value, [-1]) if value.shape.rank != 1 else value


def _mean_overlap(matrix: Any) -> Any:
    rows = cast(reduce_sum(matrix, 0), dtypes.float32)
    columns = cast(reduce_sum(matrix, 1), dtypes.float32)
    both = cast(diag_part(matrix), dtypes.float32)
    either = rows + columns - both
    seen = reduce_sum(cast(node("NotEqual", x=either, y=0.0), dtypes.float32))
    either = where(either > 0, either, ones_like(either))
    total = reduce_sum(both / either)
    return where(seen > 0, div_no_nan(total, seen, name="mean_iou"), 0.0)


def mean_per_class_accuracy(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean over classes of how often their examples are found.

    Args:
      labels, predictions, num_classes, weights, metrics_collections, updates_collections, name: see
        `mean_iou`.

    Returns:
      The mean; and the share of each class after the update.

    Raises:
      ValueError: the shapes do not fit.
    """
    with variable_scope(name, "mean_accuracy", (predictions, labels, weights)):
        predictions, labels, weights = aligned(predictions, cast(labels, dtypes.int64), weights)
        total = metric_variable([num_classes], dtypes.float32, "total")
        count = metric_variable([num_classes], dtypes.float32, "count")
        labels, predictions = _flat(labels), _flat(predictions)
        many = ones([size(labels)], dtypes.float32)
        if labels.dtype != predictions.dtype:
            predictions = cast(predictions, labels.dtype)
        right = cast(node("Equal", x=predictions, y=labels), dtypes.float32)
        if weights is not None:
            factors = cast(_flat(weights), dtypes.float32)
            many, right = many * factors, right * factors
        new_total = scatter_add(total, labels, many)
        new_count = scatter_add(count, labels, right)
        value = reduce_mean(ratio(count, total))
        update = ratio(new_count, new_total, "update_mean_accuracy")
        return collected(value, update, metrics_collections, updates_collections)
