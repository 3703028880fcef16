"""Short models of tf.contrib, and what can be seen of them: variables, collections, numbers.

`tests/oracle/record_contrib.py` records what they are on TensorFlow, made by the package tf_slim,
which has kept these layers; `test_contrib_models.py` compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Model = Callable[[Any], Any]

#: Names of collections whose entries have other names on either side.
UNNAMED = ("summaries",)
#: Where TensorFlow keeps the contexts of conditionals.
LEFT_OUT = ("cond_context",)
COLLECTED = {"variables_collections": ["vars"], "outputs_collections": ["outputs"]}


def rows(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [None, 4], name="x")


def sequences(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [None, 5, 4], name="x")


def images(tf: Any) -> Any:
    return tf.placeholder(tf.float32, [None, 6, 6, 4], name="x")


def scoped(tf: Any) -> Any:
    layers, framework = tf.contrib.layers, tf.contrib.framework
    penalty = layers.l2_regularizer(0.1)
    functions = [layers.conv2d, layers.fully_connected]
    with framework.arg_scope(functions, weights_regularizer=penalty, activation_fn=None) as scope:
        inner = framework.arg_scope([layers.conv2d], stride=2, padding="VALID")
        with inner:
            first = layers.conv2d(images(tf), 3, 3, activation_fn=tf.nn.elu)
    devices = [framework.model_variable, framework.variable]
    with framework.arg_scope(scope), framework.arg_scope(devices, device="/cpu:0"):
        return layers.conv2d(first, 2, 1)


def loss(tf: Any) -> Any:
    outputs = tf.contrib.layers.fully_connected(rows(tf), 3, activation_fn=None)
    tf.contrib.layers.batch_norm(outputs)
    return tf.reduce_mean(tf.square(outputs))


def optimized(tf: Any, optimizer: Any = "SGD", **options: Any) -> Any:
    step = tf.train.get_or_create_global_step()
    return tf.contrib.layers.optimize_loss(loss(tf), step, 0.1, optimizer, **options)


def trained(tf: Any, **options: Any) -> Any:
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    return tf.contrib.slim.learning.create_train_op(loss(tf), optimizer, **options)


def slim_losses(tf: Any) -> Any:
    losses = tf.contrib.slim.losses
    losses.softmax_cross_entropy(rows(tf), tf.nn.softmax(rows(tf)))
    losses.mean_squared_error(rows(tf), rows(tf) + 1.0, weights=0.5)
    return losses.get_total_loss()


MODELS: dict[str, Model] = {
    "fully_connected": lambda tf: tf.contrib.layers.fully_connected(rows(tf), 3),
    "fully_connected twice": lambda tf: [
        tf.contrib.layers.fully_connected(rows(tf), 3),
        tf.contrib.layers.fully_connected(rows(tf), 3, activation_fn=None, biases_initializer=None),
    ],
    "fully_connected everything": lambda tf: tf.contrib.layers.fully_connected(
        rows(tf),
        3,
        weights_regularizer=tf.contrib.layers.l2_regularizer(0.1),
        biases_regularizer=tf.contrib.layers.l1_regularizer(0.2),
        scope="fc",
        **COLLECTED,
    ),
    "fully_connected shared": lambda tf: [
        tf.contrib.layers.fully_connected(rows(tf), 3, scope="a"),
        tf.contrib.layers.fully_connected(rows(tf), 3, scope="a", reuse=True),
    ],
    "fully_connected normalized": lambda tf: tf.contrib.layers.fully_connected(
        rows(tf),
        3,
        normalizer_fn=tf.contrib.layers.batch_norm,
        normalizer_params={"decay": 0.9, "scale": True},
    ),
    "fully_connected of sequences": lambda tf: tf.contrib.layers.fully_connected(
        sequences(tf), 3, trainable=False
    ),
    "linear": lambda tf: tf.contrib.layers.linear(rows(tf), 3),
    "conv2d": lambda tf: tf.contrib.layers.conv2d(
        images(tf), 3, [3, 2], stride=2, padding="VALID", **COLLECTED
    ),
    "conv2d with holes": lambda tf: tf.contrib.layers.conv2d(
        images(tf), 3, 3, rate=2, normalizer_fn=tf.contrib.layers.batch_norm
    ),
    "convolution1d": lambda tf: tf.contrib.layers.convolution1d(sequences(tf), 3, 3),
    "conv2d_transpose": lambda tf: tf.contrib.layers.conv2d_transpose(images(tf), 3, 3, stride=2),
    "separable_conv2d": lambda tf: tf.contrib.layers.separable_conv2d(images(tf), 3, 3, 2),
    "separable_conv2d by channel": lambda tf: tf.contrib.layers.separable_conv2d(
        images(tf), None, 3, 2, weights_regularizer=tf.contrib.layers.l2_regularizer(0.1)
    ),
    "conv2d_in_plane": lambda tf: tf.contrib.layers.conv2d_in_plane(images(tf), [3, 1]),
    "batch_norm": lambda tf: tf.contrib.layers.batch_norm(images(tf)),
    "batch_norm of rows": lambda tf: tf.contrib.layers.batch_norm(
        rows(tf), scale=True, **COLLECTED
    ),
    "batch_norm with averages": lambda tf: tf.contrib.layers.batch_norm(
        rows(tf), is_training=False
    ),
    "batch_norm updated at once": lambda tf: tf.contrib.layers.batch_norm(
        images(tf), updates_collections=None, decay=0.5
    ),
    "batch_norm not fused": lambda tf: tf.contrib.layers.batch_norm(
        images(tf), updates_collections="mine", fused=False, is_training=tf.constant(True)
    ),
    "batch_norm of sequences": lambda tf: tf.contrib.layers.batch_norm(
        sequences(tf), updates_collections=None
    ),
    "batch_norm without a share of zeros": lambda tf: tf.contrib.layers.batch_norm(
        images(tf), zero_debias_moving_mean=True
    ),
    "batch_norm channels first": lambda tf: tf.contrib.layers.batch_norm(
        images(tf), data_format="NCHW", updates_collections=None, fused=False
    ),
    "batch_norm as a placeholder says": lambda tf: tf.contrib.layers.batch_norm(
        images(tf),
        is_training=tf.placeholder_with_default(True, []),
        updates_collections=None,
    ),
    "batch_norm renormalized": lambda tf: tf.contrib.layers.batch_norm(
        images(tf), scale=True, renorm=True, renorm_clipping={"rmax": 3.0}
    ),
    "layer_norm": lambda tf: tf.contrib.layers.layer_norm(images(tf), **COLLECTED),
    "layer_norm of the last axis": lambda tf: tf.contrib.layers.layer_norm(
        images(tf), begin_norm_axis=-1, center=False, activation_fn=tf.nn.relu
    ),
    "instance_norm": lambda tf: tf.contrib.layers.instance_norm(images(tf)),
    "instance_norm channels first": lambda tf: tf.contrib.layers.instance_norm(
        images(tf), data_format="NCHW"
    ),
    "group_norm": lambda tf: tf.contrib.layers.group_norm(images(tf), groups=2),
    "max_pool2d": lambda tf: tf.contrib.layers.max_pool2d(images(tf), [3, 3]),
    "avg_pool2d": lambda tf: tf.contrib.layers.avg_pool2d(
        images(tf), 2, stride=1, padding="SAME", scope="p", outputs_collections="outputs"
    ),
    "pool": lambda tf: tf.contrib.layers.pool(images(tf), [2, 2], "MAX", stride=2),
    "flatten": lambda tf: tf.contrib.layers.flatten(images(tf)),
    "dropout": lambda tf: tf.contrib.layers.dropout(images(tf), is_training=False),
    "one_hot_encoding": lambda tf: tf.contrib.layers.one_hot_encoding(tf.constant([1, 2]), 4),
    "unit_norm": lambda tf: tf.contrib.layers.unit_norm(images(tf), 2),
    "maxout": lambda tf: tf.contrib.layers.maxout(images(tf), 2),
    "softmax": lambda tf: tf.contrib.layers.softmax(images(tf)),
    "spatial_softmax": lambda tf: tf.contrib.layers.spatial_softmax(images(tf)),
    "repeat": lambda tf: tf.contrib.layers.repeat(
        images(tf), 2, tf.contrib.layers.conv2d, 3, [3, 3], scope="conv1"
    ),
    "repeat without a scope": lambda tf: tf.contrib.layers.repeat(
        images(tf), 2, tf.contrib.layers.conv2d, 3, [3, 3]
    ),
    "stack": lambda tf: tf.contrib.layers.stack(
        rows(tf), tf.contrib.layers.fully_connected, [3, 4], scope="fc"
    ),
    "stack of several arguments": lambda tf: tf.contrib.layers.stack(
        images(tf), tf.contrib.layers.conv2d, [(3, [1, 1]), (2, [3, 3])]
    ),
    "bias_add": lambda tf: tf.contrib.layers.bias_add(images(tf), scope="b"),
    "legacy_fully_connected": lambda tf: tf.contrib.layers.legacy_fully_connected(
        sequences(tf), 3, activation_fn=tf.nn.relu
    ),
    "arg_scope": scoped,
    "l1_l2_regularizer": lambda tf: tf.contrib.layers.l1_l2_regularizer(0.1, 0.2)(rows(tf)),
    "sum_regularizer": lambda tf: tf.contrib.layers.sum_regularizer(
        [tf.contrib.layers.l1_regularizer(0.1), None, tf.contrib.layers.l2_regularizer(0.0)]
    )(rows(tf)),
    "apply_regularization": lambda tf: tf.contrib.layers.apply_regularization(
        tf.contrib.layers.l2_regularizer(0.5), [rows(tf), images(tf)]
    ),
    "optimize_loss": optimized,
    "optimize_loss decayed and clipped": lambda tf: optimized(
        tf,
        "Adam",
        clip_gradients=1.0,
        summaries=["gradients", "gradient_norm"],
        learning_rate_decay_fn=lambda rate, step: rate / tf.cast(step + 1, tf.float32),
    ),
    "optimize_loss clipped by earlier norms": lambda tf: optimized(
        tf, clip_gradients=tf.contrib.layers.adaptive_clipping_fn()
    ),
    "create_train_op": trained,
    "create_train_op clipped and multiplied": lambda tf: trained(
        tf,
        clip_gradient_norm=0.1,
        summarize_gradients=True,
        gradient_multipliers={"fully_connected/weights": 2.0},
    ),
    "slim.losses": slim_losses,
    "xavier_initializer": lambda tf: tf.get_variable(
        "seeded", [3, 4], initializer=tf.contrib.layers.xavier_initializer(seed=1)
    ),
    "xavier_initializer_conv2d normal": lambda tf: tf.get_variable(
        "seeded",
        [3, 3, 2, 4],
        initializer=tf.contrib.layers.xavier_initializer_conv2d(uniform=False, seed=1),
    ),
    "variance_scaling_initializer": lambda tf: tf.get_variable(
        "seeded", [3], initializer=tf.contrib.layers.variance_scaling_initializer(seed=1)
    ),
    "variance_scaling_initializer uniform": lambda tf: tf.get_variable(
        "seeded",
        [3, 5],
        initializer=tf.contrib.layers.variance_scaling_initializer(
            factor=1.0, mode="FAN_OUT", uniform=True, seed=1
        ),
    ),
}


def observe(tf: Any, model: Model) -> dict[str, Any]:
    """Return what can be seen of a model that is built and run twice."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        found = model(tf)
        outputs = found if isinstance(found, list) else [found]
        variables = tf.global_variables()
        updates = [*graph.get_collection("update_ops"), *graph.get_collection("mine")]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for variable in variables:
                set_value(variable, session)
            feeds = {
                op.outputs[0]: wave(np.sin, op.outputs[0])
                for op in graph.get_operations()
                if op.type == "Placeholder"
            }
            runs = []
            for _ in range(2):
                values = session.run(outputs, feeds)
                session.run(updates, feeds)
                after = session.run(variables)
                runs.append([numbers(values), [numbers([value]) for value in after]])
        return {
            "shapes": [str(output.shape) for output in outputs],
            "variables": [[v.name, str(v.shape), v.device] for v in variables],
            "collections": collections(graph),
            "runs": runs,
        }


def set_value(variable: Any, session: Any) -> None:
    """Give a weight a value that no seed decides."""
    kept = ("seeded", "learning_rate", "power", "Adam", "global_step")
    if any(part in variable.name for part in kept):
        return
    variable.load(wave(np.cos, variable) * 0.3 + ("variance" in variable.name), session)


def wave(function: Any, tensor: Any) -> Any:
    sizes = [3 if size is None else size for size in tensor.shape.as_list()]
    values = function(np.arange(np.prod(sizes, dtype=int)) * 1.7)
    return values.reshape(sizes).astype(np.float32)


def numbers(values: Any) -> list[float]:
    """Return the first numbers of arrays, and a sum that depends on the places of all."""
    flat = np.concatenate([np.asarray(value, np.float64).ravel() for value in values])
    total = float(flat @ np.cos(np.arange(flat.size)))
    return [round(float(x), 6) for x in [*flat[:5], total]]


def collections(graph: Any) -> dict[str, Any]:
    found = {}
    for key in graph.get_all_collection_keys():
        entries = graph.get_collection(key)
        if isinstance(key, str) and key not in LEFT_OUT and entries:
            names = [getattr(entry, "name", None) for entry in entries]
            found[key] = len(names) if key in UNNAMED else names
    return found
