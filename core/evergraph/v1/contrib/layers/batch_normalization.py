"""Batch normalization of contrib."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.common import (
    check_format,
    collect,
    finished,
    layer_scope,
    layers_format,
)
from evergraph.v1.contrib.layers.normalization import scale_and_offset
from evergraph.v1.contrib.layers.utils import get_variable_collections
from evergraph.v1.layers.choices import choose, known
from evergraph.v1.training.moving_averages import assign_moving_average

_UPDATES = tf.GraphKeys.UPDATE_OPS


@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: Any = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Any = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = _UPDATES,
    is_training: Any = True,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: bool | None = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_decay: float = 0.99,
    adjustment: Any = None,
) -> Any:
    """Return the inputs with mean 0 and variance 1 in each channel, then scaled and shifted.

    While training, the moments are those of the batch, and averages of them are updated. Else
    those averages are the moments.

    Args:
      inputs: a tensor of at least two dimensions, of known rank and channels.
      decay: the share of the old average in a new one.
      center, scale: whether there is a variable `beta` that is added, and `gamma`, a factor.
      epsilon: what is added to the variance.
      activation_fn: a function of the result, or None.
      param_initializers: initializers of "beta", "gamma", "moving_mean" and "moving_variance", a
        dictionary.
      param_regularizers: functions from "beta" and "gamma" to a loss, a dictionary.
      updates_collections: the collection of the updates, which must be run beside the optimizer;
        None to run them before the outputs.
      is_training: a bool, or a scalar tensor.
      batch_weights: how much each example counts, or None.
      fused: whether the op for images is used where it can be; None means True.
      data_format: "NHWC" for channels on the last axis, "NCHW" for the second.
      zero_debias_moving_mean: whether the average of means begins without a share of zeros.
      renorm, renorm_clipping, renorm_decay, adjustment: see `tf.layers.batch_normalization`.
      scope: the variable scope, "BatchNorm" by default.
      reuse, variables_collections, outputs_collections, trainable: see `fully_connected`.

    Raises:
      ValueError: the format is another one, rank or channels are not known, or `renorm` does not
        go with another argument.
    """
    fused = True if fused is None else fused
    inputs = tf.convert_to_tensor(inputs)
    rank = inputs.shape.rank
    check_format(data_format)
    by_op = fused and batch_weights is None and not renorm and rank in (2, 4) and not adjustment
    usual = updates_collections is _UPDATES and not zero_debias_moving_mean
    by_layer = usual and batch_weights is None and not (by_op and rank == 2)
    names: Any = {} if by_layer else None
    with layer_scope(scope, "BatchNorm", inputs, reuse, names) as found:
        if by_layer:
            layer = tf.layers.BatchNormalization(
                axis=1 if data_format == "NCHW" else -1,
                momentum=decay,
                epsilon=epsilon,
                center=center,
                scale=scale,
                trainable=trainable,
                renorm=renorm,
                renorm_clipping=renorm_clipping,
                renorm_momentum=renorm_decay,
                adjustment=adjustment,
                # TF: volumes and the like are not refused, they are computed otherwise.
                fused=fused if rank == 4 else None,
                name=found.name,
                _scope=found,
                _reuse=reuse,
                **_named(param_initializers, "initializer"),
                **_named(param_regularizers, "regularizer"),
            )
            outputs = layer.apply(inputs, training=is_training)
            for part in ("moving_mean", "moving_variance", "beta", "gamma"):
                collect(getattr(layer, part), variables_collections, part)
        else:
            if renorm:
                raise ValueError(
                    "renorm is not supported with batch_weights, updates_collections or "
                    "zero_debias_moving_mean"
                )
            if rank is None:
                raise ValueError(f"Inputs {inputs.name} has undefined rank.")
            own = _Own(inputs, data_format, epsilon, is_training, batch_weights)
            own.make_variables(
                center,
                scale,
                param_initializers,
                param_regularizers,
                variables_collections,
                trainable,
            )
            outputs = own.by_op() if by_op else own.by_elements()
            outputs = own.updated(outputs, decay, zero_debias_moving_mean, updates_collections)
        return finished(outputs, activation_fn, outputs_collections, found.name)


def _named(given: Any, what: str) -> dict[str, Any]:
    return {f"{part}_{what}": value for part, value in (given or {}).items()}


class _Own:
    """A normalization whose averages are updated otherwise than by a layer of `tf.layers`."""

    def __init__(
        self, inputs: Any, data_format: str, epsilon: float, is_training: Any, weights: Any
    ) -> None:
        self.inputs = inputs
        self.rank = inputs.shape.rank
        self.format = data_format
        self.axis = 1 if layers_format(data_format) == "channels_first" else self.rank - 1
        self.epsilon = epsilon
        self.training = is_training
        self.weights = weights
        self.channels = inputs.shape.as_list()[self.axis]
        if self.channels is None:
            raise ValueError(
                f"Inputs {inputs.name} has undefined channels dimension "
                f"{inputs.shape[self.axis : self.axis + 1]}."
            )
        self.mean: Any = None
        self.variance: Any = None

    def make_variables(
        self,
        center: bool,
        scale: bool,
        initializers: Any,
        regularizers: Any,
        collections: Any,
        trainable: bool,
    ) -> None:
        """Make scale, offset and averages."""
        narrow = self.inputs.dtype.base_dtype in (tf.float16, tf.bfloat16)
        dtype = tf.float32 if narrow else self.inputs.dtype.base_dtype
        shape = [self.channels]
        self.beta, self.gamma = scale_and_offset(
            shape, dtype, center, scale, collections, trainable, initializers, regularizers
        )
        averages = []
        for part, first in (
            ("moving_mean", tf.zeros_initializer()),
            ("moving_variance", tf.ones_initializer()),
        ):
            averages.append(
                model_variable(
                    part,
                    shape=shape,
                    dtype=dtype,
                    initializer=(initializers or {}).get(part, first),
                    trainable=False,
                    collections=get_variable_collections(collections, part),
                )
            )
        self.moving_mean, self.moving_variance = averages

    def by_op(self) -> Any:
        """Return the outputs of the op for images, which vectors are turned into."""
        images = self.inputs
        if self.rank == 2:
            first = self.format == "NCHW"
            sizes = [-1, self.channels, 1, 1] if first else [-1, 1, 1, self.channels]
            images = tf.reshape(images, sizes)
        dtype = self.moving_mean.dtype.base_dtype
        gamma = tf.ones([self.channels], dtype) if self.gamma is None else self.gamma
        beta = tf.zeros([self.channels], dtype) if self.beta is None else self.beta

        def normalized(**averages: Any) -> Any:
            return tf.nn.fused_batch_norm(
                images, gamma, beta, epsilon=self.epsilon, data_format=self.format, **averages
            )

        outputs, self.mean, self.variance = choose(
            self.training,
            normalized,
            lambda: normalized(
                mean=self.moving_mean, variance=self.moving_variance, is_training=False
            ),
        )
        if self.rank == 2:
            outputs = tf.reshape(outputs, tf.shape(self.inputs))
        outputs.set_shape(self.inputs.shape)
        return outputs

    def by_elements(self) -> Any:
        """Return the outputs, computed with ops on elements."""
        others = [i for i in range(self.rank) if i != self.axis]
        mean, variance = self.moving_mean, self.moving_variance
        if known(self.training) is not False:
            self.mean, self.variance = self._moments(others)
            mean, variance = choose(
                self.training,
                lambda: (self.mean, self.variance),
                lambda: (tf.identity(self.moving_mean), tf.identity(self.moving_variance)),
            )
        along = [1 if i in others else self.channels for i in range(self.rank)]

        def spread(value: Any) -> Any:
            if value is None or self.axis == self.rank - 1:
                return value
            return tf.reshape(value, along)

        parameters = (spread(v) for v in (mean, variance, self.beta, self.gamma))
        outputs = tf.nn.batch_normalization(self.inputs, *parameters, self.epsilon)
        outputs.set_shape(self.inputs.shape)
        return outputs

    def _moments(self, axes: list[int]) -> Any:
        if self.weights is None:
            return tf.nn.moments(self.inputs, axes)
        weights = tf.convert_to_tensor(self.weights)
        self.inputs.shape[:1].assert_is_compatible_with(weights.shape)
        weights = tf.reshape(weights, [-1] + [1] * (self.rank - 1))
        return tf.nn.weighted_moments(self.inputs, axes, weights)

    def updated(self, outputs: Any, decay: Any, debias: bool, collections: Any) -> Any:
        """Return the outputs after the averages are updated, if that goes into no collection."""
        if known(self.training) is False:
            return outputs

        def moved() -> Any:
            return (
                assign_moving_average(self.moving_mean, self.mean, decay, zero_debias=debias),
                assign_moving_average(
                    self.moving_variance, self.variance, decay, zero_debias=False
                ),
            )

        def kept() -> Any:
            return tf.identity(self.moving_mean), tf.identity(self.moving_variance)

        if collections is not None:
            for update in choose(self.training, moved, kept):
                tf.add_to_collections(collections, update)
            return outputs

        def after_updates() -> Any:
            with tf.control_dependencies(moved()):
                return tf.identity(outputs)

        return choose(self.training, after_updates, lambda: tf.identity(outputs))
