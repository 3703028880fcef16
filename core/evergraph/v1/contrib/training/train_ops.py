"""`create_train_op` of contrib: one call from a loss to the operation that trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.flow import with_dependencies

#: Stands for what the graph has itself: its global step, its summaries.
OWN = 0


def clip_gradient_norms(gradients_to_variables: Any, max_norm: float) -> list[Any]:
    """Return pairs of gradient and variable, each gradient of at most that norm."""
    return [
        (_with_values(gradient, lambda x: tf.clip_by_norm(x, max_norm)), variable)
        for gradient, variable in gradients_to_variables
    ]


def clip_gradient_norms_fn(max_norm: float) -> Callable[[Any], list[Any]]:
    """Return a function that does what `clip_gradient_norms` does."""
    return lambda pairs: clip_gradient_norms(pairs, max_norm)


def multiply_gradients(grads_and_vars: Any, gradient_multipliers: Any) -> list[Any]:
    """Return pairs of gradient and variable, gradients multiplied.

    Args:
      grads_and_vars: a list of pairs.
      gradient_multipliers: from variables, or the names of their operations, to factors.

    Raises:
      ValueError: an argument is not as it must be, or there is a factor for no gradient.
    """
    if not isinstance(grads_and_vars, list):
        raise ValueError("`grads_and_vars` must be a list.")
    if not gradient_multipliers:
        raise ValueError("`gradient_multipliers` is empty.")
    if not isinstance(gradient_multipliers, dict):
        raise ValueError("`gradient_multipliers` must be a dict.")
    found = []
    for gradient, variable in grads_and_vars:
        key = variable if variable in gradient_multipliers else variable.op.name
        if key in gradient_multipliers:
            if gradient is None:
                raise ValueError("Requested multiple of `None` gradient.")
            gradient = _multiple(gradient, gradient_multipliers[key])
        found.append((gradient, variable))
    return found


def _multiple(gradient: Any, factor: Any) -> Any:
    return _with_values(gradient, lambda x: x * tf.cast(factor, x.dtype))


def _with_values(gradient: Any, function: Callable[[Any], Any]) -> Any:
    """Apply a function to a gradient, or to the values of one of rows."""
    if isinstance(gradient, tf.IndexedSlices):
        values = function(gradient.values)
        return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
    return None if gradient is None else function(gradient)


def add_gradients_summaries(grads_and_vars: Any) -> list[Any]:
    """Return summaries of gradients: a histogram and the norm of each."""
    return summaries_of(grads_and_vars, "_")


def summaries_of(grads_and_vars: Any, separator: str) -> list[Any]:
    """Return summaries of gradients, named after the variables."""
    found = []
    for gradient, variable in grads_and_vars:
        if gradient is None:
            tf.logging.info("Var %s has no gradient", variable.op.name)
            continue
        values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        name = f"{variable.op.name}{separator}gradient"
        found.append(tf.summary.histogram(name, values))
        found.append(tf.summary.scalar(f"{name}_norm", tf.global_norm([values])))
    return found


def create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = OWN,
    update_ops: Any = None,
    variables_to_train: Any = None,
    transform_grads_fn: Callable[[Any], Any] | None = None,
    summarize_gradients: bool = False,
    gate_gradients: int = tf.train.Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> Any:
    """Return a tensor of the loss that trains when it is run.

    Args:
      total_loss: a scalar.
      optimizer: the optimizer.
      global_step: the counter of steps; by default that of the graph, None for none.
      update_ops: what runs before the loss; by default the collection UPDATE_OPS.
      variables_to_train: by default the trainable variables.
      transform_grads_fn: a function from a list of pairs of gradient and variable to such a list.
      summarize_gradients: whether there are summaries of gradients.
      gate_gradients, aggregation_method, colocate_gradients_with_ops: see `tf.train.Optimizer`.
      check_numerics: whether a loss that is no finite number is an error.

    Raises:
      ValueError: a variable that is to be trained is not trainable.
      InvalidArgumentError: when run, the loss is no finite number.
    """
    if global_step is OWN:
        global_step = tf.train.get_or_create_global_step()
    if update_ops is None:
        update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    if update_ops:
        with tf.control_dependencies(list(dict.fromkeys(update_ops))):
            barrier = tf.no_op(name="update_barrier")
        total_loss = with_dependencies([barrier], total_loss)
    if variables_to_train is None:
        variables_to_train = tf.trainable_variables()
    trainable = {id(v) for v in tf.trainable_variables()}
    for variable in variables_to_train:
        if id(variable) not in trainable:
            raise ValueError(f"{variable.op.name} is not in tf.trainable_variables()")
    pairs = optimizer.compute_gradients(
        total_loss,
        variables_to_train,
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
    )
    if transform_grads_fn is not None:
        pairs = transform_grads_fn(pairs)
    if summarize_gradients:
        with tf.name_scope("summarize_grads"):
            add_gradients_summaries(pairs)
    update = optimizer.apply_gradients(pairs, global_step=global_step)
    with tf.name_scope("train_op"):
        if check_numerics:
            total_loss = tf.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = with_dependencies([update], total_loss)
    collection = tf.get_collection_ref(tf.GraphKeys.TRAIN_OP)
    if all(train_op is not other for other in collection):
        collection.append(train_op)
    return train_op
