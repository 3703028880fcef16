"""The JAX backend: regions of a step compiled by XLA, for CPU, GPU and TPU."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evergraph_jax.functions import to_jax as to_jax

__all__ = ["to_jax"]


def __getattr__(name: str) -> Any:
    if name != "to_jax":
        raise AttributeError(f"module 'evergraph_jax' has no attribute {name!r}")
    return import_module("evergraph_jax.functions").to_jax
