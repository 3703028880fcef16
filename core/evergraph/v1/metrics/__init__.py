"""tf.metrics: measures that are summed up over batches, in local variables."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.metrics.means": (
            "accuracy mean mean_absolute_error mean_cosine_distance mean_relative_error "
            "mean_squared_error mean_tensor percentage_below root_mean_squared_error"
        ),
        "evergraph.v1.metrics.counts": (
            "false_negatives false_positives precision recall true_negatives true_positives"
        ),
        "evergraph.v1.metrics.thresholds": (
            "auc false_negatives_at_thresholds false_positives_at_thresholds "
            "precision_at_thresholds recall_at_thresholds sensitivity_at_specificity "
            "specificity_at_sensitivity true_negatives_at_thresholds "
            "true_positives_at_thresholds"
        ),
        "evergraph.v1.metrics.ranks": (
            "average_precision_at_k precision_at_k precision_at_top_k recall_at_k "
            "recall_at_top_k sparse_average_precision_at_k sparse_precision_at_k"
        ),
        "evergraph.v1.metrics.classes": "mean_iou mean_per_class_accuracy",
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
