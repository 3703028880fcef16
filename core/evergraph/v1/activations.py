"""Activations and the layers that are a few nodes."""

from __future__ import annotations

from typing import Any

import numpy as np

from evergraph import dtypes
from evergraph.errors import InvalidArgumentError
from evergraph.graph.convert import convert_to_tensor
from evergraph.graph.inference import constant_value
from evergraph.graph.operators import cast, matmul, node, scope
from evergraph.graph.slicing import concat
from evergraph.graph.tensor import Tensor
from evergraph.v1._arguments import renamed
from evergraph.v1.arithmetic import sigmoid
from evergraph.v1.filling import rank
from evergraph.v1.indexing import where
from evergraph.v1.sequences import range
from evergraph.v1.shaping import transpose


def relu6(features: Any, name: str | None = None) -> Any:
    """Return the features, none below 0 or above 6."""
    with scope(name, "Relu6", (features,)) as name:
        return node("Relu6", name, features=convert_to_tensor(features, name="features"))


def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Any:
    """Return the features, times `alpha` where they are negative."""
    with scope(name, "LeakyRelu", (features, alpha)) as name:
        features = convert_to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = cast(features, dtypes.float32)
        alpha = alpha.item() if isinstance(alpha, np.ndarray) else alpha
        return node("LeakyRelu", name, features=features, alpha=alpha)


def crelu(features: Any, name: str | None = None, axis: Any = -1) -> Any:
    """Return relu of the features, and of their negatives, concatenated along an axis."""
    with scope(name, "CRelu", (features,)) as name:
        features = convert_to_tensor(features, name="features")
        return node("Relu", features=concat([features, -features], axis, name))


def swish(features: Any, beta: Any = 1.0) -> Any:
    """Return features * sigmoid(beta * features)."""
    features = convert_to_tensor(features, name="features")
    beta = cast(convert_to_tensor(beta, name="beta"), features.dtype)
    return features * sigmoid(beta * features)


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """Return exp(logits), divided by the sum along an axis.

    Args:
      logits: the tensor.
      axis: the axis; the last by default.
      name: the name of the node.
      dim: the old name of `axis`.

    Raises:
      InvalidArgumentError: the axis is out of range.
    """
    return _along("Softmax", logits, renamed("axis", axis, "dim", dim), name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """Return the logarithm of `softmax`, whose arguments are the same."""
    return _along("LogSoftmax", logits, renamed("axis", axis, "dim", dim), name)


def _along(type: str, logits: Any, axis: Any, name: str | None) -> Any:
    """Build an op of the last dimension along another one."""
    axis = -1 if axis is None else axis
    inputs = convert_to_tensor(logits)
    known = inputs.ndim
    if (isinstance(axis, int) and axis == -1) or (known is not None and axis == known - 1):
        return node(type, name, logits=inputs)
    if known is None:
        raise TypeError(f"the rank of {inputs} must be known for an axis other than the last")
    value = constant_value(axis) if isinstance(axis, Tensor) else axis
    if value is not None and not -known <= value < known:
        raise InvalidArgumentError(
            None,
            None,
            f"`dim` must be in the range [{-known}, {known}) where {known} is the number of "
            f"dimensions in the input. Received: dim={value}",
        )
    count = rank(inputs)
    if isinstance(axis, Tensor):
        axis = where(node("Less", x=axis, y=0), axis + count, axis)
    elif axis < 0:
        axis = axis + count
    last = rank(inputs)
    exchanged = axis % known
    swapped = _swapped(inputs, exchanged, node("Sub", x=last, y=1))
    result = node(type, logits=swapped)
    result = _swapped(result, exchanged, node("Sub", x=last, y=1), name)
    result.set_shape(inputs.shape)
    return result


def _swapped(x: Any, axis: Any, last: Any, name: str | None = "transpose") -> Any:
    order = [range(axis), [last], range(axis + 1, last), [axis]]
    return transpose(x, concat(order, 0), name=name)


# Layers


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: Any = None) -> Any:
    """Add a bias to the channels.

    Args:
      value: the tensor.
      bias: a vector.
      data_format: where the channels are: `N...C` (the default) or `NC...`.
      name: the name of the node.

    Raises:
      ValueError: there is no such format.
    """
    with scope(name, "BiasAdd", (value, bias)) as name:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise ValueError(
                    "`data_format` must be of the form `N...C` or `NC...`. Received: "
                    f"data_format={data_format}"
                )
        value = convert_to_tensor(value, name="input")
        bias = convert_to_tensor(bias, value.dtype, "bias")
        return node("BiasAdd", name, value=value, bias=bias, data_format=data_format)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """Return matmul(x, weights) + biases."""
    with scope(name, "xw_plus_b", (x, weights, biases)) as name:
        x, weights, biases = _layer_inputs(x, weights, biases)
        return bias_add(matmul(x, weights), biases, name=name)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """Return relu(matmul(x, weights) + biases)."""
    with scope(name, "relu_layer", (x, weights, biases)) as name:
        x, weights, biases = _layer_inputs(x, weights, biases)
        return node("Relu", name, features=bias_add(matmul(x, weights), biases))


def _layer_inputs(*values: Any) -> list[Any]:
    names = ("x", "weights", "biases")
    return [convert_to_tensor(v, name=n) for v, n in zip(values, names, strict=True)]
