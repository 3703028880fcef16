"""Train a small convolutional network on handwritten digits, as a TensorFlow-1 program does.

    python docs/examples/digits.py [BACKEND]

The 1797 images of 8 x 8 pixels are the test set of "Optical Recognition of Handwritten Digits" by
E. Alpaydin and C. Kaynak (UCI Machine Learning Repository, CC BY 4.0).
"""

import sys
from pathlib import Path

import numpy as np

import evergraph.v1 as tf

BATCH = 64
EPOCHS = 6


def conv_layer(x, channels, name):
    """A 3 x 3 convolution, and the maximum of every 2 x 2 pixels."""
    with tf.variable_scope(name):
        weights = tf.get_variable("weights", [3, 3, x.shape[3], channels])
        biases = tf.get_variable("biases", [channels], initializer=tf.zeros_initializer())
        x = tf.nn.relu(tf.nn.conv2d(x, weights, strides=[1, 1, 1, 1], padding="SAME") + biases)
        return tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


def dense_layer(x, units, name):
    """All inputs to all outputs."""
    with tf.variable_scope(name):
        weights = tf.get_variable("weights", [x.shape[1], units])
        biases = tf.get_variable("biases", [units], initializer=tf.zeros_initializer())
        return tf.matmul(x, weights) + biases


def build():
    """Build the graph: its inputs, the loss, the accuracy and a training step."""
    images = tf.placeholder(tf.float32, [None, 8, 8], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    x = tf.reshape(images / 16.0, [-1, 8, 8, 1])
    x = conv_layer(x, 16, "conv1")
    x = conv_layer(x, 32, "conv2")
    x = tf.nn.relu(dense_layer(tf.reshape(x, [-1, 2 * 2 * 32]), 64, "hidden"))
    logits = dense_layer(x, 10, "logits")
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    right = tf.equal(tf.argmax(logits, 1), labels)
    loss, accuracy = tf.reduce_mean(losses), tf.reduce_mean(tf.cast(right, tf.float32))
    train = tf.train.AdamOptimizer(3e-3).minimize(loss)
    return images, labels, loss, accuracy, train


def main(backend: str = "numpy") -> None:
    """Train, and say how many of the last 297 images are recognised."""
    data = np.load(Path(__file__).parent / "digits.npz")
    pixels, digits = data["images"].astype(np.float32), data["labels"].astype(np.int64)
    tf.set_random_seed(0)
    images, labels, loss, accuracy, train = build()
    order = np.random.RandomState(0)
    with tf.Session(config=tf.ConfigProto(backend=backend)) as sess:
        sess.run(tf.global_variables_initializer())
        for epoch in range(1, EPOCHS + 1):
            for batch in order.permutation(1500)[: 1500 // BATCH * BATCH].reshape(-1, BATCH):
                _, batch_loss = sess.run(
                    [train, loss], {images: pixels[batch], labels: digits[batch]}
                )
                print(f"\repoch {epoch} of {EPOCHS}, loss {batch_loss:.3f}", end="", flush=True)
        held_out = {images: pixels[1500:], labels: digits[1500:]}
        print(f"\n{sess.run(accuracy, held_out):.1%} of 297 new images are recognised")


if __name__ == "__main__":
    main(*sys.argv[1:])
