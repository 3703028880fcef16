"""Batch renormalization (Ioffe, 2017): batches are normalized as by averages of their moments."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

from evergraph import v1 as tf
from evergraph.v1.layers.choices import choose

#: The bounds that `renorm_clipping` may have.
_BOUNDS: Final = ("rmax", "rmin", "dmax")


def checked_clipping(clipping: Any) -> dict[str, Any]:
    """Return the bounds of the corrections.

    Raises:
      ValueError: there is another one.
    """
    if set(clipping or ()) - set(_BOUNDS):
        raise ValueError(
            f"Received invalid keys for `renorm_clipping` argument: {clipping}. Supported values: "
            f"{list(_BOUNDS)}."
        )
    return dict(clipping or {})


def make_averages(layer: Any, parameter: Any) -> None:
    """Make the averages that batches are corrected by.

    Args:
      layer: the layer.
      parameter: a function from a name to a variable, whose initializer the layer has.
    """
    variance_initializer = layer.moving_variance_initializer

    def deviation(*args: Any, **kwargs: Any) -> Any:
        return tf.sqrt(variance_initializer(*args, **kwargs))

    layer.moving_stddev_initializer = layer.renorm_stddev_initializer = deviation
    layer.renorm_mean_initializer = layer.moving_mean_initializer
    layer.moving_stddev = parameter("moving_stddev", trainable=False)
    layer.renorm_mean = parameter("renorm_mean", trainable=False)
    layer.renorm_stddev = parameter("renorm_stddev", trainable=False)


def corrections(
    layer: Any, mean: Any, variance: Any, training: Any, averaged: Any
) -> tuple[Any, Any, Any, Any]:
    """Return a factor and an offset for a normalized batch, and its moments after the updates.

    Args:
      layer: the layer.
      mean, variance: the moments.
      training: a bool or a scalar tensor, not False.
      averaged: a function from an average, a value and a momentum to an update.
    """
    graph = tf.get_default_graph()
    deviation = tf.sqrt(variance + layer.epsilon)
    least = tf.maximum(layer.renorm_stddev, math.sqrt(layer.epsilon))
    factor = deviation / least
    offset = (mean - layer.renorm_mean) / least
    with graph.control_dependencies([factor, offset]):
        values = [tf.identity(mean), tf.identity(deviation)]
    bounds = layer.renorm_clipping
    if bounds.get("rmin") is not None:
        factor = tf.maximum(factor, bounds["rmin"])
    if bounds.get("rmax") is not None:
        factor = tf.minimum(factor, bounds["rmax"])
    if bounds.get("dmax") is not None:
        offset = tf.clip_by_value(offset, -bounds["dmax"], bounds["dmax"])
    factor = choose(training, partial(tf.identity, factor), partial(tf.ones_like, factor))
    offset = choose(training, partial(tf.identity, offset), partial(tf.zeros_like, offset))
    kept = (layer.renorm_mean, layer.renorm_stddev)
    updates = [
        choose(
            training,
            partial(averaged, average, value, layer.renorm_momentum),
            partial(tf.identity, average),
        )
        for average, value in zip(kept, values, strict=True)
    ]
    with graph.control_dependencies(updates):
        moments = tf.identity(mean), tf.identity(variance)
    return tf.stop_gradient(factor), tf.stop_gradient(offset), *moments


def updated_variance(layer: Any, variance: Any, averaged: Any) -> Any:
    """Return the operation that stores the variance, after the deviation's average."""
    deviation = averaged(layer.moving_stddev, tf.sqrt(variance + layer.epsilon), layer.momentum)
    value = tf.nn.relu(deviation * deviation - layer.epsilon)
    with (
        tf.name_scope("AssignNewValue") as name,
        tf.get_default_graph().colocate_with(layer.moving_variance.op),
    ):
        return tf.assign(layer.moving_variance, value, name=name)
