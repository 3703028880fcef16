"""Short graphs of tf.layers; see `snippets.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Snippet = Callable[[Any], Any]


def rows(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [2, 3], name="x")


def images(tf: Any, *sizes: int | None) -> Any:
    return tf.placeholder(tf.float32, sizes or [2, 8, 8, 3], name="x")


def named(values: Any) -> list[str]:
    return [v.name for v in values]


def dense_names(tf: Any) -> Any:
    x = rows(tf)
    found = [tf.layers.dense(x, 4), tf.layers.dense(x, 4, tf.nn.relu)]
    with tf.variable_scope("s"):
        found += [tf.layers.dense(x, 4), tf.layers.dense(x, 4, name="named")]
    with tf.variable_scope("s", reuse=True):
        found += [tf.layers.dense(x, 4, name="named")]
    with tf.variable_scope("t", reuse=tf.AUTO_REUSE):
        found += [tf.layers.dense(x, 4, name="a"), tf.layers.dense(x, 4, name="a")]
    found += [tf.layers.dense(x, 4, name="mine"), tf.layers.dense(x, 4, name="mine", reuse=True)]
    return named(found), named(tf.global_variables())


def dense_ranks(tf: Any) -> Any:
    ranks = ([None, 3], [2, None, 3], [None, 5, 4, 3])
    found = [tf.layers.dense(tf.placeholder(tf.float32, r), 2, use_bias=False) for r in ranks]
    return [str(y.shape) for y in found]


def dense_everything(tf: Any) -> Any:
    y = tf.layers.dense(
        rows(tf),
        4,
        activation=tf.tanh,
        kernel_initializer=tf.truncated_normal_initializer(stddev=0.1, seed=1),
        bias_initializer=tf.constant_initializer(0.5),
        kernel_regularizer=tf.nn.l2_loss,
        bias_regularizer=lambda w: tf.reduce_sum(tf.abs(w)),
        activity_regularizer=tf.reduce_sum,
        kernel_constraint=lambda w: tf.clip_by_value(w, -1.0, 1.0),
    )
    losses = named(tf.losses.get_regularization_losses())
    return y.name, losses


def dense_not_trained(tf: Any) -> Any:
    tf.layers.dense(rows(tf), 4, trainable=False)
    return named(tf.trainable_variables())


def dense_scope_defaults(tf: Any) -> Any:
    x = rows(tf)
    with tf.variable_scope(
        "s", initializer=tf.ones_initializer(), regularizer=tf.nn.l2_loss, use_resource=True
    ):
        tf.layers.dense(x, 4)
        tf.layers.dense(x, 4, kernel_regularizer=tf.reduce_sum)
    return named(tf.losses.get_regularization_losses())


def dense_partitioned(tf: Any) -> Any:
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
        y = tf.layers.dense(tf.placeholder(tf.float32, [2, 4]), 4)
    return y.name


def dense_object(tf: Any) -> Any:
    layer = tf.layers.Dense(4)
    other = tf.layers.Dense(4, name="given")
    x = rows(tf)
    first = layer(x)
    with tf.variable_scope("outer"):
        second = layer(x)
        third = other(x)
    fourth = other.apply(x)
    return (
        named([first, second, third, fourth]),
        [layer.name, other.name, layer.scope_name, other.scope_name],
        named([*layer.trainable_weights, *other.weights, layer.kernel, layer.bias]),
        [layer.built, layer.units, layer.use_bias, layer.dtype, layer.count_params()],
    )


def dense_scope_argument(tf: Any) -> Any:
    layer = tf.layers.Dense(4)
    with tf.variable_scope("outer") as scope:
        y = layer(rows(tf), scope=scope)
    return y.name, layer.scope_name


def own_layer(tf: Any) -> Any:
    class Scaled(tf.layers.Layer):  # type: ignore[misc]
        def build(self, input_shape: Any) -> None:
            size = int(input_shape[-1])
            self.scale = self.add_weight("scale", [size], regularizer=tf.nn.l2_loss)
            self.count = self.add_variable(
                "count", [], initializer=tf.zeros_initializer(), trainable=False
            )
            super().build(input_shape)

        def call(self, inputs: Any, factor: float = 1.0) -> Any:
            self.add_update(tf.assign_add(self.count, 1.0))
            self.add_loss(tf.reduce_sum(self.scale))
            return inputs * self.scale * factor

    x = rows(tf)
    layer = Scaled(name="own")
    outputs = [layer(x), layer(x, factor=2.0)]
    unnamed = Scaled()
    outputs.append(unnamed(x))
    return (
        named(outputs),
        [layer.name, unnamed.name, layer.built],
        named(layer.losses),
        named(layer.updates),
        named(layer.variables),
        named(layer.trainable_variables),
        named(layer.non_trainable_weights),
    )


def conv2d(tf: Any) -> Any:
    x = images(tf)
    found = [
        tf.layers.conv2d(x, 5, 3, activation=tf.nn.relu),
        tf.layers.conv2d(x, 5, [3, 2], (2, 1), "SAME", use_bias=False, name="c"),
        tf.layers.conv2d(x, 5, 3, dilation_rate=2),
        tf.layers.conv2d(
            x, filters=5, kernel_size=(1, 1), padding="same", data_format="channels_first"
        ),
    ]
    return [str(y.shape) for y in found]


def conv1d(tf: Any) -> Any:
    x = images(tf, 2, 8, 3)
    found = [
        tf.layers.conv1d(x, 5, 3, padding="same"),
        tf.layers.conv1d(x, 5, 3, 2),
        tf.layers.conv1d(x, 5, 3, dilation_rate=2),
        tf.layers.conv1d(x, 5, 3, padding="causal"),
        tf.layers.conv1d(x, 5, 3, data_format="channels_first"),
    ]
    return [str(y.shape) for y in found]


def conv3d(tf: Any) -> Any:
    x = images(tf, 2, 4, 4, 4, 3)
    found = [tf.layers.conv3d(x, 5, 3), tf.layers.conv3d(x, 5, 2, (1, 2, 2), "same")]
    return [str(y.shape) for y in found]


def transposed(tf: Any) -> Any:
    x = images(tf)
    unknown = images(tf, None, None, 8, 3)
    found = [
        tf.layers.conv2d_transpose(x, 5, 3, 2, activation=tf.nn.relu),
        tf.layers.conv2d_transpose(x, 5, 3, 2, "same", use_bias=False),
        tf.layers.conv2d_transpose(unknown, 5, 2, (3, 2)),
        tf.layers.conv3d_transpose(images(tf, 2, 4, 4, 4, 3), 5, 3, 2, "same"),
    ]
    return [str(y.shape) for y in found]


def separable(tf: Any) -> Any:
    x = images(tf)
    found = [
        tf.layers.separable_conv2d(x, 5, 3, padding="same", depth_multiplier=2),
        tf.layers.separable_conv2d(x, 5, 3, dilation_rate=2, activation=tf.nn.relu),
        tf.layers.separable_conv2d(x, 5, 3, 2, use_bias=False),
        tf.layers.separable_conv1d(images(tf, 2, 8, 3), 5, 3, 2),
        tf.layers.separable_conv1d(images(tf, 2, 8, 3), 5, 3, padding="causal"),
    ]
    return [str(y.shape) for y in found]


def pooling(tf: Any) -> Any:
    x, sequences, volumes = images(tf), images(tf, 2, 8, 3), images(tf, 2, 4, 4, 4, 3)
    found = [
        tf.layers.max_pooling2d(x, 2, 2),
        tf.layers.max_pooling2d(x, [2, 3], (1, 2), "same", name="p"),
        tf.layers.max_pooling2d(x, pool_size=2, strides=2, data_format="channels_first"),
        tf.layers.average_pooling2d(x, 2, (2, 1)),
        tf.layers.max_pooling1d(sequences, 2, 2),
        tf.layers.average_pooling1d(sequences, 2, 2, "same"),
        tf.layers.max_pooling3d(volumes, 2, 2),
        tf.layers.average_pooling3d(volumes, 2, 2),
        tf.layers.MaxPooling2D(2, 2)(x),
    ]
    return [str(y.shape) for y in found]


def dropout(tf: Any) -> Any:
    x = rows(tf)
    found = [
        tf.layers.dropout(x),
        tf.layers.dropout(x, 0.3, training=True),
        tf.layers.dropout(x, training=True, noise_shape=[2, 1], seed=3),
        tf.layers.dropout(x, training=tf.placeholder(tf.bool, [])),
        tf.layers.dropout(x, rate=tf.placeholder(tf.float32, []), training=True),
        tf.layers.dropout(x, training=tf.constant(True)),
    ]
    return named(found)


def flatten(tf: Any) -> Any:
    shapes = ([None, 3, 4], [None, None, 4], [3], [3, 4, 2], None)
    found = [tf.layers.flatten(tf.placeholder(tf.float32, s)) for s in shapes]
    found.append(tf.layers.flatten(images(tf), data_format="channels_first"))
    found.append(tf.layers.Flatten()(images(tf)))
    return [str(y.shape) for y in found]


def normalized(tf: Any) -> Any:
    x = rows(tf)
    found = [tf.layers.batch_normalization(x), tf.layers.batch_normalization(x, training=True)]
    return named(found), named(tf.get_collection(tf.GraphKeys.UPDATE_OPS))


def normalized_images(tf: Any) -> Any:
    x = images(tf)
    tf.layers.batch_normalization(x, training=True)
    tf.layers.batch_normalization(x, name="bn")
    tf.layers.batch_normalization(x, training=True, fused=False, center=False, scale=False)
    tf.layers.batch_normalization(x, axis=1, momentum=0.9, epsilon=1e-5, training=True)
    tf.layers.batch_normalization(x, training=True, center=False, scale=False)
    tf.layers.batch_normalization(x, axis=2, training=True)
    tf.layers.batch_normalization(x, axis=[1, 2], training=True)
    tf.layers.batch_normalization(x, training=True, trainable=False)
    return named(tf.get_collection(tf.GraphKeys.UPDATE_OPS)), named(tf.trainable_variables())


def normalized_types(tf: Any) -> Any:
    tf.layers.batch_normalization(tf.placeholder(tf.float16, [2, 3]), training=True)
    tf.layers.batch_normalization(tf.placeholder(tf.float64, [2, 3, 3, 4]), training=True)
    return [str(v.dtype) for v in tf.global_variables()]


def normalized_perhaps(tf: Any) -> Any:
    training = tf.placeholder(tf.bool, [])
    tf.layers.batch_normalization(rows(tf), training=training)
    return named(tf.get_collection(tf.GraphKeys.UPDATE_OPS))


def normalized_images_perhaps(tf: Any) -> Any:
    training = tf.placeholder_with_default(False, [])
    tf.layers.batch_normalization(images(tf), training=training)
    return named(tf.get_collection(tf.GraphKeys.UPDATE_OPS))


def network(tf: Any) -> Any:
    x = images(tf, None, 28, 28, 1)
    h = tf.layers.conv2d(x, 8, 5, activation=tf.nn.relu, padding="same")
    h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.batch_normalization(h, training=True)
    h = tf.layers.dense(tf.layers.flatten(h), 16, tf.nn.relu, name="fc")
    logits = tf.layers.dense(tf.layers.dropout(h, 0.4), 10)
    return logits.name, named(tf.trainable_variables())


SNIPPETS: dict[str, Snippet] = {
    "layers: dense names": dense_names,
    "layers: dense ranks": dense_ranks,
    "layers: dense everything": dense_everything,
    "layers: dense not trained": dense_not_trained,
    "layers: dense scope defaults": dense_scope_defaults,
    "layers: dense partitioned": dense_partitioned,
    "layers: dense object": dense_object,
    "layers: dense scope argument": dense_scope_argument,
    "layers: own layer": own_layer,
    "layers: conv1d": conv1d,
    "layers: conv2d": conv2d,
    "layers: conv3d": conv3d,
    "layers: transposed": transposed,
    "layers: separable": separable,
    "layers: pooling": pooling,
    "layers: dropout": dropout,
    "layers: flatten": flatten,
    "layers: normalized": normalized,
    "layers: normalized images": normalized_images,
    "layers: normalized types": normalized_types,
    "layers: normalized perhaps": normalized_perhaps,
    "layers: normalized images perhaps": normalized_images_perhaps,
    "layers: network": network,
}


def twice(tf: Any) -> Any:
    return [tf.layers.dense(rows(tf), 4, name="q") for _ in range(2)]


def other_size(tf: Any) -> Any:
    layer = tf.layers.Dense(4)
    return [layer(rows(tf)), layer(tf.zeros([2, 5]))]


def other_graph(tf: Any) -> Any:
    layer = tf.layers.Dense(4)
    layer(rows(tf))
    with tf.Graph().as_default():
        layer(rows(tf))


ERRORS: dict[str, Snippet] = {
    "layers reuse missing": lambda tf: tf.layers.dense(rows(tf), 4, name="q", reuse=True),
    "layers reuse without a name": lambda tf: tf.layers.dense(rows(tf), 4, reuse=True),
    "layers other size": other_size,
    "layers dense unknown rank": lambda tf: tf.layers.dense(tf.placeholder(tf.float32), 4),
    "layers dense unknown size": lambda tf: tf.layers.dense(
        tf.placeholder(tf.float32, [2, None]), 4
    ),
    "layers dense int": lambda tf: tf.layers.dense(tf.zeros([2, 3], tf.int32), 4),
    "layers dense vector": lambda tf: tf.layers.dense(tf.zeros([2]), 4),
    "layers dense units": lambda tf: tf.layers.dense(rows(tf), "a"),
    "layers dense negative": lambda tf: tf.layers.dense(rows(tf), -1),
    "layers dense list": lambda tf: tf.layers.dense([[1.0, 2.0]], 4),
    "layers scope_name": lambda tf: tf.layers.Dense(4).scope_name,
    "layers count_params": lambda tf: tf.layers.Dense(4).count_params(),
    "layers conv2d rank": lambda tf: tf.layers.conv2d(rows(tf), 4, 3),
    "layers conv2d padding": lambda tf: tf.layers.conv2d(images(tf), 4, 3, padding="x"),
    "layers conv2d kernel": lambda tf: tf.layers.conv2d(images(tf), 4, (3, 3, 3)),
    "layers conv2d kernel zero": lambda tf: tf.layers.conv2d(images(tf), 4, 0),
    "layers conv2d kernel string": lambda tf: tf.layers.conv2d(images(tf), 4, "3x"),
    "layers conv2d strides zero": lambda tf: tf.layers.conv2d(images(tf), 4, 3, 0),
    "layers conv2d filters": lambda tf: tf.layers.conv2d(images(tf), 0, 3),
    "layers conv2d causal": lambda tf: tf.layers.conv2d(images(tf), 4, 3, padding="causal"),
    "layers conv2d dilated strides": lambda tf: tf.layers.conv2d(
        images(tf), 4, 3, strides=2, dilation_rate=2
    ),
    "layers conv2d channels": lambda tf: tf.layers.conv2d(images(tf, 2, 8, 8, None), 4, 3),
    "layers conv2d format": lambda tf: tf.layers.conv2d(images(tf), 4, 3, data_format="NCHW"),
    "layers conv2d_transpose rank": lambda tf: tf.layers.conv2d_transpose(rows(tf), 4, 3),
    "layers pooling size": lambda tf: tf.layers.max_pooling2d(images(tf), -2, 2),
    "layers pooling strides": lambda tf: tf.layers.max_pooling2d(images(tf), 2, None),
    "layers pooling rank": lambda tf: tf.layers.max_pooling2d(rows(tf), 2, 2),
    "layers dropout rate": lambda tf: tf.layers.dropout(rows(tf), 2.0),
    "layers normalization axis": lambda tf: tf.layers.batch_normalization(images(tf), 7),
    "layers normalization type of axis": lambda tf: tf.layers.batch_normalization(
        images(tf), "channels"
    ),
    "layers normalization axes": lambda tf: tf.layers.batch_normalization(images(tf), [1, 1]),
    "layers normalization rank": lambda tf: tf.layers.batch_normalization(
        tf.placeholder(tf.float32)
    ),
    "layers normalization size": lambda tf: tf.layers.batch_normalization(
        tf.placeholder(tf.float32, [2, None])
    ),
    "layers other graph": other_graph,
    "layers twice": twice,
}
