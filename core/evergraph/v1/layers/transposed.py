"""Layers that do what gradients of convolutions do: Conv2DTranspose, Conv3DTranspose."""

from __future__ import annotations

from typing import Any

from evergraph.graph.slicing import shape as shape_of
from evergraph.graph.slicing import stack
from evergraph.shapes import TensorShape
from evergraph.v1.init_ops import zeros_initializer
from evergraph.v1.layers.base import InputSpec
from evergraph.v1.layers.convolutional import Convolution
from evergraph.v1.layers.functions import function_of
from evergraph.v1.layers.windows import channels_of
from evergraph.v1.transposed_convolutions import conv2d_transpose as transposed_2d
from evergraph.v1.transposed_convolutions import conv3d_transpose as transposed_3d


class _Transposed(Convolution):
    """A transposed convolution.

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
            1,
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
        self.input_spec = InputSpec(ndim=self.spatial + 2, axes={axis: channels})
        self.kernel = self.add_weight(
            "kernel",
            (*self.kernel_size, self.filters, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.add_bias()
        self.built = True

    def _sizes(self, sizes: list[Any]) -> list[Any]:
        """Return the spatial sizes of the outputs, from those of the inputs."""
        found: list[Any] = []
        for size, kernel, stride in zip(sizes, self.kernel_size, self.strides, strict=True):
            if size is None:
                found.append(None)
            elif self.padding == "valid":
                found.append(size * stride + max(kernel - stride, 0))
            else:
                found.append(size * stride)
        return found

    def _shape(self, batch: Any, sizes: list[Any]) -> list[Any]:
        if self.data_format == "channels_first":
            return [batch, self.filters, *sizes]
        return [batch, *sizes, self.filters]

    def call(self, inputs: Any) -> Any:
        """Return the outputs."""
        known = TensorShape(inputs.shape)
        static = known.as_list() if known.rank is not None else [None] * (self.spatial + 2)
        first = 2 if self.data_format == "channels_first" else 1
        spatial = range(first, first + self.spatial)
        sizes = shape_of(inputs)
        batch = sizes[0]
        current = [self._size(sizes, static, i) for i in spatial]
        shape = stack(self._shape(batch, self._sizes(current)))
        steps = list(self.strides)
        strides = [1, 1, *steps] if first == 2 else [1, *steps, 1]
        transposed = transposed_2d if self.spatial == 2 else transposed_3d
        outputs = transposed(
            inputs,
            self.kernel,
            shape,
            strides,
            padding=self.op_padding,
            data_format=self.op_format,
        )
        outputs.set_shape(self._shape(static[0], self._sizes([static[i] for i in spatial])))
        return self.activated(self.with_bias(outputs))

    def _size(self, sizes: Any, static: list[Any], axis: int) -> Any:
        # TF: of volumes, also the sizes that are known are taken from the tensor.
        known = static[axis] if self.spatial == 2 else None
        return sizes[axis] if known is None else known


class Conv2DTranspose(_Transposed):
    """A transposed convolution of images; see `Convolution`."""

    spatial = 2


class Conv3DTranspose(_Transposed):
    """A transposed convolution of volumes; see `Convolution`."""

    spatial = 3


conv2d_transpose = function_of(Conv2DTranspose, "conv2d_transpose")
conv3d_transpose = function_of(Conv3DTranspose, "conv3d_transpose")
