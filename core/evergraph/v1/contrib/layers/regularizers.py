"""Regularizers of contrib: functions from weights to a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf

Regularizer = Callable[[Any], Any]


def l1_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """Return a regularizer: the sum of the absolute weights, times `scale`.

    Args:
      scale: a float, or a scalar tensor; 0.0 stands for no loss.
      scope: a name scope.

    Raises:
      ValueError: it is an integer, or negative.
    """
    return _scaled(scale, scope, "l1_regularizer", lambda w: tf.reduce_sum(tf.abs(w)))


def l2_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """Return a regularizer: half the sum of the squared weights, times `scale`.

    The arguments and errors are those of `l1_regularizer`.
    """
    return _scaled(scale, scope, "l2_regularizer", tf.nn.l2_loss)


def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None) -> Any:
    """Return the sum of an L1 and an L2 regularizer; see `l1_regularizer`.

    Raises:
      ValueError: a scale is an integer, or negative.
    """
    scope = scope or "l1_l2_regularizer"
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)


def sum_regularizer(regularizer_list: Any, scope: str | None = None) -> Any:
    """Return the sum of regularizers, those that are None left out; None if there are no others."""
    regularizers = [regularizer for regularizer in regularizer_list if regularizer is not None]
    if not regularizers:
        return None

    def total(weights: Any) -> Any:
        with tf.name_scope(scope, "sum_regularizer", [weights]) as name:
            losses = [loss for loss in (r(weights) for r in regularizers) if loss is not None]
            return tf.add_n(losses, name=name) if losses else None

    return total


def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Any:
    """Return the sum of the losses of weights, and add it to REGULARIZATION_LOSSES.

    Args:
      regularizer: a function from weights to a scalar, or None.
      weights_list: the weights; by default those of the collection WEIGHTS.

    Raises:
      ValueError: there are none, or a loss is no scalar.
    """
    weights_list = weights_list or tf.get_collection(tf.GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with tf.name_scope("get_regularization_penalty", values=weights_list) as scope:
        found = [regularizer(weights) for weights in weights_list]
        losses = [tf.constant(0.0) if loss is None else loss for loss in found]
        for loss in losses:
            if loss.shape.rank != 0:
                raise ValueError(
                    "regularizer must return a scalar Tensor instead of a Tensor with rank "
                    f"{loss.shape.rank}."
                )
        total = tf.add_n(losses, name=scope)
        tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, total)
        return total


def _scaled(scale: Any, scope: str | None, name: str, norm: Regularizer) -> Regularizer:
    if isinstance(scale, int):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if isinstance(scale, float):
        if scale < 0.0:
            raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}")
        if scale == 0.0:
            tf.logging.info("Scale of 0 disables regularizer.")
            return lambda _: None

    def loss(weights: Any) -> Any:
        with tf.name_scope(scope, name, [weights]) as inner:
            factor = tf.convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return tf.multiply(factor, norm(weights), name=inner)

    return loss
