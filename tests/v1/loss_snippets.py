"""Snippets of tf.losses; see snippets.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

Snippet = Callable[[Any], Any]


def pair(tf: Any, shape: Any = (2, 3), other: Any = None) -> tuple[Any, Any]:
    """Return labels and predictions."""
    other = shape if other is None else other
    return tf.placeholder(tf.float32, shape, "y"), tf.placeholder(tf.float32, other, "x")


def weights(tf: Any, *shape: int | None) -> Any:
    return tf.placeholder(tf.float32, shape, "w")


def classes(tf: Any, *shape: int | None) -> Any:
    return tf.placeholder(tf.int64, shape, "y"), tf.placeholder(tf.float32, [2, 3], "x")


def scoped(tf: Any) -> None:
    """Losses in two scopes."""
    for name in ("a", "b"):
        with tf.variable_scope(name):
            tf.losses.mean_squared_error([1.0], [2.0])


PAIRED: Final = (
    "absolute_difference",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
)
REDUCTIONS: Final = ("NONE", "SUM", "MEAN", "SUM_OVER_BATCH_SIZE", "SUM_OVER_NONZERO_WEIGHTS")


def plain(name: str) -> Snippet:
    return lambda tf: getattr(tf.losses, name)(*pair(tf))


def partly(name: str) -> Snippet:
    return lambda tf: getattr(tf.losses, name)(*pair(tf, [None, 3]), 0.5)


def weighted(name: str) -> Snippet:
    shape = (2,) if name == "softmax_cross_entropy" else (2, 1)
    return lambda tf: getattr(tf.losses, name)(*pair(tf), weights(tf, *shape), scope="n")


def reduced(name: str) -> Snippet:
    return lambda tf: tf.losses.mean_squared_error(
        *pair(tf), weights(tf, 2, 1), reduction=getattr(tf.losses.Reduction, name)
    )


SNIPPETS: dict[str, Snippet] = {
    **{name: plain(name) for name in PAIRED},
    **{f"{name} partly known": partly(name) for name in PAIRED},
    **{f"{name} weighted": weighted(name) for name in PAIRED},
    **{f"reduction {name}": reduced(name) for name in REDUCTIONS},
    "cosine_distance": lambda tf: tf.losses.cosine_distance(*pair(tf), axis=1),
    "cosine_distance dim": lambda tf: tf.losses.cosine_distance(*pair(tf), dim=0, weights=2.0),
    "compute_weighted_loss": lambda tf: tf.losses.compute_weighted_loss(pair(tf)[1]),
    "compute_weighted_loss of doubles": lambda tf: tf.losses.compute_weighted_loss(
        tf.placeholder(tf.float64, [2]), 2.0, loss_collection=None
    ),
    "compute_weighted_loss elsewhere": lambda tf: tf.losses.compute_weighted_loss(
        pair(tf)[1], [[1.0, 0.0, 2.0]], "n", "other"
    ),
    "compute_weighted_loss of numbers": lambda tf: tf.losses.compute_weighted_loss(
        np.ones((2, 2), np.float32), 1
    ),
    "compute_weighted_loss unknown": lambda tf: tf.losses.compute_weighted_loss(
        tf.placeholder(tf.float32, [None, 3]), weights(tf, None, 1)
    ),
    "compute_weighted_loss of an unknown rank": lambda tf: tf.losses.compute_weighted_loss(
        tf.placeholder(tf.float32), 1.0
    ),
    "huber_loss delta": lambda tf: tf.losses.huber_loss(*pair(tf), delta=0.5),
    "log_loss epsilon": lambda tf: tf.losses.log_loss(*pair(tf), epsilon=0.1),
    "sigmoid_cross_entropy smooth": lambda tf: tf.losses.sigmoid_cross_entropy(
        *pair(tf), label_smoothing=0.2
    ),
    "softmax_cross_entropy smooth": lambda tf: tf.losses.softmax_cross_entropy(
        *pair(tf), label_smoothing=0.2
    ),
    "softmax_cross_entropy of integers": lambda tf: tf.losses.softmax_cross_entropy(
        np.eye(3, dtype=np.int32), tf.placeholder(tf.float32, [3, 3])
    ),
    "sparse_softmax_cross_entropy": lambda tf: tf.losses.sparse_softmax_cross_entropy(
        *classes(tf, 2)
    ),
    "sparse_softmax_cross_entropy squeezed": lambda tf: tf.losses.sparse_softmax_cross_entropy(
        *classes(tf, 2, 1), weights(tf, 2, 1)
    ),
    "sparse_softmax_cross_entropy unknown": lambda tf: tf.losses.sparse_softmax_cross_entropy(
        tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None, 3], "x")
    ),
    "regularization": lambda tf: (
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(1.0)),
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(2.0)),
        tf.losses.get_regularization_loss(),
    )[:0],
    "no regularization": lambda tf: tf.losses.get_regularization_loss(),
    "total": lambda tf: (
        tf.losses.mean_squared_error(*pair(tf)),
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(1.0)),
        tf.losses.add_loss(tf.constant(3.0)),
        tf.losses.get_total_loss(),
    )[:0],
    "total without regularization": lambda tf: (
        tf.losses.add_loss(tf.constant(3.0)),
        tf.losses.get_total_loss(False, "n"),
    )[:0],
    "losses of a scope": lambda tf: (
        scoped(tf),
        [loss.name for loss in tf.losses.get_losses("b")],
    )[1],
    "losses of a collection": lambda tf: (
        tf.losses.add_loss(tf.constant(3.0), "c"),
        [loss.name for loss in tf.losses.get_losses(loss_collection="c")],
    )[1],
    "reductions": lambda tf: list(tf.losses.Reduction.all()),
}
SNIPPETS = {f"losses: {name}": snippet for name, snippet in SNIPPETS.items()}

ERRORS: dict[str, Snippet] = {
    "no labels": lambda tf: tf.losses.mean_squared_error(None, [1.0]),
    "no predictions": lambda tf: tf.losses.huber_loss([1.0], None),
    "no logits": lambda tf: tf.losses.softmax_cross_entropy([[1.0]], None),
    "no axis": lambda tf: tf.losses.cosine_distance(*pair(tf)),
    "axis twice": lambda tf: tf.losses.cosine_distance(*pair(tf), axis=1, dim=1),
    "shapes": lambda tf: tf.losses.mean_squared_error(*pair(tf, [2, 3], [2, 4])),
    "no reduction": lambda tf: tf.losses.compute_weighted_loss([1.0], reduction="all"),
    "weights of another rank": lambda tf: tf.losses.mean_squared_error(
        *pair(tf), weights=weights(tf, 2)
    ),
    "weights of another size": lambda tf: tf.losses.mean_squared_error(
        *pair(tf), weights=weights(tf, 2, 2)
    ),
    "no losses": lambda tf: tf.losses.get_total_loss(),
}
ERRORS = {f"losses: {name}": snippet for name, snippet in ERRORS.items()}
