"""Layers that convolve: Conv1D, Conv2D, Conv3D."""

from __future__ import annotations

from typing import Any, ClassVar

from evergraph.shapes import TensorShape
from evergraph.v1.activations import bias_add
from evergraph.v1.convolutions import convolution
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.layers.base import InputSpec, Layer
from evergraph.v1.layers.functions import function_of
from evergraph.v1.layers.windows import (
    channels_of,
    normalized_format,
    normalized_padding,
    sizes_of,
    tensorflow_format,
)
from evergraph.v1.shaping import pad, reshape


class Convolution(Layer):
    """What convolutional layers share; `spatial` is how many dimensions windows have.

    Args:
      filters: how many channels come out.
      kernel_size, strides, dilation_rate: a size for all dimensions, or one for each.
      padding: "valid" or "same".
      data_format: "channels_last" or "channels_first".
      activation: a function of the outputs, or None.
      use_bias: whether a vector is added.
      bias_initializer, bias_regularizer, activity_regularizer, bias_constraint, trainable, name:
        see `Dense`.

    Raises:
      ValueError: an argument is not as it must be.
    """

    spatial: ClassVar[int]

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        bias_initializer: Any,
        bias_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = int(filters) if isinstance(filters, float) else filters
        if self.filters is not None and self.filters <= 0:
            raise ValueError(
                "Invalid value for argument `filters`. Expected a strictly positive value. "
                f"Received filters={self.filters}."
            )
        self.kernel_size = sizes_of(kernel_size, self.spatial, "kernel_size")
        self.strides = sizes_of(strides, self.spatial, "strides", zero=True)
        self.padding = normalized_padding(padding)
        self.data_format = normalized_format(data_format)
        self.dilation_rate = sizes_of(dilation_rate, self.spatial, "dilation_rate")
        if not all(self.strides):
            raise ValueError(
                f"The argument `strides` cannot contains 0(s). Received: {self.strides}"
            )
        if self.padding == "causal" and self.spatial != 1:
            raise ValueError("Causal padding is only supported for `Conv1D`and `SeparableConv1D`.")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.activation = activation
        self.use_bias = use_bias
        self.bias_initializer = bias_initializer
        self.bias_regularizer = bias_regularizer
        self.bias_constraint = bias_constraint
        self.bias: Any = None
        self.input_spec = InputSpec(min_ndim=self.spatial + 2)

    def add_bias(self) -> None:
        """Make the bias, if there is one."""
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                (self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def padded(self, inputs: Any) -> Any:
        """Return the inputs, with zeros before the first if the padding is causal."""
        if self.padding != "causal":
            return inputs
        before = [self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]
        axis = -1 if self.data_format == "channels_first" else -2
        margins = [[0, 0] for _ in range(TensorShape(inputs.shape).rank or 3)]
        margins[axis] = before
        return pad(inputs, margins)

    @property
    def op_padding(self) -> str:
        """The padding of the op."""
        return "VALID" if self.padding == "causal" else self.padding.upper()

    @property
    def op_format(self) -> str:
        """The data format of the op."""
        return tensorflow_format(self.data_format, self.spatial + 2)

    def with_bias(self, outputs: Any) -> Any:
        """Return the outputs with the bias added, if there is one."""
        if self.bias is None:
            return outputs
        if self.data_format == "channels_first":
            if self.spatial == 1:
                return outputs + reshape(self.bias, (1, self.filters, 1))
            return bias_add(outputs, self.bias, data_format="NCHW")
        return bias_add(outputs, self.bias, data_format="NHWC")

    def activated(self, outputs: Any) -> Any:
        """Return the activation of the outputs, if there is one."""
        return outputs if self.activation is None else self.activation(outputs)


class _Conv(Convolution):
    """A convolution with one kernel.

    Args:
      kernel_initializer, kernel_regularizer, kernel_constraint: see `Dense`.
    """

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008  # as TensorFlow's; no state
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
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer,
            bias_regularizer,
            bias_constraint,
            activity_regularizer=activity_regularizer,
            trainable=trainable,
            name=name,
            **kwargs,
        )
        self.kernel_initializer = kernel_initializer
        self.kernel_regularizer = kernel_regularizer
        self.kernel_constraint = kernel_constraint

    def build(self, input_shape: Any) -> None:
        """Make kernel and bias.

        Raises:
          ValueError: the number of channels is not known.
        """
        axis, channels = channels_of(input_shape, self.data_format)
        self.input_spec = InputSpec(min_ndim=self.spatial + 2, axes={axis: channels})
        self.kernel = self.add_weight(
            "kernel",
            (*self.kernel_size, channels, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.add_bias()
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the convolved inputs."""
        outputs = convolution(
            self.padded(inputs),
            self.kernel,
            padding=self.op_padding,
            strides=list(self.strides),
            dilation_rate=list(self.dilation_rate),
            data_format=self.op_format,
            name=type(self).__name__,
        )
        return self.activated(self.with_bias(outputs))


class Conv1D(_Conv):
    """A convolution of sequences; see `Convolution`. The padding may be "causal"."""

    spatial = 1


class Conv2D(_Conv):
    """A convolution of images; see `Convolution`."""

    spatial = 2


class Conv3D(_Conv):
    """A convolution of volumes; see `Convolution`."""

    spatial = 3


conv1d = function_of(Conv1D, "conv1d")
conv2d = function_of(Conv2D, "conv2d")
conv3d = function_of(Conv3D, "conv3d")
