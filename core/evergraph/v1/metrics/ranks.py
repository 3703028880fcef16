"""Metrics of the k most probable classes: recall, precision and average precision."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.metrics.sums import Pair, collected, metric_variable, weighted


class _Hits:
    """Labels and the best classes of each example, as sets.

    Args:
      labels: the true classes, int64: a tensor or a `SparseTensor` [..., count], or a tensor [...]
        of one class each.
      classes: the best classes, int64 [..., k].
      class_id: the class that counts, or None for all.

    Raises:
      TypeError: the labels are of another type.
    """

    def __init__(self, labels: Any, classes: Any, class_id: int | None = None) -> None:
        given = labels if isinstance(labels, tf.SparseTensor) else tf.convert_to_tensor(labels)
        if given.dtype != tf.int64:
            raise TypeError(f"Types don't match, {tf.int64} vs {given.dtype}.")
        if isinstance(given, tf.SparseTensor):
            ones = tf.SparseTensor(given.indices, tf.ones_like(given.values), given.dense_shape)
            self.labels = tf.sparse_tensor_to_dense(given)
            self.given = tf.cast(tf.sparse_tensor_to_dense(ones), tf.bool)
        else:
            if given.shape.rank is not None and given.shape.rank == classes.shape.rank - 1:
                given = tf.expand_dims(given, -1)
            self.labels = given
            self.given = tf.ones_like(given, tf.bool)
        self.classes = classes
        same = tf.equal(tf.expand_dims(classes, -1), tf.expand_dims(self.labels, -2))
        is_true = tf.reduce_any(tf.logical_and(same, tf.expand_dims(self.given, -2)), -1)
        unique_classes = _first_ones(classes, tf.ones_like(classes, tf.bool))
        unique_labels = _first_ones(self.labels, self.given)
        if class_id is not None:
            unique_classes = tf.logical_and(unique_classes, tf.equal(classes, class_id))
            unique_labels = tf.logical_and(unique_labels, tf.equal(self.labels, class_id))
        #: Which of the classes are true ones.
        self.right = tf.logical_and(unique_classes, is_true)
        #: How many of the classes are; how many there are, and how many true ones.
        self.found = _count(self.right)
        self.of_classes = _count(unique_classes)
        self.of_labels = _count(unique_labels)


def _first_ones(values: Any, given: Any) -> Any:
    """Return which of the values are given and no repetition of one before."""
    same = tf.equal(tf.expand_dims(values, -1), tf.expand_dims(values, -2))
    size = tf.shape(values)[-1]
    places = tf.range(size)
    before = tf.greater(tf.expand_dims(places, 1), tf.expand_dims(places, 0))
    repeated = tf.logical_and(tf.logical_and(same, before), tf.expand_dims(given, -2))
    return tf.logical_and(given, tf.logical_not(tf.reduce_any(repeated, -1)))


def _count(where: Any) -> Any:
    return tf.reduce_sum(tf.cast(where, tf.float64), -1)


def _name(what: str, k: int | None, class_id: int | None = None) -> str:
    name = f"{what}_at_k" if k is None else f"{what}_at_{k}"
    return name if class_id is None else f"{name}_class{class_id}"


def _best(predictions: Any, k: int) -> Any:
    """Return the k most probable classes, int64."""
    return tf.cast(tf.nn.top_k(predictions, k)[1], tf.int64)


def _summed(counts: Any, weights: Any, name: str) -> tuple[Any, Any]:
    """Return a local variable of a sum over examples, and its update."""
    variable = metric_variable([], tf.float64, name)
    if weights is not None:
        counts = weighted(counts, weights, tf.float64)[0]
    return variable, tf.assign_add(variable, tf.reduce_sum(counts))


def _share(
    what: str,
    other: str,
    labels: Any,
    classes: Any,
    k: int | None,
    class_id: int | None,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    scope: str,
) -> Pair:
    """Return which share of one kind of classes is of both, and the update of that."""
    hits = _Hits(labels, classes, class_id)
    whole = hits.of_labels if what == "recall" else hits.of_classes
    right, new_right = _summed(hits.found, weights, _name("true_positive", k, class_id))
    wrong, new_wrong = _summed(whole - hits.found, weights, _name(other, k, class_id))
    value = tf.div(right, right + wrong, name=scope)
    update = tf.div(new_right, new_right + new_wrong, name="update")
    return collected(value, update, metrics_collections, updates_collections)


def recall_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of the true classes is among the k most probable, and its update.

    Args:
      labels: the true classes, int64: a tensor or a `SparseTensor` [..., count], or a tensor [...]
        of one class each.
      predictions: a number for each class, [..., classes].
      k: how many classes are taken.
      class_id: the class that counts, or None for all.
      weights: how much each example counts, [...], or None.
      metrics_collections, updates_collections: names of collections for the two, or None.
      name: the variable scope, by default named after k and the class.

    Returns:
      The share, float64, and the share after the update; no number while there are no labels.

    Raises:
      TypeError: the labels are no int64.
      ValueError: there are fewer classes than k, or the shapes do not fit.
    """
    default = _name("recall", k, class_id)
    with tf.variable_scope(name, default, (predictions, labels, weights)) as found:
        best = _best(predictions, k)
        return recall_at_top_k(
            labels,
            best,
            k,
            class_id,
            weights,
            metrics_collections,
            updates_collections,
            found.original_name_scope,
        )


def recall_at_top_k(
    labels: Any,
    predictions_idx: Any,
    k: int | None = None,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of the true classes is among given ones; see `recall_at_k`.

    Args:
      predictions_idx: the classes that are taken, integers [..., k].
      k: their number, for names.
      labels, class_id, weights, metrics_collections, updates_collections, name: see `recall_at_k`.
    """
    default = _name("recall", k, class_id)
    with tf.name_scope(name, default, (predictions_idx, labels, weights)) as scope:
        return _share(
            "recall",
            "false_negative",
            labels,
            tf.cast(predictions_idx, tf.int64),
            k,
            class_id,
            weights,
            metrics_collections,
            updates_collections,
            scope,
        )


def precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of the k most probable classes is true, and its update.

    The arguments and errors are those of `recall_at_k`.
    """
    default = _name("precision", k, class_id)
    with tf.variable_scope(name, default, (predictions, labels, weights)) as found:
        best = _best(predictions, k)
        return precision_at_top_k(
            labels,
            best,
            k,
            class_id,
            weights,
            metrics_collections,
            updates_collections,
            found.original_name_scope,
        )


def precision_at_top_k(
    labels: Any,
    predictions_idx: Any,
    k: int | None = None,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of given classes is true; see `recall_at_top_k`."""
    default = _name("precision", k, class_id)
    with tf.name_scope(name, default, (predictions_idx, labels, weights)) as scope:
        return _share(
            "precision",
            "false_positive",
            labels,
            tf.cast(predictions_idx, tf.int64),
            k,
            class_id,
            weights,
            metrics_collections,
            updates_collections,
            scope,
        )


def average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return the mean of precisions at the places of true classes, and its update.

    Args:
      labels, predictions, k, weights, metrics_collections, updates_collections, name: see
        `recall_at_k`.

    Raises:
      TypeError: the labels are no int64.
      ValueError: k is below 1, there are fewer classes, or the shapes do not fit.
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}. `k` should be >= 1.")
    default = _name("average_precision", k)
    with tf.variable_scope(name, default, (predictions, labels, weights)) as found:
        hits = _Hits(labels, _best(predictions, k))
        right = tf.cast(hits.right, tf.float64)
        places = tf.cast(tf.range(1, k + 1), tf.float64)
        precisions = tf.reduce_sum(tf.cumsum(right, -1) / places * right, -1)
        relevant = tf.minimum(_count(hits.given), tf.cast(k, tf.float64))
        averages = precisions / relevant
        if weights is None:
            most = tf.cast(tf.size(averages), tf.float64)
        else:
            averages, factors = weighted(averages, weights, tf.float64)
            most = tf.reduce_sum(factors)
        limit = metric_variable([], tf.float64, "max_1")
        total = metric_variable([], tf.float64, "total")
        new_limit = tf.assign_add(limit, most)
        new_total = tf.assign_add(total, tf.reduce_sum(averages))
        value = tf.div_no_nan(total, limit, name="mean")
        update = tf.div_no_nan(new_total, new_limit, name=found.original_name_scope)
        return collected(value, update, metrics_collections, updates_collections)


def sparse_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: int | None = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Do what `precision_at_k` does, under its old name."""
    further = (class_id, weights, metrics_collections, updates_collections, name)
    return precision_at_k(labels, predictions, k, *further)


def sparse_average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Do what `average_precision_at_k` does, under its old name."""
    further = (weights, metrics_collections, updates_collections, name)
    return average_precision_at_k(labels, predictions, k, *further)
