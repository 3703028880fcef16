"""Normalizations of contrib that need no averages: layer_norm, instance_norm, group_norm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.common import check_format, finished, layer_scope
from evergraph.v1.contrib.layers.utils import get_variable_collections

#: What is added to the variance: float16 holds no smaller number.
_EPSILON, _EPSILON_OF_HALF = 1e-12, 1e-3


def scale_and_offset(
    shape: Any,
    dtype: Any,
    center: bool,
    scale: bool,
    collections: Any,
    trainable: bool,
    initializers: Mapping[str, Any] | None = None,
    regularizers: Mapping[str, Any] | None = None,
) -> tuple[Any, Any]:
    """Return the variables `beta` and `gamma`, None for what is not wanted."""
    made = []
    for part, wanted, first in (
        ("beta", center, tf.zeros_initializer()),
        ("gamma", scale, tf.ones_initializer()),
    ):
        variable = None
        if wanted:
            variable = model_variable(
                part,
                shape=shape,
                dtype=dtype,
                initializer=(initializers or {}).get(part, first),
                regularizer=(regularizers or {}).get(part),
                collections=get_variable_collections(collections, part),
                trainable=trainable,
            )
        made.append(variable)
    return made[0], made[1]


@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> Any:
    """Return each example with mean 0 and variance 1, then scaled and shifted.

    Args:
      inputs: a tensor of known rank.
      center, scale: whether there is a variable `beta` that is added, and `gamma`, a factor.
      activation_fn: a function of the result, or None.
      begin_norm_axis: from which axis on there is one mean.
      begin_params_axis: from which axis on there is one `beta`; sizes are known from there on.
      scope: the variable scope, "LayerNorm" by default.
      reuse, variables_collections, outputs_collections, trainable: see `fully_connected`.

    Raises:
      ValueError: rank or sizes are not known, or there is no such axis.
    """
    with layer_scope(scope, "LayerNorm", inputs, reuse) as found:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        first = begin_norm_axis + rank if begin_norm_axis < 0 else begin_norm_axis
        if begin_params_axis >= rank or first >= rank:
            raise ValueError(
                f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({first}) must be < "
                f"rank(inputs) ({rank})"
            )
        shape = inputs.shape[begin_params_axis:]
        if not shape.is_fully_defined():
            raise ValueError(
                f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: "
                f"{inputs.shape}"
            )
        dtype = inputs.dtype.base_dtype
        beta, gamma = scale_and_offset(
            shape, dtype, center, scale, variables_collections, trainable
        )
        mean, variance = tf.nn.moments(inputs, list(range(first, rank)), keep_dims=True)
        epsilon = _EPSILON_OF_HALF if dtype == tf.float16 else _EPSILON
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
        outputs.set_shape(inputs.shape)
        return finished(outputs, activation_fn, outputs_collections, found.name)


@add_arg_scope
def instance_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-06,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """Return each channel of each example with mean 0 and variance 1, then scaled and shifted.

    Args:
      inputs: a tensor of known rank and channels.
      epsilon: what is added to the variance.
      param_initializers: initializers of "beta" and "gamma", a dictionary.
      data_format: "NHWC" for channels on the last axis, "NCHW" for the second.
      scope: the variable scope, "InstanceNorm" by default.
      center, scale, activation_fn, reuse, variables_collections, outputs_collections, trainable:
        see `layer_norm`.

    Raises:
      ValueError: the format is another one, rank or channels are not known.
    """
    inputs = tf.convert_to_tensor(inputs)
    rank = inputs.shape.rank
    if rank is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank.")
    check_format(data_format)
    axis = 1 if data_format == "NCHW" else rank - 1
    with layer_scope(scope, "InstanceNorm", inputs, reuse) as found:
        shape = _channels(inputs, axis)
        beta, gamma = scale_and_offset(
            shape,
            inputs.dtype.base_dtype,
            center,
            scale,
            variables_collections,
            trainable,
            param_initializers,
        )
        axes = [i for i in range(1, rank) if i != axis]
        mean, variance = tf.nn.moments(inputs, axes, keep_dims=True)
        along = [1 if i != axis else shape[0] for i in range(rank)]
        outputs = tf.nn.batch_normalization(
            inputs, mean, variance, _along(beta, along), _along(gamma, along), epsilon
        )
        outputs.set_shape(inputs.shape)
        return finished(outputs, activation_fn, outputs_collections, found.name)


@add_arg_scope
def group_norm(
    inputs: Any,
    groups: int = 32,
    channels_axis: int = -1,
    reduction_axes: Any = (-3, -2),
    center: bool = True,
    scale: bool = True,
    epsilon: float = 1e-06,
    activation_fn: Any = None,
    param_initializers: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    mean_close_to_zero: bool = False,
) -> Any:
    """Return each group of channels with mean 0 and variance 1, then scaled and shifted.

    Args:
      inputs: a tensor of known rank and channels.
      groups: into how many groups channels are divided.
      channels_axis: where the channels are.
      reduction_axes: the axes along which there is one mean, beside those of a group.
      mean_close_to_zero: not used: the variance is computed with the mean at any rate.
      scope: the variable scope, "GroupNorm" by default.
      center, scale, epsilon, activation_fn, param_initializers, reuse, variables_collections,
        outputs_collections, trainable: see `instance_norm`.

    Raises:
      ValueError: axes or groups are not as they must be, rank or channels are not known.
    """
    del mean_close_to_zero
    inputs = tf.convert_to_tensor(inputs)
    rank = inputs.shape.rank
    if rank is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank.")
    axis = channels_axis + rank if channels_axis < 0 else channels_axis
    reduced = [i + rank if i < 0 else i for i in reduction_axes]
    if not 0 <= axis < rank:
        raise ValueError("Axis is out of bounds.")
    if any(not 0 <= i < rank for i in reduced):
        raise ValueError("Axis is out of bounds.")
    if axis in reduced:
        raise ValueError(f"reduction_axes must be mutually exclusive with channels_axis: {axis}")
    with layer_scope(scope, "GroupNorm", inputs, reuse) as found:
        shape = _channels(inputs, axis)
        if groups > shape[0] or shape[0] % groups:
            raise ValueError(
                f"Invalid groups {groups} for {shape[0]} channels: they must be divided evenly"
            )
        beta, gamma = scale_and_offset(
            shape,
            inputs.dtype.base_dtype,
            center,
            scale,
            variables_collections,
            trainable,
            param_initializers,
        )
        sizes = tf.shape(inputs)
        size = shape[0] // groups
        split = tf.concat([sizes[:axis], [groups, size], sizes[axis + 1 :]], 0)
        grouped = tf.reshape(inputs, split)
        axes = [i if i < axis else i + 1 for i in reduced] + [axis + 1]
        mean, variance = tf.nn.moments(grouped, axes, keep_dims=True)
        along = [1] * axis + [groups, size] + [1] * (rank - axis - 1)
        outputs = tf.nn.batch_normalization(
            grouped, mean, variance, _along(beta, along), _along(gamma, along), epsilon
        )
        outputs = tf.reshape(outputs, sizes)
        outputs.set_shape(inputs.shape)
        return finished(outputs, activation_fn, outputs_collections, found.name)


def _channels(inputs: Any, axis: int) -> list[int]:
    shape = inputs.shape[axis : axis + 1]
    if not shape.is_fully_defined():
        raise ValueError(f"Inputs {inputs.name} has undefined channels dimension {shape}.")
    return list(shape.as_list())


def _along(variable: Any, sizes: list[int]) -> Any:
    return None if variable is None else tf.reshape(variable, sizes)


@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """Return vectors along a dimension divided by their length.

    Args:
      inputs: a tensor of known rank.
      dim: the dimension.
      epsilon: what is added to the square of the length.
      scope: the variable scope, "UnitNorm" by default.

    Raises:
      ValueError: the rank is not known, or there is no such dimension.
    """
    with tf.variable_scope(scope, "UnitNorm", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if not rank:
            raise ValueError("The input rank must be known.")
        if not 0 <= dim < rank:
            raise ValueError("dim must be positive but smaller than the input rank.")
        squares = tf.reduce_sum(tf.square(inputs), dim, keepdims=True)
        return inputs / tf.sqrt(epsilon + squares)
