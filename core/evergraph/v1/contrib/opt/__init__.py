"""tf.contrib.opt: optimizers outside of the graph, and optimizers with weight decay."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import table
from evergraph.v1.contrib.advice import look_up_here

_PUBLIC = table(
    {
        "evergraph.v1.contrib.opt.external": ("ExternalOptimizerInterface ScipyOptimizerInterface"),
        "evergraph.v1.contrib.opt.weight_decay": (
            "AdamWOptimizer DecoupledWeightDecayExtension MomentumWOptimizer "
            "extend_with_decoupled_weight_decay"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up_here(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
