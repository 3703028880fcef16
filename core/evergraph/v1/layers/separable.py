"""Layers that convolve each channel, then mix the channels: SeparableConv1D, SeparableConv2D."""

from __future__ import annotations

from typing import Any

from evergraph.v1.activations import bias_add
from evergraph.v1.convolutions import separable_conv2d as separable
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.layers.base import InputSpec
from evergraph.v1.layers.convolutional import Convolution
from evergraph.v1.layers.functions import function_of
from evergraph.v1.layers.windows import channels_of, tensorflow_format
from evergraph.v1.shaping import expand_dims, squeeze


class _Separable(Convolution):
    """A separable convolution.

    Args:
      depth_multiplier: how many channels are made of each, before they are mixed.
      depthwise_initializer, depthwise_regularizer, depthwise_constraint, pointwise_initializer,
        pointwise_regularizer, pointwise_constraint: for either kernel; see `Dense`.
    """

    def __init__(
        self,
        filters: Any,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = "valid",
        data_format: Any = "channels_last",
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        bias_initializer: Any = zeros_initializer(),  # noqa: B008  # as TensorFlow's; no state
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
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
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint

    def build(self, input_shape: Any) -> None:
        """Make both kernels and the bias.

        Raises:
          ValueError: the number of channels is not known.
        """
        axis, channels = channels_of(input_shape, self.data_format)
        self.input_spec = InputSpec(ndim=self.spatial + 2, axes={axis: channels})
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel",
            (*(1,) * self.spatial, self.depth_multiplier * channels, self.filters),
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self.add_bias()
        self.built = True

    def _separate(
        self, images: Any, depthwise: Any, pointwise: Any, strides: Any, rate: Any
    ) -> Any:
        """Return convolved images, with the bias added."""
        first = self.data_format == "channels_first"
        data_format = tensorflow_format(self.data_format, 4)
        outputs = separable(
            images,
            depthwise,
            pointwise,
            strides=[1, 1, *strides] if first else [1, *strides, 1],
            padding=self.op_padding,
            rate=rate,
            data_format=data_format,
        )
        if self.bias is None:
            return outputs
        return bias_add(outputs, self.bias, data_format=data_format)


class SeparableConv1D(_Separable):
    """A separable convolution of sequences; see `Convolution`."""

    spatial = 1

    def call(self, inputs: Any) -> Any:
        """Return the outputs: those of images of height 1."""
        axis = 2 if self.data_format == "channels_first" else 1
        outputs = self._separate(
            expand_dims(self.padded(inputs), axis),
            expand_dims(self.depthwise_kernel, 0),
            expand_dims(self.pointwise_kernel, 0),
            self.strides * 2,
            (1, *self.dilation_rate),
        )
        return self.activated(squeeze(outputs, [axis]))


class SeparableConv2D(_Separable):
    """A separable convolution of images; see `Convolution`."""

    spatial = 2

    def call(self, inputs: Any) -> Any:
        """Return the outputs."""
        kernels = (self.depthwise_kernel, self.pointwise_kernel)
        return self.activated(self._separate(inputs, *kernels, self.strides, self.dilation_rate))


separable_conv1d = function_of(SeparableConv1D, "separable_conv1d")
separable_conv2d = function_of(SeparableConv2D, "separable_conv2d")
