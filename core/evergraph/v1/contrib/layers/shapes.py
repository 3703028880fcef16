"""Layers of contrib without variables: dropout, flatten, maxout, one_hot_encoding, softmax."""

from __future__ import annotations

from typing import Any

from evergraph import v1 as tf
from evergraph.v1.contrib.framework.arguments import add_arg_scope
from evergraph.v1.contrib.framework.variables import model_variable
from evergraph.v1.contrib.layers.common import check_format, layer_scope
from evergraph.v1.contrib.layers.utils import collect_named_outputs, get_variable_collections


@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> Any:
    """Return the inputs, with elements at random as zero while training.

    Args:
      inputs: a tensor of floats.
      keep_prob: how probable it is that an element is kept.
      noise_shape: see `tf.nn.dropout`.
      is_training: a bool, or a scalar tensor.
      outputs_collections: collections for the outputs.
      scope: the variable scope, "Dropout" by default.
      seed: the op's seed.
    """
    with layer_scope(scope, "Dropout", inputs, names={}) as found:
        inputs = tf.convert_to_tensor(inputs)
        layer = tf.layers.Dropout(
            rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=found.name, _scope=found
        )
        outputs = layer.apply(inputs, training=is_training)
        return collect_named_outputs(outputs_collections, found.name, outputs)


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """Return the inputs as vectors: all dimensions but the first as one.

    Args:
      inputs: a tensor of known rank.
      outputs_collections: collections for the outputs.
      scope: a name scope.
    """
    with tf.name_scope(scope, "Flatten", [inputs]) as name:
        outputs = tf.layers.flatten(tf.convert_to_tensor(inputs))
        return collect_named_outputs(outputs_collections, name, outputs)


@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: int,
    on_value: Any = 1.0,
    off_value: Any = 0.0,
    outputs_collections: Any = None,
    scope: Any = None,
) -> Any:
    """Return a row for each label, with one number at its place and another elsewhere.

    Args:
      labels: integers.
      num_classes: how many classes there are.
      on_value, off_value: the two numbers.
      outputs_collections: collections for the outputs.
      scope: a name scope.
    """
    with tf.name_scope(scope, "OneHotEncoding", [labels, num_classes]) as name:
        labels = tf.convert_to_tensor(labels)
        if labels.dtype == tf.int32:
            labels = tf.cast(labels, tf.int64)
        outputs = tf.one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_named_outputs(outputs_collections, name, outputs)


@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> Any:
    """Return the maximum of each of so many groups of channels.

    Args:
      inputs: a tensor of known rank and channels.
      num_units: how many groups there are.
      axis: where the channels are.
      scope: the variable scope, "MaxOut" by default.

    Raises:
      ValueError: they cannot be divided evenly.
    """
    with tf.variable_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        sizes = inputs.shape.as_list()
        channels = sizes[axis]
        if channels % num_units:
            raise ValueError(
                f"number of features({channels}) is not a multiple of num_units({num_units})"
            )
        # TF: a group is what lies together after all other axes, whatever the axis.
        sizes[axis] = num_units
        sizes.append(channels // num_units)
        current = tf.shape(inputs)
        split = [current[i] if size is None else size for i, size in enumerate(sizes)]
        return tf.reduce_max(tf.reshape(inputs, split), -1)


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Return the softmax along the last axis.

    Args:
      logits: a tensor of known rank, and size of the last axis.
      scope: the variable scope, "softmax" by default.
    """
    with tf.variable_scope(scope, "softmax", [logits]):
        logits = tf.convert_to_tensor(logits)
        size = logits.shape.as_list()[-1]
        rows = tf.nn.softmax(tf.reshape(logits, [-1, size]))
        predictions = tf.reshape(rows, tf.shape(logits))
        predictions.set_shape(logits.shape)
        return predictions


@add_arg_scope
def spatial_softmax(
    features: Any,
    temperature: Any = None,
    name: str | None = None,
    variables_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
) -> Any:
    """Return where each channel of images is large, as expected coordinates in [-1, 1].

    Args:
      features: images, of known channels.
      temperature: what they are divided by first; None for a variable that begins with 1.
      name: the variable scope.
      variables_collections: collections for that variable.
      trainable: whether the optimizer may change it.
      data_format: "NHWC" or "NCHW".

    Returns:
      For each channel where it is down, then across: [batch, 2 * channels].

    Raises:
      ValueError: the format is another one, or the number of channels is not known.
    """
    check_format(data_format)
    with tf.variable_scope(name, "spatial_softmax"):
        features = tf.convert_to_tensor(features)
        sizes = tf.shape(features)
        if data_format == "NHWC":
            features = tf.transpose(features, [0, 3, 1, 2])
            height, width = sizes[1], sizes[2]
        else:
            height, width = sizes[2], sizes[3]
        channels = features.shape.as_list()[1]
        if channels is None:
            raise ValueError("The channel dimension must be known but is None")
        places = tf.meshgrid(
            tf.lin_space(-1.0, 1.0, num=height),
            tf.lin_space(-1.0, 1.0, num=width),
            indexing="ij",
        )
        if temperature is None:
            temperature = model_variable(
                "temperature",
                shape=(),
                dtype=tf.float32,
                initializer=tf.ones_initializer(),
                collections=get_variable_collections(variables_collections, "temperature"),
                trainable=trainable,
            )
        rows = tf.reshape(features, [-1, height * width])
        weights = tf.nn.softmax(rows / temperature)
        expected = [
            tf.reduce_sum(tf.reshape(where, [-1]) * weights, [1], keepdims=True) for where in places
        ]
        points = tf.reshape(tf.concat(expected, 1), [-1, channels * 2])
        points.set_shape([None, channels * 2])
        return points
