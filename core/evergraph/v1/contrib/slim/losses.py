"""tf.contrib.slim.losses: losses that take the predictions first, and add themselves to LOSSES."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.losses import add_loss, compute_weighted_loss, get_losses

__all__ = [
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]


def absolute_difference(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Any:
    """Return the mean absolute error; see `tf.losses.absolute_difference`."""
    return tf.losses.absolute_difference(labels, predictions, weights, scope)


def mean_squared_error(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Any:
    """Return the mean squared error; see `tf.losses.mean_squared_error`."""
    return tf.losses.mean_squared_error(labels, predictions, weights, scope)


def mean_pairwise_squared_error(
    predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None
) -> Any:
    """Return the squared error of differences; see `tf.losses.mean_pairwise_squared_error`."""
    return tf.losses.mean_pairwise_squared_error(labels, predictions, weights, scope)


def log_loss(
    predictions: Any,
    labels: Any = None,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
) -> Any:
    """Return the logarithmic loss; see `tf.losses.log_loss`."""
    return tf.losses.log_loss(labels, predictions, weights, epsilon, scope)


def hinge_loss(logits: Any, labels: Any = None, scope: str | None = None) -> Any:
    """Return the hinge loss of each element, which is added to no collection.

    Args:
      logits: the predictions.
      labels: 0 or 1, of the same shape.
      scope: a name scope.
    """
    return tf.losses.hinge_loss(
        labels, logits, scope=scope, loss_collection=None, reduction=tf.losses.Reduction.NONE
    )


def cosine_distance(
    predictions: Any,
    labels: Any = None,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    dim: int | None = None,
) -> Any:
    """Return the cosine distance of unit vectors; see `tf.losses.cosine_distance`."""
    axis = dim if axis is None else axis
    return tf.losses.cosine_distance(labels, predictions, axis=axis, weights=weights, scope=scope)


def sigmoid_cross_entropy(
    logits: Any,
    multi_class_labels: Any,
    weights: Any = 1.0,
    label_smoothing: Any = 0,
    scope: str | None = None,
) -> Any:
    """Return the cross entropy of sigmoids; see `tf.losses.sigmoid_cross_entropy`."""
    return tf.losses.sigmoid_cross_entropy(
        multi_class_labels, logits, weights, label_smoothing, scope
    )


def softmax_cross_entropy(
    logits: Any,
    onehot_labels: Any,
    weights: Any = 1.0,
    label_smoothing: Any = 0,
    scope: str | None = None,
) -> Any:
    """Return the cross entropy of a softmax; see `tf.losses.softmax_cross_entropy`."""
    return tf.losses.softmax_cross_entropy(onehot_labels, logits, weights, label_smoothing, scope)


def sparse_softmax_cross_entropy(
    logits: Any, labels: Any, weights: Any = 1.0, scope: str | None = None
) -> Any:
    """Return the cross entropy of a softmax, given classes; see `tf.losses`."""
    return tf.losses.sparse_softmax_cross_entropy(labels, logits, weights, scope)


def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """Return the collection REGULARIZATION_LOSSES, those of a scope."""
    return list(tf.losses.get_regularization_losses(scope))


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> Any:
    """Return the sum of all losses; see `tf.losses.get_total_loss`."""
    return tf.losses.get_total_loss(add_regularization_losses, name)
