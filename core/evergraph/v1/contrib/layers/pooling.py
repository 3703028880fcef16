"""Pooling of contrib: avg_pool2d, max_pool2d, the same of volumes, and pool."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.layers.common import FORMATS, check_format, layers_format
from evergraph.v1.contrib.layers.utils import collect_named_outputs

_OF_VOLUMES = ("NDHWC", "NCDHW")


def _pooled(
    layer_class: Any,
    default: str,
    formats: tuple[str, ...],
    *,
    inputs: Any,
    kernel_size: Any,
    stride: Any,
    padding: str,
    data_format: str,
    outputs_collections: Any,
    scope: Any,
) -> Any:
    check_format(data_format, formats)
    with tf.name_scope(scope, default, [inputs]) as name:
        inputs = tf.convert_to_tensor(inputs)
        layer = layer_class(
            kernel_size,
            stride,
            padding=padding,
            data_format=layers_format(data_format),
            _scope=name,
        )
        return collect_named_outputs(outputs_collections, name, layer.apply(inputs))


@add_arg_scope
def avg_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return the means of windows of images.

    Args:
      inputs: a tensor of four dimensions.
      kernel_size: the size of windows: one number, or two.
      stride: how far they are apart, likewise.
      padding: "VALID" or "SAME".
      data_format: "NHWC" or "NCHW".
      outputs_collections: collections for the outputs.
      scope: a name scope.

    Raises:
      ValueError: the format is another one.
    """
    return _pooled(tf.layers.AveragePooling2D, "AvgPool2D", FORMATS, **locals())


@add_arg_scope
def max_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return the maxima of windows of images; see `avg_pool2d`."""
    return _pooled(tf.layers.MaxPooling2D, "MaxPool2D", FORMATS, **locals())


@add_arg_scope
def avg_pool3d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NDHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return the means of windows of volumes; see `avg_pool2d`."""
    return _pooled(tf.layers.AveragePooling3D, "AvgPool3D", _OF_VOLUMES, **locals())


@add_arg_scope
def max_pool3d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NDHWC",
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return the maxima of windows of volumes; see `avg_pool2d`."""
    return _pooled(tf.layers.MaxPooling3D, "MaxPool3D", _OF_VOLUMES, **locals())


@add_arg_scope
def pool(
    inputs: Any,
    kernel_size: Any,
    pooling_type: str,
    padding: str = "VALID",
    data_format: str | None = None,
    dilation_rate: Any = 1,
    stride: Any = 1,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return means or maxima of windows, in any number of dimensions; see `tf.nn.pool`.

    Args:
      inputs: a tensor of at least three dimensions.
      kernel_size, stride, dilation_rate: one number, or one for each dimension.
      pooling_type: "AVG" or "MAX".
      padding, data_format: see `tf.nn.pool`.
      outputs_collections: collections for the outputs.
      scope: a name scope.

    Raises:
      ValueError: the rank is not known, or too small.
    """
    with tf.name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as name:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if rank is None:
            raise ValueError("Rank of inputs must be known")
        if rank < 3:
            raise ValueError("Rank of inputs must be >= 3")

        def each(size: Any) -> Any:
            return [size] * (rank - 2) if isinstance(size, int) else size

        outputs = tf.nn.pool(
            inputs,
            each(kernel_size),
            pooling_type,
            padding,
            data_format=data_format,
            dilation_rate=each(dilation_rate),
            strides=each(stride),
            name=name,
        )
        return collect_named_outputs(outputs_collections, name, outputs)
