"""Convolutions."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.slicing import concat, shape
from evergraph.shapes import TensorShape, dimension_at_index
from evergraph.v1._arguments import convert_padding, is_tensor, renamed, sequence
from evergraph.v1.dilation import over_spaces, strides_and_dilations, with_space_to_batch
from evergraph.v1.shaping import expand_dims, reshape, squeeze

_CHANNELS_LAST: Final = frozenset(
    ["NWC", "NHC", "NHWC", "NWHC", "NDHWC", "NDWHC", "NHDWC", "NHWDC", "NWDHC", "NWHDC"]
)


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006  # TensorFlow's default, which is never changed
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """Convolve images with filters.

    Args:
      input: the images; dimensions before the last three are a batch.
      filter: the filters: height, width, channels in, channels out.
      strides, dilations: one size, one for height and width each, or one for each dimension.
      padding: "SAME", "VALID", or a list of a pair for each dimension.
      use_cudnn_on_gpu: kept in the node.
      data_format: "NHWC" or "NCHW".
      name: the name of the node.
      filters: another name of `filter`.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    filter = renamed("filters", filters, "filter", filter)
    padding, explicit = convert_padding(padding)
    data_format = data_format or "NHWC"
    channel_index = 1 if data_format.startswith("NC") else 3
    convolve = partial(
        node,
        "Conv2D",
        filter=filter,
        strides=sequence(strides, 2, channel_index, "strides"),
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=sequence(dilations, 2, channel_index, "dilations"),
    )
    rank = TensorShape(input.shape).rank
    if rank is None or rank <= 4:
        return convolve(name, input=input)
    return _without_batch(input, convolve, 3, name)


def _without_batch(images: Any, convolve: Any, inner_rank: int, name: str | None) -> Any:
    """Convolve with all leading dimensions made one, and split again afterwards."""
    with scope(name, "squeeze_batch_dims", (images,)):
        x = convert_to_tensor(images, name="input")
        inner: Any = x.shape[-inner_rank:]
        if not inner.is_fully_defined():
            inner = shape(x)[-inner_rank:]
        batch: Any = x.shape[:-inner_rank]
        if not batch.is_fully_defined():
            batch = shape(x)[:-inner_rank]
        if isinstance(inner, TensorShape):
            flat = reshape(x, [-1, *inner.as_list()])
        else:
            flat = reshape(x, concat(([-1], inner), -1))
        result = convolve(input=flat)
        outer: Any = result.shape[-inner_rank:]
        if not outer.is_fully_defined():
            outer = shape(result)[-inner_rank:]
        out = reshape(result, concat((batch, outer), -1))
        out.set_shape(x.shape[:-inner_rank] + out.shape[-inner_rank:])
        return out


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Any:
    """Convolve sequences with filters, as images of height 1.

    Args:
      value: the sequences.
      filters: the filters: width, channels in, channels out.
      stride, dilations: a size, or one for each dimension.
      padding: "SAME" or "VALID".
      use_cudnn_on_gpu: kept in the node.
      data_format: "NWC" (the default) or "NCW".
      name: a name scope.
      input: another name of `value`.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    value = renamed("input", input, "value", value)
    with scope(name, "conv1d", (value, filters)) as name:
        last = data_format in (None, "NHWC", "NWC")
        if not last and data_format not in ("NCHW", "NCW"):
            raise ValueError(
                f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}"
            )
        channel_index = 2 if last else 1
        spatial = -3 if last else -2
        strides = [1, *sequence(stride, 1, channel_index, "stride")]
        rates = [1, *sequence(dilations, 1, channel_index, "dilations")]
        value = expand_dims(value, spatial)
        convolve = partial(
            node,
            "Conv2D",
            filter=expand_dims(filters, 0),
            strides=strides,
            padding=padding,
            use_cudnn_on_gpu=use_cudnn_on_gpu,
            data_format="NHWC" if last else "NCHW",
            dilations=rates,
        )
        if value.ndim is None or value.ndim <= 4:
            result = convolve(name, input=value)
        else:
            result = _without_batch(value, convolve, 3, name)
        return squeeze(result, [spatial])


def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str = "NDHWC",
    dilations: Any = [1, 1, 1, 1, 1],  # noqa: B006  # TensorFlow's default, never changed
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """Convolve volumes with filters.

    Args:
      input: the volumes.
      filter: the filters: depth, height, width, channels in, channels out.
      strides, dilations: a size for each of the five dimensions.
      padding: "SAME" or "VALID".
      data_format: "NDHWC" or "NCDHW".
      name: the name of the node.
      filters: another name of `filter`.
    """
    filter = renamed("filters", filters, "filter", filter)
    return node(
        "Conv3D",
        name,
        input=input,
        filter=filter,
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
    )


# Convolution of any rank


def convolution(
    input: Any,
    filter: Any,
    padding: Any,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    """Convolve tensors of one, two or three spatial dimensions with filters.

    Args:
      input: the tensors.
      filter: the filters: spatial dimensions, channels in, channels out.
      padding: "SAME" or "VALID".
      strides: a size for each spatial dimension.
      dilation_rate: how far apart the filter's elements are; not with strides.
      name: a name scope.
      data_format: where the channels are: last (the default), or after the batch (`NC...`).
      filters, dilations: other names of `filter` and `dilation_rate`.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    filter = renamed("filters", filters, "filter", filter)
    rates = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    filter, input = _converted("filters", filter), _converted("input", input)
    known = [TensorShape(t.shape) for t in (input, filter)]
    rank = known[1].rank or known[0].rank
    if not rank:
        raise ValueError(
            "When `num_spatial_dims` is not set, one of `input.shape.rank` or `filters.shape.rank` "
            f"must be known. Received: input.shape={known[0]} of rank {known[0].rank} and "
            f"filters.shape={known[1]} of rank {known[1].rank}"
        )
    spatial = rank - 2
    if spatial not in (1, 2, 3):
        raise ValueError(
            f"`num_spatial_dims` must be 1, 2, or 3. Received: num_spatial_dims={spatial}."
        )
    batch = known[0].rank - spatial - 1 if known[0].rank else 1
    last = data_format is None or data_format in _CHANNELS_LAST
    channel_index = batch + spatial if last else batch
    dilated = rates is not None
    rates = sequence(rates, spatial, channel_index, "dilations")
    strides = sequence(strides, spatial, channel_index, "strides")
    with scope(name, None if name else "convolution", (input, filter)) as name:
        arguments = {"padding": padding, "data_format": data_format, "name": name}
        if not (dilated and any(r != 1 for r in rates)):
            if spatial == 1:
                return conv1d(input, filter, strides, dilations=rates, **arguments)
            return _conv_nd(spatial, input, filter, strides, dilations=rates, **arguments)
        part = slice(2, None) if channel_index == 1 else slice(1, -1)
        return _dilated(input, filter, padding, strides[part], rates[part], name, data_format)


def _converted(label: str, value: Any) -> Any:
    if is_tensor(value):
        return value
    with scope("convolution_internal"):
        return convert_to_tensor(value, name=label)


def _conv_nd(
    spatial: int,
    x: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    name: str | None,
    dilations: Any = None,
) -> Any:
    convolve = partial(
        node,
        f"Conv{spatial}D",
        filter=filter,
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
    )
    rank = TensorShape(x.shape).rank
    if rank is None or rank <= spatial + 2:
        return convolve(name, input=x)
    return _without_batch(x, convolve, spatial + 1, name)


def _dilated(
    x: Any, filter: Any, padding: Any, strides: Any, rates: Any, name: str, data_format: Any
) -> Any:
    """Convolve with dilated filters, by moving space into the batch."""
    spatial = len(rates)
    known, filter_shape = TensorShape(x.shape), TensorShape(filter.shape)
    batch = 1 if known.rank is None else known.rank - spatial - 1
    if batch < 1:
        raise ValueError(f"Batch dims should be >= 1, but found {batch}.")
    first = data_format is not None and data_format.startswith("NC")
    channels = dimension_at_index(known, batch if first else spatial + batch)
    inner = dimension_at_index(filter_shape, spatial)
    if not (channels % inner).is_compatible_with(0):
        raise ValueError(
            "The number of input channels is not divisible by the corresponding number of output "
            f"filters. Received: input.shape={known} with {channels} channels and filters.shape="
            f"{filter_shape} with {inner} output filters."
        )
    strides, rates = strides_and_dilations(spatial, strides, rates)
    start = batch + 1 if first else batch

    def convolve(converted: Any, _: int, padding: Any) -> Any:
        sizes = list(strides)
        if spatial == 1:
            return conv1d(converted, filter, sizes[0], padding, data_format=data_format, name=name)
        # TF: the step of the batch and of the channels, written out.
        whole = [1, 1, *sizes] if first else [1, *sizes, 1]
        if spatial == 2:
            layout = "NCHW" if first else "NHWC"
            return conv2d(converted, filter, whole, padding, data_format=layout, name=name)
        return _conv_nd(3, converted, filter, whole, padding, data_format, name)

    return over_spaces(
        x,
        convolve,
        rates,
        padding,
        filter_shape=filter_shape,
        spatial_dims=np.arange(start, start + spatial).tolist(),
        data_format=data_format,
        batch=batch,
        channels_out=filter_shape,
    )


def atrous_conv2d(
    value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None
) -> Any:
    """Convolve images with dilated filters; see `convolution`."""
    rates = np.broadcast_to(rate, (2,))
    return convolution(value, filters, padding, dilation_rate=rates, name=name)


# Depthwise convolution


def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006  # TensorFlow's default, which is never changed
    name: str | None = None,
) -> Any:
    """Convolve each channel of images with filters of its own, as one node.

    Args:
      input: the images.
      filter: the filters: height, width, channels, filters for each.
      strides, dilations: a size for each of the four dimensions.
      padding: "SAME", "VALID", or a list of a pair for each dimension.
      data_format: "NHWC" or "NCHW".
      name: the name of the node.
    """
    padding, explicit = convert_padding(padding)
    return node(
        "DepthwiseConv2dNative",
        name,
        input=input,
        filter=filter,
        strides=strides,
        padding=padding,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
    )


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Convolve each channel of images with filters of its own.

    Args:
      input: the images.
      filter: the filters: height, width, channels, filters for each.
      strides: a size for each of the four dimensions.
      padding: "SAME", "VALID", or a list of a pair for each dimension.
      rate: how far apart the filter's elements are in height and width.
      name: a name scope.
      data_format: "NHWC" (the default) or "NCHW".
      dilations: another name of `rate`.
    """
    rate = renamed("dilations", dilations, "rate", rate)
    with scope(name, "depthwise", (input, filter)) as name:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")
        return _depthwise(input, filter, strides, padding, rate, name, data_format)


def _depthwise(
    x: Any, filter: Any, strides: Any, padding: Any, rate: Any, name: str, data_format: Any
) -> Any:
    def convolve(converted: Any, _: int, padding: Any) -> Any:
        return depthwise_conv2d_native(
            converted, filter, strides, padding, data_format=data_format, name=name
        )

    rate = [1, 1] if rate is None else rate
    return with_space_to_batch(
        x, rate, padding, convolve, filter_shape=shape(filter), data_format=data_format
    )


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Convolve each channel with filters of its own, and mix the channels.

    Args:
      input: the images.
      depthwise_filter: height, width, channels, filters for each.
      pointwise_filter: 1, 1, channels in, channels out.
      strides, padding, rate, name, data_format, dilations: see `depthwise_conv2d`.
    """
    rate = renamed("dilations", dilations, "rate", rate)
    inputs = (input, depthwise_filter, pointwise_filter)
    with scope(name, "separable_conv2d", inputs) as name:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise_filter = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        for dim in pointwise_filter.shape.with_rank(4)[:2]:
            dim.assert_is_compatible_with(1)
        depthwise = _depthwise(
            input, depthwise_filter, strides, padding, rate, "depthwise", data_format
        )
        ones = [1, 1, 1, 1]
        return conv2d(
            depthwise, pointwise_filter, ones, "VALID", data_format=data_format, name=name
        )
