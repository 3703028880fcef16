"""Layers of a network as functions: convolution, pooling, softmax, losses."""

from __future__ import annotations

from typing import Any

from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.operators import node, scope
from evergraph.graph.tensor import Tensor


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """Return the convolution of images [batch, height, width, channels] with a filter."""
    return node(
        "Conv2D",
        name,
        input=input,
        filter=filter if filters is None else filters,
        strides=_four(strides, data_format),
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        data_format=data_format,
        dilations=_four(dilations, data_format),
    )


def _four(value: Any, data_format: str) -> list[int]:
    items = [value] if isinstance(value, int) else list(value)
    if len(items) == 4:
        return items
    inner = items * 2 if len(items) == 1 else items
    return [1, 1, *inner] if data_format.startswith("NC") else [1, *inner, 1]


def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Any:
    """Return the convolution of every channel with filters of its own."""
    return node(
        "DepthwiseConv2dNative",
        name,
        input=input,
        filter=filter,
        strides=list(strides),
        padding=padding,
        data_format=data_format,
        dilations=list(dilations),
    )


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """Return the maximum of every window."""
    return _pool(
        "MaxPool", value if input is None else input, ksize, strides, padding, data_format, name
    )


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """Return the mean of every window."""
    return _pool(
        "AvgPool", value if input is None else input, ksize, strides, padding, data_format, name
    )


def _pool(
    type: str, value: Any, ksize: Any, strides: Any, padding: Any, data_format: str, name: Any
) -> Any:
    sizes, steps = _four(ksize, data_format), _four(strides, data_format)
    arguments = {"ksize": sizes, "strides": steps, "padding": padding, "data_format": data_format}
    key = "input" if type == "MaxPool" else "value"
    with scope(name, type, [value]) as full:
        return node(type, full, **{key: convert_to_tensor(value, name="input")}, **arguments)


def bias_add(value: Any, bias: Any, data_format: Any = None, name: str | None = None) -> Any:
    """Return `value` with `bias` added to its channels."""
    layout = "NHWC" if data_format is None else data_format
    layout = "NCHW" if layout.startswith("NC") else "NHWC"
    with scope(name, "BiasAdd", [value, bias]) as full:
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, dtype=value.dtype, name="bias")
        return node("BiasAdd", full, value=value, bias=bias, data_format=layout)


def relu6(features: Any, name: str | None = None) -> Any:
    """Return the input, between 0 and 6."""
    with scope(name, "Relu6", [features]) as full:
        return node("Relu6", full, features=convert_to_tensor(features, name="features"))


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Return the input, times `alpha` where it is negative."""
    with scope(name, "LeakyRelu", [features]) as full:
        features = convert_to_tensor(features, name="features")
        return node("LeakyRelu", full, features=features, alpha=alpha)


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """Return the exponentials of `logits`, divided by their sum along the last axis.

    Raises:
      ValueError: `axis` is not the last one.
    """
    return _last_axis("Softmax", logits, dim if axis is None else axis, name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """Return the logarithm of `softmax`; errors as there."""
    return _last_axis("LogSoftmax", logits, dim if axis is None else axis, name)


def _last_axis(type: str, logits: Any, axis: Any, name: str | None) -> Any:
    tensor: Tensor = convert_to_tensor(logits)
    if axis not in (None, -1) and axis != (tensor.ndim or 0) - 1:
        raise ValueError(f"{type}: axis {axis} is not the last axis; transpose first")
    return node(type, name, logits=tensor)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: Any = -1,
    name: str | None = None,
    axis: Any = None,
) -> Any:
    """Return the cross entropy of rows of logits and rows of probabilities.

    Raises:
      ValueError: arguments are given by position.
    """
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(
            "Only call `softmax_cross_entropy_with_logits` with named arguments "
            "(labels=..., logits=..., ...)"
        )
    del dim, axis
    return node("SoftmaxCrossEntropyWithLogits", name, features=logits, labels=labels)[0]


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """Return the cross entropy of rows of logits and class numbers.

    Raises:
      ValueError: arguments are given by position.
    """
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(
            "Only call `sparse_softmax_cross_entropy_with_logits` with named arguments "
            "(labels=..., logits=..., ...)"
        )
    return node("SparseSoftmaxCrossEntropyWithLogits", name, features=logits, labels=labels)[0]
