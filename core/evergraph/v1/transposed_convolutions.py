"""Transposed convolutions, and the gradients of convolutions as ops."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import concat
from evergraph.v1._arguments import convert_padding, is_tensor, renamed, sequence
from evergraph.v1.shaping import expand_dims, squeeze


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    """Do what the gradient of `conv2d` does.

    Args:
      value: the images.
      filter: the filters: height, width, channels out, channels in.
      output_shape: the shape of the result.
      strides, dilations, padding, data_format: see `conv2d`.
      name: the name of the node.
      input, filters: other names of `value` and `filter`.
    """
    value = renamed("input", input, "value", value)
    filter = renamed("filters", filters, "filter", filter)
    with scope(name, "conv2d_transpose", (value, filter, output_shape)) as name:
        data_format = data_format or "NHWC"
        channel_index = 1 if data_format.startswith("NC") else 3
        padding, explicit = convert_padding(padding)
        return node(
            "Conv2DBackpropInput",
            name,
            input_sizes=output_shape,
            filter=filter,
            out_backprop=value,
            strides=sequence(strides, 2, channel_index, "strides"),
            padding=padding,
            explicit_paddings=explicit,
            data_format=data_format,
            dilations=sequence(dilations, 2, channel_index, "dilations"),
        )


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Do what the gradient of `conv1d` does; the arguments are those of `conv2d_transpose`."""
    with scope(name, "conv1d_transpose", (input, filters, output_shape)) as name:
        if data_format not in (None, "NWC", "NCW"):
            raise ValueError(
                f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}"
            )
        last = data_format != "NCW"
        spatial = 1 if last else 2
        channel_index = 2 if last else 1
        steps = [1, *sequence(strides, 1, channel_index, "stride")]
        rates = [1, *sequence(dilations, 1, channel_index, "dilations")]
        images = expand_dims(input, spatial)
        filter = expand_dims(filters, 0)
        sizes = output_shape if is_tensor(output_shape) else list(output_shape)
        sizes = concat([sizes[:spatial], [1], sizes[spatial:]], 0)
        result = node(
            "Conv2DBackpropInput",
            name,
            input_sizes=sizes,
            filter=filter,
            out_backprop=images,
            strides=steps,
            padding=padding,
            data_format="NHWC" if last else "NCHW",
            dilations=rates,
        )
        return squeeze(result, spatial)


def conv3d_transpose(
    value: Any,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NDHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    """Do what the gradient of `conv3d` does; the arguments are those of `conv2d_transpose`."""
    filter = renamed("filters", filters, "filter", filter)
    value = renamed("input", input, "value", value)
    with scope(name, "conv3d_transpose", (value, output_shape)) as name:
        data_format = data_format or "NDHWC"
        channel_index = 1 if data_format.startswith("NC") else 4
        return node(
            "Conv3DBackpropInputV2",
            name,
            input_sizes=output_shape,
            filter=filter,
            out_backprop=value,
            strides=sequence(strides, 3, channel_index, "strides"),
            padding=padding,
            data_format=data_format,
            dilations=sequence(dilations, 3, channel_index, "dilations"),
        )


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Do what the gradient of `convolution` does; as `conv2d_transpose`.

    Raises:
      ValueError: `output_shape` is not of length 3, 4 or 5.
    """
    with scope(name, "conv_transpose", (input, output_shape)) as name:
        if is_tensor(output_shape):
            spatial = output_shape.shape[0] - 2
        elif isinstance(output_shape, Sized):
            spatial = len(output_shape) - 2
        else:
            raise ValueError(
                "`output_shape` must be a tensor or sized collection. Received: output_shape="
                f"{output_shape}"
            )
        functions: dict[int, Callable[..., Any]] = {
            1: conv1d_transpose,
            2: conv2d_transpose,
            3: conv3d_transpose,
        }
        function = functions.get(int(spatial))
        if function is None:
            raise ValueError(
                f"`output_shape` must be of length 3, 4 or 5. Received: output_shape={output_shape}"
                f" of length {spatial + 2}."
            )
        return function(
            input,
            filters,
            output_shape,
            strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=name,
        )


# The gradients of convolution, as builders of their own


def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006  # TensorFlow's default, which is never changed
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """Return the gradient of `conv2d` for its input, of shape `input_sizes`."""
    filter = renamed("filters", filters, "filter", filter)
    padding, explicit = convert_padding(padding)
    return node(
        "Conv2DBackpropInput",
        name,
        input_sizes=input_sizes,
        filter=filter,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
    )


def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006  # TensorFlow's default, which is never changed
    name: str | None = None,
) -> Any:
    """Return the gradient of `conv2d` for its filter, of shape `filter_sizes`."""
    padding, explicit = convert_padding(padding)
    return node(
        "Conv2DBackpropFilter",
        name,
        input=input,
        filter_sizes=filter_sizes,
        out_backprop=out_backprop,
        strides=strides,
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
    )
