"""tf.losses: values, gradients, weights, reductions and collections; and confusion matrices."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import core, raises, row, typed

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses("SquaredDifference", "DivNoNan", "Select", "Sum", "BroadcastArgs", "Assert"),
]

LABELS = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], np.float32)
GUESSES = np.array([[0.75, 0.25, 0.5], [0.5, 0.125, 0.9]], np.float32)
LOGITS = np.array([[2.0, -1.0, 0.5], [-3.0, 0.25, 1.0]], np.float32)
WEIGHTS = np.array([[2.0], [0.5]], np.float32)
ONE_HOT = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], np.float32)
ERROR = np.abs(GUESSES - LABELS)
HUBER = np.where(ERROR < 0.3, ERROR**2 / 2, 0.3 * ERROR - 0.3**2 / 2)
LOG = -LABELS * np.log(GUESSES + 1e-7) - (1 - LABELS) * np.log(1 - GUESSES + 1e-7)
HINGE = np.maximum(1 - (2 * LABELS - 1) * LOGITS, 0)
SIGMOID = np.log1p(np.exp(-np.abs(LOGITS))) + np.maximum(LOGITS, 0) - LOGITS * LABELS
SOFTMAX = np.log(np.exp(LOGITS).sum(1)) - (LOGITS * ONE_HOT).sum(1)

CLOSE = (1e-5, 1e-6, 0.0)

#: The function, labels, predictions, further arguments, and the losses of the elements.
ELEMENTS = [
    row("absolute_difference", "absolute_difference", LABELS, GUESSES, {}, ERROR),
    row("mean_squared_error", "mean_squared_error", LABELS, GUESSES, {}, ERROR**2),
    row("huber_loss", "huber_loss", LABELS, GUESSES, {"delta": 0.3}, HUBER),
    row("log_loss", "log_loss", LABELS, GUESSES, {}, LOG),
    row("hinge_loss", "hinge_loss", LABELS, LOGITS, {}, HINGE),
    row("sigmoid", "sigmoid_cross_entropy", LABELS, LOGITS, {}, SIGMOID),
    row("softmax", "softmax_cross_entropy", ONE_HOT, LOGITS, {}, SOFTMAX),
    row("sparse softmax", "sparse_softmax_cross_entropy", [1, 0], LOGITS, {}, SOFTMAX),
    row(
        "cosine_distance",
        "cosine_distance",
        LABELS,
        GUESSES,
        {"axis": 1},
        1 - (LABELS * GUESSES).sum(1, keepdims=True),
    ),
]
of_elements = pytest.mark.parametrize(("name", "labels", "guesses", "more", "wanted"), ELEMENTS)


@of_elements
def test_the_losses_of_the_elements(tf, run, same, name, labels, guesses, more, wanted):
    loss = getattr(tf.losses, name)(
        labels, tf.constant(guesses), reduction=tf.losses.Reduction.NONE, **more
    )
    same(run(loss), np.float32(wanted), CLOSE)


@of_elements
def test_the_loss_is_their_mean(tf, run, same, name, labels, guesses, more, wanted):
    loss = getattr(tf.losses, name)(labels, tf.constant(guesses), **more)
    same(run(loss), np.float32(wanted.mean()), CLOSE)


REDUCED = {
    "NONE": ERROR**2 * WEIGHTS,
    "SUM": (ERROR**2 * WEIGHTS).sum(),
    "MEAN": (ERROR**2 * WEIGHTS).sum() / 7.5,
    "SUM_OVER_BATCH_SIZE": (ERROR**2 * WEIGHTS).mean(),
    "SUM_BY_NONZERO_WEIGHTS": (ERROR**2 * WEIGHTS).mean(),
}


@pytest.mark.parametrize("reduction", REDUCED)
def test_losses_are_weighted_and_reduced(tf, run, same, reduction):
    loss = tf.losses.mean_squared_error(
        LABELS, GUESSES, WEIGHTS, reduction=getattr(tf.losses.Reduction, reduction)
    )
    same(run(loss), np.float32(REDUCED[reduction]), CLOSE)


@pytest.mark.parametrize("weights", [0.0, np.zeros((2, 3), np.float32)], ids=["one", "all"])
def test_without_weights_there_is_no_loss(tf, run, same, weights):
    same(run(tf.losses.mean_squared_error(LABELS, GUESSES, weights)), np.float32(0))


def test_what_has_no_weight_does_not_count(tf, run, same):
    loss = tf.losses.mean_squared_error(LABELS, GUESSES, np.array([[3.0], [0.0]], np.float32))
    same(run(loss), np.float32(3 * (ERROR[0] ** 2).mean()), CLOSE)


def test_the_squared_differences_of_pairs(tf, run, same):
    error = (GUESSES - LABELS).astype(np.float64)
    pairs = (error[:, :, None] - error[:, None, :]) ** 2
    loss = tf.losses.mean_pairwise_squared_error(LABELS, GUESSES)
    same(run(loss), np.float32(pairs.sum() / 6), CLOSE)


@pytest.mark.parametrize("smoothing", [0.0, 0.25])
def test_labels_can_be_smoothed(tf, run, same, smoothing):
    loss = tf.losses.softmax_cross_entropy(ONE_HOT, LOGITS, label_smoothing=smoothing)
    labels = ONE_HOT * (1 - smoothing) + smoothing / 3
    wanted = np.log(np.exp(LOGITS).sum(1)) - (LOGITS * labels).sum(1)
    same(run(loss), np.float32(wanted.mean()), CLOSE)


def test_a_loss_has_the_type_of_the_losses(tf, run):
    loss = tf.losses.compute_weighted_loss(tf.constant([1.0, 2.0], tf.float64), 2.0)
    assert loss.dtype == tf.float64
    assert run(loss) == 3.0


def test_the_gradient_of_a_weighted_loss(tf, run, same):
    x = tf.constant(GUESSES)
    loss = tf.losses.mean_squared_error(LABELS, x, WEIGHTS)
    wanted = 2 * (GUESSES - LABELS) * WEIGHTS / 6
    same(run(tf.gradients(loss, x)[0]), np.float32(wanted), CLOSE)


# Shapes that are known only when run


def test_sizes_may_be_unknown(tf, session, same):
    y, x, w = (tf.placeholder(tf.float32, [None, n]) for n in (3, 3, 1))
    loss = tf.losses.mean_squared_error(y, x, w)
    feeds = {y: LABELS, x: GUESSES, w: WEIGHTS}
    same(session.run(loss, feeds), np.float32(REDUCED["SUM_BY_NONZERO_WEIGHTS"]), CLOSE)
    with raises(typed("InvalidArgumentError")):
        session.run(loss, {**feeds, w: np.ones((3, 1), np.float32)})
    same(session.run(loss, {**feeds, w: WEIGHTS[:1]}), np.float32(2 * (ERROR**2).mean()), CLOSE)


@pytest.mark.parametrize(
    ("weights", "fits"),
    [
        row("a scalar", 2.0, True),
        row("one size", [[2.0]], True),
        row("a vector", [2.0, 2.0, 2.0], False),
        row("too large", [[[2.0]]], False),
    ],
)
def test_ranks_may_be_unknown(tf, session, same, weights, fits):
    x, w = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    loss = tf.losses.compute_weighted_loss(x, w)
    if fits:
        same(session.run(loss, {x: ERROR, w: weights}), np.float32(2 * ERROR.mean()), CLOSE)
    else:
        with raises(typed("InvalidArgumentError")):
            session.run(loss, {x: ERROR, w: weights})


def test_weights_may_not_be_larger_than_the_losses(tf, session):
    x, w = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    loss = tf.losses.compute_weighted_loss(x, w)
    with raises(typed("InvalidArgumentError")):
        session.run(loss, {x: [1.0], w: [1.0, 2.0]})


# Collections


def test_losses_are_collected_and_added_up(tf, run, same):
    first = tf.losses.mean_squared_error(LABELS, GUESSES)
    tf.losses.absolute_difference(LABELS, GUESSES, loss_collection=None)
    tf.losses.add_loss(tf.constant(3.0))
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(0.5))
    assert tf.losses.get_losses()[0] is first
    totals = [tf.losses.get_total_loss(), tf.losses.get_total_loss(False)]
    mean = (ERROR**2).mean()
    same(run(totals), [np.float32(mean + 3.5), np.float32(mean + 3)], CLOSE)


def test_losses_train(tf, session):
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
    loss = tf.losses.mean_squared_error(np.array([[1.0], [2.0]], np.float32), tf.matmul(GUESSES, w))
    train = tf.train.GradientDescentOptimizer(0.5).minimize(tf.losses.get_total_loss())
    session.run(tf.global_variables_initializer())
    first = session.run(loss)
    for _ in range(20):
        session.run(train)
    assert first == 2.5
    assert session.run(loss) < 0.1


# Confusion

CLASSES = np.array([0, 2, 1, 2, 2])
TAKEN_FOR = np.array([0, 2, 1, 0, 2])
CONFUSION = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 2]])


@pytest.mark.uses("ScatterNd", "Assert")
@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        row("all classes that occur", {}, CONFUSION.astype(np.int32)),
        row("four classes", {"num_classes": 4}, np.pad(CONFUSION, (0, 1)).astype(np.int32)),
        row("another type", {"dtype": "float32"}, CONFUSION.astype(np.float32)),
        row(
            "weights",
            {"weights": [1.0, 2.0, 0.0, 0.5, 1.0], "dtype": "float32"},
            np.array([[1, 0, 0], [0, 0, 0], [0.5, 0, 3]], np.float32),
        ),
    ],
)
def test_a_confusion_matrix_counts_what_was_taken_for_what(tf, session, same, arguments, want):
    fed = [tf.placeholder(tf.int32, [None, 1]), tf.placeholder(tf.int64, [None])]
    matrix = tf.confusion_matrix(*fed, **arguments)
    same(session.run(matrix, {fed[0]: CLASSES[:, None], fed[1]: TAKEN_FOR}), want)


@pytest.mark.uses("ScatterNd", "Assert")
@pytest.mark.parametrize(
    ("labels", "predictions", "text"),
    [
        row("a negative label", [0, -1], [0, 1], "`labels` contains negative values"),
        row("a negative prediction", [0, 1], [0, -1], "`predictions` contains negative values"),
        row("a label beyond", [0, 3], [0, 1], "`labels` out of bound"),
        row("a prediction beyond", [0, 1], [3, 1], "`predictions` out of bound"),
    ],
)
def test_classes_are_at_least_zero_and_below_their_number(tf, session, labels, predictions, text):
    fed = [tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])]
    matrix = tf.confusion_matrix(*fed, num_classes=3)
    with raises(core("InvalidArgumentError", text)):
        session.run(matrix, dict(zip(fed, (labels, predictions), strict=True)))
    assert session.run(matrix, {fed[0]: [1], fed[1]: [2]})[1, 2] == 1
