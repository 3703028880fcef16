"""Scripts that generate: autoencoders, adversaries, a Boltzmann machine, mixtures."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from parts import Log, Script, numbers, start


def denoising_autoencoder(tf: Any, log: Log) -> None:
    """Noise on the input and masked entries, tied weights."""
    X = numbers(301, 20, 12) ** 2
    x = tf.placeholder(tf.float32, [None, 12])
    scale = tf.placeholder(tf.float32)
    W1 = tf.get_variable("W1", [12, 5], initializer=tf.glorot_uniform_initializer())
    b1 = tf.Variable(tf.zeros([5], dtype=tf.float32))
    b2 = tf.Variable(tf.zeros([12], dtype=tf.float32))
    noisy = x + scale * tf.random_normal((12,))
    mask = tf.cast(tf.random_uniform(tf.shape(x)) < 0.8, tf.float32)
    hidden = tf.nn.softplus(tf.add(tf.matmul(noisy * mask, W1), b1))
    reconstruction = tf.add(tf.matmul(hidden, tf.transpose(W1)), b2)
    cost = 0.5 * tf.reduce_sum(tf.pow(tf.subtract(reconstruction, x), 2.0))
    optimizer = tf.train.AdamOptimizer(learning_rate=0.01).minimize(cost)
    sess = tf.Session()
    start(tf, sess, log)
    for _ in range(20):
        value, _ = sess.run((cost, optimizer), feed_dict={x: X, scale: 0.05})
        log(cost=value)
    log(hidden=sess.run(hidden, feed_dict={x: X[:3], scale: 0.0}).shape, weights=sess.run(W1))
    sess.close()


def variational_autoencoder(tf: Any, log: Log) -> None:
    """A Gaussian code, reparametrised, and an image decoded from a code that is fed."""
    images = (numbers(302, 16, 20) > 0).astype(np.float32)

    def xavier_init(fan_in: int, fan_out: int) -> Any:
        high = math.sqrt(6.0 / (fan_in + fan_out))
        return tf.random_uniform((fan_in, fan_out), -high, high, dtype=tf.float32)

    shapes = {"h": (20, 10), "mean": (10, 3), "sigma": (10, 3), "dec": (3, 10), "out": (10, 20)}
    weights = {k: tf.Variable(xavier_init(*s), name=k) for k, s in shapes.items()}
    biases = {k: tf.Variable(tf.zeros(s[1]), name=f"{k}_b") for k, s in shapes.items()}

    def layer(x: Any, name: str) -> Any:
        return tf.add(tf.matmul(x, weights[name]), biases[name])

    x = tf.placeholder(tf.float32, [None, 20])
    h = tf.nn.tanh(layer(x, "h"))
    z_mean, z_log_sigma_sq = layer(h, "mean"), layer(h, "sigma")
    eps = tf.random_normal(tf.shape(z_log_sigma_sq), 0, 1, dtype=tf.float32)
    z = tf.add(z_mean, tf.multiply(tf.sqrt(tf.exp(z_log_sigma_sq)), eps), name="z")
    x_mean = tf.nn.sigmoid(layer(tf.nn.softplus(layer(z, "dec")), "out"))
    reconstruction = -tf.reduce_sum(
        x * tf.log(1e-10 + x_mean) + (1 - x) * tf.log(1e-10 + 1 - x_mean), 1
    )
    latent = -0.5 * tf.reduce_sum(
        1 + z_log_sigma_sq - tf.square(z_mean) - tf.exp(z_log_sigma_sq), 1
    )
    cost = tf.reduce_mean(reconstruction + latent)
    train = tf.train.RMSPropOptimizer(learning_rate=0.01).minimize(cost)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            _, value = sess.run((train, cost), feed_dict={x: images})
            log(cost=value)
        # The code is fed in the middle of the graph: nothing is encoded.
        log(generated=sess.run(x_mean, feed_dict={z: numbers(303, 2, 3)}))


def adversaries(tf: Any, log: Log) -> None:
    """A generator and a discriminator, trained in turn, each with its own variables."""
    data = 1.0 / (1.0 + np.exp(-numbers(304, 24, 12)))

    def glorot_init(shape: list[int]) -> Any:
        return tf.random_normal(shape=shape, stddev=1.0 / tf.sqrt(shape[0] / 2.0))

    shapes = {"gen_h": [4, 8], "gen_out": [8, 12], "disc_h": [12, 8], "disc_out": [8, 1]}
    weights = {k: tf.Variable(glorot_init(s)) for k, s in shapes.items()}
    biases = {k: tf.Variable(tf.zeros([s[1]])) for k, s in shapes.items()}

    def network(x: Any, name: str) -> Any:
        h = tf.nn.relu(tf.matmul(x, weights[f"{name}_h"]) + biases[f"{name}_h"])
        return tf.nn.sigmoid(tf.matmul(h, weights[f"{name}_out"]) + biases[f"{name}_out"])

    gen_input = tf.placeholder(tf.float32, shape=[None, 4], name="input_noise")
    disc_input = tf.placeholder(tf.float32, shape=[None, 12], name="disc_input")
    gen_sample = network(gen_input, "gen")
    disc_real, disc_fake = network(disc_input, "disc"), network(gen_sample, "disc")
    gen_loss = -tf.reduce_mean(tf.log(disc_fake))
    disc_loss = -tf.reduce_mean(tf.log(disc_real) + tf.log(1.0 - disc_fake))
    trained = {}
    for name, loss in (("gen", gen_loss), ("disc", disc_loss)):
        own = [d[f"{name}_{part}"] for d in (weights, biases) for part in ("h", "out")]
        trained[name] = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss, var_list=own)
    with tf.Session() as sess:
        start(tf, sess, log)
        random = np.random.RandomState(305)
        for i in range(20):
            z = random.uniform(-1.0, 1.0, size=[12, 4])
            feed_dict = {disc_input: data[i % 2 * 12 :][:12], gen_input: z}
            _, gl = sess.run([trained["gen"], gen_loss], feed_dict=feed_dict)
            _, dl = sess.run([trained["disc"], disc_loss], feed_dict=feed_dict)
            log(generator=gl, discriminator=dl)
        log(sample=sess.run(gen_sample, {gen_input: np.ones([1, 4])}))


def convolutional_adversaries(tf: Any, log: Log) -> None:
    """DCGAN: transposed convolutions, batch normalisation on every call, labels smoothed."""
    images = np.tanh(numbers(306, 6, 8, 8, 1))

    def generator(z: Any, training: Any) -> Any:
        with tf.variable_scope("generator"):
            h = tf.reshape(tf.layers.dense(z, 2 * 2 * 6), [-1, 2, 2, 6])
            h = tf.nn.relu(tf.layers.batch_normalization(h, training=training))
            h = tf.layers.conv2d_transpose(h, 4, 5, strides=2, padding="same")
            h = tf.nn.relu(tf.layers.batch_normalization(h, training=training))
            return tf.tanh(tf.layers.conv2d_transpose(h, 1, [5, 5], [2, 2], padding="same"))

    def discriminator(x: Any, reuse: bool) -> Any:
        with tf.variable_scope("discriminator", reuse=reuse):
            h = tf.nn.leaky_relu(tf.layers.conv2d(x, 4, 5, 2, "same", name="c1"), alpha=0.2)
            h = tf.layers.conv2d(h, 6, 5, strides=2, padding="same", name="c2")
            h = tf.layers.batch_normalization(h, training=True, name="bn")
            return tf.layers.dense(tf.layers.flatten(tf.nn.leaky_relu(h)), 1, name="fc")

    z = tf.placeholder(tf.float32, [None, 5])
    real = tf.placeholder(tf.float32, [None, 8, 8, 1])
    fake = generator(z, True)
    d_real, d_fake = discriminator(real, False), discriminator(fake, True)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits
    d_loss = tf.reduce_mean(entropy(labels=tf.ones_like(d_real) * 0.9, logits=d_real))
    d_loss += tf.reduce_mean(entropy(labels=tf.zeros_like(d_fake), logits=d_fake))
    g_loss = tf.reduce_mean(entropy(labels=tf.ones_like(d_fake), logits=d_fake))
    steps = []
    for scope, loss in (("discriminator", d_loss), ("generator", g_loss)):
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS, scope=scope)):
            own = [v for v in tf.trainable_variables() if v.name.startswith(scope)]
            steps.append(tf.train.AdamOptimizer(2e-3, beta1=0.5).minimize(loss, var_list=own))
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(10):
            feed = {real: images, z: numbers(310 + i, 6, 5)}
            _, dl = sess.run([steps[0], d_loss], feed)
            _, gl = sess.run([steps[1], g_loss], feed)
            log(discriminator=dl, generator=gl)
        averages = [
            v for v in tf.global_variables() if "generator/" in v.name and "moving" in v.name
        ]
        log(average=sess.run(averages[0]))


def gradient_penalty(tf: Any, log: Log) -> None:
    """WGAN-GP: the critic's gradients are part of its loss, which is differentiated again."""
    data = numbers(330, 16, 2) * 0.3 + 1.0

    def critic(x: Any) -> Any:
        with tf.variable_scope("critic", reuse=tf.AUTO_REUSE):
            h = tf.layers.dense(x, 12, tf.nn.leaky_relu, name="h1")
            h = tf.layers.dense(h, 12, tf.nn.tanh, name="h2")
            return tf.layers.dense(h, 1, name="out")

    with tf.variable_scope("generator"):
        noise = tf.random_normal([16, 3])
        fake = tf.layers.dense(tf.layers.dense(noise, 8, tf.nn.softplus), 2)
    real = tf.placeholder(tf.float32, [16, 2])
    critic_loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real))
    generator_loss = -tf.reduce_mean(critic(fake))
    alpha = tf.random_uniform(shape=[16, 1], minval=0.0, maxval=1.0)
    interpolates = real + alpha * (fake - real)
    gradients = tf.gradients(critic(interpolates), [interpolates])[0]
    slopes = tf.sqrt(tf.reduce_sum(tf.square(gradients), reduction_indices=[1]))
    critic_loss += 10 * tf.reduce_mean((slopes - 1.0) ** 2)

    def minimized(loss: Any, scope: str) -> Any:
        # All gradients are of the same weights.
        optimizer = tf.train.AdamOptimizer(1e-2, beta1=0.5, beta2=0.9)
        gate = tf.train.Optimizer.GATE_GRAPH
        return optimizer.minimize(loss, None, tf.trainable_variables(scope), gate)

    critic_op = minimized(critic_loss, "critic")
    generator_op = minimized(generator_loss, "generator")
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(20):
            if i > 0:
                sess.run(generator_op)
            value, _ = sess.run([critic_loss, critic_op], {real: data})
            log(loss=value)


def boltzmann_machine(tf: Any, log: Log) -> None:
    """Contrastive divergence: sampled layers, and variables that are assigned, not optimised."""
    data = (numbers(331, 20, 10) > 0.2).astype(np.float32)
    x = tf.placeholder(tf.float32, [None, 10], name="x")
    W = tf.get_variable("W", [10, 6], initializer=tf.random_normal_initializer(stddev=0.1))
    bh = tf.Variable(tf.zeros([1, 6], tf.float32, name="bh"))
    bv = tf.Variable(tf.zeros([1, 10], tf.float32, name="bv"))

    def sample(probs: Any, seed: int) -> Any:
        return tf.floor(probs + tf.random_uniform(tf.shape(probs), 0, 1, seed=seed))

    def gibbs_sample(k: int) -> Any:
        def gibbs_step(count: Any, k: Any, xk: Any) -> Any:
            hk = sample(tf.sigmoid(tf.matmul(xk, W) + bh), 1)
            xk = sample(tf.sigmoid(tf.matmul(hk, tf.transpose(W)) + bv), 2)
            return count + 1, k, xk

        ct = tf.constant(0)
        _, _, x_sample = tf.while_loop(
            lambda count, num_iter, *args: count < num_iter,
            gibbs_step,
            [ct, tf.constant(k), x],
            parallel_iterations=1,
        )
        return tf.stop_gradient(x_sample)

    x_sample = gibbs_sample(2)
    h = sample(tf.sigmoid(tf.matmul(x, W) + bh), 3)
    h_sample = sample(tf.sigmoid(tf.matmul(x_sample, W) + bh), 4)
    size_bt = tf.cast(tf.shape(x)[0], tf.float32)
    positive = tf.matmul(tf.transpose(x), h)
    negative = tf.matmul(tf.transpose(x_sample), h_sample)
    rate = tf.constant(0.5)
    updates = [
        W.assign_add(tf.multiply(rate / size_bt, tf.subtract(positive, negative))),
        bv.assign_add(rate / size_bt * tf.reduce_sum(tf.subtract(x, x_sample), 0, True)),
        bh.assign_add(rate / size_bt * tf.reduce_sum(tf.subtract(h, h_sample), 0, True)),
    ]
    error = tf.reduce_mean(tf.square(x - x_sample))
    with tf.Session() as sess:
        start(tf, sess, log)
        for i in range(10):
            _, value = sess.run([updates, error], feed_dict={x: data[i % 2 * 10 :][:10]})
            log(error=value)
        log(W=W.eval(), sampled=gibbs_sample(1).eval(feed_dict={x: np.zeros((3, 10))}))


def gumbel_softmax(tf: Any, log: Log) -> None:
    """A categorical code that is almost discrete, under a temperature that falls."""
    images = (numbers(332, 12, 16) > 0).astype(np.float32)
    x = tf.placeholder(tf.float32, [None, 16])
    tau = tf.Variable(1.0, name="temperature", trainable=False)
    logits_y = tf.reshape(tf.layers.dense(tf.layers.dense(x, 12, tf.nn.relu), 3 * 4), [-1, 4])
    u = tf.random_uniform(tf.shape(logits_y), minval=0, maxval=1)
    gumbel = -tf.log(-tf.log(u + 1e-20) + 1e-20)
    y = tf.nn.softmax((logits_y + gumbel) / tau)
    hard = tf.cast(tf.equal(y, tf.reduce_max(y, 1, keep_dims=True)), y.dtype)
    straight = tf.stop_gradient(hard - y) + y
    logits_x = tf.layers.dense(tf.reshape(straight, [-1, 3 * 4]), 16)
    q_y = tf.nn.softmax(logits_y)
    kl = tf.reduce_sum(tf.reshape(q_y * (tf.log(q_y + 1e-20) - math.log(0.25)), [-1, 12]), 1)
    p_x = tf.distributions.Bernoulli(logits=logits_x)
    elbo = tf.reduce_sum(p_x.log_prob(x), 1) - kl
    loss = tf.reduce_mean(-elbo)
    train_op = tf.train.AdamOptimizer(learning_rate=0.01).minimize(loss)
    with tf.Session() as sess:
        start(tf, sess, log)
        temperature = 1.0
        for i in range(20):
            log(loss=sess.run([loss, train_op], {x: images, tau: temperature})[0])
            if i % 5 == 1:
                temperature = np.maximum(temperature * np.exp(-0.03 * i), 0.5)
                sess.run(tau.assign(temperature))


def mixture_density(tf: Any, log: Log) -> None:
    """The parameters of a mixture of normal distributions, and samples drawn from it."""
    random = np.random.RandomState(333)
    y_data = np.float32(random.uniform(-1, 1, (40, 1)))
    x_data = np.float32(np.sin(3.0 * y_data) + y_data * 0.5 + random.normal(size=(40, 1)) * 0.1)
    x, y = (tf.placeholder(tf.float32, [None, 1]) for _ in range(2))
    hidden = tf.nn.tanh(tf.layers.dense(x, 10))
    out_pi, out_sigma, out_mu = tf.split(tf.layers.dense(hidden, 12), 3, axis=1)
    out_pi = tf.exp(out_pi - tf.reduce_max(out_pi, 1, keep_dims=True))
    out_pi = tf.multiply(tf.reciprocal(tf.reduce_sum(out_pi, 1, keep_dims=True)), out_pi)
    out_sigma = tf.exp(out_sigma)
    result = tf.multiply(tf.subtract(y, out_mu), tf.reciprocal(out_sigma))
    result = -tf.square(result) / 2
    result = tf.multiply(tf.exp(result), tf.reciprocal(out_sigma)) / math.sqrt(2 * math.pi)
    lossfunc = tf.reduce_mean(-tf.log(tf.reduce_sum(tf.multiply(result, out_pi), 1)))
    train_op = tf.train.AdamOptimizer(0.02).minimize(lossfunc)
    which = tf.multinomial(tf.log(out_pi), 1, seed=5)
    rows = tf.stack([tf.range(tf.shape(x)[0]), tf.to_int32(which[:, 0])], axis=1)
    drawn = tf.distributions.Normal(tf.gather_nd(out_mu, rows), tf.gather_nd(out_sigma, rows))
    drawn = drawn.sample(seed=6)
    with tf.Session() as sess:
        start(tf, sess, log)
        for _ in range(20):
            log(loss=sess.run([train_op, lossfunc], feed_dict={x: x_data, y: y_data})[1])
        which_, drawn_ = sess.run([which, drawn], {x: x_data[:8]})
        log(which=which_, drawn=drawn_)


GENERATIVE: Final[dict[str, Script]] = {
    "denoising_autoencoder": denoising_autoencoder,
    "variational_autoencoder": variational_autoencoder,
    "adversaries": adversaries,
    "convolutional_adversaries": convolutional_adversaries,
    "gradient_penalty": gradient_penalty,
    "boltzmann_machine": boltzmann_machine,
    "gumbel_softmax": gumbel_softmax,
    "mixture_density": mixture_density,
}
