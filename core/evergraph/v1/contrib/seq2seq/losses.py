"""The loss of sequences: a cross entropy for each step, weighted."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf


def sequence_loss(
    logits: Any,
    targets: Any,
    weights: Any,
    average_across_timesteps: bool = True,
    average_across_batch: bool = True,
    sum_over_timesteps: bool = False,
    sum_over_batch: bool = False,
    softmax_loss_function: Any = None,
    name: str | None = None,
) -> Any:
    """Return the weighted cross entropy of sequences.

    Args:
      logits: [batch, time, classes].
      targets: the classes, integers [batch, time].
      weights: how much each step counts, [batch, time]; 0 for what is padding.
      average_across_timesteps, average_across_batch: whether the sum is divided by the sum of the
        weights along that axis.
      sum_over_timesteps, sum_over_batch: whether it is divided by how many weights there are.
      softmax_loss_function: a function of `labels` and `logits` in place of the cross entropy.
      name: a name scope.

    Returns:
      A scalar if both axes are reduced; else [time], [batch] or [batch, time].

    Raises:
      ValueError: a rank is not as it must be, or an axis is averaged and summed.
    """
    for label, value, sizes in (
        ("Logits", logits, "[batch_size x sequence_length x logits]"),
        ("Targets", targets, "[batch_size x sequence_length]"),
        ("Weights", weights, "[batch_size x sequence_length]"),
    ):
        rank = sizes.count(" x ") + 1
        if len(value.shape) != rank:
            raise ValueError(f"{label} must be a {rank}-dimensional {sizes} tensor")
    if average_across_timesteps and sum_over_timesteps:
        raise ValueError(
            "average_across_timesteps and sum_over_timesteps cannot be set to True at same time."
        )
    if average_across_batch and sum_over_batch:
        raise ValueError(
            "average_across_batch and sum_over_batch cannot be set to True at same time."
        )
    with tf.name_scope(name, "sequence_loss", [logits, targets, weights]):
        logits, targets, weights = (tf.convert_to_tensor(x) for x in (logits, targets, weights))
        rows = tf.reshape(logits, [-1, tf.shape(logits)[2]])
        classes = tf.reshape(targets, [-1])
        loss = softmax_loss_function or tf.nn.sparse_softmax_cross_entropy_with_logits
        losses = loss(labels=classes, logits=rows) * tf.reshape(weights, [-1])
        losses = tf.reshape(losses, tf.shape(logits)[:2])
        averaged = _axes(average_across_batch, average_across_timesteps)
        summed = _axes(sum_over_batch, sum_over_timesteps)
        if averaged and (len(averaged) == 2 or len(summed) < 2):
            size = tf.reduce_sum(weights, averaged)
            return tf.div_no_nan(tf.reduce_sum(losses, averaged), size)
        if summed:
            count = tf.cast(tf.count_nonzero(weights, summed), losses.dtype)
            return tf.div_no_nan(tf.reduce_sum(losses, summed), count)
        return losses


def _axes(batch: bool, time: bool) -> list[int]:
    return [axis for axis, wanted in enumerate((batch, time)) if wanted]
