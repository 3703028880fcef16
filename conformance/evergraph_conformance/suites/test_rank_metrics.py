"""tf.metrics of the k most probable classes, and of the nearest threshold."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import row

pytestmark = [
    pytest.mark.dtypes("float32", "float64", "int64"),
    pytest.mark.uses("VariableV2", "AssignAdd", "TopKV2", "Sum", "Equal", "LogicalAnd"),
]

SCORES = np.array(
    [[0.1, 0.5, 0.3, 0.05, 0.05], [0.6, 0.1, 0.05, 0.2, 0.05], [0.2, 0.25, 0.3, 0.1, 0.15]],
    np.float32,
)
#: The best two: 1 2, 0 3, 2 1.
LABELS = np.array([[1, 3], [2, 2], [1, 0]], np.int64)
ONE_EACH = LABELS[:, 0]
WEIGHTS = np.array([1.0, 0.5, 2.0])

#: The metric, labels, further arguments, and the value.
VALUES = [
    row("recall", "recall_at_k", LABELS, {}, 2 / 5),
    row("precision", "precision_at_k", LABELS, {}, 2 / 6),
    row("sparse_precision", "sparse_precision_at_k", LABELS, {}, 2 / 6),
    row("recall of one each", "recall_at_k", ONE_EACH, {}, 2 / 3),
    row("precision of one each", "precision_at_k", ONE_EACH, {}, 2 / 6),
    row("recall of a class", "recall_at_k", LABELS, {"class_id": 1}, 1.0),
    row("precision of a class", "precision_at_k", LABELS, {"class_id": 2}, 0.0),
    row("recall, weighted", "recall_at_k", LABELS, {"weights": WEIGHTS}, 3 / 6.5),
    row("precision, weighted", "precision_at_k", LABELS, {"weights": WEIGHTS}, 3 / 7),
    row("recall of classes out of range", "recall_at_k", LABELS + 5, {}, 0.0),
    row("average", "average_precision_at_k", LABELS, {}, (1 / 2 + 0 + 1 / 2 / 2) / 3),
    row(
        "average, weighted",
        "average_precision_at_k",
        LABELS,
        {"weights": WEIGHTS},
        (1 / 2 + 2 / 4) / 3.5,
    ),
]


@pytest.mark.parametrize(("name", "labels", "further", "wanted"), VALUES)
def test_the_two_best_classes(tf, name, labels, further, wanted):
    with tf.Graph().as_default():
        value, update = getattr(tf.metrics, name)(labels, SCORES, 2, **further)
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            assert session.run([update, update])[0] == pytest.approx(wanted)
            assert session.run(value) == pytest.approx(wanted)


def test_examples_may_have_several_axes(tf):
    with tf.Graph().as_default():
        _, update = tf.metrics.recall_at_k(LABELS[None, :, None], SCORES[None, :, None], 2)
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            assert session.run(update) == pytest.approx(0.4)


def test_labels_may_be_sparse(tf):
    with tf.Graph().as_default():
        labels = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], np.array([1, 3, 0], np.int64), [3, 2])
        updates = [
            f(labels, SCORES, 2)[1] for f in (tf.metrics.recall_at_k, tf.metrics.precision_at_k)
        ]
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            assert session.run(updates) == pytest.approx([1 / 3, 1 / 6])


def test_classes_may_be_given(tf):
    with tf.Graph().as_default():
        best = tf.constant([[1, 2], [0, 3], [2, 2]], tf.int64)
        updates = [
            tf.metrics.recall_at_top_k(LABELS, best, k=2)[1],
            tf.metrics.precision_at_top_k(LABELS, best, class_id=1)[1],
        ]
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            assert session.run(updates) == pytest.approx([1 / 5, 1.0])


def test_names_tell_k_and_class(tf):
    with tf.Graph().as_default():
        value, update = tf.metrics.recall_at_k(LABELS, SCORES, 3, class_id=1)
        scope = "recall_at_3_class1"
        assert (value.op.name, update.op.name) == (scope, f"{scope}/update")
        assert [v.op.name for v in tf.local_variables()] == [
            f"{scope}/true_positive_at_3_class1",
            f"{scope}/false_negative_at_3_class1",
        ]


@pytest.mark.parametrize(
    ("name", "share", "wanted"),
    [
        ("sensitivity_at_specificity", 1.0, 2 / 3),
        ("sensitivity_at_specificity", 0.55, 1.0),
        ("specificity_at_sensitivity", 0.6, 1.0),
        ("specificity_at_sensitivity", 0.0, 1.0),
    ],
)
def test_the_nearest_threshold(tf, name, share, wanted):
    with tf.Graph().as_default():
        labels, scores = [1, 0, 1, 1, 0], np.array([0.9, 0.4, 0.3, 0.8, 0.1], np.float32)
        value, update = getattr(tf.metrics, name)(labels, scores, share, num_thresholds=5)
        with tf.Session() as session:
            session.run(tf.local_variables_initializer())
            assert session.run(update) == pytest.approx(wanted, abs=1e-5)
            assert session.run(value) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        row("k", "average_precision_at_k", (LABELS, SCORES, 0), ValueError, "Invalid k=0"),
        row("classes", "recall_at_k", (LABELS, SCORES, 9), ValueError, "last dimension >= k = 9"),
        row(
            "types", "recall_at_k", (LABELS.astype(np.float32), SCORES, 2), TypeError, "don't match"
        ),
        row("shapes", "recall_at_k", (LABELS, SCORES[:2], 2), ValueError, "must be equal"),
        row(
            "a share",
            "sensitivity_at_specificity",
            ([1], [0.5], 1.5),
            ValueError,
            r"range \[0, 1\]",
        ),
    ],
)
def test_wrong_arguments_are_refused(tf, name, arguments, error, message):
    with tf.Graph().as_default(), pytest.raises(error, match=message):
        getattr(tf.metrics, name)(*arguments)
