"""`optimize_loss` of contrib: one call from a loss to the operation that trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from evergraph import v1 as tf
from evergraph.v1.flow import with_dependencies
from evergraph.v1.training.moving_averages import assign_moving_average

OPTIMIZER_CLS_NAMES: Final = {
    "Adagrad": tf.train.AdagradOptimizer,
    "Adam": tf.train.AdamOptimizer,
    "Ftrl": tf.train.FtrlOptimizer,
    "Momentum": lambda learning_rate: tf.train.MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": tf.train.RMSPropOptimizer,
    "SGD": tf.train.GradientDescentOptimizer,
}
OPTIMIZER_SUMMARIES: Final = [
    "learning_rate",
    "loss",
    "gradients",
    "gradient_norm",
    "global_gradient_norm",
]
_USUAL_SUMMARIES: Final = ("learning_rate", "loss", "global_gradient_norm")


def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Any = None,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Callable[[Any, Any], Any] | None = None,
    update_ops: Any = None,
    variables: Any = None,
    name: str | None = None,
    summaries: Any = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Any:
    """Return a tensor of a loss that trains when it is run.

    Args:
      loss: a scalar.
      global_step: the counter of steps; None for that of the graph, if there is one.
      learning_rate: a number, a scalar tensor, or None.
      optimizer: a name of `OPTIMIZER_CLS_NAMES`, an optimizer, a class of such, or a function that
        returns one, of the learning rate if there is one.
      gradient_noise_scale: by how much noise is added to gradients, or None.
      gradient_multipliers: factors of gradients, by variable or by its name.
      clip_gradients: a limit for the norm of all gradients; or a function from a list of pairs of
        gradient and variable to such a list.
      learning_rate_decay_fn: a function of learning rate and step.
      update_ops: what runs before the loss; by default the collection UPDATE_OPS.
      variables: what is trained; by default the trainable variables.
      name: the variable scope, "OptimizeLoss" by default.
      summaries: names out of `OPTIMIZER_SUMMARIES`.
      colocate_gradients_with_ops: see `tf.gradients`.
      increment_global_step: whether the step is counted.

    Raises:
      ValueError: an argument is not as it must be, or there are no gradients.
    """
    loss = tf.convert_to_tensor(loss)
    loss.shape.assert_is_compatible_with([])
    if global_step is None:
        global_step = tf.train.get_global_step()
    else:
        tf.train.assert_global_step(global_step)
    with tf.variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if update_ops is None:
            update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
        if update_ops:
            loss = with_dependencies(list(dict.fromkeys(update_ops)), loss)
        wanted = _checked_summaries(summaries)
        rate = _rate(learning_rate)
        if rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise ValueError("global_step is required for learning_rate_decay_fn.")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in wanted:
                tf.summary.scalar("learning_rate", rate)
        chosen = _optimizer(optimizer, learning_rate, rate)
        pairs = chosen.compute_gradients(
            loss,
            tf.trainable_variables() if variables is None else variables,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        if gradient_noise_scale is not None:
            pairs = [(_noisy(gradient, gradient_noise_scale), v) for gradient, v in pairs]
        if gradient_multipliers is not None:
            if not gradient_multipliers:
                raise ValueError("Empty gradient_multipliers.")
            pairs = [(_multiplied(gradient, v, gradient_multipliers), v) for gradient, v in pairs]
        if "global_gradient_norm" in wanted or "gradient_norm" in wanted:
            norm = tf.global_norm([gradient for gradient, _ in pairs])
            tf.summary.scalar("global_norm/gradient_norm", norm)
        if clip_gradients is not None:
            pairs = _clipped(pairs, clip_gradients)
        if "loss" in wanted:
            tf.summary.scalar("loss", loss)
        _summarize(pairs, wanted, clip_gradients is not None)
        step = global_step if increment_global_step else None
        update = chosen.apply_gradients(pairs, global_step=step, name="train")
        return with_dependencies([update], loss)


def _checked_summaries(summaries: Any) -> list[str]:
    if summaries is None:
        return list(_USUAL_SUMMARIES)
    for entry in summaries:
        if entry not in OPTIMIZER_SUMMARIES:
            raise ValueError(
                f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided "
                f"{entry}."
            )
    return list(summaries)


def _rate(learning_rate: Any) -> Any:
    """Return the learning rate as a tensor or a variable, or None."""
    if learning_rate is None:
        return None
    if isinstance(learning_rate, tf.Tensor):
        if learning_rate.shape.rank not in (None, 0):
            raise ValueError(
                f"Invalid learning_rate {learning_rate} of rank {learning_rate.shape.rank}"
            )
        rate = learning_rate
    elif isinstance(learning_rate, float):
        if learning_rate < 0.0:
            raise ValueError(f"Invalid learning_rate {learning_rate}.")
        rate = tf.get_variable(
            "learning_rate",
            [],
            trainable=False,
            initializer=tf.constant_initializer(learning_rate),
        )
    else:
        raise ValueError(
            "Learning rate should be 0d Tensor or float. Got "
            f"{learning_rate} of type {type(learning_rate)}"
        )
    return rate


def _optimizer(optimizer: Any, learning_rate: Any, rate: Any) -> Any:
    """Return an optimizer, of the learning rate if there is one."""
    if isinstance(optimizer, tf.train.Optimizer):
        return optimizer
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided "
                f"{optimizer}."
            )
        optimizer = OPTIMIZER_CLS_NAMES[optimizer]
    if isinstance(optimizer, type) and issubclass(optimizer, tf.train.Optimizer):
        if learning_rate is None:
            raise ValueError("Learning rate is None, but should be specified for the optimizer.")
        return optimizer(learning_rate=rate)
    if callable(optimizer):
        found = optimizer() if learning_rate is None else optimizer(rate)
        if isinstance(found, tf.train.Optimizer):
            return found
        raise ValueError(
            "Unrecognized optimizer: function should return subclass of Optimizer. Got "
            f"{type(found)}."
        )
    raise ValueError(
        "Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of "
        f"Optimizer or function with one argument. Got {optimizer!r}."
    )


def _with_values(gradient: Any, function: Callable[[Any], Any]) -> Any:
    """Apply a function to a gradient, or to the values of one of rows."""
    if gradient is None:
        return None
    if isinstance(gradient, tf.IndexedSlices):
        values = function(gradient.values)
        return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
    return function(gradient)


def _noisy(gradient: Any, scale: float) -> Any:
    return _with_values(gradient, lambda x: x + scale * tf.truncated_normal(tf.shape(x)))


def _multiplied(gradient: Any, variable: Any, multipliers: Any) -> Any:
    key = variable if variable in multipliers else variable.name
    if key not in multipliers:
        return gradient
    return _with_values(gradient, lambda values: values * tf.cast(multipliers[key], values.dtype))


def _clipped(pairs: list[Any], clip: Any) -> list[Any]:
    if callable(clip):
        found: Any = clip(pairs)
        return list(found)
    if not isinstance(clip, float):
        raise ValueError(f"Unknown type {type(clip)} for clip_gradients")
    gradients, variables = zip(*pairs, strict=True)
    clipped, _ = tf.clip_by_global_norm(gradients, clip)
    return list(zip(clipped, variables, strict=True))


def _summarize(pairs: list[Any], wanted: list[str], clipped: bool) -> None:
    """Add summaries of gradients to the graph."""
    for gradient, variable in pairs:
        values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        if values is None:
            continue
        name = variable.name.replace(":", "_")
        if "gradients" in wanted:
            tf.summary.histogram(f"gradients/{name}", values)
        if "gradient_norm" in wanted:
            tf.summary.scalar(f"gradient_norm/{name}", tf.global_norm([values]))
    if clipped and ("global_gradient_norm" in wanted or "gradient_norm" in wanted):
        norm = tf.global_norm([gradient for gradient, _ in pairs])
        tf.summary.scalar("global_norm/clipped_gradient_norm", norm)


def adaptive_clipping_fn(
    std_factor: Any = 2.0,
    decay: Any = 0.95,
    static_max_norm: Any = None,
    global_step: Any = None,
    report_summary: bool = False,
    epsilon: float = 1e-8,
    name: str | None = None,
) -> Callable[[Any], list[Any]]:
    """Return a function that limits gradients by the norms of earlier ones.

    Of the logarithms of norms it keeps averages. Gradients whose norm is farther above the mean
    than so many deviations get the mean norm.

    Args:
      std_factor: how many deviations.
      decay: the share of an old average in a new one.
      static_max_norm: a limit beside that, or None.
      global_step: the counter of steps, with which the averages adapt sooner at first.
      report_summary: whether the limit is a summary.
      epsilon: what is added to a norm, and the least variance.
      name: the variable scope, "AdaptiveMaxNorm" by default.

    Returns:
      A function from a list of pairs of gradient and variable to such a list.
    """

    def clip(grads_and_vars: Any) -> list[Any]:
        gradients, variables = zip(*grads_and_vars, strict=True)
        norm = tf.global_norm(gradients)
        limit, log_mean = _adaptive_limit(norm, std_factor, decay, global_step, epsilon, name)
        if report_summary:
            tf.summary.scalar("global_norm/adaptive_max_gradient_norm", limit)
        factor = tf.where(norm < limit, tf.ones_like(norm), tf.exp(log_mean) / norm)
        if static_max_norm is not None:
            factor = tf.minimum(static_max_norm / norm, factor)
        clipped = [_with_values(gradient, lambda values: values * factor) for gradient in gradients]
        return list(zip(clipped, variables, strict=True))

    return clip


def _adaptive_limit(
    norm: Any, std_factor: Any, decay: Any, global_step: Any, epsilon: float, name: str | None
) -> tuple[Any, Any]:
    with tf.variable_scope(name, "AdaptiveMaxNorm", [norm]):
        log_norm = tf.log(norm + epsilon)
        if global_step is not None:
            count = tf.cast(global_step, tf.float32)
            decay = tf.minimum(decay, count / (count + 1.0))

        def average(what: str, value: Any) -> Any:
            variable = tf.get_variable(
                what,
                shape=value.shape,
                dtype=value.dtype,
                initializer=tf.zeros_initializer(),
                trainable=False,
            )
            return assign_moving_average(variable, value, decay, zero_debias=False)

        mean = average("mean", log_norm)
        variance = average("sq_mean", tf.square(log_norm)) - tf.square(mean)
        deviation = tf.sqrt(tf.maximum(epsilon, variance))
        return tf.exp(mean + std_factor * deviation), mean
