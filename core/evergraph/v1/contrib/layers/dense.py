"""Dense layers of contrib: fully_connected, bias_add, and their short names."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.common import (
    WEIGHTS_AND_BIASES,
    check_format,
    collect,
    finished,
    layer_scope,
)
from evergraph.v1.contrib.layers.initializers import xavier_initializer
from evergraph.v1.contrib.layers.utils import get_variable_collections

_KEYS = tf.GraphKeys
#: Defaults of arguments, made once as TensorFlow's are; they have no state.
XAVIER = xavier_initializer()
ZEROS = tf.zeros_initializer()


@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: int,
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
    """Return a product with the variable `weights`, plus the variable `biases`, activated.

    Args:
      inputs: a tensor of at least two dimensions, of which the last is known.
      num_outputs: the size of the last dimension of the outputs.
      activation_fn: the function, or None.
      normalizer_fn: what takes the place of the biases, such as `batch_norm`.
      normalizer_params: arguments for that, a dictionary.
      weights_initializer, biases_initializer: see `tf.get_variable`; None for no biases.
      weights_regularizer, biases_regularizer: functions from a variable to a loss.
      reuse: whether variables of the scope are shared.
      variables_collections: collections for the variables; or a dictionary with "weights" and
        "biases".
      outputs_collections: collections for the outputs.
      trainable: whether the optimizer may change the variables.
      scope: the variable scope, "fully_connected" by default.

    Raises:
      ValueError: `num_outputs` is no integer, or a size is not known.
    """
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs type should be one of [int], got {type(num_outputs)}.")
    with layer_scope(scope, "fully_connected", inputs, reuse, WEIGHTS_AND_BIASES) as found:
        inputs = tf.convert_to_tensor(inputs)
        layer = tf.layers.Dense(
            num_outputs,
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


def _activated_by(activation_fn: Any) -> Callable[..., Any]:
    return functools.partial(fully_connected, activation_fn=activation_fn)


linear = _activated_by(None)
relu = _activated_by(tf.nn.relu)
relu6 = _activated_by(tf.nn.relu6)
elu = _activated_by(tf.nn.elu)


@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = ZEROS,
    regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """Return the inputs plus the variable `biases`, a number for each channel.

    Args:
      inputs: a tensor of at least two dimensions, of known channels.
      initializer, regularizer: of the variable; see `fully_connected`.
      data_format: "NHWC", or "NCHW" for images.
      scope: the variable scope, "BiasAdd" by default.
      activation_fn, reuse, variables_collections, outputs_collections, trainable: see
        `fully_connected`.

    Raises:
      ValueError: the format is another one, or the number of channels is not known.
    """
    check_format(data_format)
    with layer_scope(scope, "BiasAdd", inputs, reuse) as found:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.rank
        if rank is None:
            raise ValueError("Dims of shape must be known but is None")
        if rank != 4 and data_format == "NCHW":
            raise ValueError("Data format NCHW only supports 4D Tensor")
        channels = inputs.shape.as_list()[1 if data_format == "NCHW" else -1]
        if channels is None:
            raise ValueError("`C` dimension must be known but is None")
        biases = model_variable(
            "biases",
            shape=[channels],
            dtype=inputs.dtype.base_dtype,
            initializer=initializer,
            regularizer=regularizer,
            collections=get_variable_collections(variables_collections, "biases"),
            trainable=trainable,
        )
        outputs = tf.nn.bias_add(inputs, biases, data_format=data_format)
        return finished(outputs, activation_fn, outputs_collections, found.name)


def legacy_fully_connected(
    x: Any,
    num_output_units: int,
    activation_fn: Any = None,
    weight_init: Any = XAVIER,
    bias_init: Any = ZEROS,
    name: str | None = None,
    weight_collections: Any = (_KEYS.WEIGHTS,),
    bias_collections: Any = (_KEYS.BIASES,),
    output_collections: Any = (_KEYS.ACTIVATIONS,),
    trainable: bool = True,
    weight_regularizer: Any = None,
    bias_regularizer: Any = None,
) -> Any:
    """Return what the first versions of contrib called a fully connected layer.

    Its variables are `weights` and `bias`.

    Args:
      x: a tensor of at least two dimensions, of which the last is known.
      num_output_units: the size of the last dimension of the outputs.
      activation_fn: the function, or None.
      weight_init, bias_init: see `tf.get_variable`; `bias_init` None for no bias.
      name: the variable scope.
      weight_collections, bias_collections, output_collections: names of collections.
      trainable: whether the optimizer may change the variables.
      weight_regularizer, bias_regularizer: functions from a variable to a loss.

    Raises:
      ValueError: rank or last dimension are not known, or there are too few.
    """
    with tf.variable_scope(name, "fully_connected", [x]):
        x = tf.convert_to_tensor(x)
        if x.shape.rank is None or x.shape.rank < 2:
            raise ValueError(f"rank of x must be at least 2 not: {x.shape.rank}")
        sizes = x.shape.as_list()
        if sizes[-1] is None:
            raise ValueError("last dimension of x must be known but is None")

        def parameter(what: str, shape: Any, first: Any, penalty: Any, collections: Any) -> Any:
            return tf.get_variable(
                what,
                shape=shape,
                dtype=x.dtype.base_dtype,
                initializer=first,
                regularizer=penalty,
                collections=[*(collections or ()), _KEYS.GLOBAL_VARIABLES],
                trainable=trainable,
            )

        shape = [sizes[-1], num_output_units]
        weights = parameter("weights", shape, weight_init, weight_regularizer, weight_collections)
        rows = x if len(sizes) == 2 else tf.reshape(x, [-1, sizes[-1]])
        outputs = tf.matmul(rows, weights)
        if bias_init is not None:
            shape = [num_output_units]
            bias = parameter("bias", shape, bias_init, bias_regularizer, bias_collections)
            outputs = tf.nn.bias_add(outputs, bias)
        if len(sizes) > 2:
            outputs = tf.reshape(outputs, tf.concat([tf.shape(x)[:-1], [num_output_units]], 0))
            outputs.set_shape([*sizes[:-1], num_output_units])
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        tf.add_to_collections(list(output_collections or ()), outputs)
        return outputs


legacy_linear = functools.partial(legacy_fully_connected, activation_fn=None)
legacy_relu = functools.partial(legacy_fully_connected, activation_fn=tf.nn.relu)
