"""Scripts on images: classifiers made of blocks, an autoencoder, an image that is optimised."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from parts import Log, Script, classes, numbers, one_hot, start


def lenet(tf: Any, log: Log) -> None:
    """Two convolutions with functions for variables, dropout, and Adam under a learning rate."""
    images, labels = numbers(201, 16, 100), one_hot(classes(202, 16, 4), 4)

    def weight_variable(shape: list[int]) -> Any:
        return tf.Variable(tf.truncated_normal(shape, stddev=0.1))

    def bias_variable(shape: list[int]) -> Any:
        return tf.Variable(tf.constant(0.1, shape=shape))

    def conv2d(x: Any, W: Any) -> Any:
        return tf.nn.conv2d(x, W, strides=[1, 1, 1, 1], padding="SAME")

    def max_pool_2x2(x: Any) -> Any:
        return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")

    x = tf.placeholder(tf.float32, [None, 100])
    y_ = tf.placeholder(tf.float32, [None, 4])
    keep_prob = tf.placeholder(tf.float32)
    h = tf.reshape(x, [-1, 10, 10, 1])
    h = max_pool_2x2(tf.nn.relu(conv2d(h, weight_variable([5, 5, 1, 4])) + bias_variable([4])))
    h = max_pool_2x2(tf.nn.relu(conv2d(h, weight_variable([5, 5, 4, 6])) + bias_variable([6])))
    h = tf.reshape(h, [-1, 3 * 3 * 6])
    h = tf.nn.relu(tf.matmul(h, weight_variable([54, 16])) + bias_variable([16]))
    h_drop = tf.nn.dropout(h, keep_prob=keep_prob)
    y_conv = tf.matmul(h_drop, weight_variable([16, 4])) + bias_variable([4])
    cross_entropy = tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=y_, logits=y_conv)
    )
    train_step = tf.train.AdamOptimizer(5e-3).minimize(cross_entropy)
    correct = tf.equal(tf.argmax(y_conv, 1), tf.argmax(y_, 1))
    accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(20):
            batch = {x: images[i % 2 * 8 :][:8], y_: labels[i % 2 * 8 :][:8]}
            if i % 10 == 0:
                log(accuracy=accuracy.eval(feed_dict={**batch, keep_prob: 1.0}))
            feed = {**batch, keep_prob: 0.5}
            log(loss=sess.run([train_step, cross_entropy], feed_dict=feed)[1])


def residual_network(tf: Any, log: Log) -> None:
    """Bottlenecks with batch normalisation, whose averages are updated, and tested on images."""
    images, labels = numbers(203, 8, 8, 8, 3), classes(204, 8, 3)

    def norm(x: Any) -> Any:
        return tf.layers.batch_normalization(
            x, axis=3, momentum=0.9, epsilon=1e-5, training=is_training, fused=True
        )

    def conv(x: Any, filters: int, size: int, strides: int = 1) -> Any:
        if strides > 1:
            x = tf.pad(x, [[0, 0], [size // 2] * 2, [size // 2] * 2, [0, 0]])
        return tf.layers.conv2d(
            x,
            filters,
            size,
            strides,
            padding="SAME" if strides == 1 else "VALID",
            use_bias=False,
            kernel_initializer=tf.variance_scaling_initializer(),
        )

    def block(x: Any, filters: int, strides: int, project: bool) -> Any:
        shortcut = x
        x = tf.nn.relu(norm(x))
        if project:
            shortcut = conv(x, filters * 2, 1, strides)
        x = tf.nn.relu(norm(conv(x, filters, 1)))
        x = tf.nn.relu(norm(conv(x, filters, 3, strides)))
        return conv(x, filters * 2, 1) + shortcut

    x = tf.placeholder(tf.float32, [None, 8, 8, 3])
    y = tf.placeholder(tf.int32, [None])
    is_training = tf.placeholder(tf.bool, ())
    with tf.variable_scope("resnet"):
        h = conv(x, 6, 3)
        h = block(h, 3, 1, False)
        h = block(h, 6, 2, True)
        h = tf.reduce_mean(tf.nn.relu(norm(h)), [1, 2])
        logits = tf.layers.dense(h, 3)
    cross_entropy = tf.losses.sparse_softmax_cross_entropy(logits=logits, labels=y)
    l2 = [tf.nn.l2_loss(v) for v in tf.trainable_variables() if "batch_norm" not in v.name]
    loss = cross_entropy + 2e-4 * tf.add_n(l2)
    global_step = tf.train.get_or_create_global_step()
    rate = tf.train.piecewise_constant(global_step, [5, 15], [0.05, 0.02, 0.01])
    optimizer = tf.train.MomentumOptimizer(rate, 0.9)
    update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(update_ops):
        train_op = optimizer.minimize(loss, global_step)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            feed = {x: images, y: labels, is_training: True}
            _, value, lr = sess.run([train_op, loss, rate], feed)
            log(loss=value, rate=lr)
        log(updates=len(update_ops), tested=logits.eval({x: images, is_training: False}))


def inception(tf: Any, log: Log) -> None:
    """Branches side by side, one of them of separable and dilated convolutions, with LRN."""
    images, labels = numbers(205, 6, 9, 9, 3), classes(206, 6, 3)
    x = tf.placeholder(tf.float32, [6, 9, 9, 3])
    y = tf.placeholder(tf.int64, [6])

    def conv(x: Any, filters: int, size: Any, name: str, **kwargs: Any) -> Any:
        return tf.layers.conv2d(
            x, filters, size, padding="same", activation=tf.nn.relu, name=name, **kwargs
        )

    def module(x: Any, name: str) -> Any:
        with tf.variable_scope(name):
            branch1 = conv(x, 3, 1, "b1")
            branch2 = conv(conv(x, 2, [1, 1], "b2a"), 4, [1, 3], "b2b")
            branch3 = conv(conv(x, 2, 1, "b3a"), 3, 3, "b3b", dilation_rate=2)
            branch4 = conv(tf.layers.max_pooling2d(x, 3, 1, padding="same"), 2, 1, "b4")
            branch5 = tf.layers.separable_conv2d(x, 3, 3, padding="same", depth_multiplier=2)
            return tf.concat([branch1, branch2, branch3, branch4, branch5], axis=3)

    h = tf.nn.lrn(module(x, "mixed1"), 4, bias=1.0, alpha=0.001 / 9.0, beta=0.75)
    h = tf.nn.avg_pool(h, [1, 3, 3, 1], [1, 2, 2, 1], "VALID")
    h = module(h, "mixed2")
    aux = tf.layers.dense(tf.layers.flatten(h), 3, name="aux")
    logits = tf.layers.dense(tf.reduce_mean(h, axis=[1, 2]), 3, name="logits")
    labels_ = tf.one_hot(y, 3, on_value=1.0, off_value=0.0, axis=-1)
    tf.losses.softmax_cross_entropy(labels_, logits, label_smoothing=0.1, weights=1.0)
    tf.losses.softmax_cross_entropy(labels_, aux, weights=0.4)
    total = tf.losses.get_total_loss(add_regularization_losses=False)
    train = tf.train.RMSPropOptimizer(0.005, decay=0.9, momentum=0.9, epsilon=1.0).minimize(total)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            log(loss=sess.run((total, train), {x: images, y: labels})[0])


def highway_network(tf: Any, log: Log) -> None:
    """Layers that a gate may skip, each with a bias that begins by carrying."""
    x = tf.placeholder(tf.float32, [None, 10])
    y = tf.placeholder(tf.float32, [None, 3])

    def highway(x: Any, size: int, carry_bias: float = -1.0) -> Any:
        W = tf.Variable(tf.truncated_normal([size, size], stddev=0.1), name="weight")
        b = tf.Variable(tf.constant(0.1, shape=[size]), name="bias")
        W_T = tf.Variable(tf.truncated_normal([size, size], stddev=0.1), name="weight_transform")
        b_T = tf.Variable(tf.constant(carry_bias, shape=[size]), name="bias_transform")
        T = tf.sigmoid(tf.matmul(x, W_T) + b_T, name="transform_gate")
        H = tf.nn.relu(tf.matmul(x, W) + b, name="activation")
        C = tf.subtract(1.0, T, name="carry_gate")
        return tf.add(tf.multiply(H, T), tf.multiply(x, C), "y")

    h = x
    for i in range(6):
        with tf.name_scope(f"layer{i}"):
            h = highway(h, 10)
    with tf.name_scope("softmax"):
        W = tf.Variable(tf.truncated_normal([10, 3], stddev=0.1))
        y_hat = tf.nn.softmax(tf.matmul(h, W) + tf.Variable(tf.constant(0.1, shape=[3])))
    loss = -tf.reduce_sum(y * tf.log(tf.clip_by_value(y_hat, 1e-10, 1.0)))
    train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    feed = {x: numbers(207, 30, 10), y: one_hot(classes(208, 30, 3), 3)}
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            log(loss=sess.run([loss, train], feed)[0])


def neural_style(tf: Any, log: Log) -> None:
    """An image is optimised, so that features of convolutions fit one, their products another."""
    content, style = numbers(209, 1, 8, 8, 3), numbers(210, 1, 8, 8, 3)
    kernels = [numbers(211, 3, 3, 3, 4) / 3, numbers(212, 3, 3, 4, 5) / 4]

    def features(image: Any) -> list[Any]:
        found = []
        for kernel in kernels:
            image = tf.nn.relu(tf.nn.conv2d(image, tf.constant(kernel), [1, 1, 1, 1], "SAME"))
            found.append(image)
            image = tf.nn.avg_pool(image, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        return found

    def gram(layer: Any) -> Any:
        flat = tf.reshape(layer, [-1, int(layer.get_shape()[3])])
        return tf.matmul(flat, flat, transpose_a=True) / int(layer.shape.num_elements())

    with tf.Session() as sess:
        wanted_content = sess.run(features(tf.constant(content))[1])
        wanted_style = sess.run([gram(f) for f in features(tf.constant(style))])
        image = tf.Variable(tf.random_normal(content.shape) * 0.256, name="image")
        found = features(image)
        content_loss = 2 * tf.nn.l2_loss(found[1] - wanted_content) / wanted_content.size
        style_losses = [
            tf.nn.l2_loss(gram(f) - w) for f, w in zip(found, wanted_style, strict=True)
        ]
        tv_y = image[:, 1:, :, :] - image[:, :-1, :, :]
        tv_x = image[:, :, 1:, :] - image[:, :, :-1, :]
        tv_loss = tf.nn.l2_loss(tv_y) / 168 + tf.nn.l2_loss(tv_x) / 168
        loss = content_loss + 5 * tf.reduce_sum(style_losses) + 0.1 * tv_loss
        train_step = tf.train.AdamOptimizer(0.1).minimize(loss)
        start(tf, sess, log)
        best = np.inf
        for _ in range(20):
            train_step.run()
            this_loss = loss.eval()
            best = min(best, this_loss)
            log(loss=this_loss)
        log(best=best, image=tf.clip_by_value(image, -1.0, 1.0).eval()[0])


def convolutional_autoencoder(tf: Any, log: Log) -> None:
    """Noise is removed from images: convolutions, pooling, resizing, a transposed convolution."""
    clean = np.clip(numbers(213, 6, 8, 8, 1), 0, 1)
    noisy = np.clip(clean + 0.3 * numbers(214, 6, 8, 8, 1), 0.0, 1.0)
    inputs_ = tf.placeholder(tf.float32, (None, 8, 8, 1), name="inputs")
    targets_ = tf.placeholder(tf.float32, (None, 8, 8, 1), name="targets")
    h = tf.layers.conv2d(inputs_, 6, (3, 3), padding="same", activation=tf.nn.relu)
    h = tf.layers.max_pooling2d(h, (2, 2), (2, 2), padding="same")
    h = tf.layers.conv2d(h, 4, (3, 3), padding="same", activation=tf.nn.elu)
    encoded = tf.layers.max_pooling2d(h, (2, 2), (2, 2), padding="same")
    h = tf.image.resize_nearest_neighbor(encoded, (4, 4))
    h = tf.layers.conv2d(h, 4, (3, 3), padding="same", activation=tf.nn.relu)
    h = tf.layers.conv2d_transpose(h, 6, 3, strides=2, padding="same", activation=tf.nn.relu)
    logits = tf.layers.conv2d(h, 1, (3, 3), padding="same", activation=None)
    decoded = tf.nn.sigmoid(logits, name="decoded")
    loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets_, logits=logits)
    cost = tf.reduce_mean(loss)
    opt = tf.train.AdamOptimizer(0.01).minimize(cost)
    sess = tf.Session()
    start(tf, sess, log)
    for _ in range(20):
        batch_cost, _ = sess.run([cost, opt], feed_dict={inputs_: noisy, targets_: clean})
        log(loss=batch_cost)
    log(decoded=sess.run(decoded, {inputs_: noisy[:2]}))
    sess.close()


IMAGES: Final[dict[str, Script]] = {
    "lenet": lenet,
    "residual_network": residual_network,
    "inception": inception,
    "highway_network": highway_network,
    "neural_style": neural_style,
    "convolutional_autoencoder": convolutional_autoencoder,
}
