"""tf.contrib.metrics: metrics of `tf.metrics` under their old names, and a few more."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from evergraph import v1 as tf
from evergraph.v1.metrics.sums import Pair, collected, metric_variable

__all__ = [
    "accuracy",
    "aggregate_metric_map",
    "aggregate_metrics",
    "confusion_matrix",
    "count",
    "f1_score",
    "streaming_accuracy",
    "streaming_auc",
    "streaming_concat",
    "streaming_covariance",
    "streaming_false_negatives",
    "streaming_false_positives",
    "streaming_mean",
    "streaming_mean_absolute_error",
    "streaming_mean_cosine_distance",
    "streaming_mean_iou",
    "streaming_mean_relative_error",
    "streaming_mean_squared_error",
    "streaming_mean_tensor",
    "streaming_pearson_correlation",
    "streaming_percentage_less",
    "streaming_precision",
    "streaming_precision_at_thresholds",
    "streaming_recall",
    "streaming_recall_at_thresholds",
    "streaming_root_mean_squared_error",
    "streaming_sensitivity_at_specificity",
    "streaming_sparse_average_precision_at_k",
    "streaming_sparse_precision_at_k",
    "streaming_sparse_recall_at_k",
    "streaming_specificity_at_sensitivity",
    "streaming_true_negatives",
    "streaming_true_positives",
]

confusion_matrix = tf.confusion_matrix
streaming_mean = tf.metrics.mean
streaming_mean_tensor = tf.metrics.mean_tensor
streaming_percentage_less = tf.metrics.percentage_below


def _predictions_first(metric: Callable[..., Any], kind: str = "") -> Callable[..., Any]:
    """Return a metric that takes predictions before labels, as contrib's did."""

    def function(predictions: Any, labels: Any, *args: Any, **kwargs: Any) -> Any:
        return metric(labels, predictions, *args, **kwargs)

    name = f"streaming_{kind}{metric.__name__}"
    parameters = list(inspect.signature(metric).parameters.values())
    parameters[:2] = reversed(parameters[:2])
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Do what `tf.metrics.{metric.__name__}` does, with predictions first."
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


streaming_accuracy = _predictions_first(tf.metrics.accuracy)
streaming_auc = _predictions_first(tf.metrics.auc)
streaming_false_negatives = _predictions_first(tf.metrics.false_negatives)
streaming_false_positives = _predictions_first(tf.metrics.false_positives)
streaming_mean_absolute_error = _predictions_first(tf.metrics.mean_absolute_error)
streaming_mean_cosine_distance = _predictions_first(tf.metrics.mean_cosine_distance)
streaming_mean_iou = _predictions_first(tf.metrics.mean_iou)
streaming_mean_relative_error = _predictions_first(tf.metrics.mean_relative_error)
streaming_mean_squared_error = _predictions_first(tf.metrics.mean_squared_error)
streaming_precision = _predictions_first(tf.metrics.precision)
streaming_precision_at_thresholds = _predictions_first(tf.metrics.precision_at_thresholds)
streaming_recall = _predictions_first(tf.metrics.recall)
streaming_recall_at_thresholds = _predictions_first(tf.metrics.recall_at_thresholds)
streaming_sensitivity_at_specificity = _predictions_first(tf.metrics.sensitivity_at_specificity)
streaming_sparse_average_precision_at_k = _predictions_first(
    tf.metrics.average_precision_at_k, "sparse_"
)
streaming_sparse_precision_at_k = _predictions_first(tf.metrics.precision_at_k, "sparse_")
streaming_sparse_recall_at_k = _predictions_first(tf.metrics.recall_at_k, "sparse_")
streaming_specificity_at_sensitivity = _predictions_first(tf.metrics.specificity_at_sensitivity)
streaming_root_mean_squared_error = _predictions_first(tf.metrics.root_mean_squared_error)
streaming_true_negatives = _predictions_first(tf.metrics.true_negatives)
streaming_true_positives = _predictions_first(tf.metrics.true_positives)


def accuracy(predictions: Any, labels: Any, weights: Any = None, name: str | None = None) -> Any:
    """Return the share of right predictions in a batch; nothing is kept.

    Args:
      predictions, labels: tensors of one shape: integers, bools or strings.
      weights: how much each counts, or None.
      name: a name scope.

    Raises:
      ValueError: they are of another type, or of two.
    """
    predictions, labels = tf.convert_to_tensor(predictions), tf.convert_to_tensor(labels)
    dtype = predictions.dtype.base_dtype
    if not (dtype.is_integer or dtype in (tf.bool, tf.string)):
        raise ValueError(f"Labels should have bool, string or integer dtype, not {dtype.name}")
    if labels.dtype.base_dtype != dtype:
        raise ValueError(
            f"Dtypes of predictions and labels should match: {dtype.name} and {labels.dtype.name}"
        )
    labels.shape.assert_is_compatible_with(predictions.shape)
    with tf.name_scope(name, "accuracy", [predictions, labels]):
        right = tf.cast(tf.equal(predictions, labels), tf.float32)
        if weights is None:
            return tf.reduce_mean(right)
        weights = tf.cast(weights, tf.float32)
        total = tf.reduce_sum(weights * tf.ones_like(right))
        return tf.reduce_sum(right * weights) / total


def count(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return how many values there were, weighted, and the update of that.

    Args:
      values: a tensor.
      weights: how much each counts, or None.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope, "count" by default.
    """
    with tf.variable_scope(name, "count", [values, weights]):
        total = metric_variable([], tf.float32, "count")
        ones = tf.ones_like(values, dtype=tf.float32)
        if weights is not None:
            ones *= tf.cast(weights, tf.float32)
        update = tf.assign_add(total, tf.reduce_sum(ones))
        return collected(tf.identity(total), update, metrics_collections, updates_collections)


def f1_score(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the greatest F1 score of several thresholds, and the update of that.

    Args:
      labels: bools.
      predictions: floats in [0, 1], of the same shape.
      weights: how much each example counts, or None.
      num_thresholds: how many thresholds there are.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope, "f1" by default.
    """
    tiny = 1e-7
    inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
    thresholds = [-tiny, *inner, 1.0 + tiny]
    with tf.variable_scope(name, "f1", [labels, predictions, weights]):
        measures = (
            tf.metrics.true_positives_at_thresholds,
            tf.metrics.false_positives_at_thresholds,
            tf.metrics.false_negatives_at_thresholds,
        )
        pairs = [measure(labels, predictions, thresholds, weights) for measure in measures]

        def best(counts: list[Any], label: str) -> Any:
            right, wrong, missed = counts
            precision = right / (tiny + right + wrong)
            recall = right / (tiny + right + missed)
            score = 2.0 * precision * recall / (precision + recall + tiny)
            return tf.reduce_max(score, name=label)

        value = best([pair[0] for pair in pairs], "value")
        update = best([pair[1] for pair in pairs], "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def streaming_covariance(
    predictions: Any,
    labels: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the covariance of predictions and labels without bias, and the update of that.

    Args:
      predictions, labels: tensors of floats, of one shape.
      weights: how much each example counts, or None.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope, "covariance" by default.

    Raises:
      ValueError: the shapes do not fit.
    """
    with tf.variable_scope(name, "covariance", [predictions, labels, weights]):
        (x, y), weight = _weighted_floats((predictions, labels), weights)
        names = ("count", "mean_prediction", "mean_label", "comoment")
        kept = [metric_variable([], tf.float32, label) for label in names]
        # Two sets of numbers joined, of each of which count, means and comoment are known.
        old = [tf.identity(variable) for variable in kept]
        size = tf.reduce_sum(weight)
        mean_x, mean_y = (tf.div_no_nan(tf.reduce_sum(v * weight), size) for v in (x, y))
        inner = tf.reduce_sum((x - mean_x) * (y - mean_y) * weight)
        total = old[0] + size
        share = tf.div_no_nan(size, total)
        new = [
            total,
            old[1] + (mean_x - old[1]) * share,
            old[2] + (mean_y - old[2]) * share,
            old[3] + inner + (mean_x - old[1]) * (mean_y - old[2]) * old[0] * share,
        ]
        with tf.control_dependencies(new):
            stored = [tf.assign(v, value) for v, value in zip(kept, new, strict=True)]
        value = _unbiased(kept[3], kept[0], "covariance")
        with tf.control_dependencies(stored):
            update = _unbiased(new[3], new[0], "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def _weighted_floats(values: Any, weights: Any) -> tuple[list[Any], Any]:
    tensors = [tf.cast(value, tf.float32) for value in values]
    tensors[0].shape.assert_is_compatible_with(tensors[1].shape)
    ones = tf.ones_like(tensors[0])
    return tensors, ones if weights is None else ones * tf.cast(weights, tf.float32)


def _unbiased(comoment: Any, count: Any, name: str) -> Any:
    few = tf.fill(tf.shape(comoment), np.float32("nan"))
    return tf.where(tf.less_equal(count, 1.0), few, comoment / (count - 1.0), name=name)


def streaming_pearson_correlation(
    predictions: Any,
    labels: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return Pearson's correlation of predictions and labels, and the update of that.

    Args:
      predictions, labels, weights, metrics_collections, updates_collections: see
        `streaming_covariance`.
      name: the variable scope, "pearson_r" by default.

    Raises:
      ValueError: the shapes do not fit.
    """
    with tf.variable_scope(name, "pearson_r", [predictions, labels, weights]):
        pairs = [
            streaming_covariance(a, b, weights, name=label)
            for a, b, label in (
                (predictions, labels, "covariance"),
                (predictions, predictions, "variance_predictions"),
                (labels, labels, "variance_labels"),
            )
        ]

        def correlation(parts: list[Any], label: str) -> Any:
            return tf.truediv(parts[0], tf.sqrt(parts[1]) * tf.sqrt(parts[2]), name=label)

        value = correlation([pair[0] for pair in pairs], "pearson_r")
        update = correlation([pair[1] for pair in pairs], "update_op")
        return collected(value, update, metrics_collections, updates_collections)


def streaming_concat(
    values: Any,
    axis: int = 0,
    max_size: int | None = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return all values so far, joined along an axis, and the update of that.

    Args:
      values: a tensor whose other sizes are known.
      axis: the axis.
      max_size: how long the result becomes at most, or None.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope, "streaming_concat" by default.

    Raises:
      ValueError: there is no such axis, or a size is not known.
    """
    with tf.variable_scope(name, "streaming_concat", [values]):
        values = tf.convert_to_tensor(values)
        rank = values.shape.rank
        if rank is None or not -rank <= axis < rank:
            raise ValueError(f"axis = {axis} is not in [{-(rank or 0)}, {rank})")
        axis %= rank
        sizes = values.shape.as_list()
        if None in sizes[:axis] + sizes[axis + 1 :]:
            raise ValueError(f"all dimensions of values but axis {axis} must be known: {values}")
        sizes[axis] = 0
        kept = tf.Variable(
            tf.zeros(sizes, values.dtype),
            trainable=False,
            validate_shape=False,
            collections=[tf.GraphKeys.LOCAL_VARIABLES, tf.GraphKeys.METRIC_VARIABLES],
            name="array",
        )
        joined = tf.concat([kept.value(), values], axis)
        if max_size is not None:
            end = [-1] * rank
            end[axis] = tf.minimum(tf.shape(joined)[axis], max_size)
            joined = tf.slice(joined, [0] * rank, tf.stack(end))
        update = tf.assign(kept, joined, validate_shape=False)
        sizes[axis] = None
        value = tf.identity(kept)
        value.set_shape(sizes)
        return collected(value, update, metrics_collections, updates_collections)


def aggregate_metrics(*value_update_tuples: Any) -> tuple[list[Any], list[Any]]:
    """Return the values of metrics, and their updates, from pairs of both.

    Raises:
      ValueError: there are none.
    """
    if not value_update_tuples:
        raise ValueError("Expected at least one value_tensor/update_op pair")
    values, updates = zip(*value_update_tuples, strict=True)
    return list(values), list(updates)


def aggregate_metric_map(names_to_tuples: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of metrics by name, and their updates, from pairs of both by name."""
    values = {name: pair[0] for name, pair in names_to_tuples.items()}
    return values, {name: pair[1] for name, pair in names_to_tuples.items()}
