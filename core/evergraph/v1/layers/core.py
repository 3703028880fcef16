"""Layers of any shape: dense ones, dropout, and the one that makes vectors."""

from __future__ import annotations

from typing import Any

from evergraph import dtypes
from evergraph.dtypes import as_dtype
from evergraph.graph.convert import constant, convert_to_tensor
from evergraph.graph.operators import matmul
from evergraph.graph.slicing import shape as shape_of
from evergraph.shapes import TensorShape
from evergraph.v1.activations import bias_add
from evergraph.v1.contractions import tensordot
from evergraph.v1.dropping import dropout as drop
from evergraph.v1.flow import identity
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.layers.base import InputSpec, Layer
from evergraph.v1.layers.choices import choose
from evergraph.v1.layers.functions import function_of
from evergraph.v1.layers.windows import normalized_format
from evergraph.v1.shaping import expand_dims, reshape, transpose


class Dense(Layer):
    """A product with a matrix, plus a vector, through a function.

    Args:
      units: the size of the last dimension of the outputs.
      activation: the function, or None.
      use_bias: whether a vector is added.
      kernel_initializer, bias_initializer: see `tf.get_variable`.
      kernel_regularizer, bias_regularizer: functions from a variable to a loss.
      activity_regularizer: a function from the outputs to a loss.
      kernel_constraint, bias_constraint: functions that the optimizer applies after a step.
      trainable, name: see `Layer`.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008  # as TensorFlow's; it has no state
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs
        )
        self.units = int(units)
        if self.units < 0:
            raise ValueError(
                "Received an invalid value for `units`, expected a positive integer. Received: "
                f"units={units}"
            )
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias.

        Raises:
          TypeError: the inputs are no floats.
          ValueError: the last dimension is unknown.
        """
        dtype = as_dtype(self.dtype or dtypes.float32)
        if not (dtype.is_floating or dtype.is_complex):
            raise TypeError(
                "A Dense layer can only be built with a floating-point dtype. Received: "
                f"dtype={dtype}"
            )
        shape = TensorShape(input_shape)
        last = None if shape.rank is None else shape.as_list()[-1]
        if last is None:
            raise ValueError(
                "The last dimension of the inputs to a Dense layer should be defined. Found None. "
                f"Full input shape received: {input_shape}"
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight(
            "kernel",
            [last, self.units],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [self.units],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the outputs: all dimensions but the last are those of the inputs."""
        rank = TensorShape(inputs.shape).rank
        if rank is None or rank == 2:
            outputs = matmul(inputs, self.kernel)
        else:
            outputs = tensordot(inputs, self.kernel, [[rank - 1], [0]])
            outputs.set_shape([*TensorShape(inputs.shape).as_list()[:-1], self.units])
        if self.bias is not None:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


dense = function_of(Dense, "dense")


class Dropout(Layer):
    """Elements that become zero at random while training.

    Args:
      rate: how probable it is that one does.
      noise_shape: see `tf.nn.dropout`; None stands for a size of the inputs.
      seed: the op's seed.
      name: see `Layer`.
    """

    def __init__(
        self,
        rate: Any = 0.5,
        noise_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(rate, int | float) and not 0 <= rate <= 1:
            raise ValueError(
                f"Invalid value {rate} received for `rate`, expected a value between 0 and 1."
            )
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def call(self, inputs: Any, training: Any = False) -> Any:
        """Return the inputs, some elements dropped if `training`: a bool, or a scalar tensor."""

        def dropped() -> Any:
            noise_shape = self._noise_shape(inputs)
            return drop(inputs, rate=self.rate, noise_shape=noise_shape, seed=self.seed)

        return choose(training, dropped, lambda: identity(inputs))

    def _noise_shape(self, inputs: Any) -> Any:
        if self.noise_shape is None:
            return None
        if hasattr(self.noise_shape, "dtype"):
            return self.noise_shape
        sizes = shape_of(inputs)
        found = [sizes[i] if size is None else size for i, size in enumerate(self.noise_shape)]
        return convert_to_tensor(found)


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Any:
    """Return the inputs, with elements at random as zero if `training`.

    Args:
      inputs: a tensor of floats.
      rate, noise_shape, seed, name: see `Dropout`.
      training: a bool, or a scalar tensor.
    """
    layer = Dropout(rate, noise_shape=noise_shape, seed=seed, name=name)
    return layer.apply(inputs, training=training)


class Flatten(Layer):
    """All dimensions but the first as one.

    Args:
      data_format: "channels_last" (the default), or "channels_first": the channels are moved to
        the end first.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = normalized_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Return the inputs as vectors."""
        known = TensorShape(inputs.shape)
        rank = known.rank
        if self.data_format == "channels_first" and rank is not None and rank > 1:
            inputs = transpose(inputs, [0, *range(2, rank), 1])
        if rank == 1:
            return expand_dims(inputs, axis=1)
        others = TensorShape(None) if rank is None else known[1:]
        if not others.is_fully_defined():
            return reshape(inputs, [shape_of(inputs)[0], -1])
        return reshape(inputs, constant([-1, others.num_elements()]))


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Any:
    """Return the inputs as vectors: all dimensions but the first as one.

    Args:
      inputs: a tensor.
      name, data_format: see `Flatten`.
    """
    return Flatten(name=name, data_format=data_format).apply(inputs)
