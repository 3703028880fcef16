"""Metrics of predictions that are scores, at thresholds above which they count as positive."""

from __future__ import annotations

from typing import Any, Final

from evergraph import dtypes
from evergraph.graph.convert import constant
from evergraph.graph.operators import abs, cast, node
from evergraph.v1.arithmetic import div_no_nan
from evergraph.v1.filling import ones_like
from evergraph.v1.flow import identity
from evergraph.v1.indexing import gather, where
from evergraph.v1.metrics.sums import Pair, aligned, collected, metric_variable, weighted
from evergraph.v1.reductions import argmax, argmin, reduce_min, reduce_sum
from evergraph.v1.sequences import cumsum
from evergraph.v1.shaping import expand_dims, reshape
from evergraph.v1.state import assign_add
from evergraph.v1.variable_scopes import variable_scope

_EPSILON: Final = 1e-7
#: What is counted, and whether labels and predictions are positive in it.
_COUNTS: Final = {
    "true_positives": (True, True),
    "false_negatives": (True, False),
    "true_negatives": (False, False),
    "false_positives": (False, True),
}


def _counts(
    labels: Any, predictions: Any, thresholds: list[float], weights: Any, wanted: Any = _COUNTS
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return counts for each threshold, and the updates of these."""
    predictions, labels, weights = aligned(
        cast(predictions, dtypes.float32), cast(labels, dtypes.bool), weights
    )
    limits = expand_dims(constant(thresholds, dtypes.float32), [1])
    scores = reshape(predictions, [1, -1])
    positive = reshape(labels, [1, -1])
    above = node("Greater", x=scores, y=limits)
    counted: dict[str, Any] = {}
    updated: dict[str, Any] = {}
    for what in wanted:
        label, prediction = _COUNTS[what]
        variable = metric_variable([len(thresholds)], dtypes.float32, what)
        found = node(
            "LogicalAnd",
            x=node("Equal", x=positive, y=label),
            y=node("Equal", x=above, y=prediction),
        )
        values = cast(found, dtypes.float32)
        if weights is not None:
            factors = weighted(cast(labels, dtypes.float32), weights)[1]
            values = values * reshape(factors, [1, -1])
        counted[what] = identity(variable)
        updated[what] = assign_add(variable, reduce_sum(values, 1))
    return counted, updated


def _at_thresholds(what: str) -> Any:
    def function(
        labels: Any,
        predictions: Any,
        thresholds: Any,
        weights: Any = None,
        metrics_collections: Any = None,
        updates_collections: Any = None,
        name: str | None = None,
    ) -> Pair:
        with variable_scope(name, what, (predictions, labels, weights)):
            found = _counts(labels, predictions, thresholds, weights, [what])
            value, update = (counts[what] for counts in found)
            return collected(value, update, metrics_collections, updates_collections)

    function.__name__ = function.__qualname__ = f"{what}_at_thresholds"
    function.__doc__ = f"Return `{what}` for each threshold, and the update of these."
    return function


true_positives_at_thresholds = _at_thresholds("true_positives")
true_negatives_at_thresholds = _at_thresholds("true_negatives")
false_positives_at_thresholds = _at_thresholds("false_positives")
false_negatives_at_thresholds = _at_thresholds("false_negatives")


def precision_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return for each threshold which share of what is above it is positive, and its update.

    Args:
      labels: a tensor of bools.
      predictions: a tensor of scores, of the same shape.
      thresholds: a list of numbers.
      weights, metrics_collections, updates_collections, name: see `tf.metrics.mean`.
    """
    parts = ("true_positives", "false_positives")
    with variable_scope(name, "precision_at_thresholds", (predictions, labels, weights)):
        found = _counts(labels, predictions, thresholds, weights, parts)
        value, update = (_share(counts, *parts) for counts in found)
        return collected(value, update, metrics_collections, updates_collections)


def recall_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return for each threshold which share of what is positive is above it, and its update.

    Args:
      labels, predictions, thresholds, weights, metrics_collections, updates_collections, name: see
        `precision_at_thresholds`.
    """
    parts = ("true_positives", "false_negatives")
    with variable_scope(name, "recall_at_thresholds", (predictions, labels, weights)):
        found = _counts(labels, predictions, thresholds, weights, parts)
        value, update = (_share(counts, *parts) for counts in found)
        return collected(value, update, metrics_collections, updates_collections)


def _share(counts: dict[str, Any], part: str, other: str) -> Any:
    return counts[part] / (counts[part] + counts[other] + _EPSILON)


def auc(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    curve: str = "ROC",
    name: str | None = None,
    summation_method: str = "trapezoidal",
    thresholds: Any = None,
) -> Pair:
    """Return the area under a curve, and its update.

    Args:
      labels: a tensor of bools.
      predictions: a tensor of scores from 0 to 1, of the same shape.
      num_thresholds: at how many thresholds the curve is known.
      curve: "ROC" (recall over the share of false positives) or "PR" (precision over recall).
      summation_method: "trapezoidal", "careful_interpolation" (of PR), "minoring" or "majoring".
      thresholds: the thresholds between 0 and 1, instead of evenly spaced ones.
      weights, metrics_collections, updates_collections, name: see `tf.metrics.mean`.

    Raises:
      ValueError: there is no such curve or method; or the shapes do not fit.
    """
    with variable_scope(name, "auc", (labels, predictions, weights)):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"curve must be either ROC or PR, {curve} unknown")
        if thresholds is not None:
            inner = sorted(thresholds)
        else:
            inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        limits = [0.0 - _EPSILON, *inner, 1.0 + _EPSILON]
        if summation_method == "careful_interpolation" and curve != "PR":
            raise ValueError(
                "Invalid summation_method: careful_interpolation only works with PR curve"
            )
        if summation_method not in (*_HEIGHTS, "careful_interpolation"):
            raise ValueError(f"Invalid summation_method: {summation_method}")
        found = _counts(labels, predictions, limits, weights)
        value, update = (
            _area(counts, curve, summation_method, part)
            for counts, part in zip(found, ("value", "update_op"), strict=True)
        )
        return collected(value, update, metrics_collections, updates_collections)


#: The height of a strip under a curve, from the heights at its sides.
_HEIGHTS: Final = {
    "trapezoidal": lambda left, right: (left + right) / 2.0,
    "minoring": lambda left, right: node("Minimum", x=left, y=right),
    "majoring": lambda left, right: node("Maximum", x=left, y=right),
}


def _area(counts: dict[str, Any], curve: str, method: str, name: str) -> Any:
    tp, fn, tn, fp = (counts[what] for what in _COUNTS)
    if method == "careful_interpolation":
        return _interpolated(tp, fn, fp, name)
    epsilon = 1e-6
    recalls = (tp + epsilon) / (tp + fn + epsilon)
    if curve == "ROC":
        x, y = fp / (fp + tn + epsilon), recalls
    else:
        x, y = recalls, (tp + epsilon) / (tp + fp + epsilon)
    heights = _HEIGHTS[method](y[:-1], y[1:])
    return reduce_sum(node("Mul", x=x[:-1] - x[1:], y=heights), name=name)


def _interpolated(tp: Any, fn: Any, fp: Any, name: str) -> Any:
    """Return the area under precision over recall, where true positives are interpolated."""

    def positive(value: Any) -> Any:
        return node("Maximum", x=value, y=0.0)

    gained = tp[:-1] - tp[1:]
    taken = tp + fp
    slope = div_no_nan(gained, positive(taken[:-1] - taken[1:]))
    intercept = tp[1:] - node("Mul", x=slope, y=taken[1:])
    safe = where(
        node("LogicalAnd", x=taken[:-1] > 0, y=taken[1:] > 0),
        div_no_nan(taken[:-1], positive(taken[1:])),
        ones_like(taken[1:]),
    )
    areas = slope * (gained + intercept * node("Log", x=safe))
    return reduce_sum(div_no_nan(areas, positive(tp[1:] + fn[1:])), name=name)


def sensitivity_at_specificity(
    labels: Any,
    predictions: Any,
    specificity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of positives is found where about so many negatives are; and its update.

    Args:
      labels: a tensor of bools.
      predictions: a tensor of scores in [0, 1], of the same shape.
      specificity: the share of negatives that are taken for that.
      num_thresholds: of how many thresholds the nearest one is taken.
      weights, metrics_collections, updates_collections, name: see `tf.metrics.mean`.

    Raises:
      ValueError: the share is not in [0, 1], or the shapes do not fit.
    """
    _check_share("specificity", specificity)

    def sensitivity(counts: dict[str, Any], label: str) -> Any:
        far = abs(_nearly_share(counts, "true_negatives", "false_positives") - specificity)
        place = argmin(far, 0)
        return _share_at(counts, place, "true_positives", "false_negatives", label)

    with variable_scope(name, "sensitivity_at_specificity", (predictions, labels, weights)):
        found = _counts(labels, predictions, _even(num_thresholds), weights)
        value, update = (
            sensitivity(counts, label)
            for counts, label in zip(found, ("value", "update_op"), strict=True)
        )
        return collected(value, update, metrics_collections, updates_collections)


def specificity_at_sensitivity(
    labels: Any,
    predictions: Any,
    sensitivity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Pair:
    """Return which share of negatives is found where about so many positives are; and its update.

    Args:
      sensitivity: the share of positives that are taken for that.
      labels, predictions, weights, num_thresholds, metrics_collections, updates_collections, name:
        see `sensitivity_at_specificity`, whose errors these are.
    """
    _check_share("sensitivity", sensitivity)

    def specificity(counts: dict[str, Any], label: str) -> Any:
        far = abs(_nearly_share(counts, "true_positives", "false_negatives") - sensitivity)
        # Of several that are as near, the last.
        nearest = cast(node("Equal", x=far, y=reduce_min(far)), dtypes.int64)
        place = argmax(cumsum(nearest), 0)
        return _share_at(counts, place, "true_negatives", "false_positives", label)

    with variable_scope(name, "specificity_at_sensitivity", (predictions, labels, weights)):
        found = _counts(labels, predictions, _even(num_thresholds), weights)
        value, update = (
            specificity(counts, label)
            for counts, label in zip(found, ("value", "update_op"), strict=True)
        )
        return collected(value, update, metrics_collections, updates_collections)


def _check_share(name: str, value: float) -> None:
    if value < 0 or value > 1:
        raise ValueError(f"`{name}` must be in the range [0, 1]. Currently, `{name}` got {value}.")


def _even(count: int) -> list[float]:
    """Return thresholds at even distances, one of them below 0 and one above 1."""
    inner = [(i + 1) / (count - 1) for i in range(count - 2)]
    return [-_EPSILON, *inner, 1.0 + _EPSILON]


def _nearly_share(counts: dict[str, Any], of: str, other: str) -> Any:
    return counts[of] / (counts[of] + counts[other] + _EPSILON)


def _share_at(counts: dict[str, Any], place: Any, of: str, other: str, name: str) -> Any:
    one, two = (gather(counts[what], place) for what in (of, other))
    return node("RealDiv", name, x=one, y=one + two + _EPSILON)
