"""Pooling: the maximum or the mean of windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.shapes import TensorShape
from evergraph.v1._arguments import convert_padding, renamed, sequence
from evergraph.v1.dilation import strides_and_dilations, with_space_to_batch
from evergraph.v1.shaping import expand_dims, squeeze


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """Return the maximum of each window of images.

    Args:
      value: the images.
      ksize, strides: one size, one for height and width each, or one for each dimension.
      padding: "SAME", "VALID", or a list of a pair for each dimension.
      data_format: "NHWC", "NCHW" or "NCHW_VECT_C".
      name: the name of the node.
      input: another name of `value`.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    value = renamed("input", input, "value", value)
    with scope(name, "MaxPool", (value,)) as name:
        return _max_pool(value, ksize, strides, padding, data_format, name, check=True)


def max_pool2d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    name: str | None = None,
) -> Any:
    """Return the maximum of each window of images; as `max_pool`."""
    with scope(name, "MaxPool2d", (input,)) as name:
        return _max_pool(input, ksize, strides, padding, data_format, name)


def _max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    name: str | None,
    check: bool = False,
) -> Any:
    data_format, windows = _windows(2, ksize, strides, data_format, "NHWC")
    _check_padding(padding, data_format)
    kind, explicit = convert_padding(padding)
    if check and 0 in windows["ksize"]:
        raise ValueError(f"`ksize` cannot be zero. Received: ksize={windows['ksize']}")
    return node(
        "MaxPool",
        name,
        input=value,
        padding=kind,
        explicit_paddings=explicit,
        data_format=data_format,
        **windows,
    )


def _windows(
    count: int, ksize: Any, strides: Any, data_format: str | None, default: str, last: int = 0
) -> tuple[str, dict[str, Any]]:
    """Return the data format, and ksize and strides with an entry for every dimension."""
    data_format = data_format or default
    channel_index = 1 if data_format.startswith("NC") else last or count + 1
    return data_format, {
        "ksize": sequence(ksize, count, channel_index, "ksize"),
        "strides": sequence(strides, count, channel_index, "strides"),
    }


def _check_padding(padding: Any, data_format: str | None) -> None:
    if isinstance(padding, list | tuple) and data_format == "NCHW_VECT_C":
        raise ValueError(
            "`data_format='NCHW_VECT_C'` is not supported with explicit padding. Received: "
            f"padding={padding}"
        )


def max_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NWC",
    name: str | None = None,
) -> Any:
    """Return the maximum of each window of sequences; as `max_pool`, with "NWC" or "NCW"."""
    with scope(name, "MaxPool1d", (input,)) as name:
        _check_padding(padding, data_format)
        kind, explicit = convert_padding(padding, 3)
        explicit = [0, 0, *explicit] if kind == "EXPLICIT" else explicit

        def pool_images(images: Any, **windows: Any) -> Any:
            return node(
                "MaxPool",
                name,
                input=images,
                padding=kind,
                explicit_paddings=explicit,
                **windows,
            )

        return _as_images(input, ksize, strides, data_format, pool_images)


def _as_images(
    value: Any, ksize: Any, strides: Any, data_format: str | None, pool_images: Callable[..., Any]
) -> Any:
    """Pool sequences as images of height 1."""
    data_format, windows = _windows(1, ksize, strides, data_format, "NWC")
    windows = {k: [1, *v] for k, v in windows.items()}
    axis = 1 if data_format == "NWC" else 2
    layout = "NHWC" if data_format == "NWC" else "NCHW"
    images = node("ExpandDims", input=value, dim=axis)
    return squeeze(pool_images(images, data_format=layout, **windows), axis)


def max_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NDHWC",
    name: str | None = None,
) -> Any:
    """Return the maximum of each window of volumes; as `max_pool`, with "NDHWC" or "NCDHW"."""
    with scope(name, "MaxPool3D", (input,)) as name:
        layout, windows = _windows(3, ksize, strides, data_format, "NDHWC")
        return node("MaxPool3D", name, input=input, padding=padding, data_format=layout, **windows)


def max_pool_v2(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Any:
    """Return the maximum of each window of sequences, images or volumes; as `max_pool`."""
    count, windows = _windows_of_any_rank(input, ksize, strides, data_format)
    if isinstance(padding, list | tuple) and count == 3:
        raise ValueError(
            "Explicit padding is not supported with an input tensor of rank 5. Received: "
            f"padding={padding}"
        )
    if count == 3:
        layout = {} if data_format is None else {"data_format": data_format}
        return node("MaxPool3D", name, input=input, padding=padding, **windows, **layout)
    function = max_pool1d if count == 1 else max_pool2d
    return function(input, padding=padding, data_format=data_format, name=name, **windows)


def _windows_of_any_rank(
    value: Any, ksize: Any, strides: Any, data_format: str | None
) -> tuple[int, dict[str, Any]]:
    count = len(TensorShape(value.shape)) - 2
    if count not in (1, 2, 3):
        raise ValueError(
            f"`input.shape.rank` must be 3, 4 or 5. Received: input.shape={value.shape} of rank "
            f"{count + 2}."
        )
    first = data_format is not None and data_format.startswith("NC")
    channel_index = 1 if first else count + 1
    return count, {
        "ksize": sequence(ksize, count, channel_index, "ksize"),
        "strides": sequence(strides, count, channel_index, "strides"),
    }


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    Targmax: Any = None,
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Any:
    """Return the maximum of each window of images, and its flat index.

    Args:
      input: the images.
      ksize, strides: a size for each of the four dimensions.
      padding: "SAME" or "VALID".
      data_format: "NHWC".
      Targmax: the type of the indices; int64 by default.
      name: the name of the node.
      output_dtype: another name of `Targmax`.
      include_batch_in_index: whether indices count through the whole batch.

    Raises:
      ValueError: there is no such format.
    """
    if data_format != "NHWC":
        raise ValueError(
            "`data_format` values other  than 'NHWC' are not supported. Received: "
            f"data_format={data_format}"
        )
    Targmax = renamed("output_dtype", output_dtype, "Targmax", Targmax)
    return node(
        "MaxPoolWithArgmax",
        name,
        input=input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        Targmax=Targmax or dtypes.int64,
        include_batch_in_index=include_batch_in_index,
    )


# Means


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """Return the mean of each window of images; padding does not count.

    Args:
      value: the images.
      ksize, strides: one size, one for height and width each, or one for each dimension.
      padding: "SAME" or "VALID".
      data_format: "NHWC" or "NCHW".
      name: the name of the node.
      input: another name of `value`.
    """
    with scope(name, "AvgPool", (value,)) as name:
        value = renamed("input", input, "value", value)
        layout, windows = _windows(2, ksize, strides, data_format, "NHWC")
        return node("AvgPool", name, value=value, padding=padding, data_format=layout, **windows)


def avg_pool1d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NWC",
    name: str | None = None,
) -> Any:
    """Return the mean of each window of sequences; as `avg_pool`, with "NWC" or "NCW"."""
    with scope(name, "AvgPool1D", (input,)) as name:

        def pool_images(images: Any, **windows: Any) -> Any:
            return node("AvgPool", name, value=images, padding=padding, **windows)

        return _as_images(input, ksize, strides, data_format, pool_images)


def avg_pool3d(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NDHWC",
    name: str | None = None,
) -> Any:
    """Return the mean of each window of volumes; as `avg_pool`, with "NDHWC" or "NCDHW"."""
    with scope(name, "AvgPool3D", (input,)) as name:
        layout, windows = _windows(3, ksize, strides, data_format, "NDHWC")
        return node("AvgPool3D", name, input=input, padding=padding, data_format=layout, **windows)


def avg_pool_v2(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    name: str | None = None,
) -> Any:
    """Return the mean of each window of sequences, images or volumes; as `avg_pool`."""
    count, windows = _windows_of_any_rank(input, ksize, strides, data_format)
    if count == 1:
        return avg_pool1d(input, padding=padding, data_format=data_format, name=name, **windows)
    type, label = ("AvgPool", "value") if count == 2 else ("AvgPool3D", "input")
    layout = {} if data_format is None else {"data_format": data_format}
    return node(type, name, **{label: input}, padding=padding, **windows, **layout)


# Pooling of any rank, and dilated


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    padding: Any,
    dilation_rate: Any = None,
    strides: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """Pool tensors of one, two or three spatial dimensions.

    Args:
      input: the tensors.
      window_shape: the size of the window in each spatial dimension.
      pooling_type: "MAX" or "AVG".
      padding: "SAME" or "VALID".
      dilation_rate: how far apart the elements of a window are.
      strides: the step in each spatial dimension.
      name: the name of the node.
      data_format: where the channels are: last (the default), or after the batch (`NC...`).
      dilations: another name of `dilation_rate`.

    Raises:
      ValueError: arguments or shapes do not fit.
    """
    rates = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    with scope(name, f"{pooling_type.lower()}_pool", (input,)) as name:
        x = convert_to_tensor(input, name="input")
        count = len(window_shape)
        if count not in (1, 2, 3):
            raise ValueError(
                "`len(window_shape)` must be 1, 2, or 3. Received: window_shape="
                f"{window_shape} of length {count}"
            )
        x.shape.with_rank(count + 2)
        steps, rates = strides_and_dilations(count, strides, rates)
        _check_pool(padding, window_shape, steps, rates)
        function = _POOLS.get((pooling_type, count))
        if function is None:
            raise ValueError(f"{count}-D {pooling_type} pooling is not supported.")
        first = data_format is not None and data_format.startswith("NC")
        sizes = [
            [1, 1, *values] if first else [1, *values, 1] for values in (window_shape, list(steps))
        ]
        dims = [i + (2 if first else 1) for i in range(count)]
        if count == 1:
            if data_format not in (None, "NWC", "NCW"):
                raise ValueError(
                    "data_format must be either 'NWC' or 'NCW'. Received: data_format="
                    f"{data_format}"
                )
            data_format = "NCHW" if first else "NHWC"
            sizes = [[1, *values] for values in sizes]

        def apply(converted: Any, _: int, padding: Any) -> Any:
            images = expand_dims(converted, dims[0]) if count == 1 else converted
            result = function(images, *sizes, padding, name=name, data_format=data_format)
            return squeeze(result, [dims[0]]) if count == 1 else result

        return with_space_to_batch(
            x, rates, padding, apply, spatial_dims=dims, filter_shape=window_shape
        )


def _check_pool(padding: Any, window_shape: Any, strides: Any, rates: Any) -> None:
    if padding == "SAME" and (rates > 1).any():
        raise ValueError(
            "pooling with 'SAME' padding is not implemented for `dilation_rate` > 1. Received: "
            f"padding={padding} and dilation_rate={rates}"
        )
    if np.any(strides > np.asarray(window_shape)):
        raise ValueError(
            "`strides` > `window_shape` not supported due to inconsistency between CPU and GPU "
            f"implementations. Received: strides={strides} and window_shape={window_shape}"
        )


_POOLS: dict[tuple[str, int], Callable[..., Any]] = {
    ("MAX", 1): max_pool,
    ("MAX", 2): max_pool,
    ("MAX", 3): max_pool3d,
    ("AVG", 1): avg_pool,
    ("AVG", 2): avg_pool,
    ("AVG", 3): avg_pool3d,
}
