"""tf.metrics: values over several batches, weights, names of the local variables, collections."""

from __future__ import annotations

import numpy as np
import pytest

from evergraph_conformance.messages import raises, row, typed

pytestmark = [
    pytest.mark.dtypes("float32"),
    pytest.mark.uses("VariableV2", "AssignAdd", "DivNoNan", "Sum", "Equal", "LogicalAnd"),
]

LABELS = np.array([[1, 0, 1, 1], [0, 1, 0, 1]], np.int64)
GUESSES = np.array([[1, 1, 0, 1], [0, 1, 0, 0]], np.int64)
WEIGHTS = np.array([[1.0, 2.0, 0.5, 1.0], [0.0, 1.0, 3.0, 1.0]], np.float32)
SCORES = np.array([[0.9, 0.6, 0.3, 0.8], [0.1, 0.7, 0.2, 0.4]], np.float32)
REAL = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 1.0, 4.0, 2.0]], np.float32)
ERROR = REAL - SCORES
RIGHT = LABELS == GUESSES
CLOSE = (1e-5, 1e-6, 0.0)

#: The metric, its arguments but for weights, and the value of both batches.
PLAIN = [
    row("mean", (REAL,), {}, REAL.mean()),
    row("accuracy", (LABELS, GUESSES), {}, 0.625),
    row("mean_absolute_error", (REAL, SCORES), {}, np.abs(ERROR).mean()),
    row("mean_squared_error", (REAL, SCORES), {}, (ERROR**2).mean()),
    row("root_mean_squared_error", (REAL, SCORES), {}, np.sqrt((ERROR**2).mean())),
    row("percentage_below", (REAL,), {"threshold": 0.75}, 0.375),
    row("true_positives", (LABELS, GUESSES), {}, 3.0),
    row("true_negatives", (LABELS, GUESSES), {}, 2.0),
    row("false_positives", (LABELS, GUESSES), {}, 1.0),
    row("false_negatives", (LABELS, GUESSES), {}, 2.0),
    row("precision", (LABELS, GUESSES), {}, 0.75),
    row("recall", (LABELS, GUESSES), {}, 0.6),
    row("mean_iou", (LABELS, GUESSES), {"num_classes": 2}, (2 / 5 + 3 / 6) / 2),
    row("mean_per_class_accuracy", (LABELS, GUESSES), {"num_classes": 2}, (2 / 3 + 3 / 5) / 2),
    row("auc", (LABELS, SCORES), {}, 13 / 15),
    row("precision_at_thresholds", (LABELS, SCORES), {"thresholds": [0.5, 0.75]}, [0.75, 1.0]),
    row("recall_at_thresholds", (LABELS, SCORES), {"thresholds": [0.5, 0.25]}, [0.6, 1.0]),
    row("true_positives_at_thresholds", (LABELS, SCORES), {"thresholds": [0.5]}, [3.0]),
    row("false_negatives_at_thresholds", (LABELS, SCORES), {"thresholds": [0.5]}, [2.0]),
]


def summed(tf, name, batches, **further):
    """Return the values of a metric before its first update, and after that of each batch."""
    inputs = [tf.placeholder(batch[0].dtype, [4]) for batch in batches]
    weighted = {"weights": inputs.pop()} if further.pop("weighted", False) else {}
    value, update = getattr(tf.metrics, name)(*inputs, **further, **weighted)
    keys = [*inputs, *weighted.values()]
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        found = [session.run(value)]
        for rows in zip(*batches, strict=True):
            session.run(update, dict(zip(keys, rows, strict=True)))
            found.append(session.run(value))
    return found


@pytest.mark.parametrize(
    ("name", "arguments", "further", "wanted"), [(p.id, *p.values) for p in PLAIN]
)
def test_a_metric_sums_up_batches(tf, same, name, arguments, further, wanted):
    found = summed(tf, name, arguments, **further)
    assert len(found) == 3
    same(found[-1], np.array(wanted, np.float32), CLOSE)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("mean", (REAL,), (REAL * WEIGHTS).sum() / WEIGHTS.sum()),
        ("accuracy", (LABELS, GUESSES), (RIGHT * WEIGHTS).sum() / WEIGHTS.sum()),
        ("mean_squared_error", (REAL, SCORES), (ERROR**2 * WEIGHTS).sum() / WEIGHTS.sum()),
        ("true_positives", (LABELS, GUESSES), 3.0),
        ("precision", (LABELS, GUESSES), 0.6),
        ("recall", (LABELS, GUESSES), 3.0 / 4.5),
    ],
)
def test_examples_are_weighted(tf, same, name, arguments, wanted):
    found = summed(tf, name, (*arguments, WEIGHTS), weighted=True)
    same(found[-1], np.float32(wanted), CLOSE)


@pytest.mark.parametrize(
    ("further", "wanted"),
    [
        ({"curve": "PR", "summation_method": "careful_interpolation"}, 0.918907),
        ({"summation_method": "minoring"}, 0.8666667),
        ({"num_thresholds": 3}, 0.6333333),
    ],
    ids=["PR", "minoring", "three thresholds"],
)
def test_areas_under_curves(tf, same, further, wanted):
    same(summed(tf, "auc", (LABELS, SCORES), **further)[-1], np.float32(wanted), CLOSE)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("mean", (REAL,), ["mean/total:0", "mean/count:0"]),
        ("accuracy", (LABELS, GUESSES), ["accuracy/total:0", "accuracy/count:0"]),
        ("true_positives", (LABELS, GUESSES), ["true_positives/count:0"]),
        (
            "precision",
            (LABELS, GUESSES),
            ["precision/true_positives/count:0", "precision/false_positives/count:0"],
        ),
        (
            "auc",
            (LABELS, SCORES),
            [
                "auc/true_positives:0",
                "auc/false_negatives:0",
                "auc/true_negatives:0",
                "auc/false_positives:0",
            ],
        ),
    ],
)
def test_sums_are_local_variables(tf, name, arguments, wanted):
    getattr(tf.metrics, name)(*arguments)
    assert [v.name for v in tf.local_variables()] == wanted
    assert [v.name for v in tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)] == wanted
    assert not tf.global_variables()


def test_collections_and_names(tf):
    value, update = tf.metrics.mean(REAL, None, "values", ["updates"], "loss")
    assert tf.get_collection("values") == [value]
    assert tf.get_collection("updates") == [update]
    assert (value.name, update.name) == ("loss/value:0", "loss/update_op:0")


def test_an_update_gives_the_new_value(tf, same):
    _, update = tf.metrics.mean(REAL)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        same(session.run(update), np.float32(REAL.mean()), CLOSE)


def test_nothing_seen_gives_zero(tf, same):
    value, _ = tf.metrics.precision(LABELS, GUESSES)
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        same(session.run(value), np.float32(0))


@pytest.mark.parametrize("name", ["accuracy", "mean_squared_error", "precision", "auc"])
def test_shapes_that_do_not_fit(tf, name):
    with raises(typed("ValueError")):
        getattr(tf.metrics, name)(LABELS, SCORES[:, :3])


def test_an_unknown_curve(tf):
    with raises(typed("ValueError")):
        tf.metrics.auc(LABELS, SCORES, curve="x")
