"""tf.contrib.training: hyperparameters, and the operation that trains."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.contrib.training.hparam": "HParams parse_values",
        "evergraph.v1.contrib.training.train_ops": (
            "add_gradients_summaries clip_gradient_norms clip_gradient_norms_fn "
            "create_train_op multiply_gradients"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
