"""tf.random: random tensors, and their seeds."""

from __future__ import annotations

from typing import Any

from evergraph.v1._lazy import look_up, table

_PUBLIC = table(
    {
        "evergraph.v1.framework": "set_random_seed",
        "evergraph.v1.random_ops": (
            "categorical gamma=random_gamma multinomial normal=random_normal "
            "poisson=random_poisson shuffle=random_shuffle truncated_normal uniform=random_uniform"
        ),
        "evergraph.v1.random_seed": "get_seed",
        "evergraph.v1.sampled_losses": (
            "all_candidate_sampler fixed_unigram_candidate_sampler "
            "learned_unigram_candidate_sampler log_uniform_candidate_sampler "
            "uniform_candidate_sampler"
        ),
        "evergraph.v1.stateless_random": (
            "fold_in=stateless_fold_in split=stateless_split stateless_binomial "
            "stateless_categorical stateless_gamma stateless_multinomial stateless_normal "
            "stateless_parameterized_truncated_normal stateless_poisson stateless_truncated_normal "
            "stateless_uniform"
        ),
    }
)

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    return look_up(__name__, _PUBLIC, name)


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
