"""Convolutions of contrib, in one to three dimensions; transposed, separable and in-plane ones."""

from __future__ import annotations

from typing import Any, Final

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.common import (
    FORMATS,
    WEIGHTS_AND_BIASES,
    check_format,
    collect,
    finished,
    layer_scope,
    layers_format,
)
from evergraph.v1.contrib.layers.dense import XAVIER, ZEROS
from evergraph.v1.contrib.layers.utils import (
    channel_dimension,
    get_variable_collections,
    two_element_tuple,
)

_LAYERS: Final = {3: "Conv1D", 4: "Conv2D", 5: "Conv3D"}
_ALL_FORMATS: Final = (None, "NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW")
_OF_VOLUMES: Final = ("NDHWC", "NCDHW")
_SEPARABLE: Final = {
    "depthwise_kernel": "depthwise_weights",
    "pointwise_kernel": "pointwise_weights",
    "bias": "biases",
}


@add_arg_scope
def convolution(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    conv_dims: int | None = None,
) -> Any:
    """Return a convolution of sequences, images or volumes, activated.

    Args:
      inputs: a tensor of three to five dimensions, of known channels.
      num_outputs: how many channels the outputs have.
      kernel_size: a size for all dimensions, or one for each.
      stride: how far windows are apart, likewise.
      padding: "SAME" or "VALID".
      data_format: where the channels are: "NHWC" and the like (the default), or "NCHW".
      rate: how far the elements of a window are apart, likewise; not with a stride.
      conv_dims: how many dimensions windows have, if that is to be checked.
      scope: the variable scope, "Conv" by default.
      activation_fn, normalizer_fn, normalizer_params, weights_initializer, weights_regularizer,
        biases_initializer, biases_regularizer, reuse, variables_collections, outputs_collections,
        trainable: see `fully_connected`.

    Raises:
      ValueError: rank, format or a size is not as it must be.
    """
    if data_format not in _ALL_FORMATS:
        raise ValueError(f"Invalid data_format: {data_format!r}")
    with layer_scope(scope, "Conv", inputs, reuse, WEIGHTS_AND_BIASES) as found:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if conv_dims is not None and rank != conv_dims + 2:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank not in _LAYERS:
            raise ValueError(f"Convolution not supported for input with rank {rank}")
        layer = getattr(tf.layers, _LAYERS[rank])(
            num_outputs,
            kernel_size,
            strides=stride,
            padding=padding,
            data_format=layers_format(data_format),
            dilation_rate=rate,
            use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=found.name,
            dtype=inputs.dtype.base_dtype,
            _scope=found,
            _reuse=reuse,
        )
        outputs = layer.apply(inputs)
        collect(layer.kernel, variables_collections, "weights")
        collect(layer.bias, variables_collections, "biases")
        return finished(
            outputs,
            activation_fn,
            outputs_collections,
            found.name,
            normalizer_fn,
            normalizer_params,
        )


@add_arg_scope
def convolution1d(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a convolution of sequences; see `convolution`."""
    return convolution(**locals(), conv_dims=1)


@add_arg_scope
def convolution2d(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a convolution of images; see `convolution`."""
    return convolution(**locals(), conv_dims=2)


@add_arg_scope
def convolution3d(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a convolution of volumes; see `convolution`."""
    return convolution(**locals(), conv_dims=3)


def _transposed(
    layer_class: Any,
    default: str,
    formats: tuple[str, ...],
    *,
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any,
    padding: str,
    data_format: str,
    activation_fn: Any,
    normalizer_fn: Any,
    normalizer_params: Any,
    weights_initializer: Any,
    weights_regularizer: Any,
    biases_initializer: Any,
    biases_regularizer: Any,
    reuse: Any,
    variables_collections: Any,
    outputs_collections: Any,
    trainable: bool,
    scope: Any,
) -> Any:
    with layer_scope(scope, default, inputs, reuse, WEIGHTS_AND_BIASES) as found:
        check_format(data_format, formats)
        inputs = tf.convert_to_tensor(inputs)
        layer = layer_class(
            num_outputs,
            kernel_size,
            strides=stride,
            padding=padding,
            data_format=layers_format(data_format),
            use_bias=not normalizer_fn and biases_initializer is not None,
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=found.name,
            dtype=inputs.dtype.base_dtype,
            _scope=found,
            _reuse=reuse,
        )
        outputs = layer.apply(inputs)
        collect(layer.kernel, variables_collections, "weights")
        collect(layer.bias, variables_collections, "biases")
        return finished(
            outputs,
            activation_fn,
            outputs_collections,
            found.name,
            normalizer_fn,
            normalizer_params,
        )


@add_arg_scope
def convolution2d_transpose(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a transposed convolution of images, in the scope "Conv2d_transpose".

    The arguments are those of `convolution`.
    """
    return _transposed(tf.layers.Conv2DTranspose, "Conv2d_transpose", FORMATS, **locals())


@add_arg_scope
def convolution3d_transpose(
    inputs: Any,
    num_outputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a transposed convolution of volumes, in the scope "Conv3d_transpose".

    The arguments are those of `convolution`.
    """
    return _transposed(tf.layers.Conv3DTranspose, "Conv3d_transpose", _OF_VOLUMES, **locals())


@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    rate: Any = 1,
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a convolution of each channel of images, the channels of which are mixed then.

    Args:
      num_outputs: how many channels the outputs have; None, if channels are not to be mixed.
      depth_multiplier: how many channels are made of each.
      pointwise_initializer: of the weights that mix; by default as of the others.
      scope: the variable scope, "SeparableConv2d" by default.
      inputs, kernel_size, stride, padding, data_format, rate, activation_fn, normalizer_fn,
        normalizer_params, weights_initializer, weights_regularizer, biases_initializer,
        biases_regularizer, reuse, variables_collections, outputs_collections, trainable: see
        `convolution`.

    Raises:
      ValueError: as of `convolution`.
    """
    check_format(data_format)
    with layer_scope(scope, "SeparableConv2d", inputs, reuse, _SEPARABLE) as found:
        inputs = tf.convert_to_tensor(inputs)
        use_bias = not normalizer_fn and biases_initializer is not None
        if num_outputs is not None:
            layer = tf.layers.SeparableConv2D(
                num_outputs,
                kernel_size,
                strides=stride,
                padding=padding,
                data_format=layers_format(data_format),
                dilation_rate=two_element_tuple(rate),
                depth_multiplier=depth_multiplier,
                use_bias=use_bias,
                depthwise_initializer=weights_initializer,
                pointwise_initializer=pointwise_initializer or weights_initializer,
                bias_initializer=biases_initializer,
                depthwise_regularizer=weights_regularizer,
                pointwise_regularizer=weights_regularizer,
                bias_regularizer=biases_regularizer,
                trainable=trainable,
                name=found.name,
                dtype=inputs.dtype.base_dtype,
                _scope=found,
                _reuse=reuse,
            )
            outputs = layer.apply(inputs)
            collect(layer.depthwise_kernel, variables_collections, "weights")
            collect(layer.pointwise_kernel, variables_collections, "weights")
            collect(layer.bias, variables_collections, "biases")
        else:
            outputs = _by_channel(
                inputs,
                two_element_tuple(kernel_size),
                depth_multiplier,
                two_element_tuple(stride),
                padding,
                two_element_tuple(rate),
                data_format,
                {"initializer": weights_initializer, "regularizer": weights_regularizer},
                {"initializer": biases_initializer, "regularizer": biases_regularizer}
                if use_bias
                else None,
                trainable,
                variables_collections,
            )
        return finished(
            outputs,
            activation_fn,
            outputs_collections,
            found.name,
            normalizer_fn,
            normalizer_params,
        )


def _by_channel(
    inputs: Any,
    kernel_size: tuple[int, int],
    depth_multiplier: int,
    stride: tuple[int, int],
    padding: str,
    rate: tuple[int, int],
    data_format: str,
    weights: dict[str, Any],
    biases: dict[str, Any] | None,
    trainable: bool,
    collections: Any,
) -> Any:
    """Return convolved channels, with biases unless there are none."""
    channels = channel_dimension(inputs.shape, layers_format(data_format), min_rank=4)
    common = {"dtype": inputs.dtype.base_dtype, "trainable": trainable}
    kernel = model_variable(
        "depthwise_weights",
        shape=[*kernel_size, channels, depth_multiplier],
        collections=get_variable_collections(collections, "weights"),
        **weights,
        **common,
    )
    strides = [1, 1, *stride] if data_format == "NCHW" else [1, *stride, 1]
    outputs = tf.nn.depthwise_conv2d(
        inputs, kernel, strides, padding, rate=rate, data_format=data_format
    )
    if biases is None:
        return outputs
    bias = model_variable(
        "biases",
        shape=[channels * depth_multiplier],
        collections=get_variable_collections(collections, "biases"),
        **biases,
        **common,
    )
    return tf.nn.bias_add(outputs, bias, data_format=data_format)


@add_arg_scope
def convolution2d_in_plane(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    activation_fn: Any = tf.nn.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = XAVIER,
    weights_regularizer: Any = None,
    biases_initializer: Any = ZEROS,
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Return a convolution of each channel by one and the same kernel.

    The scope is "ConvInPlane" by default; the other arguments are those of `convolution`.
    """
    with layer_scope(scope, "ConvInPlane", inputs, reuse) as found:
        inputs = tf.convert_to_tensor(inputs)
        channels = channel_dimension(inputs.shape, "channels_last", min_rank=4)
        common = {"dtype": inputs.dtype.base_dtype, "trainable": trainable}
        weights = model_variable(
            "weights",
            shape=[*two_element_tuple(kernel_size), 1, 1],
            initializer=weights_initializer,
            regularizer=weights_regularizer,
            collections=get_variable_collections(variables_collections, "weights"),
            **common,
        )
        kernel = tf.tile(weights, [1, 1, channels, 1])
        strides = [1, *two_element_tuple(stride), 1]
        outputs = tf.nn.depthwise_conv2d(inputs, kernel, strides, padding)
        if not normalizer_fn and biases_initializer is not None:
            biases = model_variable(
                "biases",
                shape=[channels],
                initializer=biases_initializer,
                regularizer=biases_regularizer,
                collections=get_variable_collections(variables_collections, "biases"),
                **common,
            )
            outputs = tf.nn.bias_add(outputs, biases)
        return finished(
            outputs,
            activation_fn,
            outputs_collections,
            found.name,
            normalizer_fn,
            normalizer_params,
        )
